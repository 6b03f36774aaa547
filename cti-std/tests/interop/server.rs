//! The peer as a server, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::peer::peer;

/// Longer than anything that the peer waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server of `server.py`.
pub(crate) struct PeerServer {
    child: Child,
    lines: Receiver<Value>,
    /// `host:port` of side A and side B.
    pub(crate) sides: [String; 2],
}

impl PeerServer {
    pub(crate) fn start(product: &str, version: u32, scenario: &str) -> Self {
        let mut command = peer(&["server", product, &version.to_string(), scenario]);
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("these tests need {:?}: {error}", command.get_program()));
        let lines = lines_of(child.stdout.take().unwrap());
        let mut server = Self { child, lines, sides: Default::default() };
        let ports = server.line("ports");
        server.sides = [0, 1].map(|side| format!("127.0.0.1:{}", ports[side]));
        server
    }

    /// The next line, which has this key: its value.
    pub(crate) fn line(&mut self, key: &str) -> Value {
        let mut line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no line with {key}: {error}"));
        line.get_mut(key).unwrap_or_else(|| panic!("no {key} in the peer's line")).take()
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

impl Drop for PeerServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines_of(stdout: impl std::io::Read + Send + 'static) -> Receiver<Value> {
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
