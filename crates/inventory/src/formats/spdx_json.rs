//! SPDX 2 JSON.

use super::{Limits, ReadError, json, spdx};
use crate::{Inventory, Notice};

pub(super) fn read(text: &str, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
    spdx::assemble(&json::parse(text)?, "JSON", limits)
}
