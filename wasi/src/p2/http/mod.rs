//! `wasi:http`.
//!
//! The interface `types` is one file in WIT and one a resource here. The host takes part in `incoming-handler` by calling it: with a request and
//! a place for the response that it has put into the table.

mod error_code;
mod fields;
mod future_incoming_response;
mod future_trailers;
mod incoming_body;
mod incoming_request;
mod incoming_response;
mod method;
mod outgoing_body;
pub(super) mod outgoing_handler;
mod outgoing_request;
mod outgoing_response;
mod request_options;
mod response_outparam;
mod scheme;
pub(super) mod types;
