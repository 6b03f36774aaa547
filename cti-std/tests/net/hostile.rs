//! What clients do to servers, and that the other clients do not notice.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use cti_proto::message::{MessageType, OpenReq};
use cti_proto::session::ServerEnded;
use cti_proto::value::{AgentStateMask, CallEventMask, CtiService, FailureStatus};
use cti_proto::{Protocol, encode};
use cti_std::server::ServerOptions;

use crate::support::{PATIENCE, Seen, TestServer, agent, agent_id, cce, loopback, wait};

/// A client by hand.
struct Raw(TcpStream);

impl Raw {
    fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    fn open(address: SocketAddr) -> Self {
        let mut client = Self::connect(address);
        client.0.write_all(&open_request()).unwrap();
        assert_eq!(client.message(), MessageType::OPEN_CONF);
        client
    }

    /// Type of the next message.
    fn message(&mut self) -> MessageType {
        let mut header = [0; 8];
        self.0.read_exact(&mut header).unwrap();
        let length = u32::from_be_bytes(header[..4].try_into().unwrap());
        let mut body = vec![0; length as usize];
        self.0.read_exact(&mut body).unwrap();
        MessageType(u32::from_be_bytes(header[4..].try_into().unwrap()))
    }

    /// Waits until the server has closed or reset the connection.
    fn wait_for_the_end(&mut self) {
        let mut bytes = [0; 4_096];
        loop {
            match self.0.read(&mut bytes) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

fn open_request() -> Vec<u8> {
    let request = OpenReq {
        invoke_id: 1,
        version_number: 24,
        idle_timeout: u32::MAX,
        services_requested: CtiService::CTI_SERVICE_ALL_EVENTS,
        call_msg_mask: CallEventMask::ALL,
        agent_state_mask: AgentStateMask::ALL,
        client_id: Some("raw".into()),
        client_password: Some("".into()),
        ..OpenReq::default()
    };
    let mut buffer = [0; 256];
    encode(Protocol::cce(24).unwrap(), &request, &mut buffer).unwrap().to_vec()
}

/// One client reads nothing at all while another one gets more than what sockets and backlog hold.
#[test]
fn a_client_that_does_not_read_costs_its_backlog_and_nobody_else() {
    const EVENTS: u32 = 100_000;
    let mut options = ServerOptions::new();
    options.memory.transmit = 64 << 10;
    let server = TestServer::with(options, |server| vec![server.listen(loopback(), cce()).unwrap()]);
    let stalled = Raw::open(server.addresses[0]);
    let mut client = server.client();
    client.open();
    let handle = server.handle.clone();
    let sender = std::thread::spawn(move || {
        for n in 0..EVENTS {
            // As fast as the good client takes them.
            wait("there is room", || {
                let sent = handle.with(move |_, sessions| {
                    let worst = sessions.ids().map(|id| (sessions.backlog(id), sessions.is_open(id))).min();
                    let has_room = worst.is_none_or(|(backlog, _)| backlog < 32 << 10);
                    has_room.then(|| sessions.event(&agent(&n.to_string())).unwrap())
                });
                sent.unwrap()
            });
        }
    });
    for n in 0..EVENTS {
        assert_eq!(client.frame(MessageType::AGENT_STATE_EVENT, agent_id), n.to_string());
    }
    sender.join().unwrap();
    let ended = server.wait_for(|seen| match seen {
        Seen::Ended { ended, .. } => Some(*ended),
        _ => None,
    });
    assert_eq!(ended, ServerEnded::Overflow);
    let counters = server.ask(|_, sessions| sessions.counters());
    assert!(counters.overflowed == 1 && counters.most_backlog <= 64 << 10, "{counters:?}");
    drop(stalled);
}

#[test]
fn bytes_that_are_no_messages_end_their_connection_only() {
    let server = TestServer::start();
    let mut client = server.client();
    client.open();
    for bytes in [&[0xff; 100][..], b"GET / HTTP/1.1\r\n\r\n", &[0x16, 3, 1, 2, 0, 1, 0, 1]] {
        let mut raw = Raw::connect(server.addresses[0]);
        raw.0.write_all(bytes).unwrap();
        raw.wait_for_the_end();
    }
    let mut raw = Raw::open(server.addresses[0]);
    raw.0.write_all(&[0xff; 100]).unwrap();
    raw.wait_for_the_end();
    server.wait_for(|seen| matches!(seen, Seen::Ended { ended: ServerEnded::Framing(_), .. }).then_some(()));
    server.ask(|_, sessions| sessions.event(&agent("1")).unwrap());
    assert_eq!(client.frame(MessageType::AGENT_STATE_EVENT, agent_id), "1");
}

#[test]
fn a_frame_beyond_the_servers_buffer_is_skipped() {
    let mut options = ServerOptions::new();
    options.memory.receive = 512;
    let server = TestServer::with(options, |server| vec![server.listen(loopback(), cce()).unwrap()]);
    let mut raw = Raw::open(server.addresses[0]);
    let mut frame = vec![0, 0, 0x10, 0, 0, 0, 0, 88];
    frame.resize(8 + 0x1000, 7);
    raw.0.write_all(&frame).unwrap();
    let skipped = server.wait_for(|seen| match seen {
        Seen::Skipped { message } => Some(message.0),
        _ => None,
    });
    assert_eq!(skipped, 88);
    raw.0.write_all(&[0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 9]).unwrap();
    assert_eq!(raw.message(), MessageType::HEARTBEAT_CONF, "the stream goes on");
}

#[test]
fn a_request_that_comes_byte_by_byte_is_put_together() {
    let server = TestServer::start();
    let mut raw = Raw::connect(server.addresses[0]);
    for byte in open_request() {
        raw.0.write_all(&[byte]).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(raw.message(), MessageType::OPEN_CONF);
}

#[test]
fn who_does_not_open_in_time_is_dropped_however_busy_they_look() {
    let server = TestServer::with(ServerOptions::new(), |server| {
        let mut config = cce();
        config.open_timeout = Duration::from_millis(300);
        vec![server.listen(loopback(), config).unwrap()]
    });
    let mut silent = Raw::connect(server.addresses[0]);
    let mut dripping = Raw::connect(server.addresses[0]);
    let drip = std::thread::spawn(move || {
        for byte in open_request().iter().cycle() {
            // An end that is reset cannot be written to for long.
            if dripping.0.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    silent.wait_for_the_end();
    drip.join().unwrap();
    wait("both are gone", || {
        let counters = server.ask(|_, sessions| sessions.counters());
        (counters.never_opened == 2).then_some(())
    });
}

#[test]
fn a_flood_of_connections_is_turned_away_at_the_limit() {
    const FLOOD: usize = 300;
    let mut options = ServerOptions::new();
    (options.connections, options.opening) = (60, 50);
    let server = TestServer::with(options, |server| vec![server.listen(loopback(), cce()).unwrap()]);
    let mut client = server.client();
    client.open();
    // Some are turned away before they know that they were connected.
    let flood: Vec<_> = (0..FLOOD).map(|_| TcpStream::connect(server.addresses[0])).collect();
    wait("the flood is dealt with", || {
        let counters = server.ask(|_, sessions| sessions.counters());
        (counters.accepted + counters.turned_away == FLOOD as u64 + 1).then_some(())
    });
    let counters = server.ask(|_, sessions| sessions.counters());
    assert_eq!((counters.accepted, counters.most_connections), (51, 51));
    server.ask(|_, sessions| sessions.event(&agent("1")).unwrap());
    assert_eq!(client.frame(MessageType::AGENT_STATE_EVENT, agent_id), "1", "who is in stays in");
    drop(flood);
    wait("there is room again", || server.ask(|_, sessions| (sessions.connections() == 1).then_some(())));
    server.client().open();
}

#[test]
fn what_comes_before_and_twice_is_refused() {
    let server = TestServer::start();
    let mut raw = Raw::connect(server.addresses[0]);
    raw.0.write_all(&[0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 9]).unwrap();
    assert_eq!(raw.message(), MessageType::FAILURE_CONF);
    raw.0.write_all(&open_request()).unwrap();
    assert_eq!(raw.message(), MessageType::OPEN_CONF);
    raw.0.write_all(&open_request()).unwrap();
    assert_eq!(raw.message(), MessageType::FAILURE_CONF);
    let refused: Vec<FailureStatus> = server
        .seen()
        .into_iter()
        .filter_map(|seen| match seen {
            Seen::Refused { status } => Some(status),
            _ => None,
        })
        .collect();
    assert_eq!(refused, [FailureStatus::E_CTI_SESSION_NOT_OPEN, FailureStatus::E_CTI_SESSION_ALREADY_OPEN]);
}

/// Requests without an end, whose answers nobody reads: they wait in the client's own socket.
#[test]
fn a_client_that_only_asks_is_held_back() {
    let mut options = ServerOptions::new();
    options.memory.transmit = 4 << 10;
    let server = TestServer::with(options, |server| vec![server.listen(loopback(), cce()).unwrap()]);
    let mut raw = Raw::open(server.addresses[0]);
    raw.0.set_nonblocking(true).unwrap();
    let heartbeats = [0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 9].repeat(1_000);
    let mut sent = 0;
    let mut tries = 0;
    while tries < 50 {
        // From where the last write left off: it may have been in the middle of a message.
        match raw.0.write(&heartbeats[sent % 12..]) {
            Ok(n) => (sent, tries) = (sent + n, 0),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => panic!("{error}"),
        }
        assert!(sent < 1 << 30, "the server takes whatever comes");
    }
    let mut client = server.client();
    client.open();
    let counters = server.ask(|_, sessions| sessions.counters());
    assert!(counters.most_backlog <= 4 << 10, "{counters:?}");
    assert_eq!(counters.overflowed, 0, "who is held back is not thrown out");
    // It leaves while nothing can be read of it and nothing written to it, and there is no idle timer to notice.
    drop(raw);
    wait("its connection is let go", || server.ask(|_, sessions| (sessions.connections() == 1).then_some(())));
}
