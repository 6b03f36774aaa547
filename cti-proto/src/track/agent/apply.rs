//! What a report does to the tables: who is meant, who is new, what is different, who leaves.

use crate::track::agent::entry::{Agent, AgentCall, AgentChanges, key};
use crate::track::agent::group::MediaDomain;
use crate::track::agent::membership::{MemberEntry, Of, Such};
use crate::track::agent::report::{Doing, Report, Who};
use crate::track::agent::{AgentTracker, VOICE_DOMAIN};
use crate::track::handle::Handle;
use crate::track::link::Link;
use crate::track::second::Second;
use crate::track::table::Entry as _;
use crate::track::text::{Kept, trimmed};
use crate::value::{AgentState, CallDirection, NULL_PERIPHERAL_ID};
use crate::wire::Text;

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

    pub(super) fn everywhere(&mut self) {
        self.latest = self.latest.wrapping_add(1);
        *self = Self { latest: self.latest, everywhere: self.latest, ..Self::NONE };
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

    fn is_hit(&self, peripheral: u32, heard: u16) -> bool {
        let is_later = |loss: u16| (1..1 << 15).contains(&loss.wrapping_sub(heard));
        is_later(self.everywhere) || self.at.iter().any(|(at, loss)| *at == peripheral && is_later(*loss))
    }
}

impl<const ID: usize> AgentTracker<'_, ID> {
    // ---- who ----------------------------------------------------------------------------------

    /// The agent with this login ID; without a peripheral only if there is no other one.
    pub(super) fn by_id(&self, peripheral: u32, id: Text<'_>, skill_target: Option<i32>) -> Option<Handle<Agent<ID>>> {
        if peripheral == NULL_PERIPHERAL_ID {
            return self.by_id_anywhere(id, skill_target);
        }
        let hash = Kept::<ID>::hash_of;
        self.with_text(key::ID, hash, id, &|agent| agent.id.is(id) && agent.may_be_at(peripheral))
    }

    fn by_id_anywhere(&self, id: Text<'_>, skill_target: Option<i32>) -> Option<Handle<Agent<ID>>> {
        let hash = Kept::<ID>::hash_of(id.as_bytes());
        let (mut first, mut is_only) = (None, true);
        for (found, agent) in self.agents.under(key::ID, hash).filter(|(_, agent)| agent.id.is(id)) {
            if Some(agent.icm_agent_id) == skill_target {
                return Some(found);
            }
            let (_, at) = *first.get_or_insert((found, agent.peripheral_id));
            is_only &= at == agent.peripheral_id;
        }
        first.filter(|_| is_only).map(|(found, _)| found)
    }

    pub(super) fn at_extension(&self, peripheral: u32, extension: Text<'_>) -> Option<Handle<Agent<ID>>> {
        self.at_place(key::EXTENSION, peripheral, extension)
    }

    pub(super) fn at_instrument(&self, peripheral: u32, instrument: Text<'_>) -> Option<Handle<Agent<ID>>> {
        self.at_place(key::INSTRUMENT, peripheral, instrument)
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn at_place(&self, key: usize, peripheral: u32, place: Text<'_>) -> Option<Handle<Agent<ID>>> {
        self.with_text(key, Kept::<15>::hash_of, place, &|agent| {
            let own = if key == key::EXTENSION { &agent.extension } else { &agent.instrument };
            own.is(place) && agent.may_be_at(peripheral)
        })
    }

    /// The agent that has this text as a key, and for which `is` holds. A NUL in the middle of the text is looked for only
    /// if there is none.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn with_text(
        &self,
        key: usize,
        hash_of: fn(&[u8]) -> u32,
        text: Text<'_>,
        is: &dyn Fn(&Agent<ID>) -> bool,
    ) -> Option<Handle<Agent<ID>>> {
        let found = self.agents.find(key, hash_of(trimmed(text)), is);
        found.or_else(|| self.agents.find(key, hash_of(text.as_bytes()), is))
    }

    /// The agent that is meant, if it is known.
    pub(super) fn whom(&self, who: &Who<'_>) -> Option<Handle<Agent<ID>>> {
        let device = || {
            let extension = who.extension.and_then(|extension| self.at_extension(who.peripheral, extension));
            extension.or_else(|| self.at_instrument(who.peripheral, who.instrument?))
        };
        let Some(id) = who.id else { return device() };
        // An agent at the device of whom the login ID was not said yet.
        let nameless = || device().filter(|found| self.agents.get(*found).is_some_and(|agent| agent.id.is_empty()));
        let skill_target = Some(who.skill_target).filter(|target| *target > 0);
        self.by_id(who.peripheral, id, skill_target).or_else(nameless)
    }

    /// The agent that is meant; taken up if it is not known and logged in, or is to be `listed`.
    pub(super) fn meet(&mut self, report: &Report<'_>, listed: bool, now: Second) -> Option<Handle<Agent<ID>>> {
        let who = &report.who;
        let found = self.whom(who).or_else(|| self.add(report, listed, now))?;
        self.fetch(found);
        self.identify(found, report);
        Some(found)
    }

    /// Has a processor that works ahead fetch the memberships of an agent, which will be asked for: of many agents, most
    /// are not in its caches.
    #[inline(always)]
    fn fetch(&self, agent: Handle<Agent<ID>>) {
        if const { cfg!(not(target_pointer_width = "32")) } {
            let first = self.agents.get(agent).map(|agent| self.members.get(agent.members).map(|member| member.agent));
            core::hint::black_box(first);
        }
    }

    fn add(&mut self, report: &Report<'_>, listed: bool, now: Second) -> Option<Handle<Agent<ID>>> {
        let doing = report.doing?;
        if doing.state == AgentState::AGENT_STATE_LOGOUT && !listed {
            return None;
        }
        let who = &report.who;
        let is_ambiguous = who.id.is_some_and(|id| {
            let is = |agent: &Agent<ID>| agent.id.is(id) && agent.may_be_at(who.peripheral);
            self.agents.find(key::ID, Kept::<ID>::hash_of(id.as_bytes()), is).is_some()
        });
        if is_ambiguous || who.id.or(who.extension).or(who.instrument).is_none() {
            self.unidentified = self.unidentified.saturating_add(1);
            return None;
        }
        let agent = Agent {
            id: who.id.map_or(Kept::EMPTY, Kept::new),
            peripheral_id: who.peripheral,
            state: doing.state,
            next_state: AgentState(u16::MAX),
            event_reason_code: doing.reason.unwrap_or_default(),
            entered: now.before(doing.duration.unwrap_or_default()),
            heard: self.losses.latest(),
            ..Agent::EMPTY
        };
        let Some(added) = self.agents.insert(agent) else {
            self.agents.refuse();
            return None;
        };
        self.counts.add(doing.state);
        self.agents.mark(added, AgentChanges::NEW | AgentChanges::IDENTITY | AgentChanges::STATE);
        Some(added)
    }

    /// Notes what is said of who the agent is, and that it was heard of.
    pub(super) fn identify(&mut self, agent: Handle<Agent<ID>>, report: &Report<'_>) {
        // Where an agent was that is logged out, another one may be by now.
        let is_out = report.doing.is_some_and(|doing| doing.state == AgentState::AGENT_STATE_LOGOUT);
        let nowhere = Who { extension: None, instrument: None, ..report.who };
        let who = if is_out { &nowhere } else { &report.who };
        let Some(about) = self.agents.get_mut(agent) else { return };
        let is_stale = about.displaced || self.losses.since(about.peripheral_id, about.heard);
        if is_stale || !about.is_said_to_be(who, report.terminal) {
            return self.identify_anew(agent, who, report.terminal);
        }
        // Mostly nothing of it is new.
        about.heard = self.losses.latest();
    }

    fn identify_anew(&mut self, agent: Handle<Agent<ID>>, who: &Who<'_>, terminal: Option<Text<'_>>) {
        let Some(before) = self.agents.get(agent).copied() else { return };
        let mut after = before;
        if after.peripheral_id == NULL_PERIPHERAL_ID {
            after.peripheral_id = who.peripheral;
        }
        if let Some(id) = who.id
            && after.id.is_empty()
        {
            after.id = Kept::new(id);
        }
        if who.skill_target > 0 {
            after.icm_agent_id = who.skill_target;
        }
        let is_other = |said: Option<Text<'_>>, place: &Kept<15>| said.is_some_and(|said| !place.is(said));
        let moves = |said, place: &Kept<15>| !place.is_empty() && is_other(said, place);
        if moves(who.extension, &after.extension) || moves(who.instrument, &after.instrument) {
            // What the message does not say of the new place is not known of it.
            (after.extension, after.instrument) = (Kept::EMPTY, Kept::EMPTY);
            (after.active_terminal, after.call) = (Kept::EMPTY, AgentCall::None);
        }
        if is_other(who.extension, &after.extension) || is_other(who.instrument, &after.instrument) {
            self.displace(who, agent);
        }
        let keep = |said: Option<Text<'_>>, place: &mut Kept<15>| match said {
            Some(said) if !place.is(said) => *place = said.into(),
            _ => {}
        };
        keep(who.extension, &mut after.extension);
        keep(who.instrument, &mut after.instrument);
        keep(terminal, &mut after.active_terminal);
        (after.heard, after.displaced) = (self.losses.latest(), false);
        let mut what = AgentChanges::NONE;
        let identity = |agent: &Agent<ID>| (agent.id, agent.peripheral_id, agent.icm_agent_id);
        let device = |agent: &Agent<ID>| (agent.extension, agent.instrument, agent.active_terminal);
        what |= when(identity(&before) != identity(&after), AgentChanges::IDENTITY);
        what |= when(device(&before) != device(&after), AgentChanges::DEVICE);
        what |= when(before.call != after.call, AgentChanges::CALL);
        what |= when(self.is_stale(&before), AgentChanges::STALE);
        if what.intersects(AgentChanges::IDENTITY | AgentChanges::DEVICE) {
            self.agents.edit(agent, |agent| *agent = after);
        } else if let Some(agent) = self.agents.get_mut(agent) {
            *agent = after;
        }
        self.agents.mark(agent, what);
    }

    /// Whoever was at the place of `agent` is not there any more.
    fn displace(&mut self, who: &Who<'_>, agent: Handle<Agent<ID>>) {
        let others = [
            who.extension.and_then(|extension| self.at_extension(who.peripheral, extension)),
            who.instrument.and_then(|instrument| self.at_instrument(who.peripheral, instrument)),
        ];
        for other in others.into_iter().flatten().filter(|other| *other != agent) {
            self.agents.edit(other, |other| {
                (other.extension, other.instrument) = (Kept::EMPTY, Kept::EMPTY);
                (other.active_terminal, other.call) = (Kept::EMPTY, AgentCall::None);
                other.displaced = true;
            });
            self.agents.mark(other, AgentChanges::DEVICE | AgentChanges::CALL | AgentChanges::STALE);
        }
    }

    // ---- what ---------------------------------------------------------------------------------

    /// Notes what the agent does. The agent may leave by that.
    pub(super) fn apply(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) {
        let Some(about) = self.agents.get(agent) else { return };
        let (main, is_out) = (about.mrdid, !about.is_logged_in());
        let leaves = doing.state == AgentState::AGENT_STATE_LOGOUT;
        let domain = doing.domain.filter(|domain| *domain != 0 && *domain != main);
        match domain {
            Some(domain) if main == 0 || is_out && !leaves => self.set_main(agent, domain),
            Some(VOICE_DOMAIN) if !leaves => {
                if let Some(members) = self.extras.members {
                    (members.demote_main)(self, agent);
                }
                self.set_main(agent, VOICE_DOMAIN);
            }
            Some(domain) => {
                if let Some(members) = self.extras.members {
                    (members.apply_beside)(self, agent, domain, doing, now);
                }
                return;
            }
            None => {}
        }
        if !leaves {
            return self.set(agent, doing, now);
        }
        // What is said without a domain is about all of them.
        let members = self.extras.members.filter(|_| doing.domain.is_some_and(|domain| domain != 0));
        if !members.is_some_and(|members| (members.promote_other)(self, agent)) {
            self.log_out(agent, doing, now);
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

    /// The agent has left the main domain: another one becomes it, if there is one.
    pub(super) fn promote_other(&mut self, agent: Handle<Agent<ID>>) -> bool {
        let other = self.member(agent, Link::NONE, |of| matches!(of, Of::Domain(_)));
        other.inspect(|other| self.promote(agent, *other)).is_some()
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
    pub(super) fn apply_beside(&mut self, agent: Handle<Agent<ID>>, mrdid: i32, doing: &Doing, now: Second) {
        let known = self.member(agent, Link::NONE, |of| matches!(of, Of::Domain(domain) if domain.mrdid == mrdid));
        let tasks = doing.tasks.unwrap_or_default();
        let entered = now.before(doing.duration.unwrap_or_default());
        let said = MediaDomain { mrdid, state: doing.state, tasks, entered };
        match known {
            Some(member) if doing.state == AgentState::AGENT_STATE_LOGOUT => self.leave(member).unwrap_or_default(),
            Some(member) => self.set_beside(agent, member, said),
            None if doing.state == AgentState::AGENT_STATE_LOGOUT => {}
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
    fn set(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) {
        let Some(about) = self.agents.get_mut(agent) else { return };
        // Not all of it: an agent is large.
        let Agent { state, event_reason_code, entered: since, tasks, next_state, direction, call, .. } = *about;
        let entered = now.before(doing.duration.unwrap_or_default());
        let is_other_state = state != doing.state;
        about.state = doing.state;
        about.event_reason_code = doing.reason.unwrap_or(if is_other_state { 0 } else { event_reason_code });
        let has_reason = [AgentState::AGENT_STATE_NOT_READY, AgentState::AGENT_STATE_LOGOUT].contains(&doing.state);
        let is_other_reason = about.event_reason_code != event_reason_code;
        let is_corrected = doing.duration.is_some_and(|duration| duration > 0) && !entered.is_about(since);
        if is_other_state || has_reason && is_other_reason || is_corrected {
            about.entered = entered;
        }
        about.tasks = doing.tasks.unwrap_or(tasks);
        about.next_state = doing.next.unwrap_or(next_state);
        about.direction = doing.direction.unwrap_or(if is_other_state { CallDirection(0) } else { direction });
        if is_other_state && ends_call(doing.state) {
            about.call = AgentCall::None;
        }
        let is_other_detail = about.next_state != next_state || about.direction != direction;
        let what = when(is_other_state || is_other_reason || about.entered != since, AgentChanges::STATE)
            | when(about.tasks != tasks, AgentChanges::TASKS)
            | when(is_other_detail, AgentChanges::DETAIL)
            | when(about.call != call, AgentChanges::CALL);
        self.agents.mark(agent, what);
        if is_other_state {
            self.counts.remove(state);
            self.counts.add(doing.state);
            if let Some(members) = self.extras.members {
                (members.count_in_teams)(self, agent, state, doing.state);
            }
        }
    }

    // ---- leaving ------------------------------------------------------------------------------

    /// The agent is logged out altogether: it leaves, unless a team lists it.
    fn log_out(&mut self, agent: Handle<Agent<ID>>, doing: &Doing, now: Second) {
        self.leave_such(agent, Such::NoTeam);
        self.set(agent, doing, now);
        if self.agents.get(agent).is_some_and(|agent| agent.members.is_none()) {
            return self.end(agent);
        }
        let place = |agent: &Agent<ID>| (agent.extension, agent.instrument, agent.active_terminal);
        let empty = (Kept::EMPTY, Kept::EMPTY, Kept::EMPTY);
        if self.agents.get(agent).is_some_and(|agent| place(agent) != empty) {
            self.agents.mark(agent, AgentChanges::DEVICE);
        }
        self.agents.edit(agent, |agent| (agent.extension, agent.instrument, agent.active_terminal) = empty);
    }

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
    /// Whether nothing that is said of who and where the agent is would be new.
    fn is_said_to_be(&self, who: &Who<'_>, terminal: Option<Text<'_>>) -> bool {
        let is = |said: Option<Text<'_>>, place: &Kept<15>| said.is_none_or(|said| place.is(said));
        (self.peripheral_id != NULL_PERIPHERAL_ID || who.peripheral == NULL_PERIPHERAL_ID)
            && (who.id.is_none() || !self.id.is_empty())
            && (who.skill_target <= 0 || who.skill_target == self.icm_agent_id)
            && is(who.extension, &self.extension)
            && is(who.instrument, &self.instrument)
            && is(terminal, &self.active_terminal)
    }
}

/// Whether an agent that comes into this state has no call any more. On Unified CCX an agent is not ready on a call
/// that is not a business call.
fn ends_call(state: AgentState) -> bool {
    [
        AgentState::AGENT_STATE_LOGOUT,
        AgentState::AGENT_STATE_AVAILABLE,
        AgentState::AGENT_STATE_WORK_NOT_READY,
        AgentState::AGENT_STATE_WORK_READY,
    ]
    .contains(&state)
}

/// What has changed, if it has.
fn when(has_changed: bool, what: AgentChanges) -> AgentChanges {
    if has_changed { what } else { AgentChanges::NONE }
}
