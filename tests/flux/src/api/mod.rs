//! The API server, as JSON over HTTP.
//!
//! `kubectl proxy` stands in between and does the authentication. A program per
//! request would be simpler; but starting `kubectl` takes a tenth of a second of
//! processor time, and tests that wait ask many times.

mod definitions;
mod object;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

pub use object::ObjectId;
use object::Resource;

/// What the API server answers to a request that it does not carry out.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// There was no answer.
    #[error("the API server does not answer")]
    Unreachable(#[from] ureq::Error),
    /// It knows no such kind (yet).
    #[error("there is no kind {kind} in {api_version}")]
    UnknownKind {
        /// `group/version`.
        api_version: String,
        /// The kind.
        kind: String,
    },
    /// It refuses.
    #[error("{code}: {message}")]
    Refused {
        /// The HTTP status.
        code: u16,
        /// What it says.
        message: String,
    },
}

/// How an object is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apply<'a> {
    /// For good, as this field manager.
    As(&'a str),
    /// As this field manager, by strict rules, and only as far as to know
    /// whether it would work.
    DryRunAs(&'a str),
}

/// A way to the API server.
pub struct Api {
    agent: ureq::Agent,
    base: String,
    resources: Mutex<BTreeMap<(String, String), Resource>>,
}

impl Api {
    /// Through a proxy at this port of the loopback interface.
    pub(crate) fn new(port: u16) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .build();
        Self {
            agent: config.into(),
            base: format!("http://127.0.0.1:{port}"),
            resources: Mutex::default(),
        }
    }

    /// What is at a path, if there is anything.
    pub fn get(&self, path: &str) -> Result<Option<Value>, ApiError> {
        match answer(self.agent.get(format!("{}{path}", self.base)).call()?) {
            Ok(value) => Ok(Some(value)),
            Err(ApiError::Refused { code: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The items of a list; none where the kind is not there.
    pub fn list(&self, path: &str) -> Result<Vec<Value>, ApiError> {
        let Some(mut list) = self.get(path)? else {
            return Ok(Vec::new());
        };
        match list["items"].take() {
            Value::Array(items) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// An object, if it is there.
    pub fn object(&self, id: &ObjectId) -> Result<Option<Value>, ApiError> {
        match self.resource(id) {
            Ok(resource) => self.get(&resource.path(id)),
            Err(ApiError::UnknownKind { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Applies an object given as YAML or JSON, on the server's side.
    pub fn apply(&self, id: &ObjectId, text: &str, how: Apply<'_>) -> Result<Value, ApiError> {
        let options = match how {
            Apply::As(manager) => format!("fieldManager={manager}"),
            Apply::DryRunAs(manager) => {
                format!("fieldManager={manager}&dryRun=All&fieldValidation=Strict")
            }
        };
        let path = format!("{}?force=true&{options}", self.resource(id)?.path(id));
        self.patch(&path, "application/apply-patch+yaml", text)
    }

    /// Applies an object for good, as the one who administers the cluster.
    pub fn administer(&self, object: &Value) -> Result<Value, ApiError> {
        let id = ObjectId::of(object);
        self.apply(&id, &object.to_string(), Apply::As("administrator"))
    }

    /// Merges a patch into an object.
    pub fn merge(&self, id: &ObjectId, changes: &Value) -> Result<Value, ApiError> {
        let path = self.resource(id)?.path(id);
        self.patch(&path, "application/merge-patch+json", &changes.to_string())
    }

    /// Merges a patch into an object's status, as its controller does.
    pub fn merge_status(&self, id: &ObjectId, status: &Value) -> Result<Value, ApiError> {
        let path = format!("{}/status", self.resource(id)?.path(id));
        let changes = serde_json::json!({ "status": status });
        self.patch(&path, "application/merge-patch+json", &changes.to_string())
    }

    fn patch(&self, path: &str, content: &str, text: &str) -> Result<Value, ApiError> {
        let request = self.agent.patch(format!("{}{path}", self.base));
        answer(request.content_type(content).send(text)?)
    }

    /// How the server calls a kind; asked once for each.
    pub(crate) fn resource(&self, id: &ObjectId) -> Result<Resource, ApiError> {
        let key = (id.api_version.clone(), id.kind.clone());
        let known = || self.resources.lock().expect("no holder of this panics");
        if let Some(resource) = known().get(&key) {
            return Ok(resource.clone());
        }
        let unknown = || ApiError::UnknownKind {
            api_version: id.api_version.clone(),
            kind: id.kind.clone(),
        };
        let list = self
            .get(&object::version_path(&id.api_version))?
            .ok_or_else(unknown)?;
        let resource = Resource::find(&list, id).ok_or_else(unknown)?;
        known().insert(key, resource.clone());
        Ok(resource)
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Value, ApiError> {
    let code = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    let value: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    if (200..300).contains(&code) {
        return Ok(value);
    }
    let message = value["message"]
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Err(ApiError::Refused { code, message })
}
