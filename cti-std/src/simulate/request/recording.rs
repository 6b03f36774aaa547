//! Server applications and the recordings that they make: requests are passed on to them, and their answers back.

use std::time::Duration;

use cti_proto::message::*;
use cti_proto::session::Request;
use cti_proto::value::{ControlFailureCode as Code, FailureStatus as Status, ServerMode};

use super::{Ask, Named, Outcome, Refusal, check_known, named};
use crate::simulate::floor::Floor;
use crate::simulate::session::Session;
use crate::simulate::sink::{SessionId, Sink};
use crate::simulate::task::Task;
use crate::simulate::world::Relayed;

/// The one service that servers may offer.
const RECORDING: &str = "Cisco:CallRecording";
/// How long servers have to answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// In place of the session of a recording server: this one only.
const THIS_SERVER: u32 = u32::MAX;

/// Passes a request on to servers, under a number of its own and with the name of the client.
macro_rules! pass_on {
    ($floor:ident, $ask:ident, $message:ident, $request:ident, $servers:ident) => {{
        let (name, address) = $floor.client_of($ask)?;
        let invoke_id = $floor.relay($ask, $servers.clone());
        let relayed = $message {
            invoke_id,
            client_id: Some(name.as_str().into()),
            client_address: Some(address.as_str().into()),
            ..*$request
        };
        // One without room for it does not answer, and the timer tells the client in the end.
        for server in $servers {
            $floor.out.send(server, &relayed);
        }
        Ok(())
    }};
}

impl<S: Sink> Floor<'_, S> {
    /// REGISTER_SERVICE_REQ: one service only, in one mode for all, and in exclusive mode by one application.
    pub(super) fn register_service(&mut self, ask: Ask, request: &RegisterServiceReq<'_>) -> Outcome {
        if request.service_name.is_none_or(|name| name != RECORDING) {
            return Err(Status::E_CTI_INVALID_SERVICE.into());
        }
        if request.server_mode.name().is_none() {
            return Err(Status::E_CTI_UNSPECIFIED_FAILURE.into());
        }
        let servers = &mut self.world.servers;
        let known = servers.registered.iter().any(|(_, session)| *session == ask.session);
        // When all have gone the next one chooses the mode.
        let others_mode = servers.mode.filter(|_| !servers.registered.is_empty());
        let excluded = others_mode.is_some_and(|mode| mode == ServerMode::EXCLUSIVE || mode != request.server_mode);
        if known || excluded {
            return Err(Status::E_CTI_UNSPECIFIED_FAILURE.into());
        }
        servers.next_service += 1;
        let id = servers.next_service;
        servers.mode = Some(request.server_mode);
        servers.registered.push((id, ask.session));
        let confirmation = RegisterServiceConf { registered_service_id: id, ..RegisterServiceConf::default() };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// UNREGISTER_SERVICE_REQ: E_CTI_INVALID_SERVICE for what the session has not registered.
    pub(super) fn unregister_service(&mut self, ask: Ask, request: &UnregisterServiceReq) -> Outcome {
        let registered = &mut self.world.servers.registered;
        let wanted = (request.registered_service_id, ask.session);
        let before = registered.len();
        registered.retain(|known| *known != wanted);
        if registered.len() == before {
            return Err(Status::E_CTI_INVALID_SERVICE.into());
        }
        self.out.confirm(ask.session, ask.request, &UnregisterServiceConf::default());
        Ok(())
    }

    /// A session is over, and what it has registered; requests that only it could answer fail.
    pub(in crate::simulate) fn unregister_all(&mut self, session: SessionId) {
        let servers = &mut self.world.servers;
        servers.registered.retain(|(_, known)| *known != session);
        // Who asked is gone: nobody is left to answer.
        servers.pending.retain(|_, relayed| relayed.client != session);
        let mut left = Vec::new();
        for (invoke, relayed) in &mut servers.pending {
            relayed.servers.retain(|server| *server != session);
            if relayed.servers.is_empty() {
                left.push(*invoke);
            }
        }
        for invoke in left {
            self.no_server(invoke);
        }
    }

    /// Nobody has answered a request.
    pub(in crate::simulate) fn no_server(&mut self, invoke: u32) {
        let Some(relayed) = self.world.servers.pending.remove(&invoke) else { return };
        if !relayed.answered {
            let ask = Ask { session: relayed.client, request: relayed.request };
            let product = self.world.product_of(relayed.client);
            self.refuse(ask, product, Code::CF_REQUEST_TIMEOUT_REJECTION.into());
        }
    }

    /// The servers that a request goes to: the one, the next, or all.
    fn servers(&mut self, session: u32) -> Result<Vec<SessionId>, Refusal> {
        let servers = &mut self.world.servers;
        if !matches!(session, 0 | THIS_SERVER) {
            let server = servers.registered.iter().find(|(_, known)| known.0 == session);
            let server = server.ok_or(Code::CF_REQUESTED_SERVICE_NOT_REGISTERED)?;
            return Ok(vec![server.1]);
        }
        if servers.registered.is_empty() {
            return Err(Code::CF_REQUESTED_SERVICE_NOT_REGISTERED.into());
        }
        if servers.mode == Some(ServerMode::PARALLEL) {
            return Ok(servers.registered.iter().map(|(_, session)| *session).collect());
        }
        // Round robin: who gets this one comes last now.
        let next = servers.registered.remove(0);
        servers.registered.push(next);
        Ok(vec![next.1])
    }

    /// START_RECORDING_REQ: passed on to one server or to all, by their mode.
    /// CF_REQUESTED_SERVICE_NOT_REGISTERED without servers, CF_REQUEST_TIMEOUT_REJECTION if none answers in ten seconds.
    pub(super) fn start_recording(&mut self, ask: Ask, request: &StartRecordingReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        check_known! {
            request.direction => E_CTI_INVALID_RTP_DIRECTION,
            request.rtp_type => E_CTI_INVALID_RTP_TYPE,
        }
        self.recorded_call(request.connection_call_id, named!(request.connection, request.agent_instrument))?;
        let servers = self.servers(0)?;
        pass_on!(self, ask, StartRecordingReq, request, servers)
    }

    /// STOP_RECORDING_REQ: passed on to the server of the session named, or to any.
    pub(super) fn stop_recording(&mut self, ask: Ask, request: &StopRecordingReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        check_known!(request.direction => E_CTI_INVALID_RTP_DIRECTION);
        let servers = self.servers(request.session_id)?;
        pass_on!(self, ask, StopRecordingReq, request, servers)
    }

    /// The call must be there, and the device in it.
    fn recorded_call(&self, call: u32, named: Named<'_>) -> Outcome {
        if !self.world.calls.contains_key(&crate::simulate::call::CallId(call)) {
            return Err(Status::E_CTI_INVALID_CALLID.into());
        }
        self.connection(named).map(|_| ())
    }

    /// Name and address of the client that asks: servers have to know whom they record for.
    fn client_of(&self, ask: Ask) -> Result<(String, String), Refusal> {
        let session: &Session = self.session(ask)?;
        Ok((session.client_id.clone(), session.address.clone()))
    }

    /// Notes who waits for servers' answers, and under which number.
    fn relay(&mut self, ask: Ask, servers: Vec<SessionId>) -> u32 {
        self.world.servers.next_invoke += 1;
        let invoke = self.world.servers.next_invoke;
        let relayed = Relayed { client: ask.session, request: ask.request, servers, answered: false };
        self.world.servers.pending.insert(invoke, relayed);
        self.later(ANSWER_TIME, Task::NoServer(invoke));
        invoke
    }

    /// The request that a server answers. All answers of several servers go to the client.
    fn answered(&mut self, server: SessionId, invoke: u32) -> Option<(SessionId, Request)> {
        let relayed = self.world.servers.pending.get_mut(&invoke)?;
        // Answers of others, or a second one, are none.
        if !relayed.servers.contains(&server) {
            return None;
        }
        relayed.servers.retain(|known| *known != server);
        relayed.answered = true;
        let to = (relayed.client, relayed.request);
        if relayed.servers.is_empty() {
            self.world.servers.pending.remove(&invoke);
        }
        Some(to)
    }

    /// A server records: the client learns which one the stop is to go to.
    pub(super) fn recording_started(&mut self, server: SessionId, answer: &StartRecordingConf<'_>) {
        let Some((client, request)) = self.answered(server, answer.invoke_id) else { return };
        // Only who gets this number can name the one server among several later.
        let session_id = if answer.session_id == THIS_SERVER { server.0 } else { answer.session_id };
        let confirmation = StartRecordingConf { session_id, ..*answer };
        self.out.confirm(client, request, &confirmation);
    }

    /// A server has stopped a recording.
    pub(super) fn recording_stopped(&mut self, server: SessionId, answer: &StopRecordingConf<'_>) {
        if let Some((client, request)) = self.answered(server, answer.invoke_id) {
            self.out.confirm(client, request, answer);
        }
    }

    /// A server cannot do what it was asked.
    pub(super) fn recording_failed(&mut self, server: SessionId, answer: &FailureConf<'_>) {
        if let Some((client, request)) = self.answered(server, answer.invoke_id) {
            let status = answer.reason.status().unwrap_or(Status::E_CTI_UNSPECIFIED_FAILURE);
            self.out.fail(client, request, status);
        }
    }
}
