//! `cti simulate` from end to end: its one line, its faults from standard input, and its end.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cti_proto::Protocol;
use cti_proto::message::{QueryAgentStateReq, SystemEvent};
use cti_proto::session::{Cause, Event, Side};
use cti_proto::value::{CtiService, SystemEventId};
use cti_std::client::{BlockingClient, ClientOptions};

/// How long anything may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A simulation at free ports.
struct Simulation {
    child: Child,
    addresses: Vec<String>,
    /// Addresses behind the first ones, by what they are for.
    more: BTreeMap<String, Vec<String>>,
}

impl Simulation {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
        command.args(["simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0"]).args(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let places = line.trim().strip_prefix("simulating 24 agents: connect to ");
        let mut places = places.unwrap_or_else(|| panic!("{line:?}")).split("; ");
        let list = |places: &str| places.split(',').map(str::to_owned).collect();
        let addresses = list(places.next().unwrap());
        let more = places.map(|place| place.split_once(": ").unwrap());
        let more = more.map(|(what, places)| (what.to_owned(), list(places))).collect();
        Self { child, addresses, more }
    }

    fn client(&self) -> BlockingClient {
        self.client_with(|_| {})
    }

    /// A client whose options are changed before it starts.
    fn client_with(&self, change: impl FnOnce(&mut ClientOptions)) -> BlockingClient {
        let mut options = ClientOptions::new(self.addresses[0].clone());
        options.side_b = Some(self.addresses[1].clone());
        options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
        change(&mut options);
        BlockingClient::new(options).unwrap()
    }

    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Sends a signal, and says how the command ended.
    fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // It has ended already, as a rule.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait<T>(client: &mut BlockingClient, what: &str, mut wanted: impl FnMut(Event<'_>) -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let event = client.next_event(Some(left)).unwrap().unwrap_or_else(|| panic!("waited in vain: {what}"));
        if let Some(found) = wanted(event) {
            return found;
        }
    }
}

fn opened(event: Event<'_>) -> Option<Side> {
    match event {
        Event::Opened(opened) => Some(opened.side),
        _ => None,
    }
}

#[test]
fn it_serves_takes_faults_line_by_line_and_ends_on_a_signal() {
    let mut simulation = Simulation::start(&["--seed", "7"]);
    let mut client = simulation.client();
    assert_eq!(wait(&mut client, "a session", opened), Side::A);
    simulation.say("no such thing");
    simulation.say("peripheral-offline");
    let offline = |event: Event<'_>| match event {
        Event::Message(frame) => {
            let event: SystemEvent<'_> = frame.decode().ok()?;
            (event.system_event_id == SystemEventId::SYS_PERIPHERAL_OFFLINE).then_some(())
        }
        _ => None,
    };
    wait(&mut client, "the peripheral goes", offline);
    simulation.say("drop=a");
    assert_eq!(wait(&mut client, "a session with the other side", opened), Side::B);
    let closes = std::thread::spawn(move || {
        while client.next_event(Some(PATIENCE)).unwrap().is_some_and(|event| opened(event).is_none()) {}
    });
    assert_eq!(simulation.end("-TERM"), Some(0));
    drop(closes);
}

fn lost(event: Event<'_>) -> Option<Cause> {
    match event {
        Event::Disconnected(lost) => Some(lost.cause),
        _ => None,
    }
}

/// Asks something, and says whether the answer came in time.
fn is_answered(client: &mut BlockingClient) -> bool {
    let question =
        QueryAgentStateReq { peripheral_id: 5_000, agent_id: Some("1001".into()), ..QueryAgentStateReq::default() };
    let asked = client.request(&question).unwrap();
    wait(client, "an answer or none", |event| match event {
        Event::Confirmed { request, .. } if request == asked => Some(true),
        Event::TimedOut(request) if request == asked => Some(false),
        _ => None,
    })
}

fn is_late(event: Event<'_>) -> Option<()> {
    matches!(event, Event::Late(_)).then_some(())
}

#[test]
fn a_stall_holds_everything_back_on_old_and_new_connections_until_it_ends() {
    let mut simulation = Simulation::start(&[]);
    let mut client = simulation.client_with(|options| options.config.request_timeout = Duration::from_millis(400));
    wait(&mut client, "a session", opened);
    assert!(is_answered(&mut client));
    simulation.say("stall");
    while is_answered(&mut client) {}
    let mut other = simulation.client_with(|options| {
        options.side_b = None;
        options.config.open_timeout = Duration::from_millis(300);
    });
    assert_eq!(wait(&mut other, "silence", lost), Cause::NoAnswer);
    simulation.say("none");
    wait(&mut client, "the late answer", is_late);
    wait(&mut other, "a session", opened);
    simulation.say("stall=5");
    while is_answered(&mut client) {}
    wait(&mut client, "the late answer, by itself", is_late);
    assert_eq!(simulation.end("-TERM"), Some(0));
}

#[test]
fn a_delay_makes_every_answer_late_by_as_much() {
    const DELAY: Duration = Duration::from_millis(600);
    let mut simulation = Simulation::start(&["--fault", "delay=600"]);
    let mut client = simulation.client();
    wait(&mut client, "a session", opened);
    let asked = Instant::now();
    assert!(is_answered(&mut client));
    assert!(asked.elapsed() >= DELAY, "{:?}", asked.elapsed());
    // One that is away again does not stay with the connections.
    simulation.say("none");
    let is_quick = |client: &mut BlockingClient| {
        let asked = Instant::now();
        is_answered(client) && asked.elapsed() < DELAY
    };
    let end = Instant::now() + PATIENCE;
    while !is_quick(&mut client) {
        assert!(Instant::now() < end, "the delay stays");
    }
    assert_eq!(simulation.end("-TERM"), Some(0));
}

/// The least heartbeat interval makes this take 20 s.
#[test]
fn half_open_connections_are_found_old_and_new_ones_until_it_is_over() {
    let mut simulation = Simulation::start(&[]);
    let mut client = simulation.client_with(|options| {
        options.side_b = None;
        options.config.heartbeat = Some(Duration::from_secs(5));
        options.config.open_timeout = Duration::from_millis(500);
    });
    wait(&mut client, "a session", opened);
    simulation.say("half-open=b");
    assert!(is_answered(&mut client), "that was the other side");
    simulation.say("half-open=a");
    assert_eq!(wait(&mut client, "the loss", lost), Cause::HeartbeatLost);
    assert_eq!(wait(&mut client, "silence", lost), Cause::NoAnswer, "new connections are dead too");
    simulation.say("none");
    assert_eq!(wait(&mut client, "a session", opened), Side::A);
    assert!(is_answered(&mut client));
    assert_eq!(simulation.end("-TERM"), Some(0));
}

#[test]
fn both_products_have_addresses_of_their_own() {
    let mut simulation = Simulation::start(&["--ccx", "127.0.0.1:0,127.0.0.1:0"]);
    let ccx = simulation.more["Unified CCX"].clone();
    let protocol = |event: Event<'_>| match event {
        Event::Opened(opened) => Some((opened.protocol, opened.side)),
        _ => None,
    };
    let mut cce = simulation.client_with(|options| options.protocols = vec![Protocol::cce(19).unwrap()]);
    assert_eq!(wait(&mut cce, "a session", protocol), (Protocol::cce(19).unwrap(), Side::A));
    let mut other = simulation.client_with(|options| {
        (options.side_a, options.side_b) = (ccx[0].clone(), Some(ccx[1].clone()));
        options.protocols = vec![Protocol::ccx(18).unwrap()];
        options.config.heartbeat = Some(Duration::from_secs(15));
        options.config.idle_timeout = Some(Duration::from_secs(60));
    });
    assert_eq!(wait(&mut other, "a session", protocol), (Protocol::ccx(18).unwrap(), Side::A));
    simulation.say("drop=a");
    assert_eq!(wait(&mut cce, "the other side", protocol).1, Side::B);
    assert_eq!(wait(&mut other, "the other side", protocol).1, Side::B);
    assert_eq!(simulation.end("-TERM"), Some(0));
}

#[test]
fn without_clients_it_ends_at_once_and_its_standard_input_may_be_closed() {
    for signal in ["-TERM", "-INT"] {
        let mut simulation = Simulation::start(&["--fault", "drop@0.1"]);
        drop(simulation.child.stdin.take());
        assert_eq!(simulation.end(signal), Some(0), "{signal}");
    }
}

#[test]
fn a_line_that_is_no_text_does_not_end_the_faults() {
    let mut simulation = Simulation::start(&[]);
    let mut client = simulation.client();
    assert_eq!(wait(&mut client, "a session", opened), Side::A);
    simulation.child.stdin.as_mut().unwrap().write_all(b"\xff\xfe\n").unwrap();
    simulation.say("drop");
    assert_eq!(wait(&mut client, "a session with the other side", opened), Side::B);
    drop(client);
    assert_eq!(simulation.end("-TERM"), Some(0));
}

#[test]
fn an_address_that_cannot_be_told_is_no_success() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
    command.args(["simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(full);
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.starts_with("cti: cannot write: ")), (Some(2), true), "{error}");
}

#[test]
fn what_cannot_be_is_said_in_one_line() {
    let taken = Simulation::start(&[]);
    let taken_address = taken.addresses[0].clone();
    for (args, word) in [
        (vec!["--fault", "nonsense"], "nonsense"),
        (vec!["--agents", "0"], "0"),
        (vec!["--speed", "fast"], "fast"),
        (vec!["--side-a", taken_address.as_str()], "cannot listen"),
        (
            vec![
                "--side-a",
                "127.0.0.1:0",
                "--side-b",
                "127.0.0.1:0",
                "--tls-cert",
                "/no/cert",
                "--tls-key",
                "/no/key",
            ],
            "/no/",
        ),
    ] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_cti")).arg("simulate").args(&args).stdin(Stdio::null()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
        assert!(error.contains(word) && error.lines().count() == 1, "{args:?}: {error}");
    }
}
