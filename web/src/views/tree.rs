//! The dependency tree of a build: branches that open and close, or a map.

use advisories::Severity;
use audit::charts::Mark;

use super::header::ProjectHeader;
use super::list::Choice;
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, text};

page!("tree.html", Tree);

/// The page.
#[derive(Clone, Debug)]
pub struct Tree {
    pub header: ProjectHeader,
    /// Identifies the build in the API.
    pub build: String,
    pub asked: Asked,
    pub body: Body,
    /// Components that are shown.
    pub drawn: u64,
    /// Components that are asked for.
    pub total: u64,
    /// Components of the build with an open finding.
    pub affected: u64,
    /// Those, worst first; bounded by whoever fills it.
    pub hits: Vec<Hit>,
}

/// What the reader asked to see, as the address has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub is_map: bool,
    /// Only components with a finding, and what leads to them.
    pub only_affected: bool,
    /// Part of a name; empty when nothing is looked for.
    pub query: String,
    pub depth: usize,
    pub include_dev: bool,
    /// Where the tree begins instead of at the product.
    pub from: Option<Place>,
}

/// A component that has an address within the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The document's own identifier of it.
    pub reference: String,
    pub label: String,
}

/// What is shown.
#[derive(Clone, Debug)]
pub enum Body {
    Rows(Vec<Row>),
    /// An SVG without style or script.
    Map(Html),
    /// There is no build yet.
    Nothing,
}

/// One row; what stands below it follows, one step deeper.
#[derive(Clone, Debug)]
pub struct Row {
    pub what: What,
    pub depth: usize,
    pub has_children: bool,
}

/// What a row tells of.
#[derive(Clone, Debug)]
pub enum What {
    /// The product.
    Top {
        label: String,
    },
    /// Heads what no way from the product leads to.
    Unplaced,
    Component(Node),
    /// A component whose row stands elsewhere on the page.
    Again(Node),
    /// So many more; with where they can be seen.
    More {
        count: u64,
        from: Option<Place>,
    },
}

/// One component.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its number in the build: names the row.
    pub id: u32,
    pub name: String,
    pub version: String,
    /// Empty when the document gives none.
    pub purl: String,
    pub mark: Mark,
    pub worst: Option<Severity>,
    pub findings: u64,
    /// Components that need it.
    pub parents: u64,
}

/// An affected component.
#[derive(Clone, Debug)]
pub struct Hit {
    pub name: String,
    pub version: String,
    pub purl: String,
    pub worst: Severity,
    pub findings: u64,
    /// Ways from the product to it; 0 when the graph tells none.
    pub ways: u64,
    /// The version that mends it, where all its findings name the same.
    pub fix: Option<String>,
}

/// A row with the markup around it.
struct Line<'a> {
    row: &'a Row,
    /// Whether the branch is open at first.
    is_open: bool,
    /// Branches that end behind this row.
    closes: Vec<()>,
}

/// Steps from the top that are open at first.
const OPEN_STEPS: usize = 2;
const DEPTHS: [usize; 5] = [1, 2, 3, 5, 12];

impl Row {
    /// The component that the row is of.
    fn node(&self) -> Option<&Node> {
        match &self.what {
            What::Component(node) => Some(node),
            _ => None,
        }
    }

    /// What stands above the branch, for those who cannot see it.
    fn name(&self) -> &str {
        match &self.what {
            What::Top { label } => label,
            What::Component(node) | What::Again(node) => &node.name,
            What::Unplaced => "what no way is known to",
            What::More { .. } => "more",
        }
    }
}

impl Node {
    fn class(&self) -> &'static str {
        self.mark.class()
    }

    fn also(&self) -> Option<String> {
        let others = self.parents.saturating_sub(1);
        (others > 0).then(|| format!("also needed by {} more", text::number(others)))
    }
}

impl Tree {
    fn frame(&self) -> Frame {
        Frame::new(
            format!("Tree · {}", self.header.short_name()),
            Section::Projects,
            format!("/v1/builds/{}/tree?format=json", links::segment(&self.build)),
        )
    }

    pub(crate) fn action(&self) -> String {
        format!("{}/tree", links::project(&self.header.name))
    }

    pub(crate) fn views(&self) -> Vec<Choice> {
        vec![
            Choice::new("", "Tree", !self.asked.is_map),
            Choice::new("map", "Map", self.asked.is_map),
        ]
    }

    pub(crate) fn shows(&self) -> Vec<Choice> {
        vec![
            Choice::new("affected", "Only ways to findings", self.asked.only_affected),
            Choice::new("all", "Everything", !self.asked.only_affected),
        ]
    }

    /// Ways to findings, and to a name, are shown to their end.
    #[must_use]
    pub fn has_depth(&self) -> bool {
        !self.asked.is_map && !self.asked.only_affected && self.asked.query.is_empty()
    }

    pub(crate) fn depths(&self) -> Vec<Choice> {
        let choice = |depth: usize| {
            let label = format!(
                "{} deep",
                text::plural(u64::try_from(depth).unwrap_or(u64::MAX), "step")
            );
            Choice::new(&depth.to_string(), &label, self.asked.depth == depth)
        };
        let mut choices: Vec<Choice> = DEPTHS.into_iter().map(choice).collect();
        if !DEPTHS.contains(&self.asked.depth) {
            choices.push(choice(self.asked.depth));
        }
        choices
    }

    /// The same page, beginning at a component; everything below it is asked for.
    pub(crate) fn from(&self, place: &Place) -> String {
        let mut address = format!(
            "{}?show=all&from={}",
            self.action(),
            links::segment(&place.reference)
        );
        if !self.header.is_default_reference {
            address.push_str("&ref=");
            address.push_str(&links::segment(&self.header.reference));
        }
        address
    }

    /// The whole tree again.
    pub(crate) fn whole(&self) -> String {
        self.header.below("tree")
    }

    /// The same part, not only the ways to findings.
    pub(crate) fn everything(&self) -> String {
        let whole = self.whole();
        let joint = if whole.contains('?') { '&' } else { '?' };
        format!("{whole}{joint}show=all")
    }

    pub(crate) const fn marks(&self) -> [Mark; 4] {
        Mark::ALL
    }

    /// The picture by itself.
    pub(crate) fn picture(&self) -> String {
        let format = if self.asked.is_map { "treemap" } else { "svg" };
        format!("/v1/builds/{}/tree?format={format}", links::segment(&self.build))
    }

    /// What is seen, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let affected = match self.affected {
            0 => "No component has an open finding.".to_owned(),
            count => format!("{} with open findings.", text::plural(count, "component")),
        };
        if self.asked.is_map {
            // The picture itself says what it holds.
            return affected;
        }
        if self.drawn < self.total {
            let (drawn, total) = (text::number(self.drawn), text::plural(self.total, "component"));
            return format!("{affected} {drawn} of {total} shown; the others are counted where they belong.");
        }
        format!("{affected} {} shown.", text::plural(self.drawn, "component"))
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let Body::Rows(rows) = &self.body else {
            return Vec::new();
        };
        let opens_all = self.asked.only_affected || !self.asked.query.is_empty();
        rows.iter()
            .enumerate()
            .map(|(index, row)| {
                let next = rows.get(index + 1).map_or(0, |next| next.depth);
                let closes = if row.has_children {
                    0
                } else {
                    row.depth.saturating_sub(next)
                };
                Line {
                    row,
                    is_open: opens_all || row.depth < OPEN_STEPS,
                    closes: vec![(); closes],
                }
            })
            .collect()
    }

    #[must_use]
    pub fn sample() -> Self {
        let node = |id: u32, name: &str, version: &str, mark: Mark| Node {
            id,
            name: name.to_owned(),
            version: version.to_owned(),
            purl: format!("pkg:npm/{name}@{version}"),
            mark,
            worst: (mark == Mark::Affected).then_some(Severity::High),
            findings: u64::from(mark == Mark::Affected),
            parents: 2,
        };
        let row = |depth, has_children, what| Row {
            what,
            depth,
            has_children,
        };
        Self {
            header: ProjectHeader::sample(),
            build: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11".to_owned(),
            asked: Asked {
                is_map: false,
                only_affected: true,
                query: String::new(),
                depth: 3,
                include_dev: false,
                from: None,
            },
            body: Body::Rows(vec![
                row(
                    0,
                    true,
                    What::Top {
                        label: "payments-api 2.14.0".to_owned(),
                    },
                ),
                row(
                    1,
                    true,
                    What::Component(node(1, "express", "4.17.1", Mark::Leads)),
                ),
                row(
                    2,
                    true,
                    What::Component(node(2, "body-parser", "1.19.0", Mark::Affected)),
                ),
                row(3, false, What::Again(node(3, "qs", "6.7.0", Mark::Affected))),
                row(2, false, What::Component(node(3, "qs", "6.7.0", Mark::Affected))),
                row(
                    2,
                    false,
                    What::More {
                        count: 12,
                        from: Some(Place {
                            reference: "pkg:npm/express@4.17.1".to_owned(),
                            label: "express 4.17.1".to_owned(),
                        }),
                    },
                ),
                row(
                    1,
                    false,
                    What::Component(node(4, "left-pad", "1.3.0", Mark::NotChecked)),
                ),
                row(1, true, What::Unplaced),
                row(2, false, What::Component(node(5, "lonely", "1.0.0", Mark::Clear))),
            ]),
            drawn: 5,
            total: 17,
            affected: 2,
            hits: vec![Hit {
                name: "qs".to_owned(),
                version: "6.7.0".to_owned(),
                purl: "pkg:npm/qs@6.7.0".to_owned(),
                worst: Severity::High,
                findings: 1,
                ways: 2,
                fix: Some("6.7.3".to_owned()),
            }],
        }
    }

    #[must_use]
    pub fn sample_map() -> Self {
        let sample = Self::sample();
        Self {
            asked: Asked {
                is_map: true,
                ..sample.asked.clone()
            },
            body: Body::Map(Html::from_trusted(
                "<svg viewBox=\"0 0 100 50\" role=\"img\" aria-label=\"Map\"><rect width=\"100\" height=\"50\"/></svg>".to_owned(),
            )),
            ..sample
        }
    }

    #[must_use]
    pub fn sample_new() -> Self {
        Self {
            header: ProjectHeader::sample_new(),
            body: Body::Nothing,
            drawn: 0,
            total: 0,
            affected: 0,
            hits: Vec::new(),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each branch that is opened is closed, wherever the rows end.
    #[test]
    fn branches_end_where_they_should() {
        let mut tree = Tree::sample();
        let Body::Rows(rows) = tree.body.clone() else {
            unreachable!("the sample has rows");
        };
        for length in 1..=rows.len() {
            let mut rows = rows[..length].to_vec();
            if let Some(last) = rows.last_mut() {
                last.has_children = false;
            }
            tree.body = Body::Rows(rows);
            let lines = tree.lines();
            let opened = lines.iter().filter(|line| line.row.has_children).count();
            let closed: usize = lines.iter().map(|line| line.closes.len()).sum();
            assert_eq!(opened, closed, "{length} rows");
        }
    }

    #[test]
    fn a_part_keeps_the_branch_in_its_address() {
        let mut tree = Tree::sample();
        tree.header.is_default_reference = false;
        tree.header.reference = "a&b".to_owned();
        let place = Place {
            reference: "pkg:npm/a@1?x=y".to_owned(),
            label: String::new(),
        };
        let address = tree.from(&place);
        assert!(address.contains("from=pkg%3Anpm%2Fa%401%3Fx%3Dy"), "{address}");
        assert!(address.ends_with("&ref=a%26b"), "{address}");
    }
}
