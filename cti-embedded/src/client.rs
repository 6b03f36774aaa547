//! The session that tasks share, and what the application gets of it.

use core::future::poll_fn;
use core::pin::pin;
use core::task::{Context, Poll};

use cti_proto::Parts;
use cti_proto::message::Body;
use cti_proto::session::{
    ClientConfig, ClientSession, ConfigError, Event, Instant, Request, RequestError, Transport, Wake,
};
use cti_proto::value::FailureStatus;
use embassy_sync::blocking_mutex::raw::RawMutex;
use embassy_sync::mutex::Mutex;

use crate::waiting::Waiting;
use crate::{Clock, Runner};

/// A session with a CTI Server, or a pair of them, for several tasks: see the [crate](crate).
///
/// On a microcontroller it lies in a `static`, as does the storage that it borrows.
pub struct Client<'s, M: RawMutex, C> {
    shared: Mutex<M, Shared<'s>>,
    clock: C,
}

struct Shared<'s> {
    /// The session.
    session: ClientSession<'s>,
    /// What it wanted last.
    look: Look,
    /// The runner's tasks: reading, writing and time are one task, so that one waker serves them.
    runner: Waiting,
    /// The task that takes events.
    events: Waiting,
}

/// Who waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiter {
    Runner,
    Events,
}

/// What the runner acts upon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) transport: Transport,
    pub(crate) wake: Wake,
    wants_write: bool,
    wants_read: bool,
}

impl Look {
    /// Nothing.
    pub(crate) const NONE: Self =
        Self { transport: Transport::None, wake: Wake::Idle, wants_write: false, wants_read: false };

    /// Looks at what a session wants now, and says whether that is something else than before. Not inlined: flash is
    /// dear.
    #[inline(never)]
    pub(crate) fn renew(&mut self, session: &ClientSession<'_>) -> bool {
        let now = Self {
            transport: session.transport(),
            wake: session.wake(),
            wants_write: session.wants_write(),
            wants_read: session.wants_read(),
        };
        core::mem::replace(self, now) != now
    }
}

impl<'s, M: RawMutex, C: Clock> Client<'s, M, C> {
    /// A client that connects as soon as its [`Runner`] runs.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration breaks a rule of the protocol, or OPEN_REQ does not fit the storage.
    pub fn new(config: ClientConfig<'s>, storage: Parts<'s>, clock: C) -> Result<Self, ConfigError> {
        let session = ClientSession::new(config, storage)?;
        let (look, runner, events) = (Look::NONE, Waiting::new(), Waiting::new());
        Ok(Self { shared: Mutex::new(Shared { session, look, runner, events }), clock })
    }

    /// The parts, for tasks of their own.
    pub fn split(&mut self) -> (Runner<'_, 's, M, C>, Handle<'_, 's, M, C>, Events<'_, 's, M, C>) {
        let client = &*self;
        (Runner::new(client), Handle { client }, Events { client, ended: false })
    }

    /// Gives the session back, to go on with it otherwise.
    pub fn into_session(self) -> ClientSession<'s> {
        self.shared.into_inner().session
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) const fn clock(&self) -> &C {
        &self.clock
    }

    /// Does something with the session and wakes whom it concerns.
    ///
    /// Cancel-safe: it takes effect at its last step, or not at all.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut ClientSession<'s>, Instant) -> R) -> impl Future<Output = R> {
        let mut act = Some(act);
        // Called once: after `Some` there is no further turn, and nobody has to wait for one.
        self.when(Waiter::Runner, move |session, now| act.take().map(|act| act(session, now)))
    }

    /// Waits until `act` does something with the session and says so by `Some`.
    ///
    /// Cancel-safe: as [`with`](Self::with).
    pub(crate) fn when<R>(
        &self,
        waiter: Waiter,
        mut act: impl FnMut(&mut ClientSession<'s>, Instant) -> Option<R>,
    ) -> impl Future<Output = R> {
        poll_fn(move |context| {
            let mut result = None;
            self.take_turn(context, waiter, &mut |session, now| {
                result = act(session, now);
                result.is_some()
            });
            result.map_or(Poll::Pending, Poll::Ready)
        })
    }

    /// Does something with the session, unless another task is looking at an event. A task that is not served by that
    /// is woken for the next turn.
    ///
    /// Once for whatever is done with the session: this is said in many places, and flash is dear. For the same reason
    /// all of it is one poll, and no future of its own.
    #[inline(never)]
    fn take_turn(
        &self,
        context: &mut Context<'_>,
        waiter: Waiter,
        act: &mut dyn FnMut(&mut ClientSession<'s>, Instant) -> bool,
    ) {
        let Poll::Ready(mut shared) = pin!(self.shared.lock()).poll(context) else { return };
        let Shared { session, look, runner, events } = &mut *shared;
        let is_served = act(session, self.now());
        // The runner is woken by what it acts upon, and not by each request that changes none of that.
        if look.renew(session) {
            runner.wake();
        }
        // Still under the lock: nothing can happen between the look and the registration.
        if !is_served {
            match waiter {
                Waiter::Runner => runner.register(context.waker()),
                Waiter::Events => events.register(context.waker()),
            }
        }
        // Also whoever waits since now: a call handles a bounded number of frames, so an event can still be due.
        if look.wake == Wake::Now {
            events.wake();
        }
    }
}

/// Commands to a session. It can be copied to as many tasks as there are.
///
/// All methods are cancel-safe: they take effect at their last step, or not at all. They wait only while another task
/// looks at an event.
pub struct Handle<'c, 's, M: RawMutex, C> {
    client: &'c Client<'s, M, C>,
}

impl<M: RawMutex, C> Clone for Handle<'_, '_, M, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: RawMutex, C> Copy for Handle<'_, '_, M, C> {}

impl<'s, M: RawMutex, C: Clock> Handle<'_, 's, M, C> {
    /// Sends a request; its end comes as an event. See [`ClientSession::request`].
    ///
    /// # Errors
    /// [`RequestError`]; nothing was sent.
    pub fn request<'m, B: Body<'m>>(&self, message: &B) -> impl Future<Output = Result<Request, RequestError>> {
        self.client.with(|session, now| session.request(now, message))
    }

    /// Sends a message that is not a request. See [`ClientSession::send`].
    ///
    /// # Errors
    /// [`RequestError`]; nothing was sent.
    pub fn send<'m, B: Body<'m>>(&self, message: &B) -> impl Future<Output = Result<(), RequestError>> {
        self.client.with(|session, now| session.send(now, message))
    }

    /// Closes the session for good; [`Event::Ended`] follows.
    pub fn close(&self, status: FailureStatus) -> impl Future<Output = ()> {
        self.client.with(move |session, now| session.close(now, status))
    }

    /// Anything else that can be asked of a session, or told to it, at this moment: `opened()`, `counters()`, `resync(..)`,
    /// `reconnect(..)`. Events are for [`Events`], and bytes and connections for [`Runner`].
    pub fn with<R>(&self, act: impl FnOnce(&mut ClientSession<'s>, Instant) -> R) -> impl Future<Output = R> {
        self.client.with(act)
    }
}

/// The events of a session.
pub struct Events<'c, 's, M: RawMutex, C> {
    client: &'c Client<'s, M, C>,
    /// Whether the last one has been seen.
    ended: bool,
}

impl<M: RawMutex, C: Clock> Events<'_, '_, M, C> {
    /// Waits for the next event and looks at it; `None` once [`Event::Ended`] has been seen. The event borrows from the
    /// receive buffer, and while it is looked at nothing else happens in the session: what takes long is for after that.
    ///
    /// While no event is taken the session stands still: bytes wait in the receive buffer, and then with the peer.
    ///
    /// Cancel-safe: `look` is called at the last step, or not at all; an event is not lost.
    pub fn next<R>(&mut self, look: impl FnOnce(Event<'_>) -> R) -> impl Future<Output = Option<R>> {
        let Self { client, ended } = self;
        let mut look = Some(look);
        client.when(Waiter::Events, move |session, now| {
            if *ended {
                return Some(None);
            }
            if let Some(event) = session.poll_event(now) {
                *ended = matches!(event, Event::Ended(_));
                // Called once: after `Some` there is no further round.
                return look.take().map(|look| Some(look(event)));
            }
            // What is due now may be the session's own business.
            session.handle_timeout(now);
            None
        })
    }
}
