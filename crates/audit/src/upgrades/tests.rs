use policy::{Action, Violation};

use super::{Remaining, Ways};
use crate::{Way, sample};

/// The way when every fix version is free of everything.
fn way_to_green(violations: &[Violation]) -> Vec<crate::Upgrade> {
    super::way_to_green(violations, &Remaining::default(), &Ways::new())
}

/// The violations of the sample with every finding blocking.
fn violations() -> Vec<Violation> {
    let report = sample::report();
    let template = report.verdict.violations[0].clone();
    report
        .findings
        .iter()
        .map(|finding| Violation {
            finding: Some(finding.clone()),
            ..template.clone()
        })
        .collect()
}

#[test]
fn a_direct_dependency_has_a_target_and_a_transitive_one_only_what_it_must_become() {
    let steps = way_to_green(&violations());
    let minimist = &steps[0];
    assert_eq!(
        minimist.name, "minimist",
        "the step that clears two comes before the one that clears one"
    );
    assert_eq!(minimist.to, None);
    assert_eq!(minimist.fixed.as_deref(), Some("1.2.6"));
    assert_eq!(minimist.via, ["bcrypt@5.0.0"]);
    assert_eq!(minimist.clears.len(), 2);
    assert_eq!(minimist.clears_critical, 1);
    assert_eq!(minimist.command.as_deref(), Some("npm update minimist"));
    let traverse = &steps[1];
    assert_eq!(traverse.to.as_deref(), Some("7.23.2"));
    assert_eq!(
        traverse.command.as_deref(),
        Some("npm install @babel/traverse@7.23.2")
    );
    assert_eq!(steps.len(), 2);
}

#[test]
fn the_target_is_past_every_fix_and_clears_only_what_has_one() {
    let mut violations = violations();
    let mut others = violations
        .iter_mut()
        .filter_map(|violation| violation.finding.as_mut());
    let minimist = others
        .find(|finding| finding.component.name == "minimist")
        .unwrap();
    minimist.fix.version = Some("1.2.10".to_owned());
    let mut unfixed = minimist.clone();
    unfixed.id = "f_unfixed".to_owned();
    unfixed.fix.version = None;
    let step = violations[0].clone();
    violations.push(Violation {
        finding: Some(unfixed),
        ..step
    });
    let steps = way_to_green(&violations);
    assert_eq!(steps[0].fixed.as_deref(), Some("1.2.10"), "ten is more than six");
    assert_eq!(steps[0].clears.len(), 2);
    assert!(!steps[0].clears.contains(&"f_unfixed".to_owned()));
}

#[test]
fn nothing_is_promised_where_nothing_is_known() {
    let mut violations = violations();
    for violation in &mut violations {
        violation.finding.as_mut().unwrap().component.direct = None;
    }
    assert!(
        way_to_green(&violations)
            .iter()
            .all(|step| step.command.is_none())
    );
    for violation in &mut violations {
        violation.finding.as_mut().unwrap().fix.version = None;
    }
    assert!(way_to_green(&violations).is_empty());
}

#[test]
fn only_what_blocks_is_on_the_way() {
    let mut violations = violations();
    for violation in &mut violations {
        violation.action = Action::Warn;
    }
    assert!(way_to_green(&violations).is_empty());
}

#[test]
fn a_fix_that_leaves_another_finding_does_not_clear_it() {
    let mut violations = violations();
    let mut others = violations
        .iter_mut()
        .filter_map(|violation| violation.finding.as_mut());
    let pollution = others
        .find(|finding| finding.canonical == "CVE-2021-44906")
        .unwrap();
    pollution.fix.version = Some("1.3.0".to_owned());
    let left = pollution.id.clone();
    let place = (pollution.component.purl.clone(), "CVE-2020-7598".to_owned());
    let other = others
        .find(|finding| finding.canonical == "CVE-2020-7598")
        .unwrap();
    other.fix.version = Some("1.4.0".to_owned());
    let remaining = Remaining::from([(place, vec!["CVE-2021-44906".to_owned()])]);
    let steps = super::way_to_green(&violations, &remaining, &Ways::new());
    let minimist = steps.iter().find(|step| step.name == "minimist").unwrap();
    assert_eq!(minimist.fixed.as_deref(), Some("1.4.0"));
    assert_eq!(minimist.clears.len(), 1);
    assert!(!minimist.clears.contains(&left));
}

#[test]
fn what_resolving_again_has_shown_is_the_way() {
    let violations = violations();
    let plain = way_to_green(&violations);
    let affected = plain[0].purl.clone();
    let with = |way: Way| {
        let ways = Ways::from([(affected.clone(), way)]);
        super::way_to_green(&violations, &Remaining::default(), &ways)
    };
    let steps = with(Way::Upgrade {
        name: "bcrypt".to_owned(),
        from: "5.0.0".to_owned(),
        to: "5.1.1".to_owned(),
        command: "npm install bcrypt@5.1.1".to_owned(),
    });
    let step = &steps[0];
    assert_eq!(
        (step.name.as_str(), step.to.as_deref(), step.direct),
        ("bcrypt", Some("5.1.1"), Some(true))
    );
    assert_eq!((step.clears.len(), step.clears_critical), (2, 1));
    assert_eq!(step.purl, "pkg:npm/bcrypt@5.0.0");
    assert!(step.resolved && step.via.is_empty());
    let refreshed = with(Way::Refresh {
        command: "npm update minimist".to_owned(),
    });
    assert!(refreshed[0].resolved && refreshed[0].to.is_none());
    assert_eq!(
        with(Way::None { tried: 40 }),
        plain,
        "none found is as none looked for"
    );
}
