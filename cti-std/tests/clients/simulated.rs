//! The clients with the simulated contact centre: the README's commands.

use std::path::Path;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::process::Signal;
use tempfile::TempDir;

use super::command::{Running, checked, run, start};
use super::svg;
use super::terminal::Terminal;

/// A simulation as a process of its own, and the addresses of its sides.
struct Simulation {
    process: Running,
    addresses: String,
}

impl Simulation {
    fn start(args: &[&str]) -> Self {
        let local = ["simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0"];
        let mut process = start(&[&local, args].concat());
        let line = process.line();
        let addresses = line.rsplit(' ').next().unwrap().to_owned();
        Self { process, addresses }
    }

    fn stop(self) {
        self.process.signal(Signal::TERM);
        let outcome = self.process.finish();
        assert_eq!(outcome.status, 0, "{}", outcome.err);
    }
}

#[test]
fn the_wallboard_without_arguments_shows_a_contact_centre_at_work() {
    let mut wallboard = Terminal::start(120, 36, &["wallboard"], &[]);
    // Who there is, in which state, what waits or is talked about, and with whom.
    wallboard.shows(&["Agents 24 of 24", "Queues 4", "Sales", "talking", "ready", "● A 127.0.0.1:", "Unified CCE 25"]);
    wallboard.until("calls in progress", |text| {
        let calls = text.lines().skip_while(|line| !line.contains("Calls ")).filter(|line| line.contains("talking"));
        calls.count() >= 3
    });
    // Makes the picture of the README: CTI_PICTURE=cti-std/assets/wallboard.svg, once there is much to see.
    if let Some(path) = std::env::var_os("CTI_PICTURE") {
        std::thread::sleep(Duration::from_secs(100));
        // Chance may have it otherwise: then it is tried again.
        let is_healthy = |text: &str| {
            let level = text.lines().find(|line| line.contains("Service level"));
            let percent = level.and_then(|line| line.split('%').next()?.split_whitespace().last()?.parse::<u32>().ok());
            percent.is_some_and(|percent| percent >= 80)
        };
        let screen = wallboard.until("a busy moment that most callers are content with", |text| {
            ["queued", "ringing", "talking", "wrap-up", "reserved"].iter().all(|word| text.contains(word))
                && is_healthy(text)
        });
        std::fs::write(path, svg::picture(&screen)).unwrap();
    }
    wallboard.keys("\t\t\u{1b}[B\r");
    wallboard.shows(&["Party", "LCS_"]);
    wallboard.keys("\u{1b}");
    wallboard.hides("Party");
    wallboard.keys("q");
    assert_eq!(wallboard.finish().0, 0);
}

#[test]
fn a_load_counts_the_sessions_that_another_one_takes_over() {
    let simulation = Simulation::start(&["--agents", "3"]);
    // All of them are for one agent, who has one session at a time.
    let agent = ["--agent", "1001", "--peripheral", "5000", "--clients", "3", "--seconds", "1", "--json"];
    let outcome = run(&[&["load", "--connect", &simulation.addresses], &agent[..]].concat());
    let figures: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!((outcome.status, &figures["sessions"]["lost"]), (1, &2.into()), "{figures}");
    assert!(figures["trouble"].is_string(), "{figures}");
    simulation.stop();
}

#[test]
fn requests_have_their_effects() {
    let simulation = Simulation::start(&["--seed", "7", "--calls-per-hour", "0", "--agents", "3"]);
    let connect = ["--connect", simulation.addresses.as_str()];
    let mut monitor = start(&[&["monitor", "--json", "--changes"], &connect[..]].concat());
    let _ = monitor.until(|line| line["name"] == "OPEN_CONF");
    let request = |args: &[&str]| {
        let outcome = run(&[&["request", "--json"], &connect[..], args].concat());
        (outcome.status, checked(&outcome.out))
    };
    // The first one logs in at once.
    let agent = ["PeripheralID=5000", "AgentID=1001", "AgentInstrument=5001"];
    let not_ready = [&["SET_AGENT_STATE_REQ", "AgentState=NOT_READY", "EventReasonCode=1"], &agent[..]].concat();
    let (status, answer) = request(&not_ready);
    assert_eq!(status, 0, "{answer}");
    let is_not_ready = |state: &serde_json::Value| {
        state["change"] == "agent"
            && state["agent"]["id"] == "1001"
            && state["agent"]["state"] == "AGENT_STATE_NOT_READY"
    };
    let _ = monitor.until(is_not_ready);
    let call = ["MAKE_CALL_REQ", "PeripheralID=5000", "AgentInstrument=5001", "DialedNumber=2065550100"];
    let (status, answer) = request(&call);
    assert_eq!(status, 0, "{answer}");
    let id = answer["message"]["fixed"]["NewConnectionCallID"].clone();
    let _ = monitor.until(|line| line["change"] == "call" && line["call"]["id"] == id);
    let (status, answer) = request(&["QUERY_AGENT_STATE", "PeripheralID=5000", "AgentID=9999"]);
    assert_eq!((status, &answer["outcome"]), (1, &"failed".into()), "{answer}");
    let (status, answer) = request(&["CONFIG_REQUEST_KEY_EVENT"]);
    assert_eq!((status, &answer["message"]["name"]), (0, &"CONFIG_KEY_EVENT".into()), "{answer}");
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);
    simulation.stop();
}

#[test]
fn a_load_is_carried() {
    let simulation = Simulation::start(&["--calls-per-hour", "3000"]);
    let args = ["load", "--json", "--clients", "50", "--seconds", "2", "--connect", &simulation.addresses];
    let request = ["QUERY_AGENT_STATE_REQ", "PeripheralID=5000", "AgentID=[1001-1024]"];
    let outcome = run(&[&args, &request[..]].concat());
    let figures: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(outcome.status, 0, "{figures} {}", outcome.err);
    assert_eq!((&figures["sessions"]["opened"], &figures["sessions"]["lost"]), (&50.into(), &0.into()));
    assert!(figures["events"].as_u64().unwrap() > 0, "{figures}");
    simulation.stop();
}

#[test]
fn unified_ccx_is_spoken_too() {
    let simulation = Simulation::start(&["--product", "ccx", "--calls-per-hour", "3000", "--speed", "20"]);
    let ccx = ["--product", "ccx", "--connect", &simulation.addresses];
    let mut monitor = start(&[&["monitor", "--json"], &ccx[..]].concat());
    let lines = monitor.until(|line| line["name"] == "AGENT_STATE_EVENT");
    assert_eq!((&lines[0]["product"], &lines[0]["protocol"]), (&"Unified CCX".into(), &18.into()));
    monitor.signal(Signal::TERM);
    assert_eq!(monitor.finish().status, 0);
    let mut wallboard = Terminal::start(100, 30, &[&["wallboard"], &ccx[..]].concat(), &[]);
    wallboard.shows(&["Unified CCX 18", "Agents 24 of 24"]);
    wallboard.keys("q");
    assert_eq!(wallboard.finish().0, 0);
    simulation.stop();
}

#[test]
fn connections_are_secured_and_passwords_come_from_files() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    certificates(dir.path());
    std::fs::write(path("password"), "secret\n").unwrap();
    let (ca, cert, key) = (path("ca.pem"), path("own.pem"), path("own.key"));
    let tls = ["--password", "secret", "--tls-ca", &ca, "--tls-cert", &cert, "--tls-key", &key];
    let simulation = Simulation::start(&tls);
    let password = path("password");
    let connect = ["request", "--connect", &simulation.addresses, "--tls-ca", &ca, "--tls-name", "localhost"];
    let own = ["--tls-cert", &cert, "--tls-key", &key];
    let question = ["QUERY_AGENT_STATE", "PeripheralID=5000", "AgentID=1001"];
    let good = run(&[&connect[..], &own, &["--password-file", &password], &question].concat());
    assert_eq!(good.status, 0, "{}", good.err);
    assert!(!good.out.contains("secret"));
    let wrong = run(&[&connect[..], &own, &question].concat());
    assert_eq!(wrong.status, 3, "{}", wrong.out);
    assert!(wrong.err.contains("no session: refused"), "{}", wrong.err);
    let unknown = run(&[&connect[..], &["--password-file", &password], &question].concat());
    assert_eq!(unknown.status, 3, "{}", unknown.out);
    let plain = run(&[&["request", "--timeout", "2", "--connect", &simulation.addresses], &question[..]].concat());
    assert_eq!(plain.status, 3, "{}", plain.out);
    simulation.stop();
}

#[test]
fn secured_and_plain_connections_have_addresses_of_their_own() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    certificates(dir.path());
    let (ca, cert, key) = (path("ca.pem"), path("own.pem"), path("own.key"));
    let args = ["--secured", "127.0.0.1:0", "--tls-cert", &cert, "--tls-key", &key];
    let local = ["simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0"];
    let mut process = start(&[&local, &args[..]].concat());
    let line = process.line();
    let (plain, secured) = line.split_once("; secured: ").unwrap();
    let plain = plain.rsplit(' ').next().unwrap();
    let question = ["QUERY_AGENT_STATE", "PeripheralID=5000", "AgentID=1001"];
    let tls = ["--tls-ca", ca.as_str(), "--tls-name", "localhost"];
    let asked = |connect: &[&str]| run(&[&["request"], connect, &question[..]].concat()).status;
    assert_eq!(asked(&["--connect", plain]), 0);
    assert_eq!(asked(&[&["--connect", secured], &tls[..]].concat()), 0);
    process.signal(Signal::TERM);
    assert_eq!(process.finish().status, 0);
}

#[test]
fn the_monitor_follows_a_secured_simulation_if_it_shows_a_certificate() {
    let (dir, stranger) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let path = |dir: &TempDir, name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    certificates(dir.path());
    certificates(stranger.path());
    let (ca, cert, key) = (path(&dir, "ca.pem"), path(&dir, "own.pem"), path(&dir, "own.key"));
    let simulation = Simulation::start(
        &[["--tls-ca", &ca, "--tls-cert", &cert], ["--tls-key", &key, "--calls-per-hour", "3000"]].concat(),
    );
    let monitor = |ca: &str, own: &[&str]| {
        let connect =
            ["monitor", "--json", "--connect", &simulation.addresses, "--tls-ca", ca, "--tls-name", "localhost"];
        start(&[&connect, own].concat())
    };
    let end = |monitor: Running| {
        monitor.signal(Signal::TERM);
        let outcome = monitor.finish();
        assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    };
    let own = ["--tls-cert", &cert, "--tls-key", &key];
    let mut good = monitor(&ca, &own);
    let lines = good.until(|line| line["name"] == "BEGIN_CALL_EVENT");
    assert_eq!((&lines[0]["event"], &lines[0]["side"]), (&"opened".into(), &"A".into()));
    end(good);
    let (other_cert, other_key) = (path(&stranger, "own.pem"), path(&stranger, "own.key"));
    let others = ["--tls-cert", &other_cert, "--tls-key", &other_key];
    let other_ca = path(&stranger, "ca.pem");
    for (what, ca, own) in [
        ("no certificate", &ca, &[][..]),
        ("one of another authority", &ca, &others[..]),
        ("a server of another authority", &other_ca, &own[..]),
    ] {
        let mut refused = monitor(ca, own);
        for line in [refused.json(), refused.json()] {
            assert_eq!(line["event"], "disconnected", "{what}: {line}");
        }
        end(refused);
    }
    let mut still = monitor(&ca, &own);
    let _ = still.until(|line| line["name"] == "OPEN_CONF");
    end(still);
    simulation.stop();
}

/// An authority, and a certificate for both ends.
fn certificates(dir: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    std::fs::write(dir.join("ca.pem"), authority.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(dir.join("own.pem"), own.pem()).unwrap();
    std::fs::write(dir.join("own.key"), key.serialize_pem()).unwrap();
}
