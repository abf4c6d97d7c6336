//! Which Cilium is installed.
//!
//! In goes `cni` of the cluster; out comes a release that this plugin knows
//! the chart and the policy engine of, or the reason why not. What differs
//! from one minor version to the next asks [`Line`].

use ztgit_plugin::{Cluster, Diagnostic};

/// A release of Cilium that the plugin can install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Release {
    /// Its minor version.
    pub(crate) line: Line,
    /// As it stands in the stack, such as `1.20.2`; also the chart's tag.
    pub(crate) version: String,
}

/// A supported minor version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    /// 1.19
    V1_19,
    /// 1.20
    V1_20,
}

/// Major and minor version.
type Minor = (u16, u16);

/// The oldest line that upstream still fixes; it maintains three.
const OLDEST_MAINTAINED: Minor = (1, 18);

impl Line {
    /// All, oldest first.
    pub(crate) const ALL: [Self; 2] = [Self::V1_19, Self::V1_20];

    /// As in `1.20`.
    pub(crate) fn name(self) -> String {
        let (major, minor) = self.minor();
        format!("{major}.{minor}")
    }

    fn minor(self) -> Minor {
        match self {
            Self::V1_19 => (1, 19),
            Self::V1_20 => (1, 20),
        }
    }
}

impl Release {
    /// The release that the cluster asks for.
    pub(crate) fn of(cluster: &Cluster) -> Result<Self, Diagnostic> {
        if !cluster.has_cilium() {
            let message = format!(
                "the cluster's network plugin is `{}`, not cilium",
                cluster.cni.name
            );
            return Err(Diagnostic::error("other-cni", message)
                .at_cluster(["cni", "name"])
                .hint("set `cni.name: cilium`")
                .hint("or take the plugin out of this cluster with `config: {cilium: null}`"));
        }
        let version = &cluster.cni.version;
        let Some(minor) = minor_of(version) else {
            let message = format!("`{version}` does not pin a release of cilium");
            return Err(unsupported(message));
        };
        match Line::ALL.into_iter().find(|line| line.minor() == minor) {
            Some(line) => Ok(Self {
                line,
                version: version.clone(),
            }),
            None => Err(unsupported(reason(version, minor))),
        }
    }
}

/// The line of a full version: three numbers, so that the chart is pinned.
fn minor_of(version: &str) -> Option<Minor> {
    let mut numbers = version.split('.').map(|part| part.parse::<u16>().ok());
    let (major, minor) = (numbers.next()??, numbers.next()??);
    numbers.next()??;
    numbers.next().is_none().then_some((major, minor))
}

fn reason(version: &str, minor: Minor) -> String {
    let newest = Line::ALL.map(Line::minor)[Line::ALL.len() - 1];
    if minor < OLDEST_MAINTAINED {
        format!("cilium {version} is out of support: its holes are not fixed any more")
    } else if minor > newest {
        format!("cilium {version} is newer than what this version of the plugin knows")
    } else {
        format!("the values and policies of cilium {version} are not known here")
    }
}

fn unsupported(message: String) -> Diagnostic {
    let lines = Line::ALL.map(|line| format!("{}.x", line.name()));
    Diagnostic::error("unsupported-version", message)
        .at_cluster(["cni", "version"])
        .hint(format!(
            "use a full version out of {}, such as 1.20.2",
            lines.join(", ")
        ))
        .hint("an older cluster is upgraded one minor version at a time")
}
