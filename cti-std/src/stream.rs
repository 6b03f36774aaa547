//! A connection: TCP, or TLS on it.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use mio::net::TcpStream;
use socket2::SockRef;

#[cfg(feature = "tls")]
use crate::tls::Secured;

/// A connection that never blocks.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Secured(Box<Secured>),
}

/// What reading came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// So many bytes; whether there may be more before the next readiness.
    Some { n: usize, more: bool },
    /// None for now.
    None,
    /// The peer has closed.
    End,
}

impl Stream {
    /// Reads once, as much as there is room for.
    pub(crate) fn read(&mut self, space: &mut [u8]) -> io::Result<Taken> {
        let result = retried(|| match self {
            Self::Plain(socket) => socket.read(space),
            #[cfg(feature = "tls")]
            Self::Secured(secured) => secured.read(space),
        });
        match result {
            Ok(0) => Ok(Taken::End),
            // epoll and kqueue tell of what comes later; elsewhere, and under TLS, only a read that would block ends
            // the readiness.
            Ok(n) => Ok(Taken::Some { n, more: !(cfg!(unix) && self.is_plain() && n < space.len()) }),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Taken::None),
            Err(error) => Err(error),
        }
    }

    /// Writes what can be written; `None` if nothing can be for now.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let result = retried(|| match self {
            Self::Plain(socket) => socket.write(bytes),
            #[cfg(feature = "tls")]
            Self::Secured(secured) => secured.write(bytes),
        });
        match result {
            // A socket that takes nothing, and does not say why, would be asked for ever.
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            Ok(n) => Ok(Some(n)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Goes on with the handshake of TLS; `true` once it is done.
    #[cfg(feature = "tls")]
    pub(crate) fn shake_hands(&mut self) -> io::Result<bool> {
        match self {
            Self::Plain(_) => Ok(true),
            Self::Secured(secured) => secured.shake_hands(),
        }
    }

    /// Writes what was taken before and not written yet: TLS keeps what it has encrypted.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            #[cfg(feature = "tls")]
            Self::Secured(secured) => secured.flush(),
        }
    }

    /// The socket beneath.
    pub(crate) const fn socket(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(socket) => socket,
            #[cfg(feature = "tls")]
            Self::Secured(secured) => secured.socket(),
        }
    }

    /// Makes the end of the connection a hard one: bytes under way are then void, and the peer sees a reset.
    pub(crate) fn set_reset(&mut self) {
        // Where it cannot be set, the connection closes in the ordinary way.
        let _ = SockRef::from(&*self.socket()).set_linger(Some(Duration::ZERO));
    }

    /// Whether there is no TLS.
    const fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }
}

/// Again, when a signal came in between.
fn retried<T>(mut action: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match action() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
