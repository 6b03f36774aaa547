//! `cti decode` from end to end: the built command on recordings that are made here.

#[path = "decode/build.rs"]
mod build;
#[path = "decode/captures.rs"]
mod captures;
#[path = "decode/command.rs"]
mod command;
#[path = "decode/damage.rs"]
mod damage;
#[path = "decode/streams.rs"]
mod streams;

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What the command did.
struct Outcome {
    status: i32,
    out: String,
    err: String,
}

/// Runs `cti decode ARGS -` on `input`.
fn decode(args: &[&str], input: &[u8]) -> Outcome {
    run(&[&["decode", "-"], args].concat(), input)
}

fn run(args: &[&str], input: &[u8]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
    command.args(args).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The command may end without reading everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The objects that `cti decode --json ARGS -` writes, and the rest of what it did.
fn decode_json(args: &[&str], input: &[u8]) -> (Vec<Value>, Outcome) {
    let outcome = decode(&[&["--json"], args].concat(), input);
    let objects = outcome.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (objects, outcome)
}

/// Objects in short: `offset from name`, of problems `offset from !error`.
fn brief(objects: &[Value]) -> Vec<String> {
    let brief = |object: &Value| {
        let from = object["from"].as_str().unwrap_or("-");
        let what = match object["error"].as_str() {
            Some(error) => format!("!{error}"),
            None => object["name"].as_str().unwrap_or("?").to_owned(),
        };
        format!("{} {from} {what}", object["offset"])
    };
    objects.iter().map(brief).collect()
}
