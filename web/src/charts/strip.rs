//! The verdicts of the last builds; height says the verdict as well as colour does.

use policy::Outcome;

use super::{coordinate, units};
use crate::html::{Builder, Html};
use crate::text;

/// One build of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripBuild {
    pub number: u64,
    pub outcome: Outcome,
}

const HEIGHT: u32 = 40;

/// Oldest build first.
#[must_use]
pub fn gate_strip(builds: &[StripBuild]) -> Html {
    let mut html = Builder::default();
    html.put(format_args!(
        "<svg role=\"img\" aria-label=\"{}\">",
        words(builds)
    ));
    let slot = 100.0 / units(builds.len().max(12));
    for (index, build) in builds.iter().enumerate() {
        let look = look(build.outcome);
        let x = coordinate(slot * (units(index) + 0.12));
        let width = coordinate(slot * 0.72);
        html.put(format_args!(
            "<g><title>Build {} {}</title><rect class=\"{}\" x=\"{x}%\" y=\"{}\" width=\"{width}%\" height=\"{}\" rx=\"1.5\"/></g>",
            build.number, look.words, look.class, HEIGHT - look.height, look.height
        ));
    }
    html.put(format_args!("</svg>"));
    html.finish()
}

struct Look {
    words: &'static str,
    class: &'static str,
    height: u32,
}

const fn look(outcome: Outcome) -> Look {
    let (words, class, height) = match outcome {
        Outcome::Pass => ("passed", "s-pass", 18),
        Outcome::Warn => ("passed with warnings", "s-warn", 27),
        Outcome::Fail => ("failed", "s-fail", 38),
        Outcome::Indeterminate => ("was not decided", "u-bar", 9),
        Outcome::Pending => ("is being checked", "u-bar", 4),
    };
    Look { words, class, height }
}

fn words(builds: &[StripBuild]) -> String {
    let count = |outcome: Outcome| builds.iter().filter(|build| build.outcome == outcome).count();
    let mut parts = Vec::new();
    for outcome in [
        Outcome::Pass,
        Outcome::Warn,
        Outcome::Fail,
        Outcome::Indeterminate,
        Outcome::Pending,
    ] {
        if count(outcome) > 0 {
            parts.push(format!("{} {}", count(outcome), look(outcome).words));
        }
    }
    let last = builds.last().map(|build| build.outcome);
    let streak = builds
        .iter()
        .rev()
        .take_while(|build| Some(build.outcome) == last)
        .count();
    let streak = if streak > 1 {
        format!(", the last {streak} alike")
    } else {
        String::new()
    };
    let all = text::plural(u64::try_from(builds.len()).unwrap_or(0), "build");
    format!("Gate verdicts of the last {all}: {}{streak}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_has_its_height_and_the_sentence_counts_them() {
        let outcomes = [
            Outcome::Pass,
            Outcome::Pass,
            Outcome::Warn,
            Outcome::Indeterminate,
            Outcome::Fail,
            Outcome::Fail,
        ];
        let builds: Vec<_> = (1790..)
            .zip(outcomes)
            .map(|(number, outcome)| StripBuild { number, outcome })
            .collect();
        let html = gate_strip(&builds);
        let sentence = "Gate verdicts of the last 6 builds: 2 passed, 1 passed with warnings, 2 failed, 1 was not decided, the last 2 alike";
        assert!(html.as_str().contains(sentence), "{}", html.as_str());
        for height in ["\"18\"", "\"27\"", "\"38\"", "\"9\""] {
            assert!(html.as_str().contains(&format!("height={height}")), "{height}");
        }
    }
}
