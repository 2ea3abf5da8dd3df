//! The canonical ABI: how values lie in memory and which core values they are passed as, and how they get there and back.
//!
//! [`layout`] and [`flat`] are pure functions over types. [`lift`] and [`lower`] move values between the host and a guest, with what
//! [`load`], [`store`] and [`string`] say about bits, and [`place`] about where the parts of a value lie. [`copy`] moves
//! values from guest to guest without the host's forms of them. All of it reaches an instance through [`context`].

pub mod context;
pub mod copy;
pub mod flat;
pub mod layout;
pub mod lift;
pub mod load;
pub mod lower;
pub mod place;
pub mod store;
pub mod string;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
