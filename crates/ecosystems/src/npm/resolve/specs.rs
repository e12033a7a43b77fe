//! Specifications as numbers; each text is read once.

use std::collections::HashMap;
use std::sync::Arc;

use super::names::number;
use super::spec::Spec;

/// A specification, equal to another exactly when their texts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpecId(u32);

#[derive(Default)]
pub struct Specs {
    entries: Vec<(Arc<str>, Arc<Spec>)>,
    by_text: HashMap<Arc<str>, SpecId>,
}

impl Specs {
    pub fn intern(&mut self, text: &str) -> SpecId {
        if let Some(id) = self.by_text.get(text) {
            return *id;
        }
        let id = SpecId(number(self.entries.len()));
        let shared: Arc<str> = text.into();
        self.entries.push((shared.clone(), Arc::new(Spec::parse(text))));
        self.by_text.insert(shared, id);
        id
    }

    pub fn get(&self, id: SpecId) -> &Arc<Spec> {
        &self.entries[id.0 as usize].1
    }

    pub fn text(&self, id: SpecId) -> &Arc<str> {
        &self.entries[id.0 as usize].0
    }
}
