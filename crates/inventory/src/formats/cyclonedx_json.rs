//! CycloneDX JSON, 1.2 to 1.7.

use super::{Limits, ReadError, cyclonedx, json};
use crate::{Inventory, Notice};

pub(super) fn read(text: &str, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
    cyclonedx::assemble(&json::parse(text)?, "JSON", limits)
}
