//! Queries: devices, statistics, desk settings.

use cti_proto::message::*;
use cti_proto::value::{
    AgentState, AgentStateMask, CallControlMask, CallDirection, CallEventMask, ClassOfDevice,
    ControlFailureCode as Code, FailureStatus as Status, LineType, NULL_SKILL_GROUP, OtherFeatureMask,
    TransferConferenceSetupMask, TypeOfDevice,
};
use cti_proto::wire::{List, Text};

use super::{Ask, Outcome, Refusal};
use crate::simulate::floor::Floor;
use crate::simulate::sink::Sink;
use crate::simulate::table::GroupKey;

impl<S: Sink> Floor<'_, S> {
    /// QUERY_DEVICE_INFO_REQ: phones and route points.
    pub(super) fn query_device_info(&mut self, ask: Ask, request: &QueryDeviceInfoReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let device = request.agent_instrument.and_then(|device| device.to_str().ok()).unwrap_or_default();
        let phone = self.world.phone_of_extension(device);
        let is_route_point = self.world.group_of_number(device).is_some();
        if let Some(phone) = phone {
            self.may_control(ask, phone)?;
        } else if !is_route_point {
            return Err(Code::CF_INVALID_CSTA_DEVICE_IDENTIFIER.into());
        }
        // What every phone of this contact centre has: one line for calls that come in, one for those that go out.
        let lines = [
            Line { handle: 0, line_type: LineType::LINETYPE_INBOUND_ACD },
            Line { handle: 1, line_type: LineType::LINETYPE_OUTBOUND },
        ];
        let is_phone = phone.is_some();
        let confirmation = QueryDeviceInfoConf {
            peripheral_type: self.shown(ask).peripheral_type(),
            type_of_device: if is_phone { TypeOfDevice::DEVT_STATION } else { TypeOfDevice::DEVT_ACD_GROUP },
            class_of_device: ClassOfDevice::DEVC_VOICE,
            max_active_calls: if is_phone { 1 } else { u16::MAX },
            // No limit that is known.
            max_held_calls: u16::MAX,
            max_devices_in_conference: 16,
            make_call_setup: AgentStateMask::AGENT_NOT_READY_MASK
                | AgentStateMask::AGENT_AVAILABLE_MASK
                | AgentStateMask::AGENT_WORK_NOT_READY_MASK
                | AgentStateMask::AGENT_WORK_READY_MASK
                | AgentStateMask::AGENT_HOLD_MASK,
            transfer_conference_setup: TransferConferenceSetupMask::ALL,
            call_events_supported: CallEventMask::ALL
                .without(CallEventMask::CALL_TERMINATION_MASK)
                .without(CallEventMask::AGENT_LEGACY_PRE_CALL_MASK),
            call_control_supported: if is_phone {
                CallControlMask::ALL.without(CallControlMask::CONTROL_MAKE_PREDICTIVE_CALL)
            } else {
                CallControlMask::CONTROL_MAKE_PREDICTIVE_CALL
            },
            other_features_supported: OtherFeatureMask::FEATURE_UNIQUE_CONSULT_CALLID
                | OtherFeatureMask::FEATURE_POST_ROUTE,
            lines: if is_phone { List::new(&lines) } else { List::EMPTY },
            ..QueryDeviceInfoConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// QUERY_AGENT_STATISTICS_REQ: of an agent who is logged in.
    pub(super) fn query_agent_statistics(&mut self, ask: Ask, request: &QueryAgentStatisticsReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        let key = self.agent(ask, request.agent_id, request.agent_extension, request.agent_instrument)?;
        let phone = self.world.agents[key].phone.ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        self.world.accrue(key);
        let agent = &self.world.agents[key];
        let extension = Text::from(self.world.phones[phone].extension.as_str());
        let confirmation = QueryAgentStatisticsConf {
            peripheral_id: self.world.shown_to(ask.session).peripheral(),
            session: agent.session_sums.of_agent(),
            today: agent.today.of_agent(),
            agent_extension: Some(extension),
            agent_id: Some(self.world.shown_to(ask.session).login(agent)),
            agent_instrument: Some(extension),
            ..QueryAgentStatisticsConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// QUERY_SKILL_GROUP_STATISTICS_REQ: by number or by ID, which must agree.
    pub(super) fn query_skill_group_statistics(&mut self, ask: Ask, request: &QuerySkillGroupStatisticsReq) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        let group = self.skill_group(request.skill_group_number, request.skill_group_id)?;
        for agent in self.world.groups[group].members.clone() {
            // Counters stand still between changes: brought up to now.
            self.world.accrue(agent);
        }
        let agents = self.agents_of(group);
        let entry = &self.world.groups[group];
        let waits = entry.queue.iter().filter_map(|(_, call)| self.waited(*call));
        let (count, total, longest) = waits.fold((0, 0, 0), |(count, total, longest), wait| {
            let wait = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX);
            (count + 1, wait.saturating_add(total), longest.max(wait))
        });
        let ((to5, queue5), (to_half, queue_half)) = (entry.history.five_minutes(), entry.history.half_hour());
        let (skill_group_today, queue_today) = entry.history.day();
        let confirmation = QuerySkillGroupStatisticsConf {
            peripheral_id: self.world.shown_to(ask.session).peripheral(),
            skill_group_number: entry.number,
            skill_group_id: entry.id,
            agents,
            router_calls_q_now: count,
            longest_router_call_q_now: longest,
            queue_now: QueueStatistics { calls_q: count, calls_q_time: total, longest_call_q: longest },
            to5,
            queue5,
            to_half,
            queue_half,
            skill_group_today,
            queue_today,
            ..QuerySkillGroupStatisticsConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// The group of a number or of an ID, the other one being none.
    fn skill_group(&self, number: u32, id: u32) -> Result<GroupKey, Refusal> {
        // Looked for by both, so that two that contradict each other are told from one that is unknown.
        let by_number = self.world.groups.find(|group| group.number == number);
        let by_id = self.world.groups.find(|group| group.id == id);
        match (number == NULL_SKILL_GROUP, id == NULL_SKILL_GROUP, by_number, by_id) {
            (false, false, Some(a), Some(b)) if a != b => Err(Status::E_CTI_SKILL_GROUP_CONFLICT.into()),
            (false, false, Some(group), Some(_)) | (false, true, Some(group), _) | (true, false, _, Some(group)) => {
                Ok(group)
            }
            _ => Err(Status::E_CTI_INVALID_SKILL_GROUP.into()),
        }
    }

    /// Agents of a group by their states in it.
    fn agents_of(&self, key: GroupKey) -> SkillGroupAgents {
        let mut agents = SkillGroupAgents::default();
        for member in &self.world.groups[key].members {
            let agent = &self.world.agents[*member];
            // Members who are out count for nothing, not even as not ready.
            if !agent.is_logged_in() {
                continue;
            }
            agents.agents_logged_on += 1;
            let counter = match agent.standing.state_in(Some(key)) {
                AgentState::AGENT_STATE_AVAILABLE => {
                    agents.agents_icm_available += 1;
                    &mut agents.agents_avail
                }
                AgentState::AGENT_STATE_NOT_READY => &mut agents.agents_not_ready,
                AgentState::AGENT_STATE_WORK_NOT_READY => &mut agents.agents_work_not_ready,
                AgentState::AGENT_STATE_WORK_READY => &mut agents.agents_work_ready,
                AgentState::AGENT_STATE_BUSY_OTHER => &mut agents.agents_busy_other,
                AgentState::AGENT_STATE_RESERVED => &mut agents.agents_reserved,
                AgentState::AGENT_STATE_HOLD => &mut agents.agents_hold,
                // What is left is talking, of which there are kinds.
                _ => match agent.standing.direction {
                    CallDirection::IN => &mut agents.agents_talking_in,
                    CallDirection::OUT => &mut agents.agents_talking_out,
                    CallDirection::OUTBOUND_PREDICTIVE => &mut agents.agents_talking_auto_out,
                    _ => &mut agents.agents_talking_other,
                },
            };
            *counter += 1;
        }
        // Whoever is not kept from calls: talking counts, too.
        agents.agents_ready = agents.agents_logged_on - agents.agents_not_ready - agents.agents_work_not_ready;
        agents
    }

    /// AGENT_DESK_SETTINGS_REQ: of any agent, by default the client's own.
    pub(super) fn agent_desk_settings(&mut self, ask: Ask, request: &AgentDeskSettingsReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        let agent = self.agent(ask, request.agent_id, None, None)?;
        let settings = self.world.shown_to(ask.session).desk_settings(self.world.agents[agent].desk);
        self.out.confirm(ask.session, ask.request, &settings);
        Ok(())
    }
}
