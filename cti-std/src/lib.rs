//! The Cisco CTI Server protocol on std.
//!
//! # Features
//!
//! * `cli`: the `cti` command, and in [`decode`] and [`compose`] what it does with messages, as a library.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "cli")]
pub mod compose;
#[cfg(feature = "cli")]
pub mod decode;
#[cfg(feature = "cli")]
mod names;
