//! The plain model of calls: allocating, linear, one rule after the other.

use std::collections::{BTreeMap, BTreeSet};

use cti_proto::message::{ConnectedParty, Message};
use cti_proto::track::{Call, CallStage, CallTracker};
use cti_proto::value::{
    CallType, ConnectionDeviceIdType, DeviceIdType, LocalConnectionState, NULL_CALL_ID, NULL_SKILL_GROUP,
};
use cti_proto::{Frame, List, Text};

const CONNECT: LocalConnectionState = LocalConnectionState::LCS_CONNECT;
const ALERTING: LocalConnectionState = LocalConnectionState::LCS_ALERTING;
const QUEUED: LocalConnectionState = LocalConnectionState::LCS_QUEUED;
const HOLD: LocalConnectionState = LocalConnectionState::LCS_HOLD;
const INITIATE: LocalConnectionState = LocalConnectionState::LCS_INITIATE;

/// What names a call.
pub(crate) type Id = (u32, u16, String);
type Key = (u32, u32, u32);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) device: String,
    pub(crate) kind: u16,
    pub(crate) state: LocalConnectionState,
    pub(crate) is_caller: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelCall {
    serial: usize,
    pub(crate) id: Option<Id>,
    pub(crate) key: Option<Key>,
    pub(crate) is_begun: bool,
    pub(crate) over: Option<CallStage>,
    pub(crate) call_type: CallType,
    pub(crate) parties: Vec<Party>,
    pub(crate) queues: BTreeSet<(u32, u32)>,
    pub(crate) origin: Option<usize>,
    pub(crate) variables: BTreeMap<u8, String>,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) calls: Vec<ModelCall>,
    serial: usize,
}

fn id(call_id: u32, kind: ConnectionDeviceIdType, device: Option<Text<'_>>) -> Id {
    (call_id, kind.0, text(device))
}

fn text(text: Option<Text<'_>>) -> String {
    text.map(|text| text.to_string()).unwrap_or_default()
}

/// The name of the call in an event.
macro_rules! id {
    ($event:ident) => {
        id($event.connection_call_id, $event.connection_device_id_type, $event.connection_device_id)
    };
}

impl Model {
    pub(crate) fn observe(&mut self, frame: &Frame<'_>) {
        match frame.message().expect("a message that decodes") {
            Message::BeginCallEvent(event) => {
                let key = key(
                    event.router_call_key_day,
                    event.router_call_key_call_id,
                    event.router_call_key_sequence_number,
                );
                let at = self.begin(&id!(event), key);
                let call = &mut self.calls[at];
                call.is_begun = true;
                call.key = key.or(call.key);
                call.call_type = event.call_type;
                call.variables.extend(variables(&event.call_variables));
            }
            Message::EndCallEvent(event) => {
                let id = id!(event);
                let over = self.meant(&id).filter(|at| self.calls[*at].over.is_some());
                if let Some(at) = self.exactly(&id).or(over) {
                    self.calls.remove(at);
                }
            }
            Message::CallDataUpdateEvent(event) => {
                let new = id(
                    event.new_connection_call_id,
                    event.new_connection_device_id_type,
                    event.new_connection_device_id,
                );
                let at = self.rename(&id!(event), new);
                let call = &mut self.calls[at];
                if event.call_type != CallType::NULL_CALLTYPE {
                    call.call_type = event.call_type;
                }
                call.variables.extend(variables(&event.call_variables));
            }
            Message::CallServiceInitiatedEvent(event) => {
                let device = (text(event.calling_device_id), event.calling_device_type);
                let Some(at) = self.happen(&id!(event), &device, INITIATE, true, None, None) else { return };
                match event.coc_connection_call_id {
                    Some(call_id) => {
                        let origin = self.meant(&id(call_id, STATIC, event.connection_device_id));
                        if let Some(origin) = origin.filter(|origin| *origin != at) {
                            self.calls[at].origin = Some(self.calls[origin].serial);
                        }
                    }
                    None => self.tie(at, &device.0),
                }
            }
            Message::CallOriginatedEvent(event) => {
                let device = (text(event.calling_device_id), event.calling_device_type);
                let dials = event.local_connection_state == INITIATE;
                let state = if dials { INITIATE } else { CONNECT };
                if let Some(at) = self.happen(&id!(event), &device, state, true, None, None) {
                    self.tie(at, &device.0);
                }
            }
            Message::CallDeliveredEvent(event) => {
                let device = (text(event.alerting_device_id), event.alerting_device_type);
                let calling = (text(event.calling_device_id), event.calling_device_type);
                let from = text(event.last_redirect_device_id);
                self.happen(&id!(event), &device, ALERTING, false, Some(calling), Some(from));
            }
            Message::CallEstablishedEvent(event) => {
                let device = (text(event.answering_device_id), event.answering_device_type);
                let calling = (text(event.calling_device_id), event.calling_device_type);
                let from = text(event.last_redirect_device_id);
                if let Some(at) = self.happen(&id!(event), &device, CONNECT, false, Some(calling), Some(from))
                    && !is_port(device.1.0)
                {
                    self.calls[at].leave_queues();
                }
            }
            Message::CallHeldEvent(event) => {
                let device = (text(event.holding_device_id), event.holding_device_type);
                self.happen(&id!(event), &device, HOLD, false, None, None);
            }
            Message::CallRetrievedEvent(event) => {
                let device = (text(event.retrieving_device_id), event.retrieving_device_type);
                self.happen(&id!(event), &device, CONNECT, false, None, None);
            }
            Message::CallFailedEvent(event) => {
                let device = (text(event.failing_device_id), event.failing_device_type);
                self.happen(&id!(event), &device, LocalConnectionState::LCS_FAIL, false, None, None);
            }
            Message::CallQueuedEvent(event) => {
                let Some(at) = self.going_on(&id!(event)) else { return };
                let queue = text(event.queue_device_id);
                let call = &mut self.calls[at];
                call.redirect(&text(event.last_redirect_device_id), &queue);
                call.calling(&text(event.calling_device_id), event.calling_device_type.0, &queue);
                call.set(&queue, event.queue_device_type.0, QUEUED, None);
                let numbers = event.skill_groups.iter().map(|group| group.number);
                let numbers = numbers.filter(|number| *number != NULL_SKILL_GROUP);
                call.queues.extend(numbers.map(|number| (event.peripheral_id, number)));
            }
            Message::CallDequeuedEvent(event) => {
                let Some(at) = self.meant_and_going_on(&id!(event)) else { return };
                let call = &mut self.calls[at];
                for group in event.skill_groups {
                    call.queues.remove(&(event.peripheral_id, group.number));
                }
                if event.skill_groups.is_empty() || call.queues.is_empty() {
                    call.leave_queues();
                }
            }
            Message::CallDivertedEvent(event) => {
                let Some(at) = self.going_on(&id!(event)) else { return };
                let device = text(event.diverting_device_id);
                let call = &mut self.calls[at];
                let was = call.parties.iter().find(|party| party.device == device).map(|party| party.state);
                call.parties.retain(|party| party.device != device);
                if frame.protocol().is_ccx() || was == Some(QUEUED) {
                    call.leave_queues();
                }
            }
            Message::CallConnectionClearedEvent(event) => {
                let Some(at) = self.meant_and_going_on(&id!(event)) else { return };
                let device = text(event.releasing_device_id);
                self.calls[at].parties.retain(|party| party.device != device);
            }
            Message::CallClearedEvent(event) => {
                let Some(at) = self.meant_and_going_on(&id!(event)) else { return };
                self.calls[at].is_over_as(CallStage::Cleared);
            }
            Message::CallTransferredEvent(event) => self.join(
                &id(event.primary_call_id, event.primary_device_id_type, event.primary_device_id),
                &id(event.secondary_call_id, event.secondary_device_id_type, event.secondary_device_id),
                &event.connected_parties,
            ),
            Message::CallConferencedEvent(event) => self.join(
                &id(event.primary_call_id, event.primary_device_id_type, event.primary_device_id),
                &id(event.secondary_call_id, event.secondary_device_id_type, event.secondary_device_id),
                &event.connected_parties,
            ),
            Message::AgentPreCallEvent(event) => {
                let key = key(
                    event.router_call_key_day,
                    event.router_call_key_call_id,
                    event.router_call_key_sequence_number,
                );
                if !self.calls.iter().any(|call| call.key == key && call.id.is_some()) {
                    let known = self.calls.iter().position(|call| call.key == key);
                    let at = known.unwrap_or_else(|| self.add(None));
                    self.calls[at].key = key;
                    self.calls[at].variables.extend(variables(&event.call_variables));
                }
            }
            _ => {}
        }
    }

    // ---- which call ---------------------------------------------------------------------------

    fn exactly(&self, id: &Id) -> Option<usize> {
        self.calls.iter().position(|call| call.id.as_ref() == Some(id))
    }

    fn meant(&self, id: &Id) -> Option<usize> {
        if id.0 == NULL_CALL_ID {
            return None;
        }
        let with_id = |call: &ModelCall| call.id.as_ref().is_some_and(|known| known.0 == id.0);
        let same: Vec<usize> = (0..self.calls.len()).filter(|at| with_id(&self.calls[*at])).collect();
        let has_party = |at: &&usize| self.calls[**at].parties.iter().any(|party| party.device == id.2);
        let only = || if let [only] = same[..] { Some(only) } else { None };
        self.exactly(id).or_else(|| same.iter().find(has_party).copied()).or_else(only)
    }

    fn add(&mut self, id: Option<Id>) -> usize {
        self.serial += 1;
        self.calls.push(ModelCall {
            serial: self.serial,
            id,
            key: None,
            is_begun: false,
            over: None,
            call_type: CallType::NULL_CALLTYPE,
            parties: Vec::new(),
            queues: BTreeSet::new(),
            origin: None,
            variables: BTreeMap::new(),
        });
        self.calls.len() - 1
    }

    fn begin(&mut self, id: &Id, key: Option<Key>) -> usize {
        if let Some(at) = self.exactly(id) {
            if self.calls[at].over.is_none() {
                return at;
            }
            self.calls.remove(at);
        }
        let announced = self.calls.iter().position(|call| call.id.is_none() && key.is_some() && call.key == key);
        let at = announced.unwrap_or_else(|| self.add(None));
        self.calls[at].id = Some(id.clone());
        at
    }

    /// The call that is meant, or a new one; nothing if it is over.
    fn going_on(&mut self, id: &Id) -> Option<usize> {
        let at = self.meant(id).unwrap_or_else(|| self.add(Some(id.clone())));
        self.calls[at].over.is_none().then_some(at)
    }

    fn meant_and_going_on(&self, id: &Id) -> Option<usize> {
        self.meant(id).filter(|at| self.calls[*at].over.is_none())
    }

    fn rename(&mut self, old: &Id, new: Id) -> usize {
        if new.0 == NULL_CALL_ID || new.2.is_empty() || new == *old {
            return self.meant(old).unwrap_or_else(|| self.add(Some(old.clone())));
        }
        match (self.exactly(old), self.exactly(&new)) {
            (None, Some(at)) => at,
            (Some(from), Some(to)) => {
                for party in self.calls[from].parties.clone() {
                    if !self.calls[to].parties.iter().any(|known| known.device == party.device) {
                        self.calls[to].parties.push(Party { state: joined(party.state), ..party });
                    }
                }
                self.calls.remove(from);
                self.exactly(&new).expect("it was there")
            }
            (from, None) => match from.or_else(|| self.meant(old)) {
                Some(at) => {
                    self.calls[at].id = Some(new);
                    at
                }
                None => self.meant(&new).unwrap_or_else(|| self.add(Some(new))),
            },
        }
    }

    // ---- what happens -------------------------------------------------------------------------

    fn happen(
        &mut self,
        id: &Id,
        device: &(String, DeviceIdType),
        state: LocalConnectionState,
        is_caller: bool,
        calling: Option<(String, DeviceIdType)>,
        from: Option<String>,
    ) -> Option<usize> {
        let at = self.going_on(id)?;
        let call = &mut self.calls[at];
        call.redirect(&from.unwrap_or_default(), &device.0);
        if let Some(calling) = calling {
            call.calling(&calling.0, calling.1.0, &device.0);
        }
        call.set(&device.0, device.1.0, state, is_caller.then_some(true));
        Some(at)
    }

    /// A consult call belongs to the call that its caller has on hold.
    fn tie(&mut self, at: usize, device: &str) {
        let is_consult = matches!(
            self.calls[at].call_type,
            CallType::CALLTYPE_CONSULT | CallType::CALLTYPE_CONSULT_OFFERRED | CallType::CALLTYPE_CONSULT_CONFERENCE
        );
        if !is_consult || self.calls[at].origin.is_some() {
            return;
        }
        let holds = |call: &ModelCall| call.parties.iter().any(|party| party.device == device && party.state == HOLD);
        let held = (0..self.calls.len()).find(|other| *other != at && holds(&self.calls[*other]));
        self.calls[at].origin = held.map(|held| self.calls[held].serial);
    }

    fn join(&mut self, primary: &Id, secondary: &Id, list: &List<'_, ConnectedParty<'_>>) {
        let result_id = list.iter().next().expect("every list of the traffic has parties").call_id;
        let first = self.meant(primary);
        let second = self.meant(secondary).filter(|second| Some(*second) != first);
        let goes_on = |model: &Self, at: usize| {
            model.calls[at].over.is_none() && model.calls[at].id.as_ref().is_some_and(|id| id.0 == result_id)
        };
        let named = first.into_iter().chain(second).chain(0..self.calls.len()).find(|at| goes_on(self, *at));
        let at = match named.or(first).or(second) {
            Some(at) => at,
            None => {
                let id = (result_id, primary.1, primary.2.clone());
                self.meant(&id).unwrap_or_else(|| self.add(Some(id)))
            }
        };
        if let Some(id) = self.calls[at].id.as_mut() {
            id.0 = result_id;
        }
        if self.calls[at].over.is_some() {
            return;
        }
        let known: Vec<Party> =
            [Some(at), first, second].into_iter().flatten().flat_map(|call| self.calls[call].parties.clone()).collect();
        let parties = list.iter().map(|listed| {
            let device = listed.device_id.to_string();
            let known = known.iter().find(|party| party.device == device);
            let state = known.map_or(CONNECT, |party| joined(party.state));
            let is_caller = known.is_some_and(|party| party.is_caller);
            Party { device, kind: listed.device_id_type.0, state, is_caller }
        });
        self.calls[at].parties = parties.collect();
        let serial = self.calls[at].serial;
        for other in [first, second].into_iter().flatten().filter(|other| *other != at) {
            self.calls[other].is_over_as(CallStage::Merged);
            self.calls[other].origin = Some(serial);
        }
    }
}

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

impl ModelCall {
    fn set(&mut self, device: &str, kind: u16, state: LocalConnectionState, is_caller: Option<bool>) {
        if device.is_empty() {
            return;
        }
        match self.parties.iter_mut().find(|party| party.device == device) {
            Some(party) => {
                party.state = state;
                party.is_caller = is_caller.unwrap_or(party.is_caller);
            }
            None => {
                let is_caller = is_caller.unwrap_or(false);
                self.parties.push(Party { device: device.into(), kind, state, is_caller });
            }
        }
    }

    fn redirect(&mut self, from: &str, to: &str) {
        if from != to {
            self.parties.retain(|party| party.device != from || !matches!(party.state, ALERTING | QUEUED));
        }
    }

    fn calling(&mut self, device: &str, kind: u16, other: &str) {
        let state = self.parties.iter().find(|party| party.device == device).map(|party| party.state);
        if device != other && matches!(state, None | Some(INITIATE)) {
            self.set(device, kind, CONNECT, Some(true));
        }
    }

    fn leave_queues(&mut self) {
        self.queues.clear();
        self.parties.retain(|party| party.state != QUEUED);
    }

    fn is_over_as(&mut self, stage: CallStage) {
        self.over = Some(stage);
        self.parties.clear();
        self.queues.clear();
    }

    pub(crate) fn stage(&self) -> CallStage {
        let states: Vec<_> =
            self.parties.iter().map(|party| (party.state, party.is_caller, is_port(party.kind))).collect();
        let people = states.iter().filter(|(state, _, port)| *state == CONNECT && !port).count();
        let has = |wanted| states.iter().any(|(state, ..)| *state == wanted);
        let is_called = states.iter().any(|(state, caller, port)| *state == CONNECT && !caller && !port);
        let is_treated = states.iter().any(|(state, caller, port)| *state == CONNECT && !caller && *port);
        let is_dialed =
            states.iter().any(|(state, caller, port)| *caller && (*state == INITIATE || (*state == CONNECT && !port)));
        let is_seized = states.iter().any(|(state, caller, _)| *state == INITIATE && !caller);
        match self.over {
            Some(over) => over,
            None if self.id.is_none() => CallStage::Announced,
            None if has(HOLD) && people <= 1 => CallStage::Held,
            None if has(HOLD) || is_called || people >= 2 => CallStage::Talking,
            None if has(ALERTING) => CallStage::Alerting,
            None if has(QUEUED) || !self.queues.is_empty() => CallStage::Queued,
            None if has(LocalConnectionState::LCS_FAIL) => CallStage::Failed,
            None if is_treated => CallStage::Treated,
            None if is_dialed && !is_seized => CallStage::Dialing,
            None => CallStage::Begun,
        }
    }
}

fn joined(state: LocalConnectionState) -> LocalConnectionState {
    if matches!(state, HOLD | INITIATE) { CONNECT } else { state }
}

fn is_port(kind: u16) -> bool {
    matches!(
        DeviceIdType(kind),
        DeviceIdType::DEVID_CTI_PORT
            | DeviceIdType::DEVID_ROUTE_POINT
            | DeviceIdType::DEVID_QUEUE
            | DeviceIdType::DEVID_TRUNK_IDENTIFIER
            | DeviceIdType::DEVID_TRUNK_GROUP_IDENTIFIER
    )
}

fn key(day: Option<u32>, call_id: Option<u32>, sequence: Option<u32>) -> Option<Key> {
    Some((day?, call_id?, sequence.unwrap_or(0)))
}

fn variables(variables: &cti_proto::message::CallVariables<'_>) -> Vec<(u8, String)> {
    variables.iter().map(|(number, value)| (number as u8, value.to_string())).collect()
}

// ---- comparing ------------------------------------------------------------------------------------

/// The tracker's calls in the form of the model's, in an order of their own.
pub(crate) fn picture(tracker: &CallTracker<'_>) -> Vec<(String, String)> {
    sorted(tracker.iter().map(|call| (name_of(&call), describe(&call))))
}

/// The model's.
pub(crate) fn expected(model: &Model) -> Vec<(String, String)> {
    let name = |call: &ModelCall| match &call.id {
        Some(id) => format!("{}/{}", id.0, id.2),
        None => format!("key {:?}", call.key.map(|key| key.1)),
    };
    sorted(model.calls.iter().map(|call| {
        let mut parties: Vec<_> = call
            .parties
            .iter()
            .map(|party| format!("{} {:?} {}", party.device, party.state, party.is_caller))
            .collect();
        parties.sort();
        let origin = call.origin.and_then(|serial| model.calls.iter().find(|call| call.serial == serial)).map(name);
        let variables: Vec<_> = call.variables.iter().collect();
        let text = format!(
            "{:?} {:?} begun {} parties {parties:?} queues {:?} origin {origin:?} variables {variables:?}",
            call.stage(),
            call.call_type,
            call.is_begun,
            call.queues
        );
        (name(call), text)
    }))
}

fn name_of(call: &Call<'_>) -> String {
    match call.stage() {
        CallStage::Announced => format!("key {:?}", call.router_call_key().map(|key| key.call_id)),
        _ => format!("{}/{}", call.id().call_id, call.id().device_id),
    }
}

fn describe(call: &Call<'_>) -> String {
    let mut parties: Vec<_> = call
        .parties()
        .map(|party| {
            let is_caller = party.role() == cti_proto::track::PartyRole::Caller;
            format!("{} {:?} {is_caller}", party.device(), party.state())
        })
        .collect();
    parties.sort();
    let queues: BTreeSet<_> = call.queues().map(|(peripheral, number, _)| (peripheral, number)).collect();
    let data = call.data();
    let variables = (1..=10).filter_map(|number| Some((number, data.variable(number)?.to_string())));
    let variables: BTreeMap<u8, String> = variables.collect();
    let variables: Vec<_> = variables.iter().collect();
    let origin = call.origin_call().map(|origin| name_of(&origin));
    format!(
        "{:?} {:?} begun {} parties {parties:?} queues {queues:?} origin {origin:?} variables {variables:?}",
        call.stage(),
        call.call_type(),
        call.is_begun()
    )
}

fn sorted(calls: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut calls: Vec<_> = calls.collect();
    calls.sort();
    calls
}
