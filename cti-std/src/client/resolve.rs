//! Names of servers, looked up beside the loop.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::{fmt, io, thread};

use mio::Waker;

/// A server as host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) port: u16,
}

impl Host {
    /// Takes `host:port`, `[address]:port`, or a host alone; `None` if that is none of them.
    pub(crate) fn parse(text: &str, default_port: u16) -> Option<Self> {
        // First: an address of version 6 is full of colons.
        if let Ok(address) = text.parse::<IpAddr>() {
            return Some(Self { name: address.to_string(), port: default_port });
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().ok()?),
            None => (text, default_port),
        };
        let name = match name.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').filter(|name| name.parse::<IpAddr>().is_ok())?,
            None => name,
        };
        // What a URL or a list leaves behind is refused here, where it can still be named.
        let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "[]/".contains(c));
        is_name.then(|| Self { name: name.into(), port })
    }

    /// The address, if the host is one and needs no resolver.
    fn address(&self) -> Option<SocketAddr> {
        self.name.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, self.port))
    }
}

/// How a client turns names into addresses: by the system, or by something of the program's own.
///
/// ```
/// use cti_std::client::{ClientOptions, Resolver};
///
/// let mut options = ClientOptions::new("pg1a.example:42027");
/// options.resolver = Resolver::new(|host, port| match host {
///     "pg1a.example" => Ok(vec![([192, 0, 2, 10], port).into()]),
///     _ => Err(std::io::ErrorKind::NotFound.into()),
/// });
/// ```
///
/// A resolver may block, as the system's does: it is called in a thread of its own, one for each side at most, and not
/// for addresses. The client waits for it as long as for a connection,
/// [`ClientConfig::connect_timeout`](cti_proto::session::ClientConfig), and then goes on without it; what comes later
/// serves the next attempt. A resolver that never returns keeps its thread, also when the client is gone.
#[derive(Clone)]
pub struct Resolver(Arc<Resolve>);

type Resolve = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl Resolver {
    /// A resolver that is given host and port, and gives the addresses to try, in order.
    pub fn new(resolve: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(resolve))
    }
}

/// The system's.
impl Default for Resolver {
    fn default() -> Self {
        Self::new(|host, port| Ok((host, port).to_socket_addrs()?.collect()))
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

/// A lookup: resolvers block, so it has a thread of its own for that long.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// The host is an address itself.
    Known(SocketAddr),
    /// Asked for in a thread.
    UnderWay(Receiver<io::Result<Vec<SocketAddr>>>),
}

impl Lookup {
    /// Begins to look up a host. `waker` rings when it is done.
    pub(crate) fn start(host: &Host, resolver: &Resolver, waker: &Arc<Waker>) -> io::Result<Self> {
        if let Some(address) = host.address() {
            return Ok(Self::Known(address));
        }
        let (sender, receiver) = sync_channel(1);
        let (host, resolver, bell) = (host.clone(), resolver.clone(), Bell(Arc::clone(waker)));
        thread::Builder::new().name("cti-resolve".into()).spawn(move || {
            // The sender goes first, so that a resolver that panics is noticed, too.
            let (_bell, sender) = (bell, sender);
            // Nobody listens any more when the client is gone.
            let _ = sender.send((resolver.0)(&host.name, host.port));
        })?;
        Ok(Self::UnderWay(receiver))
    }

    /// What was found, once it is there.
    pub(crate) fn poll(&mut self) -> Option<io::Result<Vec<SocketAddr>>> {
        match self {
            Self::Known(address) => Some(Ok(vec![*address])),
            Self::UnderWay(receiver) => match receiver.try_recv() {
                Ok(result) => Some(result),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => Some(Err(io::Error::other("the resolver broke off"))),
            },
        }
    }
}

/// Rings when it is dropped.
struct Bell(Arc<Waker>);

impl Drop for Bell {
    fn drop(&mut self) {
        // A poll that cannot be woken finds the answer at its next turn.
        let _ = self.0.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_ports() {
        let parsed = |text| Host::parse(text, 42_027).map(|host| (host.name, host.port));
        let is = |name: &str, port| Some((name.to_string(), port));
        assert_eq!(parsed("pg1a.example:42028"), is("pg1a.example", 42_028));
        assert_eq!(parsed("pg1a"), is("pg1a", 42_027));
        assert_eq!(parsed("127.0.0.1:1"), is("127.0.0.1", 1));
        assert_eq!(parsed("::1"), is("::1", 42_027));
        assert_eq!(parsed("[::1]:7"), is("::1", 7));
        assert_eq!(parsed("[::1]"), None, "the port is missing behind the bracket");
        for bad in ["", ":1", "a:", "a:65536", "a:b", "[a]:1", "a b:1", "http://a"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
