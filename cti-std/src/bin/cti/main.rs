//! The `cti` command.
#![forbid(unsafe_code)]

mod changes;
mod connect;
mod decode;
mod load;
mod monitor;
mod output;
mod prepared;
mod request;
mod shell;
mod signals;
mod simulate;
mod tracked;
mod wallboard;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

/// The Cisco CTI Server protocol (GED-188).
#[derive(Debug, Parser)]
#[command(name = "cti", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Wallboard(wallboard::Wallboard),
    Simulate(simulate::Simulate),
    Monitor(monitor::Monitor),
    Request(request::Request),
    Load(load::Load),
    Decode(decode::Decode),
    Completions(shell::Completions),
    Man(shell::Man),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Product {
    /// Unified Contact Center Enterprise
    Cce,
    /// Unified Contact Center Express
    Ccx,
}

impl From<Product> for cti_proto::Product {
    fn from(product: Product) -> Self {
        match product {
            Product::Cce => Self::Cce,
            Product::Ccx => Self::Ccx,
        }
    }
}

/// How a command ends. There is nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Everything is well.
    Done = 0,
    /// The work was done, and something was found wrong on the way; of a request, the server refused it.
    Flawed = 1,
    /// Input or arguments cannot be used.
    Unusable = 2,
    /// There is no session with a server.
    NoSession = 3,
    /// A request was sent, and nobody knows what became of it.
    Unknown = 4,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

fn main() -> ExitCode {
    let status = match Cli::try_parse() {
        Ok(Cli { command }) => command.run(),
        Err(error) => refuse(&error),
    };
    status.into()
}

impl Command {
    fn run(self) -> Status {
        match self {
            Self::Wallboard(wallboard) => wallboard.run(),
            Self::Simulate(simulate) => simulate.run(),
            Self::Monitor(monitor) => monitor.run(),
            Self::Request(request) => request.run(),
            Self::Load(load) => load.run(),
            Self::Decode(decode) => decode.run(),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(),
        }
    }
}

/// Shows help if that was asked for, else one line on what is wrong with the arguments.
fn refuse(error: &clap::Error) -> Status {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Who asks for help and does not read it needs no message.
        let _ = error.print();
        return Status::Done;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return fail("a command is missing: try `cti --help`");
    }
    let text = error.render().to_string();
    // What clap adds for reading at length is in the help.
    let reason = text.split("Usage:").next().unwrap_or_default();
    let reason = reason.split("For more information").next().unwrap_or_default();
    let lines = reason.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.fold(String::new(), |line, more| match line.chars().last() {
        None => more.into(),
        Some(':') => line + " " + more,
        Some(_) => line + "; " + more,
    });
    fail(line.trim_start_matches("error: "))
}

/// Says in one line why nothing can be done.
fn fail(reason: &str) -> Status {
    say(reason);
    Status::Unusable
}

/// A line on standard error. It may hold texts of the peer, and nobody may be there to read it: neither does any harm.
fn say(line: &str) {
    // Not by `eprintln`, which panics where the other end of a pipe is gone: the exit status would be lost.
    let _ = writeln!(io::stderr(), "cti: {}", output::printable(line));
}
