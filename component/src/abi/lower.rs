//! Values into a guest: from Rust to core values or memory ("Storing" and "Flat Lowering" of the Canonical ABI).
//!
//! The counterpart of [`lift`](super::lift): [`Lowering`] writes what has a fixed form, at a [`Place`], and says where parts go. Promises
//! that each pointer from the guest's `realloc` has been checked before anything is written there.

use whit_core::{Error, StoreId};

use crate::abi::context::{Handle, HandleType, LowerContext};
use crate::abi::layout;
use crate::abi::lift::{element, entry};
use crate::abi::load;
use crate::abi::place::{Cases, Fields, Part, Place};
use crate::abi::store::{ReallocTraps, allocate, join, store_bits};
use crate::abi::string;
use crate::mismatch::TypeMismatch;
use crate::plan::StringEncoding;
use crate::trap::TrapCode;
use crate::types::{DefinedType, Field, Layout, Types, ValType};

/// Values of one call on their way into a guest.
pub struct Lowering<'a> {
    cx: &'a mut dyn LowerContext,
    types: &'a Types,
    encoding: StringEncoding,
    flat: &'a mut [u64],
}

/// Room for the elements of a list in the guest's memory; aligned and in bounds.
#[derive(Clone, Copy, Debug)]
pub struct ListRoom {
    /// The type of the elements.
    pub element: ValType,
    ptr: u32,
    len: u32,
    stride: u32,
}

impl ListRoom {
    /// Where an element goes.
    pub fn at(&self, index: u32) -> Place {
        Place::Memory(self.ptr.wrapping_add(index.wrapping_mul(self.stride)))
    }
}

impl<'a> Lowering<'a> {
    /// Into these core values, all zero before, and memory that they will point into.
    pub fn new(cx: &'a mut dyn LowerContext, types: &'a Types, encoding: StringEncoding, flat: &'a mut [u64]) -> Self {
        Self { cx, types, encoding, flat }
    }

    /// The types that the values are of.
    pub fn types(&self) -> &'a Types {
        self.types
    }

    /// Where arguments go that are passed as core values, or in newly allocated memory whose address is the first core value
    /// (`lower_flat_values`).
    ///
    /// # Errors
    /// Those of the allocation.
    pub fn params(&mut self, params: &'a [Field], in_memory: bool) -> Result<Fields<'a>, Error> {
        let at = match in_memory {
            true => {
                let tuple = layout::record(params.iter().map(|param| self.types.layout(param.ty)));
                let tuple = tuple.map_err(TypeMismatch::from)?;
                let allocation = allocate(self.cx, tuple.align, tuple.size, ReallocTraps::HOST)?;
                self.put(Place::Flat(0), allocation.ptr.into(), 4)?;
                Place::Memory(allocation.ptr)
            }
            false => Place::Flat(0),
        };
        Ok(Fields::of_params(self.types, params, at))
    }

    /// Where a result goes: to core values, or to an address that the guest gave (`lower_flat_values`).
    ///
    /// # Errors
    /// The address is not aligned, or memory ends before the result does.
    pub fn result(&mut self, result: Option<ValType>, address: Option<u32>) -> Result<Fields<'a>, Error> {
        let at = match (result, address) {
            (Some(ty), Some(ptr)) => {
                let Layout { size, align, .. } = *self.types.layout(ty);
                load::range(self.cx.destination(), ptr, size, align, TrapCode::PointerOutOfBounds)?;
                Place::Memory(ptr)
            }
            _ => Place::Flat(0),
        };
        Ok(Fields::of_result(self.types, result, at))
    }

    /// A scalar: its low `size` bytes, or all of it as a core value (`store_int`; `lower_flat_signed`).
    fn put(&mut self, at: Place, bits: u64, size: u32) -> Result<(), Error> {
        match at {
            Place::Memory(at) => Ok(store_bits(self.cx.destination(), at, bits, size)?),
            Place::Flat(at) => {
                // Only a type that is not the component's leads beyond the core values.
                *self.flat.get_mut(at as usize).ok_or(TrapCode::PointerOutOfBounds)? = bits;
                Ok(())
            }
        }
    }

    /// A `bool`.
    ///
    /// # Errors
    /// Those of a place that no value of this type is at; so for all scalars.
    pub fn bool(&mut self, at: Place, value: bool) -> Result<(), Error> {
        self.put(at, value.into(), 1)
    }

    /// An `u8`.
    pub fn u8(&mut self, at: Place, value: u8) -> Result<(), Error> {
        self.put(at, value.into(), 1)
    }

    /// An `s8`.
    pub fn s8(&mut self, at: Place, value: i8) -> Result<(), Error> {
        self.put(at, (i32::from(value) as u32).into(), 1)
    }

    /// An `u16`.
    pub fn u16(&mut self, at: Place, value: u16) -> Result<(), Error> {
        self.put(at, value.into(), 2)
    }

    /// An `s16`.
    pub fn s16(&mut self, at: Place, value: i16) -> Result<(), Error> {
        self.put(at, (i32::from(value) as u32).into(), 2)
    }

    /// An `u32`.
    pub fn u32(&mut self, at: Place, value: u32) -> Result<(), Error> {
        self.put(at, value.into(), 4)
    }

    /// An `s32`.
    pub fn s32(&mut self, at: Place, value: i32) -> Result<(), Error> {
        self.put(at, (value as u32).into(), 4)
    }

    /// An `u64`.
    pub fn u64(&mut self, at: Place, value: u64) -> Result<(), Error> {
        self.put(at, value, 8)
    }

    /// An `s64`.
    pub fn s64(&mut self, at: Place, value: i64) -> Result<(), Error> {
        self.put(at, value as u64, 8)
    }

    /// An `f32`; of NaNs there is one (`encode_float_as_i32`).
    pub fn f32(&mut self, at: Place, value: f32) -> Result<(), Error> {
        self.put(at, load::canonicalize_nan32(value.to_bits()).into(), 4)
    }

    /// An `f64`; of NaNs there is one (`encode_float_as_i64`).
    pub fn f64(&mut self, at: Place, value: f64) -> Result<(), Error> {
        self.put(at, load::canonicalize_nan64(value.to_bits()), 8)
    }

    /// A `char` (`char_to_i32`).
    pub fn char(&mut self, at: Place, value: char) -> Result<(), Error> {
        self.put(at, u32::from(value).into(), 4)
    }

    /// Pointer and length of a string or a list.
    fn pointer_and_length(&mut self, at: Place, ptr: u32, len: u32) -> Result<(), Error> {
        match at {
            Place::Memory(_) => self.u64(at, join(ptr, len)),
            Place::Flat(_) => {
                self.u32(at, ptr)?;
                self.u32(at.length(), len)
            }
        }
    }

    /// A `string` (`store_string`, `lower_flat_string`).
    ///
    /// # Errors
    /// It is too long, or there is no room for it.
    pub fn string(&mut self, at: Place, value: &str) -> Result<(), Error> {
        if value.len() > load::MAX_BYTE_LENGTH as usize {
            return Err(TrapCode::StringTooLong.into());
        }
        let (ptr, tagged_len) = string::store_string(self.cx, self.encoding, &value, ReallocTraps::HOST)?;
        self.pointer_and_length(at, ptr, tagged_len)
    }

    /// Allocates room for the elements of a `list` or `map`, which whoever asks fills (`store_list`, `lower_flat_list`).
    ///
    /// # Errors
    /// They are too many, or there is no room for them.
    pub fn list(&mut self, ty: ValType, at: Place, len: usize) -> Result<ListRoom, Error> {
        let (element, stride, align) = element(self.types, ty)?;
        let len = u32::try_from(len).map_err(|_| TrapCode::ListTooLong)?;
        let size = load::list_byte_length(len, stride)?;
        let ptr = allocate(self.cx, align, size, ReallocTraps::HOST)?.ptr;
        self.pointer_and_length(at, ptr, len)?;
        Ok(ListRoom { element, ptr, len, stride })
    }

    /// The bytes of all elements of a list.
    pub(crate) fn list_bytes(&mut self, list: &ListRoom) -> &mut [u8] {
        let (start, len) = (list.ptr as usize, list.len as usize * list.stride as usize);
        // Memory does not shrink, and `list` has seen that this is in bounds.
        self.cx.destination().get_mut(start..).and_then(|rest| rest.get_mut(..len)).unwrap_or_default()
    }

    /// Where the key and the value of an entry of a `map` go.
    ///
    /// # Errors
    /// The type is not that of a map.
    pub fn entry(&self, map: ValType, at: Place) -> Result<(Part, Part), Error> {
        Ok(entry(self.types, map, at)?)
    }

    /// Where the fields of a `record`, `tuple` or list of fixed length go (`store_record`, `lower_flat_record`).
    ///
    /// # Errors
    /// The type is another one.
    pub fn fields(&self, ty: ValType, at: Place) -> Result<Fields<'a>, TypeMismatch> {
        Fields::of(self.types, ty, at)
    }

    /// A case of a `variant`, `enum`, `option` or `result`; says where its payload goes, if it has one (`store_variant`,
    /// `lower_flat_variant`).
    ///
    /// # Errors
    /// There is no such case, or the type is another one.
    pub fn variant(&mut self, ty: ValType, at: Place, case: u32) -> Result<Option<Part>, Error> {
        let cases = Cases::of(self.types, ty).ok_or_else(|| TypeMismatch::new(self.types, ty, "a variant"))?;
        load::check_discriminant(case, cases.count())?;
        self.put(at, case.into(), cases.discriminant_size())?;
        Ok(cases.payload(case).map(|payload| Part { ty: payload, at: at.payload(self.types, ty) }))
    }

    /// `flags` as a number, the first of them its lowest bit (`store_flags`, `lower_flat_flags`).
    ///
    /// # Errors
    /// The type is another one.
    pub fn flags(&mut self, ty: ValType, at: Place, bits: u32) -> Result<(), Error> {
        let Some(DefinedType::Flags(labels)) = self.types.defined(ty) else {
            return Err(TypeMismatch::new(self.types, ty, "flags").into());
        };
        let bits = bits & load::flags_mask(labels.len());
        self.put(at, bits.into(), self.types.layout(ty).size)
    }

    /// The store that the values go to.
    pub(crate) fn store(&self) -> Option<StoreId> {
        self.cx.store()
    }

    /// A handle (`lower_own`, `lower_borrow`, `lower_stream`, `lower_future`, `lower_error_context`).
    ///
    /// # Errors
    /// The guest's table is full, or the handle is of another type.
    pub fn handle(&mut self, ty: ValType, at: Place, handle: Handle) -> Result<(), Error> {
        let ty = HandleType::of(self.types, ty).ok_or_else(|| TypeMismatch::new(self.types, ty, "a handle"))?;
        let index = self.cx.lower_handle(ty, handle)?;
        self.u32(at, index)
    }
}
