//! `plumbline scan FILE` as a whole process: start, load, match, print, end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;
use crate::arguments::ScanOptions;
use crate::latency::Latencies;
use crate::{catalogue, generate};

/// The exit codes that mean that the document was judged: pass or warn, fail, indeterminate.
const JUDGED: [i32; 3] = [0, 1, 3];

pub fn measure(options: &ScanOptions) -> Result<String, Failure> {
    let catalogue = catalogue::shuffled(options.shape.seed)?;
    let packages = generate::slice(&catalogue, 0, options.shape.components)?;
    let file = std::env::temp_dir().join(format!("plumbline-bench-{}.cdx.json", std::process::id()));
    std::fs::write(&file, generate::document(packages, options.shape.seed))?;
    let durations: Result<Vec<_>, Failure> =
        (0..options.rounds.rounds).map(|_| once(options, &file)).collect();
    std::fs::remove_file(&file)?;
    Ok(format!(
        "scan {} components: {}",
        packages.len(),
        Latencies::new(durations?)
    ))
}

fn once(options: &ScanOptions, file: &std::path::Path) -> Result<Duration, Failure> {
    let mut command = Command::new(&options.binary);
    command
        .arg("scan")
        .arg(file)
        .args(["--format", "json"])
        .stdout(Stdio::null());
    if let Some(data) = &options.data {
        command.arg("--data").arg(data);
    }
    let start = Instant::now();
    let output = command.stderr(Stdio::piped()).output()?;
    let duration = start.elapsed();
    match output.status.code() {
        Some(code) if JUDGED.contains(&code) => Ok(duration),
        _ => Err(format!(
            "{}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )
        .into()),
    }
}
