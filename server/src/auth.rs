//! Who calls, and what they may do.

mod caller;
mod cookies;
mod form;
mod visitor;

use store::projects::Project;
use store::tokens::{Action, Token};

pub(crate) use caller::Caller;
pub(crate) use cookies::{FLASH, THEME, clear, cookie, read_cookie, session_name};
pub(crate) use form::{Pairs, SignedForm, fields};
pub(crate) use visitor::{Turned, Visitor};

use crate::problem::Problem;

/// What the caller of one request may do.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// As the audit log names them: `token:NAME`, `user:NAME`.
    pub actor: String,
    actions: Vec<Action>,
    /// The only project that they may see; `None` for all of them.
    pub project: Option<i64>,
}

/// The one rule: every surface asks here.
///
/// `project` is the project that is touched; `None` stands for what belongs to no single one (policies, feeds, the
/// portfolio). Every action includes reading, and `Admin` includes every action. Whoever is bound to a project
/// reaches nothing else.
#[must_use]
pub(crate) fn may(access: &Access, action: Action, project: Option<i64>) -> bool {
    let reaches = access.project.is_none() || access.project == project;
    let allows = match action {
        Action::Read => !access.actions.is_empty(),
        Action::Upload | Action::Triage | Action::Admin => {
            access.actions.contains(&action) || access.actions.contains(&Action::Admin)
        }
    };
    reaches && allows
}

impl Access {
    /// Somebody who is signed in to the pages. There are no roles yet: whoever holds a login link may do everything.
    pub fn signed_in(actor: &str) -> Self {
        Self {
            actor: format!("user:{actor}"),
            actions: vec![Action::Admin],
            project: None,
        }
    }

    pub fn of_token(token: &Token) -> Self {
        Self {
            actor: format!("token:{}", token.name),
            actions: token.action_list(),
            project: token.project_id,
        }
    }

    /// The same caller for the one purpose of proposing a decision, which others approve.
    pub fn proposing(&self) -> Self {
        let mut proposing = self.clone();
        proposing.actions.push(Action::Triage);
        proposing
    }

    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Lets pass who may do this to what belongs to no single project.
    pub fn require(&self, action: Action) -> Result<(), Problem> {
        if may(self, action, None) {
            return Ok(());
        }
        Err(Problem::forbidden(match self.project {
            Some(_) => "The token is good for one project only.".to_owned(),
            None => format!("The token does not allow `{}`.", action.word()),
        }))
    }

    /// Lets pass whoever may read anything at all: what holds for every project alike is no secret of one.
    pub fn require_any(&self) -> Result<(), Problem> {
        if may(self, Action::Read, self.project) {
            return Ok(());
        }
        Err(Problem::forbidden("The token does not allow `read`."))
    }

    /// Lets pass who may do this to the project; whoever may not even see it learns nothing.
    pub fn require_on(&self, action: Action, project: &Project) -> Result<(), Problem> {
        if !may(self, Action::Read, Some(project.id)) {
            return Err(Problem::not_found("such project"));
        }
        if may(self, action, Some(project.id)) {
            return Ok(());
        }
        let detail = format!("The token does not allow `{}` on this project.", action.word());
        Err(Problem::forbidden(detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(actions: &[Action], project: Option<i64>) -> Access {
        Access {
            actor: "token:test".to_owned(),
            actions: actions.to_vec(),
            project,
        }
    }

    #[test]
    fn every_action_includes_reading_and_admin_includes_all() {
        for granted in Action::ALL {
            let who = access(&[granted], None);
            for wanted in Action::ALL {
                let expected = wanted == Action::Read || wanted == granted || granted == Action::Admin;
                assert_eq!(may(&who, wanted, None), expected, "{granted:?} for {wanted:?}");
                assert_eq!(may(&who, wanted, Some(7)), expected, "{granted:?} for {wanted:?}");
            }
        }
        assert!(!may(&access(&[], None), Action::Read, None));
    }

    #[test]
    fn whoever_is_bound_to_a_project_reaches_nothing_else() {
        let who = access(&[Action::Admin], Some(7));
        for action in Action::ALL {
            assert!(may(&who, action, Some(7)));
            assert!(!may(&who, action, Some(8)));
            assert!(!may(&who, action, None));
        }
    }
}
