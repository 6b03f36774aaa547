//! Client Control: every request does what it says, and refuses what it must.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::{List, NamedVariable, Secret};
use cti_proto::{Body, Product, Protocol, Text};
use cti_std::simulate::{Config, SessionId};

use super::desk::{Answer, DESKTOP, Desk, Heard};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

/// A contact centre where nothing happens but what clients do: agents are there and not ready.
fn quiet(of: Product) -> Desk {
    let mut config = Config::new(of);
    config.calls_per_hour = 0.0;
    config.habits.internal_calls = 0.0;
    config.habits.outbound_calls = 0.0;
    config.habits.no_answer = 0.0;
    let mut desk = Desk::new(config);
    desk.pass(40);
    desk
}

fn set_state<'a>(extension: &'a str, state: AgentState, reason: u16) -> SetAgentStateReq<'a> {
    SetAgentStateReq {
        peripheral_id: 5_000,
        agent_state: state,
        event_reason_code: reason,
        agent_instrument: Some(extension.into()),
        ..SetAgentStateReq::default()
    }
}

fn make_call<'a>(extension: &'a str, number: &'a str) -> MakeCallReq<'a> {
    MakeCallReq {
        peripheral_id: 5_000,
        agent_instrument: Some(extension.into()),
        dialed_number: Some(number.into()),
        ..MakeCallReq::default()
    }
}

/// The messages of a kind among what was heard.
fn kinds(heard: &[Heard]) -> Vec<MessageType> {
    heard.iter().map(Heard::message_type).collect()
}

fn last<'h, M: Body<'h>>(heard: &'h [Heard]) -> M {
    let message = heard.iter().rev().find(|heard| heard.message_type() == M::TYPE);
    message.unwrap_or_else(|| panic!("no {:?}", M::TYPE)).frame().decode().unwrap()
}

/// Desktops of the agents 1002 and 1003 (extensions 5002 and 5003), not ready and with a client each.
struct Two {
    desk: Desk,
    a: SessionId,
    b: SessionId,
}

impl Two {
    fn new() -> Self {
        let mut desk = quiet(Product::Cce);
        let (a, b) = (desk.desktop(cce(), "1002"), desk.desktop(cce(), "1003"));
        for (session, extension) in [(a, "5002"), (b, "5003")] {
            let request = set_state(extension, AgentState::AGENT_STATE_NOT_READY, 3);
            assert_eq!(desk.ask(session, &request), Answer::Confirmed);
        }
        desk.ears.heard.clear();
        Self { desk, a, b }
    }

    /// A calls a number; the call's ID.
    fn call(&mut self, number: &str) -> u32 {
        assert_eq!(self.desk.ask(self.a, &make_call("5002", number)), Answer::Confirmed);
        let heard = self.desk.ears.heard.clone();
        last::<MakeCallConf<'_>>(&heard).new_connection_call_id
    }

    /// A and B talk to each other.
    fn talk(&mut self) -> u32 {
        let call = self.call("5003");
        assert_eq!(self.desk.ask(self.b, &answer(call, "5003")), Answer::Confirmed);
        call
    }
}

fn answer(call: u32, extension: &str) -> AnswerCallReq<'_> {
    AnswerCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some(extension.into()),
        ..AnswerCallReq::default()
    }
}

fn hold(call: u32, extension: &str) -> HoldCallReq<'_> {
    HoldCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some(extension.into()),
        ..HoldCallReq::default()
    }
}

fn retrieve(call: u32, extension: &str) -> RetrieveCallReq<'_> {
    RetrieveCallReq {
        peripheral_id: 5_000,
        held_connection_call_id: call,
        held_connection_device_id_type: STATIC,
        held_connection_device_id: Some(extension.into()),
        ..RetrieveCallReq::default()
    }
}

fn clear(call: u32, extension: &str) -> ClearConnectionReq<'_> {
    ClearConnectionReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some(extension.into()),
        ..ClearConnectionReq::default()
    }
}

fn consult<'a>(call: u32, extension: &'a str, number: &'a str) -> ConsultationCallReq<'a> {
    ConsultationCallReq {
        peripheral_id: 5_000,
        active_connection_call_id: call,
        active_connection_device_id_type: STATIC,
        active_connection_device_id: Some(extension.into()),
        dialed_number: Some(number.into()),
        ..ConsultationCallReq::default()
    }
}

#[test]
fn a_call_between_two_agents_is_told_to_both_in_the_order_of_the_guide() {
    use MessageType as M;
    let mut two = Two::new();
    let call = two.talk();
    assert_eq!(two.desk.ask(two.a, &hold(call, "5002")), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.a, &retrieve(call, "5002")), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.b, &clear(call, "5003")), Answer::Confirmed);
    let calls = |heard: Vec<Heard>| -> Vec<MessageType> {
        kinds(&heard)
            .into_iter()
            .filter(|kind| ![M::AGENT_STATE_EVENT, M::RTP_STARTED_EVENT, M::RTP_STOPPED_EVENT].contains(kind))
            .collect()
    };
    let (a, b) = (two.desk.heard(two.a), two.desk.heard(two.b));
    assert_eq!(
        calls(a.clone()),
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
        calls(b.clone()),
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
    let started = kinds(&a).iter().filter(|kind| **kind == M::RTP_STARTED_EVENT).count();
    let stopped = kinds(&a).iter().filter(|kind| **kind == M::RTP_STOPPED_EVENT).count();
    assert_eq!((started, stopped), (4, 4), "in and out, before and after the hold");
    let states: Vec<_> = a
        .iter()
        .filter_map(|heard| heard.frame().decode::<AgentStateEvent<'_>>().ok().map(|event| event.agent_state))
        .collect();
    assert_eq!(
        states,
        [
            AgentState::AGENT_STATE_TALKING,
            AgentState::AGENT_STATE_HOLD,
            AgentState::AGENT_STATE_TALKING,
            AgentState::AGENT_STATE_NOT_READY
        ]
    );
}

#[test]
fn call_control_refuses_what_is_not_there_or_not_in_the_state() {
    let mut two = Two::new();
    let failed = |code| Answer::Control(code);
    assert_eq!(two.desk.ask(two.a, &answer(99, "5002")), failed(ControlFailureCode::CF_INVALID_CSTA_CALL_IDENTIFIER));
    assert_eq!(
        two.desk.ask(
            two.a,
            &AnswerCallReq { peripheral_id: 5_000, agent_instrument: Some("5002".into()), ..AnswerCallReq::default() }
        ),
        failed(ControlFailureCode::CF_NO_CALL_TO_ANSWER)
    );
    assert_eq!(
        two.desk.ask(two.a, &AnswerCallReq { peripheral_id: 7, ..answer(99, "5002") }),
        Answer::Failed(FailureStatus::E_CTI_INVALID_PERIPHERAL_ID)
    );
    assert_eq!(
        two.desk.ask(two.a, &make_call("5003", "5002")),
        failed(ControlFailureCode::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE)
    );
    assert_eq!(
        two.desk.ask(two.a, &make_call("nothing", "5002")),
        failed(ControlFailureCode::CF_INVALID_CALLING_DEVICE)
    );
    assert_eq!(two.desk.ask(two.a, &make_call("5002", "who?")), failed(ControlFailureCode::CF_INVALID_CALLED_DEVICE));
    let placed = MakeCallReq { call_placement_type: CallPlacementType(77), ..make_call("5002", "5003") };
    assert_eq!(two.desk.ask(two.a, &placed), Answer::Failed(FailureStatus::E_CTI_INVALID_CALL_PLACEMENT_TYPE));
    let routed = MakeCallReq { post_route: true, ..make_call("5002", "5003") };
    assert_eq!(two.desk.ask(two.a, &routed), failed(ControlFailureCode::CF_INVALID_DIALED_NUMBER));
    let skilled = MakeCallReq { skill_group_number: 999, ..make_call("5002", "5003") };
    assert_eq!(two.desk.ask(two.a, &skilled), failed(ControlFailureCode::CF_INVALID_SKILL_GROUP_SPECIFIED));
    let call = two.talk();
    assert_eq!(
        two.desk.ask(two.a, &make_call("5002", "5004")),
        failed(ControlFailureCode::CF_GENERIC_STATE_INCOMPATIBILITY)
    );
    assert_eq!(two.desk.ask(two.a, &retrieve(call, "5002")), failed(ControlFailureCode::CF_NO_HELD_CALL));
    assert_eq!(
        two.desk.ask(two.a, &hold(call, "5003")),
        failed(ControlFailureCode::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE)
    );
    assert_eq!(
        two.desk.ask(two.a, &hold(call, "5004")),
        failed(ControlFailureCode::CF_INVALID_CSTA_CONNECTION_IDENTIFIER)
    );
    assert_eq!(two.desk.ask(two.a, &hold(call, "x")), failed(ControlFailureCode::CF_INVALID_CSTA_DEVICE_IDENTIFIER));
    let odd = HoldCallReq { connection_device_id_type: ConnectionDeviceIdType(9), ..hold(call, "5002") };
    assert_eq!(two.desk.ask(two.a, &odd), Answer::Failed(FailureStatus::E_CTI_INVALID_CONNECTION_ID_TYPE));
    assert_eq!(two.desk.ask(two.a, &hold(call, "5002")), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.a, &hold(call, "5002")), failed(ControlFailureCode::CF_NO_ACTIVE_CALL));
    assert_eq!(two.desk.ask(two.a, &consult(call, "5002", "5004")), failed(ControlFailureCode::CF_NO_ACTIVE_CALL));
    let tones = SendDtmfSignalReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        dtmf_string: Some("12#".into()),
        ..SendDtmfSignalReq::default()
    };
    assert_eq!(two.desk.ask(two.a, &tones), failed(ControlFailureCode::CF_NO_ACTIVE_CALL));
    assert_eq!(two.desk.ask(two.a, &retrieve(call, "5002")), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.a, &tones), Answer::Confirmed);
    assert_eq!(
        two.desk.ask(two.b, &clear(call, "5002")),
        failed(ControlFailureCode::CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE)
    );
    let all = ClearCallReq {
        peripheral_id: 5_000,
        connection_call_id: call,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        ..ClearCallReq::default()
    };
    assert_eq!(two.desk.ask(two.a, &all), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.a, &all), failed(ControlFailureCode::CF_INVALID_CSTA_CALL_IDENTIFIER));
    assert_eq!(two.desk.centre.calls(), 0);
}

#[test]
fn a_number_may_be_busy_unknown_or_never_answered() {
    let mut two = Two::new();
    for (number, cause) in [("92065550000", EventCause::CEC_BUSY), ("1234", EventCause::CEC_DEST_NOT_OBTAINABLE)] {
        let call = two.call(number);
        let heard = two.desk.heard(two.a);
        let failed: CallFailedEvent<'_> = last(&heard);
        assert_eq!((failed.connection_call_id, failed.event_cause), (call, cause));
        assert_eq!(two.desk.ask(two.a, &clear(call, "5002")), Answer::Confirmed);
    }
    let call = two.call("92065550001");
    two.desk.pass(300);
    let heard = two.desk.heard(two.a);
    assert!(!kinds(&heard).contains(&MessageType::CALL_ESTABLISHED_EVENT));
    assert_eq!(two.desk.ask(two.a, &clear(call, "5002")), Answer::Confirmed);
    two.call("92065551234");
    two.desk.pass(30);
    let heard = two.desk.heard(two.a);
    assert!(kinds(&heard).contains(&MessageType::CALL_REACHED_NETWORK_EVENT));
    assert!(kinds(&heard).contains(&MessageType::CALL_ESTABLISHED_EVENT));
}

/// A talks to a customer, B has been consulted and has answered: both calls.
fn consulted(two: &mut Two) -> (u32, u32) {
    let first = two.call("92065551234");
    two.desk.pass(30);
    assert_eq!(two.desk.ask(two.a, &consult(first, "5002", "5003")), Answer::Confirmed);
    let heard = two.desk.ears.heard.clone();
    let second = last::<ConsultationCallConf<'_>>(&heard).new_connection_call_id;
    assert_eq!(two.desk.ask(two.b, &answer(second, "5003")), Answer::Confirmed);
    two.desk.ears.heard.clear();
    (first, second)
}

fn transfer(active: u32, held: u32) -> TransferCallReq<'static> {
    TransferCallReq {
        peripheral_id: 5_000,
        active_connection_call_id: active,
        held_connection_call_id: held,
        active_connection_device_id_type: STATIC,
        held_connection_device_id_type: STATIC,
        active_connection_device_id: Some("5002".into()),
        held_connection_device_id: Some("5002".into()),
        ..TransferCallReq::default()
    }
}

#[test]
fn a_consultation_becomes_a_transfer() {
    let mut two = Two::new();
    let (first, second) = consulted(&mut two);
    assert_eq!(two.desk.ask(two.a, &transfer(second, first)), Answer::Confirmed);
    let (a, b) = (two.desk.heard(two.a), two.desk.heard(two.b));
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
    assert_eq!(
        two.desk.ask(two.b, &hold(second, "5003")),
        Answer::Control(ControlFailureCode::CF_INVALID_CSTA_CALL_IDENTIFIER)
    );
    assert_eq!(two.desk.ask(two.b, &hold(first, "5003")), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.b, &retrieve(first, "5003")), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.b, &clear(first, "5003")), Answer::Confirmed);
    assert_eq!(two.desk.centre.calls(), 0);
}

#[test]
fn a_consultation_becomes_a_conference_that_parties_leave() {
    let mut two = Two::new();
    let (first, second) = consulted(&mut two);
    let conference = ConferenceCallReq {
        peripheral_id: 5_000,
        active_connection_call_id: second,
        held_connection_call_id: first,
        active_connection_device_id_type: STATIC,
        held_connection_device_id_type: STATIC,
        active_connection_device_id: Some("5002".into()),
        held_connection_device_id: Some("5002".into()),
        ..ConferenceCallReq::default()
    };
    assert_eq!(two.desk.ask(two.a, &conference), Answer::Confirmed);
    let (a, b) = (two.desk.heard(two.a), two.desk.heard(two.b));
    for heard in [&a, &b] {
        let event: CallConferencedEvent<'_> = last(heard);
        assert_eq!((event.primary_call_id, event.secondary_call_id), (first, second));
        assert_eq!(event.connected_parties.len(), 3);
        assert_eq!(event.event_cause, EventCause::CEC_KEY_CONFERENCE);
    }
    let update: CallDataUpdateEvent<'_> = last(&a);
    assert_eq!(update.call_type, CallType::CALLTYPE_CONFERENCE);
    assert_eq!(two.desk.ask(two.b, &clear(first, "5003")), Answer::Confirmed);
    let a = two.desk.heard(two.a);
    let cleared: CallConnectionClearedEvent<'_> = last(&a);
    assert_eq!(cleared.releasing_device_id.unwrap(), "5003");
    assert!(!kinds(&a).contains(&MessageType::CALL_CLEARED_EVENT), "two are left");
    assert_eq!(two.desk.ask(two.a, &clear(first, "5002")), Answer::Confirmed);
    assert_eq!(two.desk.centre.calls(), 0);
}

#[test]
fn alternate_and_reconnect_go_from_call_to_call() {
    let mut two = Two::new();
    let (first, second) = consulted(&mut two);
    let alternate = |active, other| AlternateCallReq {
        peripheral_id: 5_000,
        active_connection_call_id: active,
        other_connection_call_id: other,
        active_connection_device_id_type: STATIC,
        other_connection_device_id_type: STATIC,
        active_connection_device_id: Some("5002".into()),
        other_connection_device_id: Some("5002".into()),
        ..AlternateCallReq::default()
    };
    assert_eq!(two.desk.ask(two.a, &alternate(second, first)), Answer::Confirmed);
    assert_eq!(two.desk.ask(two.a, &alternate(second, first)), Answer::Control(ControlFailureCode::CF_NO_ACTIVE_CALL));
    assert_eq!(two.desk.ask(two.a, &alternate(first, second)), Answer::Confirmed);
    let reconnect = ReconnectCallReq {
        peripheral_id: 5_000,
        active_connection_call_id: second,
        held_connection_call_id: first,
        active_connection_device_id_type: STATIC,
        held_connection_device_id_type: STATIC,
        active_connection_device_id: Some("5002".into()),
        held_connection_device_id: Some("5002".into()),
        ..ReconnectCallReq::default()
    };
    assert_eq!(two.desk.ask(two.a, &reconnect), Answer::Confirmed);
    assert_eq!(two.desk.centre.calls(), 1);
    assert_eq!(two.desk.ask(two.a, &hold(first, "5002")), Answer::Confirmed);
}

#[test]
fn single_steps_send_a_call_on_or_add_to_it() {
    let mut two = Two::new();
    let first = two.call("92065551234");
    two.desk.pass(30);
    let single = |number: &'static str| TransferCallReq {
        held_connection_call_id: NULL_CALL_ID,
        held_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_NONE,
        held_connection_device_id: None,
        dialed_number: Some(number.into()),
        ..transfer(first, NULL_CALL_ID)
    };
    let nowhere = Answer::Control(ControlFailureCode::CF_INVALID_DESTINATION);
    assert_eq!(two.desk.ask(two.a, &single("1234")), nowhere);
    assert_eq!(
        two.desk.ask(two.a, &TransferCallReq { dialed_number: None, ..single("") }),
        Answer::Failed(FailureStatus::E_CTI_REQUIRED_DATA_MISSING)
    );
    assert_eq!(two.desk.ask(two.a, &single("5003")), Answer::Confirmed);
    let b = two.desk.heard(two.b);
    let rings: CallDeliveredEvent<'_> = last(&b);
    assert_eq!(rings.local_connection_state, LocalConnectionState::LCS_ALERTING);
    let event: CallTransferredEvent<'_> = last(&b);
    assert_eq!(event.primary_call_id, first);
    assert_eq!(two.desk.ask(two.b, &answer(first, "5003")), Answer::Confirmed);
    assert_eq!(two.desk.centre.calls(), 1);
}

#[test]
fn agents_log_in_and_out_and_change_their_states_by_the_rules() {
    let mut desk = quiet(Product::Cce);
    let session = desk.desktop(cce(), "1002");
    let control = |code| Answer::Control(code);
    let login = |password: Option<&'static str>| SetAgentStateReq {
        agent_id: Some("1002".into()),
        agent_password: password.map(Secret::from),
        ..set_state("5002", AgentState::AGENT_STATE_LOGIN, 0)
    };
    assert_eq!(desk.ask(session, &login(None)), Answer::Failed(FailureStatus::E_CTI_REQUIRED_DATA_MISSING));
    assert_eq!(desk.ask(session, &login(Some("x"))), control(ControlFailureCode::CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON));
    let unknown = SetAgentStateReq { agent_id: Some("77".into()), ..login(Some("x")) };
    assert_eq!(desk.ask(session, &unknown), control(ControlFailureCode::CF_INVALID_AGENT_ID_SPECIFIED));
    let work = set_state("5002", AgentState::AGENT_STATE_WORK_READY, 0);
    assert_eq!(desk.ask(session, &work), control(ControlFailureCode::CF_GENERIC_STATE_INCOMPATIBILITY));
    let odd = set_state("5002", AgentState::AGENT_STATE_TALKING, 0);
    assert_eq!(desk.ask(session, &odd), control(ControlFailureCode::CF_INVALID_OBJECT_STATE));
    let mode = SetAgentStateReq { agent_work_mode: AgentWorkMode(9), ..odd };
    assert_eq!(desk.ask(session, &mode), Answer::Failed(FailureStatus::E_CTI_INVALID_AGENT_WORK_MODE));
    let logout = |reason| SetAgentStateReq {
        agent_id: Some("1002".into()),
        agent_password: Some("x".into()),
        ..set_state("5002", AgentState::AGENT_STATE_LOGOUT, reason)
    };
    assert_eq!(desk.ask(session, &set_state("5002", AgentState::AGENT_STATE_AVAILABLE, 0)), Answer::Confirmed);
    assert_eq!(desk.ask(session, &logout(1)), control(ControlFailureCode::CF_INVALID_OBJECT_STATE), "ready");
    assert_eq!(desk.ask(session, &set_state("5002", AgentState::AGENT_STATE_NOT_READY, 4)), Answer::Confirmed);
    assert_eq!(desk.ask(session, &logout(2)), Answer::Confirmed);
    let heard = desk.heard(session);
    let event: AgentStateEvent<'_> = last(&heard);
    assert_eq!((event.agent_state, event.event_reason_code), (AgentState::AGENT_STATE_LOGOUT, 2));
    assert_eq!(desk.ask(session, &logout(2)), Answer::Failed(FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON));
    assert_eq!(
        desk.ask(session, &set_state("5002", AgentState::AGENT_STATE_AVAILABLE, 0)),
        Answer::Failed(FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON)
    );
    let elsewhere = SetAgentStateReq { agent_instrument: Some("9999".into()), ..login(Some("x")) };
    assert_eq!(desk.ask(session, &elsewhere), control(ControlFailureCode::CF_INVALID_LOGON_DEVICE_SPECIFIED));
    let groups = [SelectedSkillGroup { number: 999, priority: 0 }];
    let skilled = SetAgentStateReq { skill_groups: List::from(&groups), ..login(Some("x")) };
    assert_eq!(desk.ask(session, &skilled), control(ControlFailureCode::CF_INVALID_SKILL_GROUP_SPECIFIED));
    let checked = SetAgentStateReq { forced_flag: ForcedFlag::AUTHENTICATION_ONLY, ..login(Some("x")) };
    assert_eq!(desk.ask(session, &checked), Answer::Confirmed);
    assert_eq!(desk.ask(session, &login(Some("x"))), Answer::Confirmed);
    let heard = desk.heard(session);
    let event: AgentStateEvent<'_> = last(&heard);
    assert_eq!(event.agent_state, AgentState::AGENT_STATE_NOT_READY);
    let query = QueryAgentStateReq {
        peripheral_id: 5_000,
        mrdid: 1,
        agent_id: Some("1002".into()),
        ..QueryAgentStateReq::default()
    };
    assert_eq!(desk.ask(session, &query), Answer::Confirmed);
    let heard = desk.heard(session);
    let conf: QueryAgentStateConf<'_> = last(&heard);
    assert_eq!(
        (conf.agent_state, conf.agent_extension.unwrap()),
        (AgentState::AGENT_STATE_NOT_READY, Text::from("5002"))
    );
    let domain = QueryAgentStateReq { mrdid: 9, ..query };
    assert_eq!(desk.ask(session, &domain), Answer::Failed(FailureStatus::E_CTI_INVALID_MR_DOMAIN));
    let nobody = QueryAgentStateReq { agent_id: Some("77".into()), ..query };
    assert_eq!(desk.ask(session, &nobody), Answer::Failed(FailureStatus::E_CTI_INVALID_AGENT_DATA));
    let both = QueryAgentStateReq { agent_extension: Some("5003".into()), ..query };
    assert_eq!(desk.ask(session, &both), Answer::Failed(FailureStatus::E_CTI_INCONSISTENT_AGENT_DATA));
}

#[test]
fn an_agent_who_must_give_reasons_and_wrap_up_data_is_held_to_it() {
    let mut desk = quiet(Product::Cce);
    // Every eighth agent has the strict desk settings: 1006 is the first.
    let session = desk.desktop(cce(), "1006");
    let bridge = desk.bridge(cce());
    let not_ready = |reason| set_state("5006", AgentState::AGENT_STATE_NOT_READY, reason);
    assert_eq!(desk.ask(session, &not_ready(0)), Answer::Control(ControlFailureCode::CF_REASON_CODE_REQUIRED));
    assert_eq!(desk.ask(session, &not_ready(2)), Answer::Confirmed);
    let logout = SetAgentStateReq {
        agent_id: Some("1006".into()),
        agent_password: Some("x".into()),
        ..set_state("5006", AgentState::AGENT_STATE_LOGOUT, 0)
    };
    assert_eq!(desk.ask(session, &logout), Answer::Control(ControlFailureCode::CF_REASON_CODE_REQUIRED));
    // The agent's group is the second one; everybody else in it rests, so that a call to it is this agent's.
    for other in ["5002", "5010", "5014", "5018", "5022", "5001", "5013"] {
        assert_eq!(
            desk.ask(bridge, &set_state(other, AgentState::AGENT_STATE_NOT_READY, 1)),
            Answer::Confirmed,
            "{other}"
        );
    }
    assert_eq!(desk.ask(session, &set_state("5006", AgentState::AGENT_STATE_AVAILABLE, 0)), Answer::Confirmed);
    let variables = [NamedVariable { name: "user.CaseNumber".into(), value: "C1".into() }];
    let call = MakePredictiveCallReq {
        peripheral_id: 5_000,
        originating_device_id: Some("7002".into()),
        dialed_number: Some("92065551234".into()),
        allocation_state: AllocationState::ALLOC_CALL_ESTABLISHED,
        named_variables: List::from(&variables),
        ..MakePredictiveCallReq::default()
    };
    assert_eq!(desk.ask(bridge, &call), Answer::Confirmed);
    desk.pass(10);
    let heard = desk.heard(session);
    let rings: CallDeliveredEvent<'_> = last(&heard);
    assert_eq!(rings.alerting_device_id.unwrap(), "5006");
    assert_eq!(rings.named_variables.iter().next(), Some(variables[0]));
    let id = rings.connection_call_id;
    assert_eq!(desk.ask(session, &answer(id, "5006")), Answer::Confirmed);
    desk.pass(20);
    assert_eq!(desk.ask(session, &clear(id, "5006")), Answer::Confirmed);
    let heard = desk.heard(session);
    let event: AgentStateEvent<'_> = last(&heard);
    assert_eq!(event.agent_state, AgentState::AGENT_STATE_WORK_READY);
    let ready = set_state("5006", AgentState::AGENT_STATE_AVAILABLE, 0);
    assert_eq!(desk.ask(session, &ready), Answer::Control(ControlFailureCode::CF_WRAPUP_DATA_REQUIRED));
    let wrapup = |device: &'static str| SetCallDataReq {
        peripheral_id: 5_000,
        connection_call_id: id,
        connection_device_id_type: STATIC,
        connection_device_id: Some(device.into()),
        call_wrapup_data: Some("sold".into()),
        ..SetCallDataReq::default()
    };
    assert_eq!(desk.ask(session, &wrapup("5007")), Answer::Failed(FailureStatus::E_CTI_INVALID_CALLID));
    assert_eq!(desk.ask(session, &wrapup("5006")), Answer::Confirmed);
    assert_eq!(desk.ask(session, &ready), Answer::Confirmed);
    let statistics = QueryAgentStatisticsReq { peripheral_id: 5_000, ..QueryAgentStatisticsReq::default() };
    assert_eq!(desk.ask(session, &statistics), Answer::Confirmed);
    let heard = desk.heard(session);
    let conf: QueryAgentStatisticsConf<'_> = last(&heard);
    assert_eq!(
        (conf.session.auto_out_calls, conf.today.auto_out_calls, conf.session.auto_out_calls_talk_time),
        (1, 1, 20)
    );
    assert!(conf.session.logged_on_time >= 30, "{conf:?}");
}

#[test]
fn a_session_is_given_to_one_client_at_a_time_and_to_agents_who_are_one() {
    let mut desk = quiet(Product::Cce);
    let first = desk.desktop(cce(), "1002");
    let other =
        OpenReq { agent_id: Some("1002".into()), client_id: Some("other".into()), ..Desk::open_req(cce(), DESKTOP) };
    let second = desk.open(cce(), &other);
    assert_eq!(desk.ears.refused, [(second, FailureStatus::E_CTI_DEVICE_IN_USE)]);
    let again = desk.desktop(cce(), "1002");
    assert_eq!(desk.ears.ended, [(first, FailureStatus::E_CTI_NEW_SESSION_OPENED)]);
    desk.ears.refused.clear();
    for (request, status) in [
        (OpenReq { agent_id: Some("9".into()), ..other }, FailureStatus::E_CTI_INVALID_AGENT_DATA),
        (OpenReq { agent_extension: Some("5003".into()), ..other }, FailureStatus::E_CTI_INCONSISTENT_AGENT_DATA),
        (OpenReq { peripheral_id: 5_001, ..other }, FailureStatus::E_CTI_INVALID_PERIPHERAL_ID),
    ] {
        let session = desk.open(cce(), &request);
        assert_eq!(desk.ears.refused.pop(), Some((session, status)));
    }
    assert_eq!(desk.ask(again, &set_state("5002", AgentState::AGENT_STATE_NOT_READY, 1)), Answer::Confirmed);
}
