//! Limits: how much a call may hold.

use cti_proto::message::*;
use cti_proto::wire::{List, NamedArray, NamedVariable};
use cti_proto::{EncodeErrorKind, Protocol, encode};

use super::desk::last;
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
