//! `cti simulate` from end to end: its one line, its faults from standard input, and its end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cti_proto::message::SystemEvent;
use cti_proto::session::{Event, Side};
use cti_proto::value::{CtiService, SystemEventId};
use cti_std::client::{BlockingClient, ClientOptions};

/// How long anything may take on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A simulation at free ports.
struct Simulation {
    child: Child,
    addresses: Vec<String>,
}

impl Simulation {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
        command.args(["simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0"]).args(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let addresses = line.trim().strip_prefix("simulating 24 agents: connect to ");
        let addresses = addresses.unwrap_or_else(|| panic!("{line:?}")).split(',').map(str::to_owned).collect();
        Self { child, addresses }
    }

    fn client(&self) -> BlockingClient {
        let mut options = ClientOptions::new(self.addresses[0].clone());
        options.side_b = Some(self.addresses[1].clone());
        options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS;
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

#[test]
fn without_clients_it_ends_at_once_and_its_standard_input_may_be_closed() {
    for signal in ["-TERM", "-INT"] {
        let mut simulation = Simulation::start(&["--fault", "drop@0.1"]);
        drop(simulation.child.stdin.take());
        assert_eq!(simulation.end(signal), Some(0), "{signal}");
    }
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
