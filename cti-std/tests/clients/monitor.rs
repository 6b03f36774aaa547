use std::thread;
use std::time::Duration;

use cti_proto::Product;
use cti_proto::session::ServerConfig;
use rustix::process::Signal;

use super::command::{Running, run, start};
use super::server::Server;

fn monitor(server: &Server, args: &[&str]) -> Running {
    let address = server.address.to_string();
    start(&[&["monitor", "--connect", &address], args].concat())
}

#[test]
fn messages_are_lines_of_json_and_so_are_changes_of_the_connection() {
    let server = Server::start();
    let mut monitor = monitor(&server, &["--json", "--protocol", "24"]);
    let lines = monitor.until(|line| line["name"] == "CALL_DELIVERED_EVENT");
    assert_eq!(lines[0]["event"], "opened");
    assert_eq!((&lines[0]["side"], &lines[0]["protocol"]), (&"A".into(), &24.into()));
    let names: Vec<_> = lines[1..].iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["OPEN_CONF", "AGENT_STATE_EVENT", "CALL_DELIVERED_EVENT"]);
    assert_eq!(lines[2]["symbols"]["AgentState"], "AGENT_STATE_AVAILABLE");
    assert_eq!(lines[2]["connection"], "A");
    let length = |line: &serde_json::Value| line["length"].as_u64().unwrap() + 8;
    assert_eq!(lines[2]["offset"].as_u64().unwrap(), length(&lines[1]));
    assert_eq!(lines[3]["offset"].as_u64().unwrap(), length(&lines[1]) + length(&lines[2]));
    monitor.signal(Signal::TERM);
    let outcome = monitor.finish();
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    assert!(outcome.out.contains(r#""event":"ended","cause":"closed""#), "{}", outcome.out);
    server.saw("Ended(Closed");
}

#[test]
fn text_is_a_line_a_message_whatever_it_says() {
    let server = Server::start();
    let mut monitor = monitor(&server, &[]);
    let lines: Vec<String> = (0..4).map(|_| monitor.line()).collect();
    assert!(lines[0].contains("session open with side A, Unified CCE 25, granted CTI_SERVICE_ALL_EVENTS"), "{lines:?}");
    assert!(lines[2].contains("AGENT_STATE_EVENT"), "{lines:?}");
    assert!(lines[3].contains("CALL_DELIVERED_EVENT") && !lines[3].contains('\u{1b}'), "{lines:?}");
    monitor.signal(Signal::INT);
    let outcome = monitor.finish();
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    server.saw("Ended(Closed");
}

#[test]
fn only_what_is_wanted_is_shown() {
    let server = Server::start();
    let mut monitor = monitor(&server, &["--json", "--only", "CallDeliveredEvent"]);
    assert_eq!(monitor.json()["event"], "opened");
    let call = monitor.json();
    assert_eq!(call["name"], "CALL_DELIVERED_EVENT");
    assert!(call["offset"].as_u64().unwrap() > 0, "what is not shown counts too");
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);
    let outcome = run(&["monitor", "--connect", "127.0.0.1", "--only", "CALL_DELIVERD_EVENT"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.err.contains("did you mean `CALL_DELIVERED_EVENT`?"), "{}", outcome.err);
}

#[test]
fn changes_of_calls_and_agents_are_lines_too() {
    let server = Server::start();
    let mut monitor = monitor(&server, &["--json", "--changes"]);
    let lines = monitor.until(|line| line["change"] == "call");
    let agent = lines.iter().find(|line| line["change"] == "agent").unwrap();
    assert_eq!((&agent["agent"]["id"], &agent["agent"]["state"]), (&"1001".into(), &"AGENT_STATE_AVAILABLE".into()));
    assert!(agent["what"].as_array().unwrap().contains(&"NEW".into()), "{agent}");
    let call = lines.last().unwrap();
    assert_eq!((&call["call"]["stage"], &call["ended"]), (&"Alerting".into(), &false.into()));
    assert_eq!(call["call"]["parties"][0]["device"], "5001");
    assert!(lines.iter().any(|line| line["name"] == "AGENT_STATE_EVENT"));
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);

    let mut monitor = self::monitor(&server, &["--changes=only"]);
    assert!(monitor.line().contains("session open"));
    assert!(monitor.line().contains("agent 1001 at 5001: AGENT_STATE_AVAILABLE (NEW"));
    assert!(monitor.line().contains("call 16777216 Alerting: 5001 LCS_ALERTING (NEW"));
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);
}

#[test]
fn a_reader_who_has_seen_enough_ends_it() {
    let server = Server::start();
    let mut monitor = monitor(&server, &["--json"]);
    assert_eq!(monitor.json()["event"], "opened");
    // Nothing more is to be written: that nobody reads is noticed all the same.
    let _ = monitor.until(|line| line["name"] == "CALL_DELIVERED_EVENT");
    assert_eq!(monitor.close_output().code(), Some(0));
    server.saw("Ended(Closed");
}

#[test]
fn a_lost_connection_is_told_and_made_again() {
    let (side_a, side_b) = (Server::start(), Server::start());
    let address = format!("{},{}", side_a.address, side_b.address);
    let mut monitor = start(&["monitor", "--json", "--connect", &address]);
    let _ = monitor.until(|line| line["name"] == "CALL_DELIVERED_EVENT");
    side_a.cut();
    let lines = monitor.until(|line| line["event"] == "opened");
    assert_eq!((&lines[0]["event"], &lines[0]["side"]), (&"disconnected".into(), &"A".into()));
    let opened = lines.last().unwrap();
    assert!(opened["gap"].is_number(), "{opened}");
    let _ = monitor.until(|line| line["name"] == "CALL_DELIVERED_EVENT");
    drop(side_a);
    let opened = monitor.until(|line| line["event"] == "opened" && line["side"] == "B");
    assert!(opened.iter().any(|line| line["event"] == "disconnected" && line["detail"].is_string()), "{opened:?}");
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);
    side_b.saw("Ended(Closed");
}

#[test]
fn the_time_until_the_next_attempt_counts_from_the_loss() {
    let (side_a, side_b) = (Server::start(), Server::start());
    let address = format!("{},{}", side_a.address, side_b.address);
    // Nothing comes and nothing is due: the client does not look at the clock meanwhile.
    let mut monitor = start(&["monitor", "--json", "--heartbeat", "0", "--connect", &address]);
    let _ = monitor.until(|line| line["name"] == "CALL_DELIVERED_EVENT");
    thread::sleep(Duration::from_millis(1_200));
    side_a.cut();
    let lost = monitor.json();
    assert_eq!(lost["event"], "disconnected");
    assert!(lost["in"].as_f64().unwrap() < 1.0, "the other side is tried at once: {lost}");
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);
}

#[test]
fn older_versions_are_tried_in_their_order() {
    let mut config = ServerConfig::new(Product::Cce);
    config.versions = (9, 15);
    let server = Server::with(config);
    let mut monitor = monitor(&server, &["--json", "--protocol", "20,15"]);
    let lines = monitor.until(|line| line["event"] == "opened");
    assert_eq!(lines[0]["event"], "disconnected");
    assert!(lines[0]["cause"].as_str().unwrap().contains("E_CTI_INVALID_VERSION"), "{lines:?}");
    assert_eq!(lines.last().unwrap()["protocol"], 15);
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);
}

#[test]
fn arguments_that_cannot_be_meant_are_refused_in_a_line() {
    for (args, reason) in [
        (&["--heartbeat", "3"][..], "heartbeats come every 5 s at most"),
        (&["--product", "ccx", "--protocol", "24"], "Unified CCX has no protocol version 24"),
        (&["--agent", "1001"], "Client Events needs a peripheral"),
        (&["--services", "ALL_EVENT"], "did you mean `CTI_SERVICE_ALL_EVENTS`?"),
        (&["--password-file", "/nowhere/at/all"], "/nowhere/at/all: No such file"),
        (&["--tls-ca", "/nowhere/at/all"], "/nowhere/at/all"),
        (&["--tls-name", "x"], "--tls-ca"),
        (&["--all", "--agent", "1"], "cannot be used with"),
    ] {
        let outcome = run(&[&["monitor", "--connect", "127.0.0.1:1"], args].concat());
        assert_eq!((outcome.status, outcome.out.as_str()), (2, ""), "{args:?}");
        assert!(outcome.err.contains(reason), "{args:?}: {}", outcome.err);
        assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
    }
    assert!(run(&["monitor"]).err.contains("--connect is missing"));
}
