//! Edges follow what their names mean, and rules follow edges.

use std::cell::Cell;

use super::graph::{Builder, Edge, EdgeId, NodeId};
use super::manifest::Declaration;
use super::names::{Fold, number};
use super::overrides::RuleId;

/// How far rules are handed down from package to package at once.
const MAX_RULE_DEPTH: usize = 1000;

impl Builder<'_> {
    pub fn add_edge(&mut self, from: NodeId, declaration: Declaration) {
        let id = EdgeId(number(self.edges.len()));
        let fold = self.fold(declaration.name);
        self.edges.push(Edge {
            from,
            name: declaration.name,
            fold,
            kind: declaration.kind,
            spec: declaration.spec,
            accept: declaration.accept,
            to: None,
            status: Cell::new(None),
            conflicted: false,
            overrides: None,
        });
        let rule = self.node(from).overrides;
        self.edge_mut(id).overrides = rule.map(|rule| self.rule_for(rule, id));
        self.node_mut(from).edges_out.push(id);
        if self.node(from).root == self.ideal {
            self.wanting.entry(fold).or_default().push(id);
        }
        self.reload(id, true);
    }

    pub fn rule_for(&self, at: RuleId, edge: EdgeId) -> RuleId {
        let edge = self.edge(edge);
        self.world
            .overrides
            .for_edge(at, edge.name, self.world.specs.get(edge.spec))
    }

    /// Looks again what an edge leads to.
    pub fn reload(&mut self, id: EdgeId, hard: bool) {
        let (from, fold, old_rule, old_to) = {
            let edge = self.edge(id);
            (edge.from, edge.fold, edge.overrides, edge.to)
        };
        let rule = self.node(from).overrides.map(|at| self.rule_for(at, id));
        self.edge_mut(id).overrides = rule;
        let to = self.resolve(from, fold);
        if to != old_to {
            if let Some(old) = old_to {
                self.delete_edge_in(old, id);
            }
            self.edge_mut(id).to = to;
            self.edge_mut(id).status.set(None);
            if let Some(new) = to {
                self.add_edge_in(new, id);
            }
        } else if hard {
            self.edge_mut(id).status.set(None);
        } else if let Some(to) = to.filter(|_| rule.is_some() && rule != old_rule) {
            self.rule_left(to, old_rule);
            self.rule_came(to, rule);
        }
    }

    fn add_edge_in(&mut self, node: NodeId, edge: EdgeId) {
        let rule = self.edge(edge).overrides;
        if self.node(node).overrides.is_none() || self.node(node).overrides != rule {
            self.rule_came(node, rule);
        }
        self.node_mut(node).edges_in.push(edge);
    }

    fn delete_edge_in(&mut self, node: NodeId, edge: EdgeId) {
        self.node_mut(node).edges_in.retain(|other| *other != edge);
        let rule = self.edge(edge).overrides;
        if rule.is_some() {
            self.rule_left(node, rule);
        }
    }

    /// An edge with this rule no longer leads to the node.
    fn rule_left(&mut self, node: NodeId, rule: Option<RuleId>) {
        let own = self.node(node).overrides;
        if own.is_none() || own != rule {
            return;
        }
        let mut new: Option<RuleId> = None;
        for edge in &self.node(node).edges_in {
            let theirs = self.edge(*edge).overrides;
            new = match (theirs, new) {
                (Some(theirs), Some(new)) => self.world.overrides.meet(theirs, new),
                _ => theirs,
            };
        }
        if own != new {
            self.node_mut(node).overrides = new;
            if new.is_some() {
                self.hand_down_rules(node);
            }
        }
    }

    /// An edge with this rule leads to the node now.
    pub fn rule_came(&mut self, node: NodeId, rule: Option<RuleId>) {
        let Some(rule) = rule else {
            return;
        };
        let new = match self.node(node).overrides {
            None => Some(rule),
            Some(own) if own == rule => None,
            Some(own) => self.world.overrides.meet(own, rule).filter(|new| *new != own),
        };
        if new.is_none() || !self.spend(1) {
            return;
        }
        if self.rule_depth > MAX_RULE_DEPTH {
            self.budget.set(0);
            return;
        }
        self.rule_depth += 1;
        self.node_mut(node).overrides = new;
        self.hand_down_rules(node);
        self.rule_depth -= 1;
    }

    fn hand_down_rules(&mut self, node: NodeId) {
        if let Some(link) = &self.node(node).link {
            if let (Some(target), Some(rule)) = (link.target, self.node(node).overrides)
                && self.rule_concerns(rule, target)
            {
                self.rule_came(target, Some(rule));
            }
            return;
        }
        for edge in self.node(node).edges_out.clone() {
            self.reload(edge, true);
            if let Some(to) = self.edge(edge).to {
                self.rule_came(to, self.edge(edge).overrides);
            }
        }
    }

    /// Whether a rule is for anything that the node needs, directly or not.
    fn rule_concerns(&self, rule: RuleId, node: NodeId) -> bool {
        let mut seen = vec![node];
        let mut at = 0;
        while let Some(node) = seen.get(at).copied() {
            at += 1;
            for id in &self.node(node).edges_out {
                let edge = self.edge(*id);
                if self.world.overrides.is_for(self.rule_for(rule, *id), edge.name) {
                    return true;
                }
                let next = edge
                    .to
                    .and_then(|to| self.target(to))
                    .filter(|next| !seen.contains(next));
                seen.extend(next);
            }
        }
        false
    }

    /// Looks again at the edges of a family that lead nowhere or to another tree.
    pub fn reload_across(&mut self, family: &[NodeId], root: NodeId) {
        for member in family {
            for edge in self.node(*member).edges_in.clone() {
                if self.node(self.edge(edge).from).root != root {
                    self.reload(edge, false);
                }
            }
            for edge in self.node(*member).edges_out.clone() {
                let to = self.edge(edge).to;
                if to.is_none_or(|to| self.node(to).root != root) {
                    self.reload(edge, false);
                }
            }
        }
    }

    /// Looks again at the edges of a name below a node in whose `node_modules` it has changed.
    pub fn reload_named(&mut self, parent: NodeId, fold: Fold) {
        let edges: Vec<EdgeId> = if self.node(parent).root == self.ideal {
            let edges = self.wanting.get(&fold).into_iter().flatten().copied();
            edges
                .filter(|edge| self.is_descendant(self.edge(*edge).from, parent))
                .collect()
        } else {
            let family = self.family(parent);
            family
                .into_iter()
                .filter_map(|member| self.edge_out(member, fold))
                .collect()
        };
        for edge in edges {
            let to = self.edge(edge).to;
            let is_here = to.is_some_and(|to| self.node(to).parent == Some(parent));
            if is_here || self.resolve(self.edge(edge).from, fold) != to {
                self.reload(edge, true);
            }
        }
    }
}
