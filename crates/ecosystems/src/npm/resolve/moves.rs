//! Putting packages into trees and taking them out, edges following.

use std::rc::Rc;

use super::graph::{Builder, Link, Node, NodeId};
use super::manifest::ManifestId;
use super::names::{Name, number};
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

    /// Everything below a node, itself first.
    pub fn family(&self, node: NodeId) -> Vec<NodeId> {
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
        if let Some(old) = self
            .node_at(root, &path)
            .filter(|old| *old != node && *old != root)
        {
            self.detach(old);
        }
        let around =
            paths::around(&path).find_map(|path| self.node_at(root, path).filter(|at| !self.is_link(*at)));
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
        let inside = |inner: &str| {
            !path.is_empty() && inner.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
        };
        for top in self.tops.get(&root).cloned().unwrap_or_default() {
            let lies_inside = self.node(top).path.as_deref().is_some_and(inside);
            let nearer = self
                .node(top)
                .fs_parent
                .is_some_and(|around| inside(&self.path(around)));
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
                self.by_name
                    .entry(self.node(*member).name)
                    .or_default()
                    .push(*member);
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
