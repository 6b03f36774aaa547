//! The time of a lap: a request of a client's, answered by a server, delivered to the client; beside an echo of as many
//! bytes each way by two bare epoll loops.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use cti_proto::message::{FailureConf, OpenConf, OpenReq, QueryAgentStateReq};
use cti_proto::session::{Event, Request, ServerConfig};
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::{Frame, Product, Protocol, encoded_len};
use cti_std::client::{BlockingClient, ClientOptions};
use cti_std::server::{Application, Server, ServerOptions, SessionId, Sessions};
use rustix::event::epoll::EventFlags;

use crate::bare::{Epoll, loopback, pairs, protocol};
use crate::{Failure, Needed, Row, Scale};

pub(crate) fn measure(scale: Scale) -> Result<Vec<Row>, Failure> {
    let mut rounds = [Vec::new(), Vec::new()];
    for _ in 0..scale.rounds {
        let (ours, bare) = (client_and_server(scale)?, echo(scale)?);
        for (place, rounds) in rounds.iter_mut().enumerate() {
            rounds.push([ours[place], bare[place]]);
        }
    }
    let [middle, high] = rounds;
    let row = |name: &str, rounds, needed| Row { name: name.into(), rounds, needed, unit: "us" };
    Ok(vec![row("lap, median", middle, Needed::Nothing), row("lap, 99th percentile", high, Needed::AtMost(1.5))])
}

/// Median and 99th percentile, in microseconds.
fn percentiles(mut laps: Vec<f64>) -> [f64; 2] {
    laps.sort_by(f64::total_cmp);
    [50, 99].map(|percent| laps[laps.len() * percent / 100] * 1e6)
}

/// Fails whatever is asked: the answer is the event that is waited for.
struct Answer;

impl Application for Answer {
    fn open_requested(&mut self, sessions: &mut Sessions, id: SessionId, _: Protocol, request: &OpenReq<'_>) {
        let services_granted = request.services_requested;
        let _ = sessions.accept(id, &OpenConf { services_granted, ..OpenConf::default() });
    }

    fn request(&mut self, sessions: &mut Sessions, id: SessionId, request: Request, _: Frame<'_>) {
        let _ = sessions.fail(id, request, FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON);
    }
}

fn question() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { peripheral_id: 5_000, agent_id: Some("1001".into()), ..QueryAgentStateReq::default() }
}

fn client_and_server(scale: Scale) -> Result<[f64; 2], Failure> {
    let mut server = Server::new(ServerOptions::new(), Answer)?;
    let listener = server.listen(loopback(), ServerConfig::new(Product::Cce))?;
    let address = server.sessions().address(listener).ok_or("no address")?;
    let handle = server.handle();
    let thread = thread::spawn(move || server.run());
    let mut options = ClientOptions::new(address.to_string());
    options.protocols = vec![protocol()?];
    options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    let mut client = BlockingClient::new(options)?;
    while client.session().opened().is_none() {
        client.next_event(None)?.ok_or("the session did not open")?;
    }
    let mut laps = Vec::with_capacity(scale.laps);
    for _ in 0..scale.laps {
        let began = Instant::now();
        client.request(&question())?;
        while !matches!(client.next_event(None)?.ok_or("the session ended")?, Event::Failed { .. }) {}
        laps.push(began.elapsed().as_secs_f64());
    }
    client.shut_down(|_| ())?;
    handle.stop();
    thread.join().map_err(|_| "the server panicked")??;
    Ok(percentiles(laps))
}

fn echo(scale: Scale) -> Result<[f64; 2], Failure> {
    let there = vec![1; encoded_len(protocol()?, &question())?];
    let failure = FailureConf { reason: FailureStatus::E_CTI_AGENT_NOT_LOGGED_ON.into(), ..FailureConf::default() };
    let back = vec![1; encoded_len(protocol()?, &failure)?];
    let (server, client) = pairs(1)?;
    let (length, answer) = (there.len(), back.clone());
    let thread = thread::spawn(move || {
        let mut end = End::new(server).expect("epoll");
        while end.take(length).is_ok_and(|is_open| is_open) {
            end.write(&answer);
        }
    });
    let mut end = End::new(client)?;
    let mut laps = Vec::with_capacity(scale.laps);
    for _ in 0..scale.laps {
        let began = Instant::now();
        end.write(&there);
        assert!(end.take(back.len())?);
        laps.push(began.elapsed().as_secs_f64());
    }
    drop(end);
    thread.join().map_err(|_| "the echo panicked")?;
    Ok(percentiles(laps))
}

/// One end of the echo: a socket that never blocks, and epoll.
struct End {
    sockets: Vec<TcpStream>,
    epoll: Epoll,
    buffer: Vec<u8>,
}

impl End {
    fn new(sockets: Vec<TcpStream>) -> Result<Self, Failure> {
        let epoll = Epoll::new(&sockets, EventFlags::IN)?;
        Ok(Self { sockets, epoll, buffer: vec![0; 4_096] })
    }

    /// Takes so many bytes; `false` at the end.
    fn take(&mut self, mut length: usize) -> Result<bool, Failure> {
        loop {
            match self.sockets[0].read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => length -= n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let _ = self.epoll.wait(None)?.count();
                }
                Err(error) => return Err(error.into()),
            }
            if length == 0 {
                return Ok(true);
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let n = self.sockets[0].write(bytes).expect("the socket has room");
        assert_eq!(n, bytes.len());
    }
}
