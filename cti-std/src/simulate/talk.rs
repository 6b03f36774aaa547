//! What can be done with calls, whoever does it: each operation changes the state and tells of it.

use std::time::Duration;

use cti_proto::value::{
    AgentGreetingEventCode, CallType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState as State,
};

use super::call::{CallData, CallId, End, Ending, Leg, MAX_PARTIES, Party, PartyId, Role};
use super::floor::Floor;
use super::sink::Sink;
use super::table::{AgentKey, GroupKey, PhoneKey};
use super::task::Task;
use super::tell::Joined;

/// How long wrap-up data may follow a call. Guide: SET_CALL_DATA_REQ.
const WRAPUP_TIME: Duration = Duration::from_secs(120);
/// How long a greeting is.
const GREETING_TIME: Duration = Duration::from_secs(4);

/// Where a dialed number leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Phone(PhoneKey),
    Group(GroupKey),
    Outside,
    Nowhere,
}

/// A call to be made.
pub(super) struct Dial<'a> {
    /// What kind of call it is, as far as that is known before it is routed.
    pub(super) kind: CallType,
    pub(super) number: &'a str,
    pub(super) data: CallData,
    /// The group that it counts for, if a client has named one.
    pub(super) group: Option<GroupKey>,
    /// The call that is consulted about.
    pub(super) consults_for: Option<CallId>,
    /// Cause of the first events.
    pub(super) cause: EventCause,
}

impl Ending {
    /// Somebody has hung up after talking.
    pub(super) const fn hung_up() -> Self {
        Self::by(EventCause::CECX_DROP_HANDLED_PRIMARY_ROUTE)
    }

    /// By this cause, which CALL_CLEARED_EVENT names.
    pub(super) const fn by(call: EventCause) -> Self {
        Self { connection: EventCause::CEC_NONE, call }
    }
}

impl<S: Sink> Floor<'_, S> {
    /// Where a number leads. Numbers outside have seven digits and more; a `9` in front is an access code.
    pub(super) fn destination(&self, number: &str) -> Destination {
        if let Some(phone) = self.world.phone_of_extension(number) {
            return Destination::Phone(phone);
        }
        if let Some(group) = self.world.group_of_number(number) {
            return Destination::Group(group);
        }
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        // What else may be dialed is thrown out before; see `dialed`.
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte));
        if is_number && digits >= 7 { Destination::Outside } else { Destination::Nowhere }
    }

    /// A phone gets dial tone and dials; whatever comes of it, there is a call then.
    pub(super) fn dial(&mut self, phone: PhoneKey, dial: Dial<'_>) -> Leg {
        let extension = self.world.phones[phone].extension.clone();
        let call = self.world.new_call(dial.kind);
        self.world.counts.placed += 1;
        if let Some(entry) = self.world.calls.get_mut(&call) {
            entry.data = dial.data;
            entry.data.ani.clone_from(&extension);
            dial.number.clone_into(&mut entry.data.dialed_number);
            entry.group = dial.group;
            entry.consults_for = dial.consults_for.map(|origin| (origin, phone));
        }
        let leg = self.world.add_party(call, End::Phone(phone), extension, State::LCS_INITIATE);
        self.note_client(leg);
        self.tell_begin(leg);
        self.tell_service_initiated(leg, dial.cause);
        self.route(leg, dial.number, dial.cause);
        self.settle_phone(phone);
        self.plan(leg);
        leg
    }

    /// Goes where the number leads.
    pub(super) fn route(&mut self, leg: Leg, number: &str, cause: EventCause) {
        let destination = self.destination(number);
        // One call a phone: no other rings there, so that nobody can be reserved for two.
        let is_busy = matches!(destination, Destination::Phone(phone) if !self.world.phones[phone].legs.is_empty());
        self.world.set_state(leg, State::LCS_CONNECT);
        self.tell_originated(leg, cause);
        match destination {
            Destination::Phone(_) if is_busy => self.fail_call(leg, EventCause::CEC_BUSY),
            Destination::Phone(phone) => {
                self.ring(leg.0, phone, cause);
            }
            Destination::Group(group) => self.enter_queue(leg.0, group),
            Destination::Outside => self.ring_outside(leg, number, cause),
            Destination::Nowhere => self.fail_call(leg, EventCause::CEC_DEST_NOT_OBTAINABLE),
        }
    }

    /// The call reaches nobody; whoever made it hears a tone.
    fn fail_call(&mut self, leg: Leg, cause: EventCause) {
        self.world.set_state(leg, State::LCS_FAIL);
        self.tell_failed(leg, cause);
        self.plan(leg);
    }

    /// Numbers that end with 0000 are busy, and those that end with 0001 are never answered.
    fn ring_outside(&mut self, leg: Leg, number: &str, cause: EventCause) {
        if let Some(call) = self.world.calls.get_mut(&leg.0) {
            call.trunk = Some(200 + leg.0.0 % 97);
            if call.kind == CallType::CALLTYPE_AGENT_INSIDE {
                // What was dialed without an access code may lead outside all the same.
                call.kind = CallType::CALLTYPE_OUT;
            }
        }
        self.tell_reached_network(leg);
        if number.ends_with("0000") {
            return self.fail_call(leg, EventCause::CEC_BUSY);
        }
        let there = self.world.add_party(leg.0, End::Outside, number.to_owned(), State::LCS_ALERTING);
        self.tell_delivered(leg.0, Some(there.1), cause);
        self.plan(there);
    }

    /// A phone rings.
    pub(super) fn ring(&mut self, call: CallId, phone: PhoneKey, cause: EventCause) -> Leg {
        let extension = self.world.phones[phone].extension.clone();
        let leg = self.world.add_party(call, End::Phone(phone), extension, State::LCS_ALERTING);
        self.note_client(leg);
        self.tell_begin(leg);
        self.tell_delivered(call, Some(leg.1), cause);
        self.settle_phone(phone);
        self.plan(leg);
        leg
    }

    /// A device answers.
    pub(super) fn answer(&mut self, leg: Leg) {
        self.world.set_state(leg, State::LCS_CONNECT);
        let Some(call) = self.world.calls.get(&leg.0) else { return };
        let answers = call.party(leg.1).and_then(Party::phone).and_then(|phone| self.world.agent_at(phone));
        // A call that comes back to an agent, or to another, was answered already.
        if answers.is_some() && call.is_acd_in() && call.disposition == DispositionCode(0) {
            self.world.counts.answered += 1;
        }
        self.tell_established(leg.0, leg.1, EventCause::CEC_NONE);
        for party in self.world.legs(leg.0) {
            let is_connected = self.world.party((leg.0, party)).is_some_and(|party| party.state == State::LCS_CONNECT);
            if is_connected {
                self.tell_media((leg.0, party), true);
            }
        }
        self.settle_legs(leg.0);
        // Greeting and recording belong to a call that agents' states show already.
        self.greet(leg, answers);
        if answers.is_some() && self.world.random.happens(self.world.config.habits.recorded) {
            self.record_by_habit(leg);
        }
        self.plan_all(leg.0);
        if answers.is_none() {
            self.distribute(leg.0);
        }
    }

    /// A predictive call whose customer has answered goes to an agent.
    fn distribute(&mut self, call: CallId) {
        let Some(entry) = self.world.calls.get(&call).filter(|call| call.kind == CallType::CALLTYPE_AUTO_OUT) else {
            return;
        };
        let port = entry.parties.iter().find(|party| matches!(party.end, End::Port(_))).map(|party| party.id);
        // One that asked for an agent already when it rang has been given to one, or waits.
        let waits = entry.queued.is_some() || entry.promised.is_some();
        if let (Some(port), Some(group), false) = (port, entry.group, waits) {
            self.queue((call, port), vec![group]);
        }
    }

    /// The greeting that an agent has recorded is played to callers.
    fn greet(&mut self, leg: Leg, agent: Option<AgentKey>) {
        let greets = agent.is_some_and(|agent| self.world.agents[agent].greets);
        let Some(call) = self.world.calls.get_mut(&leg.0).filter(|call| greets && call.is_acd_in()) else { return };
        call.greeting = true;
        self.tell_greeting(leg, AgentGreetingEventCode::GREETING_STARTED);
        self.later(GREETING_TIME, Task::GreetingDone(leg));
    }

    /// The greeting is over, unless it was stopped before.
    pub(super) fn greeting_done(&mut self, leg: Leg) {
        let Some(call) = self.world.calls.get_mut(&leg.0).filter(|call| call.greeting) else { return };
        call.greeting = false;
        self.tell_greeting(leg, AgentGreetingEventCode::GREETING_ENDED);
    }

    /// A device puts the call on hold.
    pub(super) fn hold(&mut self, leg: Leg, cause: EventCause) {
        self.world.set_state(leg, State::LCS_HOLD);
        self.tell_held(leg, cause);
        self.tell_media(leg, false);
        self.settle_leg(leg);
        self.plan(leg);
    }

    /// A device takes the call back from hold.
    pub(super) fn retrieve(&mut self, leg: Leg, cause: EventCause) {
        self.world.set_state(leg, State::LCS_CONNECT);
        self.tell_retrieved(leg, cause);
        self.tell_media(leg, true);
        self.settle_leg(leg);
        self.plan(leg);
    }

    /// A device leaves: the call goes on if two others are left, one of them watched, else it ends.
    pub(super) fn hang_up(&mut self, leg: Leg, ending: Ending) {
        let Some(call) = self.world.calls.get(&leg.0) else { return };
        let Some(party) = call.party(leg.1) else { return };
        let goes_on = call.parties.iter().filter(|party| party.id != leg.1);
        // Two numbers outside may go on talking, but nobody is told of it: for the contact centre the call is over.
        let has_leg = goes_on.clone().any(Party::is_leg);
        if goes_on.count() < 2 && !party.is_hidden || !has_leg || call.listens_to.is_some() {
            return self.end_call(leg.0, leg.1, ending);
        }
        self.tell_media(leg, false);
        self.tell_connection_cleared(leg, ending.connection);
        self.take_out(leg, true);
        self.settle_legs(leg.0);
    }

    /// The call ends for everyone.
    pub(super) fn end_call(&mut self, call: CallId, leaving: PartyId, ending: Ending) {
        // The order is that of the guide's examples: the media stop, the connection is cleared, the call, then it ends.
        self.leave_queue(call, false);
        let legs = self.world.legs(call);
        for party in &legs {
            self.tell_media((call, *party), false);
        }
        self.end_recording(call);
        self.tell_connection_cleared((call, leaving), ending.connection);
        if let Some(agent) = self.world.calls.get(&call).and_then(|call| call.promised) {
            self.promise_broken(call, agent);
            self.settle(agent);
        }
        for party in &legs {
            self.tell_cleared((call, *party), ending.call);
        }
        for party in legs {
            self.take_out((call, party), true);
        }
        self.remove(call);
    }

    /// Forgets a call that nobody takes part in any more.
    fn remove(&mut self, call: CallId) {
        let Some(mut entry) = self.world.calls.remove(&call) else { return };
        self.world.counts.ended += 1;
        for (session, monitor) in entry.monitors.drain(..) {
            self.world.monitors.remove(&monitor);
            self.out.monitor_ended(session, monitor);
        }
        // The leg may have gone first, and its entry with it: none must come back for it.
        if let Some(leg) = entry.listens_to
            && let Some(listeners) = self.world.listeners.get_mut(&leg)
        {
            listeners.retain(|listener| *listener != call);
            if listeners.is_empty() {
                self.world.listeners.remove(&leg);
            }
        }
        // Its data stays for the wrap-up that may follow.
        self.later(WRAPUP_TIME, Task::Forget(call));
    }

    /// Takes a party out of its call, telling its end, or in silence.
    pub(super) fn take_out(&mut self, leg: Leg, tells: bool) {
        if tells {
            self.tell_end(leg);
        }
        // Supervisors who listen to this leg hear nothing any more. Out of the table first: their calls look there.
        for listener in self.world.listeners.remove(&leg).unwrap_or_default() {
            let party = self.world.calls.get(&listener).and_then(|call| call.parties.first()).map(|party| party.id);
            if let Some(party) = party {
                self.end_call(listener, party, Ending::by(EventCause::CEC_SUPERVISOR_CLEAR));
            }
        }
        // A copy as it was with this party: what follows counts by that.
        let Some(call) = self.world.calls.get(&leg.0).cloned() else { return };
        let Some(party) = call.party(leg.1) else { return };
        if tells {
            // Each device has the data as it was when it left.
            self.world.ended.entry(leg.0).or_default().insert(party.device.clone(), call.data.clone());
        }
        let agent = party.phone().and_then(|phone| self.world.agent_at(phone));
        if let Some(agent) = agent.filter(|_| !party.is_hidden) {
            self.leave(agent, &call, party);
        }
        match party.end {
            End::Phone(phone) => self.world.phones[phone].legs.retain(|known| *known != leg),
            End::Port(port) => self.world.give_port_back(port),
            End::Outside => {}
        }
        if let Some(call) = self.world.calls.get_mut(&leg.0) {
            call.parties.retain(|party| party.id != leg.1);
        }
        if let Some(agent) = agent {
            self.settle(agent);
            self.plan_remaining(agent);
        }
    }

    /// Joins the two calls of a phone: with it in a conference, or without it, as a transfer. `first` stays.
    pub(super) fn join(&mut self, phone: PhoneKey, first: CallId, second: CallId, stays: bool, cause: EventCause) {
        // What events name has to be found before the parties move.
        let Some(joined) = self.joined(phone, first, second, cause) else { return };
        let legs: Vec<_> =
            self.world.phones[phone].legs.iter().copied().filter(|leg| leg.0 == first || leg.0 == second).collect();
        // A call that was sent to a queue waits on under the other number, and has lost no time.
        self.move_queue(second, first);
        let moved = self.move_parties(phone, second, first);
        if let Some(call) = self.world.calls.get_mut(&first) {
            call.kind = if stays {
                CallType::CALLTYPE_CONFERENCE
            } else if call.has_customer() && call.group.is_some() {
                CallType::CALLTYPE_TRANSFER_IN
            } else {
                call.kind
            };
            call.disposition = match (stays, cause) {
                (true, _) => DispositionCode::CONFERENCED,
                (false, EventCause::CEC_TRANSFER) => DispositionCode::ANNOUNCED_TRANSFER,
                (false, _) => DispositionCode::BLIND_TRANSFER,
            };
        }
        let controller = legs.iter().copied().find(|leg| leg.0 == first);
        let consult = legs.iter().copied().find(|leg| leg.0 == second);
        // Nobody knows of a connection of the first call yet who was in the second one.
        for party in self.world.legs(first) {
            match moved.contains(&party) {
                true => self.tell_data_of((first, party), second),
                false if stays => self.tell_data_of((first, party), first),
                false => {}
            }
        }
        let others = self.world.legs(first).into_iter().map(|party| (first, party));
        let others: Vec<_> = others.filter(|leg| Some(*leg) != controller).collect();
        let legs = controller.into_iter().chain(others);
        if stays {
            if let Some(leg) = controller {
                self.world.set_state(leg, State::LCS_CONNECT);
            }
            legs.for_each(|leg| self.tell_conferenced(&joined, leg));
            if let Some(leg) = controller {
                self.tell_media(leg, true);
            }
        } else {
            // Whoever transfers is no party of what comes out.
            self.hide(controller, true);
            legs.for_each(|leg| self.tell_transferred(&joined, leg));
            self.hide(controller, false);
        }
        if let Some(leg) = consult {
            // The leg of a transfer in one step was never told of, and neither is its end.
            let is_hidden = self.world.party(leg).is_some_and(|party| party.is_hidden);
            self.tell_media(leg, false);
            self.take_out(leg, !is_hidden);
        }
        self.remove(second);
        if let Some(leg) = controller.filter(|_| !stays) {
            self.tell_media(leg, false);
            self.take_out(leg, true);
        }
        self.settle_legs(first);
        self.plan_anew(first);
    }

    /// Whether a party is left out of what is told of the call.
    fn hide(&mut self, leg: Option<Leg>, hides: bool) {
        if let Some(party) = leg.and_then(|leg| self.world.party_mut(leg)) {
            party.is_hidden = hides;
        }
    }

    /// Sends a call on to a number in one step: with the phone in a conference, or without it. `false` if the number
    /// leads nowhere.
    pub(super) fn send_on(&mut self, leg: Leg, number: &str, stays: bool) -> bool {
        let destination = self.destination(number);
        let busy = matches!(destination, Destination::Phone(phone) if !self.world.phones[phone].legs.is_empty());
        let Some(phone) = self.world.party(leg).and_then(Party::phone) else { return false };
        if destination == Destination::Nowhere || busy {
            return false;
        }
        let Some(call) = self.world.calls.get(&leg.0) else { return false };
        let (data, group, other_group) = (call.data.clone(), call.group, call.other_group);
        let second = self.world.new_call(CallType::CALLTYPE_OFFERED);
        let extension = self.world.phones[phone].extension.clone();
        if let Some(entry) = self.world.calls.get_mut(&second) {
            (entry.data, entry.group, entry.other_group) = (data, group, other_group);
            number.clone_into(&mut entry.data.dialed_number);
        }
        let hidden = self.world.add_party(second, End::Phone(phone), extension, State::LCS_CONNECT);
        if let Some(party) = self.world.party_mut(hidden) {
            // Nobody talks by it, so that no statistics count it.
            (party.is_hidden, party.talking_since) = (true, None);
        }
        match destination {
            Destination::Phone(other) => {
                self.ring(second, other, EventCause::CEC_TRANSFER);
            }
            Destination::Group(group) => self.enter_queue(second, group),
            _ => self.ring_outside(hidden, number, EventCause::CEC_TRANSFER),
        }
        let cause = if stays { EventCause::CEC_KEY_CONFERENCE } else { EventCause::CEC_REDIRECTED };
        self.join(phone, leg.0, second, stays, cause);
        true
    }

    /// Moves an alerting call from a phone to another device.
    pub(super) fn divert(&mut self, leg: Leg, number: &str, device_type: DeviceIdType, cause: EventCause) {
        self.tell_diverted(leg, (number, device_type), cause);
        // Taken before the party goes: the next device is told where the call came from.
        let from = self.world.party(leg).map(|party| (party.device.clone(), party.device_type()));
        if let Some(call) = self.world.calls.get_mut(&leg.0) {
            call.last_redirect = from;
        }
        self.take_out(leg, true);
        let destination = self.destination(number);
        match destination {
            Destination::Phone(phone) => {
                self.ring(leg.0, phone, EventCause::CEC_REDIRECTED);
            }
            Destination::Group(group) => self.enter_queue(leg.0, group),
            Destination::Outside => {
                let there = self.world.add_party(leg.0, End::Outside, number.to_owned(), State::LCS_ALERTING);
                self.plan(there);
                self.end_if_unwatched(leg.0);
            }
            Destination::Nowhere => self.end_if_unwatched(leg.0),
        }
    }

    /// A call between phones that nobody watches is nobody's business any more.
    fn end_if_unwatched(&mut self, call: CallId) {
        let entry = self.world.calls.get(&call);
        if entry.is_some_and(|call| !call.parties.iter().any(Party::is_leg)) {
            self.remove(call);
        }
    }

    /// What the events of a transfer or a conference say of the two calls.
    fn joined(&self, phone: PhoneKey, first: CallId, second: CallId, cause: EventCause) -> Option<Joined> {
        let other = self.world.calls.get(&second)?.parties.iter().find(|party| party.end != End::Phone(phone));
        Some(Joined {
            first,
            second,
            controller: self.world.phones[phone].extension.clone(),
            other: other.map(|party| party.device.clone()).unwrap_or_default(),
            other_type: other.map(Party::device_type).unwrap_or_default(),
            cause,
        })
    }

    /// All parties but that of `phone` go to the other call: which of them are legs there.
    fn move_parties(&mut self, phone: PhoneKey, from: CallId, to: CallId) -> Vec<PartyId> {
        let mut moved = Vec::new();
        let Some(source) = self.world.calls.get_mut(&from) else { return moved };
        let (stay, go): (Vec<_>, Vec<_>) = source.parties.drain(..).partition(|party| party.end == End::Phone(phone));
        source.parties = stay;
        let (promised, trunk) = (source.promised.take(), source.trunk);
        for mut party in go {
            let old = (from, party.id);
            let stamp = self.world.stamp();
            let Some(target) = self.world.calls.get_mut(&to) else { return moved };
            let new = (to, PartyId(target.next_party));
            target.next_party += 1;
            // A new stamp: plans that were made in the other call must not find the party here.
            (party.id, party.stamp, party.called) = (new.1, stamp, true);
            let end = party.end;
            if party.is_leg() {
                moved.push(party.id);
            }
            target.parties.push(party);
            if let End::Phone(phone) = end {
                self.world.phones[phone].legs.iter_mut().filter(|leg| **leg == old).for_each(|leg| *leg = new);
            }
            if let Some(listeners) = self.world.listeners.remove(&old) {
                for listener in &listeners {
                    if let Some(call) = self.world.calls.get_mut(listener) {
                        call.listens_to = Some(new);
                    }
                }
                self.world.listeners.insert(new, listeners);
            }
        }
        if let Some(agent) = promised {
            self.world.agents[agent].promised = Some(to);
            // The one that is noted goes by the old number.
            self.later(Duration::ZERO, Task::Deliver(to, agent));
        }
        if let Some(call) = self.world.calls.get_mut(&to) {
            call.promised = call.promised.or(promised);
            call.trunk = call.trunk.or(trunk);
        }
        moved
    }

    /// Whether a conference has room for the members of another call.
    pub(super) fn has_room(&self, first: CallId, second: usize) -> bool {
        let members = self.world.calls.get(&first).map_or(0, super::call::Call::members);
        members + second <= MAX_PARTIES
    }

    /// The client of a phone's agent has to do with the call from now on.
    fn note_client(&mut self, leg: Leg) {
        let Some(phone) = self.world.party(leg).and_then(Party::phone) else { return };
        // Monitors only look on.
        let session = self.world.phones[phone].receivers.iter().find(|receiver| receiver.monitor.is_none());
        let signature = session
            .and_then(|receiver| self.world.sessions.get(&receiver.session))
            .map(|session| session.signature.clone());
        let time = self.world.time().0;
        if let (Some(signature), Some(call)) = (signature, self.world.calls.get_mut(&leg.0))
            // As many as a message has room for.
            && call.clients.len() < 16
            && !call.clients.iter().any(|(known, _)| *known == signature)
        {
            call.clients.push((signature, time));
        }
    }

    /// A supervisor listens to a leg by a call of the supervisor's own.
    pub(super) fn listen(&mut self, phone: PhoneKey, target: Leg, role: Role) -> Leg {
        let (kind, cause) = match role {
            Role::Whisper => (CallType::CALLTYPE_SUPERVISOR_WHISPER, EventCause::CEC_SUPERVISOR_WHISPER),
            _ => (CallType::CALLTYPE_SUPERVISOR_MONITOR, EventCause::CEC_SUPERVISOR_MONITOR),
        };
        let call = self.world.new_call(kind);
        let extension = self.world.phones[phone].extension.clone();
        let number = self.world.party(target).map(|party| party.device.clone()).unwrap_or_default();
        if let Some(entry) = self.world.calls.get_mut(&call) {
            entry.data.ani.clone_from(&extension);
            entry.data.dialed_number = number;
            entry.listens_to = Some(target);
        }
        self.world.listeners.entry(target).or_default().push(call);
        let leg = self.world.add_party(call, End::Phone(phone), extension, State::LCS_INITIATE);
        if let Some(party) = self.world.party_mut(leg) {
            party.role = role;
        }
        self.tell_begin(leg);
        self.tell_service_initiated(leg, cause);
        self.world.set_state(leg, State::LCS_CONNECT);
        self.tell_originated(leg, cause);
        self.tell_established(call, leg.1, cause);
        self.tell_media(leg, true);
        self.settle_phone(phone);
        leg
    }

    /// A supervisor joins a call, in public.
    pub(super) fn barge_in(&mut self, phone: PhoneKey, target: Leg, role: Role) -> Leg {
        let cause = match role {
            Role::Intercept => EventCause::CEC_SUPERVISOR_INTERCEPT,
            _ => EventCause::CEC_SUPERVISOR_BARGE_IN,
        };
        let extension = self.world.phones[phone].extension.clone();
        let leg = self.world.add_party(target.0, End::Phone(phone), extension.clone(), State::LCS_CONNECT);
        if let Some(call) = self.world.calls.get_mut(&target.0) {
            call.kind = CallType::CALLTYPE_CONFERENCE;
            call.party_mut(leg.1).into_iter().for_each(|party| party.role = role);
        }
        self.tell_begin(leg);
        self.tell_established(target.0, leg.1, cause);
        let controller = self.world.party(target).map(|party| party.device.clone()).unwrap_or_default();
        let joined = Joined {
            first: target.0,
            second: target.0,
            controller,
            other: extension,
            other_type: DeviceIdType::DEVID_AGENT_DEVICE,
            cause,
        };
        for party in self.world.legs(target.0) {
            self.tell_conferenced(&joined, (target.0, party));
        }
        self.tell_media(leg, true);
        self.settle_phone(phone);
        leg
    }

    /// Brings the agent of a leg up to date.
    pub(super) fn settle_leg(&mut self, leg: Leg) {
        if let Some(phone) = self.world.party(leg).and_then(Party::phone) {
            self.settle_phone(phone);
        }
    }

    /// Brings the agents of a call up to date.
    pub(super) fn settle_legs(&mut self, call: CallId) {
        for party in self.world.legs(call) {
            self.settle_leg((call, party));
        }
    }

    /// Plans something that belongs to the present state of a party.
    pub(super) fn later_for(&mut self, leg: Leg, after: Duration, task: impl FnOnce(Leg, u64) -> Task) {
        if let Some(stamp) = self.world.party(leg).map(|party| party.stamp) {
            self.later(after, task(leg, stamp));
        }
    }
}
