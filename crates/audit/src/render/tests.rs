use std::collections::HashSet;

use policy::{Outcome, Verdict};
use serde_json::Value;

use super::{Document, Rendering, Style};
use crate::{Report, sample};

const STYLE: Style<'static> = Style {
    colour: false,
    artifact: "package-lock.json",
};

/// A report in which everything that comes from outside is as nasty as it can be.
fn hostile() -> Report {
    let mut report = sample::report();
    let nasty = "=1\r\n::error::x\u{1b}[2J]]><script>\"'&|`@everyone\u{0}%";
    let finding = report.verdict.violations[0].finding.as_mut().unwrap();
    finding.summary = nasty.to_owned();
    finding.component.name = nasty.to_owned();
    finding.component.version = nasty.to_owned();
    finding.canonical = nasty.to_owned();
    finding.paths = vec![vec![nasty.to_owned()]];
    finding.evidence.range = nasty.to_owned();
    finding.fix.version = Some(nasty.to_owned());
    report.findings[0] = finding.clone();
    report.verdict.violations[0].reason = nasty.to_owned();
    report.verdict.violations[2].purl = Some(nasty.to_owned());
    report.verdict.project = nasty.to_owned();
    report.upgrades[0].name = nasty.to_owned();
    report
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_rendering_of_a_report_is_as_agreed() {
    let report = sample::report();
    for rendering in Rendering::ALL {
        insta::assert_snapshot!(format!("report-{rendering}"), rendering.render(&report, &STYLE));
    }
}

#[test]
fn every_rendering_of_a_verdict_is_as_agreed() {
    let verdict = sample::report().verdict;
    for rendering in Rendering::ALL {
        insta::assert_snapshot!(format!("verdict-{rendering}"), rendering.render(&verdict, &STYLE));
    }
}

#[test]
fn every_rendering_of_a_hostile_report_is_as_agreed() {
    let report = hostile();
    for rendering in Rendering::ALL {
        insta::assert_snapshot!(format!("hostile-{rendering}"), rendering.render(&report, &STYLE));
    }
}

#[test]
fn equal_inputs_give_equal_bytes() {
    for rendering in Rendering::ALL {
        let (once, again) = (sample::report(), sample::report());
        assert_eq!(
            rendering.render(&once, &STYLE),
            rendering.render(&again, &STYLE),
            "{rendering}"
        );
    }
}

#[test]
fn names_are_read_back_and_others_refused() {
    for rendering in Rendering::ALL {
        assert_eq!(rendering.name().parse(), Ok(rendering));
        assert!(rendering.media_type().contains('/'));
    }
    assert_eq!("github-annotations".parse(), Ok(Rendering::GithubAnnotations));
    assert_eq!("gitlab-codequality".parse(), Ok(Rendering::GitlabCodequality));
    assert_eq!("gitlab-ds".parse(), Ok(Rendering::GitlabDependencyScanning));
    assert!("pdf".parse::<Rendering>().is_err());
}

#[test]
fn no_format_shows_an_undecided_verdict_as_clean() {
    for outcome in [Outcome::Indeterminate, Outcome::Pending] {
        let verdict = Verdict {
            verdict: outcome,
            violations: Vec::new(),
            ..sample::report().verdict
        };
        let word = super::items::outcome_word(outcome);
        for rendering in Rendering::ALL {
            let text = rendering.render(&verdict, &STYLE);
            assert!(text.contains(word), "{rendering}: {text}");
        }
        assert!(Rendering::Junit.render(&verdict, &STYLE).contains("<error"));
        assert!(
            Rendering::GithubAnnotations
                .render(&verdict, &STYLE)
                .contains("::error ")
        );
        let sarif = json(&Rendering::Sarif.render(&verdict, &STYLE));
        assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
        assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let report = sample::report();
    let coloured = Style {
        colour: true,
        ..STYLE
    };
    for rendering in [Rendering::Text, Rendering::Table] {
        assert!(!rendering.render(&report, &STYLE).contains('\u{1b}'));
        assert!(rendering.render(&report, &coloured).contains('\u{1b}'));
    }
}

/// What SARIF 2.1.0 requires, object by object (§3.13 to §3.58), and what code scanning asks for.
#[test]
fn sarif_has_every_required_property() {
    for report in [sample::report(), hostile()] {
        let log = json(&Rendering::Sarif.render(&report, &STYLE));
        assert_eq!(log["version"], "2.1.0");
        let runs = log["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 1);
        let driver = &runs[0]["tool"]["driver"];
        assert!(driver["name"].is_string());
        let rules = driver["rules"].as_array().unwrap();
        let ids: HashSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rules.len(), "rule ids are unique");
        assert!(runs[0]["invocations"][0]["executionSuccessful"].is_boolean());
        let results = runs[0]["results"].as_array().unwrap();
        assert_eq!(results.len(), 4);
        for result in results {
            check_sarif_result(result, rules);
        }
    }
}

fn check_sarif_result(result: &Value, rules: &[Value]) {
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "package-lock.json");
    assert_eq!(physical["region"]["startLine"], 1);
    let prints = result["partialFingerprints"].as_object().unwrap();
    assert!(!prints.is_empty() && prints.values().all(Value::is_string));
    for suppression in result["suppressions"].as_array().into_iter().flatten() {
        assert_eq!(suppression["kind"], "external");
    }
}

#[test]
fn a_fingerprint_outlives_a_new_version_and_a_new_path() {
    let before = sample::report();
    let mut after = before.clone();
    for finding in &mut after.findings {
        let component = &mut finding.component;
        component.purl = component.purl.replace("1.2.0", "1.2.1");
        component.version = component.version.replace("1.2.0", "1.2.1");
        finding.paths.clear();
    }
    after
        .verdict
        .violations
        .retain(|violation| violation.finding.is_none());
    let prints = |report: &Report| {
        let log = json(&Rendering::Sarif.render(report, &STYLE));
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|result| result["partialFingerprints"]["plumblineFinding/v1"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(prints(&before), prints(&after));
    assert_eq!(prints(&before).iter().collect::<HashSet<_>>().len(), 4);
}

#[test]
fn gitlab_fingerprints_are_unique() {
    let mut report = sample::report();
    report.findings.push(report.findings[0].clone());
    let issues = json(&Rendering::GitlabCodequality.render(&report, &STYLE));
    let issues = issues.as_array().unwrap();
    let prints: HashSet<_> = issues
        .iter()
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(issues.len(), 5);
    assert_eq!(prints.len(), 5);
}

#[test]
fn nothing_hostile_comes_through() {
    let report = hostile();
    let render = |rendering: Rendering| rendering.render(Document::from(&report), &STYLE);
    for rendering in [Rendering::Text, Rendering::Table, Rendering::Markdown] {
        assert!(!render(rendering).contains(['\u{1b}', '\r', '\0']), "{rendering}");
    }
    let xml = render(Rendering::Junit);
    assert!(!xml.contains("<script") && !xml.contains(['\0', '\u{1b}']));
    for line in render(Rendering::GithubAnnotations).lines() {
        assert!(line.starts_with("::"), "{line}");
        assert_eq!(line.matches("::").count(), 2, "{line}");
    }
    for line in render(Rendering::Csv).lines().filter(|line| !line.is_empty()) {
        assert!(!line.starts_with(['=', '+', '-', '@']), "{line}");
    }
    assert!(!render(Rendering::Csv).contains(",=1"));
    assert!(!render(Rendering::Csv).contains("\"=1"));
    assert!(!render(Rendering::Markdown).contains("@everyone</"));
}

/// The page needs nothing else and runs nothing.
#[test]
fn the_page_has_no_script_and_loads_nothing() {
    for report in [sample::report(), hostile()] {
        let page = Rendering::Html.render(&report, &STYLE);
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
        assert!(!page.contains("<script") && !page.contains("javascript:"));
        for loading in [" src=", " href=", "url(", "@import", "<link", "<img", " style="] {
            assert!(!page.contains(loading), "{loading}");
        }
        assert_eq!(page.matches("<style>").count(), 1);
        assert_eq!(page.matches("<table>").count(), page.matches("</table>").count());
        assert!(page.contains("@media print"));
    }
    let page = Rendering::Html.render(&hostile(), &STYLE);
    assert!(
        page.contains("&lt;script&gt;"),
        "what came from outside is shown as it is"
    );
    assert!(page.contains("\\u{1b}"), "and what steers a terminal as its code");
}

/// What the schema of dependency scanning reports (15.0) requires, object by object.
#[test]
fn a_dependency_scanning_report_has_what_its_schema_requires() {
    for report in [sample::report(), hostile()] {
        for text in [
            Rendering::GitlabDependencyScanning.render(&report, &STYLE),
            Rendering::GitlabDependencyScanning.render(&report.verdict, &STYLE),
        ] {
            check_dependency_scanning(&json(&text));
        }
    }
}

fn check_dependency_scanning(report: &Value) {
    assert!(report["version"].as_str().unwrap().starts_with("15."));
    let scan = &report["scan"];
    for tool in ["analyzer", "scanner"] {
        for key in ["id", "name", "version"] {
            assert!(!scan[tool][key].as_str().unwrap().is_empty(), "{tool} {key}");
        }
        assert!(scan[tool]["vendor"]["name"].is_string());
    }
    assert_eq!(scan["type"], "dependency_scanning");
    assert_eq!(
        scan["start_time"].as_str().unwrap().len(),
        "2020-01-28T03:26:02".len()
    );
    assert!(matches!(scan["status"].as_str(), Some("success" | "failure")));
    for message in scan["messages"].as_array().unwrap() {
        assert!(matches!(
            message["level"].as_str(),
            Some("info" | "warn" | "fatal")
        ));
        assert!(!message["value"].as_str().unwrap().is_empty());
    }
    let mut numbers = HashSet::new();
    for file in report["dependency_files"].as_array().unwrap() {
        assert!(!file["path"].as_str().unwrap().is_empty());
        assert!(!file["package_manager"].as_str().unwrap().is_empty());
        for dependency in file["dependencies"].as_array().unwrap() {
            assert!(dependency["package"]["name"].is_string() && dependency["version"].is_string());
            numbers.insert(dependency["iid"].as_u64().unwrap());
        }
    }
    let mut ids = HashSet::new();
    for vulnerability in report["vulnerabilities"].as_array().unwrap() {
        assert!(
            ids.insert(vulnerability["id"].as_str().unwrap().to_owned()),
            "ids are unique"
        );
        assert!(vulnerability["name"].as_str().unwrap().chars().count() <= 255);
        assert!(vulnerability["solution"].as_str().unwrap().chars().count() <= 7000);
        assert!(matches!(
            vulnerability["severity"].as_str(),
            Some("Info" | "Unknown" | "Low" | "Medium" | "High" | "Critical")
        ));
        let identifiers = vulnerability["identifiers"].as_array().unwrap();
        assert!(!identifiers.is_empty());
        for identifier in identifiers {
            for key in ["type", "name", "value"] {
                assert!(!identifier[key].as_str().unwrap().is_empty());
            }
        }
        let location = &vulnerability["location"];
        assert!(!location["file"].as_str().unwrap().is_empty());
        let dependency = &location["dependency"];
        assert!(dependency["package"]["name"].is_string() && dependency["version"].is_string());
        assert!(numbers.contains(&dependency["iid"].as_u64().unwrap()));
    }
}

#[test]
fn a_scan_that_saw_not_everything_is_a_failure_for_gitlab() {
    let verdict = Verdict {
        verdict: Outcome::Indeterminate,
        ..sample::report().verdict
    };
    let report = json(&Rendering::GitlabDependencyScanning.render(&verdict, &STYLE));
    assert_eq!(report["scan"]["status"], "failure");
}

#[test]
fn a_path_of_gitlabs_ends_before_the_dependency_itself() {
    let report = sample::report();
    let text = json(&Rendering::GitlabDependencyScanning.render(&report, &STYLE));
    let found = text["vulnerabilities"].as_array().unwrap();
    let minimist = found
        .iter()
        .find(|found| found["location"]["dependency"]["package"]["name"] == "minimist")
        .unwrap();
    let listed = text["dependency_files"][0]["dependencies"].as_array().unwrap();
    let path: Vec<&str> = minimist["location"]["dependency"]["dependency_path"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let at = listed.iter().find(|listed| listed["iid"] == step["iid"]).unwrap();
            at["package"]["name"].as_str().unwrap()
        })
        .collect();
    assert_eq!(path.first(), Some(&"bcrypt"));
    assert!(!path.contains(&"minimist"));
}
