//! Parsing JSON into a reader's model within a bound of memory.

use serde::Deserialize;

use super::{ReadError, budget};

pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ReadError> {
    budget::begin(text.len());
    serde_json::from_str(text).map_err(|error| {
        if budget::is_spent() {
            ReadError::too_large(budget::OVER)
        } else {
            ReadError::json(&error)
        }
    })
}
