//! A client of a CTI Server (GED-188) for microcontrollers: asynchronous, without an operating system, without
//! allocation.
//!
//! [`cti_proto`] has the protocol and the session; this crate moves its bytes and tells it the time, over anything that
//! reads and writes by [`embedded_io_async`]. The parts go to tasks of their own:
//!
//! ```text
//!            Client (in a static)
//!   Runner ----+---- Events          Runner: connects to side A or B, moves bytes, tells the time
//!   socket     |     trackers        Events: hands every event to a closure, borrowed from the receive buffer
//!           Handle                   Handle: requests, from as many tasks as there are
//! ```
//!
//! # Example
//!
#![cfg_attr(feature = "embassy", doc = "```no_run")]
#![cfg_attr(not(feature = "embassy"), doc = "```ignore (needs the feature embassy)")]
//! use cti_embedded::embassy::{Tcp, Uptime};
//! use cti_embedded::{Client, Events, Handle, Runner};
//! use cti_proto::session::{ClientConfig, Event};
//! use cti_proto::value::CtiService;
//! use cti_proto::{Protocol, Storage};
//! use embassy_sync::blocking_mutex::raw::NoopRawMutex;
//! use static_cell::{ConstStaticCell, StaticCell};
//!
//! type Station = Client<'static, NoopRawMutex, Uptime>;
//!
//! static PROTOCOLS: StaticCell<[Protocol; 1]> = StaticCell::new();
//! static STORAGE: ConstStaticCell<Storage<4_096, 1_024, 8, 4>> = ConstStaticCell::new(Storage::new());
//! static STATION: StaticCell<Station> = StaticCell::new();
//!
//! # fn example() -> Result<(), Box<dyn core::error::Error>> {
//! let protocols = PROTOCOLS.init([Protocol::cce(24)?]);
//! let config = ClientConfig::new(protocols, "wallboard".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
//! let station = STATION.init(Client::new(config, STORAGE.take().parts(), Uptime)?);
//! let (runner, handle, events) = station.split();
//! // Each of them to a task of its own: spawner.spawn(network(runner, tcp)?), ...
//! # Ok(())
//! # }
//!
//! async fn network(mut runner: Runner<'static, 'static, NoopRawMutex, Uptime>, mut tcp: Tcp<'static>) {
//!     runner.run(&mut tcp).await;
//! }
//!
//! async fn board(mut events: Events<'static, 'static, NoopRawMutex, Uptime>) {
//!     let show = |event: Event<'_>| println!("{event:?}");
//!     while events.next(show).await.is_some() {}
//! }
//! ```
//!
//! # Dropping futures
//!
//! What is under way is kept in [`Client`] and [`Runner`], not in futures: a future of this crate can be dropped at any
//! point and made again, and nothing is lost or sent twice, as long as the transport's own futures keep that
//! promise. Those of embassy-net do. Where they do not, as in most TLS, dropping costs the connection, and the session
//! connects again. Every method says what holds for it.
//!
//! # TLS
//!
//! A connection is whatever reads and writes, so TLS wraps the transport: see [`Runner::exchange`]. `tests/tls.rs` has
//! embedded-tls in it, which is TLS 1.3 without allocation.
//!
//! # Which lock
//!
//! The session lies behind an asynchronous mutex: while an event is looked at, other tasks wait, and interrupts do not.
//! `NoopRawMutex` costs nothing and serves where all tasks run on one executor; `CriticalSectionRawMutex` where
//! they run on several.
//!
//! # Features
//!
//! * `embassy`: [`embassy`], sockets of embassy-net and the time of embassy-time; `ipv6` adds its addresses.
//! * `defmt`, `log`: what the runner does, as log lines. Events are not logged: they go to the application.
//!
//! Nothing is on by default, and features only add.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[macro_use]
mod logging;

mod client;
#[cfg(feature = "embassy")]
pub mod embassy;
mod halves;
mod runner;
mod traits;
mod waiting;

pub use client::{Client, Events, Handle};
pub use halves::{Half, Halves};
pub use runner::{CHUNK, Runner};
pub use traits::{Clock, Connect};
