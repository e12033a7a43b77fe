//! The facts of one resolution: projects, candidates, and what candidates require.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::super::SpecifierSet;
use super::super::metadata::{Metadata, Trust};
use super::super::requirement::Requirement;
use super::super::simple::{Project, Release};
use super::{Inputs, Options};
use crate::resolve::{Answer, Request};
use crate::tree::MAX_NODES;

pub(super) use super::facts::*;

/// Documents and everything that was derived from them.
#[derive(Debug)]
pub(super) struct Universe {
    options: Options,
    idents: Vec<Ident>,
    ident_ids: HashMap<Ident, IdentId>,
    pages: HashMap<String, Page>,
    metadata: HashMap<(String, String), Result<Arc<Metadata>, String>>,
    pub candidates: Vec<Candidate>,
    candidate_ids: HashMap<(IdentId, What), CandidateId>,
    pub wishes: Vec<Wish>,
    wishes_of: HashMap<CandidateId, Wishes>,
    found: HashMap<Search, Arc<[CandidateId]>>,
    constraints: HashMap<String, SpecifierSet>,
    pub constrained: HashMap<String, String>,
    pub needs: BTreeSet<Request>,
    /// Wishes of a project about another that are passed over since the whole failed with them.
    pub dropped: BTreeSet<(String, String)>,
}

/// All that decides what is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Search {
    ident: IdentId,
    wishes: Vec<RequirementId>,
    base: Vec<RequirementId>,
    without: Vec<CandidateId>,
}

impl Universe {
    pub fn new(options: Options, inputs: &Inputs) -> Self {
        let mut universe = Self {
            options,
            idents: Vec::new(),
            ident_ids: HashMap::new(),
            pages: HashMap::new(),
            metadata: HashMap::new(),
            candidates: Vec::new(),
            candidate_ids: HashMap::new(),
            wishes: Vec::new(),
            wishes_of: HashMap::new(),
            found: HashMap::new(),
            constraints: HashMap::new(),
            constrained: HashMap::new(),
            needs: BTreeSet::new(),
            dropped: BTreeSet::new(),
        };
        for constraint in &inputs.constraints {
            if !universe.applies(constraint, &[]) {
                continue;
            }
            let project = constraint.project();
            let known = universe.constraints.remove(&project);
            let both = known.map_or_else(
                || constraint.specifier.clone(),
                |known| known.and(&constraint.specifier),
            );
            let text = universe.constrained.entry(project.clone()).or_default();
            text.push_str(&constraint.specifier_text);
            universe.constraints.insert(project, both);
        }
        universe
    }

    pub fn supply(&mut self, request: Request, answer: Answer) {
        match request {
            Request::Package { name, .. } => {
                if self.pages.len() >= MAX_NODES || self.pages.contains_key(&name) {
                    return;
                }
                let page = match answer {
                    Answer::Found(bytes) => {
                        let (environment, cutoff) = (&self.options.environment, self.options.cutoff);
                        Project::read(&bytes, &name, environment, cutoff)
                            .map_or_else(Page::Failed, Page::Known)
                    }
                    Answer::Absent => Page::Absent,
                    Answer::Failed(why) => Page::Failed(why),
                };
                self.pages.insert(name, page);
            }
            Request::Release { name, version, .. } => {
                let metadata = match answer {
                    Answer::Found(bytes) => Metadata::parse(&bytes).map_err(|error| error.to_string()),
                    Answer::Absent => Ok(Metadata {
                        trust: Trust::Unknown,
                        ..Metadata::default()
                    }),
                    // What could not be fetched is not known; it does not make the release unusable.
                    Answer::Failed(_) => Ok(Metadata {
                        trust: Trust::Unknown,
                        dynamic: vec!["not fetched".to_owned()],
                        ..Metadata::default()
                    }),
                };
                self.metadata
                    .entry((name, version))
                    .or_insert_with(|| metadata.map(Arc::new));
            }
        }
    }

    pub fn ident(&mut self, project: &str, extras: &[String]) -> IdentId {
        let ident = Ident {
            project: project.to_owned(),
            extras: extras.to_vec(),
        };
        if let Some(id) = self.ident_ids.get(&ident) {
            return *id;
        }
        self.idents.push(ident.clone());
        self.ident_ids.insert(ident, self.idents.len() - 1);
        self.idents.len() - 1
    }

    pub fn name(&self, ident: IdentId) -> &Ident {
        &self.idents[ident]
    }

    /// The same project without extras.
    pub fn base_of(&mut self, ident: IdentId) -> IdentId {
        let project = self.idents[ident].project.clone();
        self.ident(&project, &[])
    }

    pub fn page(&self, project: &str) -> Option<&Page> {
        self.pages.get(project)
    }

    /// The release that a candidate stands for.
    pub fn release(&self, candidate: CandidateId) -> Option<&Release> {
        let candidate = &self.candidates[candidate];
        let What::Release(position) = candidate.what else {
            return None;
        };
        match self.pages.get(&self.idents[candidate.ident].project)? {
            Page::Known(project) => project.releases.get(position),
            Page::Absent | Page::Failed(_) => None,
        }
    }

    pub fn metadata(&self, candidate: CandidateId) -> Option<&Arc<Metadata>> {
        let release = self.release(candidate)?;
        let project = &self.idents[self.candidates[candidate].ident].project;
        let known = self.metadata.get(&(project.clone(), release.text.clone()))?;
        known.as_ref().ok()
    }

    fn candidate(&mut self, ident: IdentId, what: What) -> CandidateId {
        let key = (ident, what);
        if let Some(id) = self.candidate_ids.get(&key) {
            return *id;
        }
        let (ident, what) = key.clone();
        self.candidates.push(Candidate { ident, what });
        self.candidate_ids.insert(key, self.candidates.len() - 1);
        self.candidates.len() - 1
    }

    /// The wishes that a requirement amounts to in this environment, `extras` being asked of its owner.
    ///
    /// One with a version and extras is two, so that the version binds the project whatever extras others ask.
    pub fn wish_for(&mut self, requirement: &Requirement, extras: &[String]) -> Vec<RequirementId> {
        if !self.applies(requirement, extras) {
            return Vec::new();
        }
        let project = requirement.project();
        if let Some(url) = &requirement.url {
            return self.wish_for_url(requirement, &project, url);
        }
        let mut wishes = Vec::new();
        if !requirement.extras.is_empty() && !requirement.specifier_text.is_empty() {
            wishes.push(self.wish(requirement, &project, &[]));
        }
        wishes.push(self.wish(requirement, &project, &requirement.extras));
        wishes
    }

    fn applies(&self, requirement: &Requirement, extras: &[String]) -> bool {
        let Some(marker) = &requirement.marker else {
            return true;
        };
        let variables = &self.options.variables;
        match extras {
            [] => marker.holds(variables, ""),
            extras => extras.iter().any(|extra| marker.holds(variables, extra)),
        }
    }

    fn wish(&mut self, requirement: &Requirement, project: &str, extras: &[String]) -> RequirementId {
        let ident = self.ident(project, extras);
        let kind = WishKind::Specifier {
            set: requirement.specifier.clone(),
            clauses: Clauses::of(&requirement.specifier_text),
        };
        self.add_wish(Wish {
            ident,
            kind,
            text: requirement.specifier_text.clone(),
            marker: requirement.marker.as_ref().map(ToString::to_string),
        })
    }

    /// The project at the URL, and the same with extras on top of it.
    fn wish_for_url(&mut self, requirement: &Requirement, project: &str, url: &str) -> Vec<RequirementId> {
        let mut lists = vec![Vec::new()];
        if !requirement.extras.is_empty() {
            lists.push(requirement.extras.clone());
        }
        let marker = requirement.marker.as_ref().map(ToString::to_string);
        let wishes = lists.iter().map(|extras| {
            let ident = self.ident(project, extras);
            let candidate = self.candidate(ident, What::Opaque(url.to_owned()));
            self.add_wish(Wish {
                ident,
                kind: WishKind::Exactly(candidate),
                text: format!("@ {url}"),
                marker: marker.clone(),
            })
        });
        wishes.collect()
    }

    fn add_wish(&mut self, wish: Wish) -> RequirementId {
        self.wishes.push(wish);
        self.wishes.len() - 1
    }

    /// What a candidate requires; it is worked out once.
    pub fn wishes_of(&mut self, candidate: CandidateId) -> Result<Wishes, Pending> {
        if let Some(known) = self.wishes_of.get(&candidate) {
            return Ok(known.clone());
        }
        let wishes = self.find_wishes(candidate)?;
        self.wishes_of.insert(candidate, wishes.clone());
        Ok(wishes)
    }

    fn find_wishes(&mut self, candidate: CandidateId) -> Result<Wishes, Pending> {
        let Candidate { ident, what } = self.candidates[candidate].clone();
        let Ident { project, extras } = self.idents[ident].clone();
        let mut wishes = Vec::new();
        if !extras.is_empty() {
            let base = self.ident(&project, &[]);
            let base_candidate = self.candidate(base, what.clone());
            wishes.push(self.add_wish(Wish {
                ident: base,
                kind: WishKind::Exactly(base_candidate),
                text: String::new(),
                marker: None,
            }));
        }
        if !matches!(what, What::Release(_)) {
            return Ok(Wishes::Known(wishes.into()));
        }
        let Some(metadata) = self.required_metadata(candidate, &project)? else {
            return Ok(Wishes::Invalid);
        };
        if extras.is_empty() {
            wishes.extend(self.python_wish(candidate, &metadata));
        }
        let valid: Vec<_> = extras
            .iter()
            .filter(|extra| metadata.extras.contains(extra))
            .cloned()
            .collect();
        for requirement in &metadata.requires {
            if !self.dropped.contains(&(project.clone(), requirement.project())) {
                wishes.extend(self.wish_for(requirement, &valid));
            }
        }
        Ok(Wishes::Known(wishes.into()))
    }

    /// The metadata of a candidate's release; `None` when it is broken.
    fn required_metadata(
        &mut self,
        candidate: CandidateId,
        project: &str,
    ) -> Result<Option<Arc<Metadata>>, Pending> {
        let Some(request) = self.metadata_request(candidate) else {
            return Ok(None);
        };
        let Request::Release { version, .. } = &request else {
            return Ok(None);
        };
        match self.metadata.get(&(project.to_owned(), version.clone())) {
            Some(known) => Ok(known.as_ref().ok().cloned()),
            None => {
                self.needs.insert(request);
                Err(Pending)
            }
        }
    }

    fn metadata_request(&self, candidate: CandidateId) -> Option<Request> {
        let release = self.release(candidate)?;
        Some(Request::Release {
            name: self.idents[self.candidates[candidate].ident].project.clone(),
            version: release.text.clone(),
            files: release.files.clone(),
        })
    }

    fn python_wish(&mut self, candidate: CandidateId, metadata: &Metadata) -> Option<RequirementId> {
        let of_page = self
            .release(candidate)
            .and_then(|release| release.requires_python.clone());
        let text = metadata.requires_python.clone().or(of_page)?;
        let set = SpecifierSet::parse(&text).ok()?;
        let ident = self.ident(PYTHON, &[]);
        Some(self.add_wish(Wish {
            ident,
            kind: WishKind::Python(set),
            text,
            marker: None,
        }))
    }

    /// Whether a candidate meets a wish for its ident.
    pub fn satisfies(&self, wish: RequirementId, candidate: CandidateId) -> bool {
        match &self.wishes[wish].kind {
            WishKind::Exactly(wanted) => *wanted == candidate,
            WishKind::Python(set) => self.python_fits(set),
            WishKind::Specifier { set, .. } => match self.release(candidate) {
                Some(release) => set.admits(&release.key, &release.text),
                // Nothing is known that would speak against it.
                None => matches!(self.candidates[candidate].what, What::Opaque(_)),
            },
        }
    }

    fn python_fits(&self, set: &SpecifierSet) -> bool {
        let version = self.options.environment.python.to_string();
        set.contains(&version, super::super::Prereleases::Admit)
    }

    /// The candidates for an ident under wishes for it and, with extras, for its project; the preferred first.
    pub fn find(
        &mut self,
        ident: IdentId,
        wishes: Vec<RequirementId>,
        base: Vec<RequirementId>,
        mut without: Vec<CandidateId>,
    ) -> Result<Arc<[CandidateId]>, Pending> {
        without.sort_unstable();
        without.dedup();
        let search = Search {
            ident,
            wishes,
            base,
            without,
        };
        if let Some(found) = self.found.get(&search) {
            return Ok(Arc::clone(found));
        }
        let found: Arc<[CandidateId]> = self.search(&search)?.into();
        self.found.insert(search, Arc::clone(&found));
        Ok(found)
    }

    fn search(&mut self, search: &Search) -> Result<Vec<CandidateId>, Pending> {
        let project = self.idents[search.ident].project.clone();
        if project == PYTHON {
            let fits = search.wishes.iter().all(|wish| match &self.wishes[*wish].kind {
                WishKind::Python(set) => self.python_fits(set),
                _ => true,
            });
            let candidate = self.candidate(search.ident, What::Python);
            let may_be = fits && !search.without.contains(&candidate);
            return Ok(if may_be { vec![candidate] } else { Vec::new() });
        }
        let explicit = self.explicit(search);
        if !explicit.is_empty() {
            let fits = |candidate: &CandidateId| {
                !search.without.contains(candidate)
                    && self.meets_constraint(&project, *candidate)
                    && search.wishes.iter().all(|wish| self.satisfies(*wish, *candidate))
            };
            return Ok(explicit.into_iter().filter(fits).collect());
        }
        let Some(page) = self.pages.get(&project) else {
            self.needs.insert(Request::package(project));
            return Err(Pending);
        };
        let positions = match page {
            Page::Absent => return Ok(Vec::new()),
            Page::Failed(why) => {
                let what = What::Opaque(why.clone());
                let candidate = self.candidate(search.ident, what);
                return Ok(vec![candidate]
                    .into_iter()
                    .filter(|one| !search.without.contains(one))
                    .collect());
            }
            Page::Known(known) => self.matching(known, &project, search),
        };
        let found = positions
            .into_iter()
            .map(|position| self.candidate(search.ident, What::Release(position)));
        let found: Vec<_> = found.collect();
        Ok(found
            .into_iter()
            .filter(|candidate| !search.without.contains(candidate))
            .collect())
    }

    /// Candidates that a wish names outright, for the ident or for the project that it extends.
    fn explicit(&mut self, search: &Search) -> Vec<CandidateId> {
        let mut explicit = Vec::new();
        for wish in search.wishes.iter().chain(&search.base) {
            if let WishKind::Exactly(candidate) = self.wishes[*wish].kind {
                let what = self.candidates[candidate].what.clone();
                let candidate = self.candidate(search.ident, what);
                if !explicit.contains(&candidate) {
                    explicit.push(candidate);
                }
            }
        }
        explicit
    }

    fn meets_constraint(&self, project: &str, candidate: CandidateId) -> bool {
        let Some(constraint) = self.constraints.get(project) else {
            return true;
        };
        self.release(candidate)
            .is_none_or(|release| constraint.admits(&release.key, &release.text))
    }

    /// Positions of the releases that all specifiers admit, newest first, by pip's rules for pre-releases and
    /// withdrawn files.
    fn matching(&self, page: &Project, project: &str, search: &Search) -> Vec<usize> {
        let wishes = search.wishes.iter().chain(&search.base);
        let specifiers = wishes.filter_map(|wish| match &self.wishes[*wish].kind {
            WishKind::Specifier { set, clauses } => Some((set, clauses.pinned)),
            _ => None,
        });
        let constraint = self.constraints.get(project).map(|set| {
            let pinned = self
                .constrained
                .get(project)
                .is_some_and(|text| Clauses::of(text).pinned);
            (set, pinned)
        });
        let sets: Vec<_> = specifiers.chain(constraint).collect();
        let names_prerelease = sets.iter().any(|(set, _)| set.names_prerelease());
        let is_pinned = sets.iter().any(|(_, pinned)| *pinned);
        let admitted = |release: &Release| {
            sets.iter()
                .all(|(set, _)| set.admits(&release.key, &release.text))
        };
        let mut positions: Vec<_> = (0..page.releases.len())
            .filter(|position| admitted(&page.releases[*position]))
            .collect();
        let release = |position: &usize| &page.releases[*position];
        let has_final = positions.iter().any(|position| !release(position).is_prerelease);
        if !names_prerelease && has_final {
            positions.retain(|position| !release(position).is_prerelease);
        }
        let all_yanked = positions.iter().all(|position| release(position).yanked);
        if !(all_yanked && is_pinned) {
            positions.retain(|position| !release(position).yanked);
        }
        positions
    }

    /// Documents that will probably be wanted, for idents that are not decided: the page of a project, and of
    /// its best candidate the metadata, and the pages of what that requires.
    pub fn foresee(&mut self, candidates: &[CandidateId]) {
        for candidate in candidates {
            let Some(request) = self.metadata_request(*candidate) else {
                continue;
            };
            let Request::Release { name, version, .. } = &request else {
                continue;
            };
            let known = self.metadata.get(&(name.clone(), version.clone()));
            let Some(known) = known else {
                self.needs.insert(request);
                continue;
            };
            let Ok(metadata) = known.clone() else { continue };
            let extras = self.idents[self.candidates[*candidate].ident].extras.clone();
            for requirement in &metadata.requires {
                let project = requirement.project();
                let is_new = requirement.url.is_none() && !self.pages.contains_key(&project);
                if is_new && self.applies(requirement, &extras) {
                    self.needs.insert(Request::package(project));
                }
            }
        }
    }

    /// Whether a project's page says that another interpreter could install what is wanted.
    pub fn other_python(&self, wish: RequirementId) -> Option<String> {
        let wish = &self.wishes[wish];
        let WishKind::Specifier { set, .. } = &wish.kind else {
            return None;
        };
        let Page::Known(project) = self.pages.get(&self.idents[wish.ident].project)? else {
            return None;
        };
        let fits = |version: &super::super::Version| set.admits(&version.key(), &version.to_string());
        let (version, requires) = project.other_pythons.iter().find(|(version, _)| fits(version))?;
        Some(format!("{version} requires Python {requires}"))
    }
}

/// Documents stay; what was derived is derived anew after something was given up.
impl Universe {
    pub fn forget_derived(&mut self) {
        self.candidates.clear();
        self.candidate_ids.clear();
        self.wishes.clear();
        self.wishes_of.clear();
        self.found.clear();
        self.needs.clear();
    }
}
