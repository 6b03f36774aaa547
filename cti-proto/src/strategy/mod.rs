//! Strategies for property tests of applications: frames, streams and damaged streams, for every protocol.
//!
//! Frames are put together byte by byte from the tables of the catalogue ([`MESSAGES`]) and not by the encoder, so
//! that they test it too. A frame is one that the protocol allows, in the form in which [`encode`](crate::encode)
//! writes it: decoded and encoded again it has the same bytes.
//!
//! * Fixed fields: those of the version. Enumerations and masks hold named values, with a settable probability any
//!   number; counts say how many elements follow; reserved fields are 0.
//! * Floating fields: those of the version, in the order of the table. Required ones are always there, others with a
//!   settable probability. Texts end with a NUL and have any length up to the most allowed, mostly a short one;
//!   they are ASCII, for Unified CCX UTF-8, and digits where only digits may stand.
//! * Lists: of any length up to the most allowed, mostly a short one. A record has its first field always, which
//!   tells it from the record before.
//! * Named variables and arrays: up to 2,000 bytes together.
//! * The whole: at most [`Protocol::max_message`] bytes. What does not fit is left out.
//!
//! Beside single frames and streams of any, there are streams of events as a contact centre sends them: calls ([`Traffic`]),
//! agents and their teams ([`Shift`]), queues ([`Hotline`]) and configuration ([`Upload`]).
//!
//! Values shrink to shorter texts, fewer fields, fewer elements, fewer frames, and to lower numbers.
//!
//! ```
//! use cti_proto::message::AgentStateEvent;
//! use cti_proto::strategy::{self, Generator};
//! use cti_proto::{Frames, Protocol};
//! use proptest::prelude::*;
//!
//! // Every message of every protocol decodes.
//! proptest!(|(owned in strategy::protocols().prop_flat_map(strategy::any_message))| {
//!     prop_assert!(owned.frame().message().is_ok());
//! });
//!
//! // One message, with everything that it can have.
//! let events = Generator::new(Protocol::cce(24)?).optional(1.0).typed::<AgentStateEvent>();
//! proptest!(|(owned in events)| {
//!     prop_assert!(owned.frame().decode::<AgentStateEvent>()?.agent_extension.is_some());
//! });
//!
//! // No stream makes an application panic.
//! fn application(frames: Frames<'_>) -> usize {
//!     frames.flatten().count()
//! }
//! let streams = strategy::stream(Protocol::ccx(15)?, 0..10);
//! proptest!(|(stream in strategy::damaged(streams))| {
//!     application(stream.frames());
//! });
//! # Ok::<_, cti_proto::UnsupportedVersion>(())
//! ```

mod damage;
mod hotline;
mod owned;
mod recipe;
mod shift;
mod traffic;
mod upload;

use core::fmt;
use std::string::String;
use std::vec;
use std::vec::Vec;

use proptest::collection::{SizeRange, vec as vec_of};
use proptest::prelude::*;
use proptest::sample::{Index, select};

pub use self::damage::damaged;
pub use self::hotline::{Hotline, HotlineStep};
pub use self::owned::{OwnedFrame, OwnedStream};
use self::recipe::{Item, Listed, Part, Piece, Recipe};
pub use self::shift::Shift;
pub use self::traffic::{Played, PlayedCall, PlayedParty, Traffic};
pub use self::upload::{Upload, UploadStep, UploadedAgent};
use crate::message::{
    Body, ControlFailureConf, Direction, ElementInfo, FieldInfo, FieldRule, FixedInfo, ListInfo, MESSAGES, MessageInfo,
    MessageType, Service,
};
use crate::protocol::{FieldFormat, Protocol};
use crate::value::{NAMEDVAR_NAME_MAX, NAMEDVAR_VALUE_MAX, ValueTable};
use crate::wire::DataType;

/// Bytes of a configuration key, the only UNSPEC whose size is fixed.
const CONFIG_KEY_LEN: u16 = 8;
/// Letters of texts, the plainest first.
const LETTERS: &[char] = &[
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'x', 'y', 'z', 'A', 'Z', '.', '-', '_', ':', '@',
    '/', ' ', '"', '\\', '%', '~', '!',
];
/// What can be dialled.
const DIGITS: &[char] =
    &['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', ',', 'A', 'B', 'C', 'D', 'a', 'b', 'c', 'd'];

/// Every protocol: Unified CCE 9 to 25, then Unified CCX 10 to 18.
pub fn all_protocols() -> impl Iterator<Item = Protocol> + Clone {
    let cce = (Protocol::CCE_MIN..=Protocol::CCE_MAX).filter_map(|version| Protocol::cce(version).ok());
    let ccx = (Protocol::CCX_MIN..=Protocol::CCX_MAX).filter_map(|version| Protocol::ccx(version).ok());
    cce.chain(ccx)
}

/// One of [`all_protocols`]; shrinks to Unified CCE 9. How wide the lengths of Unified CCX 18 are stays open, so that
/// its frames have two bytes.
pub fn protocols() -> impl Strategy<Value = Protocol> + Clone {
    select(all_protocols().collect::<Vec<_>>())
}

/// A message of this type: see [`Generator::message`].
pub fn message(protocol: Protocol, message: MessageType) -> BoxedStrategy<OwnedFrame> {
    Generator::new(protocol).message(message)
}

/// A message of type `M`: see [`Generator::typed`].
pub fn typed<'a, M: Body<'a>>(protocol: Protocol) -> BoxedStrategy<OwnedFrame> {
    Generator::new(protocol).typed::<M>()
}

/// Any message that the protocol has.
pub fn any_message(protocol: Protocol) -> BoxedStrategy<OwnedFrame> {
    Generator::new(protocol).any_message()
}

/// Any message that the server sends unasked: see [`Generator::events`].
pub fn events(protocol: Protocol) -> BoxedStrategy<OwnedFrame> {
    Generator::new(protocol).events()
}

/// `len` frames, one behind the other: see [`Generator::stream`].
pub fn stream(protocol: Protocol, len: impl Into<SizeRange>) -> BoxedStrategy<OwnedStream> {
    Generator::new(protocol).stream(len)
}

/// Which frames to generate. A plain value: every method gives a changed copy, or a strategy.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Generator {
    protocol: Protocol,
    optional: f64,
    unnamed: f64,
    unknown_fields: f64,
    undocumented: f64,
    elements: usize,
}

impl Generator {
    /// Frames of `protocol`: every second optional field, one in ten enumerated values without a name, mostly up to
    /// three elements in a list, nothing that the guide does not know.
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, optional: 0.5, unnamed: 0.1, unknown_fields: 0.0, undocumented: 0.0, elements: 3 }
    }

    /// How probable each optional field is. 0 leaves all out, 1 puts all in, as far as the message stays within its
    /// limit; beyond that range counts as the nearer end.
    pub const fn optional(self, probability: f64) -> Self {
        Self { optional: probability, ..self }
    }

    /// How probable it is that an enumeration or mask holds any number instead of a named one; 0 to 1.
    pub const fn unnamed_values(self, probability: f64) -> Self {
        Self { unnamed: probability, ..self }
    }

    /// How probable it is that a message ends with one to three fields whose tags it does not have; 0 to 1. Decoding
    /// ignores them, so that they are gone when the message is encoded again.
    pub const fn unknown_fields(self, probability: f64) -> Self {
        Self { unknown_fields: probability, ..self }
    }

    /// How probable it is that a frame of [`any_message`](Self::any_message) or of a [`stream`](Self::stream) is of
    /// a type whose layout is not published, or that nobody knows; 0 to 1.
    pub const fn undocumented(self, probability: f64) -> Self {
        Self { undocumented: probability, ..self }
    }

    /// How many elements a list mostly has at most. Now and then one is longer, up to the most allowed; with 0 none
    /// is, and all lists are empty.
    pub const fn elements(self, usually: usize) -> Self {
        Self { elements: usually, ..self }
    }

    /// A message of this type. Of a type whose layout is not published the body is up to 64 bytes of anything; of a
    /// type that the protocol lacks it has the fields that the version would have.
    pub fn message(self, message: MessageType) -> BoxedStrategy<OwnedFrame> {
        match MessageInfo::of(message) {
            Some(info) => self.of(info),
            None => self.opaque(Just(message)),
        }
    }

    /// A message of type `M`: [`message`](Self::message) of [`Body::TYPE`].
    pub fn typed<'a, M: Body<'a>>(self) -> BoxedStrategy<OwnedFrame> {
        self.of(M::INFO)
    }

    /// Any message that the protocol has, each as probable as the others.
    pub fn any_message(self) -> BoxedStrategy<OwnedFrame> {
        let known = self.matching(|_| true);
        // Drawn side by side, so that an odd frame shrinks to a plain one.
        (known, sometimes(self.undocumented, self.undocumented_message()))
            .prop_map(|(known, other)| other.unwrap_or(known))
            .boxed()
    }

    /// Any message that the protocol has and `filter` wants. Where there is none, the strategy rejects and so fails
    /// the test that uses it.
    pub fn matching(self, filter: impl Fn(&MessageInfo) -> bool) -> BoxedStrategy<OwnedFrame> {
        let wanted: Vec<&'static MessageInfo> =
            MESSAGES.iter().copied().filter(|info| info.versions.include(self.protocol) && filter(info)).collect();
        if wanted.is_empty() {
            return Just(()).prop_filter_map("the protocol has no such message", |()| None).boxed();
        }
        select(wanted).prop_flat_map(move |info| self.of(info)).boxed()
    }

    /// Any message that the server sends unasked: those named `..._EVENT` or `..._EVENT_MSG`.
    pub fn events(self) -> BoxedStrategy<OwnedFrame> {
        // By name: the tables say who sends a message, and not whether it was asked for.
        let is_event = |name: &str| name.trim_end_matches("_MSG").ends_with("_EVENT");
        let is_event = |message: MessageType| message.name().is_some_and(is_event);
        self.matching(|info| info.direction != Direction::Client && is_event(info.message_type))
    }

    /// Any message that this side sends; those of [`Direction::Both`] are of either side.
    pub fn sent_by(self, side: Direction) -> BoxedStrategy<OwnedFrame> {
        self.matching(|info| [info.direction, side].contains(&Direction::Both) || info.direction == side)
    }

    /// Any message of a service of the guide. Not every protocol has messages of every service: see
    /// [`matching`](Self::matching).
    pub fn of_service(self, service: Service) -> BoxedStrategy<OwnedFrame> {
        self.matching(|info| info.service == service)
    }

    /// `len` frames of [`any_message`](Self::any_message), one behind the other.
    pub fn stream(self, len: impl Into<SizeRange>) -> BoxedStrategy<OwnedStream> {
        self.stream_of(self.any_message(), len)
    }

    /// `len` frames of `messages`, one behind the other.
    pub fn stream_of(
        self,
        messages: impl Strategy<Value = OwnedFrame> + 'static,
        len: impl Into<SizeRange>,
    ) -> BoxedStrategy<OwnedStream> {
        vec_of(messages, len).prop_map(move |frames| OwnedStream::of(self.protocol, &frames)).boxed()
    }

    /// A message whose layout is not published, or whose number nobody knows, with up to 64 bytes of anything.
    pub fn undocumented_message(self) -> BoxedStrategy<OwnedFrame> {
        let unpublished: Vec<u32> = MessageType::VALUES.iter().map(|(_, number)| *number).filter(is_unknown).collect();
        // `select` panics on nothing.
        let unpublished = if unpublished.is_empty() { vec![0] } else { unpublished };
        let unheard = any::<u32>().prop_map(|number| if is_unknown(&number) { number } else { u32::MAX });
        self.opaque(prop_oneof![3 => select(unpublished), 1 => unheard].prop_map(MessageType))
    }

    fn opaque(self, message: impl Strategy<Value = MessageType> + 'static) -> BoxedStrategy<OwnedFrame> {
        (message, vec_of(any::<u8>(), 0..=64))
            .prop_map(move |(message, body)| OwnedFrame::from_parts(self.protocol, message, &body))
            .boxed()
    }

    fn of(self, info: &'static MessageInfo) -> BoxedStrategy<OwnedFrame> {
        if info.message_type == MessageType::FAILURE_CONF {
            let status = self.laid_out(info);
            return prop_oneof![4 => status, 1 => self.control_failure()].boxed();
        }
        self.laid_out(info)
    }

    /// The other body of FAILURE_CONF: that of CONTROL_FAILURE_CONF, without a floating part. The end that would be
    /// taken for an empty floating field is avoided.
    fn control_failure(self) -> BoxedStrategy<OwnedFrame> {
        // Ten bytes exactly: with a field behind them they would be a status.
        let body = Self { unknown_fields: 0.0, ..self }.optional(0.0).typed::<ControlFailureConf<'_>>();
        body.prop_map(|frame| {
            let mut body = Vec::from(frame.frame().body());
            // Of Text and CTIOSCILClientID, see `FailureReason`.
            if let [.., 7 | 217, last @ 0] = body.as_mut_slice() {
                *last = 1;
            }
            OwnedFrame::from_parts(frame.protocol, MessageType::FAILURE_CONF, &body)
        })
        .boxed()
    }

    fn laid_out(self, info: &'static MessageInfo) -> BoxedStrategy<OwnedFrame> {
        let fixed: Vec<_> = info.fixed_in(self.protocol).map(|field| self.fixed(field)).collect();
        let floating: Vec<_> = self.existing(info.floating).map(|field| self.floating(field, false)).collect();
        let lists: Vec<_> = self.existing_lists(info.lists).map(|list| self.list(list)).collect();
        let unknown = vec_of((any::<u16>(), vec_of(any::<u8>(), 1..=16)), 1..=3);
        (fixed, floating, lists, sometimes(self.unknown_fields, unknown))
            .prop_map(move |(fixed, floating, lists, unknown)| {
                let unknown = unknown.unwrap_or_default();
                Recipe { fixed, floating, lists, unknown }.assemble(self.protocol, info)
            })
            .boxed()
    }

    fn existing(self, fields: &[FieldInfo]) -> impl Iterator<Item = &FieldInfo> {
        fields.iter().filter(move |field| exists(self.protocol, &field.rule))
    }

    fn existing_lists(self, lists: &'static [ListInfo]) -> impl Iterator<Item = &'static ListInfo> {
        lists.iter().filter(move |list| list.rule.versions.include(self.protocol))
    }

    fn fixed(self, field: &'static FixedInfo) -> BoxedStrategy<Part> {
        if let Some(list) = field.counts {
            // How many elements there are is known when all is cut to the limits.
            return Just(Part::Count(list)).boxed();
        }
        if field.name.base.starts_with("Reserved") {
            // The guide wants 0 there, and a server refuses anything else.
            return Just(Part::Data(vec![0; field.size])).boxed();
        }
        let value = self.number(field.data_type, field.size, field.values);
        let times = field.counters.len().max(1);
        vec_of(value, times).prop_map(|values| Part::Data(values.concat())).boxed()
    }

    /// A floating field, unless it is one that may be absent and is.
    fn floating(self, field: &FieldInfo, always: bool) -> BoxedStrategy<Option<Piece>> {
        let (tag, required) = (field.rule.tag_in(self.protocol), field.rule.required_in(self.protocol) || always);
        let probability = if required { 1.0 } else { self.optional };
        let data = self.data(field).prop_map(move |data| Piece { tag, required, data });
        sometimes(probability, data)
    }

    fn data(self, field: &FieldInfo) -> BoxedStrategy<Vec<u8>> {
        let max = longest(self.protocol, &field.rule);
        match field.rule.data_type {
            DataType::String => self.text(max.saturating_sub(1), field.rule.digits).prop_map(with_nul).boxed(),
            DataType::Unspec if field.rule.max == CONFIG_KEY_LEN => any::<[u8; 8]>().prop_map(Vec::from).boxed(),
            DataType::Unspec => up_to(any::<u8>().boxed(), max),
            DataType::NamedVar => self.named().boxed(),
            DataType::NamedArray => (any::<u8>(), self.named())
                .prop_map(|(index, mut data)| {
                    data.insert(0, index);
                    data
                })
                .boxed(),
            data_type => self.number(data_type, data_type.size().unwrap_or_default(), field.values),
        }
    }

    fn named(self) -> impl Strategy<Value = Vec<u8>> + use<> {
        let name = self.text(NAMEDVAR_NAME_MAX.saturating_sub(1), false).prop_map(|name| match name.as_slice() {
            [] => vec![b'0'],
            _ => name,
        });
        let value = self.text(NAMEDVAR_VALUE_MAX.saturating_sub(1), false);
        (name, value).prop_map(|(name, value)| [with_nul(name), with_nul(value)].concat())
    }

    /// A text of at most `max` bytes, without its NUL.
    fn text(self, max: usize, digits: bool) -> BoxedStrategy<Vec<u8>> {
        let letters = match (digits, self.protocol.is_ccx()) {
            (true, _) => select(DIGITS).boxed(),
            (false, false) => select(LETTERS).boxed(),
            (false, true) => prop_oneof![15 => select(LETTERS), 1 => any::<char>()].boxed(),
        };
        up_to(letters, max)
            .prop_map(move |letters| {
                let mut text = String::new();
                // Letters of Unified CCX have up to four bytes, and the limit is one of bytes.
                for letter in letters.into_iter().filter(|letter| *letter != '\0') {
                    if text.len().saturating_add(letter.len_utf8()) <= max {
                        text.push(letter);
                    }
                }
                text.into_bytes()
            })
            .boxed()
    }

    /// A number of `size` bytes; zeros for what is no number.
    fn number(self, data_type: DataType, size: usize, values: Option<&'static ValueTable>) -> BoxedStrategy<Vec<u8>> {
        // Plain numbers, the "none" of most fields, and anything at all.
        let anything = prop_oneof![5 => 0..=9_999_u32, 1 => Just(u32::MAX), 2 => any::<u32>()];
        let number = match values.filter(|table| !table.values.is_empty()) {
            // The encoder writes 0 and 1, and the same bytes are to come back.
            _ if data_type == DataType::Bool => (0..=1_u32).boxed(),
            _ if data_type == DataType::Unspec => Just(0).boxed(),
            None => anything.boxed(),
            Some(table) => {
                let values = select(table.values).prop_map(|(_, number)| number);
                let named = match table.mask {
                    true => vec_of(values, 0..=4).prop_map(|bits| bits.iter().fold(0, |mask, bit| mask | bit)).boxed(),
                    false => values.boxed(),
                };
                (named, sometimes(self.unnamed, anything)).prop_map(|(named, other)| other.unwrap_or(named)).boxed()
            }
        };
        number
            .prop_map(move |number| {
                // Wider than a number are reserved bytes only.
                let zeros = vec![0; size.saturating_sub(size_of::<u32>())];
                let digits = number.to_be_bytes();
                let skipped = digits.len().saturating_sub(size);
                zeros.into_iter().chain(digits.into_iter().skip(skipped)).collect()
            })
            .boxed()
    }

    fn list(self, list: &'static ListInfo) -> BoxedStrategy<Listed> {
        let count = list.rule.count.filter(|rule| exists(self.protocol, rule));
        let count = count.map(|rule| rule.tag_in(self.protocol));
        let items = self.element(list.element);
        let items = match self.elements.min(list.rule.max) {
            0 => Just(Vec::new()).boxed(),
            usually => prop_oneof![
                15 => vec_of(items.clone(), 0..=usually),
                1 => vec_of(items, 0..=list.rule.max)
            ]
            .boxed(),
        };
        // A list of nothing may be counted all the same.
        let says_zero = sometimes(self.optional, Just(()));
        (items, says_zero)
            .prop_map(move |(items, says_zero)| Listed {
                name: list.rule.name,
                columns: is_written_in_columns(list.element),
                count: count.filter(|_| !items.is_empty() || says_zero.is_some()),
                items,
            })
            .boxed()
    }

    fn element(self, element: &'static ElementInfo) -> BoxedStrategy<Item> {
        let marked = element.fields.iter().any(|field| field.rule.required_in(self.protocol));
        let fields: Vec<_> = self
            .existing(element.fields)
            .enumerate()
            // A column has a value for each element; of a record the first field marks where it begins.
            .map(|(place, field)| self.floating(field, field.array || !marked && place == 0))
            .collect();
        let lists: Vec<_> = self.existing_lists(element.lists).map(|list| self.list(list)).collect();
        (fields, lists)
            .prop_map(|(fields, lists)| Item { fields: fields.into_iter().flatten().collect(), lists })
            .boxed()
    }
}

/// Bytes as a receiver may get them: cut into chunks of any size, none of them empty. Together they are `bytes`.
/// Shrinks to fewer chunks.
pub fn chunked(bytes: impl Into<Vec<u8>>) -> BoxedStrategy<Vec<Vec<u8>>> {
    let bytes = bytes.into();
    let length = bytes.len();
    let anywhere = vec_of(any::<Index>(), 0..=16).prop_map(move |cuts| {
        let mut cuts: Vec<usize> = cuts.iter().filter(|_| length > 0).map(|cut| cut.index(length)).collect();
        cuts.sort_unstable();
        cuts
    });
    let evenly = (1..=length.clamp(1, 64)).prop_map(move |size| (0..length).step_by(size).collect());
    prop_oneof![2 => anywhere, 1 => evenly]
        .prop_map(move |cuts: Vec<usize>| {
            let ends = cuts.iter().copied().chain([length]);
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let chunks = starts.zip(ends).filter_map(|(start, end)| bytes.get(start..end));
            chunks.filter(|chunk| !chunk.is_empty()).map(Vec::from).collect()
        })
        .boxed()
}

/// `Some` with this probability; shrinks to `None` where it may.
fn sometimes<S>(probability: f64, strategy: S) -> BoxedStrategy<Option<S::Value>>
where
    S: Strategy + 'static,
    S::Value: Clone + 'static,
{
    match probability {
        p if p >= 1.0 => strategy.prop_map(Some).boxed(),
        p if p > 0.0 => proptest::option::weighted(p, strategy).boxed(),
        _ => Just(None).boxed(),
    }
}

/// Up to `max` things: mostly few, now and then many, and just as many as there may be.
fn up_to<T: Clone + fmt::Debug + 'static>(things: BoxedStrategy<T>, max: usize) -> BoxedStrategy<Vec<T>> {
    // The middle is dull: mistakes are at the ends.
    let few = max.min(12);
    prop_oneof![
        13 => vec_of(things.clone(), 0..=few),
        2 => vec_of(things.clone(), 0..=max),
        1 => vec_of(things, max..=max)
    ]
    .boxed()
}

fn with_nul(mut text: Vec<u8>) -> Vec<u8> {
    text.push(0);
    text
}

/// Whether the protocol has the field; a tag of one byte does not hold every field.
fn exists(protocol: Protocol, rule: &FieldRule) -> bool {
    let fits = protocol.format() != Some(FieldFormat::Narrow) || rule.tag_in(protocol) <= u16::from(u8::MAX);
    fits && rule.versions.include(protocol)
}

/// Most bytes of data; a length of one byte does not hold more than 255.
fn longest(protocol: Protocol, rule: &FieldRule) -> usize {
    rule.max_in(protocol).min(usize::from(u8::MAX))
}

/// Whether the encoder writes one field for a column of the list, and not one field for each value.
fn is_written_in_columns(element: &ElementInfo) -> bool {
    element.fields.iter().all(|field| field.array && !field.alone)
}

fn is_unknown(message: &u32) -> bool {
    MessageInfo::of(MessageType(*message)).is_none()
}
