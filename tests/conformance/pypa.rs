//! The Python project's own records list every affected version beside the ranges: 139,481 questions with
//! answers.
//!
//! 139,372 of them parse, 108 are no PEP 440 versions, and PYSEC-2024-1 lists one and has no range at all.

use advisories::{Advisory, Entry, Record, match_version};

use crate::data;

/// Listed versions that are affected by the list alone: PYSEC-2023-177, 2023-61, 2021-114, and the one
/// of PYSEC-2024-1.
const LISTED_OUTSIDE_THE_RANGES: usize = 9 + 1;

fn pysec() -> impl Iterator<Item = Record> {
    data::records("PyPI")
        .into_iter()
        .filter(|record| record.id.starts_with("PYSEC-") && record.withdrawn.is_none())
}

#[derive(Debug, Default, PartialEq)]
struct Tally {
    affected: usize,
    unaffected: usize,
    undetermined: usize,
}

impl Tally {
    /// Asks about every listed version, each `affected[]` by itself.
    fn count(&mut self, record: &Record, wanted: Wanted) {
        for affected in &record.affected {
            let mut alone = record.clone();
            alone.affected = vec![affected.clone()];
            if wanted == Wanted::RangesOnly {
                alone
                    .affected
                    .iter_mut()
                    .for_each(|affected| affected.versions.clear());
            }
            let (advisory, _) = Advisory::compile(&alone);
            let entries: Vec<Entry> = advisory.packages.into_iter().map(|p| p.entry).collect();
            affected
                .versions
                .iter()
                .for_each(|version| self.ask(&entries, version));
        }
    }

    fn ask(&mut self, entries: &[Entry], version: &str) {
        let pypi = ecosystems::by_name("PyPI").expect("PyPI is known");
        let result = match_version(pypi, entries, Some(version));
        match (result.affected.len(), result.undetermined.len()) {
            (1, 0) => self.affected += 1,
            (0, 1) => self.undetermined += 1,
            (0, 0) => self.unaffected += 1,
            _ => panic!("one record, one answer: {result:?}"),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Everything,
    RangesOnly,
}

#[test]
fn every_listed_version_is_affected() {
    let mut tally = Tally::default();
    pysec().for_each(|record| tally.count(&record, Wanted::Everything));
    assert_eq!(
        tally,
        Tally {
            affected: 139_480 + 1,
            unaffected: 0,
            undetermined: 0
        }
    );
}

#[test]
fn all_but_ten_listed_versions_that_parse_lie_in_a_range_too() {
    let mut tally = Tally::default();
    pysec().for_each(|record| tally.count(&record, Wanted::RangesOnly));
    assert_eq!(
        tally,
        Tally {
            affected: 139_363,
            unaffected: LISTED_OUTSIDE_THE_RANGES,
            undetermined: 108
        }
    );
}
