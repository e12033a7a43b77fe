//! The body of an upload: one document as it is, or several as a form.

use std::path::{Component, Path, PathBuf};

use super::super::Failure;

/// A request body with the headers that describe it.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) headers: Vec<(String, String)>,
    pub(super) bytes: Vec<u8>,
}

impl Body {
    /// Reads the files.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn of(files: &[PathBuf]) -> Result<Self, Failure> {
        match files {
            [file] => single(file),
            files => form(files),
        }
    }
}

fn single(file: &Path) -> Result<Body, Failure> {
    let headers = vec![
        header("Content-Type", "application/octet-stream".to_owned()),
        header(
            "Content-Disposition",
            format!("attachment; filename=\"{}\"", plain_name(file)),
        ),
    ];
    Ok(Body {
        headers,
        bytes: read(file)?,
    })
}

/// `multipart/form-data` with one `file` part each (RFC 7578).
fn form(files: &[PathBuf]) -> Result<Body, Failure> {
    let documents = files
        .iter()
        .map(|file| read(file))
        .collect::<Result<Vec<_>, _>>()?;
    let boundary = boundary(&documents);
    let mut bytes = Vec::new();
    for (file, document) in files.iter().zip(&documents) {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            plain_path(file)
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(document);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={boundary}");
    Ok(Body {
        headers: vec![header("Content-Type", kind)],
        bytes,
    })
}

/// A line that no document can contain, because their digest is in it.
fn boundary(documents: &[Vec<u8>]) -> String {
    let digest = store::documents::digest(&documents.concat());
    format!("plumbline-{digest}")
}

fn header(name: &str, value: String) -> (String, String) {
    (name.to_owned(), value)
}

/// The file's name in characters that need no quoting; the server only takes hints from it.
fn plain_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | ' ');
    name.chars().map(|c| if plain(c) { c } else { '_' }).collect()
}

/// The file's path where it lies below this folder, so that the lockfiles of a repository keep apart; else its name.
fn plain_path(file: &Path) -> String {
    let parts: Option<Vec<String>> = file
        .components()
        .filter(|part| !matches!(part, Component::CurDir))
        .map(|part| matches!(part, Component::Normal(_)).then(|| plain_name(Path::new(part.as_os_str()))))
        .collect();
    parts.map_or_else(|| plain_name(file), |parts| parts.join("/"))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|source| Failure::file(file, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_below_this_folder_keep_their_paths() {
        assert_eq!(
            plain_path(Path::new("./web/package lock.json")),
            "web/package lock.json"
        );
        assert_eq!(plain_path(Path::new("../web/yarn.lock")), "yarn.lock");
        assert_eq!(plain_path(Path::new("/tmp/x/yarn.lock")), "yarn.lock");
    }

    #[test]
    fn several_documents_are_a_form_with_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = ["a.json", "b \"x\"\n.json"]
            .map(|name| folder.path().join(name))
            .to_vec();
        for (file, bytes) in files.iter().zip(["one\r\n", "two"]) {
            std::fs::write(file, bytes).unwrap();
        }
        let body = Body::of(&files).unwrap();
        let kind = &body.headers[0].1;
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let text = String::from_utf8(body.bytes).unwrap();
        let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 4, "{text}");
        assert!(parts[1].ends_with("\r\n\r\none\r\n\r\n") && parts[1].contains("filename=\"a.json\""));
        assert!(parts[2].ends_with("\r\n\r\ntwo\r\n") && parts[2].contains("filename=\"b _x__.json\""));
        assert_eq!(parts[3], "--\r\n");
    }
}
