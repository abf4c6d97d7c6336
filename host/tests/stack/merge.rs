use crate::{FLUX, findings, stack, stack_file};

#[test]
fn the_cluster_overrides_profiles_and_profiles_override_defaults() {
    let (stack, diagnostics) = stack(&[stack_file(&format!(
        "defaults:
  {FLUX}
  labels: {{a: defaults, b: defaults, c: defaults}}
profiles:
  edge: {{labels: {{b: edge, c: edge}}}}
  eu: {{labels: {{c: eu}}}}
clusters:
  one: {{profiles: [edge, eu], labels: {{d: own}}}}
  two: {{profiles: [eu, edge]}}
"
    ))]);
    assert_eq!(findings(&stack, &diagnostics), "");
    let labels: Vec<String> = stack
        .clusters
        .iter()
        .map(|c| format!("{:?}", c.cluster.labels))
        .collect();
    assert_eq!(
        labels,
        [
            r#"{"a": "defaults", "b": "edge", "c": "eu", "d": "own"}"#,
            r#"{"a": "defaults", "b": "edge", "c": "edge"}"#
        ]
    );
}

#[test]
fn null_removes_what_was_inherited() {
    let (stack, diagnostics) = stack(&[stack_file(&format!(
        "defaults:
  {FLUX}
  labels: {{a: x, b: x}}
clusters:
  c: {{labels: {{a: null}}}}
"
    ))]);
    assert_eq!(findings(&stack, &diagnostics), "");
    assert_eq!(
        format!("{:?}", stack.clusters[0].cluster.labels),
        r#"{"b": "x"}"#
    );
}

#[test]
fn null_takes_a_plugin_out_and_a_value_brings_it_back() {
    let (stack, diagnostics) = stack(&[stack_file(&format!(
        "plugins: {{k3s: {{}}, nftables: {{}}}}
defaults:
  {FLUX}
  config: {{nftables: null}}
clusters:
  out: {{}}
  back: {{config: {{nftables: {{}}}}}}
"
    ))]);
    assert_eq!(findings(&stack, &diagnostics), "");
    let plugins: Vec<Vec<&str>> = stack
        .clusters
        .iter()
        .map(|c| {
            c.configs
                .keys()
                .map(ztgit::name::PluginName::as_str)
                .collect()
        })
        .collect();
    assert_eq!(plugins, [vec!["k3s", "nftables"], vec!["k3s"]]);
}

#[test]
fn a_value_keeps_the_place_that_it_came_from() {
    let (stack, _) = stack(&[stack_file(&format!(
        "defaults:\n  {FLUX}\n  cni: {{version: 1.19.4}}\nclusters:\n  c: {{labels: {{x: y}}}}\n"
    ))]);
    let merged = &stack.clusters[0].merged;
    assert_eq!(
        stack.sources.locate(merged.place(["cni", "version"])),
        "stack.yaml:7:20"
    );
    assert_eq!(
        stack.sources.locate(merged.place(["labels", "x"])),
        "stack.yaml:9:21"
    );
}

#[test]
fn what_is_wrong_in_a_shared_default_is_said_once() {
    let (stack, diagnostics) = stack(&[stack_file(&format!(
        "defaults:\n  {FLUX}\n  netwrok: {{}}\nclusters:\n  a: {{}}\n  b: {{}}\n"
    ))]);
    assert_eq!(
        findings(&stack, &diagnostics),
        "unknown-key stack.yaml:7:5 unknown key `netwrok`\n"
    );
}

#[test]
fn a_cluster_may_have_a_file_of_its_own_but_not_two() {
    let cluster = |labels: &str| {
        format!(
            "apiVersion: ztgit.dev/v1alpha1\nkind: Cluster\nmetadata: {{name: far}}\nspec:\n  {FLUX}\n  labels: {labels}\n"
        )
    };
    let (first, diagnostics) = stack(&[
        stack_file("plugins: {}\n"),
        ("clusters/far.yaml", cluster("{a: b}")),
    ]);
    assert_eq!(findings(&first, &diagnostics), "");
    assert_eq!(first.clusters[0].name.as_str(), "far");

    let (second, diagnostics) = stack(&[
        stack_file("plugins: {}\n"),
        ("clusters/far.yaml", cluster("{a: b}")),
        ("clusters/far2.yaml", cluster("{a: c}")),
    ]);
    assert_eq!(
        findings(&second, &diagnostics),
        "duplicate-cluster clusters/far2.yaml:3:18 cluster `far` is there twice\n"
    );
}

#[test]
fn a_small_file_cannot_ask_for_more_than_a_large_one() {
    let labels: String = (0..1100).map(|i| format!("    l{i}: x\n")).collect();
    let clusters: String = (0..1000).map(|i| format!("  c{i}: {{}}\n")).collect();
    let (stack, diagnostics) = stack(&[stack_file(&format!(
        "defaults:\n  {FLUX}\n  labels:\n{labels}clusters:\n{clusters}"
    ))]);
    assert_eq!(
        findings(&stack, &diagnostics),
        "yaml-budget stack.yaml:1108:3 1000 clusters with 1105 default values each are too many for one file\n"
    );
}
