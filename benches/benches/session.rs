//! What a session costs: an event through an open client session beside the bare frame view, an idle `wake`, and an
//! event to many server sessions beside a copy of the same bytes. Measured like the table of the codec.
//!
//! `--check` fails where a ratio is not reached.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant as Clock};

use cti_benches::{CALLS, Order, Stream};
use cti_proto::message::{BeginCallEvent, MessageType, OpenConf, OpenReq};
use cti_proto::session::{
    ClientConfig, ClientSession, Delivery, Event, Instant, Prepared, ServerConfig, ServerEvent, ServerSession,
};
use cti_proto::value::CtiService;
use cti_proto::{Frames, Product, Protocol, Storage, encode};

type Failure = Box<dyn std::error::Error>;

/// Bytes of the stream that are fed round and round: they stay in the cache.
const PART: usize = 256 << 10;
/// Bytes that one read from a socket brings.
const READ: usize = 16 << 10;
/// Sessions that an event goes to.
const SESSIONS: usize = 1_000;
/// Events that each of them gets before its bytes are taken.
const EVENTS: usize = 16;

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let (rounds, turn) = if has("--bench") { (31, Duration::from_millis(5)) } else { (1, Duration::ZERO) };
    let protocol = Protocol::cce(24)?;
    let met = client(protocol, rounds, turn)? & fan_out(protocol, rounds, turn)?;
    Ok(if has("--check") && !met { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// An event from received bytes to the caller.
fn client(protocol: Protocol, rounds: usize, turn: Duration) -> Result<bool, Failure> {
    let stream = Stream::new(protocol, Order::Given, CALLS.min(if turn.is_zero() { 20 } else { CALLS }))?;
    let bytes = &stream.bytes[..whole_frames(protocol, &stream.bytes, PART)];
    let messages = Frames::new(protocol, bytes).count();
    let protocols = [protocol];
    let config = ClientConfig::new(&protocols, "bench".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
    let mut storage = Storage::<{ READ + 12_500 }, 2_048, 8, 0>::new();
    let mut session = ClientSession::new(config, storage.parts())?;
    open(&mut session, protocol)?;
    let mut buffer = vec![0; READ + 12_500];

    let mut best = [f64::INFINITY; 4];
    for _ in 0..rounds {
        let times = [
            per_run(turn, || view(protocol, bytes)),
            per_run(turn, || copy_and_view(protocol, bytes, &mut buffer)),
            per_run(turn, || through(&mut session, bytes)),
            per_run(turn, || (0..messages).map(|_| u64::from(black_box(&session).wake() == black_box(IDLE))).sum()),
        ];
        best = std::array::from_fn(|row| best[row].min(times[row] / messages as f64));
    }
    let [view, copied, through, wake] = best;
    println!("{protocol}: {messages} messages, {} bytes, reads of {READ} bytes", bytes.len());
    println!("bare frame view             {view:>8.2} ns a message");
    println!("the same, reads copied      {copied:>8.2}");
    let ratio = through / copied;
    let miss = if ratio > 1.5 { "  MISSED" } else { "" };
    println!(
        "through a client session    {through:>8.2}   {ratio:.2} of the same with reads copied (at most 1.50){miss}"
    );
    println!("wake() of an idle session   {wake:>8.2} ns\n");
    Ok(ratio <= 1.5)
}

const IDLE: cti_proto::session::Wake = cti_proto::session::Wake::Idle;

fn whole_frames(protocol: Protocol, bytes: &[u8], most: usize) -> usize {
    let part = &bytes[..most.min(bytes.len())];
    let mut frames = Frames::new(protocol, part);
    while frames.next().is_some() {}
    part.len() - frames.rest().len()
}

fn view(protocol: Protocol, bytes: &[u8]) -> u64 {
    let frames = Frames::new(protocol, bytes).map_while(Result::ok);
    frames.map(|frame| u64::from(frame.message_type().0) + frame.body().len() as u64).sum()
}

fn copy_and_view(protocol: Protocol, bytes: &[u8], buffer: &mut [u8]) -> u64 {
    let (mut sum, mut kept) = (0, 0);
    for read in bytes.chunks(READ) {
        buffer[kept..kept + read.len()].copy_from_slice(read);
        let filled = kept + read.len();
        let mut frames = Frames::new(protocol, &buffer[..filled]);
        for frame in frames.by_ref().map_while(Result::ok) {
            sum += u64::from(frame.message_type().0) + frame.body().len() as u64;
        }
        kept = frames.rest().len();
        buffer.copy_within(filled - kept..filled, 0);
    }
    sum
}

fn through(session: &mut ClientSession<'_>, bytes: &[u8]) -> u64 {
    let now = Instant::from_millis(1);
    let mut sum = 0;
    for read in bytes.chunks(READ) {
        let mut rest = read;
        while !rest.is_empty() {
            let space = session.space();
            let n = rest.len().min(space.len());
            space[..n].copy_from_slice(&rest[..n]);
            session.received(now, n);
            rest = &rest[n..];
            while let Some(event) = session.poll_event(now) {
                let frame = match event {
                    Event::Message(frame) | Event::Late(frame) => frame,
                    _ => continue,
                };
                sum += u64::from(frame.message_type().0) + frame.body().len() as u64;
            }
        }
    }
    sum
}

fn open(session: &mut ClientSession<'_>, protocol: Protocol) -> Result<(), Failure> {
    let now = Instant::ZERO;
    session.handle_timeout(now);
    session.connected(now);
    session.transmitted(session.transmit().len());
    let mut buffer = [0; 256];
    let confirmation = OpenConf { invoke_id: 1, peripheral_online: true, ..OpenConf::default() };
    let taken = session.receive(now, encode(protocol, &confirmation, &mut buffer)?);
    assert!(taken > 0 && matches!(session.poll_event(now), Some(Event::Opened(_))));
    Ok(())
}

/// One event to every session, and the bytes taken.
fn fan_out(protocol: Protocol, rounds: usize, turn: Duration) -> Result<bool, Failure> {
    let stream = Stream::new(protocol, Order::Given, 1)?;
    let mut storage: Vec<_> = (0..SESSIONS).map(|_| Box::new(Storage::<256, 8_192, 1, 1>::new())).collect();
    let mut sessions = Vec::new();
    for storage in &mut storage {
        sessions.push(opened(
            ServerSession::new(ServerConfig::new(Product::Cce), storage.parts(), Instant::ZERO),
            protocol,
        )?);
    }
    let mut buffer = [0; 1_024];
    let mut frames = Frames::new(protocol, &stream.bytes).flatten();
    let frame = frames.find(|frame| frame.message_type() == MessageType::BEGIN_CALL_EVENT).ok_or("no call begins")?;
    let event = frame.decode::<BeginCallEvent<'_>>()?;
    let event = Prepared::new(protocol, &event, &mut buffer)?;
    let length = event.bytes().len();
    let mut copies: Vec<Box<[u8; 8_192]>> = (0..SESSIONS).map(|_| Box::new([0; 8_192])).collect();

    let mut best = [f64::INFINITY; 2];
    for _ in 0..rounds {
        let times = [per_run(turn, || copy(event.bytes(), &mut copies)), per_run(turn, || send(&event, &mut sessions))];
        best = std::array::from_fn(|row| best[row].min(times[row]));
    }
    let gigabytes = best.map(|time| (SESSIONS * EVENTS * length) as f64 / time);
    let ratio = gigabytes[1] / gigabytes[0];
    println!("{EVENTS} events of {length} bytes to {SESSIONS} sessions");
    println!("copied                      {:>8.2} GB/s", gigabytes[0]);
    let miss = if ratio < 0.5 { "  MISSED" } else { "" };
    println!("sent                        {:>8.2} GB/s   {ratio:.2} of copied (at least 0.50){miss}", gigabytes[1]);
    Ok(ratio >= 0.5)
}

fn opened(mut session: ServerSession<'_>, protocol: Protocol) -> Result<ServerSession<'_>, Failure> {
    let now = Instant::ZERO;
    let request = OpenReq {
        version_number: protocol.version(),
        services_requested: CtiService::CTI_SERVICE_ALL_EVENTS,
        call_msg_mask: cti_proto::value::CallEventMask::ALL,
        client_id: Some("bench".into()),
        client_password: Some("".into()),
        ..OpenReq::default()
    };
    let mut buffer = [0; 256];
    let taken = session.receive(now, encode(protocol, &request, &mut buffer)?);
    assert!(taken > 0 && matches!(session.poll_event(now), Some(ServerEvent::OpenRequested(_))));
    session.accept(now, &OpenConf { services_granted: request.services_requested, ..OpenConf::default() })?;
    session.transmitted(session.transmit().len());
    Ok(session)
}

fn copy(bytes: &[u8], copies: &mut [Box<[u8; 8_192]>]) -> u64 {
    for at in (0..EVENTS).map(|event| event * bytes.len()) {
        for copy in copies.iter_mut() {
            copy[at..at + bytes.len()].copy_from_slice(bytes);
        }
    }
    copies.iter().map(|copy| u64::from(copy[0])).sum()
}

fn send(event: &Prepared<'_>, sessions: &mut [ServerSession<'_>]) -> u64 {
    let now = Instant::from_millis(1);
    for _ in 0..EVENTS {
        for session in sessions.iter_mut() {
            assert_eq!(session.event(now, event), Delivery::Sent);
        }
    }
    let sent = sessions.iter_mut().map(|session| {
        let n = session.transmit().len();
        session.transmitted(n);
        n as u64
    });
    sent.sum()
}

/// Nanoseconds of one run.
fn per_run(turn: Duration, mut run: impl FnMut() -> u64) -> f64 {
    let start = Clock::now();
    let mut runs = 0u32;
    loop {
        black_box(run());
        runs += 1;
        let elapsed = start.elapsed();
        if elapsed >= turn {
            return elapsed.as_nanos() as f64 / f64::from(runs);
        }
    }
}
