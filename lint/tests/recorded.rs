//! Everything that lint says of rich clusters, word for word, as it was recorded.

mod clusters;
mod native;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use native::Rendered;
use serde_json::{Value, json};
use ztgit_lint::{HostFile, Object, Origin, Subject, lint, posture};
use ztgit_plugin::{FileTarget, Phase};

/// Findings and posture, one a line.
fn report(subject: &Subject<'_>) -> String {
    let findings = lint(subject);
    let items = posture(subject, &findings);
    let mut text = String::new();
    for finding in findings {
        writeln!(text, "{finding:?}").expect("a text takes whatever comes");
    }
    for item in items {
        writeln!(text, "{item:?}").expect("a text takes whatever comes");
    }
    text
}

/// Every policy and release of the tutorials.
fn tutorials() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let files = fs::read_dir(folder).expect("the fixtures");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    paths.sort();
    let texts = paths.iter().map(fs::read_to_string);
    texts
        .flat_map(|text| {
            let text = text.expect("a text");
            serde_saphyr::from_multiple::<Value>(&text).expect("documents")
        })
        .collect()
}

#[test]
fn a_site_on_which_every_tutorial_was_tried() {
    let (cluster, mut configs) = clusters::site();
    configs.insert("crowdsec", json!({}));
    configs.insert(
        "gateway-tls",
        json!({
            "email": "ops@homelab-one.net",
            "exposure": "hostNetwork",
            "gateway": {"name": "shop-gateway"},
            "hosts": {"shop.homelab-one.net": {
                "service": "shop/web", "port": 80, "workload": "shop/web"
            }}
        }),
    );
    let rendered = Rendered::of(&cluster, &configs);
    let tutorials = tutorials();
    let client = FileTarget::Client("phone".to_owned());
    let node = FileTarget::Node("site-1".to_owned());
    let mut subject = rendered.subject();
    for value in &tutorials {
        subject.add_object(Object {
            value,
            phase: Phase::Enforce,
            origin: Origin::HandWritten,
        });
    }
    let files = [
        (&client, "/wg0.conf", &include_bytes!("fixtures/vpn-client.conf")[..]),
        (
            &node,
            "/etc/nftables.conf",
            b"flush ruleset\ntable inet f {\n\tchain i {\n\t\ttype filter hook input priority 0\n\t\tpolicy drop\n\t\ttcp dport { 22, 2379-2380 } accept\n\t}\n}\n",
        ),
    ];
    subject
        .files
        .extend(files.map(|(target, path, content)| HostFile {
            target,
            path,
            content,
            activation: &[],
            plugin: "test",
        }));
    insta::assert_snapshot!(report(&subject));
}

#[test]
fn a_thousand_flows() {
    let (cluster, configs) = clusters::thousand_flows();
    let rendered = Rendered::of(&cluster, &configs);
    insta::assert_snapshot!(report(&rendered.subject()));
}
