//! The Cisco CTI Server protocol (GED-188), sans I/O.
//!
//! Cisco contact centres (Unified CCE, versions 9 to 25 of the protocol, and Unified CCX, versions 10 to 18)
//! publish calls, agents and queues, and take commands, over one binary TCP protocol. This crate reads and
//! writes every documented message of it, and nothing else: bytes in, values out, and back. It never allocates,
//! never blocks, never panics, never reads a clock and never trusts the peer.
//!
//! ```text
//! socket bytes -> FrameBuffer -> Frame (borrowed view: type, protocol, body)
//!                                  |-- frame.decode::<AgentStateEvent>()   the messages you name
//!                                  |-- frame.message()                     every message, as one enum
//!                                  |-- frame.dispatch(&mut handler)        every message, as its own type
//!                                  `-- frame.fields()                      field by field, by name
//! message      -> encode(protocol, &message, &mut buffer) -> bytes for the socket
//! ```
//!
//! # Reading and writing
//!
//! ```
//! use cti_proto::message::{HeartbeatConf, MakeCallReq};
//! use cti_proto::{Frame, Parsed, Protocol, encode};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let protocol = Protocol::cce(24)?;
//! let request = MakeCallReq {
//!     invoke_id: 7,
//!     peripheral_id: 5000,
//!     agent_instrument: Some("5001".into()),
//!     dialed_number: Some("2065551234".into()),
//!     ..MakeCallReq::default()
//! };
//! let mut buffer = [0; 256];
//! let bytes = encode(protocol, &request, &mut buffer)?;
//!
//! let Parsed::Frame(frame, rest) = Frame::parse(protocol, bytes)? else {
//!     panic!("the frame is whole");
//! };
//! assert!(rest.is_empty());
//! assert_eq!(frame.decode::<MakeCallReq>()?, request);
//! assert!(frame.decode::<HeartbeatConf>().is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # Sessions
//!
//! [`session`] has the client's and the server's machine: what keeps a session with a CTI Server alive, or is one, for
//! those who move the bytes and tell the time. The examples drive it by blocking sockets, by tokio and by a loop of
//! one's own.
//!
//! # Tracking
//!
//! [`track`] holds what the events add up to: calls, agents, queues and configuration, in memory that the caller gives.
//!
//! # Liberal in, strict out
//!
//! Decoding accepts unknown tags, unknown values, missing NULs, overlong strings and missing fields; it refuses
//! only what cannot be framed or typed, and the error names message, field and offset. Encoding refuses whatever
//! the protocol forbids. Nothing that a peer sends can make this crate panic: readers cannot index.
//!
//! # Features
//!
//! * `defmt`: `defmt::Format` on every public type.
//! * `proptest`: strategies for every message, for valid and for damaged streams, and a client and its servers in
//!   memory, in virtual time, to test applications with.
//!
//! Nothing is on by default, and features only add.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    // Tests are to panic where something is wrong.
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

#[cfg(any(test, feature = "proptest"))]
extern crate std;

#[macro_use]
pub mod value;

mod error;
#[cfg(feature = "proptest")]
pub mod harness;
pub mod message;
mod protocol;
pub mod session;
mod storage;
#[cfg(feature = "proptest")]
pub mod strategy;
pub mod track;
pub mod wire;

pub use error::{Blame, DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, FrameError, UnsupportedVersion};
pub use message::{Body, Handler, Message, MessageType, encode, encode_for, encoded_len};
pub use protocol::{FieldFormat, Product, Protocol};
pub use storage::{Parts, Storage};
pub use wire::{Bytes, Frame, FrameBuffer, Frames, List, Parsed, Received, Secret, Text, Time};
