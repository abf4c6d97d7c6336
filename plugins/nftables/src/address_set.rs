//! Addresses as nft matches them: each family by itself, and no range that
//! lies within another, because nft refuses intervals that overlap.

use std::collections::BTreeSet;

use ztgit_plugin::Cidr;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

impl Family {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// How a rule names it.
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::V4 => "ip",
            Self::V6 => "ip6",
        }
    }

    /// What ends the names of its sets.
    pub(crate) fn suffix(self) -> char {
        match self {
            Self::V4 => '4',
            Self::V6 => '6',
        }
    }
}

/// Ranges that do not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AddressSet(BTreeSet<Cidr>);

impl AddressSet {
    /// Whether it has addresses of that family.
    pub(crate) fn has(&self, family: Family) -> bool {
        self.of(family).next().is_some()
    }

    /// The families of which it has addresses.
    pub(crate) fn families(&self) -> impl Iterator<Item = Family> {
        Family::ALL.into_iter().filter(|family| self.has(*family))
    }

    /// The elements of one family, comma-separated; single addresses without
    /// their prefix.
    pub(crate) fn elements(&self, family: Family) -> String {
        self.of(family).map(element).collect::<Vec<_>>().join(", ")
    }

    /// What stands behind `saddr`: one element as it is, more as a set.
    pub(crate) fn operand(&self, family: Family) -> String {
        let elements = self.elements(family);
        if self.of(family).nth(1).is_some() {
            format!("{{ {elements} }}")
        } else {
            elements
        }
    }

    /// The ranges of one family.
    pub(crate) fn of(&self, family: Family) -> impl Iterator<Item = &Cidr> {
        self.0
            .iter()
            .filter(move |range| range.is_ipv4() == (family == Family::V4))
    }
}

impl FromIterator<Cidr> for AddressSet {
    fn from_iter<I: IntoIterator<Item = Cidr>>(ranges: I) -> Self {
        let all: BTreeSet<Cidr> = ranges.into_iter().collect();
        let within_another = |range: &Cidr| {
            all.iter()
                .any(|other| other != range && other.contains(range))
        };
        Self(
            all.iter()
                .filter(|range| !within_another(range))
                .copied()
                .collect(),
        )
    }
}

fn element(range: &Cidr) -> String {
    let net = range.net();
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[&str]) -> AddressSet {
        ranges
            .iter()
            .map(|range| range.parse::<Cidr>().unwrap())
            .collect()
    }

    #[test]
    fn families_are_apart_and_ranges_within_others_are_gone() {
        let set = set(&[
            "10.1.0.0/16",
            "fd00::/8",
            "10.0.0.0/8",
            "192.168.1.7/32",
            "10.0.0.0/8",
        ]);
        assert_eq!(set.elements(Family::V4), "10.0.0.0/8, 192.168.1.7");
        assert_eq!(set.elements(Family::V6), "fd00::/8");
    }

    #[test]
    fn several_elements_are_a_set_and_one_is_not() {
        assert_eq!(set(&["10.0.0.0/8"]).operand(Family::V4), "10.0.0.0/8");
        assert_eq!(
            set(&["10.0.0.0/8", "192.168.1.7/32"]).operand(Family::V4),
            "{ 10.0.0.0/8, 192.168.1.7 }"
        );
    }
}
