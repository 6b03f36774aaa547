//! The task that waits.

use core::task::Waker;

/// The one task that waits for something.
///
/// embassy-sync's `WakerRegistration` wakes whom it replaces, as there may be two. Here it is always the same task, and
/// under executors whose wakers cannot be told to be the same it would wake itself without end.
pub(crate) struct Waiting(Option<Waker>);

impl Waiting {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// Notes the task, in place of the one before.
    pub(crate) fn register(&mut self, waker: &Waker) {
        match &mut self.0 {
            // Keeps the waker that is there if it wakes the same task.
            Some(waiting) => waiting.clone_from(waker),
            None => self.0 = Some(waker.clone()),
        }
    }

    /// Wakes it, if it waits.
    pub(crate) fn wake(&mut self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}
