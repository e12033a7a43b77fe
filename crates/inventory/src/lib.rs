#![doc = include_str!("../README.md")]

mod component;
mod details;
pub mod formats;
mod installation;
mod inventory;
mod license;
mod metadata;
mod notice;
mod os_package;
mod purl;
mod service;
pub mod statements;
mod vex;

pub use component::{Component, ComponentId, ComponentKind, PackageFacts, Scope, Source, SourcePackage};
pub use details::{
    Commit, Contact, Details, Evidence, ExternalReference, Hash, IdentityEvidence, IdentityMethod,
    Occurrence, Party, Patch, Pedigree, Property, Relative, Swid,
};
pub use installation::Installation;
pub use inventory::{Inventory, Resolution};
pub use license::{
    ExtractedLicense, LONGEST_LICENSE_TEXT, LicenseClaim, LicenseDetails, LicenseForm, LicenseSource,
};
pub use metadata::{Composition, Metadata};
pub use notice::{Level, Notice};
pub use os_package::OsPackage;
pub use purl::{InvalidPurl, Purl, PurlParts};
pub use service::{Service, ServiceEdge};
pub use vex::{Analysis, Link, Rating, VexStatement, VexStatus, VexSubject, VexVersion};
