//! Cutting a stream into frames as it arrives, in chunks of any size, in a buffer of the caller.

use crate::error::FrameError;
use crate::message::MessageType;
use crate::protocol::Protocol;
use crate::wire::frame::Header;
use crate::wire::{Frame, HEADER_LEN};

/// Receives a stream into a borrowed buffer and hands out its frames in place.
///
/// Bytes come in through [`space`](Self::space) and [`commit`](Self::commit), or by [`receive`](Self::receive);
/// frames go out by [`next_frame`](Self::next_frame), each until the next call. A frame that the buffer can
/// never hold is reported once and skipped by its length, without being buffered. Work per call is bounded, and a
/// partial frame is never looked at from its beginning again: only its header is.
///
/// The buffer bounds the largest frame: [`Protocol::max_message`] bytes hold any. It has [`HEADER_LEN`] bytes at least:
/// one that holds no header takes nothing.
#[derive(Debug)]
pub struct FrameBuffer<'b> {
    buffer: &'b mut [u8],
    start: usize,
    end: usize,
    skip: usize,
}

/// What a [`FrameBuffer`] hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Received<'a> {
    /// A whole frame.
    Frame(Frame<'a>),
    /// A frame larger than the buffer; its bytes are dropped as they come, and the next frame is found.
    Skipped {
        /// Type of the frame.
        message: MessageType,
        /// Bytes after its header.
        length: u32,
    },
}

impl<'b> FrameBuffer<'b> {
    /// Receives into `buffer`.
    #[must_use]
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, start: 0, end: 0, skip: 0 }
    }

    /// Gives the buffer back.
    #[must_use]
    pub fn into_inner(self) -> &'b mut [u8] {
        self.buffer
    }

    /// Room for bytes from the peer; empty only while a whole frame waits to be taken.
    pub fn space(&mut self) -> &mut [u8] {
        // What is left is moved when that much was taken before it, so that no byte costs more than one move, or when there
        // is no other room. A partial frame then lies at the front, and only the pages that reads need are ever touched.
        if self.start > 0 && (self.pending() <= self.start || self.end == self.buffer.len()) {
            // As it is, put so that it is seen not to panic.
            let end = self.end.min(self.buffer.len());
            self.buffer.copy_within(self.start.min(end)..end, 0);
            self.end = self.pending();
            self.start = 0;
        }
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// Whether [`space`](Self::space) has room.
    #[must_use]
    pub const fn has_space(&self) -> bool {
        self.end < self.buffer.len() || self.start > 0
    }

    /// Counts `n` bytes at the front of [`space`](Self::space) as received; more than there is room for counts as
    /// all of it.
    pub fn commit(&mut self, n: usize) {
        self.end = self.end.saturating_add(n).min(self.buffer.len());
        self.drop_skipped();
    }

    /// Takes from `bytes` what there is room for, and says how many that were.
    #[must_use = "bytes that were not taken must be offered again"]
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        let space = self.space();
        let taken = space.len().min(bytes.len());
        // `copy_from_slice` would be one more thing that has to be shown not to panic.
        for (place, byte) in space.iter_mut().zip(bytes) {
            *place = *byte;
        }
        self.commit(taken);
        taken
    }

    /// What [`next_frame`](Self::next_frame) would hand out, without taking it.
    ///
    /// # Errors
    /// [`FrameError`] if a header announces more than `protocol` allows; the stream is then lost.
    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub fn front(&self, protocol: Protocol) -> Result<Option<Received<'_>>, FrameError> {
        // All that is here belongs to the frame that is being skipped.
        if self.skip > 0 {
            return Ok(None);
        }
        let pending = self.buffer.get(self.start..self.end).unwrap_or_default();
        let Some((header, rest)) = pending.split_first_chunk() else {
            return Ok(None);
        };
        let header = Header::of(header).checked(protocol)?;
        // Told at its header: the rest of it could be waited for without end.
        if header.frame_len() > self.buffer.len() {
            return Ok(Some(Received::Skipped { message: header.message_type, length: header.length }));
        }
        // None while the frame is partial: it is asked for again when more has come.
        let body = rest.get(..header.length as usize);
        Ok(body.map(|body| Received::Frame(Frame::new(protocol, header.message_type, body))))
    }

    /// The next frame, if a whole one is there.
    ///
    /// # Errors
    /// [`FrameError`] if a header announces more than `protocol` allows; the stream is then lost.
    pub fn next_frame(&mut self, protocol: Protocol) -> Result<Option<Received<'_>>, FrameError> {
        match self.front(protocol)? {
            None => Ok(None),
            Some(Received::Skipped { message, length }) => {
                // Its header is still here, and goes the same way.
                self.skip = HEADER_LEN.saturating_add(length as usize);
                self.drop_skipped();
                Ok(Some(Received::Skipped { message, length }))
            }
            Some(Received::Frame(frame)) => {
                let (message_type, length) = (frame.message_type(), frame.body().len() as u32);
                Ok(Some(Received::Frame(self.take_whole(protocol, Header { length, message_type }))))
            }
        }
    }

    /// The header at the front, if its frame is whole and the buffer can hold it.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline)]
    pub(crate) fn whole_header(&self, protocol: Protocol) -> Option<Header> {
        // Nothing is here while a frame is being skipped.
        let (header, rest) = self.buffer.get(self.start..self.end)?.split_first_chunk()?;
        let header = Header::of(header);
        // What is whole fits the buffer, as it is in there. Why it is none nobody asks here.
        (header.length as usize <= rest.len() && header.is_within(protocol)).then_some(header)
    }

    /// Takes the frame whose header is at the front.
    #[cfg_attr(not(target_pointer_width = "32"), inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn take_whole(&mut self, protocol: Protocol, header: Header) -> Frame<'_> {
        // Nothing wraps: the whole frame is in the buffer.
        let from = self.start.wrapping_add(HEADER_LEN);
        let behind = from.wrapping_add(header.length as usize);
        // Once empty it begins at the front, so that hardly anything is ever moved.
        (self.start, self.end) = if behind < self.end { (behind, self.end) } else { (0, 0) };
        Frame::new(protocol, header.message_type, self.buffer.get(from..behind).unwrap_or_default())
    }

    /// Bytes received and not yet handed out.
    #[must_use]
    pub const fn pending(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Forgets everything: for a new connection.
    pub fn clear(&mut self) {
        (self.start, self.end, self.skip) = (0, 0, 0);
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn drop_skipped(&mut self) {
        let dropped = self.skip.min(self.pending());
        self.skip = self.skip.saturating_sub(dropped);
        self.advance(dropped);
    }

    fn advance(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    const STREAM: [u8; 36] = [
        0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 1, // HEARTBEAT_CONF
        0, 0, 0, 4, 0, 0, 0, 99, 9, 9, 9, 9, // a type nobody knows
        0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 2,
    ];

    fn cut(buffer: &mut [u8], stream: &[u8], chunk: usize) -> Vec<(u32, usize)> {
        let mut frames = FrameBuffer::new(buffer);
        let mut seen = Vec::new();
        for mut bytes in stream.chunks(chunk) {
            while !bytes.is_empty() {
                let taken = frames.receive(bytes);
                bytes = &bytes[taken..];
                while let Some(received) = frames.next_frame(Protocol::cce(19).unwrap()).unwrap() {
                    seen.push(match received {
                        Received::Frame(frame) => (frame.message_type().0, frame.body().len()),
                        Received::Skipped { message, .. } => (message.0, usize::MAX),
                    });
                }
            }
        }
        seen
    }

    #[test]
    fn every_chunking_gives_the_same_frames() {
        for size in 12..40 {
            for chunk in 1..=STREAM.len() {
                assert_eq!(cut(&mut [0; 40][..size], &STREAM, chunk), [(6, 4), (99, 4), (6, 4)]);
            }
        }
    }

    #[test]
    fn a_frame_beyond_the_buffer_is_reported_and_skipped() {
        let mut stream = Vec::from([0, 0, 1, 0, 0, 0, 0, 23]);
        stream.resize(8 + 256, 7);
        stream.extend(STREAM);
        for chunk in 1..=stream.len() {
            let seen = cut(&mut [0; 32], &stream, chunk);
            assert_eq!(seen, [(23, usize::MAX), (6, 4), (99, 4), (6, 4)]);
        }
    }

    #[test]
    fn a_length_beyond_the_protocol_is_the_peers_error() {
        let mut buffer = [0; 64];
        let mut frames = FrameBuffer::new(&mut buffer);
        let header = [0, 0, 0x10, 0xe2, 0, 0, 0, 23];
        assert_eq!(frames.receive(&header), 8);
        let error = frames.next_frame(Protocol::cce(19).unwrap()).unwrap_err();
        assert_eq!(error, FrameError::TooLong { message: MessageType(23), length: 4_322, limit: 4_329 });
        assert!(matches!(frames.next_frame(Protocol::cce(20).unwrap()), Ok(Some(Received::Skipped { .. }))));
    }
}
