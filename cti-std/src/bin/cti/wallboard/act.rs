//! Commands as requests, and what becomes of them.

use std::collections::HashMap;

use cti_proto::message::{
    AnswerCallReq, ClearConnectionReq, DeflectCallReq, HoldCallReq, RetrieveCallReq, SetAgentStateReq, TransferCallReq,
};
use cti_proto::session::{Event, Request, RequestError};
use cti_proto::value::{ConnectionDeviceIdType, DeviceIdType, LocalConnectionState, NULL_CALL_ID};
use cti_std::client::Client;

use super::view::{Acted, Command};

/// The commands that are under way, in words.
#[derive(Debug, Default)]
pub(crate) struct Commands(HashMap<u32, String>);

impl Commands {
    /// Sends a command; what to say of it.
    pub(crate) fn send(&mut self, client: &mut Client, command: &Command) -> String {
        let words = words(command);
        match request(client, command) {
            Ok(request) => {
                let message = format!("{words} ...");
                // By the invoke ID, which the session does not use twice while a request is under way.
                self.0.insert(request.invoke_id, words);
                message
            }
            Err(error) => format!("{words}: {error}"),
        }
    }

    /// What to say of an event, if it is the end of a command.
    pub(crate) fn event(&mut self, event: &Event<'_>) -> Option<String> {
        let (request, outcome) = match event {
            Event::Confirmed { request, .. } => (request, "done".to_owned()),
            Event::Failed { request, reason } => (request, format!("{reason}: {}", reason.explain())),
            Event::TimedOut(request) | Event::Lost(request) => (request, "no answer".to_owned()),
            _ => return None,
        };
        self.0.remove(&request.invoke_id).map(|words| format!("{words}: {outcome}"))
    }
}

/// A command in words, for the line at the bottom.
fn words(command: &Command) -> String {
    match command {
        Command::Answer(acted) => format!("answer at {}", acted.instrument),
        Command::Hold(acted) => format!("hold at {}", acted.instrument),
        Command::Retrieve(acted) => format!("retrieve at {}", acted.instrument),
        Command::Clear(acted) => format!("hang up at {}", acted.instrument),
        Command::Transfer(acted, to) => format!("transfer from {} to {to}", acted.instrument),
        Command::SetState(agent, state, 0) => format!("{} to {state}", agent.id),
        Command::SetState(agent, state, reason) => format!("{} to {state} with reason {reason}", agent.id),
    }
}

/// Sends what a command stands for.
fn request(client: &mut Client, command: &Command) -> Result<Request, RequestError> {
    match command {
        Command::Answer(acted) => client.request(&AnswerCallReq {
            peripheral_id: acted.peripheral,
            connection_call_id: acted.connection.call_id,
            connection_device_id_type: ConnectionDeviceIdType(acted.connection.device_id_type),
            connection_device_id: Some(acted.connection.device_id.as_str().into()),
            agent_instrument: Some(acted.instrument.as_str().into()),
            ..AnswerCallReq::default()
        }),
        Command::Hold(acted) => client.request(&HoldCallReq {
            peripheral_id: acted.peripheral,
            connection_call_id: acted.connection.call_id,
            connection_device_id_type: ConnectionDeviceIdType(acted.connection.device_id_type),
            connection_device_id: Some(acted.connection.device_id.as_str().into()),
            agent_instrument: Some(acted.instrument.as_str().into()),
            ..HoldCallReq::default()
        }),
        Command::Retrieve(acted) => client.request(&RetrieveCallReq {
            peripheral_id: acted.peripheral,
            held_connection_call_id: acted.connection.call_id,
            held_connection_device_id_type: ConnectionDeviceIdType(acted.connection.device_id_type),
            held_connection_device_id: Some(acted.connection.device_id.as_str().into()),
            agent_instrument: Some(acted.instrument.as_str().into()),
            ..RetrieveCallReq::default()
        }),
        Command::Clear(acted) => client.request(&ClearConnectionReq {
            peripheral_id: acted.peripheral,
            connection_call_id: acted.connection.call_id,
            connection_device_id_type: ConnectionDeviceIdType(acted.connection.device_id_type),
            connection_device_id: Some(acted.connection.device_id.as_str().into()),
            agent_instrument: Some(acted.instrument.as_str().into()),
            ..ClearConnectionReq::default()
        }),
        // What rings is not talked yet, so that it cannot be transferred: for the reader it is the same wish.
        Command::Transfer(acted, to) if acted.state == LocalConnectionState::LCS_ALERTING => deflect(client, acted, to),
        Command::Transfer(acted, to) => client.request(&TransferCallReq {
            peripheral_id: acted.peripheral,
            active_connection_call_id: acted.connection.call_id,
            active_connection_device_id_type: ConnectionDeviceIdType(acted.connection.device_id_type),
            active_connection_device_id: Some(acted.connection.device_id.as_str().into()),
            // In one step: there is no held call.
            held_connection_call_id: NULL_CALL_ID,
            held_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_NONE,
            agent_instrument: Some(acted.instrument.as_str().into()),
            dialed_number: Some(to.as_str().into()),
            ..TransferCallReq::default()
        }),
        Command::SetState(agent, state, reason) => client.request(&SetAgentStateReq {
            peripheral_id: agent.peripheral,
            agent_state: *state,
            event_reason_code: *reason,
            agent_id: Some(agent.id.as_str().into()),
            agent_instrument: Some(agent.instrument.as_str().into()),
            ..SetAgentStateReq::default()
        }),
    }
}

/// A call that still rings is sent on.
fn deflect(client: &mut Client, acted: &Acted, to: &str) -> Result<Request, RequestError> {
    client.request(&DeflectCallReq {
        peripheral_id: acted.peripheral,
        connection_call_id: acted.connection.call_id,
        connection_device_id_type: ConnectionDeviceIdType(acted.connection.device_id_type),
        connection_device_id: Some(acted.connection.device_id.as_str().into()),
        // What was typed may be an extension, a route point or a number outside: this leaves it open.
        called_device_type: DeviceIdType::DEVID_DEVICE_IDENTIFIER,
        called_device_id: Some(to.into()),
        agent_instrument: Some(acted.instrument.as_str().into()),
        ..DeflectCallReq::default()
    })
}
