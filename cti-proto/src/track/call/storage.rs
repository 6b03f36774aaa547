//! The memory of a call tracker.

use crate::track::call::entry::{CallEntry, PartyEntry};
use crate::track::names::Name;
use crate::track::pool::Cell;
use crate::track::table::Slot;

/// Room for one call, without its parties and its data.
pub type CallSlot = Slot<CallEntry, 2, 2>;
/// Room for one party of a call, or one queue that a call waits in.
pub type PartySlot = Cell<PartyEntry, 1>;

/// What a call tracker keeps, in fixed places: all zeros, for a `static`.
///
/// | capacity | bounds | how much | bytes each | when full |
/// | --- | --- | --- | --- | --- |
/// | `CALLS` | calls, also announced ones and those whose end nobody took | the calls at one time, and a fifth | 160 | a call that is over, stale or was never begun goes; else the new call is not taken up |
/// | `PARTIES` | parties of all calls, and queues that they wait in | 2 a call; 3 where conferences or queueing to several skill groups are common | 28 | the party is not kept, and its call says so |
/// | `NAMES` | different devices and queues in calls at one time | 1 a call and 1 an agent, at least `CALLS` | 40 | as for parties |
/// | `DATA` | bytes of call data a call | 0 keeps none; 80 for ANI and a variable; 900 for all but ECC; 3,200 for all that may be | 1 | a value is not kept, and its call says so |
#[derive(Debug)]
pub struct CallStorage<const CALLS: usize, const PARTIES: usize, const NAMES: usize, const DATA: usize> {
    calls: [CallSlot; CALLS],
    parties: [PartySlot; PARTIES],
    names: [Name; NAMES],
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
            parties: [PartySlot::EMPTY; PARTIES],
            names: [Name::EMPTY; NAMES],
            data: [[0; DATA]; CALLS],
        }
    }

    /// The storage without its numbers, for a tracker to borrow.
    pub fn parts(&mut self) -> CallParts<'_> {
        CallParts {
            calls: &mut self.calls,
            parties: &mut self.parties,
            names: &mut self.names,
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
/// the sizes.
///
/// ```
/// use cti_proto::track::{CallConfig, CallParts, CallSlot, CallTracker, Name, PartySlot};
///
/// let mut calls = vec![CallSlot::EMPTY; 20_000];
/// let mut parties = vec![PartySlot::EMPTY; 40_000];
/// let mut names = vec![Name::EMPTY; 20_000];
/// let mut data = vec![0; 20_000 * 768];
/// let parts = CallParts { calls: &mut calls, parties: &mut parties, names: &mut names, data: &mut data };
/// let tracker = CallTracker::new(CallConfig::new(), parts);
/// assert_eq!(tracker.counters().calls.capacity, 20_000);
/// ```
#[derive(Debug)]
pub struct CallParts<'s> {
    /// Calls.
    pub calls: &'s mut [CallSlot],
    /// Parties.
    pub parties: &'s mut [PartySlot],
    /// Names.
    pub names: &'s mut [Name],
    /// Call data: each call has an equal share.
    pub data: &'s mut [u8],
}
