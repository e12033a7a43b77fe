//! YAML as the same kind of value as JSON, within a budget that no bomb fits in.

use serde_json::Value;

use super::ReadError;

/// Nodes of one text; the largest lockfiles of pnpm have some hundred thousand.
const MOST_NODES: usize = 8_000_000;

/// Parses every document of a text.
pub(crate) fn documents(text: &str) -> Result<Vec<Value>, ReadError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_NODES,
            max_events: MOST_NODES * 2,
            max_total_scalar_bytes: 256 * 1024 * 1024,
            max_aliases: 10_000,
            max_anchors: 10_000,
            max_depth: 64,
        },
        with_snippet: false,
    };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| syntax(&error))
}

fn syntax(error: &serde_saphyr::Error) -> ReadError {
    let text = error.to_string();
    let message = text.lines().next().unwrap_or_default().to_owned();
    let place = error.location().map_or_else(String::new, |location| {
        format!("line {}, column {}", location.line(), location.column())
    });
    ReadError::new(place, format!("it is no YAML: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bombs_do_not_go_off() {
        let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, before) in ["b", "c", "d", "e", "f", "g", "h"]
            .iter()
            .zip(["a", "b", "c", "d", "e", "f", "g"])
        {
            bomb += &format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 9].join(", "));
        }
        let error = documents(&bomb).unwrap_err();
        assert!(error.message.starts_with("it is no YAML"), "{error}");
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let error = documents("a: 1\nb: [\n").unwrap_err();
        assert!(error.place.starts_with("line "), "{error}");
    }
}
