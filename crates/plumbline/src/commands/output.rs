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
pub(crate) fn print(text: &str) -> Result<(), Failure> {
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

/// Rows below their titles, in columns as wide as their widest cell.
pub(super) fn table<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> String {
    let titles = titles.map(str::to_owned);
    let lines = || std::iter::once(&titles).chain(rows);
    let widths: [usize; N] = std::array::from_fn(|column| {
        lines()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    });
    let mut text = String::new();
    for line in lines() {
        let cells: Vec<String> = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{:width$}", printable(cell)))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Text that cannot steer the terminal that it is shown on.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_cannot_steer_a_terminal() {
        let rows = [["é", "1"], ["long\u{1b}", "2"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(["A", "B"], &rows), "A      B\né      1\nlong\u{fffd}  2\n");
    }
}
