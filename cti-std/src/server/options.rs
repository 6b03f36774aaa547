//! What a server may use.

use crate::memory::Memory;

/// What a server may use, for all its listeners together.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ServerOptions {
    /// Connections at a time, opened or not. More are reset at once.
    pub connections: usize,
    /// Connections at a time that have not opened a session. More are reset at once. How long one of them may take is
    /// [`ServerConfig::open_timeout`](cti_proto::session::ServerConfig).
    pub opening: usize,
    /// Memory of each session: what it receives, and the backlog that it may have. The memory of connections that are
    /// gone is kept for those to come.
    pub memory: Memory,
    /// Commands from other threads that may wait; then those who give them wait.
    pub queue: usize,
}

impl ServerOptions {
    /// 10,000 connections, of which 1,000 may be opening, with [`Memory::SERVER`] each.
    #[must_use]
    pub const fn new() -> Self {
        Self { connections: 10_000, opening: 1_000, memory: Memory::SERVER, queue: 64 }
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// What a server has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerCounters {
    /// Connections accepted.
    pub accepted: u64,
    /// Connections reset at once, because there were too many or a fault was asked for.
    pub turned_away: u64,
    /// Connections that the system would not give out.
    pub accept_failures: u64,
    /// Sessions opened.
    pub opened: u64,
    /// Connections that are over.
    pub ended: u64,
    /// Of them, sessions that ended because the client read too slowly.
    pub overflowed: u64,
    /// Of them, those that never opened a session.
    pub never_opened: u64,
    /// Most connections at a time.
    pub most_connections: usize,
    /// Most bytes that ever waited for one client.
    pub most_backlog: usize,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Events handed to sessions, each counted once for each session.
    pub events: u64,
}
