//! Queues: how many calls wait, how long the longest has, and what became of those that did.

mod entry;
mod figures;
mod observe;
mod storage;
mod wait;

use core::fmt;
use core::time::Duration;

pub use self::entry::{Queue, QueueChanges, QueueKey, WaitEntry, WaitingCall, WaitingEntry};
pub use self::figures::{PeriodFigures, QueueOutcomes, ServiceLevel, Share, SkillGroupFigures};
pub use self::storage::{QueueParts, QueueSlot, QueueStorage, WaitSlot, WaitingSlot};

use crate::session::Instant;
use crate::track::change::{Change, TableCounters};
use crate::track::handle::Handle;
use crate::track::pool::Pool;
use crate::track::second::Second;
use crate::track::table::Table;
use crate::value::NULL_SKILL_GROUP;
use wait::OF_QUEUE;

/// Slots that [`QueueTracker::sweep`] looks at.
const SWEPT: usize = 64;

/// How a queue tracker works.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct QueueConfig {
    /// Whether to leave all queues aside that are not [watched](QueueTracker::watch), as an appliance does that shows a
    /// few queues of many.
    pub watched_only: bool,
    /// Seconds within which calls should be answered, where no configuration says.
    pub threshold: u32,
    /// How long to wait for any word of a call in a queue, whose end may have been lost: then it counts as gone elsewhere.
    /// That its data changed is no word of it.
    pub patience: Duration,
}

impl QueueConfig {
    /// All queues, 20 seconds, and a day of patience.
    #[must_use]
    pub const fn new() -> Self {
        Self { watched_only: false, threshold: 20, patience: Duration::from_secs(86_400) }
    }
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// How a queue tracker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct QueueCounters {
    /// The table of queues.
    pub queues: TableCounters,
    /// Calls in queues, and those that left them or ring, and that nobody has answered yet.
    pub calls: TableCounters,
    /// Waits: a call in a queue.
    pub waits: TableCounters,
    /// Calls that were given up as nothing was heard of them, or as they were not found again after a loss.
    pub given_up: u32,
}

/// The queues of a contact centre: who waits, since when, and what became of those that did.
///
/// The tracker knows the calls that it heard of being queued; that is not those which waited before it began, and it
/// asks nobody. What the server counts itself is in [`Queue::figures`], when the application has asked for it with
/// QUERY_SKILL_GROUP_STATISTICS_REQ, and in [`Queue::num_queued`].
///
/// # What is heard
///
/// | message | what it is taken for |
/// | --- | --- |
/// | CALL_QUEUED_EVENT | the call waits in the queue of the service and in those of the skill groups that it names |
/// | CALL_DEQUEUED_EVENT | it has left the queues named, and that of the service with the last; none named: all |
/// | CALL_DIVERTED_EVENT | from a queue, and on Unified CCX always: it has left all queues |
/// | CALL_DELIVERED_EVENT | a call that rings at an agent's phone or outside has left all queues; one that rings for a queue without having waited there comes to it |
/// | CALL_ESTABLISHED_EVENT | somebody has answered, unless a port or a route point did |
/// | CALL_CONNECTION_CLEARED_EVENT | with `CEC_REDIRECTED`: the call goes on elsewhere under its ID, and the next END_CALL_EVENT is that of this connection |
/// | CALL_CLEARED_EVENT, END_CALL_EVENT | a call that nobody has answered was abandoned |
/// | CALL_TRANSFERRED_EVENT, CALL_CONFERENCED_EVENT, CALL_DATA_UPDATE_EVENT | the call has another ID |
/// | QUERY_SKILL_GROUP_STATISTICS_CONF | [figures](SkillGroupFigures) |
/// | CONFIG_SERVICE_EVENT, CONFIG_SKILL_GROUP_EVENT | names, thresholds of services, new numbers |
/// | OPEN_CONF | ends may have been missed: see [`session_lost`](Self::session_lost) |
///
/// # Rules
///
/// * **Which call.** The one of this call ID, peripheral and device; if there is none of this device, the only one of this
///   call ID at the peripheral, since each device of a call may name it by itself.
/// * **Since when.** A wait begins when it is heard of. The same again changes nothing. A call that left a queue and comes
///   back waits anew, at the end of the queue, but is not offered anew.
/// * **Answered at once.** A call that rings at an agent's phone for the skill group or service that CALL_DELIVERED_EVENT
///   names, and has not waited there, is offered to it then, with a wait that is its ringing. Not if an agent's phone calls
///   by number and no port or route point passed the call on, nor if the cause says that the call was answered before (a
///   transfer, a conference) or that this is said again (a snapshot). If nobody answers and the call is queued, it waits from
///   then on, and is not offered anew. Calls that were answered are not remembered: the same event once more, behind
///   the answer, is taken for another offer.
/// * **Answered for whom.** For the skill group that CALL_ESTABLISHED_EVENT names, if the call came to it, else for all
///   that it came to; and for the service. The others count it as gone elsewhere.
/// * **Unknown calls.** An end, an answer or a dequeueing of a call that is not known changes nothing. A late
///   CALL_QUEUED_EVENT, after the end, makes a call wait that has gone: it is given up after the patience of the
///   [configuration](QueueConfig).
/// * **Full.** See [`QueueStorage`].
pub struct QueueTracker<'s> {
    queues: Table<'s, Queue, 2, 0>,
    calls: Table<'s, WaitingEntry, 1, 0>,
    waits: Pool<'s, WaitEntry, 2>,
    config: QueueConfig,
    now: Second,
    /// Counts the sessions that were lost.
    epoch: u16,
    /// Calls of which nothing was heard since the last one was.
    unheard: usize,
    /// Calls in slots from here on were not yet looked at since [`resynchronised`](Self::resynchronised).
    purging: bool,
    cursor: usize,
    given_up: u32,
}

impl<'s> QueueTracker<'s> {
    /// A tracker that knows no queues.
    #[must_use]
    pub fn new(config: QueueConfig, parts: QueueParts<'s>) -> Self {
        Self {
            queues: Table::new(parts.queues),
            calls: Table::new(parts.calls),
            waits: Pool::new(parts.waits),
            config,
            now: Second(0),
            epoch: 0,
            unheard: 0,
            purging: false,
            cursor: 0,
            given_up: 0,
        }
    }

    /// How it is doing.
    #[must_use]
    pub const fn counters(&self) -> QueueCounters {
        QueueCounters {
            queues: self.queues.counters(),
            calls: self.calls.counters(),
            waits: self.waits.counters(),
            given_up: self.given_up,
        }
    }

    // ---- looking ------------------------------------------------------------------------------

    /// The queue.
    #[must_use]
    pub fn get(&self, queue: Handle<Queue>) -> Option<&Queue> {
        self.queues.get(queue)
    }

    /// All queues, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Handle<Queue>, &Queue)> + Clone {
        self.queues.iter()
    }

    /// The queue with this key.
    #[must_use]
    pub fn find(&self, key: QueueKey) -> Option<Handle<Queue>> {
        match key {
            QueueKey::SkillGroupId(id) => self.queue_with_id(id),
            _ => self.queue_with_key(key),
        }
    }

    /// The calls that wait in a queue, the one that came first first.
    pub fn waiting(&self, queue: Handle<Queue>, now: Instant) -> impl Iterator<Item = WaitingCall> {
        let first = self.queues.get(queue).map(|queue| queue.waits);
        let waits = first.into_iter().flat_map(|first| self.waits.iter(OF_QUEUE, first));
        waits.filter_map(move |(_, wait)| {
            let (_, call) = self.calls.at(wait.call as usize)?;
            Some(WaitingCall {
                peripheral_id: call.peripheral,
                connection_call_id: call.call_id,
                wait: wait.since.until(now),
            })
        })
    }

    /// How long the call has waited that has waited longest in a queue: the one that came to it first. `None` if nobody
    /// waits.
    #[must_use]
    pub fn longest_wait(&self, queue: Handle<Queue>, now: Instant) -> Option<Duration> {
        self.waiting(queue, now).next().map(|call| call.wait)
    }

    /// How many calls are in queues, or ring and are not answered yet.
    #[must_use]
    pub const fn calls(&self) -> usize {
        self.calls.counters().live
    }

    // ---- choosing -----------------------------------------------------------------------------

    /// Keeps a queue in the table. `None` if there is no room.
    pub fn watch(&mut self, key: QueueKey) -> Option<Handle<Queue>> {
        let id = if let QueueKey::SkillGroupId(id) = key { id } else { NULL_SKILL_GROUP };
        let queue = self.find(key).or_else(|| self.insert_queue(key, id))?;
        self.queues.get_mut(queue)?.watched = true;
        Some(queue)
    }

    /// No longer keeps a queue when its room is needed.
    pub fn unwatch(&mut self, queue: Handle<Queue>) {
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.watched = false;
        }
    }

    /// Sets within how many seconds calls of a queue should be answered. Counts from now on.
    pub fn set_threshold(&mut self, queue: Handle<Queue>, seconds: u32) {
        if let Some(about) = self.queues.get_mut(queue)
            && core::mem::replace(&mut about.threshold, seconds) != seconds
        {
            self.queues.mark(queue, QueueChanges::NAME);
        }
    }

    /// Begins to count what becomes of calls of a queue anew, as at midnight or at the half hour. Calls that wait count as
    /// offered, those that ring do not.
    pub fn reset(&mut self, queue: Handle<Queue>) {
        if let Some(about) = self.queues.get_mut(queue) {
            about.outcomes = QueueOutcomes { offered: about.waiting, ..QueueOutcomes::NONE };
            self.queues.mark(queue, QueueChanges::OUTCOMES);
        }
    }

    // ---- changes, loss ------------------------------------------------------------------------

    /// The next queue that is different: see [`track`](crate::track#changes).
    pub fn poll_change(&mut self) -> Option<Change<Queue>> {
        self.queues.poll()
    }

    /// The session with the server is gone: calls may leave queues, and nobody tells. OPEN_CONF does this by itself.
    pub const fn session_lost(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
        self.unheard = self.calls.counters().live;
        self.purging = false;
    }

    /// Calls of which nothing was heard since the session was lost are given up, as they are come across: the server has
    /// told of those there are, or the application has waited long enough.
    pub const fn resynchronised(&mut self) {
        (self.purging, self.cursor) = (true, 0);
    }

    /// Looks at the next 64 slots for calls to be given up. `true` when it has come to the end of the table. To be called
    /// now and then: events make the tracker do it too, but there may be none.
    pub fn sweep(&mut self, now: Instant) -> bool {
        self.now = Second::of(now);
        self.look_for_lost(SWEPT)
    }
}

impl fmt::Debug for QueueTracker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueTracker").field("counters", &self.counters()).finish_non_exhaustive()
    }
}
