#![doc = include_str!("../README.md")]

mod assemble;
mod diff;
mod findings;
mod graph;
mod label;
mod license;
mod order;
pub mod render;
mod report;
#[cfg(test)]
mod sample;
mod status;
mod surroundings;
#[cfg(test)]
mod tests;
mod upgrades;

pub use assemble::audit;
pub use diff::{
    ComponentChange, Difference, FindingClosed, FindingOpened, LicenseChange, PackageVersion, Resolution,
    diff,
};
pub use findings::finding_key;
pub use graph::{Graph, PATH_COUNT_LIMIT, PATHS_SHOWN};
pub use label::{package_name, package_purl};
pub use license::effective_license;
pub use order::{rank, ranks, worst_first};
pub use report::{ComponentStatus, Context, Knowledge, Report, Seen, Upgrade, WhyNotChecked};
pub use status::version;
pub use surroundings::{Packaged, Surroundings};
