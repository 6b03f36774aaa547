//! What a version lacks is not written, and what the protocol forbids is refused by name.

use std::collections::HashSet;

use cti_proto::message::*;
use cti_proto::strategy::{Generator, all_protocols};
use cti_proto::value::*;
use cti_proto::wire::{DataType, NamedArray, NamedVariable};
use cti_proto::{
    Blame, EncodeError, EncodeErrorKind, FieldFormat, Frame, List, Protocol, Text, encode, encode_for, encoded_len,
};
use cti_tests::{Crafted, catalogue, encode_any, hex, plain_data, values};
use proptest::test_runner::TestRunner;

fn cce(version: u32) -> Protocol {
    Protocol::cce(version).unwrap()
}

fn ccx(version: u32) -> Protocol {
    Protocol::ccx(version).unwrap()
}

fn newest(protocol: Protocol) -> Protocol {
    if protocol.is_ccx() { ccx(Protocol::CCX_MAX) } else { cce(Protocol::CCE_MAX) }
}

/// What a fixed field means where the version lacks it.
fn meaning_of_absence(name: &str) -> u32 {
    match name {
        "PeripheralID" | "SkillGroupNumber" => u32::MAX,
        "EventDeviceType" | "SnapshotDeviceType" => 0xffff,
        "DepartmentID" | "SessionType" | "ConfigMsgMask" | "NumNamedVariables" | "NumNamedArrays"
        | "NumFltSkillGroups" | "ForcedFlag" | "AgentServiceReq" | "AgentSkillTargetID" | "MRDID" => 0,
        _ => panic!("{name} is new: what does its absence mean?"),
    }
}

#[test]
fn fixed_fields_that_the_version_lacks_are_not_written_and_are_read_as_their_default() {
    let mut runner = TestRunner::deterministic();
    let mut lacking = HashSet::new();
    for (protocol, info) in catalogue() {
        let later = newest(protocol);
        let frames = Generator::new(later).optional(0.0).elements(0).message(info.message_type);
        let new = values(&mut runner, &frames, 1).remove(0);
        if new.frame().body() == [0; 0] || info.message_type == MessageType::FAILURE_CONF {
            continue;
        }
        let Ok(old) = encode_any(protocol, &new.frame().message().unwrap()) else { continue };
        let old = Frame::new(protocol, info.message_type, &old[8..]);
        let sizes = info.fixed_in(protocol).map(FixedInfo::length);
        let floating: usize = old.fields().flatten().filter(|field| field.tag.is_some()).count();
        let required = |field: &&FieldInfo| field.rule.required_in(protocol);
        assert_eq!(floating, info.floating.iter().filter(required).count());
        assert!(old.body().len() >= sizes.sum(), "{old:?}");

        // Read as the old version and written as the new one, it shows what the absent fields are taken for.
        let renewed = encode_any(later, &old.message().unwrap()).unwrap();
        let renewed = Frame::new(later, info.message_type, &renewed[8..]);
        let absent = info.fixed_in(later).filter(|field| !field.versions.include(protocol) && !field.again);
        for name in absent.flat_map(FixedInfo::names) {
            let field = renewed.fields().flatten().find(|field| field.name == Some(name) && field.tag.is_none());
            let expected = meaning_of_absence(&name.to_string());
            let value = match field.unwrap().value {
                Value::Number(number) => number,
                Value::Signed(number) => number as u32,
                value => panic!("{value:?}"),
            };
            assert_eq!(value, expected, "{name} of {renewed:?}");
            assert!(!old.fields().flatten().any(|field| field.name == Some(name) && field.tag.is_none()));
            lacking.insert((info.message_type, name, protocol.is_ccx()));
        }
    }
    assert!(lacking.len() > 20, "{lacking:?}");
}

#[test]
fn floating_fields_and_messages_that_the_version_lacks_are_refused_by_name() {
    let mut runner = TestRunner::deterministic();
    let (mut refused, mut written) = (0, 0);
    // Versions 18 and 24 are the last ones of some fields.
    for from in [cce(25), cce(24), cce(18), ccx(18), ccx(14)] {
        for info in MESSAGES.iter().copied().filter(|info| info.versions.include(from)) {
            let frames = Generator::new(from).optional(0.4).elements(0).message(info.message_type);
            for owned in values(&mut runner, &frames, 3) {
                let frame = owned.frame();
                let message = frame.message().unwrap();
                let has = |rule: &FieldRule| {
                    let named = |field: &Field<'_>| field.name == Some(rule.name) && field.tag.is_some();
                    frame.fields().flatten().any(|field| named(&field))
                };
                for to in all_protocols().filter(|to| to.is_ccx() == from.is_ccx()) {
                    let rules = || info.floating.iter().map(|field| &field.rule);
                    let at_fault = rules().find_map(|rule| match (has(rule), rule.versions.include(to)) {
                        (true, false) => Some((rule.name, EncodeErrorKind::FieldNotInVersion)),
                        (false, true) if rule.required_in(to) => Some((rule.name, EncodeErrorKind::Missing)),
                        _ => None,
                    });
                    // An empty list may still be counted.
                    let counted = info.lists.iter().find_map(|list| {
                        let is_counted = list.rule.count.as_ref().is_some_and(has);
                        let name = FieldName::new(list.rule.name);
                        let lacks = is_counted && !list.rule.versions.include(to);
                        lacks.then_some((name, EncodeErrorKind::FieldNotInVersion))
                    });
                    let expected = match info.versions.include(to) {
                        false => Some((None, EncodeErrorKind::MessageNotInVersion)),
                        true => at_fault.or(counted).map(|(name, kind)| (Some(name), kind)),
                    };
                    let result = encode_any(to, &message);
                    let error = result.as_ref().err().map(|error| (error.field, error.kind));
                    assert_eq!(error, expected, "{owned:?} written in {to}");
                    refused += usize::from(expected.is_some());
                    written += usize::from(expected.is_none());
                    if let Err(error) = result {
                        assert_eq!(error.message, info.message_type);
                        assert_eq!(error.blame(), Blame::Usage);
                    }
                }
            }
        }
    }
    assert!(refused > 1_000 && written > 10_000, "{refused} {written}");
}

#[test]
fn messages_exist_from_the_version_that_the_guide_gives() {
    for (message, first_cce, first_ccx) in [
        (MessageType::CONFIG_REQUEST_KEY_EVENT, 10, Some(10)),
        (MessageType::CONFIG_CALL_TYPE_EVENT, 11, Some(11)),
        (MessageType::CALL_ATTRIBUTE_CHANGE_EVENT, 14, Some(14)),
        (MessageType::CALL_AGENT_GREETING_EVENT, 15, Some(15)),
        (MessageType::CONFIG_MRD_EVENT, 20, None),
        (MessageType::CONFIG_PERIPHERAL_EVENT, 22, None),
        (MessageType::CONFIG_TERMINAL_EVENT, 23, Some(18)),
        (MessageType::START_NETWORK_RECORDING_REQ, 23, None),
        (MessageType::CONFIG_AGENT_SERVICE_EVENT, 24, None),
        (MessageType::STANDBY_ACTIVE_EVENT_MSG, 24, None),
    ] {
        let versions = MessageInfo::of(message).unwrap().versions;
        for protocol in all_protocols() {
            let first = if protocol.is_ccx() { first_ccx } else { Some(first_cce) };
            let exists = first.is_some_and(|first| protocol.version() >= first);
            assert_eq!(versions.include(protocol), exists, "{message} in {protocol}");
        }
    }
    let error = encode(cce(23), &StandbyActiveEventMsg::default(), &mut [0; 8]).unwrap_err();
    assert_eq!(error.kind, EncodeErrorKind::MessageNotInVersion);
    assert_eq!(error.to_string(), "STANDBY_ACTIVE_EVENT_MSG: not a message of this protocol version");
    assert!(encode(cce(24), &StandbyActiveEventMsg::default(), &mut [0; 8]).is_ok());
}

#[test]
fn no_field_has_a_tag_that_the_version_cannot_write() {
    fn rules(lists: &'static [ListInfo]) -> Vec<FieldRule> {
        lists
            .iter()
            .flat_map(|list| {
                let fields = list.element.fields.iter().map(|field| field.rule);
                let counted = fields.chain(list.rule.count).map(|rule| FieldRule {
                    // A field of a list is there where the list is.
                    versions: both(rule.versions, list.rule.versions),
                    ..rule
                });
                counted.chain(rules(list.element.lists)).collect::<Vec<_>>()
            })
            .collect()
    }
    fn both(a: Versions, b: Versions) -> Versions {
        let common = |a: (u8, u8), b: (u8, u8)| (a.0.max(b.0), a.1.min(b.1));
        Versions { cce: common(a.cce, b.cce), ccx: common(a.ccx, b.ccx) }
    }
    for (protocol, info) in catalogue().filter(|(protocol, _)| protocol.format() == Some(FieldFormat::Narrow)) {
        for rule in info.floating.iter().map(|field| field.rule).chain(rules(info.lists)) {
            let fits = rule.tag_in(protocol) <= 255 || !rule.versions.include(protocol);
            assert!(fits, "{} of {} in {protocol} has tag {}", rule.name, info.message_type, rule.tag_in(protocol));
        }
    }
}

/// The error with which a crafted frame, which was read, is refused when it is written.
fn refusal(crafted: &Crafted) -> EncodeError {
    let owned = crafted.frame();
    let message = owned.frame().message().unwrap_or_else(|error| panic!("{error}: {owned:?}"));
    encode_any(owned.protocol(), &message).expect_err(&format!("{owned:?}"))
}

/// The oldest and the newest version of each format.
fn some_protocols() -> [Protocol; 7] {
    [cce(9), cce(14), cce(19), cce(20), cce(25), ccx(10), ccx(18)]
}

fn with_messages() -> impl Iterator<Item = (Protocol, &'static MessageInfo)> {
    some_protocols().into_iter().flat_map(|protocol| {
        let messages = MESSAGES.iter().copied().filter(move |info| info.versions.include(protocol));
        messages.map(move |info| (protocol, info))
    })
}

#[test]
fn a_required_field_that_is_missing_is_refused_by_name() {
    let mut missing = 0;
    for (protocol, info) in catalogue() {
        let required = info.floating.iter().map(|field| &field.rule).filter(|rule| rule.required_in(protocol));
        for rule in required.filter(|rule| rule.versions.include(protocol)) {
            let error = refusal(&Crafted::new(protocol, info).required(Some(rule)));
            assert_eq!((error.field, error.kind), (Some(rule.name), EncodeErrorKind::Missing));
            assert_eq!(error.to_string(), format!("{}: {}: must be present", info.message_type, rule.name));
            missing += 1;
        }
    }
    assert!(missing > 1_500, "{missing}");
}

/// Every text and every other field without a fixed size, with a frame that lacks only this field.
fn of_any_length(wanted: DataType) -> Vec<(Protocol, FieldRule, Crafted)> {
    let mut found = Vec::new();
    for (protocol, info) in with_messages() {
        let exists = |rule: &FieldRule| rule.versions.include(protocol) && rule.data_type == wanted;
        for rule in info.floating.iter().map(|field| field.rule).filter(exists) {
            found.push((protocol, rule, Crafted::new(protocol, info).required(Some(&rule))));
        }
        for list in info.lists.iter().filter(|list| list.rule.versions.include(protocol)) {
            let start = Crafted::new(protocol, info).required(None);
            for (place, rule) in list.element.fields.iter().map(|field| field.rule).enumerate() {
                if exists(&rule) && list.element.name != "Instrument" {
                    let before =
                        list.element.fields.iter().take(place).filter(|field| field.rule.required_in(protocol));
                    let crafted = before.fold(start.clone(), |crafted, field| crafted.plain(&field.rule));
                    found.push((protocol, rule, crafted));
                }
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn a_value_that_is_too_long_is_refused_by_name() {
    let mut refused = 0;
    for (wanted, nul) in [(DataType::String, 1), (DataType::Unspec, 0)] {
        for (protocol, rule, crafted) in of_any_length(wanted) {
            let max = rule.max_in(protocol);
            if wanted == DataType::Unspec && max == 8 {
                continue;
            }
            let long = vec![b'1'; max + 1 - nul];
            if protocol.format() == Some(FieldFormat::Narrow) && long.len() > 255 {
                continue;
            }
            let error = refusal(&crafted.clone().field(rule.tag_in(protocol), &long));
            let kind = EncodeErrorKind::TooLong { length: max + 1, max };
            assert_eq!((error.field, error.kind), (Some(rule.name), kind), "{crafted:?}");
            refused += 1;

            let longest = [vec![b'1'; max - nul], vec![0; nul]].concat();
            let owned = crafted.field(rule.tag_in(protocol), &longest).frame();
            let written = encode_any(protocol, &owned.frame().message().unwrap());
            let may_lack_others = written.as_ref().err().is_some_and(|error| error.field != Some(rule.name));
            assert!(written.is_ok() || may_lack_others, "{owned:?}");
        }
    }
    assert!(refused > 1_500, "{refused}");
}

#[test]
fn a_text_with_a_nul_inside_is_refused_by_name() {
    let mut refused = 0;
    for (protocol, rule, crafted) in of_any_length(DataType::String).into_iter().filter(|(_, rule, _)| rule.max > 3) {
        let error = refusal(&crafted.field(rule.tag_in(protocol), b"1\x002\0"));
        assert_eq!((error.field, error.kind), (Some(rule.name), EncodeErrorKind::EmbeddedNul));
        refused += 1;
    }
    assert!(refused > 1_500, "{refused}");
}

#[test]
fn tones_that_cannot_be_dialled_are_refused() {
    let mut runner = TestRunner::deterministic();
    for protocol in all_protocols() {
        let request = |tones: &'static [u8]| SendDtmfSignalReq {
            connection_device_id: Some("d".into()),
            dtmf_string: Some(Text::new(tones)),
            ..SendDtmfSignalReq::default()
        };
        for tones in [&b"0123456789"[..], b"*#", b"ABCDabcd", b"1,2", b"", b"5\0"] {
            assert!(encode(protocol, &request(tones), &mut [0; 128]).is_ok(), "{tones:?}");
        }
        for tones in [&b"1 2"[..], b"E", b"+49", b"\xff", b"p"] {
            let error = encode(protocol, &request(tones), &mut [0; 128]).unwrap_err();
            assert_eq!(error.kind, EncodeErrorKind::NotDigits, "{tones:?}");
            assert_eq!(error.field.unwrap().to_string(), "DTMFString");
        }
        let generated = Generator::new(protocol).typed::<SendDtmfSignalReq<'_>>();
        assert!(values(&mut runner, &generated, 5).iter().all(|owned| owned.frame().message().is_ok()));
    }
}

#[test]
fn a_list_that_is_too_long_is_refused_by_name() {
    let mut refused = 0;
    for (protocol, info) in with_messages() {
        for list in info.lists.iter().filter(|list| list.rule.versions.include(protocol)) {
            let start = Crafted::new(protocol, info).required(None);
            let count = list.rule.max + 1;
            let error = refusal(&start.clone().elements(list, count));
            let kind = EncodeErrorKind::TooMany { count, max: list.rule.max };
            assert_eq!((error.field, error.kind), (Some(FieldName::new(list.rule.name)), kind));
            let longest = start.elements(list, list.rule.max).frame();
            assert!(encode_any(protocol, &longest.frame().message().unwrap()).is_ok(), "{longest:?}");
            refused += 1;
        }
    }
    assert!(refused > 150, "{refused}");
}

#[test]
fn a_list_that_the_version_lacks_is_refused_by_name() {
    let skills = [FltSkillGroup::default()];
    let event = AgentStateEvent { flt_skill_groups: List::from(&skills), ..AgentStateEvent::default() };
    let error = encoded_len(cce(9), &event).unwrap_err();
    assert_eq!(error.kind, EncodeErrorKind::FieldNotInVersion);
    assert_eq!(error.field, Some(FieldName::new("flt_skill_groups")));
    assert!(encoded_len(cce(10), &event).is_ok());

    // That there are none is not said either, where the version cannot say it: NumPeripherals (tag 228), 0.
    let body = [vec![0; 26], hex("e4 02 0000")].concat();
    let conf: OpenConf<'_> = Frame::new(cce(14), MessageType::OPEN_CONF, &body).decode().unwrap();
    assert_eq!(conf.peripherals.declared(), Some(0));
    assert!(encoded_len(cce(14), &conf).is_ok());
    assert_eq!(encoded_len(cce(13), &conf).unwrap_err().kind, EncodeErrorKind::FieldNotInVersion);
}

#[test]
fn a_server_says_to_each_version_what_that_has_fields_for() {
    let skills = [FltSkillGroup::default()];
    let event = AgentStateEvent {
        agent_id: Some("1001".into()),
        direction: Some(CallDirection::IN),
        max_beyond_task_limit: Some(1),
        flt_skill_groups: List::from(&skills),
        ..AgentStateEvent::default()
    };
    let mut buffer = [0; 512];
    for (version, expected) in
        [(9, (false, false, 0)), (15, (false, false, 1)), (16, (true, false, 1)), (22, (true, true, 1))]
    {
        let bytes = encode_for(cce(version), &event, &mut buffer).unwrap();
        let Ok(cti_proto::Parsed::Frame(frame, [])) = Frame::parse(cce(version), bytes) else { panic!("{bytes:?}") };
        let read: AgentStateEvent<'_> = frame.decode().unwrap();
        assert_eq!(read.agent_id, event.agent_id);
        let has = (read.direction.is_some(), read.max_beyond_task_limit.is_some(), read.flt_skill_groups.len());
        assert_eq!(has, expected, "version {version}");
    }
    assert_eq!(encode_for(cce(22), &event, &mut buffer), encode(cce(22), &event, &mut [0; 512]), "nothing is lacking");
    let refused = encode_for(cce(13), &CallAttributeChangeEvent::default(), &mut buffer).unwrap_err();
    assert_eq!(refused.kind, EncodeErrorKind::MessageNotInVersion);
}

#[test]
fn a_field_of_an_element_that_the_version_lacks_is_refused_by_name() {
    let mut refused = HashSet::new();
    for (protocol, info) in catalogue() {
        let narrow = protocol.format() == Some(FieldFormat::Narrow);
        for list in info.lists.iter().filter(|list| list.rule.versions.include(protocol)) {
            let element = Crafted::new(protocol, info).required(None).elements(list, 1);
            let optional = list.element.fields.iter().filter(|field| !field.rule.required_in(protocol) && !field.array);
            for rule in optional.map(|field| field.rule) {
                let fits = !narrow || rule.tag_in(protocol) <= 255;
                if fits && !rule.versions.include(protocol) {
                    let error = refusal(&element.clone().plain(&rule));
                    assert_eq!((error.field, error.kind), (Some(rule.name), EncodeErrorKind::FieldNotInVersion));
                    refused.insert((info.message_type, rule.name));
                }
            }
        }
    }
    assert!(refused.len() > 10, "{refused:?}");
}

fn with_variables<'a>(
    named_variables: &'a [NamedVariable<'a>],
    named_arrays: &'a [NamedArray<'a>],
) -> RegisterVariablesReq<'a> {
    RegisterVariablesReq {
        named_variables: named_variables.into(),
        named_arrays: named_arrays.into(),
        ..RegisterVariablesReq::default()
    }
}

#[test]
fn named_variables_take_2000_bytes_together_at_most() {
    let (name, value) = ("n".repeat(32), "v".repeat(210));
    let variable = NamedVariable { name: name.as_str().into(), value: value.as_str().into() };
    let array = NamedArray { index: 255, name: name.as_str().into(), value: value.as_str().into() };
    for protocol in all_protocols() {
        // 244 bytes a variable, 245 an element: eight of them take 1,952 and 1,960 bytes.
        assert!(encoded_len(protocol, &with_variables(&[variable; 8], &[])).is_ok());
        assert!(encoded_len(protocol, &with_variables(&[], &[array; 8])).is_ok());
        let bytes = 4 * 244 + 5 * 245;
        let error = encoded_len(protocol, &with_variables(&[variable; 4], &[array; 5])).unwrap_err();
        assert_eq!(error.kind, EncodeErrorKind::TooMuchNamedData { bytes });
        assert_eq!(error.message, MessageType::REGISTER_VARIABLES_REQ);

        // Exactly 2,000: eight variables and one of 48 bytes.
        let rest = "r".repeat(45);
        let last = NamedVariable { name: "n".into(), value: rest.as_str().into() };
        let mut exactly = vec![variable; 8];
        exactly.push(last);
        assert!(encoded_len(protocol, &with_variables(&exactly, &[])).is_ok());
        let one_more = "r".repeat(46);
        exactly[8].value = one_more.as_str().into();
        let error = encoded_len(protocol, &with_variables(&exactly, &[])).unwrap_err();
        assert_eq!(error.kind, EncodeErrorKind::TooMuchNamedData { bytes: 2_001 });
    }
}

#[test]
fn names_and_values_of_variables_keep_their_limits() {
    let long_name = "n".repeat(33);
    let long_value = "v".repeat(211);
    let cases = [
        ("", "v", EncodeErrorKind::EmptyName),
        ("\0", "v", EncodeErrorKind::EmptyName),
        (&long_name, "", EncodeErrorKind::TooLong { length: 34, max: 33 }),
        ("n", &long_value, EncodeErrorKind::TooLong { length: 212, max: 211 }),
        ("a\0b", "", EncodeErrorKind::EmbeddedNul),
        ("n", "a\0b", EncodeErrorKind::EmbeddedNul),
    ];
    for protocol in all_protocols() {
        for (name, value, kind) in cases {
            let (name, value) = (name.into(), value.into());
            let error = encoded_len(protocol, &with_variables(&[NamedVariable { name, value }], &[])).unwrap_err();
            assert_eq!((error.field, error.kind), (Some(FieldName::new("NamedVariable")), kind));
            let element = NamedArray { index: 0, name, value };
            let error = encoded_len(protocol, &with_variables(&[], &[element])).unwrap_err();
            assert_eq!((error.field, error.kind), (Some(FieldName::new("NamedArray")), kind));
        }
    }
}

#[test]
fn a_message_beyond_the_limit_of_the_version_is_refused() {
    let (text, long) = ("d".repeat(127), "p".repeat(254));
    let record = ServiceRecord {
        record_type: Some(RecordType(0)),
        peripheral_number: Some(1),
        peripheral_name: Some(text[..63].into()),
        description: Some(text.as_str().into()),
        config_param: Some(long.as_str().into()),
        ..ServiceRecord::default()
    };
    // 8 + 2 bytes, and for each record 2 + 4 + 64 + 128 + 255 bytes and five tags with lengths.
    let records = [record; 10];
    let event = |count: usize| ConfigServiceEvent { records: List::new(&records[..count]) };
    for protocol in all_protocols().filter(|protocol| protocol.version() > 9) {
        let header = if protocol.format() == Some(FieldFormat::Narrow) { 2 } else { 4 };
        let length = 10 + 10 * (453 + 5 * header);
        let result = encoded_len(protocol, &event(10));
        match protocol.version() {
            ..20 => {
                let kind = EncodeErrorKind::MessageTooLong { length, limit: 4_329 };
                assert_eq!(result.unwrap_err().kind, kind, "{protocol}");
            }
            _ => assert_eq!(result, Ok(length)),
        }
        assert!(encoded_len(protocol, &event(9)).is_ok());
    }

    let skills = [AgentSkill { number: 1, priority: 1 }; 100];
    let agents = [AgentRecord { record_type: Some(RecordType(0)), skills: (&skills).into(), ..Default::default() }; 10];
    // For each record 4 + 2 and 4 + 2 bytes, and a hundred times 4 + 4 and 4 + 2.
    let length = 10 + 10 * (12 + 1_400);
    let error = encoded_len(cce(25), &ConfigAgentEvent { records: (&agents).into() }).unwrap_err();
    assert_eq!(error.kind, EncodeErrorKind::MessageTooLong { length, limit: 12_500 });
    assert_eq!(error.message, MessageType::CONFIG_AGENT_EVENT);
}

#[test]
fn a_message_of_exactly_the_limit_is_written() {
    let text = "t".repeat(254);
    let record = |param: usize| ServiceRecord {
        record_type: Some(RecordType(0)),
        peripheral_name: Some(text[..63].into()),
        description: Some(text[..127].into()),
        config_param: Some(text[..param].into()),
        ..ServiceRecord::default()
    };
    // 10 bytes, ten times 4, 66 and 130, nine times 257, and 6.
    let mut records = [record(254); 10];
    records[9] = record(3);
    let mut buffer = [0; 4_329];
    let written = encode(cce(19), &ConfigServiceEvent { records: (&records).into() }, &mut buffer);
    assert_eq!(written.map(<[u8]>::len), Ok(4_329));
    records[9] = record(4);
    let error = encode(cce(19), &ConfigServiceEvent { records: (&records).into() }, &mut buffer).unwrap_err();
    assert_eq!(error.kind, EncodeErrorKind::MessageTooLong { length: 4_330, limit: 4_329 });
}

#[test]
fn both_bodies_of_failure_conf_are_read_and_written() {
    for protocol in all_protocols() {
        // InvokeID 7, Status 15.
        let status = hex("00000007 0000000f");
        let conf: FailureConf<'_> = Frame::new(protocol, MessageType::FAILURE_CONF, &status).decode().unwrap();
        assert_eq!(conf.reason, FailureStatus::E_CTI_CTI_SERVER_OFFLINE.into());
        assert_eq!(encode_any(protocol, &conf.into()).unwrap()[8..], status);

        // InvokeID 7, FailureCode 33, PeripheralErrorCode 88005.
        let control = hex("00000007 0021 000157c5");
        let conf: FailureConf<'_> = Frame::new(protocol, MessageType::FAILURE_CONF, &control).decode().unwrap();
        let failure_code = ControlFailureCode(33);
        assert_eq!(conf.reason, FailureReason::Control { failure_code, peripheral_error_code: 88_005 });
        assert_eq!((conf.reason.status(), conf.invoke_id), (None, 7));
        assert_eq!(encode_any(protocol, &conf.into()).unwrap()[8..], control);

        let both =
            [Frame::new(protocol, MessageType::FAILURE_CONF, &status), Frame::new(protocol, MessageType(1), &control)];
        let names =
            both.map(|frame| frame.fields().flatten().map(|field| field.name.unwrap().to_string()).collect::<Vec<_>>());
        assert_eq!(names[0], ["InvokeID", "Status"]);
        assert_eq!(names[1], ["InvokeID", "FailureCode", "PeripheralErrorCode"]);
    }
    // Status 15 and an empty Text, where tag and length have one byte.
    let body = hex("00000007 0000000f 0700");
    let conf: FailureConf<'_> = Frame::new(cce(19), MessageType::FAILURE_CONF, &body).decode().unwrap();
    assert_eq!((conf.reason, conf.text), (FailureStatus(15).into(), Some("".into())));
}

#[test]
fn a_department_that_an_older_server_leaves_out_is_none() {
    // QUERY_AGENT_STATE_CONF without a floating part: as in version 18, and with DepartmentID.
    let old = hex("00000001 0003 0000 00000001 00000000 0001 00000001 ffffffff 00000001");
    for (body, department_id) in [(old.clone(), 0), ([old, hex("00000005")].concat(), 5)] {
        let frame = Frame::new(cce(19), MessageType::QUERY_AGENT_STATE_CONF, &body);
        let conf: QueryAgentStateConf<'_> = frame.decode().unwrap();
        assert_eq!((conf.department_id, conf.icm_agent_id), (department_id, -1));
        assert!(frame.fields().all(|field| field.is_ok()));
        // It is written whole.
        assert_eq!(encode_any(cce(19), &conf.into()).unwrap().len(), 8 + 30 + 4);
    }
}

#[test]
fn a_floating_field_has_the_tag_and_the_length_of_the_product() {
    let id = "i".repeat(128);
    let request = |id| QueryAgentStateReq { agent_id: Some(Text::new(id)), ..QueryAgentStateReq::default() };
    for protocol in all_protocols() {
        let max = if protocol.is_ccx() { 129 } else { 12 };
        let mut buffer = [0; 256];
        let bytes = encode(protocol, &request(&id.as_bytes()[..max - 1]), &mut buffer).unwrap();
        let tag =
            Frame::new(protocol, MessageType::QUERY_AGENT_STATE_REQ, &bytes[8..]).fields().last().unwrap().unwrap();
        assert_eq!(tag.tag, Some(if protocol.is_ccx() { 194 } else { 5 }));
        let error = encode(protocol, &request(&id.as_bytes()[..max.min(128)]), &mut buffer);
        if !protocol.is_ccx() {
            assert_eq!(error.unwrap_err().kind, EncodeErrorKind::TooLong { length: 13, max: 12 });
        }
    }
}

#[test]
fn the_reserved_agent_field_of_unified_ccx_is_ignored() {
    // QUERY_AGENT_STATE_REQ of Unified CCX: AgentID in tag 194, and the reserved field in tag 5 before and behind it.
    let body = hex("00000001 00000001 00000001 00000000 05 02 7800 c2 04 61626300 05 01 00");
    let request: QueryAgentStateReq<'_> =
        Frame::new(ccx(12), MessageType::QUERY_AGENT_STATE_REQ, &body).decode().unwrap();
    assert_eq!(request.agent_id, Some("abc".into()));
}

#[test]
fn plain_values_are_those_that_the_rules_allow() {
    for (protocol, info) in with_messages() {
        let fields = info.floating.iter().filter(|field| field.rule.versions.include(protocol));
        for rule in fields.map(|field| field.rule) {
            assert!(rule.data_type.accepts(plain_data(&rule).len()));
            let crafted = Crafted::new(protocol, info).required(Some(&rule)).plain(&rule).frame();
            assert!(encode_any(protocol, &crafted.frame().message().unwrap()).is_ok(), "{crafted:?}");
        }
    }
}
