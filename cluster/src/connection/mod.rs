//! Requests to one API server.
//!
//! Enters: paths and objects. Leaves: JSON, or the [`Obstacle`] that stood in the
//! way. Invariants: every request ends within its deadline, no answer is read
//! beyond a size, nothing is written (an apply is a dry-run), and all are counted.

mod answer;
mod kinds;
mod list;

use std::cell::Cell;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use kube::Client;
use kube::client::Body;
use kube::core::Request;
use kube::core::params::{GetParams, Patch, PatchParams};
use serde_json::Value;
use tokio::time;

use crate::obstacle::Obstacle;
use crate::report::Reason;
use answer::Refusal;
pub(crate) use kinds::{Kinds, Served};

/// The field manager that kustomize-controller applies as.
pub(crate) const FLUX_MANAGER: &str = "kustomize-controller";

/// An answer is not read beyond this. A page of a list is the largest there is:
/// etcd takes objects of up to 1.5 MiB.
const LARGEST_ANSWER: usize = 256 << 20;

/// How often a request is repeated that the server is too busy for.
const ATTEMPTS: u32 = 4;
/// How long it is left alone then, at first and at most.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A way to one API server.
pub(crate) struct Connection {
    client: Client,
    deadline: Duration,
    requests: Cell<u64>,
}

impl Connection {
    /// With a deadline for each request.
    pub(crate) fn new(client: Client, deadline: Duration) -> Self {
        Self {
            client,
            deadline,
            requests: Cell::new(0),
        }
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// An object, if it is there.
    pub(crate) async fn get(
        &self,
        collection: &str,
        name: &str,
    ) -> Result<Option<Value>, Obstacle> {
        let request = Request::new(collection).get(&escaped(name), &GetParams::default());
        match self.send(request).await {
            Ok(object) => is_named(object, name).map(Some),
            Err(Refusal {
                code: 404,
                is_of_api: true,
                ..
            }) => Ok(None),
            Err(refusal) => Err(refusal.into_obstacle()),
        }
    }

    /// What the object would be if kustomize-controller applied this.
    pub(crate) async fn apply_dry_run(
        &self,
        collection: &str,
        name: &str,
        object: &Value,
    ) -> Result<Value, Obstacle> {
        let parameters = PatchParams::apply(FLUX_MANAGER).force().dry_run();
        let request =
            Request::new(collection).patch(&escaped(name), &parameters, &Patch::Apply(object));
        let applied = self.send(request).await;
        is_named(applied.map_err(Refusal::into_obstacle_of_patch)?, name)
    }

    /// What the server answers, after pauses where it asks for them.
    async fn send(
        &self,
        request: Result<http::Request<Vec<u8>>, kube::core::request::Error>,
    ) -> Result<Value, Refusal> {
        let request =
            request.map_err(|error| Refusal::of(Obstacle::because(Reason::Malformed, &error)))?;
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match self.send_once(request.clone()).await {
                Err(Refusal {
                    retry: Some(asked), ..
                }) => {
                    time::sleep(asked.max(pause).min(LONGEST_PAUSE)).await;
                    pause *= 2;
                }
                answer => return answer,
            }
        }
        self.send_once(request).await
    }

    async fn send_once(&self, request: http::Request<Vec<u8>>) -> Result<Value, Refusal> {
        self.requests.set(self.requests.get() + 1);
        let asked = format!("{} {}", request.method(), request.uri().path());
        match time::timeout(self.deadline, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Refusal::of(Obstacle::new(
                Reason::Deadline,
                format!(
                    "{asked}: no whole answer within {} s",
                    self.deadline.as_secs()
                ),
            ))),
        }
    }

    async fn exchange(&self, request: http::Request<Vec<u8>>) -> Result<Value, Refusal> {
        let response = self.client.send(request.map(Body::from)).await;
        let response = response.map_err(|error| Refusal::of(answer::of_connection(&error)))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await;
        let body = body
            .map_err(|error| Refusal::of(answer::of_body(error.as_ref())))?
            .to_bytes();
        answer::read(&head, &body)
    }
}

/// Two answers that are no objects would be equal, and the object clean.
fn is_named(object: Value, name: &str) -> Result<Value, Obstacle> {
    if object["metadata"]["name"] == name {
        return Ok(object);
    }
    let message = format!("the answer is not the object `{name}` that was asked for");
    Err(Obstacle::new(Reason::Malformed, message))
}

/// A name as a segment of a path: names of RBAC objects may have characters that
/// would end it, and what git has was checked by nobody here.
fn escaped(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_segment() {
        assert_eq!(escaped("system:node"), "system:node");
        assert_eq!(escaped("a/../b?c#d"), "a%2F..%2Fb%3Fc%23d");
    }
}
