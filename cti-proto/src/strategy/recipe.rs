//! Frames from what their fields hold, cut to the limits of the protocol.

use std::vec::Vec;

use super::owned::OwnedFrame;
use crate::message::MessageInfo;
use crate::protocol::{FieldFormat, Protocol};
use crate::wire::HEADER_LEN;

/// Most bytes of named variables and arrays in a message.
const MAX_NAMED_DATA: usize = 2_000;
// Written down once more and not taken from the encoder, which frames are to test.
const NAMED_VARIABLE_TAG: u16 = 82;
const NAMED_ARRAY_TAG: u16 = 83;
/// Bytes of the tag and the length of a floating field, at most.
const FIELD_HEADER_LEN: usize = 4;
/// Bytes of a floating field that counts a list, at most.
const LIST_COUNT_LEN: usize = FIELD_HEADER_LEN + 2;
/// Tags of unknown fields are below this, as no guide has a tag beyond 313.
const UNKNOWN_TAGS: u16 = 512;

/// What a message is made from: all that its fields may hold, before it is cut to the limits.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) fixed: Vec<Part>,
    pub(super) floating: Vec<Option<Piece>>,
    pub(super) lists: Vec<Listed>,
    pub(super) unknown: Vec<(u16, Vec<u8>)>,
}

/// A fixed field: its bytes, or the list that it counts.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Data(Vec<u8>),
    Count(&'static str),
}

/// A floating field.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) tag: u16,
    pub(super) required: bool,
    pub(super) data: Vec<u8>,
}

/// A list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) name: &'static str,
    /// Whether a field holds one value of each element, and not an element.
    pub(super) columns: bool,
    /// Tag of the floating count, where one is to be written.
    pub(super) count: Option<u16>,
    pub(super) items: Vec<Item>,
}

/// An element of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) fields: Vec<Piece>,
    pub(super) lists: Vec<Listed>,
}

impl Recipe {
    pub(super) fn assemble(mut self, protocol: Protocol, info: &'static MessageInfo) -> OwnedFrame {
        let format = protocol.format().unwrap_or(FieldFormat::Wide);
        let fixed_len = |part: &Part| match part {
            Part::Data(data) => data.len(),
            Part::Count(_) => size_of::<u16>(),
        };
        let mut room = Room { left: protocol.max_message(), named: MAX_NAMED_DATA };
        room.left = room.left.saturating_sub(self.fixed.iter().map(fixed_len).fold(HEADER_LEN, usize::saturating_add));
        let mut floating: Vec<Piece> = self.floating.into_iter().flatten().collect();
        // First of all what must be there; the rest shares the room that this leaves.
        let required = floating.iter().filter(|piece| piece.required).map(|piece| piece.size());
        room.left = required.fold(room.left, usize::saturating_sub);
        floating.retain(|piece| piece.required || room.take(piece.size(), 0));
        self.lists.iter_mut().for_each(|list| room.cut(list));

        let mut writer = Writer { format, bytes: Vec::new() };
        for part in self.fixed {
            match part {
                Part::Data(data) => writer.bytes.extend(data),
                Part::Count(name) => {
                    let count = self.lists.iter().find(|list| list.name == name).map_or(0, |list| list.items.len());
                    writer.bytes.extend(u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
                }
            }
        }
        floating.iter().for_each(|piece| writer.field(piece.tag, &piece.data));
        self.lists.iter().for_each(|list| writer.list(list));
        for (tag, data) in self.unknown {
            let piece = Piece { tag: unknown_tag(protocol, info, tag), required: false, data };
            if room.take(piece.size(), 0) {
                writer.field(piece.tag, &piece.data);
            }
        }
        OwnedFrame::from_parts(protocol, info.message_type, &writer.bytes)
    }
}

/// How much a message may still hold.
struct Room {
    left: usize,
    named: usize,
}

impl Room {
    fn take(&mut self, bytes: usize, named: usize) -> bool {
        match (self.left.checked_sub(bytes), self.named.checked_sub(named)) {
            (Some(left), Some(named_left)) => {
                (self.left, self.named) = (left, named_left);
                true
            }
            _ => false,
        }
    }

    /// Leaves out what does not fit.
    fn cut(&mut self, list: &mut Listed) {
        if !self.take(list.count.map_or(0, |_| LIST_COUNT_LEN), 0) {
            list.items.clear();
            list.count = None;
            return;
        }
        list.items.retain(|item| self.take(item.size(), item.named()));
    }
}

impl Piece {
    /// Its bytes with tag and length, at most.
    fn size(&self) -> usize {
        self.data.len().saturating_add(FIELD_HEADER_LEN)
    }
}

impl Item {
    fn size(&self) -> usize {
        let fields = self.fields.iter().map(|piece| piece.size());
        let lists = self.lists.iter().map(|list| {
            let items = list.items.iter().map(|item| item.size());
            items.fold(LIST_COUNT_LEN, usize::saturating_add)
        });
        fields.chain(lists).fold(0, usize::saturating_add)
    }

    fn named(&self) -> usize {
        let named = self.fields.iter().filter(|piece| matches!(piece.tag, NAMED_VARIABLE_TAG | NAMED_ARRAY_TAG));
        named.map(|piece| piece.data.len()).fold(0, usize::saturating_add)
    }
}

struct Writer {
    format: FieldFormat,
    bytes: Vec<u8>,
}

impl Writer {
    fn field(&mut self, tag: u16, data: &[u8]) {
        let [tag1, tag0] = tag.to_be_bytes();
        let [length1, length0] = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
        let is_named = matches!(tag, NAMED_VARIABLE_TAG | NAMED_ARRAY_TAG);
        match self.format {
            FieldFormat::Narrow => self.bytes.extend([tag0, length0]),
            // What is named falls through to a length of one byte.
            FieldFormat::WideTagNamedNarrow if !is_named => self.bytes.extend([tag1, tag0, length1, length0]),
            FieldFormat::WideTag | FieldFormat::WideTagNamedNarrow => self.bytes.extend([tag1, tag0, length0]),
            FieldFormat::Wide => self.bytes.extend([tag1, tag0, length1, length0]),
        }
        self.bytes.extend(data);
    }

    fn list(&mut self, list: &Listed) {
        if let Some(tag) = list.count {
            self.field(tag, &u16::try_from(list.items.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
        if list.columns {
            for (place, piece) in list.items.first().into_iter().flat_map(|item| item.fields.iter().enumerate()) {
                let column = list.items.iter().filter_map(|item| item.fields.get(place));
                let data: Vec<u8> = column.flat_map(|piece| piece.data.iter().copied()).collect();
                self.field(piece.tag, &data);
            }
            return;
        }
        for item in &list.items {
            item.fields.iter().for_each(|piece| self.field(piece.tag, &piece.data));
            item.lists.iter().for_each(|list| self.list(list));
        }
    }
}

/// A tag that the message does not have: the first one from `start`.
fn unknown_tag(protocol: Protocol, info: &'static MessageInfo, start: u16) -> u16 {
    let tags = if protocol.format() == Some(FieldFormat::Narrow) { u16::from(u8::MAX) } else { UNKNOWN_TAGS };
    let from_start = (0..tags).map(|step| start.wrapping_add(step).checked_rem(tags).unwrap_or_default());
    let mut unknown = from_start.filter(|tag| info.field(protocol, *tag).is_none());
    unknown.next().unwrap_or_default()
}
