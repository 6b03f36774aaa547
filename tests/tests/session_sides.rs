//! Which side a client connects to, and when it tries again.

use std::time::Duration;

use cti_proto::harness::{End, Memory, OnOpen, Pair, Reach};
use cti_proto::message::FailureEvent;
use cti_proto::session::Side::{A, B};
use cti_proto::session::{Cause, ClientConfig, Instant, Side};
use cti_proto::value::FailureStatus;
use cti_tests::session::{beating, cce24, ccx15, losses, pair, secs};

fn opened_on(pair: &Pair<'_>) -> Option<Side> {
    pair.client().opened().map(|opened| opened.side)
}

/// When which side is tried, in seconds, while all attempts fail.
fn attempts(pair: &mut Pair<'_>, until: u64) -> Vec<(u64, Side)> {
    pair.run_until(secs(until));
    let first = losses(pair).first().map(|loss| (0, loss.1));
    let further = losses(pair).into_iter().map(|loss| (loss.4 / 1_000, loss.3));
    first.into_iter().chain(further).filter(|(at, _)| *at <= until).collect()
}

fn refusing<'s>(config: ClientConfig<'static>, memory: &'s mut Memory) -> Pair<'s> {
    let mut pair = pair(config, memory);
    pair.set_reach(A, Reach::Refuses);
    pair.set_reach(B, Reach::Refuses);
    pair
}

#[test]
fn the_sides_are_tried_in_turn_until_one_connects() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.set_reach(A, Reach::Refuses);
    pair.settle();
    assert_eq!(losses(&pair), [(0, A, Cause::ConnectFailed, B, 0)]);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn attempts_follow_the_four_sequences() {
    let mut config = cce24();
    (config.expected_clients, config.random) = (1_000, 42);
    let mut memory = Memory::new();
    let mut pair = refusing(config, &mut memory);
    let rounds = [0, 42, 57, 87, 147, 267, 387, 507, 627];
    let expected: Vec<_> = rounds.into_iter().flat_map(|at| [(at, A), (at, B)]).collect();
    assert_eq!(attempts(&mut pair, 700), expected);
}

#[test]
fn the_random_wait_is_at_most_a_tenth_of_the_clients_in_seconds() {
    for (clients, random, wait) in [(0, 99, 0), (9, 99, 0), (1_000, 101, 0), (1_000, 100, 100), (50, u32::MAX, 3)] {
        let mut config = cce24();
        (config.expected_clients, config.random) = (clients, random);
        let mut memory = Memory::new();
        let mut pair = refusing(config, &mut memory);
        let attempts = attempts(&mut pair, 101);
        assert_eq!(attempts[2], (wait, A), "{clients} clients");
    }
}

#[test]
fn a_side_that_does_not_answer_to_tcp_is_given_up_after_the_connect_timeout() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.set_reach(A, Reach::Silent);
    pair.run_until(Instant::from_millis(9_999));
    assert_eq!(pair.events(), []);
    pair.run_until(secs(10));
    assert_eq!(losses(&pair), [(10_000, A, Cause::ConnectFailed, B, 10_000)]);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn after_a_loss_the_side_of_the_last_success_comes_first_and_at_once() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.set_reach(A, Reach::Refuses);
    pair.open();
    pair.set_reach(A, Reach::Accepts);
    pair.run_until(secs(100));
    pair.cut();
    pair.settle();
    assert_eq!(losses(&pair), [(100_000, B, Cause::TransportClosed, B, 100_000)]);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn if_the_last_good_side_is_gone_the_other_one_is_next() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.set_reach(A, Reach::Refuses);
    pair.cut();
    pair.settle();
    assert_eq!(losses(&pair), [(0, A, Cause::TransportClosed, A, 0), (0, A, Cause::ConnectFailed, B, 0)]);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn the_sequence_starts_anew_after_a_session() {
    let mut config = cce24();
    (config.expected_clients, config.random) = (1_000, 30);
    let mut memory = Memory::new();
    let mut pair = refusing(config, &mut memory);
    pair.run_until(secs(1_000));
    pair.set_reach(A, Reach::Accepts);
    pair.run_until(secs(1_200));
    assert_eq!(opened_on(&pair), Some(A));
    pair.clear_logs();
    pair.set_reach(A, Reach::Refuses);
    pair.cut();
    pair.run_until(secs(1_250));
    let attempts: Vec<_> = losses(&pair).iter().map(|loss| (loss.4, loss.3)).collect();
    assert_eq!(
        attempts,
        [
            (1_200_000, A),
            (1_200_000, B),
            (1_230_000, A),
            (1_230_000, B),
            (1_245_000, A),
            (1_245_000, B),
            (1_275_000, A)
        ]
    );
}

/// The guide starts the sequence anew when TCP connects; that would ask such servers without a pause.
#[test]
fn sides_that_connect_and_refuse_sessions_are_asked_ever_less_often() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    for side in [A, B] {
        pair.set_on_open(side, OnOpen::Refuse(FailureStatus::E_CTI_CTI_SERVER_OFFLINE));
    }
    let attempts = attempts(&mut pair, 400);
    assert_eq!(
        attempts,
        [
            (0, A),
            (1, B),
            (2, A),
            (3, B),
            (18, A),
            (19, B),
            (49, A),
            (50, B),
            (110, A),
            (111, B),
            (231, A),
            (232, B),
            (352, A),
            (353, B)
        ]
    );
}

/// The guide lets clients come back at once when a session was lost; here there was none.
#[test]
fn sides_that_connect_and_drop_the_connection_are_asked_ever_less_often() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    for side in [A, B] {
        pair.set_on_open(side, OnOpen::Leave);
    }
    let mut next = Instant::ZERO;
    for _ in 0..8 {
        pair.run_until(next);
        pair.cut();
        pair.settle();
        next = Instant::from_millis(losses(&pair).last().expect("a loss").4);
    }
    let lost = Cause::TransportClosed;
    assert_eq!(
        losses(&pair),
        [
            (0, A, lost, B, 0),
            (0, B, lost, A, 0),
            (0, A, lost, B, 0),
            (0, B, lost, A, 15_000),
            (15_000, A, lost, B, 15_000),
            (15_000, B, lost, A, 45_000),
            (45_000, A, lost, B, 45_000),
            (45_000, B, lost, A, 105_000)
        ]
    );
}

#[test]
fn a_connection_stays_until_it_fails_or_the_client_closes_it() {
    let mut memory = Memory::new();
    let mut pair = pair(beating(), &mut memory);
    pair.set_reach(A, Reach::Refuses);
    pair.open();
    pair.set_reach(A, Reach::Accepts);
    pair.run_until(secs(86_400));
    assert_eq!(pair.events(), []);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn a_server_that_goes_offline_is_left_for_the_other_side() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    pair.end(FailureStatus::E_CTI_CTI_SERVER_OFFLINE);
    pair.settle();
    let cause = Cause::EndedByServer(FailureStatus::E_CTI_CTI_SERVER_OFFLINE);
    assert_eq!(losses(&pair), [(0, A, cause, B, 0)]);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn the_caller_can_leave_a_side() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    pair.open();
    let now = pair.told(End::Client);
    pair.client_mut().reconnect(now);
    pair.settle();
    assert_eq!(losses(&pair), [(0, A, Cause::Left, B, 0)]);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn a_gap_between_two_sessions_is_reported() {
    let mut memory = Memory::new();
    let mut pair = pair(cce24(), &mut memory);
    assert_eq!(pair.open().gap, None);
    pair.run_until(secs(10));
    pair.set_reach(A, Reach::Refuses);
    pair.set_reach(B, Reach::Refuses);
    pair.cut();
    pair.run_until(secs(20));
    pair.set_reach(B, Reach::Accepts);
    pair.run_until(secs(30));
    assert_eq!(pair.open().gap, Some(Duration::from_secs(15)));
    let now = pair.now();
    pair.client_mut().reconnect(now);
    assert_eq!(pair.open().gap, Some(Duration::ZERO), "counted anew");
}

#[test]
fn a_single_server_is_tried_with_the_same_waits() {
    let mut config = cce24();
    config.pair = false;
    let mut memory = Memory::new();
    let mut pair = refusing(config, &mut memory);
    let expected = [0, 0, 15, 45, 105, 225, 345].map(|at| (at, A));
    assert_eq!(attempts(&mut pair, 400), expected);
}

#[test]
fn express_goes_to_the_next_server_on_a_socket_error_no_reply_or_failure() {
    let mut memory = Memory::new();
    let mut pair = pair(ccx15(), &mut memory);
    pair.set_reach(A, Reach::Refuses);
    pair.settle();
    assert_eq!(opened_on(&pair), Some(B));

    let mut memory = Memory::new();
    let mut pair = cti_tests::session::pair(ccx15(), &mut memory);
    pair.server_config_mut(A).standby = true;
    pair.run_until(secs(10));
    let refused = Cause::Refused(FailureStatus::E_CTI_SERVER_NOT_MASTER.into());
    assert_eq!(losses(&pair), [(0, A, refused, B, 10_000)]);
    assert_eq!(opened_on(&pair), Some(B));
}

#[test]
fn express_goes_to_the_next_server_after_any_loss_and_stays_there() {
    let mut memory = Memory::new();
    let mut pair = pair(ccx15(), &mut memory);
    pair.open();
    pair.cut();
    pair.settle();
    assert_eq!(losses(&pair), [(0, A, Cause::TransportClosed, B, 0)]);
    assert_eq!(pair.open().side, B);
    pair.run_for(Duration::from_secs(3_600));
    assert_eq!(opened_on(&pair), Some(B), "there is no fail-back");
    pair.inject_message(
        End::Server,
        &FailureEvent { status: FailureStatus::E_CTI_SERVER_NOT_MASTER, ..FailureEvent::default() },
    );
    pair.settle();
    assert_eq!(opened_on(&pair), Some(A));
}

#[test]
fn a_connection_lost_at_any_byte_of_opening_is_made_again() {
    for by in [End::Client, End::Server] {
        let mut memory = Memory::new();
        let mut whole = pair(cce24(), &mut memory);
        whole.settle();
        for bytes in 0..usize::try_from(whole.delivered(by)).unwrap() {
            let mut memory = Memory::new();
            let mut pair = pair(cce24(), &mut memory);
            pair.cut_after(by, bytes);
            pair.settle();
            assert_eq!(losses(&pair), [(0, A, Cause::TransportClosed, B, 0)], "after {bytes} bytes");
            assert_eq!(opened_on(&pair), Some(B));
        }
    }
}
