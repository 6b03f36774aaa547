//! Frames alone, without a session: what one side writes, the other reads, and both find the same in it.

use std::fmt::Write as _;

use cti_proto::message::{Direction, FailureConf, MESSAGES, MessageInfo, OpenReq};
use cti_proto::strategy::{Generator, all_protocols};
use cti_proto::{Body, Frame, Handler, Protocol, encode};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::peer::{cti_says, peer_says, product};

/// What both decoders tell of a frame.
const SHARED: [&str; 5] = ["from", "type", "name", "length", "fixed"];
/// Fields of session messages whose values the guide names in its text only: the peer knows of tables alone.
const NAMED_IN_THE_TEXT: [&str; 4] = ["Status", "AgentState", "PeripheralType", "SessionType"];

#[test]
fn every_message_that_the_peer_writes_is_read_as_it_says() {
    for protocol in all_protocols() {
        let (product, version) = names(protocol);
        assert_reads_the_peer(product, product, &version);
    }
    // How wide the lengths of Unified CCX 18 are is open: both are read.
    assert_reads_the_peer("ccx:1", "ccx", "18");
}

fn assert_reads_the_peer(writes: &str, product: &str, version: &str) {
    let written = peer_says(&["stream", writes, version, "1"], "");
    assert!(written.len() > 250, "{product} {version}: {} frames", written.len());
    let lines: Vec<_> = written.iter().map(|frame| line(&frame["says"]["from"], &frame["hex"])).collect();
    let read = cti_says(product, version, &lines.concat());
    let says: Vec<_> = written.into_iter().map(|frame| frame["says"].clone()).collect();
    assert_same(product, version, &says, &read);
}

#[test]
fn the_peer_reads_every_message_that_is_encoded() {
    // Not Unified CCX, which fixes the values of half the fields: that is no matter of encoding.
    for version in [9, 14, 15, 19, 20, 24, 25] {
        let protocol = Protocol::cce(version).unwrap();
        let (product, version) = names(protocol);
        let lines = encoded(protocol);
        let says = peer_says(&["check", product, &version], &lines);
        let deviations: Vec<_> = says.iter().filter_map(|frame| frame["deviation"].as_str()).collect();
        assert!(deviations.is_empty(), "{product} {version}: {deviations:#?}");
        assert_same(product, &version, &says, &cti_says(product, &version, &lines));
    }
}

/// Lines of `client HEX` and `server HEX`: every message that the protocol has, sparse and with all that it can have.
fn encoded(protocol: Protocol) -> String {
    let mut runner = TestRunner::deterministic();
    let mut lines = String::new();
    for info in MESSAGES.iter().filter(|info| info.versions.include(protocol)) {
        for optional in [0.3, 1.0] {
            let frames = Generator::new(protocol).optional(optional).message(info.message_type);
            let owned = frames.new_tree(&mut runner).unwrap().current();
            // The other body that one guide prints, which only a decoder knows.
            if info.message_type == FailureConf::TYPE && owned.as_bytes().len() == 18 {
                continue;
            }
            let mut hex = owned.frame().dispatch(&mut Hex(protocol)).unwrap();
            if info.message_type == OpenReq::TYPE {
                // What follows is read as of the version that it names.
                hex.replace_range(24..32, &format!("{:08x}", protocol.version()));
            }
            writeln!(lines, "{} {hex}", sender(info)).unwrap();
        }
    }
    lines
}

/// Encodes a message that was decoded.
struct Hex(Protocol);

impl Handler for Hex {
    type Output = String;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> String {
        let mut buffer = [0; 12_500];
        let bytes = encode(self.0, message, &mut buffer).unwrap();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn other(&mut self, frame: &Frame<'_>) -> String {
        panic!("{:?} is not in the catalogue", frame.message_type())
    }
}

fn sender(info: &MessageInfo) -> &'static str {
    match info.direction {
        Direction::Client => "client",
        _ => "server",
    }
}

fn names(protocol: Protocol) -> (&'static str, String) {
    (product(protocol), protocol.version().to_string())
}

fn line(from: &Value, hex: &Value) -> String {
    format!("{} {}\n", from.as_str().unwrap(), hex.as_str().unwrap())
}

fn assert_same(product: &str, version: &str, peer: &[Value], cti: &[Value]) {
    let differences: Vec<_> = peer.iter().zip(cti).flat_map(|(peer, cti)| differences(product, peer, cti)).collect();
    assert!(differences.is_empty(), "{product} {version}: {:#?}", &differences[..differences.len().min(10)]);
    assert_eq!(peer.len(), cti.len(), "{product} {version}");
}

/// What the two tell of one frame, where it is not the same.
pub(crate) fn differences(product: &str, peer: &Value, cti: &Value) -> Vec<String> {
    let name = &peer["name"];
    let differs = |what: &str, peer: &Value, cti: &Value| format!("{name} {what}: peer {peer}, cti {cti}");
    let mut found = Vec::new();
    if let Some(error) = cti.get("error") {
        found.push(differs("is an error", peer, error));
        return found;
    }
    for key in SHARED {
        // As text, because the order of fields counts.
        let (theirs, ours) = (peer[key].to_string(), cti[key].to_string());
        if theirs != ours {
            found.push(differs(key, &peer[key], &cti[key]));
        }
    }
    let fields = |object: &Value| object["floating"].as_array().unwrap().clone();
    let (ours, theirs) = (fields(cti), fields(peer));
    if ours.len() != theirs.len() {
        found.push(format!("{name}: {} floating fields, {} at the peer", ours.len(), theirs.len()));
    }
    found.extend(theirs.iter().zip(&ours).filter(|(a, b)| a != b).map(|(a, b)| differs("floating", a, b)));
    // Of Unified CCX there are no tables of names.
    if product == "cce" {
        found.extend(symbols(peer, cti).map(|(field, a, b)| differs(&field, &a, &b)));
    }
    found
}

/// The fields whose numbers have other names here than at the peer.
fn symbols(peer: &Value, cti: &Value) -> impl Iterator<Item = (String, Value, Value)> {
    let (peer, cti) = (peer["symbols"].clone(), cti["symbols"].clone());
    let mut fields: Vec<String> = peer.as_object().unwrap().keys().cloned().collect();
    let known = |field: &&String| peer.get(*field).is_none() && !NAMED_IN_THE_TEXT.contains(&field.as_str());
    fields.extend(cti.as_object().unwrap().keys().filter(known).cloned());
    fields
        .into_iter()
        .map(move |field| (field.clone(), peer[&field].clone(), cti[&field].clone()))
        .filter(|(_, a, b)| a != b)
}
