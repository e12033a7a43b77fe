//! Lists as comma-separated values (RFC 4180), safe to open in a spreadsheet.

use audit::render::{Rendering, csv_line};
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// A file with a head and one line a row. `name` is what a browser saves it as; `next` goes into a `Link` header,
/// because a list that is cut off must say so.
pub(crate) fn file<const N: usize>(
    name: &str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    next: Option<&str>,
) -> Response {
    let mut text = csv_line(&head.map(str::to_owned));
    for row in rows {
        text.push_str(&csv_line(&row));
    }
    let told = [
        (header::CONTENT_TYPE, Rendering::Csv.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    let link = next.map(|next| [(header::LINK, format!("<?{next}>; rel=\"next\""))]);
    match link {
        Some(link) => (told, link, text).into_response(),
        None => (told, text).into_response(),
    }
}

/// A value that may not be known: empty, never 0.
pub(crate) fn known(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
