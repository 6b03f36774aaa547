//! What the surroundings provide: a clock, and connections.

use cti_proto::session::{Instant, Side};
use embedded_io_async::{Read, Write};

/// A clock that does not go back.
#[allow(async_fn_in_trait, reason = "a task of an embedded executor need not be Send")]
pub trait Clock {
    /// The moment now, since any beginning.
    fn now(&self) -> Instant;

    /// Waits until `at`. It is dropped before that and called again whenever something happens.
    async fn wait_until(&self, at: Instant);
}

impl<C: Clock> Clock for &C {
    fn now(&self) -> Instant {
        (**self).now()
    }

    async fn wait_until(&self, at: Instant) {
        (**self).wait_until(at).await;
    }
}

/// What makes the connections that a session wants, one at a time, and holds the one that there is.
#[allow(async_fn_in_trait, reason = "a task of an embedded executor need not be Send")]
pub trait Connect {
    /// Why a connection could not be made.
    type Failure;
    /// What reads from the connection. Its `read` should lose nothing when it is dropped.
    type Reader<'c>: Read
    where
        Self: 'c;
    /// What writes to the connection. Its `write` should have written nothing when it is dropped.
    type Writer<'c>: Write
    where
        Self: 'c;

    /// Connects to a side. It is dropped when the session's time for that is over.
    async fn connect(&mut self, side: Side) -> Result<(), Self::Failure>;

    /// The two directions of the connection.
    fn halves(&mut self) -> (Self::Reader<'_>, Self::Writer<'_>);

    /// Drops the connection hard, if there is one, and comes to an end soon, whatever the network does. It may be
    /// dropped, and is then called again before the next [`connect`](Self::connect).
    async fn reset(&mut self);
}
