//! How fast the readers are, and what memory they take: `speed FILE [ROUNDS]`. `bench read` does the same with
//! documents that it makes.

#![expect(clippy::cast_precision_loss, reason = "rates are rounded when they are shown")]

use std::time::{Duration, Instant};

use inventory::formats::{self, Limits};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("speed FILE [ROUNDS]")?;
    let rounds: u32 = arguments.next().map_or(Ok(5), |rounds| rounds.parse())?;
    let document = std::fs::read(path)?;
    let limits = Limits {
        inflated: usize::MAX,
        ..Limits::default()
    };
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let start = Instant::now();
        let (inventory, notices) = formats::read(&document, &limits)?;
        best = best.min(start.elapsed());
        println!(
            "{} components, {} edges, {} notices in {:?}",
            inventory.component_count(),
            inventory.edges.len(),
            notices.len(),
            start.elapsed()
        );
    }
    let rate = document.len() as f64 / 1e6 / best.as_secs_f64();
    println!("best {rate:.0} MB/s of {} bytes; {}", document.len(), peak());
    Ok(())
}

/// What Linux says of this process.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or_default()
        .to_owned()
}
