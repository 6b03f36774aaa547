//! Calls as data: who takes part, in which state, and what is known of the call.

use std::time::Duration;

use cti_proto::message::CallVariables;
use cti_proto::value::{
    CallType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState, SilentMonitorStatus,
};
use cti_proto::wire::{NamedArray, NamedVariable, Text};

use super::agenda::Moment;
use super::session::VariableFilter;
use super::sink::SessionId;
use super::table::{AgentKey, GroupKey, PhoneKey, PortKey};

/// ConnectionCallID of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct CallId(pub(super) u32);

/// A party, within its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PartyId(pub(super) u32);

/// A device's part in a call: what events call a connection.
pub(super) type Leg = (CallId, PartyId);

/// Most parties of a call.
pub(super) const MAX_PARTIES: usize = 16;

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    /// As Unified CCE has it: see [`Shown::kind`](super::shown::Shown::kind).
    pub(super) kind: CallType,
    /// In the order in which they came: the first one called.
    pub(super) parties: Vec<Party>,
    pub(super) data: CallData,
    /// The skill group it came for, with service, call type and route point.
    pub(super) group: Option<GroupKey>,
    /// The one of its skill groups whose agent gets it, where that is another.
    pub(super) other_group: Option<GroupKey>,
    /// Groups in whose queues it waits, and since when.
    pub(super) queued: Option<(Vec<GroupKey>, Moment)>,
    /// The agent who is to get it, between choice and ringing.
    pub(super) promised: Option<AgentKey>,
    /// The call that is consulted for, and the phone that consults.
    pub(super) consults_for: Option<(CallId, PhoneKey)>,
    /// What has become of the called party; 0 as long as nothing has.
    pub(super) disposition: DispositionCode,
    /// Device that it was taken away from last.
    pub(super) last_redirect: Option<(String, DeviceIdType)>,
    /// Clients that had to do with it: signature, and seconds since 1970.
    pub(super) clients: Vec<(String, u32)>,
    /// Line to the outside, for calls that use one.
    pub(super) trunk: Option<u32>,
    /// Number of the next party: not used again, so that late plans for one who left meet nobody.
    pub(super) next_party: u32,
    /// The leg that a supervisor listens to by this call.
    pub(super) listens_to: Option<Leg>,
    /// Monitors of the call itself.
    pub(super) monitors: Vec<(SessionId, u32)>,
    /// Invocation of a network recording, if one runs, and the leg that it was asked for.
    pub(super) recording: Option<Recording>,
    /// Whether the agent's greeting is being played.
    pub(super) greeting: bool,
    /// Marked as bad by these.
    pub(super) bad_line: u32,
    /// An identifier across systems: time and call ID.
    pub(super) reference: [u8; 16],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Recording {
    pub(super) invocation: cti_proto::value::InvocationType,
    pub(super) party: PartyId,
}

/// A device in a call.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) id: PartyId,
    /// Where it is.
    pub(super) end: End,
    /// The number that events name it by: extension, port or number outside.
    pub(super) device: String,
    pub(super) state: LocalConnectionState,
    /// Told from every earlier state, so that what was planned for one does not happen in the next.
    pub(super) stamp: u64,
    /// What it is there for.
    pub(super) role: Role,
    /// Whether the party was called (or called).
    pub(super) called: bool,
    /// Since when the device has been connected, if it was.
    pub(super) talking_since: Option<Moment>,
    /// Since when it holds, if it does.
    pub(super) held_since: Option<Moment>,
    /// How long it has held before that, in all.
    pub(super) held: Duration,
    /// Whether it has held at all, for however short a time: such calls are counted.
    pub(super) was_held: bool,
    /// What is left of the talk that the automatic agent planned.
    pub(super) left: Option<Duration>,
    /// Whether RTP_STARTED_EVENT was told, and RTP_STOPPED_EVENT not yet.
    pub(super) has_media: bool,
    /// It is there for a moment only, and nobody is told.
    pub(super) is_hidden: bool,
}

/// What is at the end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A phone somewhere in the world.
    Outside,
    Phone(PhoneKey),
    /// The voice portal.
    Port(PortKey),
}

/// What a party is in a call for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Member,
    /// A supervisor who listens.
    Monitor,
    /// A supervisor whom only the agent hears.
    Whisper,
    /// A supervisor who has joined.
    BargeIn,
    /// A supervisor who has taken the call over.
    Intercept,
}

impl Role {
    /// Whether the customer does not hear it.
    pub(super) fn is_silent(self) -> bool {
        matches!(self, Self::Monitor | Self::Whisper)
    }

    /// What snapshots say of the role.
    pub(super) fn silent_monitor_status(self) -> SilentMonitorStatus {
        if self.is_silent() {
            SilentMonitorStatus::SILENT_MONITOR_INITIATOR
        } else {
            SilentMonitorStatus::SILENT_MONITOR_NONE
        }
    }
}

impl Party {
    /// What kind of device it is.
    pub(super) fn device_type(&self) -> DeviceIdType {
        match self.end {
            End::Outside => DeviceIdType::DEVID_EXTERNAL,
            End::Phone(_) => DeviceIdType::DEVID_AGENT_DEVICE,
            End::Port(_) => DeviceIdType::DEVID_CTI_PORT,
        }
    }

    /// Whether its device is watched, so that it has events of its own.
    pub(super) fn is_leg(&self) -> bool {
        self.end != End::Outside && !self.is_hidden
    }

    /// The device as messages hold it.
    pub(super) fn text(&self) -> Text<'_> {
        self.device.as_str().into()
    }

    /// The phone, if it is one of the contact centre's.
    pub(super) fn phone(&self) -> Option<PhoneKey> {
        match self.end {
            End::Phone(phone) => Some(phone),
            _ => None,
        }
    }
}

impl Call {
    /// A party, if it is still there.
    pub(super) fn party(&self, id: PartyId) -> Option<&Party> {
        self.parties.iter().find(|party| party.id == id)
    }

    /// The same, to be changed.
    pub(super) fn party_mut(&mut self, id: PartyId) -> Option<&mut Party> {
        self.parties.iter_mut().find(|party| party.id == id)
    }

    /// The party at this end.
    pub(super) fn at(&self, end: End) -> Option<&Party> {
        self.parties.iter().find(|party| party.end == end)
    }

    /// The party who called.
    pub(super) fn caller(&self) -> Option<&Party> {
        self.parties.iter().find(|party| !party.called)
    }

    /// The skill group that it is for.
    pub(super) fn skill_group(&self) -> Option<GroupKey> {
        self.other_group.or(self.group)
    }

    /// Members, those on hold included: supervisors who only listen do not keep a call alive.
    pub(super) fn members(&self) -> usize {
        self.parties.iter().filter(|party| !party.role.is_silent()).count()
    }

    /// Whether it came in for agents, so that statistics call it handled.
    pub(super) fn is_acd_in(&self) -> bool {
        matches!(
            self.kind,
            CallType::CALLTYPE_ACD_IN
                | CallType::CALLTYPE_PREROUTE_ACD_IN
                | CallType::CALLTYPE_TRANSFER_IN
                | CallType::CALLTYPE_CONFERENCE
        ) && self.group.is_some()
    }

    /// Whether it is given to agents of its group one after the other.
    pub(super) fn is_distributed(&self) -> bool {
        self.is_acd_in() || self.kind == CallType::CALLTYPE_AUTO_OUT && self.group.is_some()
    }

    /// Whether one of the parties is outside.
    pub(super) fn has_customer(&self) -> bool {
        self.parties.iter().any(|party| party.end == End::Outside)
    }
}

/// What is known of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct CallData {
    /// Number of the caller.
    pub(super) ani: String,
    /// Number that was called from outside.
    pub(super) dnis: String,
    /// Number that leads to the contact centre, or that an agent dialed.
    pub(super) dialed_number: String,
    /// What the caller entered at the voice portal.
    pub(super) digits: String,
    pub(super) user_to_user: Vec<u8>,
    /// CallVariable1 to 10.
    pub(super) variables: [Option<String>; 10],
    pub(super) wrapup: Option<String>,
    /// Named variables, in the order in which they were set.
    pub(super) named: Vec<(String, String)>,
    /// Elements of named arrays: name, index, value.
    pub(super) arrays: Vec<(String, u8, String)>,
    /// Day, call and sequence number of the router.
    pub(super) key: Option<(u32, u32, u32)>,
    pub(super) customer_phone: Option<String>,
    pub(super) customer_account: Option<String>,
}

/// Call data as a message holds it.
#[derive(Default)]
pub(super) struct DataView<'a> {
    pub(super) variables: CallVariables<'a>,
    pub(super) named: Vec<NamedVariable<'a>>,
    pub(super) arrays: Vec<NamedArray<'a>>,
}

impl CallData {
    /// What a client that has registered variables gets to see.
    pub(super) fn view(&self, filter: Option<&VariableFilter>) -> DataView<'_> {
        let mut view = DataView::default();
        for (place, value) in self.variables.iter().enumerate() {
            let wanted = filter.is_none_or(|filter| filter.wants_variable(place));
            view.variables.0[place] = value.as_deref().filter(|_| wanted).map(Text::from);
        }
        let wants = |name: &str| filter.is_none_or(|filter| filter.wants_named(name));
        view.named.extend(
            self.named
                .iter()
                .filter(|(name, _)| wants(name))
                .map(|(name, value)| NamedVariable { name: name.as_str().into(), value: value.as_str().into() }),
        );
        view.arrays.extend(self.arrays.iter().filter(|(name, ..)| wants(name)).map(|(name, index, value)| {
            NamedArray { index: *index, name: name.as_str().into(), value: value.as_str().into() }
        }));
        view
    }

    /// Sets a named variable, whether it was there or not.
    pub(super) fn set_named(&mut self, name: &str, value: &str) {
        match self.named.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.named.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The same for an element of a named array.
    pub(super) fn set_array(&mut self, name: &str, index: u8, value: &str) {
        match self.arrays.iter_mut().find(|(known, place, _)| known == name && *place == index) {
            Some((.., old)) => value.clone_into(old),
            None => self.arrays.push((name.to_owned(), index, value.to_owned())),
        }
    }
}

/// A text, unless it is empty.
pub(super) fn some(text: &str) -> Option<Text<'_>> {
    (!text.is_empty()).then(|| text.into())
}

/// Why a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// Cause of CALL_CONNECTION_CLEARED_EVENT.
    pub(super) connection: EventCause,
    /// Cause of CALL_CLEARED_EVENT.
    pub(super) call: EventCause,
}
