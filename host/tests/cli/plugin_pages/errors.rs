//! The errors that the pages quote, from the program.

use std::fs;

use serde_json::{Value, json};
use ztgit_test_support::pages::{assert_printed, blocks, plugin_pages};
use ztgit_test_support::{guest, guests, scratch};

use super::repository;
use crate::environment::TestEnvironment;

/// What a page says that is printed, in its order.
fn quoted<const COUNT: usize>(page: &str) -> [String; COUNT] {
    let texts = blocks(page)
        .into_iter()
        .filter(|block| block.language == "text");
    let texts: Vec<String> = texts.map(|block| block.text).collect();
    texts.try_into().expect("each of them is compared")
}

/// What a render of a stack with one plugin says, which must fail.
fn refusal(plugin: &str, component: &[u8], config: &Value) -> String {
    let stack = json!({
        "apiVersion": "ztgit.dev/v1alpha1",
        "kind": "Stack",
        "metadata": {"name": "errors"},
        "spec": {
            "plugins": {plugin: {
                "path": "plugin.wasm",
                "grants": {"facts": {"namespace": ["*"]}},
            }},
            "clusters": {"home": {
                "flux": {"source": {"url": "https://git.example.net/fleet.git"}},
                "nodes": {"pi-1": {"role": "server", "addresses": ["192.168.1.10"]}},
                "config": {plugin: config},
            }}
        }
    });
    let env = TestEnvironment::with_stack(&stack.to_string());
    env.write("stack/plugin.wasm", component);
    env.run(&["check", "stack"]).expect_exit(5).stderr
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(guest(name)).unwrap()
}

#[test]
fn the_contract_quotes_what_is_beyond_a_grant_and_an_answer_that_is_none() {
    let [grant, _, _, answer] = quoted("contract.md");
    let files = json!({"files": [{"node": "pi-1", "path": "/etc/shadow"}]});
    assert_printed(&grant, &refusal("contacts", &bytes("puppet"), &files));
    // The guest's fact has a kind that nobody could print.
    let flow = |text: &str| {
        text.replace("\\1b[31m", "flow")
            .replace("\\05\\00\\00\\00\"", "\\04\\00\\00\\00\"")
    };
    let no_json = guests::raw_guest_of("unparsable-fact", flow);
    assert_printed(&answer, &refusal("contacts", &no_json, &json!({})));
}

#[test]
#[ignore = "uses all the fuel of a call"]
fn the_contract_quotes_an_endless_loop() {
    let [_, _, fuel, _] = quoted("contract.md");
    let endless = json!({"misdeed": "endless-loop"});
    assert_printed(&fuel, &refusal("contacts", &bytes("misbehaving"), &endless));
}

/// The example, which takes it badly that nobody is there.
fn panicking() -> Vec<u8> {
    let (example, copy) = (
        repository().join("examples/rust-contacts"),
        scratch("panicking"),
    );
    for name in [
        "Cargo.toml",
        "Cargo.lock",
        "src/lib.rs",
        "src/bin/componentize.rs",
    ] {
        let sdk = repository().join("plugins/sdk").canonicalize().unwrap();
        let text = fs::read_to_string(example.join(name)).unwrap();
        let text = text
            .replace("../../plugins/sdk", &sdk.display().to_string())
            .replace(
                "let mut rendering = Rendering::default();",
                "let mut rendering = Rendering::default();\n        \
                 assert!(!config.people.is_empty(), \"no people\");",
            );
        let file = copy.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    fs::read(guests::rust_guest(&copy, "contacts")).unwrap()
}

#[test]
fn the_contract_quotes_a_panic_and_where_it_was() {
    let [_, panic, _, _] = quoted("contract.md");
    let said = refusal("contacts", &panicking(), &json!({"people": {}}));
    assert_printed(&panic, &said);
    // It is the end of the page's list, not of the machinery below.
    assert!(!said.contains("std::panicking"), "{said}");
}

#[test]
fn the_page_on_other_languages_quotes_the_refusal_of_wasi() {
    let [refused] = quoted("other-languages.md");
    let said = refusal("tetragon", &bytes("prowler"), &json!({}));
    assert_printed(&refused, &said);
}

#[test]
fn the_page_on_versions_has_the_words_of_the_program() {
    let [version, types] = quoted("versions.md");
    assert_printed(&version, &checked(&newer()));
    let later = |text: &str| text.replace("        apps,\n", "        apps,\n        later,\n");
    assert_printed(
        &types,
        &checked(&guests::raw_guest_of("well-behaved", later)),
    );
}

fn newer() -> Vec<u8> {
    guests::raw_guest_of("well-behaved", |text| text.replace("@0.1.0", "@0.2.0"))
}

/// What the check of a component says, which must fail.
fn checked(component: &[u8]) -> String {
    let env = TestEnvironment::new();
    env.write("plugin.wasm", component);
    let run = env.run(&["plugin", "check", "plugin.wasm"]);
    run.expect_exit(5).stdout
}

#[test]
fn the_contract_s_table_of_refusals_has_the_words_of_the_program() {
    let page = fs::read_to_string(plugin_pages().join("contract.md")).unwrap();
    let (_, table) = page.split_once("| it says | do |\n|---|---|\n").unwrap();
    let rows = table.lines().map_while(|line| line.strip_prefix("| "));
    let said: Vec<String> = rows
        .map(|row| row.split_once(" | ").unwrap().0.replace('`', ""))
        .collect();
    let programs = [
        checked(&bytes("module")),
        refusal("contacts", &bytes("prowler"), &json!({})),
        checked(&newer()),
        checked(&bytes("other-world")),
    ];
    assert_eq!(said.len(), programs.len());
    for (quoted, printed) in said.iter().zip(programs) {
        assert_printed(quoted, &printed.replace('`', ""));
    }
}
