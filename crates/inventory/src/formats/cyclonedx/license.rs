//! Licenses of components, services and documents.

use super::model;
use crate::formats::lenient::{List, Object};
use crate::formats::notices::Notices;
use crate::formats::place::Place;
use crate::formats::{LONGEST_VALUE, attachment, extend_claims, licenses};
use crate::{LONGEST_LICENSE_TEXT, LicenseClaim, LicenseDetails, LicenseForm, LicenseSource};

pub(super) fn read_all(
    list: &List<Object<model::LicenseChoice<'_>>>,
    place: &Place<'_>,
    notices: &mut Notices,
) -> Vec<LicenseClaim> {
    let mut claims = Vec::new();
    notices.each(list, place, |choice, place, notices| {
        extend_claims(&mut claims, read(choice, place, notices));
    });
    claims
}

fn read(choice: &model::LicenseChoice<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<LicenseClaim> {
    let outer = notices.text(&choice.acknowledgement, &place.key("acknowledgement"));
    if let Some(expression) = notices.text(&choice.expression, &place.key("expression")) {
        return licenses::claim(acknowledged(outer), LicenseForm::Expression, expression);
    }
    let place = place.key("license");
    let license = notices.record(&choice.license, &place)?;
    let inner = notices.text(&license.acknowledgement, &place.key("acknowledgement"));
    let id = notices.text(&license.id, &place.key("id"));
    let name = notices.text(&license.name, &place.key("name"));
    let url = notices.owned(&license.url, &place.key("url"), LONGEST_VALUE);
    let source = acknowledged(inner.or(outer));
    let mut claim = match (id, name, &url) {
        (Some(id), ..) => licenses::claim(source, LicenseForm::Id, id),
        (None, Some(name), _) => licenses::claim(source, LicenseForm::Name, name),
        (None, None, Some(url)) => licenses::claim(source, LicenseForm::Url, url),
        (None, None, None) => None,
    }?;
    let details = LicenseDetails {
        url: url.filter(|_| claim.form != Some(LicenseForm::Url)),
        full_text: full_text(license, &place, notices),
        written: None,
    };
    claim.details = (details != LicenseDetails::default()).then(|| Box::new(details));
    Some(claim)
}

fn full_text(license: &model::License<'_>, place: &Place<'_>, notices: &mut Notices) -> Option<String> {
    let place = place.key("text");
    let text = notices.rare(&license.text, &place)?;
    let encoding = notices.text(&text.encoding, &place.key("encoding"));
    let content = notices.text(&text.content, &place.key("content"))?;
    attachment::decode(content, encoding, LONGEST_LICENSE_TEXT, &place, notices)
}

fn acknowledged(text: Option<&str>) -> LicenseSource {
    if text == Some("concluded") {
        LicenseSource::Concluded
    } else {
        LicenseSource::Declared
    }
}
