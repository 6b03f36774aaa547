//! Every message that trackers look at, in every protocol, against its table.

use std::vec::Vec;

use super::places::{Code, DEFAULTS, place_of};
use super::{PLANNED, Told};
use crate::message::{FieldInfo, MessageInfo, MessageType};
use crate::protocol::{FieldFormat, Protocol};
use crate::wire::{Frame, RawField};

fn protocols() -> impl Iterator<Item = Protocol> {
    let ccx = (10..=18).filter_map(|version| Protocol::ccx(version).ok());
    let settled = ccx.map(|protocol| protocol.with_format(protocol.format().unwrap_or(FieldFormat::Wide)));
    (9..=25).filter_map(|version| Protocol::cce(version).ok()).chain(settled)
}

/// The floating fields that a message has in a protocol, those of lists included.
fn floating(info: &'static MessageInfo, protocol: Protocol) -> impl Iterator<Item = &'static FieldInfo> {
    let own = info.floating.iter();
    let of_lists = info.lists.iter().filter(move |list| list.rule.versions.include(protocol));
    own.chain(of_lists.flat_map(|list| list.element.fields)).filter(move |field| field.rule.versions.include(protocol))
}

fn put(body: &mut Vec<u8>, protocol: Protocol, tag: u16, data: &[u8]) {
    match protocol.format() {
        Some(FieldFormat::Narrow) => body.extend([tag as u8, data.len() as u8]),
        _ => body.extend((u32::from(tag) << 16 | data.len() as u32).to_be_bytes()),
    }
    body.extend(data);
}

/// Numbers by their places.
type Numbers = Vec<(u8, u32)>;
/// The data of fields by their tags.
type Data = Vec<(u16, Vec<u8>)>;

/// A body in which no two fields say the same, and what is in it.
fn body(info: &'static MessageInfo, protocol: Protocol) -> (Vec<u8>, Numbers, Data) {
    let (mut body, mut numbers, mut fields) = (Vec::new(), Numbers::new(), Data::new());
    for (field, number) in info.fixed.iter().filter(|field| field.versions.include(protocol)).zip(0x4711_u32..) {
        let bytes = number.to_be_bytes();
        body.extend(&bytes[4 - field.length()..]);
        if let Some(place) = place_of(field.name) {
            numbers.push((place, if field.length() == 2 { number & 0xffff } else { number }));
        }
    }
    for (field, first) in floating(info, protocol).zip(b'a'..) {
        let data: Vec<u8> = (first..).take(field.size.unwrap_or(5)).collect();
        put(&mut body, protocol, field.rule.tag_in(protocol), &data);
        fields.push((field.rule.tag_in(protocol), data));
    }
    (body, numbers, fields)
}

#[test]
fn every_field_of_every_message_is_told_where_it_belongs() {
    let mut looked_at = 0;
    for (info, protocol) in PLANNED.iter().flat_map(|info| protocols().map(move |protocol| (*info, protocol))) {
        let (body, numbers, fields) = body(info, protocol);
        let frame = Frame::new(protocol, info.message_type, &body);
        let mut told = Told::new(&frame);
        assert_eq!(told.read(), Ok(()), "{frame:?}");
        for (place, default) in (0..).zip(DEFAULTS) {
            let expected = numbers.iter().find(|(at, _)| *at == place).map_or(default, |(_, number)| *number);
            assert_eq!(told.numbers[usize::from(place)] ^ default, expected, "{frame:?}: number {place}");
        }
        for (tag, data) in &fields {
            let code = Code::of(*tag);
            let at = if code.is_in_list() { told.lists[code.place()].span } else { told.data[code.place()] };
            let found = at.of(&body);
            match code.is_in_list() {
                true => assert!(found.windows(data.len()).any(|window| window == data), "{frame:?}: tag {tag}"),
                false if code.place() > 0 => assert_eq!(found, data, "{frame:?}: tag {tag}"),
                false => continue,
            }
            looked_at += 1;
        }
    }
    assert!(looked_at > 5_000, "{looked_at}");
}

#[test]
fn what_is_cut_short_or_of_another_size_is_an_error_or_of_no_interest() {
    for (info, protocol) in PLANNED.iter().flat_map(|info| protocols().map(move |protocol| (*info, protocol))) {
        let (body, _, fields) = body(info, protocol);
        for length in 0..body.len() {
            let frame = Frame::new(protocol, info.message_type, &body[..length]);
            assert_eq!(Told::new(&frame).read(), frame.message().map(drop), "{frame:?}");
        }
        for (tag, data) in fields {
            let mut longer = body.clone();
            put(&mut longer, protocol, tag, &[&data[..], &[0]].concat());
            let frame = Frame::new(protocol, info.message_type, &longer);
            let refused = Told::new(&frame).read();
            assert_eq!(refused.is_err(), !Code::of(tag).accepts(data.len() + 1), "{frame:?}: tag {tag}");
        }
    }
}

#[test]
fn a_body_beyond_what_positions_reach_is_an_error() {
    let (protocol, info) = (Protocol::cce(24).unwrap(), PLANNED[0]);
    let mut body = body(info, protocol).0;
    put(&mut body, protocol, 500, &[0; 60_000]);
    assert_eq!(Told::new(&Frame::new(protocol, info.message_type, &body)).read(), Ok(()));
    put(&mut body, protocol, 500, &[0; 6_000]);
    assert!(Told::new(&Frame::new(protocol, info.message_type, &body)).read().is_err());
}

#[test]
fn lists_are_told_whole_and_only_a_run_of_them_is_one() {
    let (protocol, info) = (
        Protocol::cce(24).unwrap(),
        PLANNED.iter().find(|info| info.message_type == MessageType::CALL_DATA_UPDATE_EVENT).unwrap(),
    );
    let mut bytes = body(info, protocol).0;
    bytes.truncate(info.fixed.iter().map(|field| field.length()).sum());
    let frame = |bytes: &[u8], check: &dyn Fn(&Told<'_>)| {
        let frame = Frame::new(protocol, info.message_type, bytes);
        let mut told = Told::new(&frame);
        told.read().unwrap();
        check(&told);
    };
    for (tag, data) in [(13, &b"one\0"[..]), (15, b"three\0"), (82, b"user.a\0x\0")] {
        put(&mut bytes, protocol, tag, data);
    }
    frame(&bytes, &|told| {
        let variables: Vec<RawField<'_>> = told.variables().collect();
        assert_eq!(variables.iter().map(|field| field.tag).collect::<Vec<_>>(), [13, 15]);
        assert_eq!(told.named_variables().len(), 1);
        assert_eq!(told.run_of_lists().map(<[u8]>::len), Some(4 + 4 + 4 + 6 + 4 + 9));
    });
    // Another variable behind the named one: they are in no order, and there is something between them.
    put(&mut bytes, protocol, 14, b"two\0");
    frame(&bytes, &|told| {
        assert_eq!(told.variables().map(|field| field.tag).collect::<Vec<_>>(), [13, 15, 14]);
        assert_eq!(told.run_of_lists(), None);
    });
}
