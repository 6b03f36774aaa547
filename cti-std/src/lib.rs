//! The Cisco CTI Server protocol on std.
