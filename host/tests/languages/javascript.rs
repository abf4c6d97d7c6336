//! `examples/javascript-registries`, by componentize-qjs and by jco.

use std::sync::LazyLock;

use serde_json::json;
use ztgit::plugin::{Failure, PluginError, Wasi};

use super::page::follow;
use super::project::Project;
use super::rendered::{Figures, plugin, render};
use super::workshop::{Language, Workshop};

static EXAMPLE: LazyLock<Option<Project>> =
    LazyLock::new(|| Project::example(Language::JavaScript, "javascript-registries"));

/// What is left by the page, whose last build is jco's.
static BY_JCO: LazyLock<Option<Project>> = LazyLock::new(|| {
    let workshop = Workshop::of(Language::JavaScript)?;
    let (terminal, steps) = follow(workshop, "javascript.md");
    let jco = "npx --yes @bytecodealliance/jco@";
    Some(Project::built_by(workshop, &terminal, &steps, jco))
});

/// The example.
pub(crate) fn project() -> Option<&'static Project> {
    EXAMPLE.as_ref()
}

/// The example, built by jco.
pub(crate) fn project_by_jco() -> Option<&'static Project> {
    BY_JCO.as_ref()
}

/// What the guest of either costs.
pub(crate) fn figures(project: &Project) -> &Figures {
    let config = json!({"allowed": ["registry.k8s.io", "docker.io"]});
    project.figures("registries in javascript", Wasi::Refused, &config)
}

#[test]
#[ignore = "installs componentize-qjs"]
fn the_readme_leads_to_an_admission_policy() {
    let Some(example) = &*EXAMPLE else { return };
    let folder = "target/tree/rendered/home/enforce/registries/_cluster";
    let file = |kind: &str, name: &str| {
        example.read(&format!(
            "{folder}/{kind}.admissionregistration.k8s.io-{name}.yaml"
        ))
    };
    let policy = file("validatingadmissionpolicy", "image-registries");
    assert!(
        policy.contains(r#"["registry.k8s.io/","ghcr.io/my-org/"]"#),
        "{policy}"
    );
    let binding = |mode: &str| {
        file(
            "validatingadmissionpolicybinding",
            &format!("image-registries.{mode}"),
        )
    };
    let (audit, enforce) = (binding("audit"), binding("enforce"));
    assert!(
        audit.contains("- Warn") && audit.contains("- staging"),
        "{audit}"
    );
    assert!(
        enforce.contains("- Deny") && enforce.contains("- shop"),
        "{enforce}"
    );
}

#[test]
#[ignore = "installs componentize-qjs"]
fn a_thousand_renders_of_javascript_are_equal() {
    let Some(project) = project() else { return };
    figures(project);
}

#[test]
#[ignore = "installs jco"]
fn the_page_on_javascript_is_followed_to_what_jco_makes() {
    let Some(project) = project_by_jco() else {
        return;
    };
    assert!(
        project
            .directory
            .join("tree/rendered/home/enforce/registries/_cluster")
            .is_dir()
    );
    figures(project);
}

#[test]
#[ignore = "installs componentize-qjs"]
fn an_exception_of_javascript_is_shown() {
    let Some(example) = &*EXAMPLE else { return };
    let plugin = plugin(
        "registries",
        &example.component,
        Wasi::Refused,
        &example.cache,
    );
    // What the schema would have refused.
    let Err(PluginError::Failed { failure, .. }) = render(&plugin, &json!({})) else {
        panic!("it renders")
    };
    assert!(matches!(failure, Failure::Panic { .. }), "{failure:?}");
    let shown = failure.to_string();
    assert!(
        shown.contains("TypeError") && shown.contains("registries.js"),
        "{shown}"
    );
}
