//! What a request names, read at the door; whatever is wrong with it is a problem that says so.

mod fields;
mod list;
mod path;
mod payload;
mod precondition;
mod query;

pub(crate) use fields::Fields;
pub(crate) use list::{List, Paging, Total, cursor};
pub(crate) use path::{Path, ProjectName, project, project_for};
pub(crate) use payload::{Json, Payload};
pub(crate) use precondition::{IfMatch, etag, not_modified};
pub(crate) use query::Query;
