//! What a policy inherits: a chain of policies by name, as they are now.

use policy::{Draft, Policy, PolicyAncestor, PolicyError};

use super::{DEFAULT, by_name};
use crate::Error;
use crate::db::Session;

/// The word that stands for the policy of the whole organisation.
const ORGANISATION: &str = "organisation";

/// A policy inherits over at most this many others.
const LONGEST: usize = 8;

/// One policy of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Ancestor {
    pub name: String,
    /// 0 for the built-in default.
    pub revision: i64,
    pub draft: Option<Draft>,
}

/// Why there is no chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("there is no policy named `{0}`")]
    Missing(String),
    #[error("{0} extend each other in a circle")]
    Circle(String),
    #[error("more than {LONGEST} policies extend each other in a row")]
    TooLong,
}

impl Ancestor {
    /// As a verdict names it.
    #[must_use]
    pub fn reference(&self) -> PolicyAncestor {
        PolicyAncestor {
            id: self.name.clone(),
            revision: self.revision,
        }
    }
}

/// What a policy of this name inherits when it extends `parent`, the nearest first. The policy of the organisation is the
/// one named `default`, stored or built in.
///
/// # Errors
/// When the database fails, or [`Error::Inheritance`] when there is no such chain.
pub async fn ancestry(session: &mut Session, child: &str, parent: &str) -> Result<Vec<Ancestor>, Error> {
    let mut names = vec![child.to_owned()];
    let mut chain = Vec::new();
    let mut next = Some(parent.to_owned());
    while let Some(name) = next {
        if names.contains(&name) {
            names.push(name);
            return Err(Error::Inheritance(Broken::Circle(names.join(", "))));
        }
        let stored = match by_name(session, &name).await? {
            None if name == ORGANISATION => by_name(session, DEFAULT).await?,
            stored => stored,
        };
        let Some(stored) = stored else {
            if name != DEFAULT && name != ORGANISATION {
                return Err(Error::Inheritance(Broken::Missing(name)));
            }
            chain.push(built_in());
            break;
        };
        if names.contains(&stored.name) {
            names.push(stored.name);
            return Err(Error::Inheritance(Broken::Circle(names.join(", "))));
        }
        if chain.len() == LONGEST {
            return Err(Error::Inheritance(Broken::TooLong));
        }
        names.push(stored.name.clone());
        next = stored.extends.clone();
        chain.push(Ancestor {
            draft: Some(stored.draft()?),
            name: stored.name,
            revision: stored.revision,
        });
    }
    Ok(chain)
}

fn built_in() -> Ancestor {
    Ancestor {
        name: DEFAULT.to_owned(),
        revision: 0,
        draft: None,
    }
}

/// A draft over its chain.
///
/// # Errors
/// When keys that are sound by themselves do not go together; the place is that in the outermost document.
pub fn over(draft: &Draft, chain: &[Ancestor]) -> Result<Policy, PolicyError> {
    let mut policy = Policy::default();
    let written = chain.iter().rev().filter_map(|ancestor| ancestor.draft.as_ref());
    for draft in written.chain([draft]) {
        policy = draft.over(&policy)?;
    }
    Ok(policy)
}
