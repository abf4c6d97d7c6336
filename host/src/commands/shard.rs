//! A share of the clusters, for renders on several machines.

use std::str::FromStr;

use crate::tree::Sha256;

/// Share `index` of `count`. A cluster's share depends on its name alone, so other
/// clusters may come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    index: u64,
    count: u64,
}

impl Shard {
    /// Whether a cluster belongs to the share.
    pub(crate) fn has(self, name: &str) -> bool {
        let digest = Sha256::of(name.as_bytes());
        let first = digest
            .as_bytes()
            .first_chunk()
            .expect("a digest has 32 bytes");
        u64::from_be_bytes(*first) % self.count == self.index
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parsed {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            Some(_) => Err("the share is one of 0/N to N-1/N"),
            None => Err("a share is two numbers, such as 0/4"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cluster_is_in_one_share() {
        let shards: Vec<Shard> = (0..5).map(|index| Shard { index, count: 5 }).collect();
        for number in 0..1_000 {
            let name = format!("cluster-{number}");
            let holding = shards.iter().filter(|shard| shard.has(&name));
            assert_eq!(holding.count(), 1, "{name}");
        }
    }

    #[test]
    fn a_share_beyond_the_last_is_refused() {
        assert_eq!("1/2".parse(), Ok(Shard { index: 1, count: 2 }));
        for text in ["2/2", "0/0", "1", "-1/2", "a/b", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
