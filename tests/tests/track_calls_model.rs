//! Calls beside a plain model, under the traffic of a contact centre: in order, and with everything that can go wrong.

#[path = "calls/model.rs"]
mod model;

use std::collections::{BTreeMap, BTreeSet};

use cti_proto::Protocol;
use cti_proto::message::{MessageInfo, Service};
use cti_proto::session::Instant;
use cti_proto::strategy::{self, Generator, OwnedFrame, Played, Traffic};
use cti_proto::track::{CallChange, CallConfig, CallTracker, Change, ConnectionId, PartyRole};
use cti_proto::value::ConnectionDeviceIdType;
use cti_tests::track::Room;
use model::Model;
use proptest::prelude::*;

/// Bytes of a name that are shown when it is cut: it cannot be looked for by these.
const CUT: usize = 11;

/// A tenth of a second between events: nothing is given up while the traffic goes on.
fn at(number: usize) -> Instant {
    Instant::from_millis(number as u64 * 100)
}

fn protocols() -> impl Strategy<Value = Protocol> {
    let cce = (9..=25).map(|version| Protocol::cce(version).unwrap());
    let ccx = (10..=18).map(|version| Protocol::ccx(version).unwrap());
    proptest::sample::select(cce.chain(ccx).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What the tracker says is what is really going on.
    #[test]
    fn traffic_in_order_is_seen_as_it_is(
        played in protocols().prop_flat_map(|protocol| Traffic::new(protocol).played(0..120))
    ) {
        let mut room = Room::new(200, 600, 600, 256);
        let mut tracker = CallTracker::new(CallConfig::new(), room.parts());
        for (number, event) in played.events.iter().enumerate() {
            tracker.observe(at(number), &event.frame()).unwrap();
        }
        is_really_so(&tracker, &played)?;
    }

    /// What the tracker says is what the model says, after each event, whatever is lost, doubled or out of order.
    #[test]
    fn disorderly_traffic_is_what_the_model_says(
        events in protocols().prop_flat_map(|protocol| disorderly(protocol).events(0..80))
    ) {
        let mut room = Room::new(400, 1_200, 1_200, 256);
        let mut tracker = CallTracker::new(CallConfig::new(), room.parts());
        let mut model = Model::default();
        for (number, event) in events.iter().enumerate() {
            tracker.observe(at(number), &event.frame()).unwrap();
            model.observe(&event.frame());
            prop_assert_eq!(model::picture(&tracker), model::expected(&model), "after {:?}", event);
        }
    }

    /// Lookups find what walking finds; changes tell of everything; handles never come to mean another call.
    #[test]
    fn lookups_and_changes_hold_together(
        events in protocols().prop_flat_map(|protocol| disorderly(protocol).events(0..80)),
        sizes in (0_usize..12, 0_usize..24, 0_usize..24, 0_usize..40),
        polls in 1_usize..8,
    ) {
        let mut room = Room::new(sizes.0, sizes.1, sizes.2, sizes.3);
        let mut tracker = CallTracker::new(CallConfig::new(), room.parts());
        let mut display = Display::default();
        for (number, event) in events.iter().enumerate() {
            tracker.observe(at(number), &event.frame()).unwrap();
            holds_together(&tracker)?;
            if number % polls == 0 {
                display.draw(&mut tracker)?;
            }
        }
        display.draw(&mut tracker)?;
        display.shows(&tracker)?;
    }

    /// When all calls have ended, nothing is left, whatever was lost.
    #[test]
    fn nothing_is_left_in_the_end(
        played in protocols().prop_flat_map(|protocol| disorderly(protocol).to_the_end(true).played(0..80)),
        sizes in (0_usize..20, 0_usize..40, 0_usize..40),
    ) {
        let mut room = Room::new(sizes.0, sizes.1, sizes.2, 64);
        let mut tracker = CallTracker::new(CallConfig::new(), room.parts());
        for (number, event) in played.events.iter().enumerate() {
            tracker.observe(at(number), &event.frame()).unwrap();
        }
        let later = at(played.events.len() + 2_000_000);
        while !tracker.sweep(later) {}
        prop_assert!(tracker.is_empty());
        while tracker.poll_change().is_some() {}
        let counters = tracker.counters();
        prop_assert_eq!((counters.parties.live, counters.names.live), (0, 0));
    }

    /// Any messages of calls, with anything in them, in tables of any size.
    #[test]
    fn anything_at_all_holds_together(
        events in strategy::protocols().prop_flat_map(|protocol| {
            proptest::collection::vec(Generator::new(protocol).matching(is_of_calls), 0..30)
        }),
        sizes in (0_usize..8, 0_usize..16, 0_usize..16, 0_usize..300),
    ) {
        let mut room = Room::new(sizes.0, sizes.1, sizes.2, sizes.3);
        let mut tracker = CallTracker::new(CallConfig::new(), room.parts());
        let mut display = Display::default();
        for (number, event) in events.iter().enumerate() {
            tracker.observe(at(number * 1_000), &event.frame()).unwrap();
            holds_together(&tracker)?;
            display.draw(&mut tracker)?;
            display.shows(&tracker)?;
        }
        tracker.clear();
        let counters = tracker.counters();
        prop_assert_eq!((counters.calls.live, counters.parties.live, counters.names.live), (0, 0, 0));
    }
}

fn disorderly(protocol: Protocol) -> Traffic {
    Traffic::new(protocol).losses(0.1).duplicates(0.1).disorder(0.1)
}

fn is_of_calls(info: &MessageInfo) -> bool {
    let is_snapshot = info.message_type.name().is_some_and(|name| name.starts_with("SNAPSHOT"));
    matches!(info.service, Service::ClientEvents | Service::AllEvents) || is_snapshot
}

/// The traffic's own truth.
fn is_really_so(tracker: &CallTracker<'_>, played: &Played) -> Result<(), TestCaseError> {
    prop_assert_eq!(tracker.len(), played.calls.len());
    prop_assert_eq!(tracker.counters().unannounced, 0);
    for real in &played.calls {
        let id = ConnectionId {
            call_id: real.call_id,
            device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            device_id: real.device_id.as_str().into(),
        };
        let call = tracker.find(&id);
        prop_assert!(call.is_some(), "{:?} is missing", real);
        let call = call.unwrap();
        prop_assert_eq!(call.stage().is_over(), real.is_over);
        let seen: BTreeSet<_> = call.parties().map(|party| (party.device().to_string(), party.state().0)).collect();
        let there: BTreeSet<_> = real.parties.iter().map(|party| (party.device_id.clone(), party.state.0)).collect();
        prop_assert_eq!(seen, there, "{:?}", real);
        let queues: BTreeSet<u32> = call.queues().map(|(_, number, _)| number).collect();
        prop_assert_eq!(queues, real.queues.iter().copied().collect());
        prop_assert_eq!(call.data().variable(1).map(|text| text.to_string()), real.variable.clone());
        prop_assert_eq!(call.call_type(), real.call_type);
    }
    Ok(())
}

/// What must hold of any tracker at any time.
fn holds_together(tracker: &CallTracker<'_>) -> Result<(), TestCaseError> {
    let counters = tracker.counters();
    prop_assert_eq!(tracker.iter().count(), tracker.len());
    prop_assert!(
        counters.calls.live <= counters.calls.high_water && counters.calls.high_water <= counters.calls.capacity
    );
    let mut parties = 0;
    for call in tracker.iter() {
        let mut devices = BTreeSet::new();
        for party in call.parties() {
            prop_assert!(devices.insert(party.device().to_string()), "a party twice in {:?}", call);
            prop_assert_ne!(party.role(), PartyRole::Queue);
            let found = tracker.at_device(party.device()).any(|other| other.handle() == call.handle());
            prop_assert!(found || party.device().as_bytes().len() == CUT, "not found at {:?}", party);
            parties += 1;
        }
        for (peripheral, number, since) in call.queues() {
            let mut queued = tracker.queued_at(peripheral, number);
            prop_assert!(queued.any(|(other, moment)| other.handle() == call.handle() && moment == since));
            parties += 1;
        }
        let same = tracker.with_call_id(call.id().call_id).any(|other| other.handle() == call.handle());
        prop_assert!(same || call.stage() == cti_proto::track::CallStage::Announced);
        if let Some(number) = call.skill_group_number() {
            let mut group = tracker.in_skill_group(call.peripheral_id(), number);
            prop_assert!(group.any(|other| other.handle() == call.handle()));
        }
        if let Some(number) = call.service_number() {
            prop_assert!(tracker.in_service(call.peripheral_id(), number).any(|other| other.handle() == call.handle()));
        }
        if let Some(key) = call.router_call_key() {
            prop_assert!(tracker.with_router_call_key(key).any(|other| other.handle() == call.handle()));
        }
    }
    prop_assert_eq!(parties, counters.parties.live);
    Ok(())
}

/// A display that redraws only what it is told of.
#[derive(Debug, Default)]
struct Display {
    rows: BTreeMap<usize, (String, String)>,
    ended: BTreeSet<String>,
}

impl Display {
    fn draw(&mut self, tracker: &mut CallTracker<'_>) -> Result<(), TestCaseError> {
        while let Some(change) = tracker.poll_change() {
            let change: CallChange = change;
            match change {
                Change::Changed(handle, what) => {
                    prop_assert!(!what.is_empty());
                    let call = tracker.get(handle);
                    prop_assert!(call.is_some());
                    self.rows.insert(handle.slot(), (format!("{handle:?}"), format!("{:?}", call.unwrap())));
                }
                Change::Ended(handle, _) => {
                    prop_assert!(tracker.get(handle).is_some(), "an end that cannot be read");
                    prop_assert!(self.ended.insert(format!("{handle:?}")), "a handle that ends twice");
                    self.rows.remove(&handle.slot());
                }
                _ => {
                    let rows = tracker
                        .iter()
                        .map(|call| (call.handle().slot(), (format!("{:?}", call.handle()), format!("{call:?}"))));
                    self.rows = rows.collect();
                }
            }
        }
        Ok(())
    }

    fn shows(&self, tracker: &CallTracker<'_>) -> Result<(), TestCaseError> {
        let rows =
            tracker.iter().map(|call| (call.handle().slot(), (format!("{:?}", call.handle()), format!("{call:?}"))));
        prop_assert_eq!(&self.rows, &rows.collect());
        Ok(())
    }
}

/// A stream of traffic is what the strategies for streams take, too.
#[test]
fn traffic_is_a_stream() {
    let protocol = Protocol::cce(24).unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let stream = cti_tests::values(&mut runner, &Traffic::new(protocol).stream(100), 1).remove(0);
    assert!(stream.frames().flatten().count() > 100);
    let events = cti_tests::values(&mut runner, &Traffic::new(protocol).agents(2).events(100), 1).remove(0);
    let lengths: usize = events.iter().map(|event: &OwnedFrame| event.as_bytes().len()).sum();
    assert!(lengths > 0);
}

/// The traffic has everything in it.
#[test]
fn traffic_has_everything() {
    let protocol = Protocol::cce(24).unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for events in cti_tests::values(&mut runner, &Traffic::new(protocol).events(120), 50) {
        for event in events {
            *seen.entry(event.frame().message_type().to_string()).or_default() += 1;
        }
    }
    assert!(seen.len() >= 17 && seen.values().all(|count| *count > 5), "{seen:?}");
}
