//! What is kept of a queue, of a call that waits, and of the waits themselves.

use crate::message::debug;
use core::fmt;
use core::time::Duration;

use crate::session::Instant;
use crate::track::change::change_mask;
use crate::track::handle::Handle;
use crate::track::hash::Hash;
use crate::track::link::Link;
use crate::track::pool::Member;
use crate::track::queue::figures::{QueueOutcomes, SkillGroupFigures};
use crate::track::second::Second;
use crate::track::table::Entry;
use crate::track::text::Kept;
use crate::value::{ConnectionDeviceIdType, NULL_PERIPHERAL_ID, NULL_SKILL_GROUP};

change_mask! {
    /// What is different of a [`Queue`].
    pub struct QueueChanges {
        NEW = 0, "The queue was not there before.";
        WAITING = 1, "The calls that wait.";
        OUTCOMES = 2, "What became of calls.";
        FIGURES = 3, "What the server says of it.";
        NAME = 4, "The name, the threshold, or another number of it.";
    }
}

debug! {
    Queue { key, skill_group_id, name, waiting, num_queued, threshold, outcomes, figures, watched, }
}

/// Names a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum QueueKey {
    /// The queue of a skill group, by its number at a peripheral. Unified CCX: a contact service queue (CSQ) by its ID,
    /// at [`CCX_PERIPHERAL`](crate::track::CCX_PERIPHERAL).
    SkillGroup {
        /// `PeripheralID`.
        peripheral_id: u32,
        /// `SkillGroupNumber`.
        skill_group_number: u32,
    },
    /// The queue of a skill group, by the ID of the skill group in Unified CCE.
    SkillGroupId(u32),
    /// The queue of a service, by its number at a peripheral. Unified CCX: an application by its ID.
    Service {
        /// `PeripheralID`.
        peripheral_id: u32,
        /// `ServiceNumber`.
        service_number: u32,
    },
}

/// The queue of a skill group or a service.
#[derive(Clone, Copy)]
pub struct Queue {
    /// What messages call it: of a skill group the number if it is known, else the ID.
    pub key: QueueKey,
    /// ID of the skill group in Unified CCE; `NULL_SKILL_GROUP` if not said, and for services.
    pub skill_group_id: u32,
    /// Name of the skill group or service, from its configuration. Empty if not said.
    pub name: Kept<31>,
    /// Calls that wait here now, of those heard of since the tracker began.
    pub waiting: u32,
    /// Calls that wait for the service, as the server counted them last (`NumQueued`); `None` for skill groups, if not
    /// said, and on Unified CCX.
    pub num_queued: Option<u16>,
    /// Seconds within which a call should be answered: from the configuration of the service, else from
    /// [`QueueConfig`](super::QueueConfig).
    pub threshold: u32,
    /// What became of calls.
    pub outcomes: QueueOutcomes,
    /// What the server says of the skill group; zeros before it was asked.
    pub figures: SkillGroupFigures,
    /// Whether the application watches it.
    pub watched: bool,
    /// When the figures came.
    pub(super) told: Option<Second>,
    pub(super) waits: Link,
}

/// A call in queues, as the memory of a tracker holds it.
#[derive(Clone, Copy, Debug)]
pub struct WaitingEntry {
    pub(super) peripheral: u32,
    pub(super) call_id: u32,
    pub(super) device_type: ConnectionDeviceIdType,
    /// Hash of `ConnectionDeviceID`.
    pub(super) device: u32,
    pub(super) heard: Second,
    pub(super) epoch: u16,
    /// Its connection here was redirected: what ends is not the call.
    pub(super) redirected: bool,
    pub(super) waits: Link,
}

/// A call in a queue, as the memory of a tracker holds it.
#[derive(Clone, Copy, Debug)]
pub struct WaitEntry {
    /// Slot of the call.
    pub(super) call: u32,
    pub(super) queue: Handle<Queue>,
    pub(super) since: Second,
    /// The call has left the queue, and nobody has answered yet.
    pub(super) has_left: bool,
}

/// A call that waits in a queue.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WaitingCall {
    /// `PeripheralID` of the call.
    pub peripheral_id: u32,
    /// `ConnectionCallID` of the call.
    pub connection_call_id: u32,
    /// How long it has waited in this queue, in whole seconds.
    pub wait: Duration,
}

impl QueueKey {
    pub(super) fn hash(self) -> u32 {
        match self {
            Self::SkillGroup { peripheral_id, skill_group_number } => {
                Hash::new().number(peripheral_id).number(skill_group_number).finish()
            }
            Self::SkillGroupId(id) => Hash::new().number(id).number(1).number(1).finish(),
            Self::Service { peripheral_id, service_number } => {
                Hash::new().number(peripheral_id).number(service_number).number(2).finish()
            }
        }
    }

    pub(super) const fn is_service(self) -> bool {
        matches!(self, Self::Service { .. })
    }
}

/// The unique keys of a queue.
pub(super) mod key {
    pub(in super::super) const QUEUE: usize = 0;
    pub(in super::super) const SKILL_GROUP_ID: usize = 1;
    /// The one key of a call.
    pub(in super::super) const CALL: usize = 0;
}

impl Queue {
    pub(super) const fn new(key: QueueKey, skill_group_id: u32, threshold: u32) -> Self {
        Self { key, skill_group_id, threshold, num_queued: None, told: None, ..Self::EMPTY }
    }

    /// How long ago the server told its [figures](Self::figures); `None` if it has not.
    #[must_use]
    pub fn figures_age(&self, now: Instant) -> Option<Duration> {
        self.told.map(|told| told.until(now))
    }
}

impl Entry for Queue {
    type What = QueueChanges;
    type Align = u32;
    const EMPTY: Self = Self {
        key: QueueKey::SkillGroup { peripheral_id: 0, skill_group_number: 0 },
        skill_group_id: 0,
        name: Kept::EMPTY,
        waiting: 0,
        num_queued: None,
        threshold: 0,
        outcomes: QueueOutcomes::NONE,
        figures: SkillGroupFigures::NONE,
        watched: false,
        told: None,
        waits: Link::NONE,
    };

    fn unique(&self, key: usize) -> Option<u32> {
        match key {
            key::QUEUE => Some(self.key.hash()),
            _ if self.skill_group_id == NULL_SKILL_GROUP => None,
            _ => Some(QueueKey::SkillGroupId(self.skill_group_id).hash()),
        }
    }

    fn group(&self, _: usize) -> Option<u32> {
        None
    }
}

change_mask! {
    /// What is different of a call in queues: nobody is told.
    pub struct NothingTold {
        NOTHING = 0, "Nothing.";
    }
}

impl Entry for WaitingEntry {
    type What = NothingTold;
    type Align = u32;
    const EMPTY: Self = Self {
        peripheral: 0,
        call_id: 0,
        device_type: ConnectionDeviceIdType(0),
        device: 0,
        heard: Second(0),
        epoch: 0,
        redirected: false,
        waits: Link::NONE,
    };

    fn unique(&self, _: usize) -> Option<u32> {
        Some(hash_of_call(self.call_id))
    }

    fn group(&self, _: usize) -> Option<u32> {
        None
    }
}

impl WaitingEntry {
    pub(super) fn is_at(&self, peripheral: u32) -> bool {
        self.peripheral == peripheral || peripheral == NULL_PERIPHERAL_ID
    }
}

pub(super) fn hash_of_call(call_id: u32) -> u32 {
    Hash::new().number(call_id).finish()
}

impl Member for WaitEntry {
    const EMPTY: Self = Self { call: 0, queue: Handle::new(0, 0), since: Second(0), has_left: false };
}

#[cfg(feature = "defmt")]
impl defmt::Format for Queue {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{} {}: {=u32} waiting, {}", self.key, self.name, self.waiting, self.outcomes);
    }
}

/// `Duration` prints in a way that is not shown to be free of panics.
impl fmt::Debug for WaitingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = u32::try_from(self.wait.as_secs()).unwrap_or(u32::MAX);
        write!(f, "call {} at peripheral {}, {seconds}s", self.connection_call_id, self.peripheral_id)
    }
}
