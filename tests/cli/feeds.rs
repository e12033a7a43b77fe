//! `plumbline feeds` on both engines.

use harness::{Folder, Place, bucket};

#[test]
fn a_sync_reads_a_folder_and_the_status_says_what_it_holds() {
    let bucket = bucket::of_npm(&["minimist"]);
    for place in Place::both() {
        place
            .data
            .file("plumbline.toml", bucket::configuration(&bucket).as_bytes());
        let synced = place.run(&["feeds", "sync"]);
        assert_eq!(synced.code, Some(0), "{}: {}", place.engine, synced.stderr);
        let status = place.run(&["feeds", "status"]);
        assert_eq!(status.stdout, synced.stdout, "{}", place.engine);
        let line = status
            .stdout
            .lines()
            .find(|line| line.starts_with("osv:npm"))
            .unwrap();
        let records: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(records >= 2 && line.contains("now"), "{line}");
    }
}

#[test]
fn a_source_that_is_not_there_is_told_and_what_was_read_before_stays() {
    let bucket = bucket::of_npm(&["minimist"]);
    let place = Place::sqlite();
    place
        .data
        .file("plumbline.toml", bucket::configuration(&bucket).as_bytes());
    assert_eq!(place.run(&["feeds", "sync"]).code, Some(0));
    let nothing = Folder::new();
    let failed = place.run(&["feeds", "sync", "--source", &nothing.text()]);
    assert_eq!(failed.code, Some(2), "{}", failed.stdout);
    assert!(failed.stderr.contains("osv:npm: "), "{}", failed.stderr);
    let line = failed
        .stdout
        .lines()
        .find(|line| line.starts_with("osv:npm"))
        .unwrap();
    assert_ne!(line.split_whitespace().nth(1), Some("0"), "{line}");
    let unknown = place.run(&["feeds", "sync", "osv:cobol"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("there are osv:npm"), "{}", unknown.stderr);
}
