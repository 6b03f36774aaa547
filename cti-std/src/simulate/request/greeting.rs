//! Client Control: the greeting of an agent.

use cti_proto::message::{AgentGreetingControlConf, AgentGreetingControlReq};
use cti_proto::value::{
    AgentGreetingAction, AgentGreetingEventCode, ControlFailureCode as Code, FailureStatus as Status,
};

use super::{Ask, Outcome};
use crate::simulate::floor::Floor;
use crate::simulate::sink::Sink;

impl<S: Sink> Floor<'_, S> {
    /// AGENT_GREETING_CONTROL_REQ: CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE where the agent has no greeting, or none is
    /// being played that could be stopped.
    pub(super) fn agent_greeting_control(&mut self, ask: Ask, request: &AgentGreetingControlReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        // Without an agent in the request it is the one of the session.
        let agent = self.agent(ask, request.agent_id, None, None)?;
        let phone = self.world.agents[agent].phone.ok_or(Status::E_CTI_AGENT_NOT_LOGGED_ON)?;
        self.may_control(ask, phone)?;
        if !self.world.agents[agent].has_greeting {
            return Err(Code::CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE.into());
        }
        match request.agent_action {
            AgentGreetingAction::STOP_GREETING => {
                let plays = |leg: &&_| {
                    let (call, _): &(crate::simulate::call::CallId, _) = leg;
                    self.world.calls.get(call).is_some_and(|call| call.greeting)
                };
                let leg = self.world.phones[phone].legs.iter().find(plays).copied();
                let leg = leg.ok_or(Code::CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE)?;
                self.out.confirm(ask.session, ask.request, &AgentGreetingControlConf::default());
                if let Some(call) = self.world.calls.get_mut(&leg.0) {
                    // Else it would end once more when its time is over.
                    call.greeting = false;
                }
                self.tell_greeting(leg, AgentGreetingEventCode::GREETING_ENDED);
                return Ok(());
            }
            // Until the agent logs in again: what is being played goes on.
            AgentGreetingAction::DISABLE_GREETING => self.world.agents[agent].greets = false,
            AgentGreetingAction::ENABLE_GREETING => self.world.agents[agent].greets = true,
            _ => return Err(Code::CF_VALUE_OUT_OF_RANGE.into()),
        }
        self.out.confirm(ask.session, ask.request, &AgentGreetingControlConf::default());
        Ok(())
    }
}
