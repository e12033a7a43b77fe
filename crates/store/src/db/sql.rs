//! Statements: written once, rendered once per engine.

use std::sync::OnceLock;

/// Which database a statement is rendered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// One named statement for both engines.
///
/// The text is SQL that both understand plus a few words:
///
/// | word | SQLite | PostgreSQL |
/// | --- | --- | --- |
/// | `{skip_locked}` | nothing, the writer is alone | `FOR UPDATE SKIP LOCKED` |
/// | `{for_update}` | nothing, the writer is alone | `FOR NO KEY UPDATE`: rows that refer to it may still be added |
/// | `{elements}($n{json})` | `json_each($n)` | `json_array_elements_text($n::json)` |
///
/// The rows of `{elements}` have one column, `value`; cast it (`CAST(value AS BIGINT)`) where it is a number.
pub struct Sql {
    /// The constant's name, for logs and tests.
    pub name: &'static str,
    text: &'static str,
    sqlite: OnceLock<&'static str>,
    postgres: OnceLock<&'static str>,
}

impl Sql {
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    /// The statement in the words of one engine.
    pub fn text(&'static self, engine: Engine) -> &'static str {
        let (rendered, elements, json, skip_locked, for_update) = match engine {
            Engine::Sqlite => (&self.sqlite, "json_each", "", "", ""),
            Engine::Postgres => (
                &self.postgres,
                "json_array_elements_text",
                "::json",
                "FOR UPDATE SKIP LOCKED",
                "FOR NO KEY UPDATE",
            ),
        };
        rendered.get_or_init(|| {
            let text = self
                .text
                .replace("{elements}", elements)
                .replace("{json}", json)
                .replace("{skip_locked}", skip_locked)
                .replace("{for_update}", for_update);
            // Statements are constants, so this leaks once per statement and engine.
            Box::leak(text.into_boxed_str())
        })
    }

    /// How many parameters the statement has: the highest `$n`.
    #[must_use]
    pub fn parameters(&self) -> usize {
        let mut highest = 0;
        for piece in self.text.split('$').skip(1) {
            let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
            highest = highest.max(digits.parse().unwrap_or(0));
        }
        highest
    }
}

/// Declares the statements of a subject and lists them in `STATEMENTS`, so that a test can prepare all of
/// them on both engines.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$meta])* pub(crate) static $name: $crate::db::Sql = $crate::db::Sql::new(stringify!($name), $text);)+
        pub(crate) static STATEMENTS: &[&$crate::db::Sql] = &[$(&$name),+];
    };
}
pub(crate) use statements;
