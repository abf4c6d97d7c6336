//! Jobs that try the flows.

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{Artifact, Manifest, Phase};
use ztgit_plugin_cilium::Cilium;

use crate::stack::{finding, frontend_to_api, tcp, with_flow};

const IMAGE: &str = "docker.io/library/busybox@sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn probed(flow: Value) -> Harness<Cilium> {
    let services = json!({
        "api": {"workload": "api", "ports": {"http": {"port": 80, "targetPort": 8080, "protocol": "TCP"}}},
        "web": {"workload": "frontend", "ports": {"http": {"port": 80, "targetPort": 8080, "protocol": "TCP"}}},
    });
    with_flow(flow)
        .patch_cluster(&json!({"namespaces": {"my-app": {"services": services}}}))
        .config(json!({"probes": {"image": IMAGE}}))
}

fn to_api() -> Value {
    frontend_to_api(json!({"ports": [tcp(8080)]}))
}

fn job(rendered: &Rendered) -> &Manifest {
    let mut jobs = rendered.manifests().filter(|m| m.object.kind() == "Job");
    jobs.next().expect("a job")
}

fn checks(rendered: &Rendered) -> Vec<String> {
    let job = job(rendered).object.clone().into_value();
    let container = job["spec"]["template"]["spec"]["containers"][0].clone();
    let script = container["command"][2]
        .as_str()
        .expect("a script")
        .to_owned();
    let lines = script
        .lines()
        .filter_map(|line| line.strip_prefix("expect "));
    lines.map(str::to_owned).collect()
}

#[test]
fn nothing_is_probed_unless_it_is_asked_for() {
    let rendered = with_flow(to_api()).render();
    assert!(rendered.manifests().all(|m| m.object.kind() != "Job"));
}

#[test]
fn what_a_flow_allows_and_what_none_does_is_tried_by_the_services_port() {
    assert_eq!(
        checks(&probed(to_api()).render()),
        [
            "allowed connect 'api.my-app.svc.cluster.local:80'",
            "refused connect '169.254.169.254:80'",
            "refused connect 'web.my-app.svc.cluster.local:80'",
        ]
    );
}

#[test]
fn a_few_refusals_are_enough() {
    let services: serde_json::Map<String, Value> = (0..9)
        .map(|number| {
            let port = json!({"port": 80, "targetPort": 1, "protocol": "TCP"});
            let service = json!({"workload": "frontend", "ports": {"p": port}});
            (format!("more-{number}"), service)
        })
        .collect();
    let rendered = probed(to_api())
        .patch_cluster(&json!({"namespaces": {"my-app": {"services": services}}}))
        .render();
    let refusals = checks(&rendered)
        .into_iter()
        .filter(|check| check.starts_with("refused connect 'more-"));
    assert_eq!(refusals.count(), 4);
}

#[test]
fn a_request_that_is_allowed_and_one_that_is_not_are_tried() {
    let requests = json!([{"method": "GET", "path": "/get"}, {"method": "POST", "path": "/post"}]);
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "http": requests}));
    let checks = checks(&probed(flow).render());
    assert!(checks.contains(&"allowed get 'api.my-app.svc.cluster.local:80/get'".to_owned()));
    assert!(
        checks.contains(&"refused get 'api.my-app.svc.cluster.local:80/.ztgit-probe'".to_owned())
    );
    assert!(
        !checks.iter().any(|check| check.contains("/post")),
        "it may change something"
    );
}

#[test]
fn nothing_is_expected_to_be_refused_where_nothing_is_enforced() {
    let rendered = probed(to_api())
        .patch_cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
        .config(json!({"probes": {"image": IMAGE}, "denyMetadata": false}))
        .render();
    assert_eq!(
        checks(&rendered),
        ["allowed connect 'api.my-app.svc.cluster.local:80'"]
    );
}

#[test]
fn a_denied_connection_is_expected_to_be_refused() {
    let denied = frontend_to_api(json!({"ports": [tcp(8080)], "action": "deny"}));
    let rendered = probed(to_api())
        .patch_cluster(&json!({"flows": {"g": denied}}))
        .render();
    let checks = checks(&rendered);
    assert!(
        checks.contains(&"refused connect 'api.my-app.svc.cluster.local:80'".to_owned()),
        "{checks:?}"
    );
}

#[test]
fn the_pod_is_its_workload_to_policies_and_never_ready_to_services() {
    let account =
        json!({"namespaces": {"my-app": {"workloads": {"frontend": {"serviceAccount": "web"}}}}});
    let rendered = probed(to_api()).patch_cluster(&account).render();
    let manifest = job(&rendered);
    assert_eq!(manifest.phase, Phase::Apps);
    let template = manifest.object.at("/spec/template").unwrap();
    assert_eq!(
        template["metadata"]["labels"],
        json!({"app": "my-frontend"})
    );
    assert_eq!(template["spec"]["serviceAccountName"], json!("web"));
    let container = &template["spec"]["containers"][0];
    assert_eq!(
        container["readinessProbe"]["exec"]["command"],
        json!(["/bin/false"])
    );
    assert_eq!(container["image"], json!(IMAGE));
}

#[test]
fn an_equal_probe_has_an_equal_name_and_another_one_another() {
    let name = |flow: Value| job(&probed(flow).render()).object.name().to_owned();
    let other = frontend_to_api(json!({"ports": [tcp(8080)], "http": [{"path": "/get"}]}));
    assert_eq!(name(to_api()), name(to_api()));
    assert_ne!(name(to_api()), name(other));
    assert!(name(to_api()).starts_with("zt-probe-frontend-"));
}

#[test]
fn one_flow_more_changes_the_probe_of_the_workload_that_it_starts_at() {
    let before = probed(to_api()).render();
    let back = json!({"flows": {"back": {
        "from": {"workload": {"namespace": "my-app", "name": "api"}},
        "to": {"workload": {"namespace": "my-app", "name": "frontend"}},
        "ports": [tcp(8080)],
    }}});
    let after = probed(to_api()).patch_cluster(&back).render();
    let jobs = |rendered: &Rendered| -> Vec<String> {
        let jobs = rendered.manifests().filter(|m| m.object.kind() == "Job");
        jobs.map(|m| m.object.name().to_owned()).collect()
    };
    let (before, after) = (jobs(&before), jobs(&after));
    assert_eq!(after.len(), before.len() + 1);
    assert!(after.contains(&before[0]));
}

#[test]
fn a_stack_without_services_has_nothing_to_probe_and_is_told() {
    let rendered = with_flow(to_api())
        .config(json!({"probes": {"image": IMAGE}}))
        .render();
    assert_eq!(finding(&rendered).code, "no-probes");
}

#[test]
fn the_script_for_people_runs_the_same_jobs_and_names_what_it_does_not_try() {
    let udp = frontend_to_api(json!({"ports": [{"port": 53, "protocol": "UDP"}]}));
    let rendered = probed(to_api())
        .patch_cluster(&json!({"flows": {"g": udp}}))
        .render();
    let script = rendered.client_file("probes", "probe.sh").to_owned();
    assert!(script.contains("probe my-app frontend <<'JOB'\n{"));
    assert!(script.contains("# not tried: flow `g`"));
    let embedded = script
        .lines()
        .find(|line| line.starts_with('{'))
        .expect("a job");
    let embedded: Value = serde_json::from_str(embedded).expect("JSON");
    assert_eq!(Some(&embedded["spec"]), job(&rendered).object.at("/spec"));
}

#[test]
fn both_scripts_are_what_a_posix_shell_reads() {
    let rendered = probed(to_api()).render();
    let object = job(&rendered).object.clone().into_value();
    let inner = object["spec"]["template"]["spec"]["containers"][0]["command"][2].clone();
    let scripts = [
        inner.as_str().unwrap().to_owned(),
        rendered.client_file("probes", "probe.sh").to_owned(),
    ];
    for script in scripts {
        let read = Command::new("sh").args(["-n", "-c", &script]).status();
        assert!(read.expect("sh is everywhere").success());
    }
}

/// The script with `nc` and `wget` that answer as the test wants.
fn run(rendered: &Rendered, stubs: &str) -> (bool, String) {
    let object = job(rendered).object.clone().into_value();
    let script = object["spec"]["template"]["spec"]["containers"][0]["command"][2].clone();
    let script = script.as_str().expect("a script");
    let output = Command::new("sh")
        .args(["-c", &format!("sleep() {{ :; }}\n{stubs}\n{script}")])
        .stderr(Stdio::inherit())
        .output()
        .expect("sh is everywhere");
    (
        output.status.success(),
        String::from_utf8(output.stdout).expect("text"),
    )
}

const ONLY_API: &str = r#"nc() { [ "$4" = api.my-app.svc.cluster.local ]; }"#;

#[test]
fn the_job_succeeds_where_everything_is_as_expected() {
    let (success, output) = run(&probed(to_api()).render(), ONLY_API);
    assert!(success, "{output}");
    assert_eq!(
        output
            .lines()
            .filter(|line| line.starts_with("ok: "))
            .count(),
        3
    );
}

#[test]
fn the_job_fails_where_something_is_open_that_should_not_be() {
    let (success, output) = run(&probed(to_api()).render(), "nc() { :; }");
    assert!(!success);
    assert!(
        output.contains("FAILED: connect 169.254.169.254:80 is allowed"),
        "{output}"
    );
}

#[test]
fn a_refusal_of_the_proxy_is_a_403_and_any_other_answer_is_the_applications() {
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "http": [{"path": "/get"}]}));
    let answers = r#"wget() {
        case $5 in
            */get) echo "wget: server returned error: HTTP/1.1 404 Not Found" >&2 ;;
            *) echo "wget: server returned error: HTTP/1.1 403 Forbidden" >&2 ;;
        esac
        return 1
    }"#;
    let (success, output) = run(&probed(flow).render(), &format!("{ONLY_API}\n{answers}"));
    assert!(success, "{output}");
    assert!(output.contains("ok: get api.my-app.svc.cluster.local:80/get is allowed"));
}

#[test]
fn the_script_is_a_file_for_whoever_runs_it() {
    let rendered = probed(to_api()).render();
    let modes: Vec<u32> = rendered
        .0
        .artifacts
        .iter()
        .filter_map(|artifact| match artifact {
            Artifact::File(file) if file.path == "probe.sh" => Some(file.mode),
            _ => None,
        })
        .collect();
    assert_eq!(modes, [0o700]);
}
