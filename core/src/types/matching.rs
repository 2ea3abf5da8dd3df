//! Which types may stand for which: subtyping between types, and which externals satisfy which imports.
//!
//! Follows the chapter "Matching". Supertypes are declared, and validation has compared each declaration's contents, so
//! defined types need no structural comparison here: [`Types::is_subtype`] is two loads and a compare. A type id that
//! the given [`Types`] does not know matches nothing.

use super::{
    CompositeType, DefinedType, EntityType, ExternType, FuncType, GlobalType, HeapType, Limits, MemoryType, RefType,
    TableType, TypeId, ValType,
};

/// Somewhere that knows defined types by their ids.
pub(crate) trait Types {
    /// The type with this id, if it is known here.
    fn defined(&self, id: TypeId) -> Option<&DefinedType>;

    /// Whether every value of type `sub` is one of type `sup`.
    fn is_subtype(&self, sub: TypeId, sup: TypeId) -> bool {
        if sub == sup {
            return true;
        }
        match (self.defined(sub), self.defined(sup)) {
            // The ancestor at the depth of `sup` is `sup`, or else `sup` is no ancestor.
            (Some(sub), Some(sup)) => sub.ancestors().get(sup.ancestors().len()) == Some(&sup.id()),
            _ => false,
        }
    }
}

impl HeapType {
    /// The top of the hierarchy this type stands in; `None` for a defined type that `types` does not know.
    pub(crate) fn top(self, types: &impl Types) -> Option<HeapType> {
        Some(match self {
            Self::Func | Self::NoFunc => Self::Func,
            Self::Extern | Self::NoExtern => Self::Extern,
            Self::Exn | Self::NoExn => Self::Exn,
            Self::Any | Self::None | Self::Eq | Self::I31 | Self::Struct | Self::Array => Self::Any,
            Self::Concrete(id) | Self::Exact(id) => match types.defined(id)?.sub_type().composite {
                CompositeType::Func(_) => Self::Func,
                CompositeType::Struct(_) | CompositeType::Array(_) => Self::Any,
            },
        })
    }

    /// Whether this is a subtype of `other`.
    pub(crate) fn matches(self, other: HeapType, types: &impl Types) -> bool {
        if self == other {
            return true;
        }
        match (self, other) {
            (Self::Concrete(sub) | Self::Exact(sub), Self::Concrete(sup)) => types.is_subtype(sub, sup),
            // Equal exact types were answered above; an inexact reference may point to a proper subtype.
            (Self::Concrete(_) | Self::Exact(_), Self::Exact(_)) => false,
            (Self::Concrete(id) | Self::Exact(id), _) => types.defined(id).is_some_and(|ty| {
                let kind = match ty.sub_type().composite {
                    CompositeType::Func(_) => Self::Func,
                    CompositeType::Struct(_) => Self::Struct,
                    CompositeType::Array(_) => Self::Array,
                };
                kind.matches(other, types)
            }),
            (Self::None | Self::NoFunc, Self::Concrete(_) | Self::Exact(_)) => self.top(types) == other.top(types),
            (Self::None, Self::Any | Self::Eq | Self::I31 | Self::Struct | Self::Array) => true,
            (Self::I31 | Self::Struct | Self::Array, Self::Eq | Self::Any) => true,
            (Self::Eq, Self::Any) => true,
            (Self::NoFunc, Self::Func) | (Self::NoExtern, Self::Extern) | (Self::NoExn, Self::Exn) => true,
            _ => false,
        }
    }
}

impl RefType {
    /// Whether this is a subtype of `other`.
    pub(crate) fn matches(self, other: RefType, types: &impl Types) -> bool {
        (other.nullable || !self.nullable) && self.heap_type.matches(other.heap_type, types)
    }

    /// Whether the two types have the same values: subtypes of each other.
    pub(crate) fn equivalent(self, other: RefType, types: &impl Types) -> bool {
        self == other || (self.matches(other, types) && other.matches(self, types))
    }
}

impl ValType {
    /// Whether this is a subtype of `other`.
    pub(crate) fn matches(self, other: ValType, types: &impl Types) -> bool {
        match (self, other) {
            (Self::Ref(sub), Self::Ref(sup)) => sub.matches(sup, types),
            _ => self == other,
        }
    }
}

impl FuncType {
    /// Whether a function of this type can be called as `other`, comparing contents: parameters contravariant, results
    /// covariant. Linking goes by declared types instead ([`EntityType::matches`]).
    #[cfg(test)]
    pub(crate) fn matches(&self, other: &FuncType, types: &impl Types) -> bool {
        let all = |subs: &[ValType], sups: &[ValType]| {
            subs.len() == sups.len() && subs.iter().zip(sups).all(|(sub, sup)| sub.matches(*sup, types))
        };
        all(other.params(), self.params()) && all(self.results(), other.results())
    }
}

impl Limits {
    /// Whether something of this size range satisfies an import that declares `other`. For a memory or a table that
    /// exists, `min` is its present size.
    pub(crate) fn matches(self, other: Limits) -> bool {
        self.min >= other.min && other.max.is_none_or(|bound| self.max.is_some_and(|max| max <= bound))
    }
}

impl MemoryType {
    /// Whether a memory of this type satisfies an import that declares `other`.
    pub(crate) fn matches(self, other: MemoryType) -> bool {
        let kind = |ty: MemoryType| (ty.is_64, ty.shared, ty.page_size_log2);
        kind(self) == kind(other) && self.limits.matches(other.limits)
    }
}

impl TableType {
    /// Whether a table of this type satisfies an import that declares `other`.
    pub(crate) fn matches(self, other: TableType, types: &impl Types) -> bool {
        self.is_64 == other.is_64
            && self.limits.matches(other.limits)
            // A table is read and written, so the element types agree both ways.
            && self.element.equivalent(other.element, types)
    }
}

impl GlobalType {
    /// Whether a global of this type satisfies an import that declares `other`.
    pub(crate) fn matches(self, other: GlobalType, types: &impl Types) -> bool {
        self.mutability == other.mutability
            && self.content.matches(other.content, types)
            && (!self.mutability.is_var() || other.content.matches(self.content, types))
    }
}

impl ExternType {
    /// Whether something of this type can be supplied where something of type `wanted` is imported. For a memory or a table that
    /// exists, the least size of its type is its present one.
    ///
    /// Types that a module defines must be the same; that one is a subtype of the other is seen by linking alone.
    pub fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Table(given), Self::Table(wanted)) => {
                given.is_64 == wanted.is_64 && given.element == wanted.element && given.limits.matches(wanted.limits)
            }
            (Self::Memory(given), Self::Memory(wanted)) => given.matches(*wanted),
            (given, wanted) => given == wanted,
        }
    }
}

impl EntityType {
    /// Whether an external of this type satisfies an import that declares `other`. A function that exists is of exactly
    /// its type, however it was imported in between, so `exact` counts in `other` only.
    pub(crate) fn matches(self, other: EntityType, types: &impl Types) -> bool {
        match (self, other) {
            (Self::Func { ty: sub, .. }, Self::Func { ty: sup, exact: true }) => sub == sup,
            (Self::Func { ty: sub, .. }, Self::Func { ty: sup, exact: false }) => types.is_subtype(sub, sup),
            (Self::Table(sub), Self::Table(sup)) => sub.matches(sup, types),
            (Self::Memory(sub), Self::Memory(sup)) => sub.matches(sup),
            (Self::Global(sub), Self::Global(sup)) => sub.matches(sup, types),
            (Self::Tag(sub), Self::Tag(sup)) => sub == sup,
            _ => false,
        }
    }
}
