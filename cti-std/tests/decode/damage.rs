//! Damaged input: what is told of it, and that nothing makes the command fail.

use cti_proto::message::OpenReq;
use cti_proto::wire::{Bytes, Secret};
use cti_proto::{Product, Protocol, encode};
use cti_std::decode::{Form, Options, run};
use serde_json::{Value, json};

use super::build::{self, heartbeat, hex, hex_lines, raw_frame, session};
use super::{brief, decode, decode_json};

#[test]
fn a_bad_frame_is_told_and_the_next_one_decoded() {
    // AGENT_STATE_EVENT that ends in its fixed part; HEARTBEAT_CONF and CLOSE_REQ that are too short and too long.
    let bad = raw_frame(30, &[0, 0, 0, 1, 0, 0, 0]);
    let stream = [heartbeat(1), bad.clone(), heartbeat(2), raw_frame(5, &[0, 0, 0, 3, 1]), heartbeat(4)].concat();
    let (objects, outcome) = decode_json(&["--protocol", "15"], &stream);
    assert_eq!((outcome.status, outcome.err.as_str()), (1, ""));
    assert_eq!(
        brief(&objects),
        [
            "0 - HEARTBEAT_REQ",
            "12 - !the body ends inside the fixed part, at byte 7 of the body",
            "27 - HEARTBEAT_REQ",
            "39 - !bytes are left that hold no field, at byte 4 of the body",
            "52 - HEARTBEAT_REQ",
        ]
    );
    let expected = json!({
        "offset": 12, "time": null, "from": null,
        "error": "the body ends inside the fixed part, at byte 7 of the body",
        "message": "AGENT_STATE_EVENT", "field": "PeripheralID", "hex": hex(&bad),
    });
    assert_eq!(objects[1], expected);
    let text = decode(&["--protocol", "15"], &stream);
    assert_eq!(text.status, 1);
    assert!(text.out.contains("ERROR PeripheralID: the body ends"), "{}", text.out);
    let (only, outcome) = decode_json(&["--protocol", "15", "--only", "OPEN_REQ"], &stream);
    assert_eq!((only.len(), outcome.status), (2, 1), "errors are shown in any case");
}

#[test]
fn garbage_and_truncation_are_told() {
    let stream = [&heartbeat(1)[..], &[0xff; 21], &heartbeat(2), &heartbeat(3), &[0, 0, 0, 4, 0, 0, 0, 5, 0]].concat();
    let (objects, outcome) = decode_json(&["--protocol", "24"], &stream);
    assert_eq!(outcome.status, 1);
    assert_eq!(
        brief(&objects),
        [
            "0 - HEARTBEAT_REQ",
            "12 - !no message begins with ffffffffffffffff; 21 bytes skipped",
            "33 - HEARTBEAT_REQ",
            "45 - HEARTBEAT_REQ",
            "57 - !the recording ends inside the message: 9 of 12 bytes",
        ]
    );
    assert_eq!(objects[1]["message"], json!(null));
    assert_eq!(objects[4]["message"], "HEARTBEAT_REQ");
}

#[test]
fn a_message_beyond_the_limit_of_its_version_is_told() {
    let long = raw_frame(999, &[0; 5000]);
    let stream = [heartbeat(1), long, heartbeat(2)].concat();
    let (objects, outcome) = decode_json(&["--protocol", "19"], &stream);
    assert_eq!(outcome.status, 1);
    assert_eq!(brief(&objects)[1], "12 - !5000 bytes announced, the largest message of this version has 4329");
    assert_eq!(decode_json(&["--protocol", "20"], &stream).1.status, 0);
}

/// A generator that is good enough to damage things.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn no_damage_makes_it_fail_and_json_stays_json() {
    let session = session(Protocol::cce(24).unwrap());
    let packets = build::connection(build::Tcp::new(50000, 42027), &session);
    let raw: Vec<u8> = session.iter().flat_map(|(_, frame)| frame.clone()).collect();
    let inputs = [
        hex_lines(&session).into_bytes(),
        raw,
        build::plain_pcap(&packets),
        build::pcap(&packets, build::Link::Cooked2, true, true, 80),
        build::pcapng(&packets, build::Link::Vlan, false),
        build::pcapng(&packets, build::Link::Loopback, true),
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..6000 {
        let mut input = inputs[round % inputs.len()].clone();
        for _ in 0..=random.below(4) {
            let (at, to) = (random.below(input.len()), random.below(input.len()));
            match random.below(6) {
                0 => input[at] = random.below(256) as u8,
                1 => input[at] ^= 1 << random.below(8),
                2 => drop(input.drain(at.min(to)..at.max(to).min(at.min(to) + 40))),
                3 => input.insert(at, random.below(256) as u8),
                4 => input.truncate(at + 1),
                _ => input[at..(at + 4).min(to.max(at))].fill(0xff),
            }
        }
        let form = if round % 4 == 0 { Form::Text { colour: true } } else { Form::Json };
        let product = [None, Some(Product::Cce), Some(Product::Ccx)][random.below(3)];
        let options = Options { form, product, ..Options::default() };
        let (mut output, mut notes) = (Vec::new(), Vec::new());
        let result = run(&input[..], &options, &mut output, &mut notes);
        if form == Form::Json {
            let lines: Vec<Value> = output
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| serde_json::from_slice(line).unwrap())
                .collect();
            let problems = lines.iter().filter(|line| line.get("error").is_some()).count() as u64;
            if let Ok(summary) = result {
                assert_eq!(summary.messages, lines.len() as u64 - problems);
                assert!(summary.problems >= problems);
            }
        }
    }
}

#[test]
fn what_may_be_the_rest_of_a_password_is_not_shown_in_the_text_either() {
    // The length of OPEN_REQ is wrong by so many bytes that its end, with the password, is none of its.
    let request = OpenReq {
        version_number: 15,
        client_id: Some("c".into()),
        client_password: Some(Secret(Bytes(b"hunter2hunter2"))),
        ..OpenReq::default()
    };
    let mut frame = vec![0; 1024];
    let length = encode(Protocol::cce(15).unwrap(), &request, &mut frame).unwrap().len();
    frame.truncate(length);
    frame[3] -= 14;
    let stream = [frame, heartbeat(1), heartbeat(2)].concat();
    let show = |passwords| {
        let mut out = Vec::new();
        let options = Options { passwords, ..Options::default() };
        run(&stream[..], &options, &mut out, &mut std::io::sink()).unwrap();
        String::from_utf8(out).unwrap()
    };
    let hunter = "68756e746572";
    assert!(show(true).contains(hunter), "{}", show(true));
    assert!(!show(false).contains(hunter), "{}", show(false));
    assert!(show(false).contains("no message begins here; 14 bytes skipped"), "{}", show(false));
}

#[test]
fn a_version_that_there_is_not_is_refused_at_once() {
    for (protocol, product) in [(Some(99), None), (Some(24), Some(Product::Ccx))] {
        let options = Options { protocol, product, ..Options::default() };
        let error = run(&heartbeat(1)[..], &options, &mut std::io::sink(), &mut std::io::sink()).unwrap_err();
        assert_eq!(error.to_string(), "there is no such version of the protocol");
    }
}

#[test]
fn what_a_recording_begins_with_may_be_a_password_too() {
    // The capture begins inside the client's OPEN_REQ: nothing in front of what is left tells what it is of.
    let session = session(Protocol::cce(24).unwrap());
    let mut tcp = build::Tcp::new(50000, 42027);
    let [(_, open), (_, confirmed), ..] = &session[..] else { panic!("a session begins with OPEN_REQ") };
    let mut packets = vec![tcp.send(true, &open[open.len() - 20..]), tcp.send(false, &confirmed[10..])];
    packets.extend([heartbeat(1), heartbeat(2)].map(|heartbeat| tcp.send(true, &heartbeat)));
    packets.extend(session.iter().filter(|(client, _)| !client).map(|(_, frame)| tcp.send(false, frame)));
    let capture = build::plain_pcap(&packets);
    let show = |passwords| {
        let mut out = Vec::new();
        let options = Options { passwords, protocol: Some(24), ..Options::default() };
        run(&capture[..], &options, &mut out, &mut std::io::sink()).unwrap();
        String::from_utf8(out).unwrap()
    };
    let hunter = hex(b"hunter");
    assert!(show(true).contains(&hunter), "{}", show(true));
    assert!(!show(false).contains(&hunter), "{}", show(false));
    assert_eq!(show(false).matches("bytes hidden").count(), 1, "servers send none: {}", show(false));
}
