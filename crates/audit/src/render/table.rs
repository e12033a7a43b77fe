//! For people at a terminal: one line an item, in columns.

use super::Style;
use super::escape::line;
use super::items::{Item, Subject, action_word};
use super::text::{action_colour, foot, head, paint};

/// Characters of one cell; longer ones end in `…`.
const WIDEST: usize = 48;

const COLUMNS: [&str; 6] = ["ACTION", "SEVERITY", "ID", "PACKAGE", "FIXED", "DIRECT"];

type Row = [String; COLUMNS.len()];

pub(super) fn render(subject: &Subject<'_>, style: &Style<'_>) -> String {
    let mut text = head(subject, style.colour);
    if !subject.items.is_empty() {
        text.push('\n');
        let rows: Vec<Row> = subject.items.iter().map(row).collect();
        let widths = widths(&rows);
        text.push_str(&aligned(&COLUMNS.map(str::to_owned), widths));
        for (item, row) in subject.items.iter().zip(&rows) {
            text.push_str(&paint(
                aligned(row, widths).trim_end(),
                action_colour(item.action),
                style.colour,
            ));
            text.push('\n');
        }
    }
    text.push_str(&foot(subject));
    text
}

fn row(item: &Item<'_>) -> Row {
    let finding = item.finding;
    let direct = finding.map_or("", |finding| match finding.component.direct {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    });
    let fixed = finding.map_or("", |finding| {
        finding.fix.version.as_deref().unwrap_or("none known")
    });
    let severity = finding.map_or("", |_| item.severity());
    [
        cell(action_word(item.action)),
        cell(severity),
        cell(item.id()),
        cell(&item.package()),
        cell(fixed),
        cell(direct),
    ]
}

fn cell(text: &str) -> String {
    let text = line(text);
    if text.chars().count() <= WIDEST {
        return text;
    }
    let kept: String = text.chars().take(WIDEST - 1).collect();
    format!("{kept}…")
}

fn widths(rows: &[Row]) -> [usize; COLUMNS.len()] {
    let mut widths = COLUMNS.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    widths
}

fn aligned(row: &Row, widths: [usize; COLUMNS.len()]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    format!("{}\n", cells.join("  ").trim_end())
}
