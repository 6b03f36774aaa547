//! The two directions of a connection, and the protocol that both are written in.

use std::collections::VecDeque;
use std::io;

use cti_proto::message::MessageInfo;
use cti_proto::wire::HEADER_LEN;
use cti_proto::{Frame, MessageType, Parsed, Protocol};
use jiff::Timestamp;

use super::cut::{Cutter, Piece};
use super::damage::{Damage, DamageKind};
use super::header::header;
use super::printer::Printer;
use super::version::{self, Wanted};
use super::{Origin, Side};

/// Messages that wait for the version to be found, where nothing tells it.
const SAMPLE: usize = 512;
/// The same where only the product is open.
const PRODUCT_SAMPLE: usize = 32;
/// Bytes that wait at most.
const SAMPLE_BYTES: usize = 64 * 1024;

/// A connection, or a recording without connections.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Client, server, and what is of neither.
    streams: [Cutter; 3],
    talk: Talk,
}

/// All of a conversation but its streams.
#[derive(Debug)]
struct Talk {
    /// What tells it from others, if there are others.
    name: Option<String>,
    /// What is known of the protocol, from the user or from `OPEN_REQ`.
    wanted: Wanted,
    /// The protocol, once it is settled.
    protocol: Option<Protocol>,
    /// What waits for it, in the order in which it came.
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// Whether there was an `OPEN_REQ`.
    is_opened: bool,
    /// Whether it was told that nothing can be decoded.
    told_encrypted: bool,
    roles: Roles,
    /// When something came last.
    time: Option<Timestamp>,
}

/// Who is the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Roles {
    Known,
    Guessed,
    /// Guessed, and the other way round.
    Swapped,
}

/// What waits for the protocol.
#[derive(Debug)]
struct Waiting {
    from: Option<Side>,
    time: Option<Timestamp>,
    what: Kept,
}

/// A message in bytes, or a piece without one.
#[derive(Debug)]
enum Kept {
    Frame { offset: u64, bytes: Vec<u8> },
    Damage(Damage),
}

impl Conversation {
    /// A conversation of this name, of which the user says so much.
    pub(crate) fn new(name: Option<String>, wanted: Wanted) -> Self {
        // What is settled from the beginning needs no waiting.
        let candidates = wanted.candidates();
        let protocol = if let [only] = candidates[..] { Some(only) } else { None };
        let talk = Talk {
            name,
            wanted,
            protocol,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            is_opened: false,
            told_encrypted: false,
            roles: Roles::Known,
            time: None,
        };
        Self { streams: Default::default(), talk }
    }

    /// Which side is the client is a guess: an `OPEN_REQ` tells.
    pub(crate) fn guess_roles(&mut self) {
        self.talk.roles = Roles::Guessed;
    }

    /// It goes to a port for TLS.
    pub(crate) fn expect_tls(&mut self) {
        self.streams.iter_mut().for_each(Cutter::expect_tls);
    }

    /// The beginning of this direction was not recorded.
    pub(crate) fn begin_inside(&mut self, from: Side) {
        self.stream(Some(from)).0.begin_inside();
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.streams.iter().map(Cutter::held).sum::<usize>().saturating_add(self.talk.waiting_bytes)
    }

    /// At the end: how many bytes there were, if there is no message among them.
    pub(crate) fn hopeless(&mut self) -> Option<u64> {
        self.streams.iter_mut().map(Cutter::hopeless).sum()
    }

    /// Takes bytes from one side.
    pub(crate) fn feed(
        &mut self,
        from: Option<Side>,
        time: Option<Timestamp>,
        bytes: &[u8],
        printer: &mut Printer<'_>,
    ) -> io::Result<()> {
        let (stream, talk) = self.stream(from);
        stream.feed(bytes);
        talk.time = time;
        talk.drain(stream, from, time, printer)
    }

    /// Takes note that bytes of one side are missing.
    pub(crate) fn gap(
        &mut self,
        from: Side,
        time: Option<Timestamp>,
        missing: u64,
        printer: &mut Printer<'_>,
    ) -> io::Result<()> {
        let (stream, talk) = self.stream(Some(from));
        match stream.gap(missing) {
            Some(damage) => talk.take(Waiting { from: Some(from), time, what: Kept::Damage(damage) }, printer),
            None => Ok(()),
        }
    }

    /// Ends both streams.
    pub(crate) fn finish(&mut self, printer: &mut Printer<'_>) -> io::Result<()> {
        // Requests in front of answers, where nothing else tells the order.
        for from in [Some(Side::Client), Some(Side::Server), None] {
            let (stream, talk) = self.stream(from);
            stream.end();
            talk.drain(stream, from, talk.time, printer)?;
        }
        self.talk.settle(printer)
    }

    /// One stream, and what all have in common.
    fn stream(&mut self, from: Option<Side>) -> (&mut Cutter, &mut Talk) {
        let [client, server, neither] = &mut self.streams;
        let stream = match from {
            Some(Side::Client) => client,
            Some(Side::Server) => server,
            None => neither,
        };
        (stream, &mut self.talk)
    }
}

impl Talk {
    /// Takes all that a stream has to give.
    fn drain(
        &mut self,
        stream: &mut Cutter,
        from: Option<Side>,
        time: Option<Timestamp>,
        printer: &mut Printer<'_>,
    ) -> io::Result<()> {
        while let Some(piece) = stream.next() {
            match piece {
                Piece::Frame { offset, bytes } => self.frame(from, time, offset, bytes, printer)?,
                Piece::Damage(damage) => {
                    // Both directions find it out, and once is enough.
                    if damage.kind == DamageKind::Encrypted && std::mem::replace(&mut self.told_encrypted, true) {
                        continue;
                    }
                    self.take(Waiting { from, time, what: Kept::Damage(damage) }, printer)?;
                }
            }
        }
        Ok(())
    }

    /// Takes a frame: it may tell the protocol, and may have to wait for it.
    fn frame(
        &mut self,
        from: Option<Side>,
        time: Option<Timestamp>,
        offset: u64,
        bytes: &[u8],
        printer: &mut Printer<'_>,
    ) -> io::Result<()> {
        let body = bytes.get(HEADER_LEN..).unwrap_or_default();
        // OPEN_REQ itself can be read in its own version, whatever came before.
        if let Some(version) = version::opened(type_of(bytes), body) {
            self.open(from, version, printer)?;
        }
        if let Some(protocol) = self.protocol {
            return self.print(protocol, from, time, offset, bytes, printer);
        }
        self.take(Waiting { from, time, what: Kept::Frame { offset, bytes: bytes.to_vec() } }, printer)
    }

    /// An `OPEN_REQ` tells the version, and who is the client.
    fn open(&mut self, from: Option<Side>, version: u32, printer: &mut Printer<'_>) -> io::Result<()> {
        // Only clients open sessions.
        if self.roles == Roles::Guessed {
            self.roles = if from == Some(Side::Server) { Roles::Swapped } else { Roles::Known };
        }
        if std::mem::replace(&mut self.is_opened, true) {
            // One more session: what waits is of the one before.
            self.settle(printer)?;
            self.wanted.product = self.protocol.map(Protocol::product).or(self.wanted.product);
        }
        let mut wanted = Wanted { version: Some(version), ..self.wanted };
        let mut candidates = wanted.candidates();
        if candidates.is_empty() {
            let range = Wanted { version: None, ..self.wanted }.candidates();
            // A client may ask for a version that is newer than all we know: most of it is as before.
            let nearest = range.iter().min_by_key(|protocol| protocol.version().abs_diff(version));
            wanted.version = nearest.map(|protocol| protocol.version());
            candidates = wanted.candidates();
            if let Some(nearest) = wanted.version {
                let note = format!("OPEN_REQ asks for protocol version {version}, decoded as version {nearest}");
                printer.note(self.name.as_deref(), &note)?;
            }
        }
        self.wanted.version = wanted.version;
        self.protocol = None;
        if let [only] = candidates[..] {
            self.protocol = Some(only);
            self.release(only, printer)?;
        }
        Ok(())
    }

    /// Keeps something until the protocol is known, or prints it.
    fn take(&mut self, waiting: Waiting, printer: &mut Printer<'_>) -> io::Result<()> {
        self.waiting_bytes = self.waiting_bytes.saturating_add(waiting.size());
        self.waiting.push_back(waiting);
        // The two products differ more than neighbouring versions: fewer messages tell them apart.
        let limit = if self.wanted.version.is_some() { PRODUCT_SAMPLE } else { SAMPLE };
        match self.protocol {
            Some(protocol) => self.release(protocol, printer),
            None if self.waiting.len() >= limit || self.waiting_bytes >= SAMPLE_BYTES => self.settle(printer),
            None => Ok(()),
        }
    }

    /// Finds the protocol by trying, unless it is known, and prints what waits.
    fn settle(&mut self, printer: &mut Printer<'_>) -> io::Result<()> {
        let protocol = match self.protocol {
            Some(protocol) => protocol,
            None => {
                let frames = self.waiting.iter().filter_map(|waiting| match &waiting.what {
                    Kept::Frame { bytes, .. } => Some(&bytes[..]),
                    Kept::Damage(_) => None,
                });
                let count = frames.clone().count();
                let candidates = self.wanted.candidates();
                // There is one always: `run` and `open` have seen to it.
                let Some(found) = version::find(&candidates, frames) else {
                    return Ok(());
                };
                if self.wanted.version.is_none() && count > 0 {
                    let note = found_by_trying(&found, count);
                    printer.note(self.name.as_deref(), &note)?;
                } else if count > 0 && candidates.last() != Some(&found.protocol) {
                    let note = format!("the product, {}, was found by trying", found.protocol.product());
                    printer.note(self.name.as_deref(), &note)?;
                }
                if count > 0 {
                    self.protocol = Some(found.protocol);
                }
                found.protocol
            }
        };
        self.release(protocol, printer)
    }

    /// Prints what waits.
    fn release(&mut self, protocol: Protocol, printer: &mut Printer<'_>) -> io::Result<()> {
        self.waiting_bytes = 0;
        while let Some(Waiting { from, time, what }) = self.waiting.pop_front() {
            match what {
                Kept::Frame { offset, bytes } => self.print(protocol, from, time, offset, &bytes, printer)?,
                Kept::Damage(damage) => printer.damage(&self.origin(from, time, damage.offset), &damage)?,
            }
        }
        Ok(())
    }

    /// Prints a frame, now that its protocol is known.
    fn print(
        &self,
        protocol: Protocol,
        from: Option<Side>,
        time: Option<Timestamp>,
        offset: u64,
        bytes: &[u8],
        printer: &mut Printer<'_>,
    ) -> io::Result<()> {
        let origin = self.origin(from, time, offset);
        match Frame::parse(protocol, bytes) {
            Ok(Parsed::Frame(frame, _)) => printer.frame(&origin, &frame),
            // The cutter gives whole frames only.
            Ok(Parsed::More(_)) => Ok(()),
            Err(error) => printer.too_long(&origin, type_of(bytes), &error, bytes),
        }
    }

    /// Where and when something was found.
    fn origin(&self, from: Option<Side>, time: Option<Timestamp>, offset: u64) -> Origin<'_> {
        let from = if self.roles == Roles::Swapped { from.map(Side::other) } else { from };
        Origin { offset, time, from, connection: self.name.as_deref() }
    }
}

impl Waiting {
    /// Bytes that it takes.
    fn size(&self) -> usize {
        let bytes = match &self.what {
            Kept::Frame { bytes, .. } => bytes,
            Kept::Damage(damage) => &damage.bytes,
        };
        size_of::<Self>().saturating_add(bytes.len())
    }
}

/// The type in a header.
fn type_of(bytes: &[u8]) -> MessageType {
    header(bytes).map_or(MessageType(0), |header| header.message_type)
}

/// What is said when the version was found by trying.
fn found_by_trying(found: &version::Found, count: usize) -> String {
    let mut note = format!(
        "no OPEN_REQ tells the version: {} was found by trying ({} of {count} messages fit)",
        found.protocol, found.fitting
    );
    if !found.others.is_empty() {
        let others: Vec<String> = found.others.iter().map(u32::to_string).collect();
        note += &format!("; so do versions {}", others.join(", "));
    }
    note
}

/// Whether messages of this type may hold a password.
pub(crate) fn holds_password(message: MessageType) -> bool {
    let fields = MessageInfo::of(message).map(|info| info.floating).unwrap_or_default();
    fields.iter().any(|field| super::is_password(field.rule.name))
}
