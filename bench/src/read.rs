//! The readers alone, on one thread: megabytes in a second, and the memory that a document takes.

use std::fmt::Write;
use std::time::{Duration, Instant};

use inventory::formats::{self, Limits};
use serde_json::Value;

use crate::arguments::{Encoding, ReadOptions};
use crate::latency::Latencies;
use crate::{Failure, catalogue, generate, process};

/// Components of a document of a hundred megabytes have about this many bytes each.
const DETAIL: &str = "A component of a real product has more to say than its name: a sentence or two for people, the \
    address of its sources and of its issues, and whatever the tool that wrote the document wanted to keep with it.";

pub fn measure(options: &ReadOptions) -> Result<String, Failure> {
    let document = document(options)?;
    let limits = Limits {
        inflated: usize::MAX,
        ..Limits::default()
    };
    let before = process::memory(std::process::id())?;
    let mut durations = Vec::new();
    let mut found = (0, 0);
    for _ in 0..options.rounds.rounds {
        let start = Instant::now();
        let (inventory, _) = formats::read(&document, &limits)?;
        durations.push(start.elapsed());
        found = (inventory.component_count(), inventory.edges.len());
    }
    let after = process::memory(std::process::id())?;
    let best = durations.iter().min().copied().unwrap_or(Duration::MAX);
    #[expect(clippy::cast_precision_loss, reason = "a rate is rounded when it is shown")]
    let (rate, factor) = (
        document.len() as f64 / 1e6 / best.as_secs_f64(),
        (after.peak.saturating_sub(before.resident) * 1_024) as f64 / document.len() as f64,
    );
    Ok(format!(
        "read {:?}: {} bytes, {} components, {} edges: {}, best {rate:.0} MB/s; reading took {factor:.1} times the \
         document besides it",
        options.encoding,
        document.len(),
        found.0,
        found.1,
        Latencies::new(durations)
    ))
}

/// The document of the shape, or as many copies of its packages, renamed, as make it large enough.
fn document(options: &ReadOptions) -> Result<Vec<u8>, Failure> {
    let catalogue = catalogue::shuffled(options.shape.seed)?;
    let packages = generate::slice(&catalogue, 0, options.shape.components)?;
    let base: Value = serde_json::from_slice(&generate::document(packages, options.shape.seed))?;
    let mut copies = 1;
    loop {
        let document = encode(&repeated(&base, copies, options.megabytes > 0), options.encoding)?;
        let wanted = options.megabytes * 1_000_000;
        if document.len() >= wanted {
            return Ok(document);
        }
        copies = (copies * wanted).div_ceil(document.len()).max(copies + 1);
    }
}

/// The document with each component as often as asked, under other versions, and with something to say.
fn repeated(base: &Value, copies: usize, is_rich: bool) -> Value {
    let mut document = base.clone();
    let list = |key: &str| base[key].as_array().cloned().unwrap_or_default();
    let renamed = |text: &Value, copy: usize| match text.as_str() {
        Some(text) if copy > 0 && text != "root" => Value::from(format!("{text}.{copy}")),
        _ => text.clone(),
    };
    let (mut components, mut dependencies) = (Vec::new(), Vec::new());
    for copy in 0..copies {
        for mut component in list("components") {
            for key in ["bom-ref", "version", "purl"] {
                component[key] = renamed(&component[key], copy);
            }
            if is_rich {
                component["description"] = Value::from(DETAIL);
                let url = format!(
                    "https://example.org/{}",
                    component["name"].as_str().unwrap_or_default()
                );
                component["externalReferences"] = serde_json::json!([
                    {"type": "website", "url": url}, {"type": "vcs", "url": format!("{url}.git")}]);
            }
            components.push(component);
        }
        for mut dependency in list("dependencies") {
            dependency["ref"] = renamed(&dependency["ref"], copy);
            let targets = dependency["dependsOn"].as_array().cloned().unwrap_or_default();
            dependency["dependsOn"] = targets.iter().map(|target| renamed(target, copy)).collect();
            dependencies.push(dependency);
        }
    }
    document["components"] = Value::from(components);
    document["dependencies"] = Value::from(dependencies);
    document
}

fn encode(document: &Value, encoding: Encoding) -> Result<Vec<u8>, Failure> {
    Ok(match encoding {
        Encoding::Json => serde_json::to_vec(document)?,
        Encoding::Xml => xml(document)?.into_bytes(),
        Encoding::TagValue => tag_value(document)?.into_bytes(),
    })
}

fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn xml(document: &Value) -> Result<String, Failure> {
    let mut out = String::from(
        "<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"1\">\n",
    );
    out.push_str("<metadata><component type=\"application\" bom-ref=\"root\"><name>bench</name><version>1.0.0</version></component></metadata>\n<components>\n");
    for component in items(document, "components") {
        let of = |key| escaped(text(component, key));
        writeln!(out, "<component type=\"library\" bom-ref=\"{}\">", of("bom-ref"))?;
        for key in ["name", "version", "description"] {
            if component[key].is_string() {
                writeln!(out, "  <{key}>{}</{key}>", of(key))?;
            }
        }
        for hash in items(component, "hashes") {
            let (alg, content) = (text(hash, "alg"), text(hash, "content"));
            writeln!(
                out,
                "  <hashes>\n    <hash alg=\"{alg}\">{content}</hash>\n  </hashes>"
            )?;
        }
        for license in items(component, "licenses") {
            writeln!(
                out,
                "  <licenses>\n    <expression>{}</expression>\n  </licenses>",
                escaped(text(license, "expression"))
            )?;
        }
        writeln!(out, "  <purl>{}</purl>\n  <externalReferences>", of("purl"))?;
        for reference in items(component, "externalReferences") {
            let (kind, url) = (text(reference, "type"), escaped(text(reference, "url")));
            writeln!(out, "    <reference type=\"{kind}\"><url>{url}</url></reference>")?;
        }
        out.push_str("  </externalReferences>\n</component>\n");
    }
    out.push_str("</components>\n<dependencies>\n");
    for dependency in items(document, "dependencies") {
        writeln!(out, "<dependency ref=\"{}\">", escaped(text(dependency, "ref")))?;
        for target in items(dependency, "dependsOn").filter_map(Value::as_str) {
            writeln!(out, "  <dependency ref=\"{}\"/>", escaped(target))?;
        }
        out.push_str("</dependency>\n");
    }
    out.push_str("</dependencies>\n</bom>\n");
    Ok(out)
}

/// References are numbered, because those of this format have no room for package URLs.
fn tag_value(document: &Value) -> Result<String, Failure> {
    let mut out = String::from(
        "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: bench\n",
    );
    let mut numbers = std::collections::HashMap::new();
    for (number, component) in items(document, "components").enumerate() {
        numbers.insert(text(component, "bom-ref"), number);
        writeln!(
            out,
            "\nPackageName: {}\nSPDXID: SPDXRef-{number}",
            text(component, "name")
        )?;
        writeln!(
            out,
            "PackageVersion: {}\nPackageDownloadLocation: NOASSERTION",
            text(component, "version")
        )?;
        for license in items(component, "licenses") {
            writeln!(out, "PackageLicenseDeclared: {}", text(license, "expression"))?;
        }
        if component["description"].is_string() {
            writeln!(
                out,
                "PackageDescription: <text>{}</text>",
                text(component, "description")
            )?;
        }
        writeln!(
            out,
            "ExternalRef: PACKAGE-MANAGER purl {}",
            text(component, "purl")
        )?;
    }
    for dependency in items(document, "dependencies") {
        let Some(from) = numbers.get(text(dependency, "ref")) else {
            continue;
        };
        for to in items(dependency, "dependsOn")
            .filter_map(Value::as_str)
            .filter_map(|to| numbers.get(to))
        {
            writeln!(out, "Relationship: SPDXRef-{from} DEPENDS_ON SPDXRef-{to}")?;
        }
    }
    Ok(out)
}
