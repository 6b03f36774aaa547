//! The way to a connection: a name, its addresses one after the other, and TLS.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cti_proto::session::{Instant, Side, Wake};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token, Waker};

use crate::client::error::ConnectionError;
use crate::client::options::ClientOptions;
use crate::client::resolve::{Host, Lookup, Resolver};
use crate::stream::Stream;
use crate::trace::debug;

/// What all attempts of a client have in common.
#[derive(Debug)]
pub(super) struct Connector {
    /// Side A first; a side that there is not is `None`.
    hosts: [Option<Host>; 2],
    resolver: Resolver,
    /// Lookups that outlive their attempt: a resolver that hangs is asked once.
    lookups: [Option<Lookup>; 2],
    registry: Registry,
    /// One for all attempts: there is one socket at a time, and each is registered anew.
    token: Token,
    /// Rung when a name has been looked up.
    waker: Arc<Waker>,
    /// For a whole attempt, names included: [`ClientConfig::connect_timeout`](cti_proto::session::ClientConfig).
    timeout: Duration,
    #[cfg(feature = "tls")]
    tls: Option<Arc<crate::tls::ClientTls>>,
}

/// An attempt to connect.
#[derive(Debug)]
pub(super) struct Connecting {
    pub(super) side: Side,
    /// Those that were not tried yet.
    addresses: std::vec::IntoIter<SocketAddr>,
    /// Each address gets its share of the time, for TCP and TLS together.
    share: Duration,
    stage: Stage,
}

/// How far an attempt is.
#[derive(Debug)]
enum Stage {
    /// The host's addresses are being looked up.
    Resolving,
    /// TCP is being connected.
    Tcp {
        socket: TcpStream,
        address: SocketAddr,
        /// When the next address has its turn.
        until: Instant,
    },
    /// TCP stands, and TLS is being agreed on. `until` is still that of TCP: the address has one share for both.
    #[cfg(feature = "tls")]
    Handshake { stream: Stream, address: SocketAddr, until: Instant },
    /// An error was told, and nothing more comes of the attempt.
    Failed,
}

impl Connector {
    pub(super) fn new(
        options: &ClientOptions,
        hosts: [Option<Host>; 2],
        registry: Registry,
        token: Token,
        waker: Arc<Waker>,
    ) -> Self {
        Self {
            hosts,
            resolver: options.resolver.clone(),
            lookups: [None, None],
            registry,
            token,
            waker,
            timeout: options.config.connect_timeout,
            #[cfg(feature = "tls")]
            tls: options.tls.clone(),
        }
    }

    /// What the socket is registered under.
    pub(super) const fn token(&self) -> Token {
        self.token
    }

    /// The host of a side.
    fn host(&self, side: Side) -> Option<&Host> {
        self.hosts.get(side as usize).and_then(Option::as_ref)
    }

    /// The addresses of a side's host, once they are known.
    fn lookup(&mut self, side: Side) -> Option<Result<Vec<SocketAddr>, ConnectionError>> {
        let host = self.hosts.get(side as usize)?.as_ref()?;
        let slot = self.lookups.get_mut(side as usize)?;
        let found = match slot {
            Some(lookup) => lookup.poll()?,
            None => match Lookup::start(host, &self.resolver, &self.waker) {
                Ok(mut lookup) => match lookup.poll() {
                    Some(found) => found,
                    None => {
                        *slot = Some(lookup);
                        return None;
                    }
                },
                Err(error) => Err(error),
            },
        };
        // Found or not, the next attempt asks again: names move to other addresses.
        *slot = None;
        let failed = |error| ConnectionError::Resolve { host: host.name.clone(), error };
        Some(found.map_err(failed).and_then(|addresses| match addresses.is_empty() {
            true => Err(failed(io::Error::from(ErrorKind::NotFound))),
            false => Ok(addresses),
        }))
    }

    /// A socket on its way to an address.
    fn open(&self, address: SocketAddr) -> io::Result<TcpStream> {
        // It returns at once: that TCP stands, or does not, the poll tells as a socket that can be written to.
        let mut socket = TcpStream::connect(address)?;
        // Requests are small and wait for their answers.
        let _ = socket.set_nodelay(true);
        self.registry.register(&mut socket, self.token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(socket)
    }

    /// The connection, with TLS around it if that is wanted.
    #[cfg(feature = "tls")]
    fn secure(&self, side: Side, socket: TcpStream) -> Result<Stream, ConnectionError> {
        // The name is checked against the certificate, the address is not: it may come from a resolver that lies.
        match &self.tls {
            Some(tls) => {
                let name = self.host(side).map_or("", |host| &host.name);
                let secured = tls.secure(name, socket).map_err(ConnectionError::Tls)?;
                Ok(Stream::Secured(Box::new(secured)))
            }
            None => Ok(Stream::Plain(socket)),
        }
    }
}

impl Connecting {
    pub(super) fn new(side: Side) -> Self {
        Self { side, addresses: Vec::new().into_iter(), share: Duration::ZERO, stage: Stage::Resolving }
    }

    /// Goes as far as it goes; the connection, once it stands.
    pub(super) fn advance(
        &mut self,
        connector: &mut Connector,
        now: Instant,
    ) -> Result<Option<Stream>, ConnectionError> {
        loop {
            // Taken out to be changed; every way on puts a stage back, and an error leaves the attempt failed.
            match std::mem::replace(&mut self.stage, Stage::Failed) {
                Stage::Resolving => {
                    let Some(addresses) = connector.lookup(self.side) else {
                        self.stage = Stage::Resolving;
                        return Ok(None);
                    };
                    let addresses = addresses?;
                    // One address that swallows packets must not use up the time of all others.
                    self.share = connector.timeout / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
                    self.addresses = addresses.into_iter();
                    self.next_address(connector, now, None)?;
                }
                Stage::Tcp { socket, address, until } => match is_connected(&socket) {
                    Ok(true) => {
                        debug!("TCP connected to {address}");
                        #[cfg(feature = "tls")]
                        {
                            let stream = connector.secure(self.side, socket)?;
                            self.stage = Stage::Handshake { stream, address, until };
                        }
                        #[cfg(not(feature = "tls"))]
                        return Ok(Some(Stream::Plain(socket)));
                    }
                    Ok(false) if now < until => {
                        self.stage = Stage::Tcp { socket, address, until };
                        return Ok(None);
                    }
                    Ok(false) => self.next_address(connector, now, Some(slow(address)))?,
                    Err(error) => {
                        let error = ConnectionError::Connect { address, error };
                        self.next_address(connector, now, Some(error))?;
                    }
                },
                #[cfg(feature = "tls")]
                Stage::Handshake { mut stream, address, until } => {
                    // What it fails by is told: another address of the host would hide it.
                    if stream.shake_hands()? {
                        return Ok(Some(stream));
                    }
                    if now < until {
                        self.stage = Stage::Handshake { stream, address, until };
                        return Ok(None);
                    }
                    // Whoever answers to TCP and says no more is not the server.
                    drop(stream);
                    self.next_address(connector, now, Some(slow(address)))?;
                }
                Stage::Failed => return Err(ConnectionError::Closed),
            }
        }
    }

    /// When an address has had its time.
    pub(super) fn wake(&self) -> Wake {
        match self.stage {
            Stage::Tcp { until, .. } => Wake::At(until),
            #[cfg(feature = "tls")]
            Stage::Handshake { until, .. } => Wake::At(until),
            // A lookup rings the waker, and the session itself ends one that takes too long.
            _ => Wake::Idle,
        }
    }

    /// What a session is told of an attempt that it gave up.
    pub(super) fn timed_out(self, connector: &Connector) -> ConnectionError {
        let error = io::Error::from(ErrorKind::TimedOut);
        match (self.stage, connector.host(self.side)) {
            (Stage::Tcp { address, .. }, _) => slow(address),
            #[cfg(feature = "tls")]
            (Stage::Handshake { address, .. }, _) => slow(address),
            (Stage::Resolving, Some(host)) => ConnectionError::Resolve { host: host.name.clone(), error },
            _ => ConnectionError::Io(error),
        }
    }

    /// Tries the next address that the system does not refuse at once; `failed` is why the one before was given up.
    fn next_address(
        &mut self,
        connector: &Connector,
        now: Instant,
        mut failed: Option<ConnectionError>,
    ) -> Result<(), ConnectionError> {
        for address in self.addresses.by_ref() {
            match connector.open(address) {
                Ok(socket) => {
                    self.stage = Stage::Tcp { socket, address, until: now.after(self.share) };
                    return Ok(());
                }
                Err(error) => failed = Some(ConnectionError::Connect { address, error }),
            }
        }
        Err(failed.unwrap_or(ConnectionError::Closed))
    }
}

/// An address that has had its time.
fn slow(address: SocketAddr) -> ConnectionError {
    ConnectionError::Connect { address, error: ErrorKind::TimedOut.into() }
}

/// Whether TCP stands; an error if it never will.
fn is_connected(socket: &TcpStream) -> io::Result<bool> {
    // A connection that failed reads as an error of the socket, one under way as not connected.
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        // TCP may connect a port of this machine to itself when nobody listens there.
        Ok(peer) if socket.local_addr().is_ok_and(|local| local == peer) => Err(ErrorKind::ConnectionRefused.into()),
        Ok(_) => Ok(true),
        // Woken for another reason, such as the clock.
        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}
