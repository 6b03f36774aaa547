//! Sockets of embassy-net, and the time of embassy-time.

use core::future::ready;
use core::net::SocketAddr;

use cti_proto::session::{Instant, Side};
use embassy_net::tcp::{ConnectError, Error, TcpReader, TcpSocket, TcpWriter};
use embassy_net::{IpEndpoint, Stack};
use embassy_time::{Duration, Timer, with_timeout};
use embedded_io_async::{ErrorType, Read, Write};

use crate::{Clock, Connect};

/// The time since the start, by embassy-time. All rates of its ticks will do; milliseconds are what counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uptime;

impl Clock for Uptime {
    #[inline(never)]
    fn now(&self) -> Instant {
        Instant::from_millis(embassy_time::Instant::now().as_millis())
    }

    fn wait_until(&self, at: Instant) -> impl Future<Output = ()> {
        // A tick more than the millisecond: a timer that fires early would be set again at once.
        let at = embassy_time::Instant::try_from_millis(at.as_millis());
        let at = at.and_then(|at| at.checked_add(Duration::from_ticks(1)));
        Timer::at(at.unwrap_or(embassy_time::Instant::MAX))
    }
}

/// How long a reset may wait for the network to take it.
const RESET: Duration = Duration::from_millis(100);

/// One TCP socket, for connections to side A and side B, one after the other.
///
/// A buffer for reading of a few segments lets TCP flow; one for writing holds a few requests, 512 bytes at
/// least. The futures of its halves can be dropped without loss.
pub struct Tcp<'d> {
    socket: TcpSocket<'d>,
    /// Side A, then B.
    sides: [SocketAddr; 2],
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DialError {
    /// The peer refused or reset it.
    Refused,
    /// The network has no route to it, or none at this time.
    NoRoute,
    /// It did not answer.
    TimedOut,
    /// An address of IPv6, without the feature `ipv6`: the caller's mistake.
    Unsupported,
}

impl core::fmt::Display for DialError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Refused => "the connection was refused",
            Self::NoRoute => "there is no route",
            Self::TimedOut => "there was no answer",
            Self::Unsupported => "addresses of IPv6 are not supported",
        })
    }
}

impl core::error::Error for DialError {}

impl<'d> Tcp<'d> {
    /// A socket of `stack` for the servers at `sides`: A, then B. With one server only, say so in
    /// [`ClientConfig::pair`](cti_proto::session::ClientConfig::pair).
    pub fn new(stack: Stack<'d>, sides: [SocketAddr; 2], read: &'d mut [u8], write: &'d mut [u8]) -> Self {
        let mut socket = TcpSocket::new(stack, read, write);
        // The session has its own heartbeats and timeouts; and requests are small and few, and are wanted at once.
        socket.set_timeout(None);
        socket.set_nagle_enabled(false);
        Self { socket, sides }
    }
}

/// The connection in one piece, for TLS around it.
impl Read for Tcp<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        self.socket.read(buffer).await
    }
}

impl Write for Tcp<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.socket.write(bytes).await
    }

    /// Does nothing: see [`Unhurried`].
    fn flush(&mut self) -> impl Future<Output = Result<(), Error>> {
        ready(Ok(()))
    }
}

impl ErrorType for Tcp<'_> {
    type Error = Error;
}

impl Connect for Tcp<'_> {
    type Failure = DialError;
    type Reader<'c>
        = TcpReader<'c>
    where
        Self: 'c;
    type Writer<'c>
        = Unhurried<'c>
    where
        Self: 'c;

    async fn connect(&mut self, side: Side) -> Result<(), DialError> {
        let [a, b] = self.sides;
        let endpoint = endpoint(match side {
            Side::A => a,
            Side::B => b,
        })?;
        self.socket.connect(endpoint).await.map_err(|error| match error {
            // A socket that is still in use looks the same; `reset` comes before each attempt.
            ConnectError::ConnectionReset | ConnectError::InvalidState => DialError::Refused,
            ConnectError::TimedOut => DialError::TimedOut,
            ConnectError::NoRoute => DialError::NoRoute,
        })
    }

    fn halves(&mut self) -> (TcpReader<'_>, Unhurried<'_>) {
        let (reader, writer) = self.socket.split();
        (reader, Unhurried(writer))
    }

    async fn reset(&mut self) {
        self.socket.abort();
        // The reset goes out with the next poll of the stack; a network that is down must not hold us up.
        let _ = with_timeout(RESET, self.socket.flush()).await;
    }
}

/// Writes to a socket. Flushing it does not wait for the peer to acknowledge everything, as a socket's own does: TCP sends
/// what it has anyway.
pub struct Unhurried<'c>(TcpWriter<'c>);

impl ErrorType for Unhurried<'_> {
    type Error = Error;
}

impl Write for Unhurried<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        self.0.write(bytes).await
    }

    fn flush(&mut self) -> impl Future<Output = Result<(), Error>> {
        ready(Ok(()))
    }
}

/// An address as the stack has it.
fn endpoint(address: SocketAddr) -> Result<IpEndpoint, DialError> {
    match address {
        SocketAddr::V4(address) => Ok(address.into()),
        #[cfg(feature = "ipv6")]
        SocketAddr::V6(address) => Ok(address.into()),
        #[cfg(not(feature = "ipv6"))]
        SocketAddr::V6(_) => Err(DialError::Unsupported),
    }
}
