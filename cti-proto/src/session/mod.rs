//! Sessions: the client's and the server's machine, without I/O and without a clock.
//!
//! Bytes and moments go in, bytes, events and wake-ups come out. A machine holds all its outputs as state, so that
//! there is no order of calls to get wrong:
//!
//! | to | call |
//! | --- | --- |
//! | give bytes | `receive(now, bytes)`, or `space()` and `received(now, n)` |
//! | take bytes | `transmit()`, `transmitted(n)` |
//! | take events | `poll_event(now)` |
//! | tell the time | `handle_timeout(now)` when `wake()` says so |
//! | tell of the transport | `connected(now)`, `transport_closed(now)` |
//! | command | `request(now, &message)`, `close(now, status)` and others |
//! | ask | `wants_read()`, `wants_write()`, `wake()`: these change nothing |
//!
//! [`Machine`] is what both have in common.
//!
//! The contract, which tests hold:
//!
//! 1. Any order of calls is correct, and the work per call is bounded.
//! 2. A command takes effect whole or not at all.
//! 3. `wake()` is [`Wake::Now`] exactly when `poll_event` or `handle_timeout` would do something. A partial frame does
//!    not count.
//! 4. After `handle_timeout(t)` the wake-up is later than `t`, or something can be delivered, or it is [`Wake::Idle`].
//! 5. Where there is no room to answer, the next frame waits, and TCP holds the peer back. Nothing is dropped.
//! 6. The end is delivered once; from then on the machine is [`Wake::Idle`].
//! 7. `now` may stand still or go back.

mod client;
mod config;
mod duplex;
mod event;
mod health;
mod machine;
mod monitor;
mod request;
mod server;
mod sides;
mod time;
mod transmit;

pub use client::{ClientCounters, ClientSession, Transport};
pub use config::{ClientConfig, ConfigError};
pub use duplex::DuplexClient;
pub use event::{Cause, Disconnected, Ended, Event, Opened, ServerClock};
pub use health::Health;
pub use machine::Machine;
pub use monitor::Monitor;
pub use request::{Pending, Request, RequestError};
pub use server::{AnswerError, Delivery, Prepared, ServerConfig, ServerEnded, ServerEvent, ServerSession};
pub use sides::{Attempt, Side};
pub use time::{Instant, Wake};
