//! Which package registries are asked, and with which tokens.

use std::collections::BTreeMap;

use fetch::registries::{Place, Settings};

use super::layer::{FurtherRegistry, Registries};
use super::{Error, required, web_address};

/// Decides the settings; token files are read now, so that a missing one is told at the start.
pub(super) fn decide(layer: Registries) -> Result<Settings, Error> {
    let mut settings = Settings {
        offline: required("registries.offline", layer.offline)?,
        ..Settings::default()
    };
    for (key, url, named) in [
        ("registries.npm", layer.npm, &mut settings.npm),
        ("registries.crates", layer.crates, &mut settings.crates),
    ] {
        named.extend(place(key, &required(key, url)?)?.map(|place| (String::new(), place)));
    }
    for further in layer.further.unwrap_or_default() {
        add(&mut settings, &further)?;
    }
    let pypi = place("registries.pypi", &required("registries.pypi", layer.pypi)?)?;
    settings.pypi.extend(pypi);
    Ok(settings)
}

fn add(settings: &mut Settings, further: &FurtherRegistry) -> Result<(), Error> {
    const KEY: &str = "registries.further";
    let Some(mut place) = place(KEY, &further.url)? else {
        return Err(Error::value(KEY, "has an entry without a URL"));
    };
    if let Some(path) = &further.token_file {
        let token = std::fs::read_to_string(path).map_err(|source| Error::file(path, source))?;
        place.authorization = Some(token.trim().to_owned());
    }
    let named = |places: &mut BTreeMap<String, Place>, place| {
        if further.name.is_empty() {
            return Err(Error::value(KEY, "has an entry without a name"));
        }
        places.insert(further.name.clone(), place);
        Ok(())
    };
    match further.ecosystem.as_str() {
        "npm" => named(&mut settings.npm, place),
        "crates.io" | "cargo" => named(&mut settings.crates, place),
        "PyPI" | "pypi" => {
            settings.pypi.push(place);
            Ok(())
        }
        _ => Err(Error::value(
            KEY,
            "has an `ecosystem` that is none of npm, crates.io and PyPI",
        )),
    }
}

/// An address with a slash at its end, so that names can be put behind it.
fn place(key: &'static str, url: &str) -> Result<Option<Place>, Error> {
    if url.is_empty() {
        return Ok(None);
    }
    let base = web_address(key, &format!("{}/", url.trim_end_matches('/')))?;
    Ok(Some(Place {
        base,
        authorization: None,
    }))
}
