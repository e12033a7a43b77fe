#![no_main]
//! What the lenient door takes, the canonical text of it is taken by, too, and is the same package.

use inventory::Purl;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(purl) = Purl::lenient(text) {
        let again = Purl::lenient(&purl.to_string()).expect("a canonical text is a package URL");
        assert_eq!(again, purl);
    }
});
