//! Where a value lies, and from that where its parts lie: among core values or in memory.
//!
//! What has parts is walked in one way here, whichever form it has and whether it is lifted, lowered or copied ("despecialize": tuples are
//! records, and enums, options and results are variants).

use core::{array, slice};

use crate::abi::layout::{PTR_SIZE, discriminant_size};
use crate::mismatch::TypeMismatch;
use crate::types::{Case, DefinedType, Field, Types, ValType};

/// Where a value begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// At so many core values from the first.
    Flat(u32),
    /// At an address.
    Memory(u32),
}

impl Place {
    /// The length of the string or list whose pointer is here.
    pub(crate) fn length(self) -> Self {
        match self {
            Self::Flat(_) => self.offset(1),
            Self::Memory(_) => self.offset(PTR_SIZE),
        }
    }

    /// The payload of the variant, of this type, that is here.
    ///
    /// In memory the payload of every case begins at the strictest alignment among the payloads, or after the discriminant if that is
    /// later. Both are powers of two, so this is the alignment of the whole.
    pub(crate) fn payload(self, types: &Types, ty: ValType) -> Self {
        match self {
            Self::Flat(_) => self.offset(1),
            Self::Memory(_) => self.offset(types.layout(ty).align),
        }
    }

    /// The place of the same form from which others are counted.
    pub(crate) fn origin(self) -> Self {
        match self {
            Self::Flat(_) => Self::Flat(0),
            Self::Memory(_) => Self::Memory(0),
        }
    }

    /// How far it is from there, in core values or bytes.
    pub(crate) fn distance(self) -> u32 {
        let (Self::Flat(at) | Self::Memory(at)) = self;
        at
    }

    /// That much further.
    pub(crate) fn offset(self, by: u32) -> Self {
        match self {
            Self::Flat(at) => Self::Flat(at.wrapping_add(by)),
            Self::Memory(at) => Self::Memory(at.wrapping_add(by)),
        }
    }

    pub(crate) fn is_memory(self) -> bool {
        matches!(self, Self::Memory(_))
    }

    /// Where the next field can begin, after one of this type that is here.
    pub(crate) fn after(self, types: &Types, ty: ValType) -> Self {
        let layout = types.layout(ty);
        match self {
            // Of what has no flat form, nothing is flat.
            Self::Flat(_) => self.offset(layout.flat.as_ref().map_or(0, |flat| flat.len() as u32)),
            Self::Memory(_) => self.offset(layout.size),
        }
    }

    /// Here, or as soon after as a field of this type can begin.
    fn aligned(self, types: &Types, ty: ValType) -> Self {
        match self {
            // Unlike `align_to`, for any address: after what ends with the last byte of 4 GiB, the next one is 0.
            Self::Memory(at) => {
                let align = types.layout(ty).align;
                Self::Memory(at.wrapping_add(align - 1) & !(align - 1))
            }
            flat @ Self::Flat(_) => flat,
        }
    }
}

/// A part of a value: its type, and where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Its type.
    pub ty: ValType,
    /// Where it lies.
    pub at: Place,
}

/// The fields of a record, a tuple or a list of fixed length, or the parameters of a function, in order.
#[derive(Clone, Debug)]
pub struct Fields<'t> {
    types: &'t Types,
    rest: Rest<'t>,
    at: Place,
}

#[derive(Clone, Debug)]
enum Rest<'t> {
    Named(slice::Iter<'t, Field>),
    Unnamed(slice::Iter<'t, ValType>),
    Repeated(ValType, u32),
    Pair(array::IntoIter<ValType, 2>),
}

impl<'t> Fields<'t> {
    /// Those of a value of type `ty` at a place.
    ///
    /// # Errors
    /// The type has no fields.
    pub fn of(types: &'t Types, ty: ValType, at: Place) -> Result<Self, TypeMismatch> {
        let rest = match types.defined(ty) {
            Some(DefinedType::Record(fields)) => Rest::Named(fields.iter()),
            Some(DefinedType::Tuple(fields)) => Rest::Unnamed(fields.iter()),
            Some(DefinedType::FixedList(element, len)) => Rest::Repeated(*element, *len),
            _ => return Err(TypeMismatch::new(types, ty, "a record, tuple or list of fixed length")),
        };
        Ok(Self { types, rest, at })
    }

    /// Values of these types that begin at a place, as if they were a tuple.
    pub fn of_values(types: &'t Types, values: &'t [ValType], at: Place) -> Self {
        Self { types, rest: Rest::Unnamed(values.iter()), at }
    }

    /// A key and a value, as if they were a tuple.
    pub fn of_entry(types: &'t Types, key: ValType, value: ValType, at: Place) -> Self {
        Self { types, rest: Rest::Pair([key, value].into_iter()), at }
    }

    /// Parameters that begin at a place.
    pub fn of_params(types: &'t Types, params: &'t [Field], at: Place) -> Self {
        Self { types, rest: Rest::Named(params.iter()), at }
    }

    /// A result at a place, as if it were a tuple of one field.
    pub fn of_result(types: &'t Types, result: Option<ValType>, at: Place) -> Self {
        let rest = result.map_or(Rest::Unnamed([].iter()), |ty| Rest::Repeated(ty, 1));
        Self { types, rest, at }
    }

    /// The next field.
    ///
    /// # Errors
    /// There is none: whoever asks takes the type for another one.
    pub fn part(&mut self) -> Result<Part, TypeMismatch> {
        self.next().ok_or_else(TypeMismatch::too_few_fields)
    }
}

impl Iterator for Fields<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let ty = match &mut self.rest {
            Rest::Named(fields) => fields.next()?.ty,
            Rest::Unnamed(types) => *types.next()?,
            Rest::Pair(types) => types.next()?,
            Rest::Repeated(_, 0) => return None,
            Rest::Repeated(ty, left) => {
                *left -= 1;
                *ty
            }
        };
        let at = self.at.aligned(self.types, ty);
        self.at = at.after(self.types, ty);
        Some(Part { ty, at })
    }
}

/// The cases of a variant and of what despecialises to one.
#[derive(Clone, Copy, Debug)]
pub enum Cases<'t> {
    /// `variant`.
    Variant(&'t [Case]),
    /// `enum`, with so many cases.
    Enum(usize),
    /// `option`.
    Option(ValType),
    /// `result`.
    Result(Option<ValType>, Option<ValType>),
}

impl<'t> Cases<'t> {
    /// Those of a type, if it is a variant.
    pub fn of(types: &'t Types, ty: ValType) -> Option<Self> {
        Some(match types.defined(ty)? {
            DefinedType::Variant(cases) => Self::Variant(cases),
            DefinedType::Enum(labels) => Self::Enum(labels.len()),
            DefinedType::Option(some) => Self::Option(*some),
            DefinedType::Result(ok, error) => Self::Result(*ok, *error),
            _ => return None,
        })
    }

    /// How many.
    pub fn count(self) -> usize {
        match self {
            Self::Variant(cases) => cases.len(),
            Self::Enum(count) => count,
            Self::Option(_) | Self::Result(..) => 2,
        }
    }

    /// Bytes of the discriminant in memory.
    pub fn discriminant_size(self) -> u32 {
        discriminant_size(self.count())
    }

    /// The type of the payload of a case, if it has one; there is such a case.
    pub fn payload(self, case: u32) -> Option<ValType> {
        match (self, case) {
            (Self::Variant(cases), case) => cases.get(case as usize)?.ty,
            (Self::Option(some), 1) => Some(some),
            (Self::Result(ok, _), 0) => ok,
            (Self::Result(_, error), 1) => error,
            _ => None,
        }
    }
}
