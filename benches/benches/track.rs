//! What tracking costs: the stream of a contact centre through decoding and tracking, for 10, 1,000 and 10,000 agents at
//! work, beside the full decode of the same stream, and beside what an application does by hand for the same picture. Measured like the table of the codec; the sizes are printed.
//!
//! `--check` fails where a ratio is not reached.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant as Clock};

use cti_benches::{Plain, Room, Row, Stream, Workload, track_all, track_calls, track_plainly};
use cti_proto::Protocol;
use cti_proto::session::Instant;
use cti_proto::track::{AgentSlot, CallLinks, CallSlot, MemberSlot, Name, NameBucket, PartySlot, QueueSlot};

type Failure = Box<dyn std::error::Error>;

/// Agents at work.
const AGENTS: [usize; 3] = [10, 1_000, 10_000];
/// Calls of a stream.
const CALLS: usize = 20_000;
/// How much dearer an event may be with 10,000 agents than with 10.
const GROWTH: f64 = 1.5;
/// What tracking may cost beside the full decode, besides its own decoding.
const SHARE: f64 = 2.0;

/// What is timed: the decode, calls tracked, all tracked, all by hand.
const ROWS: usize = 4;

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let (rounds, calls) = if has("--bench") { (31, CALLS) } else { (1, 300) };
    let protocol = Protocol::cce(24)?;
    print_sizes();
    println!(
        "{protocol}, {calls} calls, the best of {rounds} rounds; nanoseconds a message, and beside the full decode"
    );
    let mut costs = Vec::new();
    for agents in AGENTS {
        let stream = Stream::of_agents(protocol, agents.min(calls), calls)?;
        let cost = measure(&stream, rounds)?;
        print_row(agents, cost);
        costs.push(cost);
    }
    let met = [(1, "calls"), (2, "calls, agents and queues")].map(|(row, name)| {
        let growth = costs[costs.len() - 1][row] / costs[0][row];
        let share = costs.iter().map(|cost| (cost[row] - cost[0]) / cost[0]).fold(0.0, f64::max);
        println!(
            "{name}: {growth:.2} times as dear with 10,000 agents as with 10 (at most {GROWTH:.2}){}, tracking {share:.2} times the full decode (at most {SHARE:.2}){}",
            missed(growth, GROWTH),
            missed(share, SHARE)
        );
        growth <= GROWTH && share <= SHARE
    });
    Ok(if has("--check") && met.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print_row(agents: usize, [decode, calls, all, plain]: [f64; ROWS]) {
    println!(
        "{agents:>6} agents: full decode {decode:>6.1}, with calls tracked {calls:>6.1} ({:.2}), with all tracked {all:>6.1} ({:.2}), by hand {plain:>6.1} ({:.2}): {:.2} million events a second",
        calls / decode,
        all / decode,
        plain / decode,
        1e3 / all
    );
}

fn missed(ratio: f64, most: f64) -> &'static str {
    if ratio > most { "  MISSED" } else { "" }
}

fn print_sizes() {
    let call = size_of::<CallSlot>() + size_of::<CallLinks>();
    let [party, name] = [size_of::<PartySlot>(), size_of::<Name>() + size_of::<NameBucket>()];
    println!(
        "a call {call} bytes, a party {party}, a name {name}: {} for a call of two parties",
        call + 2 * party + name
    );
    let [agent, member, queue] = [size_of::<AgentSlot>(), size_of::<MemberSlot>(), size_of::<QueueSlot>()];
    println!("an agent {agent} bytes, a membership {member}, a queue {queue}");
}

/// Nanoseconds a message: decoded in full, with calls tracked, with all tracked.
fn measure(stream: &Stream, rounds: usize) -> Result<[f64; ROWS], Failure> {
    let mut workload = Workload::new(stream)?;
    let (mut room, mut whole) = (Room::new(), Room::new());
    let (mut calls, mut all) = (room.picture(), whole.picture());
    let mut plain = Plain::new();
    let mut best = [f64::INFINITY; ROWS];
    for round in 0..rounds {
        let now = Instant::from_millis(round as u64 * 1_000);
        let times = [
            timed(|| workload.run(Row::Decode)),
            timed(|| track_calls(&mut calls, now, black_box(stream))),
            timed(|| track_all(&mut all, now, black_box(stream))),
            timed(|| track_plainly(&mut plain, black_box(stream))),
        ];
        best = std::array::from_fn(|row| best[row].min(times[row].as_nanos() as f64 / stream.messages as f64));
        assert!(calls.calls.is_empty() && all.calls.is_empty() && plain.is_empty(), "calls are left over");
    }
    let (counters, agents) = (all.calls.counters(), all.agents.counters());
    assert_eq!((counters.calls.refused, counters.parties.refused, counters.data_dropped), (0, 0, 0));
    assert_eq!((agents.agents.refused, agents.members.refused, agents.unidentified), (0, 0, 0));
    Ok(best)
}

fn timed(run: impl FnOnce() -> u64) -> Duration {
    let start = Clock::now();
    black_box(run());
    start.elapsed()
}
