//! What a request names, read at the door; whatever is wrong with it is a problem that says so.

mod list;
mod path;
mod payload;
mod precondition;
mod query;

pub(crate) use list::{List, Paging, Total, cursor};
pub(crate) use path::{Path, project, project_for};
pub(crate) use payload::{Json, Payload};
pub(crate) use precondition::{IfMatch, etag, not_modified};
pub(crate) use query::Query;
