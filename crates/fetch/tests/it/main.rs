//! The crate as its callers see it, against servers and directories on this machine.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod bucket;
mod git;
mod collection;
mod loopback;
mod server;
