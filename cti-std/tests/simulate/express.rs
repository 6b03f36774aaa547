//! What is different on Unified CCX.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::{Product, Protocol};

use super::desk::{DESKTOP, Desk, Heard, kinds, last, product, quiet};
use super::stage::Stage;

/// What was heard of the states of the agent at an extension.
fn agents(heard: &[Heard], extension: &str) -> Vec<(AgentState, u16)> {
    let events = heard.iter().filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok());
    let events = events.filter(|event| event.agent_extension.is_some_and(|found| found == extension));
    events.map(|event| (event.agent_state, event.event_reason_code)).collect()
}

#[test]
fn an_agent_calls_consults_and_joins_in_every_version() {
    for protocol in product(Product::Ccx) {
        let mut stage = Stage::at(protocol, "outside");
        stage.come_in('c');
        let heard = stage.heard('a');
        let on_other_call = (AgentState::AGENT_STATE_NOT_READY, CcxReasonCode::AGT_NON_ICD.0);
        assert_eq!(agents(&heard, "5002").last(), Some(&on_other_call));
        assert!(!kinds(&heard).contains(&MessageType::CALL_REACHED_NETWORK_EVENT));
        stage.does("a CONSULTATION_CALL_REQ active=call/5002 DialedNumber=5003 > second");
        assert_eq!(agents(&stage.heard('c'), "5003"), [(AgentState::AGENT_STATE_RESERVED, 0)]);
        stage.does("wait 15");
        stage.heard('c');
        stage.does("a CONFERENCE_CALL_REQ active=second/5002 held=call/5002");
        let heard = stage.heard('c');
        let event: CallConferencedEvent<'_> = last(&heard);
        assert_eq!((event.skill_group_number, event.connected_parties.len()), (NULL_CSQ, 3));
        assert_eq!((event.peripheral_id, event.peripheral_type), (1, PeripheralType::PT_ACMI_CRS));
        stage.does("a HOLD_CALL_REQ at=call/5002");
    }
}

#[test]
fn a_client_has_one_agent_or_all_and_services_that_exist() {
    let protocol = Protocol::ccx(17).unwrap();
    let mut desk = Desk::new(quiet(Product::Ccx));
    let both = CtiService(DESKTOP.0 | CtiService::CTI_SERVICE_ALL_EVENTS.0);
    let request = OpenReq { agent_id: Some("agent1003".into()), ..Desk::open_req(protocol, both) };
    let session = desk.open(protocol, &request);
    assert_eq!(desk.ears.refused, [(session, FailureStatus::E_CTI_INVALID_SERVICE_MASK)]);
    let bridge = desk.bridge(protocol);
    let heard = desk.heard(bridge);
    let conf: OpenConf<'_> = last(&heard);
    assert!(!conf.services_granted.contains(CtiService::CTI_SERVICE_PERIPHERAL_MONITOR));
    assert!(conf.services_granted.contains(CtiService::CTI_SERVICE_ALL_EVENTS));
}

#[test]
fn an_agent_logs_in_again_and_teams_are_told() {
    let mut stage = Stage::at(Protocol::ccx(18).unwrap(), "loggedout");
    let login = "a SET_AGENT_STATE_REQ AgentState=LOGIN AgentInstrument=5002 AgentID=@1002 AgentPassword=secret";
    stage.does(login);
    let logged_in = (AgentState::AGENT_STATE_NOT_READY, CcxReasonCode::AGT_LOGON.0);
    assert_eq!(agents(&stage.heard('a'), "5002"), [(AgentState::AGENT_STATE_LOGOUT, 2), logged_in]);
    stage.come_in('c');
    stage.does("c TEAM_CONFIG_REQ ConfigParam=1");
    use MessageType as M;
    assert_eq!(kinds(&stage.heard('c')), [M::TEAM_CONFIG_EVENT, M::TEAM_CONFIG_EVENT, M::TEAM_CONFIG_CONF]);
}
