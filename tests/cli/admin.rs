//! `plumbline admin` on both engines, without a running service.

use harness::Place;

#[test]
fn a_token_is_printed_alone_listed_without_its_text_and_can_be_revoked() {
    for place in Place::both() {
        let made = place.run(&[
            "admin",
            "token",
            "create",
            "ci",
            "--allow",
            "upload",
            "--expires",
            "90d",
        ]);
        assert_eq!(made.code, Some(0), "{}: {}", place.engine, made.stderr);
        let token = made.stdout.strip_suffix('\n').unwrap();
        assert!(
            token.starts_with("plb_") && !token.contains(char::is_whitespace),
            "{token}"
        );

        let listed = place.run(&["admin", "token", "list"]);
        let line = listed.stdout.lines().find(|line| line.contains(" ci ")).unwrap();
        assert!(
            !listed.stdout.contains(token),
            "the text of a token is shown once"
        );
        for word in ["all", "upload", "never", "good", token.get(..12).unwrap()] {
            assert!(line.contains(word), "{line}");
        }

        let id = line.split_whitespace().next().unwrap();
        assert_eq!(place.run(&["admin", "token", "revoke", id]).code, Some(0));
        let listed = place.run(&["admin", "token", "list"]).stdout;
        assert!(
            listed
                .lines()
                .any(|line| line.contains(id) && line.ends_with("revoked")),
            "{listed}"
        );

        let whole = place.run(&["admin", "verify-audit-log"]);
        assert_eq!(whole.code, Some(0), "{}", whole.stdout);
        assert!(whole.stdout.contains("2 entries"), "{}", whole.stdout);
    }
}

#[test]
fn what_cannot_be_done_is_told() {
    let place = Place::sqlite();
    let before = place.run(&["admin", "token", "list"]);
    assert_eq!(before.code, Some(2));
    assert!(
        before.stderr.contains("there is no database"),
        "{}",
        before.stderr
    );
    let _ = place.token();
    for (arguments, told) in [
        (
            &["admin", "token", "create", "x", "--project", "nowhere"][..],
            "no project `nowhere`",
        ),
        (
            &["admin", "token", "create", "x", "--allow", "everything"],
            "read, upload, triage and admin",
        ),
        (
            &["admin", "token", "create", "x", "--expires", "soon"],
            "length of time",
        ),
        (&["admin", "token", "revoke", "nobody"], "no token `nobody`"),
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(
            ended.stderr.contains(told) && ended.stdout.is_empty(),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
}
