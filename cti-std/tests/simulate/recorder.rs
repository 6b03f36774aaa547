//! Recording in the network, and the loss of its recorder.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::{Product, Protocol};
use cti_std::simulate::Config;

use super::desk::{Answer, Desk, Heard};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

fn recordings(heard: &[Heard]) -> Vec<MessageType> {
    let kinds = [
        MessageType::NETWORK_RECORDING_STARTED_EVENT,
        MessageType::NETWORK_RECORDING_ENDED_EVENT,
        MessageType::NETWORK_RECORDING_FAILED_EVENT,
        MessageType::NETWORK_RECORDING_TARGET_INFO_EVENT,
    ];
    heard.iter().map(Heard::message_type).filter(|kind| kinds.contains(kind)).collect()
}

#[test]
fn a_recording_fails_without_its_recorder() {
    let mut config = Config::new(Product::Cce);
    config.calls_per_hour = 0.0;
    config.habits.internal_calls = 0.0;
    config.habits.outbound_calls = 0.0;
    config.habits.recorded = 0.0;
    let protocol = Protocol::cce(24).unwrap();
    let mut desk = Desk::new(config);
    desk.pass(60);
    let client = desk.desktop(protocol, "1002");
    let make = MakeCallReq {
        peripheral_id: 5_000,
        agent_instrument: Some("5002".into()),
        dialed_number: Some("92065551234".into()),
        ..MakeCallReq::default()
    };
    assert_eq!(desk.ask(client, &make), Answer::Confirmed);
    desk.pass(20);
    let heard = desk.heard(client);
    let call = heard.iter().find_map(|heard| heard.frame().decode::<MakeCallConf<'_>>().ok()).unwrap();
    let start = StartNetworkRecordingReq {
        peripheral_id: 5_000,
        connection_call_id: call.new_connection_call_id,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        agent_instrument: Some("5002".into()),
        ..StartNetworkRecordingReq::default()
    };
    let stop = StopNetworkRecordingReq {
        peripheral_id: 5_000,
        connection_call_id: call.new_connection_call_id,
        connection_device_id_type: STATIC,
        connection_device_id: Some("5002".into()),
        agent_instrument: Some("5002".into()),
        ..StopNetworkRecordingReq::default()
    };
    desk.centre.set_recorder(desk.now, false, &mut desk.ears);
    assert_eq!(desk.ask(client, &start), Answer::Confirmed);
    let heard = desk.heard(client);
    assert_eq!(recordings(&heard), [MessageType::NETWORK_RECORDING_FAILED_EVENT]);
    let event: NetworkRecordingFailedEvent<'_> = heard.last().unwrap().frame().decode().unwrap();
    assert_eq!(event.connection_call_id, call.new_connection_call_id);
    assert_ne!(event.record_failure_cause, 0);
    let none = Answer::Control(ControlFailureCode::CF_INVALID_OBJECT_STATE);
    assert_eq!(desk.ask(client, &stop), none, "nothing records");
    desk.centre.set_recorder(desk.now, true, &mut desk.ears);
    assert_eq!(desk.ask(client, &start), Answer::Confirmed);
    let begun = [MessageType::NETWORK_RECORDING_STARTED_EVENT, MessageType::NETWORK_RECORDING_TARGET_INFO_EVENT];
    assert_eq!(recordings(&desk.heard(client)), begun);
    desk.centre.set_recorder(desk.now, false, &mut desk.ears);
    assert_eq!(recordings(&desk.heard(client)), [MessageType::NETWORK_RECORDING_FAILED_EVENT]);
    assert_eq!(desk.ask(client, &stop), none, "what failed has ended");
}
