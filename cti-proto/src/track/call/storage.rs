//! The memory of a call tracker.

use crate::track::call::entry::{CallEntry, PartyEntry};
use crate::track::links::{Beside, Pairs};
use crate::track::names::{Name, NameBucket};
use crate::track::pool::Cell;
use crate::track::table::Slot;

/// Room for one call, without its links, its parties and its data.
pub type CallSlot = Slot<CallEntry, 2, 2, Beside<4>>;
/// Room for the links of one call, by which calls are found.
pub type CallLinks = Pairs<4>;
/// Room for one party of a call, or one queue that a call waits in.
pub type PartySlot = Cell<PartyEntry, 1>;

/// What a call tracker keeps, in fixed places: all zeros, for a `static`.
///
/// | capacity | bounds | how much | bytes each | when full |
/// | --- | --- | --- | --- | --- |
/// | `CALLS` | calls, also announced ones and those whose end nobody took | the calls at one time, and a fifth | 160, of which 32 are links | a call that is over, stale or was never begun goes; else the new call is not taken up |
/// | `PARTIES` | parties of all calls, and queues that they wait in | 2 a call; 3 where conferences or queueing to several skill groups are common | 28 | the party is not kept, and its call says so |
/// | `NAMES` | different devices and queues in calls at one time | 1 a call and 1 an agent, at least `CALLS` | 36, of which 4 are a bucket | as for parties |
/// | `DATA` | bytes of call data a call | 0 keeps none; 80 for ANI and a variable; 900 for all but ECC; 3,200 for all that may be | 1 | a value is not kept, and its call says so |
#[derive(Debug)]
pub struct CallStorage<const CALLS: usize, const PARTIES: usize, const NAMES: usize, const DATA: usize> {
    calls: [CallSlot; CALLS],
    links: [CallLinks; CALLS],
    parties: [PartySlot; PARTIES],
    names: [Name; NAMES],
    name_buckets: [NameBucket; NAMES],
    data: [[u8; DATA]; CALLS],
}

impl<const CALLS: usize, const PARTIES: usize, const NAMES: usize, const DATA: usize>
    CallStorage<CALLS, PARTIES, NAMES, DATA>
{
    /// Storage with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            calls: [CallSlot::EMPTY; CALLS],
            links: [CallLinks::EMPTY; CALLS],
            parties: [PartySlot::EMPTY; PARTIES],
            names: [Name::EMPTY; NAMES],
            name_buckets: [NameBucket::EMPTY; NAMES],
            data: [[0; DATA]; CALLS],
        }
    }

    /// The storage without its numbers, for a tracker to borrow.
    pub fn parts(&mut self) -> CallParts<'_> {
        CallParts {
            calls: &mut self.calls,
            links: &mut self.links,
            parties: &mut self.parties,
            names: &mut self.names,
            name_buckets: &mut self.name_buckets,
            data: self.data.as_flattened_mut(),
        }
    }
}

impl<const CALLS: usize, const PARTIES: usize, const NAMES: usize, const DATA: usize> Default
    for CallStorage<CALLS, PARTIES, NAMES, DATA>
{
    fn default() -> Self {
        Self::new()
    }
}

/// Borrowed memory of a call tracker. Those who own memory otherwise put it together themselves: see [`CallStorage`] for
/// the sizes. Of slices that go together the shorter one counts: calls with their links, names with their buckets.
///
/// With 63 bytes of data more than the calls share, the share of each begins at a line of a processor's cache if its size
/// is a multiple of 64: with many calls, that is faster.
///
/// ```
/// use cti_proto::track::{
///     CallConfig, CallLinks, CallParts, CallSlot, CallTracker, Name, NameBucket, PartySlot,
/// };
///
/// let parts = CallParts {
///     calls: &mut vec![CallSlot::EMPTY; 20_000],
///     links: &mut vec![CallLinks::EMPTY; 20_000],
///     parties: &mut vec![PartySlot::EMPTY; 40_000],
///     names: &mut vec![Name::EMPTY; 30_000],
///     name_buckets: &mut vec![NameBucket::EMPTY; 30_000],
///     data: &mut vec![0; 20_000 * 768 + 63],
/// };
/// let tracker = CallTracker::new(CallConfig::new(), parts);
/// assert_eq!(tracker.counters().calls.capacity, 20_000);
/// ```
#[derive(Debug)]
pub struct CallParts<'s> {
    /// Calls.
    pub calls: &'s mut [CallSlot],
    /// The links of calls, as many.
    pub links: &'s mut [CallLinks],
    /// Parties.
    pub parties: &'s mut [PartySlot],
    /// Names.
    pub names: &'s mut [Name],
    /// What names are found by, as many.
    pub name_buckets: &'s mut [NameBucket],
    /// Call data: each call has an equal share.
    pub data: &'s mut [u8],
}
