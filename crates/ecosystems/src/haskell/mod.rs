//! Hackage and GHC.

use crate::cran::Dotted;
use crate::semantic::Semantic;

/// Versions of numbers alone; `1.0` comes before `1.0.0`.
pub static HACKAGE: Dotted = Dotted::new("Hackage", "hackage", &['.']);

/// The compiler, its libraries and tools; no purl type is theirs.
pub static GHC: Semantic = Semantic::new("GHC", "");
