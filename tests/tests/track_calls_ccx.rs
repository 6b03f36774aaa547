//! Calls as stories, as Unified CCX tells them: the sequences of its guide.

use cti_proto::Protocol;
use cti_proto::message::{
    BeginCallEvent, CallClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallDevice, CallVariables, DeviceCall,
    SnapshotCallConf, SnapshotDeviceConf,
};
use cti_proto::track::{CallEnd, CallStage, Change};
use cti_proto::value::{
    CallType, ConnectionDeviceIdType, DeviceIdType, EventCause, LocalConnectionState, SilentMonitorStatus,
};
use cti_proto::wire::{List, NamedVariable};
use cti_tests::track::{PERIPHERAL, Story, parties, with_frame};

const CALLER: &str = "2005";
const ALICE: &str = "3001";
const BOB: &str = "3002";
const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

fn story() -> Story {
    Story::new(Protocol::ccx(18).unwrap())
}

/// A caller with a phone of this system has dialled the trigger, waits and is put through to Alice.
fn put_through(story: &mut Story) {
    story.of(1, CALLER).begin(CallType::CALLTYPE_OUT);
    story.initiated(CALLER);
    story.originated(CALLER, "R7000");
    story.delivered(CALLER, "P7901", "");
    story.established(CALLER, "P7901");
    story.wait(3).queued("R7000", CALLER, &[9]);
    story.wait(20).diverted("R7000", ALICE);
    story.delivered(CALLER, ALICE, "");
    story.wait(2).established(CALLER, ALICE);
    story.connection_cleared("P7901");
}

#[test]
fn an_inbound_call_is_treated_queued_and_put_through() {
    let mut story = story();
    story.of(1, CALLER).begin(CallType::CALLTYPE_OUT);
    story.initiated(CALLER);
    story.originated(CALLER, "R7000");
    assert_eq!(story.call(1, CALLER).stage(), CallStage::Dialing);
    story.delivered(CALLER, "P7901", "");
    story.established(CALLER, "P7901");
    assert_eq!(story.call(1, CALLER).stage(), CallStage::Treated, "a port is nobody to talk to");
    story.queued("R7000", CALLER, &[9]);
    assert_eq!(story.call(1, CALLER).stage(), CallStage::Queued);
    assert_eq!(story.calls.queued_at(PERIPHERAL, 9).count(), 1);
    story.wait(20).diverted("R7000", ALICE);
    assert_eq!(story.calls.queued_at(PERIPHERAL, 9).count(), 0, "no CALL_DEQUEUED_EVENT is expected");
    story.delivered(CALLER, ALICE, "");
    assert_eq!(story.call(1, CALLER).stage(), CallStage::Alerting);
    story.established(CALLER, ALICE);
    story.connection_cleared("P7901");
    assert_eq!(story.parties(1, CALLER), "2005 CONNECT, 3001 CONNECT");
    assert_eq!(story.call(1, CALLER).times(story.now).queued.as_secs(), 20);
    // The name need not be whole at the end of a call.
    story.tell(&CallClearedEvent { connection_call_id: 1, ..CallClearedEvent::default() });
    assert_eq!(story.call(1, CALLER).stage(), CallStage::Cleared);
    story.end();
    assert!(story.calls.is_empty());
}

#[test]
fn a_consult_call_is_tied_without_being_named() {
    let mut story = story();
    put_through(&mut story);
    story.held(ALICE);
    story.of(2, ALICE).begin(CallType::CALLTYPE_CONSULT);
    story.initiated(ALICE);
    story.originated(ALICE, BOB);
    story.delivered(ALICE, BOB, "");
    assert_eq!(story.call(2, ALICE).origin(), Some(story.handle(1, CALLER)));
    assert_eq!(story.call(2, ALICE).stage(), CallStage::Alerting);
}

#[test]
fn a_conference_comes_together() {
    let mut story = story();
    put_through(&mut story);
    story.held(ALICE);
    story.of(2, ALICE).begin(CallType::CALLTYPE_CONSULT);
    story.initiated(ALICE);
    story.originated(ALICE, BOB);
    story.delivered(ALICE, BOB, "");
    story.established(ALICE, BOB);
    let update = CallDataUpdateEvent { call_type: CallType::CALLTYPE_CONFERENCE, ..Default::default() };
    story.of(1, CALLER).data_update(update);
    story.conferenced((2, ALICE), ALICE, BOB, &[(1, CALLER), (1, ALICE), (1, BOB)]);
    assert_eq!(story.call(1, CALLER).call_type(), CallType::CALLTYPE_CONFERENCE);
    assert_eq!(story.parties(1, CALLER), "2005 CONNECT, 3001 CONNECT, 3002 CONNECT");
    assert_eq!(story.call(2, ALICE).stage(), CallStage::Merged);
    story.of(2, ALICE).end();
    story.of(1, CALLER).connection_cleared(ALICE);
    assert_eq!(story.parties(1, CALLER), "2005 CONNECT, 3002 CONNECT");
}

#[test]
fn a_consult_transfer_is_completed() {
    let mut story = story();
    put_through(&mut story);
    story.held(ALICE);
    story.of(2, ALICE).begin(CallType::CALLTYPE_CONSULT);
    story.originated(ALICE, BOB);
    story.delivered(ALICE, BOB, "");
    story.established(ALICE, BOB);
    story.of(1, CALLER).transferred((2, ALICE), ALICE, BOB, &[]);
    assert_eq!(story.parties(1, CALLER), "2005 CONNECT, 3002 CONNECT", "the parties need not be listed");
    assert_eq!(story.calls.at_device(ALICE.into()).count(), 0);
}

#[test]
fn a_preview_call_reserves_the_agent_and_is_accepted() {
    let mut story = story();
    story.of(5, ALICE);
    let named = |response: &'static str| {
        [("BACampaign", "spring"), ("BAResponse", response)]
            .map(|(name, value)| NamedVariable { name: name.into(), value: value.into() })
    };
    let offered = named("");
    story.tell(&BeginCallEvent {
        peripheral_id: PERIPHERAL,
        call_type: CallType::CALLTYPE_RESERVATION,
        connection_device_id_type: STATIC,
        connection_call_id: 5,
        connection_device_id: Some(ALICE.into()),
        named_variables: List::new(&offered),
        ..Default::default()
    });
    story.tell(&CallDeliveredEvent {
        peripheral_id: PERIPHERAL,
        connection_device_id_type: STATIC,
        connection_call_id: 5,
        connection_device_id: Some(ALICE.into()),
        alerting_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
        alerting_device_id: Some(ALICE.into()),
        local_connection_state: LocalConnectionState::LCS_ALERTING,
        event_cause: EventCause::CEC_NEW_CALL,
        ..Default::default()
    });
    let call = story.call(5, ALICE);
    assert_eq!((call.stage(), call.cause()), (CallStage::Alerting, EventCause::CEC_NEW_CALL));
    let accepted = named("Accept");
    story.data_update(CallDataUpdateEvent { named_variables: List::new(&accepted), ..Default::default() });
    let data = story.call(5, ALICE).data();
    assert_eq!(data.named_variable("BAResponse"), Some("Accept".into()));
    assert_eq!(data.named_variable("BACampaign"), Some("spring".into()));
    // The call to the customer has an ID of its own.
    story.of(6, ALICE).begin(CallType::CUSTOMER_PREDICTIVE);
    story.initiated(ALICE);
    story.originated(ALICE, "+9");
    story.delivered(ALICE, "+9", "");
    story.established(ALICE, "+9");
    story.of(5, ALICE).cleared();
    story.end();
    assert_eq!(story.parties(6, ALICE), "+9 CONNECT, 3001 CONNECT");
}

#[test]
fn two_lines_of_a_phone_are_two_devices() {
    let mut story = Story::new(Protocol::ccx(14).unwrap());
    story.of(1, "3001.4001").begin(CallType::CALLTYPE_OTHER_IN);
    story.delivered("+9", "3001.4001", "");
    story.of(2, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    story.delivered("+8", ALICE, "");
    assert_eq!(story.calls.at_device("3001.4001".into()).count(), 1);
    assert_eq!(story.calls.at_device(ALICE.into()).count(), 1);
}

// ---- snapshots, of both products ------------------------------------------------------------------

#[test]
fn a_snapshot_of_a_call_says_who_is_in_it() {
    let mut story = Story::new(Protocol::cce(24).unwrap());
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    story.delivered("+9", ALICE, "");
    story.established("+9", ALICE);
    let device = |id: &'static str, state| CallDevice {
        call_id: 1,
        connection_device_id_type: STATIC,
        connection_device_id: id.into(),
        device_type: DeviceIdType::DEVID_AGENT_DEVICE,
        device_id: id.into(),
        state,
    };
    let devices = [
        device(ALICE, LocalConnectionState::LCS_HOLD),
        device(BOB, LocalConnectionState::LCS_CONNECT),
        device("3009", LocalConnectionState::LCS_NULL),
    ];
    story.tell(&SnapshotCallConf {
        call_type: CallType::CALLTYPE_CONFERENCE,
        call_variables: CallVariables::NONE.with(2, "two".into()),
        call_devices: (&devices[..]).into(),
        ..Default::default()
    });
    let call = story.call(1, ALICE);
    assert_eq!(parties(&call), "3001 HOLD, 3002 CONNECT");
    assert_eq!((call.stage(), call.call_type()), (CallStage::Held, CallType::CALLTYPE_CONFERENCE));
    assert_eq!(call.data().variable(2), Some("two".into()));
}

#[test]
fn a_snapshot_of_a_device_puts_its_calls_right() {
    let mut story = story();
    for call in [1, 2] {
        story.of(call, ALICE).begin(CallType::CALLTYPE_ACD_IN);
        story.established("", ALICE);
    }
    story.calls.session_lost();
    let calls = [3, 1].map(|call_id| DeviceCall {
        call_id,
        connection_device_id_type: STATIC,
        connection_device_id: ALICE.into(),
        state: LocalConnectionState::LCS_HOLD,
        silent_monitor_status: Some(SilentMonitorStatus::SILENT_MONITOR_NONE),
    });
    let conf = SnapshotDeviceConf { calls: (&calls[..]).into(), ..Default::default() };
    let (now, tracker) = (story.now, &mut story.calls);
    with_frame(story.protocol, &conf, |frame| tracker.reconcile_device(now, ALICE.into(), frame).unwrap());
    let mut ids: Vec<_> = story.calls.at_device(ALICE.into()).map(|call| call.id().call_id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 3], "2 is gone, 3 is new");
    assert_eq!(story.parties(1, ALICE), "3001 HOLD");
    assert!(!story.call(1, ALICE).is_stale() && !story.call(3, ALICE).is_begun());
    let ended = loop {
        match story.calls.poll_change() {
            Some(Change::Ended(handle, _)) => break handle,
            Some(_) => {}
            None => panic!("no call has ended"),
        }
    };
    assert_eq!(story.calls.get(ended).unwrap().end(), CallEnd::Gone);
    assert_eq!(story.calls.counters().gone, 1);
}
