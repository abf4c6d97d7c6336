//! What an author does first: `ztgit plugin new`, and what its README says, untouched.

use std::sync::LazyLock;

use serde_json::json;
use ztgit::plugin::Wasi;

use super::project::{Language, Project};
use super::rendered::{Figures, a_thousand_times};

static RUST: LazyLock<Option<Project>> = LazyLock::new(|| Project::begun(Language::Rust));
static PYTHON: LazyLock<Option<Project>> = LazyLock::new(|| Project::begun(Language::Python));
static JAVASCRIPT: LazyLock<Option<Project>> =
    LazyLock::new(|| Project::begun(Language::JavaScript));

/// The project of a language.
pub(crate) fn project(language: Language) -> Option<&'static Project> {
    match language {
        Language::Rust => RUST.as_ref(),
        Language::Python => PYTHON.as_ref(),
        Language::JavaScript => JAVASCRIPT.as_ref(),
    }
}

/// What its guest costs.
pub(crate) fn figures(project: &Project, language: Language) -> Figures {
    let name = format!("greeter in {}", language.name());
    a_thousand_times(project, &name, Wasi::Refused, &json!({"message": "hello"}))
}

fn assert_greets(language: Language) {
    let Some(project) = project(language) else {
        return;
    };
    let greeting = project.read("tree/rendered/home/apps/greeter/greeter/configmap-greeting.yaml");
    assert!(
        greeting.ends_with("data:\n  message: hello from home\n"),
        "{greeting}"
    );
    figures(project, language);
}

#[test]
#[ignore = "compiles a project with all its dependencies"]
fn a_new_project_in_rust_is_built_checked_tested_and_rendered() {
    assert_greets(Language::Rust);
}

#[test]
#[ignore = "installs componentize-py and compiles CPython"]
fn a_new_project_in_python_is_built_checked_tested_and_rendered() {
    assert_greets(Language::Python);
}

#[test]
#[ignore = "installs componentize-qjs"]
fn a_new_project_in_javascript_is_built_checked_tested_and_rendered() {
    assert_greets(Language::JavaScript);
}
