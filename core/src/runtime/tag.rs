//! Exception tags.

use crate::types::TypeId;

/// An exception tag. Two tags are the same only if their address is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagObject {
    /// The function type whose parameters an exception carries.
    pub type_id: TypeId,
}
