//! What must be allowed, said once more and in another way than the plugin says it.

use ztgit_policy::model::Protocol;
use ztgit_policy::reach::{HttpRequest, Question, Request};

use crate::stack::{
    API_SERVER, DNS, EXCEPTED, Flow, HOST, INSIDE, METADATA, Mode, OTHER_NODE, OUTER_PORT, OUTSIDE,
    PORTS, STRANGER, Stack, Way, Workload,
};

/// A connection that is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    from: End,
    to: End,
    port: u16,
    names: (String, String),
    /// The path of a GET, where a request is sent.
    path: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Pod(Workload),
    Other(&'static str),
}

impl End {
    fn name(self) -> String {
        match self {
            Self::Pod(workload) => workload.name(),
            Self::Other(name) => name.to_owned(),
        }
    }
}

impl Asked {
    fn new(from: End, to: End, port: u16, path: Option<&'static str>) -> Self {
        Self {
            from,
            to,
            port,
            names: (from.name(), to.name()),
            path,
        }
    }

    /// For an interpreter or an engine.
    pub(crate) fn question(&self) -> Question<'_> {
        Question {
            from: &self.names.0,
            to: &self.names.1,
            protocol: Protocol::Tcp,
            port: self.port,
            request: self.path.map(|path| {
                Request::Http(HttpRequest {
                    method: "GET".to_owned(),
                    path: path.to_owned(),
                    ..HttpRequest::default()
                })
            }),
        }
    }
}

/// Every pod to every other, on the ports that flows name and one that none does;
/// and what stands around them.
pub(crate) fn questions(stack: &Stack) -> Vec<Asked> {
    let pods: Vec<End> = stack.workloads().map(End::Pod).collect();
    let mut all = Vec::new();
    for &from in &pods {
        for &to in pods.iter().filter(|to| **to != from) {
            all.push(Asked::new(from, to, PORTS[0], Some("/x")));
            all.push(Asked::new(from, to, PORTS[0], Some("/y")));
            all.push(Asked::new(from, to, PORTS[1], None));
            all.push(Asked::new(from, to, 1, None));
        }
        for outside in [INSIDE, EXCEPTED, OUTSIDE, API_SERVER] {
            all.push(Asked::new(from, End::Other(outside), OUTER_PORT, None));
            all.push(Asked::new(from, End::Other(outside), PORTS[0], None));
        }
        all.push(Asked::new(from, End::Other(METADATA), 80, None));
        all.push(Asked::new(from, End::Other(DNS), 1, None));
        all.push(Asked::new(from, End::Other(STRANGER), PORTS[0], None));
        for around in [STRANGER, HOST, OTHER_NODE, API_SERVER, OUTSIDE] {
            all.push(Asked::new(End::Other(around), from, PORTS[0], None));
            all.push(Asked::new(End::Other(around), from, OUTER_PORT, None));
        }
    }
    all.push(Asked::new(
        End::Other(STRANGER),
        End::Other(METADATA),
        80,
        None,
    ));
    all.push(Asked::new(
        End::Other(STRANGER),
        End::Other(OUTSIDE),
        OUTER_PORT,
        None,
    ));
    all
}

/// Whether it must get through: both ends have to let it.
pub(crate) fn is_allowed(stack: &Stack, asked: &Asked) -> bool {
    leaves(stack, asked) && arrives(stack, asked)
}

fn leaves(stack: &Stack, asked: &Asked) -> bool {
    // The guardrail is about every pod outside exempt namespaces, whatever the mode.
    if asked.to == End::Other(METADATA) {
        return !matches!(asked.from, End::Pod(_) | End::Other(STRANGER));
    }
    let End::Pod(from) = asked.from else {
        return true;
    };
    match stack.mode(from) {
        Mode::Observe | Mode::Audit => true,
        Mode::Enforce => is_declared(stack, asked),
    }
}

fn arrives(stack: &Stack, asked: &Asked) -> bool {
    let End::Pod(to) = asked.to else {
        return true;
    };
    match stack.mode(to) {
        Mode::Observe | Mode::Audit => true,
        // The node's own host reaches its pods through any default deny, so that
        // the kubelet can probe them: `allow-localhost` of Cilium on Kubernetes.
        Mode::Enforce => asked.from == End::Other(HOST) || is_declared(stack, asked),
    }
}

fn is_declared(stack: &Stack, asked: &Asked) -> bool {
    let flows = || stack.flows.iter();
    let denied = flows().any(|flow| match flow {
        Flow::Between(from, to, Way::Denied(port)) => {
            End::Pod(*from) == asked.from && End::Pod(*to) == asked.to && *port == asked.port
        }
        _ => false,
    });
    !denied && flows().any(|flow| allows(*flow, asked))
}

fn allows(flow: Flow, asked: &Asked) -> bool {
    match flow {
        Flow::Between(from, to, way) => {
            let ends = End::Pod(from) == asked.from && End::Pod(to) == asked.to;
            ends && match way {
                Way::Port(port) => port == asked.port,
                Way::Everything => true,
                Way::Request => asked.port == PORTS[0] && asked.path == Some("/x"),
                Way::Denied(_) => false,
            }
        }
        Flow::ToRange(from) => {
            End::Pod(from) == asked.from
                && asked.to == End::Other(INSIDE)
                && asked.port == OUTER_PORT
        }
        Flow::ToApiServer(from) => {
            End::Pod(from) == asked.from
                && asked.to == End::Other(API_SERVER)
                && asked.port == OUTER_PORT
        }
        Flow::FromWorld(to) => {
            asked.from == End::Other(OUTSIDE)
                && End::Pod(to) == asked.to
                && asked.port == OUTER_PORT
        }
    }
}
