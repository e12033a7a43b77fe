#![doc = include_str!("../README.md")]

mod assemble;
mod attribution;
pub mod charts;
mod diff;
pub mod files;
mod findings;
mod graph;
pub mod issues;
mod label;
mod license;
mod licensing;
mod order;
pub mod quality;
pub mod render;
mod report;
#[cfg(test)]
mod sample;
mod status;
mod surroundings;
#[cfg(test)]
mod tests;
mod upgrades;
pub mod vex;
mod ways;

pub use assemble::audit;
pub use attribution::{Attribution, Notice};
pub use diff::{
    ComponentChange, Difference, FindingClosed, FindingOpened, LicenseChange, PackageVersion, Resolution,
    diff,
};
pub use findings::finding_key;
pub use graph::{Graph, PATH_COUNT_LIMIT, PATHS_SHOWN};
pub use label::{package_name, package_purl};
pub use license::effective_license;
pub use licensing::{Conclusion, LicenseOrigin};
pub use order::{RANK_PROBABILITIES, RANK_PROBABILITY_WIDTH, rank, ranks, worst_first};
pub use report::{ComponentStatus, Context, Knowledge, Report, Seen, Upgrade, Way, WhyNotChecked};
pub use status::version;
pub use surroundings::{Packaged, Surroundings};
