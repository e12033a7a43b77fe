//! Lists: pages that continue after a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::problem::Problem;

const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 200;
/// Longer than any cursor of ours.
const LONGEST_CURSOR: usize = 1_000;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    pub items: Vec<T>,
    /// What `?cursor=` takes to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
}

/// How many there are, counted up to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Total {
    pub value: i64,
    /// `eq`, or `gte` where counting stopped.
    pub relation: &'static str,
}

impl Total {
    /// A count that stops just above `bound`.
    pub fn counted(value: i64, bound: i64) -> Self {
        Self {
            value: value.min(bound),
            relation: if value > bound { "gte" } else { "eq" },
        }
    }
}

/// Where a page begins and how long it is.
#[derive(Clone, Debug)]
pub(crate) struct Paging<K> {
    /// The key of the last item of the page before.
    pub after: Option<K>,
    /// 1 to 200.
    pub limit: i64,
}

impl<K: DeserializeOwned> Paging<K> {
    /// Reads `?cursor=` and `?limit=`.
    pub fn new(cursor: Option<&str>, limit: Option<i64>) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::bad_parameter(
                "limit",
                format!("must be from 1 to {MOST}"),
            ));
        }
        Ok(Self {
            after: cursor.map(read).transpose()?,
            limit,
        })
    }
}

impl<K> Paging<K> {
    /// How many rows to ask the store for: one more than is shown tells whether there is a next page.
    pub const fn rows(&self) -> i64 {
        self.limit + 1
    }

    /// Cuts the extra row off; the key of the last one left, as a cursor, when there is more.
    pub fn finish<R, C: Serialize>(&self, rows: &mut Vec<R>, key: impl Fn(&R) -> C) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(|row| cursor(&key(row)))
    }
}

/// A key as clients carry it: opaque to them.
pub(crate) fn cursor<K: Serialize>(key: &K) -> String {
    // Keys are numbers and strings, which always have a JSON form.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn read<K: DeserializeOwned>(cursor: &str) -> Result<K, Problem> {
    let wrong = || Problem::bad_parameter("cursor", "is not one that this list gave");
    if cursor.len() > LONGEST_CURSOR {
        return Err(wrong());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    serde_json::from_slice(&bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_the_key_of_its_last_row_only_when_there_is_more() {
        let paging = Paging::<i64>::new(None, Some(2)).unwrap();
        let mut rows = vec![9, 8, 7];
        let next = paging.finish(&mut rows, |row| *row).unwrap();
        assert_eq!(rows, [9, 8]);
        let onward = Paging::<i64>::new(Some(&next), None).unwrap();
        assert_eq!((onward.after, onward.limit), (Some(8), DEFAULT_LIMIT));
        assert_eq!(paging.finish(&mut vec![7, 6], |row| *row), None);
    }

    #[test]
    fn what_is_no_cursor_or_limit_of_ours_is_refused() {
        for cursor in ["?", "e30", &"A".repeat(2_000)] {
            assert!(Paging::<i64>::new(Some(cursor), None).is_err(), "{cursor}");
        }
        for limit in [0, -1, 201, i64::MAX] {
            assert!(Paging::<i64>::new(None, Some(limit)).is_err(), "{limit}");
        }
    }
}
