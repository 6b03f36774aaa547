//! A server by blocking sockets, on a thread of its own, and tokio's sockets as transport for the client.
#![allow(dead_code, reason = "every test uses another part")]

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use cti_embedded::Clock;
use cti_proto::message::{AgentStateEvent, OpenConf, QueryAgentStateConf, QueryAgentStateReq};
use cti_proto::session::{Instant, Prepared, ServerConfig, ServerEvent, ServerSession, Transport};
use cti_proto::{Product, Storage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Serves one session until it ends: tells `events` numbered from 1, confirms queries, and gives the agents asked for.
pub(crate) fn serve<S: Read + Write>(mut stream: S, events: u32) -> Vec<String> {
    let beginning = std::time::Instant::now();
    let now = || Instant::from_millis(beginning.elapsed().as_millis() as u64);
    let mut storage = Storage::<4_096, 65_536, 0, 4>::new();
    let mut session = ServerSession::new(ServerConfig::new(Product::Cce), storage.parts(), now());
    let (mut asked, mut told) = (Vec::new(), 0);
    while session.transport() == Transport::Keep {
        session.handle_timeout(now());
        while let Some(event) = session.poll_event(now()) {
            match event {
                ServerEvent::OpenRequested(request) => {
                    let services_granted = request.services_requested;
                    session.accept(now(), &OpenConf { services_granted, ..OpenConf::default() }).unwrap();
                }
                ServerEvent::Request { request, frame } => {
                    let query: QueryAgentStateReq<'_> = frame.decode().expect("only queries are asked");
                    let agent = query.agent_id.expect("it names an agent").to_str().unwrap().to_owned();
                    let answer = QueryAgentStateConf { agent_id: Some(agent.as_str().into()), ..Default::default() };
                    session.confirm(now(), request, &answer).unwrap();
                    asked.push(agent);
                }
                ServerEvent::Ended(_) => {}
                other => panic!("{other:?}"),
            }
        }
        while session.is_open() && told < events && session.transmit().len() < 4_096 {
            told += 1;
            let event = AgentStateEvent { skill_group_id: told, ..AgentStateEvent::default() };
            let mut buffer = [0; 256];
            let _ = session.event(now(), &Prepared::new(session.protocol(), &event, &mut buffer).unwrap());
        }
        if !exchange(&mut stream, &mut session, now()) {
            session.transport_closed(now());
        }
    }
    asked
}

/// Reads and writes once; `false` at the end of the connection.
fn exchange<S: Read + Write>(stream: &mut S, session: &mut ServerSession<'_>, now: Instant) -> bool {
    if session.wants_write() {
        match stream.write(session.transmit()) {
            Ok(n) => session.transmitted(n),
            Err(error) if is_patient(&error) => {}
            Err(_) => return false,
        }
        let _ = stream.flush();
    }
    if !session.wants_read() {
        return true;
    }
    match stream.read(session.space()) {
        Ok(0) => false,
        Ok(n) => {
            session.received(now, n);
            true
        }
        Err(error) => is_patient(&error),
    }
}

fn is_patient(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// A listener on a free port of this machine, and what accepts one client whose reads return soon.
pub(crate) fn listen() -> (std::net::SocketAddr, impl FnOnce() -> std::net::TcpStream) {
    listen_at("127.0.0.1")
}

/// The same at another address of this machine.
pub(crate) fn listen_at(address: &str) -> (std::net::SocketAddr, impl FnOnce() -> std::net::TcpStream) {
    let listener = std::net::TcpListener::bind((address, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (address, move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    })
}

/// The real time, by tokio.
#[derive(Clone, Copy)]
pub(crate) struct RealTime(pub(crate) std::time::Instant);

impl Clock for RealTime {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.elapsed().as_millis() as u64)
    }

    async fn wait_until(&self, at: Instant) {
        tokio::time::sleep_until((self.0 + Duration::from_millis(at.as_millis())).into()).await;
    }
}

/// tokio's streams in embedded-io's words.
pub(crate) struct Tokio<T>(pub(crate) T);

impl<T> embedded_io_async::ErrorType for Tokio<T> {
    type Error = std::io::Error;
}

impl<T: tokio::io::AsyncRead + Unpin> embedded_io_async::Read for Tokio<T> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, std::io::Error> {
        self.0.read(buffer).await
    }
}

impl<T: tokio::io::AsyncWrite + Unpin> embedded_io_async::Write for Tokio<T> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, std::io::Error> {
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), std::io::Error> {
        self.0.flush().await
    }
}

/// Runs a future on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}
