//! Hex and raw streams: framing, versions, the form of fields.

use cti_proto::Protocol;
use serde_json::json;

use super::build::{SESSION, heartbeat, hex, hex_lines, open_req, raw_frame, session};
use super::{brief, decode_json};

fn cce(version: u32) -> Protocol {
    Protocol::cce(version).unwrap()
}

/// Without offsets.
fn names(brief: &[String]) -> Vec<&str> {
    brief.iter().map(|line| line.split_once(' ').unwrap().1).collect()
}

#[test]
fn lines_may_hold_parts_of_frames_and_several() {
    let session = session(cce(24));
    let (whole, _) = decode_json(&[], hex_lines(&session).as_bytes());
    assert_eq!(names(&brief(&whole)), SESSION);
    // Each frame in two lines, in capitals, with blanks, and with the other side's lines between.
    let mut text = String::from("# in pieces\r\n");
    for (client, frame) in &session {
        let side = if *client { "Client:" } else { "SERVER" };
        let (first, second) = frame.split_at(frame.len() / 2);
        text += &format!("{side} {}\t# one\r\n\r\n", hex(first).to_uppercase().replace("00", " 00 "));
        text += &format!("{side} {}\n", hex(second));
    }
    let (pieces, outcome) = decode_json(&[], text.as_bytes());
    assert_eq!(pieces, whole, "{}", outcome.err);
    // All of one side in one line.
    let all: String = session.iter().filter(|(client, _)| !client).map(|(_, frame)| hex(frame)).collect();
    let (server, _) = decode_json(&["--protocol", "24", "--product", "cce"], format!("server {all}").as_bytes());
    let of_server: Vec<_> = whole.into_iter().filter(|object| object["from"] == "server").collect();
    assert_eq!(server, of_server);
}

#[test]
fn a_raw_stream_has_no_sides() {
    let session = session(cce(24));
    let stream: Vec<u8> = session.iter().filter(|(client, _)| *client).flat_map(|(_, frame)| frame.clone()).collect();
    let (objects, outcome) = decode_json(&[], &stream);
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    assert_eq!(brief(&objects), ["0 - OPEN_REQ", "77 - HEARTBEAT_REQ", "89 - CLOSE_REQ"]);
    let (same, _) = decode_json(&[], hex(&stream).as_bytes());
    assert_eq!(same, objects, "a line without a side is the same");
}

#[test]
fn the_version_is_the_one_of_the_open_req_in_every_version() {
    for version in Protocol::CCE_MIN..=Protocol::CCE_MAX {
        let lines = hex_lines(&session(cce(version)));
        for args in [&[][..], &["--protocol", "9"], &["--product", "cce"]] {
            let (objects, outcome) = decode_json(args, lines.as_bytes());
            assert_eq!((outcome.status, outcome.err.as_str()), (0, ""), "{version}");
            assert_eq!(names(&brief(&objects)), SESSION);
            assert!(objects.iter().all(|object| object["protocol"] == version));
        }
    }
    let lines = hex_lines(&session(Protocol::ccx(18).unwrap()));
    let (objects, outcome) = decode_json(&["--product", "ccx"], lines.as_bytes());
    assert_eq!(outcome.status, 0);
    assert_eq!(names(&brief(&objects)), SESSION);
    let (same, outcome) = decode_json(&[], lines.as_bytes());
    assert_eq!(same, objects, "only Unified CCX has wide tags at version 18");
    assert_eq!(outcome.err, "cti: the product, Unified CCX, was found by trying\n");
}

#[test]
fn without_an_open_req_the_version_is_given_or_found() {
    let session = session(cce(24));
    let lines = hex_lines(&session[1..]);
    let (objects, outcome) = decode_json(&[], lines.as_bytes());
    assert_eq!(outcome.status, 0);
    let note = "cti: no OPEN_REQ tells the version: Unified CCE 25 was found by trying (7 of 7 messages fit)";
    assert!(outcome.err.starts_with(note), "{}", outcome.err);
    assert!(outcome.err.ends_with("so do versions 24\n"), "{}", outcome.err);
    assert_eq!(names(&brief(&objects)), SESSION[1..]);
    let (_, outcome) = decode_json(&["--protocol", "24"], lines.as_bytes());
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    let (_, outcome) = decode_json(&["--protocol", "15", "--product", "cce"], lines.as_bytes());
    assert_eq!(outcome.status, 1, "the wrong version does not fit");
}

#[test]
fn each_open_req_begins_a_session_of_its_version() {
    let mut both = session(cce(24));
    both.extend(session(cce(12)));
    let (objects, outcome) = decode_json(&[], hex_lines(&both).as_bytes());
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    let versions: Vec<_> = objects.iter().map(|object| object["protocol"].as_u64().unwrap()).collect();
    assert_eq!(versions, [[24; 8], [12; 8]].concat());
    let unknown = hex(&open_req(cce(25))).replacen("00000019", "0000001f", 1);
    let (objects, outcome) = decode_json(&[], unknown.as_bytes());
    assert_eq!(outcome.err, "cti: OPEN_REQ asks for protocol version 31, decoded as version 25\n");
    assert_eq!(objects[0]["fixed"]["VersionNumber"], 31);
}

#[test]
fn every_kind_of_value_has_its_form() {
    let (objects, _) = decode_json(&[], hex_lines(&session(cce(24))).as_bytes());
    let begin = &objects[5];
    let floating = begin["floating"].as_array().unwrap();
    let variable = json!({"tag": 82, "name": "NamedVariable", "value": {"name": "user.order", "value": "A-17"}});
    let array =
        json!({"tag": 83, "name": "NamedArray", "value": {"name": "user.items", "index": 3, "value": "milk \u{e9}"}});
    assert!(floating.contains(&variable) && floating.contains(&array), "{floating:?}");
    assert_eq!(objects[2]["symbols"]["AgentState"], "AGENT_STATE_AVAILABLE");

    // AGENT_TEAM_CONFIG_EVENT with two agents, a text that is no UTF-8, and a tag that nobody knows.
    let body = [
        &[0, 0, 0, 1, 0, 0, 0, 2, 0, 2, 0, 1][..],
        &[86, 3, b'a', 0xff, 0, 88, 2, 0, 3, 86, 2, b'b', 0, 88, 2, 9, 9, 250, 2, 0xca, 0xfe],
    ];
    let body = raw_frame(128, &body.concat());
    let lines = [heartbeat(1), body, raw_frame(999, &[1, 2]), raw_frame(160, &[3])].map(|frame| hex(&frame)).join("\n");
    let (objects, outcome) = decode_json(&["--protocol", "15", "--product", "cce"], lines.as_bytes());
    assert_eq!(outcome.status, 0, "{}", outcome.out);
    assert_eq!(objects[1]["floating"][0]["value"], "a\u{fffd}");
    assert_eq!(objects[1]["floating"][4], json!({"tag": 250, "name": null, "value": {"hex": "cafe"}}));
    assert_eq!(objects[1]["symbols"]["AtcAgentState"], json!(["AGENT_STATE_AVAILABLE", null]));
    // Types without a published layout, with and without a name.
    assert_eq!(objects[2]["name"], json!(null));
    assert_eq!(objects[2]["floating"], json!([{"tag": null, "name": null, "value": {"hex": "0102"}}]));
    assert_eq!(objects[3]["name"], "OFFER_TASK_IND");
}
