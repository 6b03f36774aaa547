//! Miscellaneous: texts between clients, and reports to the alarm system.

use cti_proto::message::*;
use cti_proto::value::{Distribution, FailureStatus as Status};

use super::{Ask, Outcome, Refusal, check_known};
use crate::simulate::floor::Floor;
use crate::simulate::session::Session;
use crate::simulate::sink::{Receiver, Sink};
use crate::simulate::table::TeamKey;

/// Most objects with an alarm state that are kept.
const MOST_KEPT: usize = 10_000;

impl<S: Sink> Floor<'_, S> {
    /// USER_MESSAGE_REQ: to a client by name, to the supervisor or the team of an agent, or to all.
    pub(super) fn user_message(&mut self, ask: Ask, request: &UserMessageReq<'_>) -> Outcome {
        check_known!(request.distribution => E_CTI_INVALID_DISTRIBUTION_TYPE);
        let to = match request.distribution {
            Distribution::DISTRIBUTE_TO_CLIENT => {
                let name = request.client_id.ok_or(Status::E_CTI_REQUIRED_DATA_MISSING)?;
                let to = self.sessions_where(|session| name == session.client_id.as_str());
                if to.is_empty() {
                    return Err(Status::E_CTI_CLIENT_NOT_FOUND.into());
                }
                to
            }
            Distribution::DISTRIBUTE_TO_SUPERVISOR => {
                let team = self.team_of(ask, request)?;
                let supervisor = self.world.teams[team].supervisor;
                let to = self.sessions_where(|session| session.agent == Some(supervisor));
                if to.is_empty() {
                    return Err(Status::E_CTI_SUPERVISOR_NOT_FOUND.into());
                }
                to
            }
            Distribution::DISTRIBUTE_TO_TEAM => {
                let team = self.team_of(ask, request)?;
                let world = &*self.world;
                self.sessions_where(|session| session.agent.is_some_and(|agent| world.agents[agent].team == team))
            }
            // To all is what is left, and the sender is one of them.
            _ => self.sessions_where(|_| true),
        };
        // Of the session: in the request ClientID names the one who is to get it.
        let sender = self.session(ask)?.client_id.clone();
        self.out.confirm(ask.session, ask.request, &UserMessageConf::default());
        let event = UserMessageEvent {
            icm_central_controller_time: self.world.time(),
            distribution: request.distribution,
            client_id: Some(sender.as_str().into()),
            text: request.text,
        };
        self.out.event(&to, &event);
        Ok(())
    }

    /// The sessions that take part and are wanted.
    fn sessions_where(&self, wanted: impl Fn(&Session) -> bool) -> Vec<Receiver> {
        let sessions = self.world.sessions.values().filter(|session| !session.is_standby && wanted(session));
        sessions.map(Session::receiver).collect()
    }

    /// The team of the agent that is named, or of the client's own.
    fn team_of(&self, ask: Ask, request: &UserMessageReq<'_>) -> Result<TeamKey, Refusal> {
        // Who has no agent of its own must say of which peripheral the agent is.
        if self.session(ask)?.agent.is_none() {
            self.check_peripheral(ask, request.peripheral_id)?;
        }
        let agent = self.agent(ask, request.agent_id, request.agent_extension, request.agent_instrument)?;
        Ok(self.world.agents[agent].team)
    }

    /// CLIENT_EVENT_REPORT_REQ: the state of a named object is kept, the same for all clients.
    pub(super) fn client_event_report(&mut self, ask: Ask, request: &ClientEventReportReq<'_>) -> Outcome {
        if request.state.name().is_none() {
            return Err(Status::E_CTI_INVALID_OBJECT_STATE.into());
        }
        if let Some(object) = request.object_name {
            // Names are the clients' to choose, so that there has to be an end to them.
            if self.world.alarms.len() >= MOST_KEPT {
                self.world.alarms.pop_first();
            }
            self.world.alarms.insert(object.to_string(), request.state);
        }
        self.out.confirm(ask.session, ask.request, &ClientEventReportConf::default());
        Ok(())
    }
}
