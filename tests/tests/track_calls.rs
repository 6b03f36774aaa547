//! Calls as stories, as Unified CCE tells them.

#[path = "calls/media.rs"]
mod media;

use cti_proto::Protocol;
use cti_proto::message::{CallDataUpdateEvent, CallVariables};
use cti_proto::track::{CallChanges, CallConfig, CallEnd, CallSlot, CallStage, Change, Name, Observed, PartySlot};
use cti_proto::value::{CallType, EventCause, RtpDirection};
use cti_proto::wire::{List, NamedVariable};
use cti_tests::track::{PERIPHERAL, Room, Story};

const CUSTOMER: &str = "+2065551234";
const ALICE: &str = "5001";
const BOB: &str = "5002";
const CAROL: &str = "5003";

fn story() -> Story {
    Story::new(Protocol::cce(24).unwrap())
}

/// A customer who talks to Alice.
fn talking(story: &mut Story) {
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    story.delivered(CUSTOMER, ALICE, "");
    story.wait(5).established(CUSTOMER, ALICE);
}

#[test]
fn bytes_per_call() {
    let [call, party, name] = [size_of::<CallSlot>(), size_of::<PartySlot>(), size_of::<Name>()];
    let whole = call + 2 * party + name;
    println!("a call {call} bytes, a party {party}, a name {name}: {whole} for a call of two parties");
    assert!(whole <= 256);
}

// ---- from the beginning to the end ----------------------------------------------------------------

#[test]
fn an_inbound_call_waits_in_a_queue_and_is_answered() {
    let mut story = story();
    assert_eq!(story.of(1, "R7000").begin(CallType::CALLTYPE_ACD_IN), Observed::Changed);
    story.seized("T17", CUSTOMER);
    assert_eq!(story.call(1, "R7000").stage(), CallStage::Begun);
    story.wait(1).queued("R7000", CUSTOMER, &[101, 102]);
    assert_eq!(story.call(1, "R7000").stage(), CallStage::Queued);
    assert_eq!(story.calls.queued_at(PERIPHERAL, 101).count(), 1);
    story.wait(30).dequeued(&[102]);
    assert_eq!(story.call(1, "R7000").stage(), CallStage::Queued, "it still waits for 101");
    assert_eq!(story.calls.queued_at(PERIPHERAL, 102).count(), 0);
    story.wait(10).dequeued(&[]);
    story.delivered(CUSTOMER, ALICE, "R7000");
    assert_eq!(story.call(1, "R7000").stage(), CallStage::Alerting);
    story.wait(4).established(CUSTOMER, ALICE);
    story.connection_cleared("T17");
    assert_eq!(story.parties(1, "R7000"), "+2065551234 CONNECT, 5001 CONNECT");
    assert_eq!(story.call(1, "R7000").stage(), CallStage::Talking);
    story.wait(120);
    let times = story.call(1, "R7000").times(story.now);
    assert_eq!([times.queued, times.alerting, times.talking].map(|time| time.as_secs()), [40, 4, 120]);
    assert_eq!(times.total.as_secs(), 165);
    story.connection_cleared(ALICE);
    story.cleared();
    assert_eq!(story.call(1, "R7000").stage(), CallStage::Cleared);
    story.end();
    assert!(story.calls.is_empty());
}

#[test]
fn the_longest_wait_is_the_first_in_the_queue() {
    let mut story = story();
    for (call, caller) in [(1, "+1"), (2, "+2"), (3, "+3")] {
        story.of(call, "R7000").begin(CallType::CALLTYPE_ACD_IN);
        story.wait(10).queued("R7000", caller, &[101]);
    }
    story.of(1, "R7000").dequeued(&[]);
    let waiting: Vec<_> =
        story.calls.queued_at(PERIPHERAL, 101).map(|(call, since)| (call.id().call_id, since)).collect();
    assert_eq!(waiting.iter().map(|(call, _)| *call).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(story.now.since(waiting[0].1).as_secs(), 10);
}

#[test]
fn a_call_that_is_abandoned_in_the_queue_ends() {
    let mut story = story();
    story.of(1, "R7000").begin(CallType::CALLTYPE_ACD_IN);
    story.queued("R7000", CUSTOMER, &[101]);
    story.wait(90).cleared();
    let call = story.call(1, "R7000");
    assert_eq!((call.stage(), call.parties().count(), call.queues().count()), (CallStage::Cleared, 0, 0));
    assert_eq!(call.times(story.now).queued.as_secs(), 90);
    story.end();
    assert_eq!(story.calls.queued_at(PERIPHERAL, 101).count(), 0);
}

#[test]
fn a_call_fails() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_OUT);
    story.initiated(ALICE);
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Dialing);
    story.originated(ALICE, "+9");
    story.failed("+9", EventCause::CEC_BUSY);
    let call = story.call(1, ALICE);
    assert_eq!((call.stage(), call.cause()), (CallStage::Failed, EventCause::CEC_BUSY));
    assert_eq!(story.parties(1, ALICE), "+9 FAIL, 5001 CONNECT");
    story.cleared();
    story.end();
    assert!(story.calls.is_empty());
}

#[test]
fn an_outbound_call_leaves_the_network_and_is_answered() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_OUT);
    story.initiated(ALICE);
    story.originated(ALICE, "+9");
    story.reached_network();
    assert!(story.call(1, ALICE).has_reached_network());
    story.delivered(ALICE, "+9", "");
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Alerting);
    story.established(ALICE, "+9");
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Talking);
    story.held(ALICE);
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Held);
}

// ---- hold, alternate, reconnect -------------------------------------------------------------------

#[test]
fn hold_and_retrieve_are_timed() {
    let mut story = story();
    talking(&mut story);
    story.wait(10).held(ALICE);
    let held = story.now;
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Held);
    assert_eq!(story.call(1, ALICE).party(ALICE.into()).unwrap().since(), held);
    assert_eq!(story.wait(1).held(ALICE), Observed::Unchanged, "the same event through a second monitor");
    assert_eq!(story.call(1, ALICE).party(ALICE.into()).unwrap().since(), held);
    story.wait(6).retrieved(ALICE);
    story.wait(3);
    let times = story.call(1, ALICE).times(story.now);
    assert_eq!((times.held.as_secs(), times.talking.as_secs()), (7, 13));
}

#[test]
fn alternate_and_reconnect_swap_two_calls() {
    let mut story = story();
    talking(&mut story);
    story.held(ALICE);
    consulting(&mut story);
    // Alternate.
    story.of(2, ALICE).held(ALICE);
    story.of(1, ALICE).retrieved(ALICE);
    assert_eq!((story.call(1, ALICE).stage(), story.call(2, ALICE).stage()), (CallStage::Talking, CallStage::Held));
    // Reconnect: the consult call is dropped.
    story.of(2, ALICE).cleared();
    story.end();
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5001 CONNECT");
    assert_eq!(story.calls.consults_of(story.handle(1, ALICE)).count(), 0);
}

/// Alice, who has call 1 on hold, consults Bob in call 2.
fn consulting(story: &mut Story) {
    story.of(2, ALICE).begin(CallType::CALLTYPE_CONSULT);
    story.initiated(ALICE);
    story.originated(ALICE, BOB);
    story.delivered(ALICE, BOB, "");
    story.established(ALICE, BOB);
}

// ---- transfers ------------------------------------------------------------------------------------

#[test]
fn a_consult_call_is_tied_to_its_origin() {
    let mut story = story();
    talking(&mut story);
    story.held(ALICE);
    consulting(&mut story);
    let origin = story.handle(1, ALICE);
    assert_eq!(story.call(2, ALICE).origin(), Some(origin));
    let consults: Vec<_> = story.calls.consults_of(origin).map(|call| call.id().call_id).collect();
    assert_eq!(consults, [2]);
}

#[test]
fn a_consult_transfer_leaves_the_primary_call() {
    let mut story = story();
    talking(&mut story);
    story.held(ALICE);
    consulting(&mut story);
    story.of(1, ALICE).transferred((2, ALICE), ALICE, BOB, &[(1, CUSTOMER), (1, BOB)]);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5002 CONNECT");
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Talking);
    assert_eq!(story.call(2, ALICE).stage(), CallStage::Merged);
    assert_eq!(story.call(2, ALICE).origin(), Some(story.handle(1, ALICE)));
    assert_eq!(story.calls.at_device(ALICE.into()).count(), 0, "Alice is free");
    story.of(2, ALICE).end();
    assert_eq!(story.calls.len(), 1);
}

#[test]
fn a_consult_transfer_leaves_the_secondary_call() {
    let mut story = story();
    talking(&mut story);
    story.held(ALICE);
    consulting(&mut story);
    story.of(1, ALICE).transferred((2, ALICE), ALICE, BOB, &[(2, CUSTOMER), (2, BOB)]);
    assert_eq!(story.parties(2, ALICE), "+2065551234 CONNECT, 5002 CONNECT");
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Merged);
    story.of(1, ALICE).end();
    assert_eq!(story.calls.len(), 1);
}

#[test]
fn a_transfer_without_a_list_leaves_the_others() {
    let mut story = story();
    talking(&mut story);
    story.held(ALICE);
    consulting(&mut story);
    story.of(1, ALICE).transferred((2, ALICE), ALICE, BOB, &[]);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5002 CONNECT");
    assert_eq!(story.call(2, ALICE).stage(), CallStage::Merged);
}

#[test]
fn a_transferred_call_can_have_a_new_id() {
    let mut story = story();
    talking(&mut story);
    story.held(ALICE);
    consulting(&mut story);
    let handle = story.handle(1, ALICE);
    story.of(1, ALICE).transferred((2, ALICE), ALICE, BOB, &[(9, CUSTOMER), (9, BOB)]);
    assert_eq!(story.handle(9, ALICE), handle);
    story.of(9, ALICE).renamed(9, BOB);
    assert_eq!(story.handle(9, BOB), handle);
    assert_eq!(story.parties(9, BOB), "+2065551234 CONNECT, 5002 CONNECT");
    story.of(2, ALICE).end();
    story.of(9, BOB).end();
    assert!(story.calls.is_empty());
}

#[test]
fn a_blind_transfer_rings_at_the_other_agent() {
    let mut story = story();
    talking(&mut story);
    story.of(2, ALICE).begin(CallType::CALLTYPE_OFFERED);
    story.delivered(ALICE, BOB, "");
    story.of(1, ALICE).transferred((2, ALICE), ALICE, BOB, &[(1, CUSTOMER), (1, BOB)]);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5002 ALERTING");
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Alerting);
    story.established(CUSTOMER, BOB);
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Talking);
}

#[test]
fn a_renamed_call_joins_the_call_that_has_its_new_name() {
    let mut story = story();
    talking(&mut story);
    story.of(8, BOB).begin(CallType::CALLTYPE_TRANSFER_IN);
    story.of(1, ALICE).renamed(8, BOB);
    assert_eq!(story.calls.len(), 1);
    assert_eq!(story.parties(8, BOB), "+2065551234 CONNECT, 5001 CONNECT");
    assert_eq!(story.of(1, ALICE).renamed(8, BOB), Observed::Unchanged, "told twice");
}

// ---- conferences ----------------------------------------------------------------------------------

#[test]
fn a_conference_of_four_comes_together_and_dissolves() {
    let mut story = story();
    talking(&mut story);
    story.held(ALICE);
    consulting(&mut story);
    let three = [(1, CUSTOMER), (1, ALICE), (1, BOB)];
    story.of(1, ALICE).conferenced((2, ALICE), ALICE, BOB, &three);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5001 CONNECT, 5002 CONNECT");
    story.of(2, ALICE).end();

    story.of(1, ALICE).held(ALICE);
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Talking, "the others talk");
    story.of(3, ALICE).begin(CallType::CALLTYPE_CONSULT);
    story.delivered(ALICE, CAROL, "");
    story.established(ALICE, CAROL);
    let four = [(1, CUSTOMER), (1, ALICE), (1, BOB), (1, CAROL)];
    story.of(1, ALICE).conferenced((3, ALICE), ALICE, CAROL, &four);
    story.of(3, ALICE).end();
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5001 CONNECT, 5002 CONNECT, 5003 CONNECT");
    assert_eq!(story.calls.len(), 1);

    story.of(1, ALICE).connection_cleared(BOB);
    story.connection_cleared(CUSTOMER);
    assert_eq!(story.parties(1, ALICE), "5001 CONNECT, 5003 CONNECT");
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Talking);
    story.connection_cleared(CAROL);
    story.connection_cleared(ALICE);
    story.cleared();
    story.end();
    assert!(story.calls.is_empty());
    assert_eq!((story.calls.counters().parties.live, story.calls.counters().names.live), (0, 1), "its own name only");
    assert_eq!(story.changes().len(), 3);
    assert_eq!(story.calls.poll_change(), None);
    assert_eq!(story.calls.counters().names.live, 0);
}

#[test]
fn a_supervisor_barges_in_and_intercepts() {
    let mut story = story();
    talking(&mut story);
    story.of(2, CAROL).begin(CallType::CALLTYPE_SUPERVISOR_BARGEIN);
    story.originated(CAROL, ALICE);
    story.of(1, ALICE).conferenced((2, CAROL), CAROL, CAROL, &[(1, CUSTOMER), (1, ALICE), (1, CAROL)]);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5001 CONNECT, 5003 CONNECT");
    // Intercept: the agent goes.
    story.connection_cleared(ALICE);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5003 CONNECT");
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Talking);
    assert_eq!(story.calls.at_device(ALICE.into()).count(), 0);
}

// ---- deflection, redirection, outbound ------------------------------------------------------------

#[test]
fn a_deflected_call_rings_elsewhere() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    story.delivered(CUSTOMER, ALICE, "");
    story.diverted(ALICE, BOB);
    assert_eq!(story.calls.at_device(ALICE.into()).count(), 0);
    story.delivered(CUSTOMER, BOB, ALICE);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5002 ALERTING");
}

#[test]
fn a_call_that_is_not_answered_is_redirected_even_if_nobody_says_so() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    story.delivered(CUSTOMER, ALICE, "");
    story.wait(12).delivered(CUSTOMER, BOB, ALICE);
    assert_eq!(story.parties(1, ALICE), "+2065551234 CONNECT, 5002 ALERTING");
    assert_eq!(story.call(1, ALICE).times(story.now).alerting.as_secs(), 12);
}

#[test]
fn the_dialer_reserves_an_agent_and_gives_her_the_customer() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_RESERVATION);
    story.delivered("P9001", ALICE, "");
    story.established("P9001", ALICE);
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Talking);
    story.held(ALICE);
    assert_eq!(story.call(1, ALICE).stage(), CallStage::Held);
    story.of(2, "P9001").begin(CallType::CUSTOMER_PREDICTIVE);
    story.originated("P9001", "+9");
    story.reached_network();
    story.established("P9001", "+9");
    story.transferred((0xffff_ffff, ""), "P9001", ALICE, &[(2, "+9"), (2, ALICE)]);
    assert_eq!(story.parties(2, "P9001"), "+9 CONNECT, 5001 CONNECT");
    story.of(1, ALICE).end();
    assert_eq!(story.calls.at_device(ALICE.into()).map(|call| call.id().call_id).collect::<Vec<_>>(), [2]);
}

// ---- data -----------------------------------------------------------------------------------------

#[test]
fn data_is_kept_and_ecc_variables_are_replaced_as_a_whole() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    let named = |names: &[(&'static str, &'static str)]| -> Vec<NamedVariable<'static>> {
        names.iter().map(|(name, value)| NamedVariable { name: (*name).into(), value: (*value).into() }).collect()
    };
    let both = named(&[("user.a", "1"), ("user.b", "2")]);
    let update = CallDataUpdateEvent {
        ani: Some("206".into()),
        call_variables: CallVariables::NONE.with(3, "three".into()),
        named_variables: List::new(&both),
        ..Default::default()
    };
    assert_eq!(story.data_update(update), Observed::Changed);
    assert_eq!(story.data_update(update), Observed::Unchanged);
    let data = story.call(1, ALICE).data();
    assert_eq!((data.ani(), data.variable(3), data.variable(1)), (Some("206".into()), Some("three".into()), None));
    assert_eq!(data.named_variable("user.b"), Some("2".into()));

    let one = named(&[("user.b", "22")]);
    story.data_update(CallDataUpdateEvent { named_variables: List::new(&one), ..Default::default() });
    let data = story.call(1, ALICE).data();
    assert_eq!((data.named_variable("user.a"), data.named_variable("user.b")), (None, Some("22".into())));
    assert_eq!(data.ani(), Some("206".into()), "what an update does not say stays");
}

#[test]
fn before_version_22_an_update_has_only_the_ecc_variables_that_are_new() {
    let mut story = Story::new(Protocol::cce(21).unwrap());
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    for (name, value) in [("user.a", "1"), ("user.b", "2"), ("user.a", "3")] {
        let named = [NamedVariable { name: name.into(), value: value.into() }];
        story.data_update(CallDataUpdateEvent { named_variables: List::new(&named), ..Default::default() });
    }
    let data = story.call(1, ALICE).data();
    assert_eq!((data.named_variable("user.a"), data.named_variable("user.b")), (Some("3".into()), Some("2".into())));
}

#[test]
fn data_without_room_is_counted() {
    let room = cti_tests::track::Room::new(4, 8, 8, 40);
    let mut story = Story::with_room(Protocol::cce(24).unwrap(), room);
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    let variables = CallVariables::NONE.with(1, "short".into()).with(2, "much too long for it".into());
    story.data_update(CallDataUpdateEvent { call_variables: variables, ..Default::default() });
    let call = story.call(1, ALICE);
    assert_eq!((call.data().variable(1), call.data().variable(2)), (Some("short".into()), None));
    assert!(call.is_data_cut());
    assert_eq!(story.calls.counters().data_dropped, 1);
}

// ---- announced calls ------------------------------------------------------------------------------

#[test]
fn a_pre_call_becomes_the_call_that_it_announced() {
    let mut story = story();
    story.pre_call(55, ALICE, "gold");
    let announced = story.calls.iter().next().unwrap().handle();
    assert_eq!(story.calls.get(announced).unwrap().stage(), CallStage::Announced);
    story.wait(2).of(1, ALICE).begin_routed(55);
    let call = story.call(1, ALICE);
    assert_eq!((call.handle(), call.stage(), call.began()), (announced, CallStage::Begun, story.now));
    assert_eq!((call.data().variable(1), call.skill_group_number()), (Some("gold".into()), Some(77)));
    assert_eq!(story.calls.len(), 1);
}

#[test]
fn a_tracker_that_is_not_to_take_up_announced_calls_knows_them_when_they_begin() {
    let mut config = CallConfig::new();
    config.announced = false;
    let mut story = Story::with(config, Protocol::cce(24).unwrap(), Room::new(4, 8, 8, 256));
    assert_eq!(story.pre_call(77, ALICE, "early"), Observed::Irrelevant);
    assert_eq!(story.pre_call_abort(77, ALICE), Observed::Irrelevant);
    assert_eq!((story.calls.len(), story.calls.counters().unknown), (0, 0));
    story.of(1, ALICE).begin_routed(77);
    assert_eq!((story.calls.len(), story.call(1, ALICE).stage()), (1, CallStage::Begun));
}

#[test]
fn a_pre_call_is_aborted_or_late_or_never_redeemed() {
    let mut story = story();
    story.pre_call(55, ALICE, "gold");
    story.pre_call_abort(55, ALICE);
    assert!(story.calls.is_empty());

    story.of(1, ALICE).begin_routed(56);
    story.pre_call(56, ALICE, "late");
    let call = story.call(1, ALICE);
    assert_eq!((call.stage(), call.skill_group_number()), (CallStage::Begun, Some(77)));
    assert_eq!(call.data().variable(1), None, "the call's own data is newer");
    story.pre_call_abort(56, ALICE);
    assert_eq!(story.calls.len(), 1, "a call that has begun stays");

    story.pre_call(57, BOB, "lost");
    story.wait(301);
    while !story.calls.sweep(story.now) {}
    assert_eq!((story.calls.len(), story.calls.counters().expired), (1, 1));
}

// ---- what goes wrong on the way -------------------------------------------------------------------

#[test]
fn a_late_begin_completes_the_call() {
    let mut story = story();
    story.of(1, ALICE).delivered(CUSTOMER, ALICE, "");
    assert!(!story.call(1, ALICE).is_begun());
    let handle = story.handle(1, ALICE);
    story.begin(CallType::CALLTYPE_ACD_IN);
    let call = story.call(1, ALICE);
    assert_eq!((call.handle(), call.stage(), call.is_begun()), (handle, CallStage::Alerting, true));
    assert_eq!(call.call_type(), CallType::CALLTYPE_ACD_IN);
    assert_eq!(story.calls.counters().unannounced, 1);
}

#[test]
fn a_call_id_that_is_used_again_ends_the_call_whose_end_was_missed() {
    let mut story = story();
    talking(&mut story);
    story.cleared();
    let first = story.handle(1, ALICE);
    story.wait(1).begin(CallType::CALLTYPE_OUT);
    assert_ne!(story.handle(1, ALICE), first);
    assert_eq!(story.calls.counters().superseded, 1);
    let ended = story.changes().into_iter().find(|change| matches!(change, Change::Ended(..)));
    assert!(matches!(ended, Some(Change::Ended(handle, _)) if handle == first));
}

#[test]
fn an_end_by_another_name_ends_a_call_that_is_over_and_no_other() {
    let mut story = story();
    // Taken up in its midst, by what Bob's phone is told.
    story.of(1, BOB).established(CUSTOMER, BOB);
    story.of(1, ALICE).end();
    assert_eq!(story.call(1, BOB).stage(), CallStage::Talking, "it is Alice who has no more to do with it");
    story.of(1, BOB).cleared();
    story.of(1, ALICE).end();
    assert!(story.calls.is_empty());
}

#[test]
fn a_missing_end_is_made_up_for() {
    let mut story = story();
    talking(&mut story);
    story.cleared();
    story.wait(121);
    assert_eq!(story.calls.len(), 1);
    while !story.calls.sweep(story.now) {}
    assert!(story.calls.is_empty());
    let Some(Change::Ended(handle, _)) = story.calls.poll_change() else { panic!("no end") };
    assert_eq!(story.calls.get(handle).unwrap().end(), CallEnd::Expired);
}

#[test]
fn events_about_unknown_calls_are_counted_or_taken_up() {
    let mut story = story();
    story.of(5, ALICE).cleared();
    story.connection_cleared(ALICE);
    story.end();
    story.dequeued(&[]);
    story.media(ALICE, RtpDirection::INPUT, true);
    assert_eq!((story.calls.len(), story.calls.counters().unknown), (0, 5));
    story.held(ALICE);
    assert_eq!((story.calls.len(), story.parties(5, ALICE).as_str()), (1, "5001 HOLD"));
}

#[test]
fn an_event_after_the_clearing_brings_nobody_back() {
    let mut story = story();
    talking(&mut story);
    story.cleared();
    story.established(CUSTOMER, ALICE);
    let call = story.call(1, ALICE);
    assert_eq!((call.stage(), call.parties().count()), (CallStage::Cleared, 0));
    assert_eq!(story.calls.counters().late, 1);
}

#[test]
fn an_event_can_name_the_call_by_another_device() {
    let mut story = story();
    talking(&mut story);
    story.of(1, CUSTOMER).connection_cleared(CUSTOMER);
    assert_eq!(story.parties(1, ALICE), "5001 CONNECT");
    // Two calls of one call ID: the one that has the device.
    story.of(1, BOB).begin(CallType::CALLTYPE_ACD_IN);
    story.delivered("+7", BOB, "");
    story.of(1, "+7").established("+7", BOB);
    assert_eq!(story.parties(1, BOB), "+7 CONNECT, 5002 CONNECT");
    story.of(1, "").end();
    assert_eq!(story.calls.len(), 2, "which of the two ends is not said");
}

#[test]
fn the_server_restarts_in_mid_call() {
    let mut story = story();
    talking(&mut story);
    story.of(2, BOB).begin(CallType::CALLTYPE_ACD_IN);
    story.established("+7", BOB);
    story.wait(60).calls.session_lost();
    assert!(story.calls.iter().all(|call| call.is_stale()));

    // The new session tells of the first call, and the second one was hung up in between.
    story.wait(10);
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    story.established(CUSTOMER, ALICE);
    assert!(!story.call(1, ALICE).is_stale() && story.call(2, BOB).is_stale());
    assert_eq!(story.call(1, ALICE).times(story.now).talking.as_secs(), 70, "it has gone on");
    story.calls.resynchronised();
    while !story.calls.sweep(story.now) {}
    assert_eq!((story.calls.len(), story.has(2, BOB)), (1, false));
    assert_eq!(story.calls.counters().gone, 1);
}

// ---- changes, tables ------------------------------------------------------------------------------

#[test]
fn changes_say_what_is_different() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    let handle = story.handle(1, ALICE);
    let [Change::Changed(told, what)] = story.changes()[..] else { panic!("one change") };
    assert!(told == handle && what.contains(CallChanges::NEW));
    story.delivered(CUSTOMER, ALICE, "");
    let [Change::Changed(_, what)] = story.changes()[..] else { panic!("one change") };
    assert_eq!(what, CallChanges::STAGE | CallChanges::PARTIES);
    assert_eq!(story.delivered(CUSTOMER, ALICE, ""), Observed::Unchanged);
    assert!(story.changes().is_empty());
    story.media(ALICE, RtpDirection::INPUT, true);
    story.end();
    let [Change::Ended(told, what)] = story.changes()[..] else { panic!("one change") };
    assert!(told == handle && what.contains(CallChanges::MEDIA) && story.calls.get(handle).is_none());
}

#[test]
fn an_ended_call_can_be_read_until_the_next_change() {
    let mut story = story();
    talking(&mut story);
    story.data_update(CallDataUpdateEvent { ani: Some("206".into()), ..Default::default() });
    story.wait(30).cleared();
    story.end();
    let Some(Change::Ended(handle, _)) = story.calls.poll_change() else { panic!("no end") };
    let call = story.calls.get(handle).unwrap();
    assert_eq!((call.id().call_id, call.id().device_id), (1, ALICE.into()));
    assert_eq!((call.end(), call.data().ani()), (CallEnd::Ended, Some("206".into())));
    assert_eq!(call.times(story.now).talking.as_secs(), 30);
    assert_eq!(story.calls.poll_change(), None);
    assert!(story.calls.get(handle).is_none());
}

#[test]
fn a_full_table_gives_up_what_is_over_and_keeps_what_lives() {
    let room = cti_tests::track::Room::new(2, 8, 8, 0);
    let mut story = Story::with_room(Protocol::cce(24).unwrap(), room);
    talking(&mut story);
    story.of(2, BOB).begin(CallType::CALLTYPE_ACD_IN);
    story.of(3, CAROL).begin(CallType::CALLTYPE_ACD_IN);
    assert!(!story.has(3, CAROL));
    assert_eq!(story.calls.counters().calls.refused, 1);
    story.of(1, ALICE).cleared();
    story.of(3, CAROL).begin(CallType::CALLTYPE_ACD_IN);
    assert!(story.has(2, BOB) && story.has(3, CAROL) && !story.has(1, ALICE));
    assert_eq!((story.calls.counters().calls.evicted, story.calls.len()), (1, 2));
    assert!(story.changes().contains(&Change::Lost));
}

#[test]
fn a_call_goes_on_without_the_party_that_has_no_room() {
    let room = cti_tests::track::Room::new(4, 2, 8, 0);
    let mut story = Story::with_room(Protocol::cce(24).unwrap(), room);
    talking(&mut story);
    story.conferenced((2, ALICE), ALICE, BOB, &[(1, CUSTOMER), (1, ALICE), (1, BOB)]);
    let call = story.call(1, ALICE);
    assert_eq!((call.parties().count(), call.is_incomplete()), (2, true));
    story.cleared();
    story.end();
    assert_eq!(story.calls.counters().parties.live, 0);
}

#[test]
fn a_call_whose_device_has_no_room_is_known_by_its_call_id() {
    let room = cti_tests::track::Room::new(4, 4, 2, 0);
    let mut story = Story::with_room(Protocol::cce(24).unwrap(), room);
    talking(&mut story);
    for device in [BOB, CAROL] {
        // The same call, seen from either end.
        story.of(2, device).begin(CallType::CALLTYPE_ACD_IN);
        assert_eq!(story.calls.len(), 2);
    }
    assert!(story.calls.counters().names.refused > 0);
    story.of(2, BOB).end();
    assert_eq!(story.calls.len(), 1, "it does not stay for want of a name");
    story.of(1, ALICE).end();
    story.changes();
    assert_eq!((story.calls.len(), story.calls.counters().names.live), (0, 0));
}

#[test]
fn device_ids_are_opaque_and_may_be_long() {
    let long = ["a-very-long-device-identifier-of-some-phone@one", "a-very-long-device-identifier-of-some-phone@two"];
    let mut story = story();
    for (call, device) in [(1, long[0]), (2, long[1])] {
        story.of(call, device).begin(CallType::CALLTYPE_ACD_IN);
        story.delivered(CUSTOMER, device, "");
    }
    assert_eq!(story.calls.at_device(long[0].into()).map(|call| call.id().call_id).collect::<Vec<_>>(), [1]);
    assert_eq!(story.calls.at_device(CUSTOMER.into()).count(), 2);
    assert!(story.has(2, long[1]));
}
