//! A comparison with a server of a test's making.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use ztgit_cluster::report::FleetReport;
use ztgit_cluster::{
    Access, Desired, DesiredObject, Options, Revision, Target, UnitName, Verification, drift,
    runtime,
};

use crate::server::{Answer, Request, Server};
use crate::world::{COMMIT, desired_settings, desired_unit};

/// What a comparison found, and what it asked for.
pub(crate) struct Compared {
    pub(crate) report: FleetReport,
    pub(crate) requests: Vec<Request>,
}

/// For what ends by itself: a deadline here would be a failure of its own.
const AMPLE: Duration = Duration::from_mins(5);
/// For what does not end by itself.
const BRIEF: Duration = Duration::from_secs(2);

/// Compares with a server, with all the time in the world.
pub(crate) fn compare(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Compared {
    with_server(&desired_settings(), answer, AMPLE)
}

/// Compares with a server; git has this object instead of the settings.
pub(crate) fn compare_with(
    object: &Value,
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Compared {
    with_server(object, answer, AMPLE)
}

/// The same with a deadline that is soon over.
pub(crate) fn compare_briefly(
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Compared {
    with_server(&desired_settings(), answer, BRIEF)
}

/// Compares with whatever is at an address.
pub(crate) fn compare_at(address: SocketAddr) -> Compared {
    Compared {
        report: report(&desired_settings(), address, AMPLE),
        requests: Vec::new(),
    }
}

fn with_server(
    object: &Value,
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    deadline: Duration,
) -> Compared {
    let server = Server::start(answer);
    Compared {
        report: report(object, server.address, deadline),
        requests: server.requests(),
    }
}

fn report(object: &Value, address: SocketAddr, deadline: Duration) -> FleetReport {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("kubeconfig");
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "home", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": "home", "context": {"cluster": "home", "user": "me"}}],
    });
    fs::write(&file, config.to_string()).unwrap();
    let targets = [Target {
        name: "home".to_owned(),
        access: Access::Kubeconfig {
            files: vec![file],
            context: Some("home".to_owned()),
        },
        verification: Verification::AsConfigured,
    }];
    let options = Options {
        deadline,
        request_deadline: deadline,
        ..Options::default()
    };
    let read = |_: &str, revision: &Revision| Ok(desired(object, revision));
    runtime()
        .unwrap()
        .block_on(drift(&targets, &options, &read))
}

fn desired(object: &Value, revision: &Revision) -> Desired {
    assert_eq!(revision.commit(), Some(COMMIT));
    let at = |file: &str, object| DesiredObject {
        file: file.to_owned(),
        object,
    };
    let unit = UnitName {
        namespace: "flux-system".to_owned(),
        name: "platform-stack".to_owned(),
    };
    let file = "rendered/home/platform/stack/shop/configmap-settings.yaml";
    Desired {
        commit: COMMIT.to_owned(),
        newer: None,
        folder: "clusters/home/ztgit".to_owned(),
        units: vec![at(
            "clusters/home/ztgit/platform-stack.yaml",
            desired_unit(),
        )],
        objects: BTreeMap::from([(unit, vec![at(file, object.clone())])]),
    }
}
