//! Bars and spinners, on terminals only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const TICK: Duration = Duration::from_millis(120);

/// A bar on standard error for work of known length; silent when nobody looks.
pub(crate) fn bar(what: &'static str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    ProgressBar::with_draw_target(Some(length), target())
        .with_style(style)
        .with_message(what)
}

/// A spinner on standard error for work of unknown length.
pub(super) fn spinner(what: String) -> ProgressBar {
    let spinner = ProgressBar::with_draw_target(None, target()).with_message(what);
    spinner.enable_steady_tick(TICK);
    spinner
}

/// Whether somebody sees bars and spinners.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

fn target() -> ProgressDrawTarget {
    if is_watched() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}
