//! Client Control: what requests do, and what everybody hears of it. What they are refused for is in `requests`.

use cti_proto::Protocol;
use cti_proto::message::*;
use cti_proto::value::*;

use super::desk::{DESKTOP, Desk, Heard, kinds, last, quiet};
use super::stage::Stage;

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

/// The messages about calls alone.
fn calls(heard: &[Heard]) -> Vec<MessageType> {
    use MessageType as M;
    let others = [M::AGENT_STATE_EVENT, M::RTP_STARTED_EVENT, M::RTP_STOPPED_EVENT];
    kinds(heard).into_iter().filter(|kind| !others.contains(kind)).collect()
}

fn states(heard: &[Heard]) -> Vec<AgentState> {
    let events = heard.iter().filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok());
    events.map(|event| event.agent_state).collect()
}

#[test]
fn a_call_between_two_agents_is_told_to_both_in_the_order_of_the_guide() {
    use MessageType as M;
    let mut stage = Stage::at(cce(), "talk");
    stage.does("a HOLD_CALL_REQ at=call/5002");
    stage.does("a RETRIEVE_CALL_REQ held=call/5002");
    stage.does("b CLEAR_CONNECTION_REQ at=call/5003");
    let (a, b) = (stage.heard('a'), stage.heard('b'));
    assert_eq!(
        calls(&a),
        [
            M::BEGIN_CALL_EVENT,
            M::CALL_SERVICE_INITIATED_EVENT,
            M::CALL_ORIGINATED_EVENT,
            M::CALL_DELIVERED_EVENT,
            M::MAKE_CALL_CONF,
            M::CALL_ESTABLISHED_EVENT,
            M::HOLD_CALL_CONF,
            M::CALL_HELD_EVENT,
            M::RETRIEVE_CALL_CONF,
            M::CALL_RETRIEVED_EVENT,
            M::CALL_CONNECTION_CLEARED_EVENT,
            M::CALL_CLEARED_EVENT,
            M::END_CALL_EVENT,
        ]
    );
    assert_eq!(
        calls(&b),
        [
            M::BEGIN_CALL_EVENT,
            M::CALL_DELIVERED_EVENT,
            M::ANSWER_CALL_CONF,
            M::CALL_ESTABLISHED_EVENT,
            M::CALL_HELD_EVENT,
            M::CALL_RETRIEVED_EVENT,
            M::CLEAR_CONNECTION_CONF,
            M::CALL_CONNECTION_CLEARED_EVENT,
            M::CALL_CLEARED_EVENT,
            M::END_CALL_EVENT,
        ]
    );
    let held: CallHeldEvent<'_> = last(&b);
    assert_eq!(held.holding_device_id.unwrap(), "5002");
    assert_eq!(held.connection_device_id.unwrap(), "5003");
    assert_eq!(held.local_connection_state, LocalConnectionState::LCS_CONNECT);
    let own: CallHeldEvent<'_> = last(&a);
    assert_eq!(own.local_connection_state, LocalConnectionState::LCS_HOLD);
    let count = |kind| kinds(&a).iter().filter(|known| **known == kind).count();
    let media = (count(M::RTP_STARTED_EVENT), count(M::RTP_STOPPED_EVENT));
    assert_eq!(media, (4, 4), "in and out, before and after the hold");
    use AgentState as S;
    let expected = [S::AGENT_STATE_TALKING, S::AGENT_STATE_HOLD, S::AGENT_STATE_TALKING, S::AGENT_STATE_NOT_READY];
    assert_eq!(states(&a), expected);
}

#[test]
fn a_number_may_be_busy_unknown_or_never_answered() {
    for (line, cause) in [
        ("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065550000 > call", EventCause::CEC_BUSY),
        ("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=1234 > call", EventCause::CEC_DEST_NOT_OBTAINABLE),
    ] {
        let mut stage = Stage::at(cce(), "quiet");
        stage.does(line);
        let failed = stage.heard('a');
        let failed: CallFailedEvent<'_> = last(&failed);
        assert_eq!((failed.connection_call_id, failed.event_cause), (stage.number("call"), cause));
        stage.does("a CLEAR_CONNECTION_REQ at=call/5002");
    }
    let mut stage = Stage::at(cce(), "quiet");
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065550001 > call");
    stage.does("wait 300");
    assert!(!kinds(&stage.heard('a')).contains(&MessageType::CALL_ESTABLISHED_EVENT));
    stage.does("a CLEAR_CONNECTION_REQ at=call/5002");
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065551234 > call");
    stage.does("wait 30");
    let heard = stage.heard('a');
    assert!(kinds(&heard).contains(&MessageType::CALL_REACHED_NETWORK_EVENT));
    assert!(kinds(&heard).contains(&MessageType::CALL_ESTABLISHED_EVENT));
}

#[test]
fn a_consultation_becomes_a_transfer() {
    let mut stage = Stage::at(cce(), "asked");
    stage.does("a TRANSFER_CALL_REQ active=second/5002 held=call/5002");
    let (first, second) = (stage.number("call"), stage.number("second"));
    let (a, b) = (stage.heard('a'), stage.heard('b'));
    let event: CallTransferredEvent<'_> = last(&b);
    assert_eq!((event.primary_call_id, event.secondary_call_id), (first, second));
    assert_eq!(event.transferring_device_id.unwrap(), "5002");
    let parties: Vec<_> =
        event.connected_parties.iter().map(|party| (party.call_id, party.device_id.to_string())).collect();
    assert_eq!(parties, [(first, "92065551234".to_owned()), (first, "5003".to_owned())]);
    let ends = a.iter().filter_map(|heard| heard.frame().decode::<EndCallEvent<'_>>().ok());
    assert_eq!(ends.map(|event| event.connection_call_id).collect::<Vec<_>>(), [second, first]);
    let conf: TransferCallConf<'_> = last(&a);
    assert_eq!((conf.new_connection_call_id, conf.connected_parties.len()), (first, 2));
    // B goes on with the customer, in the first call.
    assert_eq!(stage.answer("b HOLD_CALL_REQ at=second/5003"), "CF_INVALID_CSTA_CALL_IDENTIFIER");
    stage.does("b HOLD_CALL_REQ at=call/5003");
    stage.does("b RETRIEVE_CALL_REQ held=call/5003");
    stage.does("b CLEAR_CONNECTION_REQ at=call/5003");
    assert_eq!(stage.desk.centre.calls(), 0);
}

#[test]
fn a_consultation_becomes_a_conference_that_parties_leave() {
    let mut stage = Stage::at(cce(), "asked");
    stage.does("a CONFERENCE_CALL_REQ active=second/5002 held=call/5002");
    let (a, b) = (stage.heard('a'), stage.heard('b'));
    for heard in [&a, &b] {
        let event: CallConferencedEvent<'_> = last(heard);
        assert_eq!((event.primary_call_id, event.secondary_call_id), (stage.number("call"), stage.number("second")));
        assert_eq!(event.connected_parties.len(), 3);
        assert_eq!(event.event_cause, EventCause::CEC_KEY_CONFERENCE);
    }
    let update: CallDataUpdateEvent<'_> = last(&a);
    assert_eq!(update.call_type, CallType::CALLTYPE_CONFERENCE);
    stage.does("b CLEAR_CONNECTION_REQ at=call/5003");
    let a = stage.heard('a');
    let cleared: CallConnectionClearedEvent<'_> = last(&a);
    assert_eq!(cleared.releasing_device_id.unwrap(), "5003");
    assert!(!kinds(&a).contains(&MessageType::CALL_CLEARED_EVENT), "two are left");
    stage.does("a CLEAR_CONNECTION_REQ at=call/5002");
    assert_eq!(stage.desk.centre.calls(), 0);
}

#[test]
fn alternate_and_reconnect_go_from_call_to_call() {
    let mut stage = Stage::at(cce(), "asked");
    stage.does("a ALTERNATE_CALL_REQ active=second/5002 other=call/5002");
    assert_eq!(stage.answer("a ALTERNATE_CALL_REQ active=second/5002 other=call/5002"), "CF_NO_ACTIVE_CALL");
    stage.does("a ALTERNATE_CALL_REQ active=call/5002 other=second/5002");
    stage.does("a RECONNECT_CALL_REQ active=second/5002 held=call/5002");
    assert_eq!(stage.desk.centre.calls(), 1);
    stage.does("a HOLD_CALL_REQ at=call/5002");
}

#[test]
fn single_steps_send_a_call_on() {
    let mut stage = Stage::at(cce(), "outside");
    stage.come_in('b');
    stage.does("a TRANSFER_CALL_REQ active=call/5002 DialedNumber=5003");
    let b = stage.heard('b');
    let rings: CallDeliveredEvent<'_> = last(&b);
    assert_eq!(rings.local_connection_state, LocalConnectionState::LCS_ALERTING);
    let event: CallTransferredEvent<'_> = last(&b);
    assert_eq!(event.primary_call_id, stage.number("call"));
    stage.does("b ANSWER_CALL_REQ at=call/5003");
    assert_eq!(stage.desk.centre.calls(), 1);
}

#[test]
fn a_ringing_call_is_deflected() {
    let mut stage = Stage::new(cce());
    stage.come_in('c');
    stage.come_in('b');
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=5003 > call");
    stage.does("b DEFLECT_CALL_REQ at=call/5003 CalledDeviceID=5004");
    let heard = stage.heard('b');
    let diverted: CallDivertedEvent<'_> = last(&heard);
    let devices = (diverted.diverting_device_id.unwrap(), diverted.called_device_id.unwrap());
    assert_eq!(devices, ("5003".into(), "5004".into()));
    assert_eq!(kinds(&heard).last(), Some(&MessageType::END_CALL_EVENT));
    let heard = stage.heard('c');
    let delivered: CallDeliveredEvent<'_> = last(&heard);
    let devices = (delivered.alerting_device_id.unwrap(), delivered.last_redirect_device_id.unwrap());
    assert_eq!(devices, ("5004".into(), "5003".into()));
}

#[test]
fn agents_log_out_and_in_and_are_found_in_the_state_that_they_are_in() {
    let mut stage = Stage::at(cce(), "loggedout");
    let heard = stage.heard('a');
    let event: AgentStateEvent<'_> = last(&heard);
    assert_eq!((event.agent_state, event.event_reason_code), (AgentState::AGENT_STATE_LOGOUT, 2));
    let login = "a SET_AGENT_STATE_REQ AgentState=LOGIN AgentInstrument=5002 AgentID=@1002 AgentPassword=secret";
    stage.does(login);
    assert_eq!(states(&stage.heard('a')), [AgentState::AGENT_STATE_NOT_READY]);
    stage.does("a QUERY_AGENT_STATE_REQ MRDID=1 AgentID=@1002");
    let heard = stage.heard('a');
    let conf: QueryAgentStateConf<'_> = last(&heard);
    let found = (conf.agent_state, conf.agent_extension.unwrap());
    assert_eq!(found, (AgentState::AGENT_STATE_NOT_READY, "5002".into()));
}

#[test]
fn forced_logins_log_out_whoever_is_in_the_way() {
    let mut stage = Stage::at(cce(), "quiet");
    stage.come_in('b');
    stage.come_in('a');
    let login =
        "c SET_AGENT_STATE_REQ AgentState=LOGIN AgentInstrument=5003 AgentID=@1002 AgentPassword=secret ForcedFlag=1";
    stage.does(login);
    // The phone of 1003 is that of 1002 now, who was at another one before.
    let told = |heard: &[Heard]| {
        let events = heard.iter().filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok());
        events.map(|event| (event.agent_id.unwrap().to_string(), event.agent_state)).collect::<Vec<_>>()
    };
    let (out, there) = (AgentState::AGENT_STATE_LOGOUT, AgentState::AGENT_STATE_NOT_READY);
    assert_eq!(told(&stage.heard('b')), [("1003".to_owned(), out), ("1002".to_owned(), there)]);
    assert_eq!(told(&stage.heard('a')), [("1002".to_owned(), out), ("1002".to_owned(), there)]);
}

#[test]
fn an_agent_who_must_give_reasons_and_wrap_up_data_is_held_to_it() {
    let mut stage = Stage::at(cce(), "reserved");
    let rings = stage.heard('t');
    let rings: CallDeliveredEvent<'_> = last(&rings);
    assert_eq!(rings.alerting_device_id.unwrap(), "5006");
    stage.does("t ANSWER_CALL_REQ at=call/5006");
    stage.does("wait 20");
    stage.does("t CLEAR_CONNECTION_REQ at=call/5006");
    assert_eq!(states(&stage.heard('t')).last(), Some(&AgentState::AGENT_STATE_WORK_READY));
    let ready = "t SET_AGENT_STATE_REQ AgentState=AVAILABLE AgentInstrument=5006";
    assert_eq!(stage.answer(ready), "CF_WRAPUP_DATA_REQUIRED");
    stage.does("t SET_CALL_DATA_REQ at=call/5006 CallWrapupData=sold");
    stage.does(ready);
    stage.does("t QUERY_AGENT_STATISTICS_REQ");
    let heard = stage.heard('t');
    let conf: QueryAgentStatisticsConf<'_> = last(&heard);
    let calls = (conf.session.auto_out_calls, conf.today.auto_out_calls, conf.session.auto_out_calls_talk_time);
    assert_eq!(calls, (1, 1, 20));
    assert!(conf.session.logged_on_time >= 30, "{conf:?}");
}

#[test]
fn variables_of_a_call_that_is_placed_reach_the_agent_who_gets_it() {
    let mut stage = Stage::at(cce(), "alone");
    let place = "c MAKE_PREDICTIVE_CALL_REQ OriginatingDeviceID=7002 DialedNumber=92065551234 AllocationState=1 \
                 user.CaseNumber=C1";
    stage.does(place);
    stage.does("wait 10");
    let heard = stage.heard('t');
    let rings: CallDeliveredEvent<'_> = last(&heard);
    let variables: Vec<_> =
        rings.named_variables.iter().map(|variable| (variable.name.to_string(), variable.value.to_string())).collect();
    assert_eq!(variables, [("user.CaseNumber".to_owned(), "C1".to_owned())]);
}

#[test]
fn a_session_is_given_to_one_client_at_a_time_and_to_agents_who_are_one() {
    let mut desk = Desk::new(quiet(cce().product()));
    desk.pass(40);
    let first = desk.desktop(cce(), "1002");
    let other =
        OpenReq { agent_id: Some("1002".into()), client_id: Some("other".into()), ..Desk::open_req(cce(), DESKTOP) };
    let second = desk.open(cce(), &other);
    assert_eq!(desk.ears.refused, [(second, FailureStatus::E_CTI_DEVICE_IN_USE)]);
    desk.desktop(cce(), "1002");
    assert_eq!(desk.ears.ended, [(first, FailureStatus::E_CTI_NEW_SESSION_OPENED)]);
    desk.ears.refused.clear();
    let supervisor = DESKTOP | CtiService::CTI_SERVICE_SUPERVISOR;
    for (request, status) in [
        (OpenReq { agent_id: Some("9".into()), ..other }, FailureStatus::E_CTI_INVALID_AGENT_DATA),
        (OpenReq { agent_extension: Some("5003".into()), ..other }, FailureStatus::E_CTI_INCONSISTENT_AGENT_DATA),
        (OpenReq { peripheral_id: 5_001, ..other }, FailureStatus::E_CTI_INVALID_PERIPHERAL_ID),
        (OpenReq { services_requested: supervisor, ..other }, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE),
    ] {
        let session = desk.open(cce(), &request);
        assert_eq!(desk.ears.refused.pop(), Some((session, status)));
    }
}
