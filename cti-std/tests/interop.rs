//! An independent peer: `interop/peer.py`, written in Python from the spec's tables, shares nothing with this crate.
//! Its frames against `cti decode`, our frames against its reader; our client with its server, our server with its client,
//! the commands, and the simulated contact centre.

#[path = "interop/centre.rs"]
mod centre;
#[path = "interop/client.rs"]
mod client;
#[path = "interop/commands.rs"]
mod commands;
#[path = "interop/frames.rs"]
mod frames;
#[path = "interop/peer.rs"]
mod peer;
#[path = "interop/server.rs"]
mod server;
