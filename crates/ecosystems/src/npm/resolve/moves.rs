//! Putting packages into trees and taking them out, edges following.

use std::cell::Cell;
use std::rc::Rc;

use super::graph::{Builder, Edge, EdgeId, Link, Node, NodeId};
use super::manifest::{Declaration, ManifestId};
use super::names::{Fold, Name, number};
use super::overrides::RuleId;
use super::paths;

impl Builder<'_> {
    /// A node that lies nowhere and has no edges yet.
    pub fn new_node(&mut self, name: Name, manifest: ManifestId) -> NodeId {
        let id = NodeId(number(self.nodes.len()));
        self.nodes.push(Node {
            name,
            manifest,
            parent: None,
            fs_parent: None,
            root: id,
            children: Vec::new(),
            fs_children: Vec::new(),
            edges_out: Vec::new(),
            edges_in: Vec::new(),
            path: None,
            source: None,
            link: None,
            links_in: Vec::new(),
            overrides: None,
            failure: None,
            seen: false,
        });
        id
    }

    /// A link that lies nowhere.
    pub fn new_link(&mut self, name: Name, to: Rc<str>, target: Option<NodeId>) -> NodeId {
        let manifest = target.map_or(super::world::NOTHING, |target| self.node(target).manifest);
        let id = self.new_node(name, manifest);
        self.node_mut(id).link = Some(Link { to, target: None });
        if let Some(target) = target {
            self.set_target(id, target);
        }
        id
    }

    fn set_target(&mut self, link: NodeId, target: NodeId) {
        if let Some(old) = self.target(link) {
            self.node_mut(old).links_in.retain(|other| *other != link);
        }
        if let Some(inner) = &mut self.node_mut(link).link {
            inner.target = Some(target);
        }
        self.node_mut(target).links_in.push(link);
        for edge in self.node(link).edges_in.clone() {
            self.edge_mut(edge).status.set(None);
        }
    }

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

    fn rule_for(&self, at: RuleId, edge: EdgeId) -> RuleId {
        let edge = self.edge(edge);
        self.world.overrides.for_edge(at, edge.name, self.world.specs.get(edge.spec))
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
        if new.is_some() && self.spend(1) {
            self.node_mut(node).overrides = new;
            self.hand_down_rules(node);
        }
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
                let next = edge.to.and_then(|to| self.target(to)).filter(|next| !seen.contains(next));
                seen.extend(next);
            }
        }
        false
    }

    /// Everything below a node, itself first.
    fn family(&self, node: NodeId) -> Vec<NodeId> {
        let mut family = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            family.push(node);
            let node = self.node(node);
            stack.extend(node.children.iter().rev().chain(node.fs_children.iter().rev()));
        }
        family
    }

    /// Puts a node that lies nowhere into the `node_modules` of another; what has its name there goes.
    pub fn attach(&mut self, node: NodeId, parent: NodeId) {
        let fold = self.fold(self.node(node).name);
        if let Some(old) = self.child(parent, fold).filter(|old| *old != node) {
            self.detach(old);
        }
        let old_target = self.target(node).filter(|_| self.is_link(node));
        let root = self.node(parent).root;
        self.node_mut(node).parent = Some(parent);
        self.node_mut(parent).children.push(node);
        self.kids.insert((parent, fold), node);
        let family = self.enter(node, root);
        if self.is_link(node) {
            self.find_target(node, root, old_target);
        }
        self.reload_named(parent, fold);
        self.reload_across(&family, root);
    }

    /// Puts the target of a link, which lies nowhere, into a root.
    pub fn attach_top(&mut self, node: NodeId, root: NodeId) {
        let path = self.node(node).path.clone().unwrap_or_else(|| "".into());
        if let Some(old) = self.node_at(root, &path).filter(|old| *old != node && *old != root) {
            self.detach(old);
        }
        let around = paths::around(&path).find_map(|path| self.node_at(root, path).filter(|at| !self.is_link(*at)));
        let around = around.filter(|_| !paths::is_outside(&path));
        self.adopt_tops(node, root, &path);
        if let Some(around) = around {
            self.node_mut(node).fs_parent = Some(around);
            self.node_mut(around).fs_children.push(node);
        }
        let family = self.enter(node, root);
        self.tops.entry(root).or_default().push(node);
        let links: Vec<_> = self.links_to(root, &path);
        for link in links {
            self.set_target(link, node);
            if let Some(parent) = self.node(link).parent {
                self.reload_named(parent, self.fold(self.node(link).name));
            }
        }
        self.reload_across(&family, root);
    }

    /// Makes a node the folder around those that lie in it.
    fn adopt_tops(&mut self, node: NodeId, root: NodeId, path: &str) {
        let inside = |inner: &str| !path.is_empty() && inner.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        for top in self.tops.get(&root).cloned().unwrap_or_default() {
            let lies_inside = self.node(top).path.as_deref().is_some_and(inside);
            let nearer = self.node(top).fs_parent.is_some_and(|around| inside(&self.path(around)));
            if top == node || !lies_inside || nearer {
                continue;
            }
            if let Some(around) = self.node(top).fs_parent {
                self.node_mut(around).fs_children.retain(|child| *child != top);
            }
            self.node_mut(top).fs_parent = Some(node);
            self.node_mut(node).fs_children.push(top);
        }
    }

    fn links_to(&self, root: NodeId, path: &str) -> Vec<NodeId> {
        let links = self.links.get(&root).into_iter().flatten().copied();
        links
            .filter(|link| {
                let node = self.node(*link);
                node.root == root && node.link.as_ref().is_some_and(|link| &*link.to == path)
            })
            .collect()
    }

    /// Gives a link that has come into a root its target there, or brings it along.
    fn find_target(&mut self, link: NodeId, root: NodeId, old: Option<NodeId>) {
        self.links.entry(root).or_default().push(link);
        let to = self.real_path(link);
        let found = self.node_at(root, &to).filter(|at| !self.is_link(*at));
        match (found, old) {
            (Some(target), _) => self.set_target(link, target),
            (None, Some(target)) if !self.is_root(target) || self.node(target).source.is_none() => {
                self.detach(target);
                self.node_mut(target).path = Some(to.into());
                self.attach_top(target, root);
            }
            (None, _) => {}
        }
    }

    /// Makes a node's whole family part of a root.
    fn enter(&mut self, node: NodeId, root: NodeId) -> Vec<NodeId> {
        let family = self.family(node);
        for member in &family {
            self.node_mut(*member).root = root;
            if root == self.ideal {
                self.size += 1;
                self.by_name.entry(self.node(*member).name).or_default().push(*member);
                for edge in self.node(*member).edges_out.clone() {
                    self.wanting.entry(self.edge(edge).fold).or_default().push(edge);
                }
            }
        }
        family
    }

    /// Takes a node and all that lies below out of its tree.
    pub fn detach(&mut self, node: NodeId) {
        if self.is_root(node) {
            return;
        }
        let root = self.node(node).root;
        self.unlink(node);
        let family = self.family(node);
        if root == self.ideal {
            family.iter().for_each(|member| self.delist(*member));
        }
        if let Some(tops) = self.tops.get_mut(&root) {
            tops.retain(|top| !family.contains(top));
        }
        for member in &family {
            self.node_mut(*member).root = node;
        }
        family.iter().for_each(|member| self.part_links(*member, node));
        for edge in self.node(node).edges_in.clone() {
            if self.node(self.edge(edge).from).root != node {
                self.reload(edge, false);
            }
        }
        self.reload_across(&family, node);
    }

    fn unlink(&mut self, node: NodeId) {
        let fold = self.fold(self.node(node).name);
        if let Some(parent) = self.node_mut(node).parent.take() {
            self.node_mut(parent).children.retain(|child| *child != node);
            if self.child(parent, fold) == Some(node) {
                self.kids.remove(&(parent, fold));
            }
        }
        if let Some(around) = self.node_mut(node).fs_parent.take() {
            self.node_mut(around).fs_children.retain(|child| *child != node);
        }
    }

    fn delist(&mut self, node: NodeId) {
        self.size = self.size.saturating_sub(1);
        if let Some(list) = self.by_name.get_mut(&self.nodes[node.0 as usize].name) {
            list.retain(|other| *other != node);
        }
        for edge in self.node(node).edges_out.clone() {
            let fold = self.edge(edge).fold;
            if let Some(list) = self.wanting.get_mut(&fold) {
                list.retain(|other| *other != edge);
            }
        }
    }

    /// Parts a member of a family that has left from links and targets that stayed.
    fn part_links(&mut self, member: NodeId, root: NodeId) {
        for link in self.node(member).links_in.clone() {
            if self.node(link).root != root {
                self.node_mut(member).links_in.retain(|other| *other != link);
                if let Some(link) = &mut self.node_mut(link).link {
                    link.target = None;
                }
            }
        }
        let target = self.node(member).link.as_ref().and_then(|link| link.target);
        if let Some(target) = target.filter(|target| self.node(*target).root != root) {
            self.node_mut(target).links_in.retain(|other| *other != member);
            if let Some(link) = &mut self.node_mut(member).link {
                link.target = None;
            }
        }
    }

    /// Looks again at the edges of a family that lead nowhere or to another tree.
    fn reload_across(&mut self, family: &[NodeId], root: NodeId) {
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
    fn reload_named(&mut self, parent: NodeId, fold: Fold) {
        let edges: Vec<EdgeId> = if self.node(parent).root == self.ideal {
            let edges = self.wanting.get(&fold).into_iter().flatten().copied();
            edges.filter(|edge| self.is_descendant(self.edge(*edge).from, parent)).collect()
        } else {
            let family = self.family(parent);
            family.into_iter().filter_map(|member| self.edge_out(member, fold)).collect()
        };
        for edge in edges {
            let to = self.edge(edge).to;
            let is_here = to.is_some_and(|to| self.node(to).parent == Some(parent));
            if is_here || self.resolve(self.edge(edge).from, fold) != to {
                self.reload(edge, true);
            }
        }
    }

    /// Takes the place of a node, keeping what lies in it.
    pub fn replace(&mut self, new: NodeId, old: NodeId) {
        if !self.is_link(new) {
            for kid in self.node(old).children.clone() {
                self.detach(kid);
                self.attach(kid, new);
            }
            let target = self.node(old).link.as_ref().and_then(|link| link.target);
            if let Some(target) = target {
                self.detach(target);
            }
        }
        if let Some(parent) = self.node(old).parent {
            self.attach(new, parent);
        }
    }

    /// Moves a node into the `node_modules` of another.
    pub fn set_parent(&mut self, node: NodeId, parent: NodeId) {
        if self.node(node).parent == Some(parent) {
            return;
        }
        let target = self.node(node).link.as_ref().and_then(|link| link.target);
        self.detach(node);
        if let (Some(target), Some(link)) = (target, &mut self.node_mut(node).link) {
            link.target = Some(target);
        }
        self.attach(node, parent);
    }
}
