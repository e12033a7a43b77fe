//! Versions and ranges against the test vectors of the ecosystems' own tools.
//!
//! Every row of every table is counted: a table that is not run, or a row that is meant to differ, stands
//! here with its reason, and the number of rows is asserted so that nothing passes by being empty.

mod cargo;
mod distributions;
mod markers;
mod npm;
mod ordering;
mod pypi;
mod walk;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

/// The shared test data beside the workspace.
fn data(path: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/vectors")
        .join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A file of vectors: named tables of rows.
struct Vectors {
    tables: Value,
    /// The tables that were asked for, to find the forgotten ones.
    seen: BTreeSet<String>,
}

impl Vectors {
    fn read(path: &str) -> Self {
        let tables = serde_json::from_str(&data(path)).expect("vectors are JSON");
        Self {
            tables,
            seen: BTreeSet::new(),
        }
    }

    /// Runs every row of a table that has exactly this many; `check` answers what is wrong with a row.
    fn run(&mut self, table: &str, rows: usize, check: impl Fn(&Value) -> Result<(), String>) {
        let list = self.table(table);
        assert_eq!(list.len(), rows, "rows of {table}");
        let wrong: Vec<String> = list
            .iter()
            .filter_map(|row| check(row).err().map(|error| format!("{row}: {error}")))
            .collect();
        assert!(
            wrong.is_empty(),
            "{table}: {} of {rows} rows:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    /// Counts a table that is deliberately not run.
    fn leave_out(&mut self, table: &str, rows: usize, reason: &str) {
        assert!(!reason.is_empty());
        assert_eq!(
            self.table(table).len(),
            rows,
            "rows of {table}, which is left out: {reason}"
        );
    }

    /// No table may be forgotten.
    fn finish(self) {
        let tables = self.tables.as_object().expect("an object of tables");
        let all = tables
            .iter()
            .filter(|(_, rows)| rows.is_array())
            .map(|(name, _)| name.clone());
        assert_eq!(all.collect::<BTreeSet<_>>(), self.seen);
    }

    fn table(&mut self, table: &str) -> Vec<Value> {
        self.seen.insert(table.to_owned());
        self.tables[table]
            .as_array()
            .unwrap_or_else(|| panic!("no table {table}"))
            .clone()
    }
}

/// The text of a field, which every row must have.
fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{field}` in {row}"))
}

/// The truth of a field, which every row must have.
fn truth(row: &Value, field: &str) -> bool {
    row[field]
        .as_bool()
        .unwrap_or_else(|| panic!("no truth `{field}` in {row}"))
}

fn expect<T: PartialEq + std::fmt::Debug>(actual: T, expected: T) -> Result<(), String> {
    let sides = [actual, expected];
    if sides[0] == sides[1] {
        Ok(())
    } else {
        Err(format!("[actual, expected] = {sides:?}"))
    }
}

/// Whether the sign stands rightly between two values.
fn holds<T: Ord>(a: &T, sign: &str, b: &T) -> bool {
    match sign {
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        ">=" => a >= b,
        "=" | "==" => a == b,
        "!=" => a != b,
        sign => panic!("no sign: {sign}"),
    }
}
