//! Relationships, in whichever direction they were written.

use super::model;
use crate::formats::ReadError;
use crate::formats::assembly::{Assembly, Relation};
use crate::formats::lenient::{Record, essential};
use crate::formats::ownership::SYFT_OWNERSHIP;
use crate::formats::place::{Mark, Place};
use crate::{ComponentId, Scope};
use model::{Document, Relationship};

/// What a type of relationship says about its two ends.
enum Meaning {
    /// The first relates to the second.
    Forward(Relation),
    /// The second relates to the first.
    Backward(Relation),
    Describes,
    DescribedBy,
    /// The comment says what.
    Other,
    /// Nothing that an inventory holds.
    Nothing,
}

/// Tools misspell `DESCRIBES` as `DESCRIBE`. A build dependency may end up in the product, so it stays required.
fn meaning(kind: &str) -> Meaning {
    use Meaning::{Backward, Forward};
    let depends = |scope| Relation::DependsOn(Some(scope));
    match kind {
        "DEPENDS_ON" | "HAS_PREREQUISITE" | "DYNAMIC_LINK" | "STATIC_LINK" => {
            Forward(depends(Scope::Required))
        }
        "DEPENDENCY_OF" | "RUNTIME_DEPENDENCY_OF" | "BUILD_DEPENDENCY_OF" | "PREREQUISITE_FOR" => {
            Backward(depends(Scope::Required))
        }
        "OPTIONAL_DEPENDENCY_OF" | "PROVIDED_DEPENDENCY_OF" | "OPTIONAL_COMPONENT_OF" => {
            Backward(depends(Scope::Optional))
        }
        "DEV_DEPENDENCY_OF" | "TEST_DEPENDENCY_OF" | "BUILD_TOOL_OF" | "DEV_TOOL_OF" | "TEST_TOOL_OF" => {
            Backward(depends(Scope::Dev))
        }
        "CONTAINS" => Forward(Relation::Contains),
        "CONTAINED_BY" | "PACKAGE_OF" => Backward(Relation::Contains),
        "DESCRIBES" | "DESCRIBE" => Meaning::Describes,
        "DESCRIBED_BY" => Meaning::DescribedBy,
        "OTHER" => Meaning::Other,
        _ => Meaning::Nothing,
    }
}

/// Relates the components; returns those that the document says it describes.
pub(super) fn read_all(
    document: &Document<'_>,
    assembly: &mut Assembly<'_>,
) -> Result<Vec<ComponentId>, ReadError> {
    let mut described = read_described(document, assembly);
    let place = Place::ROOT.key("relationships");
    for (index, relationship) in essential(&document.relationships, &place)?.iter().enumerate() {
        let place = place.index(index);
        if let Some(Record(relationship)) = assembly.notices.field(relationship, &place) {
            let origin = relationship.mark.or_index(index);
            described.extend(read(
                relationship,
                &place.at(relationship.mark),
                origin,
                assembly,
            )?);
        }
    }
    Ok(described)
}

/// The older way to say what is described.
fn read_described(document: &Document<'_>, assembly: &mut Assembly<'_>) -> Vec<ComponentId> {
    let place = Place::ROOT.key("documentDescribes");
    let mut described = Vec::new();
    for (index, reference) in assembly
        .notices
        .list(&document.describes, &place)
        .iter()
        .enumerate()
    {
        let place = place.index(index);
        let reference = assembly.notices.text(reference, &place);
        described.extend(reference.and_then(|reference| resolve(reference, &place, assembly)));
    }
    described
}

fn read(
    relationship: &Relationship<'_>,
    place: &Place<'_>,
    origin: Mark,
    assembly: &mut Assembly<'_>,
) -> Result<Option<ComponentId>, ReadError> {
    let place_of_from = place.key("spdxElementId");
    let place_of_to = place.key("relatedSpdxElement");
    let kind = assembly
        .notices
        .text(&relationship.kind, &place.key("relationshipType"));
    let from = assembly.notices.text(&relationship.from, &place_of_from);
    let to = assembly.notices.text(&relationship.to, &place_of_to);
    let (Some(kind), Some(from), Some(to)) = (kind, from, to) else {
        return Ok(None);
    };
    let (first, second, relation) = match meaning(kind) {
        Meaning::Nothing => return Ok(None),
        Meaning::Other => {
            let comment = assembly
                .notices
                .text(&relationship.comment, &place.key("comment"));
            if comment.is_some_and(|comment| comment.starts_with(SYFT_OWNERSHIP)) {
                let owner = resolve(from, &place_of_from, assembly);
                let owned = resolve(to, &place_of_to, assembly);
                if let (Some(owner), Some(owned)) = (owner, owned) {
                    assembly.own(owner, owned);
                }
            }
            return Ok(None);
        }
        Meaning::Describes if is_document(from, assembly) => return Ok(resolve(to, &place_of_to, assembly)),
        Meaning::DescribedBy if is_document(to, assembly) => {
            return Ok(resolve(from, &place_of_from, assembly));
        }
        Meaning::Describes | Meaning::DescribedBy => return Ok(None),
        Meaning::Forward(relation) => ((from, place_of_from), (to, place_of_to), relation),
        Meaning::Backward(relation) => ((to, place_of_to), (from, place_of_from), relation),
    };
    let first = resolve(first.0, &first.1, assembly);
    let second = resolve(second.0, &second.1, assembly);
    if let (Some(first), Some(second)) = (first, second) {
        assembly.relate(first, second, relation, origin)?;
    }
    Ok(None)
}

/// Whether the reference names the document: it is known, and it is no package.
fn is_document(reference: &str, assembly: &Assembly<'_>) -> bool {
    assembly.is_other(reference)
}

/// Like [`Assembly::resolve`], but what is said of nothing, or of other documents, does not dangle.
fn resolve(reference: &str, place: &Place<'_>, assembly: &mut Assembly<'_>) -> Option<ComponentId> {
    if matches!(reference, "NONE" | "NOASSERTION") || reference.starts_with("DocumentRef-") {
        return None;
    }
    assembly.resolve(reference, place)
}
