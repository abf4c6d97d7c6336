//! What an author does first: `ztgit plugin new`, and what its README says, untouched.

use std::sync::LazyLock;

use serde_json::json;
use ztgit::plugin::Wasi;

use super::project::Project;
use super::rendered::{Figures, plugin, render};
use super::workshop::Language;

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
pub(crate) fn figures(project: &Project, language: Language) -> &Figures {
    let name = format!("greeter in {}", language.name());
    project.figures(&name, Wasi::Refused, &json!({"message": "hello"}))
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

#[test]
#[ignore = "installs componentize-py and compiles CPython"]
fn an_exception_of_a_new_project_in_python_is_shown_with_its_place() {
    let Some(project) = project(Language::Python) else {
        return;
    };
    let component = &project.component;
    let plugin = plugin("greeter", component, Wasi::Refused, &project.cache);
    // What the schema would have refused.
    let Err(error) = render(&plugin, &json!({})) else {
        panic!("it renders")
    };
    let shown = ztgit::error::chain(&error);
    assert!(
        shown.contains("KeyError: 'message'") && shown.contains("greeter.py:"),
        "{shown}"
    );
}
