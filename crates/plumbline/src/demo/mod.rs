//! The demo: the real history of fifteen public projects, replayed through the very path of an upload.
//!
//! Nothing in it is a stored result. The clock is stepped from the first build to the last; advisories come in
//! when they became known, builds when they were made, and every finding, verdict and number is computed on the
//! way. `demo/README.md` says where the data is from.

mod clock;
mod replay;
mod steps;
mod timeline;

pub(crate) use self::clock::ReplayClock;
pub(crate) use replay::{Replay, is_loaded};
