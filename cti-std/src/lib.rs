//! The Cisco CTI Server protocol on std.
//!
//! # Features
//!
//! * `cli`: the `cti` command, and in [`decode`] what its `decode` does, as a library.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "cli")]
pub mod decode;
