//! Supervisors on the calls of their agents, help, and teams.

use cti_proto::Protocol;
use cti_proto::message::*;
use cti_proto::value::*;

use super::desk::{Heard, kinds, last};
use super::stage::Stage;

fn cce() -> Protocol {
    Protocol::cce(24).unwrap()
}

/// The calls at a phone, as the client of all events sees them.
fn at_phone(stage: &mut Stage, line: &'static str) -> Vec<(u32, LocalConnectionState, SilentMonitorStatus)> {
    stage.does(line);
    let heard = stage.heard('c');
    let conf: SnapshotDeviceConf<'_> = last(&heard);
    conf.calls.iter().map(|call| (call.call_id, call.state, call.silent_monitor_status.unwrap())).collect()
}

#[test]
fn a_supervisor_listens_whispers_joins_takes_over_and_leaves() {
    let mut stage = Stage::new(cce());
    stage.come_in('c');
    stage.come_in('s');
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065551234 > call");
    stage.does("wait 30");
    let (call, connected) = (stage.number("call"), LocalConnectionState::LCS_CONNECT);
    let (agents, supervisors) =
        ("c SNAPSHOT_DEVICE_REQ AgentInstrument=5002", "c SNAPSHOT_DEVICE_REQ AgentInstrument=5001");

    stage.does("s SUPERVISE_CALL_REQ SupervisoryAction=SUPERVISOR_MONITOR AgentID=@1002");
    let heard = stage.heard('s');
    let conf: SuperviseCallConf<'_> = last(&heard);
    assert_eq!((conf.connection_call_id, conf.connection_device_id.unwrap()), (call, "5002".into()));
    let begin: BeginCallEvent<'_> = last(&heard);
    assert_eq!(begin.call_type, CallType::CALLTYPE_SUPERVISOR_MONITOR);
    let target = at_phone(&mut stage, agents);
    assert_eq!(target, [(call, connected, SilentMonitorStatus::SILENT_MONITOR_TARGET)]);
    let own = at_phone(&mut stage, supervisors);
    assert_eq!(own[0].2, SilentMonitorStatus::SILENT_MONITOR_INITIATOR);

    stage.does("s SUPERVISE_CALL_REQ SupervisoryAction=SUPERVISOR_WHISPER AgentID=@1002");
    stage.does("s SUPERVISE_CALL_REQ SupervisoryAction=SUPERVISOR_BARGE_IN AgentID=@1002");
    let heard = stage.heard('a');
    let conference: CallConferencedEvent<'_> = last(&heard);
    assert_eq!(conference.event_cause, EventCause::CEC_SUPERVISOR_BARGE_IN);
    assert_eq!(conference.connected_parties.len(), 3);
    stage.does("s SUPERVISE_CALL_REQ SupervisoryAction=SUPERVISOR_CLEAR AgentID=@1002");
    let heard = stage.heard('a');
    let cleared: CallConnectionClearedEvent<'_> = last(&heard);
    assert_eq!(cleared.event_cause, EventCause::CEC_SUPERVISOR_CLEAR);
    assert_eq!(cleared.releasing_device_id.unwrap(), "5001");

    stage.does("s SUPERVISE_CALL_REQ SupervisoryAction=SUPERVISOR_INTERCEPT AgentID=@1002");
    let ended = kinds(&stage.heard('a')).into_iter().filter(|kind| *kind == MessageType::END_CALL_EVENT);
    assert_eq!(ended.count(), 1, "the agent is out");
    assert_eq!(at_phone(&mut stage, agents), []);
    assert_eq!(at_phone(&mut stage, supervisors).len(), 1);
}

#[test]
fn who_listens_is_cut_off_when_the_call_ends() {
    let mut stage = Stage::at(cce(), "listening");
    stage.does("a CLEAR_CONNECTION_REQ at=call/5002");
    assert_eq!(stage.desk.centre.calls(), 0);
    let heard = stage.heard('s');
    let end: EndCallEvent<'_> = last(&heard);
    assert_ne!(end.connection_call_id, stage.number("call"));
}

#[test]
fn help_comes_from_the_supervisor() {
    let mut stage = Stage::at(cce(), "outside");
    stage.does("a SUPERVISOR_ASSIST_REQ at=call/5002");
    let heard = stage.heard('a');
    let begin: BeginCallEvent<'_> = last(&heard);
    assert_eq!(begin.call_type, CallType::CALLTYPE_ASSIST);
    let conf: SupervisorAssistConf<'_> = last(&heard);
    assert_eq!((conf.connection_call_id, conf.line_type), (begin.connection_call_id, LineType::LINETYPE_HELP));
    let delivered: CallDeliveredEvent<'_> = last(&heard);
    assert_eq!(delivered.alerting_device_id.unwrap(), "5001");
}

#[test]
fn emergencies_are_told_though_no_supervisor_is_free() {
    let mut stage = Stage::at(cce(), "nohelp");
    stage.come_in('c');
    assert_eq!(stage.answer("a EMERGENCY_CALL_REQ at=call/5002"), "E_CTI_SUPERVISOR_NOT_FOUND");
    let heard = stage.heard('c');
    let event: EmergencyCallEvent<'_> = last(&heard);
    assert_eq!((event.connection_call_id, event.agent_id.unwrap()), (stage.number("call"), "1002".into()));
    assert_eq!(event.client_id.unwrap(), "a");
}

#[test]
fn teams_are_told_listed_and_monitored() {
    let mut stage = Stage::new(cce());
    stage.come_in('s');
    stage.does("s LIST_AGENT_TEAM_REQ SupervisorID=8000");
    let heard = stage.heard('s');
    let conf: ListAgentTeamConf<'_> = last(&heard);
    assert_eq!(conf.teams.iter().map(|team| team.team_id).collect::<Vec<_>>(), [5_000]);
    assert_eq!(conf.more, MoreFlag::LAST_MESSAGE);
    stage.does("s MONITOR_AGENT_TEAM_START_REQ TeamID=5000 > monitor");
    let id = stage.number("monitor");
    let states = |heard: Vec<Heard>| heard.iter().filter(|heard| heard.monitor == Some(id)).count();
    assert_eq!(states(stage.heard('s')), 12, "everybody's state to begin with");
    stage.does("a MAKE_CALL_REQ AgentInstrument=5002 DialedNumber=92065551234");
    assert!(states(stage.heard('s')) >= 2);
    stage.does("s MONITOR_AGENT_TEAM_STOP_REQ MonitorID=monitor");
    stage.does("b MAKE_CALL_REQ AgentInstrument=5003 DialedNumber=92065551235");
    assert_eq!(states(stage.heard('s')), 0);
}
