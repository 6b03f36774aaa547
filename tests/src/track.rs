//! What the stories about trackers share: messages in the words of a story.

use cti_proto::message::*;
use cti_proto::session::Instant;
use cti_proto::track::{
    Call, CallChange, CallConfig, CallHandle, CallLinks, CallParts, CallSlot, CallTracker, ConnectionId, Name,
    NameBucket, Observed, PartySlot,
};
use cti_proto::value::*;
use cti_proto::{Body, Frame, Parsed, Protocol, Text, encode};

/// The peripheral of the stories.
pub const PERIPHERAL: u32 = 5_000;

/// A frame of a message.
///
/// # Panics
/// If the protocol forbids the message.
pub fn with_frame<'a, M: Body<'a>, R>(protocol: Protocol, message: &M, with: impl FnOnce(&Frame<'_>) -> R) -> R {
    let mut buffer = [0; 8_192];
    let bytes = encode(protocol, message, &mut buffer).expect("a message that the protocol allows");
    match Frame::parse(protocol, bytes) {
        Ok(Parsed::Frame(frame, _)) => with(&frame),
        other => panic!("{other:?}"),
    }
}

/// Room for a tracker, of any size.
#[derive(Debug)]
pub struct Room {
    calls: Vec<CallSlot>,
    links: Vec<CallLinks>,
    parties: Vec<PartySlot>,
    names: Vec<Name>,
    name_buckets: Vec<NameBucket>,
    data: Vec<u8>,
}

impl Room {
    /// Room for so many.
    #[must_use]
    pub fn new(calls: usize, parties: usize, names: usize, data: usize) -> Self {
        Self {
            calls: vec![CallSlot::EMPTY; calls],
            links: vec![CallLinks::EMPTY; calls],
            parties: vec![PartySlot::EMPTY; parties],
            names: vec![Name::EMPTY; names],
            name_buckets: vec![NameBucket::EMPTY; names],
            data: vec![0; calls * data],
        }
    }

    /// The room, to be borrowed by a tracker.
    pub fn parts(&mut self) -> CallParts<'_> {
        let Self { calls, links, parties, names, name_buckets, data } = self;
        CallParts { calls, links, parties, names, name_buckets, data }
    }
}

/// A story told to a call tracker.
#[derive(Debug)]
pub struct Story {
    /// What it is told in.
    pub protocol: Protocol,
    /// Who is told.
    pub calls: CallTracker<'static>,
    /// When it is.
    pub now: Instant,
    /// The call of which it tells.
    id: (u32, &'static str),
}

fn device(id: &'static str) -> (Option<Text<'static>>, DeviceIdType) {
    let kind = match id.as_bytes() {
        [] => return (None, DeviceIdType::DEVID_NONE),
        [b'R', ..] => DeviceIdType::DEVID_ROUTE_POINT,
        [b'P', ..] => DeviceIdType::DEVID_CTI_PORT,
        [b'T', ..] => DeviceIdType::DEVID_TRUNK_IDENTIFIER,
        [b'+', ..] => DeviceIdType::DEVID_EXTERNAL,
        _ => DeviceIdType::DEVID_AGENT_DEVICE,
    };
    (Some(id.into()), kind)
}

/// The parts of every event, and what the event adds: values, and devices with the fields for their IDs and types.
macro_rules! event {
    (
        $story:ident,
        $event:ident { $($field:ident $(: $value:expr)?),* $(,)? }
        $(, $device:ident in $id:ident, $kind:ident)* $(,)?
    ) => {{
        let (call_id, own) = $story.id;
        $(let ($id, $kind) = device($device);)*
        let event = $event {
            peripheral_id: PERIPHERAL,
            connection_device_id_type: STATIC,
            connection_call_id: call_id,
            connection_device_id: Some(own.into()),
            $($field $(: $value)?,)*
            $($id, $kind,)*
            ..Default::default()
        };
        $story.tell(&event)
    }};
}

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

impl Story {
    /// A story without calls.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        Self::with_room(protocol, Room::new(32, 96, 96, 1_024))
    }

    /// A story told to a tracker of this size.
    #[must_use]
    pub fn with_room(protocol: Protocol, room: Room) -> Self {
        Self::with(CallConfig::new(), protocol, room)
    }

    /// The same with a tracker that is to work in another way.
    #[must_use]
    pub fn with(config: CallConfig, protocol: Protocol, room: Room) -> Self {
        let room = Box::leak(Box::new(room));
        let calls = CallTracker::new(config, room.parts());
        Self { protocol, calls, now: Instant::from_millis(1_000_000), id: (0, "") }
    }

    /// Time goes by.
    pub fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now = Instant::from_millis(self.now.as_millis() + seconds * 1_000);
        self
    }

    /// Tells the tracker a message.
    ///
    /// # Panics
    /// If the message does not decode.
    pub fn tell<'a, M: Body<'a>>(&mut self, message: &M) -> Observed {
        let (now, calls) = (self.now, &mut self.calls);
        with_frame(self.protocol, message, |frame| calls.observe(now, frame).expect("a whole message"))
    }

    /// The next events are of this call.
    pub fn of(&mut self, call_id: u32, device: &'static str) -> &mut Self {
        self.id = (call_id, device);
        self
    }

    /// The call of this name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn call(&self, call_id: u32, device: &'static str) -> Call<'_> {
        let id = ConnectionId { call_id, device_id_type: STATIC, device_id: device.into() };
        self.calls.find(&id).unwrap_or_else(|| panic!("no call {call_id}/{device}"))
    }

    /// Whether there is a call of this name.
    #[must_use]
    pub fn has(&self, call_id: u32, device: &'static str) -> bool {
        let id = ConnectionId { call_id, device_id_type: STATIC, device_id: device.into() };
        self.calls.find(&id).is_some()
    }

    /// Its handle.
    #[must_use]
    pub fn handle(&self, call_id: u32, device: &'static str) -> CallHandle {
        self.call(call_id, device).handle()
    }

    /// Who is in a call, in which state: "5001 CONNECT, +1 HOLD", in the order of the texts.
    #[must_use]
    pub fn parties(&self, call_id: u32, device: &'static str) -> String {
        parties(&self.call(call_id, device))
    }

    /// All changes that were not taken.
    pub fn changes(&mut self) -> Vec<CallChange> {
        core::iter::from_fn(|| self.calls.poll_change()).collect()
    }

    // ---- events -------------------------------------------------------------------------------

    /// BEGIN_CALL_EVENT.
    pub fn begin(&mut self, call_type: CallType) -> Observed {
        event!(self, BeginCallEvent { call_type })
    }

    /// END_CALL_EVENT.
    pub fn end(&mut self) -> Observed {
        event!(self, EndCallEvent {})
    }

    /// CALL_SERVICE_INITIATED_EVENT.
    pub fn initiated(&mut self, calling: &'static str) -> Observed {
        let local_connection_state = LocalConnectionState::LCS_INITIATE;
        event!(
            self,
            CallServiceInitiatedEvent { local_connection_state },
            calling in calling_device_id, calling_device_type,
        )
    }

    /// CALL_ORIGINATED_EVENT.
    pub fn originated(&mut self, calling: &'static str, called: &'static str) -> Observed {
        event!(
            self,
            CallOriginatedEvent {},
            calling in calling_device_id, calling_device_type,
            called in called_device_id, called_device_type,
        )
    }

    /// CALL_DELIVERED_EVENT.
    pub fn delivered(&mut self, calling: &'static str, alerting: &'static str, from: &'static str) -> Observed {
        let local_connection_state = LocalConnectionState::LCS_ALERTING;
        event!(
            self,
            CallDeliveredEvent { local_connection_state },
            calling in calling_device_id, calling_device_type,
            alerting in alerting_device_id, alerting_device_type,
            from in last_redirect_device_id, last_redirect_device_type,
        )
    }

    /// CALL_DELIVERED_EVENT of a trunk that is seized.
    pub fn seized(&mut self, trunk: &'static str, calling: &'static str) -> Observed {
        let local_connection_state = LocalConnectionState::LCS_INITIATE;
        event!(
            self,
            CallDeliveredEvent { local_connection_state },
            calling in calling_device_id, calling_device_type,
            trunk in alerting_device_id, alerting_device_type,
        )
    }

    /// CALL_ESTABLISHED_EVENT.
    pub fn established(&mut self, calling: &'static str, answering: &'static str) -> Observed {
        let local_connection_state = LocalConnectionState::LCS_CONNECT;
        event!(
            self,
            CallEstablishedEvent { local_connection_state },
            calling in calling_device_id, calling_device_type,
            answering in answering_device_id, answering_device_type,
        )
    }

    /// CALL_QUEUED_EVENT.
    pub fn queued(&mut self, queue: &'static str, calling: &'static str, skill_groups: &[u32]) -> Observed {
        let groups = groups(skill_groups);
        let skill_groups = (&groups[..]).into();
        event!(
            self,
            CallQueuedEvent { skill_groups },
            queue in queue_device_id, queue_device_type,
            calling in calling_device_id, calling_device_type,
        )
    }

    /// CALL_DEQUEUED_EVENT.
    pub fn dequeued(&mut self, skill_groups: &[u32]) -> Observed {
        let groups = groups(skill_groups);
        let skill_groups = (&groups[..]).into();
        let queue_device_id = self.protocol.is_ccx().then(|| "R7000".into());
        event!(self, CallDequeuedEvent { skill_groups, queue_device_id })
    }

    /// CALL_HELD_EVENT.
    pub fn held(&mut self, holding: &'static str) -> Observed {
        event!(self, CallHeldEvent {}, holding in holding_device_id, holding_device_type)
    }

    /// CALL_RETRIEVED_EVENT.
    pub fn retrieved(&mut self, retrieving: &'static str) -> Observed {
        event!(self, CallRetrievedEvent {}, retrieving in retrieving_device_id, retrieving_device_type)
    }

    /// CALL_FAILED_EVENT.
    pub fn failed(&mut self, failing: &'static str, event_cause: EventCause) -> Observed {
        event!(self, CallFailedEvent { event_cause }, failing in failing_device_id, failing_device_type)
    }

    /// CALL_DIVERTED_EVENT.
    pub fn diverted(&mut self, diverting: &'static str, called: &'static str) -> Observed {
        event!(
            self,
            CallDivertedEvent {},
            diverting in diverting_device_id, diverting_device_type,
            called in called_device_id, called_device_type,
        )
    }

    /// CALL_REACHED_NETWORK_EVENT.
    pub fn reached_network(&mut self) -> Observed {
        event!(self, CallReachedNetworkEvent {})
    }

    /// CALL_CONNECTION_CLEARED_EVENT.
    pub fn connection_cleared(&mut self, releasing: &'static str) -> Observed {
        event!(self, CallConnectionClearedEvent {}, releasing in releasing_device_id, releasing_device_type)
    }

    /// CALL_CLEARED_EVENT.
    pub fn cleared(&mut self) -> Observed {
        event!(self, CallClearedEvent {})
    }

    /// CALL_DATA_UPDATE_EVENT that renames nothing.
    pub fn data_update(&mut self, update: CallDataUpdateEvent<'_>) -> Observed {
        let (call_id, device) = self.id;
        self.tell(&CallDataUpdateEvent {
            peripheral_id: PERIPHERAL,
            connection_device_id_type: STATIC,
            connection_call_id: call_id,
            connection_device_id: Some(device.into()),
            new_connection_device_id_type: STATIC,
            new_connection_call_id: call_id,
            new_connection_device_id: Some(device.into()),
            ..update
        })
    }

    /// CALL_DATA_UPDATE_EVENT that gives the call another name.
    pub fn renamed(&mut self, new_call_id: u32, new_device: &'static str) -> Observed {
        event!(
            self,
            CallDataUpdateEvent {
                new_connection_device_id_type: STATIC,
                new_connection_call_id: new_call_id,
                new_connection_device_id: Some(new_device.into()),
            }
        )
    }

    /// CALL_TRANSFERRED_EVENT: from the call that is told of, the primary one, with the secondary one and the parties that
    /// are left.
    pub fn transferred(
        &mut self,
        secondary: (u32, &'static str),
        by: &'static str,
        to: &'static str,
        list: &[(u32, &'static str)],
    ) -> Observed {
        let (transferring_device_id, transferring_device_type) = device(by);
        let (transferred_device_id, transferred_device_type) = device(to);
        let parties = listed(list);
        let (call_id, own) = self.id;
        self.tell(&CallTransferredEvent {
            peripheral_id: PERIPHERAL,
            primary_device_id_type: STATIC,
            primary_call_id: call_id,
            primary_device_id: Some(own.into()),
            secondary_device_id_type: STATIC,
            secondary_call_id: secondary.0,
            secondary_device_id: Some(secondary.1.into()),
            transferring_device_id,
            transferring_device_type,
            transferred_device_id,
            transferred_device_type,
            connected_parties: (&parties[..]).into(),
            ..Default::default()
        })
    }

    /// CALL_CONFERENCED_EVENT, likewise.
    pub fn conferenced(
        &mut self,
        secondary: (u32, &'static str),
        by: &'static str,
        added: &'static str,
        list: &[(u32, &'static str)],
    ) -> Observed {
        let (controller_device_id, controller_device_type) = device(by);
        let (added_party_device_id, added_party_device_type) = device(added);
        let parties = listed(list);
        let (call_id, own) = self.id;
        self.tell(&CallConferencedEvent {
            peripheral_id: PERIPHERAL,
            primary_device_id_type: STATIC,
            primary_call_id: call_id,
            primary_device_id: Some(own.into()),
            secondary_device_id_type: STATIC,
            secondary_call_id: secondary.0,
            secondary_device_id: Some(secondary.1.into()),
            controller_device_id,
            controller_device_type,
            added_party_device_id,
            added_party_device_type,
            connected_parties: (&parties[..]).into(),
            ..Default::default()
        })
    }

    /// RTP_STARTED_EVENT, or RTP_STOPPED_EVENT, of the agent's phone.
    pub fn media(&mut self, phone: &'static str, direction: RtpDirection, on: bool) -> Observed {
        let (agent_extension, client_address) = (Some(phone.into()), Some("127.0.0.1".into()));
        match on {
            true => event!(self, RtpStartedEvent { direction, client_address, agent_extension }),
            false => event!(self, RtpStoppedEvent { direction, client_address, agent_extension }),
        }
    }

    /// NETWORK_RECORDING_STARTED_EVENT.
    pub fn recording_started(&mut self) -> Observed {
        event!(self, NetworkRecordingStartedEvent {})
    }

    /// NETWORK_RECORDING_ENDED_EVENT.
    pub fn recording_ended(&mut self) -> Observed {
        event!(self, NetworkRecordingEndedEvent {})
    }

    /// NETWORK_RECORDING_FAILED_EVENT.
    pub fn recording_failed(&mut self) -> Observed {
        event!(self, NetworkRecordingFailedEvent {})
    }

    /// CALL_AGENT_GREETING_EVENT.
    pub fn greeting(&mut self, event_code: AgentGreetingEventCode) -> Observed {
        event!(self, CallAgentGreetingEvent { event_code, agent_id: Some("1001".into()) })
    }

    /// A pre-call with this key and this variable.
    pub fn pre_call(&mut self, key: u32, instrument: &'static str, variable: &'static str) -> Observed {
        self.tell(&AgentPreCallEvent {
            agent_instrument: Some(instrument.into()),
            router_call_key_day: Some(1),
            router_call_key_call_id: Some(key),
            router_call_key_sequence_number: Some(0),
            skill_group_number: 77,
            call_variables: CallVariables::NONE.with(1, variable.into()),
            ..Default::default()
        })
    }

    /// The pre-call is aborted.
    pub fn pre_call_abort(&mut self, key: u32, instrument: &'static str) -> Observed {
        self.tell(&AgentPreCallAbortEvent {
            agent_instrument: Some(instrument.into()),
            router_call_key_day: Some(1),
            router_call_key_call_id: Some(key),
            router_call_key_sequence_number: Some(0),
            ..Default::default()
        })
    }

    /// BEGIN_CALL_EVENT of a call that the router has given this key.
    pub fn begin_routed(&mut self, key: u32) -> Observed {
        event!(
            self,
            BeginCallEvent {
                call_type: CallType::CALLTYPE_ACD_IN,
                router_call_key_day: Some(1),
                router_call_key_call_id: Some(key),
                router_call_key_sequence_number: Some(0),
            }
        )
    }
}

/// Who is in a call, in which state, in the order of the texts.
#[must_use]
pub fn parties(call: &Call<'_>) -> String {
    let state = |state: LocalConnectionState| state.name().unwrap_or("?").trim_start_matches("LCS_").to_owned();
    let mut parties: Vec<_> =
        call.parties().map(|party| format!("{} {}", party.device(), state(party.state()))).collect();
    parties.sort();
    parties.join(", ")
}

fn groups(numbers: &[u32]) -> Vec<QueueSkillGroup> {
    numbers.iter().map(|&number| QueueSkillGroup { number, id: 5_000 + number, priority: 0 }).collect()
}

fn listed(list: &[(u32, &'static str)]) -> Vec<ConnectedParty<'static>> {
    list.iter()
        .map(|&(call_id, id)| ConnectedParty { call_id, device_id_type: device(id).1, device_id: id.into() })
        .collect()
}
