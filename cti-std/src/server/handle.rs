//! A server, seen from other threads.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use mio::Waker;

use crate::server::Sessions;

/// Something to be done in the server's thread.
type Job<A> = Box<dyn FnOnce(&mut A, &mut Sessions) + Send>;

/// Reaches a server from other threads.
pub struct ServerHandle<A> {
    sender: SyncSender<Job<A>>,
    shared: Arc<Shared>,
}

/// The server is gone: whoever had it has dropped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

struct Shared {
    waker: Waker,
    /// Whether the server is to stop; apart from the queue, so that it needs no room there.
    stop: AtomicBool,
}

impl<A: 'static> ServerHandle<A> {
    /// Runs something in the server's thread, with the application and the sessions, and waits for what comes of it.
    /// In the server's own thread that would wait for ever.
    ///
    /// # Errors
    /// [`Gone`].
    pub fn with<R: Send + 'static>(
        &self,
        action: impl FnOnce(&mut A, &mut Sessions) -> R + Send + 'static,
    ) -> Result<R, Gone> {
        let (sender, receiver) = sync_channel(1);
        self.run(move |application, sessions| {
            // Who asked waits for it.
            let _ = sender.send(action(application, sessions));
        })?;
        receiver.recv().map_err(|_| Gone)
    }

    /// Runs something in the server's thread some time later. It waits for room in the queue only.
    ///
    /// # Errors
    /// [`Gone`].
    pub fn run(&self, action: impl FnOnce(&mut A, &mut Sessions) + Send + 'static) -> Result<(), Gone> {
        self.sender.send(Box::new(action)).map_err(|_| Gone)?;
        // A poll that cannot be woken finds it at its next turn.
        let _ = self.shared.waker.wake();
        Ok(())
    }

    /// Stops the server: no more connections, and every session is ended in order. [`Server::run`] returns when the
    /// clients have closed, which takes 5 s at most.
    ///
    /// [`Server::run`]: crate::server::Server::run
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
        let _ = self.shared.waker.wake();
    }
}

impl<A> Clone for ServerHandle<A> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<A> fmt::Debug for ServerHandle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle").finish_non_exhaustive()
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server is gone")
    }
}

impl std::error::Error for Gone {}

/// The server's end.
pub(super) struct Jobs<A> {
    receiver: Receiver<Job<A>>,
    handle: ServerHandle<A>,
}

/// Jobs that one turn does at most.
const PER_TURN: usize = 64;

impl<A> Jobs<A> {
    pub(super) fn new(length: usize, waker: Waker) -> Self {
        let (sender, receiver) = sync_channel(length.max(1));
        let shared = Arc::new(Shared { waker, stop: AtomicBool::new(false) });
        Self { receiver, handle: ServerHandle { sender, shared } }
    }

    pub(super) fn handle(&self) -> ServerHandle<A> {
        self.handle.clone()
    }

    /// Whether the server is to stop: once.
    pub(super) fn takes_stop(&self) -> bool {
        self.handle.shared.stop.swap(false, Ordering::AcqRel)
    }

    /// Does what was given; whether there may be more.
    pub(super) fn run(&self, application: &mut A, sessions: &mut Sessions) -> bool {
        for _ in 0..PER_TURN {
            let Ok(job) = self.receiver.try_recv() else { return false };
            job(application, sessions);
        }
        true
    }
}
