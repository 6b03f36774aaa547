//! Commands from other threads: a bounded queue and a waker.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use cti_proto::session::{ClientSession, Instant, Request, RequestError};
use cti_proto::{Blame, Body};
use mio::Waker;

/// A command that waits for the client's thread. It says `false` as long as it has to wait for room.
type Job = Box<dyn FnMut(&mut ClientSession<'_>, Instant) -> bool + Send>;

/// Gives commands to a client from other threads. They are carried out in the order in which they were given; what
/// comes of a request is an event of the client.
///
/// The queue is bounded: where the server does not keep up, [`request`](Self::request) waits and
/// [`try_request`](Self::try_request) is refused.
#[derive(Clone)]
pub struct Handle {
    sender: SyncSender<Job>,
    shared: Arc<Shared>,
}

/// A request that was given to the client, and may still be waiting to be sent.
#[derive(Debug)]
pub struct Ticket(Receiver<Result<Request, RequestError>>);

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandError {
    /// The queue is full.
    Full,
    /// The client is gone.
    Gone,
    /// The request is still waiting when the time is over. It may be sent later.
    Waiting,
    /// The session does not take the request.
    Request(RequestError),
}

struct Shared {
    waker: Arc<Waker>,
    /// Whether the client has been woken and has not looked yet.
    woken: AtomicBool,
    /// Whether the session is to be closed; apart from the queue, so that it needs no room there.
    close: AtomicBool,
}

impl Handle {
    /// Gives a request to the client, as soon as there is room in the queue. Not from the client's own thread: with the
    /// queue full that would wait for itself. There the client has [`Client::request`](crate::client::Client::request).
    ///
    /// # Errors
    /// [`CommandError::Gone`].
    pub fn request<M: Body<'static> + Send + 'static>(&self, message: M) -> Result<Ticket, CommandError> {
        let (job, ticket) = job(message);
        self.run_when_there_is_room(job)?;
        Ok(ticket)
    }

    /// Gives a request to the client, if there is room in the queue.
    ///
    /// # Errors
    /// [`CommandError::Full`] or [`CommandError::Gone`].
    pub fn try_request<M: Body<'static> + Send + 'static>(&self, message: M) -> Result<Ticket, CommandError> {
        let (job, ticket) = job(message);
        self.sender.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => CommandError::Full,
            TrySendError::Disconnected(_) => CommandError::Gone,
        })?;
        self.shared.wake();
        Ok(ticket)
    }

    /// Runs something with the session in the client's thread: for messages that borrow, and for all other commands.
    /// It is called again, later, as long as it says `false`. It waits for room in the queue as
    /// [`request`](Self::request) does.
    ///
    /// # Errors
    /// [`CommandError::Gone`].
    pub fn run(
        &self,
        command: impl FnMut(&mut ClientSession<'_>, Instant) -> bool + Send + 'static,
    ) -> Result<(), CommandError> {
        self.run_when_there_is_room(Box::new(command))
    }

    /// Closes the session for good, ahead of what waits in the queue.
    pub fn close(&self) {
        self.shared.close.store(true, Ordering::Release);
        self.shared.wake();
    }

    /// Waits for room in the queue, and wakes the client.
    fn run_when_there_is_room(&self, job: Job) -> Result<(), CommandError> {
        self.sender.send(job).map_err(|_| CommandError::Gone)?;
        self.shared.wake();
        Ok(())
    }
}

/// A request as a command, and where its result will be.
fn job<M: Body<'static> + Send + 'static>(message: M) -> (Job, Ticket) {
    let (sender, receiver) = sync_channel(1);
    let job = Box::new(move |session: &mut ClientSession<'_>, now| {
        let result = session.request(now, &message);
        let waits = |error: &RequestError| error.blame() == Blame::Capacity;
        // It is worth waiting only for what will pass: bytes that are to be written, requests that will end.
        if result.as_ref().is_err_and(waits) && (session.wants_write() || has_outstanding(&result)) {
            return false;
        }
        // Who gave the command may not care.
        let _ = sender.send(result);
        true
    });
    (job, Ticket(receiver))
}

/// Whether what is in the way goes away by itself: requests end, bytes are sent. A message that is larger than the
/// whole buffer would wait for ever.
fn has_outstanding(result: &Result<Request, RequestError>) -> bool {
    matches!(result, Err(RequestError::TooManyOutstanding | RequestError::ConversationOpen))
}

impl Ticket {
    /// Waits until the request is sent. Its end is an event of the client.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn wait(&self, timeout: Duration) -> Result<Request, CommandError> {
        match self.0.recv_timeout(timeout) {
            Ok(result) => result.map_err(CommandError::Request),
            Err(RecvTimeoutError::Timeout) => Err(CommandError::Waiting),
            Err(RecvTimeoutError::Disconnected) => Err(CommandError::Gone),
        }
    }
}

impl Shared {
    /// Wakes the client, unless that was done.
    fn wake(&self) {
        // Once is enough until the client looks: waking costs a call of the system.
        if !self.woken.swap(true, Ordering::AcqRel) {
            // A poll that cannot be woken finds the command at its next turn.
            let _ = self.waker.wake();
        }
    }
}

/// The client's end of the queue.
pub(super) struct Queue {
    receiver: Receiver<Job>,
    sender: SyncSender<Job>,
    /// The command that waits for room in the session.
    front: Option<Job>,
    shared: Arc<Shared>,
}

/// Commands that one turn carries out at most.
const PER_TURN: usize = 64;

impl Queue {
    pub(super) fn new(length: usize, waker: Arc<Waker>) -> Self {
        let (sender, receiver) = sync_channel(length.max(1));
        let shared = Arc::new(Shared { waker, woken: AtomicBool::new(false), close: AtomicBool::new(false) });
        Self { receiver, sender, front: None, shared }
    }

    /// A handle for other threads.
    pub(super) fn handle(&self) -> Handle {
        Handle { sender: self.sender.clone(), shared: Arc::clone(&self.shared) }
    }

    /// Whether something was given since the last look.
    pub(super) fn is_woken(&self) -> bool {
        self.shared.woken.load(Ordering::Acquire)
    }

    /// Whether the session is to be closed: once.
    pub(super) fn takes_close(&self) -> bool {
        self.shared.close.swap(false, Ordering::AcqRel)
    }

    /// Carries out what can be; one that has to wait holds back those behind it.
    pub(super) fn run(&mut self, session: &mut ClientSession<'_>, now: Instant) {
        // The usual case: two looks at memory, and no lock.
        if self.front.is_none() && !self.is_woken() {
            return;
        }
        // Swapped, not stored: whoever gives a command after this wakes us again, and what was given before is seen below.
        self.shared.woken.swap(false, Ordering::AcqRel);
        for _ in 0..PER_TURN {
            let job = match self.front.take() {
                Some(job) => Some(job),
                None => self.receiver.try_recv().ok(),
            };
            let Some(mut job) = job else { return };
            if !job(session, now) {
                self.front = Some(job);
                return;
            }
        }
        // There may be more, and nobody else will ring for it.
        self.shared.woken.store(true, Ordering::Release);
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("waits", &self.front.is_some()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl CommandError {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Full | Self::Waiting => Blame::Capacity,
            Self::Gone => Blame::Usage,
            Self::Request(error) => error.blame(),
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("too many commands are waiting"),
            Self::Gone => f.write_str("the client is gone"),
            Self::Waiting => f.write_str("the request is still waiting to be sent"),
            Self::Request(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CommandError {}
