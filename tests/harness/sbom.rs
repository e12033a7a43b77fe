//! Small documents whose verdict is known.

use serde_json::{Value, json};

fn package(name: &str, version: &str) -> Value {
    json!({"type": "library", "bom-ref": name, "name": name, "version": version,
           "purl": format!("pkg:npm/{name}@{version}"), "licenses": [{"license": {"id": "MIT"}}]})
}

fn application(components: &Value, dependencies: &Value) -> Value {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "shop", "name": "shop", "version": "1.4.0"}},
        "components": components,
        "dependencies": dependencies
    })
}

/// shop → bcrypt → node-pre-gyp → rc → minimist 1.2.0, whose CVE-2021-44906 is fixed in 1.2.6.
#[must_use]
pub fn shop() -> Value {
    application(
        &json!([
            package("bcrypt", "5.0.0"),
            package("node-pre-gyp", "0.15.0"),
            package("rc", "1.2.8"),
            package("minimist", "1.2.0")
        ]),
        &json!([
            {"ref": "shop", "dependsOn": ["bcrypt"]}, {"ref": "bcrypt", "dependsOn": ["node-pre-gyp"]},
            {"ref": "node-pre-gyp", "dependsOn": ["rc"]}, {"ref": "rc", "dependsOn": ["minimist"]}
        ]),
    )
}

/// shop → minimist of this version alone; 1.2.8 has no known vulnerability.
#[must_use]
pub fn minimist(version: &str) -> Value {
    application(
        &json!([package("minimist", version)]),
        &json!([{"ref": "shop", "dependsOn": ["minimist"]}, {"ref": "minimist", "dependsOn": []}]),
    )
}

/// A document that lists nothing.
#[must_use]
pub fn empty() -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []})
}
