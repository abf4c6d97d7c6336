//! Random numbers that are no secret: a call's are those of every other call.

/// `SplitMix64` (Steele, Lea, Flood 2014) from a fixed seed.
#[derive(Debug, Default)]
pub(super) struct Sequence(u64);

impl Sequence {
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count.next_multiple_of(8));
        while bytes.len() < count {
            bytes.extend(self.number().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Sequence;

    /// The generator's published first outputs for the seed 0.
    #[test]
    fn the_sequence_is_that_of_splitmix64() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.number(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(sequence.number(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn any_count_of_bytes_can_be_had() {
        for count in [0, 1, 8, 9] {
            assert_eq!(Sequence::default().bytes(count).len(), count);
        }
    }
}
