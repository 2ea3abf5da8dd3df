//! Which core values a component value or a call is passed as ("Flattening" of the Canonical ABI).
//!
//! The flat form of a value that is more than [`MAX_FLAT_PARAMS`] core values is of no use to anyone, since such values are passed in
//! memory; so flat forms have a fixed capacity, and "more" is `None`.

use core::fmt;
use core::ops::Deref;

use crate::types::{FlatType, FuncType, MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, Types, ValType};

/// The most flat types that are ever together: the parameters of a lowered function, and the pointer to where its results go.
const CAPACITY: usize = MAX_FLAT_PARAMS + MAX_FLAT_RESULTS;

/// A few flat types, in order.
#[derive(Clone, Copy)]
pub struct FlatTypes {
    len: u8,
    types: [FlatType; CAPACITY],
}

impl FlatTypes {
    /// These types, of which there are at most [`MAX_FLAT_PARAMS`].
    pub const fn of(types: &[FlatType]) -> Self {
        let mut all = Self { len: types.len() as u8, types: [FlatType::I32; CAPACITY] };
        let mut at = 0;
        while at < types.len() {
            all.types[at] = types[at];
            at += 1;
        }
        all
    }

    /// These and one more, which there must be room for: a form that a value can have, or the parameters of a call.
    fn push(&mut self, ty: FlatType) {
        self.types[usize::from(self.len)] = ty;
        self.len += 1;
    }
}

impl Deref for FlatTypes {
    type Target = [FlatType];

    fn deref(&self) -> &[FlatType] {
        &self.types[..usize::from(self.len)]
    }
}

impl PartialEq for FlatTypes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for FlatTypes {}

impl fmt::Debug for FlatTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// One form after another (`flatten_record`); `None` if that is too much for a flat form.
pub fn concat(first: Option<FlatTypes>, then: Option<FlatTypes>) -> Option<FlatTypes> {
    let (mut all, then) = (first?, then?);
    if all.len() + then.len() > MAX_FLAT_PARAMS {
        return None;
    }
    then.iter().for_each(|ty| all.push(*ty));
    Some(all)
}

/// A form so many times (`flatten_list`).
pub fn repeat(element: Option<FlatTypes>, times: u32) -> Option<FlatTypes> {
    let element = element?;
    let times = usize::try_from(times).ok().filter(|times| *times <= MAX_FLAT_PARAMS)?;
    (0..times).try_fold(FlatTypes::of(&[]), |all, _| concat(Some(all), Some(element)))
}

/// A discriminant, and what can hold the payload of every case (`flatten_variant`).
pub fn variant(payloads: impl Iterator<Item = Option<FlatTypes>>) -> Option<FlatTypes> {
    let mut joined = FlatTypes::of(&[]);
    for payload in payloads {
        for (at, ty) in payload?.iter().enumerate() {
            match at < joined.len() {
                true => joined.types[at] = joined.types[at].join(*ty),
                false => joined.push(*ty),
            }
        }
    }
    concat(Some(FlatTypes::of(&[FlatType::I32])), Some(joined))
}

/// Which side of a call a core function is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Context {
    /// `canon lift`: the core function is called.
    Lift {
        /// It has a callback.
        callback: bool,
    },
    /// `canon lower`: the core function calls.
    Lower,
}

/// The core type of a function that is lifted or lowered, and what of it stands for values in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlatFuncType {
    /// The core parameters.
    pub params: FlatTypes,
    /// The core results.
    pub results: FlatTypes,
    /// The arguments are in memory, as a tuple; the first core parameter points there.
    pub params_in_memory: bool,
    /// The result is in memory. Lifted: the core result points there. Lowered: the last core parameter says where it is to go. An
    /// async lifted function delivers its result by `task.return`, so this is false for it.
    pub result_in_memory: bool,
}

/// The core type of a function under the canonical ABI (`flatten_functype`).
pub fn flatten_functype(types: &Types, ty: &FuncType, is_async: bool, context: Context) -> FlatFuncType {
    const POINTER: FlatType = FlatType::I32;
    let nothing = FlatTypes::of(&[]);
    let params = ty.params.iter().try_fold(nothing, |all, param| concat(Some(all), types.layout(param.ty).flat));
    let max_params = match (is_async, context) {
        (true, Context::Lower) => MAX_FLAT_ASYNC_PARAMS,
        _ => MAX_FLAT_PARAMS,
    };
    let params = params.filter(|params| params.len() <= max_params);
    let params_in_memory = params.is_none();
    let mut params = params.unwrap_or(FlatTypes::of(&[POINTER]));

    let result = flatten_result(types, ty.result);
    let result_fits = result.is_some_and(|result| result.len() <= MAX_FLAT_RESULTS);
    let (results, result_in_memory) = match (is_async, context) {
        (false, _) if result_fits => (result.unwrap_or(nothing), false),
        (false, Context::Lift { .. }) => (FlatTypes::of(&[POINTER]), true),
        (false, Context::Lower) => (nothing, true),
        (true, Context::Lift { callback: true }) => (FlatTypes::of(&[FlatType::I32]), false),
        (true, Context::Lift { callback: false }) => (nothing, false),
        (true, Context::Lower) => (FlatTypes::of(&[FlatType::I32]), ty.result.is_some()),
    };
    if result_in_memory && context == Context::Lower {
        params.push(POINTER);
    }
    FlatFuncType { params, results, params_in_memory, result_in_memory }
}

/// The core type of `task.return` for a result, which is passed as parameters are.
pub fn flatten_task_return(types: &Types, result: Option<ValType>) -> FlatFuncType {
    let params = flatten_result(types, result);
    let params_in_memory = params.is_none();
    let params = params.unwrap_or(FlatTypes::of(&[FlatType::I32]));
    FlatFuncType { params, results: FlatTypes::of(&[]), params_in_memory, result_in_memory: false }
}

/// The flat form of a result.
fn flatten_result(types: &Types, result: Option<ValType>) -> Option<FlatTypes> {
    result.map_or(Some(FlatTypes::of(&[])), |result| types.layout(result).flat)
}

#[cfg(test)]
mod tests;
