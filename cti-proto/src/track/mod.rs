//! Tracking: what the events add up to.
//!
//! A tracker takes the frames that a session delivers and holds the picture that they make: who talks to whom, since
//! when, with which data, who waits, who is ready. It is a sans-I/O machine like a session, with less to it:
//!
//! | to | call |
//! | --- | --- |
//! | give a frame | `observe(now, &frame)`: says whether the frame meant anything to the tracker |
//! | take what is different | `poll_change()` until `None` |
//! | look | getters, lookups by key, iterators: these change nothing |
//!
//! Sessions and trackers do not know each other: an application gives the frames of a session to as many trackers as it
//! likes, or those of several sessions to one.
//!
//! # Reading
//!
//! Trackers do not decode messages into the structs that applications use. What any of them looks at is read by one function
//! into one small record, by plans that the compiler makes of the message tables; the rest is passed over. A server
//! saves time by that, and an appliance most of the flash that some thirty decoders would take.
//!
//! # Memory
//!
//! A tracker borrows its memory as slices of slots, and knows no numbers: what a slice holds is what the table holds.
//! There are two ways to have them:
//!
//! * A storage type with the capacities as its parameters, with a `const fn new()`, for a `static`: it consists of
//!   zeros, so that it takes RAM but no flash. Its `parts()` are borrowed by the tracker.
//! * Parts put together from slices of any origin. A server does this with `vec![Slot::EMPTY; 20_000]`, which the heap
//!   makes in place: a large storage type on the way through the stack overflows it.
//!
//! Trackers made anew on used memory begin empty. Handles of before do not find the entries of after.
//!
//! # Tables
//!
//! Each thing that is tracked is an entry in a table. An entry is named by a [`Handle`], which never comes to mean
//! another entry: when the entry has gone, the handle finds nothing. Lookups by key take one comparison on average and 32
//! at most, however ill the keys are meant: an entry whose hash 32 others have already cannot be found by that key,
//! which is counted (`crowded`). Nothing that `observe` does takes a number of steps that grows with a table, but that
//! the end of a list of all teams takes a look at each group.
//!
//! A full table degrades as its tracker says: an entry of little worth goes (`evicted`), or the new one is not taken up
//! (`refused`). [`TableCounters`] has these numbers, and how full the table ever was.
//!
//! # Changes
//!
//! What changed is noted in the entries themselves: each has a mask of what is different, and stands in a list of all
//! that changed, once. `poll_change` takes the first of the list. So nothing is lost, nothing overflows, nothing is told
//! twice, and a display that looks ten times a second draws each row once, however many events there were. Who does not
//! want changes need not take them.
//!
//! An entry that ends is told as [`Change::Ended`], and is there to be read until the next `observe` or `poll_change`:
//! the moment to write a record of it. Until then it keeps its slot, but only while there are others: when a new entry
//! needs the room, the oldest end that nobody took goes, and the next change is [`Change::Lost`]: read everything
//! anew.

mod agent;
mod call;
mod change;
mod config;
mod handle;
mod hash;
mod heard;
mod link;
mod links;
mod names;
mod picture;
mod pool;
mod queue;
mod second;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod told;

pub use agent::{
    Agent, AgentCall, AgentChanges, AgentConfig, AgentCounters, AgentParts, AgentSlot, AgentStorage, AgentTracker,
    CCX_PERIPHERAL, Group, GroupChanges, GroupKey, GroupSlot, MediaDomain, MemberEntry, MemberSlot, Membership,
    StateCounts, Tasks, VOICE_DOMAIN, listed_skill_groups,
};
pub use call::{
    Call, CallChange, CallChanges, CallConfig, CallCounters, CallData, CallEnd, CallEntry, CallFields, CallHandle,
    CallLinks, CallParts, CallSlot, CallStage, CallStorage, CallTimes, CallTracker, ConnectionId, Party, PartyEntry,
    PartyRole, PartySlot, Patience, Playing, RouterCallKey,
};
pub use change::{Change, Observed, TableCounters};
pub use config::{
    ConfigChanges, ConfigCounters, ConfigEntry, ConfigItem, ConfigKind, ConfigParts, ConfigRecord, ConfigScope,
    ConfigSlot, ConfigStorage, ConfigTracker,
};
pub use handle::Handle;
pub use names::{Name, NameBucket};
pub use picture::Picture;
pub use pool::Cell;
pub use queue::{
    PeriodFigures, Queue, QueueChanges, QueueConfig, QueueCounters, QueueKey, QueueOutcomes, QueueParts, QueueSlot,
    QueueStorage, QueueTracker, ServiceLevel, Share, SkillGroupFigures, WaitEntry, WaitSlot, WaitingCall, WaitingEntry,
    WaitingSlot,
};
pub use table::Slot;
pub use text::Kept;
