//! Where the plugin's files go on a node.

/// The packages' own list of logs.
pub(crate) const ACQUISITION: &str = "/etc/crowdsec/acquis.yaml";

/// Every `*.yaml` here is read as well.
pub(crate) const ACQUISITION_DIRECTORY: &str = "/etc/crowdsec/acquis.d/";

/// Whom never to ban.
pub(crate) const WHITELIST: &str = "/etc/crowdsec/parsers/s02-enrich/ztgit-whitelist.yaml";

/// Profiles that CrowdSec tries before those in `profiles.yaml`.
pub(crate) const PROFILES: &str = "/etc/crowdsec/profiles.yaml.local";

/// The bouncer's configuration; it merges the file of the same name with
/// `.local` behind it, where the key is.
pub(crate) const BOUNCER: &str = "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml";

/// The step that installs engine and bouncer.
pub(crate) const STEP: &str = "/usr/local/lib/ztgit/install.d/40-crowdsec.sh";

/// All of them, for the plugin's grants.
pub(crate) const ALL: [&str; 6] = [
    ACQUISITION,
    ACQUISITION_DIRECTORY,
    WHITELIST,
    PROFILES,
    BOUNCER,
    STEP,
];
