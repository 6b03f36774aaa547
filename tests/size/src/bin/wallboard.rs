//! Decodes the ten messages that a wallboard needs, with every field of theirs and every list.
#![no_std]
#![no_main]

use core::hint::black_box;

use cti_proto::message::{
    AgentStateEvent, BeginCallEvent, CallClearedEvent, CallDataUpdateEvent, CallDeliveredEvent, CallDequeuedEvent,
    CallEstablishedEvent, CallQueuedEvent, EndCallEvent, SystemEvent,
};
use cti_proto::wire::Element;
use cti_proto::{Body, Frame, FrameBuffer, List, MessageType, Protocol, Received};

size::program!(exercise);

/// Takes frames from the stream `input` through the buffer `output`. The first byte is the version.
fn exercise(input: &[u8], output: &mut [u8]) -> u32 {
    let Some((version, mut stream)) = input.split_first() else {
        return 0;
    };
    let Ok(protocol) = Protocol::cce((*version).into()) else {
        return 1;
    };
    let mut frames = FrameBuffer::new(output);
    while !stream.is_empty() {
        let taken = frames.receive(stream);
        stream = stream.get(taken..).unwrap_or_default();
        loop {
            match frames.next_frame(protocol) {
                Ok(Some(Received::Frame(frame))) => show(&frame),
                Ok(None) => break,
                Ok(Some(_)) => {}
                Err(_) => return 2,
            }
        }
    }
    3
}

fn show(frame: &Frame<'_>) {
    match frame.message_type() {
        MessageType::AGENT_STATE_EVENT => use_up(frame, |event: &AgentStateEvent<'_>| {
            use_up_list(&event.flt_skill_groups);
        }),
        MessageType::BEGIN_CALL_EVENT => use_up(frame, |event: &BeginCallEvent<'_>| {
            use_up_list(&event.named_variables);
            use_up_list(&event.named_arrays);
            use_up_list(&event.cti_clients);
        }),
        MessageType::CALL_DELIVERED_EVENT => use_up(frame, |event: &CallDeliveredEvent<'_>| {
            use_up_list(&event.named_variables);
            use_up_list(&event.named_arrays);
        }),
        MessageType::CALL_ESTABLISHED_EVENT => use_up(frame, |_: &CallEstablishedEvent<'_>| {}),
        MessageType::CALL_QUEUED_EVENT => use_up(frame, |event: &CallQueuedEvent<'_>| use_up_list(&event.skill_groups)),
        MessageType::CALL_DEQUEUED_EVENT => {
            use_up(frame, |event: &CallDequeuedEvent<'_>| use_up_list(&event.skill_groups));
        }
        MessageType::CALL_CLEARED_EVENT => use_up(frame, |_: &CallClearedEvent<'_>| {}),
        MessageType::END_CALL_EVENT => use_up(frame, |_: &EndCallEvent<'_>| {}),
        MessageType::CALL_DATA_UPDATE_EVENT => use_up(frame, |event: &CallDataUpdateEvent<'_>| {
            use_up_list(&event.named_variables);
            use_up_list(&event.named_arrays);
            use_up_list(&event.cti_clients);
        }),
        MessageType::SYSTEM_EVENT => use_up(frame, |_: &SystemEvent<'_>| {}),
        _ => {}
    }
}

/// Every field counts as used, and so does every error.
#[inline(never)]
fn use_up<'a, M: Body<'a>>(frame: &Frame<'a>, lists: fn(&M)) {
    let decoded = frame.decode::<M>();
    black_box(&decoded);
    if let Ok(message) = &decoded {
        lists(message);
    }
}

/// The same for the elements of a list.
#[inline(never)]
fn use_up_list<'a, T: Element<'a>>(list: &List<'a, T>) {
    for item in list {
        black_box(&item);
    }
}
