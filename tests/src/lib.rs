//! What the tests share.

pub mod agent;
pub mod session;
pub mod track;

use cti_proto::message::{Body, FieldInfo, FieldRule, FixedInfo, Handler, ListInfo, MESSAGES, Message, MessageInfo};
use cti_proto::strategy::OwnedFrame;
use cti_proto::wire::DataType;
use cti_proto::{EncodeError, FieldFormat, Frame, Protocol, encode, encoded_len};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// The code in the README, which is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// Bytes written in hexadecimal; blanks do not count, nor what stands behind a `#`.
///
/// # Panics
/// If there is anything else.
#[must_use]
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .lines()
        .flat_map(|line| line.split('#').next().unwrap_or_default().bytes())
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8)
        .collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of digits");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Values of a strategy, always the same ones from the same runner.
///
/// # Panics
/// If the strategy has none.
pub fn values<S: Strategy>(runner: &mut TestRunner, strategy: &S, count: usize) -> Vec<S::Value> {
    (0..count).map(|_| strategy.new_tree(runner).expect("a value").current()).collect()
}

/// Every message with every protocol that has it.
pub fn catalogue() -> impl Iterator<Item = (Protocol, &'static MessageInfo)> {
    cti_proto::strategy::all_protocols().flat_map(|protocol| {
        let messages = MESSAGES.iter().copied().filter(move |info| info.versions.include(protocol));
        messages.map(move |info| (protocol, info))
    })
}

struct Encode<'b>(Protocol, &'b mut [u8]);

impl Handler for Encode<'_> {
    type Output = Result<usize, EncodeError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        encode(self.0, message, self.1).map(<[u8]>::len)
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{frame:?} has no layout to write")
    }
}

struct Measure(Protocol);

impl Handler for Measure {
    type Output = Result<usize, EncodeError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        encoded_len(self.0, message)
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{frame:?} has no layout to write")
    }
}

/// Encodes a message, whatever it is.
///
/// # Errors
/// Those of [`encode`].
///
/// # Panics
/// If the message has no layout.
pub fn encode_any(protocol: Protocol, message: &Message<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut buffer = vec![0; 16_384];
    let length = encode_any_into(protocol, message, &mut buffer)?;
    buffer.truncate(length);
    Ok(buffer)
}

/// Encodes a message, whatever it is, and says how long it is.
///
/// # Errors
/// Those of [`encode`].
///
/// # Panics
/// If the message has no layout.
pub fn encode_any_into(protocol: Protocol, message: &Message<'_>, buffer: &mut [u8]) -> Result<usize, EncodeError> {
    message.dispatch(&mut Encode(protocol, buffer))
}

/// Measures a message, whatever it is.
///
/// # Errors
/// Those of [`encoded_len`].
///
/// # Panics
/// If the message has no layout.
pub fn measure_any(protocol: Protocol, message: &Message<'_>) -> Result<usize, EncodeError> {
    message.dispatch(&mut Measure(protocol))
}

/// A frame that is put together field by field, also against the rules.
#[derive(Clone, Debug)]
pub struct Crafted {
    protocol: Protocol,
    info: &'static MessageInfo,
    body: Vec<u8>,
}

impl Crafted {
    /// The fixed part, all zeros.
    #[must_use]
    pub fn new(protocol: Protocol, info: &'static MessageInfo) -> Self {
        let length = info.fixed_in(protocol).map(FixedInfo::length).sum();
        Self { protocol, info, body: vec![0; length] }
    }

    /// Adds a floating field.
    ///
    /// # Panics
    /// If the data or the tag are too large for the protocol.
    #[must_use]
    pub fn field(mut self, tag: u16, data: &[u8]) -> Self {
        let length = u16::try_from(data.len()).expect("a length of two bytes");
        // What an encoder writes where the frame is to tell.
        if self.protocol.format().unwrap_or(FieldFormat::Wide) == FieldFormat::Narrow {
            self.body.push(u8::try_from(tag).expect("a tag of one byte"));
            self.body.push(u8::try_from(length).expect("a length of one byte"));
        } else {
            self.body.extend(tag.to_be_bytes());
            self.body.extend(length.to_be_bytes());
        }
        self.body.extend(data);
        self
    }

    /// Adds a floating field with a value that its rule allows.
    #[must_use]
    pub fn plain(self, rule: &FieldRule) -> Self {
        let tag = rule.tag_in(self.protocol);
        self.field(tag, &plain_data(rule))
    }

    /// Adds every required field but `skipped`.
    #[must_use]
    pub fn required(self, skipped: Option<&FieldRule>) -> Self {
        let (protocol, skipped) = (self.protocol, skipped.map(|rule| rule.name));
        let required = self.info.floating.iter().map(|field| &field.rule);
        required.filter(|rule| rule.required_in(protocol) && Some(rule.name) != skipped).fold(self, Self::plain)
    }

    /// Adds elements of a list, each with the fields that it must have.
    #[must_use]
    pub fn elements(self, list: &ListInfo, count: usize) -> Self {
        let protocol = self.protocol;
        let fields = move || element_fields(list, protocol);
        (0..count).fold(self, |this, _| fields().fold(this, |this, field| this.plain(&field.rule)))
    }

    /// The frame.
    #[must_use]
    pub fn frame(&self) -> OwnedFrame {
        OwnedFrame::from_parts(self.protocol, self.info.message_type, &self.body)
    }
}

/// The fields of an element that must be there, or its first one.
fn element_fields(list: &ListInfo, protocol: Protocol) -> impl Iterator<Item = &'static FieldInfo> {
    let fields = list.element.fields;
    // As the strategies have it: a record begins with its first field.
    let none_required = fields.iter().all(|field| !field.rule.required_in(protocol) && !field.array);
    fields
        .iter()
        .enumerate()
        .filter(move |(place, field)| field.rule.required_in(protocol) || field.array || none_required && *place == 0)
        .map(|(_, field)| field)
}

/// A value that the rule allows.
#[must_use]
pub fn plain_data(rule: &FieldRule) -> Vec<u8> {
    match rule.data_type {
        DataType::String => vec![b'1', 0],
        DataType::Unspec => vec![0; 8],
        DataType::NamedVar => b"n\0\0".to_vec(),
        DataType::NamedArray => b"\0n\0\0".to_vec(),
        sized => vec![0; sized.size().unwrap_or_default()],
    }
}
