//! What a plugin has to say to the author of the stack.

use crate::pointer::pointer;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// Something is rendered that the author may not have meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// Where the cause stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// JSON Pointer into the plugin's config.
    Config(String),
    /// JSON Pointer into the cluster.
    Cluster(String),
    /// Index of a fact among those handed to `render`.
    Fact(u32),
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable code of the plugin's own, such as `peer-overlap`.
    pub code: String,
    /// Lower case, no period: what is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Each one thing to do about it.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// A finding that stops the render, about the config as a whole until
    /// [`at_config`](Self::at_config) or [`at_cluster`](Self::at_cluster) says
    /// where.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that does not stop the render.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Something worth knowing.
    pub fn info(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message)
    }

    fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            message: message.into(),
            place: Place::Config(String::new()),
            hints: Vec::new(),
        }
    }

    /// Puts the finding at a place in the config, segment by segment.
    pub fn at_config<'a>(mut self, segments: impl IntoIterator<Item = &'a str>) -> Self {
        self.place = Place::Config(pointer(segments));
        self
    }

    /// Puts the finding at a place in the cluster, segment by segment.
    pub fn at_cluster<'a>(mut self, segments: impl IntoIterator<Item = &'a str>) -> Self {
        self.place = Place::Cluster(pointer(segments));
        self
    }

    /// Puts the finding at a fact, by its index.
    pub fn at_fact(mut self, index: usize) -> Self {
        self.place = Place::Fact(u32::try_from(index).expect("a call has fewer than 2^32 facts"));
        self
    }

    /// Adds one thing to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
