//! Relationships of SPDX 3 in the words of SPDX 2.

use std::borrow::Cow;

use super::model::Element;
use super::{is, object, spdx, str_of, strs_of};
use crate::formats::lenient::{Field, Object};
use crate::formats::place::Mark;

/// Adds what a relationship says: one relation for each of its targets.
pub(super) fn add<'d>(
    mark: Mark,
    element: &'d Element<'_>,
    relationships: &mut Vec<Object<spdx::Relationship<'d>>>,
) {
    let (Some(kind), Some(from)) = (str_of(&element.relationship_type), str_of(&element.from)) else {
        return;
    };
    let Some((word, is_backward)) = word(kind, str_of(&element.scope)) else {
        return;
    };
    for to in strs_of(&element.to).filter(|to| !says_nothing(to)) {
        let (from, to) = if is_backward { (to, from) } else { (from, to) };
        relationships.push(object(spdx::Relationship {
            mark,
            from: is(from),
            kind: Field::Is(Cow::Borrowed(word)),
            to: is(to),
            ..spdx::Relationship::default()
        }));
    }
}

/// The two elements of the specification that stand for no element.
fn says_nothing(id: &str) -> bool {
    id.ends_with("NoneElement") || id.ends_with("NoAssertionElement")
}

/// The word of SPDX 2, and whether it reads from the target to the source; `None` for what an inventory does not hold.
fn word(kind: &str, scope: Option<&str>) -> Option<(&'static str, bool)> {
    Some(match (kind, scope) {
        ("dependsOn", Some("development")) => ("DEV_DEPENDENCY_OF", true),
        ("dependsOn", Some("test")) => ("TEST_DEPENDENCY_OF", true),
        ("dependsOn", Some("build")) => ("BUILD_DEPENDENCY_OF", true),
        ("dependsOn", _) => ("DEPENDS_ON", false),
        ("contains", _) => ("CONTAINS", false),
        ("describes", _) => ("DESCRIBES", false),
        ("hasPrerequisite", _) => ("HAS_PREREQUISITE", false),
        ("hasDynamicLink", _) => ("DYNAMIC_LINK", false),
        ("hasStaticLink", _) => ("STATIC_LINK", false),
        ("hasOptionalDependency", _) => ("OPTIONAL_DEPENDENCY_OF", true),
        ("hasOptionalComponent", _) => ("OPTIONAL_COMPONENT_OF", true),
        ("hasProvidedDependency", _) => ("PROVIDED_DEPENDENCY_OF", true),
        ("usesTool", Some("development")) => ("DEV_TOOL_OF", true),
        ("usesTool", Some("test")) => ("TEST_TOOL_OF", true),
        ("usesTool", Some("build")) => ("BUILD_TOOL_OF", true),
        _ => return None,
    })
}

/// `operatingSystem` as SPDX 2 writes it, with this between the words.
pub(super) fn spelled(word: &str, between: char) -> String {
    let mut spelled = String::with_capacity(word.len() + 4);
    for character in word.chars() {
        if character.is_ascii_uppercase() {
            spelled.push(between);
        }
        spelled.push(character.to_ascii_uppercase());
    }
    spelled
}
