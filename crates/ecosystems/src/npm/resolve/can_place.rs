//! Whether a package can be put at a place, its peers with it. Nothing is moved here.

use super::graph::{Builder, EdgeId, NodeId};
use super::manifest::Kind;
use super::names::Name;

/// What putting a package at a place would mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The place is free.
    Free,
    /// What lies there would go.
    Replace,
    /// What lies there does as well.
    Keep,
    Conflict,
}

/// A question, and what has been found out about it.
pub struct Check {
    pub dep: NodeId,
    pub target: NodeId,
    pub edge: EdgeId,
    /// The edges by which this peer came to be asked about, the first being no peer's, the last `edge`.
    pub line: Vec<EdgeId>,
    pub verdict: Verdict,
    /// The verdict on the package itself, whatever its peers' are.
    pub alone: Verdict,
    /// Peers that cannot be put there.
    pub conflicts: Vec<(EdgeId, NodeId)>,
    prefer_dedupe: bool,
    path: Vec<NodeId>,
    current: Option<NodeId>,
    peers: Option<Verdict>,
    said: Option<Verdict>,
}

/// The longest line of peers that is followed.
const MAX_LINE: usize = 200;

impl Builder<'_> {
    /// Asks about a package that an edge needs; `above` is the line of edges of what it is a peer of.
    pub fn can_place(
        &self,
        dep: NodeId,
        target: NodeId,
        edge: EdgeId,
        above: &[EdgeId],
        prefer_dedupe: bool,
    ) -> Check {
        self.check(dep, target, edge, above, prefer_dedupe, Vec::new())
    }

    fn check(
        &self,
        dep: NodeId,
        target: NodeId,
        edge: EdgeId,
        above: &[EdgeId],
        prefer_dedupe: bool,
        path: Vec<NodeId>,
    ) -> Check {
        let mut line = above.to_vec();
        line.push(edge);
        let mut check = Check {
            dep,
            target,
            edge,
            line,
            verdict: Verdict::Conflict,
            alone: Verdict::Conflict,
            conflicts: Vec::new(),
            prefer_dedupe: prefer_dedupe || self.edge(edge).kind.is_peer(),
            path,
            current: self.child(target, self.edge(edge).fold),
            peers: None,
            said: None,
        };
        if check.line.len() <= MAX_LINE && self.spend(4) {
            check.verdict = self.judge(&mut check);
        }
        check.alone = check.said.unwrap_or(check.verdict);
        check
    }

    fn judge(&self, check: &mut Check) -> Verdict {
        if self.node(check.dep).failure.is_some() {
            return if check.current.is_some() {
                Verdict::Replace
            } else {
                Verdict::Free
            };
        }
        let target_edge = self.edge_out(check.target, self.edge(check.edge).fold);
        if let Some(target_edge) = target_edge {
            if self.edge(target_edge).kind.is_peer() && !self.is_top(check.target) {
                return Verdict::Conflict;
            }
            let objects = target_edge != check.edge && !self.satisfied_by(target_edge, check.dep);
            if check.current.is_none() && objects {
                return Verdict::Conflict;
            }
        }
        match check.current {
            Some(current) => self.judge_taken(check, current),
            None => self.judge_free(check),
        }
    }

    fn judge_free(&self, check: &mut Check) -> Verdict {
        let entry = check.line.first().map(|edge| self.edge(*edge).from);
        let current = self
            .resolve(check.target, self.edge(check.edge).fold)
            .filter(|_| entry != Some(check.target));
        if let Some(current) = current {
            let shadows = |id: &EdgeId| {
                self.is_descendant(self.edge(*id).from, check.target)
                    && self.is_valid(*id)
                    && !self.satisfied_by(*id, check.dep)
            };
            if self.node(current).edges_in.iter().any(shadows) {
                return Verdict::Conflict;
            }
        }
        self.with_peers(check, Verdict::Free)
    }

    fn judge_taken(&self, check: &mut Check, current: NodeId) -> Verdict {
        let (dep, edge) = (check.dep, check.edge);
        let current_does = self.satisfied_by(edge, current);
        // When not even the candidate does, the edge has been overruled while the peers were gathered.
        if self.matches(dep, current) && (current_does || !self.satisfied_by(edge, dep)) {
            return Verdict::Keep;
        }
        let (old, new) = (
            self.manifest(current).parsed.as_ref(),
            self.manifest(dep).parsed.as_ref(),
        );
        let is_upgrade = old.is_some() && new.is_some() && new >= old;
        if is_upgrade && self.can_replace(dep, current, &[]) {
            let verdict = self.with_peers(check, Verdict::Replace);
            if verdict != Verdict::Conflict {
                return verdict;
            }
        }
        if current_does {
            return Verdict::Keep;
        }
        if check.prefer_dedupe && !is_upgrade && self.can_replace(dep, current, &[]) {
            let verdict = self.with_peers(check, Verdict::Replace);
            if verdict != Verdict::Conflict {
                return verdict;
            }
        }
        if check.target != self.deepest_of(&check.line) {
            return Verdict::Conflict;
        }
        let is_peer = self.edge(edge).kind.is_peer();
        if !is_peer && check.target == self.edge(edge).from {
            return self.with_peers(check, Verdict::Replace);
        }
        if check.line.len() == 1 && !is_peer {
            return Verdict::Conflict;
        }
        if self.can_push_out(check, current) {
            return self.with_peers(check, Verdict::Replace);
        }
        Verdict::Conflict
    }

    /// The deepest place for the last of a line of peers.
    pub fn deepest_of(&self, line: &[EdgeId]) -> NodeId {
        let start = line.first().map_or(self.ideal, |edge| self.edge(*edge).from);
        line.iter().fold(start, |start, edge| {
            self.deepest_target(start, self.edge(*edge).name)
        })
    }

    /// Whether each group of peers that the current package belongs to can be replaced along with it, or nested
    /// deeper.
    fn can_push_out(&self, check: &Check, current: NodeId) -> bool {
        let Some(set) = self.node(check.dep).parent else {
            return false;
        };
        let set_names: Vec<Name> = self
            .node(set)
            .children
            .iter()
            .map(|child| self.node(*child).name)
            .collect();
        let own = |edge: EdgeId| edge == check.edge || check.line.first() == Some(&edge);
        self.peer_entry_sets(current).into_iter().all(|(entry, peers)| {
            if own(entry) || self.can_replace_group(set, entry, &set_names) {
                return true;
            }
            let from = self.edge(entry).from;
            peers.iter().all(|peer| {
                let deepest = self.deepest_target(from, self.node(*peer).name);
                deepest != check.target && !self.is_descendant(check.target, deepest)
            })
        })
    }

    /// Whether the peers in a virtual root can take the place of the group that an edge leads into.
    fn can_replace_group(&self, set: NodeId, entry: EdgeId, set_names: &[Name]) -> bool {
        let Some(entered) = self.edge(entry).to else {
            return false;
        };
        if let Some(substitute) = self.child(set, self.fold(self.node(entered).name)) {
            return self.can_replace(substitute, entered, set_names);
        }
        let mut walk = vec![entered];
        let mut at = 0;
        while let Some(peer) = walk.get(at).copied() {
            at += 1;
            for id in &self.node(peer).edges_out {
                let edge = self.edge(*id);
                if !edge.kind.is_peer() || !self.is_valid(*id) {
                    continue;
                }
                match self.child(set, edge.fold) {
                    None => walk.extend(edge.to.filter(|to| !walk.contains(to))),
                    Some(substitute) if !self.satisfied_by(*id, substitute) => return false,
                    Some(_) => {}
                }
            }
        }
        true
    }

    /// The verdict, unless a peer cannot come along.
    fn with_peers(&self, check: &mut Check, verdict: Verdict) -> Verdict {
        check.said = Some(verdict);
        if let Some(known) = check.peers {
            return known;
        }
        let mut path = check.path.clone();
        path.push(check.dep);
        let mut outcome = verdict;
        for id in &self.node(check.dep).edges_out {
            let edge = self.edge(*id);
            let Some(peer) = edge.to.filter(|peer| edge.kind.is_peer() && !path.contains(peer)) else {
                continue;
            };
            let target = self.deepest_target(check.target, self.node(peer).name);
            let below = self.check(peer, target, *id, &check.line, true, path.clone());
            if below.verdict == Verdict::Conflict {
                outcome = Verdict::Conflict;
                check.conflicts.push((*id, peer));
                check.conflicts.extend(below.conflicts);
            }
        }
        check.peers = Some(outcome);
        outcome
    }

    /// Whether an edge is the project's own, or of a group of peers that the project asked for.
    pub fn is_mine(&self, top: EdgeId) -> bool {
        let edge = self.edge(top);
        if self.is_own(edge.from) {
            return true;
        }
        if !edge.kind.is_peer() {
            return false;
        }
        let edges = &self.node(edge.from).edges_in;
        let is_peer = |id: &&EdgeId| self.edge(**id).kind.is_peer();
        let from_own = |id: EdgeId| self.is_own(self.edge(id).from);
        if edges.iter().filter(|id| !is_peer(id)).any(|id| from_own(*id)) {
            return true;
        }
        edges
            .iter()
            .any(|id| self.edge(*id).kind != Kind::Workspace && self.edge(*id).kind.is_peer())
            && self
                .peer_entry_sets(edge.from)
                .iter()
                .any(|(entry, _)| from_own(*entry))
    }
}
