//! Hashing for the tables: short keys, 32 bits, the same on every target.

/// A hash in the making (the mixing steps of MurmurHash3, which need nothing wider than 32 bits).
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Hash(u32);

impl Hash {
    pub(crate) const fn new() -> Self {
        Self(0x9747_b28c)
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) const fn number(self, number: u32) -> Self {
        let scrambled = number.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        Self((self.0 ^ scrambled).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64))
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<4>();
        let hash = words.iter().fold(self, |hash, word| hash.number(u32::from_le_bytes(*word)));
        let last = rest.iter().fold(1, |last: u32, byte| last << 8 | u32::from(*byte));
        hash.number(last)
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) const fn finish(self) -> u32 {
        let hash = (self.0 ^ self.0 >> 16).wrapping_mul(0x85eb_ca6b);
        let hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
        hash ^ hash >> 16
    }
}

/// A hash of 64 bits of long runs of bytes (the mixing step of wyhash), to tell whether they are those that were there
/// before: that others are taken for them by chance happens once in 2⁶⁴ times. It is made for 64-bit targets; each step
/// takes in 32 bytes.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Digest(u64, u64);

impl Digest {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9)
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        const STEP: usize = 32;
        let (steps, rest) = bytes.as_chunks::<STEP>();
        let digest = steps.iter().fold(self, Self::step);
        // What is left over is read with what stands before it.
        let last = bytes.last_chunk::<STEP>().copied().unwrap_or_else(|| {
            let mut last = [0; STEP];
            last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
            last
        });
        let Self(a, b) = digest.step(&last);
        Self(a ^ bytes.len() as u64, b)
    }

    #[inline(always)]
    fn step(self, bytes: &[u8; 32]) -> Self {
        let words = bytes.as_chunks::<8>().0;
        let [a, b, c, d] = core::array::from_fn(|at| words.get(at).map_or(0, |word| u64::from_le_bytes(*word)));
        Self(folded(self.0 ^ a, b ^ 0xa076_1d64_78bd_642f), folded(self.1 ^ c, d ^ 0xe703_7ed1_a0b4_28db))
    }

    /// Never 0.
    pub(crate) const fn finish(self) -> u64 {
        folded(self.0 ^ 0x8ebc_6af0_9c88_c6e3, self.1.rotate_left(32) ^ 0x5899_65cc_7537_4cc3) | 1
    }
}

/// Both halves of the product.
#[inline(always)]
const fn folded(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    product as u64 ^ (product >> 64) as u64
}

/// The bucket of a hash among `buckets`: below `buckets`, unless that is 0.
pub(crate) const fn bucket(hash: u32, buckets: usize) -> usize {
    ((hash as u64).wrapping_mul(buckets as u64) >> 32) as usize
}
