//! Results on standard output, and the numbers that a process ends with.

use std::io::{IsTerminal, Write};
use std::path::Path;

use policy::Outcome;

use super::Failure;

/// Whether results may be coloured: on a terminal whose user did not say no.
pub(super) fn has_colour() -> bool {
    std::io::stdout().is_terminal() && !no_color()
}

/// Whether colour is unwanted (no-color.org: set to anything but nothing).
pub(crate) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Writes a result.
///
/// # Errors
/// When standard output cannot be written to, as when its reader has gone.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| Failure::file(Path::new("standard output"), source))
}

/// The exit codes of the gate (`gate.md` §2).
pub(super) const fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass | Outcome::Warn => 0,
        Outcome::Fail => 1,
        Outcome::Indeterminate => 3,
        Outcome::Pending => 4,
    }
}
