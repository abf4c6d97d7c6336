//! API servers in trouble, or with bad intentions: what cannot be known is
//! `unknown` with its reason, and the run ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod comparison;
mod server;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use ztgit_cluster::report::{Outcome, Reason, Status, Strictness};

use comparison::{Compared, compare, compare_briefly, compare_with};
use server::{Answer, Request};
use world::{KUSTOMIZATIONS, SETTINGS, World, desired_settings, settings, status};

/// A server that is as it should be but for what `answer` has an answer for.
fn but_for(
    world: World,
    answer: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
) -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
    move |request| answer(request).unwrap_or_else(|| world.answer(request))
}

/// Something is unknown for this reason, and so is what the run means.
#[track_caller]
fn assert_unknown(compared: &Compared, reason: Reason) {
    let findings = &compared.report.clusters[0].findings;
    assert!(
        findings
            .iter()
            .any(|finding| finding.status == Status::Unknown && finding.reason == reason),
        "{findings:#?}"
    );
    let outcome = compared.report.outcome(Strictness::PendingWarns);
    assert_eq!(outcome, Outcome::Incomplete);
}

fn is_list(request: &Request) -> bool {
    request.method == "GET" && request.path == KUSTOMIZATIONS
}

#[test]
fn a_server_that_is_as_it_should_be_is_clean() {
    let compared = compare(but_for(World::clean(), |_| None));
    let report = &compared.report;
    assert_eq!(
        report.outcome(Strictness::PendingCounts),
        Outcome::Clean,
        "{report:#?}\n{:#?}",
        compared.requests
    );
    assert!(report.clusters[0].clean > 0, "{report:#?}");
}

#[test]
fn what_was_changed_there_is_found() {
    let mut world = World::clean();
    world.add(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "open", "namespace": "shop", "uid": "1", "resourceVersion": "1"},
        "spec": {"podSelector": {}},
    }));
    let compared = compare(but_for(world, |_| None));
    let findings = &compared.report.clusters[0].findings;
    assert!(
        findings
            .iter()
            .any(|finding| finding.status == Status::UnmanagedPolicy),
        "{findings:#?}"
    );
}

#[test]
fn nobody_at_the_address_is_unreachable() {
    let compared = comparison::compare_at("127.0.0.1:1".parse().unwrap());
    assert_unknown(&compared, Reason::Unreachable);
}

#[test]
fn a_server_that_forbids_everything_is_forbidden() {
    let compared = compare(|_| status(403, "Forbidden", "no"));
    assert_unknown(&compared, Reason::Forbidden);
}

#[test]
fn a_server_that_knows_nobody_is_unauthorized() {
    let compared = compare(|_| status(401, "Unauthorized", "who are you"));
    assert_unknown(&compared, Reason::Unauthorized);
}

#[test]
fn a_dry_run_that_is_forbidden_leaves_its_object_unknown() {
    let compared = compare(but_for(World::clean(), |request| {
        (request.method == "PATCH").then(|| status(403, "Forbidden", "no patch"))
    }));
    assert_unknown(&compared, Reason::Forbidden);
}

#[test]
fn a_kind_of_flux_that_is_gone_is_not_served() {
    let compared = compare(but_for(
        World::clean().without_group("kustomize.toolkit.fluxcd.io"),
        |_| None,
    ));
    assert_unknown(&compared, Reason::KindNotServed);
}

#[test]
fn a_byte_a_second_ends_at_the_deadline() {
    let compared = compare_briefly(but_for(World::clean(), |request| {
        is_list(request).then(|| Answer::Drip(json!({"kind": "KustomizationList", "items": []})))
    }));
    assert_unknown(&compared, Reason::Deadline);
}

#[test]
fn silence_ends_at_the_deadline() {
    let compared = compare_briefly(but_for(World::clean(), |request| {
        (request.method == "PATCH").then_some(Answer::Silence)
    }));
    assert_unknown(&compared, Reason::Deadline);
}

#[test]
fn half_a_list_is_none() {
    let compared = compare(but_for(World::clean(), |request| {
        is_list(request).then(|| {
            Answer::Half(
                json!({"kind": "KustomizationList", "items": [], "padding": "a".repeat(500)}),
            )
        })
    }));
    assert_unknown(&compared, Reason::Unreachable);
}

/// Pages whose rest is forgotten `times` times.
fn forgetful(times: usize) -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
    let forgotten = AtomicUsize::new(0);
    but_for(World::clean(), move |request| {
        if !is_list(request) {
            return None;
        }
        if request.query.contains("continue=") {
            return Some(status(410, "Expired", "the continue token is too old"));
        }
        (forgotten.fetch_add(1, Ordering::Relaxed) < times).then(|| {
            Answer::Json(
                200,
                json!({
                    "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                    "kind": "KustomizationList",
                    "metadata": {"continue": "next"},
                    "items": [],
                }),
            )
        })
    })
}

#[test]
fn a_list_whose_rest_was_forgotten_is_begun_anew() {
    let compared = compare(forgetful(1));
    let report = &compared.report;
    assert_eq!(
        report.outcome(Strictness::PendingCounts),
        Outcome::Clean,
        "{report:#?}"
    );
}

#[test]
fn a_list_whose_rest_is_always_forgotten_is_broken() {
    let compared = compare(forgetful(usize::MAX));
    assert_unknown(&compared, Reason::ListBroken);
}

#[test]
fn a_list_that_goes_in_circles_is_broken() {
    let compared = compare(but_for(World::clean(), |request| {
        is_list(request).then(|| endless_page("again"))
    }));
    assert_unknown(&compared, Reason::ListBroken);
}

#[test]
fn a_list_without_an_end_ends_at_the_deadline() {
    let page = AtomicUsize::new(0);
    let compared = compare_briefly(but_for(World::clean(), move |request| {
        is_list(request).then(|| endless_page(&page.fetch_add(1, Ordering::Relaxed).to_string()))
    }));
    assert_unknown(&compared, Reason::Deadline);
}

fn endless_page(next: &str) -> Answer {
    Answer::Json(
        200,
        json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "KustomizationList",
            "metadata": {"continue": next},
            "items": [],
        }),
    )
}

#[test]
fn an_answer_without_an_end_is_not_read_on_and_on() {
    let compared = compare(but_for(World::clean(), |request| {
        is_list(request).then_some(Answer::Endless)
    }));
    assert_unknown(&compared, Reason::TooLarge);
}

#[test]
fn a_conflict_leaves_its_object_unknown_and_names_the_manager() {
    let compared = compare(but_for(World::clean(), |request| {
        (request.method == "PATCH").then(|| {
            let message = "Apply failed with 1 conflict: conflict with \"other\": .data.colour";
            status(409, "Conflict", message)
        })
    }));
    assert_unknown(&compared, Reason::Conflict);
    let said = format!("{:?}", compared.report);
    assert!(said.contains(r#"conflict with \"other\""#), "{said}");
}

#[test]
fn an_answer_that_is_no_json_is_malformed() {
    let compared = compare(but_for(World::clean(), |request| {
        is_list(request).then(|| Answer::Text("<html>Welcome</html>".to_owned()))
    }));
    assert_unknown(&compared, Reason::Malformed);
}

#[test]
fn a_failing_server_is_no_clean_cluster() {
    let compared = compare(|_| status(500, "InternalError", "etcdserver: no leader"));
    assert_unknown(&compared, Reason::ServerError);
}

#[test]
fn an_empty_answer_to_a_dry_run_is_not_clean() {
    let compared = compare(but_for(World::clean(), |request| {
        (request.method == "PATCH" && request.path == SETTINGS)
            .then(|| Answer::Json(200, json!({})))
    }));
    let outcome = compared.report.outcome(Strictness::PendingWarns);
    assert_ne!(outcome, Outcome::Clean, "{:#?}", compared.report);
}

#[test]
fn an_empty_answer_is_no_object() {
    let compared = compare(but_for(World::clean(), |request| {
        let empty = json!({"apiVersion": "v1", "kind": "ConfigMapList", "items": []});
        match request.path.as_str() {
            SETTINGS => Some(Answer::Json(200, json!({}))),
            "/api/v1/configmaps" => Some(Answer::Json(200, empty)),
            _ => None,
        }
    }));
    assert_unknown(&compared, Reason::Malformed);
}

/// Git has the settings encrypted with SOPS, and somebody changed them.
#[test]
fn what_git_encrypts_is_not_shown_whatever_its_kind() {
    let mut world = World::clean();
    let mut live = settings();
    live["data"]["colour"] = "hunter2".into();
    live["metadata"]["managedFields"][0]["fieldsV1"]["f:data"] = json!({"f:shade": {}});
    world.add(live);
    let mut encrypted = desired_settings();
    encrypted["data"]["colour"] = "ENC[AES256_GCM,data:YmxhdQ==,type:str]".into();
    encrypted["sops"] = json!({"mac": "ENC[AES256_GCM,data:eA==,type:str]"});
    let compared = compare_with(&encrypted, but_for(world, |_| None));
    let findings = &compared.report.clusters[0].findings;
    let paths: Vec<&str> = findings
        .iter()
        .flat_map(|finding| &finding.changes)
        .map(|change| change.path.as_str())
        .collect();
    assert_eq!(paths, ["/data/colour"], "{findings:#?}");
    let said = json!(compared.report).to_string();
    assert!(!said.contains("hunter2"), "{said}");
}

/// Admission webhooks deny with whatever status and message they like.
#[test]
fn a_denial_does_not_quote_a_secret() {
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"password": "aHVudGVyMg=="},
    });
    for code in [400, 401, 403, 404, 409, 410, 422, 500] {
        let mut world = World::clean();
        world.add(secret.clone());
        let denied = but_for(world, move |request| {
            let is_of_secret = request.method == "PATCH" && request.path.contains("/secrets/");
            is_of_secret.then(|| status(code, "Denied", "not aHVudGVyMg=="))
        });
        let compared = compare_with(&secret, denied);
        let said = json!(compared.report).to_string();
        assert!(said.contains("Secret"), "{code}: {said}");
        assert!(!said.contains("aHVudGVyMg=="), "{code}: {said}");
    }
}

#[test]
fn nothing_is_ever_written() {
    let compared = compare(but_for(World::clean(), |_| None));
    for request in &compared.requests {
        let is_dry_run = request.method == "PATCH" && request.query.contains("dryRun=All");
        assert!(request.method == "GET" || is_dry_run, "{request:?}");
    }
}
