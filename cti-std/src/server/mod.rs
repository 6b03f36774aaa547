//! A CTI Server for thousands of clients on one thread, over real sockets.
//!
//! [`Server`] moves the bytes and keeps the limits, the machine of each session
//! ([`ServerSession`](cti_proto::session::ServerSession)) keeps the rules of the protocol, and an [`Application`] says
//! what it all means. Several [listeners](Server::listen) are the sides of a pair, each active or on standby.
//!
//! A client that does not read costs its backlog at most, and then its session; one that does not
//! open costs a connection for a while. Others notice nothing of either.

mod application;
mod fault;
mod handle;
mod listener;
mod options;
mod sessions;
mod slot;
mod timers;

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::time::Duration;

use cti_proto::Frame;
use cti_proto::message::MessageType;
use cti_proto::session::{ServerConfig, Transport, Wake};
use cti_proto::value::FailureStatus;
use mio::{Events, Poll, Token, Waker};
use zeroize::Zeroize;

pub use application::Application;
pub use fault::{Faults, ListenerFaults};
pub use handle::{Gone, ServerHandle};
pub use listener::ListenerId;
pub use options::{ServerCounters, ServerOptions};
pub use sessions::{SessionId, Sessions};

use crate::clock::{shorter, until};
#[cfg(feature = "tls")]
use crate::tls::ServerTls;
use crate::trace::{debug, info};
use handle::Jobs;
use listener::Listener;
use slot::Told;

/// A CTI Server.
///
/// ```no_run
/// use cti_proto::message::{OpenConf, OpenReq};
/// use cti_proto::session::{Request, ServerConfig};
/// use cti_proto::value::FailureStatus;
/// use cti_proto::{Frame, Product, Protocol};
/// use cti_std::server::{Application, Server, ServerOptions, SessionId, Sessions};
///
/// struct Open;
///
/// impl Application for Open {
///     fn open_requested(&mut self, sessions: &mut Sessions, id: SessionId, _: Protocol, request: &OpenReq<'_>) {
///         let services_granted = request.services_requested;
///         let confirmation = OpenConf { services_granted, peripheral_online: true, ..OpenConf::default() };
///         let _ = sessions.accept(id, &confirmation);
///     }
///
///     fn request(&mut self, sessions: &mut Sessions, id: SessionId, request: Request, _: Frame<'_>) {
///         let _ = sessions.fail(id, request, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE);
///     }
/// }
///
/// # fn main() -> std::io::Result<()> {
/// let mut server = Server::new(ServerOptions::new(), Open)?;
/// let side_a = server.listen("127.0.0.1:0".parse().unwrap(), ServerConfig::new(Product::Cce))?;
/// println!("{:?}", server.sessions().address(side_a));
/// server.run()
/// # }
/// ```
pub struct Server<A> {
    application: A,
    sessions: Sessions,
    jobs: Jobs<A>,
    poll: Poll,
    events: Events,
    /// Whether there are jobs that did not fit the last turn.
    is_behind: bool,
    /// The frame that the application is looking at.
    scratch: Vec<u8>,
}

const WAKER: Token = Token(0);
/// Events of the poll that are taken at a time.
const EVENTS: usize = 1_024;
/// Events of one session that are handled before the others have their turn.
const EVENTS_PER_SESSION: usize = 64;

impl<A: Application> Server<A> {
    /// A server without listeners.
    ///
    /// # Errors
    /// The system has no poll to give.
    pub fn new(options: ServerOptions, application: A) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            application,
            sessions: Sessions::new(options, registry),
            jobs: Jobs::new(options.queue, waker),
            poll,
            events: Events::with_capacity(EVENTS),
            is_behind: false,
            scratch: Vec::new(),
        })
    }

    /// Listens at an address; port 0 stands for any free one.
    ///
    /// # Errors
    /// The system does not give the address out.
    pub fn listen(&mut self, address: SocketAddr, config: ServerConfig) -> io::Result<ListenerId> {
        let listener = Listener::new(
            address,
            config,
            #[cfg(feature = "tls")]
            None,
        );
        self.sessions.listen(listener)
    }

    /// Listens at an address for clients that speak TLS.
    ///
    /// # Errors
    /// The system does not give the address out.
    #[cfg(feature = "tls")]
    pub fn listen_secured(
        &mut self,
        address: SocketAddr,
        config: ServerConfig,
        tls: Arc<ServerTls>,
    ) -> io::Result<ListenerId> {
        self.sessions.listen(Listener::new(address, config, Some(tls)))
    }

    /// Serves until the server is stopped and the last client is gone.
    ///
    /// # Errors
    /// The system cannot wait. What happens to connections is no error here.
    pub fn run(&mut self) -> io::Result<()> {
        while !self.is_stopped() {
            self.turn(None)?;
        }
        Ok(())
    }

    /// Waits until something happens, for at most `timeout` or for ever, and does it: for loops of one's own.
    ///
    /// # Errors
    /// The system cannot wait.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = shorter(timeout, until(self.wake()));
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => {}
            // A signal: whoever turns the server may have something to do for it, and comes back.
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error),
        }
        self.sessions.look_at_the_clock();
        for event in &self.events {
            self.sessions.handle_io(event);
        }
        // Before the sessions, which may take long: those who wait are not kept waiting.
        self.sessions.accept_connections();
        self.serve();
        self.command();
        self.serve();
        Ok(())
    }

    /// When there is something to do by the clock.
    pub fn wake(&self) -> Wake {
        if self.is_behind { Wake::Now } else { self.sessions.wake().or(self.application.wake()) }
    }

    /// Begins to stop: no more connections, and every session is ended with this status.
    pub fn stop(&mut self, status: FailureStatus) {
        info!("stopping: {}", status);
        self.sessions.stop(status);
    }

    /// Whether the server was stopped and all clients are gone.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.sessions.stopping && self.sessions.connections() == 0
    }

    /// A handle for other threads.
    #[must_use]
    pub fn handle(&self) -> ServerHandle<A> {
        self.jobs.handle()
    }

    /// The application.
    pub const fn application(&mut self) -> &mut A {
        &mut self.application
    }

    /// The sessions.
    pub const fn sessions(&mut self) -> &mut Sessions {
        &mut self.sessions
    }

    /// The application, once there is nothing left to serve.
    #[must_use]
    pub fn into_application(self) -> A {
        self.application
    }

    /// What the application and other threads want to do.
    fn command(&mut self) {
        // In front of the queue, so that a full one does not delay it.
        if self.jobs.takes_stop() {
            self.stop(FailureStatus::E_CTI_CTI_SERVER_OFFLINE);
        }
        self.is_behind = self.jobs.run(&mut self.application, &mut self.sessions);
        let is_due = match self.application.wake() {
            Wake::Now => true,
            Wake::At(at) => at <= self.sessions.now,
            Wake::Idle => false,
        };
        if is_due {
            self.application.handle_timeout(&mut self.sessions);
        }
    }

    /// Looks at the sessions that are in the queue now; those that need another look wait for the next turn.
    fn serve(&mut self) {
        // As many as there are now: sessions that go on come behind all others.
        for _ in 0..self.sessions.queued() {
            let Some(index) = self.sessions.next_queued() else { return };
            self.serve_one(index);
        }
    }

    /// Looks at one session: clock, reading, events, writing, and what follows.
    fn serve_one(&mut self, index: usize) {
        let now = self.sessions.now;
        let Some((slot, counters)) = self.sessions.at(index) else { return };
        // Neither clock nor session: nothing happens by itself on a connection that plays dead.
        if slot.swallows() {
            return slot.swallow();
        }
        // First the clock, so that what has come too late is seen to be late.
        slot.session.with(|session| session.handle_timeout(now));
        slot.read(now, counters);
        for _ in 0..EVENTS_PER_SESSION {
            if !self.tell(index) {
                break;
            }
        }
        let Some((slot, counters)) = self.sessions.at(index) else { return };
        counters.most_backlog = counters.most_backlog.max(slot.session.get().transmit().len());
        // Last, so that the answers to what was read go out in the same look.
        slot.write(now, counters);
        slot.give_up_if_stuck(now);
        if slot.session.get().transport() == Transport::Reset {
            slot.reset(now);
        }
        // At half the room, not at the first free byte: else the application would be told after every message.
        if slot.wants_room && slot.session.get().transmit().len() <= self.sessions.options.memory.transmit / 2 {
            self.tell_of_room(index);
        }
        // What came of the end of the connection.
        while self.is_over(index) && self.tell(index) {}
        self.sessions.settle(index);
    }

    /// Whether there is nothing left of a connection.
    fn is_over(&mut self, index: usize) -> bool {
        self.sessions.at(index).is_some_and(|(slot, _)| slot.is_over())
    }

    /// Tells the application that it can go on with a session.
    fn tell_of_room(&mut self, index: usize) {
        let Some((slot, _)) = self.sessions.at(index) else { return };
        slot.wants_room = false;
        let id = slot.id;
        self.application.has_room(&mut self.sessions, id);
    }

    /// Tells the application of the next event of a session; `false` if there is none.
    fn tell(&mut self, index: usize) -> bool {
        let now = self.sessions.now;
        let Some((slot, counters)) = self.sessions.at(index) else { return false };
        let Some(told) = slot.poll(now, &mut self.scratch) else { return false };
        let (id, protocol) = (slot.id, slot.session.get().protocol());
        // An end is told only to who was told of the beginning.
        let was_known = slot.is_known;
        slot.is_known |= matches!(told, Told::Open);
        if let Told::Ended(ended) = told {
            debug!("{} ended: {:?}", slot.peer, ended);
            counters.overflowed += u64::from(ended == cti_proto::session::ServerEnded::Overflow);
        }
        let (application, sessions) = (&mut self.application, &mut self.sessions);
        match told {
            Told::Open => {
                let frame = Frame::new(protocol, MessageType::OPEN_REQ, &self.scratch);
                if let Ok(request) = frame.decode() {
                    application.open_requested(sessions, id, protocol, &request);
                }
                // The password was in it.
                self.scratch.as_mut_slice().zeroize();
            }
            Told::Request(request) => {
                let frame = Frame::new(protocol, request.message, &self.scratch);
                application.request(sessions, id, request, frame);
            }
            Told::Message(message) => {
                application.message(sessions, id, Frame::new(protocol, message, &self.scratch));
            }
            Told::MonitorStopped(monitor_id) => application.monitor_stopped(sessions, id, monitor_id),
            Told::Refused(request, status) => application.refused(sessions, id, request, status),
            Told::Skipped(message, length) => application.skipped(sessions, id, message, length),
            Told::Ended(ended) if was_known => application.ended(sessions, id, ended),
            Told::Ended(_) | Told::Nothing => {}
        }
        true
    }
}

/// A server is itself something that a poll can wait for: it is readable when [`turn`](Server::turn) has something to
/// do, apart from the clock.
#[cfg(unix)]
impl<A> std::os::fd::AsRawFd for Server<A> {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.poll.as_raw_fd()
    }
}

impl<A> fmt::Debug for Server<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}
