//! Structs, arrays, casts and descriptors: rows that work on the collected heap.
//!
//! The heap checks every access, so nothing here relies on a reference being what its type says. Rows that allocate may collect first: the
//! frames are roots as they stand, staged operands are named to [`Driver::allocate`]. Where number, vector and reference
//! forms of a row differ only in the class of an operand, one function serves all, under each row's name.

use super::backtrace::text;
use super::{Driver, Go, Outcome, Stop};
use crate::code::reftype;
use crate::code::shape::*;
use crate::error::TrapFacts;
use crate::runtime::heap::{AccessError, Handle, HeapError};
use crate::trap::TrapCode;
use crate::types::{DefinedType, RefType, StorageType, TypeId, Types, ValType};

pub(super) use self::{
    array_fill as array_fill_ref, array_fill as array_fill_wide, array_get as array_get_ref,
    array_get as array_get_wide, array_new as array_new_ref, array_new as array_new_wide, array_set as array_set_ref,
    array_set as array_set_wide, struct_get as struct_get_ref, struct_get as struct_get_wide,
    struct_set as struct_set_ref, struct_set as struct_set_wide,
};

/// A place for a value of any type.
pub(super) trait Place: Copy {
    /// The value there.
    unsafe fn get(self, d: &Driver) -> u128;
    /// Puts a value there.
    unsafe fn put(self, d: &mut Driver, value: u128);
}

impl Place for Slot {
    unsafe fn get(self, d: &Driver) -> u128 {
        // SAFETY: I2
        unsafe { u128::from(*d.slot(self.0)) }
    }

    unsafe fn put(self, d: &mut Driver, value: u128) {
        // SAFETY: I2
        unsafe { d.put(self, value as u64) }
    }
}

impl Place for Wide {
    unsafe fn get(self, d: &Driver) -> u128 {
        // SAFETY: I2 — a wide slot is two slots.
        unsafe { wide(d.slot(self.0)) }
    }

    unsafe fn put(self, d: &mut Driver, value: u128) {
        // SAFETY: I2
        unsafe { d.slot(self.0).cast::<V128Bits>().write_unaligned(V128Bits::from(value.to_le_bytes())) }
    }
}

impl Place for RefSlot {
    unsafe fn get(self, d: &Driver) -> u128 {
        // SAFETY: I2
        unsafe { u128::from(d.get_reference(self)) }
    }

    unsafe fn put(self, d: &mut Driver, value: u128) {
        // SAFETY: I2
        unsafe { d.put_reference(self, value as u32) }
    }
}

type V128Bits = crate::numeric::vector::V128;

/// The vector in two slots.
unsafe fn wide(at: *mut u64) -> u128 {
    // SAFETY: the caller's promise; the read is unaligned.
    let vector = unsafe { at.cast::<V128Bits>().read_unaligned() };
    u128::from_le_bytes(vector.into())
}

/// The trap of a failed access to a struct.
fn of_struct(error: AccessError) -> Stop {
    Stop::Trap(match error {
        AccessError::Null => TrapCode::NullStructureReference,
        // Valid code does not get here.
        AccessError::OutOfBounds | AccessError::Invalid => TrapCode::CastFailure,
    })
}

/// The trap of a failed access to an array.
fn of_array(error: AccessError) -> Stop {
    Stop::Trap(match error {
        AccessError::Null => TrapCode::NullArrayReference,
        AccessError::OutOfBounds => TrapCode::ArrayOutOfBounds,
        // Valid code does not get here.
        AccessError::Invalid => TrapCode::CastFailure,
    })
}

/// The type of a struct.
fn defined<T: Types>(types: &T, id: TypeId) -> Result<&DefinedType, HeapError> {
    // A store knows the types of its instances.
    types.defined(id).ok_or(HeapError::OutOfMemory)
}

// ---- structs

/// `struct.new`.
pub(super) unsafe fn struct_new(d: &mut Driver, op: NewStaged) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { new_struct(d, op.dst, Handle::NULL, op.type_index, Some(op.from)) }
}

/// `struct.new_desc`.
pub(super) unsafe fn struct_new_desc(d: &mut Driver, op: NewStagedDesc) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let descriptor = d.descriptor(op.desc)?;
        new_struct(d, op.dst, descriptor, op.type_index, Some(op.from))
    }
}

/// `struct.new_default`.
pub(super) unsafe fn struct_new_default(d: &mut Driver, op: NewDefault) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { new_struct(d, op.dst, Handle::NULL, op.type_index, None) }
}

/// `struct.new_default_desc`.
pub(super) unsafe fn struct_new_default_desc(d: &mut Driver, op: NewDefaultDesc) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let descriptor = d.descriptor(op.desc)?;
        new_struct(d, op.dst, descriptor, op.type_index, None)
    }
}

/// A new struct, its fields staged from a slot on: numbers, then references.
unsafe fn new_struct(
    d: &mut Driver,
    dst: RefSlot,
    descriptor: Handle,
    type_index: u32,
    staged: Option<FarSlot>,
) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let id = d.type_id(type_index);
        let fields = match (*d.store).types().defined(id).and_then(|ty| ty.sub_type().as_struct()) {
            Some(ty) => ty.fields(),
            None => &[],
        };
        let mut number = d.fp.offset(staged.map_or(0, |from| from.0) as isize);
        let values = fields.iter().map(|field| field.element_type().unpack());
        let numbers: u32 = values.clone().filter(|ty| !ty.is_ref()).map(|ty| ty.slots()).sum();
        let mut reference = number.add(numbers as usize);
        let references = values.filter(ValType::is_ref).count();
        let count = if staged.is_some() { references } else { 0 };
        let object = d.allocate(reference, count, |heap, types| heap.alloc_struct(defined(types, id)?, descriptor))?;
        if staged.is_some() {
            let store = &mut *d.store;
            let (heap, types) = store.heap_and_types();
            let Some(ty) = types.defined(id) else { return Err(TrapCode::CastFailure.into()) };
            for (field, offset) in fields.iter().zip(&ty.layout().offsets) {
                let storage = field.element_type();
                let from = if storage.unpack().is_ref() { &mut reference } else { &mut number };
                let value = staged_value(from, storage);
                heap.set_field_value(object, *offset, storage, value).map_err(of_struct)?;
            }
        }
        d.put_reference(dst, object.bits());
        Ok(Go::Next)
    }
}

/// Takes the next staged value.
unsafe fn staged_value(from: &mut *mut u64, storage: StorageType) -> u128 {
    // SAFETY: I2 — staged operands lie in the frame.
    unsafe {
        let at = *from;
        let slots = storage.unpack().slots();
        *from = at.add(slots as usize);
        if slots == 2 { wide(at) } else { u128::from(*at) }
    }
}

/// Reads a packed integer as an `i32`.
fn extend(value: u128, storage: StorageType, signed: u16) -> u128 {
    match (storage, signed != 0) {
        (StorageType::I8, true) => (value as i8 as i32 as u32).into(),
        (StorageType::I16, true) => (value as i16 as i32 as u32).into(),
        _ => value,
    }
}

/// `struct.get`, `struct.get_s`, `struct.get_u`.
pub(super) unsafe fn struct_get<D: Place>(d: &mut Driver, op: StructGet<D>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (offset, storage) = d.field(op.type_index, op.field)?;
        let object = Handle::from_bits(d.get_reference(op.object));
        let value = (*d.store).heap.field_value(object, offset, storage).map_err(of_struct)?;
        { op.dst }.put(d, extend(value, storage, op.signed));
        Ok(Go::Next)
    }
}

/// `struct.set`.
pub(super) unsafe fn struct_set<S: Place>(d: &mut Driver, op: StructSet<S>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (offset, storage) = d.field(op.type_index, op.field)?;
        let object = Handle::from_bits(d.get_reference(op.object));
        let value = { op.value }.get(d);
        (*d.store).heap.set_field_value(object, offset, storage, value).map_err(of_struct)?;
        Ok(Go::Next)
    }
}

/// `ref.get_desc`.
pub(super) unsafe fn ref_get_desc(d: &mut Driver, op: Cast<RefSlot>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let object = Handle::from_bits(d.get_reference(op.src));
        let descriptor = (*d.store).heap.descriptor(object).map_err(|error| match error {
            AccessError::Null => Stop::Trap(TrapCode::NullReference),
            error => of_struct(error),
        })?;
        d.put_reference(op.dst, descriptor.bits());
        Ok(Go::Next)
    }
}

// ---- arrays

/// A new array of zeros or nulls, paid for.
unsafe fn new_array(d: &mut Driver, type_index: u32, len: u32, staged: Option<*mut u64>) -> Result<Handle, Stop> {
    // SAFETY: I1, I2, I4
    unsafe {
        let id = d.type_id(type_index);
        let storage = d.element(type_index)?;
        // Handles name words of 8 bytes and have 31 bits for them.
        if u64::from(len) << storage.size_log2() >= 8 << 31 {
            return Err(TrapCode::AllocationTooLarge.into());
        }
        d.pay(len.into())?;
        let (from, count) = match staged {
            Some(from) if storage.unpack().is_ref() => (from, len as usize),
            _ => (d.fp, 0),
        };
        d.allocate(from, count, |heap, types| heap.alloc_array(defined(types, id)?, len))
    }
}

/// `array.new`.
pub(super) unsafe fn array_new<S: Place>(d: &mut Driver, op: ArrayNew<S>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let len = d.get_u32(op.len);
        let array = new_array(d, op.type_index, len, None)?;
        let value = { op.value }.get(d);
        (*d.store).heap.array_fill(array, 0, value, len).map_err(of_array)?;
        d.put_reference(op.dst, array.bits());
        Ok(Go::Next)
    }
}

/// `array.new_default`.
pub(super) unsafe fn array_new_default(d: &mut Driver, op: ArrayNewDefault) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let len = d.get_u32(op.len);
        let array = new_array(d, op.type_index, len, None)?;
        d.put_reference(op.dst, array.bits());
        Ok(Go::Next)
    }
}

/// `array.new_fixed`.
pub(super) unsafe fn array_new_fixed(d: &mut Driver, op: NewStaged) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let storage = d.element(op.type_index)?;
        let mut from = d.fp.offset(op.from.0 as isize);
        let array = new_array(d, op.type_index, op.count, Some(from))?;
        let values = (0..op.count as usize).map(|_| staged_value(&mut from, storage));
        (*d.store).heap.array_write_values(array, 0, values).map_err(of_array)?;
        d.put_reference(op.dst, array.bits());
        Ok(Go::Next)
    }
}

/// `array.new_data`.
pub(super) unsafe fn array_new_data(d: &mut Driver, op: ArrayNewSegment) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (offset, len) = (d.get_u32(op.offset), d.get_u32(op.len));
        let size_log2 = d.element(op.type_index)?.size_log2();
        data(d, op.segment, offset, len, size_log2)?;
        let array = new_array(d, op.type_index, len, None)?;
        let bytes = data(d, op.segment, offset, len, size_log2)?;
        (*d.store).heap.array_write_bytes(array, 0, bytes).map_err(of_array)?;
        d.put_reference(op.dst, array.bits());
        Ok(Go::Next)
    }
}

/// `array.new_elem`.
pub(super) unsafe fn array_new_elem(d: &mut Driver, op: ArrayNewSegment) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (offset, len) = (d.get_u32(op.offset), d.get_u32(op.len));
        elements(d, op.segment, offset, len)?;
        let array = new_array(d, op.type_index, len, None)?;
        let values = elements(d, op.segment, offset, len)?.iter().map(|reference| u128::from(*reference));
        (*d.store).heap.array_write_values(array, 0, values).map_err(of_array)?;
        d.put_reference(op.dst, array.bits());
        Ok(Go::Next)
    }
}

/// `array.get`, `array.get_s`, `array.get_u`.
pub(super) unsafe fn array_get<D: Place>(d: &mut Driver, op: ArrayGet<D>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let array = Handle::from_bits(d.get_reference(op.object));
        let value = (*d.store).heap.array_value(array, d.get_u32(op.index)).map_err(of_array)?;
        let value = if op.signed == 0 { value } else { extend(value, d.element(op.type_index)?, op.signed) };
        { op.dst }.put(d, value);
        Ok(Go::Next)
    }
}

/// `array.set`.
pub(super) unsafe fn array_set<S: Place>(d: &mut Driver, op: ArraySet<S>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let array = Handle::from_bits(d.get_reference(op.object));
        let (index, value) = (d.get_u32(op.index), { op.value }.get(d));
        (*d.store).heap.set_array_value(array, index, value).map_err(of_array)?;
        Ok(Go::Next)
    }
}

/// `array.len`.
pub(super) unsafe fn array_len(d: &mut Driver, op: Unary<RefSlot, Slot>) -> Outcome {
    // SAFETY: I2, I4
    unsafe {
        let array = Handle::from_bits(d.get_reference(op.src));
        let len = (*d.store).heap.array_len(array).map_err(of_array)?;
        d.put(op.dst, len.into());
        Ok(Go::Next)
    }
}

/// `array.fill`.
pub(super) unsafe fn array_fill<S: Place>(d: &mut Driver, op: ArrayFill<S>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (index, len) = (d.get_u32(op.index), d.get_u32(op.len));
        let array = range(d, op.object, index, len)?;
        d.pay(len.into())?;
        let value = { op.value }.get(d);
        (*d.store).heap.array_fill(array, index, value, len).map_err(of_array)?;
        Ok(Go::Next)
    }
}

/// `array.copy`.
pub(super) unsafe fn array_copy(d: &mut Driver, op: ArrayCopy) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (dst_index, src_index, len) = (d.get_u32(op.dst_index), d.get_u32(op.src_index), d.get_u32(op.len));
        let to = range(d, op.dst, dst_index, len)?;
        let from = range(d, op.src, src_index, len)?;
        d.pay(len.into())?;
        (*d.store).heap.array_copy(to, dst_index, from, src_index, len).map_err(of_array)?;
        Ok(Go::Next)
    }
}

/// `array.init_data`.
pub(super) unsafe fn array_init_data(d: &mut Driver, op: ArrayInit) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (index, offset, len) = (d.get_u32(op.index), d.get_u32(op.offset), d.get_u32(op.len));
        let array = range(d, op.object, index, len)?;
        let size_log2 = d.element(op.type_index)?.size_log2();
        data(d, op.segment, offset, len, size_log2)?;
        d.pay(len.into())?;
        let bytes = data(d, op.segment, offset, len, size_log2)?;
        (*d.store).heap.array_write_bytes(array, index, bytes).map_err(of_array)?;
        Ok(Go::Next)
    }
}

/// `array.init_elem`.
pub(super) unsafe fn array_init_elem(d: &mut Driver, op: ArrayInit) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let (index, offset, len) = (d.get_u32(op.index), d.get_u32(op.offset), d.get_u32(op.len));
        let array = range(d, op.object, index, len)?;
        elements(d, op.segment, offset, len)?;
        d.pay(len.into())?;
        let values = elements(d, op.segment, offset, len)?.iter().map(|reference| u128::from(*reference));
        (*d.store).heap.array_write_values(array, index, values).map_err(of_array)?;
        Ok(Go::Next)
    }
}

/// An array that has `len` elements from `index` on.
unsafe fn range(d: &Driver, array: RefSlot, index: u32, len: u32) -> Result<Handle, Stop> {
    // SAFETY: I2, I4
    unsafe {
        let array = Handle::from_bits(d.get_reference(array));
        let size = (*d.store).heap.array_len(array).map_err(of_array)?;
        match index.checked_add(len) {
            Some(end) if end <= size => Ok(array),
            _ => Err(TrapCode::ArrayOutOfBounds.into()),
        }
    }
}

/// `len` elements of 2^`size_log2` bytes of a data segment.
unsafe fn data(d: &Driver, segment: u32, offset: u32, len: u32, size_log2: u32) -> Result<&[u8], Stop> {
    // SAFETY: I4
    let data = unsafe { (*d.object()).data(segment) };
    let (start, length) = (u64::from(offset), u64::from(len) << size_log2);
    let bytes = usize::try_from(start + length).ok().and_then(|end| data.get(offset as usize..end));
    bytes.ok_or_else(|| {
        let facts = TrapFacts::Memory { address: start, length, size: data.len() as u64 };
        Stop::Facts(TrapCode::MemoryOutOfBounds, facts)
    })
}

/// `len` references of an element segment.
unsafe fn elements(d: &Driver, segment: u32, offset: u32, len: u32) -> Result<&[u32], Stop> {
    // SAFETY: I4
    let elements = unsafe { (*d.object()).element(segment) };
    let end = (offset as usize).checked_add(len as usize);
    end.and_then(|end| elements.get(offset as usize..end)).ok_or_else(|| {
        let facts = TrapFacts::Table { index: offset.into(), size: elements.len() as u64 };
        Stop::Facts(TrapCode::TableOutOfBounds, facts)
    })
}

// ---- casts

/// `ref.test`.
pub(super) unsafe fn ref_test(d: &mut Driver, op: Cast<Slot>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let is = d.is_of(op.src, op.ty);
        d.put(op.dst, is.into());
        Ok(Go::Next)
    }
}

/// `ref.cast`.
pub(super) unsafe fn ref_cast(d: &mut Driver, op: Cast<RefSlot>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        if !d.is_of(op.src, op.ty) {
            return Err(d.cast_failure(op.src, op.ty));
        }
        d.put_reference(op.dst, d.get_reference(op.src));
        Ok(Go::Next)
    }
}

/// `br_on_cast`.
pub(super) unsafe fn br_on_cast(d: &mut Driver, op: BranchCast) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { if d.is_of(op.src, op.ty) { d.branch(op.target) } else { Ok(Go::Next) } }
}

/// `br_on_cast_fail`.
pub(super) unsafe fn br_on_cast_fail(d: &mut Driver, op: BranchCast) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { if d.is_of(op.src, op.ty) { Ok(Go::Next) } else { d.branch(op.target) } }
}

/// `ref.cast_desc_eq`.
pub(super) unsafe fn ref_cast_desc_eq(d: &mut Driver, op: CastDesc) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        if !d.has_descriptor(op.src, op.desc, op.ty)? {
            return Err(TrapCode::DescriptorCastFailure.into());
        }
        d.put_reference(op.dst, d.get_reference(op.src));
        Ok(Go::Next)
    }
}

/// `br_on_cast_desc_eq`.
pub(super) unsafe fn br_on_cast_desc_eq(d: &mut Driver, op: BranchCastDesc) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { if d.has_descriptor(op.src, op.desc, op.ty)? { d.branch(op.target) } else { Ok(Go::Next) } }
}

/// `br_on_cast_desc_eq_fail`.
pub(super) unsafe fn br_on_cast_desc_eq_fail(d: &mut Driver, op: BranchCastDesc) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { if d.has_descriptor(op.src, op.desc, op.ty)? { Ok(Go::Next) } else { d.branch(op.target) } }
}

impl Driver {
    /// What a type index of the running module stands for.
    unsafe fn type_id(&self, index: u32) -> TypeId {
        // SAFETY: I1, I4
        unsafe { *(*self.instance()).types.add(index as usize) }
    }

    /// The offset and the type of a struct field.
    unsafe fn field(&self, type_index: u32, field: u16) -> Result<(u32, StorageType), Stop> {
        // SAFETY: I1, I4
        let ty = unsafe { (*self.store).types().defined(self.type_id(type_index)) };
        let found = ty.and_then(|ty| {
            let storage = ty.sub_type().as_struct()?.fields().get(usize::from(field))?.element_type();
            Some((*ty.layout().offsets.get(usize::from(field))?, storage))
        });
        found.ok_or(Stop::Trap(TrapCode::CastFailure)) // valid code has the field
    }

    /// What the arrays of a type hold.
    unsafe fn element(&self, type_index: u32) -> Result<StorageType, Stop> {
        // SAFETY: I1, I4
        let ty = unsafe { (*self.store).types().defined(self.type_id(type_index)) };
        let element = ty.and_then(|ty| ty.sub_type().as_array()).map(|ty| ty.field_type().element_type());
        element.ok_or(Stop::Trap(TrapCode::CastFailure)) // valid code has an array type
    }

    /// The descriptor for a new struct.
    unsafe fn descriptor(&self, slot: RefSlot) -> Result<Handle, Stop> {
        // SAFETY: I2
        match unsafe { self.get_reference(slot) } {
            0 => Err(TrapCode::NullDescriptorReference.into()),
            descriptor => Ok(Handle::from_bits(descriptor)),
        }
    }

    /// A reference type in an op.
    unsafe fn ref_type(&self, encoded: u64) -> RefType {
        // SAFETY: I1, I4
        reftype::decode(encoded, |index| Some(unsafe { self.type_id(index) }))
    }

    /// Whether a reference is a value of a type.
    unsafe fn is_of(&self, src: RefSlot, ty: u64) -> bool {
        // SAFETY: I1, I2, I4
        unsafe { (*self.store).slot_matches(self.get_reference(src), self.ref_type(ty)) }
    }

    /// Whether a reference has the descriptor, or is null where the type allows that.
    unsafe fn has_descriptor(&self, src: RefSlot, desc: RefSlot, ty: u64) -> Result<bool, Stop> {
        // SAFETY: I1, I2, I4
        unsafe {
            let wanted = self.descriptor(desc)?;
            let object = Handle::from_bits(self.get_reference(src));
            if object.is_null() {
                return Ok(self.ref_type(ty).is_nullable());
            }
            // What has no descriptor has not this one.
            Ok((*self.store).heap.descriptor(object).is_ok_and(|descriptor| descriptor == wanted))
        }
    }

    /// The trap of `ref.cast`.
    unsafe fn cast_failure(&self, src: RefSlot, ty: u64) -> Stop {
        // SAFETY: I1, I2, I4
        unsafe {
            let (store, ty) = (&*self.store, self.ref_type(ty));
            let actual = match self.get_reference(src) {
                0 => text("null"),
                reference => text(RefType::new(false, store.heap_type_of(ty.heap_type(), reference))),
            };
            match (text(ty), actual) {
                (Some(expected), Some(actual)) => {
                    Stop::Facts(TrapCode::CastFailure, TrapFacts::Type { expected, actual })
                }
                _ => TrapCode::CastFailure.into(),
            }
        }
    }
}
