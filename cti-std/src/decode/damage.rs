//! Pieces of a stream in which no frame can be found.

use std::fmt;

use cti_proto::MessageType;
use cti_proto::wire::HEADER_LEN;

use super::hex_of;

/// Bytes of a damaged piece that are kept for showing.
const KEPT: usize = 1024;

/// A piece of a stream in which no frame can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Its place in the stream.
    pub(crate) offset: u64,
    pub(crate) kind: DamageKind,
    /// The message that it is a part of, where that is known.
    pub(crate) message: Option<MessageType>,
    /// The message in front of it.
    pub(crate) after: Option<MessageType>,
    /// Its first bytes.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes there are.
    pub(crate) length: u64,
}

/// What is wrong with a [`Damage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DamageKind {
    /// Where a header should be, there is none.
    NoHeader,
    /// The recording begins inside a message, or goes on inside one after a gap.
    Remainder,
    /// Bytes are missing.
    Gap(u64),
    /// The stream ends in a message of this many bytes.
    Truncated(u64),
    /// TLS.
    Encrypted,
}

impl Damage {
    /// The same without its bytes, for where they may hold a password: the text shows some of them, too.
    pub(crate) fn hidden(&self) -> Self {
        Self { bytes: Vec::new(), ..self.clone() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { length, .. } = self;
        match self.kind {
            DamageKind::NoHeader if self.bytes.is_empty() => {
                write!(f, "no message begins here; {length} bytes skipped")
            }
            DamageKind::NoHeader => {
                let header = self.bytes.get(..HEADER_LEN).unwrap_or(&self.bytes);
                write!(f, "no message begins with {}; {length} bytes skipped", hex_of(header))
            }
            DamageKind::Remainder => write!(f, "the recording goes on inside a message; {length} bytes skipped"),
            DamageKind::Gap(missing) => write!(f, "{missing} bytes are missing from the recording here"),
            DamageKind::Truncated(whole) => {
                write!(f, "the recording ends inside the message: {length} of {whole} bytes")
            }
            DamageKind::Encrypted => f.write_str("the connection is encrypted (TLS) and cannot be decoded"),
        }
    }
}

/// The first bytes of a piece, whatever its size.
pub(crate) fn kept(before: &[u8], bytes: &[u8]) -> Vec<u8> {
    before.iter().chain(bytes).copied().take(KEPT).collect()
}
