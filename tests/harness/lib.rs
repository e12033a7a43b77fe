//! What every test of the product stands on: the real binary, real data, and both engines.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

pub mod bucket;
mod folder;
pub mod http;
pub mod place;
pub mod registry;
pub mod repository;
pub mod sbom;
pub mod service;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub use folder::Folder;
pub use place::Place;
pub use registry::Registry;
pub use repository::GitServer;
pub use service::Service;

/// The binary under test with a clean environment: no setting of the tester's own reaches it.
///
/// # Panics
/// When `PLUMBLINE_BINARY` does not name it.
#[must_use]
pub fn plumbline(arguments: &[&str]) -> Command {
    let binary = std::env::var_os("PLUMBLINE_BINARY")
        .unwrap_or_else(|| panic!("PLUMBLINE_BINARY names the binary to test; tests/run builds it"));
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PLUMBLINE_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).env("NO_COLOR", "1");
    command
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; a signal has none.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(command: &mut Command) -> Ended {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Ended {
        code: status.code(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// A part of the shared test data.
///
/// # Panics
/// When it is not there: a test that does without proves nothing.
#[must_use]
pub fn shared_data(part: &str) -> PathBuf {
    let root = std::env::var_os("PLUMBLINE_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(part);
    assert!(path.exists(), "the shared test data lacks {}", path.display());
    path
}
