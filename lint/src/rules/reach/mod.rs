//! Who reaches whom, all policies together.

pub(super) mod cert_manager_closed;
pub(super) mod flux_closed;
pub(super) mod gateway_closed;
pub(super) mod half_flow;
pub(super) mod metadata_open;

use ztgit_policy::model::Protocol;

use crate::subject::Subject;

/// Where k3s and kubeadm have the API server, behind its Service.
const API_PORT: u16 = 6443;

/// A connection over TCP without which something cannot do its work.
struct Need<'n> {
    from: &'n str,
    to: &'n str,
    port: u16,
    /// What it cannot do.
    purpose: &'static str,
}

/// The needs that policies refuse.
fn refused<'n>(
    subject: &Subject<'_>,
    needs: impl IntoIterator<Item = Need<'n>>,
) -> impl Iterator<Item = Need<'n>> {
    let neighbourhood = subject.neighbourhood();
    needs.into_iter().filter(|need| {
        let asked = neighbourhood.ask((need.from, need.to), (Protocol::Tcp, need.port));
        asked.is_some_and(|verdict| !verdict.is_allowed())
    })
}
