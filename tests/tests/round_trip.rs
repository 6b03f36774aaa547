//! What is read can be written again: every message, in every protocol that has it.

use cti_proto::message::{
    Body, ConfigAgentEvent, ConfigAgentServiceEvent, ConfigServiceEvent, ConfigTerminalEvent, Handler, MESSAGES,
    Message,
};
use cti_proto::strategy::{self, Generator, OwnedFrame};
use cti_proto::{EncodeError, EncodeErrorKind, FieldFormat, Frame, List, MessageType, Parsed, Protocol, encode};
use cti_tests::{catalogue, encode_any, encode_any_into, measure_any, values};
use proptest::test_runner::TestRunner;

/// Frames with everything, with nothing that can be left out, and with this and that.
fn generators(protocol: Protocol) -> [(Generator, usize); 3] {
    let usual = Generator::new(protocol);
    [(usual.optional(1.0), 1), (usual.optional(0.0).elements(0), 1), (usual, 2)]
}

fn protocols_with_a_settled_format() -> [Protocol; 3] {
    [FieldFormat::Wide, FieldFormat::WideTag, FieldFormat::WideTagNamedNarrow]
        .map(|format| Protocol::ccx(18).unwrap().with_format(format))
}

fn decode(owned: &OwnedFrame) -> Message<'_> {
    owned.frame().message().unwrap_or_else(|error| panic!("{error}: {owned:?}"))
}

fn assert_round_trip(owned: &OwnedFrame) {
    let protocol = owned.protocol();
    let Ok(Parsed::Frame(frame, [])) = Frame::parse(protocol, owned.as_bytes()) else {
        panic!("not one frame: {owned:?}");
    };
    assert_eq!(frame, owned.frame());
    let message = decode(owned);
    assert_eq!(message.message_type(), frame.message_type());

    let encoded = encode_any(protocol, &message).unwrap_or_else(|error| panic!("{error}: {owned:?}"));
    assert_eq!(encoded, owned.as_bytes(), "{owned:?}");
    assert_eq!(measure_any(protocol, &message), Ok(encoded.len()), "{owned:?}");
    let Ok(Parsed::Frame(again, _)) = Frame::parse(protocol, &encoded) else { unreachable!() };
    assert_eq!(again.message().as_ref(), Ok(&message));
    assert_eq!(frame.dispatch(&mut Bytes(protocol)), Ok(Ok(encoded)));

    for field in frame.fields() {
        let field = field.unwrap_or_else(|error| panic!("{error}: {owned:?}"));
        assert!(field.name.is_some(), "{field:?} of {owned:?}");
    }
}

struct Bytes(Protocol);

impl Handler for Bytes {
    type Output = Result<Vec<u8>, EncodeError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        let mut buffer = vec![0; 16_384];
        encode(self.0, message, &mut buffer).map(Vec::from)
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{frame:?} has no layout")
    }
}

#[test]
fn every_message_of_every_protocol_is_written_as_it_was_read() {
    let mut runner = TestRunner::deterministic();
    let mut combinations = 0;
    for (protocol, info) in catalogue() {
        for (generator, count) in generators(protocol) {
            values(&mut runner, &generator.message(info.message_type), count).iter().for_each(assert_round_trip);
        }
        combinations += 1;
    }
    assert!(combinations > 3_000, "{combinations}");
}

#[test]
fn every_field_format_of_unified_ccx_18_is_written_as_it_was_read() {
    let mut runner = TestRunner::deterministic();
    for protocol in protocols_with_a_settled_format() {
        for info in MESSAGES.iter().filter(|info| info.versions.include(protocol)) {
            for (generator, count) in generators(protocol) {
                values(&mut runner, &generator.message(info.message_type), count).iter().for_each(assert_round_trip);
            }
        }
    }
}

#[test]
fn a_buffer_that_is_too_small_is_told_how_large_it_must_be() {
    let mut runner = TestRunner::deterministic();
    let protocols = [Protocol::cce(13), Protocol::cce(25), Protocol::ccx(12)].map(Result::unwrap);
    for protocol in protocols {
        for info in MESSAGES.iter().filter(|info| info.versions.include(protocol)) {
            let frames = Generator::new(protocol).optional(0.2).elements(1).message(info.message_type);
            let owned = values(&mut runner, &frames, 1).remove(0);
            let message = decode(&owned);
            let needed = owned.as_bytes().len();
            let mut buffer = vec![0; needed];
            for length in 0..needed {
                let error = encode_any_into(protocol, &message, &mut buffer[..length]).unwrap_err();
                assert_eq!(error.kind, EncodeErrorKind::NoRoom { needed });
                assert_eq!((error.message, error.field), (info.message_type, None));
            }
            assert_eq!(encode_any_into(protocol, &message, &mut buffer), Ok(needed));
        }
    }
}

/// Puts slices in place of the lists of a message and gives what is then written. A list without elements stays: the
/// wire may say that there are none, a slice does not.
macro_rules! from_slices {
    ($protocol:ident, $message:ident, $seen:ident, $($name:ident { $($list:ident)+ })+) => {
        match $message {
            $(Message::$name(message) => {
                $(let $list: Vec<_> = message.$list.iter().collect();)+
                let mut rebuilt = message.clone();
                $(if !$list.is_empty() {
                    rebuilt.$list = List::from(&$list[..]);
                    $seen.insert((message_type(message), stringify!($list)));
                    assert_eq!(rebuilt.$list.len(), message.$list.len());
                    assert!(!rebuilt.$list.is_empty());
                })+
                assert_eq!(rebuilt, *message);
                Some(encode_any($protocol, &rebuilt.into()))
            })+
            _ => None,
        }
    };
}

fn message_type<'a, M: Body<'a>>(_: &M) -> MessageType {
    M::TYPE
}

#[test]
fn lists_from_slices_are_written_like_lists_from_the_wire() {
    let mut seen = std::collections::HashSet::new();
    let mut runner = TestRunner::deterministic();
    for (protocol, info) in catalogue().filter(|(_, info)| !info.lists.is_empty()) {
        let frames = Generator::new(protocol).elements(4).message(info.message_type);
        for owned in values(&mut runner, &frames, 2) {
            let message = &decode(&owned);
            let encoded = from_slices!(protocol, message, seen,
                OpenConf { peripherals }
                BeginCallEvent { named_variables named_arrays cti_clients }
                CallDataUpdateEvent { named_variables named_arrays cti_clients }
                CallDeliveredEvent { named_variables named_arrays }
                CallConferencedEvent { connected_parties }
                CallTransferredEvent { connected_parties }
                AgentStateEvent { flt_skill_groups }
                CallQueuedEvent { skill_groups }
                CallDequeuedEvent { skill_groups }
                AgentPreCallEvent { named_variables named_arrays enabled_services }
                CallTranslationRouteEvent { named_variables named_arrays }
                AgentTeamConfigEvent { agents }
                ListAgentTeamConf { teams }
                SetCallDataReq { named_variables named_arrays }
                RegisterVariablesReq { named_variables named_arrays }
                SetAgentServiceDataReq { enabled_services }
                QueryAgentStateConf { skill_groups }
                SetAgentStateReq { skill_groups }
                ConferenceCallReq { named_variables named_arrays }
                ConferenceCallConf { connected_parties }
                ConsultationCallReq { named_variables named_arrays }
                MakeCallReq { named_variables named_arrays }
                MakePredictiveCallReq { named_variables named_arrays }
                TransferCallReq { named_variables named_arrays }
                TransferCallConf { connected_parties }
                QueryDeviceInfoConf { lines }
                SnapshotCallConf { named_variables named_arrays cti_clients call_devices enabled_services }
                SnapshotDeviceConf { calls }
                ConfigServiceEvent { records }
                ConfigSkillGroupEvent { records }
                ConfigAgentEvent { records }
                ConfigTerminalEvent { records }
                ConfigAgentDeskSettingsEvent { records }
                ConfigPeripheralEvent { records }
                ConfigDeviceEvent { records }
                ConfigCallTypeEvent { records }
                ConfigMrdEvent { records }
                ConfigAgentServiceEvent { records }
                TeamConfigEvent { members }
            );
            let encoded = encoded.unwrap_or_else(|| panic!("{} is missing here", info.message_type));
            assert_eq!(encoded.as_deref(), Ok(owned.as_bytes()), "{owned:?}");
        }
    }
    let lists = MESSAGES.iter().flat_map(|info| info.lists.iter().map(|list| (info.message_type, list.rule.name)));
    for list in lists {
        assert!(seen.contains(&list), "{list:?} was always empty");
    }
}

/// The same within records: `$inner` are the lists of a record.
macro_rules! records_from_slices {
    ($runner:ident, $protocol:expr, $event:ident { $($inner:ident)+ }) => {
        let protocol = $protocol.unwrap();
        let mut nested = 0;
        for owned in values(&mut $runner, &Generator::new(protocol).typed::<$event<'_>>(), 40) {
            let event = owned.frame().decode::<$event<'_>>().unwrap();
            let lists: Vec<_> =
                event.records.iter().map(|record| ($(record.$inner.iter().collect::<Vec<_>>(),)+)).collect();
            let mut records: Vec<_> = event.records.iter().collect();
            for (record, ($($inner,)+)) in records.iter_mut().zip(&lists) {
                $(if !$inner.is_empty() {
                    record.$inner = List::from(&$inner[..]);
                    nested += 1;
                })+
            }
            let rebuilt = $event { records: List::from(&records[..]) };
            assert_eq!(rebuilt, event);
            assert_eq!(encode_any(protocol, &rebuilt.into()).as_deref(), Ok(owned.as_bytes()), "{owned:?}");
        }
        assert!(nested > 5, "{nested} lists in {}", stringify!($event));
    };
}

#[test]
fn lists_in_records_from_slices_are_written_like_lists_from_the_wire() {
    let mut runner = TestRunner::deterministic();
    records_from_slices!(runner, Protocol::cce(15), ConfigServiceEvent { members });
    records_from_slices!(runner, Protocol::cce(25), ConfigServiceEvent { members });
    records_from_slices!(runner, Protocol::cce(25), ConfigAgentEvent { skills mrds });
    records_from_slices!(runner, Protocol::ccx(12), ConfigAgentEvent { skills mrds });
    records_from_slices!(runner, Protocol::ccx(18), ConfigTerminalEvent { instruments });
    records_from_slices!(runner, Protocol::cce(24), ConfigAgentServiceEvent { enabled_services });
}

#[test]
fn unknown_fields_do_not_change_what_is_decoded() {
    let mut runner = TestRunner::deterministic();
    for (protocol, info) in catalogue() {
        let generator = Generator::new(protocol).optional(0.3).elements(1).unknown_fields(1.0);
        let owned = values(&mut runner, &generator.message(info.message_type), 1).remove(0);
        let encoded = encode_any(protocol, &decode(&owned)).unwrap();
        let known = encoded.len() - 8;
        assert_eq!(encoded[8..], owned.frame().body()[..known], "{owned:?}");
        // The second body of FAILURE_CONF has no floating part.
        if known < owned.frame().body().len() {
            let unnamed = owned.frame().fields().filter(|field| field.is_ok_and(|field| field.name.is_none())).count();
            assert!((1..=3).contains(&unnamed), "{owned:?}");
        }
    }
}

#[test]
fn messages_without_a_layout_are_handed_out_as_frames() {
    let mut runner = TestRunner::deterministic();
    for protocol in strategy::all_protocols() {
        for owned in values(&mut runner, &Generator::new(protocol).undocumented_message(), 20) {
            let Message::Other(frame) = decode(&owned) else { panic!("{owned:?}") };
            assert_eq!(frame, owned.frame());
            assert_eq!(frame.info().map(|info| info.message_type), None);
            let bytes: Vec<_> = frame.fields().map(|field| format!("{:?}", field.unwrap().value)).collect();
            assert_eq!(bytes.len(), usize::from(!frame.body().is_empty()));
        }
    }
}
