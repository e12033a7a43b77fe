//! What holds for every input.

#![cfg(test)]

use inventory::formats::{self, Limits};
use inventory::{Inventory, Purl, PurlParts};
use proptest::prelude::*;

proptest! {
    /// Whatever is accepted has one canonical text, which is read back as the same.
    #[test]
    fn a_purl_survives_its_own_text(text in "(pkg|PKG):/{0,2}[a-z]{1,8}(/[^?#]{0,12}){1,3}(@.{0,10})?([?]([a-zA-Z]{1,4}=.{0,8}&){0,3})?(#.{0,10})?") {
        if let Ok(purl) = Purl::lenient(&text) {
            let canonical = purl.to_string();
            let again = Purl::lenient(&canonical);
            prop_assert_eq!(again.as_ref(), Ok(&purl), "{} became {}", text, canonical);
        }
    }

    #[test]
    fn any_parts_build_a_purl_that_reads_back(namespace in ".{0,10}", name in ".{1,10}", version in ".{0,10}") {
        let parts = PurlParts { kind: "generic", namespace: Some(&namespace), name: &name, version: Some(&version), ..PurlParts::default() };
        if let Ok(purl) = Purl::from_parts(&parts) {
            prop_assert_eq!(purl.to_string().parse::<Purl>(), Ok(purl));
        }
    }

    #[test]
    fn no_text_makes_a_purl_panic(text in ".{0,40}") {
        drop(Purl::lenient(&text));
        drop(text.parse::<Purl>());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(formats::read(&bytes, &Limits::default()));
    }

    /// A document of any JSON values in the places that matter is read or refused, and what was read can be stored.
    #[test]
    fn any_values_in_a_document_are_survived(
        reference in json(), name in json(), purl in json(), licenses in json(), depends_on in json(), metadata in json(),
    ) {
        let text = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{metadata},"components":[{{"bom-ref":{reference},
            "name":{name},"version":"1","purl":{purl},"licenses":{licenses}}}],"dependencies":[{{"ref":"a","dependsOn":{depends_on}}}]}}"#
        );
        let (inventory, _) = formats::read(text.as_bytes(), &Limits::default()).expect("mistakes cost themselves");
        let stored = serde_json::to_string(&inventory).unwrap();
        prop_assert_eq!(serde_json::from_str::<Inventory>(&stored).unwrap(), inventory);
    }
}

/// Small JSON values of every type.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-7.5".to_owned()),
        Just("\"pkg:npm/a@1\"".to_owned()),
        "[a-z]{0,3}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|list| format!("[{}]", list.join(","))),
            proptest::collection::btree_map("(license|id|name|expression|component|tools|x)", inner, 0..4)
                .prop_map(|map| {
                    let pairs: Vec<_> = map
                        .iter()
                        .map(|(key, value)| format!("\"{key}\":{value}"))
                        .collect();
                    format!("{{{}}}", pairs.join(","))
                }),
        ]
    })
}
