//! The Cisco CTI Server protocol (GED-188) on std: real sockets around the sessions of [`cti_proto`].
//!
//! * [`client`]: a connection to a CTI Server or a pair of them that heals itself, by one blocking call or in a
//!   [`mio::Poll`] of the program's own.
//! * [`server`]: a CTI Server for thousands of clients on one thread, whose meaning an application gives.
//!
//! # Features
//!
//! * `tls`: the secured ports, with mutual authentication, by rustls.
//! * `tracing`: what connections do, logged. Passwords and keys never are.
//! * `simulate`: a simulated contact centre, in [`simulate`].
//! * `cli`: the `cti` command, and in [`decode`] and [`compose`] what it does with messages, as a library.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod client;
pub mod clock;
#[cfg(feature = "cli")]
pub mod compose;
#[cfg(feature = "cli")]
pub mod decode;
mod memory;
#[cfg(feature = "cli")]
mod names;
mod password;
pub mod server;
#[cfg(feature = "simulate")]
pub mod simulate;
mod stream;
#[cfg(feature = "tls")]
pub mod tls;
mod trace;

pub use memory::Memory;
pub use password::Password;
