//! Which of the layers decides, and what a mistake is told.

use super::*;

fn state(data: &Path) -> StateFlags {
    StateFlags::at(data)
}

fn folder_with(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plumbline.toml"), file).unwrap();
    folder
}

/// The message for a configuration file, without the folder that it lies in.
fn complaint(file: &str) -> String {
    let folder = folder_with(file);
    let error = Configuration::load(&state(folder.path()), Layer::default()).unwrap_err();
    error
        .to_string()
        .replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn the_defaults_decide_everything() {
    let folder = tempfile::tempdir().unwrap();
    let decided = Configuration::load(&state(folder.path()), Layer::default()).unwrap();
    assert_eq!(decided.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        decided.database,
        Location::Sqlite(folder.path().join("plumbline.db"))
    );
    let names: Vec<&str> = decided.feeds.all.iter().map(|feed| feed.name.as_str()).collect();
    assert_eq!(names, ["osv:npm", "osv:crates.io", "osv:PyPI", "kev", "epss"]);
    assert!(decided.feeds.sync && decided.feeds.all.iter().all(|feed| feed.least >= 1));
    assert!(decided.public_url.is_none() && decided.proxy.is_none());
}

#[test]
fn a_flag_goes_before_the_file_and_the_file_before_the_defaults() {
    let folder = folder_with("listen = \"0.0.0.0:80\"\n[feeds.osv]\nsource = \"mirror\"\n");
    let of_file = Configuration::load(&state(folder.path()), Layer::default()).unwrap();
    assert_eq!(of_file.listen.to_string(), "0.0.0.0:80");
    let mirrored = of_file.feeds.all.iter().filter(|feed| feed.source == "mirror");
    assert_eq!(mirrored.count(), 3);
    let flags = Layer {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        ..Layer::default()
    };
    let of_flag = Configuration::load(&state(folder.path()), flags).unwrap();
    assert_eq!(of_flag.listen.to_string(), "127.0.0.1:0");
}

#[test]
fn a_mistake_is_told_with_its_line_and_key() {
    for (file, line, told) in [
        ("listen = \"127.0.0.1:1\"\nlistn = 1\n", 2, "`listn`"),
        ("\n[feeds]\n\n[feeds.osv]\nsorce = \"x\"\n", 5, "`sorce`"),
        (
            "[feeds.osv]\nevery = \"soon\"\n",
            2,
            "`soon` is not a length of time",
        ),
        ("listen = \"localhost\"\n", 1, "socket address"),
        ("listen = \n", 1, ""),
    ] {
        let complaint = complaint(file);
        let start = format!("plumbline.toml:{line}: ");
        assert!(
            complaint.starts_with(&start) && complaint.contains(told),
            "{file}: {complaint}"
        );
    }
}

#[test]
fn a_value_that_makes_no_sense_is_told_with_its_key_and_without_its_secrets() {
    for (file, told) in [
        ("public_url = \"plumbline\"", "`public_url` is not a URL"),
        (
            "public_url = \"ftp://plumbline.test\"",
            "`public_url` is not an http or https URL",
        ),
        ("database = \"mysql://u:secret@h/d\"", "`database` is neither"),
        (
            "database = \"a\"\ndatabase_file = \"b\"",
            "`database_file` is given beside",
        ),
        ("database_file = \"/nowhere/at/all\"", "/nowhere/at/all: "),
    ] {
        let complaint = complaint(file);
        assert!(
            complaint.contains(told) && !complaint.contains("secret"),
            "{file}: {complaint}"
        );
    }
}

#[test]
fn a_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("url");
    std::fs::write(&secret, "postgres://u:p@h/d\n").unwrap();
    let flags = StateFlags {
        database_file: Some(secret),
        ..state(folder.path())
    };
    let decided = Configuration::load(&flags, Layer::default()).unwrap();
    let url = "postgres://u:p@h/d".to_owned();
    assert_eq!(decided.database, Location::Postgres { url, schema: None });
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let flags = StateFlags {
        config: Some(folder.path().join("absent.toml")),
        ..state(folder.path())
    };
    let told = Configuration::load(&flags, Layer::default())
        .unwrap_err()
        .to_string();
    assert!(told.contains("absent.toml"), "{told}");
}

#[test]
fn feeds_have_tokens_from_files_proxies_and_floors_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "s3cret\n").unwrap();
    let file = format!(
        "[feeds.osv]\necosystems = [\"Debian\"]\nleast = 1000\nproxy = \"http://proxy.example.org:3128\"\n\
         [feeds.rustsec]\nsource = \"advisory-db\"\n\
         [[feeds.private]]\nname = \"ours\"\nsource = \"https://osv.example.org/all.zip\"\ntoken_file = \"{}\"\n",
        token.display()
    );
    std::fs::write(folder.path().join("plumbline.toml"), file).unwrap();
    let decided = Configuration::load(&state(folder.path()), Layer::default()).unwrap();
    let feed = |name: &str| decided.feeds.all.iter().find(|feed| feed.name == name).unwrap();
    let debian = feed("osv:Debian");
    assert_eq!((debian.least, debian.ecosystem.as_str()), (1000, "Debian"));
    assert!(debian.proxy.is_some() && debian.bearer.is_none());
    assert_eq!(feed("rustsec").ecosystem, "crates.io");
    let ours = feed("private:ours");
    assert!(ours.bearer.is_some() && ours.ecosystem.is_empty());
    assert!(!format!("{ours:?}").contains("s3cret"));
}

#[test]
fn a_feed_that_makes_no_sense_is_told() {
    for (file, told) in [
        (
            "[[feeds.private]]\nname = \"a b\"\nsource = \"x\"",
            "has a name that is not",
        ),
        (
            "[[feeds.private]]\nname = \"a\"\nsource = \"x\"\n[[feeds.private]]\nname = \"a\"\nsource = \"y\"",
            "two feeds of the name `private:a`",
        ),
        (
            "[[feeds.private]]\nname = \"a\"\nsource = \"x\"\ntoken_file = \"/nowhere/at/all\"",
            "/nowhere/at/all: ",
        ),
        (
            "[feeds.rustsec]\nsource = \"x\"\nproxy = \"socks\"",
            "is not a URL",
        ),
    ] {
        let complaint = complaint(file);
        assert!(complaint.contains(told), "{file}: {complaint}");
    }
}

#[test]
fn registries_are_the_operators_word() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "Bearer secret\n").unwrap();
    let file = format!(
        "[registries]\ncrates = \"\"\n[[registries.further]]\necosystem = \"npm\"\nname = \"@acme\"\nurl = \
         \"https://npm.example.org/all\"\ntoken_file = \"{}\"\n",
        token.display()
    );
    std::fs::write(folder.path().join("plumbline.toml"), file).unwrap();
    let decided = Configuration::load(&state(folder.path()), Layer::default()).unwrap();
    let registries = decided.registries;
    assert!(registries.crates.is_empty() && registries.npm.contains_key("") && registries.pypi.len() == 1);
    let acme = &registries.npm["@acme"];
    assert_eq!(acme.base.as_str(), "https://npm.example.org/all/");
    assert_eq!(acme.authorization.as_deref(), Some("Bearer secret"));
    let nameless = "[[registries.further]]\necosystem = \"npm\"\nurl = \"https://npm.example.org\"\n";
    assert_eq!(
        complaint(nameless),
        "the setting `registries.further` has an entry without a name"
    );
}
