use std::time::{Duration, Instant};

use cti_proto::Product;
use cti_proto::session::ServerConfig;
use serde_json::Value;

use super::command::run;
use super::server::Server;

fn load(server: &Server, args: &[&str]) -> (i32, Value) {
    let address = server.address.to_string();
    let outcome = run(&[&["load", "--json", "--connect", &address, "--clients", "5", "--seconds", "1"], args].concat());
    assert_eq!(outcome.err, "");
    (outcome.status, serde_json::from_str(&outcome.out).unwrap())
}

#[test]
fn every_session_and_every_answer_is_counted() {
    let server = Server::start();
    let request = ["--rate", "50", "MAKE_CALL", "AgentInstrument=[5001-5003]", "DialedNumber=5009"];
    let (status, figures) = load(&server, &request);
    assert_eq!(status, 0, "{figures}");
    assert_eq!(figures["sessions"]["opened"], 5);
    let sent = figures["requests"]["sent"].as_u64().unwrap();
    assert!((20..=50).contains(&sent), "{figures}");
    assert_eq!(figures["requests"]["confirmed"], sent);
    assert!(figures["answers"]["p50"].as_f64().unwrap() <= figures["answers"]["max"].as_f64().unwrap());
    assert!(figures["opening"]["p99"].is_number(), "{figures}");
    for instrument in ["5001", "5002", "5003"] {
        server.saw(&format!("MAKE_CALL_REQ {instrument}"));
    }
    for _ in 0..5 {
        server.saw("Ended(Closed");
    }
}

#[test]
fn refusals_make_the_status() {
    let server = Server::start();
    let (status, figures) = load(&server, &["HOLD_CALL", "ConnectionCallID=1", "ConnectionDeviceID=5001"]);
    assert_eq!(status, 1);
    assert_eq!(figures["requests"]["confirmed"], 0);
    assert_eq!(figures["requests"]["refused"], figures["requests"]["sent"]);
    assert!(figures["refusal"].as_str().unwrap().contains("CF_INVALID_CONNECTION"), "{figures}");
}

#[test]
fn text_has_the_same_figures() {
    let server = Server::start();
    let outcome = run(&["load", "--connect", &server.address.to_string(), "--clients", "2", "--seconds", "1"]);
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    assert!(
        outcome.out.starts_with("Sessions  2 of 2 opened, 0 attempts failed, 0 lost\nOpening   p50 "),
        "{}",
        outcome.out
    );
    assert!(outcome.out.contains("\nEvents    "), "{}", outcome.out);
}

#[test]
fn sessions_that_are_refused_for_good_are_not_waited_for() {
    let mut config = ServerConfig::new(Product::Cce);
    config.versions = (9, 15);
    let server = Server::with(config);
    let begin = Instant::now();
    let (status, figures) = load(&server, &["--protocol", "24"]);
    assert_eq!((status, &figures["sessions"]["opened"]), (3, &0.into()), "{figures}");
    assert!(figures["trouble"].as_str().unwrap().contains("E_CTI_INVALID_VERSION"), "{figures}");
    assert!(begin.elapsed() < Duration::from_secs(30), "as long as if they might still open");
}
