//! Texts that outlive the receive buffer, in a fixed place.

use core::fmt;

use crate::track::hash::Hash;
use crate::wire::{IS_FAST, Text};

/// The length that says that a text did not fit.
const CUT: u8 = u8::MAX;
/// Bytes of the hash that stands for the rest of a text that did not fit.
const HASH_LEN: usize = 8;

/// A text kept in `N` bytes, 12 to 254.
///
/// One of at most `N` bytes is kept as it is. Of a longer one the first `N - 8` bytes are kept and a hash of all of
/// it, so that two long texts still are equal only if they were (but for a chance of 2⁻⁶⁴), and only what is shown
/// is cut.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kept<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Kept<N> {
    /// No text.
    pub const EMPTY: Self = {
        assert!(N >= 12 && N < CUT as usize, "a kept text has 12 to 254 bytes");
        Self { bytes: [0; N], len: 0 }
    };

    /// Keeps `text`, up to its first NUL.
    #[must_use]
    pub fn new(text: Text<'_>) -> Self {
        Self::of(text.as_bytes())
    }

    /// Keeps bytes that may be no text.
    #[inline]
    pub(crate) fn of(source: &[u8]) -> Self {
        let mut kept = Self::EMPTY;
        kept.len = keep(&mut kept.bytes, source);
        kept
    }

    /// The text; the front of it if it [is cut](Self::is_cut).
    #[must_use]
    pub fn text(&self) -> Text<'_> {
        Text::new(self.raw())
    }

    /// What is kept, or the front of it.
    pub(crate) fn raw(&self) -> &[u8] {
        let len = if self.is_cut() { N.saturating_sub(HASH_LEN) } else { self.len.into() };
        self.bytes.get(..len).unwrap_or_default()
    }

    /// Whether the text was longer than what is kept of it.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.len == CUT
    }

    /// Whether there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether this is `text`.
    #[inline]
    #[must_use]
    pub fn is(&self, text: Text<'_>) -> bool {
        is(&self.bytes, self.len, text)
    }

    /// Whether this is what would be kept of these bytes.
    #[inline]
    pub(crate) fn has(&self, bytes: &[u8]) -> bool {
        has(&self.bytes, self.len, bytes)
    }

    /// The hash by which a table finds it: the same for `text` and for what is kept of `text`.
    pub(crate) fn hash(&self) -> u32 {
        Hash::new().bytes(self.hashed()).finish()
    }

    /// What the hash is of.
    pub(crate) fn hashed(&self) -> &[u8] {
        let len = if self.is_cut() { N } else { self.len.into() };
        self.bytes.get(..len).unwrap_or_default()
    }

    /// The hash that these bytes would have if they were kept.
    #[inline]
    pub(crate) fn hash_of(bytes: &[u8]) -> u32 {
        if bytes.len() <= N { Hash::new().bytes(bytes).finish() } else { hash_of_cut(N, bytes) }
    }
}

// ---- the same for a place of any size, once for all --------------------------------------------------

/// Keeps bytes in a place; their length, or that they are cut.
#[cfg_attr(not(target_pointer_width = "32"), inline)]
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn keep(place: &mut [u8], source: &[u8]) -> u8 {
    let Some(front) = place.get_mut(..source.len()) else { return cut(place, source) };
    front.copy_from_slice(source);
    source.len() as u8
}

#[cold]
#[inline(never)]
fn cut(place: &mut [u8], source: &[u8]) -> u8 {
    let front = source.iter().take(place.len().saturating_sub(HASH_LEN));
    place.iter_mut().zip(front.chain(&hash_of_rest(source))).for_each(|(place, byte)| *place = *byte);
    CUT
}

/// What stands for what is cut off.
fn hash_of_rest(source: &[u8]) -> [u8; HASH_LEN] {
    let low = Hash::new().bytes(source).finish();
    let high = Hash::new().number(low).bytes(source).finish();
    (u64::from(high) << 32 | u64::from(low)).to_be_bytes()
}

#[cfg_attr(not(target_pointer_width = "32"), inline)]
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn is(place: &[u8], len: u8, text: Text<'_>) -> bool {
    // A text that is kept has no NUL in it: mostly that need not be looked for.
    has(place, len, trimmed(text)) || has(place, len, text.as_bytes())
}

#[cfg_attr(not(target_pointer_width = "32"), inline)]
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn has(place: &[u8], len: u8, bytes: &[u8]) -> bool {
    match place.get(..bytes.len()) {
        Some(kept) => usize::from(len) == bytes.len() && same(kept, bytes),
        None => len == CUT && is_front_of(place, bytes),
    }
}

/// Whether what is kept in a place, cut, is of these bytes.
#[cold]
#[inline(never)]
fn is_front_of(place: &[u8], bytes: &[u8]) -> bool {
    let front = place.len().saturating_sub(HASH_LEN);
    place.split_at_checked(front).is_some_and(|(front, hash)| bytes.starts_with(front) && hash == hash_of_rest(bytes))
}

/// The hash of bytes that are cut in a place of `size` bytes.
#[cold]
#[inline(never)]
fn hash_of_cut(size: usize, bytes: &[u8]) -> u32 {
    let mut room = [0; CUT as usize];
    let place = room.get_mut(..size).unwrap_or_default();
    cut(place, bytes);
    Hash::new().bytes(place).finish()
}

/// The bytes of a text without the NUL at its end. A NUL in the middle is found when the text is read, and not each time
/// that it is told.
pub(crate) fn trimmed(text: Text<'_>) -> &[u8] {
    match text.raw().split_last() {
        Some((0, front)) => front,
        _ => text.raw(),
    }
}

/// Whether two short texts are the same. Most are shorter than what a call of `memcmp` is worth, unless it is room that
/// counts.
#[inline]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if !IS_FAST {
        return a == b;
    }
    if a.len() != b.len() {
        return false;
    }
    let (Some(last), Some(other_last)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) else {
        return same_short(a, b);
    };
    // The last word overlaps the one before.
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let differ = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b);
    words.map(differ).fold(differ((last, other_last)), |all, one| all | one) == 0
}

/// The same for fewer than eight bytes, and as many of each.
#[inline]
fn same_short(a: &[u8], b: &[u8]) -> bool {
    let word = |bytes: Option<&[u8; 4]>| bytes.copied().map(u32::from_ne_bytes);
    let ends = |bytes: &[u8]| word(bytes.first_chunk()).zip(word(bytes.last_chunk()));
    match ends(a).zip(ends(b)) {
        Some((ends, others)) => ends == others,
        None => a.iter().zip(b).all(|(a, b)| a == b),
    }
}

impl<const N: usize> Default for Kept<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> From<Text<'_>> for Kept<N> {
    fn from(text: Text<'_>) -> Self {
        Self::new(text)
    }
}

impl<const N: usize> fmt::Display for Kept<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.text(), f)
    }
}

impl<const N: usize> fmt::Debug for Kept<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text(), f)?;
        f.write_str(if self.is_cut() { "..." } else { "" })
    }
}

#[cfg(feature = "defmt")]
impl<const N: usize> defmt::Format for Kept<N> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::Format::format(&self.text(), f);
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn a_text_that_fits_is_kept_as_it_is() {
        let kept = Kept::<12>::new(Text::new(b"5001\0junk"));
        assert_eq!(kept.text(), "5001");
        assert!(kept.is(Text::from("5001")) && !kept.is(Text::from("500")) && !kept.is_cut());
        assert_eq!(kept.hash(), Kept::<12>::hash_of(b"5001"));
        assert_eq!(Kept::<12>::new(Text::from("123456789012")).text(), "123456789012");
    }

    #[test]
    fn long_texts_are_cut_and_still_told_apart() {
        let [a, b] = ["sip:5001@example.com", "sip:5001@example.org"].map(|text| Kept::<12>::new(text.into()));
        assert!(a.is_cut() && b.is_cut());
        assert_eq!((a.text(), format!("{b:?}")), ("sip:".into(), r#""sip:"..."#.into()));
        assert_ne!(a, b);
        assert!(a.is("sip:5001@example.com".into()) && !a.is("sip:5001@example.org".into()) && !a.is("sip:".into()));
        assert_eq!(a.hash(), Kept::<12>::hash_of(b"sip:5001@example.com"));
    }
}
