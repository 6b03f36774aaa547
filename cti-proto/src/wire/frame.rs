//! One message on the wire: a borrowed view, validated for framing only.

use core::fmt;

use nom::bytes::streaming::take;
use nom::{IResult, Parser as _};

use crate::error::{DecodeError, DecodeErrorKind, FrameError};
use crate::message::{self, Body, Handler, Message, MessageInfo, MessageType};
use crate::protocol::Protocol;
use crate::wire::{Fields, RawField};

/// Bytes of the header in front of every message: length and type.
pub const HEADER_LEN: usize = 8;

/// A message as it stands in the receive buffer: its type, its protocol and its undecoded body.
///
/// Guide: "Messaging Conventions", message format (MHDR).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    protocol: Protocol,
    message_type: MessageType,
    body: &'a [u8],
}

/// What the front of a byte stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Parsed<'a> {
    /// A whole frame, and the bytes behind it.
    Frame(Frame<'a>, &'a [u8]),
    /// The beginning of a frame: at least this many bytes more are needed.
    More(usize),
}

/// A header, as far as framing needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) length: u32,
    pub(crate) message_type: MessageType,
}

impl Header {
    /// Bytes of the frame, header included.
    pub(crate) const fn frame_len(self) -> usize {
        HEADER_LEN.saturating_add(self.length as usize)
    }

    /// The header at the front of `input`, or how many bytes it lacks.
    // Two results: the outer one is final, the inner one only wants more bytes.
    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn parse(protocol: Protocol, input: &[u8]) -> Result<Result<(Self, &[u8]), usize>, FrameError> {
        // "Streaming", as bytes that are lacking may still come.
        let parsed: IResult<&[u8], &[u8], ()> = take(HEADER_LEN).parse(input);
        // Not by nom's numbers, which come byte by byte: four times the instructions.
        let Some((rest, header)) = parsed.ok().and_then(|(rest, header)| Some((rest, header.first_chunk()?))) else {
            return Ok(Err(HEADER_LEN.saturating_sub(input.len())));
        };
        Ok(Ok((Self::of(header).checked(protocol)?, rest)))
    }

    /// The header that these bytes are.
    #[inline]
    pub(crate) const fn of([l3, l2, l1, l0, t3, t2, t1, t0]: &[u8; HEADER_LEN]) -> Self {
        let message_type = MessageType(u32::from_be_bytes([*t3, *t2, *t1, *t0]));
        Self { length: u32::from_be_bytes([*l3, *l2, *l1, *l0]), message_type }
    }

    /// The same, if the protocol has frames of this length. Before the body is waited for: a stream that is out of step
    /// announces gigabytes.
    #[inline]
    pub(crate) const fn checked(self, protocol: Protocol) -> Result<Self, FrameError> {
        if self.is_within(protocol) {
            return Ok(self);
        }
        let Self { length, message_type: message } = self;
        Err(FrameError::TooLong { message, length, limit: protocol.max_message() })
    }

    /// Whether the protocol has frames of this length.
    #[inline]
    pub(crate) const fn is_within(self, protocol: Protocol) -> bool {
        self.length as usize <= protocol.max_message().saturating_sub(HEADER_LEN)
    }
}

impl<'a> Frame<'a> {
    /// A frame of these parts.
    #[must_use]
    pub const fn new(protocol: Protocol, message_type: MessageType, body: &'a [u8]) -> Self {
        Self { protocol, message_type, body }
    }

    /// The frame at the front of `input`.
    ///
    /// # Errors
    /// [`FrameError`] if the header announces more than the protocol allows.
    #[inline]
    pub fn parse(protocol: Protocol, input: &'a [u8]) -> Result<Parsed<'a>, FrameError> {
        let (header, rest) = match Header::parse(protocol, input)? {
            Ok(parsed) => parsed,
            Err(missing) => return Ok(Parsed::More(missing)),
        };
        let length = header.length as usize;
        Ok(match rest.split_at_checked(length) {
            Some((body, rest)) => Parsed::Frame(Self::new(protocol, header.message_type, body), rest),
            None => Parsed::More(length.saturating_sub(rest.len())),
        })
    }

    /// The protocol that the frame is written in.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The type of the message.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        self.message_type
    }

    /// The body: everything after the header.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Decodes the body as a message of type `M`.
    ///
    /// # Errors
    /// [`DecodeError`] if the frame is of another type, or its body is not one of that type.
    #[inline]
    pub fn decode<M: Body<'a>>(&self) -> Result<M, DecodeError> {
        if self.message_type != M::TYPE {
            return Err(self.is_other(M::TYPE));
        }
        let mut message = M::default();
        message.read(self)?;
        Ok(message)
    }

    /// Decodes the body, whatever it is. An unknown or undocumented message is [`Message::Other`].
    ///
    /// # Errors
    /// [`DecodeError`] if the body is not one of the frame's type.
    pub fn message(&self) -> Result<Message<'a>, DecodeError> {
        message::decode_any(self)
    }

    /// Decodes the body, whatever it is, and hands it to `handler` as its own type, which is faster than the large
    /// enum of [`message`](Self::message).
    ///
    /// # Errors
    /// [`DecodeError`] if the body is not one of the frame's type.
    pub fn dispatch<H: Handler>(&self, handler: &mut H) -> Result<H::Output, DecodeError> {
        message::dispatch(self, handler)
    }

    /// The fields of the body, one by one, under the names of the guide: for tools that name no message.
    pub fn fields(&self) -> message::FieldWalk<'a> {
        message::FieldWalk::new(self)
    }

    /// What is known of messages of this type.
    #[must_use]
    pub fn info(&self) -> Option<&'static MessageInfo> {
        MessageInfo::of(self.message_type)
    }

    // Out of line: every decoder has these, and hardly any message ever needs one.
    #[cold]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn is_other(&self, expected: MessageType) -> DecodeError {
        self.error(0, DecodeErrorKind::OtherMessage { expected })
    }

    #[cold]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn ends_in_fixed_part(&self) -> DecodeError {
        self.error(self.body.len(), DecodeErrorKind::ShortFixedPart)
    }

    /// `left` is what was left of the body in front of the field.
    #[cold]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn has_wrong_size(&self, field: RawField<'_>, left: usize) -> DecodeError {
        let kind = DecodeErrorKind::WrongSize { tag: field.tag, length: field.data.len() };
        self.error(self.body.len().saturating_sub(left), kind)
    }

    #[cold]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn is_truncated(&self, fields: &Fields<'_>) -> DecodeError {
        let offset = self.body.len().saturating_sub(fields.rest().len());
        self.error(offset, DecodeErrorKind::TruncatedField { tag: fields.truncated_tag() })
    }

    fn error(&self, offset: usize, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { message: self.message_type, protocol: self.protocol, offset, kind }
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the body: passwords and the data of callers stand in there.
        write!(f, "{} ({}, {} bytes)", self.message_type, self.protocol, self.body.len())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Frame<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{} ({}, {=usize} bytes)", self.message_type, self.protocol, self.body.len());
    }
}

/// Iterator over the whole frames at the front of a byte slice; the bytes of a partial one are its
/// [`rest`](Frames::rest).
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    protocol: Protocol,
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    /// Walks `bytes`, a stream of `protocol`.
    #[must_use]
    pub const fn new(protocol: Protocol, bytes: &'a [u8]) -> Self {
        Self { protocol, rest: bytes }
    }

    /// What is not yet walked.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, FrameError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match Frame::parse(self.protocol, self.rest) {
            Ok(Parsed::Frame(frame, rest)) => {
                self.rest = rest;
                Some(Ok(frame))
            }
            Ok(Parsed::More(_)) => None,
            Err(error) => {
                // Nobody knows where the next frame begins: the error is told once.
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}
