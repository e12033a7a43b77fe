//! Hex, the registry of Elixir and Erlang.

use crate::semantic::Semantic;

pub static HEX: Semantic = Semantic::new("Hex", "hex");
