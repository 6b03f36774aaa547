//! Traffic into words: any recording of a session, message by message, as text or JSON.
//!
//! ```text
//! hex, raw stream ------------------------------> conversation -> printer -> json
//! pcap, pcapng -> capture -> packet -> flow, tcp -^  |                   `-> text
//!                                                   cut, version
//! ```
//!
//! [`run`] is the whole of it. [`json`] and [`text`] put one frame into words and know nothing of where it came from,
//! for whoever has frames from elsewhere. Nothing here trusts the input: memory is bounded whatever it holds, and
//! damage is reported where it is and passed over.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable)
)]

mod capture;
mod conversation;
mod cut;
mod damage;
mod detect;
mod flow;
mod header;
mod hex;
pub mod json;
mod only;
mod packet;
mod printer;
mod source;
mod tcp;
pub mod text;
mod version;

use std::fmt;
use std::io::{self, Read, Write};

use cti_proto::Product;
use cti_proto::message::FieldName;
use jiff::Timestamp;

pub use self::detect::{InputKind, detect};
pub use self::only::{Only, UnknownMessage};
pub use self::printer::{Form, Summary};

use self::conversation::Conversation;
use self::printer::Printer;
use self::source::Source;
use self::version::Wanted;

/// Ports on which CTI servers listen: sides A and B, the same with TLS, and Unified CCX.
pub const PORTS: &[u16] = &[42027, 43027, 42030, 43030, 12028];

/// What to decode, and how to show it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Version where no `OPEN_REQ` tells it.
    pub protocol: Option<u32>,
    /// Product, which no message tells; without it, the one that fits better.
    pub product: Option<Product>,
    /// The form of the output.
    pub form: Form,
    /// The messages to show.
    pub only: Only,
    /// Ports of servers, for captures; if empty, [`PORTS`] and wherever an `OPEN_REQ` begins a connection.
    pub ports: Vec<u16>,
    /// Whether passwords are shown.
    pub passwords: bool,
}

/// Who sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client.
    Client,
    /// The server.
    Server,
}

impl Side {
    /// `client` or `server`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// Where and when a frame was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// Bytes of the same stream (one direction of one connection) in front of it.
    pub offset: u64,
    /// When its last byte was captured.
    pub time: Option<Timestamp>,
    /// Who sent it.
    pub from: Option<Side>,
    /// The connection, where the input holds connections.
    pub connection: Option<&'a str>,
}

/// What keeps a frame or a piece of a stream from being decoded.
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    /// What is wrong.
    pub error: String,
    /// The message, where it is known.
    pub message: Option<cti_proto::MessageType>,
    /// The field, where it is known.
    pub field: Option<FieldName>,
    /// The bytes, or the first of them if there are many; `None` if they may hold a password.
    pub bytes: Option<&'a [u8]>,
    /// How many bytes there are.
    pub length: u64,
}

/// Why decoding stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The input could not be read.
    Input(io::Error),
    /// The input is none that can be decoded.
    Unusable(String),
    /// The output could not be written.
    Output(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => write!(f, "cannot read: {error}"),
            Self::Unusable(reason) => f.write_str(reason),
            Self::Output(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Input(error) | Self::Output(error) => Some(error),
            Self::Unusable(_) => None,
        }
    }
}

/// Within this module every [`io::Error`] is one of the output; the input's are wrapped where they arise.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Decodes `input`, whatever it is, to `output`; remarks that are not part of the result go to `notes`, one a line.
///
/// # Errors
/// [`Error`] if the input is unusable, or reading or writing fails. What was decoded before is written.
pub fn run(
    input: impl Read,
    options: &Options,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Summary, Error> {
    // Without a protocol to try, nothing could ever be shown, and all of it would wait for one.
    if Wanted::of(options).candidates().is_empty() {
        return Err(Error::Unusable("there is no such version of the protocol".into()));
    }
    let mut source = Source::new(input);
    let head = source.peek(detect::ENOUGH)?;
    let kind = detect(head);
    let mut printer = Printer::new(options, output, notes);
    let decoded = match kind {
        InputKind::Hex => hex(&mut source, options, &mut printer),
        InputKind::Raw => raw(&mut source, options, &mut printer),
        InputKind::Pcap => capture::pcap(&mut source, options, &mut printer),
        InputKind::PcapNg => capture::pcapng(&mut source, options, &mut printer),
        InputKind::Empty => Err(Error::Unusable("the input is empty".into())),
        InputKind::Compressed => Err(Error::Unusable("the input is compressed: uncompress it first".into())),
    };
    printer.flush()?;
    decoded.map(|()| printer.summary())
}

/// Lines of hex: up to three streams, one a side and one of neither.
fn hex(source: &mut Source<impl Read>, options: &Options, printer: &mut Printer<'_>) -> Result<(), Error> {
    let mut lines = hex::Lines::default();
    let mut conversation = Conversation::new(None, Wanted::of(options));
    let mut chunk = Vec::new();
    while source.more()? {
        let mut text = source.data();
        while !text.is_empty() {
            chunk.clear();
            let (from, rest) = lines.read(text, &mut chunk)?;
            text = rest;
            conversation.feed(from, None, &chunk, printer)?;
        }
        source.consume(source.data().len());
        printer.flush()?;
    }
    lines.finish()?;
    finish_stream(conversation, printer)
}

/// One stream.
fn raw(source: &mut Source<impl Read>, options: &Options, printer: &mut Printer<'_>) -> Result<(), Error> {
    let mut conversation = Conversation::new(None, Wanted::of(options));
    while source.more()? {
        conversation.feed(None, None, source.data(), printer)?;
        source.consume(source.data().len());
        printer.flush()?;
    }
    finish_stream(conversation, printer)
}

/// Ends a recording without connections. One without a message is none.
fn finish_stream(mut conversation: Conversation, printer: &mut Printer<'_>) -> Result<(), Error> {
    match conversation.hopeless() {
        Some(0) => Err(Error::Unusable("no bytes in the input".into())),
        Some(bytes) => Err(Error::Unusable(format!("not a recording of a CTI session: no message in {bytes} bytes"))),
        None => Ok(conversation.finish(printer)?),
    }
}

/// Whether a field's value is kept from readers.
pub(crate) fn is_password(name: FieldName) -> bool {
    name.base.ends_with("Password")
}

/// Bytes as hex digits.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
