//! Findings of the validation.

use crate::model::Pointer;

/// Something that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Where, from the root of the object.
    pub pointer: Pointer,
    /// What comes of it.
    pub consequence: Consequence,
    /// Which mistake it is.
    pub kind: ViolationKind,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What comes of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consequence {
    /// The API server refuses the object.
    RefusedByServer,
    /// The API server takes the object, the agent refuses all of it, and nothing that
    /// it says is in force.
    RefusedByAgent,
    /// A part is dropped without a word, and the rest may mean something else.
    Dropped,
    /// A part is read otherwise than it is written, or has no effect.
    Ineffective,
}

impl Consequence {
    /// Whether nothing of the policy comes into force.
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::RefusedByServer | Self::RefusedByAgent)
    }
}

/// Mistakes that are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViolationKind {
    /// A rule without any item under its sections.
    NoSection,
    /// An unknown key of an HTTP rule, which then demands less than it seems to.
    HttpKey,
    /// Rules about requests on ports or protocols that cannot have them.
    RequestPort,
    /// Rules about requests where none may stand.
    RequestPlace,
    /// Something that this version of Cilium has no more.
    Removed,
    /// Mutual authentication in a version without it.
    Authentication,
    /// Things that cannot stand together in one item, or too many of them.
    Mixed,
    /// A namespaced policy that is about another namespace.
    ForeignNamespace,
    /// Any other.
    #[default]
    Other,
}

/// Collects violations.
#[derive(Default)]
pub(super) struct Violations(Vec<Violation>);

/// The violation just noted, to give it a hint.
pub(super) struct Noted<'a>(&'a mut Violation);

impl Noted<'_> {
    pub(super) fn kind(self, kind: ViolationKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(super) fn hint(self, hint: impl Into<String>) {
        self.0.hint = Some(hint.into());
    }

    /// A name that was perhaps meant.
    pub(super) fn suggest(self, written: &str, known: &[&str]) {
        let distance =
            |name: &str| strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase());
        let near = known.iter().map(|name| (distance(name), *name)).min();
        self.0.hint = Some(match near {
            Some((distance, name)) if distance <= written.len().div_ceil(3) => {
                format!("did you mean `{name}`?")
            }
            _ => format!("known are {}", listed(known)),
        });
    }
}

fn listed(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl Violations {
    /// The agent refuses the policy.
    pub(super) fn refused(&mut self, pointer: &Pointer, message: impl Into<String>) -> Noted<'_> {
        self.note(pointer, Consequence::RefusedByAgent, message)
    }

    /// The API server refuses the object.
    pub(super) fn invalid(&mut self, pointer: &Pointer, message: impl Into<String>) -> Noted<'_> {
        self.note(pointer, Consequence::RefusedByServer, message)
    }

    /// A part is dropped.
    pub(super) fn dropped(&mut self, pointer: &Pointer, message: impl Into<String>) -> Noted<'_> {
        self.note(pointer, Consequence::Dropped, message)
    }

    /// A part has no effect, or another than it seems.
    pub(super) fn ineffective(
        &mut self,
        pointer: &Pointer,
        message: impl Into<String>,
    ) -> Noted<'_> {
        self.note(pointer, Consequence::Ineffective, message)
    }

    fn note(
        &mut self,
        pointer: &Pointer,
        consequence: Consequence,
        message: impl Into<String>,
    ) -> Noted<'_> {
        self.0.push(Violation {
            pointer: pointer.clone(),
            consequence,
            kind: ViolationKind::default(),
            message: message.into(),
            hint: None,
        });
        Noted(self.0.last_mut().expect("one was just added"))
    }

    /// Every violation once, by place.
    pub(super) fn sorted(mut self) -> Vec<Violation> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}
