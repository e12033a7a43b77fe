//! Names of packages as small numbers.

use std::collections::HashMap;
use std::sync::Arc;

/// A name, equal to another exactly when their texts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(u32);

/// A name without regard to case: two packages whose names fold alike cannot lie in one folder on every file
/// system, so npm lets one displace the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fold(u32);

/// All names that one resolution has met.
#[derive(Default)]
pub struct Names {
    entries: Vec<(Arc<str>, Fold)>,
    by_text: HashMap<Arc<str>, Name>,
    by_fold: HashMap<String, Fold>,
}

impl Names {
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.by_text.get(text) {
            return *name;
        }
        let next = Fold(number(self.by_fold.len()));
        let fold = *self.by_fold.entry(text.to_lowercase()).or_insert(next);
        let name = Name(number(self.entries.len()));
        let text: Arc<str> = text.into();
        self.entries.push((text.clone(), fold));
        self.by_text.insert(text, name);
        name
    }

    pub fn find(&self, text: &str) -> Option<Name> {
        self.by_text.get(text).copied()
    }

    pub fn text(&self, name: Name) -> &Arc<str> {
        &self.entries[name.0 as usize].0
    }

    pub fn fold(&self, name: Name) -> Fold {
        self.entries[name.0 as usize].1
    }
}

/// The number of a thing in a list of things; the bounds on documents keep lists far below `u32::MAX`.
pub fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_alone_are_two_but_fold_alike() {
        let mut names = Names::default();
        let (a, b) = (names.intern("JSONStream"), names.intern("jsonstream"));
        assert_ne!(a, b);
        assert_eq!(names.fold(a), names.fold(b));
        assert_eq!(names.intern("JSONStream"), a);
        assert_eq!(&**names.text(a), "JSONStream");
    }
}
