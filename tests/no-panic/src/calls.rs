//! Every public call of the call tracker, in an order and with arguments that the input decides, over storage of any
//! size.

use core::hint::black_box;

use cti_proto::message::MessageType;
use cti_proto::session::Instant;
use cti_proto::track::{
    Call, CallConfig, CallFields, CallHandle, CallParts, CallStorage, CallTracker, Change, ConnectionId, Handle, Kept,
    Observed, RouterCallKey,
};
use cti_proto::value::ConnectionDeviceIdType;
use cti_proto::{DecodeError, Frame, Frames, Protocol, Text};

use crate::{Input, Sum};

type Room = CallStorage<3, 7, 5, 40>;

pub fn calls(protocol: Protocol, input: &mut Input<'_>, sum: &mut Sum) {
    let mut room = Room::new();
    let CallParts { calls, links, parties, names, name_buckets, data } = room.parts();
    let [some_calls, some_parties, some_names, some_data] = [(); 4].map(|()| usize::from(input.byte()));
    let [some_links, some_buckets] = [(); 2].map(|()| usize::from(input.byte()));
    let parts = CallParts {
        calls: calls.get_mut(..some_calls).unwrap_or_default(),
        links: links.get_mut(..some_links).unwrap_or_default(),
        parties: parties.get_mut(..some_parties).unwrap_or_default(),
        names: names.get_mut(..some_names).unwrap_or_default(),
        name_buckets: name_buckets.get_mut(..some_buckets).unwrap_or_default(),
        data: data.get_mut(..some_data).unwrap_or_default(),
    };
    let mut config = CallConfig::new();
    config.keep = CallFields::variable(input.number()).and(CallFields::NAMED_VARIABLES);
    sum.print_debug(&config.keep);
    let mut tracker = CallTracker::new(config, black_box(parts));
    let mut handle = None;
    while !input.0.is_empty() {
        let now = Instant::from_millis(u64::from(input.number()) << 16);
        handle = call(black_box(&mut tracker), protocol, now, handle, input, sum).or(handle);
        look(black_box(&tracker), now, handle, input, sum);
    }
}

fn call(
    tracker: &mut CallTracker<'_>,
    protocol: Protocol,
    now: Instant,
    handle: Option<CallHandle>,
    input: &mut Input<'_>,
    sum: &mut Sum,
) -> Option<CallHandle> {
    match input.byte() {
        0 => tracker.session_lost(),
        1 => tracker.resynchronised(),
        2 => sum.add(usize::from(tracker.sweep(now))),
        3 => tracker.clear(),
        4 => {
            let change = tracker.poll_change()?;
            sum.print_debug(&change);
            return match change {
                Change::Changed(handle, _) | Change::Ended(handle, _) => Some(handle),
                _ => handle,
            };
        }
        5 => {
            let length = input.byte().into();
            let frame = Frame::new(protocol, MessageType::SNAPSHOT_DEVICE_CONF, input.bytes(length));
            let device = input.text();
            observed(tracker.reconcile_device(now, device, &frame), sum);
        }
        _ => {
            let length = usize::from(input.byte()) << 4;
            for frame in Frames::new(protocol, input.bytes(length)).flatten() {
                observed(tracker.observe(now, &frame), sum);
            }
        }
    }
    None
}

fn observed(result: Result<Observed, DecodeError>, sum: &mut Sum) {
    match result {
        Ok(observed) => sum.print_debug(&observed.or(Observed::Unchanged)),
        Err(error) => sum.decode_error(error),
    }
}

fn look(tracker: &CallTracker<'_>, now: Instant, handle: Option<CallHandle>, input: &mut Input<'_>, sum: &mut Sum) {
    sum.add(tracker.len() + usize::from(tracker.is_empty()));
    let counters = tracker.counters();
    sum.number(counters.unknown);
    sum.add(counters.calls.live);
    sum.print_debug(tracker);
    if let Some(handle) = handle {
        sum.print_debug(&handle);
        sum.add(handle.slot());
        sum.add(usize::from(handle == black_box(handle)) + usize::from(handle < black_box(handle)));
        show_handle(tracker, handle, now, sum);
    }
    let id = ConnectionId {
        call_id: input.number(),
        device_id_type: ConnectionDeviceIdType(input.byte().into()),
        device_id: input.text(),
    };
    let (peripheral, number) = (input.number(), input.number());
    let key = RouterCallKey { day: input.number(), call_id: input.number(), sequence_number: input.number() };
    tracker.find(&id).into_iter().for_each(|call| show(&call, now, sum));
    tracker.iter().for_each(|call| show(&call, now, sum));
    tracker.with_call_id(id.call_id).for_each(|call| sum.add(call.handle().slot()));
    tracker.with_router_call_key(key).for_each(|call| sum.add(call.handle().slot()));
    tracker.at_device(id.device_id).for_each(|call| sum.add(call.handle().slot()));
    tracker.in_skill_group(peripheral, number).for_each(|call| sum.add(call.handle().slot()));
    tracker.in_service(peripheral, number).for_each(|call| sum.add(call.handle().slot()));
    tracker.queued_at(peripheral, number).for_each(|(call, since)| sum.add(call.handle().slot() + millis(since)));
    let kept = Kept::<12>::new(id.device_id);
    sum.print(&kept);
    sum.print_debug(&kept);
    sum.add(usize::from(kept.is(input.text())) + usize::from(kept.is_cut()));
}

fn show_handle(tracker: &CallTracker<'_>, handle: Handle<cti_proto::track::CallEntry>, now: Instant, sum: &mut Sum) {
    tracker.get(handle).into_iter().for_each(|call| show(&call, now, sum));
    tracker.consults_of(handle).for_each(|call| sum.add(call.handle().slot()));
}

fn show(call: &Call<'_>, now: Instant, sum: &mut Sum) {
    sum.print_debug(call);
    sum.print_debug(&(call.stage(), call.end(), call.cause(), call.disposition(), call.call_type(), call.media()));
    sum.print_debug(&(call.recording(), call.greeting(), call.is_begun(), call.is_stale(), call.is_incomplete()));
    sum.add(usize::from(call.is_data_cut()) + usize::from(call.has_reached_network()));
    let numbers = [call.service_number(), call.service_id(), call.skill_group_number(), call.skill_group_id()];
    numbers.into_iter().flatten().for_each(|number| sum.number(number));
    sum.number(call.call_type_id() ^ call.peripheral_id());
    sum.print_debug(&call.router_call_key());
    sum.add(call.origin().map_or(0, Handle::slot));
    for moment in [call.began(), call.stage_since(), call.heard()] {
        sum.add(millis(moment));
    }
    let times = call.times(now);
    for time in [times.total, times.queued, times.alerting, times.talking, times.held] {
        sum.number(time.subsec_millis());
    }
    for party in call.parties() {
        sum.text(Some(party.device()));
        sum.print_debug(&party);
        sum.print_debug(&(party.state(), party.role(), party.device_type()));
        sum.add(millis(party.since()));
    }
    for (peripheral, number, since) in call.queues() {
        sum.number(peripheral ^ number);
        sum.add(millis(since));
    }
    if let Some(party) = call.party(call.id().device_id) {
        sum.print_debug(&party.state());
    }
    data(call, sum);
}

fn data(call: &Call<'_>, sum: &mut Sum) {
    let data = call.data();
    sum.print_debug(&data);
    let texts: [Option<Text<'_>>; 9] = [
        data.ani(),
        data.dnis(),
        data.dialed_number(),
        data.caller_entered_digits(),
        data.call_wrapup_data(),
        data.customer_phone_number(),
        data.customer_account_number(),
        data.variable(call.handle().slot() as u8),
        data.named_variable("user.name").or(data.named_array("user.name", 1)),
    ];
    texts.into_iter().for_each(|text| sum.text(text));
    let bytes = [data.user_to_user_info(), data.call_reference_id()];
    bytes.into_iter().flatten().for_each(|bytes| sum.bytes(&bytes));
    data.named_variables().for_each(|variable| sum.text(Some(variable.value)));
    data.named_arrays().for_each(|element| sum.text(Some(element.value)));
}

fn millis(moment: Instant) -> usize {
    moment.as_millis() as usize
}
