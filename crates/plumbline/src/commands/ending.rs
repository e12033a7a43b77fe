//! The number that a process ends with, as its caller wants it.

use policy::{Check, Outcome, Verdict};

use super::output;

/// How the verdict becomes an exit code.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct Ending {
    /// Answers 0 when not everything could be checked and nothing that was checked fails
    #[arg(long)]
    allow_indeterminate: bool,
    /// Answers 1 for warnings
    #[arg(long)]
    warn_as_error: bool,
    /// Answers with the sum of what failed: 1 vulnerabilities, 2 licenses, 4 sources and what could not be checked,
    /// 8 misconfigurations, 16 malicious packages
    #[arg(long)]
    exit_bits: bool,
}

impl Ending {
    /// The code of a verdict.
    pub(super) fn of(self, verdict: &Verdict) -> u8 {
        if self.exit_bits {
            return self.bits(verdict);
        }
        self.of_outcome(verdict.verdict)
    }

    /// The code where there is no verdict to look into.
    pub(super) const fn of_outcome(self, outcome: Outcome) -> u8 {
        match outcome {
            Outcome::Warn if self.warn_as_error => 1,
            Outcome::Indeterminate if self.allow_indeterminate => 0,
            other => output::exit_code(other),
        }
    }

    fn bits(self, verdict: &Verdict) -> u8 {
        let counts = |outcome| match outcome {
            Outcome::Fail => true,
            Outcome::Indeterminate | Outcome::Pending => !self.allow_indeterminate,
            Outcome::Warn => self.warn_as_error,
            Outcome::Pass => false,
        };
        verdict
            .checks
            .iter()
            .filter(|check| counts(check.verdict))
            .fold(0, |bits, check| bits | bit(check.check))
    }
}

const fn bit(check: Check) -> u8 {
    match check {
        Check::Vulnerability => 1,
        Check::License => 2,
        Check::Unmaintained | Check::Source | Check::Integrity | Check::Meta => 4,
        Check::Misconfig => 8,
        Check::Malicious => 16,
    }
}
