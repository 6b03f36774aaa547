//! What tracking costs: the stream of a contact centre through decoding and tracking, for 10, 1,000 and 10,000 agents at
//! work, beside the full decode of the same stream. Measured like the table of the codec; the sizes are printed.
//!
//! `--check` fails where a ratio is not reached.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant as Clock};

use cti_benches::{Row, Stream, Workload};
use cti_proto::session::Instant;
use cti_proto::track::{CallConfig, CallParts, CallSlot, CallTracker, Name, Observed, PartySlot};
use cti_proto::{Frames, Protocol};

type Failure = Box<dyn std::error::Error>;

/// Agents at work.
const AGENTS: [usize; 3] = [10, 1_000, 10_000];
/// Calls of a stream.
const CALLS: usize = 20_000;
/// Room for calls, whatever the number of agents.
const ROOM: usize = 20_000;
/// Bytes of data of a call: everything but many ECC variables.
const DATA: usize = 768;
/// How much dearer an event may be with 10,000 agents than with 10.
const GROWTH: f64 = 1.5;
/// How much decoding and tracking may cost beside the full decode.
const SHARE: f64 = 2.0;

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let (rounds, calls) = if has("--bench") { (31, CALLS) } else { (1, 300) };
    let protocol = Protocol::cce(24)?;
    print_sizes();
    let mut costs = Vec::new();
    let mut met = true;
    for agents in AGENTS {
        let stream = Stream::of_agents(protocol, agents.min(calls), calls)?;
        let [decode, track] = measure(&stream, rounds)?;
        let share = track / decode;
        let miss = missed(share, SHARE);
        println!(
            "{agents:>6} agents: full decode {decode:>7.1} ns a message, decoded and tracked {track:>7.1} ({:>5.2} million events a second), {share:.2} of the full decode (at most {SHARE:.2}){miss}",
            1e3 / track
        );
        met &= miss.is_empty();
        costs.push(track);
    }
    let growth = costs[costs.len() - 1] / costs[0];
    let miss = missed(growth, GROWTH);
    println!("from 10 to 10,000 agents an event costs {growth:.2} times as much (at most {GROWTH:.2}){miss}");
    met &= miss.is_empty();
    Ok(if has("--check") && !met { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn missed(ratio: f64, most: f64) -> &'static str {
    if ratio > most { "  MISSED" } else { "" }
}

fn print_sizes() {
    let [call, party, name] = [size_of::<CallSlot>(), size_of::<PartySlot>(), size_of::<Name>()];
    println!(
        "a call {call} bytes, a party {party}, a name {name}: {} for a call of two parties",
        call + 2 * party + name
    );
}

/// Nanoseconds a message: decoded in full, and decoded and tracked.
fn measure(stream: &Stream, rounds: usize) -> Result<[f64; 2], Failure> {
    let mut workload = Workload::new(stream)?;
    let mut calls = vec![CallSlot::EMPTY; ROOM];
    let mut parties = vec![PartySlot::EMPTY; 2 * ROOM];
    let mut names = vec![Name::EMPTY; 2 * ROOM];
    let mut data = vec![0; DATA * ROOM];
    let parts = CallParts { calls: &mut calls, parties: &mut parties, names: &mut names, data: &mut data };
    let mut tracker = CallTracker::new(CallConfig::new(), parts);
    let mut best = [f64::INFINITY; 2];
    for round in 0..rounds {
        let now = Instant::from_millis(round as u64 * 1_000);
        let times = [timed(|| workload.run(Row::Decode)), timed(|| track(&mut tracker, now, stream))];
        best = std::array::from_fn(|row| best[row].min(times[row].as_nanos() as f64 / stream.messages as f64));
        assert!(tracker.is_empty(), "calls are left over");
    }
    let counters = tracker.counters();
    assert_eq!((counters.calls.refused, counters.parties.refused, counters.data_dropped), (0, 0, 0));
    Ok(best)
}

fn timed(run: impl FnOnce() -> u64) -> Duration {
    let start = Clock::now();
    black_box(run());
    start.elapsed()
}

/// Tells the tracker each frame, and takes the changes; how many there were.
#[inline(never)]
fn track(tracker: &mut CallTracker<'_>, now: Instant, stream: &Stream) -> u64 {
    let mut changes = 0;
    for frame in Frames::new(black_box(stream.protocol), black_box(&stream.bytes)).map_while(Result::ok) {
        if tracker.observe(now, &frame) == Ok(Observed::Changed) {
            while tracker.poll_change().is_some() {
                changes += 1;
            }
        }
    }
    changes
}
