//! What agents and callers do whom no client drives.
//!
//! An agent is driven by a client from the first request of the client's that changes the agent's state or handles a
//! call at the agent's phone, until the client logs the agent out or the client's session ends. A driven agent answers,
//! holds, hangs up, works and rests only as told; what remains is that a phone stops ringing after a while, that
//! after-call work ends with its timer, and that callers do not stay on the line for more than half an hour.

use std::time::Duration;

use cti_proto::value::{AgentState, CallType, EventCause, InvocationType, LocalConnectionState as State};

use super::call::{CallId, End, Ending, Leg, Party};
use super::floor::Floor;
use super::people::Rest;
use super::random::Span;
use super::shown::Reason;
use super::sink::{SessionId, Sink};
use super::table::{AgentKey, Key as _};
use super::talk::Dial;
use super::task::Task;

/// How long callers stay on the line with an agent who is driven.
const LONGEST_CALL: Duration = Duration::from_secs(1_800);
/// After-call work of a driven agent: the timer of the desk settings.
const WORK_TIMER: Duration = Duration::from_secs(120);
/// Time until an agent whom a client has logged out comes back.
const AWAY: Duration = Duration::from_secs(900);
/// How long an agent listens to the busy tone.
const BUSY_TONE: Duration = Duration::from_secs(3);
/// How long anybody lets it ring elsewhere, or waits to be let through.
const GIVE_UP: Duration = Duration::from_secs(60);
/// How long a colleague is asked, before it is decided what comes of it.
pub(super) const CONSULT: Span = Span::Uniform(Duration::from_secs(5), Duration::from_secs(25));
/// How long a call is held.
pub(super) const HOLD: Span = Span::Uniform(Duration::from_secs(5), Duration::from_secs(40));
/// How long an agent takes to be ready after the login or an unanswered call.
const SETTLE_IN: Span = Span::Uniform(Duration::from_secs(1), Duration::from_secs(15));
/// Share of after-call work that a break follows at once.
pub(super) const BREAK_AFTER_WORK: f64 = 0.02;

impl<S: Sink> Floor<'_, S> {
    /// Plans what happens next at a device, as things stand; earlier plans for it are dropped.
    pub(super) fn plan(&mut self, leg: Leg) {
        let stamp = self.world.stamp();
        let Some(party) = self.world.party_mut(leg) else { return };
        party.stamp = stamp;
        let (state, end) = (party.state, party.end);
        match (end, state) {
            (End::Outside, State::LCS_ALERTING) => self.plan_outside(leg),
            (End::Phone(_), State::LCS_ALERTING) => self.plan_answer(leg),
            (End::Phone(_), State::LCS_CONNECT) => self.plan_talk(leg),
            (End::Phone(_), State::LCS_HOLD) => self.plan_retrieve(leg),
            // A predictive call that reached nobody.
            (End::Port(_), State::LCS_FAIL) => self.later_for(leg, BUSY_TONE, Task::HangUp),
            (End::Port(_), State::LCS_CONNECT) if self.is_predictive(leg.0) => {
                self.later_for(leg, GIVE_UP, Task::HangUp);
            }
            (End::Phone(_), State::LCS_FAIL) => {
                // A client gets time to see the failure and to hang up itself.
                let after = if self.is_driven(leg) { 10 * BUSY_TONE } else { BUSY_TONE };
                self.later_for(leg, after, Task::HangUp);
            }
            _ => {}
        }
    }

    /// Plans for all devices of a call but those that ring.
    pub(super) fn plan_all(&mut self, call: CallId) {
        for party in self.world.legs(call) {
            let rings = self.world.party((call, party)).is_some_and(|party| party.state == State::LCS_ALERTING);
            if !rings {
                self.plan((call, party));
            }
        }
    }

    /// Plans for all parties of a call, wherever they are.
    pub(super) fn plan_anew(&mut self, call: CallId) {
        let parties = self.world.calls.get(&call).map_or(&[][..], |call| &call.parties);
        let parties: Vec<_> = parties.iter().map(|party| party.id).collect();
        for party in parties {
            self.plan((call, party));
        }
    }

    /// Plans for the calls that an agent still has.
    pub(super) fn plan_remaining(&mut self, agent: AgentKey) {
        let Some(phone) = self.world.agents[agent].phone else { return };
        for leg in self.world.phones[phone].legs.clone() {
            // A call on hold waited for the one that is over; the others have their plans.
            if self.world.party(leg).is_some_and(|party| party.state == State::LCS_HOLD) {
                self.plan(leg);
            }
        }
    }

    /// When somebody outside answers.
    fn plan_outside(&mut self, leg: Leg) {
        // No plan for the others: whoever called gives up.
        let answers = self.world.party(leg).is_some_and(|party| !party.device.ends_with("0001"));
        if answers {
            let after = self.world.random.span(self.world.config.habits.answer);
            self.later_for(leg, after, Task::OutsideAnswers);
        }
    }

    /// Whether and when a phone is answered; in any case it stops ringing at some time.
    fn plan_answer(&mut self, leg: Leg) {
        let habits = self.world.config.habits;
        self.later_for(leg, habits.ring_no_answer, Task::RingNoAnswer);
        let answers = self.agent_of(leg).is_some_and(|agent| self.world.agents[agent].driver.is_none());
        if answers && !self.world.random.happens(habits.no_answer) {
            let after = self.world.random.span(habits.answer);
            self.later_for(leg, after, Task::Answer);
        }
    }

    /// What comes of a call that is talked, and when.
    fn plan_talk(&mut self, leg: Leg) {
        let Some(call) = self.world.calls.get(&leg.0) else { return };
        let others = call.parties.iter().filter(|party| party.id != leg.1);
        // The voice portal is nobody to talk with.
        let is_through = others.clone().any(|party| {
            matches!(party.state, State::LCS_CONNECT | State::LCS_HOLD) && !matches!(party.end, End::Port(_))
        });
        if !is_through {
            let after = if self.is_driven(leg) { LONGEST_CALL } else { GIVE_UP };
            return self.later_for(leg, after, Task::HangUp);
        }
        if self.is_driven(leg) || self.agent_of(leg).is_none() {
            return self.later_for(leg, LONGEST_CALL, Task::HangUp);
        }
        let (consults, may_twist) = (call.consults_for.is_some(), call.is_acd_in());
        if consults {
            let leads = call.party(leg.1).is_some_and(|party| !party.called);
            // Only who consults decides; the other one stays as long as that takes.
            let after = if leads { self.world.random.span(CONSULT) } else { LONGEST_CALL };
            return self.later_for(leg, after, Task::Conclude);
        }
        let habits = self.world.config.habits;
        let left = call.party(leg.1).and_then(|party| party.left);
        let talk = left.unwrap_or_else(|| self.world.random.span(habits.talk));
        // One twist a call, and `left` tells that it was.
        let twists = left.is_none()
            && may_twist
            && self.world.random.happens(habits.hold + habits.consult + habits.blind_transfer);
        if !twists {
            return self.later_for(leg, talk, Task::HangUp);
        }
        if let Some(party) = self.world.party_mut(leg) {
            party.left = Some(talk / 2);
        }
        self.later_for(leg, talk / 2, Task::Twist);
    }

    /// When a held call is taken again.
    fn plan_retrieve(&mut self, leg: Leg) {
        let phone = self.world.party(leg).and_then(Party::phone);
        let has_other = phone.is_some_and(|phone| self.world.phones[phone].legs.len() > 1);
        // It comes back when the other call of the phone is over: see `plan_remaining`.
        if has_other || self.is_driven(leg) {
            return;
        }
        let after = self.world.random.span(HOLD);
        self.later_for(leg, after, Task::Retrieve);
    }

    /// An agent answers, unless another call has come in between.
    pub(super) fn answer_by_habit(&mut self, leg: Leg) {
        let busy = self.world.party(leg).and_then(Party::phone).is_some_and(|phone| self.active_leg(phone).is_some());
        if !busy {
            self.answer(leg);
        }
    }

    /// An agent takes a held call again.
    pub(super) fn retrieve_by_habit(&mut self, leg: Leg) {
        self.retrieve(leg, EventCause::CEC_NONE);
    }

    /// The network records a call by itself, which fails now and then.
    pub(super) fn record_by_habit(&mut self, leg: Leg) {
        if self.world.random.happens(self.world.config.habits.recording_fails) {
            return self.tell_recording_failed(leg);
        }
        self.begin_recording(leg, InvocationType::SILENT_RECORDING);
    }

    /// Half of the calls from outside are ended by the caller.
    pub(super) fn hang_up_by_habit(&mut self, leg: Leg) {
        let ending = Ending::hung_up();
        let Some(call) = self.world.calls.get(&leg.0) else { return };
        let customer = call.parties.iter().find(|party| party.end == End::Outside).map(|party| (leg.0, party.id));
        let is_plain = call.parties.len() == 2;
        match customer {
            // Nobody hangs up for a driven agent: it is the caller who does not stay any longer.
            Some(customer) if is_plain && (self.is_driven(leg) || self.world.random.happens(0.5)) => {
                self.hang_up(customer, ending);
            }
            _ => self.hang_up(leg, ending),
        }
    }

    /// In the middle of a call: hold, ask a colleague, or send it on.
    pub(super) fn twist(&mut self, leg: Leg) {
        let habits = self.world.config.habits;
        let consult = habits.consult / (habits.hold + habits.consult + habits.blind_transfer);
        let blind = habits.blind_transfer / (habits.hold + habits.consult + habits.blind_transfer);
        if self.world.random.happens(consult) {
            return self.consult_by_habit(leg);
        }
        // The chance among what is left; where all twists are consultations, nothing is.
        if self.world.random.happens(blind / (1.0 - consult).max(1e-9)) {
            let group = super::table::GroupKey::of(self.world.random.below(self.world.groups.len()));
            let number = self.world.groups[group].route_point.clone();
            if !self.send_on(leg, &number, false) {
                self.plan(leg);
            }
            return;
        }
        self.hold(leg, EventCause::CEC_NONE);
    }

    /// An agent asks a colleague, if one is free; else the call goes on.
    fn consult_by_habit(&mut self, leg: Leg) {
        let phone = self.world.party(leg).and_then(Party::phone);
        let colleague = self.idle_colleague();
        let (Some(phone), Some(number)) = (phone, colleague) else { return self.plan(leg) };
        self.consult(leg, phone, &number, None);
    }

    /// Puts a call on hold and asks somebody else about it.
    pub(super) fn consult(
        &mut self,
        leg: Leg,
        phone: super::table::PhoneKey,
        number: &str,
        data: Option<super::call::CallData>,
    ) -> Leg {
        let original = self.world.calls.get(&leg.0).map(|call| call.data.clone()).unwrap_or_default();
        self.hold(leg, EventCause::CEC_CONSULT);
        self.dial(
            phone,
            Dial {
                kind: CallType::CALLTYPE_CONSULT,
                number,
                data: data.unwrap_or(original),
                group: None,
                consults_for: Some(leg.0),
                cause: EventCause::CEC_CONSULT,
            },
        )
    }

    /// The extension of somebody who is available.
    fn idle_colleague(&mut self) -> Option<String> {
        let start = self.world.random.below(self.world.groups.len());
        let count = self.world.groups.len();
        // A few are enough: where nobody is free in any, the agent goes on alone.
        let groups = (0..count.min(16)).map(|place| super::table::GroupKey::of((start + place) % count));
        let idle = groups.filter_map(|group| self.world.groups[group].idle.first().copied()).next();
        let phone = self.world.agents[idle?.1].phone?;
        Some(self.world.phones[phone].extension.clone())
    }

    /// What a consultation comes to: a transfer, a conference, or nothing.
    pub(super) fn conclude(&mut self, leg: Leg) {
        let ending = Ending::hung_up();
        let Some((origin, phone)) = self.world.calls.get(&leg.0).and_then(|call| call.consults_for) else { return };
        let held = self.world.phones[phone].legs.iter().copied().find(|leg| leg.0 == origin);
        let is_held = held.and_then(|leg| self.world.party(leg)).is_some_and(|party| party.state == State::LCS_HOLD);
        // The colleague's leg of the same call has such a plan, too.
        let mine = self.world.party(leg).and_then(Party::phone) == Some(phone);
        if !is_held || !mine || !self.has_room(origin, 2) {
            return self.hang_up(leg, ending);
        }
        match self.world.random.below(4) {
            0 | 1 => self.join(phone, origin, leg.0, false, EventCause::CEC_TRANSFER),
            2 => self.join(phone, origin, leg.0, true, EventCause::CEC_KEY_CONFERENCE),
            _ => self.hang_up(leg, ending),
        }
    }

    /// The leg of a phone that is talked at or dialing.
    pub(super) fn active_leg(&self, phone: super::table::PhoneKey) -> Option<Leg> {
        let is_active = |leg: &Leg| {
            self.world.party(*leg).is_some_and(|party| {
                matches!(party.state, State::LCS_CONNECT | State::LCS_INITIATE | State::LCS_FAIL) && !party.is_hidden
            })
        };
        self.world.phones[phone].legs.iter().copied().find(is_active)
    }

    /// Plans what an agent does next, as the state is.
    pub(super) fn plan_agent(&mut self, key: AgentKey) {
        let stamp = self.world.stamp();
        self.world.agents[key].stamp = stamp;
        let agent = &self.world.agents[key];
        let (state, is_driven, rest) = (agent.standing.state, agent.driver.is_some(), agent.rest);
        let habits = self.world.config.habits;
        let task = match state {
            AgentState::AGENT_STATE_WORK_READY | AgentState::AGENT_STATE_WORK_NOT_READY if is_driven => {
                Some((WORK_TIMER, Task::WorkDone(key, stamp)))
            }
            // But for the timer of work, driven agents do nothing of their own.
            _ if is_driven => None,
            AgentState::AGENT_STATE_WORK_READY | AgentState::AGENT_STATE_WORK_NOT_READY => {
                let work = habits.work.unwrap_or(Span::Fixed(Duration::ZERO));
                Some((self.world.random.span(work), Task::WorkDone(key, stamp)))
            }
            AgentState::AGENT_STATE_LOGOUT => Some((AWAY, Task::LogIn(key, stamp))),
            AgentState::AGENT_STATE_NOT_READY => {
                let is_break = matches!(rest, Rest::NotReady(Reason::Code(1..=9)));
                let span = if is_break { habits.rest } else { SETTLE_IN };
                // Without breaks nothing may keep agents from work, so that the textbooks' figures come out.
                let span = if habits.between_breaks.is_none() { Span::Fixed(Duration::ZERO) } else { span };
                Some((self.world.random.span(span), Task::Return(key, stamp)))
            }
            AgentState::AGENT_STATE_AVAILABLE => {
                habits.between_breaks.map(|span| (self.world.random.span(span), Task::Break(key, stamp)))
            }
            _ => None,
        };
        if let Some((after, task)) = task {
            self.later(after, task);
        }
    }

    /// After-call work is over, by habit or by the timer.
    pub(super) fn work_done(&mut self, key: AgentKey, stamp: u64) {
        if self.world.agents[key].stamp != stamp {
            return;
        }
        self.world.agents[key].is_working = false;
        let breaks = self.world.config.habits.between_breaks.is_some() && self.world.agents[key].driver.is_none();
        if breaks && self.world.random.happens(BREAK_AFTER_WORK) {
            self.world.agents[key].rest = Rest::NotReady(self.break_reason());
        }
        self.settle(key);
    }

    /// A break begins.
    pub(super) fn take_break(&mut self, key: AgentKey, stamp: u64) {
        if self.world.agents[key].stamp == stamp {
            self.world.agents[key].rest = Rest::NotReady(self.break_reason());
            self.settle(key);
        }
    }

    /// Reasons 1 to 6 are breaks: coffee, lunch, meeting, training, paperwork, other.
    fn break_reason(&mut self) -> Reason {
        Reason::Code(1 + self.world.random.below(6) as u16)
    }

    /// A break is over, or what else kept an agent from work.
    pub(super) fn come_back(&mut self, key: AgentKey, stamp: u64) {
        if self.world.agents[key].stamp == stamp {
            self.world.agents[key].rest = Rest::Ready;
            self.settle(key);
        }
    }

    /// An agent comes in, or comes back after a logout.
    pub(super) fn log_in_by_habit(&mut self, key: AgentKey, stamp: u64) {
        let agent = &self.world.agents[key];
        if agent.stamp != stamp || agent.is_logged_in() {
            return;
        }
        let home = agent.home;
        if self.world.phones[home].agent.is_none() {
            self.log_in(key, home);
        } else {
            self.plan_agent(key);
        }
    }

    /// Somebody makes a call: a colleague is called, or somebody outside.
    pub(super) fn place_by_habit(&mut self, outside: bool) {
        self.plan_placing(outside);
        let key = AgentKey::of(self.world.random.below(self.world.agents.len()));
        let agent = &self.world.agents[key];
        // Who is not free makes no call instead: the rate is that of a quiet day.
        let is_free = agent.standing.is_idle() && agent.driver.is_none();
        let Some(phone) = agent.phone.filter(|_| is_free && self.world.is_online) else { return };
        let number = if outside {
            Some(format!("9425{}", self.world.random.digits(7)))
        } else {
            let other = AgentKey::of(self.world.random.below(self.world.agents.len()));
            let other = &self.world.agents[other];
            let is_free = other.standing.is_idle() && other.key != key;
            other.phone.filter(|_| is_free).map(|phone| self.world.phones[phone].extension.clone())
        };
        let Some(number) = number else { return };
        let kind = if outside { CallType::CALLTYPE_OUT } else { CallType::CALLTYPE_AGENT_INSIDE };
        self.dial(
            phone,
            Dial {
                kind,
                number: &number,
                data: super::call::CallData::default(),
                group: None,
                consults_for: None,
                cause: EventCause::CEC_NONE,
            },
        );
    }

    /// Plans the next call that anybody makes.
    pub(super) fn plan_placing(&mut self, outside: bool) {
        let habits = self.world.config.habits;
        let rate = if outside { habits.outbound_calls } else { habits.internal_calls };
        let rate = rate * self.world.agents.len() as f64 / 3_600.0;
        if let Some(after) = self.world.random.until_next(rate) {
            self.later(after, Task::PlaceCall { outside });
        }
    }

    /// The agent at a leg's phone.
    pub(super) fn agent_of(&self, leg: Leg) -> Option<AgentKey> {
        self.world.party(leg).and_then(Party::phone).and_then(|phone| self.world.agent_at(phone))
    }

    /// Whether a call was placed by a dialer.
    fn is_predictive(&self, call: CallId) -> bool {
        self.world.calls.get(&call).is_some_and(|call| call.kind == CallType::CALLTYPE_AUTO_OUT)
    }

    /// Whether the agent at a leg is driven by a client.
    fn is_driven(&self, leg: Leg) -> bool {
        self.agent_of(leg).is_some_and(|agent| self.world.agents[agent].driver.is_some())
    }

    /// A client takes an agent over.
    pub(super) fn drive(&mut self, key: AgentKey, session: SessionId) {
        // The first client keeps the agent: two that take turns would drop each other's plans.
        if self.world.agents[key].driver.is_some() {
            return;
        }
        self.world.agents[key].driver = Some(session);
        if let Some(session) = self.world.sessions.get_mut(&session) {
            session.drives.insert(key);
        }
        self.plan_everything(key);
    }

    /// The agent is left to habit again.
    pub(super) fn release_driver(&mut self, key: AgentKey) {
        let Some(driver) = self.world.agents[key].driver.take() else { return };
        if let Some(session) = self.world.sessions.get_mut(&driver) {
            session.drives.remove(&key);
        }
        self.plan_everything(key);
    }

    /// Plans anew by whom the agent is driven now.
    fn plan_everything(&mut self, key: AgentKey) {
        let phone = self.world.agents[key].phone;
        let legs = phone.map(|phone| self.world.phones[phone].legs.clone()).unwrap_or_default();
        for leg in legs {
            self.plan(leg);
        }
        self.plan_agent(key);
    }
}
