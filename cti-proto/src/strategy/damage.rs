//! What goes wrong with streams.

use std::vec::Vec;

use proptest::collection::vec as vec_of;
use proptest::prelude::*;
use proptest::sample::Index;

use super::owned::OwnedStream;
use crate::message::FixedInfo;
use crate::protocol::Protocol;
use crate::wire::{Fields, Frame, Frames, HEADER_LEN};

/// A stream with one to four damages: bits turned over, bytes lost, foreign bytes put in, wrong lengths of messages
/// and of floating fields, bodies cut short behind a length that fits, an end too early. Shrinks to fewer damages, then
/// as `streams` does.
pub fn damaged<S: Strategy<Value = OwnedStream>>(streams: S) -> impl Strategy<Value = OwnedStream> {
    let at = any::<Index>;
    let damage = prop_oneof![
        (at(), 0..8_u32).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        (at(), 1..=16_usize).prop_map(|(at, length)| Damage::Lose(at, length)),
        (at(), vec_of(any::<u8>(), 1..=16)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        // Short ones, and those around the limits of narrow and wide versions.
        (at(), prop_oneof![0..=64_u32, 4_300..=4_400_u32, 12_400..=12_600_u32, any::<u32>()])
            .prop_map(|(frame, length)| Damage::MessageLength(frame, length)),
        (at(), at(), any::<u8>()).prop_map(|(frame, field, length)| Damage::FieldLength(frame, field, length)),
        (at(), at()).prop_map(|(frame, length)| Damage::ShortBody(frame, length)),
        at().prop_map(Damage::End),
    ];
    (streams, vec_of(damage, 1..=4)).prop_map(|(stream, damages)| {
        let protocol = stream.protocol;
        OwnedStream { protocol, bytes: damages.iter().fold(stream.bytes, |bytes, damage| damage.on(protocol, bytes)) }
    })
}

/// One thing that goes wrong with a stream.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u32),
    Lose(Index, usize),
    Insert(Index, Vec<u8>),
    MessageLength(Index, u32),
    FieldLength(Index, Index, u8),
    ShortBody(Index, Index),
    End(Index),
}

impl Damage {
    fn on(&self, protocol: Protocol, mut bytes: Vec<u8>) -> Vec<u8> {
        // `Index` panics where there is nothing to choose from.
        let place = |at: &Index, among: usize| if among == 0 { 0 } else { at.index(among) };
        match self {
            Self::Flip(at, bit) => {
                let at = place(at, bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1_u8.wrapping_shl(*bit);
                }
            }
            Self::Lose(at, length) => {
                let end = bytes.len().min(place(at, bytes.len()).saturating_add(*length));
                bytes.drain(place(at, bytes.len())..end);
            }
            Self::Insert(at, foreign) => {
                let at = place(at, bytes.len());
                bytes.splice(at..at, foreign.iter().copied());
            }
            Self::MessageLength(frame, length) => {
                let headers = headers(protocol, &bytes);
                let header = headers.get(place(frame, headers.len())).map(|(start, _)| *start);
                overwrite(&mut bytes, header, &length.to_be_bytes());
            }
            Self::FieldLength(frame, field, length) => {
                let headers = headers(protocol, &bytes);
                let at = headers.get(place(frame, headers.len())).and_then(|(start, frame)| {
                    let ends = field_length_ends(frame);
                    let end = ends.get(place(field, ends.len()))?;
                    start.checked_add(HEADER_LEN)?.checked_add(*end)?.checked_sub(1)
                });
                overwrite(&mut bytes, at, &[*length]);
            }
            Self::ShortBody(frame, length) => {
                let headers = headers(protocol, &bytes);
                let cut = headers.get(place(frame, headers.len())).map(|(start, frame)| {
                    let body = start.saturating_add(HEADER_LEN);
                    let kept = place(length, frame.body().len());
                    (*start, kept, body.saturating_add(kept), body.saturating_add(frame.body().len()))
                });
                if let Some((start, kept, from, to)) = cut {
                    bytes.drain(from.min(bytes.len())..to.min(bytes.len()));
                    overwrite(&mut bytes, Some(start), &u32::try_from(kept).unwrap_or(u32::MAX).to_be_bytes());
                }
            }
            Self::End(at) => bytes.truncate(place(at, bytes.len())),
        }
        bytes
    }
}

/// Where the frames begin, and the frames.
fn headers(protocol: Protocol, bytes: &[u8]) -> Vec<(usize, Frame<'_>)> {
    let mut start = 0_usize;
    let frames = Frames::new(protocol, bytes).flatten();
    frames
        .map(|frame| {
            let this = start;
            start = start.saturating_add(HEADER_LEN).saturating_add(frame.body().len());
            (this, frame)
        })
        .collect()
}

/// How many bytes of the body come before the data of each floating field; the last of them is of its length.
fn field_length_ends(frame: &Frame<'_>) -> Vec<usize> {
    let body = frame.body();
    let fixed = frame.info().map_or(0, |info| info.fixed_in(frame.protocol()).map(FixedInfo::length).sum());
    let mut fields = Fields::new(frame.protocol(), body.get(fixed..).unwrap_or_default());
    let mut ends = Vec::new();
    while let Some(field) = fields.next() {
        // The walk is behind the data already.
        ends.push(body.len().saturating_sub(fields.rest().len()).saturating_sub(field.data.len()));
    }
    ends
}

fn overwrite(bytes: &mut [u8], at: Option<usize>, with: &[u8]) {
    let places = at.and_then(|at| bytes.get_mut(at..)).unwrap_or_default();
    places.iter_mut().zip(with).for_each(|(place, byte)| *place = *byte);
}
