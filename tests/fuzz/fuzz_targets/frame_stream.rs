//! Any bytes, cut into frames: the buffer, fed in chunks, hands out what lies there when all is seen at once.
//!
//! The first byte chooses the protocol, two the size of the buffer, and two the sizes of the chunks.
#![no_main]

use cti_fuzz::{FRAME_MAX, protocol};
use cti_proto::wire::HEADER_LEN;
use cti_proto::{Frame, FrameBuffer, FrameError, Frames, MessageType, Protocol, Received};
use libfuzzer_sys::fuzz_target;

/// What a stream holds, in order; a body is missing where the frame is too large for the buffer.
#[derive(Debug, PartialEq)]
enum Seen<'a> {
    Frame(MessageType, &'a [u8]),
    Skipped(MessageType, usize),
    Lost(FrameError),
}

impl<'a> Seen<'a> {
    fn new(received: Received<'a>) -> Self {
        match received {
            Received::Frame(frame) => Self::Frame(frame.message_type(), frame.body()),
            Received::Skipped { message, length } => Self::Skipped(message, length as usize),
            other => panic!("{other:?}"),
        }
    }

    fn at_once(frame: Frame<'a>, room: usize) -> Self {
        let length = frame.body().len();
        match HEADER_LEN + length > room {
            true => Self::Skipped(frame.message_type(), length),
            false => Self::Frame(frame.message_type(), frame.body()),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&[choice, size1, size0, chunk, step], stream)) = data.split_first_chunk() else {
        return;
    };
    let protocol = protocol(choice);
    let room = HEADER_LEN + usize::from(u16::from_be_bytes([size1, size0])) % FRAME_MAX;
    let (mut expected, rest) = at_once(protocol, stream, room);
    expected.reverse();

    let mut buffer = vec![0; room];
    let mut frames = FrameBuffer::new(&mut buffer);
    let mut left = stream;
    let mut chunk = usize::from(chunk);
    while !left.is_empty() {
        let offered = &left[..left.len().min(chunk % 256 + 1)];
        let taken = receive(&mut frames, offered, chunk & 1 == 0);
        left = &left[taken..];
        let mut is_stuck = taken == 0;
        loop {
            let front = frames.front(protocol).map(|received| received.map(|received| format!("{received:?}")));
            let received = frames.next_frame(protocol);
            assert_eq!(front, received.map(|received| received.map(|received| format!("{received:?}"))));
            let seen = match received {
                Ok(None) => break,
                Ok(Some(received)) => Seen::new(received),
                Err(error) => Seen::Lost(error),
            };
            is_stuck = false;
            assert_eq!(Some(&seen), expected.pop().as_ref());
            if let Seen::Lost(_) = seen {
                return;
            }
        }
        assert!(!is_stuck, "no room, and no frame to take");
        chunk += usize::from(step);
    }
    assert!(expected.is_empty(), "not handed out: {expected:?}");
    assert_eq!(frames.pending(), rest.len());
});

fn receive(frames: &mut FrameBuffer<'_>, offered: &[u8], in_place: bool) -> usize {
    if !in_place {
        return frames.receive(offered);
    }
    let space = frames.space();
    let taken = space.len().min(offered.len());
    space[..taken].copy_from_slice(&offered[..taken]);
    frames.commit(taken);
    taken
}

/// What the whole stream holds, and the bytes that are left for a later frame.
fn at_once(protocol: Protocol, stream: &[u8], room: usize) -> (Vec<Seen<'_>>, &[u8]) {
    let mut frames = Frames::new(protocol, stream);
    let mut seen: Vec<_> =
        frames.by_ref().map(|frame| frame.map_or_else(Seen::Lost, |frame| Seen::at_once(frame, room))).collect();
    // A frame that has no room is reported by its header.
    let rest = frames.rest();
    if let Some((&header, _)) = rest.split_first_chunk::<HEADER_LEN>() {
        let header = u64::from_be_bytes(header);
        let length = (header >> 32) as usize;
        if HEADER_LEN + length > room {
            seen.push(Seen::Skipped(MessageType(header as u32), length));
            return (seen, &[]);
        }
    }
    (seen, rest)
}
