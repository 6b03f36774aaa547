//! What goes into the shell and the manual: both come from the definitions of the arguments.

use std::io::{self, Write};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{Cli, Status, fail};

const COMPLETIONS: &str = "\
Examples:
  cti completions bash > ~/.local/share/bash-completion/completions/cti
  cti completions zsh > ~/.zfunc/_cti
  cti completions fish > ~/.config/fish/completions/cti.fish";

/// Write completions for a shell
#[derive(Debug, Args)]
#[command(after_long_help = COMPLETIONS)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

const MAN: &str = "\
Examples:
  cti man | man -l -
  cti man monitor > /usr/local/share/man/man1/cti-monitor.1";

/// Write the manual page of cti, or of one of its commands
#[derive(Debug, Args)]
#[command(after_long_help = MAN)]
pub(crate) struct Man {
    /// The command
    command: Option<String>,
}

impl Completions {
    pub(crate) fn run(self) -> Status {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "cti", &mut text);
        write(&text)
    }
}

impl Man {
    pub(crate) fn run(self) -> Status {
        let mut cli = Cli::command();
        // The pages of the commands have their names in full only then.
        cli.build();
        let command = match &self.command {
            None => cli,
            Some(name) => match cli.find_subcommand(name) {
                Some(command) => command.clone(),
                None => return fail(&format!("there is no command `{name}`: try `cti --help`")),
            },
        };
        let mut text = Vec::new();
        match clap_mangen::Man::new(command).render(&mut text) {
            Ok(()) => write(as_written(&String::from_utf8_lossy(&text)).as_bytes()),
            Err(error) => fail(&error.to_string()),
        }
    }
}

/// Has the lines of these sections broken where we broke them: they hold tables and examples.
fn as_written(page: &str) -> String {
    let mut is_ours = false;
    let lines = page.lines().flat_map(|line| {
        let begins = line.starts_with(".SH ");
        let ends = begins && std::mem::replace(&mut is_ours, false);
        is_ours |= matches!(line, ".SH DESCRIPTION" | ".SH EXTRA");
        let line = if line == ".SH EXTRA" { ".SH NOTES" } else { line };
        [ends.then_some(".fi"), Some(line), (begins && is_ours).then_some(".nf")]
    });
    lines.flatten().flat_map(|line| [line, "\n"]).collect()
}

fn write(text: &[u8]) -> Status {
    match io::stdout().lock().write_all(text) {
        // A pager that was closed has shown what was wanted.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(&format!("cannot write: {error}")),
        _ => Status::Done,
    }
}
