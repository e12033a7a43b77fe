//! Settings: who may do what, where news goes, and how this service is set up.

pub mod about;
pub mod people;
pub mod sla;
pub mod tokens;
pub mod webhook;
pub mod webhooks;

/// One tab.
pub(crate) struct Tab {
    pub label: &'static str,
    pub href: &'static str,
    pub current: bool,
}

/// The tabs above every page of the settings.
pub(crate) fn tabs(current: &str) -> Vec<Tab> {
    [
        ("Tokens", "/settings/tokens"),
        ("People", "/settings/people"),
        ("Webhooks", "/settings/webhooks"),
        ("SLA", "/settings/sla"),
        ("About", "/settings/about"),
    ]
    .into_iter()
    .map(|(label, href)| Tab {
        label,
        href,
        current: href.ends_with(current),
    })
    .collect()
}

/// What is wrong with a form: the id of each field, and a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<(String, String)>);

impl Faults {
    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        self.0.iter().any(|(wrong, _)| wrong == field)
    }

    pub(crate) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// What the title of a page begins with.
    pub(crate) fn mark(&self) -> &'static str {
        if self.any() { "Error: " } else { "" }
    }

    pub(crate) fn sample(field: &str, sentence: &str) -> Self {
        Self(vec![(field.to_owned(), sentence.to_owned())])
    }
}
