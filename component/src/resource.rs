//! Resources of the host: typed handles to them, and the table that they live in.
//!
//! A guest knows a resource of the host by a handle of its own; the host knows it by its representation, which is a place in a
//! [`ResourceTable`]. [`Resource<T>`] is that place with the Rust type that is expected there, and passes wherever WIT says `own` or `borrow`
//! of the host's resource. The table checks the type at each use, so that what a guest mixes up is an error.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

use whit_core::Error;

use crate::abi::context::Handle;
use crate::abi::lift::Lifting;
use crate::abi::lower::Lowering;
use crate::abi::place::Place;
use crate::mismatch::TypeMismatch;
use crate::resource_any::ResourceError;
use crate::typed::{ComponentType, Lift, Lower};
use crate::types::{DefinedType, Types, ValType};

/// A resource of the host, of the Rust type `T`.
pub struct Resource<T> {
    rep: u32,
    ty: PhantomData<fn() -> T>,
}

impl<T> Resource<T> {
    /// The resource with this representation.
    pub fn from_rep(rep: u32) -> Self {
        Self { rep, ty: PhantomData }
    }

    /// Its representation: what destructors are called with.
    pub fn rep(&self) -> u32 {
        self.rep
    }
}

impl<T> Clone for Resource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Resource<T> {}

impl<T> fmt::Debug for Resource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({})", self.rep)
    }
}

impl<T> ComponentType for Resource<T> {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match types.defined(ty) {
            Some(DefinedType::Own(_) | DefinedType::Borrow(_)) => Ok(()),
            _ => Err(TypeMismatch::new(types, ty, "a resource")),
        }
    }
}

impl<T> Lift for Resource<T> {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        let Handle(rep) = from.handle(ty, at)?;
        Ok(Self::from_rep(u32::try_from(rep).map_err(|_| ResourceError::OfAGuest)?))
    }
}

impl<T> Lower for Resource<T> {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        to.handle(ty, at, Handle(self.rep.into()))
    }
}

/// The resources of the host that guests have handles to.
#[derive(Default)]
pub struct ResourceTable {
    places: Vec<Option<Box<dyn Any + Send>>>,
    free: Vec<u32>,
    limit: Limit,
}

/// How many resources a table may hold.
struct Limit(usize);

impl Default for Limit {
    fn default() -> Self {
        Self(ResourceTable::DEFAULT_LIMIT)
    }
}

/// What is wrong with the use of a [`ResourceTable`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ResourceTableError {
    /// There is no resource at this place, or one of another type.
    NotPresent,
    /// It holds as many as it may.
    Full,
}

impl fmt::Display for ResourceTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPresent => "the resource does not exist, or is of another type",
            Self::Full => "the guest has as many resources of the host as the limit `max-resources` allows",
        })
    }
}

impl core::error::Error for ResourceTableError {}

impl From<ResourceTableError> for Error {
    fn from(error: ResourceTableError) -> Self {
        Self::new(error)
    }
}

impl ResourceTable {
    /// Resources that a table holds unless [`set_limit`](Self::set_limit) says otherwise.
    pub const DEFAULT_LIMIT: usize = 1 << 20;

    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many resources it may hold.
    pub fn set_limit(&mut self, resources: usize) {
        self.limit = Limit(resources);
    }

    /// How many resources it holds.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a resource.
    ///
    /// # Errors
    /// The limit is reached, or the host has no memory.
    pub fn push<T: Send + 'static>(&mut self, value: T) -> Result<Resource<T>, Error> {
        if self.len() >= self.limit.0 {
            return Err(ResourceTableError::Full.into());
        }
        let value: Box<dyn Any + Send> = Box::new(value);
        let rep = match self.free.pop() {
            Some(rep) => {
                self.places[rep as usize] = Some(value);
                rep
            }
            None => {
                self.places.try_reserve(1)?;
                // So that deleting never allocates.
                self.free.try_reserve(self.places.len() + 1)?;
                self.places.push(Some(value));
                self.places.len() as u32 - 1
            }
        };
        Ok(Resource::from_rep(rep))
    }

    /// A resource.
    ///
    /// # Errors
    /// It is not there, or of another type.
    pub fn get<T: 'static>(&self, resource: &Resource<T>) -> Result<&T, ResourceTableError> {
        let place = self.places.get(resource.rep as usize).and_then(Option::as_ref);
        place.and_then(|value| value.downcast_ref()).ok_or(ResourceTableError::NotPresent)
    }

    /// A resource, to be changed.
    ///
    /// # Errors
    /// It is not there, or of another type.
    pub fn get_mut<T: 'static>(&mut self, resource: &Resource<T>) -> Result<&mut T, ResourceTableError> {
        let place = self.places.get_mut(resource.rep as usize).and_then(Option::as_mut);
        place.and_then(|value| value.downcast_mut()).ok_or(ResourceTableError::NotPresent)
    }

    /// Two different resources, to be changed together.
    ///
    /// # Errors
    /// One is not there, or of another type, or both are the same.
    pub fn get_pair_mut<T: 'static, U: 'static>(
        &mut self,
        first: &Resource<T>,
        second: &Resource<U>,
    ) -> Result<(&mut T, &mut U), ResourceTableError> {
        let places = self.places.get_disjoint_mut([first.rep as usize, second.rep as usize]);
        let [first, second] = places.map_err(|_| ResourceTableError::NotPresent)?;
        let first = first.as_mut().and_then(|value| value.downcast_mut());
        let second = second.as_mut().and_then(|value| value.downcast_mut());
        first.zip(second).ok_or(ResourceTableError::NotPresent)
    }

    /// Takes a resource out.
    ///
    /// # Errors
    /// It is not there, or of another type.
    pub fn delete<T: 'static>(&mut self, resource: Resource<T>) -> Result<T, ResourceTableError> {
        self.get(&resource)?;
        let place = self.places.get_mut(resource.rep as usize).and_then(Option::take);
        let value = place.and_then(|value| value.downcast().ok()).ok_or(ResourceTableError::NotPresent)?;
        self.free.push(resource.rep);
        Ok(*value)
    }
}

impl fmt::Debug for ResourceTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceTable").field("len", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_found_by_its_handle_and_type_alone() {
        let mut table = ResourceTable::new();
        let number = table.push(7_u32).unwrap();
        let text = table.push("text").unwrap();
        assert_eq!(table.get(&number), Ok(&7));
        assert_eq!(table.get(&Resource::<u64>::from_rep(number.rep())), Err(ResourceTableError::NotPresent));
        *table.get_mut(&number).unwrap() += 1;
        assert_eq!(table.delete(number), Ok(8));
        assert_eq!(table.get(&number), Err(ResourceTableError::NotPresent));
        assert_eq!(table.delete(number), Err(ResourceTableError::NotPresent));
        assert_eq!((table.get(&text), table.len()), (Ok(&"text"), 1));
        let number = table.push(9_u32).unwrap();
        let (first, second) = table.get_pair_mut(&number, &text).unwrap();
        (*first, *second) = (second.len() as u32, "other");
        assert_eq!((table.get(&number), table.get(&text)), (Ok(&4), Ok(&"other")));
        assert!(table.get_pair_mut(&number, &number).is_err());
        assert!(table.get_pair_mut(&Resource::<u64>::from_rep(number.rep()), &text).is_err());
        assert!(table.get_pair_mut(&Resource::<u64>::from_rep(9), &text).is_err());
    }

    #[test]
    fn a_table_holds_no_more_than_its_limit() {
        let mut table = ResourceTable::new();
        table.set_limit(1);
        let only = table.push(()).unwrap();
        assert!(table.push(()).is_err());
        table.delete(only).unwrap();
        assert!(table.push(()).is_ok());
    }
}
