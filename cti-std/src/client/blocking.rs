//! A client with a poll of its own: one call that waits for the next event.

use std::io::{self, ErrorKind};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant as StdInstant};

use cti_proto::session::Event;
use mio::{Events, Poll, Token, Waker};

use crate::client::{Client, ClientOptions, SetupError};
use crate::clock::{shorter, until};

const CLIENT: Token = Token(0);
const WAKER: Token = Token(1);

/// A client of a CTI Server, or of a pair of them, for a thread of its own.
///
/// ```no_run
/// use cti_proto::session::Event;
/// use cti_std::client::{BlockingClient, ClientOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut client = BlockingClient::new(ClientOptions::new("pg1a.example:42027"))?;
/// while let Some(event) = client.next_event(None)? {
///     match event {
///         Event::Message(frame) => println!("{:?}", frame.message()),
///         event => println!("{event:?}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// It is a [`Client`] for all commands. Connections that fail or end are events, and the client goes on by itself. One
/// that is dropped leaves without a word: [`shut_down`](Self::shut_down) ends the session in order.
#[derive(Debug)]
pub struct BlockingClient {
    client: Client,
    poll: Poll,
    events: Events,
}

impl BlockingClient {
    /// A client that connects as soon as events are asked for.
    ///
    /// # Errors
    /// [`SetupError`]; nothing was sent.
    pub fn new(options: ClientOptions) -> Result<Self, SetupError> {
        let poll = Poll::new().map_err(SetupError::Io)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(SetupError::Io)?);
        let client = Client::new(options, poll.registry(), CLIENT, waker)?;
        // One socket and one waker: more events there are not.
        Ok(Self { client, poll, events: Events::with_capacity(8) })
    }

    /// Waits for the next event, for at most `timeout` or for ever; `None` when the time is over, or when the session
    /// has ended for good. With a time of zero it does what can be done at once.
    ///
    /// # Errors
    /// The system cannot wait. What happens to connections is no error here, but an event.
    #[inline(always)]
    pub fn next_event(&mut self, timeout: Option<Duration>) -> io::Result<Option<Event<'_>>> {
        // As in `Client::poll_event`.
        if self.client.has_message() {
            return Ok(self.client.take_message().map(Event::Message));
        }
        let Some(event) = self.next_slowly(timeout)? else { return Ok(None) };
        Ok(Some(event))
    }

    /// The next event, of whatever kind.
    #[inline(never)]
    fn next_slowly(&mut self, timeout: Option<Duration>) -> io::Result<Option<Event<'_>>> {
        let is_there = self.client.find_event() || self.wait_for_event(timeout)?;
        Ok(if is_there { self.client.take_event() } else { None })
    }

    /// Whether there is one within `timeout`.
    fn wait_for_event(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        let deadline = timeout.and_then(|timeout| StdInstant::now().checked_add(timeout));
        loop {
            if self.client.is_ended() {
                return Ok(false);
            }
            // Anew each time: a wake-up without an event must not begin the wait again.
            let left = deadline.map(|deadline| deadline.saturating_duration_since(StdInstant::now()));
            self.turn(shorter(left, until(self.client.wake())))?;
            if self.client.has_event() {
                return Ok(true);
            }
            // Only now: a caller that does not wait at all is to get what is there.
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
        }
    }

    /// Closes the session with CLOSE_REQ and waits for the answer, 5 s at most; events that come before it go to
    /// `handle`. The last one is [`Event::Ended`].
    ///
    /// # Errors
    /// The system cannot wait.
    pub fn shut_down(mut self, mut handle: impl FnMut(Event<'_>)) -> io::Result<()> {
        self.client.close();
        while let Some(event) = self.next_event(None)? {
            handle(event);
        }
        Ok(())
    }

    /// Waits once, and does what there is to do then.
    fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => {}
            // A signal; the clock is looked at below.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        for event in &self.events {
            self.client.handle_io(event);
        }
        self.client.handle_timeout();
        Ok(())
    }
}

impl Deref for BlockingClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for BlockingClient {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
