//! Client Control: states of agents.

use cti_proto::message::AgentSkillGroup;
use cti_proto::message::{QueryAgentStateConf, QueryAgentStateReq, SetAgentStateConf, SetAgentStateReq};
use cti_proto::value::{
    AgentInternalState, AgentState, ControlFailureCode as Code, DeskSettingsMask, FailureStatus as Status, ForcedFlag,
    SsoEnabled, WrapupDataMode,
};
use cti_proto::wire::{List, Text};

use super::{Ask, Outcome, Refusal, check_known};
use crate::simulate::floor::Floor;
use crate::simulate::people::{DESK_SETTINGS, Rest};
use crate::simulate::shown::Reason;
use crate::simulate::sink::Sink;
use crate::simulate::table::{AgentKey, PhoneKey};
use crate::simulate::world::VOICE;

impl<S: Sink> Floor<'_, S> {
    /// SET_AGENT_STATE_REQ: login, logout, or another state.
    pub(super) fn set_agent_state(&mut self, ask: Ask, request: &SetAgentStateReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        check_known!(request.agent_work_mode => E_CTI_INVALID_AGENT_WORK_MODE);
        match request.agent_state {
            // These two name the agent and have a password; the others name the device that the agent is at.
            AgentState::AGENT_STATE_LOGIN => self.log_in_by_request(ask, request),
            AgentState::AGENT_STATE_LOGOUT => self.log_out_by_request(ask, request),
            _ => self.change_state(ask, request),
        }
    }

    /// The phone of a remote agent comes behind the instrument.
    fn phone_of(&self, instrument: Option<Text<'_>>) -> Option<PhoneKey> {
        let text = instrument?.to_str().ok()?;
        // `5001;RA CALL;...`: what follows the instrument is for remote agents, who are not simulated.
        self.world.phone_of_extension(text.split(';').next().unwrap_or(text))
    }

    /// The agent of a login, whose password is right.
    fn authenticated(&self, ask: Ask, request: &SetAgentStateReq<'_>) -> Result<AgentKey, Refusal> {
        let login = request.agent_id.ok_or(Status::E_CTI_REQUIRED_DATA_MISSING)?;
        let agent = self.shown(ask).agent_of_login(login);
        let agent = agent.ok_or(Code::CF_INVALID_AGENT_ID_SPECIFIED)?;
        // A token in place of the password, which nobody is here to check.
        if request.sso_enabled == Some(SsoEnabled::SSO_ENABLED) {
            return Ok(agent);
        }
        let password = request.agent_password.ok_or(Status::E_CTI_REQUIRED_DATA_MISSING)?;
        match &self.world.config.agent_password {
            Some(expected) if password.0 != expected.as_str() => Err(Code::CF_INVALID_PASSWORD_SPECIFIED.into()),
            _ => Ok(agent),
        }
    }

    /// Skill groups may be named, but only those that are the agent's.
    fn check_groups(&self, agent: AgentKey, request: &SetAgentStateReq<'_>) -> Outcome {
        let numbers: Vec<_> =
            self.world.agents[agent].groups.iter().map(|group| self.world.groups[*group].number).collect();
        // Whoever names none, as most clients do, means all of them.
        if request.skill_groups.iter().all(|group| numbers.contains(&group.number)) {
            return Ok(());
        }
        Err(Code::CF_INVALID_SKILL_GROUP_SPECIFIED.into())
    }

    /// Login: the agent, the password, the phone and the skill groups must be right, and agent and phone free, unless it is
    /// forced: then whoever is in the way is logged out.
    fn log_in_by_request(&mut self, ask: Ask, request: &SetAgentStateReq<'_>) -> Outcome {
        let agent = self.authenticated(ask, request)?;
        // The password was right, which is all that was asked: agent and phone stay as they are.
        if request.forced_flag == ForcedFlag::AUTHENTICATION_ONLY {
            self.out.confirm(ask.session, ask.request, &SetAgentStateConf::default());
            return Ok(());
        }
        let phone = self.phone_of(request.agent_instrument).ok_or(Code::CF_INVALID_LOGON_DEVICE_SPECIFIED)?;
        let session = self.session(ask)?;
        // A bound session may log its own agent in at its own phone only; one of all events anybody anywhere.
        let is_own = session.agent.is_none_or(|own| own == agent) && session.phone.is_none_or(|own| own == phone);
        if session.agent.or(session.phone.map(|_| agent)).is_some() && !is_own {
            return Err(Code::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE.into());
        }
        self.check_groups(agent, request)?;
        let forced = request.forced_flag == ForcedFlag::TRUE;
        let at = self.world.agents[agent].phone;
        if at.is_some() && !(forced && at != Some(phone)) {
            return Err(Code::CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON.into());
        }
        if let Some(other) = self.world.agent_at(phone) {
            if !forced {
                return Err(Code::CF_SPECIFIED_EXTENSION_ALREADY_IN_USE.into());
            }
            // First who sits at the phone, then the agent elsewhere: either way the phone is free when the login comes.
            self.log_out(other, Reason::ExtensionTaken);
        }
        if at.is_some() {
            self.log_out(agent, Reason::Relogon);
        }
        let terminal = request.active_terminal.map(|terminal| terminal.to_string());
        self.out.confirm(ask.session, ask.request, &SetAgentStateConf::default());
        self.drive(agent, ask.session);
        // Before the login, so that its events reach the session.
        self.bind_agent(ask, agent);
        self.log_in(agent, phone);
        self.world.agents[agent].terminal = terminal;
        Ok(())
    }

    /// A Client Events session that named only a device belongs to whoever logs in there.
    fn bind_agent(&mut self, ask: Ask, agent: AgentKey) {
        let Some(session) = self.world.sessions.get_mut(&ask.session) else { return };
        let is_client = session.services.contains(cti_proto::value::CtiService::CTI_SERVICE_CLIENT_EVENTS);
        if is_client && session.agent.is_none() {
            session.agent = Some(agent);
            self.world.agents[agent].watchers.push(ask.session);
        }
    }

    /// Logout: not from a call and, on Unified CCE, not from ready, unless it is forced; with a reason, where the desk
    /// settings ask for one.
    fn log_out_by_request(&mut self, ask: Ask, request: &SetAgentStateReq<'_>) -> Outcome {
        let agent = self.authenticated(ask, request)?;
        let phone = self.world.agents[agent].phone.ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        if self.phone_of(request.agent_instrument) != Some(phone) {
            return Err(Code::CF_INVALID_LOGON_DEVICE_SPECIFIED.into());
        }
        self.may_change(ask, agent, phone)?;
        self.check_groups(agent, request)?;
        let forced = request.forced_flag == ForcedFlag::TRUE;
        let mask = DESK_SETTINGS[self.world.agents[agent].desk].1;
        if mask.contains(DeskSettingsMask::DESK_LOGOUT_REASON_REQUIRED_MASK)
            && request.event_reason_code == 0
            && !forced
        {
            return Err(Code::CF_REASON_CODE_REQUIRED.into());
        }
        if !self.world.phones[phone].legs.is_empty() && !forced {
            return Err(Code::CF_GENERIC_STATE_INCOMPATIBILITY.into());
        }
        // As on the phones of Unified CCE, who is ready has to be not ready first.
        let is_ready = self.world.agents[agent].standing.is_idle();
        if is_ready && !forced && !self.shown(ask).is_ccx() {
            return Err(Code::CF_INVALID_OBJECT_STATE.into());
        }
        self.out.confirm(ask.session, ask.request, &SetAgentStateConf::default());
        self.log_out(agent, Reason::Code(request.event_reason_code));
        Ok(())
    }

    /// Agents change their own state; a supervisor that of the team's; a client of all events anybody's.
    fn may_change(&self, ask: Ask, agent: AgentKey, phone: PhoneKey) -> Outcome {
        let own = self.session(ask)?.agent;
        if own.is_some_and(|own| self.world.teams[self.world.agents[agent].team].supervisor == own) {
            return Ok(());
        }
        self.may_control(ask, phone)
    }

    /// Ready, not ready or after-call work: at once, or when the call at hand is over.
    fn change_state(&mut self, ask: Ask, request: &SetAgentStateReq<'_>) -> Outcome {
        let phone = self.phone_of(request.agent_instrument).ok_or(Code::CF_INVALID_CSTA_DEVICE_IDENTIFIER)?;
        let agent = self.world.agent_at(phone).ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        self.may_change(ask, agent, phone)?;
        if let Some(login) = request.agent_id.filter(|login| *login != self.shown(ask).login(&self.world.agents[agent]))
        {
            let is_known = self.shown(ask).agent_of_login(login).is_some();
            return Err(if is_known {
                Status::E_CTI_INCONSISTENT_AGENT_DATA.into()
            } else {
                Code::CF_INVALID_AGENT_ID_SPECIFIED.into()
            });
        }
        self.check_groups(agent, request)?;
        let state = self.shown(ask).standing(&self.world.agents[agent]).state;
        let ccx = self.shown(ask).is_ccx();
        let talks = matches!(state, AgentState::AGENT_STATE_TALKING | AgentState::AGENT_STATE_HOLD);
        let works = matches!(state, AgentState::AGENT_STATE_WORK_READY | AgentState::AGENT_STATE_WORK_NOT_READY);
        let desk = self.world.agents[agent].desk;
        // Wrap-up data is due while the work lasts: who goes on without it would never give it.
        let leaves_work = works
            && matches!(request.agent_state, AgentState::AGENT_STATE_AVAILABLE | AgentState::AGENT_STATE_NOT_READY);
        let wrapup = self.world.shown_to(ask.session).desk_settings(desk).wrapup_data_incoming_mode;
        if leaves_work && wrapup == WrapupDataMode::REQUIRED_WITH_WRAPUP_DATA && !self.world.agents[agent].has_wrapup {
            return Err(Code::CF_WRAPUP_DATA_REQUIRED.into());
        }
        let (rest, work) = match request.agent_state {
            AgentState::AGENT_STATE_AVAILABLE => (Some(Rest::Ready), false),
            AgentState::AGENT_STATE_NOT_READY => {
                let needs_reason = DESK_SETTINGS[desk].1.contains(DeskSettingsMask::DESK_IDLE_REASON_REQUIRED_MASK);
                if needs_reason && request.event_reason_code == 0 {
                    return Err(Code::CF_REASON_CODE_REQUIRED.into());
                }
                (Some(Rest::NotReady(Reason::Code(request.event_reason_code))), false)
            }
            AgentState::AGENT_STATE_WORK_READY if !ccx => (Some(Rest::Ready), true),
            AgentState::AGENT_STATE_WORK_NOT_READY if ccx => (None, true),
            AgentState::AGENT_STATE_WORK_NOT_READY => (Some(Rest::NotReady(Reason::NONE)), true),
            _ => return Err(Code::CF_INVALID_OBJECT_STATE.into()),
        };
        // Work follows calls, at once or when the one at hand is over.
        if work && !talks && !works {
            return Err(Code::CF_GENERIC_STATE_INCOMPATIBILITY.into());
        }
        // A call is on its way already: what may still be wished for is not to get another one.
        if state == AgentState::AGENT_STATE_RESERVED && rest == Some(Rest::Ready) {
            return Err(Code::CF_GENERIC_STATE_INCOMPATIBILITY.into());
        }
        self.out.confirm(ask.session, ask.request, &SetAgentStateConf::default());
        let own = self.session(ask)?.agent;
        // What a supervisor does is no taking over.
        if own.is_none_or(|own| own == agent) {
            self.drive(agent, ask.session);
        }
        let entry = &mut self.world.agents[agent];
        // The last wish holds, also where it takes back the work that was asked for.
        entry.rest = rest.unwrap_or(entry.rest);
        entry.work_asked = work && talks;
        entry.is_working = work && works;
        self.settle(agent);
        Ok(())
    }

    /// QUERY_AGENT_STATE_REQ: agents may be named in any of four ways, which must agree.
    pub(super) fn query_agent_state(&mut self, ask: Ask, request: &QueryAgentStateReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        let ccx = self.shown(ask).is_ccx();
        if !ccx && ![VOICE, 0].contains(&request.mrdid) {
            return Err(Status::E_CTI_INVALID_MR_DOMAIN.into());
        }
        // 0 and negative numbers are no ID, and Unified CCX has the field reserved.
        let by_id = u32::try_from(request.icm_agent_id).ok().filter(|id| *id > 0 && !ccx);
        let names = request.agent_id.or(request.agent_extension).or(request.agent_instrument);
        let key = match by_id {
            Some(id) if names.is_none() => {
                self.world.agents.find(|agent| agent.id == id).ok_or(Status::E_CTI_INVALID_AGENT_DATA)?
            }
            _ => self.agent(ask, request.agent_id, request.agent_extension, request.agent_instrument)?,
        };
        let world = self.world.shown_to(ask.session);
        let agent = &world.agents[key];
        let tasks = world.tasks(agent);
        let skills = world.flt_skill_groups(key);
        let skills: Vec<_> = skills
            .iter()
            // As many as the message has room for.
            .take(20)
            .map(|group| AgentSkillGroup { number: group.number, id: group.id, priority: 0, state: group.state })
            .collect();
        let phone = agent.phone.map(|phone| Text::from(world.phones[phone].extension.as_str()));
        let confirmation = QueryAgentStateConf {
            agent_state: world.standing(agent).state,
            mrdid: VOICE,
            num_tasks: tasks.number,
            agent_mode: tasks.mode,
            max_task_limit: tasks.limit,
            icm_agent_id: if ccx { 0 } else { agent.id as i32 },
            agent_availability_status: tasks.availability,
            agent_id: Some(world.login(agent)),
            agent_extension: phone,
            agent_instrument: phone,
            internal_agent_state: Some(AgentInternalState(world.standing(agent).state.0)),
            max_beyond_task_limit: Some(0),
            skill_groups: List::new(&skills),
            ..QueryAgentStateConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }
}
