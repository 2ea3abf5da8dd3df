//! The embedding API, by behaviour: only what embedders can see is used here.

mod asynchronous;
mod calls;
mod executions;
mod extensions;
mod host_functions;
mod limits;
mod linking;
mod memories;
mod metering;
mod misuse;
mod raw;
mod references;
mod support;
