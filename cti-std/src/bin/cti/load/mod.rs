//! `cti load`: many clients of one server at once.

mod clients;
mod figures;

use std::io;
use std::time::{Duration, Instant};

use clap::Args;
use cti_proto::value::CtiService;
use cti_std::Memory;
use cti_std::client::ClientOptions;
use indicatif::{ProgressBar, ProgressStyle};

use crate::connect::Connect;
use crate::prepared::Prepared;
use crate::signals::Wish;
use crate::{Status, fail};
use clients::Clients;

const ABOUT: &str = "\
Opens many sessions with a server, takes whatever it sends, sends requests at a
rate, and tells in the end how the server did.

Requests are written as for `cti request`. In a value, [A-B] stands for the
numbers from A to B in turn. Each request goes to the next of the clients.

The server should know of it: a load of this kind is an attack on one in use.";

const AFTER: &str = "\
Examples:
  cti load --connect 127.0.0.1 --clients 200 --seconds 30
  cti load --connect 127.0.0.1 --clients 50 --rate 500 \\
      QUERY_AGENT_STATE_REQ PeripheralID=5000 'AgentID=[1001-1024]'
  cti load --connect 127.0.0.1 --clients 1000 --json | jq .opening.p99

Exit status:
  0  all sessions opened, none was lost, every request was answered
  1  some did not, and the figures tell how many
  2  the arguments cannot be used
  3  no session opened";

/// Put a load on a server and show how it does
#[derive(Debug, Args)]
#[command(long_about = ABOUT, after_long_help = AFTER)]
pub(crate) struct Load {
    /// Clients, each with a session
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    clients: u32,

    /// Sessions to open in a second
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    opening_rate: u32,

    /// How long the load lasts once all sessions are open
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,

    /// Requests in a second, of all clients together
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,

    /// Write the figures as one JSON object
    #[arg(long)]
    json: bool,

    /// Name of the request to send, e.g. QUERY_AGENT_STATE_REQ
    name: Option<String>,

    /// Its fields
    #[arg(value_name = "FIELD=VALUE")]
    values: Vec<String>,

    #[command(flatten)]
    connect: Connect,
}

/// How long answers may take when the load is over, sessions to close, and the last of them to open.
const PATIENCE: Duration = Duration::from_secs(60);
/// Files that are open beside the sockets.
const OTHER_FILES: u64 = 32;

impl Load {
    pub(crate) fn run(self) -> Status {
        self.try_run().unwrap_or_else(|reason| fail(&reason))
    }

    fn try_run(&self) -> Result<Status, String> {
        let prepared = self.name.as_ref().map(|name| Prepared::new(name, &self.values)).transpose()?;
        let service = prepared.as_ref().map_or(CtiService::EMPTY, Prepared::service);
        let mut options = self.connect.options(service)?;
        if let Some(prepared) = &prepared {
            prepared.in_turn(0).check(&options.protocols)?;
        }
        // The largest frame, and no more: there are many.
        options.memory = Memory::CLIENT;
        (options.memory.receive, options.memory.transmit) = (12_500, 4_096);
        // So that clients that lose the server do not all come back at once.
        options.config.expected_clients = self.clients;
        allow_files(u64::from(self.clients) + OTHER_FILES)?;
        let figures = self.load(&options, prepared.as_ref()).map_err(|error| error.to_string())?;
        let written = if self.json { figures.write_json() } else { figures.write_text() };
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("cannot write: {error}")),
            _ => Ok(figures.status()),
        }
    }

    /// How long all sessions together may take to open: at a low rate the last one begins late.
    fn patience(&self) -> Duration {
        PATIENCE + Duration::from_secs((self.clients / self.opening_rate).into())
    }

    /// Opens, loads, waits for answers, and closes.
    fn load(&self, options: &ClientOptions, prepared: Option<&Prepared>) -> io::Result<figures::Figures> {
        let mut clients = Clients::new(options.clone(), self.clients)?;
        let handle = clients.waker();
        let wish = Wish::listen(move || drop(handle.wake()))?;
        let progress = Progress::new(self);
        let opening = Instant::now();
        while !clients.are_settled() && !wish.is_there() && opening.elapsed() < self.patience() {
            clients.open_at_rate(opening.elapsed(), self.opening_rate)?;
            clients.turn(Duration::from_millis(50))?;
            progress.opening(&clients);
        }
        let begin = Instant::now();
        let (lasting, rate) = (Duration::from_secs(self.seconds), f64::from(self.rate));
        clients.begin();
        let mut sent = 0;
        while begin.elapsed() < lasting && !wish.is_there() && !clients.are_closed() {
            if let Some(prepared) = prepared {
                let due = (begin.elapsed().as_secs_f64() * rate) as u64;
                // As many as should be out by now: a turn that took long is made up for.
                while sent < due && clients.send(&prepared.in_turn(sent)) {
                    sent += 1;
                }
            }
            // Short turns keep the rate even.
            clients.turn(
                Duration::from_millis(2).max(Duration::from_secs_f64(1.0 / rate).min(Duration::from_millis(50))),
            )?;
            progress.loading(&clients, begin.elapsed());
        }
        clients.end();
        let waiting = Instant::now();
        while clients.are_waiting() && !wish.is_there() && waiting.elapsed() < PATIENCE {
            clients.turn(Duration::from_millis(50))?;
        }
        progress.finish();
        let closing = Instant::now();
        clients.close();
        while !clients.are_closed() && closing.elapsed() < PATIENCE {
            clients.turn(Duration::from_millis(50))?;
        }
        Ok(clients.into_figures())
    }
}

/// Makes sure that so many files may be open, as far as the system lets us.
#[cfg(unix)]
fn allow_files(needed: u64) -> Result<(), String> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    // Said before anything is opened: in the middle it would look like a fault of the server.
    if let Some(maximum) = limit.maximum.filter(|maximum| *maximum < needed) {
        return Err(format!(
            "{needed} files would be open at once, of which the system allows {maximum}: see `ulimit -n`"
        ));
    }
    limit.current = Some(needed);
    setrlimit(Resource::Nofile, limit).map_err(|error| format!("{needed} files cannot be open at once: {error}"))
}

/// There is no such limit.
#[cfg(not(unix))]
fn allow_files(_: u64) -> Result<(), String> {
    Ok(())
}

/// The bar on a terminal's standard error; nothing elsewhere.
struct Progress(ProgressBar);

impl Progress {
    fn new(load: &Load) -> Self {
        let bar = ProgressBar::new(load.seconds * 10);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {prefix} open  {msg}") {
            bar.set_style(style.progress_chars("█▌░"));
        }
        Self(bar)
    }

    /// Shows how many have opened.
    fn opening(&self, clients: &Clients) {
        self.0.set_prefix(clients.open_count().to_string());
        self.0.set_message("opening");
    }

    /// Shows how the load does.
    fn loading(&self, clients: &Clients, elapsed: Duration) {
        self.0.set_position((elapsed.as_millis() / 100) as u64);
        self.0.set_prefix(clients.open_count().to_string());
        self.0.set_message(clients.figures().brief(elapsed));
    }

    /// Takes the bar away.
    fn finish(&self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{Cli, Command};

    #[test]
    fn sessions_that_are_to_open_slowly_have_the_time_for_it() {
        let patience = |args: &[&str]| match Cli::parse_from([&["cti", "load"], args].concat()).command {
            Command::Load(load) => load.patience(),
            other => panic!("{other:?}"),
        };
        assert_eq!(patience(&[]), PATIENCE);
        let slow = patience(&["--clients", "300", "--opening-rate", "1"]);
        assert!(slow >= Duration::from_secs(300), "the last one is only made then: {slow:?}");
    }
}
