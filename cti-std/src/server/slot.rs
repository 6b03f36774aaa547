//! One connection of a server: socket, session, and what is known of both.

use std::io;
use std::net::SocketAddr;

use cti_proto::message::{MessageType, OpenReq, encode_for};
use cti_proto::session::{Instant, Request, ServerConfig, ServerEnded, ServerEvent, ServerSession, Transport, Wake};
use cti_proto::value::FailureStatus;
use cti_proto::wire::HEADER_LEN;
use cti_proto::{Frame, Product, Protocol};
use self_cell::{MutBorrow, self_cell};
use zeroize::Zeroizing;

use crate::memory::Buffers;
use crate::server::SessionId;
use crate::server::fault::{Allowed, FaultState, Faults};
use crate::server::listener::ListenerId;
use crate::server::options::ServerCounters;
use crate::stream::{Stream, Taken};

self_cell!(
    pub(super) struct Session {
        owner: MutBorrow<Buffers>,

        #[covariant]
        dependent: ServerSession,
    }
);

impl Session {
    /// A session in its memory, which it borrows.
    fn open(config: ServerConfig, buffers: Buffers, now: Instant) -> Self {
        Self::new(MutBorrow::new(buffers), |buffers| ServerSession::new(config, buffers.borrow_mut().parts(), now))
    }

    /// The session, to be asked.
    pub(super) fn get(&self) -> &ServerSession<'_> {
        self.borrow_dependent()
    }

    /// The session, to be told something.
    pub(super) fn with<R>(&mut self, action: impl FnOnce(&mut ServerSession<'_>) -> R) -> R {
        self.with_dependent_mut(|_, session| action(session))
    }
}

/// A connection.
pub(super) struct Slot {
    pub(super) id: SessionId,
    pub(super) listener: ListenerId,
    pub(super) peer: SocketAddr,
    pub(super) session: Session,
    stream: Stream,
    readable: bool,
    writable: bool,
    /// The client has closed, or the connection broke: nothing will tell of that again.
    is_ending: bool,
    /// Writing failed. What the client had sent before is still there to be read.
    broken: bool,
    /// The client has closed, or the connection broke.
    is_closed: bool,
    /// Whether TLS is not up yet.
    #[cfg(feature = "tls")]
    shaking_hands: bool,
    pub(super) faults: Option<Box<FaultState>>,
    /// Whether it waits in the queue to be looked at.
    pub(super) is_queued: bool,
    /// The moment that it has in the timers.
    pub(super) scheduled: Option<Instant>,
    /// Whether the application knows of it.
    pub(super) is_known: bool,
    /// Whether the application is to be told when there is room.
    pub(super) wants_room: bool,
    /// Its place among the sessions of its protocol, once it is open.
    pub(super) place: Option<usize>,
}

/// An event of a session, with its frame copied aside so that the session can be answered.
pub(super) enum Told {
    Open,
    Request(Request),
    Message(MessageType),
    MonitorStopped(u32),
    Refused(Request, FailureStatus),
    Skipped(MessageType, u32),
    Ended(ServerEnded),
    /// Nothing that the application has to do with.
    Nothing,
}

impl Slot {
    pub(super) fn new(
        id: SessionId,
        listener: ListenerId,
        peer: SocketAddr,
        stream: Stream,
        config: ServerConfig,
        buffers: Buffers,
        now: Instant,
    ) -> Self {
        Self {
            id,
            listener,
            peer,
            session: Session::open(config, buffers, now),
            #[cfg(feature = "tls")]
            shaking_hands: matches!(stream, Stream::Secured(_)),
            stream,
            readable: true,
            writable: true,
            is_ending: false,
            broken: false,
            is_closed: false,
            faults: None,
            is_queued: false,
            scheduled: None,
            is_known: false,
            wants_room: false,
            place: None,
        }
    }

    /// Gives the memory back, wiped.
    pub(super) fn into_buffers(self) -> Buffers {
        let mut buffers = self.session.into_owner().into_inner();
        buffers.wipe();
        buffers
    }

    /// Takes note of an event of the poll.
    pub(super) fn handle_io(&mut self, event: &mio::event::Event) {
        // Edge-triggered: what is not noted now is not told again.
        self.is_ending |= event.is_read_closed() || event.is_error();
        self.readable |= event.is_readable() || self.is_ending;
        self.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
    }

    /// Whether the connection plays dead.
    pub(super) fn swallows(&self) -> bool {
        self.faults.as_ref().is_some_and(|state| state.faults.swallow)
    }

    /// Whether nothing is read.
    fn stalls_reads(&self) -> bool {
        self.faults.as_ref().is_some_and(|state| state.faults.stall_reads)
    }

    /// Reads once.
    pub(super) fn read(&mut self, now: Instant, counters: &mut ServerCounters) {
        #[cfg(feature = "tls")]
        if !self.shake_hands(now) {
            return;
        }
        if !self.readable || self.stalls_reads() || self.is_closed || !self.session.get().wants_read() {
            return;
        }
        let stream = &mut self.stream;
        match self.session.with(|session| read(session, stream, now)) {
            Ok(Taken::Some { n, more }) => {
                counters.received += n as u64;
                // To the very end, where nothing announces that there is more.
                self.readable = more || self.is_ending || self.broken;
            }
            Ok(Taken::None) => {
                self.readable = false;
                if self.broken {
                    self.close(now);
                }
            }
            Ok(Taken::End) | Err(_) => self.close(now),
        }
    }

    /// Reads and forgets, for a connection that plays dead.
    pub(super) fn swallow(&mut self) {
        // On the stack: such a connection has no use for its session's buffer.
        let mut space = [0; 4_096];
        while self.readable {
            let taken = self.stream.read(&mut space);
            // Noted for when it is over: the poll does not tell of an end again.
            self.is_ending |= matches!(taken, Ok(Taken::End) | Err(_));
            self.readable = matches!(taken, Ok(Taken::Some { .. }));
        }
    }

    /// What is wrong with the connection from now on.
    pub(super) fn set_faults(&mut self, faults: Faults) {
        match &mut self.faults {
            Some(state) => state.faults = faults,
            None => self.faults = Some(Box::new(FaultState::new(faults))),
        }
        // An end that was swallowed is still there to be read.
        self.readable |= self.is_ending;
    }

    /// Goes on with the handshake of TLS; whether it is over.
    #[cfg(feature = "tls")]
    fn shake_hands(&mut self, now: Instant) -> bool {
        if self.shaking_hands && !self.is_closed {
            match self.stream.shake_hands() {
                Ok(done) => self.shaking_hands = !done,
                Err(error) => {
                    let error = crate::tls::TlsError::try_from(error);
                    crate::trace::info!("{}: {}", self.peer, error.map_or_else(|e| e.to_string(), |e| e.to_string()));
                    self.close(now);
                }
            }
        }
        !self.shaking_hands
    }

    /// The connection is gone.
    fn close(&mut self, now: Instant) {
        self.is_closed = true;
        self.session.with(|session| session.transport_closed(now));
    }

    /// Writes what can be written.
    pub(super) fn write(&mut self, now: Instant, counters: &mut ServerCounters) {
        if self.writable && self.stream.flush().is_err() {
            self.fail();
        }
        if self.faults.is_some() {
            return self.write_with_faults(now, counters);
        }
        while self.writable && self.session.get().wants_write() {
            let written = self.stream.write(self.session.get().transmit());
            let n = self.written(written);
            self.session.with(|session| session.transmitted(n));
            counters.sent += n as u64;
        }
    }

    /// The same, as far as the faults allow.
    fn write_with_faults(&mut self, now: Instant, counters: &mut ServerCounters) {
        let Some(mut state) = self.faults.take() else { return };
        while self.writable {
            let pending = if self.session.get().wants_write() { self.session.get().transmit().len() } else { 0 };
            match state.allowed(pending, now) {
                Allowed::Session(0) => break,
                Allowed::Session(n) => {
                    let bytes = self.session.get().transmit();
                    let written = self.stream.write(bytes.get(..n).unwrap_or(bytes));
                    let n = self.written(written);
                    self.session.with(|session| session.transmitted(n));
                    state.wrote(n);
                    counters.sent += n as u64;
                }
                Allowed::Raw(n) => {
                    // In one piece or two; the second comes in the next round.
                    let (front, _) = state.raw.as_slices();
                    let written = self.stream.write(front.get(..n).unwrap_or(front));
                    let n = self.written(written);
                    state.wrote_raw(n);
                }
                Allowed::Cut => {
                    // Not the session's doing, and not in its words: the connection is simply gone.
                    self.stream.set_reset();
                    self.close(now);
                    break;
                }
            }
        }
        self.faults = Some(state);
    }

    /// Bytes that were written; what else came of it is noted.
    fn written(&mut self, written: io::Result<Option<usize>>) -> usize {
        match written {
            Ok(Some(n)) => return n,
            Ok(None) => self.writable = false,
            Err(_) => self.fail(),
        }
        0
    }

    /// Writing is over; what the client has sent is still to be read.
    fn fail(&mut self) {
        (self.writable, self.readable, self.broken) = (false, true, true);
    }

    /// Closes a connection that nothing can come of any more. What the client sent is read to its end before a connection
    /// that cannot be written to is closed; but that end is never come to where the frames in front of it wait for
    /// room to be answered, and no more room there will be. Without an idle timer nothing else would notice.
    pub(super) fn give_up_if_stuck(&mut self, now: Instant) {
        let session = self.session.get();
        if self.broken && !self.is_closed && !session.wants_read() && session.wake() != Wake::Now {
            self.close(now);
        }
    }

    /// Whether another look would do something.
    pub(super) fn is_due(&self) -> bool {
        let session = self.session.get();
        let can_read = self.readable && !self.is_closed && !self.stalls_reads() && session.wants_read();
        #[cfg(feature = "tls")]
        let can_read = can_read && !self.shaking_hands;
        can_read || session.wake() == Wake::Now
    }

    /// When to look again by the clock.
    pub(super) fn wake(&self) -> Wake {
        let held = self.faults.as_ref().map_or(Wake::Idle, |state| state.wake());
        self.session.get().wake().or(held)
    }

    /// Whether there is nothing left of it.
    pub(super) fn is_over(&self) -> bool {
        self.session.get().transport() == Transport::None
    }

    /// Drops the connection hard, as its session or somebody else wants it.
    pub(super) fn reset(&mut self, now: Instant) {
        self.stream.set_reset();
        self.close(now);
    }

    /// The next event of the session, with its frame in `scratch`.
    pub(super) fn poll(&mut self, now: Instant, scratch: &mut Vec<u8>) -> Option<Told> {
        // Before the session is borrowed for the event.
        let product = self.session.get().protocol().product();
        self.session.with(|session| {
            let told = match session.poll_event(now)? {
                ServerEvent::OpenRequested(request) => {
                    if !keep_open(product, &request, scratch) {
                        // It passed the checks of the session, and yet there is no way to write it again.
                        let _ = session.refuse(now, FailureStatus::E_CTI_BAD_MESSAGE_FORMAT);
                        return Some(Told::Nothing);
                    }
                    Told::Open
                }
                ServerEvent::Request { request, frame } => {
                    keep(&frame, scratch);
                    Told::Request(request)
                }
                ServerEvent::Message(frame) => {
                    keep(&frame, scratch);
                    Told::Message(frame.message_type())
                }
                ServerEvent::MonitorStopped { monitor_id } => Told::MonitorStopped(monitor_id),
                ServerEvent::Refused { request, status } => Told::Refused(request, status),
                ServerEvent::Skipped { message, length } => Told::Skipped(message, length),
                ServerEvent::Ended(ended) => Told::Ended(ended),
                _ => Told::Nothing,
            };
            Some(told)
        })
    }
}

/// Reads into the session's buffer.
fn read(session: &mut ServerSession<'_>, stream: &mut Stream, now: Instant) -> io::Result<Taken> {
    let taken = stream.read(session.space())?;
    if let Taken::Some { n, .. } = taken {
        session.received(now, n);
    }
    Ok(taken)
}

/// Copies the body of a frame aside.
fn keep(frame: &Frame<'_>, scratch: &mut Vec<u8>) {
    scratch.clear();
    scratch.extend_from_slice(frame.body());
}

/// Writes an OPEN_REQ anew, as its frame is not handed out.
fn keep_open(product: Product, request: &OpenReq<'_>, scratch: &mut Vec<u8>) -> bool {
    let Ok(protocol) = Protocol::new(product, request.version_number) else { return false };
    // It holds the password for a moment.
    let mut buffer = Zeroizing::new(vec![0; protocol.max_message()]);
    let Ok(frame) = encode_for(protocol, request, &mut buffer) else { return false };
    scratch.clear();
    scratch.extend_from_slice(frame.get(HEADER_LEN..).unwrap_or_default());
    true
}
