//! The protocol's data types, and how each is read and written.

use core::fmt;

use crate::value::ValueTable;
use crate::wire::{Bytes, Data, IS_FAST, Reader, Secret, Text, Writer};

/// A data type of the guide.
///
/// Guide: "Messaging Conventions", data types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DataType {
    /// One byte, unsigned.
    UChar,
    /// Two bytes, unsigned.
    UShort,
    /// Four bytes, unsigned.
    UInt,
    /// Four bytes, signed.
    Int,
    /// Two bytes: 0 is false.
    Bool,
    /// Four bytes: seconds since 1970-01-01 00:00 UTC.
    Time,
    /// Text ended by a NUL.
    String,
    /// Bytes without a rule.
    Unspec,
    /// A named variable: name and value, each ended by a NUL.
    NamedVar,
    /// An element of a named array: index, name and value.
    NamedArray,
}

impl DataType {
    /// The name that the guide uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UChar => "UCHAR",
            Self::UShort => "USHORT",
            Self::UInt => "UINT",
            Self::Int => "INT",
            Self::Bool => "BOOL",
            Self::Time => "TIME",
            Self::String => "STRING",
            Self::Unspec => "UNSPEC",
            Self::NamedVar => "NAMEDVAR",
            Self::NamedArray => "NAMEDARRAY",
        }
    }

    /// Bytes of a value, where all values have the same size.
    #[must_use]
    pub const fn size(self) -> Option<usize> {
        match self {
            Self::UChar => Some(1),
            Self::UShort | Self::Bool => Some(2),
            Self::UInt | Self::Int | Self::Time => Some(4),
            Self::String | Self::Unspec | Self::NamedVar | Self::NamedArray => None,
        }
    }

    /// Whether all floating fields of this type have the same size.
    pub(crate) const fn has_one_size(self) -> bool {
        !matches!(self, Self::Bool) && self.size().is_some()
    }

    /// Whether a floating field of this type may have `length` bytes. A BOOL may have four: one guide for
    /// Unified CCX prints it so.
    #[must_use]
    pub const fn accepts(self, length: usize) -> bool {
        match (self, self.size()) {
            (Self::Bool, _) => length == 2 || length == 4,
            (_, Some(size)) => length == size,
            (_, None) => true,
        }
    }
}

/// A value that can stand in the fixed part.
pub trait FixedValue: Copy {
    /// Its type in the guide.
    const TYPE: DataType;
    /// What a message has before anything is said: the guide's "none" where there is one.
    const DEFAULT: Self;
    /// The counters that it consists of, for statistics.
    const COUNTERS: &'static [&'static str] = &[];
    /// Names of its values, where they have names.
    const VALUES: Option<&'static ValueTable> = None;

    /// Reads it.
    fn read(reader: &mut Reader<'_>) -> Self;

    /// Writes it.
    fn write(self, writer: &mut Writer<'_>);
}

/// A value that can stand in a floating field.
pub trait FieldValue<'a>: Copy {
    /// Its type in the guide.
    const TYPE: DataType;
    /// The size of its data, where all values have the same.
    const SIZE: Option<usize> = Self::TYPE.size();
    /// Names of its values, where they have names.
    const VALUES: Option<&'static ValueTable> = None;

    /// Reads it from a field's data; `None` if the size is none for the type.
    fn from_data(data: &'a [u8]) -> Option<Self>;

    /// The data to write.
    fn data(&self) -> Data<'_>;
}

macro_rules! wire_number {
    ($type:ty, $data_type:ident, $size:literal) => {
        impl FixedValue for $type {
            const TYPE: DataType = DataType::$data_type;
            const DEFAULT: Self = 0;

            #[inline(always)]
            fn read(reader: &mut Reader<'_>) -> Self {
                Self::from_be_bytes(reader.take())
            }

            #[inline(always)]
            fn write(self, writer: &mut Writer<'_>) {
                writer.put(self.to_be_bytes());
            }
        }

        impl<'a> FieldValue<'a> for $type {
            const TYPE: DataType = DataType::$data_type;

            #[inline(always)]
            fn from_data(data: &'a [u8]) -> Option<Self> {
                Some(Self::from_be_bytes(data.try_into().ok()?))
            }

            #[inline(always)]
            fn data(&self) -> Data<'_> {
                Data::Number { value: *self as u32, size: $size }
            }
        }
    };
}

wire_number!(u8, UChar, 1);
wire_number!(u16, UShort, 2);
wire_number!(u32, UInt, 4);
wire_number!(i32, Int, 4);

/// Makes a newtype over a number a value of the wire.
macro_rules! wire_newtype {
    ($name:ident, $repr:ident) => {
        $crate::wire::wire_newtype!(
            $name,
            $repr,
            <$repr as $crate::wire::FixedValue>::TYPE,
            Self::NONE_OR_ZERO,
            Some(&Self::TABLE)
        );
    };
    ($name:ident, $repr:ident, $data_type:expr, $default:expr, $values:expr) => {
        impl $crate::wire::FixedValue for $name {
            const TYPE: $crate::wire::DataType = $data_type;
            const DEFAULT: Self = $default;
            const VALUES: Option<&'static $crate::value::ValueTable> = $values;

            #[inline(always)]
            fn read(reader: &mut $crate::wire::Reader<'_>) -> Self {
                Self(reader.read())
            }

            #[inline(always)]
            fn write(self, writer: &mut $crate::wire::Writer<'_>) {
                writer.fixed(self.0);
            }
        }

        impl<'a> $crate::wire::FieldValue<'a> for $name {
            const TYPE: $crate::wire::DataType = $data_type;
            const VALUES: Option<&'static $crate::value::ValueTable> = $values;

            #[inline(always)]
            fn from_data(data: &'a [u8]) -> Option<Self> {
                $crate::wire::FieldValue::from_data(data).map(Self)
            }

            #[inline(always)]
            fn data(&self) -> $crate::wire::Data<'_> {
                $crate::wire::FieldValue::data(&self.0)
            }
        }
    };
}
pub(crate) use wire_newtype;

/// A TIME: seconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Time(pub u32);

wire_newtype!(Time, u32, DataType::Time, Time(0), None);

/// Reserved bytes.
impl<const N: usize> FixedValue for [u8; N] {
    const TYPE: DataType = DataType::Unspec;
    const DEFAULT: Self = [0; N];

    fn read(reader: &mut Reader<'_>) -> Self {
        reader.take()
    }

    fn write(self, writer: &mut Writer<'_>) {
        writer.put(self);
    }
}

impl FixedValue for bool {
    const TYPE: DataType = DataType::Bool;
    const DEFAULT: Self = false;

    #[inline(always)]
    fn read(reader: &mut Reader<'_>) -> Self {
        // The guide has 1 for true; whatever is not 0 is not false.
        reader.take() != [0, 0]
    }

    #[inline(always)]
    fn write(self, writer: &mut Writer<'_>) {
        writer.put([0, u8::from(self)]);
    }
}

impl<'a> FieldValue<'a> for bool {
    const TYPE: DataType = DataType::Bool;

    #[inline(always)]
    fn from_data(data: &'a [u8]) -> Option<Self> {
        DataType::Bool.accepts(data.len()).then(|| data.iter().any(|&byte| byte != 0))
    }

    #[inline(always)]
    fn data(&self) -> Data<'_> {
        Data::Number { value: u32::from(*self), size: 2 }
    }
}

impl<'a> FieldValue<'a> for Text<'a> {
    const TYPE: DataType = DataType::String;

    #[inline(always)]
    fn from_data(data: &'a [u8]) -> Option<Self> {
        Some(Text::new(data))
    }

    #[inline(always)]
    fn data(&self) -> Data<'_> {
        Data::Text(self.raw())
    }
}

impl<'a> FieldValue<'a> for Bytes<'a> {
    const TYPE: DataType = DataType::Unspec;

    #[inline(always)]
    fn from_data(data: &'a [u8]) -> Option<Self> {
        Some(Bytes(data))
    }

    #[inline(always)]
    fn data(&self) -> Data<'_> {
        Data::Bytes(self.0)
    }
}

impl<'a, T: FieldValue<'a>> FieldValue<'a> for Secret<T> {
    const TYPE: DataType = T::TYPE;

    #[inline(always)]
    fn from_data(data: &'a [u8]) -> Option<Self> {
        T::from_data(data).map(Secret)
    }

    #[inline(always)]
    fn data(&self) -> Data<'_> {
        self.0.data()
    }
}

/// A configuration key: eight bytes that change whenever the configuration they stand for changes.
///
/// Guide: "Configuration Acquisition Messages", CONFIG_KEY_EVENT.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConfigKey(pub [u8; 8]);

impl fmt::Debug for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Bytes(&self.0), f)
    }
}

impl<'a> FieldValue<'a> for ConfigKey {
    const TYPE: DataType = DataType::Unspec;
    const SIZE: Option<usize> = Some(size_of::<Self>());

    fn from_data(data: &'a [u8]) -> Option<Self> {
        data.try_into().ok().map(Self)
    }

    fn data(&self) -> Data<'_> {
        Data::Bytes(&self.0)
    }
}

/// Bytes that are looked at together, where there are instructions for that.
const LONG: usize = 16;
const HALF: usize = LONG / 2;
const WORD: usize = size_of::<usize>();
const HALF_WORD: usize = size_of::<u32>();
const ONES: usize = usize::MAX / 0xff;
const HIGH_BITS: usize = ONES << 7;
const ONES64: u64 = u64::MAX / 0xff;
const HIGH_BITS64: u64 = ONES64 << 7;

/// Where the first NUL is, or the end if there is none. Looks at a word at a time, where speed counts more than room.
pub(crate) fn nul_at(bytes: &[u8]) -> usize {
    if !IS_FAST {
        return bytes.iter().take_while(|byte| **byte != 0).count();
    }
    let Some(last) = bytes.last_chunk() else { return nul_in_short(bytes) };
    let mut at = 0usize;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        let nuls = nuls(*word);
        if nuls != 0 {
            return at.wrapping_add(nuls.trailing_zeros() as usize / 8);
        }
        at = at.wrapping_add(WORD);
        rest = after;
    }
    // The last word overlaps the one before. Without a NUL it has as many zero bits as it is long.
    bytes.len().wrapping_sub(WORD).wrapping_add(nuls(*last).trailing_zeros() as usize / 8)
}

/// The same for fewer bytes than a word has.
#[inline(always)]
fn nul_in_short(bytes: &[u8]) -> usize {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // The halves of a word may overlap. Behind the end there are NULs.
        (Some(first), Some(last)) if WORD > HALF_WORD => {
            let behind = bytes.len().wrapping_sub(HALF_WORD).wrapping_mul(8);
            let word = u64::from(u32::from_le_bytes(*last)) << (behind & 31) | u64::from(u32::from_le_bytes(*first));
            nuls((word as usize).to_le_bytes()).trailing_zeros() as usize / 8
        }
        _ => bytes.iter().take_while(|byte| **byte != 0).count(),
    }
}

/// Copies `text` to `place`, which has the same length; `false` if there is a NUL in it, at which the copy may end.
/// What is copied may overlap, so that no bytes are left over.
#[inline(always)]
pub(crate) fn copy_text(place: &mut [u8], text: &[u8]) -> bool {
    let Some((first, last)) = copy_ends(place, text) else { return copy_short_text(place, text) };
    if text.len() >= LONG {
        return copy_long_text(place, text);
    }
    are_whole(u64::from_le_bytes(first), u64::from_le_bytes(last))
}

/// The same where each text has any length: for nearly all there is one way, so that it need not be guessed.
#[inline(always)]
pub(crate) fn copy_any_text(place: &mut [u8], text: &[u8]) -> bool {
    if (HALF..2 * LONG).contains(&text.len())
        && let Some(bits) = copy_words(place, text)
    {
        return bits & HIGH_BITS64 == 0 || is_whole_beside_others(text);
    }
    copy_text(place, text)
}

/// Copies a text of [`LONG`] bytes or more; `false` if there is a NUL in it.
#[inline(always)]
fn copy_long_text(mut place: &mut [u8], mut text: &[u8]) -> bool {
    while text.len() > 2 * LONG {
        let Some((chunk, rest)) = text.split_first_chunk::<LONG>() else { return false };
        let Some((front, places)) = place.split_first_chunk_mut() else { return false };
        *front = *chunk;
        if chunk.iter().fold(false, |found, byte| found | (*byte == 0)) {
            return false;
        }
        (place, text) = (places, rest);
    }
    copy_ends::<LONG>(place, text)
        .is_some_and(|(first, last)| !first.iter().zip(&last).fold(false, |found, (a, b)| found | (*a.min(b) == 0)))
}

/// Copies a text shorter than [`HALF`]; `false` if there is a NUL in it.
#[inline(always)]
fn copy_short_text(place: &mut [u8], text: &[u8]) -> bool {
    if let Some((first, last)) = copy_ends(place, text) {
        return are_whole32(u32::from_le_bytes(first), u32::from_le_bytes(last));
    }
    for (place, byte) in place.iter_mut().zip(text) {
        *place = *byte;
        if *byte == 0 {
            return false;
        }
    }
    true
}

/// Copies a text of [`HALF`] to below twice [`LONG`]: the words at both ends, and from [`LONG`] on one behind the first
/// and one before the last of these, else the same once more. Of ASCII without a NUL no high bit comes back.
#[inline(always)]
fn copy_words(place: &mut [u8], text: &[u8]) -> Option<u64> {
    let (first, last) = copy_ends(place, text)?;
    let inner = text.len() >> 1 & HALF;
    let outer = text.len().wrapping_sub(inner);
    let second = *text.get(inner..)?.first_chunk()?;
    let third = *text.get(..outer)?.last_chunk()?;
    *place.get_mut(inner..)?.first_chunk_mut()? = second;
    *place.get_mut(..outer)?.last_chunk_mut()? = third;
    Some(
        [first, second, third, last].iter().fold(0, |bits, word| bits | u64::from_le_bytes(*word).wrapping_sub(ONES64)),
    )
}

/// Copies the first and the last `N` bytes of `text`, and returns them.
#[inline(always)]
fn copy_ends<const N: usize>(place: &mut [u8], text: &[u8]) -> Option<([u8; N], [u8; N])> {
    let (first, last) = (*text.first_chunk()?, *text.last_chunk()?);
    *place.first_chunk_mut()? = first;
    *place.last_chunk_mut()? = last;
    Some((first, last))
}

/// Whether none of the bytes is a NUL. Of ASCII without one, the first look tells.
#[inline(always)]
fn are_whole(a: u64, b: u64) -> bool {
    let (c, d) = (a.wrapping_sub(ONES64), b.wrapping_sub(ONES64));
    (c | d) & HIGH_BITS64 == 0 || (c & !a | d & !b) & HIGH_BITS64 == 0
}

/// The same of fewer bytes.
#[inline(always)]
fn are_whole32(a: u32, b: u32) -> bool {
    const ONES: u32 = u32::MAX / 0xff;
    let (c, d) = (a.wrapping_sub(ONES), b.wrapping_sub(ONES));
    (c | d) & ONES << 7 == 0 || (c & !a | d & !b) & ONES << 7 == 0
}

#[cold]
#[inline(never)]
fn is_whole_beside_others(text: &[u8]) -> bool {
    nul_at(text) == text.len()
}

/// Has a bit set for the first NUL of a word, and none if there is no NUL.
#[inline(always)]
fn nuls(word: [u8; WORD]) -> usize {
    // Little-endian, as a borrow runs from the first byte up: what it sets falsely lies behind the first NUL.
    let word = usize::from_le_bytes(word);
    word.wrapping_sub(ONES) & !word & HIGH_BITS
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn texts_of_all_lengths_are_copied_and_a_nul_is_seen_wherever_it_is() {
        for copy in [copy_text, copy_any_text] {
            for length in 0..=100 {
                for filling in [1, b'a', 0x7f, 0x80, 0x81, 0xff] {
                    let mut text: Vec<u8> = (0..length).map(|at| if at % 3 == 0 { b'0' } else { filling }).collect();
                    let mut place = vec![0; length];
                    assert!(copy(&mut place, &text), "{text:?}");
                    assert_eq!(place, text);
                    for at in 0..length {
                        let byte = core::mem::replace(&mut text[at], 0);
                        assert!(!copy(&mut place, &text), "{text:?}");
                        text[at] = byte;
                    }
                }
            }
        }
    }
}
