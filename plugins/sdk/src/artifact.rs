//! What a plugin gives: objects, files, and objects that it waits for.

use crate::diagnostic::Diagnostic;
use crate::object::Object;

/// When Flux applies an object. See `phase` in the WIT for what each is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The host's own.
    Namespaces,
    /// Never pruned.
    Crds,
    /// The CNI; never pruned.
    Network,
    /// Policies that only allow.
    Allow,
    /// Policies that deny.
    Enforce,
    /// Controllers that others need.
    Platform,
    /// Configuration of those controllers.
    Config,
    /// Gateways and routes.
    Ingress,
    /// Everything else.
    Apps,
}

impl Phase {
    /// All phases in the order in which they are declared.
    pub const ALL: [Self; 9] = [
        Self::Namespaces,
        Self::Crds,
        Self::Network,
        Self::Allow,
        Self::Enforce,
        Self::Platform,
        Self::Config,
        Self::Ingress,
        Self::Apps,
    ];

    /// The phase as it stands in paths and names of units.
    pub fn name(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Crds => "crds",
            Self::Network => "network",
            Self::Allow => "allow",
            Self::Enforce => "enforce",
            Self::Platform => "platform",
            Self::Config => "config",
            Self::Ingress => "ingress",
            Self::Apps => "apps",
        }
    }
}

/// One thing that a plugin gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Artifact {
    /// A Kubernetes object.
    Manifest(Manifest),
    /// A file outside Kubernetes.
    File(File),
    /// An object that somebody else makes.
    Awaited(Awaited),
}

/// A Kubernetes object in its phase.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// When it is applied.
    pub phase: Phase,
    /// The object.
    pub object: Object,
    /// What happens to the live object when this one leaves.
    pub prune: Prune,
    /// How to tell that it is ready.
    pub health: Option<Health>,
}

/// What happens to a live object that left the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// Flux deletes it, where its phase prunes.
    Prune,
    /// It stays.
    Keep,
}

/// Flux `healthCheckExprs` for the object's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// CEL: it is ready.
    pub current: String,
    /// CEL: it is on its way, whatever the others say. What none of them is true of
    /// is on its way too.
    pub in_progress: Option<String>,
    /// CEL: it has failed.
    pub failed: Option<String>,
    /// How long the unit may take, at least, in seconds.
    pub timeout_seconds: u32,
}

impl Health {
    /// Ready when the condition of that type is `True` for the current
    /// generation.
    pub fn condition(condition: &str, timeout_seconds: u32) -> Self {
        Self {
            current: format!(
                "has(status.conditions) && status.conditions.exists(e, e.type == '{condition}' && e.status == 'True')"
            ),
            in_progress: None,
            failed: None,
            timeout_seconds,
        }
    }
}

/// An object that the plugin waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The phase that is not done before it is there.
    pub phase: Phase,
    /// `group/version`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// Its namespace, where it has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// A file for a node or a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it goes.
    pub target: FileTarget,
    /// Absolute for a node, relative for a client.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// By name.
    pub owner: Owner,
    /// What makes a change take effect, in this order.
    pub activation: Vec<Activation>,
    /// Who owns the content after the first time.
    pub lifecycle: Lifecycle,
    /// The bytes.
    pub content: Vec<u8>,
}

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileTarget {
    /// A node of the cluster.
    Node(String),
    /// Something that is not a node, such as a VPN peer.
    Client(String),
}

/// A file's owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// User name.
    pub user: String,
    /// Group name.
    pub group: String,
}

/// What may be run when a file has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activation {
    /// `systemctl daemon-reload`
    DaemonReload,
    /// `systemctl reload UNIT`
    Reload(String),
    /// `systemctl restart UNIT`
    Restart(String),
    /// `systemctl enable --now UNIT`
    Enable(String),
    /// `nft -f` on the file itself
    LoadNftables,
    /// `wg syncconf` of an interface, keeping its key
    SyncWireguard(String),
    /// `sysctl --system`
    ApplySysctl,
}

/// Who owns a file's content after the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// ztgit.
    Managed,
    /// The host.
    WriteOnce,
}

impl Manifest {
    /// An object that is pruned with its unit and healthy by Flux's own rules.
    pub fn new(phase: Phase, object: Object) -> Self {
        Self {
            phase,
            object,
            prune: Prune::Prune,
            health: None,
        }
    }

    /// The live object stays when this one leaves the stack.
    pub fn keep(mut self) -> Self {
        self.prune = Prune::Keep;
        self
    }

    /// How Flux tells that it is ready.
    pub fn health(mut self, health: Health) -> Self {
        self.health = Some(health);
        self
    }
}

impl File {
    /// A file on a node: root's, mode 0644, managed, nothing to activate.
    pub fn on_node(node: &str, path: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::new(FileTarget::Node(node.to_owned()), path, 0o644, content)
    }

    /// A file for a client, mode 0600.
    pub fn for_client(client: &str, path: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::new(FileTarget::Client(client.to_owned()), path, 0o600, content)
    }

    fn new(target: FileTarget, path: &str, mode: u32, content: impl Into<Vec<u8>>) -> Self {
        Self {
            target,
            path: path.to_owned(),
            mode,
            owner: Owner {
                user: "root".to_owned(),
                group: "root".to_owned(),
            },
            activation: Vec::new(),
            lifecycle: Lifecycle::Managed,
            content: content.into(),
        }
    }

    /// Sets the permission bits.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Adds a step that makes a change take effect.
    pub fn activate(mut self, step: Activation) -> Self {
        self.activation.push(step);
        self
    }

    /// Written where it is absent, then the host's own.
    pub fn write_once(mut self) -> Self {
        self.lifecycle = Lifecycle::WriteOnce;
        self
    }
}

/// What `render` gives back: artifacts, and findings about the stack.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rendering {
    /// Thrown away when a diagnostic is an error.
    pub artifacts: Vec<Artifact>,
    /// Findings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rendering {
    /// Adds an object, a file or an object to wait for.
    pub fn push(&mut self, artifact: impl Into<Artifact>) {
        self.artifacts.push(artifact.into());
    }

    /// Adds a finding.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

impl From<Manifest> for Artifact {
    fn from(manifest: Manifest) -> Self {
        Self::Manifest(manifest)
    }
}

impl From<File> for Artifact {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}

impl From<Awaited> for Artifact {
    fn from(awaited: Awaited) -> Self {
        Self::Awaited(awaited)
    }
}
