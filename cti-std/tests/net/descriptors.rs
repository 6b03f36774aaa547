//! No more descriptors, which servers with many clients meet: in a process of its own, as the limit is a process's.

use std::io::ErrorKind;
use std::process::Command;
use std::time::{Duration, Instant};

use cti_proto::message::MessageType;
use cti_proto::session::{Cause, Event};
use cti_std::client::{BlockingClient, ClientOptions, ConnectionError};
use cti_std::server::{Server, ServerOptions};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Desk, PATIENCE, agent, agent_id, cce, loopback};

/// Set in the process that has the test to itself.
const ALONE: &str = "CTI_TEST_ALONE";
const NEWCOMERS: usize = 5;
/// How long there are no descriptors.
const SHORTAGE: Duration = Duration::from_secs(1);

#[test]
fn a_shortage_of_descriptors_is_waited_out() {
    if std::env::var_os(ALONE).is_some() {
        return wait_out_a_shortage();
    }
    let name = "descriptors::a_shortage_of_descriptors_is_waited_out";
    let test = Command::new(std::env::current_exe().unwrap()).args(["--exact", name]).env(ALONE, "1").output().unwrap();
    let output = String::from_utf8_lossy(&test.stdout);
    assert!(test.status.success() && output.contains("1 passed"), "{output}{}", String::from_utf8_lossy(&test.stderr));
}

fn wait_out_a_shortage() {
    let mut server = Server::new(ServerOptions::new(), Desk::default()).unwrap();
    let listener = server.listen(loopback(), cce()).unwrap();
    let address = server.sessions().address(listener).unwrap();
    let client = || BlockingClient::new(ClientOptions::new(address.to_string())).unwrap();
    let mut veteran = client();
    serve(&mut server, "the first session opens", || has_opened(&mut veteran));
    let mut newcomers: Vec<_> = (0..NEWCOMERS).map(|_| client()).collect();
    for newcomer in &mut newcomers {
        // It connects, and the system keeps it for the server.
        assert!(newcomer.next_event(Some(Duration::ZERO)).unwrap().is_none());
    }
    let mut latecomer = client();

    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(0), ..limit }).unwrap();
    let (began, mut turns) = (Instant::now(), 0);
    while began.elapsed() < SHORTAGE {
        server.turn(Some(SHORTAGE.saturating_sub(began.elapsed()))).unwrap();
        turns += 1;
    }
    let counters = server.sessions().counters();
    assert!((1..=20).contains(&turns) && counters.accept_failures >= 2, "{turns} turns, {counters:?}");
    assert_eq!(counters.accepted, 1, "nobody was let in, and nobody was sent away");

    assert_eq!(server.sessions().event(&agent("1")), Ok(1));
    serve(&mut server, "the first session goes on", || match veteran.next_event(Some(Duration::ZERO)).unwrap() {
        Some(Event::Message(frame)) => frame.message_type() == MessageType::AGENT_STATE_EVENT && agent_id(frame) == "1",
        _ => false,
    });
    serve(&mut server, "a client says that it cannot connect", || {
        let event = latecomer.next_event(Some(Duration::ZERO)).unwrap();
        matches!(event, Some(Event::Disconnected(lost)) if lost.cause == Cause::ConnectFailed)
    });
    let error = latecomer.last_error().unwrap();
    let ConnectionError::Connect { error: cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause.raw_os_error(), Some(Errno::MFILE.raw_os_error()));

    setrlimit(Resource::Nofile, limit).unwrap();
    newcomers.push(latecomer);
    serve(&mut server, "everybody is let in", || newcomers.iter_mut().all(has_opened));
    assert_eq!(server.sessions().counters().opened, 2 + NEWCOMERS as u64);
}

/// Serves until something is so.
fn serve(server: &mut Server<Desk>, what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}; {server:?}");
        match server.turn(Some(Duration::from_millis(5))) {
            Err(error) if error.kind() != ErrorKind::Interrupted => panic!("{error}"),
            _ => {}
        }
    }
}

fn has_opened(client: &mut BlockingClient) -> bool {
    // Its OPEN_CONF stays for later.
    client.session().opened().is_some() || matches!(client.next_event(Some(Duration::ZERO)), Ok(Some(Event::Opened(_))))
}
