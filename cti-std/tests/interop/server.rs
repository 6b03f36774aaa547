//! Our server with the peer as its client.

use std::collections::HashSet;
use std::thread;

use cti_proto::message::{MessageInfo, MessageType, OpenConf, OpenReq, Service};
use cti_proto::session::{AnswerError, Delivery, Request, ServerConfig, ServerEnded};
use cti_proto::value::{ControlFailureCode, FailureStatus};
use cti_proto::{Body, Frame, Handler, Parsed, Protocol};
use cti_std::server::{Application, Server, ServerOptions, SessionId, Sessions};
use serde_json::Value;

use crate::peer::{Peer, bytes_of, protocols};

#[test]
fn a_whole_session_in_every_version() {
    for protocol in protocols() {
        let ends = serve(protocol, "whole_session");
        assert_eq!(ends, [ServerEnded::Closed(FailureStatus::E_CTI_NO_ERROR)], "{protocol:?}");
    }
}

#[test]
fn a_wrong_open_req_is_refused_by_its_status() {
    for protocol in protocols() {
        serve(protocol, "refused_opens");
    }
}

#[test]
fn a_wrong_message_is_refused_by_its_status() {
    for protocol in protocols() {
        serve(protocol, "refused_messages");
    }
}

/// Runs the peer's scenario against a server that sends what the peer says; how the sessions that were open ended.
fn serve(protocol: Protocol, scenario: &str) -> Vec<ServerEnded> {
    let mut peer = Peer::start("client", protocol, &[scenario]);
    let application = Scripted { protocol, script: peer.line(), seen: HashSet::new(), ends: Vec::new() };
    let mut server = Server::new(ServerOptions::new(), application).unwrap();
    let listener = server.listen("127.0.0.1:0".parse().unwrap(), ServerConfig::new(protocol.product())).unwrap();
    let port = server.sessions().address(listener).unwrap().port();
    let handle = server.handle();
    let running = thread::spawn(move || {
        server.run().unwrap();
        server.into_application().ends
    });
    peer.tell(&port.to_string());
    peer.finish();
    handle.stop();
    running.join().unwrap()
}

/// Sends the frames of the peer's script, each decoded first.
struct Scripted {
    protocol: Protocol,
    script: Value,
    /// Requests that came once: the second one is refused.
    seen: HashSet<MessageType>,
    ends: Vec<ServerEnded>,
}

impl Scripted {
    /// Does something with the message of a frame of the script.
    fn with<H: Handler>(&self, hex: &Value, mut handler: H) -> H::Output {
        let bytes = bytes_of(hex.as_str().unwrap());
        let Parsed::Frame(frame, _) = Frame::parse(self.protocol, &bytes).unwrap() else { panic!("{hex}") };
        frame.dispatch(&mut handler).unwrap()
    }
}

impl Application for Scripted {
    fn open_requested(&mut self, sessions: &mut Sessions, session: SessionId, _: Protocol, request: &OpenReq<'_>) {
        assert_eq!(request.client_id, Some("interop".into()));
        let bytes = bytes_of(self.script["opened"].as_str().unwrap());
        let Parsed::Frame(frame, _) = Frame::parse(self.protocol, &bytes).unwrap() else { panic!() };
        let mut confirmation: OpenConf<'_> = frame.decode().unwrap();
        confirmation.services_granted = request.services_requested;
        sessions.accept(session, &confirmation).unwrap();
        for event in self.script["events"].as_array().unwrap() {
            self.with(event, Emit(sessions, session));
        }
    }

    fn request(&mut self, sessions: &mut Sessions, session: SessionId, request: Request, _: Frame<'_>) {
        let name = request.message.name().unwrap();
        if name.starts_with("MONITOR_START") {
            return sessions.confirm_monitor(session, request, 77).unwrap();
        }
        if self.seen.insert(request.message) {
            return self.with(&self.script["answers"][name], Confirm(sessions, session, request)).unwrap();
        }
        let is_control = MessageInfo::of(request.message).unwrap().service == Service::ClientControl;
        if is_control {
            let code = ControlFailureCode::CF_INVALID_DESTINATION;
            sessions.fail_control(session, request, code, 70_000).unwrap();
        } else {
            sessions.fail(session, request, FailureStatus::E_CTI_INVALID_CALLID).unwrap();
        }
    }

    fn message(&mut self, sessions: &mut Sessions, session: SessionId, frame: Frame<'_>) {
        let frames = self.script["configuration"].as_array().unwrap();
        let (keys, upload) = frames.split_at(1);
        let answer = if frame.message_type() == MessageType::CONFIG_REQUEST_KEY_EVENT { keys } else { upload };
        for frame in answer {
            self.with(frame, Send(sessions, session)).unwrap();
        }
    }

    fn ended(&mut self, _: &mut Sessions, _: SessionId, ended: ServerEnded) {
        self.ends.push(ended);
    }
}

/// Sends an event, which the session must want.
struct Emit<'s>(&'s mut Sessions, SessionId);

impl Handler for Emit<'_> {
    type Output = ();

    fn message<'a, M: Body<'a>>(&mut self, message: &M) {
        assert_eq!(self.0.event_to(self.1, message), Ok(Delivery::Sent), "{:?}", M::TYPE);
    }

    fn other(&mut self, frame: &Frame<'_>) {
        panic!("{:?} is not in the catalogue", frame.message_type())
    }
}

/// Sends a message that is no event.
struct Send<'s>(&'s mut Sessions, SessionId);

impl Handler for Send<'_> {
    type Output = Result<(), AnswerError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        self.0.send(self.1, message)
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{:?} is not in the catalogue", frame.message_type())
    }
}

/// Confirms a request.
struct Confirm<'s>(&'s mut Sessions, SessionId, Request);

impl Handler for Confirm<'_> {
    type Output = Result<(), AnswerError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        self.0.confirm(self.1, self.2, message)
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{:?} is not in the catalogue", frame.message_type())
    }
}
