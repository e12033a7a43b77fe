//! `plumbline convert`.

use harness::sbom::shop;
use harness::{Folder, plumbline, run};
use inventory::formats::{self, Limits};

#[test]
fn a_document_is_written_in_another_format() {
    let folder = Folder::new();
    let sbom = folder.file("bom.json", shop().to_string().as_bytes());
    let (expect, _) = formats::read(&std::fs::read(&sbom).unwrap(), &Limits::default()).unwrap();
    for (format, read_as) in [
        ("cyclonedx-json", "CycloneDX 1.6 JSON"),
        ("cyclonedx-xml", "CycloneDX 1.6 XML"),
        ("spdx-json", "SPDX 2.3 JSON"),
        ("spdx-tag-value", "SPDX 2.3 tag-value"),
    ] {
        let ended = run(plumbline(&["convert", "--format", format]).arg(&sbom));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let (read, _) = formats::read(ended.stdout.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(read.format, read_as);
        assert_eq!(read.components.len(), expect.components.len());
        assert_eq!(read.edges.len(), expect.edges.len());
        let file = folder.path().join("out");
        let written = run(plumbline(&["convert", "--format", format, "--output"])
            .arg(&file)
            .arg(&sbom));
        assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""));
        let (read, _) = formats::read(&std::fs::read(&file).unwrap(), &Limits::default()).unwrap();
        assert_eq!(read.components.len(), expect.components.len());
    }
}

#[test]
fn what_is_no_sbom_or_no_format_ends_with_2() {
    let folder = Folder::new();
    let file = folder.file("a.json", b"{\"name\":\"shop\"}");
    let ended = run(plumbline(&["convert", "--format", "spdx-json"]).arg(&file));
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("a.json"), "{}", ended.stderr);
    assert_eq!(
        run(plumbline(&["convert", "--format", "pdf"]).arg(&file)).code,
        Some(2)
    );
}
