//! Listeners, and faults on request.

use std::io;
use std::net::SocketAddr;

use cti_proto::session::ServerConfig;
use mio::Token;

use super::{FIRST_LISTENER, SessionId, Sessions, enqueue, slot_mut};
use crate::server::fault::{Faults, ListenerFaults};
use crate::server::listener::{Listener, ListenerId};
use crate::server::slot::Slot;

/// The server's listeners.
impl Sessions {
    /// What a listener offers to clients that come.
    #[must_use]
    pub fn config(&self, listener: ListenerId) -> Option<&ServerConfig> {
        self.listeners.get(usize::from(listener.0)).map(|listener| &listener.config)
    }

    /// Changes what a listener offers: active or standby, maintenance, versions. Sessions that there are already are
    /// as they were.
    pub fn set_config(&mut self, listener: ListenerId, config: ServerConfig) {
        if let Some(listener) = self.listeners.get_mut(usize::from(listener.0)) {
            listener.config = config;
        }
    }

    /// Where a listener listens, with the port that it was given.
    #[must_use]
    pub fn address(&self, listener: ListenerId) -> Option<SocketAddr> {
        self.listeners.get(usize::from(listener.0)).map(|listener| listener.address)
    }

    /// All listeners, in the order in which they were made.
    pub fn listeners(&self) -> impl Iterator<Item = ListenerId> + use<> {
        (0..self.listeners.len()).map(|number| ListenerId(number as u16))
    }

    /// Whether a listener takes connections: not while it is closed.
    #[must_use]
    pub fn is_listening(&self, listener: ListenerId) -> bool {
        self.listeners.get(usize::from(listener.0)).is_some_and(Listener::is_open)
    }

    /// Stops listening: the system refuses connections. Sessions go on.
    pub fn close_listener(&mut self, listener: ListenerId) {
        if let Some(listener) = self.listeners.get_mut(usize::from(listener.0)) {
            listener.close();
        }
    }

    /// Listens again, at the same address.
    ///
    /// # Errors
    /// The system does not give the address out again, or the server is stopping.
    pub fn open_listener(&mut self, listener: ListenerId) -> io::Result<()> {
        // Clients that come back at once would keep the server from ever being without any.
        if self.stopping {
            return Err(io::Error::other("the server is stopping"));
        }
        let token = Token(FIRST_LISTENER + usize::from(listener.0));
        match self.listeners.get_mut(usize::from(listener.0)) {
            Some(listener) => listener.open(&self.registry, token),
            None => Ok(()),
        }
    }

    /// A side that dies: no listener, and all its connections reset.
    pub fn drop_listener(&mut self, listener: ListenerId) {
        self.close_listener(listener);
        let of_listener = self.slots.iter().flatten().filter(|slot| slot.listener == listener);
        for session in of_listener.map(|slot| slot.id).collect::<Vec<_>>() {
            self.reset(session);
        }
    }
}

/// Faults on request: for tests and simulations.
impl Sessions {
    /// Resets a connection, whatever is under way on it.
    pub fn reset(&mut self, session: SessionId) {
        let now = self.now;
        self.change(session, |slot| slot.reset(now));
    }

    /// Sets what is wrong with a connection from now on.
    pub fn set_faults(&mut self, session: SessionId, faults: Faults) {
        self.change(session, |slot| slot.set_faults(faults));
    }

    /// Sets what is wrong with all connections that came in by a listener, with an open session or without.
    pub fn set_faults_of(&mut self, listener: ListenerId, faults: Faults) {
        let of_listener = self.slots.iter().flatten().filter(|slot| slot.listener == listener);
        for session in of_listener.map(|slot| slot.id).collect::<Vec<_>>() {
            self.set_faults(session, faults);
        }
    }

    /// Sets what is wrong with a listener from now on.
    pub fn set_listener_faults(&mut self, listener: ListenerId, faults: ListenerFaults) {
        if let Some(listener) = self.listeners.get_mut(usize::from(listener.0)) {
            listener.faults = faults;
            // Those whom a fault kept waiting were announced before, and will not be again.
            listener.is_ready = listener.is_open();
        }
    }

    /// Sends bytes that are no message, behind what waits already.
    pub fn inject(&mut self, session: SessionId, bytes: &[u8]) {
        self.change(session, |slot| {
            let pending = slot.session.get().transmit().len();
            slot.faults.get_or_insert_default().inject(bytes, pending);
        });
    }

    /// Resets a connection after so many more bytes, in the middle of a message if that is where they end.
    pub fn cut(&mut self, session: SessionId, after: usize) {
        self.change(session, |slot| slot.faults.get_or_insert_default().cut(after));
    }

    /// Changes a connection, and has it looked at.
    pub(super) fn change(&mut self, session: SessionId, change: impl FnOnce(&mut Slot)) {
        let Some(slot) = slot_mut(&mut self.slots, session) else { return };
        change(slot);
        enqueue(slot, session.index, &mut self.queue);
    }
}
