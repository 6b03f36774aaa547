//! Whether the contact centre is one: against the theory of queues.

use std::time::Duration;

use cti_proto::message::*;
use cti_proto::track::{QueueConfig, QueueKey, QueueStorage, QueueTracker, ServiceLevel};
use cti_proto::{Product, Protocol};
use cti_std::simulate::{Config, Habits, SessionId};

use super::desk::{Answer, Desk};

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

/// Share of their time between breaks that agents are busy for, by their own statistics.
fn occupancy(desk: &mut Desk, client: SessionId, agents: usize) -> f64 {
    let (mut present, mut idle) = (0, 0);
    for number in 0..agents {
        let login = (1_001 + number).to_string();
        let request = QueryAgentStatisticsReq {
            peripheral_id: 5_000,
            agent_id: Some(login.as_str().into()),
            ..QueryAgentStatisticsReq::default()
        };
        assert_eq!(desk.ask(client, &request), Answer::Confirmed);
        let heard = desk.heard(client);
        let conf: QueryAgentStatisticsConf<'_> = heard.last().unwrap().frame().decode().unwrap();
        present += conf.session.logged_on_time - conf.session.not_ready_time;
        idle += conf.session.avail_time;
    }
    1.0 - f64::from(idle) / f64::from(present)
}

/// Lets hours pass; the share of calls that were answered within 20 seconds, of all but those abandoned as soon.
fn service_level(desk: &mut Desk, client: SessionId, hours: u64) -> f64 {
    let mut storage = Box::new(QueueStorage::<64, 512, 1_024>::new());
    let mut tracker = QueueTracker::new(QueueConfig::new(), storage.parts());
    for _ in 0..hours * 3_600 {
        desk.pass(1);
        for heard in desk.heard(client) {
            tracker.observe(desk.now, &heard.frame()).unwrap();
            while tracker.poll_change().is_some() {}
        }
    }
    let (mut answered, mut in_time, mut counted) = (0, 0, 0);
    for (_, queue) in tracker.iter().filter(|(_, queue)| matches!(queue.key, QueueKey::SkillGroup { .. })) {
        let share = queue.outcomes.service_level(ServiceLevel::AbandonedIgnored);
        answered += u64::from(queue.outcomes.answered);
        in_time += u64::from(share.part);
        counted += u64::from(share.of);
    }
    // Those count too that an agent was free for.
    let counts = desk.centre.counts();
    println!("{answered} answered of {counts:?}");
    assert!(answered.abs_diff(counts.answered) * 20 <= counts.answered, "{answered} answered: {counts:?}");
    in_time as f64 / counted as f64
}

#[test]
fn at_the_lively_rate_agents_are_busy_and_callers_content() {
    // Agents of large groups find somebody free more often.
    for (agents, skill_groups, hours, levels) in [(24, 4, 24, 0.70..0.90), (120, 8, 6, 0.80..0.98)] {
        let mut config = Config::new(Product::Cce);
        (config.agents, config.skill_groups) = (agents, skill_groups);
        config.calls_per_hour = config.lively_calls_per_hour();
        let rate = config.calls_per_hour;
        let mut desk = Desk::new(config);
        let client = desk.bridge(Protocol::cce(24).unwrap());
        let level = service_level(&mut desk, client, hours);
        let busy = occupancy(&mut desk, client, agents);
        let what = format!("{agents} agents, {rate:.0} calls an hour: {level:.3} in time, {busy:.3} busy");
        println!("{what}: {:?}", desk.centre.counts());
        assert!((0.71..0.82).contains(&busy) && levels.contains(&level), "{what}");
    }
}
