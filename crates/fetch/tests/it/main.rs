//! The crate as its callers see it, against servers and directories on this machine.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod bucket;
mod collection;
mod git;
mod loopback;
mod registries;
mod server;
