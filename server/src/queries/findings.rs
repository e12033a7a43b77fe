//! Lists of findings, over all projects or within one ref.

use advisories::{Class, Severity};
use store::db::Session;
use store::findings::detail::{self, Detail};
use store::findings::list::{self, Checked, Filter, Key, ListedFinding, Narrowing, Scope};
use store::findings::severity_code;
use store::tokens::Action;

use crate::auth::{Access, may};
use crate::extract::{Fields, Paging, Total};
use crate::place::Place;
use crate::problem::Problem;

/// Bands that can be asked for. What is rated as *none* stands with the low ones, as in a verdict.
const BANDS: [(&str, &[Severity]); 5] = [
    ("critical", &[Severity::Critical]),
    ("high", &[Severity::High]),
    ("medium", &[Severity::Medium]),
    ("low", &[Severity::Low, Severity::None]),
    ("unknown", &[Severity::Unknown]),
];

const CLASSES: [Class; 5] = [
    Class::Malicious,
    Class::Vulnerability,
    Class::Unsound,
    Class::Unmaintained,
    Class::Notice,
];

/// What is asked of a list of findings.
#[derive(Clone, Debug)]
pub(crate) struct FindingQuery {
    pub filter: Filter,
    /// The chosen bands as they were written.
    pub severities: Vec<String>,
    pub team: Option<String>,
    pub tag: Option<String>,
    /// A branch, tag or other ref of one project.
    pub reference: Option<String>,
    pub paging: Paging<Key>,
}

impl FindingQuery {
    /// Reads `severity, state, kev, fixable, direct, class, q, team, tag, ref, cursor, limit`.
    pub fn read(mut fields: Fields) -> Result<Self, Problem> {
        let severities = fields.many("severity");
        let filter = Filter {
            closed: closed(fields.one("state")?.as_deref())?,
            severities: codes(&severities)?,
            kev: fields.flag("kev")?,
            fixable: fields.flag("fixable")?,
            direct: fields.flag("direct")?,
            class: fields.one("class")?.map(|word| class(&word)).transpose()?,
            text: fields.one("q")?,
        };
        let read = Self {
            filter,
            severities,
            team: fields.one("team")?,
            tag: fields.one("tag")?,
            reference: fields.one("ref")?,
            paging: Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?,
        };
        fields.finish()?;
        Ok(read)
    }

    /// Over the tracked refs of all projects that the caller may see.
    pub async fn everywhere(self, session: &mut Session, access: &Access) -> Result<(Self, Scope), Problem> {
        if self.reference.is_some() {
            return Err(Problem::bad_parameter("ref", "goes with one project only"));
        }
        let narrowing = Narrowing {
            team: self.team.clone(),
            tag: self.tag.clone(),
            project: access.project,
        };
        let scope = list::scope(session, &narrowing).await?;
        Ok((self, scope))
    }

    /// Within one ref of one project.
    pub async fn within(
        self,
        session: &mut Session,
        access: &Access,
        project: &str,
    ) -> Result<(Self, Place), Problem> {
        if self.team.is_some() || self.tag.is_some() {
            return Err(Problem::bad_query(
                "`team` and `tag` go with the list across projects.",
            ));
        }
        let place = Place::load(session, access, project, self.reference.as_deref()).await?;
        Ok((self, place))
    }

    /// The page that is asked for.
    pub async fn page(&self, session: &mut Session, scope: &Scope) -> Result<FindingPage, Problem> {
        let after = self.paging.after;
        let mut rows = list::page(session, scope, &self.filter, after, self.paging.rows()).await?;
        let next = self.paging.finish(&mut rows, ListedFinding::key);
        let total = list::total(session, scope, &self.filter).await?;
        Ok(FindingPage {
            rows,
            next,
            total: Total::counted(total, list::TOTAL_LIMIT),
            checked: list::checked(session, scope).await?,
        })
    }
}

/// One page of findings, and what it rests on.
#[derive(Clone, Debug)]
pub(crate) struct FindingPage {
    pub rows: Vec<ListedFinding>,
    pub next: Option<String>,
    pub total: Total,
    /// With nothing checked, no finding is not a clean bill.
    pub checked: Checked,
}

fn closed(state: Option<&str>) -> Result<bool, Problem> {
    match state {
        None | Some("open") => Ok(false),
        Some("closed") => Ok(true),
        Some(_) => Err(Problem::bad_parameter("state", "must be open or closed")),
    }
}

fn codes(words: &[String]) -> Result<Vec<i64>, Problem> {
    let mut codes = Vec::new();
    for word in words {
        let Some((_, severities)) = BANDS.iter().find(|(name, _)| name == word) else {
            let known = BANDS.map(|(name, _)| name).join(", ");
            return Err(Problem::bad_parameter(
                "severity",
                format!("must be some of {known}"),
            ));
        };
        codes.extend(severities.iter().map(|severity| severity_code(*severity)));
    }
    Ok(codes)
}

fn class(word: &str) -> Result<String, Problem> {
    let known = CLASSES.map(Class::word);
    if known.contains(&word) {
        return Ok(word.to_owned());
    }
    Err(Problem::bad_parameter(
        "class",
        format!("must be one of {}", known.join(", ")),
    ))
}

/// One finding with everything around it, if the caller may see its project.
pub(crate) async fn one(session: &mut Session, access: &Access, id: &str) -> Result<Detail, Problem> {
    let listed = detail::by_uuid(session, id)
        .await?
        .filter(|listed| may(access, Action::Read, Some(listed.finding.project_id)))
        .ok_or_else(|| Problem::not_found("such finding"))?;
    Ok(detail::detail(session, listed).await?)
}
