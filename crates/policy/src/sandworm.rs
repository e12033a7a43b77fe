//! What users of Sandworm Audit bring along: its configuration becomes a policy, its resolved issues become waivers,
//! and its fail rules can be given as they are.
//!
//! Reading is strict: what Sandworm silently ignores (a fail rule that never fires, a misspelt key) is an error with
//! its place here. What has no counterpart, or another meaning, is told in words.

mod config;
mod fail;
mod resolved;

pub use config::{Config, Outputs};
pub use fail::{FailRule, FailRules, InvalidFailRule, IssueType};
pub use resolved::{Imported, LeftOut, Origin, read_resolved};
