//! The 185 evaluations of OSV records, whole.

use advisories::{Assessment, Record, evaluate_record};
use serde_json::{Value, json};

use crate::data;

#[test]
fn every_vector_of_osv_evaluation_holds() {
    let document = data::json(&data::shared("vectors/osv-eval.json"));
    let vectors = document["vectors"].as_array().expect("a list of vectors");
    assert_eq!(vectors.len(), 185);
    let differences: Vec<String> = vectors.iter().filter_map(difference).collect();
    assert_eq!(differences, Vec::<String>::new());
}

fn difference(vector: &Value) -> Option<String> {
    let text = |key: &str| vector[key].as_str().expect("a text");
    let mut record = vector["record"].clone();
    // The schema demands it; the vectors leave it out, for it plays no part.
    record["modified"] = json!("2024-01-01T00:00:00Z");
    let record = Record::parse(record.to_string().as_bytes()).expect("the record of a vector");
    let assessment = evaluate_record(text("ecosystem"), &record, text("package"), Some(text("version")));
    let word = match assessment {
        Assessment::Affected => "affected",
        Assessment::Unaffected => "unaffected",
        Assessment::Undetermined(_) => "undetermined",
    };
    let expected = text("expect");
    (word != expected).then(|| {
        let (id, version) = (text("id"), text("version"));
        format!("{id} {version}: {word}, expected {expected}")
    })
}
