//! The client session driven by tokio.
//!
//! ```text
//! cargo run -p cti-proto --example client_tokio -- 127.0.0.1:42027 127.0.0.1:43027
//! ```

use std::error::Error;
use std::time::Duration;

use cti_proto::session::{ClientConfig, ClientSession, Event, Instant, Side, Transport, Wake};
use cti_proto::value::CtiService;
use cti_proto::{Protocol, Storage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let addresses: Vec<String> = std::env::args().skip(1).collect();
    let [a, b] = addresses.as_slice() else { return Err("two addresses, of side A and side B".into()) };
    let protocols = [Protocol::cce(24)?, Protocol::cce(19)?];
    let mut config = ClientConfig::new(&protocols, "example".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
    config.heartbeat = Some(Duration::from_secs(5));
    let mut storage = Storage::<12_500, 2_048, 8, 0>::new();
    let mut session = ClientSession::new(config, storage.parts())?;

    let beginning = tokio::time::Instant::now();
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
        let pause = sleep(session.wake(), now());
        match (session.transport(), &mut socket) {
            (Transport::Connect(side), _) => {
                let connecting = TcpStream::connect(if side == Side::A { a } else { b });
                tokio::select! {
                    connected = connecting => socket = connected.ok(),
                    () = pause => continue,
                }
                match &socket {
                    Some(_) => session.connected(now()),
                    None => session.transport_closed(now()),
                }
            }
            (Transport::Keep, Some(stream)) => {
                let alive = tokio::select! {
                    alive = exchange(&mut session, stream) => alive,
                    () = pause => continue,
                };
                match alive {
                    Some(Read(n)) => session.received(now(), n),
                    Some(Wrote(n)) => session.transmitted(n),
                    None => {
                        socket = None;
                        session.transport_closed(now());
                    }
                }
            }
            (Transport::Reset, _) => {
                socket = None;
                session.transport_closed(now());
            }
            _ => pause.await,
        }
    }
}

/// What moved.
enum Moved {
    /// Bytes from the server.
    Read(usize),
    /// Bytes to the server.
    Wrote(usize),
}
use Moved::{Read, Wrote};

/// Moves some bytes in one direction; `None` at the end of the connection. Dropping the future loses nothing: both
/// calls move bytes at their last step or not at all.
async fn exchange(session: &mut ClientSession<'_>, stream: &mut TcpStream) -> Option<Moved> {
    if session.wants_write() {
        return stream.write(session.transmit()).await.ok().map(Wrote);
    }
    if !session.wants_read() {
        return std::future::pending().await;
    }
    stream.read(session.space()).await.ok().filter(|n| *n > 0).map(Read)
}

async fn sleep(wake: Wake, now: Instant) {
    match wake {
        Wake::Now => {}
        Wake::At(at) => tokio::time::sleep(at.since(now)).await,
        Wake::Idle => std::future::pending().await,
    }
}
