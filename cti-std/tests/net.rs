//! Client and server over real sockets, on 127.0.0.1 and ports of their own.

#[path = "net/support.rs"]
mod support;

#[path = "net/faults.rs"]
mod faults;
#[path = "net/sessions.rs"]
mod sessions;
#[path = "net/sides.rs"]
mod sides;
