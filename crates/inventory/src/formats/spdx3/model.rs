//! The elements of an SPDX 3 document, all kinds in one record.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::MapAccess;

use crate::formats::lenient::{Field, List, Number, Object, OneOrMany, Record, Shape, Text};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Document<'a> {
    #[serde(default, borrow, rename = "@graph")]
    pub(super) graph: List<Object<Element<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Element<'a> {
    #[serde(default, borrow, rename = "type")]
    type_: Text<'a>,
    #[serde(default, borrow, rename = "@type")]
    ld_type: Text<'a>,
    #[serde(default, borrow, rename = "spdxId")]
    spdx_id: Text<'a>,
    #[serde(default, borrow, rename = "@id")]
    ld_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) comment: Text<'a>,
    #[serde(default, borrow)]
    pub(super) description: Text<'a>,
    #[serde(default, borrow)]
    pub(super) summary: Text<'a>,
    #[serde(default, borrow, rename = "creationInfo")]
    pub(super) creation_info: Field<Reference<'a>>,
    #[serde(default, borrow, rename = "specVersion")]
    spec_version: Text<'a>,
    #[serde(default, borrow)]
    created: Text<'a>,
    #[serde(default, borrow, rename = "createdBy")]
    created_by: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow, rename = "createdUsing")]
    created_using: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow, rename = "dataLicense")]
    pub(super) data_license: Text<'a>,
    #[serde(default, borrow, rename = "rootElement")]
    pub(super) root_elements: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow, rename = "import")]
    pub(super) imports: List<Object<Import<'a>>>,
    #[serde(default, borrow, rename = "software_packageVersion")]
    pub(super) version: Text<'a>,
    #[serde(default, borrow, rename = "software_packageUrl")]
    pub(super) package_url: Text<'a>,
    #[serde(default, borrow, rename = "software_downloadLocation")]
    pub(super) download_location: Text<'a>,
    #[serde(default, borrow, rename = "software_homePage")]
    pub(super) home_page: Text<'a>,
    #[serde(default, borrow, rename = "software_copyrightText")]
    pub(super) copyright: Text<'a>,
    #[serde(default, borrow, rename = "software_sourceInfo")]
    pub(super) source_info: Text<'a>,
    #[serde(default, borrow, rename = "software_primaryPurpose")]
    pub(super) primary_purpose: Text<'a>,
    #[serde(default, borrow, rename = "suppliedBy")]
    pub(super) supplied_by: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow, rename = "originatedBy")]
    pub(super) originated_by: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow, rename = "verifiedUsing")]
    pub(super) verified_using: List<Object<Hash<'a>>>,
    #[serde(default, borrow, rename = "externalIdentifier")]
    pub(super) external_identifiers: List<Object<Identifier<'a>>>,
    #[serde(default, borrow, rename = "externalRef")]
    pub(super) external_refs: List<Object<ExternalRef<'a>>>,
    #[serde(default, borrow)]
    pub(super) from: Text<'a>,
    #[serde(default, borrow)]
    pub(super) to: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow, rename = "relationshipType")]
    pub(super) relationship_type: Text<'a>,
    #[serde(default, borrow)]
    pub(super) scope: Text<'a>,
    #[serde(default, borrow, rename = "simplelicensing_licenseExpression")]
    pub(super) expression: Text<'a>,
    #[serde(default, borrow, rename = "simplelicensing_licenseText")]
    pub(super) license_text: Text<'a>,
    #[serde(default, borrow, rename = "expandedlicensing_licenseText")]
    pub(super) custom_license_text: Text<'a>,
    #[serde(default, borrow, rename = "expandedlicensing_member")]
    pub(super) members: Field<OneOrMany<Text<'a>>>,
    #[serde(default, borrow, rename = "expandedlicensing_subjectLicense")]
    pub(super) subject_license: Text<'a>,
    #[serde(default, borrow, rename = "expandedlicensing_subjectExtendableLicense")]
    pub(super) subject_extendable: Text<'a>,
    #[serde(default, borrow, rename = "expandedlicensing_subjectAddition")]
    pub(super) subject_addition: Text<'a>,
    #[serde(default, borrow, rename = "expandedlicensing_additionId")]
    pub(super) addition_id: Text<'a>,
    #[serde(default, borrow, rename = "security_impactStatement")]
    pub(super) impact_statement: Text<'a>,
    #[serde(default, borrow, rename = "security_actionStatement")]
    pub(super) action_statement: Text<'a>,
    #[serde(default, borrow, rename = "security_statusNotes")]
    pub(super) status_notes: Text<'a>,
    #[serde(default, borrow, rename = "security_justificationType")]
    pub(super) justification: Text<'a>,
    #[serde(default, rename = "security_score")]
    pub(super) score: Field<Number>,
    #[serde(default, borrow, rename = "security_severity")]
    pub(super) severity: Text<'a>,
    #[serde(default, borrow, rename = "security_vectorString")]
    pub(super) vector: Text<'a>,
    #[serde(default, borrow, rename = "security_publishedTime")]
    pub(super) published: Text<'a>,
    #[serde(default, borrow, rename = "security_modifiedTime")]
    pub(super) modified: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Import<'a> {
    #[serde(default, borrow, rename = "externalSpdxId")]
    pub(super) id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Hash<'a> {
    #[serde(default, borrow)]
    pub(super) algorithm: Text<'a>,
    #[serde(default, borrow, rename = "hashValue")]
    pub(super) value: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Identifier<'a> {
    #[serde(default, borrow, rename = "externalIdentifierType")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow)]
    pub(super) identifier: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ExternalRef<'a> {
    #[serde(default, borrow, rename = "externalRefType")]
    pub(super) kind: Text<'a>,
    #[serde(default, borrow, rename = "locator")]
    pub(super) locators: Field<OneOrMany<Text<'a>>>,
}

/// An element that is named, or that stands where its name could.
#[derive(Debug)]
pub(super) enum Reference<'a> {
    Id(Cow<'a, str>),
    Inline(Box<Record<Element<'a>>>),
}

impl<'de: 'a, 'a> Shape<'de> for Reference<'a> {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Is(Self::Id(text))
    }

    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Field<Self>, A::Error> {
        Box::<Record<Element<'a>>>::from_map(map).map(|field| field.map(Self::Inline))
    }
}

/// When, how and by whom something was written.
pub(super) struct Creation<'d, 'a> {
    pub(super) spec_version: &'d Text<'a>,
    pub(super) created: &'d Text<'a>,
    pub(super) created_by: &'d Field<OneOrMany<Text<'a>>>,
    pub(super) created_using: &'d Field<OneOrMany<Text<'a>>>,
}

impl<'a> Element<'a> {
    pub(super) fn kind(&self) -> &str {
        super::str_of(&self.type_)
            .or_else(|| super::str_of(&self.ld_type))
            .unwrap_or_default()
    }

    pub(super) fn id(&self) -> Option<&str> {
        super::str_of(&self.spdx_id).or_else(|| super::str_of(&self.ld_id))
    }

    pub(super) fn creation(&self) -> Creation<'_, 'a> {
        Creation {
            spec_version: &self.spec_version,
            created: &self.created,
            created_by: &self.created_by,
            created_using: &self.created_using,
        }
    }

    /// Whether it is a list of elements with roots of its own.
    pub(super) fn is_collection(&self) -> bool {
        matches!(self.kind(), "software_Sbom" | "Bom" | "Bundle" | "SpdxDocument")
    }
}
