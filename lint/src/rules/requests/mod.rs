//! What is inside a connection.

pub(super) mod empty;
pub(super) mod not_http;
pub(super) mod path;
pub(super) mod place;
pub(super) mod port;
pub(super) mod shadowed;
pub(super) mod unknown_key;
