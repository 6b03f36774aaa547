//! Media, recordings and greetings, as stories.

use cti_proto::Protocol;
use cti_proto::track::{CallChanges, CallConfig, CallFields, CallStage, Change, Observed, Playing};
use cti_proto::value::{AgentGreetingEventCode, CallType, RtpDirection};
use cti_tests::track::{Room, Story};

use super::{ALICE, BOB, CUSTOMER, story, talking};

/// Alice, who has called Bob.
fn colleagues(story: &mut Story) {
    story.of(1, ALICE).begin(CallType::CALLTYPE_AGENT_INSIDE);
    story.originated(ALICE, BOB);
    story.delivered(ALICE, BOB, "");
    story.established(ALICE, BOB);
}

fn media_at(story: &Story, phone: &str) -> (bool, bool) {
    story.call(1, ALICE).party(phone.into()).expect("a party").media()
}

#[test]
fn media_flow_at_each_phone_of_its_own() {
    let mut story = story();
    colleagues(&mut story);
    for phone in [ALICE, BOB] {
        story.media(phone, RtpDirection::INPUT, true);
        story.media(phone, RtpDirection::OUTPUT, true);
    }
    assert_eq!((media_at(&story, ALICE), media_at(&story, BOB)), ((true, true), (true, true)));
    // Alice puts Bob on hold: nothing goes out from her, nothing comes to him.
    story.held(ALICE);
    story.media(ALICE, RtpDirection::OUTPUT, false);
    story.media(BOB, RtpDirection::INPUT, false);
    assert_eq!((media_at(&story, ALICE), media_at(&story, BOB)), ((true, false), (false, true)));
    assert_eq!(story.call(1, ALICE).media(), (true, true), "of both together");
    story.connection_cleared(BOB);
    assert_eq!(story.call(1, ALICE).media(), (true, false), "his went with him");
    story.cleared();
    assert_eq!(story.call(1, ALICE).media(), (false, false));
}

#[test]
fn media_may_flow_before_anybody_answers() {
    let mut story = story();
    story.of(1, ALICE).begin(CallType::CALLTYPE_ACD_IN);
    assert_eq!(story.media(ALICE, RtpDirection::INPUT, true), Observed::Changed);
    assert_eq!(story.media(ALICE, RtpDirection::INPUT, true), Observed::Unchanged);
    assert_eq!(story.call(1, ALICE).media(), (true, false));
    story.delivered(CUSTOMER, ALICE, "");
    story.established(CUSTOMER, ALICE);
    story.media(ALICE, RtpDirection::INPUT, false);
    assert_eq!(story.call(1, ALICE).media(), (false, false), "the end is meant for the same stream");
}

#[test]
fn a_tracker_that_is_to_follow_neither_media_nor_data_does_not() {
    let mut config = CallConfig::new();
    (config.media, config.keep) = (false, CallFields::NONE);
    let mut story = Story::with(config, Protocol::cce(24).unwrap(), Room::new(4, 8, 8, 256));
    colleagues(&mut story);
    assert_eq!(story.media(ALICE, RtpDirection::INPUT, true), Observed::Irrelevant);
    let call = story.call(1, ALICE);
    assert_eq!((call.stage(), call.media(), call.data().ani()), (CallStage::Talking, (false, false), None));
    assert_eq!(story.calls.counters().data_dropped, 0);
}

#[test]
fn a_call_is_recorded_until_it_is_cleared() {
    let mut story = story();
    talking(&mut story);
    assert_eq!(story.call(1, ALICE).recording(), Playing::Never);
    story.changes();
    story.recording_started();
    assert_eq!(story.call(1, ALICE).recording(), Playing::Started);
    let changes = story.changes();
    assert!(matches!(changes[..], [Change::Changed(_, what)] if what == CallChanges::MEDIA), "{changes:?}");
    story.recording_ended();
    assert_eq!(story.call(1, ALICE).recording(), Playing::Ended);
    story.recording_started();
    story.cleared();
    assert_eq!(story.call(1, ALICE).recording(), Playing::Ended, "the event of the end may be missing");
    story.recording_started();
    assert_eq!(story.call(1, ALICE).recording(), Playing::Ended, "too late");
}

#[test]
fn a_recording_fails_and_the_call_goes_on() {
    let mut story = story();
    talking(&mut story);
    story.recording_failed();
    let call = story.call(1, ALICE);
    assert_eq!((call.recording(), call.stage()), (Playing::Failed, CallStage::Talking));
    story.of(9, ALICE).recording_failed();
    assert_eq!((story.calls.len(), story.calls.counters().unknown), (1, 1), "it takes up no call");
}

#[test]
fn a_greeting_is_played_or_not() {
    for (code, playing) in [
        (AgentGreetingEventCode::GREETING_ENDED, Playing::Ended),
        (AgentGreetingEventCode::GREETING_FAILED, Playing::Failed),
    ] {
        let mut story = story();
        talking(&mut story);
        story.greeting(AgentGreetingEventCode::GREETING_STARTED);
        assert_eq!(story.call(1, ALICE).greeting(), Playing::Started);
        assert_eq!(story.greeting(code), Observed::Changed);
        assert_eq!(story.call(1, ALICE).greeting(), playing);
    }
}
