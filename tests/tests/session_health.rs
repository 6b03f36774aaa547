//! How well the server sees the contact centre, as one value.

use cti_proto::harness::{Here, Memory, OwnedServerEvent, Pair, granting};
use cti_proto::message::{OpenConf, SystemEvent};
use cti_proto::session::{ClientConfig, ServerSession};
use cti_proto::value::{CcxStatus, PgStatus, SystemEventId};
use cti_tests::session::{SERVICES, cce24, ccx15, pair};

/// A pair whose server confirms with this state.
fn open_with<'s>(
    config: ClientConfig<'static>,
    pg_status: PgStatus,
    peripheral_online: bool,
    memory: &'s mut Memory,
) -> Pair<'s> {
    let mut pair = pair(config, memory);
    pair.serve(move |session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent| {
        if let OwnedServerEvent::OpenRequested(_) = event {
            let confirmation = granting(session.protocol(), here.now, SERVICES);
            session.accept(here.now, &OpenConf { pg_status, peripheral_online, ..confirmation }).unwrap();
        }
    });
    pair.open();
    pair
}

fn tell(pair: &mut Pair<'_>, system_event_id: SystemEventId, peripheral: u32, pg_status: PgStatus) {
    pair.send(&SystemEvent { system_event_id, system_event_arg1: peripheral, pg_status, ..SystemEvent::default() });
    pair.settle();
}

fn health(pair: &Pair<'_>) -> (bool, Vec<u32>, String) {
    let health = pair.client().health();
    (health.is_good(), health.offline_peripherals().to_vec(), health.to_string())
}

const NONE: PgStatus = PgStatus::EMPTY;

#[test]
fn open_conf_gives_the_first_picture() {
    let mut memory = Memory::new();
    let pair = open_with(cce24(), NONE, true, &mut memory);
    assert_eq!(health(&pair), (true, vec![], "good".into()));
    let mut memory = Memory::new();
    let pair = open_with(cce24(), NONE, false, &mut memory);
    assert_eq!(health(&pair), (false, vec![], "peripheral offline".into()));
    let mut memory = Memory::new();
    let pair = open_with(cce24(), PgStatus::PGS_CC_DOWN, true, &mut memory);
    assert_eq!(health(&pair), (false, vec![], "PGS_CC_DOWN".into()));
    assert_eq!(pair.client().health().pg_status(), PgStatus::PGS_CC_DOWN);
}

#[test]
fn system_events_say_which_peripherals_are_offline() {
    let mut memory = Memory::new();
    let mut pair = open_with(cce24(), NONE, true, &mut memory);
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_OFFLINE, 5_000, PgStatus::PGS_PERIPHERAL_OFFLINE);
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_OFFLINE, 5_000, PgStatus::PGS_PERIPHERAL_OFFLINE);
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_OFFLINE, 5_001, PgStatus::PGS_PERIPHERAL_OFFLINE);
    assert_eq!(
        health(&pair),
        (false, vec![5_000, 5_001], "PGS_PERIPHERAL_OFFLINE, peripheral 5000 offline, peripheral 5001 offline".into())
    );
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_ONLINE, 5_000, PgStatus::PGS_PERIPHERAL_OFFLINE);
    assert_eq!(health(&pair).1, [5_001]);
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_ONLINE, 5_001, NONE);
    assert!(health(&pair).0);
    assert_eq!(pair.events().len(), 5, "the application is told of each");
}

#[test]
fn the_state_of_each_peripheral_after_opening_completes_the_picture() {
    let mut memory = Memory::new();
    let mut pair = open_with(cce24(), NONE, false, &mut memory);
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_OFFLINE, 5_000, NONE);
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_ONLINE, 5_001, NONE);
    assert_eq!(health(&pair), (false, vec![5_000], "peripheral 5000 offline".into()));
    tell(&mut pair, SystemEventId::SYS_PERIPHERAL_ONLINE, 5_000, NONE);
    assert!(health(&pair).0);
}

#[test]
fn the_loss_of_the_central_controller_does_not_stop_anything() {
    let mut memory = Memory::new();
    let mut pair = open_with(cce24(), NONE, true, &mut memory);
    tell(&mut pair, SystemEventId::SYS_CENTRAL_CONTROLLER_OFFLINE, 0, PgStatus::PGS_CC_DOWN);
    assert!(!health(&pair).0 && pair.client().opened().is_some());
    tell(&mut pair, SystemEventId::SYS_CENTRAL_CONTROLLER_ONLINE, 0, NONE);
    assert!(health(&pair).0);
}

#[test]
fn eight_peripherals_offline_are_remembered() {
    let mut memory = Memory::new();
    let mut pair = open_with(cce24(), NONE, true, &mut memory);
    for peripheral in 0..9 {
        tell(&mut pair, SystemEventId::SYS_PERIPHERAL_OFFLINE, peripheral, NONE);
    }
    assert_eq!(health(&pair).1, (0..8).collect::<Vec<_>>());
    for peripheral in 0..7 {
        tell(&mut pair, SystemEventId::SYS_PERIPHERAL_ONLINE, peripheral, NONE);
    }
    assert!(!health(&pair).0);
}

#[test]
fn express_is_good_when_it_is_online_and_in_service() {
    let mut memory = Memory::new();
    let mut pair = open_with(ccx15(), NONE, false, &mut memory);
    assert!(!health(&pair).0);
    tell(&mut pair, SystemEventId::SYS_CCX_ONLINE, 1, PgStatus(CcxStatus::CCX_IN_SERVICE.0));
    assert_eq!(health(&pair), (true, vec![], "good".into()));
    tell(&mut pair, SystemEventId::SYS_CCX_OFFLINE, 1, PgStatus(CcxStatus::CCX_SHUTDOWN.0));
    assert_eq!(health(&pair), (false, vec![1], "CCX_SHUTDOWN, peripheral 1 offline".into()));
}
