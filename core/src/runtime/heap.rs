//! The collected heap of a store: structs, arrays, exceptions and host values behind 32-bit handles.
//!
//! ```text
//! handle: 0 = null │ odd = i31 (value·2 + 1) │ even = 2 · index of the object's header word
//! object: header word │ payload words
//! header: bits 0–1 kind │ 2 traced │ 3–5 array: log2 of element bytes, struct: has a descriptor │ 6–31 type
//!         bits 32–63    payload words │ array: length │ host value: index of its entry
//! ```
//!
//! A reference into the `any`, `extern` or `exn` hierarchy is such a handle; `extern.convert_any` and its inverse keep
//! the bits. A function reference is a number of another kind (function address + 1), which lives as long as the store
//! and is not followed. The last payload word of a struct whose type has a descriptor holds the descriptor; the first
//! one of an exception its tag.
//!
//! [`space`] knows which words are free, [`collect`] finds out, [`mod@array`] reads and writes elements in bulk, [`roots`]
//! are the references of the host. Where objects' fields lie is [`Layout`](crate::types::Layout)'s business. A bitmap
//! tells where objects start, so a forged handle is an error, and so is a field that the object behind a handle does not
//! have: no access relies on the caller. Objects never move. Everything is charged against one limit; no allocation
//! aborts. An object must be reachable from the roots at every [`collect`](Heap::collect).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

use crate::types::{DefinedType, HeapType, RefType, StorageType, TypeId, Types, ValType};

mod array;
mod collect;
mod roots;
mod space;

#[cfg(test)]
mod tests;

pub(crate) use array::Packed;

/// The bits of a reference: null, an unboxed integer, or an object of the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub(crate) struct Handle(u32);

impl Handle {
    /// The null reference.
    pub(crate) const NULL: Self = Self(0);

    /// The reference in a slot.
    #[inline]
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// What a slot holds.
    #[inline]
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// `ref.i31`: the low 31 bits of `value`.
    #[inline]
    pub(crate) const fn i31(value: u32) -> Self {
        Self(value << 1 | 1)
    }

    /// Whether this is the null reference.
    #[inline]
    pub(crate) const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// `i31.get_s`: the integer, sign-extended, if it is one.
    #[cfg(test)]
    pub(crate) const fn i31_signed(self) -> Option<i32> {
        if self.0 & 1 != 0 { Some(self.0 as i32 >> 1) } else { None }
    }

    /// `i31.get_u`: the integer, zero-extended, if it is one.
    #[inline]
    pub(crate) const fn i31_unsigned(self) -> Option<u32> {
        if self.0 & 1 != 0 { Some(self.0 >> 1) } else { None }
    }
}

/// Why nothing was allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeapError {
    /// Collect and try again: there may be garbage. Never the answer right after a collection.
    CollectFirst,
    /// The heap may not grow further.
    LimitReached,
    /// The host has no memory left.
    OutOfMemory,
}

impl fmt::Display for HeapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CollectFirst => "garbage collection needed",
            Self::LimitReached => "heap limit reached",
            Self::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for HeapError {}

/// Why nothing was read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessError {
    /// The reference is null.
    Null,
    /// An array does not have these elements.
    OutOfBounds,
    /// There is no such object, or it does not have such a field; valid code never sees this.
    Invalid,
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null reference",
            Self::OutOfBounds => "out of bounds array access",
            Self::Invalid => "invalid reference",
        })
    }
}

impl core::error::Error for AccessError {}

/// What a reference refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Referent {
    /// Nothing: the reference is null.
    Null,
    /// An unboxed integer.
    I31,
    /// A struct of exactly this type.
    Struct(TypeId),
    /// An array of exactly this type.
    Array(TypeId),
    /// An exception.
    Exception,
    /// A value of the host.
    Extern,
}

impl Referent {
    /// The most precise type in the `any` or `exn` hierarchy; host values are just `any`. `None` for null.
    pub(crate) fn heap_type(self) -> Option<HeapType> {
        match self {
            Self::Null => None,
            Self::I31 => Some(HeapType::I31),
            Self::Struct(id) | Self::Array(id) => Some(HeapType::Exact(id)),
            Self::Exception => Some(HeapType::Exn),
            Self::Extern => Some(HeapType::Any),
        }
    }
}

/// An exception, as `throw_ref` and `catch` see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exception<'a> {
    /// Address of the tag in the store.
    pub(crate) tag: u32,
    /// The function type of the tag.
    pub(crate) type_id: TypeId,
    /// The values, in the order of the tag's parameters; a vector takes two slots.
    pub(crate) slots: &'a [u64],
}

/// A value of the host, behind an `externref`.
pub(crate) type HostValue = Box<dyn Any + Send + Sync>;

/// Payload word of an exception where its values start; before them stands the tag.
const EXCEPTION_SLOTS: usize = 1;

/// Handles have 31 bits for the index of a word.
const MAX_WORDS: u64 = 1 << 31;

/// Below this much garbage a collection is not worth its start.
const MIN_THRESHOLD: u64 = 32 * 1024;

/// The heap grows by at least this many words.
const MIN_GROWTH: u32 = 256;

/// Which objects there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Struct,
    Array,
    Exception,
    Extern,
}

/// The first word of an object; see the module's documentation.
#[derive(Clone, Copy)]
struct Header(u64);

impl Header {
    fn new(kind: Kind, traced: bool, detail: u32, type_id: TypeId, high: u32) -> Self {
        let low = kind as u32 | u32::from(traced) << 2 | detail << 3 | type_id.index() << 6;
        Self(u64::from(low) | u64::from(high) << 32)
    }

    #[inline]
    fn kind(self) -> Kind {
        match self.0 & 3 {
            0 => Kind::Struct,
            1 => Kind::Array,
            2 => Kind::Exception,
            _ => Kind::Extern,
        }
    }

    /// Whether the payload holds handles.
    fn is_traced(self) -> bool {
        self.0 & 4 != 0
    }

    #[inline]
    fn element_log2(self) -> u32 {
        (self.0 >> 3) as u32 & 7
    }

    fn has_descriptor(self) -> bool {
        self.0 & 8 != 0
    }

    #[inline]
    fn type_id(self) -> TypeId {
        TypeId::new(self.0 as u32 >> 6)
    }

    #[inline]
    fn high(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    fn payload_words(self) -> usize {
        match self.kind() {
            Kind::Struct | Kind::Exception => self.high() as usize,
            Kind::Array => array_words(self.high(), self.element_log2()) as usize,
            Kind::Extern => 0,
        }
    }

    fn object_words(self) -> usize {
        self.payload_words() + 1
    }
}

/// Words that the elements of an array take.
fn array_words(length: u32, element_log2: u32) -> u64 {
    (u64::from(length) << element_log2).div_ceil(8)
}

/// Place of a word in the bitmaps.
#[inline]
fn bit(index: usize) -> (usize, u64) {
    (index / 64, 1 << (index % 64))
}

/// An entry of the table of host values.
enum Extern {
    Live { value: HostValue, handle: Handle },
    Free { next: Option<u32> },
}

/// The heap of a store.
pub(crate) struct Heap {
    space: space::Space,
    /// Bit n: an object starts at word n.
    starts: Vec<u64>,
    /// Bit n: the object at word n has been reached. Used while collecting.
    marks: Vec<u64>,
    /// Objects reached whose references have not been followed. Used while collecting, never grown then.
    gray: Vec<u32>,
    /// An object found no place in `gray`.
    overflowed: bool,
    externs: Vec<Extern>,
    free_extern: Option<u32>,
    /// Bytes of the host values themselves.
    extern_bytes: usize,
    roots: roots::Roots,
    limit: usize,
    /// Words of all objects, reachable or not yet known to be garbage.
    object_words: u64,
    /// Words allocated since the last collection, host values included.
    new_words: u64,
    /// How many of those call for the next collection.
    threshold: u64,
}

impl Heap {
    /// An empty heap, which takes no memory before its first object and at most `limit` bytes ever.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            space: space::Space::default(),
            starts: Vec::new(),
            marks: Vec::new(),
            gray: Vec::new(),
            overflowed: false,
            externs: Vec::new(),
            free_extern: None,
            extern_bytes: 0,
            roots: roots::Roots::default(),
            limit,
            object_words: 0,
            new_words: 0,
            threshold: MIN_THRESHOLD,
        }
    }

    /// Bytes of the objects and host values that were live after the last collection or are new since.
    pub(crate) fn live_bytes(&self) -> usize {
        self.object_words as usize * 8 + self.extern_bytes
    }

    /// Bytes taken from the host: what counts against the limit.
    pub(crate) fn reserved_bytes(&self) -> usize {
        let tables = self.externs.capacity() * size_of::<Extern>() + self.extern_bytes + self.roots.bytes();
        (arena_bytes(self.space.words.len() as u64) as usize).saturating_add(tables)
    }

    /// A struct of type `ty` with all fields zero or null. `descriptor` is kept if the type has descriptors.
    pub(crate) fn alloc_struct(&mut self, ty: &DefinedType, descriptor: Handle) -> Result<Handle, HeapError> {
        let layout = ty.layout();
        let described = ty.sub_type().descriptor().is_some();
        let words = layout.words + u32::from(described);
        let traced = described || !layout.traced.is_empty();
        let header = Header::new(Kind::Struct, traced, u32::from(described), ty.id(), words);
        let index = self.allocate(header, words.into())?;
        if described {
            self.space.words[index + words as usize] = descriptor.bits().into();
        }
        Ok(handle_at(index))
    }

    /// An array of type `ty` with all elements zero or null.
    pub(crate) fn alloc_array(&mut self, ty: &DefinedType, length: u32) -> Result<Handle, HeapError> {
        let layout = ty.layout();
        let header = Header::new(Kind::Array, layout.elements_traced, layout.element_log2, ty.id(), length);
        self.allocate(header, array_words(length, layout.element_log2)).map(handle_at)
    }

    /// An exception with the tag at address `tag`, whose function type is `ty`, and its values, two slots for a vector.
    /// Missing values are zero, surplus ones are ignored.
    pub(crate) fn alloc_exception(
        &mut self,
        tag: u32,
        ty: &DefinedType,
        values: impl IntoIterator<Item = u64>,
    ) -> Result<Handle, HeapError> {
        let func = ty.sub_type().as_func();
        let words = EXCEPTION_SLOTS as u32 + func.map_or(0, |ty| ty.param_slots());
        let traced = func.is_some_and(|ty| ty.params().iter().any(ValType::is_ref));
        let index = self.allocate(Header::new(Kind::Exception, traced, 0, ty.id(), words), words.into())?;
        let payload = &mut self.space.words[index + 1..][..words as usize];
        payload[0] = tag.into();
        payload[EXCEPTION_SLOTS..].iter_mut().zip(values).for_each(|(slot, value)| *slot = value);
        Ok(handle_at(index))
    }

    /// An object that stands for a value of the host, which is dropped some time after the object is garbage. On an
    /// error the value comes back, for the next try.
    pub(crate) fn alloc_extern(&mut self, value: HostValue) -> Result<Handle, (HeapError, HostValue)> {
        let size = size_of_val(&*value);
        let reserved = self.reserved_bytes().saturating_add(size);
        let room = match self.free_extern {
            Some(_) if reserved <= self.limit => Ok(()),
            Some(_) => Err(HeapError::LimitReached),
            None => reserve_table(&mut self.externs, self.limit, reserved),
        };
        if let Err(error) = room {
            // Garbage may hold entries and memory that a collection gives back.
            return Err((if self.new_words > 0 { HeapError::CollectFirst } else { error }, value));
        }
        let entry = self.free_extern.unwrap_or(self.externs.len() as u32);
        // A host value has no type; the bits are not read.
        let header = Header::new(Kind::Extern, false, 0, TypeId::new(0), entry);
        let handle = match self.allocate(header, 0) {
            Ok(index) => handle_at(index),
            Err(error) => return Err((error, value)),
        };
        self.new_words += (size / 8) as u64 + 4;
        self.extern_bytes += size;
        let live = Extern::Live { value, handle };
        match self.externs.get_mut(entry as usize) {
            Some(slot) => {
                if let Extern::Free { next } = core::mem::replace(slot, live) {
                    self.free_extern = next;
                }
            }
            None => self.externs.push(live),
        }
        Ok(handle)
    }

    /// What a reference refers to.
    #[inline]
    pub(crate) fn referent(&self, handle: Handle) -> Result<Referent, AccessError> {
        if handle.is_null() {
            return Ok(Referent::Null);
        }
        if handle.i31_unsigned().is_some() {
            return Ok(Referent::I31);
        }
        let (_, header) = self.object(handle)?;
        Ok(match header.kind() {
            Kind::Struct => Referent::Struct(header.type_id()),
            Kind::Array => Referent::Array(header.type_id()),
            Kind::Exception => Referent::Exception,
            Kind::Extern => Referent::Extern,
        })
    }

    /// Whether a reference of the `any`, `extern` or `exn` hierarchy is a value of type `ty`: `ref.test` and the casts.
    #[inline]
    pub(crate) fn matches(&self, handle: Handle, ty: RefType, types: &impl Types) -> Result<bool, AccessError> {
        let referent = self.referent(handle)?;
        Ok(match (ty.heap_type(), referent) {
            (_, Referent::Null) => ty.is_nullable(),
            (HeapType::Concrete(wanted), Referent::Struct(id) | Referent::Array(id)) => types.is_subtype(id, wanted),
            (HeapType::Exact(wanted), Referent::Struct(id) | Referent::Array(id)) => id == wanted,
            // Any internal value can be seen from outside and any host value from inside, with the same bits.
            (HeapType::Any | HeapType::Extern, referent) => referent != Referent::Exception,
            (HeapType::Eq, referent) => matches!(referent, Referent::I31 | Referent::Struct(_) | Referent::Array(_)),
            (HeapType::I31, referent) => referent == Referent::I31,
            (HeapType::Struct, referent) => matches!(referent, Referent::Struct(_)),
            (HeapType::Array, referent) => matches!(referent, Referent::Array(_)),
            (HeapType::Exn, referent) => referent == Referent::Exception,
            _ => false,
        })
    }

    /// The field of a struct at a byte offset of its layout.
    #[inline]
    pub(crate) fn field<T: Packed>(&self, handle: Handle, offset: u32) -> Result<T, AccessError> {
        let (index, header) = self.object_of(handle, Kind::Struct)?;
        let payload = self.space.words.get(index + 1..).and_then(|words| words.get(..header.high() as usize));
        payload.and_then(|payload| T::load(payload, offset as usize)).ok_or(AccessError::Invalid)
    }

    /// Sets the field of a struct at a byte offset of its layout.
    #[inline]
    pub(crate) fn set_field<T: Packed>(&mut self, handle: Handle, offset: u32, value: T) -> Result<(), AccessError> {
        let (index, header) = self.object_of(handle, Kind::Struct)?;
        let payload = self.space.words.get_mut(index + 1..).and_then(|words| words.get_mut(..header.high() as usize));
        payload.and_then(|payload| value.store(payload, offset as usize)).ok_or(AccessError::Invalid)
    }

    /// The field as [`field`](Self::field) reads it, zero-extended, with the width of `storage`.
    pub(crate) fn field_value(&self, handle: Handle, offset: u32, storage: StorageType) -> Result<u128, AccessError> {
        match storage.size_log2() {
            0 => self.field::<u8>(handle, offset).map(u128::from),
            1 => self.field::<u16>(handle, offset).map(u128::from),
            2 => self.field::<u32>(handle, offset).map(u128::from),
            3 => self.field::<u64>(handle, offset).map(u128::from),
            _ => self.field::<u128>(handle, offset),
        }
    }

    /// Sets a field to the low bits of `value`, with the width of `storage`.
    pub(crate) fn set_field_value(
        &mut self,
        handle: Handle,
        offset: u32,
        storage: StorageType,
        value: u128,
    ) -> Result<(), AccessError> {
        match storage.size_log2() {
            0 => self.set_field(handle, offset, value as u8),
            1 => self.set_field(handle, offset, value as u16),
            2 => self.set_field(handle, offset, value as u32),
            3 => self.set_field(handle, offset, value as u64),
            _ => self.set_field(handle, offset, value),
        }
    }

    /// `ref.get_desc`: the descriptor of a struct whose type has descriptors.
    pub(crate) fn descriptor(&self, handle: Handle) -> Result<Handle, AccessError> {
        let (index, header) = self.object_of(handle, Kind::Struct)?;
        if !header.has_descriptor() {
            return Err(AccessError::Invalid);
        }
        let word = self.space.words.get(index + header.payload_words()).ok_or(AccessError::Invalid)?;
        Ok(Handle::from_bits(*word as u32))
    }

    /// The exception behind an `exnref`.
    pub(crate) fn exception(&self, handle: Handle) -> Result<Exception<'_>, AccessError> {
        let (index, header) = self.object_of(handle, Kind::Exception)?;
        let payload = self.space.words.get(index + 1..).and_then(|words| words.get(..header.payload_words()));
        let (tag, slots) = payload.and_then(<[u64]>::split_first).ok_or(AccessError::Invalid)?;
        Ok(Exception { tag: *tag as u32, type_id: header.type_id(), slots })
    }

    /// The host's value behind an `externref`.
    pub(crate) fn extern_value(&self, handle: Handle) -> Result<&(dyn Any + Send + Sync), AccessError> {
        let (_, header) = self.object_of(handle, Kind::Extern)?;
        match self.externs.get(header.high() as usize) {
            Some(Extern::Live { value, .. }) => Ok(&**value),
            _ => Err(AccessError::Invalid),
        }
    }

    /// The host's value behind an `externref`, to change it.
    pub(crate) fn extern_value_mut(&mut self, handle: Handle) -> Result<&mut (dyn Any + Send + Sync), AccessError> {
        let (_, header) = self.object_of(handle, Kind::Extern)?;
        match self.externs.get_mut(header.high() as usize) {
            Some(Extern::Live { value, .. }) => Ok(&mut **value),
            _ => Err(AccessError::Invalid),
        }
    }

    /// The word where an object starts, if the handle is one of an object.
    #[inline]
    fn object_index(&self, handle: Handle) -> Option<usize> {
        let index = (handle.bits() >> 1) as usize;
        let (group, mask) = bit(index);
        let starts = *self.starts.get(group)?;
        (handle.bits() & 1 == 0 && starts & mask != 0).then_some(index)
    }

    #[inline]
    fn object(&self, handle: Handle) -> Result<(usize, Header), AccessError> {
        let found = self.object_index(handle).and_then(|index| Some((index, Header(*self.space.words.get(index)?))));
        found.ok_or(if handle.is_null() { AccessError::Null } else { AccessError::Invalid })
    }

    #[inline]
    fn object_of(&self, handle: Handle, kind: Kind) -> Result<(usize, Header), AccessError> {
        let (index, header) = self.object(handle)?;
        if header.kind() == kind { Ok((index, header)) } else { Err(AccessError::Invalid) }
    }

    /// Takes words for a header and its payload, which is zeroed.
    fn allocate(&mut self, header: Header, payload_words: u64) -> Result<usize, HeapError> {
        let size = payload_words + 1;
        if size >= MAX_WORDS || arena_bytes(size) > self.limit as u64 {
            return Err(HeapError::LimitReached);
        }
        if self.new_words > 0 && self.new_words + size > self.threshold {
            return Err(HeapError::CollectFirst);
        }
        let words = size as u32;
        let start = match self.space.take(words, false) {
            Some(start) => start,
            None => match self.grow(words) {
                Ok(start) => start,
                Err(_) if self.new_words > 0 => return Err(HeapError::CollectFirst),
                Err(error) => self.space.take(words, true).ok_or(error)?,
            },
        };
        let index = start as usize;
        self.space.words[index + 1..index + size as usize].fill(0);
        self.space.words[index] = header.0;
        let (group, mask) = bit(index);
        self.starts[group] |= mask;
        self.object_words += size;
        self.new_words += size;
        Ok(index)
    }

    /// Takes `size` words after asking the host for more.
    #[cold]
    fn grow(&mut self, size: u32) -> Result<u32, HeapError> {
        let len = self.space.words.len() as u64;
        let needed = self.space.shortage(size);
        // One sixteenth is left to the tables: a guest that fills its heap should not stop the host from rooting.
        let tables = (self.reserved_bytes() - arena_bytes(len) as usize).max(self.limit / 16);
        let budget = self.limit.saturating_sub(tables) as u64;
        let fits = |more: u32| len + u64::from(more) <= MAX_WORDS && arena_bytes(len + u64::from(more)) <= budget;
        let wanted = needed.max(MIN_GROWTH).max((len / 2) as u32);
        // Near the limit: as much as is needed.
        let wanted = if fits(wanted) { wanted } else { needed };
        if !fits(wanted) {
            return Err(HeapError::LimitReached);
        }
        let more = if self.reserve(wanted).is_ok() {
            wanted
        } else {
            self.reserve(needed)?;
            needed
        };
        self.space.extend(more);
        let groups = self.space.words.len().div_ceil(64);
        self.starts.resize(groups, 0);
        self.marks.resize(groups, 0);
        self.space.take(size, false).ok_or(HeapError::LimitReached)
    }

    /// Makes room for `more` words and what belongs to them.
    fn reserve(&mut self, more: u32) -> Result<(), HeapError> {
        let words = self.space.words.len() + more as usize;
        reserve_to(&mut self.starts, words.div_ceil(64))?;
        reserve_to(&mut self.marks, words.div_ceil(64))?;
        reserve_to(&mut self.gray, words / GRAY_SHARE)?;
        reserve_to(&mut self.space.words, words)
    }

    /// After a collection: the next one is due when the heap has doubled.
    fn set_threshold(&mut self) {
        self.new_words = 0;
        self.threshold = self.object_words.max(MIN_THRESHOLD);
    }
}

impl fmt::Debug for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Heap({} bytes in objects, {} reserved, limit {})",
            self.live_bytes(),
            self.reserved_bytes(),
            self.limit
        )
    }
}

fn handle_at(index: usize) -> Handle {
    Handle((index as u32) << 1)
}

/// One entry of the mark stack for so many words of the heap.
const GRAY_SHARE: usize = 32;

/// Bytes of a heap of so many words, with its bitmaps and its mark stack.
fn arena_bytes(words: u64) -> u64 {
    words * 8 + words.div_ceil(64) * 16 + words / GRAY_SHARE as u64 * 4
}

/// Makes room for one more element, if the memory for it stays within the limit.
fn reserve_table<T>(table: &mut Vec<T>, limit: usize, reserved: usize) -> Result<(), HeapError> {
    if reserved > limit {
        return Err(HeapError::LimitReached);
    }
    if table.len() < table.capacity() {
        return Ok(());
    }
    let capacity = table.capacity();
    let room = (limit - reserved) / size_of::<T>();
    let more = capacity.max(8).min(room);
    if more == 0 || capacity + more >= u32::MAX as usize {
        return Err(HeapError::LimitReached);
    }
    reserve_to(table, capacity + more)
}

/// Gives a vector the capacity `capacity`, no more; every allocation of the heap is made here.
fn reserve_to<T>(vector: &mut Vec<T>, capacity: usize) -> Result<(), HeapError> {
    if capacity <= vector.capacity() {
        return Ok(());
    }
    #[cfg(test)]
    tests::fail_if_told()?;
    vector.try_reserve_exact(capacity - vector.len()).map_err(|_| HeapError::OutOfMemory)
}
