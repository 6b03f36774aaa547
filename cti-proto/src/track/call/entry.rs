//! What is kept of a call and of its parties.

use crate::session::Instant;
use crate::track::change::change_mask;
use crate::track::handle::Handle;
use crate::track::hash::Hash;
use crate::track::link::Link;
use crate::track::pool::Member;
use crate::track::table::{Entry, Line};
use crate::value::{
    CallType, ConnectionDeviceIdType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState, NULL_CALL_ID,
    NULL_SERVICE, NULL_SKILL_GROUP,
};

change_mask! {
    /// What is different of a call.
    pub struct CallChanges {
        NEW = 0, "The call was not there before.";
        IDENTITY = 1, "Its identity: it was announced and has come, or its ID has changed.";
        STAGE = 2, "Its stage.";
        PARTIES = 3, "Who takes part, or the state of a party.";
        QUEUES = 4, "The queues that it waits in.";
        ATTRIBUTES = 5, "Call type, service, skill group, cause, disposition or router call key.";
        DATA = 6, "Call data.";
        MEDIA = 7, "Media, recording or greeting.";
        ORIGIN = 8, "The call that it belongs to: as consult call, or as one that was merged.";
        STALE = 9, "Whether it is known to be there still.";
    }
}

/// How far a call is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum CallStage {
    /// Begun, and nothing else is known. A trunk is seized, or a call goes to nobody in particular.
    #[default]
    Begun = 0,
    /// Expected: a pre-call or a translation route has announced it, with its data. It has no identity yet.
    Announced,
    /// Someone dials, and nobody rings yet.
    Dialing,
    /// A port, a route point or a queue without a name has the call: prompts, music, menus.
    Treated,
    /// It waits in queues.
    Queued,
    /// It rings.
    Alerting,
    /// People are connected.
    Talking,
    /// Who is left on the line waits on hold.
    Held,
    /// It could not be completed.
    Failed,
    /// CALL_CLEARED_EVENT: nobody takes part any more. END_CALL_EVENT follows.
    Cleared,
    /// A conference or transfer has joined it to another call. END_CALL_EVENT follows.
    Merged,
}

impl CallStage {
    /// Whether nothing will happen to the call any more but its end.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Cleared | Self::Merged)
    }
}

/// Why a call went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
#[non_exhaustive]
pub enum CallEnd {
    /// It has not.
    #[default]
    None = 0,
    /// END_CALL_EVENT.
    Ended,
    /// AGENT_PRE_CALL_ABORT_EVENT.
    Aborted,
    /// Its ID was changed to that of another call, which goes on.
    Merged,
    /// Another call began with its ID: its END_CALL_EVENT was missed.
    Superseded,
    /// Nothing was heard of it for as long as [`Patience`](super::Patience) says.
    Expired,
    /// Its room was needed.
    Evicted,
    /// It was not found again after a loss of the session, or in a snapshot.
    Gone,
}

/// What a recording or an agent greeting is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Playing {
    /// There was none.
    #[default]
    Never = 0,
    /// It goes on.
    Started,
    /// It has ended.
    Ended,
    /// It failed.
    Failed,
}

/// What a party is to its call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum PartyRole {
    /// Whoever was called, or joined.
    #[default]
    Called = 0,
    /// Who made the call.
    Caller,
    /// Not a party: a skill group whose queue the call waits in.
    Queue,
}

/// Flags of a call.
pub(super) mod flag {
    /// Media goes to a device of the call: of a party, or of one that is none.
    pub(crate) const RTP_INPUT: u8 = 1;
    /// Media comes from a device of the call.
    pub(crate) const RTP_OUTPUT: u8 = 2;
    /// The two.
    pub(crate) const MEDIA: u8 = RTP_INPUT | RTP_OUTPUT;
    /// BEGIN_CALL_EVENT was seen.
    pub(crate) const BEGUN: u8 = 4;
    /// CALL_REACHED_NETWORK_EVENT was seen.
    pub(crate) const NETWORK: u8 = 8;
    /// Parties could not be kept.
    pub(crate) const CROWDED: u8 = 16;
    /// Data could not be kept.
    pub(crate) const CUT: u8 = 32;
    /// It has a router call key.
    pub(crate) const KEY: u8 = 64;
}

/// The key that Unified CCE gives a call that it routes: with the sequence number, the ID of the task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RouterCallKey {
    /// The day.
    pub day: u32,
    /// The call of the day.
    pub call_id: u32,
    /// The leg of the call.
    pub sequence_number: u32,
}

/// A call in its table. [`Call`](super::Call) is the way to look at it.
///
/// In quarters of 32 bytes, of which the first is shared with the slot: what every event reads or writes; what most do;
/// what comes once; what a change of the stage writes.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CallEntry {
    pub(super) call_id: u32,
    pub(super) device: Link,
    /// The first party.
    pub(super) parties: Link,
    pub(super) device_type: ConnectionDeviceIdType,
    pub(super) stage: CallStage,
    pub(super) epoch: u8,

    pub(super) began: Instant,
    /// Milliseconds since `began`.
    pub(super) heard: u32,
    pub(super) peripheral_id: u32,
    pub(super) service_number: u32,
    pub(super) service_id: u32,
    pub(super) skill_group_number: u32,
    pub(super) skill_group_id: u32,

    pub(super) key: RouterCallKey,
    pub(super) origin: Option<CallHandle>,
    pub(super) call_type_id: u32,
    pub(super) call_type: CallType,
    pub(super) disposition: DispositionCode,
    pub(super) recording: Playing,
    pub(super) greeting: Playing,
    pub(super) flags: u8,
    pub(super) end: CallEnd,

    /// Milliseconds since `began`.
    pub(super) stage_since: u32,
    /// Milliseconds queued, alerting, talking, held.
    pub(super) spent: [u32; 4],
    pub(super) cause: EventCause,
}

/// Names a call.
pub type CallHandle = Handle<CallEntry>;

/// The unique keys of a call.
pub(super) const BY_ID: usize = 0;
pub(super) const BY_KEY: usize = 1;
/// The groups of a call.
pub(super) const BY_SKILL_GROUP: usize = 0;
pub(super) const BY_SERVICE: usize = 1;

/// Calls that share a call ID are told apart when they are found.
pub(super) const fn hash_of_id(call_id: u32) -> u32 {
    Hash::new().number(call_id).finish()
}

pub(super) const fn hash_of_key(key: &RouterCallKey) -> u32 {
    Hash::new().number(key.day).number(key.call_id).number(key.sequence_number).finish()
}

pub(super) const fn hash_of_group(peripheral_id: u32, number: u32) -> u32 {
    Hash::new().number(peripheral_id).number(number).finish()
}

impl CallEntry {
    /// A call of which nothing is known yet.
    pub(super) const UNKNOWN: Self = Self {
        call_id: NULL_CALL_ID,
        device_type: ConnectionDeviceIdType::CONNECTION_ID_NONE,
        call_type: CallType::NULL_CALLTYPE,
        cause: EventCause::CEC_NONE,
        service_number: NULL_SERVICE,
        service_id: NULL_SERVICE,
        skill_group_number: NULL_SKILL_GROUP,
        skill_group_id: NULL_SKILL_GROUP,
        ..Self::EMPTY
    };

    pub(super) const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Sets or clears a flag; whether that is new.
    pub(super) fn set(&mut self, flag: u8, on: bool) -> bool {
        let before = self.flags;
        self.flags = if on { before | flag } else { before & !flag };
        before != self.flags
    }

    pub(super) fn set_key(&mut self, key: RouterCallKey) {
        self.key = key;
        self.flags |= flag::KEY;
    }

    /// Notes that it was heard of, and is known to be there.
    pub(super) fn hear(&mut self, now: Instant, epoch: u8) -> CallChanges {
        self.heard = self.offset(now);
        match core::mem::replace(&mut self.epoch, epoch) == epoch {
            true => CallChanges::NONE,
            false => CallChanges::STALE,
        }
    }

    /// Milliseconds from the beginning of the call to `now`, at most 49 days.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn offset(&self, now: Instant) -> u32 {
        let millis = now.as_millis().saturating_sub(self.began.as_millis());
        u32::try_from(millis).unwrap_or(u32::MAX)
    }

    /// The place of a stage in `spent`.
    pub(super) const fn spent_at(stage: CallStage) -> Option<usize> {
        match stage {
            CallStage::Queued => Some(0),
            CallStage::Alerting => Some(1),
            CallStage::Talking => Some(2),
            CallStage::Held => Some(3),
            _ => None,
        }
    }

    /// Goes to another stage; whether it is another.
    pub(super) fn enter(&mut self, stage: CallStage, now: Instant) -> bool {
        if self.stage == stage {
            return false;
        }
        let offset = self.offset(now);
        let place = Self::spent_at(self.stage).and_then(|place| self.spent.get_mut(place));
        if let Some(spent) = place {
            *spent = spent.saturating_add(offset.saturating_sub(self.stage_since));
        }
        (self.stage, self.stage_since) = (stage, offset);
        true
    }
}

impl Entry for CallEntry {
    type What = CallChanges;
    type Align = Line;

    const EMPTY: Self = Self {
        began: Instant::ZERO,
        origin: None,
        stage_since: 0,
        heard: 0,
        spent: [0; 4],
        call_id: 0,
        device: Link::NONE,
        peripheral_id: 0,
        service_number: 0,
        service_id: 0,
        skill_group_number: 0,
        skill_group_id: 0,
        call_type_id: 0,
        key: RouterCallKey { day: 0, call_id: 0, sequence_number: 0 },
        parties: Link::NONE,
        device_type: ConnectionDeviceIdType(0),
        call_type: CallType(0),
        cause: EventCause(0),
        disposition: DispositionCode(0),
        stage: CallStage::Begun,
        end: CallEnd::None,
        recording: Playing::Never,
        greeting: Playing::Never,
        flags: 0,
        epoch: 0,
    };

    fn unique(&self, key: usize) -> Option<u32> {
        match key {
            BY_ID => (self.stage != CallStage::Announced).then(|| hash_of_id(self.call_id)),
            _ => self.has(flag::KEY).then(|| hash_of_key(&self.key)),
        }
    }

    fn group(&self, key: usize) -> Option<u32> {
        let (number, null) = match key {
            BY_SKILL_GROUP => (self.skill_group_number, NULL_SKILL_GROUP),
            _ => (self.service_number, NULL_SERVICE),
        };
        (number != null).then(|| hash_of_group(self.peripheral_id, number))
    }
}

/// A party of a call, or a queue that it waits in.
#[derive(Clone, Copy, Debug)]
pub struct PartyEntry {
    /// The slot of the call.
    pub(super) call: u32,
    /// The device, or the queue.
    pub(super) name: Link,
    /// The next party of the call.
    pub(super) next: Link,
    /// Milliseconds since the call began.
    pub(super) since: u32,
    pub(super) device_type: DeviceIdType,
    pub(super) state: State,
    pub(super) traits: Traits,
}

/// A [`LocalConnectionState`] in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State(u8);

impl State {
    pub(super) const fn new(state: LocalConnectionState) -> Self {
        Self(if state.0 < u8::MAX as u16 { state.0 as u8 } else { u8::MAX })
    }

    pub(super) const fn value(self) -> LocalConnectionState {
        if self.0 == u8::MAX { LocalConnectionState::LCS_NONE } else { LocalConnectionState(self.0 as u16) }
    }
}

/// The role of a party, which media flow at its device ([`flag`]), and whether it is in the list that is taken, in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits(u8);

impl Traits {
    const ROLE_SHIFT: u32 = 4;
    const UNLISTED: u8 = 4;

    pub(super) const fn new(role: PartyRole) -> Self {
        Self((role as u8) << Self::ROLE_SHIFT)
    }

    pub(super) const fn role(self) -> PartyRole {
        match self.0 >> Self::ROLE_SHIFT {
            0 => PartyRole::Called,
            1 => PartyRole::Caller,
            _ => PartyRole::Queue,
        }
    }

    /// The same with another role.
    pub(super) const fn with_role(self, role: PartyRole) -> Self {
        Self(Self::new(role).0 | self.media())
    }

    /// What of the call changes as it comes or leaves.
    pub(super) const fn changes(self) -> CallChanges {
        match self.role() {
            PartyRole::Queue => CallChanges::QUEUES,
            _ => CallChanges::PARTIES,
        }
    }

    pub(super) const fn media(self) -> u8 {
        self.0 & flag::MEDIA
    }

    /// The same with media that flow, or no longer.
    pub(super) const fn with_media(self, flags: u8, on: bool) -> Self {
        self.with(flags & flag::MEDIA, on)
    }

    pub(super) const fn is_listed(self) -> bool {
        self.0 & Self::UNLISTED == 0
    }

    /// The same in the list of parties that is taken, or not (yet).
    pub(super) const fn listed(self, listed: bool) -> Self {
        self.with(Self::UNLISTED, !listed)
    }

    const fn with(self, flags: u8, on: bool) -> Self {
        Self(if on { self.0 | flags } else { self.0 & !flags })
    }
}

impl Member for PartyEntry {
    const EMPTY: Self = Self {
        call: 0,
        name: Link::NONE,
        next: Link::NONE,
        since: 0,
        device_type: DeviceIdType(0),
        state: State(0),
        traits: Traits::new(PartyRole::Called),
    };
}
