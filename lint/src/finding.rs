//! What a rule has to say.

use ztgit_plugin::Severity;
use ztgit_plugin::pointer::pointer;

use crate::rule::Rule;
use crate::subject::ObjectIndex;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What it is about, as an exception names it: `Kind/namespace/name` of an
    /// object (`Kind/name` where it has no namespace), the path of a host file
    /// with its node, or a part of the stack such as `flows/NAME`.
    pub subject: String,
    /// Lower case, no period: what is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Each one thing to do about it.
    pub hints: Vec<String>,
    /// Why it is accepted, where ztgit itself knows of it.
    pub accepted: Option<&'static str>,
}

/// Where the cause stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// JSON Pointer into the cluster.
    Cluster(String),
    /// JSON Pointer into a plugin's config.
    Config {
        /// The plugin's name in the stack.
        plugin: String,
        /// The pointer.
        pointer: String,
    },
    /// JSON Pointer into an object.
    Object(ObjectIndex, String),
    /// A line of a host file, from 1, by the file's index in the subject.
    File(usize, usize),
}

/// What a rule found, before the rule's code is put on it.
pub(crate) struct Found {
    subject: String,
    place: Place,
    message: String,
    hint: String,
    severity: Option<Severity>,
}

impl Found {
    pub(crate) fn new(
        subject: impl Into<String>,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            place,
            message: message.into(),
            hint: hint.into(),
            severity: None,
        }
    }

    /// Weighs otherwise than its rule says.
    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    pub(crate) fn by(self, rule: &Rule) -> Finding {
        Finding {
            code: rule.code,
            severity: self.severity.unwrap_or(rule.severity),
            subject: self.subject,
            message: self.message,
            place: self.place,
            hints: vec![self.hint],
            accepted: None,
        }
    }
}

impl Place {
    /// A place in the cluster, segment by segment.
    pub(crate) fn cluster<'a>(segments: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Cluster(pointer(segments))
    }

    /// A place in a plugin's config, segment by segment.
    pub(crate) fn config<'a>(plugin: &str, segments: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Config {
            plugin: plugin.to_owned(),
            pointer: pointer(segments),
        }
    }
}
