//! CISA's catalogue of vulnerabilities that are known to be exploited.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The catalogue, by CVE id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The publisher's own version: `2025.08.25`.
    pub version: String,
    entries: BTreeMap<String, Exploited>,
}

/// What the catalogue says about one CVE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exploited {
    /// The day it was listed, `YYYY-MM-DD`.
    pub added: String,
    /// Whether it is known to be used by ransomware.
    pub ransomware: bool,
}

/// The text is no catalogue; the message names line and column.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue of exploited vulnerabilities cannot be read: {0}")]
pub struct NotACatalogue(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "catalogVersion", default)]
    version: String,
    vulnerabilities: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "cveID")]
    id: String,
    #[serde(rename = "dateAdded", default)]
    added: String,
    #[serde(rename = "knownRansomwareCampaignUse", default)]
    ransomware: String,
}

impl Catalogue {
    /// Reads the JSON form of the catalogue.
    ///
    /// # Errors
    /// When it is not JSON, or has no list of vulnerabilities with ids: an empty answer would say that
    /// nothing is exploited.
    pub fn parse(json: &[u8]) -> Result<Self, NotACatalogue> {
        let document: Document = serde_json::from_slice(json)?;
        let entries = document.vulnerabilities.into_iter().map(|row| {
            let exploited = Exploited {
                added: row.added,
                ransomware: row.ransomware.eq_ignore_ascii_case("known"),
            };
            (row.id, exploited)
        });
        Ok(Self {
            version: document.version,
            entries: entries.collect(),
        })
    }

    #[must_use]
    pub fn get(&self, cve: &str) -> Option<&Exploited> {
        self.entries.get(cve)
    }

    /// All entries in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Exploited)> {
        self.entries
            .iter()
            .map(|(id, exploited)| (id.as_str(), exploited))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_names_what_is_exploited_and_by_ransomware() {
        let catalogue = Catalogue::parse(
            br#"{"catalogVersion":"2025.08.25","vulnerabilities":[
                {"cveID":"CVE-2024-1","dateAdded":"2024-05-01","knownRansomwareCampaignUse":"Known","x":1},
                {"cveID":"CVE-2024-2","dateAdded":"2024-05-02","knownRansomwareCampaignUse":"Unknown"}]}"#,
        )
        .unwrap();
        assert_eq!(catalogue.len(), 2);
        assert!(catalogue.get("CVE-2024-1").unwrap().ransomware);
        assert!(!catalogue.get("CVE-2024-2").unwrap().ransomware);
        assert_eq!(catalogue.get("CVE-2024-3"), None);
    }

    #[test]
    fn what_is_no_catalogue_is_an_error_not_an_empty_one() {
        for text in ["", "[]", "{}", r#"{"vulnerabilities":[{}]}"#] {
            assert!(Catalogue::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
