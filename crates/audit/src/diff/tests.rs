use policy::{Cause, Finding};

use super::{Resolution, diff};
use crate::{Report, WhyNotChecked, sample};

/// The sample with every `name@from` become `name@to`.
fn bumped(name: &str, from: &str, to: &str) -> Report {
    let mut report = sample::report();
    for status in report.components.iter_mut().filter(|status| status.name == name) {
        status.version = Some(to.to_owned());
        status.purl = status.purl.as_ref().map(|purl| purl.replace(from, to));
    }
    for finding in report
        .findings
        .iter_mut()
        .filter(|finding| finding.component.name == name)
    {
        finding.component.version = to.to_owned();
        finding.component.purl = finding.component.purl.replace(from, to);
    }
    report
}

fn without_findings(report: &mut Report, name: &str) {
    report.findings.retain(|finding| finding.component.name != name);
}

fn ids<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<&'f str> {
    findings.map(|finding| finding.canonical.as_str()).collect()
}

#[test]
fn a_report_does_not_differ_from_itself() {
    assert_eq!(
        diff(&sample::report(), &sample::report()),
        super::Difference::default()
    );
}

#[test]
fn a_version_bump_that_keeps_the_bug_introduces_nothing() {
    let difference = diff(&sample::report(), &bumped("minimist", "1.2.0", "1.2.1"));
    assert_eq!(difference.changed.len(), 1);
    assert_eq!(difference.changed[0].from, ["1.2.0"]);
    assert_eq!(difference.changed[0].to, ["1.2.1"]);
    assert!(difference.introduced.is_empty() && difference.fixed.is_empty());
}

#[test]
fn an_upgrade_fixes_and_says_so() {
    let mut after = bumped("minimist", "1.2.0", "1.2.6");
    without_findings(&mut after, "minimist");
    let difference = diff(&sample::report(), &after);
    let fixed = ids(difference.fixed.iter().map(|closed| &closed.finding));
    assert_eq!(fixed, ["CVE-2021-44906", "CVE-2020-7598"]);
    assert!(
        difference
            .fixed
            .iter()
            .all(|closed| closed.resolution == Resolution::VersionChanged)
    );
    let back = diff(&after, &sample::report());
    assert_eq!(back.introduced.len(), 2);
    assert_eq!(back.introduced[0].cause, Some(Cause::VersionChanged));
}

#[test]
fn a_component_that_goes_takes_its_findings_with_it() {
    let mut after = sample::report();
    after.components.retain(|status| status.name != "minimist");
    without_findings(&mut after, "minimist");
    let difference = diff(&sample::report(), &after);
    assert_eq!(
        difference.removed[0].purl.as_deref(),
        Some("pkg:npm/minimist@1.2.0")
    );
    assert_eq!(difference.fixed[0].resolution, Resolution::ComponentRemoved);
    let back = diff(&after, &sample::report());
    assert_eq!(back.added.len(), 1);
    assert_eq!(back.introduced[0].cause, Some(Cause::ComponentAdded));
}

#[test]
fn the_same_version_changes_only_when_an_advisory_does() {
    let mut after = sample::report();
    without_findings(&mut after, "minimist");
    assert_eq!(
        diff(&sample::report(), &after).fixed[0].resolution,
        Resolution::AdvisoryChanged
    );
    let back = diff(&after, &sample::report());
    assert_eq!(back.introduced[0].cause, Some(Cause::AdvisoryPublished));
}

#[test]
fn what_is_no_longer_checked_is_not_fixed() {
    // Neither with the same version nor with a new one that nobody looked at.
    for version in ["1.2.0", "1.2.6"] {
        let mut after = bumped("minimist", "1.2.0", version);
        without_findings(&mut after, "minimist");
        for status in after
            .components
            .iter_mut()
            .filter(|status| status.name == "minimist")
        {
            status.checked = false;
            status.why_not = Some(WhyNotChecked::FeedNotLoaded);
        }
        let difference = diff(&sample::report(), &after);
        assert!(difference.fixed.is_empty(), "{version}");
        let expect = Resolution::NoLongerChecked(WhyNotChecked::FeedNotLoaded);
        assert_eq!(difference.unknown.len(), 2);
        assert!(
            difference
                .unknown
                .iter()
                .all(|closed| closed.resolution == expect)
        );
        if version == "1.2.0" {
            assert_eq!(diff(&after, &sample::report()).introduced[0].cause, None);
        }
    }
}

#[test]
fn one_more_affected_version_of_the_same_package_is_new() {
    let mut after = sample::report();
    let mut status = after.components[4].clone();
    let mut finding = after.findings[1].clone();
    assert_eq!(
        (status.name.as_str(), finding.component.name.as_str()),
        ("minimist", "minimist")
    );
    status.version = Some("0.0.8".to_owned());
    finding.component.version = "0.0.8".to_owned();
    after.components.push(status);
    after.findings.push(finding);
    let difference = diff(&sample::report(), &after);
    assert_eq!(difference.added.len(), 1);
    assert_eq!(difference.introduced.len(), 1);
    assert_eq!(difference.introduced[0].finding.component.version, "0.0.8");
}

#[test]
fn a_new_canonical_id_of_the_same_group_is_not_a_new_finding() {
    let mut before = sample::report();
    for finding in &mut before.findings {
        // Before the CVE was assigned there was only the GHSA id.
        finding.canonical = finding.aliases.remove(0);
    }
    let difference = diff(&before, &sample::report());
    assert!(difference.introduced.is_empty() && difference.fixed.is_empty());
}

#[test]
fn a_changed_license_is_told() {
    let mut after = sample::report();
    after.components[6].license = Some("BUSL-1.1".to_owned());
    let difference = diff(&sample::report(), &after);
    assert_eq!(difference.licenses.len(), 1);
    assert_eq!(difference.licenses[0].name, "left-pad");
    assert_eq!(difference.licenses[0].before, ["WTFPL"]);
    assert_eq!(difference.licenses[0].after, ["BUSL-1.1"]);
}
