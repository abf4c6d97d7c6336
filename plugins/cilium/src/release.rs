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

const SUPPORTED: [(&str, Line); 2] = [("1.19", Line::V1_19), ("1.20", Line::V1_20)];

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
        match line_of(version) {
            Some(line) => Ok(Self {
                line,
                version: version.clone(),
            }),
            None => Err(unsupported(version)),
        }
    }
}

/// The line of a full version: three numbers, so that the chart is pinned.
fn line_of(version: &str) -> Option<Line> {
    let (minor, patch) = version.rsplit_once('.')?;
    patch.parse::<u16>().ok()?;
    SUPPORTED
        .iter()
        .find(|(name, _)| *name == minor)
        .map(|(_, line)| *line)
}

fn unsupported(version: &str) -> Diagnostic {
    let lines: Vec<String> = SUPPORTED
        .iter()
        .map(|(name, _)| format!("{name}.x"))
        .collect();
    Diagnostic::error(
        "unsupported-version",
        format!("cilium `{version}` is not supported"),
    )
    .at_cluster(["cni", "version"])
    .hint(format!("use a full version out of {}", lines.join(", ")))
}
