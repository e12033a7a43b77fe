//! The messages of the CycloneDX schema, as far as an inventory holds them. Enumerations are numbers here, so that a
//! number that is newer than the words for them costs only itself.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub(super) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Attachment {
    #[prost(string, optional, tag = "2")]
    pub(super) encoding: Option<String>,
    #[prost(string, tag = "3")]
    pub(super) value: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Bom {
    #[prost(string, tag = "1")]
    pub(super) spec_version: String,
    #[prost(string, optional, tag = "3")]
    pub(super) serial_number: Option<String>,
    #[prost(message, optional, tag = "4")]
    pub(super) metadata: Option<Metadata>,
    #[prost(message, repeated, tag = "5")]
    pub(super) components: Vec<Component>,
    #[prost(message, repeated, tag = "6")]
    pub(super) services: Vec<Service>,
    #[prost(message, repeated, tag = "8")]
    pub(super) dependencies: Vec<Dependency>,
    #[prost(message, repeated, tag = "9")]
    pub(super) compositions: Vec<Composition>,
    #[prost(message, repeated, tag = "10")]
    pub(super) vulnerabilities: Vec<Vulnerability>,
    #[prost(message, repeated, tag = "12")]
    pub(super) properties: Vec<Property>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Metadata {
    #[prost(message, optional, tag = "1")]
    pub(super) timestamp: Option<Timestamp>,
    #[prost(message, repeated, tag = "2")]
    pub(super) tools: Vec<Tool>,
    #[prost(message, repeated, tag = "3")]
    pub(super) authors: Vec<Contact>,
    #[prost(message, optional, tag = "4")]
    pub(super) component: Option<Component>,
    #[prost(message, optional, tag = "5")]
    pub(super) manufacture: Option<Organization>,
    #[prost(message, optional, tag = "6")]
    pub(super) supplier: Option<Organization>,
    #[prost(message, repeated, tag = "7")]
    pub(super) licenses: Vec<LicenseChoice>,
    #[prost(message, repeated, tag = "8")]
    pub(super) properties: Vec<Property>,
    #[prost(message, repeated, tag = "9")]
    pub(super) lifecycles: Vec<Lifecycle>,
    #[prost(message, optional, tag = "10")]
    pub(super) manufacturer: Option<Organization>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Lifecycle {
    #[prost(int32, optional, tag = "1")]
    pub(super) phase: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(super) name: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Tool {
    #[prost(string, optional, tag = "1")]
    pub(super) vendor: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) version: Option<String>,
    #[prost(message, repeated, tag = "6")]
    pub(super) components: Vec<Component>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Organization {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(string, repeated, tag = "2")]
    pub(super) url: Vec<String>,
    #[prost(message, repeated, tag = "3")]
    pub(super) contact: Vec<Contact>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Contact {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) email: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) phone: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Component {
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(string, optional, tag = "2")]
    pub(super) mime_type: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) bom_ref: Option<String>,
    #[prost(message, optional, tag = "4")]
    pub(super) supplier: Option<Organization>,
    #[prost(string, optional, tag = "5")]
    pub(super) author: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) publisher: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub(super) group: Option<String>,
    #[prost(string, tag = "8")]
    pub(super) name: String,
    #[prost(string, tag = "9")]
    pub(super) version: String,
    #[prost(string, optional, tag = "10")]
    pub(super) description: Option<String>,
    #[prost(int32, optional, tag = "11")]
    pub(super) scope: Option<i32>,
    #[prost(message, repeated, tag = "12")]
    pub(super) hashes: Vec<Hash>,
    #[prost(message, repeated, tag = "13")]
    pub(super) licenses: Vec<LicenseChoice>,
    #[prost(string, optional, tag = "14")]
    pub(super) copyright: Option<String>,
    #[prost(string, optional, tag = "15")]
    pub(super) cpe: Option<String>,
    #[prost(string, optional, tag = "16")]
    pub(super) purl: Option<String>,
    #[prost(message, optional, tag = "17")]
    pub(super) swid: Option<Swid>,
    #[prost(message, optional, tag = "19")]
    pub(super) pedigree: Option<Pedigree>,
    #[prost(message, repeated, tag = "20")]
    pub(super) external_references: Vec<ExternalReference>,
    #[prost(message, repeated, tag = "21")]
    pub(super) components: Vec<Component>,
    #[prost(message, repeated, tag = "22")]
    pub(super) properties: Vec<Property>,
    #[prost(message, optional, tag = "23")]
    pub(super) evidence: Option<Evidence>,
    #[prost(message, optional, tag = "28")]
    pub(super) manufacturer: Option<Organization>,
    #[prost(message, repeated, tag = "29")]
    pub(super) authors: Vec<Contact>,
    #[prost(string, repeated, tag = "30")]
    pub(super) tags: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Swid {
    #[prost(string, tag = "1")]
    pub(super) tag_id: String,
    #[prost(string, tag = "2")]
    pub(super) name: String,
    #[prost(string, optional, tag = "3")]
    pub(super) version: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LicenseChoice {
    #[prost(message, optional, tag = "1")]
    pub(super) license: Option<License>,
    #[prost(string, optional, tag = "2")]
    pub(super) expression: Option<String>,
    #[prost(int32, optional, tag = "3")]
    pub(super) acknowledgement: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct License {
    #[prost(string, optional, tag = "1")]
    pub(super) id: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) name: Option<String>,
    #[prost(message, optional, tag = "3")]
    pub(super) text: Option<Attachment>,
    #[prost(string, optional, tag = "4")]
    pub(super) url: Option<String>,
    #[prost(int32, optional, tag = "8")]
    pub(super) acknowledgement: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Hash {
    #[prost(int32, tag = "1")]
    pub(super) alg: i32,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Property {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, optional, tag = "2")]
    pub(super) value: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ExternalReference {
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(string, tag = "2")]
    pub(super) url: String,
    #[prost(string, optional, tag = "3")]
    pub(super) comment: Option<String>,
    #[prost(message, repeated, tag = "4")]
    pub(super) hashes: Vec<Hash>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Evidence {
    #[prost(message, repeated, tag = "1")]
    pub(super) licenses: Vec<LicenseChoice>,
    #[prost(message, repeated, tag = "2")]
    pub(super) copyright: Vec<Copyright>,
    #[prost(message, repeated, tag = "3")]
    pub(super) identity: Vec<Identity>,
    #[prost(message, repeated, tag = "4")]
    pub(super) occurrences: Vec<Occurrence>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Copyright {
    #[prost(string, tag = "1")]
    pub(super) text: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Identity {
    #[prost(int32, tag = "1")]
    pub(super) field: i32,
    #[prost(float, optional, tag = "2")]
    pub(super) confidence: Option<f32>,
    #[prost(message, repeated, tag = "3")]
    pub(super) methods: Vec<Method>,
    #[prost(string, optional, tag = "5")]
    pub(super) concluded_value: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Method {
    #[prost(int32, tag = "1")]
    pub(super) technique: i32,
    #[prost(float, tag = "2")]
    pub(super) confidence: f32,
    #[prost(string, optional, tag = "3")]
    pub(super) value: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Occurrence {
    #[prost(string, tag = "2")]
    pub(super) location: String,
    #[prost(int32, optional, tag = "3")]
    pub(super) line: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Pedigree {
    #[prost(message, repeated, tag = "1")]
    pub(super) ancestors: Vec<Component>,
    #[prost(message, repeated, tag = "2")]
    pub(super) descendants: Vec<Component>,
    #[prost(message, repeated, tag = "3")]
    pub(super) variants: Vec<Component>,
    #[prost(message, repeated, tag = "4")]
    pub(super) commits: Vec<Commit>,
    #[prost(message, repeated, tag = "5")]
    pub(super) patches: Vec<Patch>,
    #[prost(string, optional, tag = "6")]
    pub(super) notes: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Commit {
    #[prost(string, optional, tag = "1")]
    pub(super) uid: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) url: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(super) message: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Patch {
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(message, optional, tag = "2")]
    pub(super) diff: Option<Diff>,
    #[prost(message, repeated, tag = "3")]
    pub(super) resolves: Vec<Issue>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Diff {
    #[prost(string, optional, tag = "2")]
    pub(super) url: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Issue {
    #[prost(string, optional, tag = "2")]
    pub(super) id: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) name: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Service {
    #[prost(string, optional, tag = "1")]
    pub(super) bom_ref: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(super) provider: Option<Organization>,
    #[prost(string, optional, tag = "3")]
    pub(super) group: Option<String>,
    #[prost(string, tag = "4")]
    pub(super) name: String,
    #[prost(string, optional, tag = "5")]
    pub(super) version: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) description: Option<String>,
    #[prost(string, repeated, tag = "7")]
    pub(super) endpoints: Vec<String>,
    #[prost(bool, optional, tag = "8")]
    pub(super) authenticated: Option<bool>,
    #[prost(bool, optional, tag = "9")]
    pub(super) x_trust_boundary: Option<bool>,
    #[prost(message, repeated, tag = "11")]
    pub(super) licenses: Vec<LicenseChoice>,
    #[prost(message, repeated, tag = "12")]
    pub(super) external_references: Vec<ExternalReference>,
    #[prost(message, repeated, tag = "13")]
    pub(super) services: Vec<Service>,
    #[prost(message, repeated, tag = "14")]
    pub(super) properties: Vec<Property>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Dependency {
    #[prost(string, tag = "1")]
    pub(super) reference: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Composition {
    #[prost(int32, tag = "1")]
    pub(super) aggregate: i32,
    #[prost(string, repeated, tag = "2")]
    pub(super) assemblies: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub(super) dependencies: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Source {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) url: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Vulnerability {
    #[prost(string, optional, tag = "2")]
    pub(super) id: Option<String>,
    #[prost(message, optional, tag = "3")]
    pub(super) source: Option<Source>,
    #[prost(message, repeated, tag = "4")]
    pub(super) references: Vec<VulnerabilityReference>,
    #[prost(message, repeated, tag = "5")]
    pub(super) ratings: Vec<Rating>,
    #[prost(int32, repeated, tag = "6")]
    pub(super) cwes: Vec<i32>,
    #[prost(string, optional, tag = "7")]
    pub(super) description: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub(super) detail: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub(super) recommendation: Option<String>,
    #[prost(message, repeated, tag = "10")]
    pub(super) advisories: Vec<Advisory>,
    #[prost(message, optional, tag = "12")]
    pub(super) published: Option<Timestamp>,
    #[prost(message, optional, tag = "13")]
    pub(super) updated: Option<Timestamp>,
    #[prost(message, optional, tag = "16")]
    pub(super) analysis: Option<Analysis>,
    #[prost(message, repeated, tag = "17")]
    pub(super) affects: Vec<Affected>,
    #[prost(message, repeated, tag = "18")]
    pub(super) properties: Vec<Property>,
    #[prost(string, optional, tag = "21")]
    pub(super) workaround: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct VulnerabilityReference {
    #[prost(string, tag = "1")]
    pub(super) id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Rating {
    #[prost(message, optional, tag = "1")]
    pub(super) source: Option<Source>,
    #[prost(double, optional, tag = "2")]
    pub(super) score: Option<f64>,
    #[prost(int32, optional, tag = "3")]
    pub(super) severity: Option<i32>,
    #[prost(int32, optional, tag = "4")]
    pub(super) method: Option<i32>,
    #[prost(string, optional, tag = "5")]
    pub(super) vector: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) justification: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Advisory {
    #[prost(string, optional, tag = "1")]
    pub(super) title: Option<String>,
    #[prost(string, tag = "2")]
    pub(super) url: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Analysis {
    #[prost(int32, optional, tag = "1")]
    pub(super) state: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(super) justification: Option<i32>,
    #[prost(int32, repeated, tag = "3")]
    pub(super) response: Vec<i32>,
    #[prost(string, optional, tag = "4")]
    pub(super) detail: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub(super) first_issued: Option<Timestamp>,
    #[prost(message, optional, tag = "6")]
    pub(super) last_updated: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Affected {
    #[prost(string, tag = "1")]
    pub(super) reference: String,
    #[prost(message, repeated, tag = "2")]
    pub(super) versions: Vec<AffectedVersion>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct AffectedVersion {
    #[prost(string, optional, tag = "1")]
    pub(super) version: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) range: Option<String>,
    #[prost(int32, optional, tag = "3")]
    pub(super) status: Option<i32>,
}
