//! The client session driven by blocking sockets of the standard library, on one thread.
//!
//! ```text
//! cargo run -p cti-proto --example client_std -- 127.0.0.1:42027 127.0.0.1:43027
//! ```

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cti_proto::session::{ClientConfig, ClientSession, Event, Instant, Side, Transport, Wake};
use cti_proto::value::CtiService;
use cti_proto::{Protocol, Storage};

fn main() -> Result<(), Box<dyn Error>> {
    let addresses: Vec<String> = std::env::args().skip(1).collect();
    let [a, b] = addresses.as_slice() else { return Err("two addresses, of side A and side B".into()) };
    let protocols = [Protocol::cce(24)?, Protocol::cce(19)?];
    let mut config = ClientConfig::new(&protocols, "example".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
    config.heartbeat = Some(Duration::from_secs(5));
    let mut storage = Storage::<12_500, 2_048, 8, 0>::new();
    let mut session = ClientSession::new(config, storage.parts())?;

    let beginning = std::time::Instant::now();
    let now = || Instant::from_millis(beginning.elapsed().as_millis() as u64);
    let mut socket: Option<TcpStream> = None;
    loop {
        session.handle_timeout(now());
        while let Some(event) = session.poll_event(now()) {
            println!("{event:?}");
            if let Event::Ended(_) = event {
                return Ok(());
            }
        }
        match (session.transport(), &mut socket) {
            (Transport::Connect(side), _) => {
                socket = TcpStream::connect(if side == Side::A { a } else { b }).ok();
                match &socket {
                    Some(_) => session.connected(now()),
                    None => session.transport_closed(now()),
                }
            }
            (Transport::Keep, Some(stream)) => match exchange(&mut session, stream, now()) {
                Ok(true) => {}
                Ok(false) | Err(_) => {
                    socket = None;
                    session.transport_closed(now());
                }
            },
            (Transport::Reset, _) => {
                socket = None;
                session.transport_closed(now());
            }
            _ => std::thread::sleep(until(session.wake(), now())),
        }
    }
}

/// Writes what is to be written and reads what comes until the session wants to be called; `false` at the end.
fn exchange(session: &mut ClientSession<'_>, stream: &mut TcpStream, now: Instant) -> std::io::Result<bool> {
    while session.wants_write() {
        let n = stream.write(session.transmit())?;
        session.transmitted(n);
    }
    let patience = until(session.wake(), now);
    if !session.wants_read() || patience.is_zero() {
        return Ok(true);
    }
    stream.set_read_timeout(Some(patience))?;
    match stream.read(session.space()) {
        Ok(0) => Ok(false),
        Ok(n) => {
            session.received(now, n);
            Ok(true)
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(true),
        Err(error) => Err(error),
    }
}

fn until(wake: Wake, now: Instant) -> Duration {
    match wake {
        Wake::Now => Duration::ZERO,
        Wake::At(at) => at.since(now),
        Wake::Idle => Duration::from_secs(1),
    }
}
