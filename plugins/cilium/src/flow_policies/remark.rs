//! What is worth knowing about a flow that works.

use ztgit_plugin::Diagnostic;
use ztgit_plugin::cluster::{Action, Mode, Peer, Resolver};

use super::Half;
use crate::context::Context;
use crate::cover;
use crate::flows::Wanted;
use crate::policy::dns::PORTS;
use crate::stance::{SYSTEM_NAMESPACE, mode_of};

/// All remarks about a flow.
pub(crate) fn remarks(context: &Context<'_>, wanted: &Wanted) -> Vec<Diagnostic> {
    [open_dns(context, wanted), musl(context, wanted)]
        .into_iter()
        .flatten()
        .collect()
}

/// A plain way to the DNS server voids the lists of names: any name may then be
/// looked up, which is a way out of the cluster.
fn open_dns(context: &Context<'_>, wanted: &Wanted) -> Option<Diagnostic> {
    let flow = &wanted.flow;
    let (from, _) = context.cluster.pods_of(&flow.from)?;
    let applies = mode_of(context.cluster, from).is_some_and(|mode| mode >= Mode::Audit);
    let server = Peer::Pods {
        namespace: SYSTEM_NAMESPACE.to_owned(),
        labels: [("k8s-app".to_owned(), "kube-dns".to_owned())].into(),
    };
    let opens = applies
        && flow.action == Action::Allow
        && flow.icmp.is_empty()
        && cover::covers(context.cluster, &flow.to, &server)
        && PORTS.iter().any(|port| cover::on_port(&flow.ports, *port));
    opens.then(|| {
        let message = format!(
            "{} opens the cluster's DNS for every name, which voids the names that are listed",
            wanted.title()
        );
        wanted
            .locate(Diagnostic::warning("dns-open", message), &["to"])
            .hint("name the ports that are meant, or the workload")
            .hint("look-ups need no flow: the cluster's names are allowed, others by `fqdn` or `dnsNames`")
    })
}

/// musl gives up at the first refusal, and the names of a search list that no
/// rule knows are refused.
fn musl(context: &Context<'_>, wanted: &Wanted) -> Option<Diagnostic> {
    let (from, Peer::Fqdn(name)) = Half::Egress.ends(wanted) else {
        return None;
    };
    let Peer::Workload {
        namespace,
        name: workload,
    } = from
    else {
        return None;
    };
    let declared = context.cluster.namespaces.get(namespace)?;
    let resolver = declared.workloads.get(workload)?.resolver;
    let answer = context.value("dnsProxy.dnsRejectResponseCode")?;
    let refused = resolver == Resolver::Musl
        && answer != "nameError"
        && context.config.search_domains.is_empty();
    refused.then(|| {
        let message = format!(
            "{} may not find `{name}`: musl gives up where a name of its search list is refused",
            wanted.title()
        );
        wanted
            .locate(Diagnostic::warning("musl-refused", message), &["to"])
            .hint("set `dnsProxy.dnsRejectResponseCode: nameError`, or leave it out of `values`")
            .hint("or name the nodes' search domains in `searchDomains`")
    })
}
