//! Client and server over real sockets, on 127.0.0.1 and ports of their own.

#[path = "net/support.rs"]
mod support;

#[cfg(feature = "tls")]
#[path = "net/authority.rs"]
mod authority;
#[cfg(unix)]
#[path = "net/descriptors.rs"]
mod descriptors;
#[path = "net/duplex.rs"]
mod duplex;
#[path = "net/faults.rs"]
mod faults;
#[path = "net/hostile.rs"]
mod hostile;
#[cfg(feature = "tracing")]
#[path = "net/logging.rs"]
mod logging;
#[path = "net/many.rs"]
mod many;
#[path = "net/names.rs"]
mod names;
#[path = "net/sessions.rs"]
mod sessions;
#[path = "net/sides.rs"]
mod sides;
#[path = "net/soak.rs"]
mod soak;
#[cfg(feature = "tls")]
#[path = "net/tls.rs"]
mod tls;
