//! What the sessions of both sides have in common.

use crate::protocol::Protocol;
use crate::session::{ClientSession, Instant, ServerSession, Transport, Wake};

/// A session of either side, as seen by code that moves its bytes and tells it the time: written once, it drives
/// clients and servers. Each call is the one of the same name of [`ClientSession`] and of [`ServerSession`].
///
/// Events and commands are not among them: each side has its own.
pub trait Machine {
    /// What is to become of the connection.
    fn transport(&self) -> Transport;

    /// The connection is gone: closed by the peer, reset as asked, or never made.
    fn transport_closed(&mut self, now: Instant);

    /// Room for bytes from the peer.
    fn space(&mut self) -> &mut [u8];

    /// `n` bytes were put at the front of [`space`](Self::space).
    fn received(&mut self, now: Instant, n: usize);

    /// Takes what there is room for, and says how many bytes that were.
    #[must_use = "bytes that were not taken must be offered again"]
    fn receive(&mut self, now: Instant, bytes: &[u8]) -> usize;

    /// Bytes for the peer.
    fn transmit(&self) -> &[u8];

    /// The first `n` bytes of [`transmit`](Self::transmit) were handed to the transport.
    fn transmitted(&mut self, n: usize);

    /// Whether bytes from the peer are welcome.
    fn wants_read(&self) -> bool;

    /// Whether there are bytes for the peer.
    fn wants_write(&self) -> bool;

    /// Does what is due at `now`.
    fn handle_timeout(&mut self, now: Instant);

    /// When to call again.
    fn wake(&self) -> Wake;

    /// The protocol in force, or to be.
    fn protocol(&self) -> Protocol;
}

/// Each session by its own methods, which come before those of a trait.
macro_rules! machines {
    ($($session:ident)*) => {$(
        impl Machine for $session<'_> {
            fn transport(&self) -> Transport {
                $session::transport(self)
            }

            fn transport_closed(&mut self, now: Instant) {
                $session::transport_closed(self, now);
            }

            fn space(&mut self) -> &mut [u8] {
                $session::space(self)
            }

            fn received(&mut self, now: Instant, n: usize) {
                $session::received(self, now, n);
            }

            fn receive(&mut self, now: Instant, bytes: &[u8]) -> usize {
                $session::receive(self, now, bytes)
            }

            fn transmit(&self) -> &[u8] {
                $session::transmit(self)
            }

            fn transmitted(&mut self, n: usize) {
                $session::transmitted(self, n);
            }

            fn wants_read(&self) -> bool {
                $session::wants_read(self)
            }

            fn wants_write(&self) -> bool {
                $session::wants_write(self)
            }

            fn handle_timeout(&mut self, now: Instant) {
                $session::handle_timeout(self, now);
            }

            fn wake(&self) -> Wake {
                $session::wake(self)
            }

            fn protocol(&self) -> Protocol {
                $session::protocol(self)
            }
        }
    )*};
}

machines! { ClientSession ServerSession }
