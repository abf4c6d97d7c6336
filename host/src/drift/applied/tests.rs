//! Commits made by git, read as Flux would have applied them.

use std::fs;
use std::process::Command;

use tempfile::TempDir;
use ztgit_cluster::report::Reason;
use ztgit_cluster::{Desired, DesiredError, Revision};

use super::applied;
use crate::git::FleetRepository;

const UNIT: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: platform-stack, namespace: flux-system}
spec: {path: ./rendered/home/platform/stack}
";
const OBJECT: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {enabled: \"yes\"}
";
const UNIT_LIST: &str = "rendered/home/platform/stack/kustomization.yaml";

/// A repository with one unit of one object.
struct Fleet(TempDir);

impl Fleet {
    fn new() -> Self {
        let fleet = Self(tempfile::tempdir().unwrap());
        fleet.git(&["init", "--quiet", "--initial-branch=main"]);
        fleet.write("clusters/home/ztgit/platform-stack.yaml", UNIT);
        fleet.write(
            "clusters/home/ztgit/kustomization.yaml",
            &list("platform-stack.yaml"),
        );
        fleet.write("rendered/home/platform/stack/shop/settings.yaml", OBJECT);
        fleet.write(UNIT_LIST, &list("shop/settings.yaml"));
        fleet
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.0.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .args(["-c", "user.name=User", "-c", "user.email=user@example.net"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Commits everything, and reads the commit as Flux names it.
    fn applied(&self) -> Result<Desired, DesiredError> {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "fleet"]);
        self.at(&self.git(&["rev-parse", "HEAD"]))
    }

    fn at(&self, commit: &str) -> Result<Desired, DesiredError> {
        let repository = FleetRepository::open(self.0.path(), "main").unwrap();
        let revision = Revision::new(format!("main@sha1:{commit}"), None);
        applied(&repository, "home", &revision)
    }
}

fn list(resource: &str) -> String {
    format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- {resource}\n"
    )
}

#[test]
fn a_commit_holds_units_and_their_objects() {
    let desired = Fleet::new().applied().unwrap();
    let (unit, objects) = desired.objects.first_key_value().unwrap();
    assert_eq!(
        (unit.namespace.as_str(), unit.name.as_str()),
        ("flux-system", "platform-stack")
    );
    let file = "rendered/home/platform/stack/shop/settings.yaml";
    assert_eq!(objects[0].file, file);
    assert_eq!(objects[0].object["data"]["enabled"], "yes");
    assert_eq!(
        desired.units[0].object["metadata"]["name"],
        "platform-stack"
    );
}

#[test]
fn a_file_that_is_not_listed_is_not_applied() {
    let fleet = Fleet::new();
    fleet.write("rendered/home/platform/stack/shop/extra.yaml", OBJECT);
    let desired = fleet.applied().unwrap();
    assert_eq!(desired.objects.first_key_value().unwrap().1.len(), 1);
}

#[test]
fn a_commit_that_is_not_here_is_missing_with_a_hint() {
    let fleet = Fleet::new();
    fleet.applied().unwrap();
    let error = fleet
        .at("0123456789012345678901234567890123456789")
        .unwrap_err();
    assert_eq!(error.reason, Reason::CommitMissing);
    assert!(error.message.contains("git fetch"), "{error}");
}

#[test]
fn a_list_that_kustomize_would_build_something_else_of_is_refused() {
    let fleet = Fleet::new();
    fleet.write(
        UNIT_LIST,
        &(list("shop/settings.yaml") + "namePrefix: my-\n"),
    );
    let error = fleet.applied().unwrap_err();
    assert_eq!(error.reason, Reason::CommitUnreadable);
    assert!(error.message.contains("namePrefix"), "{error}");
}

#[test]
fn a_listed_file_that_is_not_there_is_named() {
    let fleet = Fleet::new();
    fleet.write(UNIT_LIST, &list("shop/gone.yaml"));
    let error = fleet.applied().unwrap_err();
    assert_eq!(error.reason, Reason::CommitUnreadable);
    assert!(error.message.contains("shop/gone.yaml"), "{error}");
}

#[test]
fn a_newer_commit_counts_where_it_changes_the_cluster() {
    let fleet = Fleet::new();
    fleet.applied().unwrap();
    let first = fleet.git(&["rev-parse", "HEAD"]);
    assert_eq!(fleet.at(&first).unwrap().newer, None);

    fleet.write("rendered/lab/other.yaml", "of another cluster\n");
    fleet.applied().unwrap();
    assert_eq!(fleet.at(&first).unwrap().newer, None);

    fleet.write(
        "rendered/home/platform/stack/shop/settings.yaml",
        &OBJECT.replace("yes", "no"),
    );
    let newest = fleet.applied().unwrap();
    assert_eq!(newest.newer, None);
    assert_eq!(fleet.at(&first).unwrap().newer, Some(newest.commit));
}

#[test]
fn a_cluster_that_is_ahead_of_the_branch_is_not_behind() {
    let fleet = Fleet::new();
    let first = fleet.applied().unwrap().commit;
    fleet.write(
        "rendered/home/platform/stack/shop/settings.yaml",
        &OBJECT.replace("yes", "no"),
    );
    let second = fleet.applied().unwrap().commit;
    fleet.git(&["update-ref", "refs/heads/main", &first]);
    assert_eq!(fleet.at(&second).unwrap().newer, None);
}
