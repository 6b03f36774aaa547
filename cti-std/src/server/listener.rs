//! Where clients come in.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;

use cti_proto::session::ServerConfig;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use crate::server::fault::ListenerFaults;
use crate::stream::Stream;
#[cfg(feature = "tls")]
use crate::tls::ServerTls;

/// A listener of a server: side A, side B, or whatever it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListenerId(pub(super) u16);

/// A place to listen at.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) config: ServerConfig,
    pub(super) faults: ListenerFaults,
    pub(super) address: SocketAddr,
    /// None while it is closed.
    socket: Option<TcpListener>,
    /// Whether connections may be waiting.
    pub(super) is_ready: bool,
    #[cfg(feature = "tls")]
    tls: Option<Arc<ServerTls>>,
}

impl Listener {
    pub(super) fn new(
        address: SocketAddr,
        config: ServerConfig,
        #[cfg(feature = "tls")] tls: Option<Arc<ServerTls>>,
    ) -> Self {
        Self {
            config,
            faults: ListenerFaults::default(),
            address,
            socket: None,
            is_ready: false,
            #[cfg(feature = "tls")]
            tls,
        }
    }

    /// Listens, at the same port as before if it did before.
    pub(super) fn open(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        if self.socket.is_some() {
            return Ok(());
        }
        let mut socket = TcpListener::bind(self.address)?;
        registry.register(&mut socket, token, Interest::READABLE)?;
        // The port that was given out is asked for again: after a fault clients find us where we were.
        self.address = socket.local_addr()?;
        self.socket = Some(socket);
        self.is_ready = true;
        Ok(())
    }

    /// Stops listening.
    pub(super) fn close(&mut self) {
        self.socket = None;
        self.is_ready = false;
    }

    /// Whether it listens.
    pub(super) const fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// The next connection, if one waits.
    pub(super) fn accept(&mut self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        let Some(socket) = &self.socket else { return Ok(None) };
        loop {
            return match socket.accept() {
                Ok(accepted) => Ok(Some(accepted)),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => Ok(None),
                    // A client that left before it was let in is none.
                    ErrorKind::Interrupted | ErrorKind::ConnectionAborted => continue,
                    _ => Err(error),
                },
            };
        }
    }

    /// A connection that came in, with TLS around it if that is spoken here.
    pub(super) fn secure(&self, socket: TcpStream) -> io::Result<Stream> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return Ok(Stream::Secured(Box::new(tls.secure(socket)?)));
        }
        Ok(Stream::Plain(socket))
    }
}
