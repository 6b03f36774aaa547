//! States of agents: what follows from their calls and from what they and their clients want.

use std::time::Duration;

use cti_proto::Product;
use cti_proto::message::FltSkillGroup;
use cti_proto::value::{
    AgentAvailabilityStatus, AgentMode, AgentState, CallDirection, CallType, LocalConnectionState, SystemEventId,
};

use super::agenda::Moment;
use super::call::{Call, CallId, Party, Role};
use super::floor::Floor;
use super::people::{Agent, Finished, FinishedKind, Rest};
use super::shown::{PRODUCTS, Reason, Shown};
use super::sink::Sink;
use super::statistics::{Counter, Sums};
use super::table::{AgentKey, GroupKey, PhoneKey};
use super::task::Task;
use super::world::World;

/// What an agent's calls and wishes add up to, as one of the products has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) state: AgentState,
    /// Since when that is the state.
    pub(super) since: Moment,
    pub(super) reason: Reason,
    /// Group of the call at hand, and where it goes.
    pub(super) group: Option<GroupKey>,
    pub(super) direction: CallDirection,
}

impl Standing {
    /// Before the first login.
    pub(super) const LOGGED_OUT: Self = Self {
        state: AgentState::AGENT_STATE_LOGOUT,
        since: Moment::ZERO,
        reason: Reason::NONE,
        group: None,
        direction: CallDirection::NONE,
    };

    /// Whether there is a call, or work after one.
    pub(super) fn is_busy(&self) -> bool {
        matches!(
            self.state,
            AgentState::AGENT_STATE_TALKING
                | AgentState::AGENT_STATE_HOLD
                | AgentState::AGENT_STATE_RESERVED
                | AgentState::AGENT_STATE_WORK_READY
                | AgentState::AGENT_STATE_WORK_NOT_READY
        )
    }

    /// Whether a call may be given to the agent.
    pub(super) fn is_idle(&self) -> bool {
        self.state == AgentState::AGENT_STATE_AVAILABLE
    }

    /// State in one of the groups.
    pub(super) fn state_in(&self, group: Option<GroupKey>) -> AgentState {
        // A call of no group counts for all groups alike.
        if self.is_busy() && self.group.is_some() && self.group != group {
            return AgentState::AGENT_STATE_BUSY_OTHER;
        }
        self.state
    }
}

impl Agent {
    /// Whether the agent is at a phone: that is what being logged in means here.
    pub(super) fn is_logged_in(&self) -> bool {
        self.phone.is_some()
    }
}

/// What messages about an agent's state say of tasks; Unified CCX has these fields reserved.
pub(super) struct Tasks {
    pub(super) number: u32,
    pub(super) mode: AgentMode,
    pub(super) limit: u32,
    pub(super) availability: AgentAvailabilityStatus,
}

impl Shown<'_> {
    /// What is said of an agent's tasks: with voice alone, there is one at most.
    pub(super) fn tasks(self, agent: &Agent) -> Tasks {
        if self.is_ccx() {
            let (mode, availability) = (AgentMode::NOT_ROUTABLE, AgentAvailabilityStatus::ICM_AVAILABLE);
            return Tasks { number: 0, mode, limit: 0, availability };
        }
        let availability = match agent.standing.is_idle() {
            true => AgentAvailabilityStatus::ICM_AVAILABLE,
            false => AgentAvailabilityStatus::NOT_AVAILABLE,
        };
        Tasks { number: u32::from(agent.standing.is_busy()), mode: AgentMode::ROUTABLE, limit: 1, availability }
    }

    /// What the agent's calls and wishes add up to now.
    fn situation(self, key: AgentKey) -> Standing {
        let agent = &self.agents[key];
        let before = self.standing(agent);
        // `since` is set right by `changed` where the state is the one before.
        let plain = |state, reason| Standing { state, reason, since: self.now, ..Standing::LOGGED_OUT };
        let Some(phone) = agent.phone else {
            // Nobody asks again why: the reason of the logout stays.
            return plain(AgentState::AGENT_STATE_LOGOUT, before.reason);
        };
        if let Some((call, party)) = self.foremost(phone) {
            let state = match party.state {
                LocalConnectionState::LCS_ALERTING => AgentState::AGENT_STATE_RESERVED,
                // Unified CCX has no state of its own for it.
                LocalConnectionState::LCS_HOLD if !self.is_ccx() => AgentState::AGENT_STATE_HOLD,
                _ => AgentState::AGENT_STATE_TALKING,
            };
            let group = call.skill_group().filter(|group| agent.groups.contains(group));
            let direction = direction(call, party);
            let standing = Standing { group, direction, ..plain(state, Reason::NONE) };
            if !self.is_ccx() || self.is_business(call) {
                return standing;
            }
            // Unified CCX knows talking for business calls only.
            return Standing { state: AgentState::AGENT_STATE_NOT_READY, reason: Reason::OtherCall, ..standing };
        }
        if let Some(call) = agent.promised.and_then(|call| self.calls.get(&call)) {
            let group = call.skill_group().filter(|group| agent.groups.contains(group));
            let reserved = plain(AgentState::AGENT_STATE_RESERVED, Reason::NONE);
            return Standing { group, direction: CallDirection::IN, ..reserved };
        }
        // Work is that of the group whose call it follows, and the call is gone already.
        let work = |state| Standing { group: before.group, ..plain(state, Reason::NONE) };
        match (agent.is_working, agent.rest) {
            (true, Rest::Ready) if !self.is_ccx() => work(AgentState::AGENT_STATE_WORK_READY),
            (true, _) => work(AgentState::AGENT_STATE_WORK_NOT_READY),
            (false, Rest::Ready) => plain(AgentState::AGENT_STATE_AVAILABLE, Reason::NONE),
            (false, Rest::NotReady(reason)) => plain(AgentState::AGENT_STATE_NOT_READY, reason),
        }
    }

    /// The call of a phone that its agent is busiest with: one that is talked, else held, else offered.
    fn foremost(&self, phone: PhoneKey) -> Option<(&Call, &Party)> {
        // The lowest wins. A private call that rings reserves nobody, and one that is over counts for nothing.
        let rank = |call: &Call, party: &Party| match party.state {
            LocalConnectionState::LCS_HOLD => Some(1),
            LocalConnectionState::LCS_ALERTING if self.is_business(call) => Some(2),
            LocalConnectionState::LCS_ALERTING | LocalConnectionState::LCS_NULL => None,
            _ => Some(0),
        };
        let legs = self.phones[phone].legs.iter();
        let calls = legs.filter_map(|leg| {
            let call = self.calls.get(&leg.0)?;
            let party = call.party(leg.1)?;
            Some((rank(call, party)?, call, party))
        });
        calls.min_by_key(|(rank, ..)| *rank).map(|(_, call, party)| (call, party))
    }

    /// Whether a call is one that agents are reserved for: that of a group, and on Unified CCX a consultation too.
    fn is_business(self, call: &Call) -> bool {
        call.group.is_some() || self.is_ccx() && call.kind == CallType::CALLTYPE_CONSULT
    }

    /// The agent's groups, with the state in each.
    pub(super) fn flt_skill_groups(self, agent: AgentKey) -> Vec<FltSkillGroup> {
        let agent = &self.agents[agent];
        let groups = agent.groups.iter().map(|group| {
            let [.., number, id] = self.numbers(Some(*group));
            FltSkillGroup { number, id, priority: 0, state: self.standing(agent).state_in(Some(*group)) }
        });
        groups.collect()
    }

    /// What will follow the agent's state, if that is known; else 0xffff.
    pub(super) fn next_state(self, agent: &Agent) -> AgentState {
        match self.standing(agent).state {
            AgentState::AGENT_STATE_TALKING | AgentState::AGENT_STATE_HOLD if agent.work_asked => {
                AgentState::AGENT_STATE_WORK_NOT_READY
            }
            AgentState::AGENT_STATE_WORK_READY => AgentState::AGENT_STATE_AVAILABLE,
            AgentState::AGENT_STATE_WORK_NOT_READY => match agent.rest {
                Rest::Ready => AgentState::AGENT_STATE_AVAILABLE,
                Rest::NotReady(_) => AgentState::AGENT_STATE_NOT_READY,
            },
            // From other states it goes where calls and clients lead.
            _ => AgentState(u16::MAX),
        }
    }
}

impl World {
    /// Adds the time since the last change to the counters of the agent and of the groups.
    pub(super) fn accrue(&mut self, key: AgentKey) {
        let now = self.now;
        let agent = &mut self.agents[key];
        let passed = now.since(agent.accrued);
        agent.accrued = now;
        // The time away is nobody's: `accrued` has moved on without it.
        if !agent.is_logged_in() || passed.is_zero() {
            return;
        }
        let own = match agent.standing.state {
            AgentState::AGENT_STATE_AVAILABLE => Some(Counter::Avail),
            AgentState::AGENT_STATE_NOT_READY => Some(Counter::NotReady),
            _ => None,
        };
        let accrue = |sums: &mut Sums| {
            sums.add(Counter::LoggedOn, passed);
            own.into_iter().for_each(|counter| sums.add(counter, passed));
        };
        accrue(&mut agent.session_sums);
        accrue(&mut agent.today);
        for group in &agent.groups {
            accrue(&mut self.groups[*group].history.today);
        }
    }
}

/// Where a call goes, seen from the agent.
fn direction(call: &Call, party: &Party) -> CallDirection {
    match call.kind {
        // First, since a transferred call may be of any kind.
        _ if call.is_acd_in() => CallDirection::IN,
        CallType::CALLTYPE_OUT | CallType::CALLTYPE_AGENT_OUT => CallDirection::OUT,
        CallType::CALLTYPE_AUTO_OUT => CallDirection::OUTBOUND_PREDICTIVE,
        _ if party.called => CallDirection::OTHER_IN,
        _ => CallDirection::OTHER_OUT,
    }
}

impl<S: Sink> Floor<'_, S> {
    /// Brings the agent's state up to date, and tells of it whom it has changed for.
    pub(super) fn settle(&mut self, key: AgentKey) {
        let [cce, ccx] = PRODUCTS.map(|product| self.changed(key, product));
        if let Some((_, standing)) = ccx {
            self.world.agents[key].ccx = standing;
        }
        // What follows goes by the rules of Unified CCE, so that nothing does where it sees no change.
        let Some((before, standing)) = cce else {
            return self.tell_change(key, Product::Ccx, ccx);
        };
        self.world.accrue(key);
        let stamp = self.world.stamp();
        let agent = &mut self.world.agents[key];
        for group in agent.groups.iter().filter(|_| before.is_idle()) {
            self.world.groups[*group].idle.remove(&(before.since, key));
        }
        // A change of reason or group alone drops no plan: whoever is on a break stays on it.
        let is_new = standing.state != before.state;
        if is_new {
            agent.stamp = stamp;
        }
        agent.standing = standing;
        for group in agent.groups.iter().filter(|_| standing.is_idle()) {
            self.world.groups[*group].idle.insert((standing.since, key));
        }
        // Told before anything follows, so that clients hear of it in the order in which it happens.
        self.tell_change(key, Product::Cce, cce);
        self.tell_change(key, Product::Ccx, ccx);
        if !standing.is_busy() {
            self.count_finished(key);
        }
        if is_new {
            self.plan_agent(key);
        }
        if standing.is_idle() {
            self.serve(key);
        }
    }

    /// What an agent's standing with a product was and is, if the two differ.
    fn changed(&self, key: AgentKey, product: Product) -> Option<(Standing, Standing)> {
        let shown = self.world.shown(product);
        let before = shown.standing(&self.world.agents[key]);
        let mut standing = shown.situation(key);
        // Another reason or group is no new beginning.
        if standing.state == before.state {
            standing.since = before.since;
        }
        (standing != before).then_some((before, standing))
    }

    /// Tells the sessions of a product, if they can see a difference.
    fn tell_change(&mut self, key: AgentKey, product: Product, change: Option<(Standing, Standing)>) {
        let differs = |(before, now): &(Standing, Standing)| {
            before.state != now.state || before.reason.code(product) != now.reason.code(product)
        };
        if change.as_ref().is_some_and(differs) {
            self.tell_agent(key, Some(product));
        }
    }

    /// The same for whoever is logged in at a phone.
    pub(super) fn settle_phone(&mut self, phone: PhoneKey) {
        if let Some(agent) = self.world.agent_at(phone) {
            self.settle(agent);
        }
    }

    /// An agent has left a call, which is still there.
    pub(super) fn leave(&mut self, key: AgentKey, call: &Call, party: &Party) {
        let now = self.world.now;
        let agent = &mut self.world.agents[key];
        let has_talked = party.talking_since.is_some();
        if let Some(since) = party.talking_since {
            let kind = match (party.role, call.kind) {
                (Role::Monitor, _) => FinishedKind::Supervision(Counter::Monitor),
                (Role::Whisper, _) => FinishedKind::Supervision(Counter::Whisper),
                (Role::BargeIn, _) => FinishedKind::Supervision(Counter::BargeIn),
                (Role::Intercept, _) => FinishedKind::Supervision(Counter::Intercept),
                (Role::Member, CallType::CALLTYPE_AUTO_OUT) => FinishedKind::AutoOut,
                (Role::Member, CallType::CALLTYPE_OUT | CallType::CALLTYPE_AGENT_OUT) => FinishedKind::Out,
                (Role::Member, CallType::CALLTYPE_EMERGENCY) => FinishedKind::Supervision(Counter::Emergency),
                (Role::Member, _) if call.is_acd_in() => FinishedKind::In,
                (Role::Member, _) if party.called => FinishedKind::InternalRcvd,
                (Role::Member, _) => FinishedKind::Internal,
            };
            let held = party.held + party.held_since.map_or(Duration::ZERO, |since| now.since(since));
            let held = party.was_held.then_some(held);
            agent.finished.push(Finished { kind, group: call.skill_group(), talk: now.since(since), held });
        }
        // The leg that is left is still among them.
        let is_last = agent.phone.is_none_or(|phone| self.world.phones[phone].legs.len() <= 1);
        let works = has_talked
            && self.world.config.habits.work.is_some()
            && call.is_distributed()
            && party.role == Role::Member;
        if is_last && agent.is_logged_in() && (works || agent.work_asked) {
            agent.is_working = true;
            agent.work_asked = false;
            agent.work_began = now;
            agent.has_wrapup = call.data.wrapup.is_some();
        }
    }

    /// Calls count once after-call work is over.
    fn count_finished(&mut self, key: AgentKey) {
        let finished = std::mem::take(&mut self.world.agents[key].finished);
        let work = self.world.now.since(self.world.agents[key].work_began);
        let last = finished.len().saturating_sub(1);
        for (place, call) in finished.iter().enumerate() {
            let worked = place == last && self.world.agents[key].work_began > Moment::ZERO;
            // Work of zero length has not begun: `work_began` is zero where there was none.
            let after = if worked { work } else { Duration::ZERO };
            let agent = &mut self.world.agents[key];
            count(&mut agent.session_sums, call, after);
            count(&mut agent.today, call, after);
            // Private calls count for the agent's first group: every call is some group's.
            let group = call.group.or(agent.groups.first().copied());
            if let Some(group) = group {
                count(&mut self.world.groups[group].history.today, call, after);
            }
        }
        self.world.agents[key].work_began = Moment::ZERO;
    }

    /// Logs an agent in at a phone that is free.
    pub(super) fn log_in(&mut self, key: AgentKey, phone: PhoneKey) {
        let now = self.world.now;
        let agent = &mut self.world.agents[key];
        agent.phone = Some(phone);
        agent.rest = Rest::NotReady(Reason::LoggedOn);
        (agent.is_working, agent.work_asked, agent.promised) = (false, false, None);
        (agent.logged_in_at, agent.accrued) = (now, now);
        agent.session_sums = Sums::default();
        agent.finished.clear();
        // Sessions that named the agent alone get the events of this phone from now on.
        let watchers = agent.watchers.clone();
        self.world.phones[phone].agent = Some(key);
        for watcher in watchers {
            self.bind_phone(watcher, phone);
        }
        self.settle(key);
    }

    /// Logs an agent out; calls at the phone go on without.
    pub(super) fn log_out(&mut self, key: AgentKey, reason: Reason) {
        self.world.accrue(key);
        let Some(phone) = self.world.agents[key].phone else { return };
        self.count_finished(key);
        let (now, stamp) = (self.world.now, self.world.stamp());
        let agent = &mut self.world.agents[key];
        agent.rest = Rest::NotReady(Reason::NONE);
        (agent.is_working, agent.work_asked) = (false, false);
        let before = agent.standing;
        for group in agent.groups.iter().filter(|_| before.is_idle()) {
            self.world.groups[*group].idle.remove(&(before.since, key));
        }
        agent.standing = Standing { since: now, reason, ..Standing::LOGGED_OUT };
        (agent.ccx, agent.stamp) = (agent.standing, stamp);
        // The events are told while the phone still leads to those who watch it.
        self.tell_agent(key, None);
        let promised = self.world.agents[key].promised;
        if let Some(call) = promised {
            self.promise_broken(call, key);
        }
        let agent = &mut self.world.agents[key];
        (agent.phone, agent.terminal, agent.greets) = (None, None, agent.has_greeting);
        self.world.phones[phone].agent = None;
        self.release_driver(key);
        self.plan_agent(key);
        // Last, when nothing leads to this agent any more: the call may go to another one at once.
        if let Some(call) = promised {
            self.queue_again(call);
        }
    }

    /// A minute is over: the windows of the statistics go on.
    pub(super) fn minute(&mut self) {
        let seconds = self.world.time().0;
        // This runs once a minute, wherever in the minute the simulation began.
        let begins = |length: u32| seconds % length < 60;
        let keys: Vec<_> = self.world.agents.keys().collect();
        for key in keys {
            self.world.accrue(key);
            if begins(86_400) {
                self.world.agents[key].today = Sums::default();
            }
        }
        for group in self.world.groups.iter_mut() {
            if begins(86_400) {
                group.history.midnight();
            }
            group.history.minute(begins(1_800));
        }
        if begins(1_800) {
            self.tell_system_in(Product::Cce, SystemEventId::SYS_HALF_HOUR_CHANGE);
        }
        self.later(Duration::from_secs(60), Task::Minute);
    }

    /// A call that an agent was to get does not come.
    pub(super) fn promise_broken(&mut self, call: CallId, key: AgentKey) {
        self.tell_pre_call_abort(call, key);
        if let Some(call) = self.world.calls.get_mut(&call) {
            call.promised = None;
        }
        self.world.agents[key].promised = None;
    }
}

/// Adds a finished call to the counters of its kind; `after` is the work that followed it.
fn count(sums: &mut Sums, call: &Finished, after: Duration) {
    use Counter as C;
    let held = call.held.unwrap_or_default();
    let is_held = call.held.is_some();
    let (calls, talk, time, held_calls, held_time) = match call.kind {
        FinishedKind::In => (C::Handled, Some(C::HandledTalk), Some(C::HandledTime), C::InHeld, C::InHeldTime),
        FinishedKind::Out => (C::OutCalls, Some(C::OutTalk), Some(C::OutTime), C::OutHeld, C::OutHeldTime),
        FinishedKind::AutoOut => {
            (C::AutoOut, Some(C::AutoOutTalk), Some(C::AutoOutTime), C::AutoOutHeld, C::AutoOutHeldTime)
        }
        FinishedKind::Internal => (C::Internal, None, Some(C::InternalTime), C::InternalHeld, C::InternalHeldTime),
        FinishedKind::InternalRcvd => {
            (C::InternalRcvd, None, Some(C::InternalRcvdTime), C::InternalHeld, C::InternalHeldTime)
        }
        FinishedKind::Supervision(counter) => return sums.count(counter),
    };
    sums.count(calls);
    talk.into_iter().for_each(|counter| sums.add(counter, call.talk));
    time.into_iter().for_each(|counter| sums.add(counter, call.talk + after));
    if call.kind == FinishedKind::In {
        sums.add(C::HandledAfter, after);
    }
    if is_held {
        sums.count(held_calls);
        sums.add(held_time, held);
    }
}
