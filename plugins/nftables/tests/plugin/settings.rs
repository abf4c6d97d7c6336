//! What the config sets.

use serde_json::{Value, json};
use ztgit_plugin::config_schema;
use ztgit_plugin_nftables::{Config, Nftables};

use crate::{RULESET, sound};

#[test]
fn the_priority_is_a_setting() {
    for (priority, written) in [(0, "filter"), (20, "filter + 20"), (-20, "filter - 20")] {
        let rendered = sound().config(json!({"priority": priority})).render();
        let hooks = rendered
            .file("pi-1", RULESET)
            .matches(&format!("priority {written};"))
            .count();
        assert_eq!(hooks, 2, "{priority}");
    }
}

#[test]
fn the_priority_is_stated_for_others() {
    let stated = |config: Value| -> Vec<Value> {
        let facts = sound().config(config).facts().facts;
        facts.into_iter().map(|fact| fact.value).collect()
    };
    let chain = |hook: &str, priority: i32| json!({"hook": hook, "priority": priority, "purpose": "the nodes' firewall"});
    let own = stated(json!({"priority": 20}));
    assert_eq!(own, [chain("input", 20), chain("forward", 20)]);
    let of_iptables = stated(json!({"backend": "iptables"}));
    assert_eq!(of_iptables, [chain("input", 0), chain("forward", 0)]);
}

#[test]
fn logging_is_a_setting_and_can_be_off() {
    let with = |log: Value| {
        let rendered = sound().config(json!({"log": log})).render();
        rendered.file("pi-1", RULESET).to_owned()
    };
    let own = with(json!({"prefix": "fw", "perMinute": 3, "burst": 5}));
    for chain in ["input", "forward"] {
        let rule = format!(
            "\t\tlimit rate 3/minute burst 5 packets log prefix \"fw-{chain} \" level info\n"
        );
        assert!(own.contains(&rule), "{own}");
    }
    assert!(!with(json!({"perMinute": 0})).contains("log prefix"));
}

#[test]
fn a_prefix_of_the_log_that_could_end_its_quotes_is_refused() {
    for prefix in ["", "a b", "a\"", "a\n", "twenty-one-characters"] {
        let config = json!({"log": {"prefix": prefix}});
        assert!(
            serde_json::from_value::<Config>(config).is_err(),
            "{prefix}"
        );
    }
    let pattern = &config_schema::<Nftables>()["$defs"]["Log"]["properties"]["prefix"]["pattern"];
    assert_eq!(pattern, "^[A-Za-z0-9_.-]{1,20}$");
}

#[test]
fn nothing_is_limited_unless_asked_for() {
    let ruleset = |limits: Value| {
        let rendered = sound().config(json!({"limits": limits})).render();
        rendered.file("pi-1", RULESET).to_owned()
    };
    assert!(!ruleset(json!({})).contains("rate over"));
    let ping = ruleset(json!({"pingPerSecond": 5}));
    assert!(ping.contains("\t\ticmp type echo-request limit rate over 5/second drop\n"));
    assert!(ping.contains("\t\ticmpv6 type echo-request limit rate over 5/second drop\n"));
    let ssh = ruleset(json!({"sshPerMinute": 10}));
    assert!(
        ssh.contains("add @ssh6 { ip6 saddr limit rate over 10/minute burst 10 packets } drop")
    );
}

#[test]
fn unknown_settings_are_refused_and_ports_are_no_setting() {
    let schema = config_schema::<Nftables>();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["$defs"]["Ssh"]["additionalProperties"], false);
    let settings: Vec<_> = schema["properties"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(settings, ["backend", "limits", "log", "priority", "ssh"]);
}
