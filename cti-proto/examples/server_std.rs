//! A CTI Server by blocking sockets, a thread for each client: it opens every session, tells each client of an agent
//! who comes and goes, and refuses all requests.
//!
//! ```text
//! cargo run -p cti-proto --example server_std -- 127.0.0.1:42027
//! ```

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use cti_proto::message::{AgentStateEvent, OpenConf};
use cti_proto::session::{Instant, Prepared, Request, ServerConfig, ServerEvent, ServerSession, Transport};
use cti_proto::value::{AgentState, CtiService, FailureStatus};
use cti_proto::{Product, Storage};

/// Time between two events, and the longest that a read waits.
const TURN: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("an address to listen on")?;
    for socket in TcpListener::bind(address)?.incoming() {
        let socket = socket?;
        std::thread::spawn(move || {
            if let Err(error) = serve(socket) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

/// What is to be answered once the event that asks for it is let go.
enum Todo {
    Nothing,
    Open(CtiService),
    Refuse(Request),
}

fn serve(mut socket: TcpStream) -> Result<(), Box<dyn Error>> {
    socket.set_read_timeout(Some(TURN))?;
    let beginning = std::time::Instant::now();
    let now = || Instant::from_millis(beginning.elapsed().as_millis() as u64);
    let mut storage = Storage::<4_096, 8_192, 0, 4>::new();
    let mut session = ServerSession::new(ServerConfig::new(Product::Cce), storage.parts(), now());
    let mut state = AgentState::AGENT_STATE_AVAILABLE;
    while session.transport() == Transport::Keep {
        session.handle_timeout(now());
        while let Some(event) = session.poll_event(now()) {
            println!("{event:?}");
            let todo = match event {
                ServerEvent::OpenRequested(request) => Todo::Open(request.services_requested),
                ServerEvent::Request { request, .. } => Todo::Refuse(request),
                _ => Todo::Nothing,
            };
            match todo {
                Todo::Open(services_granted) => {
                    let confirmation = OpenConf { services_granted, peripheral_online: true, ..OpenConf::default() };
                    session.accept(now(), &confirmation)?;
                }
                Todo::Refuse(request) => session.fail(now(), request, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE)?,
                Todo::Nothing => {}
            }
        }
        if session.is_open() && session.transmit().is_empty() {
            state = match state {
                AgentState::AGENT_STATE_AVAILABLE => AgentState::AGENT_STATE_NOT_READY,
                _ => AgentState::AGENT_STATE_AVAILABLE,
            };
            let event =
                AgentStateEvent { agent_id: Some("1001".into()), agent_state: state, ..AgentStateEvent::default() };
            let mut buffer = [0; 256];
            let _ = session.event(now(), &Prepared::new(session.protocol(), &event, &mut buffer)?);
        }
        if !exchange(&mut session, &mut socket, now())? {
            session.transport_closed(now());
        }
    }
    Ok(())
}

/// Writes what is to be written and reads what comes; `false` at the end of the connection.
fn exchange(session: &mut ServerSession<'_>, socket: &mut TcpStream, now: Instant) -> std::io::Result<bool> {
    while session.wants_write() {
        let n = socket.write(session.transmit())?;
        session.transmitted(n);
    }
    if !session.wants_read() {
        return Ok(true);
    }
    match socket.read(session.space()) {
        Ok(0) => Ok(false),
        Ok(n) => {
            session.received(now, n);
            Ok(true)
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(true),
        Err(error) => Err(error),
    }
}
