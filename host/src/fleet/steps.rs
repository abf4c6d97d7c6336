//! Changes that are judged by what was there before: the CNI's version, and how far
//! a namespace goes.

use serde_json::Value;

use crate::tree::TreePath;

/// Where the chart's version stands, by file name.
const CHART: &str = "ocirepository.source.toolkit.fluxcd.io-cilium.yaml";
const MODE: &str = "/metadata/labels/ztgit.dev~1mode";

/// A step that a render takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The CNI goes to another version.
    Cilium {
        /// What the fleet repository holds.
        from: String,
        /// What is about to be written.
        to: String,
    },
    /// A namespace goes to another mode.
    Mode {
        /// Which.
        namespace: String,
        /// How far it went.
        from: String,
        /// How far it is to go.
        to: String,
    },
}

/// The step between two contents of a file, where they are of a kind that steps
/// are seen in.
pub(super) fn step(path: &TreePath, before: &[u8], after: &[u8]) -> Option<Step> {
    let segments: Vec<&str> = path.segments().collect();
    let ["rendered", _, phase, _, _, file] = segments[..] else {
        return None;
    };
    if phase == "network" && file == CHART {
        let (from, to) = both(before, after, &["/spec/ref/tag", "/spec/ref/semver"])?;
        return Some(Step::Cilium { from, to });
    }
    if phase != "namespaces" {
        return None;
    }
    let (from, to) = both(before, after, &[MODE])?;
    let (namespace, _) = both(before, before, &["/metadata/name"])?;
    Some(Step::Mode {
        namespace,
        from,
        to,
    })
}

/// The text that both have at one of these places.
fn both(before: &[u8], after: &[u8], pointers: &[&str]) -> Option<(String, String)> {
    let text = |bytes: &[u8]| {
        let object: Value = serde_saphyr::from_slice(bytes).ok()?;
        let found = pointers.iter().find_map(|at| object.pointer(at)?.as_str());
        found.map(str::to_owned)
    };
    Some((text(before)?, text(after)?))
}

#[cfg(test)]
mod tests {
    use super::{Step, step};
    use crate::tree::TreePath;

    fn of(path: &str, before: &str, after: &str) -> Option<Step> {
        let path = TreePath::new(format!("rendered/c/{path}")).unwrap();
        step(&path, before.as_bytes(), after.as_bytes())
    }

    #[test]
    fn the_version_of_the_chart_is_a_step() {
        let path = "network/cilium/flux-system/ocirepository.source.toolkit.fluxcd.io-cilium.yaml";
        let found = of(
            path,
            "{spec: {ref: {tag: 1.19.4}}}",
            "{spec: {ref: {tag: 1.20.2}}}",
        );
        let (from, to) = ("1.19.4".to_owned(), "1.20.2".to_owned());
        assert_eq!(found, Some(Step::Cilium { from, to }));
    }

    #[test]
    fn the_mode_of_a_namespace_is_a_step() {
        let text = |mode: &str| {
            format!("{{metadata: {{name: demo, labels: {{ztgit.dev/mode: {mode}}}}}}}")
        };
        let found = of(
            "namespaces/stack/_cluster/namespace-demo.yaml",
            &text("observe"),
            &text("enforce"),
        );
        let expected = Step::Mode {
            namespace: "demo".to_owned(),
            from: "observe".to_owned(),
            to: "enforce".to_owned(),
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn other_files_are_not_looked_into() {
        assert_eq!(of("apps/p/n/x.yaml", "a: 1", "a: 2"), None);
    }
}
