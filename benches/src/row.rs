//! What is measured: each row of the table as a function over a stream.

use core::fmt;
use core::hint::black_box;

use cti_proto::message::{
    AgentStateEvent, BeginCallEvent, CallClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallEstablishedEvent,
    EndCallEvent, HeartbeatConf, Message, MessageRef,
};
use cti_proto::wire::Element;
use cti_proto::{Body, DecodeError, EncodeError, Frame, Frames, Handler, List, MessageType, Protocol, encode};

use crate::{FixedLengths, ReadAll, Stream, floor_a, floor_b};

/// Bytes of the part of a stream that stays in the L2 cache, for what a walk over the whole would measure the memory.
const CACHED_PART: usize = 256 << 10;
/// The longest message of all versions.
const LONGEST: usize = 12_500;
/// Messages that are kept decoded, to be encoded: few enough that they stay in the L2 cache too.
const KEPT: usize = 520;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The frames of the cached part, by hand.
    FloorA,
    /// The same by [`Frames`].
    FrameView,
    /// The frames of the whole stream and every floating header, by hand.
    FloorB,
    /// Every message decoded as the type that it is, every field read.
    Decode,
    /// The same by [`Frame::decode`], which returns the message by value.
    DecodeByValue,
    /// Every message handed to a handler by the catalogue, as its own type, every field read.
    Dispatch,
    /// Every message decoded as one enum, every field read.
    Enum,
    /// The messages that are kept: decoded, every field read.
    DecodeKept,
    /// The messages that are kept, as an application composes them, with their lists in slices: encoded.
    Encode,
    /// The messages that are kept, as they were received: encoded.
    EncodeReceived,
}

impl Row {
    /// In the order of the table.
    pub const ALL: [Self; 10] = [
        Self::FloorA,
        Self::FrameView,
        Self::FloorB,
        Self::Decode,
        Self::DecodeByValue,
        Self::Dispatch,
        Self::Enum,
        Self::DecodeKept,
        Self::Encode,
        Self::EncodeReceived,
    ];

    /// The row that it is compared with, and the speed that it must have, as a fraction of that row's.
    #[must_use]
    pub const fn target(self) -> Option<(Self, Option<f64>)> {
        match self {
            Self::FloorA | Self::FloorB | Self::DecodeKept => None,
            Self::FrameView => Some((Self::FloorA, Some(0.9))),
            Self::Decode => Some((Self::FloorB, Some(0.42))),
            Self::Dispatch => Some((Self::FloorB, Some(0.35))),
            Self::DecodeByValue | Self::Enum => Some((Self::FloorB, None)),
            Self::Encode => Some((Self::DecodeKept, Some(1.0))),
            Self::EncodeReceived => Some((Self::DecodeKept, None)),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FloorA => "floor A",
            Self::FrameView => "frame view",
            Self::FloorB => "floor B",
            Self::Decode => "full decode",
            Self::DecodeByValue => "full decode, by value",
            Self::Dispatch => "catalogue dispatch",
            Self::Enum => "catalogue enum",
            Self::DecodeKept => "full decode, kept part",
            Self::Encode => "encode, kept part",
            Self::EncodeReceived => "encode as received",
        })
    }
}

/// A stream, with what the rows need besides.
#[derive(Debug)]
pub struct Workload<'s> {
    stream: &'s Stream,
    fixed: FixedLengths,
    cached: Part<'s>,
    kept: Part<'s>,
    received: Vec<Any<'s>>,
    composed: Vec<Any<'s>>,
    buffer: Box<Buffer>,
}

/// Where every message is encoded. It begins with a page: if the allocator had a page end within the messages, each
/// would pay for writing across that, which in a long buffer few do.
#[derive(Debug)]
#[repr(align(4096))]
struct Buffer([u8; LONGEST]);

/// Whole frames at the front of a stream.
#[derive(Clone, Copy, Debug)]
struct Part<'s> {
    bytes: &'s [u8],
    messages: usize,
}

impl<'s> Workload<'s> {
    /// Of `stream`.
    ///
    /// # Errors
    /// [`DecodeError`] if a message does not decode.
    pub fn new(stream: &'s Stream) -> Result<Self, DecodeError> {
        let cached = front(stream, |_, bytes| bytes <= CACHED_PART);
        let kept = front(stream, |messages, _| messages <= KEPT);
        let received = Frames::new(stream.protocol, kept.bytes)
            .flatten()
            .filter_map(|frame| Any::decode(&frame).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let composed = received.iter().map(Any::composed).collect();
        let buffer = Box::new(Buffer([0; LONGEST]));
        Ok(Self { stream, fixed: FixedLengths::of(stream.protocol), cached, kept, received, composed, buffer })
    }

    /// Messages and bytes that `row` goes through in one run.
    #[must_use]
    pub fn size(&self, row: Row) -> (usize, usize) {
        let part = match row {
            Row::FloorA | Row::FrameView => self.cached,
            Row::DecodeKept | Row::Encode | Row::EncodeReceived => self.kept,
            Row::FloorB | Row::Decode | Row::DecodeByValue | Row::Dispatch | Row::Enum => self.whole(),
        };
        (part.messages, part.bytes.len())
    }

    /// Runs `row` once; the sum of what it read.
    #[inline(never)]
    pub fn run(&mut self, row: Row) -> u64 {
        // Hidden, or the compiler would make a loop for this one protocol.
        let protocol = black_box(self.stream.protocol);
        let [whole, cached, kept] = [self.whole(), self.cached, self.kept].map(|part| black_box(part.bytes));
        let room = &mut self.buffer.0[..black_box(protocol.max_message())];
        match row {
            Row::FloorA => floor_a(cached),
            Row::FrameView => frame_view(protocol, cached),
            Row::FloorB => floor_b(protocol, &self.fixed, whole),
            Row::Decode => decode(protocol, whole).unwrap_or_default(),
            Row::DecodeByValue => decode_by_value(protocol, whole).unwrap_or_default(),
            Row::Dispatch => dispatch(protocol, whole).unwrap_or_default(),
            Row::Enum => decode_enum(protocol, whole).unwrap_or_default(),
            Row::DecodeKept => decode(protocol, kept).unwrap_or_default(),
            Row::Encode => encode_all(protocol, &self.composed, room).unwrap_or_default(),
            Row::EncodeReceived => encode_all(protocol, &self.received, room).unwrap_or_default(),
        }
    }

    fn whole(&self) -> Part<'s> {
        Part { bytes: &self.stream.bytes, messages: self.stream.messages }
    }
}

/// The most frames for whose number and length `fits` holds.
fn front(stream: &Stream, fits: impl Fn(usize, usize) -> bool) -> Part<'_> {
    let mut frames = Frames::new(stream.protocol, &stream.bytes);
    let mut part = Part { bytes: &[], messages: 0 };
    while let Some(Ok(_)) = frames.next() {
        let length = stream.bytes.len() - frames.rest().len();
        if !fits(part.messages + 1, length) {
            break;
        }
        part = Part { bytes: &stream.bytes[..length], messages: part.messages + 1 };
    }
    part
}

#[inline(never)]
fn frame_view(protocol: Protocol, bytes: &[u8]) -> u64 {
    let mut sum = 0;
    for frame in Frames::new(protocol, bytes) {
        let Ok(frame) = frame else { break };
        sum += u64::from(frame.message_type().0) + frame.body().len() as u64;
    }
    sum
}

#[inline]
fn read_in_place<'a, M: Body<'a> + ReadAll>(frame: &Frame<'a>) -> Result<u64, DecodeError> {
    let mut message = M::default();
    message.read(frame)?;
    Ok(message.read_all())
}

/// The messages of the stream: each with its number.
macro_rules! mix {
    ($($name:ident $(<$lt:lifetime>)? = $number:ident;)*) => {
        /// A message of the stream.
        #[derive(Clone, Debug)]
        #[allow(clippy::large_enum_variant, reason = "they stand side by side, as they would in a queue")]
        pub enum Any<'a> {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name $(<$lt>)?),
            )*
        }

        impl<'a> Any<'a> {
            fn decode(frame: &Frame<'a>) -> Result<Option<Self>, DecodeError> {
                Ok(Some(match frame.message_type() {
                    $(MessageType::$number => Self::$name(frame.decode()?),)*
                    _ => return Ok(None),
                }))
            }

            #[inline]
            fn encode(&self, protocol: Protocol, buffer: &mut [u8]) -> Result<usize, EncodeError> {
                match self {
                    $(Self::$name(message) => encode(protocol, message, buffer).map(<[u8]>::len),)*
                }
            }
        }

        #[inline(never)]
        fn decode(protocol: Protocol, bytes: &[u8]) -> Result<u64, DecodeError> {
            let mut sum = 0u64;
            for frame in Frames::new(protocol, bytes) {
                let Ok(frame) = frame else { break };
                let read = match frame.message_type() {
                    $(MessageType::$number => read_in_place::<$name>(&frame)?,)*
                    _ => 0,
                };
                sum = sum.wrapping_add(read);
            }
            Ok(sum)
        }

        #[inline(never)]
        fn decode_by_value(protocol: Protocol, bytes: &[u8]) -> Result<u64, DecodeError> {
            let mut sum = 0u64;
            for frame in Frames::new(protocol, bytes) {
                let Ok(frame) = frame else { break };
                let read = match frame.message_type() {
                    $(MessageType::$number => frame.decode::<$name>()?.read_all(),)*
                    _ => 0,
                };
                sum = sum.wrapping_add(read);
            }
            Ok(sum)
        }

        #[inline(never)]
        fn decode_enum(protocol: Protocol, bytes: &[u8]) -> Result<u64, DecodeError> {
            let mut sum = 0u64;
            for frame in Frames::new(protocol, bytes) {
                let Ok(frame) = frame else { break };
                let read = match frame.message()? {
                    $(Message::$name(message) => message.read_all(),)*
                    _ => 0,
                };
                sum = sum.wrapping_add(read);
            }
            Ok(sum)
        }

        /// Reads the messages of the stream, which the catalogue hands over.
        struct Read;

        impl Handler for Read {
            type Output = u64;

            #[inline]
            fn message<'a, M: Body<'a>>(&mut self, message: &M) -> u64 {
                match message.as_message() {
                    $(MessageRef::$name(message) => message.read_all(),)*
                    _ => 0,
                }
            }

            fn other(&mut self, _: &Frame<'_>) -> u64 {
                0
            }
        }
    };
}

mix! {
    AgentStateEvent<'a> = AGENT_STATE_EVENT;
    BeginCallEvent<'a> = BEGIN_CALL_EVENT;
    CallDeliveredEvent<'a> = CALL_DELIVERED_EVENT;
    CallEstablishedEvent<'a> = CALL_ESTABLISHED_EVENT;
    CallDataUpdateEvent<'a> = CALL_DATA_UPDATE_EVENT;
    CallClearedEvent<'a> = CALL_CLEARED_EVENT;
    EndCallEvent<'a> = END_CALL_EVENT;
    HeartbeatConf = HEARTBEAT_CONF;
}

#[inline(never)]
fn dispatch(protocol: Protocol, bytes: &[u8]) -> Result<u64, DecodeError> {
    let mut sum = 0u64;
    for frame in Frames::new(protocol, bytes) {
        let Ok(frame) = frame else { break };
        sum = sum.wrapping_add(frame.dispatch(&mut Read)?);
    }
    Ok(sum)
}

impl Any<'_> {
    /// The same message with its lists in slices. They live as long as the benchmark.
    fn composed(&self) -> Self {
        let mut message = self.clone();
        match &mut message {
            Self::AgentStateEvent(message) => message.flt_skill_groups = in_slice(&message.flt_skill_groups),
            Self::BeginCallEvent(message) => message.named_variables = in_slice(&message.named_variables),
            Self::CallDataUpdateEvent(message) => message.named_variables = in_slice(&message.named_variables),
            _ => {}
        }
        message
    }
}

fn in_slice<'a, T: Element<'a>>(list: &List<'a, T>) -> List<'a, T> {
    List::new(Vec::leak(list.iter().collect()))
}

#[inline(never)]
fn encode_all(protocol: Protocol, messages: &[Any<'_>], buffer: &mut [u8]) -> Result<u64, EncodeError> {
    let mut sum = 0;
    for message in messages {
        sum += message.encode(protocol, buffer)? as u64;
        // What is written is looked at, or it need not be written.
        black_box(&*buffer);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Order;

    /// The rows agree with each other, so that none of them measures something else.
    #[test]
    fn the_rows_read_the_same() {
        for version in [19, 24] {
            for order in [Order::Given, Order::Shuffled] {
                let stream = Stream::new(Protocol::cce(version).unwrap(), order, 20).unwrap();
                let mut load = Workload::new(&stream).unwrap();
                assert_eq!(load.received.len(), stream.messages);
                // With twenty calls the kept and the cached part are the whole stream.
                let [a, view, b, decoded, by_value, dispatched, any, kept, encoded, again] =
                    Row::ALL.map(|row| load.run(row));
                assert_eq!(a, view);
                assert!(b > 0 && decoded > b);
                assert_eq!(decoded, dispatched);
                assert_eq!(decoded, by_value);
                assert_eq!(decoded, any);
                assert_eq!(decoded, kept);
                assert_eq!(encoded, stream.bytes.len() as u64);
                assert_eq!(again, encoded);
            }
        }
    }
}
