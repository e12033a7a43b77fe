#![doc = include_str!("../README.md")]

mod report;

pub use report::{ComponentStatus, Context, Knowledge, Report, Seen, Upgrade, WhyNotChecked};
