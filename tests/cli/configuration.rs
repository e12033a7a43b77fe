//! Mistakes in what the binary is told, and what it answers.

use harness::{Place, plumbline, run};

#[test]
fn a_mistake_in_the_file_names_its_line_and_key_and_nothing_is_started() {
    let place = Place::sqlite();
    place.data.file(
        "plumbline.toml",
        b"# mine\nlisten = \"127.0.0.1:0\"\npublic_ulr = \"x\"\n",
    );
    for command in ["serve", "server", "worker"] {
        let ended = place.run(&[command]);
        assert_eq!(ended.code, Some(2), "{command}");
        let told = &ended.stderr;
        assert!(
            told.contains("plumbline.toml:3: ") && told.contains("`public_ulr`"),
            "{told}"
        );
        assert!(ended.stdout.is_empty(), "{command}");
    }
    assert!(!place.data.path().join("plumbline.db").exists());
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let place = Place::sqlite();
    let ended = place.run(&["serve", "--config", "/nowhere/plumbline.toml"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("/nowhere/plumbline.toml"),
        "{}",
        ended.stderr
    );
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let place = Place::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    place
        .data
        .file("plumbline.toml", b"public_url = \"ftp://of.the.file\"\n");
    // Each value is wrong in its own way, so that the message tells which one was taken.
    let of_environment = run(plumbline(&["serve", "--listen", &taken])
        .args(place.flags())
        .env("PLUMBLINE_PUBLIC_URL", "of-the-environment"));
    assert!(
        of_environment.stderr.contains("not a URL"),
        "{}",
        of_environment.stderr
    );
    let of_file = place.run(&["serve", "--listen", &taken]);
    assert!(
        of_file.stderr.contains("not an http or https URL"),
        "{}",
        of_file.stderr
    );
    let of_flag = run(
        plumbline(&["serve", "--listen", &taken, "--public-url", "http://of.the.flag"])
            .args(place.flags())
            .env("PLUMBLINE_PUBLIC_URL", "of-the-environment"),
    );
    assert!(of_flag.stderr.contains(&taken), "{}", of_flag.stderr);
}

#[test]
fn secrets_are_in_no_message() {
    let place = Place::sqlite();
    for url in [
        "mysql://user:hunter2@h/d",
        "postgres://user:hunter2@127.0.0.1:port/d",
    ] {
        let ended = run(plumbline(&["worker", "--log-level", "debug", "--data"])
            .arg(place.data.path())
            .env("PLUMBLINE_DATABASE", url));
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
    let help = run(plumbline(&["serve", "--help"]).env("PLUMBLINE_DATABASE", "hunter2"));
    assert_eq!(help.code, Some(0));
    assert!(!help.stdout.contains("hunter2"), "{}", help.stdout);
}

#[test]
fn what_is_typed_wrong_is_a_usage_error() {
    for arguments in [
        &["serv"][..],
        &["serve", "--demmo"],
        &["gate"],
        &[],
        &["scan", "x", "--log-level", "=?"],
    ] {
        let ended = run(&mut plumbline(arguments));
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.stderr);
        assert!(
            ended.stdout.is_empty() && !ended.stderr.is_empty(),
            "{arguments:?}"
        );
    }
}
