//! Why a job ended without a result.

/// A failure of a job: its text is kept beside the job for operators.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Fetch(#[from] fetch::Error),
    /// Another worker holds the job now, so nothing was written.
    #[error("the lease was lost")]
    LeaseLost,
    /// Others changed the same thing all the time; a later try will find it quieter.
    #[error("{0} was changed by others during every try")]
    Contended(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Hopeless(String),
    #[error("{0}")]
    Other(String),
}

impl JobError {
    /// Whether a later try may succeed.
    #[must_use]
    pub fn may_retry(&self) -> bool {
        !matches!(self, Self::Hopeless(_))
    }

    /// The error with everything beneath it, in one line.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let next = error.to_string();
            // Some errors say what is beneath them already.
            if !text.contains(&next) {
                text.push_str(": ");
                text.push_str(&next);
            }
            cause = error.source();
        }
        text
    }
}

impl From<tokio::task::JoinError> for JobError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Other(format!("a worker thread stopped: {error}"))
    }
}
