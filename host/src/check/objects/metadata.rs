//! What an object says of itself beyond the shape of its fields: names that
//! an API server accepts, the namespace that its kind asks for, and nothing
//! that is not its author's to say.

use serde_json::{Map, Value};

use super::location::Location;
use super::report::Report;
use super::walk::{quoted, refused_null};
use super::{Scope, names};

/// Fields of `metadata` that an API server fills in.
const OF_THE_SERVER: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// How much text all annotations of an object may hold together.
const ANNOTATION_BYTES: usize = 256 * 1024;

/// What a kind asks of the names of its objects.
#[derive(Debug, Clone, Copy)]
enum NameRule {
    Subdomain,
    Label,
    Service,
    PathSegment,
}

/// Reports what is wrong; `scope` is none where the kind is unknown. Types of
/// fields are the schema's business.
pub(super) fn check(
    object: &Value,
    (api_version, kind): (&str, &str),
    scope: Option<Scope>,
    report: &mut Report,
) {
    check_status(object, report);
    let at = Location::Field(&Location::Root, "metadata");
    let Some(metadata) = object["metadata"].as_object() else {
        if object.get("metadata").is_none() {
            report.add(|| at.violation("required field `metadata` is missing"));
        }
        return;
    };
    check_name(metadata, NameRule::of(api_version, kind), &at, report);
    if let Some(scope) = scope {
        check_namespace(metadata, kind, scope, &at, report);
    }
    check_server_fields(metadata, &at, report);
    check_labels(metadata, &at, report);
    check_annotations(metadata, &at, report);
}

fn check_status(object: &Value, report: &mut Report) {
    let at = Location::Field(&Location::Root, "status");
    match object.get("status") {
        None => {}
        Some(Value::Null) => report.add(|| refused_null(&at)),
        Some(Value::Object(fields)) if fields.is_empty() => {}
        Some(_) => report.add(|| {
            at.violation("`status` is the cluster's to write")
                .hint("leave it out of the manifest")
        }),
    }
}

fn check_name(metadata: &Map<String, Value>, rule: NameRule, at: &Location, report: &mut Report) {
    if metadata.contains_key("generateName") {
        report.add(|| {
            at.field("generateName")
                .violation("`generateName` makes another object at every apply")
                .hint("set `metadata.name`")
        });
    }
    match metadata.get("name") {
        None => report.add(|| at.violation("required field `name` is missing")),
        Some(Value::String(name)) if !rule.accepts(name) => report.add(|| {
            let message = format!("{} is not {}", quoted(name), rule.describe());
            at.field("name").violation(message)
        }),
        Some(_) => {}
    }
}

fn check_namespace(
    metadata: &Map<String, Value>,
    kind: &str,
    scope: Scope,
    at: &Location,
    report: &mut Report,
) {
    match (scope, metadata.get("namespace")) {
        (Scope::Namespaced, None) => report.add(|| {
            at.violation(format!(
                "a {kind} lives in a namespace and this one names none"
            ))
            .hint("set `metadata.namespace`")
        }),
        (Scope::Namespaced, Some(Value::String(name))) if !names::is_label(name) => {
            report.add(|| {
                let message = format!("{} is not {}", quoted(name), NameRule::Label.describe());
                at.field("namespace").violation(message)
            });
        }
        (Scope::Cluster, Some(_)) => report.add(|| {
            at.field("namespace")
                .violation(format!("a {kind} is cluster-scoped and has no namespace"))
                .hint("remove `metadata.namespace`")
        }),
        _ => {}
    }
}

fn check_server_fields(metadata: &Map<String, Value>, at: &Location, report: &mut Report) {
    for (name, value) in metadata {
        if OF_THE_SERVER.contains(&name.as_str()) && !value.is_null() {
            report.add(|| {
                at.field(name)
                    .violation(format!("`{name}` is the API server's to write"))
            });
        }
    }
}

fn check_labels(metadata: &Map<String, Value>, at: &Location, report: &mut Report) {
    let at = at.field("labels");
    for (key, value) in entries(metadata, "labels") {
        check_key(key, &at, report);
        if !names::is_label_value(value) {
            report.add(|| {
                let message = format!("{} is not the value of a label", quoted(value));
                at.field(key).violation(message).hint(
                    "at most 63 letters, digits, `-`, `_` and `.`; first and last a letter or digit",
                )
            });
        }
    }
}

fn check_annotations(metadata: &Map<String, Value>, at: &Location, report: &mut Report) {
    let at = at.field("annotations");
    let mut bytes = 0;
    for (key, value) in entries(metadata, "annotations") {
        // Upper case is allowed in the prefix of an annotation.
        check_key(&key.to_ascii_lowercase(), &at, report);
        bytes += key.len() + value.len();
    }
    if bytes > ANNOTATION_BYTES {
        report.add(|| at.violation(format!("annotations hold {bytes} bytes, more than 256 KiB")));
    }
}

/// The entries whose value is a string.
fn entries<'a>(
    metadata: &'a Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = (&'a String, &'a str)> {
    let all = metadata
        .get(field)
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    all.filter_map(|(key, value)| Some((key, value.as_str()?)))
}

fn check_key(key: &str, at: &Location, report: &mut Report) {
    if !names::is_qualified(key) {
        report.add(|| {
            at.field(key).violation(format!(
                "{} is not a key such as `name` or `example.com/name`",
                quoted(key)
            ))
        });
    }
}

impl NameRule {
    fn of(api_version: &str, kind: &str) -> Self {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        match (group, kind) {
            ("rbac.authorization.k8s.io", _) | ("networking.k8s.io", "IPAddress") => {
                Self::PathSegment
            }
            ("", "Namespace") => Self::Label,
            ("", "Service") => Self::Service,
            _ => Self::Subdomain,
        }
    }

    fn accepts(self, name: &str) -> bool {
        match self {
            Self::Subdomain => names::is_subdomain(name),
            Self::Label => names::is_label(name),
            Self::Service => names::is_service_name(name),
            Self::PathSegment => names::is_path_segment(name),
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Subdomain => "a name of lower-case letters, digits, `-` and `.`",
            Self::Label => "a name of at most 63 lower-case letters, digits and `-`",
            Self::Service => {
                "a name of at most 63 lower-case letters, digits and `-`, first a letter"
            }
            Self::PathSegment => "a name without `/` and `%`",
        }
    }
}
