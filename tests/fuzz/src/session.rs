//! What the targets of sessions share: reading a script, and holding a session to its contract.

use cti_proto::message::Direction;
use cti_proto::session::{ClientSession, Instant, Machine, ServerSession, Transport, Wake};
use cti_proto::wire::HEADER_LEN;
use cti_proto::{Body, Frames, MessageType, encode};

/// Bytes of a script, from its front; zeros when it is over.
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    pub fn bytes(&mut self, n: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// One of several things.
    pub fn choose<T: Copy>(&mut self, things: &[T]) -> T {
        things[usize::from(self.byte()) % things.len()]
    }

    /// A time in milliseconds, from none to a week.
    pub fn millis(&mut self) -> u64 {
        let byte = self.byte();
        u64::from(byte >> 2) * [1, 100, 1_000, 10_000_000][usize::from(byte & 3)]
    }
}

/// A session, and what is to be remembered of its events.
pub trait Telling: Machine {
    /// Who sends to it.
    const PEER: Direction;
    type Told;
    /// The next event.
    fn poll(&mut self, now: Instant) -> Option<Self::Told>;
    fn is_last(told: &Self::Told) -> bool;
}

/// What a client session told, as far as the target looks at it.
pub use client::Told;

mod client {
    use super::{ClientSession, Direction, Instant, Telling};
    use cti_proto::session::{Event, Request};

    #[derive(Debug)]
    pub enum Told {
        Opened,
        /// A request ended by an answer or by time.
        Over(Request),
        Lost(Request),
        Disconnected,
        Ended,
        Other,
    }

    impl Telling for ClientSession<'_> {
        const PEER: Direction = Direction::Server;
        type Told = Told;

        fn poll(&mut self, now: Instant) -> Option<Told> {
            let event = self.poll_event(now)?;
            assert!(!format!("{event:?}").is_empty());
            Some(match event {
                Event::Opened(_) => Told::Opened,
                Event::Confirmed { request, more: false, .. }
                | Event::Failed { request, .. }
                | Event::TimedOut(request) => Told::Over(request),
                Event::Lost(request) => Told::Lost(request),
                Event::Disconnected(_) => Told::Disconnected,
                Event::Ended(_) => Told::Ended,
                _ => Told::Other,
            })
        }

        fn is_last(told: &Told) -> bool {
            matches!(told, Told::Ended)
        }
    }
}

/// What a server session told, as far as the target looks at it.
pub use server::ServerTold;

mod server {
    use super::{Direction, Instant, ServerSession, Telling};
    use cti_proto::session::{Request, ServerEvent};

    #[derive(Debug)]
    pub enum ServerTold {
        OpenRequested,
        Request(Request),
        MonitorStopped(u32),
        Ended,
        Other,
    }

    impl Telling for ServerSession<'_> {
        const PEER: Direction = Direction::Client;
        type Told = ServerTold;

        fn poll(&mut self, now: Instant) -> Option<ServerTold> {
            let event = self.poll_event(now)?;
            assert!(!format!("{event:?}").is_empty());
            Some(match event {
                ServerEvent::OpenRequested(_) => ServerTold::OpenRequested,
                ServerEvent::Request { request, .. } => ServerTold::Request(request),
                ServerEvent::MonitorStopped { monitor_id } => ServerTold::MonitorStopped(monitor_id),
                ServerEvent::Ended(_) => ServerTold::Ended,
                _ => ServerTold::Other,
            })
        }

        fn is_last(told: &ServerTold) -> bool {
            matches!(told, ServerTold::Ended)
        }
    }
}

/// What shows of a session from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    wake: Wake,
    transport: Transport,
    transmit: Vec<u8>,
}

/// A session that is held to its contract, with the stream that it is sent.
pub struct Held<M> {
    pub machine: M,
    /// The moment that the session is told, which may go back, and the latest one.
    pub now: Instant,
    seen: Instant,
    /// Bytes of the peer's that are not delivered.
    pub wire: Vec<u8>,
    /// Bytes that were handed over on this connection, and how many of them were looked at.
    sent: Vec<u8>,
    looked_at: usize,
    /// Size of the receive buffer.
    rx: usize,
    pub has_ended: bool,
}

/// Events without a frame that can follow one another: requests that end, and what follows them.
const MORE_EVENTS: usize = 64;
/// Frames that a session handles by itself in one call, at most.
const QUIET_FRAMES: usize = 16;

impl<M: Telling> Held<M> {
    pub fn new(machine: M, rx: usize) -> Self {
        let (now, seen) = (Instant::ZERO, Instant::ZERO);
        Self { machine, now, seen, wire: vec![], sent: vec![], looked_at: 0, rx, has_ended: false }
    }

    /// Tells the session the time: what every call with a moment does.
    pub fn tell(&mut self) -> Instant {
        self.seen = self.seen.max(self.now);
        self.now
    }

    pub fn advance(&mut self, millis: u64) {
        self.now = Instant::from_millis(self.now.as_millis() + millis);
    }

    pub fn go_back(&mut self, millis: u64) {
        self.now = Instant::from_millis(self.now.as_millis().saturating_sub(millis));
    }

    /// Puts a message on the wire, if the protocol has it.
    pub fn say<'m, M2: Body<'m>>(&mut self, message: &M2) {
        let mut buffer = vec![0; 1_024];
        if let Ok(bytes) = encode(self.machine.protocol(), message, &mut buffer) {
            self.wire.extend_from_slice(bytes);
        }
    }

    pub fn say_frame(&mut self, message: MessageType, body: &[u8]) {
        self.wire.extend((body.len() as u32).to_be_bytes());
        self.wire.extend(message.0.to_be_bytes());
        self.wire.extend(body);
    }

    /// Delivers some of the wire, welcome or not.
    pub fn deliver(&mut self, n: usize, in_place: bool) {
        let now = self.tell();
        let offered = &self.wire[..n.min(self.wire.len())];
        let (welcome, is_nothing) = (self.machine.wants_read(), offered.is_empty());
        let taken = if in_place {
            let space = self.machine.space();
            let taken = space.len().min(offered.len());
            space[..taken].copy_from_slice(&offered[..taken]);
            self.machine.received(now, taken);
            taken
        } else {
            self.machine.receive(now, offered)
        };
        assert!(taken > 0 || is_nothing || !welcome, "bytes were welcome and not taken");
        self.wire.drain(..taken);
    }

    pub fn handle_timeout(&mut self) {
        let now = self.tell();
        self.machine.handle_timeout(now);
        if let Wake::At(at) = self.machine.wake() {
            assert!(at > self.seen, "it wants to be called in the past");
        }
    }

    pub fn transport_closed(&mut self) {
        let now = self.tell();
        self.machine.transport_closed(now);
    }

    /// A new connection.
    pub fn forget_stream(&mut self) {
        self.sent.clear();
        self.looked_at = 0;
        self.wire.clear();
    }

    pub fn transmitted(&mut self, n: usize) {
        let bytes = self.machine.transmit();
        self.sent.extend_from_slice(&bytes[..n.min(bytes.len())]);
        self.machine.transmitted(n);
    }

    pub fn poll(&mut self) -> Option<M::Told> {
        let now = self.tell();
        let told = self.machine.poll(now)?;
        assert!(!self.has_ended, "{:?} after the end", self.look());
        self.has_ended = M::is_last(&told);
        Some(told)
    }

    /// Takes all events; there is an end to them.
    pub fn drain(&mut self, mut tell: impl FnMut(M::Told)) {
        let (mut events, mut quiet) = (0, 0);
        while self.machine.wake() == Wake::Now {
            let before = self.look();
            if let Some(told) = self.poll() {
                tell(told);
                events += 1;
                assert!(events <= self.rx / HEADER_LEN + MORE_EVENTS, "there is no end to events");
                continue;
            }
            if self.look() != before {
                continue;
            }
            self.handle_timeout();
            if self.look() == before {
                quiet += 1;
                assert!(quiet <= self.rx / HEADER_LEN / QUIET_FRAMES + 1, "it wants to be called and does nothing");
            }
        }
        self.assert_idle();
    }

    /// What holds after any call.
    pub fn check(&mut self) {
        if self.machine.wake() != Wake::Now {
            self.assert_idle();
        }
        let transport = self.machine.transport();
        if transport != Transport::Keep {
            assert!(self.machine.transmit().is_empty(), "bytes for no connection");
        }
        if self.has_ended {
            assert!(matches!(transport, Transport::None | Transport::Reset), "{transport:?} after the end");
            assert_eq!(self.machine.wake(), Wake::Idle, "after the end");
        }
    }

    /// It does not want to be called: a call does nothing.
    fn assert_idle(&mut self) {
        let (told, before) = (self.now, self.look());
        if let Wake::At(at) = before.wake {
            assert!(at > self.seen, "it wants to be called in the past");
        }
        self.now = self.seen;
        assert!(self.poll().is_none(), "there was an event: {before:?}");
        self.handle_timeout();
        assert_eq!(self.look(), before, "a call did something");
        self.now = told;
    }

    fn look(&self) -> Look {
        let machine = &self.machine;
        Look { wake: machine.wake(), transport: machine.transport(), transmit: machine.transmit().to_vec() }
    }

    /// The frames that it has written since the last look: whole ones, of its own direction, that can be read.
    pub fn written(&mut self) -> Vec<(MessageType, u32)> {
        if self.machine.transport() != Transport::Keep {
            return vec![];
        }
        let stream = [&self.sent, self.machine.transmit()].concat();
        let mut frames = Frames::new(self.machine.protocol(), &stream[self.looked_at..]);
        let mut written = vec![];
        for frame in frames.by_ref() {
            let frame = frame.expect("a frame");
            let info = frame.info().expect("a message of the protocol");
            assert_ne!(info.direction, M::PEER, "{frame:?} is for the other side to send");
            assert!(frame.message().is_ok(), "{frame:?} cannot be read");
            let invoke_id = frame.body().first_chunk().map_or(0, |id| u32::from_be_bytes(*id));
            written.push((frame.message_type(), invoke_id));
        }
        assert!(frames.rest().is_empty(), "half a frame");
        self.looked_at = stream.len();
        written
    }
}
