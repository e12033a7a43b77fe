//! Which dependencies a package has with the features that are asked of it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::manifest::Kind;
use super::summary::{Dependency, FeatureValue, Name, Summary};

/// What somebody asks of a package.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// A member: everything that it can do, with what its own development needs.
    Everything,
    Features {
        features: Arc<BTreeSet<Name>>,
        default_features: bool,
    },
}

/// What follows from it.
#[derive(Debug, Default)]
pub(super) struct Enabled {
    pub features: HashSet<Name>,
    /// In the order of the manifest, each with the features that are asked of it.
    pub dependencies: Vec<(Arc<Dependency>, Arc<BTreeSet<Name>>)>,
}

/// The package has no such feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MissingFeature(pub Name);

/// Works out features and dependencies; `default` is the name `default`.
///
/// `name?/feature` brings the dependency in as `name/feature` does, only without the feature `name`: Cargo
/// decides about weak features when it builds, not when it locks.
pub(super) fn enable(summary: &Summary, asked: &Asked, default: Name) -> Result<Enabled, MissingFeature> {
    let mut required = Required {
        summary,
        features: HashSet::new(),
        dependencies: HashMap::new(),
        waiting: Vec::new(),
    };
    match asked {
        Asked::Everything => required.waiting.extend(summary.features.keys()),
        Asked::Features {
            features,
            default_features,
        } => {
            required.waiting.extend(features.iter());
            if *default_features && summary.features.contains_key(&default) {
                required.waiting.push(default);
            }
        }
    }
    required.follow()?;
    let with_dev = matches!(asked, Asked::Everything);
    let none = BTreeSet::new();
    let dependencies = summary.dependencies.iter();
    let dependencies = dependencies.filter_map(|dependency| {
        let asked = required.dependencies.get(&dependency.key);
        let leaves_out =
            (dependency.kind == Kind::Dev && !with_dev) || (dependency.optional && asked.is_none());
        if leaves_out {
            return None;
        }
        let mut features = asked.unwrap_or(&none).clone();
        features.extend(&dependency.features);
        Some((Arc::clone(dependency), Arc::new(features)))
    });
    let dependencies = dependencies.collect();
    Ok(Enabled {
        dependencies,
        features: required.features,
    })
}

struct Required<'a> {
    summary: &'a Summary,
    features: HashSet<Name>,
    dependencies: HashMap<Name, BTreeSet<Name>>,
    waiting: Vec<Name>,
}

impl Required<'_> {
    fn follow(&mut self) -> Result<(), MissingFeature> {
        while let Some(feature) = self.waiting.pop() {
            if !self.features.insert(feature) {
                continue;
            }
            let values = self.summary.features.get(&feature);
            for value in values.ok_or(MissingFeature(feature))? {
                self.require(*value);
            }
        }
        Ok(())
    }

    fn require(&mut self, value: FeatureValue) {
        match value {
            FeatureValue::Feature(name) => self.waiting.push(name),
            FeatureValue::Dependency(name) => {
                self.dependencies.entry(name).or_default();
            }
            FeatureValue::OfDependency {
                dependency,
                feature,
                weak,
            } => {
                if !weak && self.is_optional(dependency) && self.summary.features.contains_key(&dependency) {
                    self.waiting.push(dependency);
                }
                self.dependencies.entry(dependency).or_default().insert(feature);
            }
        }
    }

    fn is_optional(&self, name: Name) -> bool {
        let mut dependencies = self.summary.dependencies.iter();
        dependencies.any(|dependency| dependency.key == name && dependency.optional)
    }
}
