//! `cti monitor` and `cti request` with the peer as their server.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use cti_proto::Protocol;
use serde_json::Value;

use crate::frames::differences;
use crate::peer::{Peer, product, protocols};

#[test]
fn monitor_tells_what_the_peer_sends() {
    for protocol in protocols() {
        monitor(protocol);
    }
}

fn monitor(protocol: Protocol) {
    let server = Peer::start("server", protocol, &["watched"]);
    let mut command = cti("monitor", protocol, &server.line());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| object(&line.unwrap()));
    let sent = std::iter::repeat_with(|| server.line()).find_map(|line| line["all"].as_array().cloned()).unwrap();
    // Between the messages stand the changes of the connection.
    let told: Vec<Value> = lines.by_ref().filter(|line| line.get("type").is_some()).take(sent.len()).collect();
    let found: Vec<_> = sent.iter().zip(&told).flat_map(|(a, b)| differences(product(protocol), a, b)).collect();
    assert!(found.is_empty(), "{protocol:?}: {:#?}", &found[..found.len().min(10)]);
    let term = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(term.success());
    assert!(lines.all(|line| line.get("type").is_none()), "nothing more was sent");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    server.finish();
}

#[test]
fn request_asks_and_tells_the_answer() {
    for protocol in protocols() {
        let peripheral = if product(protocol) == "ccx" { "PeripheralID=1" } else { "PeripheralID=5000" };
        let server = Peer::start("server", protocol, &["asked_to_hold"]);
        let mut command = cti("request", protocol, &server.line());
        command.args(["HOLD_CALL_REQ", peripheral, "ConnectionCallID=0x1234", "ConnectionDeviceID=3001"]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{protocol:?}: {}", String::from_utf8_lossy(&output.stderr));
        let told = server.finish();
        let answer = told.iter().filter_map(|line| line.get("sent")).next_back().unwrap();
        let shown = object(&String::from_utf8(output.stdout).unwrap());
        assert_eq!((&shown["request"], &shown["outcome"]), (&"HOLD_CALL_REQ".into(), &"confirmed".into()));
        assert_eq!(differences(product(protocol), answer, &shown["message"]), [""; 0]);
    }
}

/// `cti WHAT --json` for a server of this version.
fn cti(what: &str, protocol: Protocol, server: &Value) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
    let version = protocol.version().to_string();
    command.args([what, "--json", "--product", product(protocol), "--protocol", &version]);
    command.args(["--connect", &format!("127.0.0.1:{}", server["ports"][0])]);
    command
}

fn object(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
