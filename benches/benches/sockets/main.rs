//! Client and server over loopback, each beside a bare program that moves the same bytes: throughput of a client that
//! decodes and tracks, fan-out of a server to 500 clients, the time of a lap, memory of an idle session, 5,000 open
//! sessions.
//!
//! Each row and its bare program take turns, each ratio is of one turn of both, and the median of all counts: what else
//! the machine does meets both alike. `--check` fails where a ratio is not reached; `--rounds N` takes another number of rounds; names of rows
//! (`client`, `fan-out`, `lap`, `sessions`) measure only these.

mod bare;
mod fan_out;
mod latency;
mod memory;
mod throughput;

use std::process::ExitCode;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How much is measured.
#[derive(Clone, Copy)]
struct Scale {
    rounds: usize,
    /// Calls of the stream that a client gets.
    calls: usize,
    /// Clients that events go to, and batches of events.
    clients: usize,
    batches: usize,
    laps: usize,
    sessions: usize,
}

const FULL: Scale = Scale { rounds: 7, calls: 100_000, clients: 500, batches: 150, laps: 3_000, sessions: 5_000 };
/// Without cargo's `--bench` this is a test.
const TRIAL: Scale = Scale { rounds: 1, calls: 500, clients: 20, batches: 5, laps: 50, sessions: 50 };

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let mut scale = if has("--bench") { FULL } else { TRIAL };
    if let Some(at) = arguments.iter().position(|argument| argument == "--rounds") {
        scale.rounds = arguments.get(at + 1).ok_or("--rounds needs a number")?.parse()?;
    }
    bare::raise_file_limit(2 * scale.sessions as u64 + 1_000)?;
    let is_wanted = |name: &str| has(name) || !["client", "fan-out", "lap", "sessions"].iter().any(|name| has(name));
    let mut rows = Vec::new();
    if is_wanted("client") {
        rows.extend(throughput::measure(scale)?);
    }
    if is_wanted("fan-out") {
        rows.push(fan_out::measure(scale)?);
    }
    if is_wanted("lap") {
        rows.extend(latency::measure(scale)?);
    }
    println!("{:62}{:>14}{:>14}{:>8}{:>12}", "", "ours", "bare", "ratio", "needed");
    let mut is_met = true;
    for row in &rows {
        println!("{row}");
        is_met &= row.is_met();
    }
    if is_wanted("sessions") {
        memory::report(scale)?;
    }
    if has("--check") && has("--bench") && !is_met {
        eprintln!("FAILED: a ratio is not reached");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// A row of the table.
struct Row {
    name: String,
    /// Of each round, ours and that of the bare program.
    rounds: Vec<[f64; 2]>,
    needed: Needed,
    unit: &'static str,
}

/// What the ratio of ours to bare is to be.
enum Needed {
    AtLeast(f64),
    AtMost(f64),
    /// Anything: it is there to compare.
    Nothing,
}

impl Row {
    fn median(&self, of: impl Fn(&[f64; 2]) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }

    fn ratio(&self) -> f64 {
        self.median(|[ours, bare]| ours / bare)
    }

    fn is_met(&self) -> bool {
        let ratio = self.ratio();
        match self.needed {
            Needed::AtLeast(needed) => ratio >= needed,
            Needed::AtMost(needed) => ratio <= needed,
            Needed::Nothing => true,
        }
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, needed, unit, .. } = self;
        let [ours, bare] = [0, 1].map(|place| self.median(|round| round[place]));
        let needed = match needed {
            Needed::AtLeast(needed) => format!(">= {needed:.2}"),
            Needed::AtMost(needed) => format!("<= {needed:.2}"),
            Needed::Nothing => String::new(),
        };
        let (name, ratio) = (format!("{name}, {unit}"), self.ratio());
        write!(f, "{name:62}{ours:>14.1}{bare:>14.1}{ratio:>8.2}{needed:>12}")?;
        f.write_str(if self.is_met() { "" } else { "  MISSED" })
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
