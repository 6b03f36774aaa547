//! What moves a session's bytes and tells it the time.

use core::ops::Range;
use core::time::Duration;

use cti_proto::session::{ClientSession, Instant, Side, Transport, Wake};
use embassy_futures::select::{Either, select, select3};
use embassy_sync::blocking_mutex::raw::RawMutex;
use embedded_io_async::{Read, Write};

use crate::client::{Client, Look, Waiter};
use crate::{Clock, Connect};

/// Bytes that move at once between transport and session. A runner keeps that many; another as many lie in the future
/// of an exchange.
pub const CHUNK: usize = 256;

/// How often a session is told the time while events wait to be taken: its heartbeats go on meanwhile.
const WHILE_EVENTS_WAIT: Duration = Duration::from_secs(1);
/// How often where nothing is due at any time.
const WHILE_IDLE: Duration = Duration::from_secs(3_600);

/// Makes the connections that a session wants, moves its bytes and tells it the time.
///
/// Either [`run`](Self::run) does it all, over what implements [`Connect`]; or the caller makes the connections, of
/// whatever kind:
///
/// ```no_run
/// # use cti_embedded::{Clock, Runner};
/// # use cti_proto::session::Side;
/// # use embassy_sync::blocking_mutex::raw::RawMutex;
/// # use embedded_io_async::{Read, Write};
/// # async fn dial<R: Read, W: Write, E>(side: Side) -> Result<(R, W), E> { todo!() }
/// # async fn example<M: RawMutex, C: Clock, R: Read, W: Write, E>(mut runner: Runner<'_, '_, M, C>) {
/// while let Some(side) = runner.wanted().await {
///     // TCP, then TLS, or anything else that ends with two halves.
///     if let Some((reader, writer)) = runner.connect(dial::<R, W, E>(side)).await {
///         runner.exchange(reader, writer).await;
///     }
/// }
/// # }
/// ```
pub struct Runner<'c, 's, M: RawMutex, C> {
    client: &'c Client<'s, M, C>,
    incoming: Incoming,
    outgoing: Outgoing,
    /// What the session wanted last of its transport.
    wanted: Transport,
    /// Of [`run`](Self::run).
    connection: Connection,
}

/// What there may be of a connection.
#[derive(PartialEq)]
enum Connection {
    /// Nothing.
    None,
    /// Something that is to be reset.
    Remains,
    /// One that bytes move over.
    There,
}

/// Bytes that were read and that the session has not taken yet.
struct Incoming {
    bytes: [u8; CHUNK],
    /// Those of `bytes` that the session has not taken.
    waiting: Range<usize>,
}

/// What the session does not know yet of bytes on their way out.
#[derive(Default)]
struct Outgoing {
    /// Bytes that the transport has taken.
    sent: usize,
    /// Whether the transport is to be flushed.
    unflushed: bool,
}

impl<'c, 's, M: RawMutex, C: Clock> Runner<'c, 's, M, C> {
    pub(crate) const fn new(client: &'c Client<'s, M, C>) -> Self {
        let incoming = Incoming { bytes: [0; CHUNK], waiting: 0..0 };
        let outgoing = Outgoing { sent: 0, unflushed: false };
        Self { client, incoming, outgoing, wanted: Transport::None, connection: Connection::None }
    }

    /// Keeps the session until it has ended.
    ///
    /// Cancel-safe, if the transport is: called again with the same `transport`, it goes on with the connection that
    /// there is.
    pub async fn run<T: Connect>(&mut self, transport: &mut T) {
        loop {
            if self.connection == Connection::There {
                let (reader, writer) = transport.halves();
                self.exchange(reader, writer).await;
                self.connection = Connection::Remains;
            }
            if self.connection == Connection::Remains {
                transport.reset().await;
                self.connection = Connection::None;
            }
            let Some(side) = self.wanted().await else { return };
            // Before the attempt: a future that is dropped in it leaves a socket behind.
            self.connection = Connection::Remains;
            line!(info, "connecting to side {:?}", side);
            match self.connect(transport.connect(side)).await {
                Some(()) => self.connection = Connection::There,
                None => line!(warn, "no connection to side {:?}", side),
            }
        }
    }

    /// Waits until the session wants a connection, and says to which side; `None` once it has ended. A connection that
    /// there was is gone by now: the session is told so.
    ///
    /// Cancel-safe.
    pub async fn wanted(&mut self) -> Option<Side> {
        self.wanted = self.client.keep_time(Transport::None).await;
        match self.wanted {
            Transport::Connect(side) => Some(side),
            _ => None,
        }
    }

    /// Waits for the connection that was [`wanted`](Self::wanted) and is being made, and tells the session what became of
    /// it: `None` if it was not made, or not in time; `connecting` is then dropped.
    ///
    /// Cancel-safe: the session wants the same connection again.
    pub async fn connect<T, E>(&mut self, connecting: impl Future<Output = Result<T, E>>) -> Option<T> {
        let wanted = self.wanted;
        let Either::First(connected) = select(connecting, self.client.keep_time(wanted)).await else { return None };
        // What is left of the connection before belongs to no session any more.
        (self.incoming.waiting, self.outgoing) = (0..0, Outgoing::default());
        let is_made = connected.is_ok();
        let tell = self.client.with(|session, now| {
            if !is_made {
                session.transport_closed(now);
                return false;
            }
            // The session may have given the attempt up in the same moment.
            let is_wanted = session.transport() == wanted;
            if is_wanted {
                session.connected(now);
            }
            is_wanted
        });
        let is_wanted = tell.await;
        connected.ok().filter(|_| is_wanted)
    }

    /// Moves bytes in both directions until the connection is at its end, or the session wants it to be: it is then to be
    /// dropped, and [`wanted`](Self::wanted) tells the session. No read and no write is dropped before that.
    ///
    /// Cancel-safe, if `read` and `write` of the halves are: call it again with the same connection, or drop it.
    pub async fn exchange(&mut self, reader: impl Read, writer: impl Write) {
        let Self { client, incoming, outgoing, .. } = self;
        let moved =
            select3(incoming.run(client, reader), outgoing.run(client, writer), client.keep_time(Transport::Keep));
        moved.await;
    }
}

impl Incoming {
    /// Ends with the connection.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` keeps its arguments twice")]
    fn run<M: RawMutex, C: Clock>(
        &mut self,
        client: &Client<'_, M, C>,
        mut reader: impl Read,
    ) -> impl Future<Output = ()> {
        async move {
            loop {
                client.when(Waiter::Runner, |session, now| self.deliver(session, now)).await;
                match reader.read(&mut self.bytes).await {
                    Ok(n) if n > 0 => self.waiting = 0..n,
                    Ok(_) => return line!(info, "the peer closed the connection"),
                    Err(error) => return line!(warn, "read: {:?}", embedded_io_async::Error::kind(&error)),
                }
            }
        }
    }

    /// Hands the session what it has room for; `Some` when that was everything. Where it was not, there is no room
    /// at all, so that the first event that is taken is a change.
    fn deliver(&mut self, session: &mut ClientSession<'_>, now: Instant) -> Option<()> {
        while let Some(bytes) = self.bytes.get(self.waiting.clone()).filter(|bytes| !bytes.is_empty()) {
            let taken = session.receive(now, bytes);
            if taken == 0 {
                return None;
            }
            self.waiting.start = self.waiting.start.saturating_add(taken);
        }
        Some(())
    }
}

impl Outgoing {
    /// Ends with the connection.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` keeps its arguments twice")]
    fn run<M: RawMutex, C: Clock>(
        &mut self,
        client: &Client<'_, M, C>,
        mut writer: impl Write,
    ) -> impl Future<Output = ()> {
        async move {
            let mut chunk = [0; CHUNK];
            loop {
                let length = client.when(Waiter::Runner, |session, _| self.fetch(session, &mut chunk)).await;
                let bytes = chunk.get(..length).unwrap_or_default();
                let alive = if bytes.is_empty() {
                    let flushed = writer.flush().await.is_ok();
                    self.unflushed = false;
                    flushed
                } else {
                    // Noted at once, and told at the next fetch: a future dropped in between sends nothing twice.
                    self.sent = writer.write(bytes).await.unwrap_or(0);
                    self.unflushed = true;
                    self.sent > 0
                };
                if !alive {
                    return line!(warn, "the connection does not take bytes any more");
                }
            }
        }
    }

    /// Tells the session what was sent, and copies what is to be sent; nothing where it is time to flush.
    fn fetch(&mut self, session: &mut ClientSession<'_>, chunk: &mut [u8; CHUNK]) -> Option<usize> {
        session.transmitted(core::mem::take(&mut self.sent));
        let bytes = session.transmit();
        let length = bytes.len().min(CHUNK);
        chunk.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        (length > 0 || self.unflushed).then_some(length)
    }
}

impl<M: RawMutex, C: Clock> Client<'_, M, C> {
    /// Tells the session the time for as long as it wants this of its transport; what it wants then. Where that is nothing
    /// it is told as well that a connection there was is gone, and this ends with the session, too.
    async fn keep_time(&self, wanted: Transport) -> Transport {
        let is_gone = wanted == Transport::None;
        loop {
            let (look, now) = self
                .with(|session, now| {
                    if is_gone && matches!(session.transport(), Transport::Keep | Transport::Reset) {
                        session.transport_closed(now);
                    }
                    session.handle_timeout(now);
                    let mut look = Look::NONE;
                    look.renew(session);
                    (look, now)
                })
                .await;
            let goes_on = match look.transport {
                // It has ended; or what a connection that is gone had brought is still to be handed out.
                Transport::None | Transport::Keep if is_gone => look.wake != Wake::Idle,
                transport => transport == wanted,
            };
            if !goes_on {
                return look.transport;
            }
            // When it is to be told again. An event that is due now is taken by whom it has woken.
            let at = match look.wake {
                Wake::Now => now.after(WHILE_EVENTS_WAIT),
                Wake::At(at) => at,
                Wake::Idle => now.after(WHILE_IDLE),
            };
            let changed = self.when(Waiter::Runner, |session, _| { look }.renew(session).then_some(()));
            select(self.clock().wait_until(at), changed).await;
        }
    }
}
