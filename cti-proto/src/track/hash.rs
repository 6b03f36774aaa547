//! Hashing for the tables: short keys, 32 bits, the same on every target.

/// A hash in the making (the mixing steps of MurmurHash3, which need nothing wider than 32 bits).
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Hash(u32);

impl Hash {
    pub(crate) const fn new() -> Self {
        Self(0x9747_b28c)
    }

    pub(crate) const fn number(self, number: u32) -> Self {
        let scrambled = number.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        Self((self.0 ^ scrambled).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64))
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<4>();
        let hash = words.iter().fold(self, |hash, word| hash.number(u32::from_le_bytes(*word)));
        let last = rest.iter().fold(1, |last: u32, byte| last << 8 | u32::from(*byte));
        hash.number(last)
    }

    pub(crate) const fn finish(self) -> u32 {
        let hash = (self.0 ^ self.0 >> 16).wrapping_mul(0x85eb_ca6b);
        let hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
        hash ^ hash >> 16
    }
}

/// The bucket of a hash among `buckets`: below `buckets`, unless that is 0.
pub(crate) const fn bucket(hash: u32, buckets: usize) -> usize {
    ((hash as u64).wrapping_mul(buckets as u64) >> 32) as usize
}
