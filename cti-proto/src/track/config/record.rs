//! Records as they come and as they are kept: floating fields, one behind the other.

use crate::protocol::FieldFormat;
use crate::track::config::kind::{ConfigKind, KeyTags};
use crate::track::hash::Hash;
use crate::value::{NULL_PERIPHERAL_ID, RecordType};
use crate::wire::{Fields, RawField, Text};

const RECORD_TYPE: u16 = 183;
const PERIPHERAL: u16 = 208;
/// The domains of an agent come in the first upload only: a change leaves nothing of them.
const AGENT_DOMAINS: [u16; 3] = [261, 262, 263];
/// Tags of lists: where one of a row is in a change, the others are replaced with it.
const LISTS: &[&[u16]] = &[&[191, 62], &[186, 187, 188], &[305, 6], &[310, 309], &AGENT_DOMAINS];

/// A record of a message.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: ConfigKind,
    format: FieldFormat,
    bytes: &'a [u8],
}

/// The key of a record, as far as it is not the peripheral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Key<'a> {
    number: Option<u32>,
    text: Option<Text<'a>>,
    more: (u32, Text<'a>),
}

/// The records of a message: a new one begins where the first field of the first one comes again.
pub(super) fn records(kind: ConfigKind, all: Fields<'_>) -> impl Iterator<Item = Record<'_>> {
    let first = all.clone().next().map(|field| field.tag);
    let mut rest = all;
    core::iter::from_fn(move || {
        let begin = rest;
        rest.next()?;
        let mut ahead = rest;
        while ahead.next().is_some_and(|field| Some(field.tag) != first) {
            rest = ahead;
        }
        Some(Record { kind, format: begin.format(), bytes: between(&begin, &rest) })
    })
}

/// The bytes that were walked from `begin` to `end`.
fn between<'a>(begin: &Fields<'a>, end: &Fields<'a>) -> &'a [u8] {
    let len = begin.rest().len().saturating_sub(end.rest().len());
    begin.rest().get(..len).unwrap_or_default()
}

/// Puts `bytes` behind the first `len` bytes of `place`, and says where they end; `None` if they do not fit.
fn put(place: &mut [u8], len: usize, bytes: &[u8]) -> Option<usize> {
    let end = len.saturating_add(bytes.len());
    place.get_mut(len..end)?.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    Some(end)
}

fn number(data: &[u8]) -> u32 {
    data.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl<'a> Key<'a> {
    pub(super) const fn of_number(number: u32) -> Self {
        Self { number: Some(number), text: None, more: (0, Text::new(&[])) }
    }

    pub(super) const fn of_text(text: Text<'a>) -> Self {
        Self { number: None, text: Some(text), more: (0, Text::new(&[])) }
    }

    /// Whether it is no key at all.
    pub(super) fn is_missing(&self) -> bool {
        self.number.is_none() && self.text.is_none() && self.more.1.is_empty()
    }

    pub(super) fn hash(&self, kind: ConfigKind) -> u32 {
        let (text, more) = (self.text.unwrap_or_default(), self.more.1);
        let hash = Hash::new().number(kind as u32).number(self.number.unwrap_or(u32::MAX)).number(self.more.0);
        hash.bytes(text.as_bytes()).bytes(more.as_bytes()).finish()
    }
}

impl<'a> Record<'a> {
    pub(super) const fn kept(kind: ConfigKind, format: FieldFormat, bytes: &'a [u8]) -> Self {
        Self { kind, format, bytes }
    }

    pub(super) const fn format(&self) -> FieldFormat {
        self.format
    }

    pub(super) fn fields(&self) -> Fields<'a> {
        Fields::with_format(self.format, self.bytes)
    }

    /// The data of the last field of this tag.
    fn data(&self, tag: u16) -> Option<&'a [u8]> {
        if tag == 0 {
            return None;
        }
        self.fields().filter(|field| field.tag == tag).last().map(|field| field.data)
    }

    pub(super) fn record_type(&self) -> RecordType {
        RecordType(self.data(RECORD_TYPE).map_or(0, number) as u16)
    }

    pub(super) fn peripheral(&self) -> u32 {
        self.data(PERIPHERAL).map_or(NULL_PERIPHERAL_ID, number)
    }

    pub(super) fn target(&self) -> Option<u32> {
        self.data(self.kind.key_tags().target).map(number)
    }

    pub(super) fn key(&self) -> Key<'a> {
        let tags = self.kind.key_tags();
        let [more_number, more_text] = tags.more;
        Key {
            number: self.data(tags.number).map(number),
            text: self.data(tags.text).map(Text::new),
            more: (self.data(more_number).map_or(0, number), self.data(more_text).map(Text::new).unwrap_or_default()),
        }
    }

    /// The key that the item had before, if the record gives it another one.
    pub(super) fn old_key(&self) -> Option<Key<'a>> {
        let KeyTags { number: by_number, old, .. } = self.kind.key_tags();
        let data = self.data(old)?;
        Some(if by_number == 0 { Key::of_text(Text::new(data)) } else { Key::of_number(number(data)) })
    }

    /// A hash of all that it says, but for whether it adds or changes.
    pub(super) fn hash(&self) -> u32 {
        let said = self.fields().filter(|field| field.tag != RECORD_TYPE);
        said.fold(Hash::new(), |hash, field| hash.number(field.tag.into()).bytes(field.data)).finish()
    }

    /// Whether a change says only what a kept record says already.
    pub(super) fn says_nothing_beside(&self, kept: &Record<'_>) -> bool {
        fn of<'a>(fields: Fields<'a>, tag: u16) -> impl Iterator<Item = &'a [u8]> {
            fields.filter(move |field| field.tag == tag).map(|field| field.data)
        }
        let passing = [RECORD_TYPE, self.kind.key_tags().old];
        let mut said = self.fields().filter(|field| !passing.contains(&field.tag));
        said.all(|field| of(self.fields(), field.tag).eq(of(kept.fields(), field.tag)))
            && !kept.fields().any(|field| AGENT_DOMAINS.contains(&field.tag))
    }

    fn is_key(&self, tag: u16) -> bool {
        let tags = self.kind.key_tags();
        let [more_number, more_text] = tags.more;
        [PERIPHERAL, tags.number, tags.text, more_number, more_text, tags.target].contains(&tag)
    }

    /// Writes the record to `place`, the key first where not all of it fits. The length, and whether all of it fits; `None`
    /// if not even the key does.
    pub(super) fn write_to(&self, place: &mut [u8]) -> Option<(usize, bool)> {
        match put(place, 0, self.bytes) {
            Some(len) => Some((len, true)),
            None => self.append_to(place, 0),
        }
    }

    /// Writes the record behind the first `len` bytes of `place`, the key first.
    pub(super) fn append_to(&self, place: &mut [u8], mut len: usize) -> Option<(usize, bool)> {
        let mut is_whole = true;
        for is_key in [true, false] {
            for (field, bytes) in self.raw().filter(|(field, _)| self.is_key(field.tag) == is_key) {
                match put(place, len, bytes) {
                    Some(end) => len = end,
                    None if self.is_key(field.tag) => return None,
                    None => is_whole = false,
                }
            }
        }
        Some((len, is_whole))
    }

    /// Fields with their headers.
    fn raw(&self) -> impl Iterator<Item = (RawField<'a>, &'a [u8])> {
        let mut rest = self.fields();
        core::iter::from_fn(move || {
            let begin = rest;
            let field = rest.next()?;
            Some((field, between(&begin, &rest)))
        })
    }

    /// Whether a field of this tag is of no meaning any more beside this record.
    fn replaces(&self, tag: u16) -> bool {
        let says = |tag: u16| self.fields().any(|field| field.tag == tag);
        let list = LISTS.iter().find(|list| list.contains(&tag));
        // 64 is the priority of the group itself, or of the groups of an agent.
        let is_priority_in_list = tag == 64 && [191, 62].into_iter().any(says);
        AGENT_DOMAINS.contains(&tag)
            || is_priority_in_list
            || says(tag)
            || list.is_some_and(|list| list.iter().any(|tag| says(*tag)))
    }

    /// Takes the fields that this record replaces out of a kept one, which is `len` bytes at the front of `place`. What is
    /// left of it.
    pub(super) fn make_room_in(&self, place: &mut [u8], len: usize) -> usize {
        let (mut from, mut to) = (0_usize, 0_usize);
        loop {
            let kept = Record::kept(self.kind, self.format, place.get(from..len).unwrap_or_default());
            let Some((tag, size)) = kept.raw().next().map(|(field, bytes)| (field.tag, bytes.len())) else {
                return to;
            };
            if !self.replaces(tag) {
                for _ in 0..size {
                    let byte = place.get(from).copied().unwrap_or_default();
                    if let Some(place) = place.get_mut(to) {
                        *place = byte;
                    }
                    (from, to) = (from.wrapping_add(1), to.wrapping_add(1));
                }
            } else {
                from = from.saturating_add(size);
            }
        }
    }
}
