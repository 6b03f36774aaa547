//! The TCP connections of a capture.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

use cti_proto::Protocol;
use cti_proto::wire::HEADER_LEN;
use jiff::Timestamp;

use super::conversation::Conversation;
use super::header::{Header, header};
use super::packet::Segment;
use super::printer::Printer;
use super::tcp::{Chunk, Half};
use super::version::{self, Wanted};
use super::{Options, PORTS, Side};

/// Connections that are followed at once. The one that was silent longest makes room.
const MAX_CONNECTIONS: usize = 1024;
/// Bytes that all connections hold together.
const MAX_HELD: usize = 64 * 1024 * 1024;
/// Ports with TLS.
const TLS_PORTS: [u16; 2] = [42030, 43030];
/// The port of Unified CCX alone.
const CCX_PORT: u16 = 12028;

/// Both ends, in order.
type Key = (SocketAddr, SocketAddr);

/// The connections to CTI servers, and everything else passed over.
pub(crate) struct Flows {
    ports: Vec<u16>,
    /// Whether connections to other ports are followed if they begin with an `OPEN_REQ`.
    adopt: bool,
    wanted: Wanted,
    connections: HashMap<Key, Connection>,
    /// Segments so far.
    clock: u64,
    /// Bytes that all connections hold.
    held: usize,
    /// Connections so far.
    followed: u64,
}

/// A connection to a server.
struct Connection {
    /// The end that is taken for the client's.
    client: SocketAddr,
    /// From the client, from the server.
    halves: [Half; 2],
    conversation: Conversation,
    /// Number and time of its last segment.
    used: u64,
    time: Option<Timestamp>,
    /// Whether it was closed or reset. It is kept so that what is sent again is known for that.
    is_over: bool,
}

impl Flows {
    /// Follows the ports that the options name.
    pub(crate) fn new(options: &Options) -> Self {
        // Ports that are named are meant: nothing else is followed then.
        let adopt = options.ports.is_empty();
        Self {
            ports: if adopt { PORTS.to_vec() } else { options.ports.clone() },
            adopt,
            wanted: Wanted::of(options),
            connections: HashMap::new(),
            clock: 0,
            held: 0,
            followed: 0,
        }
    }

    /// How many connections were followed.
    pub(crate) fn followed(&self) -> u64 {
        self.followed
    }

    /// The ports of servers.
    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// Takes a segment.
    pub(crate) fn segment(
        &mut self,
        time: Option<Timestamp>,
        segment: &Segment<'_>,
        printer: &mut Printer<'_>,
    ) -> io::Result<()> {
        self.clock += 1;
        let key = (segment.from.min(segment.to), segment.from.max(segment.to));
        if self.connections.get(&key).is_some_and(|connection| connection.is_replaced_by(segment)) {
            self.remove(&key, printer)?;
        }
        if !self.connections.contains_key(&key) {
            let Some(connection) = self.connect(segment) else {
                return Ok(());
            };
            self.make_room(printer)?;
            self.followed += 1;
            self.connections.insert(key, connection);
        }
        if let Some(connection) = self.connections.get_mut(&key) {
            let before = connection.held();
            (connection.used, connection.time) = (self.clock, time);
            connection.segment(segment, printer)?;
            self.held = self.held.saturating_sub(before).saturating_add(connection.held());
        }
        while self.held > MAX_HELD && self.remove_oldest(printer)? {}
        Ok(())
    }

    /// Ends all connections, in the order in which they fell silent.
    pub(crate) fn finish(&mut self, printer: &mut Printer<'_>) -> io::Result<()> {
        while self.remove_oldest(printer)? {}
        Ok(())
    }

    /// A connection that this segment belongs to, unless it is none of ours.
    fn connect(&self, segment: &Segment<'_>) -> Option<Connection> {
        // What ends a connection that we know nothing of, and bare acknowledgements, begin none.
        if segment.data.is_empty() && segment.cut_off == 0 && !segment.syn || segment.rst {
            return None;
        }
        let Segment { from, to, .. } = *segment;
        let is_server = |end: SocketAddr| self.ports.contains(&end.port());
        let is_answer = segment.syn && segment.ack.is_some();
        let (client, is_guess) = match (is_server(from), is_server(to)) {
            (false, true) => (from, false),
            (true, false) => (to, false),
            (true, true) if segment.syn => (if is_answer { to } else { from }, false),
            // Two servers' ports, and no SYN to tell who called.
            (true, true) => (from, true),
            (false, false) if self.adopt && opens(segment.data) => (from, false),
            (false, false) => return None,
        };
        let server = if client == from { to } else { from };
        let wanted = Wanted { prefer_ccx: server.port() == CCX_PORT, ..self.wanted };
        let mut conversation = Conversation::new(Some(format!("{client} -> {server}")), wanted);
        if is_guess {
            conversation.guess_roles();
        }
        if TLS_PORTS.contains(&server.port()) {
            conversation.expect_tls();
        }
        Some(Connection { client, halves: Default::default(), conversation, used: 0, time: None, is_over: false })
    }

    /// Ends connections until there is room for one more.
    fn make_room(&mut self, printer: &mut Printer<'_>) -> io::Result<()> {
        while self.connections.len() >= MAX_CONNECTIONS && self.remove_oldest(printer)? {}
        Ok(())
    }

    /// Ends a connection: one that is over, or was silent longest.
    fn remove_oldest(&mut self, printer: &mut Printer<'_>) -> io::Result<bool> {
        // A walk through all of them, but only when they are too many.
        let oldest = self.connections.iter().min_by_key(|(_, connection)| (!connection.is_over, connection.used));
        match oldest.map(|(key, _)| *key) {
            Some(key) => self.remove(&key, printer).map(|()| true),
            None => Ok(false),
        }
    }

    /// Ends a connection and forgets it.
    fn remove(&mut self, key: &Key, printer: &mut Printer<'_>) -> io::Result<()> {
        let Some(mut connection) = self.connections.remove(key) else {
            return Ok(());
        };
        self.held = self.held.saturating_sub(connection.held());
        connection.finish(printer)
    }
}

impl Connection {
    /// Takes a segment of either side, and hands on what is in order now.
    fn segment(&mut self, segment: &Segment<'_>, printer: &mut Printer<'_>) -> io::Result<()> {
        // What comes behind the end was sent again, or is a last acknowledgement.
        if self.is_over {
            return Ok(());
        }
        let side = self.side(segment.from);
        let time = self.time;
        let (half, other) = self.halves(side);
        if segment.syn {
            half.begin(segment.seq.wrapping_add(1));
            if let Some(ack) = segment.ack {
                // The answer to a SYN tells where the other direction begins, though its own SYN may be missing.
                other.begin(ack);
            }
        }
        // The number in a reset need not be one that was received.
        if let Some(ack) = segment.ack.filter(|_| !segment.rst) {
            other.acknowledge(ack);
        }
        let is_first = !half.has_begun() && (!segment.data.is_empty() || segment.cut_off > 0);
        if is_first || half.has_begun() {
            let seq = segment.seq.wrapping_add(u32::from(segment.syn));
            half.push(seq, segment.data, segment.cut_off, segment.fin, time);
        }
        // An OPEN_REQ begins a stream, whether or not its SYN was captured.
        if is_first && !opens(segment.data) {
            self.conversation.begin_inside(side);
        }
        // The acknowledgement may have set the other direction free.
        for side in [side, side.other()] {
            while let Some(chunk) = self.halves(side).0.pop() {
                self.take(side, chunk, printer)?;
            }
        }
        if segment.rst || self.halves.iter().all(Half::is_over) {
            self.finish(printer)?;
        }
        Ok(())
    }

    /// Hands on what there is, with its gaps: nothing more comes.
    fn finish(&mut self, printer: &mut Printer<'_>) -> io::Result<()> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        for side in [Side::Client, Side::Server] {
            while let Some(chunk) = self.halves(side).0.pop_last() {
                self.take(side, chunk, printer)?;
            }
        }
        self.conversation.finish(printer)
    }

    /// Hands on a piece of a direction.
    fn take(&mut self, side: Side, chunk: Chunk, printer: &mut Printer<'_>) -> io::Result<()> {
        match chunk {
            Chunk::Data(data, time) => self.conversation.feed(Some(side), time, &data, printer),
            Chunk::Gap(missing) => self.conversation.gap(side, self.time, missing, printer),
        }
    }

    /// Whether the segment is the first seen of a newer connection between the same ends.
    fn is_replaced_by(&self, segment: &Segment<'_>) -> bool {
        let [client, server] = &self.halves;
        let half = if self.side(segment.from) == Side::Client { client } else { server };
        if segment.syn {
            // The same number is the same SYN once more.
            return half.first().is_some_and(|first| first != segment.seq.wrapping_add(1));
        }
        !segment.data.is_empty() && half.is_far(segment.seq)
    }

    /// The direction of `side`, and the other one.
    fn halves(&mut self, side: Side) -> (&mut Half, &mut Half) {
        let [client, server] = &mut self.halves;
        match side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        }
    }

    /// Who sends from this end.
    fn side(&self, from: SocketAddr) -> Side {
        if from == self.client { Side::Client } else { Side::Server }
    }

    /// Bytes held.
    fn held(&self) -> usize {
        self.halves.iter().map(Half::held).sum::<usize>().saturating_add(self.conversation.held())
    }
}

/// Whether a stream that begins like this is one of a client.
fn opens(data: &[u8]) -> bool {
    let Some(Header { length, message_type }) = header(data) else {
        return false;
    };
    let body = data.get(HEADER_LEN..).unwrap_or_default();
    let versions = Protocol::CCE_MIN..=Protocol::CCE_MAX;
    // Fixed part and two floating fields at least; no other message is as short and has a version in this place.
    (44..1024).contains(&length)
        && version::opened(message_type, body).is_some_and(|version| versions.contains(&version))
}
