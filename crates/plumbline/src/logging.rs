//! What the process says while it works: to standard error, never a secret, in text or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::commands::output::no_color;

/// How much is said, and in which form.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct LogFlags {
    /// error, warn, info, debug, or finer: `info,store=debug`
    #[arg(long, global = true, env = "PLUMBLINE_LOG_LEVEL", value_name = "LEVEL", value_parser = directives)]
    log_level: Option<String>,
    /// text for people, json for machines
    #[arg(
        long,
        global = true,
        env = "PLUMBLINE_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    log_format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

fn directives(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}

impl LogFlags {
    /// Begins to log, at `level` unless the flags say otherwise.
    pub(crate) fn start(&self, level: &str) {
        let level = self.log_level.as_deref().unwrap_or(level);
        let builder = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(level))
            .with_writer(std::io::stderr);
        match self.log_format {
            Format::Json => builder.json().flatten_event(true).init(),
            Format::Text => {
                let colour = std::io::stderr().is_terminal() && !no_color();
                builder.with_ansi(colour).init();
            }
        }
    }
}
