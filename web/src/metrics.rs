//! The numbers that pages show, each with its one definition: what is written here is what readers read on
//! `/metrics/definitions`.

/// Makes the enumeration and the page's text from the same comments.
macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $metric:ident = $anchor:literal, $name:literal;)+) => {
        /// A number that a page shows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric {
            $($(#[doc = $doc])+ $metric,)+
        }

        impl Metric {
            /// In the order of the page.
            pub const ALL: &'static [Self] = &[$(Self::$metric),+];

            /// Where on the page of definitions it stands.
            #[must_use]
            pub const fn anchor(self) -> &'static str {
                match self {
                    $(Self::$metric => $anchor,)+
                }
            }

            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$metric => $name,)+
                }
            }

            /// The definition, in sentences.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$metric => concat!($($doc),+).trim_start(),)+
                }
            }
        }
    };
}

metrics! {
    /// One group of advisories that speak of the same vulnerability, in one version of one component, on one branch of
    /// one project. However many paths lead to the component, it is one finding. Numbers over several projects count
    /// tracked branches only: the default branch and those marked as released.
    Finding = "finding", "Finding";
    /// Vulnerabilities and malware that were there at that moment and had not ended; notices about packages
    /// (unmaintained, unsound) are listed with them but counted apart. A waived finding is open, because the risk is
    /// still there, but does not block. One that is not affected, or was a false alarm, is closed with that reason.
    /// Severity is counted as it was known on each day, so that a later score does not rewrite last month.
    Open = "open", "Open findings";
    /// By ISO week, UTC. New: findings that opened in the week and were not open the day before. Fixed: findings that
    /// ended in the week because the component or its version changed. One that goes on in another version, or at
    /// another severity, is neither. The current week is marked as unfinished.
    NewAndFixed = "new-and-fixed", "New and fixed";
    /// Fixed findings in percent of new ones, over the last thirteen weeks. Above 100 the pile shrinks. Without any new
    /// finding there is no such number.
    NetResolveRate = "net-resolve-rate", "Net resolve rate";
    /// From the first day a finding was seen to the day it was fixed, for those fixed in the last 90 days. A finding
    /// that its advisory took back, or that could no longer be checked, is left out. Half and nine tenths are shown;
    /// with fewer than five fixes, none of them.
    TimeToFix = "time-to-fix", "Time to fix";
    /// From the first day a finding was seen to the first decision that somebody made about it here, for decisions of
    /// the last 90 days; half of them were made sooner. VEX documents decide without that anybody looks, so they are
    /// left out.
    TimeToTriage = "time-to-triage", "Time to triage";
    /// Open findings whose due day is over. The due day is the day the finding was first seen plus the time that the
    /// policy gives its severity: 7, 30, 90 and 180 days unless the policy says otherwise. A waiver does not move the
    /// day.
    PastSla = "past-sla", "Past SLA";
    /// Findings fixed in the last 90 days by their due day, among all that were fixed in that time and all that are
    /// still open past their due day. Without the latter, a team would look better by never fixing.
    FixedWithinSla = "fixed-within-sla", "Fixed within SLA";
    /// Days since a finding was first seen: up to 7, 8 to 30, 31 to 90, over 90. A finding that comes back keeps its
    /// first day.
    Age = "age", "Age of open findings";
    /// Findings that began once more after they had ended, in percent of all that began in the last 90 days.
    Reopened = "reopened", "Reopened";
    /// Open findings for which a released version exists that clears the finding and that no known finding affects.
    Fixable = "fixable", "Fixable now";
    /// Days within the last 90 on which a project had an open finding that is critical or known to be exploited, summed
    /// over projects. A project counts once, however many such findings it has at a time.
    ExposureDays = "exposure-days", "Exposure days";
    /// Checked components are those whose package and version are known, whose ecosystem a loaded feed covers, and for
    /// which every record could be decided. The rest is undetermined, never clean. A project is fresh when a tracked
    /// branch sent an SBOM in the last 14 days, ageing up to 30, stale after that.
    Coverage = "coverage", "Coverage and freshness";
    /// Components by what the policy says of their licenses: denied, to be reviewed, unknown, allowed. A component
    /// without a known license is unknown, never allowed.
    Licenses = "license-risk", "License risk";
    /// Projects of which a tracked branch's newest build has the verdict fail. The page, the API, the command line and
    /// the badge show the verdict of one function.
    GatesFailing = "gates-failing", "Gates failing";
    /// Known exploited findings first, then by severity, then by the probability of exploitation (EPSS).
    Urgency = "urgency", "Most urgent first";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Metric;

    #[test]
    fn every_metric_has_a_place_of_its_own_and_says_what_it_is() {
        let anchors: BTreeSet<_> = Metric::ALL.iter().map(|metric| metric.anchor()).collect();
        assert_eq!(anchors.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            let text = metric.text();
            assert!(
                text.len() > 60 && text.ends_with('.'),
                "{}: {text}",
                metric.name()
            );
            assert!(text.starts_with(char::is_uppercase), "{}: {text}", metric.name());
        }
    }
}
