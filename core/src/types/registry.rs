//! One name for equal types: recursion groups become [`TypeId`]s, the same ids for equal groups of all modules.
//!
//! Types are iso-recursive: two recursion groups are equal if they are the same once references into the group itself
//! are written as positions and references to earlier types as their ids. [`TypeRegistry`] belongs to an engine and
//! counts who holds each group; [`RegisteredTypes`] is a module's (or a host function's) hold on its types, given back
//! when it is dropped; [`TypeTable`] is what a store keeps to answer subtype questions without a lock.
//!
//! Promises: an id names one type as long as anyone holds its group, and what nobody holds takes no memory. A group
//! holds the groups it refers to. Dropping never allocates and never recurses, however long the chain of types.
//! Registering belongs to loading: its larger allocations can fail, the small fixed ones (an `Arc` per type) abort.

use alloc::boxed::Box;
use alloc::collections::BinaryHeap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{
    ArrayType, CompositeType, FieldType, FuncType, HeapType, Layout, RefType, StorageType, StructType, SubType,
    TypeError, TypeId, Types, ValType,
};
use crate::sync::Lock;

/// The header of a heap object has this many bits for its type (see `runtime::heap`).
pub(crate) const TYPE_ID_BITS: u32 = 26;

/// A type under its engine-wide name.
#[derive(Debug)]
pub(crate) struct DefinedType {
    id: TypeId,
    sub_type: SubType,
    /// All supertypes, the root first, without the type itself: the ancestor of depth `n` is `ancestors[n]`.
    ancestors: Box<[TypeId]>,
    layout: Layout,
    /// Whether it is the only type of its recursion group.
    alone: bool,
}

impl DefinedType {
    /// The name.
    pub(crate) fn id(&self) -> TypeId {
        self.id
    }

    /// The definition; ids in it are absolute.
    pub(crate) fn sub_type(&self) -> &SubType {
        &self.sub_type
    }

    /// All supertypes, the root first, without the type itself.
    pub(crate) fn ancestors(&self) -> &[TypeId] {
        &self.ancestors
    }

    /// Where the fields of its objects lie.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether it is what a function type over numbers means when it is written alone: then nobody has to look for that among all types.
    pub(crate) fn is_plain(&self, ty: &FuncType) -> bool {
        let SubType { is_final, supertype, descriptor, describes, composite } = &self.sub_type;
        let written_alone =
            self.alone && *is_final && [supertype, descriptor, describes].into_iter().all(Option::is_none);
        written_alone
            && !ty.types.iter().any(|ty| matches!(ty, ValType::Ref(_)))
            && matches!(composite, CompositeType::Func(known) if known == ty)
    }
}

/// The defined types of an engine.
#[derive(Debug, Default)]
pub(crate) struct TypeRegistry {
    inner: Lock<Inner>,
}

impl TypeRegistry {
    /// A registry without types.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// How many types are held by anyone.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.inner.with(|inner| inner.types.live)
    }

    /// The type with this id, if anyone holds it.
    #[cfg(test)]
    pub(crate) fn get(&self, id: TypeId) -> Option<Arc<DefinedType>> {
        self.inner.with(|inner| inner.types.get(id.index()).map(|ty| Arc::clone(&ty.defined)))
    }

    /// Answers a question about types, such as whether one matches another.
    ///
    /// This takes the engine's lock: for linking, not for execution, which asks its store's [`TypeTable`].
    pub(crate) fn with<R>(&self, question: impl FnOnce(&RegistryView<'_>) -> R) -> R {
        self.inner.with(|inner| question(&RegistryView(inner)))
    }
}

/// The types of an engine while its lock is held.
pub(crate) struct RegistryView<'a>(&'a Inner);

impl Types for RegistryView<'_> {
    fn defined(&self, id: TypeId) -> Option<&DefinedType> {
        self.0.types.get(id.index()).map(|ty| &*ty.defined)
    }
}

/// A hold on recursion groups of an engine: the types of a module in the order of its type section.
pub(crate) struct RegisteredTypes {
    registry: Arc<TypeRegistry>,
    groups: Vec<u32>,
    ids: Vec<TypeId>,
    types: Vec<Arc<DefinedType>>,
}

impl RegisteredTypes {
    /// A hold on nothing yet.
    pub(crate) fn new(registry: Arc<TypeRegistry>) -> Self {
        Self { registry, groups: Vec::new(), ids: Vec::new(), types: Vec::new() }
    }

    /// A hold on the type that a host function's signature means.
    pub(crate) fn of_func(registry: Arc<TypeRegistry>, ty: FuncType) -> Result<Self, TypeError> {
        let mut types = Self::new(registry);
        let mut group = Vec::new();
        group.try_reserve_exact(1)?;
        group.push(SubType::new(CompositeType::Func(ty)));
        types.register_group(group)?;
        Ok(types)
    }

    /// Makes room for so many recursion groups of one type.
    pub(crate) fn reserve(&mut self, groups: usize) -> Result<(), TypeError> {
        self.groups.try_reserve_exact(groups)?;
        self.ids.try_reserve_exact(groups)?;
        Ok(self.types.try_reserve_exact(groups)?)
    }

    /// Adds a recursion group, whose own types are written as relative ids, and returns its ids in order. Supertypes
    /// stand before their subtypes, as validation demands. On an error nothing has been added.
    pub(crate) fn register_group(&mut self, group: Vec<SubType>) -> Result<&[TypeId], TypeError> {
        self.groups.try_reserve(1)?;
        self.ids.try_reserve(group.len())?;
        self.types.try_reserve(group.len())?;
        let start = self.ids.len();
        let (groups, ids, types) = (&mut self.groups, &mut self.ids, &mut self.types);
        self.registry.inner.with(|inner| {
            let number = inner.register(group)?;
            groups.push(number);
            if let Some(group) = inner.groups.get(number) {
                ids.extend_from_slice(&group.ids);
                types
                    .extend(group.ids.iter().filter_map(|id| inner.types.get(id.index())).map(|ty| ty.defined.clone()));
            }
            Ok::<_, TypeError>(())
        })?;
        Ok(&self.ids[start..])
    }

    /// Whether the types are of this registry.
    pub(crate) fn is_of(&self, registry: &Arc<TypeRegistry>) -> bool {
        Arc::ptr_eq(&self.registry, registry)
    }

    /// The ids, in the order of registration: a module's type indices.
    pub(crate) fn ids(&self) -> &[TypeId] {
        &self.ids
    }

    /// The types, in the order of registration: a module's type indices.
    pub(crate) fn types(&self) -> &[Arc<DefinedType>] {
        &self.types
    }
}

impl fmt::Debug for RegisteredTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.ids).finish()
    }
}

impl Drop for RegisteredTypes {
    fn drop(&mut self) {
        let groups = core::mem::take(&mut self.groups);
        self.registry.inner.with(|inner| groups.iter().for_each(|group| inner.release(*group)));
    }
}

/// The types that a store has met: answers without a lock, and holds what it answers about.
#[derive(Debug, Default)]
pub(crate) struct TypeTable {
    /// Pages of types by id. A store knows few of a large engine's types, so most pages are empty.
    pages: Vec<Vec<Option<Arc<DefinedType>>>>,
    holders: Vec<Arc<RegisteredTypes>>,
}

/// Types on a page.
const PAGE: usize = 32;

impl TypeTable {
    /// Makes the types known and holds them from now on.
    pub(crate) fn add(&mut self, types: &Arc<RegisteredTypes>) -> Result<(), TypeError> {
        // Another instance of a module already here adds nothing.
        if types.ids.iter().all(|id| self.defined(*id).is_some()) {
            return Ok(());
        }
        self.holders.try_reserve(1)?;
        // Before the types: what is in a page must be held, also if a later page finds no memory.
        self.holders.push(Arc::clone(types));
        for ty in &types.types {
            let (page, index) = (ty.id.index() as usize / PAGE, ty.id.index() as usize % PAGE);
            if page >= self.pages.len() {
                self.pages.try_reserve(page + 1 - self.pages.len())?;
                self.pages.resize_with(page + 1, Vec::new);
            }
            let page = &mut self.pages[page];
            if page.is_empty() {
                page.try_reserve_exact(PAGE)?;
                page.resize_with(PAGE, || None);
            }
            page[index] = Some(Arc::clone(ty));
        }
        Ok(())
    }
}

impl TypeTable {
    /// The type with this id, if it is known here, to be kept.
    pub(crate) fn defined_arc(&self, id: TypeId) -> Option<Arc<DefinedType>> {
        let index = id.index() as usize;
        self.pages.get(index / PAGE)?.get(index % PAGE)?.clone()
    }
}

impl Types for TypeTable {
    #[inline]
    fn defined(&self, id: TypeId) -> Option<&DefinedType> {
        let index = id.index() as usize;
        self.pages.get(index / PAGE)?.get(index % PAGE)?.as_deref()
    }
}

/// What the lock protects.
#[derive(Default)]
struct Inner {
    types: Slab<Type>,
    groups: Slab<Group>,
    /// The numbers of all groups, by content.
    by_content: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

struct Type {
    /// The group it stands in.
    group: u32,
    defined: Arc<DefinedType>,
}

struct Group {
    /// Of the group with its own ids written relative.
    hash: u64,
    ids: Box<[TypeId]>,
    /// Modules, functions and groups that refer to it.
    holders: usize,
    /// The groups it refers to, each held once.
    depends_on: Box<[u32]>,
    /// Links the groups that [`Inner::release`] has yet to remove.
    next_dead: Option<u32>,
}

impl Inner {
    /// Finds or adds a group and counts one more holder.
    fn register(&mut self, mut group: Vec<SubType>) -> Result<u32, TypeError> {
        let depends_on = self.dependencies(&mut group)?;
        let hash = self.hasher.hash_one(&group);
        let Self { types, groups, by_content, .. } = self;
        let equal = |number: &u32| {
            groups.get(*number).is_some_and(|known| known.hash == hash && same_group(&group, known, *number, types))
        };
        if let Some(&number) = by_content.find(hash, equal) {
            if let Some(known) = self.groups.get_mut(number) {
                known.holders += 1;
            }
            return Ok(number);
        }
        self.add(group, depends_on, hash)
    }

    /// The groups that `group` refers to, sorted. An error if a type it names does not exist.
    fn dependencies(&self, group: &mut [SubType]) -> Result<Vec<u32>, TypeError> {
        let (mut found, mut result, len) = (Vec::new(), Ok(()), group.len());
        for_each_id(group, &mut |id| {
            let known = match id.as_relative() {
                Some(position) if (position as usize) < len => Ok(()),
                Some(_) => Err(TypeError::UnknownType),
                None => match self.types.get(id.index()) {
                    None => Err(TypeError::UnknownType),
                    Some(ty) if found.last() == Some(&ty.group) => Ok(()),
                    Some(ty) => found.try_reserve(1).map(|()| found.push(ty.group)).map_err(TypeError::from),
                },
            };
            if result.is_ok() {
                result = known;
            }
        });
        result?;
        // By a heap: a build without the slices' own sorting is 4 KB smaller.
        let mut found = BinaryHeap::from(found).into_sorted_vec();
        found.dedup();
        Ok(found)
    }

    /// Gives ids to a group not seen before.
    fn add(&mut self, mut group: Vec<SubType>, depends_on: Vec<u32>, hash: u64) -> Result<u32, TypeError> {
        let len = group.len();
        if self.types.live + len > 1 << TYPE_ID_BITS {
            return Err(TypeError::TooManyTypes);
        }
        let mut layouts = Vec::new();
        layouts.try_reserve_exact(len)?;
        for ty in &group {
            let composite = |id: TypeId| match id.as_relative() {
                Some(position) => group.get(position as usize).map(|ty| &ty.composite),
                None => self.types.get(id.index()).map(|ty| &ty.defined.sub_type.composite),
            };
            let is_func = |id| matches!(composite(id), Some(CompositeType::Func(_)));
            let supertype_here = ty.supertype.and_then(TypeId::as_relative);
            layouts.push((Layout::new(&ty.composite, is_func)?, supertype_here));
        }
        // Everything that can fail comes before the first insertion.
        let (mut ids, mut defined) = (Vec::new(), Vec::<Arc<DefinedType>>::new());
        ids.try_reserve_exact(len)?;
        defined.try_reserve_exact(len)?;
        self.types.reserve(len)?;
        self.groups.reserve(1)?;
        let Self { groups, .. } = self;
        let rehash = |number: &u32| groups.get(*number).map_or(0, |group| group.hash);
        self.by_content.try_reserve(1, rehash).map_err(|_| TypeError::OutOfMemory)?;
        self.types.upcoming(len, |id| ids.push(TypeId::new(id)));

        for_each_id(&mut group, &mut |id| {
            if let Some(position) = id.as_relative() {
                *id = ids[position as usize];
            }
        });
        for ((sub_type, (layout, supertype_here)), id) in group.into_iter().zip(layouts).zip(&ids) {
            let mut ancestors = Vec::new();
            if let Some(sup) = sub_type.supertype {
                let known = match supertype_here {
                    Some(position) => defined.get(position as usize),
                    None => self.types.get(sup.index()).map(|ty| &ty.defined),
                };
                let of_sup = known.ok_or(TypeError::UnknownType)?.ancestors();
                ancestors.try_reserve_exact(of_sup.len() + 1)?;
                ancestors.extend_from_slice(of_sup);
                ancestors.push(sup);
            }
            let ancestors = ancestors.into_boxed_slice();
            defined.push(Arc::new(DefinedType { id: *id, sub_type, ancestors, layout, alone: len == 1 }));
        }

        for group in &depends_on {
            if let Some(group) = self.groups.get_mut(*group) {
                group.holders += 1;
            }
        }
        let (ids, depends_on) = (ids.into_boxed_slice(), depends_on.into_boxed_slice());
        let number = self.groups.insert(Group { hash, ids, holders: 1, depends_on, next_dead: None });
        for defined in defined {
            self.types.insert(Type { group: number, defined });
        }
        let Self { groups, .. } = self;
        self.by_content.insert_unique(hash, number, |number| groups.get(*number).map_or(0, |group| group.hash));
        Ok(number)
    }

    /// Counts one holder less and removes what nobody holds then.
    fn release(&mut self, number: u32) {
        let mut dead = None;
        self.let_go(number, &mut dead);
        while let Some(number) = dead {
            let Some(group) = self.groups.remove(number) else { return };
            dead = group.next_dead;
            if let Ok(entry) = self.by_content.find_entry(group.hash, |known| *known == number) {
                entry.remove();
            }
            for id in &group.ids {
                self.types.remove(id.index());
            }
            for needed in &group.depends_on {
                self.let_go(*needed, &mut dead);
            }
        }
        if self.by_content.is_empty() {
            self.by_content = HashTable::new();
        }
    }

    /// Counts one holder less; the last one puts the group on the list of the dead.
    fn let_go(&mut self, number: u32, dead: &mut Option<u32>) {
        if let Some(group) = self.groups.get_mut(number) {
            group.holders -= 1;
            if group.holders == 0 {
                group.next_dead = dead.replace(number);
            }
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} types in {} groups", self.types.live, self.groups.live)
    }
}

/// Values under small numbers; freed numbers are used again, and freeing needs no memory.
struct Slab<T> {
    entries: Vec<Entry<T>>,
    free: Option<u32>,
    live: usize,
}

enum Entry<T> {
    Live(T),
    Free { next: Option<u32> },
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), free: None, live: 0 }
    }
}

impl<T> Slab<T> {
    fn get(&self, number: u32) -> Option<&T> {
        match self.entries.get(number as usize)? {
            Entry::Live(value) => Some(value),
            Entry::Free { .. } => None,
        }
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        match self.entries.get_mut(number as usize)? {
            Entry::Live(value) => Some(value),
            Entry::Free { .. } => None,
        }
    }

    /// Makes room for `count` insertions.
    fn reserve(&mut self, count: usize) -> Result<(), TypeError> {
        Ok(self.entries.try_reserve(count)?)
    }

    /// The numbers that the next `count` insertions will get.
    fn upcoming(&self, count: usize, mut visit: impl FnMut(u32)) {
        let (mut free, mut end) = (self.free, self.entries.len() as u32);
        for _ in 0..count {
            match free.map(|number| (number, self.entries.get(number as usize))) {
                Some((number, Some(Entry::Free { next }))) => {
                    visit(number);
                    free = *next;
                }
                _ => {
                    visit(end);
                    end += 1;
                }
            }
        }
    }

    fn insert(&mut self, value: T) -> u32 {
        self.live += 1;
        if let Some(number) = self.free
            && let Some(entry) = self.entries.get_mut(number as usize)
        {
            if let Entry::Free { next } = core::mem::replace(entry, Entry::Live(value)) {
                self.free = next;
            }
            return number;
        }
        self.entries.push(Entry::Live(value));
        (self.entries.len() - 1) as u32
    }

    fn remove(&mut self, number: u32) -> Option<T> {
        let entry = self.entries.get_mut(number as usize)?;
        if matches!(entry, Entry::Free { .. }) {
            return None;
        }
        let Entry::Live(value) = core::mem::replace(entry, Entry::Free { next: self.free }) else { return None };
        self.free = Some(number);
        self.live -= 1;
        if self.live == 0 {
            // Nothing is left to keep numbers apart from, so the memory of the busiest moment goes back too.
            *self = Self::default();
        }
        Some(value)
    }
}

/// Whether a group being registered (own ids relative) is a known one (own ids absolute).
fn same_group(new: &[SubType], known: &Group, number: u32, types: &Slab<Type>) -> bool {
    // A relative id means the same place in the known group. An absolute id is an earlier group's and must not mean the
    // known group itself: `(rec (type (struct (ref 0))))` is not a later `(type (struct (ref 0)))`.
    let same_id = |new: TypeId, old: TypeId| match new.as_relative() {
        Some(position) => known.ids.get(position as usize) == Some(&old),
        None => new == old && types.get(old.index()).is_some_and(|ty| ty.group != number),
    };
    new.len() == known.ids.len()
        && new.iter().zip(&known.ids).all(|(new, id)| {
            types.get(id.index()).is_some_and(|known| same_type(new, &known.defined.sub_type, &same_id))
        })
}

fn same_type(a: &SubType, b: &SubType, same_id: &impl Fn(TypeId, TypeId) -> bool) -> bool {
    let same_option = |a: Option<TypeId>, b: Option<TypeId>| match (a, b) {
        (Some(a), Some(b)) => same_id(a, b),
        (None, None) => true,
        _ => false,
    };
    let same_value = |a: &ValType, b: &ValType| match (a, b) {
        (ValType::Ref(a), ValType::Ref(b)) => {
            a.nullable == b.nullable
                && match (a.heap_type, b.heap_type) {
                    (HeapType::Concrete(a), HeapType::Concrete(b)) | (HeapType::Exact(a), HeapType::Exact(b)) => {
                        same_id(a, b)
                    }
                    (a, b) => a == b,
                }
        }
        (a, b) => a == b,
    };
    let same_field = |a: &FieldType, b: &FieldType| {
        a.mutability == b.mutability
            && match (&a.element_type, &b.element_type) {
                (StorageType::Val(a), StorageType::Val(b)) => same_value(a, b),
                (a, b) => a == b,
            }
    };
    a.is_final == b.is_final
        && same_option(a.supertype, b.supertype)
        && same_option(a.descriptor, b.descriptor)
        && same_option(a.describes, b.describes)
        && match (&a.composite, &b.composite) {
            (CompositeType::Func(a), CompositeType::Func(b)) => {
                a.param_count == b.param_count
                    && a.types.len() == b.types.len()
                    && a.types.iter().zip(&b.types).all(|(a, b)| same_value(a, b))
            }
            (CompositeType::Struct(StructType { fields: a }), CompositeType::Struct(StructType { fields: b })) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_field(a, b))
            }
            (CompositeType::Array(ArrayType { field: a }), CompositeType::Array(ArrayType { field: b })) => {
                same_field(a, b)
            }
            _ => false,
        }
}

/// Visits every type id written in the types, to read or to replace it.
fn for_each_id(group: &mut [SubType], visit: &mut impl FnMut(&mut TypeId)) {
    fn value(ty: &mut ValType, visit: &mut impl FnMut(&mut TypeId)) {
        if let ValType::Ref(RefType { heap_type: HeapType::Concrete(id) | HeapType::Exact(id), .. }) = ty {
            visit(id);
        }
    }
    fn field(ty: &mut FieldType, visit: &mut impl FnMut(&mut TypeId)) {
        if let StorageType::Val(ty) = &mut ty.element_type {
            value(ty, visit);
        }
    }
    for ty in group {
        for id in [&mut ty.supertype, &mut ty.descriptor, &mut ty.describes].into_iter().flatten() {
            visit(id);
        }
        match &mut ty.composite {
            CompositeType::Func(ty) => ty.types.iter_mut().for_each(|ty| value(ty, visit)),
            CompositeType::Struct(ty) => ty.fields.iter_mut().for_each(|ty| field(ty, visit)),
            CompositeType::Array(ty) => field(&mut ty.field, visit),
        }
    }
}
