//! What a report does to the tables: who is meant, who is new, what is different, who leaves.

use crate::track::agent::entry::{Agent, AgentCall, AgentChanges, is_logged_in, key};
use crate::track::agent::group::MediaDomain;
use crate::track::agent::membership::{MemberEntry, Of, Such};
use crate::track::agent::report::{Doing, Who};
use crate::track::agent::{AgentTracker, VOICE_DOMAIN};
use crate::track::handle::Handle;
use crate::track::link::Link;
use crate::track::second::Second;
use crate::track::table::Entry as _;
use crate::track::text::Kept;
use crate::value::{AgentState, CallDirection, NULL_PERIPHERAL_ID};
use crate::wire::IS_FAST;

/// Losses of events, counted: everywhere, and at a few peripherals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Losses {
    /// The latest.
    latest: u16,
    everywhere: u16,
    at: [(u32, u16); 8],
}

impl Losses {
    pub(super) const NONE: Self = Self { latest: 0, everywhere: 0, at: [(NULL_PERIPHERAL_ID, 0); 8] };

    pub(super) const fn latest(&self) -> u16 {
        self.latest
    }

    #[cold]
    #[inline(never)]
    pub(super) fn everywhere(&mut self) {
        self.latest = self.latest.wrapping_add(1);
        self.everywhere = self.latest;
        self.at.fill((NULL_PERIPHERAL_ID, 0));
    }

    /// With more peripherals than are remembered, events are taken for lost everywhere.
    pub(super) fn at(&mut self, peripheral: u32) {
        self.latest = self.latest.wrapping_add(1);
        let known = self.at.iter().position(|(at, _)| *at == peripheral);
        let place = known.or_else(|| self.at.iter().position(|(at, _)| *at == NULL_PERIPHERAL_ID));
        match place.and_then(|place| self.at.get_mut(place)) {
            Some(place) => *place = (peripheral, self.latest),
            None => self.everywhere(),
        }
    }

    /// Whether events at a peripheral were lost since loss number `heard`.
    #[inline]
    pub(super) fn since(&self, peripheral: u32, heard: u16) -> bool {
        heard != self.latest && self.is_hit(peripheral, heard)
    }

    #[cold]
    #[inline(never)]
    fn is_hit(&self, peripheral: u32, heard: u16) -> bool {
        let is_later = |loss: u16| (1..1 << 15).contains(&loss.wrapping_sub(heard));
        is_later(self.everywhere) || self.at.iter().any(|(at, loss)| *at == peripheral && is_later(*loss))
    }
}

impl<const ID: usize> AgentTracker<'_, ID> {
    // ---- who ----------------------------------------------------------------------------------

    /// The agent with this login ID; without a peripheral the one with this skill target ID, if it is not 0, or the only one.
    pub(super) fn by_id(&self, peripheral: u32, id: &[u8], skill_target: i32) -> Option<Handle<Agent<ID>>> {
        if peripheral != NULL_PERIPHERAL_ID {
            return Some(self.seek(key::ID, id, Sought::at(peripheral))?.0);
        }
        let anywhere = Sought::at(NULL_PERIPHERAL_ID);
        if skill_target > 0
            && let Some((meant, _)) = self.seek(key::ID, id, Sought { skill_target, ..anywhere })
        {
            return Some(meant);
        }
        let (first, about) = self.seek(key::ID, id, anywhere)?;
        let other = self.seek(key::ID, id, Sought { not_at: Some(about.peripheral_id), ..anywhere });
        other.is_none().then_some(first)
    }

    /// The agent with this extension or instrument, whichever `key` is.
    pub(super) fn at_place(&self, key: usize, peripheral: u32, place: &[u8]) -> Option<Handle<Agent<ID>>> {
        Some(self.seek(key, place, Sought::at(peripheral))?.0)
    }

    /// The agent that has this text as its key.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    fn seek(&self, key: usize, text: &[u8], sought: Sought) -> Option<(Handle<Agent<ID>>, &Agent<ID>)> {
        self.agents.look_up(key, Agent::<ID>::hash_of(key, text), |agent| agent.has(key, text) && sought.is(agent))
    }

    /// The agent that is meant, if it is known.
    pub(super) fn whom(&self, who: &Who<'_>) -> Option<Handle<Agent<ID>>> {
        let by_id = self.by_id(who.peripheral, who.id, who.skill_target);
        let device = || {
            let by_extension = self.at_place(key::EXTENSION, who.peripheral, who.extension);
            by_extension.or_else(|| self.at_place(key::INSTRUMENT, who.peripheral, who.instrument))
        };
        // An agent at the device of whom the login ID was not said yet.
        let is_nameless = |found: &Handle<Agent<ID>>| self.agents.get(*found).is_some_and(|agent| agent.id.is_empty());
        by_id.or_else(|| device().filter(|found| who.id.is_empty() || is_nameless(found)))
    }

    /// The agent that is meant; taken up if it is not known and logged in, or is to be `listed`.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub(super) fn meet(
        &mut self,
        who: &Who<'_>,
        doing: &Doing,
        listed: bool,
        now: Second,
    ) -> Option<Handle<Agent<ID>>> {
        let known = self.as_known(who, doing.is_out());
        known.or_else(|| self.meet_anew(who, doing, listed, now))
    }

    /// The agent, if nothing that is said of who and where it is would be new: mostly nothing is.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    fn as_known(&self, who: &Who<'_>, is_out: bool) -> Option<Handle<Agent<ID>>> {
        if who.peripheral == NULL_PERIPHERAL_ID {
            return None;
        }
        let (agent, about) = self.seek(key::ID, who.id, Sought::at(who.peripheral))?;
        self.fetch(about);
        // Of whom something was heard since the latest loss, there is nothing stale.
        let is_heard = about.heard == self.losses.latest() && !about.displaced;
        (is_heard && about.is_said_to_be(who, is_out)).then_some(agent)
    }

    /// The same whatever is new: also that it is stale no longer.
    #[inline(never)]
    fn meet_anew(&mut self, who: &Who<'_>, doing: &Doing, listed: bool, now: Second) -> Option<Handle<Agent<ID>>> {
        let mut who = who.cut();
        let found = self.whom(&who).or_else(|| self.add(&who, doing, listed, now))?;
        if doing.is_out() {
            // Where an agent was that is logged out, another one may be by now.
            (who.extension, who.instrument) = (&[], &[]);
        }
        self.identify(found, &who);
        Some(found)
    }

    /// Has a processor that works ahead fetch the memberships of an agent, which will be asked for: of many agents, most
    /// are not in its caches.
    #[inline(always)]
    fn fetch(&self, agent: &Agent<ID>) {
        if IS_FAST {
            core::hint::black_box(self.members.get(agent.members).map(|member| member.agent));
        }
    }

    /// Takes an agent up, of whom it is then to be noted who it is.
    fn add(&mut self, who: &Who<'_>, doing: &Doing, listed: bool, now: Second) -> Option<Handle<Agent<ID>>> {
        if doing.is_out() && !listed {
            return None;
        }
        let is_ambiguous = self.seek(key::ID, who.id, Sought::at(who.peripheral)).is_some();
        if is_ambiguous || !who.is_named() {
            self.unidentified = self.unidentified.saturating_add(1);
            return None;
        }
        let Some(added) = self.agents.insert(Agent::EMPTY) else {
            self.agents.refuse();
            return None;
        };
        self.counts.add(doing.state);
        let latest = self.losses.latest();
        if let Some(agent) = self.agents.get_mut(added) {
            (agent.heard, agent.peripheral_id) = (latest, who.peripheral);
            (agent.state, agent.next_state) = (doing.state, AgentState(u16::MAX));
            (agent.event_reason_code, agent.entered) = (doing.reason.unwrap_or_default(), now.before(doing.duration));
        }
        self.agents.mark(added, AgentChanges::NEW | AgentChanges::IDENTITY | AgentChanges::STATE);
        Some(added)
    }

    /// Notes what is said of who the agent is, and that it was heard of.
    pub(super) fn identify(&mut self, agent: Handle<Agent<ID>>, who: &Who<'_>) {
        let Some(about) = self.agents.get(agent) else { return };
        let was_stale = self.is_stale(about);
        let is_other_extension = is_other(&about.extension, who.extension);
        let is_other_instrument = is_other(&about.instrument, who.instrument);
        // What the message does not say of a new place is not known of it.
        let moves =
            is_other_extension && !about.extension.is_empty() || is_other_instrument && !about.instrument.is_empty();
        if is_other_extension || is_other_instrument {
            self.displace(key::EXTENSION, who.peripheral, who.extension, agent);
            self.displace(key::INSTRUMENT, who.peripheral, who.instrument, agent);
        }
        self.settle(agent, who, moves);
        if let Some(about) = self.agents.get_mut(agent) {
            (about.heard, about.displaced) = (self.losses.latest(), false);
        }
        self.agents.mark(agent, when(was_stale, AgentChanges::STALE));
    }

    /// Whoever was at the place of `agent` is not there any more.
    fn displace(&mut self, key: usize, peripheral: u32, place: &[u8], agent: Handle<Agent<ID>>) {
        let Some(other) = self.at_place(key, peripheral, place).filter(|other| *other != agent) else { return };
        self.settle(other, &Who::NOBODY, true);
        if let Some(other) = self.agents.get_mut(other) {
            other.displaced = true;
        }
        self.agents.mark(other, AgentChanges::DEVICE | AgentChanges::CALL | AgentChanges::STALE);
    }

    /// Takes what is said of who and where the agent is. If it `moves`, it is not where it was before.
    #[inline(never)]
    fn settle(&mut self, agent: Handle<Agent<ID>>, who: &Who<'_>, moves: bool) {
        let what = self.agents.edit(agent, |agent| {
            let left = if moves { agent.leave_place() } else { AgentChanges::NONE };
            left | agent.identify(who)
        });
        self.agents.mark(agent, what.unwrap_or_default());
    }

    // ---- what ---------------------------------------------------------------------------------

    /// Notes what the agent does. The agent may leave by that; whether it is still there, and logged in.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    pub(super) fn apply(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) -> bool {
        let main = self.agents.get(agent).map(|agent| agent.mrdid);
        // Mostly it is about the main domain.
        if !doing.is_out() && (doing.domain == 0 || main == Some(doing.domain)) {
            self.set(agent, doing, now);
            return main.is_some() && is_logged_in(doing.state);
        }
        self.apply_to_any(agent, doing, now);
        self.agents.get_mut(agent).is_some_and(|agent| agent.is_logged_in())
    }

    #[inline(never)]
    fn apply_to_any(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) {
        let Some(about) = self.agents.get(agent) else { return };
        let (main, was_out) = (about.mrdid, !about.is_logged_in());
        if doing.domain != 0 && doing.domain != main {
            let is_first = main == 0 || was_out && !doing.is_out();
            if !is_first && (doing.domain != VOICE_DOMAIN || doing.is_out()) {
                if let Some(members) = self.extras.members {
                    (members.apply_beside)(self, agent, doing, now);
                }
                return;
            }
            if !is_first && let Some(members) = self.extras.members {
                (members.demote_main)(self, agent);
            }
            self.set_main(agent, doing.domain);
        }
        if let Some(members) = self.extras.members.filter(|_| doing.is_out()) {
            return (members.log_out)(self, agent, doing, now);
        }
        self.set(agent, doing, now);
        if doing.is_out() {
            self.end(agent);
        }
    }

    fn set_main(&mut self, agent: Handle<Agent<ID>>, domain: i32) {
        self.leave_such(agent, Such::Domain(domain));
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.mrdid = domain;
        }
        self.agents.mark(agent, AgentChanges::DOMAINS);
    }

    /// The main domain goes beside another one.
    pub(super) fn demote_main(&mut self, agent: Handle<Agent<ID>>) {
        if let Some(Agent { mrdid, state, tasks, entered, .. }) = self.agents.get(agent).copied() {
            self.join(agent, Of::Domain(MediaDomain { mrdid, state, tasks, entered }));
        }
    }

    /// The agent is logged out: of the main domain, if one is said and there is another, which becomes the main one; else
    /// altogether. Then it leaves, unless a team lists it.
    pub(super) fn log_out(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) {
        let other = self.member(agent, Link::NONE, |of| doing.domain != 0 && matches!(of, Of::Domain(_)));
        if let Some(other) = other {
            return self.promote(agent, other);
        }
        self.leave_such(agent, Such::NoTeam);
        self.set(agent, doing, now);
        let Some(about) = self.agents.get(agent) else { return };
        if about.members.is_none() {
            return self.end(agent);
        }
        let is_somewhere =
            [&about.extension, &about.instrument, &about.active_terminal].iter().any(|at| !at.is_empty());
        self.agents.edit(agent, Agent::clear_place);
        self.agents.mark(agent, when(is_somewhere, AgentChanges::DEVICE));
    }

    fn promote(&mut self, agent: Handle<Agent<ID>>, member: Link) {
        let Some(MemberEntry { of: Of::Domain(domain), .. }) = self.members.get(member).copied() else { return };
        self.leave(member);
        self.set_main(agent, domain.mrdid);
        let doing = Doing { reason: Some(0), tasks: Some(domain.tasks), ..Doing::plain(domain.state) };
        self.set(agent, &doing, domain.entered);
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.entered = domain.entered;
        }
    }

    /// What is said of a domain beside the main one.
    pub(super) fn apply_beside(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) {
        let mrdid = doing.domain;
        let known = self.member(agent, Link::NONE, |of| matches!(of, Of::Domain(domain) if domain.mrdid == mrdid));
        let (tasks, entered) = (doing.tasks.unwrap_or_default(), now.before(doing.duration));
        let said = MediaDomain { mrdid, state: doing.state, tasks, entered };
        match known {
            Some(member) if doing.is_out() => self.leave(member).unwrap_or_default(),
            Some(member) => self.set_beside(agent, member, said),
            None if doing.is_out() => {}
            None => self.join(agent, Of::Domain(said)).map(drop).unwrap_or_default(),
        }
    }

    fn set_beside(&mut self, agent: Handle<Agent<ID>>, member: Link, said: MediaDomain) {
        let Some(MemberEntry { of: Of::Domain(domain), .. }) = self.members.get_mut(member) else { return };
        let entered = if domain.state == said.state { domain.entered } else { said.entered };
        let said = MediaDomain { entered, ..said };
        if core::mem::replace(domain, said) != said {
            self.agents.mark(agent, AgentChanges::DOMAINS);
        }
    }

    /// Sets state, reason and tasks in the main domain.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    fn set(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) {
        let change = |agent: &mut Agent<ID>| ((agent.state, agent.in_teams), agent.set(doing, now));
        let Some((old, in_teams)) = self.agents.change(agent, change) else { return };
        if old == doing.state {
            return;
        }
        self.counts.remove(old);
        self.counts.add(doing.state);
        if let Some(members) = self.extras.members.filter(|_| in_teams) {
            (members.count_in_teams)(self, agent, old, doing.state);
        }
    }

    // ---- leaving ------------------------------------------------------------------------------

    /// Ends all memberships of an agent that are such, if there are any.
    pub(super) fn leave_such(&mut self, agent: Handle<Agent<ID>>, such: Such) {
        if let Some(members) = self.extras.members {
            (members.leave)(self, agent, such);
        }
    }

    /// An agent without memberships goes.
    pub(super) fn end(&mut self, agent: Handle<Agent<ID>>) {
        if let Some(state) = self.agents.get_mut(agent).map(|agent| agent.state) {
            self.counts.remove(state);
            self.agents.end(agent);
        }
    }
}

impl<const ID: usize> Agent<ID> {
    /// Whether nothing that is said of who and where the agent is would be new, but for the login ID.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    fn is_said_to_be(&self, who: &Who<'_>, is_out: bool) -> bool {
        self.peripheral_id != NULL_PERIPHERAL_ID
            && (who.skill_target <= 0 || who.skill_target == self.icm_agent_id)
            && (is_out || !is_other(&self.extension, who.extension) && !is_other(&self.instrument, who.instrument))
            && !is_other(&self.active_terminal, who.terminal)
    }

    /// Takes what is said of who and where the agent is; what of it is new.
    fn identify(&mut self, who: &Who<'_>) -> AgentChanges {
        let peripheral = (self.peripheral_id == NULL_PERIPHERAL_ID).then_some(who.peripheral);
        let skill_target = (who.skill_target > 0).then_some(who.skill_target);
        let id = (self.id.is_empty() && !who.id.is_empty()).then(|| Kept::of(who.id));
        renew(&mut self.peripheral_id, peripheral, AgentChanges::IDENTITY)
            | renew(&mut self.icm_agent_id, skill_target, AgentChanges::IDENTITY)
            | renew(&mut self.id, id, AgentChanges::IDENTITY)
            | renew_place(&mut self.extension, who.extension)
            | renew_place(&mut self.instrument, who.instrument)
            | renew_place(&mut self.active_terminal, who.terminal)
    }

    /// The agent is at no device that is known, and in no call.
    fn leave_place(&mut self) -> AgentChanges {
        self.clear_place();
        AgentChanges::DEVICE | renew(&mut self.call, Some(AgentCall::None), AgentChanges::CALL)
    }

    const fn clear_place(&mut self) {
        (self.extension, self.instrument, self.active_terminal) = (Kept::EMPTY, Kept::EMPTY, Kept::EMPTY);
    }

    /// Takes what is said of the main domain; what of it is new.
    #[inline]
    fn set(&mut self, doing: &Doing, now: Second) -> AgentChanges {
        let is_other_state = self.state != doing.state;
        let reason = doing.reason.or(is_other_state.then_some(0));
        let is_other_reason = reason.is_some_and(|reason| reason != self.event_reason_code);
        let has_reason = matches!(doing.state, AgentState::AGENT_STATE_NOT_READY | AgentState::AGENT_STATE_LOGOUT);
        let entered = now.before(doing.duration);
        let is_corrected = doing.duration > 0 && !entered.is_about(self.entered);
        let begins = is_other_state || has_reason && is_other_reason || is_corrected;
        let direction = doing.direction.or(is_other_state.then_some(CallDirection(0)));
        let ends_call = is_other_state && ends_call(doing.state);
        renew(&mut self.state, Some(doing.state), AgentChanges::STATE)
            | renew(&mut self.event_reason_code, reason, AgentChanges::STATE)
            | renew(&mut self.entered, begins.then_some(entered), AgentChanges::STATE)
            | renew(&mut self.tasks, doing.tasks, AgentChanges::TASKS)
            | renew(&mut self.next_state, doing.next, AgentChanges::DETAIL)
            | renew(&mut self.direction, direction, AgentChanges::DETAIL)
            | renew(&mut self.call, ends_call.then_some(AgentCall::None), AgentChanges::CALL)
    }
}

/// Which of the agents with the same key is looked for.
#[derive(Clone, Copy)]
struct Sought {
    /// `NULL_PERIPHERAL_ID` if it may be at any.
    peripheral: u32,
    not_at: Option<u32>,
    /// 0 if it may have any.
    skill_target: i32,
}

impl Sought {
    const fn at(peripheral: u32) -> Self {
        Self { peripheral, not_at: None, skill_target: 0 }
    }

    fn is<const ID: usize>(&self, agent: &Agent<ID>) -> bool {
        agent.may_be_at(self.peripheral)
            && self.not_at != Some(agent.peripheral_id)
            && [0, agent.icm_agent_id].contains(&self.skill_target)
    }
}

/// Whether something is said of a place that is not known of it.
#[cfg_attr(target_pointer_width = "32", inline(never))]
#[cfg_attr(not(target_pointer_width = "32"), inline(always))]
fn is_other(known: &Kept<15>, said: &[u8]) -> bool {
    !said.is_empty() && !known.has(said)
}

/// Whether an agent that comes into this state has no call any more. On Unified CCX an agent is not ready on a call
/// that is not a business call.
fn ends_call(state: AgentState) -> bool {
    matches!(
        state,
        AgentState::AGENT_STATE_LOGOUT
            | AgentState::AGENT_STATE_AVAILABLE
            | AgentState::AGENT_STATE_WORK_NOT_READY
            | AgentState::AGENT_STATE_WORK_READY
    )
}

/// Puts what is said, if anything is, in the place of what was known; what has changed, if it has.
#[inline(always)]
fn renew<T: PartialEq>(known: &mut T, said: Option<T>, what: AgentChanges) -> AgentChanges {
    match said {
        Some(said) if *known != said => {
            *known = said;
            what
        }
        _ => AgentChanges::NONE,
    }
}

/// The same of where an agent is.
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn renew_place(known: &mut Kept<15>, said: &[u8]) -> AgentChanges {
    if !is_other(known, said) {
        return AgentChanges::NONE;
    }
    *known = Kept::of(said);
    AgentChanges::DEVICE
}

/// What has changed, if it has.
fn when(has_changed: bool, what: AgentChanges) -> AgentChanges {
    if has_changed { what } else { AgentChanges::NONE }
}
