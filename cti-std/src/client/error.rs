//! Why a connection could not be made, or ended.

use std::net::SocketAddr;
use std::{fmt, io};

use cti_proto::Blame;

#[cfg(feature = "tls")]
use crate::tls::TlsError;

/// What stands behind a [`Disconnected`](cti_proto::session::Disconnected), where the network is to blame.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The server's name could not be resolved.
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        error: io::Error,
    },
    /// TCP did not connect, or TLS on it did not come about in time.
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The handshake failed, or what came cannot be decrypted.
    #[cfg(feature = "tls")]
    Tls(TlsError),
    /// The connection broke.
    Io(io::Error),
    /// The server closed the connection.
    Closed,
}

impl ConnectionError {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            // Names are the program's to choose; that a resolver is down looks the same from here.
            Self::Resolve { .. } => Blame::Usage,
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.blame(),
            Self::Connect { .. } | Self::Io(_) => Blame::Transport,
            Self::Closed => Blame::Peer,
        }
    }
}

impl From<io::Error> for ConnectionError {
    fn from(error: io::Error) -> Self {
        #[cfg(feature = "tls")]
        // Errors of TLS come through `io`, wrapped: they are not the network's.
        let error = match TlsError::try_from(error) {
            Ok(error) => return Self::Tls(error),
            Err(error) => error,
        };
        Self::Io(error)
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve { host, error } => write!(f, "the name {host} cannot be resolved: {error}"),
            Self::Connect { address, error } => write!(f, "no connection to {address}: {error}"),
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.fmt(f),
            Self::Io(error) => write!(f, "the connection broke: {error}"),
            Self::Closed => f.write_str("the server closed the connection"),
        }
    }
}

impl std::error::Error for ConnectionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Resolve { error, .. } | Self::Connect { error, .. } | Self::Io(error) => Some(error),
            #[cfg(feature = "tls")]
            Self::Tls(error) => Some(error),
            Self::Closed => None,
        }
    }
}
