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
    let pointers: &[&str] = match phase {
        "network" if file == CHART => &["/spec/ref/tag", "/spec/ref/semver"],
        "namespaces" => &[MODE],
        _ => return None,
    };
    let object = |bytes| serde_saphyr::from_slice::<Value>(bytes).ok();
    let (before, after) = (object(before)?, object(after)?);
    let (from, to) = (text(&before, pointers)?, text(&after, pointers)?);
    Some(match phase {
        "network" => Step::Cilium { from, to },
        _ => Step::Mode {
            namespace: text(&after, &["/metadata/name"])?,
            from,
            to,
        },
    })
}

/// The text at the first of these places that has one.
fn text(object: &Value, pointers: &[&str]) -> Option<String> {
    let mut found = pointers
        .iter()
        .filter_map(|at| object.pointer(at)?.as_str());
    found.next().map(str::to_owned)
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
