//! `examples/ci`: the commands of the recipes, run as they stand there, against
//! repositories on disk and a server that stands for the forge's.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use ztgit_test_support::require_tool;

use crate::environment::TestEnvironment;
use crate::forge::Forge;
use crate::stacks::TWO_CLUSTERS;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/ci");

/// Variables that the forge or its settings give a job.
type Variables = BTreeMap<&'static str, String>;

fn recipe(file: &str) -> Value {
    let text = fs::read_to_string(Path::new(EXAMPLES).join(file)).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// The commands of a GitHub job, and the names of the variables that it gets.
fn github_job(recipe: &Value, job: &str) -> (Vec<String>, Vec<String>) {
    let job = &recipe["jobs"][job];
    let steps = job["steps"].as_array().unwrap().iter();
    let commands = steps.filter_map(|step| step["run"].as_str().map(str::to_owned));
    let names = job["env"].as_object().unwrap().keys().cloned();
    (commands.collect(), names.collect())
}

/// The commands of a GitLab job, with what comes before every job's.
fn gitlab_job(recipe: &Value, job: &str) -> Vec<String> {
    let lists = [&recipe["default"]["before_script"], &recipe[job]["script"]];
    let commands = lists.into_iter().flat_map(|list| list.as_array().unwrap());
    commands
        .map(|command| command.as_str().unwrap().to_owned())
        .collect()
}

/// A stack in a repository, with a signing key, and an empty fleet at
/// `fleet.git`; the tools of the image. `None` where one is missing.
fn forge() -> Option<(TestEnvironment, Variables)> {
    let tools = ["git", "curl", "jq", "ssh-keygen"];
    if !tools.iter().all(|tool| require_tool(tool).is_some()) {
        return None;
    }
    let env = TestEnvironment::new();
    env.write("build/stack/stack.yaml", TWO_CLUSTERS);
    env.git("build/stack", &["init", "--quiet"]);
    env.commit_all("build/stack", "a stack");
    env.git("", &["init", "--quiet", "--bare", "fleet.git"]);
    let arguments = ["-q", "-t", "ed25519", "-N", "", "-f", "key"];
    assert!(
        env.tool("ssh-keygen", &arguments)
            .status()
            .unwrap()
            .success()
    );
    let variables = Variables::from([
        ("FLEET_URL", env.path("fleet.git").display().to_string()),
        ("FLEET_TOKEN", "not needed for a path".to_owned()),
        ("SIGNING_KEY", env.read("key").trim_end().to_owned()),
    ]);
    Some((env, variables))
}

/// Runs commands one after the other where the forge runs them: in the work tree
/// of the stack, each in a shell that ends at the first failure.
fn run(env: &TestEnvironment, commands: &[String], variables: &Variables) {
    let program = Path::new(env!("CARGO_BIN_EXE_ztgit"));
    for command in commands {
        let mut shell = env.tool("sh", &["-euc", command]);
        let inherited = crate::environment::env_path();
        let own = program.parent().unwrap().to_owned();
        let path = std::iter::once(own).chain(std::env::split_paths(&inherited));
        shell.env("PATH", std::env::join_paths(path).unwrap());
        shell.current_dir(env.path("build/stack")).envs(variables);
        env.finish(&mut shell).expect_exit(0);
    }
}

/// Gives a GitHub job its variables; it may use no others.
fn github(env: &TestEnvironment, file: &str, job: &str, variables: &Variables) {
    let (commands, names) = github_job(&recipe(file), job);
    let mut given = variables.clone();
    given.retain(|name, _| names.iter().any(|declared| declared == name));
    assert_eq!(given.len(), names.len(), "{names:?}");
    run(env, &commands, &given);
}

/// The remote fleet has both clusters' slices, all signed by the key.
fn assert_published(env: &TestEnvironment) {
    let key = env.read("key.pub");
    env.write("allowed", format!("fleet-ci@example.net {key}"));
    let allowed = env.path("allowed");
    let allowed = format!("gpg.ssh.allowedSignersFile={}", allowed.display());
    for branch in ["main", "deploy/home", "deploy/lab"] {
        env.git("fleet.git", &["-c", &allowed, "verify-commit", branch]);
    }
}

#[test]
fn a_merge_on_github_is_rendered_signed_pushed_and_published() {
    let Some((env, variables)) = forge() else {
        return;
    };
    github(&env, "github/after-merge.yaml", "render", &variables);
    assert_published(&env);
}

#[test]
fn a_merge_on_gitlab_is_rendered_signed_pushed_and_published() {
    let Some((env, variables)) = forge() else {
        return;
    };
    let recipe = recipe("gitlab/gitlab-ci.yaml");
    run(&env, &gitlab_job(&recipe, "render"), &variables);
    assert_published(&env);
}

#[test]
fn a_pull_request_on_github_gets_one_comment_that_is_kept_up_to_date() {
    let Some((env, mut variables)) = forge() else {
        return;
    };
    let forge = Forge::start();
    let comments = format!("{}/repos/example/stack/issues/7/comments", forge.url());
    variables.insert("COMMENTS_URL", comments);
    variables.insert("COMMENTS_TOKEN", "a token".to_owned());
    let file = "github/pull-request.yaml";
    github(&env, file, "check", &variables);
    let requests = forge.take();
    let lines: Vec<&str> = requests
        .iter()
        .map(|request| request.line.as_str())
        .collect();
    let path = "/repos/example/stack/issues/7/comments";
    assert_eq!(
        lines,
        [format!("GET {path}?per_page=100"), format!("POST {path}")]
    );
    let comment: Value = serde_json::from_str(&requests[1].body).unwrap();
    let comment = comment["body"].as_str().unwrap();
    assert!(comment.starts_with("<!-- ztgit -->\n"), "{comment}");
    assert!(comment.contains("rendered/home/"), "{comment}");

    let url = format!("{}/comments/12", forge.url());
    forge.answer(&serde_json::json!([{"url": url, "body": comment}]));
    fs::remove_dir_all(env.path("build/fleet")).unwrap();
    github(&env, file, "check", &variables);
    assert_eq!(forge.take()[1].line, "PATCH /comments/12");
}

#[test]
fn a_merge_request_on_gitlab_gets_a_comment() {
    let Some((env, mut variables)) = forge() else {
        return;
    };
    let forge = Forge::start();
    variables.insert("COMMENTS_TOKEN", "a token".to_owned());
    variables.insert("CI_API_V4_URL", format!("{}/api/v4", forge.url()));
    variables.insert("CI_PROJECT_ID", "3".to_owned());
    variables.insert("CI_MERGE_REQUEST_IID", "7".to_owned());
    let recipe = recipe("gitlab/gitlab-ci.yaml");
    run(&env, &gitlab_job(&recipe, "check"), &variables);
    let requests = forge.take();
    assert_eq!(
        requests[0].line,
        "POST /api/v4/projects/3/merge_requests/7/notes"
    );
    assert!(requests[0].body.starts_with("body="));
    assert!(requests[0].body.contains("rendered%2Fhome%2F"));
}
