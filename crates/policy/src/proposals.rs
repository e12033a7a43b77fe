//! `.sbom-gate.toml`: the waivers that a repository proposes.

use serde::Deserialize;

use crate::{PolicyError, Waiver};

/// Waivers that one file proposes.
const MOST: usize = 500;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    waivers: Vec<Waiver>,
}

/// Reads the file: a list `[[waivers]]` with the keys of a waiver. What a store gives a waiver is not among them.
///
/// # Errors
/// When it is no TOML, or says something that no waiver knows; the place is a line or a pointer.
pub fn read_waivers(text: &str) -> Result<Vec<Waiver>, PolicyError> {
    let file: File = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
        PolicyError::new(format!("line {line}"), error.message())
    })?;
    if file.waivers.len() > MOST {
        return Err(PolicyError::new("/waivers", format!("more than {MOST} waivers")));
    }
    for (index, waiver) in file.waivers.iter().enumerate() {
        let given = [
            ("id", !waiver.id.is_empty()),
            ("requested_by", waiver.requested_by.is_some()),
            ("approved_by", waiver.approved_by.is_some()),
            ("created_at", waiver.created_at.is_some()),
            ("pins", !waiver.pins.is_empty()),
        ];
        if let Some((key, _)) = given.iter().find(|(_, given)| *given) {
            let place = format!("/waivers/{index}/{key}");
            return Err(PolicyError::new(place, "is not for the file to say"));
        }
    }
    Ok(file.waivers)
}

#[cfg(test)]
mod tests {
    use super::read_waivers;

    #[test]
    fn a_file_proposes_waivers_and_its_mistakes_have_a_place() {
        let file = "[[waivers]]\nvulnerability = \"CVE-2020-7598\"\nstatus = \"accepted_risk\"\nreason = \"r\"\nexpires_on = \"2027-01-12\"\n";
        assert_eq!(read_waivers(file).unwrap().len(), 1);
        assert_eq!(read_waivers("").unwrap().len(), 0);
        for (text, place) in [
            ("waiver = 1\n", "line 1"),
            (
                "[[waivers]]\nstatus = \"accepted_risk\"\nreason = \"r\"\nexpires = \"x\"\n",
                "line 4",
            ),
            ("[[waivers]]\nstatus = \"maybe\"\nreason = \"r\"\n", "line 2"),
            (
                "[[waivers]]\nstatus = \"false_positive\"\nreason = \"r\"\napproved_by = \"me\"\n",
                "/waivers/0/approved_by",
            ),
        ] {
            assert_eq!(read_waivers(text).unwrap_err().place, place, "{text}");
        }
    }
}
