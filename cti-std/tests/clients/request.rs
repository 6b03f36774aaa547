use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use super::command::{Outcome, checked, cti, run, start};
use super::server::Server;

fn request(server: &Server, args: &[&str]) -> Outcome {
    let address = server.address.to_string();
    run(&[&["request", "--connect", &address], args].concat())
}

const CALL: [&str; 4] = ["MAKE_CALL_REQ", "PeripheralID=5000", "AgentInstrument=5001", "DialedNumber=5002"];
const HOLD: [&str; 4] = ["HOLD_CALL", "PeripheralID=5000", "ConnectionCallID=0x1000000", "ConnectionDeviceID=5001"];

#[test]
fn an_answer_is_shown_as_text_and_as_json() {
    let server = Server::start();
    let text = request(&server, &CALL);
    assert_eq!((text.status, text.err.as_str()), (0, ""));
    assert!(text.out.contains("MAKE_CALL_CONF") && text.out.contains("NewConnectionCallID"), "{}", text.out);
    server.saw("MAKE_CALL_REQ");
    server.saw("Ended(Closed");
    let json = request(&server, &[&["--json"], &CALL[..]].concat());
    assert_eq!((json.status, json.out.lines().count()), (0, 1));
    let answer = checked(&json.out);
    assert_eq!((&answer["request"], &answer["outcome"]), (&"MAKE_CALL_REQ".into(), &"confirmed".into()));
    assert_eq!(answer["message"]["fixed"]["NewConnectionCallID"], 16_777_217);
}

#[test]
fn the_status_tells_the_outcome() {
    let server = Server::start();
    let failed = request(&server, &HOLD);
    assert_eq!((failed.status, failed.out.as_str()), (1, ""));
    assert!(
        failed.err.starts_with("cti: HOLD_CALL_REQ failed: CF_INVALID_CONNECTION_ID_FOR_ACTIVE_CALL"),
        "{}",
        failed.err
    );
    assert!(failed.err.contains("peripheral error 13057"), "{}", failed.err);
    let failed = request(&server, &[&["--json"], &HOLD[..]].concat());
    let answer = checked(&failed.out);
    assert_eq!((failed.status, &answer["failure"]["peripheral_error"]), (1, &13_057.into()));

    let lost = ["RETRIEVE_CALL", "HeldConnectionCallID=1", "HeldConnectionDeviceID=5001"];
    let outcome = request(&server, &lost);
    assert_eq!(outcome.status, 4, "{}", outcome.err);
    assert!(outcome.err.contains("whether it took effect is unknown"), "{}", outcome.err);
    let outcome = request(&server, &[&["--json"], &lost[..]].concat());
    assert_eq!((outcome.status, &checked(&outcome.out)["outcome"]), (4, &"lost".into()));

    let late = request(&server, &["--json", "--timeout", "1", "QUERY_AGENT_STATE", "AgentID=1001"]);
    assert_eq!((late.status, &checked(&late.out)["outcome"]), (4, &"timed out".into()));
}

#[test]
fn an_answer_in_parts_is_shown_whole() {
    let server = Server::start();
    let outcome = request(&server, &["--json", "--protocol", "24", "CONFIG_REQUEST_EVENT", "ConfigInformation=0"]);
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    let names: Vec<_> =
        outcome.out.lines().map(|line| checked(line)["message"]["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["CONFIG_BEGIN_EVENT", "CONFIG_AGENT_EVENT", "CONFIG_END_EVENT"]);
}

#[test]
fn what_cannot_be_meant_is_refused_before_there_is_a_connection() {
    for (args, reason) in [
        (&["MAKE_CAL"][..], "no request is called `MAKE_CAL`; did you mean `MAKE_CALL_REQ`?"),
        (&["OPEN_REQ"], "OPEN_REQ is no request"),
        (&["MAKE_CALL", "DialedNumber"], "`DialedNumber` is not FIELD=VALUE"),
        (&["MAKE_CALL", "DialedNumbr=1"], "did you mean `DialedNumber`?"),
        (&["MAKE_CALL", "AgentInstrument=1"], "DialedNumber: must be present"),
        (
            &["MAKE_CALL", "AgentInstrument=1", "DialedNumber=01234567890123456789012345678901234567890"],
            "DialedNumber: ",
        ),
        (&["MAKE_CALL", "DialedNumber=@/nowhere/at/all"], "/nowhere/at/all: No such file"),
        (&["--protocol", "9", "START_NETWORK_RECORDING"], "Unified CCE 9 has no START_NETWORK_RECORDING_REQ"),
    ] {
        let outcome = run(&[&["request", "--connect", "127.0.0.1:1"], args].concat());
        assert_eq!((outcome.status, outcome.out.as_str()), (2, ""), "{args:?}: {}", outcome.err);
        assert!(outcome.err.contains(reason) && outcome.err.lines().count() == 1, "{args:?}: {}", outcome.err);
    }
}

#[test]
fn without_a_server_nothing_is_sent() {
    // Nobody listens there.
    let outcome = run(&[&["request", "--connect", "127.0.0.1:1"], &CALL[..]].concat());
    assert_eq!(outcome.status, 3);
    assert!(outcome.err.starts_with("cti: no session: no connection to 127.0.0.1"), "{}", outcome.err);
}

#[test]
fn a_side_that_takes_long_to_fail_does_not_keep_the_other_from_being_tried() {
    let server = Server::start();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let sides = format!("{},{}", silent.local_addr().unwrap(), server.address);
    // It says nothing, and breaks off after longer than the pause that would mean that both sides were tried.
    thread::spawn(move || {
        let socket = silent.accept().unwrap();
        thread::sleep(Duration::from_millis(1_500));
        drop(socket);
    });
    let outcome = run(&[&["request", "--connect", &sides], &CALL[..]].concat());
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
}

#[test]
fn values_can_stand_in_files() {
    let server = Server::start();
    let path = std::env::temp_dir().join(format!("cti-request-{}", std::process::id()));
    std::fs::write(&path, "5002\n").unwrap();
    let number = format!("DialedNumber=@{}", path.display());
    let outcome = request(&server, &["MAKE_CALL", "AgentInstrument=5001", &number]);
    std::fs::remove_file(path).unwrap();
    assert_eq!(outcome.status, 0, "{}", outcome.err);
}

#[test]
fn fields_are_listed() {
    let names = run(&["request", "--fields"]);
    assert!(names.status == 0 && names.out.lines().count() > 45, "{}", names.out);
    for name in names.out.lines() {
        let fields = run(&["request", "--fields", name]);
        assert!(fields.status == 0 && fields.out.starts_with(name), "{}", fields.out);
    }
    let fields = run(&["request", "--fields", "--protocol", "9", "SET_AGENT_STATE_REQ"]).out;
    assert!(fields.contains("AgentState") && !fields.contains("SSOEnabled"), "{fields}");
    assert!(fields.contains("SkillGroupNumber") && fields.contains("may be repeated"), "{fields}");
}

#[test]
fn a_signal_ends_the_wait() {
    let server = Server::start();
    let address = server.address.to_string();
    let running = start(&["request", "--connect", &address, "--json", "QUERY_AGENT_STATE_REQ", "AgentID=1001"]);
    server.saw("QUERY_AGENT_STATE_REQ");
    running.signal(Signal::TERM);
    let outcome = running.finish();
    assert_eq!(outcome.status, 4, "{} {}", outcome.out, outcome.err);
    server.saw("Ended(Closed");
}

#[test]
fn what_cannot_be_written_does_not_change_how_the_request_ended() {
    let server = Server::start();
    let address = server.address.to_string();
    // Neither a pipe without a reader nor a full disk may look as if nothing had been sent.
    let unread = || {
        let (output, reader) = UnixStream::pair().unwrap();
        drop(reader);
        OwnedFd::from(output)
    };
    let full = || OwnedFd::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    for output in [&unread as &dyn Fn() -> OwnedFd, &full] {
        for (request, status) in [(&CALL, 0), (&HOLD, 1)] {
            let mut command = cti();
            command.args(["request", "--json", "--connect", &address]).args(request).stdout(output());
            let outcome = command.output().unwrap();
            assert_eq!(outcome.status.code(), Some(status), "{}", String::from_utf8_lossy(&outcome.stderr));
            server.saw("Ended(Closed");
        }
    }
}
