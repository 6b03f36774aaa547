//! Runs the peer and the command.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use cti_proto::{Product, Protocol};
use serde_json::Value;

/// Longer than anything that the peer waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The objects that the peer writes, one a line, when it is given `input`.
pub(crate) fn peer_says(args: &[&str], input: &str) -> Vec<Value> {
    objects(command(args), input)
}

/// The objects that `cti decode --json` writes for lines of `client HEX` and `server HEX`.
pub(crate) fn cti_says(product: &str, version: &str, input: &str) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
    command.args(["decode", "--json", "--product", product, "--protocol", version, "-"]);
    objects(command, input)
}

/// The peer as the client or the server of a session.
pub(crate) struct Peer {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<Value>,
}

impl Peer {
    /// Starts `peer.py ROLE PRODUCT VERSION ARGS`.
    pub(crate) fn start(role: &str, protocol: Protocol, args: &[&str]) -> Self {
        let version = protocol.version().to_string();
        let mut child = spawn(command(&[&[role, product(protocol), &version], args].concat()));
        let (stdin, lines) = (child.stdin.take().unwrap(), lines_of(child.stdout.take().unwrap()));
        Self { child, stdin, lines }
    }

    /// The next line that the peer writes.
    pub(crate) fn line(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).expect("a line of the peer; what it found stands above")
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
    }

    /// Waits until the scenario is over: the lines that were not read yet.
    pub(crate) fn finish(mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            lines.push(line);
        }
        assert!(self.child.wait().unwrap().success(), "the peer found a deviation; it stands above");
        lines
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The peer's word for the product.
pub(crate) fn product(protocol: Protocol) -> &'static str {
    if protocol.product() == Product::Ccx { "ccx" } else { "cce" }
}

/// The versions that sessions are held in: each in which much changed.
pub(crate) fn protocols() -> impl Iterator<Item = Protocol> {
    let cce = [9, 14, 15, 19, 20, 24].map(|version| Protocol::cce(version).unwrap());
    let ccx = [13, 18].map(|version| Protocol::ccx(version).unwrap());
    cce.into_iter().chain(ccx)
}

pub(crate) fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/peer.py")).args(args);
    command
}

fn spawn(mut command: Command) -> Child {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    child.unwrap_or_else(|error| panic!("these tests need {:?}: {error}", command.get_program()))
}

fn objects(command: Command, input: &str) -> Vec<Value> {
    let mut child = spawn(command);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let lines = lines_of(child.stdout.take().unwrap()).into_iter().collect();
    let status = child.wait().unwrap();
    assert!(status.success(), "it ended with {status}; why stands above");
    writer.join().unwrap().unwrap();
    lines
}

fn lines_of(stdout: impl Read + Send + 'static) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        for line in lines {
            if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                break;
            }
        }
    });
    receiver
}
