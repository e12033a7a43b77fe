//! `modified_id.csv`: lines `TIME,ID`.

use clock::Timestamp;

use crate::{Error, Result};

/// When a record last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub modified: Timestamp,
    pub id: String,
}

/// Reads the whole file, or says which line is wrong: half a list would hide advisories.
pub(super) fn read(target: &str, bytes: &[u8]) -> Result<Vec<Change>> {
    let invalid = |what: String| Error::Invalid {
        target: target.to_owned(),
        what,
    };
    let text = std::str::from_utf8(bytes).map_err(|error| invalid(format!("is not UTF-8: {error}")))?;
    let numbered = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(number, line)| {
            change(line)
                .ok_or_else(|| invalid(format!("line {number} is not `TIME,ID`: `{}`", excerpt(line))))
        })
        .collect()
}

fn change(line: &str) -> Option<Change> {
    let (time, id) = line.trim().split_once(',')?;
    let acceptable = (1..=128).contains(&id.len()) && id.chars().all(|c| c.is_ascii_graphic() && c != '/');
    acceptable.then_some(())?;
    Some(Change {
        modified: time.parse().ok()?,
        id: id.to_owned(),
    })
}

fn excerpt(line: &str) -> String {
    line.chars().take(60).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_a_time_and_an_id() {
        let changes = read(
            "m.csv",
            b"2026-09-10T03:50:14.788589634Z,GHSA-3h5v\r\n\n2026-01-13T15:01:05Z,RUSTSEC-1\n",
        )
        .unwrap();
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[0].id, "GHSA-3h5v");
        assert_eq!(changes[1].modified.to_string(), "2026-01-13T15:01:05Z");
    }

    #[test]
    fn a_bad_line_is_named() {
        for bad in [
            "yesterday,GHSA-1",
            "2026-01-13T15:01:05Z",
            "2026-01-13T15:01:05Z,",
            "2026-01-13T15:01:05Z,a/b",
            "<html>",
        ] {
            let error = read(
                "npm/modified_id.csv",
                format!("2026-01-13T15:01:05Z,A-1\n{bad}\n").as_bytes(),
            )
            .unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("npm/modified_id.csv: line 2 is not `TIME,ID`: `{bad}`")
            );
        }
    }
}
