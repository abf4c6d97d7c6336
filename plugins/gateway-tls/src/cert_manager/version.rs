//! What the versions of cert-manager differ in.

use serde_json::{Value, json};
use ztgit_plugin::Diagnostic;

use crate::config::{CertManager, Config};
use crate::version::minor;

/// A minor version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version((u32, u32));

impl Version {
    /// Gateways are supported without a feature gate since then.
    const OLDEST: Self = Self((1, 15));
    pub(crate) const NEWEST: Self = Self((1, 21));

    /// That of the config, if it is one.
    pub(crate) fn of(settings: &CertManager) -> Option<Self> {
        minor(&settings.version).map(Self)
    }

    /// The field of its configuration that makes it look at Gateways: another
    /// one since 1.21, which calls the first deprecated.
    pub(crate) fn gateway_switch(self) -> (&'static str, Value) {
        if self < Self((1, 21)) {
            ("enableGatewayAPI", true.into())
        } else {
            ("gatewayAPI", json!({"enabled": true}))
        }
    }

    /// Whether the annotation `cert-manager.io/ignore-tls-listeners` is known.
    pub(crate) fn ignores_listeners(self) -> bool {
        self >= Self((1, 21))
    }
}

/// Whether it is a version that works with Gateways.
pub(crate) fn check(config: &Config) -> Option<Diagnostic> {
    let text = &config.cert_manager.version;
    let newest = "use 1.21, such as v1.21.1";
    let message = match Version::of(&config.cert_manager) {
        None => format!("`{text}` is not a version of cert-manager"),
        Some(version) if version < Version::OLDEST => {
            format!("cert-manager {text} ignores Gateways unless a feature gate is opened")
        }
        Some(version) if version > Version::NEWEST => {
            let message = format!(
                "cert-manager {text} is newer than what is known here: that its switch for \
                 Gateways is the same cannot be promised"
            );
            return Some(
                Diagnostic::warning("cert-manager-version", message)
                    .at_config(["certManager", "version"])
                    .hint(newest),
            );
        }
        Some(_) => return None,
    };
    Some(
        Diagnostic::error("cert-manager-version", message)
            .at_config(["certManager", "version"])
            .hint(newest),
    )
}
