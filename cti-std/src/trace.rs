//! Logging through `tracing`, or none at all without that feature.
#![allow(unused_imports, reason = "all levels are there")]

#[cfg(feature = "tracing")]
pub(crate) use tracing::{debug, info, trace, warn};

#[cfg(not(feature = "tracing"))]
mod none {
    /// Uses its arguments, so that they are no different from those that are logged, and does nothing.
    macro_rules! nothing {
        ($format:literal $(, $argument:expr)* $(,)?) => {
            if false {
                let _ = format_args!($format $(, $argument)*);
            }
        };
    }
    pub(crate) use {nothing as debug, nothing as info, nothing as trace, nothing as warn};
}

#[cfg(not(feature = "tracing"))]
pub(crate) use none::{debug, info, trace, warn};
