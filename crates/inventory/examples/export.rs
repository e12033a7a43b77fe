//! Reads SBOMs, writes each in every format below a folder, and says how long that took:
//! `cargo run --release -p inventory --example export -- FOLDER FILE…`

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use clock::Timestamp;
use inventory::formats::{self, Export, Heading, Limits};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("a folder to write to is needed")?;
    for file in arguments {
        if let Err(error) = convert(Path::new(&file), Path::new(&folder)) {
            println!("{file}: {error}");
        }
    }
    Ok(())
}

fn convert(file: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(file)?;
    let (inventory, _) = formats::read(&bytes, &Limits::default())?;
    let name = file.to_string_lossy().replace('/', "_");
    let heading = Heading {
        uuid: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11",
        created: Timestamp::from_millis(1_764_000_000_123),
        tool: ("plumbline", env!("CARGO_PKG_VERSION")),
        name: "example",
    };
    print!("{}: {} components", file.display(), inventory.components.len());
    for export in Export::ALL {
        let started = Instant::now();
        let mut out = Vec::new();
        formats::write(&inventory, &inventory.vulnerabilities, &heading, export, &mut out)?;
        print!(", {export} {} bytes in {:?}", out.len(), started.elapsed());
        fs::write(folder.join(format!("{name}.{}", export.extension())), out)?;
    }
    println!();
    Ok(())
}
