//! The table: every row beside its floor and the ratio to reach, measured in rounds in which each row comes once, so
//! that what else the machine does meets all of them alike. Of each row the best round counts, which is the one that
//! was disturbed least.
//!
//! `--check` fails where a ratio is not reached; `--rounds N` takes another number of rounds.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cti_benches::{CALLS, MESSAGES_PER_CALL, ORDERS, Order, Row, Stream, VERSIONS, Workload};
use cti_proto::Protocol;

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 41;
/// How long a row runs in one round, at least.
const TURN: Duration = Duration::from_millis(4);

struct Options {
    check: bool,
    rounds: usize,
    calls: usize,
    turn: Duration,
}

fn main() -> Result<ExitCode, Failure> {
    let options = options()?;
    let mut is_met = true;
    for version in VERSIONS {
        for order in ORDERS {
            is_met &= table(&options, Protocol::cce(version)?, order)?;
        }
    }
    if options.check && !is_met {
        eprintln!("FAILED: a ratio is not reached");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Without cargo's `--bench` this is a test: a short stream, once.
fn options() -> Result<Options, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let rounds = arguments.iter().position(|argument| argument == "--rounds").map(|at| arguments.get(at + 1));
    Ok(if has("--bench") {
        let rounds = rounds
            .map_or(Ok(ROUNDS), |number| number.ok_or("--rounds needs a number")?.parse().map_err(Failure::from))?;
        Options { check: has("--check"), rounds: rounds.max(1), calls: CALLS, turn: TURN }
    } else {
        Options { check: false, rounds: 1, calls: 20, turn: Duration::ZERO }
    })
}

/// Prints one stream's table; whether every ratio is reached.
fn table(options: &Options, protocol: Protocol, order: Order) -> Result<bool, Failure> {
    let stream = Stream::new(protocol, order, options.calls)?;
    let mut load = Workload::new(&stream)?;
    println!(
        "{protocol}, {order}: {} calls of {MESSAGES_PER_CALL} messages, {} bytes, {} bytes a message",
        options.calls,
        stream.bytes.len(),
        stream.bytes.len() / stream.messages,
    );
    println!(
        "{:22}{:>14}{:>10}{:>12}  {:22}{:>6}{:>8}",
        "", "messages/s", "MB/s", "ns/message", "of", "ratio", "needed"
    );
    let rounds: Vec<_> = (0..options.rounds).map(|_| Row::ALL.map(|row| time(&mut load, row, options.turn))).collect();
    let mut is_met = true;
    for row in Row::ALL {
        let nanoseconds = best(&rounds, row);
        let (messages, bytes) = load.size(row);
        let per_second = 1e9 / nanoseconds;
        let megabytes = per_second * bytes as f64 / messages as f64 / 1e6;
        print!("{row:22}{per_second:>14.0}{megabytes:>10.0}{nanoseconds:>12.2}");
        if let Some((floor, needed)) = row.target() {
            let ratio = best(&rounds, floor) / nanoseconds;
            print!("  {floor:22}{ratio:>6.2}");
            if let Some(needed) = needed {
                let misses = ratio < needed;
                is_met &= !misses;
                print!("{needed:>8.2}{}", if misses && options.calls == CALLS { "  MISSED" } else { "" });
            }
        }
        println!();
    }
    println!();
    Ok(is_met)
}

/// Nanoseconds a message of one turn of `row`.
fn time(load: &mut Workload<'_>, row: Row, turn: Duration) -> f64 {
    let (messages, _) = load.size(row);
    let start = Instant::now();
    let mut runs = 0u32;
    loop {
        black_box(load.run(row));
        runs += 1;
        let elapsed = start.elapsed();
        if elapsed >= turn {
            return elapsed.as_nanos() as f64 / f64::from(runs) / messages as f64;
        }
    }
}

fn best(rounds: &[[f64; Row::ALL.len()]], row: Row) -> f64 {
    rounds.iter().map(|round| round[row as usize]).fold(f64::INFINITY, f64::min)
}
