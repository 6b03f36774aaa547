//! The client session driven by a hand-written loop over a non-blocking socket: the shape of any runtime of one's own.
//!
//! ```text
//! cargo run -p cti-proto --example client_poll -- 127.0.0.1:42027 127.0.0.1:43027
//! ```

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cti_proto::session::{ClientConfig, ClientSession, Event, Instant, Side, Transport, Wake};
use cti_proto::value::CtiService;
use cti_proto::{Protocol, Storage};

/// Time of one turn of the loop, when there is nothing to do.
const TURN: Duration = Duration::from_millis(10);

fn main() -> Result<(), Box<dyn Error>> {
    let addresses: Vec<String> = std::env::args().skip(1).collect();
    let [a, b] = addresses.as_slice() else { return Err("two addresses, of side A and side B".into()) };
    let protocols = [Protocol::cce(24)?, Protocol::cce(19)?];
    let mut config = ClientConfig::new(&protocols, "example".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
    config.heartbeat = Some(Duration::from_secs(5));
    let mut storage = Storage::<12_500, 2_048, 8, 0>::new();
    let mut session = ClientSession::new(config, storage.parts())?;

    let beginning = std::time::Instant::now();
    let mut socket: Option<TcpStream> = None;
    loop {
        let now = Instant::from_millis(beginning.elapsed().as_millis() as u64);
        session.handle_timeout(now);
        while let Some(event) = session.poll_event(now) {
            println!("{event:?}");
            if let Event::Ended(_) = event {
                return Ok(());
            }
        }
        match session.transport() {
            Transport::Connect(side) => {
                socket = TcpStream::connect(if side == Side::A { a } else { b }).ok();
                let ready = socket.as_ref().is_some_and(|stream| stream.set_nonblocking(true).is_ok());
                if ready { session.connected(now) } else { session.transport_closed(now) }
            }
            Transport::Keep => {
                let ended = socket.as_mut().is_none_or(|stream| turn(&mut session, stream, now).is_err());
                if ended {
                    socket = None;
                    session.transport_closed(now);
                }
            }
            Transport::Reset => {
                socket = None;
                session.transport_closed(now);
            }
            _ => {}
        }
        if session.wake() != Wake::Now {
            std::thread::sleep(TURN);
        }
    }
}

/// Moves what can be moved without waiting; an error at the end of the connection.
fn turn(session: &mut ClientSession<'_>, stream: &mut TcpStream, now: Instant) -> std::io::Result<()> {
    while session.wants_write() {
        match stream.write(session.transmit()) {
            Ok(n) => session.transmitted(n),
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    if !session.wants_read() {
        return Ok(());
    }
    match stream.read(session.space()) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(n) => {
            session.received(now, n);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}
