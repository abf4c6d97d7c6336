//! Why something could not be compared.

use std::error::Error;

use crate::report::{Finding, Reason, Status};

/// Something stood in the way: what it is called, and what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Obstacle {
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

impl Obstacle {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }

    /// With an error and everything that caused it as the message.
    pub(crate) fn because(reason: Reason, error: &dyn Error) -> Self {
        Self::new(reason, chain(error))
    }

    /// That it is not known.
    pub(crate) fn finding(&self) -> Finding {
        Finding::new(Status::Unknown, self.reason).saying(&self.message)
    }

    /// The same without what was said: it may quote values.
    pub(crate) fn without_message(self) -> Self {
        Self {
            message:
                "the API server refused it; its message is left out, it could quote the Secret"
                    .to_owned(),
            ..self
        }
    }
}

/// An error and its causes, each once: many repeat their cause.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
