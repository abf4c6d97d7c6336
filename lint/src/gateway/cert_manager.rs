//! How cert-manager is installed.

use serde_json::Value;

use super::minor;
use crate::json::{list, text};
use crate::spot::ObjectSpot;
use crate::subject::{Object, Subject};

/// cert-manager's release.
pub(crate) struct Release<'s> {
    /// Its object.
    pub(crate) spot: ObjectSpot<'s>,
    /// Its minor version, if the objects say which.
    pub(crate) version: Option<(u32, u32)>,
}

/// The release of cert-manager's chart, if it is among the objects.
pub(crate) fn release<'s>(subject: &'s Subject<'s>) -> Option<Release<'s>> {
    let mut releases = subject.of_kind("helm.toolkit.fluxcd.io", "HelmRelease");
    let spot = releases.find(|release| {
        let release = release.object;
        let name = text(release.value, "/spec/releaseName");
        let chart = text(release.value, "/spec/chart/spec/chart");
        chart == "cert-manager" || name == "cert-manager" || release.name() == "cert-manager"
    })?;
    let chart = text(spot.object.value, "/spec/chart/spec/version");
    let version = minor(chart).or_else(|| minor(&source_tag(subject, spot.object)?));
    Some(Release { spot, version })
}

fn source_tag(subject: &Subject<'_>, release: &Object<'_>) -> Option<String> {
    let name = text(release.value, "/spec/chartRef/name");
    let mut sources = subject.of_kind("source.toolkit.fluxcd.io", "OCIRepository");
    let source = sources.find(|source| {
        let source = source.object;
        source.name() == name && source.namespace() == release.namespace()
    })?;
    Some(text(source.object.value, "/spec/ref/tag").to_owned())
}

impl Release<'_> {
    /// Whether it is told to look at Gateways, by the name that its version has for
    /// that.
    pub(crate) fn looks_at_gateways(&self) -> bool {
        let on = |pointer: &str| {
            let value = self
                .spot
                .object
                .value
                .pointer(&format!("/spec/values{pointer}"));
            value == Some(&Value::Bool(true))
        };
        let arguments = list(self.spot.object.value, "/spec/values/extraArgs").iter();
        let mut arguments = arguments.filter_map(Value::as_str);
        let since_1_21 = self.version.is_none_or(|version| version >= (1, 21));
        on("/config/enableGatewayAPI")
            || (since_1_21 && on("/config/gatewayAPI/enabled"))
            || arguments.any(|argument| argument.starts_with("--enable-gateway-api"))
    }
}
