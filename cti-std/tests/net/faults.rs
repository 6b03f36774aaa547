//! What networks and servers do to each other.
