//! Runs the peer and the command.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

/// The peer, ready to be run: `peer.py ARGS`.
pub(crate) fn peer(args: &[&str]) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/peer.py")).args(args);
    command
}

/// The objects that the peer writes, one a line, when it is given `input`.
pub(crate) fn peer_says(args: &[&str], input: &str) -> Vec<Value> {
    objects(peer(args), input)
}

/// The objects that `cti decode --json` writes for lines of `client HEX` and `server HEX`.
pub(crate) fn cti_says(product: &str, version: &str, input: &str) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
    command.args(["decode", "--json", "--product", product, "--protocol", version, "-"]);
    objects(command, input)
}

fn objects(mut command: Command, input: &str) -> Vec<Value> {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("these tests need {:?}: {error}", command.get_program()));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{command:?} ended with {}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
