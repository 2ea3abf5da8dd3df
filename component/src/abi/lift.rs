//! Values out of a guest: from core values or memory into Rust ("Loading" and "Flat Lifting" of the Canonical ABI).
//!
//! [`Lifting`] reads what has a fixed form, at a [`Place`]; what is made of parts says where they are, and whoever asked goes on there. So
//! [`Val`](crate::value::Val) and every type of Rust that implements [`Lift`](crate::typed::Lift) are read in the same way. Promises that
//! what is read is in bounds, and that the host's memory is charged for before it is allocated.

use alloc::string::String;
use alloc::vec::Vec;

use whit_core::{Error, StoreId};

use crate::abi::context::{Handle, HandleType, LiftContext};
use crate::abi::layout;
use crate::abi::load;
use crate::abi::place::{Cases, Fields, Part, Place};
use crate::abi::string::{self, StringRef};
use crate::mismatch::TypeMismatch;
use crate::plan::StringEncoding;
use crate::trap::TrapCode;
use crate::types::{DefinedType, Field, Layout, Types, ValType};

/// Values of one call on their way out of a guest.
pub struct Lifting<'a> {
    cx: &'a mut dyn LiftContext,
    types: &'a Types,
    encoding: StringEncoding,
    flat: &'a [u64],
}

/// A list in the guest's memory; aligned and in bounds.
#[derive(Clone, Copy, Debug)]
pub struct ListRange {
    /// The type of the elements.
    pub element: ValType,
    /// How many there are.
    pub len: u32,
    ptr: u32,
    stride: u32,
}

impl ListRange {
    /// Where an element lies.
    pub fn at(&self, index: u32) -> Place {
        Place::Memory(self.ptr.wrapping_add(index.wrapping_mul(self.stride)))
    }
}

/// What of a variant is there.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Which case; there is such a case.
    pub case: u32,
    /// Its payload, if it has one.
    pub payload: Option<Part>,
}

impl Variant {
    /// The payload of a case that has one.
    ///
    /// # Errors
    /// It has none: whoever asks takes the type for another one.
    pub fn part(&self) -> Result<Part, TypeMismatch> {
        self.payload.ok_or_else(|| TypeMismatch::message("the component's type has no payload in this case"))
    }
}

impl<'a> Lifting<'a> {
    /// From these core values, and the memory they point into.
    pub fn new(cx: &'a mut dyn LiftContext, types: &'a Types, encoding: StringEncoding, flat: &'a [u64]) -> Self {
        Self { cx, types, encoding, flat }
    }

    /// The types that the values are of.
    pub fn types(&self) -> &'a Types {
        self.types
    }

    /// Where arguments lie that were passed as core values, or in memory at the address that the first core value is
    /// (`lift_flat_values`).
    ///
    /// # Errors
    /// The address is not aligned, or memory ends before they do.
    pub fn params(&self, params: &'a [Field], in_memory: bool) -> Result<Fields<'a>, Error> {
        let tuple = || layout::record(params.iter().map(|param| self.types.layout(param.ty)));
        let at = match in_memory {
            true => self.pointer(&tuple().map_err(TypeMismatch::from)?)?,
            false => Place::Flat(0),
        };
        Ok(Fields::of_params(self.types, params, at))
    }

    /// Where a result lies, likewise (`lift_flat_values`).
    ///
    /// # Errors
    /// As for parameters.
    pub fn result(&self, result: Option<ValType>, in_memory: bool) -> Result<Fields<'a>, Error> {
        let at = match result {
            Some(ty) if in_memory => self.pointer(self.types.layout(ty))?,
            _ => Place::Flat(0),
        };
        Ok(Fields::of_result(self.types, result, at))
    }

    /// Follows the first core value to something of this layout.
    fn pointer(&self, layout: &Layout) -> Result<Place, Error> {
        let ptr = self.u32(Place::Flat(0))?;
        load::range(self.cx.source(), ptr, layout.size, layout.align, TrapCode::PointerOutOfBounds)?;
        Ok(Place::Memory(ptr))
    }

    /// The bytes of a scalar: so many, or the low ones of a core value (`load_int`; `lift_flat_unsigned`, `lift_flat_signed`).
    fn bytes<const N: usize>(&self, at: Place) -> Result<[u8; N], Error> {
        let bytes = match at {
            Place::Memory(at) => load::bytes(self.cx.source(), at),
            Place::Flat(at) => self.flat.get(at as usize).and_then(|value| value.to_le_bytes().first_chunk().copied()),
        };
        // What a place was made of has been checked, so only a type that is not the component's leads beyond it.
        bytes.ok_or_else(|| TrapCode::PointerOutOfBounds.into())
    }

    /// A `bool`: anything but zero is true (`convert_int_to_bool`).
    ///
    /// # Errors
    /// Those of a place that no value of this type is at; so for all scalars.
    pub fn bool(&self, at: Place) -> Result<bool, Error> {
        match at {
            Place::Memory(_) => Ok(self.u8(at)? != 0),
            Place::Flat(_) => Ok(self.u32(at)? != 0),
        }
    }

    /// An `u8`.
    pub fn u8(&self, at: Place) -> Result<u8, Error> {
        self.bytes(at).map(u8::from_le_bytes)
    }

    /// An `s8`.
    pub fn s8(&self, at: Place) -> Result<i8, Error> {
        self.bytes(at).map(i8::from_le_bytes)
    }

    /// An `u16`.
    pub fn u16(&self, at: Place) -> Result<u16, Error> {
        self.bytes(at).map(u16::from_le_bytes)
    }

    /// An `s16`.
    pub fn s16(&self, at: Place) -> Result<i16, Error> {
        self.bytes(at).map(i16::from_le_bytes)
    }

    /// An `u32`.
    pub fn u32(&self, at: Place) -> Result<u32, Error> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    /// An `s32`.
    pub fn s32(&self, at: Place) -> Result<i32, Error> {
        self.bytes(at).map(i32::from_le_bytes)
    }

    /// An `u64`.
    pub fn u64(&self, at: Place) -> Result<u64, Error> {
        self.bytes(at).map(u64::from_le_bytes)
    }

    /// An `s64`.
    pub fn s64(&self, at: Place) -> Result<i64, Error> {
        self.bytes(at).map(i64::from_le_bytes)
    }

    /// An `f32`; of NaNs there is one (`decode_i32_as_float`).
    pub fn f32(&self, at: Place) -> Result<f32, Error> {
        self.u32(at).map(|bits| f32::from_bits(load::canonicalize_nan32(bits)))
    }

    /// An `f64`; of NaNs there is one (`decode_i64_as_float`).
    pub fn f64(&self, at: Place) -> Result<f64, Error> {
        self.u64(at).map(|bits| f64::from_bits(load::canonicalize_nan64(bits)))
    }

    /// A `char` (`convert_i32_to_char`).
    ///
    /// # Errors
    /// The number is no scalar value of Unicode.
    pub fn char(&self, at: Place) -> Result<char, Error> {
        Ok(load::convert_i32_to_char(self.u32(at)?)?)
    }

    /// Pointer and length of a string or a list.
    fn pointer_and_length(&self, at: Place) -> Result<(u32, u32), Error> {
        match at {
            Place::Memory(_) => self.u64(at).map(load::split),
            Place::Flat(_) => Ok((self.u32(at)?, self.u32(at.length())?)),
        }
    }

    /// A `string` (`load_string`, `lift_flat_string`).
    ///
    /// # Errors
    /// It is too long, not aligned, out of bounds, not of its encoding, or the host has no memory for it.
    pub fn string(&mut self, at: Place) -> Result<String, Error> {
        let (ptr, tagged_len) = self.pointer_and_length(at)?;
        let range = string::load_range(self.encoding, ptr, tagged_len)?;
        range.bytes(self.cx.source(), TrapCode::StringOutOfBounds)?;
        self.cx.charge(range.max_utf8_length())?;
        let bytes = range.bytes(self.cx.source(), TrapCode::StringOutOfBounds)?;
        StringRef { repr: range.repr, bytes }.to_string()
    }

    /// Where the elements of a `list` or `map` lie (`load_list`, `lift_flat_list`). A map is a list of entries, each a key and a value
    /// ([`entry`](Self::entry)).
    ///
    /// # Errors
    /// It is too long, not aligned, or out of bounds.
    pub fn list(&self, ty: ValType, at: Place) -> Result<ListRange, Error> {
        let (element, size, align) = element(self.types, ty)?;
        let (ptr, len) = self.pointer_and_length(at)?;
        let byte_length = load::list_byte_length(len, size)?;
        load::range(self.cx.source(), ptr, byte_length, align, TrapCode::ListOutOfBounds)?;
        Ok(ListRange { element, len, ptr, stride: size })
    }

    /// The bytes of all elements of a list.
    pub(crate) fn list_bytes(&self, list: &ListRange) -> &[u8] {
        let (start, len) = (list.ptr as usize, list.len as usize * list.stride as usize);
        // Memory does not shrink, and `list` has seen that this is in bounds.
        self.cx.source().get(start..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }

    /// The key and the value of an entry of a `map`.
    ///
    /// # Errors
    /// The type is not that of a map.
    pub fn entry(&self, map: ValType, at: Place) -> Result<(Part, Part), Error> {
        Ok(entry(self.types, map, at)?)
    }

    /// The fields of a `record`, `tuple` or list of fixed length (`load_record`, `lift_flat_record`).
    ///
    /// # Errors
    /// The type is another one.
    pub fn fields(&self, ty: ValType, at: Place) -> Result<Fields<'a>, TypeMismatch> {
        Fields::of(self.types, ty, at)
    }

    /// What there is of a `variant`, `enum`, `option` or `result` (`load_variant`, `lift_flat_variant`).
    ///
    /// # Errors
    /// There is no such case, or the type is another one.
    pub fn variant(&self, ty: ValType, at: Place) -> Result<Variant, Error> {
        let cases = Cases::of(self.types, ty).ok_or_else(|| TypeMismatch::new(self.types, ty, "a variant"))?;
        let case = match (at, cases.discriminant_size()) {
            (Place::Memory(_), 1) => self.u8(at)?.into(),
            (Place::Memory(_), 2) => self.u16(at)?.into(),
            _ => self.u32(at)?,
        };
        load::check_discriminant(case, cases.count())?;
        let payload = cases.payload(case).map(|payload| Part { ty: payload, at: at.payload(self.types, ty) });
        Ok(Variant { case, payload })
    }

    /// `flags` as a number, the first of them its lowest bit (`load_flags`, `lift_flat_flags`).
    ///
    /// # Errors
    /// The type is another one.
    pub fn flags(&self, ty: ValType, at: Place) -> Result<u32, Error> {
        let Some(DefinedType::Flags(labels)) = self.types.defined(ty) else {
            return Err(TypeMismatch::new(self.types, ty, "flags").into());
        };
        let bits = match (at, self.types.layout(ty).size) {
            (Place::Memory(_), 1) => self.u8(at)?.into(),
            (Place::Memory(_), 2) => self.u16(at)?.into(),
            _ => self.u32(at)?,
        };
        Ok(bits & load::flags_mask(labels.len()))
    }

    /// The store that the values are in.
    pub(crate) fn store(&self) -> Option<StoreId> {
        self.cx.store()
    }

    /// What a handle stands for (`lift_own`, `lift_borrow`, `lift_stream`, `lift_future`, `lift_error_context`).
    ///
    /// # Errors
    /// There is no such handle, it is of another type, or it may not be passed now.
    pub fn handle(&mut self, ty: ValType, at: Place) -> Result<Handle, Error> {
        let handle = HandleType::of(self.types, ty).ok_or_else(|| TypeMismatch::new(self.types, ty, "a handle"))?;
        let index = self.u32(at)?;
        self.cx.lift_handle(handle, index)
    }

    /// Room for so many values of Rust, which the guest's values make the host allocate.
    ///
    /// # Errors
    /// That is more than the guest may make it allocate, or than there is.
    pub fn room<T>(&mut self, count: usize) -> Result<Vec<T>, Error> {
        self.charge::<T>(count)?;
        let mut room = Vec::new();
        room.try_reserve_exact(count)?;
        Ok(room)
    }

    /// The host is about to allocate so many values of Rust in some other way.
    ///
    /// # Errors
    /// That is more than the guest may make it allocate.
    pub fn charge<T>(&mut self, count: usize) -> Result<(), Error> {
        self.cx.charge(count.saturating_mul(size_of::<T>().max(1)))
    }
}

/// The type of a list's elements, and their size and alignment. For a map that is the type of the map itself ([`entry`]).
pub(crate) fn element(types: &Types, ty: ValType) -> Result<(ValType, u32, u32), TypeMismatch> {
    match types.defined(ty) {
        Some(DefinedType::List(element)) => {
            let layout = types.layout(*element);
            Ok((*element, layout.size, layout.align))
        }
        Some(DefinedType::Map(key, value)) => {
            let layout = layout::record([*key, *value].into_iter().map(|ty| types.layout(ty)))?;
            Ok((ty, layout.size, layout.align))
        }
        _ => Err(TypeMismatch::new(types, ty, "a list")),
    }
}

/// The parts of an entry of a map.
pub(crate) fn entry(types: &Types, map: ValType, at: Place) -> Result<(Part, Part), TypeMismatch> {
    let Some(DefinedType::Map(key, value)) = types.defined(map) else {
        return Err(TypeMismatch::new(types, map, "a map"));
    };
    let mut fields = Fields::of_entry(types, *key, *value, at);
    Ok((fields.part()?, fields.part()?))
}
