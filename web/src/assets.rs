//! The files that pages load, held in the binary.
//!
//! Each is served under a name that carries a digest of its bytes (`app.1f0c….css`), so that a browser may keep
//! it for ever; the plain name answers too, for people and old pages, but must not be kept.

use std::sync::LazyLock;

/// Where the server mounts the assets.
pub const MOUNT: &str = "/assets/";

/// One file as it is served.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    pub bytes: &'static [u8],
    /// The value for `Content-Type`.
    pub media_type: &'static str,
    /// A strong entity tag, quotes included.
    pub etag: &'static str,
    /// Asked for by its hashed name: `Cache-Control: public, max-age=31536000, immutable`. Otherwise `no-cache`.
    pub immutable: bool,
}

struct File {
    plain: &'static str,
    hashed: String,
    etag: String,
    media_type: &'static str,
    bytes: Vec<u8>,
}

/// In this order: what the style sheet names comes before it, so that its text can carry the hashed names.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let mut files = vec![
        file(
            "icon.svg",
            "image/svg+xml",
            include_bytes!("../assets/icon.svg").to_vec(),
        ),
        file(
            "chev.svg",
            "image/svg+xml",
            include_bytes!("../assets/chev.svg").to_vec(),
        ),
        file(
            "inter-var-latin.woff2",
            "font/woff2",
            include_bytes!("../assets/fonts/inter-var-latin.woff2").to_vec(),
        ),
        file(
            "inter-license.txt",
            "text/plain; charset=utf-8",
            include_bytes!("../assets/fonts/OFL-Inter.txt").to_vec(),
        ),
        file(
            "app.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../assets/app.js").to_vec(),
        ),
    ];
    let style = with_hashed_names(include_str!("../assets/app.css"), &files);
    files.push(file("app.css", "text/css; charset=utf-8", style.into_bytes()));
    files
});

/// The file of this name (`app.css`, `app.1f0c….css`; without [`MOUNT`]).
#[must_use]
pub fn find(name: &str) -> Option<Asset> {
    let file = FILES
        .iter()
        .find(|file| file.plain == name || file.hashed == name)?;
    Some(Asset {
        bytes: &file.bytes,
        media_type: file.media_type,
        etag: &file.etag,
        immutable: file.hashed == name,
    })
}

/// The address under which a page refers to a file; an unknown name stays as it is.
#[must_use]
pub fn url(plain: &str) -> String {
    let name = FILES
        .iter()
        .find(|file| file.plain == plain)
        .map_or(plain, |file| file.hashed.as_str());
    format!("{MOUNT}{name}")
}

/// The hashed names of all files with their bytes, for tools that write a static copy.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES
        .iter()
        .map(|file| (file.hashed.as_str(), file.bytes.as_slice()))
}

fn file(plain: &'static str, media_type: &'static str, bytes: Vec<u8>) -> File {
    let digest = digest(&bytes);
    let hashed = match plain.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{digest:016x}.{extension}"),
        None => format!("{plain}.{digest:016x}"),
    };
    File {
        plain,
        hashed,
        etag: format!("\"{digest:016x}\""),
        media_type,
        bytes,
    }
}

/// The style sheet is written with plain names; what is served names the files by digest.
fn with_hashed_names(style: &str, files: &[File]) -> String {
    files.iter().fold(style.to_owned(), |text, file| {
        text.replace(file.plain, &file.hashed)
    })
}

/// FNV-1a, 64 bits: it tells versions of our own files apart and guards nothing.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_answers_to_both_names_and_only_one_may_be_kept() {
        assert_eq!(FILES.len(), 6);
        for file in FILES.iter() {
            let (plain, hashed) = (find(file.plain).unwrap(), find(&file.hashed).unwrap());
            assert!(!plain.immutable && hashed.immutable, "{}", file.plain);
            assert_eq!(plain.bytes, hashed.bytes);
            assert!(!plain.bytes.is_empty());
        }
        assert!(find("../Cargo.toml").is_none());
    }

    #[test]
    fn the_style_sheet_loads_what_exists_and_nothing_from_elsewhere() {
        let style = String::from_utf8(find("app.css").unwrap().bytes.to_vec()).unwrap();
        let mut addresses = 0;
        for (_, rest) in style.match_indices("url(").map(|(at, _)| style.split_at(at + 4)) {
            let address = rest.split(')').next().unwrap().trim_matches('"');
            assert!(find(address).is_some_and(|asset| asset.immutable), "{address}");
            addresses += 1;
        }
        assert_eq!(addresses, 2, "the font and the mark of a select");
    }
}
