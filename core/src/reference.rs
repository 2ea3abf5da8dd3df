//! Handles for values of the collected heap: what the host holds of `externref`, `anyref` and their like.
//!
//! A handle keeps its object alive in its store, can be cloned, sent to other threads and dropped anywhere, and outlives nothing: in
//! another store it is an error, after its store is gone it is only a number. Objects never move, so a handle is a counted
//! root and the 32 bits that guests see. Every access goes through the heap, which checks that the object is what it is taken
//! for.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

use crate::error::{Error, UncaughtException};
use crate::externs::Tag;
use crate::runtime::context::TagAddr;
use crate::runtime::handles::Root;
use crate::runtime::heap::{AccessError, Handle, HeapError, Referent};
use crate::runtime::store::{StoreId, StoreInner};
use crate::runtime::try_box;
use crate::store::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::trap::TrapCode;
use crate::types::{
    ArrayType, CompositeType, DefinedType, FuncType, HeapType, RegisteredTypes, StorageType, StructType, SubType,
    TypeId, Types, ValType,
};
use crate::value::{V128, Val};

/// The parts that all handles have in common; rows add the heap type they promise.
macro_rules! handle {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Root);

        impl $name {
            /// Whether both name the same object: `ref.eq` in a guest.
            pub fn same(&self, other: &Self) -> bool {
                self.0.same(&other.0)
            }

            /// The bits of the reference, if it is one of this store's.
            pub(crate) fn to_slot(&self, inner: &StoreInner) -> Result<u32, Error> {
                if self.0.belongs_to(inner.handles()) { Ok(self.0.handle()) } else { Err(Error::wrong_store()) }
            }

            /// A handle for bits that running code wrote; 0 is null.
            pub(crate) fn from_slot(inner: &StoreInner, slot: u32) -> Result<Option<Self>, Error> {
                if slot == 0 { Ok(None) } else { root(inner, slot).map(|root| Some(Self(root))) }
            }

            fn handle(&self, inner: &StoreInner) -> Result<Handle, Error> {
                self.to_slot(inner).map(Handle::from_bits)
            }

            #[allow(dead_code, reason = "not every kind of handle is asked what it names")]
            fn referent(&self, inner: &StoreInner) -> Result<Referent, Error> {
                inner.heap.referent(self.handle(inner)?).map_err(access)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.handle())
            }
        }
    )*};
}

handle! {
    /// A value of the host, or an internal value seen from outside: `externref` without null.
    ExternRef;
    /// A value of the guest: `anyref` without null.
    AnyRef;
    /// A value that `ref.eq` compares: `eqref` without null.
    EqRef;
    /// A structure: `structref` without null.
    StructRef;
    /// An array: `arrayref` without null.
    ArrayRef;
    /// An exception: `exnref` without null.
    ExnRef;
}

/// Keeps what a reference names, which is not null.
fn root(inner: &StoreInner, slot: u32) -> Result<Root, Error> {
    Root::new(inner.handles(), slot)
}

/// The error about a failed access to an object.
#[cold]
fn access(error: AccessError) -> Error {
    match error {
        AccessError::OutOfBounds => TrapCode::ArrayOutOfBounds.into(),
        AccessError::Null => TrapCode::NullReference.into(),
        AccessError::Invalid => Error::misuse("a reference to another kind of object"),
    }
}

impl ExternRef {
    /// A new value of the host, which the guest can keep and pass around.
    ///
    /// It is dropped some time after neither guests nor handles refer to it any more, with the store at the latest.
    pub fn new<V: Any + Send + Sync>(mut store: impl AsContextMut, value: V) -> Result<Self, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let boxed: Box<dyn Any + Send + Sync> = try_box(value)?;
        let mut waiting = Some(boxed);
        let handle = inner.allocate(|heap, _| {
            // A failure puts it back, so there is always one.
            let value = waiting.take().ok_or(HeapError::OutOfMemory)?;
            heap.alloc_extern(value).map_err(|(error, value)| {
                waiting = Some(value);
                error
            })
        })?;
        root(inner, handle.bits()).map(Self)
    }

    /// The host's value; `None` if this is an internal value seen from outside.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>, Error> {
        let inner = store.into().inner();
        let handle = self.handle(inner)?;
        match self.referent(inner)? {
            Referent::Extern => inner.heap.extern_value(handle).map(Some).map_err(access),
            _ => Ok(None),
        }
    }

    /// The host's value, to change; `None` if this is an internal value seen from outside.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>, Error> {
        let inner = store.into().0.inner_mut();
        let handle = self.handle(inner)?;
        match self.referent(inner)? {
            Referent::Extern => inner.heap.extern_value_mut(handle).map(Some).map_err(access),
            _ => Ok(None),
        }
    }

    /// `extern.convert_any`: an internal value seen from outside. The inverse of [`AnyRef::convert_extern`].
    pub fn convert_any(store: impl AsContext, any: &AnyRef) -> Result<Self, Error> {
        any.handle(store.as_context().inner())?;
        Ok(Self(any.0.clone()))
    }
}

impl AnyRef {
    /// `any.convert_extern`: a value of the host seen from inside. The inverse of [`ExternRef::convert_any`].
    pub fn convert_extern(store: impl AsContext, value: &ExternRef) -> Result<Self, Error> {
        value.handle(store.as_context().inner())?;
        Ok(Self(value.0.clone()))
    }

    /// An unboxed integer as a reference.
    pub fn from_i31(store: impl AsContext, value: I31) -> Result<Self, Error> {
        root(store.as_context().inner(), value.slot()).map(Self)
    }

    /// The most precise type of the value.
    pub fn ty(&self, store: impl AsContext) -> Result<HeapType, Error> {
        Ok(self.referent(store.as_context().inner())?.heap_type().unwrap_or(HeapType::Any))
    }

    /// Whether the value has this type.
    pub fn matches_ty(&self, store: impl AsContext, ty: &HeapType) -> Result<bool, Error> {
        let inner = store.as_context().inner();
        Ok(inner.slot_matches(self.to_slot(inner)?, crate::types::RefType::new(false, *ty)))
    }

    /// The value if it is one that `ref.eq` compares.
    pub fn as_eqref(&self, store: impl AsContext) -> Result<Option<EqRef>, Error> {
        let referent = self.referent(store.as_context().inner())?;
        let comparable = matches!(referent, Referent::I31 | Referent::Struct(_) | Referent::Array(_));
        Ok(comparable.then(|| EqRef(self.0.clone())))
    }
}

/// The narrowings that `AnyRef` and `EqRef` share.
macro_rules! narrow {
    ($($name:ident)*) => {$(
        impl $name {
            /// The value if it is an unboxed integer.
            pub fn as_i31(&self, store: impl AsContext) -> Result<Option<I31>, Error> {
                Ok(I31::from_bits(self.to_slot(store.as_context().inner())?))
            }

            /// The value if it is a structure.
            pub fn as_struct(&self, store: impl AsContext) -> Result<Option<StructRef>, Error> {
                let referent = self.referent(store.as_context().inner())?;
                Ok(matches!(referent, Referent::Struct(_)).then(|| StructRef(self.0.clone())))
            }

            /// The value if it is an array.
            pub fn as_array(&self, store: impl AsContext) -> Result<Option<ArrayRef>, Error> {
                let referent = self.referent(store.as_context().inner())?;
                Ok(matches!(referent, Referent::Array(_)).then(|| ArrayRef(self.0.clone())))
            }

            /// Whether the value is an unboxed integer.
            pub fn is_i31(&self, store: impl AsContext) -> Result<bool, Error> {
                self.as_i31(store).map(|value| value.is_some())
            }

            /// Whether the value is a structure.
            pub fn is_struct(&self, store: impl AsContext) -> Result<bool, Error> {
                self.as_struct(store).map(|value| value.is_some())
            }

            /// Whether the value is an array.
            pub fn is_array(&self, store: impl AsContext) -> Result<bool, Error> {
                self.as_array(store).map(|value| value.is_some())
            }
        }
    )*};
}

narrow!(AnyRef EqRef);

/// The widenings: every row's first is also its second.
macro_rules! widen {
    ($($from:ident $to:ident $method:ident;)*) => {$(
        impl $from {
            #[doc = concat!("The same value as an [`", stringify!($to), "`].")]
            pub fn $method(&self) -> $to {
                $to(self.0.clone())
            }
        }

        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                Self(value.0)
            }
        }
    )*};
}

widen! {
    EqRef AnyRef to_anyref;
    StructRef AnyRef to_anyref;
    ArrayRef AnyRef to_anyref;
    StructRef EqRef to_eqref;
    ArrayRef EqRef to_eqref;
}

impl From<StructRef> for Val {
    fn from(value: StructRef) -> Self {
        Self::AnyRef(Some(value.into()))
    }
}

impl From<ArrayRef> for Val {
    fn from(value: ArrayRef) -> Self {
        Self::AnyRef(Some(value.into()))
    }
}

impl From<EqRef> for Val {
    fn from(value: EqRef) -> Self {
        Self::AnyRef(Some(value.into()))
    }
}

/// An unboxed 31-bit integer: `i31ref` without null.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct I31(u32);

impl I31 {
    /// The value, if it fits 31 bits without sign.
    pub const fn new_u32(value: u32) -> Option<Self> {
        if value >> 31 == 0 { Some(Self(value)) } else { None }
    }

    /// The value, if it fits 31 bits with sign.
    pub const fn new_i32(value: i32) -> Option<Self> {
        if (value << 1) >> 1 == value { Some(Self::wrapping_i32(value)) } else { None }
    }

    /// The low 31 bits.
    pub const fn wrapping_u32(value: u32) -> Self {
        Self(value & (u32::MAX >> 1))
    }

    /// The low 31 bits.
    pub const fn wrapping_i32(value: i32) -> Self {
        Self::wrapping_u32(value as u32)
    }

    /// The value without sign: `i31.get_u`.
    pub const fn get_u32(&self) -> u32 {
        self.0
    }

    /// The value with sign: `i31.get_s`.
    pub const fn get_i32(&self) -> i32 {
        ((self.0 << 1) as i32) >> 1
    }

    const fn slot(self) -> u32 {
        Handle::i31(self.0).bits()
    }

    fn from_bits(slot: u32) -> Option<Self> {
        Handle::from_bits(slot).i31_unsigned().map(Self)
    }

    /// The bits of the reference; integers belong to every store.
    pub(crate) fn to_slot(self, _: &StoreInner) -> Result<u32, Error> {
        Ok(self.slot())
    }

    /// The integer behind bits that running code wrote; 0 is null.
    pub(crate) fn from_slot(_: &StoreInner, slot: u32) -> Result<Option<Self>, Error> {
        match (slot, Self::from_bits(slot)) {
            (0, _) => Ok(None),
            (_, Some(value)) => Ok(Some(value)),
            (_, None) => Err(access(AccessError::Invalid)),
        }
    }
}

impl fmt::Debug for I31 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I31({})", self.get_i32())
    }
}

/// A type made known to a store, so that values of it can be made.
#[derive(Clone)]
struct Allocatable {
    store: StoreId,
    id: TypeId,
    /// Keeps the id's meaning.
    _types: Option<Arc<RegisteredTypes>>,
}

impl Allocatable {
    fn new<T: 'static>(store: &mut StoreContextMut<'_, T>, composite: CompositeType) -> Result<Self, Error> {
        let mut types = RegisteredTypes::new(store.engine().types().clone());
        let mut group = Vec::new();
        group.try_reserve_exact(1)?;
        group.push(SubType::new(composite));
        let id = types.register_group(group)?.first().copied();
        let types = Arc::new(types);
        let inner = store.inner_mut();
        inner.add_types(&types)?;
        let id = id.ok_or_else(|| Error::misuse("an empty type"))?;
        Ok(Self { store: inner.id(), id, _types: Some(types) })
    }

    fn known(inner: &StoreInner, id: TypeId, is: impl FnOnce(&SubType) -> bool) -> Result<Self, Error> {
        match inner.types().defined(id) {
            Some(ty) if is(ty.sub_type()) => Ok(Self { store: inner.id(), id, _types: None }),
            _ => Err(Error::misuse("no such type in this store")),
        }
    }

    fn check(&self, inner: &StoreInner) -> Result<(), Error> {
        if self.store == inner.id() { Ok(()) } else { Err(Error::wrong_store()) }
    }
}

/// The defined type with this id, which some object of the store has.
fn defined(inner: &StoreInner, id: TypeId) -> Result<&DefinedType, Error> {
    inner.types().defined(id).ok_or_else(|| Error::misuse("no such type in this store"))
}

/// The bits a field or element of type `storage` takes for a value.
fn to_bits(inner: &StoreInner, value: &Val, storage: StorageType) -> Result<u128, Error> {
    let [low, high] = value.to_slots(inner, storage.unpack())?;
    Ok(match storage {
        StorageType::Val(ValType::V128) => V128::from_slots([low, high]).as_u128(),
        _ => u128::from(low),
    })
}

/// The value behind the bits of a field or element; packed integers without sign.
fn from_bits(inner: &mut StoreInner, bits: u128, storage: StorageType) -> Result<Val, Error> {
    match storage {
        StorageType::Val(ValType::V128) => Ok(Val::V128(V128::from(bits))),
        storage => Val::from_slots(inner, storage.unpack(), &[bits as u64]),
    }
}

/// A struct type made ready for [`StructRef::new`].
#[derive(Clone)]
pub struct StructRefPre(Allocatable);

impl StructRefPre {
    /// Makes a struct type of one's own known to a store: it is the guest's type of the same definition, if that stands alone.
    pub fn new(mut store: impl AsContextMut, ty: StructType) -> Result<Self, Error> {
        Allocatable::new(&mut store.as_context_mut(), CompositeType::Struct(ty)).map(Self)
    }

    /// A struct type that a module of the store defines.
    pub fn of_type(store: impl AsContext, id: TypeId) -> Result<Self, Error> {
        Allocatable::known(store.as_context().inner(), id, |ty| ty.as_struct().is_some()).map(Self)
    }
}

impl StructRef {
    /// A new structure with these fields.
    pub fn new(mut store: impl AsContextMut, pre: &StructRefPre, fields: &[Val]) -> Result<Self, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        pre.0.check(inner)?;
        let ty = inner.types().defined_arc(pre.0.id).ok_or_else(Error::wrong_store)?;
        let struct_type = ty.sub_type().as_struct().ok_or_else(Error::wrong_store)?;
        let types = struct_type.fields();
        if fields.len() != types.len() {
            return Err(crate::value::wrong_count(types.len(), fields.len()));
        }
        if ty.sub_type().descriptor().is_some() {
            return Err(Error::misuse("a structure with a descriptor is made by its guest only"));
        }
        // All values are checked before there is an object, and are rooted by their handles while it is made.
        for (value, field) in fields.iter().zip(types) {
            to_bits(inner, value, field.element_type())?;
        }
        let object = inner.allocate(|heap, _| heap.alloc_struct(&ty, Handle::NULL))?;
        for ((value, field), offset) in fields.iter().zip(types).zip(&ty.layout().offsets) {
            let bits = to_bits(inner, value, field.element_type())?;
            inner.heap.set_field_value(object, *offset, field.element_type(), bits).map_err(access)?;
        }
        root(inner, object.bits()).map(Self)
    }

    /// The exact type of the structure, spelled out.
    pub fn ty(&self, store: impl AsContext) -> Result<StructType, Error> {
        let store = store.as_context();
        let ty = defined(store.inner(), self.type_id(store)?)?;
        ty.sub_type().as_struct().cloned().ok_or_else(|| access(AccessError::Invalid))
    }

    /// The exact type of the structure, in its engine.
    pub fn type_id(&self, store: impl AsContext) -> Result<TypeId, Error> {
        match self.referent(store.as_context().inner())? {
            Referent::Struct(id) => Ok(id),
            _ => Err(access(AccessError::Invalid)),
        }
    }

    /// The field with this index.
    pub fn field(&self, mut store: impl AsContextMut, index: usize) -> Result<Val, Error> {
        let store = store.as_context_mut();
        let (offset, storage, _) = self.place(store.inner(), index)?;
        let handle = self.handle(store.inner())?;
        let bits = store.inner().heap.field_value(handle, offset, storage).map_err(access)?;
        from_bits(store.0.inner_mut(), bits, storage)
    }

    /// All fields.
    pub fn fields(&self, mut store: impl AsContextMut) -> Result<Vec<Val>, Error> {
        let mut store = store.as_context_mut();
        let count = self.ty(&store)?.fields().len();
        let mut fields = Vec::new();
        fields.try_reserve_exact(count)?;
        for index in 0..count {
            fields.push(self.field(&mut store, index)?);
        }
        Ok(fields)
    }

    /// Sets the field with this index, which must be mutable.
    pub fn set_field(&self, mut store: impl AsContextMut, index: usize, value: Val) -> Result<(), Error> {
        let store = store.as_context_mut();
        let (offset, storage, mutable) = self.place(store.inner(), index)?;
        if !mutable {
            return Err(Error::misuse("an immutable field cannot be set"));
        }
        let handle = self.handle(store.inner())?;
        let bits = to_bits(store.inner(), &value, storage)?;
        store.0.inner_mut().heap.set_field_value(handle, offset, storage, bits).map_err(access)
    }

    /// Offset, type and mutability of a field.
    fn place(&self, inner: &StoreInner, index: usize) -> Result<(u32, StorageType, bool), Error> {
        let Referent::Struct(id) = self.referent(inner)? else { return Err(access(AccessError::Invalid)) };
        let ty = defined(inner, id)?;
        let field = ty.sub_type().as_struct().and_then(|ty| ty.fields().get(index));
        match (field, ty.layout().offsets.get(index)) {
            (Some(field), Some(offset)) => Ok((*offset, field.element_type(), field.mutability().is_var())),
            _ => Err(Error::misuse("a structure has no field with this index")),
        }
    }
}

/// An array type made ready for [`ArrayRef::new`].
#[derive(Clone)]
pub struct ArrayRefPre(Allocatable);

impl ArrayRefPre {
    /// Makes an array type of one's own known to a store: it is the guest's type of the same definition, if that stands alone.
    pub fn new(mut store: impl AsContextMut, ty: ArrayType) -> Result<Self, Error> {
        Allocatable::new(&mut store.as_context_mut(), CompositeType::Array(ty)).map(Self)
    }

    /// An array type that a module of the store defines.
    pub fn of_type(store: impl AsContext, id: TypeId) -> Result<Self, Error> {
        Allocatable::known(store.as_context().inner(), id, |ty| ty.as_array().is_some()).map(Self)
    }
}

impl ArrayRef {
    /// A new array of `len` elements, each `element`.
    pub fn new(mut store: impl AsContextMut, pre: &ArrayRefPre, element: &Val, len: u32) -> Result<Self, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let (ty, storage) = Self::element_type(inner, pre)?;
        let bits = to_bits(inner, element, storage)?;
        let object = inner.allocate(|heap, _| heap.alloc_array(&ty, len))?;
        inner.heap.array_fill(object, 0, bits, len).map_err(access)?;
        root(inner, object.bits()).map(Self)
    }

    /// A new array of these elements.
    pub fn new_fixed(mut store: impl AsContextMut, pre: &ArrayRefPre, elements: &[Val]) -> Result<Self, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let (ty, storage) = Self::element_type(inner, pre)?;
        elements.iter().try_for_each(|element| to_bits(inner, element, storage).map(drop))?;
        let len = u32::try_from(elements.len()).map_err(|_| Error::trap(TrapCode::AllocationTooLarge))?;
        let object = inner.allocate(|heap, _| heap.alloc_array(&ty, len))?;
        for (index, element) in (0..).zip(elements) {
            let bits = to_bits(inner, element, storage)?;
            inner.heap.set_array_value(object, index, bits).map_err(access)?;
        }
        root(inner, object.bits()).map(Self)
    }

    fn element_type(inner: &StoreInner, pre: &ArrayRefPre) -> Result<(Arc<DefinedType>, StorageType), Error> {
        pre.0.check(inner)?;
        let ty = inner.types().defined_arc(pre.0.id).ok_or_else(Error::wrong_store)?;
        let storage = ty.sub_type().as_array().ok_or_else(Error::wrong_store)?.field_type().element_type();
        Ok((ty, storage))
    }

    /// The exact type of the array, spelled out.
    pub fn ty(&self, store: impl AsContext) -> Result<ArrayType, Error> {
        let store = store.as_context();
        let ty = defined(store.inner(), self.type_id(store)?)?;
        ty.sub_type().as_array().copied().ok_or_else(|| access(AccessError::Invalid))
    }

    /// The exact type of the array, in its engine.
    pub fn type_id(&self, store: impl AsContext) -> Result<TypeId, Error> {
        match self.referent(store.as_context().inner())? {
            Referent::Array(id) => Ok(id),
            _ => Err(access(AccessError::Invalid)),
        }
    }

    /// How many elements there are.
    pub fn len(&self, store: impl AsContext) -> Result<u32, Error> {
        let inner = store.as_context().inner();
        inner.heap.array_len(self.handle(inner)?).map_err(access)
    }

    /// The element with this index; out of bounds is the trap.
    pub fn get(&self, mut store: impl AsContextMut, index: u32) -> Result<Val, Error> {
        let store = store.as_context_mut();
        let storage = self.ty(&store)?.field_type().element_type();
        let handle = self.handle(store.inner())?;
        let bits = store.inner().heap.array_value(handle, index).map_err(access)?;
        from_bits(store.0.inner_mut(), bits, storage)
    }

    /// All elements.
    pub fn elems(&self, mut store: impl AsContextMut) -> Result<Vec<Val>, Error> {
        let mut store = store.as_context_mut();
        let len = self.len(&store)?;
        let mut elements = Vec::new();
        elements.try_reserve_exact(len as usize)?;
        for index in 0..len {
            elements.push(self.get(&mut store, index)?);
        }
        Ok(elements)
    }

    /// Sets the element with this index, which must be mutable; out of bounds is the trap.
    pub fn set(&self, mut store: impl AsContextMut, index: u32, value: Val) -> Result<(), Error> {
        let store = store.as_context_mut();
        let field = self.ty(&store)?.field_type();
        if !field.mutability().is_var() {
            return Err(Error::misuse("an element of an immutable array cannot be set"));
        }
        let handle = self.handle(store.inner())?;
        let bits = to_bits(store.inner(), &value, field.element_type())?;
        store.0.inner_mut().heap.set_array_value(handle, index, bits).map_err(access)
    }
}

impl ExnRef {
    /// A new exception with a tag and the values it carries.
    pub fn new(mut store: impl AsContextMut, tag: &Tag, values: &[Val]) -> Result<Self, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let (address, type_id) = tag.address_and_type(inner)?;
        let ty = inner.types().defined_arc(type_id).ok_or_else(Error::wrong_store)?;
        let params = ty.sub_type().as_func().ok_or_else(Error::wrong_store)?.params();
        if params.len() != values.len() {
            return Err(crate::value::wrong_count(params.len(), values.len()));
        }
        let mut slots = Vec::new();
        slots.try_reserve_exact(params.iter().map(ValType::slots).sum::<u32>() as usize)?;
        for (value, ty) in values.iter().zip(params) {
            let [first, second] = value.to_slots(inner, *ty)?;
            slots.push(first);
            slots.extend((ty.slots() == 2).then_some(second));
        }
        let object = inner.allocate(|heap, _| heap.alloc_exception(address, &ty, slots.iter().copied()))?;
        root(inner, object.bits()).map(Self)
    }

    /// The tag it was thrown with.
    pub fn tag(&self, store: impl AsContext) -> Result<Tag, Error> {
        let inner = store.as_context().inner();
        let exception = inner.heap.exception(self.handle(inner)?).map_err(access)?;
        Ok(Tag::from_addr(inner, TagAddr(exception.tag)))
    }

    /// The types of the values it carries, as the parameters of a function.
    pub fn ty(&self, store: impl AsContext) -> Result<FuncType, Error> {
        let inner = store.as_context().inner();
        let exception = inner.heap.exception(self.handle(inner)?).map_err(access)?;
        let ty = defined(inner, exception.type_id)?.sub_type().as_func().cloned();
        ty.ok_or_else(|| access(AccessError::Invalid))
    }

    /// The values it carries.
    pub fn fields(&self, mut store: impl AsContextMut) -> Result<Vec<Val>, Error> {
        let store = store.as_context_mut();
        let ty = self.ty(&store)?;
        let handle = self.handle(store.inner())?;
        let mut values = Vec::new();
        values.try_reserve_exact(ty.params().len())?;
        let mut start = 0;
        for ty in ty.params() {
            let exception = store.inner().heap.exception(handle).map_err(access)?;
            let slot = |offset: usize| exception.slots.get(start + offset).copied().unwrap_or(0);
            let slots = [slot(0), slot(1)];
            start += ty.slots() as usize;
            values.push(Val::from_slots(store.0.inner_mut(), *ty, &slots)?);
        }
        Ok(values)
    }

    /// The value with this index.
    pub fn field(&self, store: impl AsContextMut, index: usize) -> Result<Val, Error> {
        let value = self.fields(store)?.into_iter().nth(index);
        value.ok_or_else(|| Error::misuse("an exception has no value with this index"))
    }

    /// The error that throws this exception.
    pub(crate) fn into_error(self) -> Error {
        Error::exception(self.0)
    }
}

impl UncaughtException {
    /// The exception.
    pub fn exception(&self) -> ExnRef {
        ExnRef(self.exception.clone())
    }
}
