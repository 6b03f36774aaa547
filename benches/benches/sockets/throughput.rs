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
use cti_proto::track::{CallConfig, CallLinks, CallParts, CallSlot, CallTracker, Name, NameBucket, PartySlot};
use cti_std::client::{BlockingClient, ClientOptions};

use crate::bare::{confirm_open, cpu_seconds, loopback, pin, protocol};
use crate::{Failure, Needed, Row, Scale, median};

/// Calls that are made once and sent again and again.
const CALLS: usize = 2_000;
/// Calls that there is room for: those of a thousand agents.
const TRACKED: usize = 1_000;
/// Messages whose changes are taken together.
const TAKEN: usize = 64;
/// What one read of the bare loop brings at most. Its sender is its limit, and larger ones do not make it faster.
const READ: usize = 64 << 10;

/// What becomes of each message.
#[derive(Clone, Copy)]
enum Work {
    /// It is told, and that is all.
    Told,
    /// It is decoded in full, into the enumeration of all messages, whose size is that of the largest.
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

/// In a thread of its own, as that is kept on one processor.
pub(crate) fn measure(scale: Scale) -> Result<Vec<Row>, Failure> {
    thread::spawn(move || read_all(scale)).join().map_err(|_| "the reader panicked")?
}

fn read_all(scale: Scale) -> Result<Vec<Row>, Failure> {
    pin(0);
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
    let mut cpu = [(); 1 + WORK.len()].map(|()| Vec::new());
    for _ in 0..scale.rounds {
        let bare = reader(&stream, repeats)?;
        cpu[0].push(bare.cpu);
        for (place, (row, (work, ..))) in rows.iter_mut().zip(WORK).enumerate() {
            let ours = client(&stream, repeats, work)?;
            cpu[1 + place].push(ours.cpu);
            row.rounds.push([ours, bare].map(|spent| messages / spent.seconds / 1e3));
        }
    }
    // Of what the ratios are made, on a machine that has other things to do, too.
    let [bare, told, decoded, tracked, with_data] = cpu.map(|seconds| median(seconds) / messages * 1e9);
    println!(
        "client: CPU time of the reading thread a message, bare {bare:.0} ns, told {told:.0} ns, decoded {decoded:.0} ns, \
         tracked {tracked:.0} ns, with call data {with_data:.0} ns"
    );
    Ok(rows.into())
}

/// What a reading thread took: time, and CPU time of its own.
#[derive(Clone, Copy)]
struct Spent {
    seconds: f64,
    cpu: f64,
}

impl Spent {
    /// Begins to count.
    fn begin() -> (Instant, f64) {
        (Instant::now(), cpu_seconds())
    }

    fn since((began, cpu): (Instant, f64)) -> Self {
        Self { seconds: began.elapsed().as_secs_f64(), cpu: cpu_seconds() - cpu }
    }
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
            pin(1);
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

/// What a client takes.
fn client(stream: &Stream, repeats: usize, work: Work) -> Result<Spent, Failure> {
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
    let mut links = vec![CallLinks::EMPTY; TRACKED];
    let mut parties = vec![PartySlot::EMPTY; 2 * TRACKED];
    let mut names = vec![Name::EMPTY; 2 * TRACKED];
    let mut name_buckets = vec![NameBucket::EMPTY; 2 * TRACKED];
    let mut data = vec![0; if matches!(work, Work::TrackedWithData) { TRACKED * 768 } else { 0 }];
    let parts = CallParts {
        calls: &mut calls,
        links: &mut links,
        parties: &mut parties,
        names: &mut names,
        name_buckets: &mut name_buckets,
        data: &mut data,
    };
    let mut tracker = CallTracker::new(CallConfig::new(), parts);

    let is_tracked = matches!(work, Work::Tracked | Work::TrackedWithData);
    let expected = told(stream) * repeats;
    let mut seen = 0;
    sender.go.send(())?;
    let began = Spent::begin();
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
    let spent = Spent::since(began);
    assert_eq!(tracker.counters().calls.high_water > 0, is_tracked, "what is tracked are calls");
    drop(client);
    sender.finish()?;
    Ok(spent)
}

/// Messages of a stream that a client tells of: those of the session itself it keeps.
fn told(stream: &Stream) -> usize {
    let frames = Frames::new(stream.protocol, &stream.bytes).flatten();
    frames.filter(|frame| frame.message_type() != MessageType::HEARTBEAT_CONF).count()
}

/// What a loop takes which only reads.
fn reader(stream: &Stream, repeats: usize) -> Result<Spent, Failure> {
    let sender = Sender::start(stream, repeats, false)?;
    let mut socket = TcpStream::connect(sender.address)?;
    let mut buffer = vec![0; READ];
    let mut left = stream.bytes.len() * repeats;
    sender.go.send(())?;
    let began = Spent::begin();
    while left > 0 {
        match socket.read(&mut buffer)? {
            0 => return Err("the stream ends early".into()),
            n => left -= n,
        }
    }
    let spent = Spent::since(began);
    drop(socket);
    sender.finish()?;
    Ok(spent)
}
