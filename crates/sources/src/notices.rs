//! Notices: made in one way, and never more of a kind than a person reads.

use std::collections::BTreeMap;

use inventory::{Level, Notice};

/// Notices of one code that are told one by one.
const MOST_OF_A_KIND: usize = 50;

pub(crate) fn info(code: &str, place: impl Into<String>, text: impl Into<String>) -> Notice {
    notice(code, Level::Info, place, text)
}

pub(crate) fn warn(code: &str, place: impl Into<String>, text: impl Into<String>) -> Notice {
    notice(code, Level::Warn, place, text)
}

fn notice(code: &str, level: Level, place: impl Into<String>, text: impl Into<String>) -> Notice {
    Notice {
        code: code.to_owned(),
        level,
        place: place.into(),
        text: text.into(),
    }
}

/// A list that holds a bounded number of each kind and counts the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    list: Vec<Notice>,
    counts: BTreeMap<String, (usize, Option<Level>)>,
}

impl Notices {
    pub(crate) fn push(&mut self, notice: Notice) {
        let (count, level) = self.counts.entry(notice.code.clone()).or_default();
        *count += 1;
        *level = Some(notice.level);
        if *count <= MOST_OF_A_KIND {
            self.list.push(notice);
        }
    }

    pub(crate) fn extend(&mut self, notices: impl IntoIterator<Item = Notice>) {
        for notice in notices {
            self.push(notice);
        }
    }

    /// The notices, and one more for each kind of which there were too many.
    pub(crate) fn into_list(self) -> Vec<Notice> {
        let mut list = self.list;
        for (code, (count, level)) in self.counts {
            if count > MOST_OF_A_KIND {
                let text = format!("{} more of this kind", count - MOST_OF_A_KIND);
                list.push(notice(&code, level.unwrap_or(Level::Warn), "", text));
            }
        }
        list
    }
}
