//! The lines that go to and fro; the fields are those of the Go program.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ztgit_policy::model::{Direction, Protocol};
use ztgit_policy::reach::{
    Decision, Endpoint, HostFirewall, Question, Request as Sent, Role, World,
};

/// Everything about one request.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// In the order of the policies.
    pub policies: Vec<Judgement>,
    /// In the order of the questions.
    pub verdicts: Vec<Verdict>,
}

/// Whether the agent takes a policy.
#[derive(Clone, Debug, Deserialize)]
pub struct Judgement {
    /// It does.
    pub accepted: bool,
    /// Why it does not.
    #[serde(default)]
    pub message: String,
}

/// What both sides say.
#[derive(Clone, Debug, Deserialize)]
pub struct Verdict {
    /// The side of who opens.
    pub egress: Side,
    /// The side of who answers.
    pub ingress: Side,
}

impl Verdict {
    /// The side of a direction.
    pub fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

/// What one side says.
#[derive(Clone, Debug, Deserialize)]
pub struct Side {
    /// The answer.
    pub decision: Said,
    /// The proxy that reads the connection: `http`, `tls`, `dns` or `listener`.
    #[serde(default)]
    pub parser: String,
    /// The policies that the entry in the datapath comes from, with their namespaces.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Why there is no answer.
    #[serde(default)]
    pub message: String,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// As [`Decision::Allowed`].
    Allowed,
    /// As [`Decision::Restricted`].
    Restricted,
    /// As [`Decision::Denied`].
    Denied,
    /// As [`Decision::RequestDenied`].
    RequestDenied,
    /// As [`Decision::Undecided`].
    Undecided,
    /// The connection passes to a proxy that cannot read what is asked about; only
    /// that proxy could tell what comes of it.
    Unjudged,
}

impl Said {
    /// Whether an interpreter that decides so agrees.
    pub fn agrees(self, decision: Decision) -> bool {
        match self {
            Self::Allowed => decision == Decision::Allowed,
            Self::Restricted => decision == Decision::Restricted,
            Self::Denied => decision == Decision::Denied,
            Self::RequestDenied => decision == Decision::RequestDenied,
            Self::Undecided => decision == Decision::Undecided,
            Self::Unjudged => {
                matches!(decision, Decision::RequestDenied | Decision::Restricted)
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request<'a> {
    policies: &'a [Value],
    endpoints: Vec<Value>,
    questions: Vec<Value>,
    host_firewall: bool,
}

pub(crate) fn request<'a>(
    policies: &'a [Value],
    world: &World,
    questions: &[Question<'_>],
) -> Request<'a> {
    let endpoints = world.endpoints.iter();
    Request {
        policies,
        endpoints: endpoints.map(|(name, one)| endpoint(name, one)).collect(),
        questions: questions.iter().map(question).collect(),
        host_firewall: world.host_firewall == HostFirewall::On,
    }
}

fn endpoint(name: &str, endpoint: &Endpoint) -> Value {
    let labels = endpoint.labels.iter().map(|(key, value)| match value {
        "" => key.to_string(),
        value => format!("{key}={value}"),
    });
    let ports = endpoint.named_ports.iter();
    let ports = ports.map(|((name, protocol), port)| {
        json!({"name": name, "protocol": protocol_name(*protocol), "port": port})
    });
    json!({
        "name": name,
        "role": match endpoint.role {
            Role::Endpoint => "endpoint",
            Role::Host => "host",
            Role::RemoteNode => "remote-node",
            Role::World => "world",
        },
        "labels": labels.collect::<Vec<_>>(),
        "address": endpoint.address.map(|address| address.to_string()).unwrap_or_default(),
        "namedPorts": ports.collect::<Vec<_>>(),
    })
}

fn question(question: &Question<'_>) -> Value {
    let request = match &question.request {
        None => json!({}),
        Some(Sent::Http(http)) => json!({"http": {
            "method": http.method,
            "path": http.path,
            "host": http.host,
            "headers": http.headers,
        }}),
        Some(Sent::Dns(name)) => json!({"dns": name}),
        Some(Sent::Tls(name)) => json!({"tls": {"serverName": name.clone().unwrap_or_default()}}),
        Some(Sent::Other) => json!({"tls": {"serverName": ""}}),
    };
    json!({
        "from": question.from,
        "to": question.to,
        "protocol": protocol_name(question.protocol),
        "port": question.port,
        "request": request,
    })
}

fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Icmp => "icmp",
        Protocol::IcmpV6 => "icmpv6",
        other => {
            let mut names = Protocol::NAMES.into_iter();
            let found = names.find(|(_, one)| *one == other);
            found
                .map(|(name, _)| name)
                .expect("every other protocol has a name")
        }
    }
}
