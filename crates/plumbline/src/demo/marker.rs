//! How a data folder tells that it is a demo's, and whether its history was replayed to the end.

use std::path::PathBuf;

use store::db::Location;

use crate::commands::Failure;
use crate::configuration::Configuration;

const FILE_NAME: &str = "demo";
const LOADING: &str = "loading\n";
const LOADED: &str = "loaded\n";

/// A file beside the database.
pub(super) struct Marker(PathBuf);

impl Marker {
    pub(super) fn of(configuration: &Configuration) -> Self {
        Self(configuration.data.join(FILE_NAME))
    }

    pub(super) fn is_loaded(&self) -> bool {
        std::fs::read_to_string(&self.0).is_ok_and(|text| text == LOADED)
    }

    pub(super) fn set_loaded(&self) -> Result<(), Failure> {
        self.write(LOADED)
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        std::fs::write(&self.0, text).map_err(|source| Failure::file(&self.0, source))
    }
}

/// Makes the data folder ready for a demo. One that was interrupted while it was loaded begins anew.
pub(super) fn prepare(configuration: &Configuration) -> Result<(), Failure> {
    let Location::Sqlite(database) = &configuration.database else {
        let why = "it keeps everything in its data folder; leave the database setting out";
        return Err(Failure::Demo(why.to_owned()));
    };
    let marker = Marker::of(configuration);
    if marker.is_loaded() {
        return Ok(());
    }
    if marker.0.exists() {
        for ending in ["", "-wal", "-shm"] {
            let mut name = database.clone().into_os_string();
            name.push(ending);
            remove(&PathBuf::from(name))?;
        }
    } else if database.exists() {
        let database = database.display();
        return Err(Failure::Demo(format!(
            "{database} holds the data of a real service; name another folder with --data"
        )));
    }
    std::fs::create_dir_all(&configuration.data)
        .map_err(|source| Failure::file(&configuration.data, source))?;
    marker.write(LOADING)
}

fn remove(file: &PathBuf) -> Result<(), Failure> {
    match std::fs::remove_file(file) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Failure::file(file, source)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Layer, StateFlags};

    fn configuration(folder: &tempfile::TempDir) -> Configuration {
        let flags = StateFlags::at(folder.path());
        Configuration::load(&flags, Layer::default()).unwrap()
    }

    #[test]
    fn an_interrupted_demo_begins_anew_and_a_loaded_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let configuration = configuration(&folder);
        let database = folder.path().join("plumbline.db");
        prepare(&configuration).unwrap();
        std::fs::write(&database, "half").unwrap();
        prepare(&configuration).unwrap();
        assert!(!database.exists(), "what was loaded half is gone");
        std::fs::write(&database, "whole").unwrap();
        Marker::of(&configuration).set_loaded().unwrap();
        prepare(&configuration).unwrap();
        assert!(database.exists());
    }

    #[test]
    fn the_data_of_a_real_service_is_never_touched() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("plumbline.db");
        std::fs::write(&database, "real").unwrap();
        assert!(prepare(&configuration(&folder)).is_err());
        assert_eq!(std::fs::read(&database).unwrap(), b"real");
    }
}
