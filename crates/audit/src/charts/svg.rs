//! The parts that both pictures share: words, colours, head and legend.

use std::fmt::Write as _;

use inventory::{Component, ComponentId, Scope};

use super::marks::{Mark, Marks};
use super::{Chart, Look};
use crate::label::{label, package_name};
use crate::license::effective_license;
use crate::render::escape;

pub(super) const INK: &str = "#1f2328";
pub(super) const DIM: &str = "#59636e";

/// Findings that a tooltip names.
const FINDINGS_SHOWN: usize = 10;

/// A picture under construction. Writing to a string cannot fail, so its methods return nothing.
pub(super) struct Picture(String);

/// What a picture tells of itself.
pub(super) struct Head<'a> {
    pub kind: &'a str,
    pub description: String,
    pub width: u64,
    pub height: u64,
}

impl Picture {
    /// The element, its title and description, and what the marks mean, in a strip at the top.
    pub fn new(look: &Look<'_>, head: &Head<'_>) -> Self {
        let mut picture = Self(String::new());
        let prefix = escape::html(look.prefix);
        let (width, height) = (head.width, head.height);
        picture.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"graphics-document\" aria-labelledby=\"{prefix}title {prefix}desc\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n"
        ));
        picture.put(format_args!(
            "<title id=\"{prefix}title\">{} of {}</title>\n<desc id=\"{prefix}desc\">{}</desc>\n",
            head.kind,
            escape::html(look.name),
            escape::html(&head.description)
        ));
        picture.put(format_args!(
            "<rect class=\"ground\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n<g class=\"legend\">\n"
        ));
        let mut x = 12;
        for mark in Mark::ALL {
            picture.put(format_args!(
                "<text class=\"{}\" x=\"{x}\" y=\"20\" fill=\"{}\">{} {}</text>\n",
                mark.class(),
                mark.colour(),
                mark.sign(),
                mark.words()
            ));
            x += 40 + 7 * mark.words().chars().count();
        }
        picture.put(format_args!(
            "<text x=\"12\" y=\"38\" fill=\"{DIM}\">{}</text>\n</g>\n",
            escape::html(&head.description)
        ));
        picture
    }

    pub fn put(&mut self, markup: std::fmt::Arguments<'_>) {
        let _ = self.0.write_fmt(markup);
    }

    /// Begins what belongs to one component: a link where there is an address, else a group.
    pub fn open(&mut self, id: &str, address: Option<&str>) {
        match address {
            Some(address) => self.put(format_args!(
                "<a id=\"{}\" href=\"{}\">",
                escape::html(id),
                escape::html(address)
            )),
            None => self.put(format_args!("<g id=\"{}\">", escape::html(id))),
        }
    }

    pub fn close(&mut self, address: Option<&str>) {
        self.put(format_args!(
            "{}\n",
            if address.is_some() { "</a>" } else { "</g>" }
        ));
    }

    pub fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

/// An address that a picture may link to. A callback gives addresses of its own service; what a document smuggled
/// into one must not run.
pub(super) fn address(look: &Look<'_>, id: ComponentId) -> Option<String> {
    let address = (look.link)(id)?;
    let scheme = address
        .split(['/', '?', '#'])
        .next()
        .and_then(|start| start.split_once(':'))
        .map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    matches!(scheme.as_deref(), None | Some("http" | "https")).then_some(address)
}

/// What a component is called in the picture.
pub(super) fn name(component: &Component, look: &Look<'_>) -> String {
    if look.show_versions {
        label(component)
    } else {
        package_name(component)
    }
}

/// The beginning of a text that may take so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{start}…")
}

/// Everything that is known of a component, as a tooltip and for those who do not see the picture.
pub(super) fn story(chart: &Chart<'_>, marks: &Marks<'_>, id: ComponentId) -> String {
    let Some(component) = chart.inventory.components.get(id as usize) else {
        return String::new();
    };
    let mut text = format!("{}: {}", label(component), marks.get(id).words());
    if let Some(worst) = marks.worst(id) {
        let ids: Vec<&str> = marks
            .findings(id)
            .iter()
            .take(FINDINGS_SHOWN)
            .map(|finding| finding.canonical.as_str())
            .collect();
        let more = marks.findings(id).len().saturating_sub(ids.len());
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let _ = write!(
            text,
            " ({}{rest}; worst {})",
            ids.join(", "),
            crate::render::severity_word(worst)
        );
    }
    let license = effective_license(&component.licenses);
    let _ = write!(text, ". License: {}", license.as_deref().unwrap_or("not known"));
    let kinds = kinds(component);
    if !kinds.is_empty() {
        let _ = write!(text, ". {}", kinds.join(", "));
    }
    text
}

/// What is special about how it is needed.
pub(super) fn kinds(component: &Component) -> Vec<&'static str> {
    let installation = component.installation.as_deref();
    [
        (component.scope == Scope::Dev, "development"),
        (component.scope == Scope::Optional, "optional"),
        (installation.is_some_and(|how| how.peer), "peer"),
        (installation.is_some_and(|how| how.bundled), "bundled"),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, word)| word)
    .collect()
}
