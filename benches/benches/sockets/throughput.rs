//! A client that decodes and tracks what comes over loopback, beside a loop that only reads it.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Instant;

use cti_benches::{MESSAGES_PER_CALL, Order, Stream};
use cti_proto::Frames;
use cti_proto::message::MessageType;
use cti_proto::session::Event;
use cti_proto::track::{CallConfig, CallParts, CallSlot, CallTracker, Name, PartySlot};
use cti_std::client::{BlockingClient, ClientOptions};

use crate::bare::{confirm_open, loopback, protocol};
use crate::{Failure, Needed, Row, Scale};

/// Calls that are made once and sent again and again.
const CALLS: usize = 2_000;
/// Calls that there is room for: those of a thousand agents.
const TRACKED: usize = 1_000;
/// Messages whose changes are taken together.
const TAKEN: usize = 64;
/// What one read of the bare loop brings at most, as a client's receive buffer.
const READ: usize = 64 << 10;

/// What becomes of each message.
#[derive(Clone, Copy)]
enum Work {
    /// It is told, and that is all.
    Told,
    /// It is decoded in full.
    Decoded,
    /// It is decoded and tracked, without the calls' data.
    Tracked,
    /// The same with all the data of calls.
    TrackedWithData,
}

const WORK: [(Work, &str, Option<f64>); 4] = [
    (Work::Told, "client, told", None),
    (Work::Decoded, "client, decoded", None),
    (Work::Tracked, "client, decoded and tracked", Some(0.5)),
    (Work::TrackedWithData, "client, decoded and tracked with call data", None),
];

pub(crate) fn measure(scale: Scale) -> Result<Vec<Row>, Failure> {
    let stream = Stream::new(protocol()?, Order::Given, CALLS.min(scale.calls))?;
    let repeats = (scale.calls / CALLS).max(1);
    let messages = (stream.messages * repeats) as f64;
    assert_eq!(stream.messages, CALLS.min(scale.calls) * MESSAGES_PER_CALL);
    let mut rows = WORK.map(|(_, name, needed)| Row {
        name: name.into(),
        rounds: Vec::new(),
        needed: needed.map_or(Needed::Nothing, Needed::AtLeast),
        unit: "1,000 messages/s",
    });
    for _ in 0..scale.rounds {
        let bare = messages / reader(&stream, repeats)? / 1e3;
        for (row, (work, ..)) in rows.iter_mut().zip(WORK) {
            row.rounds.push([messages / client(&stream, repeats, work)? / 1e3, bare]);
        }
    }
    Ok(rows.into())
}

/// Sends the stream when told to, to whoever comes.
struct Sender {
    address: SocketAddr,
    go: std::sync::mpsc::SyncSender<()>,
    thread: thread::JoinHandle<std::io::Result<()>>,
}

impl Sender {
    fn start(stream: &Stream, repeats: usize, is_server: bool) -> Result<Self, Failure> {
        let listener = TcpListener::bind(loopback())?;
        let address = listener.local_addr()?;
        let (go, gone) = sync_channel(1);
        let bytes = stream.bytes.clone();
        let thread = thread::spawn(move || {
            let (mut socket, _) = listener.accept()?;
            if is_server {
                confirm_open(&mut socket).map_err(|error| std::io::Error::other(error.to_string()))?;
            }
            gone.recv().map_err(std::io::Error::other)?;
            for _ in 0..repeats {
                socket.write_all(&bytes)?;
            }
            // The other end closes first.
            let _ = socket.read(&mut [0; 64]);
            Ok(())
        });
        Ok(Self { address, go, thread })
    }

    fn finish(self) -> Result<(), Failure> {
        Ok(self.thread.join().map_err(|_| "the sender panicked")??)
    }
}

/// Seconds that a client takes.
fn client(stream: &Stream, repeats: usize, work: Work) -> Result<f64, Failure> {
    let sender = Sender::start(stream, repeats, true)?;
    let mut options = ClientOptions::new(sender.address.to_string());
    options.protocols = vec![protocol()?];
    let mut client = BlockingClient::new(options)?;
    while client.session().opened().is_none() {
        client.next_event(None)?.ok_or("the session did not open")?;
    }
    // OPEN_CONF itself.
    client.next_event(None)?.ok_or("OPEN_CONF is missing")?;

    let mut calls = vec![CallSlot::EMPTY; TRACKED];
    let mut parties = vec![PartySlot::EMPTY; 2 * TRACKED];
    let mut names = vec![Name::EMPTY; 2 * TRACKED];
    let mut data = vec![0; if matches!(work, Work::TrackedWithData) { TRACKED * 768 } else { 0 }];
    let parts = CallParts { calls: &mut calls, parties: &mut parties, names: &mut names, data: &mut data };
    let mut tracker = CallTracker::new(CallConfig::new(), parts);

    let is_tracked = matches!(work, Work::Tracked | Work::TrackedWithData);
    let expected = told(stream) * repeats;
    let mut seen = 0;
    sender.go.send(())?;
    let began = Instant::now();
    while seen < expected {
        let now = client.now();
        let Some(event) = client.next_event(None)? else { return Err("the session ended".into()) };
        let frame = match event {
            Event::Message(frame) | Event::Late(frame) => frame,
            Event::Disconnected(lost) => return Err(lost.cause.to_string().into()),
            _ => continue,
        };
        match work {
            Work::Told => {
                black_box(frame);
            }
            Work::Decoded => {
                black_box(frame.message()?);
            }
            Work::Tracked | Work::TrackedWithData => {
                let _ = tracker.observe(now, &frame)?;
            }
        }
        seen += 1;
        // Changes are taken as a display takes them: many together.
        if is_tracked && seen.is_multiple_of(TAKEN) {
            while tracker.poll_change().is_some() {}
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!(tracker.counters().calls.high_water > 0, is_tracked, "what is tracked are calls");
    drop(client);
    sender.finish()?;
    Ok(seconds)
}

/// Messages of a stream that a client tells of: those of the session itself it keeps.
fn told(stream: &Stream) -> usize {
    let frames = Frames::new(stream.protocol, &stream.bytes).flatten();
    frames.filter(|frame| frame.message_type() != MessageType::HEARTBEAT_CONF).count()
}

/// Seconds that a loop takes which only reads.
fn reader(stream: &Stream, repeats: usize) -> Result<f64, Failure> {
    let sender = Sender::start(stream, repeats, false)?;
    let mut socket = TcpStream::connect(sender.address)?;
    let mut buffer = vec![0; READ];
    let mut left = stream.bytes.len() * repeats;
    sender.go.send(())?;
    let began = Instant::now();
    while left > 0 {
        match socket.read(&mut buffer)? {
            0 => return Err("the stream ends early".into()),
            n => left -= n,
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    drop(socket);
    sender.finish()?;
    Ok(seconds)
}
