//! Writes every page with its sample data, and the assets, as static files: `cargo run -p web --example gallery -- DIR`.

use std::error::Error;
use std::path::Path;

use web::layout::Shell;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("say where to: gallery DIR")?;
    let folder = Path::new(&folder);
    let assets = folder.join("assets");
    std::fs::create_dir_all(&assets)?;
    for (name, bytes) in web::assets::all() {
        std::fs::write(assets.join(name), bytes)?;
    }
    let pages = web::views::samples(&Shell::sample());
    for (name, html) in &pages {
        std::fs::write(folder.join(format!("{name}.html")), html)?;
    }
    println!("{} pages in {}", pages.len(), folder.display());
    Ok(())
}
