#![doc = include_str!("../README.md")]

mod component;
pub mod formats;
mod notice;
mod purl;
pub mod statements;

pub use component::{
    Component, ComponentId, ComponentKind, Hash, Inventory, LicenseClaim, LicenseSource, PackageFacts, Scope,
    Source, SourcePackage,
};
pub use notice::{Level, Notice};
pub use purl::{InvalidPurl, Purl, PurlParts};
