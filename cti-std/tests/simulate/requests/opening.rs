//! What a session is refused for.

use std::collections::BTreeSet;

use cti_proto::message::{MessageType, OpenReq};
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::wire::Secret;
use cti_proto::{Product, Protocol};
use cti_std::simulate::{Refusal, refusals};

use crate::simulate::desk::{DESKTOP, Desk, protocols, quiet};

/// A request that is changed, and the status that it is refused with.
type Row = (fn(&mut OpenReq<'static>), FailureStatus);

/// Requests of the desktop of the agent 1002, by a client that knows the password.
const ROWS: &[Row] = &[
    (|open| open.client_password = Some(Secret::from("other")), FailureStatus::E_CTI_INVALID_PASSWORD),
    (|open| open.client_password = Some(Secret::from("")), FailureStatus::E_CTI_INVALID_PASSWORD),
    // 0x200 has no name and is granted all the same.
    (
        |open| open.services_requested = CtiService(!CtiService::ALL.0 & !0x200),
        FailureStatus::E_CTI_INVALID_SERVICE_MASK,
    ),
    (
        |open| open.services_requested = DESKTOP | CtiService(!CtiService::ALL.0 & !0x200),
        FailureStatus::E_CTI_INVALID_SERVICE_MASK,
    ),
    (|open| open.peripheral_id = 7, FailureStatus::E_CTI_INVALID_PERIPHERAL_ID),
    (|open| open.agent_id = Some("77".into()), FailureStatus::E_CTI_INVALID_AGENT_DATA),
    (|open| open.agent_instrument = Some("x".into()), FailureStatus::E_CTI_INVALID_AGENT_DATA),
    (|open| open.agent_extension = Some("5003".into()), FailureStatus::E_CTI_INCONSISTENT_AGENT_DATA),
    (
        |open| (open.agent_extension, open.agent_instrument) = (Some("5002".into()), Some("5003".into())),
        FailureStatus::E_CTI_INCONSISTENT_AGENT_DATA,
    ),
    (
        |open| open.services_requested = DESKTOP | CtiService::CTI_SERVICE_SUPERVISOR,
        FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE,
    ),
    (|open| open.client_id = Some("other".into()), FailureStatus::E_CTI_DEVICE_IN_USE),
];

fn desktop(protocol: Protocol) -> OpenReq<'static> {
    OpenReq {
        client_id: Some("desktop".into()),
        client_password: Some(Secret::from("secret")),
        agent_id: Some(if protocol.is_ccx() { "agent1002" } else { "1002" }.into()),
        ..Desk::open_req(protocol, DESKTOP)
    }
}

#[test]
fn a_session_is_refused_in_every_way_that_is_declared() {
    let mut earned = BTreeSet::new();
    for protocol in protocols() {
        let mut config = quiet(protocol.product());
        config.client_password = Some("secret".into());
        let mut desk = Desk::new(config);
        desk.pass(40);
        desk.open(protocol, &desktop(protocol));
        assert_eq!(desk.ears.refused, [], "{protocol}");
        let declared = refusals(protocol.product(), MessageType::OPEN_REQ).unwrap();
        for (change, status) in ROWS.iter().filter(|(_, status)| declared.contains(&Refusal::Status(*status))) {
            let mut request = desktop(protocol);
            change(&mut request);
            let session = desk.open(protocol, &request);
            assert_eq!(desk.ears.refused.pop(), Some((session, *status)), "{protocol}");
            earned.insert((protocol.is_ccx(), *status));
        }
    }
    for (product, ccx) in [(Product::Cce, false), (Product::Ccx, true)] {
        for refusal in refusals(product, MessageType::OPEN_REQ).unwrap() {
            let Refusal::Status(status) = refusal else { panic!("{refusal} is none of a session") };
            assert!(earned.contains(&(ccx, status)), "{product}: {status:?}");
        }
    }
}

#[test]
fn unified_ccx_asks_clients_for_no_password() {
    let protocol = Protocol::ccx(18).unwrap();
    let mut config = quiet(Product::Ccx);
    config.client_password = Some("secret".into());
    let mut desk = Desk::new(config);
    desk.bridge(protocol);
    assert_eq!(desk.ears.refused, []);
}
