//! Flows, with the shorthands that make them short to write.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::{Action, Authentication, Entity, Icmp, Labels, Protocol};

/// Who may (or may not) reach whom.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlowSpec {
    /// Who opens the connection: `namespace/workload`, `namespace/*`, or an
    /// object with one of `entity`, `cidr`, `fqdn`, `nodes`, `pods`.
    pub from: PeerSpec,
    /// Who is reached.
    pub to: PeerSpec,
    /// The port: its name at the workload that is reached, or a number.
    #[serde(default)]
    pub port: Option<PortSpec>,
    /// Several ports.
    #[serde(default)]
    pub ports: Vec<PortSpec>,
    /// ICMP messages instead of ports: `echo` (both families), or a family and
    /// a type.
    #[serde(default)]
    pub icmp: Vec<IcmpSpec>,
    /// Only these requests.
    #[serde(default)]
    pub http: Vec<HttpSpec>,
    /// Only calls of these gRPC services or methods: `package.Service` or
    /// `package.Service/Method`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_.]*(/[A-Za-z_][A-Za-z0-9_]*)?$")))]
    pub grpc: Vec<String>,
    /// Only TLS connections for these names (SNI).
    #[serde(default)]
    pub server_names: Vec<String>,
    /// `required`: the CNI authenticates both ends. Off by default.
    #[serde(default)]
    pub authentication: Authentication,
    /// `allow` (the default) or `deny`.
    #[serde(default)]
    pub action: Action,
}

/// One end of a flow.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum PeerSpec {
    /// `namespace/workload` or `namespace/*`.
    Short(String),
    /// Anything else.
    Object(PeerObject),
}

/// One end of a flow that is not a declared workload: exactly one of these.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PeerObject {
    /// `gateway`, `world`, `cluster`, `host`, `remote-node`, `kube-apiserver`
    /// or `health`.
    pub entity: Option<Entity>,
    /// An address range outside the cluster.
    pub cidr: Option<Cidr>,
    /// Less these, with `cidr`.
    pub except: Vec<Cidr>,
    /// A DNS name outside the cluster; `*.` in front stands for one label.
    pub fqdn: Option<String>,
    /// The cluster's nodes by label; all of them for `{}`.
    pub nodes: Option<NodesObject>,
    /// Pods by label that are not a declared workload.
    pub pods: Option<PodsObject>,
}

/// Nodes by label.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NodesObject {
    /// Their labels.
    pub labels: Labels,
}

/// ICMP messages.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum IcmpSpec {
    /// By name.
    Name(IcmpName),
    /// By number.
    Number(Icmp),
}

/// ICMP messages with a name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IcmpName {
    /// Echo requests of both families: ping.
    Echo,
}

impl JsonSchema for IcmpSpec {
    fn schema_name() -> Cow<'static, str> {
        "IcmpMessage".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        or_object::<Icmp>(generator, &["string"], |schema| {
            schema.insert("pattern".to_owned(), "^echo$".into());
        })
    }
}

/// Pods by label.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodsObject {
    /// Their namespace.
    pub namespace: String,
    /// Their labels; all pods of the namespace without.
    #[serde(default)]
    pub labels: Labels,
}

/// A port by number or name, or with protocol and range.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum PortSpec {
    /// A TCP port.
    Number(u16),
    /// A port of the workload that is reached.
    Name(String),
    /// Anything else.
    Full(PortObject),
}

/// A port with its protocol, or a range.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PortObject {
    /// The port, or the first of the range.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// The last of the range.
    #[serde(default)]
    #[schemars(range(min = 1, max = 65535))]
    pub end_port: Option<u16>,
    /// `TCP` (the default), `UDP` or `SCTP`.
    #[serde(default)]
    pub protocol: Protocol,
}

/// A request; what is absent is not looked at.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1))]
pub struct HttpSpec {
    /// A method, such as `GET`.
    #[schemars(regex(pattern = r"^[A-Z]+$"))]
    pub method: Option<String>,
    /// The path, literal; a query string is always admitted.
    #[schemars(regex(pattern = r"^/"))]
    pub path: Option<String>,
    /// The path with its query as a regular expression (RE2) that has to match
    /// all of it.
    pub path_regex: Option<String>,
    /// The `Host` header.
    pub host: Option<String>,
    /// Headers with exactly these values.
    pub headers: Labels,
}

/// A schema that takes either a scalar of these types or the object `T`. One
/// flat schema instead of `anyOf`: its errors say which property is wrong.
pub(super) fn or_object<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    scalars: &[&str],
    more: impl FnOnce(&mut Map<String, Value>),
) -> Schema {
    let mut schema = match T::json_schema(generator).to_value() {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    let mut types: Vec<&str> = scalars.to_vec();
    types.push("object");
    schema.insert("type".to_owned(), json!(types));
    more(&mut schema);
    schema.into()
}

/// A schema that takes either the number of a port or the object `T`.
pub(super) fn or_port_number<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    or_object::<T>(generator, &["integer"], |schema| {
        schema.insert("minimum".to_owned(), 1.into());
        schema.insert("maximum".to_owned(), 65535.into());
    })
}

impl JsonSchema for PeerSpec {
    fn schema_name() -> Cow<'static, str> {
        "Peer".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        or_object::<PeerObject>(generator, &["string"], |schema| {
            schema.insert(
                "pattern".to_owned(),
                "^[a-z0-9-]+/([a-z0-9.-]+|\\*)$".into(),
            );
            schema.insert("minProperties".to_owned(), 1.into());
        })
    }
}

impl JsonSchema for PortSpec {
    fn schema_name() -> Cow<'static, str> {
        "Port".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        or_object::<PortObject>(generator, &["integer", "string"], |schema| {
            schema.insert("minimum".to_owned(), 1.into());
            schema.insert("maximum".to_owned(), 65535.into());
        })
    }
}
