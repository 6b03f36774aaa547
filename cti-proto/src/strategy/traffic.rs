//! Calls in a contact centre: streams of events that a server may send, and what they add up to.

use std::format;
use std::string::String;
use std::vec::Vec;

use proptest::collection::{SizeRange, vec as vec_of};
use proptest::prelude::*;

use super::owned::{OwnedFrame, OwnedStream};
use crate::message::{
    AgentPreCallEvent, BeginCallEvent, Body, CallClearedEvent, CallConferencedEvent, CallConnectionClearedEvent,
    CallDataUpdateEvent, CallDeliveredEvent, CallDequeuedEvent, CallDivertedEvent, CallEstablishedEvent,
    CallFailedEvent, CallHeldEvent, CallOriginatedEvent, CallQueuedEvent, CallRetrievedEvent,
    CallServiceInitiatedEvent, CallTransferredEvent, CallVariables, ConnectedParty, EndCallEvent, QueueSkillGroup,
    RtpStartedEvent,
};
use crate::protocol::Protocol;
use crate::value::{
    CallType, ConnectionDeviceIdType, DeviceIdType, EventCause, LocalConnectionState, NULL_SKILL_GROUP, RtpDirection,
};

/// Peripheral of all calls; on Unified CCX it is 1.
const PERIPHERAL: u32 = 5000;
/// The first agent's phone.
const FIRST_PHONE: u32 = 5001;
/// Where calls arrive and wait.
const ROUTE_POINT: &str = "7000";
const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;
const CONNECT: LocalConnectionState = LocalConnectionState::LCS_CONNECT;
const ALERTING: LocalConnectionState = LocalConnectionState::LCS_ALERTING;
const HOLD: LocalConnectionState = LocalConnectionState::LCS_HOLD;

/// Calls that arrive, wait, ring, are answered, held, transferred, conferenced and hung up, as the events tell that a
/// server sends. A plain value: every method gives a changed copy, or a strategy.
///
/// Agents' phones are `5001` and up, skill groups 1 and up at peripheral 5000 (Unified CCX: 1), callers have numbers of
/// their own. Each event is one that may follow the one before, so that a shorter stream is a stream, too; losses,
/// duplicates and disorder are put in afterwards.
///
/// ```
/// use cti_proto::strategy::Traffic;
/// use cti_proto::{MessageType, Protocol};
/// use proptest::prelude::*;
///
/// let traffic = Traffic::new(Protocol::cce(24)?).agents(4).played(0..50);
/// proptest!(|(played in traffic)| {
///     let begun = played.events.iter().filter(|event| event.frame().message_type() == MessageType::BEGIN_CALL_EVENT);
///     prop_assert!(begun.count() >= played.calls.len());
/// });
/// # Ok::<_, cti_proto::UnsupportedVersion>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Traffic {
    protocol: Protocol,
    agents: u16,
    groups: u16,
    duplicates: f64,
    losses: f64,
    disorder: f64,
    to_the_end: bool,
}

/// Traffic, and what it adds up to if nothing was lost, doubled or out of order.
#[derive(Clone, Debug)]
pub struct Played {
    /// The events.
    pub events: Vec<OwnedFrame>,
    /// The calls whose END_CALL_EVENT was not sent.
    pub calls: Vec<PlayedCall>,
}

/// A call as it really is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayedCall {
    /// Its call ID.
    pub call_id: u32,
    /// The device that it is named by.
    pub device_id: String,
    /// Its type.
    pub call_type: CallType,
    /// Its CallVariable1.
    pub variable: Option<String>,
    /// Who takes part, and how.
    pub parties: Vec<PlayedParty>,
    /// The skill groups that it waits for.
    pub queues: Vec<u32>,
    /// The call ID of the call that it is a consult call of.
    pub origin: Option<u32>,
    /// Whether nothing is to follow but its end.
    pub is_over: bool,
}

/// A party of a [`PlayedCall`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayedParty {
    /// Its device.
    pub device_id: String,
    /// What kind of device that is.
    pub device_type: DeviceIdType,
    /// The state of its connection.
    pub state: LocalConnectionState,
    /// Whether it made the call.
    pub is_caller: bool,
}

/// One thing that happens: what, to whom, and what becomes of its events.
#[derive(Clone, Copy, Debug)]
struct Happening {
    action: u8,
    who: u8,
    is_lost: bool,
    is_doubled: bool,
    is_early: bool,
}

impl Traffic {
    /// Eight agents, four skill groups; nothing is lost, doubled or out of order, and calls may be left over.
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, agents: 8, groups: 4, duplicates: 0.0, losses: 0.0, disorder: 0.0, to_the_end: false }
    }

    /// How many agents there are, 1 to 1,000.
    pub const fn agents(self, agents: u16) -> Self {
        Self { agents: if agents == 0 { 1 } else { agents }, ..self }
    }

    /// How many skill groups there are, at least 1; a call waits for up to three.
    pub const fn groups(self, groups: u16) -> Self {
        Self { groups: if groups == 0 { 1 } else { groups }, ..self }
    }

    /// How probable it is that of the events of a happening one comes twice, as through a second monitor; 0 to 1.
    pub const fn duplicates(self, probability: f64) -> Self {
        Self { duplicates: probability, ..self }
    }

    /// How probable it is that one is lost; 0 to 1.
    pub const fn losses(self, probability: f64) -> Self {
        Self { losses: probability, ..self }
    }

    /// How probable it is that one comes before what was before it; 0 to 1.
    pub const fn disorder(self, probability: f64) -> Self {
        Self { disorder: probability, ..self }
    }

    /// Whether at the end all calls are cleared and ended, without loss.
    pub const fn to_the_end(self, to_the_end: bool) -> Self {
        Self { to_the_end, ..self }
    }

    /// The events of `len` happenings, and what they add up to.
    pub fn played(self, len: impl Into<SizeRange>) -> BoxedStrategy<Played> {
        let with = |probability: f64| proptest::bool::weighted(probability.clamp(0.0, 1.0));
        let happening =
            (any::<u8>(), any::<u8>(), with(self.losses), with(self.duplicates), with(self.disorder)).prop_map(
                |(action, who, is_lost, is_doubled, is_early)| Happening { action, who, is_lost, is_doubled, is_early },
            );
        vec_of(happening, len).prop_map(move |happenings| Switch::new(self).play(&happenings)).boxed()
    }

    /// The events of `len` happenings.
    pub fn events(self, len: impl Into<SizeRange>) -> BoxedStrategy<Vec<OwnedFrame>> {
        self.played(len).prop_map(|played| played.events).boxed()
    }

    /// The same, one behind the other.
    pub fn stream(self, len: impl Into<SizeRange>) -> BoxedStrategy<OwnedStream> {
        let protocol = self.protocol;
        self.events(len).prop_map(move |events| OwnedStream::of(protocol, &events)).boxed()
    }
}

impl PlayedCall {
    fn at(&self, device: &str) -> Option<&PlayedParty> {
        self.parties.iter().find(|party| party.device_id == device)
    }

    fn caller(&self) -> Option<&PlayedParty> {
        self.parties.iter().find(|party| party.is_caller)
    }

    fn alerting(&self) -> Option<&PlayedParty> {
        self.parties.iter().find(|party| party.state == ALERTING)
    }

    fn leave(&mut self, device: &str) {
        self.parties.retain(|party| party.device_id != device);
    }

    fn set(&mut self, device: &str, device_type: DeviceIdType, state: LocalConnectionState, is_caller: bool) {
        match self.parties.iter_mut().find(|party| party.device_id == device) {
            Some(party) => party.state = state,
            None => {
                self.parties.push(PlayedParty { device_id: device.into(), device_type, state, is_caller });
            }
        }
    }
}

/// The switch that has the calls.
#[derive(Debug)]
struct Switch {
    traffic: Traffic,
    next_id: u32,
    calls: Vec<PlayedCall>,
    /// The events of one happening.
    told: Vec<OwnedFrame>,
}

/// A message of the call at `$at`, with the fields that every event has.
macro_rules! tell {
    ($switch:ident, $at:expr, $event:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {{
        // A copy, as telling borrows the switch.
        let call = $switch.calls.get($at).cloned()?;
        let event = $event {
            peripheral_id: $switch.peripheral(),
            connection_device_id_type: STATIC,
            connection_call_id: call.call_id,
            connection_device_id: Some(call.device_id.as_str().into()),
            $($field $(: $value)?,)*
            ..Default::default()
        };
        $switch.tell(&event);
    }};
}

impl Switch {
    fn new(traffic: Traffic) -> Self {
        Self { traffic, next_id: 0, calls: Vec::new(), told: Vec::new() }
    }

    fn play(mut self, happenings: &[Happening]) -> Played {
        let mut events = Vec::new();
        for happening in happenings {
            // What cannot happen does not.
            let _ = self.happen(happening);
            put(&mut events, core::mem::take(&mut self.told), happening);
        }
        // One call less at each turn.
        while self.traffic.to_the_end && !self.calls.is_empty() {
            let _ = self.clear(0);
            let _ = self.end(0);
        }
        events.append(&mut self.told);
        Played { events, calls: self.calls }
    }

    fn happen(&mut self, happening: &Happening) -> Option<()> {
        let who = usize::from(happening.who);
        // What brings calls on comes more often, so that most get beyond ringing.
        match happening.action % 20 {
            0 | 1 => self.arrive(who),
            2 | 3 => self.offer(who),
            4..=6 => self.answer(who),
            7 => self.requeue(who),
            8 => self.hold(who),
            9 => self.retrieve(who),
            10 => self.dial(who),
            11 | 12 => self.consult(who),
            13 => self.join(who, true),
            14 => self.join(who, false),
            15 => self.leave(who),
            16 => self.hang_up(who),
            17 => self.update(who),
            18 => self.rename(who),
            _ => self.route(who),
        }
    }

    // ---- what happens -------------------------------------------------------------------------

    /// A call comes from outside, and waits.
    fn arrive(&mut self, who: usize) -> Option<()> {
        let at = self.begin(ROUTE_POINT.into(), CallType::CALLTYPE_ACD_IN)?;
        self.wait(at, who)
    }

    /// A call waits for up to three skill groups.
    fn wait(&mut self, at: usize, who: usize) -> Option<()> {
        let groups = (1..=u32::from(self.traffic.groups)).cycle();
        let mut numbers: Vec<u32> = groups.skip(who).take((who % 3).saturating_add(1)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let list: Vec<_> = numbers.iter().map(|&number| QueueSkillGroup { number, id: number, priority: 0 }).collect();
        let caller = self.calls.get(at)?.caller().map(|party| party.device_id.clone());
        let caller = caller.unwrap_or_else(|| format!("206555{:04}", self.next_id));
        tell!(
            self,
            at,
            CallQueuedEvent {
                queue_device_type: DeviceIdType::DEVID_ROUTE_POINT,
                queue_device_id: Some(ROUTE_POINT.into()),
                calling_device_type: DeviceIdType::DEVID_EXTERNAL,
                calling_device_id: Some(caller.as_str().into()),
                skill_groups: (&list[..]).into(),
                local_connection_state: LocalConnectionState::LCS_QUEUED,
            }
        );
        let call = self.calls.get_mut(at)?;
        if call.at(&caller).is_none() {
            call.set(&caller, DeviceIdType::DEVID_EXTERNAL, CONNECT, true);
        }
        call.set(ROUTE_POINT, DeviceIdType::DEVID_ROUTE_POINT, LocalConnectionState::LCS_QUEUED, false);
        call.queues = numbers;
        Some(())
    }

    /// A call that waits rings at an agent's.
    fn offer(&mut self, who: usize) -> Option<()> {
        let agent = self.free_agent(who)?;
        let at = self.call_where(who, |call| !call.queues.is_empty())?;
        if self.traffic.protocol.is_ccx() {
            tell!(
                self,
                at,
                CallDivertedEvent {
                    diverting_device_type: DeviceIdType::DEVID_ROUTE_POINT,
                    diverting_device_id: Some(ROUTE_POINT.into()),
                }
            );
        } else {
            tell!(self, at, CallDequeuedEvent {});
        }
        let call = self.calls.get_mut(at)?;
        call.queues.clear();
        call.leave(ROUTE_POINT);
        self.ring(at, &agent, ROUTE_POINT)
    }

    fn ring(&mut self, at: usize, device: &str, from: &str) -> Option<()> {
        let (caller, kind) = self.calls.get(at)?.caller().map(|party| (party.device_id.clone(), party.device_type))?;
        let device_type = device_type(device);
        tell!(
            self,
            at,
            CallDeliveredEvent {
                alerting_device_type: device_type,
                alerting_device_id: Some(device.into()),
                calling_device_type: kind,
                calling_device_id: Some(caller.as_str().into()),
                last_redirect_device_type: DeviceIdType::DEVID_ROUTE_POINT,
                last_redirect_device_id: Some(from.into()).filter(|_| !from.is_empty()),
                local_connection_state: ALERTING,
            }
        );
        let call = self.calls.get_mut(at)?;
        call.set(device, device_type, ALERTING, false);
        call.set(&caller, kind, CONNECT, true);
        Some(())
    }

    /// What rings is answered, or, if it is outside, fails now and then.
    fn answer(&mut self, who: usize) -> Option<()> {
        let at = self.call_where(who, |call| call.alerting().is_some())?;
        let party = self.calls.get(at)?.alerting()?.clone();
        let device = Some(party.device_id.as_str().into());
        if party.device_type == DeviceIdType::DEVID_EXTERNAL && who.is_multiple_of(4) {
            tell!(
                self,
                at,
                CallFailedEvent {
                    failing_device_type: party.device_type,
                    failing_device_id: device,
                    event_cause: EventCause::CEC_BUSY,
                }
            );
            self.calls.get_mut(at)?.set(&party.device_id, party.device_type, LocalConnectionState::LCS_FAIL, false);
            return Some(());
        }
        let caller = self.calls.get(at)?.caller().cloned();
        tell!(
            self,
            at,
            CallEstablishedEvent {
                answering_device_type: party.device_type,
                answering_device_id: device,
                calling_device_type: caller.as_ref().map_or(DeviceIdType::DEVID_NONE, |caller| caller.device_type),
                calling_device_id: caller.as_ref().map(|caller| caller.device_id.as_str().into()),
                local_connection_state: CONNECT,
            }
        );
        self.calls.get_mut(at)?.set(&party.device_id, party.device_type, CONNECT, false);
        tell!(self, at, RtpStartedEvent { direction: RtpDirection::INPUT, client_address: Some("127.0.0.1".into()) });
        Some(())
    }

    /// An agent does not answer, and the call waits again.
    fn requeue(&mut self, who: usize) -> Option<()> {
        let rings =
            |call: &PlayedCall| call.device_id == ROUTE_POINT && call.alerting().is_some() && call.parties.len() == 2;
        let at = self.call_where(who, rings)?;
        let agent = self.calls.get(at)?.alerting()?.device_id.clone();
        tell!(
            self,
            at,
            CallDivertedEvent {
                diverting_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                diverting_device_id: Some(agent.as_str().into()),
            }
        );
        self.calls.get_mut(at)?.leave(&agent);
        self.wait(at, who)
    }

    fn hold(&mut self, who: usize) -> Option<()> {
        let (at, agent) = self.agent_where(who, |call, party| party.state == CONNECT && call.parties.len() >= 2)?;
        tell!(
            self,
            at,
            CallHeldEvent {
                holding_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                holding_device_id: Some(agent.as_str().into()),
                local_connection_state: HOLD,
            }
        );
        self.calls.get_mut(at)?.set(&agent, DeviceIdType::DEVID_AGENT_DEVICE, HOLD, false);
        Some(())
    }

    fn retrieve(&mut self, who: usize) -> Option<()> {
        let (at, agent) = self.agent_where(who, |_, party| party.state == HOLD)?;
        if self.calls_at(&agent) > 1 {
            return None;
        }
        tell!(
            self,
            at,
            CallRetrievedEvent {
                retrieving_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                retrieving_device_id: Some(agent.as_str().into()),
                local_connection_state: CONNECT,
            }
        );
        self.calls.get_mut(at)?.set(&agent, DeviceIdType::DEVID_AGENT_DEVICE, CONNECT, false);
        Some(())
    }

    /// An agent calls somebody outside.
    fn dial(&mut self, who: usize) -> Option<()> {
        let agent = self.free_agent(who)?;
        let at = self.begin(agent.clone(), CallType::CALLTYPE_OUT)?;
        let number = format!("907555{:04}", self.next_id);
        self.place(at, &agent, &number, None)
    }

    fn place(&mut self, at: usize, agent: &str, called: &str, origin: Option<u32>) -> Option<()> {
        // The fields that tell it are of that version.
        let has_origin = self.traffic.protocol.version() >= 14;
        tell!(
            self,
            at,
            CallServiceInitiatedEvent {
                calling_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                calling_device_id: Some(agent.into()),
                local_connection_state: LocalConnectionState::LCS_INITIATE,
                coc_connection_call_id: origin.filter(|_| has_origin),
                coc_call_connection_device_id_type: origin.filter(|_| has_origin).map(|_| STATIC),
            }
        );
        tell!(
            self,
            at,
            CallOriginatedEvent {
                calling_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                calling_device_id: Some(agent.into()),
                called_device_type: device_type(called),
                called_device_id: Some(called.into()),
                local_connection_state: LocalConnectionState::LCS_INITIATE,
            }
        );
        self.calls.get_mut(at)?.set(agent, DeviceIdType::DEVID_AGENT_DEVICE, CONNECT, true);
        self.ring(at, called, "")
    }

    /// An agent who has a call on hold calls another agent about it.
    fn consult(&mut self, who: usize) -> Option<()> {
        let (origin, agent) = self.agent_where(who, |_, party| party.state == HOLD)?;
        let other = self.free_agent(who)?;
        if self.calls_at(&agent) > 1 {
            return None;
        }
        let origin_id = self.calls.get(origin)?.call_id;
        let at = self.begin(agent.clone(), CallType::CALLTYPE_CONSULT)?;
        self.calls.get_mut(at)?.origin = Some(origin_id);
        self.place(at, &agent, &other, Some(origin_id))
    }

    /// An agent transfers a call to the one consulted, or has both in a conference.
    fn join(&mut self, who: usize, transfers: bool) -> Option<()> {
        let (primary, secondary, agent) = self.consulting(who)?;
        let [first, second] = [primary, secondary].map(|at| self.calls.get(at).cloned());
        let (first, second) = (first?, second?);
        let new_id = (who % 3 == 2 && !self.traffic.protocol.is_ccx()).then(|| self.new_id());
        // The ID of one call, of the other, or a new one: what is left may bear any of them.
        let result_id = new_id.unwrap_or(if who % 3 == 1 { second.call_id } else { first.call_id });
        let mut parties: Vec<PlayedParty> = Vec::new();
        for party in first.parties.iter().chain(&second.parties) {
            let stays = !(transfers && party.device_id == agent);
            if stays && !parties.iter().any(|known| known.device_id == party.device_id) {
                let state = if party.state == HOLD { CONNECT } else { party.state };
                parties.push(PlayedParty { state, ..party.clone() });
            }
        }
        self.tell_joined(&first, &second, &agent, result_id, &parties, transfers);
        let (stays, goes) = if result_id == second.call_id { (secondary, primary) } else { (primary, secondary) };
        let call = self.calls.get_mut(stays)?;
        (call.call_id, call.parties) = (result_id, parties);
        let call = self.calls.get_mut(goes)?;
        (call.is_over, call.parties) = (true, Vec::new());
        // Now and then a call stays cleared, its end being late or lost.
        if who.is_multiple_of(4) { Some(()) } else { self.end(goes) }
    }

    fn tell_joined(
        &mut self,
        first: &PlayedCall,
        second: &PlayedCall,
        agent: &str,
        call_id: u32,
        parties: &[PlayedParty],
        transfers: bool,
    ) {
        let listed = parties.iter().map(|party| ConnectedParty {
            call_id,
            device_id_type: party.device_type,
            device_id: party.device_id.as_str().into(),
        });
        let listed: Vec<_> = listed.collect();
        let other = second.parties.iter().find(|party| party.device_id != agent);
        let other = other.map(|party| party.device_id.as_str().into());
        let agent_device = DeviceIdType::DEVID_AGENT_DEVICE;
        match transfers {
            true => self.tell(&CallTransferredEvent {
                peripheral_id: self.peripheral(),
                primary_device_id_type: STATIC,
                primary_call_id: first.call_id,
                primary_device_id: Some(first.device_id.as_str().into()),
                secondary_device_id_type: STATIC,
                secondary_call_id: second.call_id,
                secondary_device_id: Some(second.device_id.as_str().into()),
                transferring_device_type: agent_device,
                transferring_device_id: Some(agent.into()),
                transferred_device_type: agent_device,
                transferred_device_id: other,
                skill_group_number: NULL_SKILL_GROUP,
                connected_parties: (&listed[..]).into(),
                ..Default::default()
            }),
            false => self.tell(&CallConferencedEvent {
                peripheral_id: self.peripheral(),
                primary_device_id_type: STATIC,
                primary_call_id: first.call_id,
                primary_device_id: Some(first.device_id.as_str().into()),
                secondary_device_id_type: STATIC,
                secondary_call_id: second.call_id,
                secondary_device_id: Some(second.device_id.as_str().into()),
                controller_device_type: agent_device,
                controller_device_id: Some(agent.into()),
                added_party_device_type: agent_device,
                added_party_device_id: other,
                skill_group_number: NULL_SKILL_GROUP,
                connected_parties: (&listed[..]).into(),
                ..Default::default()
            }),
        }
    }

    /// Somebody leaves a conference.
    fn leave(&mut self, who: usize) -> Option<()> {
        // Of two parties either one leaving is the end of the call.
        let at = self.call_where(who, |call| call.parties.len() >= 3 && call.queues.is_empty())?;
        let parties = &self.calls.get(at)?.parties;
        let party = parties.get(who.checked_rem(parties.len())?)?.clone();
        tell!(
            self,
            at,
            CallConnectionClearedEvent {
                releasing_device_type: party.device_type,
                releasing_device_id: Some(party.device_id.as_str().into()),
                local_connection_state: LocalConnectionState::LCS_NULL,
            }
        );
        self.calls.get_mut(at)?.leave(&party.device_id);
        Some(())
    }

    /// A call is cleared, and mostly ends at once.
    fn hang_up(&mut self, who: usize) -> Option<()> {
        let at = who.checked_rem(self.calls.len())?;
        self.clear(at)?;
        if who.is_multiple_of(4) { Some(()) } else { self.end(at) }
    }

    fn clear(&mut self, at: usize) -> Option<()> {
        if !self.calls.get(at)?.is_over {
            tell!(self, at, CallClearedEvent { local_connection_state: LocalConnectionState::LCS_NULL });
        }
        let call = self.calls.get_mut(at)?;
        (call.is_over, call.parties) = (true, Vec::new());
        call.queues.clear();
        Some(())
    }

    fn end(&mut self, at: usize) -> Option<()> {
        tell!(self, at, EndCallEvent {});
        self.calls.remove(at);
        Some(())
    }

    fn update(&mut self, who: usize) -> Option<()> {
        let at = who.checked_rem(self.calls.len())?;
        let value = format!("value {}", self.new_id());
        let call = self.calls.get(at)?.clone();
        tell!(
            self,
            at,
            CallDataUpdateEvent {
                new_connection_device_id_type: STATIC,
                new_connection_call_id: call.call_id,
                new_connection_device_id: Some(call.device_id.as_str().into()),
                call_variables: CallVariables::NONE.with(1, value.as_str().into()),
            }
        );
        self.calls.get_mut(at)?.variable = Some(value);
        Some(())
    }

    /// A call gets another ID.
    fn rename(&mut self, who: usize) -> Option<()> {
        let at = self.call_where(who, |_| true)?;
        let new_id = self.new_id();
        let call = self.calls.get(at)?.clone();
        tell!(
            self,
            at,
            CallDataUpdateEvent {
                new_connection_device_id_type: STATIC,
                new_connection_call_id: new_id,
                new_connection_device_id: Some(call.device_id.as_str().into()),
            }
        );
        self.calls.get_mut(at)?.call_id = new_id;
        Some(())
    }

    /// The router gives a call to an agent, which is announced before.
    fn route(&mut self, who: usize) -> Option<()> {
        let agent = self.free_agent(who)?;
        if self.traffic.protocol.is_ccx() {
            return self.arrive(who);
        }
        let (call_id, value) = (self.new_id(), format!("value {}", self.new_id()));
        let key = [Some(152_000), Some(call_id), Some(1)];
        self.tell(&AgentPreCallEvent {
            agent_instrument: Some(agent.as_str().into()),
            router_call_key_day: key[0],
            router_call_key_call_id: key[1],
            router_call_key_sequence_number: key[2],
            call_variables: CallVariables::NONE.with(1, value.as_str().into()),
            ..AgentPreCallEvent::default()
        });
        let caller = format!("206555{call_id:04}");
        self.tell(&BeginCallEvent {
            peripheral_id: self.peripheral(),
            call_type: CallType::CALLTYPE_PREROUTE_ACD_IN,
            connection_device_id_type: STATIC,
            connection_call_id: call_id,
            connection_device_id: Some(agent.as_str().into()),
            router_call_key_day: key[0],
            router_call_key_call_id: key[1],
            router_call_key_sequence_number: key[2],
            ..BeginCallEvent::default()
        });
        let mut call = PlayedCall { variable: Some(value), ..new_call(call_id, agent.clone()) };
        call.call_type = CallType::CALLTYPE_PREROUTE_ACD_IN;
        call.set(&caller, DeviceIdType::DEVID_EXTERNAL, CONNECT, true);
        self.calls.push(call);
        self.ring(self.calls.len().checked_sub(1)?, &agent, "")
    }

    // ---- who, and what it is told as ----------------------------------------------------------

    fn begin(&mut self, device_id: String, call_type: CallType) -> Option<usize> {
        let call_id = self.new_id();
        self.calls.push(PlayedCall { call_type, ..new_call(call_id, device_id) });
        let at = self.calls.len().checked_sub(1)?;
        let value = format!("value {call_id}");
        tell!(
            self,
            at,
            BeginCallEvent { call_type, call_variables: CallVariables::NONE.with(1, value.as_str().into()) }
        );
        self.calls.get_mut(at)?.variable = Some(value);
        Some(at)
    }

    fn new_id(&mut self) -> u32 {
        self.next_id = self.next_id.wrapping_add(1);
        self.next_id
    }

    /// One of the calls that go on and that `wanted` holds for.
    fn call_where(&self, who: usize, wanted: impl Fn(&PlayedCall) -> bool) -> Option<usize> {
        let calls = self.calls.iter().enumerate().filter(|(_, call)| !call.is_over && wanted(call));
        let places: Vec<usize> = calls.map(|(at, _)| at).collect();
        places.get(who.checked_rem(places.len())?).copied()
    }

    /// One of the agents that `wanted` holds for, with the call.
    fn agent_where(&self, who: usize, wanted: impl Fn(&PlayedCall, &PlayedParty) -> bool) -> Option<(usize, String)> {
        let agents = self.calls.iter().enumerate().flat_map(|(at, call)| {
            let agents = call.parties.iter().filter(|party| party.device_type == DeviceIdType::DEVID_AGENT_DEVICE);
            agents.filter(|party| wanted(call, party)).map(move |party| (at, party.device_id.clone()))
        });
        let agents: Vec<_> = agents.collect();
        agents.get(who.checked_rem(agents.len())?).cloned()
    }

    /// An agent who consults: the call on hold, the consult call, the agent.
    fn consulting(&self, who: usize) -> Option<(usize, usize, String)> {
        let secondary = self.call_where(who, |call| {
            let agent = call.caller().filter(|party| party.state == CONNECT);
            call.origin.is_some() && agent.is_some_and(|agent| self.held_at(call, &agent.device_id).is_some())
        })?;
        let call = self.calls.get(secondary)?;
        let agent = call.caller()?.device_id.clone();
        Some((self.held_at(call, &agent)?, secondary, agent))
    }

    /// Where the call is that `consult` is about, if `agent` has it on hold.
    fn held_at(&self, consult: &PlayedCall, agent: &str) -> Option<usize> {
        self.calls.iter().position(|call| {
            Some(call.call_id) == consult.origin
                && !call.is_over
                && call.at(agent).is_some_and(|party| party.state == HOLD)
        })
    }

    fn free_agent(&self, who: usize) -> Option<String> {
        let agents = u32::from(self.traffic.agents);
        // From another one each time, so that all get work.
        let phones = (FIRST_PHONE..FIRST_PHONE.saturating_add(agents)).cycle().skip(who).take(agents as usize);
        phones.map(|phone| format!("{phone}")).find(|phone| self.calls_at(phone) == 0)
    }

    fn calls_at(&self, device: &str) -> usize {
        self.calls.iter().filter(|call| call.at(device).is_some()).count()
    }

    fn peripheral(&self) -> u32 {
        if self.traffic.protocol.is_ccx() { 1 } else { PERIPHERAL }
    }

    fn tell<'a, M: Body<'a>>(&mut self, message: &M) {
        // What the version does not have is not told.
        self.told.extend(OwnedFrame::of(self.traffic.protocol, message));
    }
}

/// Puts the events of a happening behind those before, as far as nothing goes wrong with them.
fn put(events: &mut Vec<OwnedFrame>, mut told: Vec<OwnedFrame>, happening: &Happening) {
    let at = usize::from(happening.who).checked_rem(told.len());
    // Doubled first: what is doubled and lost came once.
    let twice = at.filter(|_| happening.is_doubled).and_then(|at| told.get(at).cloned());
    told.extend(twice);
    if let Some(at) = at.filter(|_| happening.is_lost) {
        told.remove(at);
    }
    if happening.is_early && !told.is_empty() {
        let last = events.pop();
        events.push(told.remove(0));
        events.extend(last);
    }
    events.append(&mut told);
}

fn new_call(call_id: u32, device_id: String) -> PlayedCall {
    PlayedCall {
        call_id,
        device_id,
        call_type: CallType::NULL_CALLTYPE,
        variable: None,
        parties: Vec::new(),
        queues: Vec::new(),
        origin: None,
        is_over: false,
    }
}

fn device_type(device: &str) -> DeviceIdType {
    match device.len() {
        // Phones have four digits, everybody else ten.
        4 => DeviceIdType::DEVID_AGENT_DEVICE,
        _ => DeviceIdType::DEVID_EXTERNAL,
    }
}
