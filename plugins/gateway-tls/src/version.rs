//! Versions of what others publish.

/// Major and minor version: where a `v` stands in front, behind it.
pub(crate) fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.');
    let mut number = || parts.next()?.parse().ok();
    Some((number()?, number()?))
}
