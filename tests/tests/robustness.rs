//! Nothing that a peer sends does harm: what is cut, damaged, unknown or made up is decoded or refused by name.

use std::fmt::Write as _;

use cti_proto::message::{FieldInfo, FixedInfo, ListInfo, MESSAGES, Message, MessageInfo};
use cti_proto::strategy::{self, Generator, OwnedStream};
use cti_proto::wire::{DataType, Fields};
use cti_proto::{
    Blame, DecodeErrorKind, Frame, FrameBuffer, FrameError, Frames, MessageType, Parsed, Protocol, Received,
};
use cti_tests::{Crafted, catalogue, encode_any, hex, plain_data, values};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Does everything with a frame that can be done, and says whether it decoded.
fn exercise(frame: &Frame<'_>) -> bool {
    let mut out = String::new();
    write!(out, "{frame:?} {:?}", frame.info()).unwrap();
    for field in frame.fields() {
        match field {
            Ok(field) => write!(out, "{field:?} {} {:?}", field.value, field.symbol()).unwrap(),
            Err(error) => write!(out, "{error:?} {error} {:?} {:?}", error.field(), error.blame()).unwrap(),
        }
    }
    let decoded = frame.message();
    match &decoded {
        Ok(message) => {
            write!(out, "{message:?}").unwrap();
            if !matches!(message, Message::Other(_)) {
                match encode_any(frame.protocol(), message) {
                    // What may be relayed means what was received.
                    Ok(bytes) => {
                        let Ok(Parsed::Frame(again, [])) = Frame::parse(frame.protocol(), &bytes) else {
                            panic!("not one frame: {bytes:02x?}");
                        };
                        assert_eq!(again.message().as_ref(), Ok(message), "{frame:?} {:02x?}", frame.body());
                    }
                    Err(error) => write!(out, "{error:?} {error} {:?}", error.blame()).unwrap(),
                }
            }
        }
        Err(error) => {
            write!(out, "{error:?} {error} {:?}", error.field()).unwrap();
            assert_eq!(error.message, frame.message_type());
            assert_eq!(error.protocol, frame.protocol());
            assert!(error.offset <= frame.body().len());
            assert_eq!(error.blame(), Blame::Peer);
        }
    }
    decoded.is_ok()
}

fn fixed_len(protocol: Protocol, info: &'static MessageInfo) -> usize {
    info.fixed_in(protocol).map(FixedInfo::length).sum()
}

#[test]
fn a_beginning_of_a_frame_asks_for_the_bytes_that_it_lacks() {
    let mut runner = TestRunner::deterministic();
    for (protocol, info) in catalogue() {
        let frames = Generator::new(protocol).elements(1).message(info.message_type);
        let owned = values(&mut runner, &frames, 1).remove(0);
        let bytes = owned.as_bytes();
        for length in 0..bytes.len() {
            let lacking = if length < 8 { 8 - length } else { bytes.len() - length };
            assert_eq!(Frame::parse(protocol, &bytes[..length]), Ok(Parsed::More(lacking)));
        }
    }
}

#[test]
fn a_body_cut_short_is_decoded_or_refused_with_message_field_and_offset() {
    let mut runner = TestRunner::deterministic();
    let mut refused = 0;
    for (protocol, info) in catalogue() {
        let frames = Generator::new(protocol).optional(0.15).elements(1).message(info.message_type);
        let owned = values(&mut runner, &frames, 1).remove(0);
        let body = owned.frame().body();
        // The statistics are long and all alike.
        let step = if body.len() > 256 { 7 } else { 1 };
        for length in (0..body.len()).step_by(step) {
            let frame = Frame::new(protocol, info.message_type, &body[..length]);
            let Err(error) = frame.message() else { continue };
            refused += 1;
            assert_eq!((error.message, error.protocol), (info.message_type, protocol));
            let names_the_message = error.to_string().starts_with(&info.message_type.to_string());
            assert!(names_the_message && error.offset <= length, "{error}");
            match error.kind {
                DecodeErrorKind::ShortFixedPart => {
                    assert!(length < fixed_len(protocol, info), "{error}");
                    assert_eq!(error.offset, length);
                    let mut end = 0;
                    let mut names = info.fixed_in(protocol).flat_map(|field| {
                        let size = field.size;
                        field.names().map(move |name| (name, size))
                    });
                    let ends_inside = names.find(|(_, size)| {
                        end += size;
                        end > length
                    });
                    assert_eq!(error.field(), ends_inside.map(|(name, _)| name), "{error}");
                }
                DecodeErrorKind::TruncatedField { tag: Some(tag) } => {
                    assert_eq!(error.field(), info.field(protocol, tag).map(|field| field.rule.name));
                    assert!(error.field().is_some() || protocol.format().is_none(), "{error}: {owned:?}");
                }
                DecodeErrorKind::TruncatedField { tag: None } => assert!(length - error.offset < 4, "{error}"),
                // Where the frame tells the format, a cut one may tell another.
                DecodeErrorKind::WrongSize { .. } if protocol.format().is_none() => {
                    assert!(error.field().is_some());
                    continue;
                }
                kind => panic!("{kind:?}: {owned:?}"),
            }
            assert_eq!(frame.fields().last(), Some(Err(error)), "{owned:?}");
        }
    }
    assert!(refused > 100_000, "{refused}");
}

/// Every field with a tag, also in the lists and in the lists of records.
fn tagged(info: &'static MessageInfo, protocol: Protocol) -> Vec<FieldInfo> {
    fn of_list(list: &'static ListInfo) -> Vec<FieldInfo> {
        let count =
            list.rule.count.map(|rule| FieldInfo { rule, values: None, size: Some(2), array: false, alone: false });
        let inner = list.element.lists.iter().flat_map(of_list);
        count.into_iter().chain(list.element.fields.iter().copied()).chain(inner).collect()
    }
    let fields = info.floating.iter().copied().chain(info.lists.iter().flat_map(of_list));
    let narrow = protocol.format() == Some(cti_proto::FieldFormat::Narrow);
    let tags = if narrow { 255 } else { u16::MAX };
    fields.filter(|field| field.rule.versions.include(protocol) && field.rule.tag_in(protocol) <= tags).collect()
}

#[test]
fn a_field_of_a_wrong_size_is_named_and_the_fields_behind_it_are_still_found() {
    let mut wrong = 0;
    for (protocol, info) in catalogue() {
        let unknown = (1..=255).find(|tag| info.field(protocol, *tag).is_none()).unwrap();
        for field in tagged(info, protocol) {
            let (rule, right) = (field.rule, plain_data(&field.rule).len());
            if field.size.is_none() {
                continue;
            }
            let shortest = usize::from(field.array);
            for length in [shortest, right + 1] {
                if length == right {
                    continue;
                }
                let start = Crafted::new(protocol, info).required(Some(&rule));
                let offset = start.frame().frame().body().len();
                let owned = start.field(rule.tag_in(protocol), &vec![7; length]).field(unknown, b"behind").frame();
                let error = owned.frame().message().expect_err("a wrong size");
                assert_eq!(error.kind, DecodeErrorKind::WrongSize { tag: rule.tag_in(protocol), length }, "{owned:?}");
                assert_eq!(error.offset, offset);
                assert_eq!(error.field(), Some(rule.name));
                assert!(error.to_string().contains(&rule.name.to_string()));

                let walked: Vec<_> = owned.frame().fields().collect();
                assert_eq!(walked.iter().filter(|field| field.is_err()).collect::<Vec<_>>(), [&Err(error)]);
                let last = walked.last().and_then(|field| field.as_ref().ok());
                assert_eq!(last.and_then(|field| field.tag), Some(unknown), "{owned:?}");
                exercise(&owned.frame());
                wrong += 1;
            }
        }
    }
    assert!(wrong > 7_000, "{wrong}");
}

#[test]
fn a_bool_of_four_bytes_is_read() {
    let protocol = Protocol::ccx(12).unwrap();
    for (data, auto_work) in [(&[0, 0, 0, 1][..], true), (&[0, 0, 0, 0], false), (&[0, 1], true), (&[0, 0], false)] {
        let info = MessageInfo::of(MessageType::CONFIG_SKILL_GROUP_EVENT).unwrap();
        let owned = Crafted::new(protocol, info).field(183, &[0, 0]).field(185, data).frame();
        let Ok(Message::ConfigSkillGroupEvent(event)) = owned.frame().message() else { panic!("{owned:?}") };
        assert_eq!(event.records.iter().next().unwrap().auto_work, Some(auto_work));
    }
}

#[test]
fn numbers_without_a_name_survive() {
    let mut runner = TestRunner::deterministic();
    for (protocol, info) in catalogue() {
        let frames = Generator::new(protocol).unnamed_values(1.0).elements(2).message(info.message_type);
        let owned = values(&mut runner, &frames, 1).remove(0);
        assert_eq!(encode_any(protocol, &owned.frame().message().unwrap()).as_deref(), Ok(owned.as_bytes()));
        exercise(&owned.frame());
    }
}

#[test]
fn fields_in_another_order_missing_or_doubled_mean_the_same_when_they_are_written_again() {
    let mut runner = TestRunner::deterministic();
    let changes = proptest::collection::vec((any::<Index>(), any::<Index>(), 0..3_u8), 1..4);
    let mut written = 0;
    for (protocol, info) in catalogue() {
        // Records without their first field run into one another, and FAILURE_CONF has two bodies.
        let has_records = info.lists.iter().any(|list| list.rule.name == "records");
        if has_records || info.message_type == MessageType::FAILURE_CONF {
            continue;
        }
        let frames = (Generator::new(protocol).message(info.message_type), changes.clone());
        for (owned, changes) in values(&mut runner, &frames, 2) {
            let (fixed, floating) = owned.frame().body().split_at(fixed_len(protocol, info));
            let mut fields: Vec<_> = Fields::new(protocol, floating).collect();
            for (at, to, change) in changes {
                if fields.is_empty() {
                    break;
                }
                let (at, to) = (at.index(fields.len()), to.index(fields.len()));
                match change {
                    0 => drop(fields.remove(at)),
                    1 => fields.swap(at, to),
                    _ => fields.insert(to, fields[at]),
                }
            }
            let changed =
                fields.iter().fold(Crafted::new(protocol, info), |this, field| this.field(field.tag, field.data));
            let body = [fixed, &changed.frame().frame().body()[fixed.len()..]].concat();
            let frame = Frame::new(protocol, info.message_type, &body);
            let message = frame.message().unwrap_or_else(|error| panic!("{error}: {body:02x?}"));
            if let Ok(bytes) = encode_any(protocol, &message) {
                let again = Frame::new(protocol, info.message_type, &bytes[8..]);
                assert_eq!(again.message().as_ref(), Ok(&message), "{body:02x?}");
                written += 1;
            }
        }
    }
    assert!(written > 4_000, "{written}");
}

#[test]
fn any_body_of_any_message_is_decoded_or_refused() {
    let mut runner = TestRunner::deterministic();
    let bodies =
        proptest::collection::vec(any::<u16>().prop_map(|draw| if draw < 0x8000 { 0 } else { draw as u8 }), 0..100);
    let mut decoded = 0;
    for (protocol, info) in catalogue() {
        for body in values(&mut runner, &bodies, 2) {
            decoded += usize::from(exercise(&Frame::new(protocol, info.message_type, &body)));
        }
    }
    assert!(decoded > 0);
}

#[test]
fn any_bytes_behind_a_fixed_part_are_decoded_or_refused() {
    let mut runner = TestRunner::deterministic();
    let tails = proptest::collection::vec(any::<u8>(), 0..120);
    for (protocol, info) in catalogue() {
        let fixed = Crafted::new(protocol, info).frame();
        for tail in values(&mut runner, &tails, 2) {
            exercise(&Frame::new(protocol, info.message_type, &[fixed.frame().body(), &tail].concat()));
        }
    }
}

/// The frames of a stream as a receiver sees them: type and body, or type and length where it is too large.
fn received(buffer: &mut [u8], protocol: Protocol, chunks: &[Vec<u8>]) -> Result<Vec<Seen>, FrameError> {
    let mut frames = FrameBuffer::new(buffer);
    let mut seen = Vec::new();
    for chunk in chunks {
        let mut bytes = &chunk[..];
        while !bytes.is_empty() {
            let taken = frames.receive(bytes);
            assert!(taken > 0, "no room, and no frame to take");
            bytes = &bytes[taken..];
            while let Some(received) = frames.next_frame(protocol)? {
                seen.push(match received {
                    Received::Frame(frame) => (frame.message_type(), Ok(frame.body().to_vec())),
                    Received::Skipped { message, length } => (message, Err(length as usize)),
                    other => panic!("{other:?}"),
                });
            }
        }
    }
    Ok(seen)
}

type Seen = (MessageType, Result<Vec<u8>, usize>);

fn expected(stream: &OwnedStream, largest: usize) -> Vec<Seen> {
    let frames = stream.frames().map(Result::unwrap);
    frames
        .map(|frame| {
            let body = frame.body();
            let fits = body.len() + 8 <= largest;
            (frame.message_type(), if fits { Ok(body.to_vec()) } else { Err(body.len()) })
        })
        .collect()
}

fn streams(len: std::ops::Range<usize>) -> impl Strategy<Value = OwnedStream> {
    strategy::protocols().prop_flat_map(move |protocol| {
        Generator::new(protocol).optional(0.3).unknown_fields(0.1).undocumented(0.1).stream(len.clone())
    })
}

#[test]
fn chunks_of_every_size_give_the_same_frames() {
    let mut runner = TestRunner::deterministic();
    for stream in values(&mut runner, &streams(3..6), 6) {
        let largest = stream.frames().flatten().map(|frame| frame.body().len() + 8).max().unwrap_or(8);
        for buffer in [largest, largest + 1, stream.protocol().max_message()] {
            let expected = expected(&stream, buffer);
            let mut buffer = vec![0; buffer];
            for size in 1..=stream.as_bytes().len() {
                let chunks: Vec<_> = stream.as_bytes().chunks(size).map(Vec::from).collect();
                assert_eq!(received(&mut buffer, stream.protocol(), &chunks).as_ref(), Ok(&expected), "{stream:?}");
            }
        }
    }
}

#[test]
fn a_length_beyond_the_limit_of_the_version_ends_the_stream() {
    for protocol in strategy::all_protocols() {
        let limit = protocol.max_message() as u32;
        let allowed = [(limit - 8).to_be_bytes(), 23_u32.to_be_bytes()].concat();
        assert_eq!(Frame::parse(protocol, &allowed), Ok(Parsed::More(protocol.max_message() - 8)));
        let forbidden = [(limit - 7).to_be_bytes(), 23_u32.to_be_bytes()].concat();
        let error = Frame::parse(protocol, &forbidden).unwrap_err();
        assert_eq!(
            error,
            FrameError::TooLong { message: MessageType(23), length: limit - 7, limit: protocol.max_message() }
        );
        assert_eq!(error.blame(), Blame::Peer);
        let mut frames = Frames::new(protocol, &forbidden);
        assert_eq!(frames.next(), Some(Err(error)));
        assert_eq!(frames.next(), None);
        assert_eq!(received(&mut [0; 64], protocol, &[forbidden]), Err(error));
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn chunks_of_mixed_sizes_give_the_same_frames(
        (stream, chunks) in streams(0..6).prop_flat_map(|stream| {
            let chunks = strategy::chunked(stream.as_bytes());
            (Just(stream), chunks)
        })
    ) {
        prop_assert_eq!(chunks.concat(), stream.as_bytes());
        let mut buffer = vec![0; stream.protocol().max_message()];
        let expected = expected(&stream, buffer.len());
        prop_assert_eq!(received(&mut buffer, stream.protocol(), &chunks), Ok(expected));
    }

    #[test]
    fn a_frame_larger_than_the_buffer_is_reported_and_the_next_one_found(
        size in 8..200_usize,
        (stream, chunks) in streams(1..6).prop_flat_map(|stream| {
            let chunks = strategy::chunked(stream.as_bytes());
            (Just(stream), chunks)
        })
    ) {
        let expected = expected(&stream, size);
        prop_assert_eq!(received(&mut vec![0; size], stream.protocol(), &chunks), Ok(expected));
    }

    #[test]
    fn every_frame_of_a_stream_is_decoded_though_some_are_unknown(stream in streams(0..8)) {
        for frame in stream.frames() {
            prop_assert!(exercise(&frame.unwrap()));
        }
    }

    #[test]
    fn a_damaged_stream_is_decoded_or_refused(stream in strategy::damaged(streams(0..8)), size in 8..400_usize) {
        for frame in stream.frames().flatten() {
            exercise(&frame);
        }
        let printed = format!("{stream:?}");
        prop_assert!(printed.contains(" as 0x"));
        let whole: Vec<_> = stream.frames().filter_map(Result::ok).map(|frame| frame.message_type()).collect();
        let chunks = [stream.as_bytes().to_vec()];
        if let Ok(seen) = received(&mut vec![0; size], stream.protocol(), &chunks) {
            // The last one may have been skipped before it was whole.
            let types: Vec<_> = seen.into_iter().map(|(message, _)| message).collect();
            prop_assert_eq!(&types[..whole.len()], whole);
        }
    }

    #[test]
    fn any_bytes_are_framed_or_refused(
        protocol in strategy::protocols(),
        bytes in proptest::collection::vec(prop_oneof![3 => Just(0), 1 => any::<u8>()], 0..400),
    ) {
        for frame in Frames::new(protocol, &bytes) {
            match frame {
                Ok(frame) => { exercise(&frame); }
                Err(error) => {
                    let printed = format!("{error} {error:?}");
                    prop_assert!(printed.contains("bytes announced"));
                }
            }
        }
        let _ = received(&mut [0; 64], protocol, &[bytes]);
    }
}

#[test]
fn a_message_shrinks_to_what_it_must_have_and_a_stream_to_nothing() {
    fn simplest<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
        let mut tree = strategy.new_tree(runner).unwrap();
        while tree.simplify() {}
        tree.current()
    }
    let mut runner = TestRunner::deterministic();
    let protocol = Protocol::cce(25).unwrap();
    for info in MESSAGES.iter().filter(|info| info.versions.include(protocol)) {
        let floating: usize = info
            .floating
            .iter()
            .filter(|field| field.rule.required_in(protocol))
            .map(|field| match field.rule.data_type {
                DataType::String => 4 + 1,
                data_type => 4 + data_type.size().unwrap_or(0),
            })
            .sum();
        let owned = simplest(&mut runner, &strategy::message(protocol, info.message_type));
        assert_eq!(owned.as_bytes().len(), 8 + fixed_len(protocol, info) + floating, "{owned:?}");
    }
    assert!(simplest(&mut runner, &strategy::stream(protocol, 0..5)).as_bytes().is_empty());
    assert!(simplest(&mut runner, &strategy::damaged(strategy::stream(protocol, 0..5))).as_bytes().is_empty());
    assert!(simplest(&mut runner, &strategy::chunked([7; 100])).len() < 3);
}

#[test]
fn a_strategy_without_a_message_rejects_instead_of_panicking() {
    let mut runner = TestRunner::deterministic();
    let none = Generator::new(Protocol::cce(9).unwrap()).matching(|_| false);
    assert!(none.new_tree(&mut runner).is_err());
    let odd = Generator::new(Protocol::cce(9).unwrap())
        .optional(f64::NAN)
        .unnamed_values(-3.0)
        .unknown_fields(f64::INFINITY)
        .undocumented(2.0)
        .elements(usize::MAX);
    assert_eq!(values(&mut runner, &odd.stream(3), 5).len(), 5);
    // A message that the protocol lacks, and one that nobody knows.
    for message in [MessageType::CONFIG_AGENT_SERVICE_EVENT, MessageType(99_999)] {
        assert_eq!(values(&mut runner, &odd.message(message), 1)[0].frame().message_type(), message);
    }
    assert_eq!(values(&mut runner, &strategy::chunked([]), 3), [const { Vec::<Vec<u8>>::new() }; 3]);
}

#[test]
fn texts_without_a_nul_and_with_something_behind_it_are_read() {
    // FAILURE_EVENT of Unified CCX, status 15, Text "off" with and without NUL, and with junk behind the NUL.
    let protocol = Protocol::ccx(10).unwrap();
    for text in ["07 03 6f6666", "07 04 6f666600", "07 06 6f666600 7878"] {
        let body = hex(&format!("0000000f {text}"));
        let Ok(Message::FailureEvent(event)) = Frame::new(protocol, MessageType::FAILURE_EVENT, &body).message() else {
            panic!("{text}");
        };
        assert_eq!(event.text.unwrap(), "off");
    }
}

#[test]
fn lengths_of_one_byte_are_unsigned() {
    // USER_MESSAGE_EVENT: time, distribution, ClientID, and a Text of each length that has the highest bit.
    let protocol = Protocol::cce(19).unwrap();
    for length in 128..=255_usize {
        let text = [vec![b'x'; length - 1], vec![0]].concat();
        let body = [hex("00000001 0000 01 02 6300 07"), vec![length as u8], text].concat();
        let frame = Frame::new(protocol, MessageType::USER_MESSAGE_EVENT, &body);
        let Ok(Message::UserMessageEvent(event)) = frame.message() else { panic!("{length}") };
        assert_eq!(event.text.unwrap().as_bytes().len(), length - 1);
        assert_eq!(encode_any(protocol, &event.into()).unwrap()[8..], body);
    }
}

#[test]
fn of_a_field_that_comes_twice_the_last_one_counts() {
    let protocol = Protocol::cce(12).unwrap();
    let body = hex("00000001 0000000f 07 02 6100 07 02 6200 d9 02 6300");
    let Ok(Message::FailureConf(conf)) = Frame::new(protocol, MessageType::FAILURE_CONF, &body).message() else {
        panic!("{body:?}")
    };
    assert_eq!((conf.text, conf.ctios_cil_client_id), (Some("b".into()), Some("c".into())));
}

#[test]
fn every_message_is_generated_by_the_filters_that_it_passes() {
    let mut runner = TestRunner::deterministic();
    let protocol = Protocol::cce(25).unwrap();
    let generator = Generator::new(protocol).optional(0.0).elements(0);
    for owned in values(&mut runner, &generator.events(), 200) {
        assert!(owned.frame().message_type().name().unwrap().contains("_EVENT"));
    }
    let services: std::collections::HashSet<_> = MESSAGES.iter().map(|info| info.service).collect();
    for service in services {
        for owned in values(&mut runner, &generator.of_service(service), 20) {
            assert_eq!(owned.frame().info().unwrap().service, service);
        }
    }
    let seen: std::collections::HashSet<_> = values(&mut runner, &generator.any_message(), 3_000)
        .iter()
        .map(|owned| owned.frame().message_type().0)
        .collect();
    assert_eq!(seen.len(), MESSAGES.iter().filter(|info| info.versions.include(protocol)).count());
}

#[test]
fn a_second_agent_id_is_not_taken_for_a_field_of_the_other_product() {
    for protocol in [Protocol::cce(15).unwrap(), Protocol::cce(25).unwrap()] {
        let info = MessageInfo::of(MessageType::OPEN_CONF).unwrap();
        let owned = Crafted::new(protocol, info).field(5, b"1\0").field(4, b"9\0").field(5, b"2\0").frame();
        let Ok(Message::OpenConf(conf)) = owned.frame().message() else { panic!("{owned:?}") };
        assert_eq!((conf.agent_id, conf.agent_id12), (Some("2".into()), None), "{protocol}");
        assert_eq!(conf.agent_extension, Some("9".into()));
    }
}
