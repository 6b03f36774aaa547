//! Names of servers, looked up beside the loop.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;

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
        let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "[]/".contains(c));
        is_name.then(|| Self { name: name.into(), port })
    }

    fn address(&self) -> Option<SocketAddr> {
        self.name.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, self.port))
    }
}

/// A lookup: the system's resolver blocks, so it has a thread of its own for that long.
#[derive(Debug)]
pub(crate) enum Lookup {
    Known(SocketAddr),
    UnderWay(Receiver<io::Result<Vec<SocketAddr>>>),
}

impl Lookup {
    /// Begins to look up a host. `waker` rings when it is done.
    pub(crate) fn start(host: &Host, waker: &Arc<Waker>) -> io::Result<Self> {
        if let Some(address) = host.address() {
            return Ok(Self::Known(address));
        }
        let (sender, receiver) = sync_channel(1);
        let (host, waker) = (host.clone(), Arc::clone(waker));
        thread::Builder::new().name("cti-resolve".into()).spawn(move || {
            let addresses = (host.name.as_str(), host.port).to_socket_addrs().map(Iterator::collect);
            // Nobody listens any more when the client is gone.
            if sender.send(addresses).is_ok() {
                let _ = waker.wake();
            }
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
                Err(TryRecvError::Disconnected) => Some(Err(io::Error::other("the lookup broke off"))),
            },
        }
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
