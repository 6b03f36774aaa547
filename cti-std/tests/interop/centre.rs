//! The simulated contact centre with the peer as its clients: all versions at once, each with agents of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use cti_proto::Product;
use cti_proto::strategy::all_protocols;

use crate::peer::Peer;

#[test]
fn a_contact_centre_obeys_clients_of_every_version() {
    obeys(Product::Cce);
}

#[test]
fn a_contact_centre_express_obeys_clients_of_every_version() {
    obeys(Product::Ccx);
}

fn obeys(product: Product) {
    let protocols: Vec<_> = all_protocols().filter(|protocol| protocol.product() == product).collect();
    let centre = Simulation::start(product);
    let clients: Vec<_> = protocols
        .into_iter()
        .enumerate()
        .map(|(place, protocol)| Peer::start("centre", protocol, &[&centre.port, &first_agent(place)]))
        .collect();
    for client in clients {
        client.finish();
    }
}

/// The first of three agents who are nobody else's. Every twelfth is a supervisor, who drives others.
fn first_agent(place: usize) -> String {
    (1002 + place / 3 * 12 + place % 3 * 3).to_string()
}

/// `cti simulate`, in which nothing happens by itself: no calls come from outside, and its time hardly passes.
struct Simulation {
    child: Child,
    port: String,
}

impl Simulation {
    fn start(product: Product) -> Self {
        let product = if product == Product::Ccx { "ccx" } else { "cce" };
        let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
        command.args(["simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0", "--product", product]);
        command.args(["--agents", "72", "--calls-per-hour", "0", "--speed", "0.05"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addresses = line.trim().rsplit(' ').next().unwrap();
        let port = addresses.split(',').next().unwrap().rsplit(':').next().unwrap().to_owned();
        Self { child, port }
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
