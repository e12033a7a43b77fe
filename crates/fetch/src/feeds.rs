//! Advisory feeds: buckets in OSV's layout and single files, from a URL or a directory.

mod archive;
mod collection;
mod document;
mod modified;
mod place;
mod source;

pub use archive::{Bundle, Limits, Record, Records};
pub use collection::{Collection, Files};
pub use document::Document;
pub use modified::Change;
pub use source::Source;
