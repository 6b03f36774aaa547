//! Whether the contact centre is one: against the theory of queues.

use std::time::Duration;

use cti_proto::Product;
use cti_std::simulate::{Config, Habits};

use super::desk::Desk;

/// Erlang C: the share of calls that wait, and the mean wait of all, for `agents` and an offered load in erlangs.
fn erlang_c(agents: u32, load: f64, talk: f64) -> (f64, f64) {
    let mut blocking = 1.0;
    for n in 1..=agents {
        blocking = load * blocking / (f64::from(n) + load * blocking);
    }
    let busy = load / f64::from(agents);
    let waits = blocking / (1.0 - busy * (1.0 - blocking));
    (waits, waits * talk / (f64::from(agents) - load))
}

#[test]
fn without_habits_it_is_the_queue_of_the_textbooks() {
    const TALK: u64 = 180;
    for (agents, calls_per_hour) in [(10, 160.0), (5, 70.0)] {
        let mut config = Config::new(Product::Cce);
        config.seed = 11;
        config.agents = agents;
        config.skill_groups = 1;
        config.calls_per_hour = calls_per_hour;
        config.habits = Habits::textbook(Duration::from_secs(TALK));
        let mut desk = Desk::new(config);
        desk.pass(500 * 3_600);
        let counts = desk.centre.counts();
        let load = calls_per_hour / 3_600.0 * TALK as f64;
        let (waits, wait) = erlang_c(agents as u32, load, TALK as f64);
        let measured_waits = counts.queued as f64 / counts.offered as f64;
        let measured_wait = counts.waited as f64 / 1_000.0 / counts.answered as f64;
        assert_eq!(counts.abandoned, 0);
        assert!(counts.offered - counts.answered < 100, "{counts:?}");
        // 500 hours are 35,000 calls and more, which makes the errors smaller than these.
        let off = |measured: f64, expected: f64| (measured / expected - 1.0).abs();
        assert!(
            off(measured_waits, waits) < 0.06,
            "{agents} agents: {measured_waits} of the calls wait, expected {waits}"
        );
        assert!(off(measured_wait, wait) < 0.12, "{agents} agents: {measured_wait} s mean wait, expected {wait}");
    }
}
