//! `ztgit drift cluster`: what the command itself decides. What it finds in a
//! cluster is judged by the crate's own tests and on a real API server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

/// A rendered fleet, and a client configuration whose server nobody is at.
fn unreachable() -> TestEnvironment {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let context = |name: &str| json!({"name": name, "context": {"cluster": "gone", "user": "me"}});
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "gone", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [context("home"), context("lab-admin")],
    });
    env.write("kubeconfig", config.to_string());
    env
}

const HOME: [&str; 7] = [
    "drift",
    "cluster",
    "stack",
    "--kubeconfig",
    "kubeconfig",
    "--cluster",
    "home",
];

#[test]
fn a_cluster_that_nobody_answers_for_is_unknown() {
    let env = unreachable();
    let run = env
        .run(&[&HOME[..], &["--format", "json"]].concat())
        .expect_exit(3);
    let report = run.json();
    assert_eq!(report["kind"], "ClusterDriftReport");
    assert_eq!(report["outcome"], "incomplete");
    let finding = &report["clusters"][0]["findings"][0];
    assert_eq!(finding["status"], "unknown");
    assert_eq!(finding["reason"], "unreachable");
}

#[test]
fn a_context_that_is_not_there_leaves_its_cluster_unknown_and_no_other() {
    let env = unreachable();
    let run = env
        .run(&[
            "drift",
            "cluster",
            "--kubeconfig",
            "kubeconfig",
            "--format",
            "json",
        ])
        .expect_exit(3);
    let report = run.json();
    let reasons: Vec<&str> = report["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cluster| cluster["findings"][0]["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["unreachable", "no-context"]);
}

#[test]
fn a_map_of_contexts_says_how_each_cluster_is_called() {
    let env = unreachable();
    env.write("contexts.yaml", "lab: lab-admin\n");
    let run = env
        .run(&[
            "drift",
            "cluster",
            "stack",
            "--kubeconfig",
            "kubeconfig",
            "--contexts",
            "contexts.yaml",
            "--format",
            "json",
        ])
        .expect_exit(3);
    let text = run.stdout;
    assert!(!text.contains("no-context"), "{text}");
}

#[test]
fn a_context_for_a_cluster_that_the_stack_does_not_have_is_refused() {
    let env = unreachable();
    env.write("contexts.yaml", "hom: home-admin\n");
    insta::assert_snapshot!(
        env.run(&["drift", "cluster", "stack", "--contexts", "contexts.yaml"])
            .snapshot()
    );
}

#[test]
fn a_pod_is_in_one_cluster() {
    let env = unreachable();
    insta::assert_snapshot!(
        env.run(&["drift", "cluster", "stack", "--in-cluster"])
            .snapshot()
    );
}

#[test]
fn an_unknown_cluster_in_sarif_is_an_error_with_its_page() {
    let env = unreachable();
    let log = env
        .run(&[&HOME[..], &["--format", "sarif"]].concat())
        .expect_exit(3)
        .json();
    let run = &log["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], "cluster-unknown");
    assert_eq!(run["results"][0]["level"], "error");
    let page = run["tool"]["driver"]["rules"][0]["fullDescription"]["text"].as_str();
    assert!(page.unwrap().contains("What to do: "));
}

#[test]
fn bare_drift_is_about_git_where_no_cluster_can_be_reached() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let bare = env.run(&["drift", "stack"]).expect_exit(0);
    let git = env.run(&["drift", "git", "stack"]).expect_exit(0);
    assert_eq!(bare.stdout, git.stdout);
}

#[test]
fn bare_drift_looks_at_both_where_contexts_are_given() {
    let env = unreachable();
    let report = env
        .run(&[
            "drift",
            "stack",
            "--kubeconfig",
            "kubeconfig",
            "--context",
            "home",
            "--format",
            "json",
        ])
        .expect_exit(3)
        .json();
    assert_eq!(report["kind"], "FleetDriftReport");
    assert_eq!(report["git"]["summary"]["drift"], 0);
    assert_eq!(report["clusters"]["outcome"], "incomplete");
}

#[test]
fn the_environment_may_name_the_repository_of_a_subcommand() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let mut command = env.command(&["drift", "git", "stack"]);
    env.finish(command.env("ZTGIT_REPO", "fleet"))
        .expect_exit(0);
}

#[test]
fn an_exporter_serves_what_it_found_and_ends_when_told_to() {
    let env = unreachable();
    let mut command = env.command(&HOME);
    command.args(["--watch", "1s", "--listen", "127.0.0.1:0"]);
    let mut exporter = Exporter::start(&mut command);
    let mut page = String::new();
    while !page.contains("ztgit_drift_last_run_timestamp_seconds{") {
        page = exporter.get("/metrics");
    }
    for line in [
        r#"ztgit_drift_objects{cluster="home",kind="",status="unknown"} 1"#,
        r#"ztgit_drift_last_success_timestamp_seconds{cluster="home"} 0"#,
    ] {
        assert!(page.lines().any(|found| found == line), "{page}");
    }
    assert!(exporter.get("/healthz").ends_with("ok\n"));
    assert!(exporter.get("/").starts_with("HTTP/1.1 404"));
    assert!(exporter.terminate().success());
}

/// A running exporter; killed where a test fails before it ends.
struct Exporter {
    child: Child,
    address: String,
}

impl Exporter {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("http://").expect(&line);
        let address = rest.trim_end().trim_end_matches("/metrics").to_owned();
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { child, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: it\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn terminate(&mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        let kill = Command::new("kill").arg(pid).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // It has ended by now, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
