//! Calls from outside, the voice portal, queues, and the choice of agents.

use std::time::Duration;

use cti_proto::value::{CallType, DeviceIdType, DispositionCode, EventCause, LocalConnectionState as State};

use super::call::{CallId, End, Ending, Leg};
use super::config::Day;
use super::floor::Floor;
use super::people::Rest;
use super::shown::Reason;
use super::sink::Sink;
use super::table::{AgentKey, GroupKey, Key as _};
use super::task::Task;

/// Share of the busiest hour, hour by hour, of the calls of an office.
const OFFICE_DAY: [f64; 24] = [
    0.04, 0.03, 0.02, 0.02, 0.03, 0.06, 0.15, 0.4, 0.75, 0.95, 1.0, 0.95, 0.7, 0.75, 0.85, 0.85, 0.75, 0.6, 0.4, 0.3,
    0.2, 0.15, 0.1, 0.06,
];

impl<S: Sink> Floor<'_, S> {
    /// Plans the next call from outside, as if it were the busiest hour.
    pub(super) fn plan_arrival(&mut self) {
        let rate = self.world.config.calls_per_hour / 3_600.0;
        if let Some(after) = self.world.random.until_next(rate) {
            self.later(after, Task::Arrive);
        }
    }

    /// A call comes from outside; where it is not the busiest hour, the more seldom.
    pub(super) fn arrive(&mut self) {
        self.plan_arrival();
        // Thinning: arrivals at the busiest rate, of which a share counts, are a Poisson process of the hour's rate.
        let share = match self.world.config.day {
            Day::Flat => 1.0,
            Day::Office { begins_at } => {
                let hours = self.world.now.since(super::agenda::Moment::default()).as_secs() / 3_600;
                OFFICE_DAY[(hours as usize + usize::from(begins_at)) % 24]
            }
        };
        if !self.world.is_online || share < 1.0 && !self.world.random.happens(share) {
            return;
        }
        self.world.counts.offered += 1;
        let group = GroupKey::of(self.world.random.below(self.world.groups.len()));
        let translated =
            self.world.random.happens(self.world.config.habits.translation_route) && self.world.has_controller;
        let kind = if translated { CallType::CALLTYPE_PREROUTE_ACD_IN } else { CallType::CALLTYPE_ACD_IN };
        let call = self.world.new_call(kind);
        self.fill(call, group, translated);
        if translated {
            self.tell_translation_route(call);
        }
        let caller = self.world.calls.get(&call).map(|call| call.data.ani.clone()).unwrap_or_default();
        self.world.add_party(call, End::Outside, caller, State::LCS_CONNECT);
        let leg = self.enter_portal(call, EventCause::CEC_NEW_CALL);
        self.tell_attributes(leg);
        let stay = self.world.random.span(self.world.config.habits.portal);
        self.later_for(leg, stay, Task::PortalDone);
        if let Some(patience) = self.world.config.habits.patience {
            // Nobody loses patience with the voice portal, whose length is not waiting.
            let patience = stay + self.world.random.span(patience);
            self.later(patience, Task::Abandon(call));
        }
    }

    /// What is known of a call from outside when it comes.
    fn fill(&mut self, call: CallId, group: GroupKey, translated: bool) {
        let ani = format!("206{}", self.world.random.digits(7));
        let key = translated.then(|| self.world.next_key());
        let dnis = self.world.groups[group].dnis.clone();
        let route_point = self.world.groups[group].route_point.clone();
        let language = ["en", "de", "fr", "es"][self.world.random.below(4)];
        let Some(entry) = self.world.calls.get_mut(&call) else { return };
        entry.group = Some(group);
        entry.trunk = Some(1 + call.0 % 192);
        entry.data.customer_phone = Some(ani.clone());
        (entry.data.ani, entry.data.dnis, entry.data.key) = (ani, dnis, key);
        entry.data.dialed_number = route_point;
        entry.data.set_named("user.Language", language);
    }

    /// The voice portal takes the call.
    fn enter_portal(&mut self, call: CallId, cause: EventCause) -> Leg {
        let (port, device) = self.world.take_port();
        let leg = self.world.add_party(call, port, device, State::LCS_CONNECT);
        self.tell_begin(leg);
        // A call that comes back was delivered already.
        if cause == EventCause::CEC_NEW_CALL {
            self.tell_delivered(call, None, cause);
        }
        self.tell_established(call, leg.1, cause);
        leg
    }

    /// The voice portal is done: the caller has entered what was asked for, and the call is routed.
    pub(super) fn portal_done(&mut self, leg: Leg) {
        let digits = self.world.random.digits(8).to_string();
        let key = match self.world.calls.get(&leg.0).map(|call| call.data.key) {
            Some(None) => Some(self.world.next_key()),
            Some(key) => key,
            None => return,
        };
        let account = self.world.random.digits(6);
        let segment = ["Gold", "Silver", "Basic"][self.world.random.below(3)];
        let Some(call) = self.world.calls.get_mut(&leg.0) else { return };
        call.data.key = key;
        call.data.variables[0] = Some(format!("Account {account}"));
        call.data.variables[1] = Some(segment.to_owned());
        call.data.variables[2] = Some(digits.clone());
        call.data.digits = digits;
        call.data.customer_account = Some(account.to_string());
        call.data.set_named("user.Segment", segment);
        call.data.set_named("user.CaseNumber", &format!("C{account}"));
        call.data.set_array("user.Order", 0, &format!("O{account}"));
        let group = call.group;
        self.tell_data(leg.0);
        if let Some(group) = group {
            let groups = self.groups_for(group);
            self.queue(leg, groups);
        }
    }

    /// The skill groups of a call for this one: some calls are for one or two more.
    fn groups_for(&mut self, group: GroupKey) -> Vec<GroupKey> {
        let count = self.world.groups.len();
        let more = match self.world.random.happens(self.world.config.habits.several_groups) {
            true => 1 + self.world.random.below(2),
            false => 0,
        };
        // The next ones in the row, so that none comes twice.
        let places = (0..=more.min(count - 1)).map(|place| GroupKey::of((group.row() + place) % count));
        places.collect()
    }

    /// A call comes to a route point from inside, or comes back to it.
    pub(super) fn enter_queue(&mut self, call: CallId, group: GroupKey) {
        if let Some(entry) = self.world.calls.get_mut(&call) {
            (entry.group, entry.other_group) = (Some(group), None);
        }
        // Calls from inside meet the router here for the first time.
        let has_key = self.world.calls.get(&call).is_some_and(|call| call.data.key.is_some());
        let key = if has_key { None } else { Some(self.world.next_key()) };
        if let (Some(key), Some(entry)) = (key, self.world.calls.get_mut(&call)) {
            entry.data.key = Some(key);
        }
        let leg = self.enter_portal(call, EventCause::CEC_REDIRECTED);
        self.settle_legs(call);
        self.queue(leg, vec![group]);
    }

    /// Gives a call to the agent who has been available longest, or lets it wait for one.
    pub(super) fn queue(&mut self, leg: Leg, groups: Vec<GroupKey>) {
        // The sets begin with who has been available longest, so that the least of all groups is who has it of all.
        let idle = groups.iter().filter_map(|group| self.world.groups[*group].idle.first().copied()).min();
        if let Some((_, agent)) = idle {
            return self.promise(leg.0, agent, &groups);
        }
        let now = self.world.now;
        for group in &groups {
            self.world.groups[*group].queue.insert((now, leg.0));
        }
        if let Some(call) = self.world.calls.get_mut(&leg.0) {
            call.queued = Some((groups, now));
            self.world.counts.queued += 1;
        }
        self.world.set_state(leg, State::LCS_QUEUED);
        self.tell_queued(leg);
    }

    /// Takes a call out of the queues, telling so if it goes on.
    pub(super) fn leave_queue(&mut self, call: CallId, is_answered: bool) {
        let Some(entry) = self.world.calls.get_mut(&call) else { return };
        let Some((groups, since)) = entry.queued.clone() else { return };
        for group in &groups {
            self.world.groups[*group].queue.remove(&(since, call));
            self.world.groups[*group].history.waited(self.world.now.since(since));
        }
        if is_answered {
            self.world.counts.waited += self.world.now.since(since).as_nanos() as u64 / 1_000_000;
        }
        // Told while `queued` still says which groups they were.
        let queued = self.world.calls.get(&call).into_iter().flat_map(|call| &call.parties);
        let leg = queued.clone().find(|party| party.state == State::LCS_QUEUED).map(|party| (call, party.id));
        if let Some(leg) = leg {
            self.world.set_state(leg, State::LCS_CONNECT);
            self.tell_dequeued(leg);
        }
        if let Some(entry) = self.world.calls.get_mut(&call) {
            entry.queued = None;
        }
    }

    /// A call that waits is the other one from now on.
    pub(super) fn move_queue(&mut self, from: CallId, to: CallId) {
        let Some(source) = self.world.calls.get_mut(&from) else { return };
        let group = source.group;
        let Some((groups, since)) = source.queued.take() else { return };
        for group in &groups {
            self.world.groups[*group].queue.remove(&(since, from));
            self.world.groups[*group].queue.insert((since, to));
        }
        if let Some(target) = self.world.calls.get_mut(&to) {
            target.queued = Some((groups, since));
            (target.group, target.other_group) = (group, None);
        }
    }

    /// The agent whom a call was promised to has gone: it looks for another one, or waits.
    pub(super) fn queue_again(&mut self, call: CallId) {
        let Some(entry) = self.world.calls.get_mut(&call) else { return };
        entry.other_group = None;
        let port = entry.parties.iter().find(|party| matches!(party.end, End::Port(_))).map(|party| party.id);
        if let (Some(port), Some(group)) = (port, entry.group) {
            self.queue((call, port), vec![group]);
        }
    }

    /// An agent has become available: the call that has waited longest is for this one.
    pub(super) fn serve(&mut self, agent: AgentKey) {
        let groups = &self.world.agents[agent].groups;
        let first = groups.iter().filter_map(|group| self.world.groups[*group].queue.first().copied()).min();
        let Some((_, call)) = first else { return };
        let queued = self.world.calls.get(&call).and_then(|call| call.queued.clone());
        self.promise(call, agent, &queued.map(|(groups, _)| groups).unwrap_or_default());
    }

    /// Reserves an agent for a call that is for these groups.
    fn promise(&mut self, call: CallId, agent: AgentKey, groups: &[GroupKey]) {
        // First of all: until then others could be given the same call.
        self.leave_queue(call, true);
        let own = &self.world.agents[agent].groups;
        let group = groups.iter().copied().find(|group| own.contains(group));
        if let Some(entry) = self.world.calls.get_mut(&call) {
            entry.promised = Some(agent);
            entry.other_group = group.filter(|group| entry.group != Some(*group));
        }
        self.world.agents[agent].promised = Some(call);
        self.tell_pre_call(call, agent);
        self.settle(agent);
        // Between the two the agent is reserved, and either side may still go away.
        let delay = self.world.random.span(self.world.config.habits.delivery);
        self.later(delay, Task::Deliver(call, agent));
    }

    /// The voice portal lets go of the call, and the phone of the agent rings.
    pub(super) fn deliver(&mut self, call: CallId, agent: AgentKey) {
        // The caller has hung up, or the agent was logged out, in between.
        if self.world.agents[agent].promised != Some(call) || !self.world.calls.contains_key(&call) {
            return;
        }
        let Some(phone) = self.world.agents[agent].phone else { return };
        let port = self.world.calls.get(&call).into_iter().flat_map(|call| &call.parties);
        let port = port.clone().find(|party| matches!(party.end, End::Port(_))).map(|party| (call, party.id));
        if let Some(port) = port {
            self.tell_connection_cleared(port, EventCause::CEC_REDIRECTED);
            let device = self.world.party(port).map(|party| (party.device.clone(), DeviceIdType::DEVID_CTI_PORT));
            if let Some(entry) = self.world.calls.get_mut(&call) {
                entry.last_redirect = device;
            }
            self.take_out(port, true);
        }
        self.world.agents[agent].promised = None;
        if let Some(entry) = self.world.calls.get_mut(&call) {
            entry.promised = None;
        }
        self.ring(call, phone, EventCause::CEC_NEW_CALL);
    }

    /// The agent has not answered: the call goes back to the queue, and the agent takes no more.
    pub(super) fn ring_no_answer(&mut self, leg: Leg) {
        let Some(call) = self.world.calls.get(&leg.0) else { return };
        // Private calls have no queue to go back to, whatever group they count for.
        let group = call.group.filter(|_| call.is_distributed());
        let agent = call.party(leg.1).and_then(super::call::Party::phone).and_then(|phone| self.world.agent_at(phone));
        let Some(group) = group else {
            // Who calls a colleague in vain hangs up.
            let ending = Ending::by(EventCause::CEC_CALL_NOT_ANSWERED);
            return self.hang_up(leg, ending);
        };
        if let Some(agent) = agent {
            // Before the call goes back: the same agent would get it again.
            self.world.agents[agent].rest = Rest::NotReady(Reason::NotAnswered);
        }
        let number = self.world.groups[group].route_point.clone();
        if let Some(call) = self.world.calls.get_mut(&leg.0) {
            // Nobody was reached: whoever answers later is the first.
            call.disposition = DispositionCode(0);
        }
        self.divert(leg, &number, DeviceIdType::DEVID_ROUTE_POINT, EventCause::CEC_CALL_NOT_ANSWERED);
    }

    /// A caller has lost patience, unless the call was answered.
    pub(super) fn abandon(&mut self, call: CallId) {
        let Some(entry) = self.world.calls.get(&call) else { return };
        let is_answered = entry.parties.iter().any(|party| {
            matches!(party.end, End::Phone(_)) && matches!(party.state, State::LCS_CONNECT | State::LCS_HOLD)
        });
        let Some(caller) = entry.caller().filter(|_| !is_answered).map(|caller| caller.id) else { return };
        let rings = entry.parties.iter().any(|party| party.state == State::LCS_ALERTING);
        let cause = if entry.queued.is_some() {
            EventCause::CECX_ABAND_LOCAL_QUEUE
        } else if rings {
            EventCause::CECX_ABAND_RING
        } else {
            EventCause::CECX_ABAND_DELAY
        };
        self.world.counts.abandoned += 1;
        self.end_call(call, caller, Ending::by(cause));
    }

    /// How long a call waits already.
    pub(super) fn waited(&self, call: CallId) -> Option<Duration> {
        let (_, since) = self.world.calls.get(&call)?.queued.as_ref()?;
        Some(self.world.now.since(*since))
    }
}
