//! The command as a process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Longer than anything takes on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A process that runs, and its output line by line.
pub(crate) struct Running {
    child: Child,
    /// What it writes, as long as somebody reads.
    lines: Option<BufReader<ChildStdout>>,
}

/// What a process did.
pub(crate) struct Outcome {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn cti() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
    command.env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs `cti ARGS` to its end.
pub(crate) fn run(args: &[&str]) -> Outcome {
    let output = cti().args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// Starts `cti ARGS`.
pub(crate) fn start(args: &[&str]) -> Running {
    let mut child = cti().args(args).spawn().unwrap();
    let lines = child.stdout.take().map(BufReader::new);
    Running { child, lines }
}

impl Running {
    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.as_mut().unwrap().read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "the output ends: {line:?} {}", self.error());
        line.trim_end().into()
    }

    /// The next line, which is JSON and fits the schema.
    pub(crate) fn json(&mut self) -> Value {
        checked(&self.line())
    }

    /// The lines up to one of JSON that is wanted, which comes last.
    pub(crate) fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut lines = vec![self.json()];
        while !lines.last().is_some_and(&is_wanted) {
            lines.push(self.json());
        }
        lines
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Nobody reads any more: how it ends then.
    pub(crate) fn close_output(mut self) -> ExitStatus {
        self.lines = None;
        wait(&mut self.child)
    }

    /// The rest of the output, and how it ended.
    pub(crate) fn finish(mut self) -> Outcome {
        let mut out = String::new();
        self.lines.as_mut().unwrap().read_to_string(&mut out).unwrap();
        let status = wait(&mut self.child).code().expect("an exit status");
        Outcome { status, out, err: self.error() }
    }

    fn error(&mut self) -> String {
        let mut err = String::new();
        if let Some(mut pipe) = self.child.stderr.take() {
            let _ = self.child.kill();
            pipe.read_to_string(&mut err).unwrap();
        }
        err
    }
}

/// A test that fails leaves nothing behind.
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the end of a process.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "the process does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A line of JSON that fits the schema.
pub(crate) fn checked(line: &str) -> Value {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../schemas/lines.json")).unwrap();
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    });
    let value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let errors: Vec<String> =
        SCHEMA.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{line}\n{errors:?}");
    value
}
