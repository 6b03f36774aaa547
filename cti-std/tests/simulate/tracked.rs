//! The tracker's picture of the calls, from the events alone, beside that of the contact centre itself.

use std::collections::BTreeSet;

use cti_proto::message::*;
use cti_proto::track::{CallConfig, CallStorage, CallTracker};
use cti_proto::value::*;
use cti_proto::{Product, Protocol};
use cti_std::simulate::Config;

use super::desk::{Answer, Desk};

/// The calls of each agent's phone, by snapshot.
fn snapshots(desk: &mut Desk, session: cti_std::simulate::SessionId) -> BTreeSet<(u32, String, u16)> {
    let mut found = BTreeSet::new();
    for extension in 5_001..5_025 {
        let extension = extension.to_string();
        let request = SnapshotDeviceReq {
            peripheral_id: 5_000,
            agent_instrument: Some(extension.as_str().into()),
            ..SnapshotDeviceReq::default()
        };
        assert_eq!(desk.ask(session, &request), Answer::Confirmed);
        let heard = desk.heard(session);
        let conf: SnapshotDeviceConf<'_> = heard.last().unwrap().frame().decode().unwrap();
        found.extend(conf.calls.iter().map(|call| (call.call_id, extension.clone(), call.state.0)));
    }
    found
}

#[test]
fn a_tracker_sees_the_calls_as_they_are() {
    for version in [9, 14, 24] {
        let protocol = Protocol::cce(version).unwrap();
        let mut config = Config::new(Product::Cce);
        config.calls_per_hour = 500.0;
        config.habits.consult = 0.3;
        config.habits.hold = 0.3;
        config.habits.blind_transfer = 0.2;
        config.habits.internal_calls = 6.0;
        let mut desk = Desk::new(config);
        let session = desk.bridge(protocol);
        let mut storage = Box::new(CallStorage::<512, 2_048, 2_048, 768>::new());
        let mut tracker = CallTracker::new(CallConfig::new(), storage.parts());
        let mut seen = 0;
        for _ in 0..240 {
            desk.pass(30);
            for heard in desk.heard(session) {
                tracker.observe(desk.now, &heard.frame()).unwrap();
                while tracker.poll_change().is_some() {}
            }
            let real = snapshots(&mut desk, session);
            let tracked: BTreeSet<_> = tracker
                .iter()
                .filter(|call| !call.stage().is_over())
                .flat_map(|call| {
                    let id = call.id().call_id;
                    let parties =
                        call.parties().filter(|party| party.device_type() == DeviceIdType::DEVID_AGENT_DEVICE);
                    parties.map(move |party| (id, party.device().to_string(), party.state().0)).collect::<Vec<_>>()
                })
                .collect();
            assert_eq!(tracked, real, "version {version}, {:?}", desk.now);
            seen += real.len();
        }
        assert!(seen > 1_000, "{seen}");
        let counters = tracker.counters();
        assert_eq!((counters.unknown, counters.unannounced, counters.superseded), (0, 0, 0), "{counters:?}");
    }
}
