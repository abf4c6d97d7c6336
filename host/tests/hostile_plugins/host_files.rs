//! Files that a stranger may not write, or not there.

use serde_json::{Value, json};

use super::stage::{Stage, puppet};

fn everywhere() -> Value {
    json!({"hostPaths": ["*"]})
}

fn writing(grants: &Value, file: &Value) -> Stage {
    puppet(grants, json!({"files": [file]}))
}

fn on_node(path: &str) -> Value {
    json!({"node": "pi-1", "path": path, "content": "x\n"})
}

/// Every one of these paths is refused, whatever is granted.
fn all_refused(paths: &[&str]) {
    for path in paths {
        let faults = writing(&everywhere(), &on_node(path)).faults();
        let named = format!("{path:?}");
        let named = named.trim_matches('"');
        assert!(faults[0].contains(named), "{path}: {faults:?}");
    }
}

#[test]
pub(crate) fn a_path_that_is_not_granted_is_refused() {
    assert_eq!(
        writing(
            &json!({"hostPaths": ["/etc/motd", "/opt/mine/"]}),
            &on_node("/etc/shadow")
        )
        .beyond_grants(),
        "plugin `puppet` writes /etc/shadow on a host, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_path_that_climbs_out_of_a_granted_directory_is_refused() {
    let faults = writing(
        &json!({"hostPaths": ["/opt/mine/"]}),
        &on_node("/opt/mine/../../etc/shadow"),
    )
    .faults();
    assert_eq!(
        faults,
        ["plugin `puppet` gives \"/opt/mine/../../etc/shadow\": the path is not normal"]
    );
}

#[test]
pub(crate) fn paths_that_are_not_absolute_and_normal_are_refused() {
    all_refused(&[
        "../x",
        "etc/x",
        "",
        ".",
        "/",
        "/etc//x",
        "/etc/./x",
        "/etc/../x",
        "/etc/x/",
        "//etc/x",
    ]);
}

#[test]
pub(crate) fn paths_that_mean_something_to_git_are_refused() {
    all_refused(&[
        "/srv/.git/hooks/post-checkout",
        "/srv/.GIT/config",
        "/srv/git~1/config",
        "/srv/.git::$INDEX_ALLOCATION/x",
        "/srv/.g\u{200c}it/config",
        "/srv/.gitmodules",
        "/srv/.gitattributes",
    ]);
}

#[test]
pub(crate) fn paths_that_mean_something_to_flux_or_sops_are_refused() {
    all_refused(&[
        "/srv/kustomization.yaml",
        "/srv/Kustomization",
        "/srv/.sops.yaml",
        "/srv/.sourceignore",
    ]);
}

#[test]
pub(crate) fn paths_that_no_checkout_could_hold_are_refused() {
    let long = format!("/etc/{}", "x".repeat(300));
    let deep = "/x".repeat(3000);
    all_refused(&[
        "/etc/CON",
        "/etc/aux.yaml",
        "/etc/a:b",
        "/etc/trail.",
        "/etc/a\\b",
        "/etc/a\nb",
    ]);
    for path in [long, deep] {
        assert!(!writing(&everywhere(), &on_node(&path)).faults().is_empty());
    }
}

/// What is said of two files of which a checkout could hold one.
fn collision(first: &str, second: &str) -> String {
    let files = json!({"files": [on_node(first), on_node(second)]});
    let mut faults = puppet(&everywhere(), files).faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

#[test]
pub(crate) fn paths_that_differ_in_case_alone_are_both_named() {
    assert_eq!(
        collision("/etc/motd", "/etc/MOTD"),
        "`hosts/home/pi-1/files/etc/MOTD` of `puppet` and `hosts/home/pi-1/files/etc/motd` of \
         `puppet` fall together on macOS or Windows"
    );
}

#[test]
pub(crate) fn paths_that_differ_in_composition_alone_are_both_named() {
    assert_eq!(
        collision("/etc/caf\u{e9}", "/etc/cafe\u{301}"),
        "`hosts/home/pi-1/files/etc/cafe\u{301}` of `puppet` and `hosts/home/pi-1/files/etc/caf\u{e9}` of \
         `puppet` fall together on macOS or Windows"
    );
}

#[test]
pub(crate) fn a_file_and_one_that_needs_it_as_a_directory_are_both_named() {
    for (first, second) in [("/etc/a", "/etc/a/b"), ("/etc/a/b", "/etc/a")] {
        assert_eq!(
            collision(first, second),
            format!(
                "`hosts/home/pi-1/files{second}` of `puppet` and `hosts/home/pi-1/files{first}` of \
                 `puppet` need one name as a file and as a directory"
            )
        );
    }
}

#[test]
pub(crate) fn two_plugins_that_write_one_file_are_both_named() {
    let files = json!({"files": [on_node("/etc/motd")]});
    let stage = Stage::default()
        .with("first", "puppet", &everywhere(), files.clone())
        .with("second", "puppet", &everywhere(), files);
    let faults = stage.faults();
    assert!(
        faults[0].contains("`first`") && faults[0].contains("`second`"),
        "{faults:?}"
    );
}

#[test]
pub(crate) fn a_clients_file_needs_a_grant() {
    let file = json!({"client": "laptop", "path": "wg0.conf", "content": "PostUp = id\n"});
    assert_eq!(
        writing(&json!({"hostPaths": ["/etc/"]}), &file).beyond_grants(),
        "plugin `puppet` writes wg0.conf for client `laptop`, which its grants do not cover"
    );
}

#[test]
pub(crate) fn an_absolute_path_for_a_client_is_refused() {
    let file = json!({"client": "laptop", "path": "/etc/wireguard/wg0.conf"});
    assert_eq!(
        writing(&everywhere(), &file).faults(),
        ["plugin `puppet` gives \"/etc/wireguard/wg0.conf\": a client's file has a relative path"]
    );
}

#[test]
pub(crate) fn a_client_may_not_climb_out_of_its_directory_by_its_name() {
    let file = json!({"client": "../pi-1", "path": "files/etc/shadow"});
    assert_eq!(
        writing(&everywhere(), &file).faults(),
        ["plugin `puppet` gives \"files/etc/shadow\": `../pi-1` cannot name a client"]
    );
}

#[test]
pub(crate) fn a_set_user_id_bit_is_refused() {
    let file = json!({"node": "pi-1", "path": "/opt/tool", "mode": 0o4755});
    assert_eq!(
        writing(&everywhere(), &file).faults(),
        ["plugin `puppet` gives \"/opt/tool\": mode 4755 has more than permission bits"]
    );
}

#[test]
pub(crate) fn a_file_within_its_grant_is_written() {
    let outcome = writing(
        &json!({"hostPaths": ["/opt/mine/"]}),
        &on_node("/opt/mine/x"),
    )
    .run();
    let outcome = outcome
        .map_err(|error| error.message)
        .expect("it renders")
        .clean();
    assert_eq!(outcome.file("hosts/home/pi-1/files/opt/mine/x"), "x\n");
}
