//! The simulated contact centre with the peer as its clients: all versions at once, each with agents of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use cti_proto::strategy::all_protocols;
use cti_proto::{Product, Protocol};

use crate::peer::{Peer, protocols};

/// Nothing happens by itself: no calls come from outside, and time hardly passes.
const QUIET: [&str; 6] = ["--agents", "72", "--calls-per-hour", "0", "--speed", "0.05"];
/// Two hundred events a second.
const BUSY: [&str; 6] = ["--agents", "60", "--calls-per-hour", "1500", "--speed", "20"];

#[test]
fn a_contact_centre_obeys_clients_of_every_version() {
    let centre = Simulation::start(Product::Cce, &QUIET);
    centre.serve("contact_centre", all_of(Product::Cce), |place| [centre.sides[0].clone(), first_agent(place)]);
}

#[test]
fn a_contact_centre_express_obeys_clients_of_every_version() {
    let centre = Simulation::start(Product::Ccx, &QUIET);
    centre.serve("contact_centre", all_of(Product::Ccx), |place| [centre.sides[0].clone(), first_agent(place)]);
}

#[test]
fn a_busy_contact_centre_keeps_the_order_of_events() {
    for product in [Product::Cce, Product::Ccx] {
        let centre = Simulation::start(product, &BUSY);
        let watchers = protocols().filter(|protocol| protocol.product() == product).collect();
        centre.serve("busy_centre", watchers, |_| [centre.sides[0].clone(), "1000".into()]);
    }
}

#[test]
fn the_standby_side_knows_who_may_open() {
    for product in [Product::Cce, Product::Ccx] {
        let centre = Simulation::start(product, &QUIET);
        centre.serve("standby", all_of(product), |_| [centre.sides[1].clone()]);
    }
}

fn all_of(product: Product) -> Vec<Protocol> {
    all_protocols().filter(|protocol| protocol.product() == product).collect()
}

/// The first of three agents who are nobody else's. Every twelfth is a supervisor, who drives others.
fn first_agent(place: usize) -> String {
    (1002 + place / 3 * 12 + place % 3 * 3).to_string()
}

/// `cti simulate`.
struct Simulation {
    child: Child,
    /// The ports of side A and side B.
    sides: [String; 2],
}

impl Simulation {
    fn start(product: Product, args: &[&str]) -> Self {
        let product = if product == Product::Ccx { "ccx" } else { "cce" };
        let mut command = Command::new(env!("CARGO_BIN_EXE_cti"));
        command.args(["simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0", "--product", product]);
        let mut child = command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (side_a, side_b) = line.trim().rsplit_once(',').unwrap();
        let sides = [side_a, side_b].map(|side| side.rsplit_once(':').unwrap().1.to_owned());
        Self { child, sides }
    }

    /// Runs the peer's scenario as a client of each of these versions, all at once.
    fn serve<const N: usize>(&self, scenario: &str, protocols: Vec<Protocol>, args: impl Fn(usize) -> [String; N]) {
        let start = |(place, protocol)| {
            let args = args(place);
            let args: Vec<_> = [scenario].into_iter().chain(args.iter().map(String::as_str)).collect();
            Peer::start("centre", protocol, &args)
        };
        let clients: Vec<_> = protocols.into_iter().enumerate().map(start).collect();
        clients.into_iter().for_each(|client| drop(client.finish()));
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
