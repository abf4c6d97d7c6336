//! Who is at the other end of a rule.

use super::reading::{Field, Object, Reader};
use super::{Direction, Pointer, Selector};

/// The kinds of peers, each a field of its own in a rule of Cilium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeerKind {
    /// `fromEndpoints`, `toEndpoints`.
    Endpoints,
    /// `fromEntities`, `toEntities`.
    Entities,
    /// `fromCIDR`, `toCIDR`.
    Cidr,
    /// `fromCIDRSet`, `toCIDRSet`.
    CidrSet,
    /// `fromNodes`, `toNodes`.
    Nodes,
    /// `fromGroups`, `toGroups`.
    Groups,
    /// `toFQDNs`.
    Fqdns,
    /// `toServices`.
    Services,
    /// `from` and `to` of a `NetworkPolicy`, where all kinds may be mixed.
    Kubernetes,
}

impl PeerKind {
    /// The field's name.
    pub fn field(self, direction: Direction) -> &'static str {
        let (ingress, egress) = match self {
            Self::Endpoints => ("fromEndpoints", "toEndpoints"),
            Self::Entities => ("fromEntities", "toEntities"),
            Self::Cidr => ("fromCIDR", "toCIDR"),
            Self::CidrSet => ("fromCIDRSet", "toCIDRSet"),
            Self::Nodes => ("fromNodes", "toNodes"),
            Self::Groups => ("fromGroups", "toGroups"),
            Self::Fqdns => ("toFQDNs", "toFQDNs"),
            Self::Services => ("toServices", "toServices"),
            Self::Kubernetes => ("from", "to"),
        };
        match direction {
            Direction::Ingress => ingress,
            Direction::Egress => egress,
        }
    }
}

/// One field of peers that is there, even if it is empty: an empty list of most
/// kinds selects nobody, an absent one does not restrict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerList {
    /// Which field.
    pub kind: PeerKind,
    /// Where it stands.
    pub pointer: Pointer,
    /// Its items.
    pub peers: Vec<Peer>,
}

/// One item of such a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Where it stands.
    pub pointer: Pointer,
    /// Whom it selects.
    pub selector: PeerSelector,
}

/// How a peer is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerSelector {
    /// Endpoints by their labels.
    Endpoints(Selector),
    /// Nodes by their labels.
    Nodes(Selector),
    /// An entity; [`Entity::parse`] knows the names.
    Entity(String),
    /// An address or a range.
    Cidr(String),
    /// A range with exceptions, or a group of ranges.
    CidrRule(CidrRule),
    /// A DNS name or a pattern of names.
    Fqdn {
        /// `matchName`.
        name: Option<String>,
        /// `matchPattern`.
        pattern: Option<String>,
    },
    /// A service of Kubernetes.
    Service {
        /// `k8sService.serviceName`.
        name: Option<String>,
        /// The namespace of either form.
        namespace: Option<String>,
        /// `k8sServiceSelector.selector`.
        selector: Option<Selector>,
    },
    /// A group of a cloud provider.
    Group,
    /// `podSelector` and `namespaceSelector` of a `NetworkPolicy`.
    Pods {
        /// Absent: every pod.
        pods: Option<Selector>,
        /// Absent: the policy's own namespace.
        namespaces: Option<Selector>,
    },
}

/// An item of `fromCIDRSet` or `toCIDRSet`, or an `ipBlock`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CidrRule {
    /// The range.
    pub cidr: Option<String>,
    /// What is left out of it, with places.
    pub except: Vec<(Pointer, String)>,
    /// The name of a `CiliumCIDRGroup`.
    pub group: Option<String>,
    /// Labels of `CiliumCIDRGroup`s.
    pub group_selector: Option<Selector>,
}

/// Whom a rule concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Nobody: an empty list of peers, or neither peers nor ports. Such a rule still
    /// counts for the default deny.
    Nobody,
    /// Everybody, inside and outside the cluster.
    Everybody,
    /// Who is selected by one of these.
    Peers(Vec<&'a Peer>),
}

/// Endpoints known by what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are Cilium's own")]
pub enum Entity {
    All,
    Cluster,
    ClusterMesh,
    Health,
    Host,
    Ingress,
    Init,
    KubeApiserver,
    None,
    RemoteNode,
    Unmanaged,
    World,
    WorldIpv4,
    WorldIpv6,
}

impl Entity {
    /// Every entity with its name.
    pub const NAMES: [(&'static str, Self); 14] = [
        ("all", Self::All),
        ("cluster", Self::Cluster),
        ("cluster-mesh", Self::ClusterMesh),
        ("health", Self::Health),
        ("host", Self::Host),
        ("ingress", Self::Ingress),
        ("init", Self::Init),
        ("kube-apiserver", Self::KubeApiserver),
        ("none", Self::None),
        ("remote-node", Self::RemoteNode),
        ("unmanaged", Self::Unmanaged),
        ("world", Self::World),
        ("world-ipv4", Self::WorldIpv4),
        ("world-ipv6", Self::WorldIpv6),
    ];

    /// The entity of a name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.into_iter();
        names.find_map(|(known, entity)| (known == name).then_some(entity))
    }
}

/// The lists of peers of a rule of Cilium, of the kinds that its section has.
pub(super) fn read_lists(
    reader: &mut Reader,
    rule: &Object<'_>,
    direction: Direction,
    kinds: &[PeerKind],
) -> Vec<PeerList> {
    let lists = kinds.iter().filter_map(|&kind| {
        let field = rule.get(kind.field(direction))?;
        let pointer = field.pointer();
        let peers = reader.list(Some(field), |reader, item| read_peer(reader, kind, item))?;
        Some(PeerList {
            kind,
            pointer,
            peers,
        })
    });
    lists.collect()
}

fn read_peer(reader: &mut Reader, kind: PeerKind, field: &Field<'_>) -> Option<Peer> {
    let selector = match kind {
        PeerKind::Endpoints => PeerSelector::Endpoints(Selector::read(reader, field)?),
        PeerKind::Nodes => PeerSelector::Nodes(Selector::read(reader, field)?),
        PeerKind::Entities => PeerSelector::Entity(reader.text(Some(*field))?),
        PeerKind::Cidr => PeerSelector::Cidr(reader.text(Some(*field))?),
        PeerKind::CidrSet => PeerSelector::CidrRule(read_cidr_rule(reader, field)?),
        PeerKind::Fqdns => read_fqdn(reader, field)?,
        PeerKind::Services => read_service(reader, field)?,
        PeerKind::Groups => {
            reader.object(field, &["aws"])?;
            PeerSelector::Group
        }
        PeerKind::Kubernetes => super::kubernetes::read_peer(reader, field)?,
    };
    Some(Peer {
        pointer: field.pointer(),
        selector,
    })
}

fn read_cidr_rule(reader: &mut Reader, field: &Field<'_>) -> Option<CidrRule> {
    let known = &["cidr", "cidrGroupRef", "cidrGroupSelector", "except"];
    let object = reader.object(field, known)?;
    Some(CidrRule {
        cidr: reader.text(object.get("cidr")),
        except: read_places(reader, object.get("except")),
        group: reader.text(object.get("cidrGroupRef")),
        group_selector: object
            .get("cidrGroupSelector")
            .and_then(|field| Selector::read(reader, &field)),
    })
}

/// Texts with their places.
pub(super) fn read_places(reader: &mut Reader, field: Option<Field<'_>>) -> Vec<(Pointer, String)> {
    reader
        .list(field, |reader, item| {
            Some((item.pointer(), reader.text(Some(*item))?))
        })
        .unwrap_or_default()
}

fn read_fqdn(reader: &mut Reader, field: &Field<'_>) -> Option<PeerSelector> {
    let object = reader.object(field, &["matchName", "matchPattern"])?;
    Some(PeerSelector::Fqdn {
        name: reader.text(object.get("matchName")),
        pattern: reader.text(object.get("matchPattern")),
    })
}

fn read_service(reader: &mut Reader, field: &Field<'_>) -> Option<PeerSelector> {
    let object = reader.object(field, &["k8sService", "k8sServiceSelector"])?;
    let named = object
        .get("k8sService")
        .and_then(|field| reader.object(&field, &["serviceName", "namespace"]));
    let selected = object
        .get("k8sServiceSelector")
        .and_then(|field| reader.object(&field, &["selector", "namespace"]));
    let form = named.as_ref().or(selected.as_ref());
    Some(PeerSelector::Service {
        name: named
            .as_ref()
            .and_then(|form| reader.text(form.get("serviceName"))),
        namespace: form.and_then(|form| reader.text(form.get("namespace"))),
        selector: selected
            .as_ref()
            .and_then(|form| form.get("selector"))
            .and_then(|field| Selector::read(reader, &field)),
    })
}
