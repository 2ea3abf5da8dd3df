//! Whether what is supplied at link time is what a component imports ("Import and Export Definitions", subtyping).

use alloc::format;
use alloc::string::String;

use crate::plan::ModuleType;
use crate::runtime::resource::ResourceTypeId;
use crate::types::{DefinedType, FuncTypeIdx, ResourceIdx, Types, ValType};

/// One of two components whose types are compared.
pub(crate) struct Side<'s> {
    /// Its types.
    pub types: &'s Types,
    /// What its resource types are in the store.
    pub resource: &'s dyn Fn(ResourceIdx) -> Option<ResourceTypeId>,
}

/// Whether a function supplied has the type that is wanted.
pub(crate) fn func(wanted: &Side<'_>, wanted_ty: FuncTypeIdx, given: &Side<'_>, given_ty: FuncTypeIdx) -> bool {
    let (a, b) = (wanted.types.func(wanted_ty), given.types.func(given_ty));
    a.is_async == b.is_async
        && a.params.len() == b.params.len()
        && a.params.iter().zip(&b.params).all(|(a, b)| a.name == b.name && value(wanted, a.ty, given, b.ty))
        && optional(wanted, a.result, given, b.result)
}

fn optional(wanted: &Side<'_>, a: Option<ValType>, given: &Side<'_>, b: Option<ValType>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => value(wanted, a, given, b),
        _ => false,
    }
}

/// Whether two value types are the same. Their depth is limited where they are made.
fn value(wanted: &Side<'_>, a: ValType, given: &Side<'_>, b: ValType) -> bool {
    let (ValType::Defined(a), ValType::Defined(b)) = (a, b) else { return a == b };
    let same = |a: ValType, b: ValType| value(wanted, a, given, b);
    match (wanted.types.get(a), given.types.get(b)) {
        (DefinedType::List(a), DefinedType::List(b)) | (DefinedType::Option(a), DefinedType::Option(b)) => same(*a, *b),
        (DefinedType::FixedList(a, n), DefinedType::FixedList(b, m)) => n == m && same(*a, *b),
        (DefinedType::Map(ka, va), DefinedType::Map(kb, vb)) => same(*ka, *kb) && same(*va, *vb),
        (DefinedType::Record(a), DefinedType::Record(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.name == b.name && same(a.ty, b.ty))
        }
        (DefinedType::Tuple(a), DefinedType::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b))
        }
        (DefinedType::Variant(a), DefinedType::Variant(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.name == b.name && optional(wanted, a.ty, given, b.ty))
        }
        (DefinedType::Enum(a), DefinedType::Enum(b)) | (DefinedType::Flags(a), DefinedType::Flags(b)) => a == b,
        (DefinedType::Result(oa, ea), DefinedType::Result(ob, eb)) => {
            optional(wanted, *oa, given, *ob) && optional(wanted, *ea, given, *eb)
        }
        (DefinedType::Own(a), DefinedType::Own(b)) | (DefinedType::Borrow(a), DefinedType::Borrow(b)) => {
            let a = (wanted.resource)(*a);
            a.is_some() && a == (given.resource)(*b)
        }
        (DefinedType::Stream(a), DefinedType::Stream(b)) | (DefinedType::Future(a), DefinedType::Future(b)) => {
            optional(wanted, *a, given, *b)
        }
        _ => false,
    }
}

/// Whether a core module may be supplied where one of a type is wanted: it imports no more and exports no less.
pub(crate) fn module(wanted: &ModuleType, given: &whit_core::Module) -> Result<(), String> {
    for import in given.imports() {
        let supplied =
            wanted.imports.iter().find(|(from, name, _)| **from == *import.module() && **name == *import.name());
        let Some((_, _, supplied)) = supplied else {
            return Err(format!(
                "the module imports `{}` of `{}`, which it would not get",
                import.name(),
                import.module()
            ));
        };
        if !supplied.fits(&import.ty()) {
            return Err(format!("the module imports `{}` of `{}` with another type", import.name(), import.module()));
        }
    }
    for (name, ty) in &wanted.exports {
        match given.get_export(name) {
            Some(given) if given.fits(ty) => {}
            Some(_) => return Err(format!("the module exports `{name}` with another type")),
            None => return Err(format!("the module does not export `{name}`")),
        }
    }
    Ok(())
}
