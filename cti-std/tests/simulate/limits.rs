//! Limits: how much a call may hold, and what a client may make wait.

use std::collections::BTreeSet;

use cti_proto::message::*;
use cti_proto::session::Instant;
use cti_proto::value::*;
use cti_proto::wire::{List, NamedArray, NamedVariable};
use cti_proto::{EncodeErrorKind, Product, Protocol, encode};

use super::desk::{Desk, Heard, last, quiet};
use super::stage::Stage;

#[test]
fn named_data_of_a_call_has_room_for_2000_bytes() {
    for version in [9, 19, 24] {
        let protocol = Protocol::cce(version).unwrap();
        let mut stage = Stage::at(protocol, "outside");
        let value = "x".repeat(210);
        let names = ["user.Segment", "user.CaseNumber", "user.Language", "user.layout", "BAResponse"];
        let variables = names.map(|name| NamedVariable { name: name.into(), value: value.as_str().into() });
        let order = |index| NamedArray { name: "user.Order".into(), index, value: value.as_str().into() };
        let elements = [0, 1, 2, 3, 4].map(order);
        let call = stage.number("call");
        let data = |variables, elements| SetCallDataReq {
            peripheral_id: 5_000,
            connection_call_id: call,
            connection_device_id: Some("5002".into()),
            named_variables: List::new(variables),
            named_arrays: List::new(elements),
            ..SetCallDataReq::default()
        };
        // No message may bring as much: the call has it from two.
        let mut buffer = [0; 4_096];
        let whole = encode(protocol, &data(&variables, &elements), &mut buffer).map(<[u8]>::len);
        assert!(matches!(whole.unwrap_err().kind, EncodeErrorKind::TooMuchNamedData { .. }));
        let mut ask = |variables, elements| stage.asks('a', &data(variables, elements));
        assert_eq!(ask(&variables, &[]), "ok", "{protocol}");
        assert_eq!(ask(&[], &elements), "E_CTI_TOO_MUCH_DATA", "{protocol}");
        assert_eq!(ask(&[], &elements[..3]), "ok", "{protocol}: nothing was kept");
        assert_eq!(ask(&[], &elements[3..]), "E_CTI_TOO_MUCH_DATA", "{protocol}");
        // The same again takes no more room.
        assert_eq!(ask(&variables, &elements[..3]), "ok", "{protocol}");
    }
}

#[test]
fn a_conference_has_room_for_sixteen_who_are_all_told_of() {
    let mut stage = Stage::at(Protocol::cce(24).unwrap(), "full15");
    stage.heard('a');
    stage.does("a CONFERENCE_CALL_REQ active=call/5002 DialedNumber=92065552014");
    stage.does("wait 15");
    let heard = stage.heard('a');
    let conf: ConferenceCallConf<'_> = last(&heard);
    assert_eq!(conf.connected_parties.len(), 16);
    let full = "a CONFERENCE_CALL_REQ active=call/5002 DialedNumber=92065552015";
    assert_eq!(stage.answer(full), "CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED");
    stage.does("c SNAPSHOT_CALL_REQ at=call/5002");
    let heard = stage.heard('c');
    let conf: SnapshotCallConf<'_> = last(&heard);
    assert_eq!(conf.call_devices.len(), 16);
}

#[test]
fn clients_without_room_for_an_upload_cost_an_attempt_now_and_then() {
    let mut config = quiet(Product::Cce);
    config.agents = 2_500;
    let mut desk = Desk::new(config);
    let protocol = Protocol::cce(24).unwrap();
    let clients = [desk.bridge(protocol), desk.bridge(protocol), desk.bridge(protocol)];
    desk.pass(60);
    desk.ears.room = Some(0);
    let all = ConfigRequestEvent { config_information: ConfigMask(0x3ff), ..ConfigRequestEvent::default() };
    for client in clients {
        for _ in 0..3 {
            desk.tell(client, &all);
        }
        desk.tell(client, &ConfigRequestKeyEvent::default());
    }
    // Each tries again every 20 ms, and no more often for having asked more than once.
    let mut moments = 0;
    let end = Instant::from_millis(desk.now.as_millis() + 2_000);
    while let Some(next) = desk.centre.next().filter(|next| *next <= end) {
        desk.now = next;
        desk.centre.advance(next, &mut desk.ears);
        moments += 1;
        assert!(moments < 2_000, "{moments} moments in {:?}", desk.now);
    }
    desk.ears.room = None;
    desk.pass(1);
    for client in clients {
        let heard = desk.heard(client);
        let ends = heard.iter().filter_map(|heard| heard.frame().decode::<ConfigEndEvent>().ok());
        let whole = ends.filter(|end| end.config_end_status == ConfigEndStatus::CONFIGEND_SUCCESS);
        assert_eq!(whole.count(), 3);
        assert_eq!(heard.last().map(Heard::message_type), Some(MessageType::CONFIG_KEY_EVENT));
    }
}

#[test]
fn who_asks_for_uploads_again_and_again_without_reading_loses_the_session() {
    let mut config = quiet(Product::Cce);
    config.agents = 100_000;
    let mut desk = Desk::new(config);
    let client = desk.bridge(Protocol::cce(24).unwrap());
    desk.ears.room = Some(0);
    let all = ConfigRequestEvent { config_information: ConfigMask(0x3ff), ..ConfigRequestEvent::default() };
    let asked = (1..1_000).find(|_| {
        desk.tell(client, &all);
        !desk.ears.ended.is_empty()
    });
    assert!(asked.is_some_and(|asked| asked > 10), "{asked:?}");
    assert_eq!(desk.ears.ended, [(client, FailureStatus::E_CTI_UNSPECIFIED_FAILURE)]);
}

#[test]
fn no_two_devices_of_a_large_contact_centre_have_one_number() {
    let mut config = quiet(Product::Cce);
    (config.agents, config.skill_groups) = (2_200, 50);
    let mut desk = Desk::new(config);
    let client = desk.bridge(Protocol::cce(24).unwrap());
    let devices =
        ConfigRequestEvent { config_information: ConfigMask::CONFIG_MSG_DEVICE_MASK, ..ConfigRequestEvent::default() };
    desk.tell(client, &devices);
    let heard = desk.heard(client);
    let events: Vec<ConfigDeviceEvent<'_>> = heard.iter().filter_map(|heard| heard.frame().decode().ok()).collect();
    let numbers =
        events.iter().flat_map(|event| event.records.iter().map(|record| record.extension.unwrap().to_string()));
    let numbers: Vec<String> = numbers.collect();
    assert_eq!(numbers.len(), 2_200 + 220 + 50);
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len());
    assert!(["5001", "7000", "7001", "100001"].iter().all(|number| numbers.iter().any(|known| known == number)));
}
