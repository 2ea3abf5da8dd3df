//! `wasi:random`. No function of it can fail, so that what fails ends the guest.

pub(super) mod insecure;
pub(super) mod insecure_seed;
#[allow(clippy::module_inception, reason = "the interface is named as its package")]
pub(super) mod random;
