//! The document that clients are generated from is the one that is checked in.

use std::path::Path;

#[test]
fn the_document_is_checked_in_as_the_handlers_make_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let made = server::openapi();
    if std::env::var_os("PLUMBLINE_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/openapi.json is not what the handlers make; write it anew with PLUMBLINE_BLESS=1 and read the difference"
    );
}

#[test]
fn every_operation_says_what_it_does_and_how_it_fails() {
    let document: serde_json::Value = serde_json::from_str(&server::openapi()).unwrap();
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations += 1;
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(!summary.is_empty(), "{method} {path} has no summary");
            assert!(
                operation["tags"].as_array().is_some_and(|tags| tags.len() == 1),
                "{method} {path} has one tag"
            );
        }
    }
    assert!(operations > 20, "only {operations}");
}
