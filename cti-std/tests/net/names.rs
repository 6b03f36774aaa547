//! Names of servers, and resolvers that know nothing of them or never answer.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cti_proto::Blame;
use cti_proto::session::{Cause, Side};
use cti_std::client::{ClientOptions, ConnectionError, Resolver};

use crate::support::{TestClient, TestServer, disconnected};

/// A client of a server that is known by this name.
fn client_of(server: &str, resolver: Resolver) -> ClientOptions {
    let mut options = ClientOptions::new(format!("{server}:42027"));
    options.resolver = resolver;
    options.config.connect_timeout = Duration::from_millis(300);
    options
}

#[test]
fn a_resolver_of_the_programs_own_is_asked() {
    let server = TestServer::start();
    let address = server.addresses[0];
    let resolver = Resolver::new(move |host, port| {
        assert_eq!((host, port), ("pg1a.example", 42_027));
        Ok(vec![address])
    });
    TestClient::new(client_of("pg1a.example", resolver)).open();
}

/// The resolver of side A never answers, which costs the time for connecting and no more threads than one.
#[test]
fn a_resolver_that_hangs_is_left_and_asked_once() {
    let server = TestServer::start();
    let address = server.addresses[0];
    let (release, released) = channel::<()>();
    let (released, asked) = (Mutex::new(released), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&asked);
    let resolver = Resolver::new(move |host, _| {
        if host == "stuck.example" {
            counter.fetch_add(1, Ordering::Relaxed);
            // Until the test lets go.
            let _ = released.lock().unwrap().recv();
        }
        Ok(vec![address])
    });
    let mut client = TestClient::new(client_of("stuck.example", resolver.clone()));
    for _ in 0..2 {
        assert_eq!(client.wait_for("the attempt to end", disconnected), (Side::A, Cause::ConnectFailed));
        match client.0.last_error() {
            Some(ConnectionError::Resolve { host, error }) => {
                assert_eq!((host.as_str(), error.kind()), ("stuck.example", ErrorKind::TimedOut));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);

    let mut options = client_of("stuck.example", resolver);
    options.side_b = Some(address.to_string());
    let mut of_two = TestClient::new(options);
    assert_eq!(of_two.open().side, Side::B, "the other side is reached all the same");
    // Nothing waits for the resolver, not even a client that ends.
    drop(of_two);

    drop(release);
    assert_eq!(client.open().side, Side::A, "what comes late is of use to the next attempt");
    assert_eq!(asked.load(Ordering::Relaxed), 2, "each client asked once");
}

#[test]
fn a_resolver_that_fails_is_reported_at_once() {
    let attempt = |resolver| {
        let mut options = client_of("nowhere.example", resolver);
        // The answer is there long before this.
        options.config.connect_timeout = Duration::from_secs(60);
        let mut client = TestClient::new(options);
        assert_eq!(client.wait_for("the failure", disconnected), (Side::A, Cause::ConnectFailed));
        let error = client.0.last_error().unwrap();
        assert_eq!(error.blame(), Blame::Usage);
        error.to_string()
    };
    let fails = |_: &str, _| Err::<Vec<SocketAddr>, _>(io::Error::other("no such host"));
    let began = Instant::now();
    assert_eq!(attempt(Resolver::new(fails)), "the name nowhere.example cannot be resolved: no such host");
    let error = attempt(Resolver::new(|_: &str, _| Ok(Vec::new())));
    assert_eq!(error, "the name nowhere.example cannot be resolved: entity not found");
    let error = attempt(Resolver::new(|_: &str, _| panic!("a resolver's own fault")));
    assert_eq!(error, "the name nowhere.example cannot be resolved: the resolver broke off");
    assert!(began.elapsed() < Duration::from_secs(60));
}
