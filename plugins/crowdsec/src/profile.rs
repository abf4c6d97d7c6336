//! How long CrowdSec bans.
//!
//! CrowdSec reads `profiles.yaml.local` before `profiles.yaml` and stops at the
//! first profile that matches, so these two win over the packaged ones.

use crate::duration::BanDuration;

/// The profiles for single addresses and for ranges.
pub(crate) fn render(duration: BanDuration) -> String {
    let profile = |scope: &str| {
        format!(
            "\
name: ztgit_{name}_ban
filters:
  - 'Alert.Remediation == true && Alert.GetScope() == \"{scope}\"'
decisions:
  - type: ban
    duration: {duration}
on_success: break
",
            name = scope.to_lowercase()
        )
    };
    format!(
        "# Rendered by ztgit. CrowdSec reads this before profiles.yaml.\n{}---\n{}",
        profile("Ip"),
        profile("Range")
    )
}
