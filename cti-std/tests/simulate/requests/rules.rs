//! What every request may be refused for, whatever it asks for: by the session, and where it cannot be read.

use cti_proto::message::{MessageInfo, Service, default_fixed_part};
use cti_proto::session::Request;
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::{FieldFormat, Protocol};
use cti_std::simulate::{SessionId, refusals};

use super::requests;
use crate::simulate::desk::{Answer, Desk, protocols, quiet};

/// A session with these services, in a quiet contact centre.
fn session(protocol: Protocol, services: CtiService) -> (Desk, SessionId) {
    let mut desk = Desk::new(quiet(protocol.product()));
    let session = desk.open(protocol, &Desk::open_req(protocol, services));
    (desk, session)
}

/// The fixed part of a request in the newest version that has it, at least an invoke ID.
fn fixed(protocol: Protocol, info: &MessageInfo) -> Vec<u8> {
    let mut buffer = [0; 1_024];
    default_fixed_part(protocol, info.message_type, &mut buffer).map_or_else(|| vec![0; 4], |fixed| fixed.to_vec())
}

fn ask(desk: &mut Desk, session: SessionId, info: &MessageInfo, body: &[u8]) -> Answer {
    let frame = OwnedFrame::from_parts(desk.protocol(session), info.message_type, body);
    desk.send(session, frame.as_bytes()).expect_err("a request that does not reach the contact centre")
}

#[test]
fn every_request_needs_its_version_its_service_and_its_form() {
    let every = CtiService(CtiService::ALL.0 & !CtiService::CTI_SERVICE_CLIENT_EVENTS.0);
    for protocol in protocols() {
        let (mut desk, none) = session(protocol, CtiService::CTI_SERVICE_ALL_EVENTS);
        let all = desk.open(protocol, &Desk::open_req(protocol, every));
        for info in requests() {
            let failed = |status| Answer::Failed(status);
            let body = fixed(protocol, info);
            if !info.versions.include(protocol) {
                let answer = ask(&mut desk, all, info, &body);
                assert_eq!(answer, failed(FailureStatus::E_CTI_INVALID_MSG_TYPE_FOR_VERSION), "{protocol} {info:?}");
                continue;
            }
            let needs_nothing = info.service == Service::Miscellaneous;
            if !needs_nothing {
                let answer = ask(&mut desk, none, info, &body);
                assert_eq!(answer, failed(FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE), "{protocol} {info:?}");
            }
            let is_granted = !protocol.is_ccx()
                || !matches!(
                    info.service,
                    Service::PeripheralMonitor | Service::ClientMonitor | Service::ServerService
                );
            if !is_granted {
                continue;
            }
            let short = &body[..body.len().min(4)];
            // Some are no longer than that.
            if short.len() < body.len() {
                let answer = ask(&mut desk, all, info, short);
                assert_eq!(answer, failed(FailureStatus::E_CTI_BAD_MESSAGE_FORMAT), "{protocol} {info:?}");
            }
            let unknown: &[u8] = match protocol.format() {
                Some(FieldFormat::Narrow) => &[0xfe, 0],
                _ => &[0xff, 0xfe, 0, 0],
            };
            let answer = ask(&mut desk, all, info, &[&body, unknown].concat());
            assert_eq!(answer, failed(FailureStatus::E_CTI_INVALID_FIELD_TAG), "{protocol} {info:?}");
        }
    }
}

#[test]
fn a_request_that_cannot_be_read_is_refused_even_without_a_session_before() {
    for protocol in protocols() {
        let (mut desk, all) = session(protocol, CtiService::CTI_SERVICE_ALL_EVENTS);
        for info in requests().filter(|info| refusals(protocol.product(), info.message_type).is_some()) {
            let frame = OwnedFrame::from_parts(protocol, info.message_type, &[0, 0]);
            let request = Request { invoke_id: 7, message: info.message_type };
            desk.centre.request(desk.now, all, request, &frame.frame(), &mut desk.ears);
            let answer = desk.answer_to(all, request).expect("an answer");
            assert_ne!(answer, Answer::Confirmed, "{protocol} {}", info.message_type);
            desk.ears.answers.clear();
        }
    }
}
