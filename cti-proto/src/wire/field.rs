//! Floating fields: tag, length, data, packed end to end until the body is over.
//!
//! What every message does is inlined for speed, except on 32-bit targets, where room is what counts.

use crate::protocol::{FieldFormat, Protocol};
use crate::wire::FieldValue;

/// Tags whose length is one byte in [`FieldFormat::WideTagNamedNarrow`].
const NAMED_TAGS: [u16; 2] = [82, 83];

/// No guide has a tag beyond 313.
const PLAUSIBLE_TAG: u16 = 511;

/// One floating field, not yet typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RawField<'a> {
    /// The tag; which field it names depends on the message.
    pub tag: u16,
    /// The data, without tag and length.
    pub data: &'a [u8],
}

/// Iterator over the floating fields of a body. It stops at the end, or at bytes that hold no whole field; these are
/// then its [`rest`](Fields::rest).
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    rest: &'a [u8],
    format: FieldFormat,
}

impl<'a> Fields<'a> {
    /// Walks `bytes`, the floating part of a message of `protocol`.
    ///
    /// Where the protocol leaves the format open, the bytes decide: the first format in which the fields fill them
    /// exactly and no tag is far beyond the known ones, else [`FieldFormat::Wide`].
    #[must_use]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub fn new(protocol: Protocol, bytes: &'a [u8]) -> Self {
        match protocol.format() {
            Some(format) => Self::with_format(format, bytes),
            None => Self::guess(bytes),
        }
    }

    pub(crate) const fn with_format(format: FieldFormat, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, format }
    }

    // Of one product in one version, and never of Unified CCE.
    #[cold]
    fn guess(bytes: &'a [u8]) -> Self {
        // First what Unified CCE did when it widened its tags. A wrong reading hardly ever comes out even.
        [FieldFormat::Wide, FieldFormat::WideTag, FieldFormat::WideTagNamedNarrow]
            .into_iter()
            .map(|format| Self::with_format(format, bytes))
            .find(|fields| fields.are_plausible())
            // Damaged in any reading: the error then tells it in the most probable one.
            .unwrap_or(Self::with_format(FieldFormat::Wide, bytes))
    }

    fn are_plausible(mut self) -> bool {
        self.by_ref().all(|field| field.tag <= PLAUSIBLE_TAG) && self.rest.is_empty()
    }

    /// What is not yet walked; after the last field, what holds none.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The format in use.
    #[must_use]
    pub const fn format(&self) -> FieldFormat {
        self.format
    }

    /// Goes on where `ahead`, a walk over the same fields, is.
    #[inline(always)]
    pub(crate) const fn go_to(&mut self, ahead: &Self) {
        self.rest = ahead.rest;
    }

    /// The value of the next field, if it has this tag and a size for its type; what is no such field stays.
    #[inline(always)]
    pub(crate) fn next_if<T: FieldValue<'a>>(&mut self, tag: u16) -> Option<T> {
        let [tag1, tag0] = tag.to_be_bytes();
        // Of a BOOL the length must be read, as it may be one of two.
        let size = if T::TYPE.has_one_size() { T::TYPE.size() } else { None };
        let (data, rest) = match (self.format, size) {
            // A byte holds no such tag, and the comparison below sees one byte only.
            (FieldFormat::Narrow, _) if tag1 != 0 => return None,
            (FieldFormat::Narrow, Some(size)) => split_field(self.rest, [tag0, size as u8], size)?,
            (FieldFormat::Wide, Some(size)) => split_field(self.rest, [tag1, tag0, 0, size as u8], size)?,
            (format, _) => {
                let (found, length, after) = header(format, self.rest)?;
                if found != tag {
                    return None;
                }
                after.split_at_checked(length)?
            }
        };
        let value = T::from_data(data)?;
        self.rest = rest;
        Some(value)
    }

    /// Tag of the truncated field at which the walk stopped, if its header is whole.
    #[must_use]
    pub fn truncated_tag(&self) -> Option<u16> {
        header(self.format, self.rest).map(|(tag, ..)| tag)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = RawField<'a>;

    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn next(&mut self) -> Option<RawField<'a>> {
        let (tag, length, after) = header(self.format, self.rest)?;
        // What is no whole field stays in `rest`, for the error to tell of.
        let (data, rest) = after.split_at_checked(length)?;
        self.rest = rest;
        Some(RawField { tag, data })
    }
}

#[inline(always)]
fn header(format: FieldFormat, bytes: &[u8]) -> Option<(u16, usize, &[u8])> {
    match format {
        FieldFormat::Narrow => {
            let (&[tag, length], rest) = bytes.split_first_chunk()?;
            Some((u16::from(tag), usize::from(length), rest))
        }
        FieldFormat::Wide => {
            let (head, rest) = bytes.split_first_chunk()?;
            let head = u32::from_be_bytes(*head);
            Some(((head >> 16) as u16, usize::from(head as u16), rest))
        }
        FieldFormat::WideTag | FieldFormat::WideTagNamedNarrow => mixed_header(format, bytes),
    }
}

/// The data of the field at the front of `bytes` and what is behind it, if its header is `head` and its size `size`:
/// where both are constants, one comparison each.
#[inline(always)]
fn split_field<const N: usize>(bytes: &[u8], head: [u8; N], size: usize) -> Option<(&[u8], &[u8])> {
    let (field, rest) = bytes.split_at_checked(size.wrapping_add(N))?;
    let (found, data) = field.split_first_chunk()?;
    (*found == head).then_some((data, rest))
}

#[cold]
fn mixed_header(format: FieldFormat, bytes: &[u8]) -> Option<(u16, usize, &[u8])> {
    let (&tag, rest) = bytes.split_first_chunk()?;
    let tag = u16::from_be_bytes(tag);
    if format == FieldFormat::WideTag || NAMED_TAGS.contains(&tag) {
        let (&length, rest) = rest.split_first()?;
        return Some((tag, usize::from(length), rest));
    }
    let (&length, rest) = rest.split_first_chunk()?;
    Some((tag, usize::from(u16::from_be_bytes(length)), rest))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn tags(protocol: Protocol, bytes: &[u8]) -> (Vec<(u16, usize)>, usize) {
        let mut fields = Fields::new(protocol, bytes);
        let tags = fields.by_ref().map(|field| (field.tag, field.data.len())).collect();
        (tags, fields.rest().len())
    }

    #[test]
    fn narrow_lengths_are_unsigned() {
        let mut bytes = [b'x'; 202];
        bytes[..2].copy_from_slice(&[7, 200]);
        assert_eq!(tags(Protocol::cce(19).unwrap(), &bytes), ([(7, 200)].into(), 0));
    }

    #[test]
    fn a_field_beyond_the_end_stops_the_walk_and_stays_visible() {
        let mut fields = Fields::new(Protocol::cce(20).unwrap(), &[0, 5, 0, 1, b'1', 0, 6, 0, 9, b'x']);
        assert_eq!(fields.by_ref().count(), 1);
        assert_eq!(fields.rest(), [0, 6, 0, 9, b'x']);
        assert_eq!(fields.truncated_tag(), Some(6));
    }

    #[test]
    fn the_frame_decides_where_ccx_18_is_open() {
        let ccx = Protocol::ccx(18).unwrap();
        let wide = [0, 194, 0, 2, b'7', 0, 0, 82, 0, 3, b'a', 0, 0];
        let wide_tag = [0, 194, 2, b'7', 0, 0, 82, 3, b'a', 0, 0];
        let named_narrow = [0, 194, 0, 2, b'7', 0, 0, 82, 3, b'a', 0, 0];
        for bytes in [&wide[..], &wide_tag, &named_narrow] {
            assert_eq!(tags(ccx, bytes), ([(194, 2), (82, 3)].into(), 0), "{bytes:?}");
        }
        let settled = ccx.with_format(FieldFormat::Wide);
        assert_ne!(tags(settled, &wide_tag).1, 0);
    }
}
