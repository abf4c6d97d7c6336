//! `ztgit schema`: what editors check a stack against.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::environment::TestEnvironment;
use crate::stacks::HOMELAB;

fn schema(arguments: &[&str]) -> Value {
    let run = TestEnvironment::new().run(arguments).expect_exit(0);
    let schema = run.json();
    assert!(jsonschema::meta::is_valid(&schema));
    schema
}

fn validator() -> Validator {
    jsonschema::options().build(&schema(&["schema"])).unwrap()
}

/// The maintained stack as JSON.
fn homelab() -> Value {
    let text = std::fs::read_to_string(format!("{HOMELAB}/stack.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

#[test]
fn a_maintained_stack_fits_the_schema() {
    let problems: Vec<String> = validator()
        .iter_errors(&homelab())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn a_typo_does_not_fit_wherever_it_is() {
    let validator = validator();
    for (parent, key) in [
        ("/spec", "plugin"),
        ("/spec/clusters/home", "namespace"),
        ("/spec/clusters/home/flows/frontend-to-api", "form"),
        ("/spec/clusters/home/config/wireguard", "endpiont"),
        (
            "/spec/clusters/home/config/gateway-tls/hosts/myapp.example.com",
            "worklaod",
        ),
    ] {
        let mut stack = homelab();
        stack.pointer_mut(parent).unwrap()[key] = json!("x");
        assert!(!validator.is_valid(&stack), "{parent}/{key}");
    }
}

#[test]
fn a_plugin_may_be_taken_out_of_a_cluster() {
    let mut stack = homelab();
    stack["spec"]["clusters"]["home"]["config"]["crowdsec"] = Value::Null;
    assert!(validator().is_valid(&stack));
}

#[test]
fn what_plugins_are_handed_has_a_schema_too() {
    let cluster = schema(&["schema", "--cluster"]);
    assert!(cluster["properties"]["namespaces"].is_object());
}
