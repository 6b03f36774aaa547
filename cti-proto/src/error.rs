//! What can go wrong, and whose fault it is.

use core::fmt;

use crate::message::{FieldName, MessageInfo, MessageType};
use crate::protocol::{Product, Protocol};

/// Who is to blame for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Blame {
    /// The caller asked for something the protocol forbids.
    Usage,
    /// The peer sent something that the protocol forbids.
    Peer,
    /// Nobody: a buffer of ours is too small.
    Capacity,
    /// The network, or the system that connects to it.
    Transport,
}

/// A version that the product does not have, or that this crate does not know. The caller's or the peer's doing;
/// nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UnsupportedVersion {
    /// The product asked for.
    pub product: Product,
    /// The version asked for.
    pub version: u32,
}

/// A byte stream that cannot be cut into frames: always the peer's fault, and final, because the place of the next
/// frame is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FrameError {
    /// A header announces a message beyond the protocol's limit.
    TooLong {
        /// Type of the message.
        message: MessageType,
        /// Announced bytes after the header.
        length: u32,
        /// Largest message, header included.
        limit: usize,
    },
}

/// A frame whose body is not what its type asks for: the peer's fault, and the stream goes on at the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DecodeError {
    /// Type of the message.
    pub message: MessageType,
    /// Protocol of the frame.
    pub protocol: Protocol,
    /// Where it went wrong: bytes from the beginning of the body.
    pub offset: usize,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The body ends inside the fixed part.
    ShortFixedPart,
    /// A floating field is longer than what is left of the body, or bytes are left that hold no field.
    TruncatedField {
        /// The field's tag, where it could be read.
        tag: Option<u16>,
    },
    /// A floating field has a size that its type cannot have.
    WrongSize {
        /// The field's tag.
        tag: u16,
        /// Its length in bytes.
        length: usize,
    },
    /// The frame is of another type than the one to decode.
    OtherMessage {
        /// The type asked for.
        expected: MessageType,
    },
}

/// A message that cannot be written. Nothing of it counts as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EncodeError {
    /// Type of the message.
    pub message: MessageType,
    /// Field at fault, where one is to be named.
    pub field: Option<FieldName>,
    /// What is wrong.
    pub kind: EncodeErrorKind,
}

/// Why a message cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// The buffer is too small; a larger one will do.
    NoRoom {
        /// Bytes that the frame needs.
        needed: usize,
    },
    /// The message does not exist in this protocol version.
    MessageNotInVersion,
    /// The field does not exist in this protocol version.
    FieldNotInVersion,
    /// A field that must be present is absent.
    Missing,
    /// The value is longer than the field may be.
    TooLong {
        /// Its length in bytes, the NUL of a text included.
        length: usize,
        /// The most that the field may have.
        max: usize,
    },
    /// A text contains a NUL before its end.
    EmbeddedNul,
    /// A text that holds digits contains something else.
    NotDigits,
    /// A list has more elements than the protocol allows.
    TooMany {
        /// Elements in the list.
        count: usize,
        /// The most that the protocol allows.
        max: usize,
    },
    /// The name of a variable is empty.
    EmptyName,
    /// The tag or the length does not fit the one byte that this version has for it.
    NotInNarrowFormat,
    /// A peer would read the message as another one.
    Ambiguous,
    /// Named variables and arrays take more than 2,000 bytes together.
    TooMuchNamedData {
        /// What they take, in bytes.
        bytes: usize,
    },
    /// The message is larger than the protocol's limit.
    MessageTooLong {
        /// Its size with header, in bytes.
        length: usize,
        /// The most that this version allows.
        limit: usize,
    },
}

impl FrameError {
    /// Whose fault it is: the peer's.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        Blame::Peer
    }
}

impl DecodeError {
    /// The field at which it went wrong, where one can be named. Looked up here and not before, so that a program
    /// which does not ask links no names.
    #[must_use]
    pub fn field(&self) -> Option<FieldName> {
        let info = MessageInfo::of(self.message)?;
        match self.kind {
            DecodeErrorKind::ShortFixedPart => info.fixed_at(self.protocol, self.offset),
            DecodeErrorKind::WrongSize { tag, .. } | DecodeErrorKind::TruncatedField { tag: Some(tag) } => {
                info.field(self.protocol, tag).map(|field| field.rule.name)
            }
            _ => None,
        }
    }

    /// Whose fault it is: the caller's where another type of message was asked for, else the peer's.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self.kind {
            DecodeErrorKind::OtherMessage { .. } => Blame::Usage,
            _ => Blame::Peer,
        }
    }
}

impl EncodeError {
    /// Whose fault it is: nobody's where the buffer is too small, else the caller's.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self.kind {
            EncodeErrorKind::NoRoom { .. } => Blame::Capacity,
            _ => Blame::Usage,
        }
    }
}

impl fmt::Display for UnsupportedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no protocol version {}", self.product, self.version)
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::TooLong { message, length, limit } = self;
        write!(f, "{message}: {length} bytes announced, the largest message has {limit}")
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.message)?;
        if let Some(field) = self.field() {
            write!(f, "{field} ")?;
        }
        write!(f, "at offset {}: {}", self.offset, self.kind)
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShortFixedPart => f.write_str("the body ends inside the fixed part"),
            Self::TruncatedField { tag: Some(tag) } => write!(f, "the field with tag {tag} reaches beyond the body"),
            Self::TruncatedField { tag: None } => f.write_str("bytes are left that hold no field"),
            Self::WrongSize { tag, length } => write!(f, "{length} bytes are no size for the field with tag {tag}"),
            Self::OtherMessage { expected } => write!(f, "not a {expected}"),
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "{}: {field}: {}", self.message, self.kind),
            None => write!(f, "{}: {}", self.message, self.kind),
        }
    }
}

impl fmt::Display for EncodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { needed } => write!(f, "the frame needs a buffer of {needed} bytes"),
            Self::MessageNotInVersion => f.write_str("not a message of this protocol version"),
            Self::FieldNotInVersion => f.write_str("not a field of this protocol version"),
            Self::Missing => f.write_str("must be present"),
            Self::TooLong { length, max } => write!(f, "{length} bytes where {max} are allowed"),
            Self::EmbeddedNul => f.write_str("contains a NUL"),
            Self::NotDigits => f.write_str("contains something that cannot be dialled"),
            Self::TooMany { count, max } => write!(f, "{count} elements where {max} are allowed"),
            Self::EmptyName => f.write_str("the name of a variable is empty"),
            Self::NotInNarrowFormat => f.write_str("tag or length do not fit one byte"),
            Self::Ambiguous => f.write_str("would be read as something else"),
            Self::TooMuchNamedData { bytes } => {
                write!(f, "{bytes} bytes of named variables and arrays where 2000 are allowed")
            }
            Self::MessageTooLong { length, limit } => write!(f, "{length} bytes, the largest message has {limit}"),
        }
    }
}

impl core::error::Error for UnsupportedVersion {}
impl core::error::Error for FrameError {}
impl core::error::Error for DecodeError {}
impl core::error::Error for EncodeError {}
