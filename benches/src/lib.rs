//! Benchmarks of the codec: a stream of messages as a contact centre sends them, two hand-written loops that are the
//! floor under every decoder of it, and what is measured against them.
//!
//! ```text
//! cargo bench -p cti-benches --bench table              every row beside its floor and the ratio to reach
//! cargo bench -p cti-benches --bench table -- --check   fails where a ratio is not reached
//! cargo bench -p cti-benches --bench codec              the same rows by criterion
//! cargo bench -p cti-benches --bench instructions       the same rows in instructions, counted by valgrind
//! cargo bench -p cti-benches --bench session            what a session adds
//! cargo bench -p cti-benches --bench track              what tracking adds, for 10, 1,000 and 10,000 agents
//! cargo bench -p cti-benches --bench sockets            client and server over loopback, beside bare sockets
//! cargo bench -p cti-benches                            all of them
//! ```

mod floor;
mod plain;
mod random;
mod read;
mod row;
mod stream;
mod track;

pub use floor::{FixedLengths, floor_a, floor_b};
pub use plain::{Plain, track_plainly};
pub use random::Random;
pub use read::ReadAll;
pub use row::{Any, Row, Workload};
pub use stream::{CALLS, MESSAGES_PER_CALL, ORDERS, Order, Stream, VERSIONS};
pub use track::{Room, track_all, track_calls};
