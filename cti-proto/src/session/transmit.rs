//! The bytes on their way out: a region that commands append whole frames to and the transport drains.

use crate::error::EncodeError;
use crate::message::{Body, MessageType, encode, encode_for, write_frame};
use crate::protocol::Protocol;
use crate::wire::{IS_FAST, Writer};

/// Outgoing bytes in a buffer of the caller.
#[derive(Debug)]
pub(super) struct Transmit<'s> {
    buffer: &'s mut [u8],
    start: usize,
    end: usize,
    high_water: usize,
}

impl<'s> Transmit<'s> {
    pub(super) const fn new(buffer: &'s mut [u8]) -> Self {
        Self { buffer, start: 0, end: 0, high_water: 0 }
    }

    pub(super) fn into_buffer(self) -> &'s mut [u8] {
        self.buffer
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(super) const fn high_water(&self) -> usize {
        self.high_water
    }

    /// Bytes that can still be appended.
    pub(super) fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.bytes().len())
    }

    pub(super) fn consume(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.end);
        // So that the bytes hardly ever have to be moved: mostly all is sent before more comes.
        if self.is_empty() {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Appends a message as a frame, whole or not at all, and returns the frame.
    pub(super) fn push<'a, M: Body<'a>>(&mut self, protocol: Protocol, message: &M) -> Result<&mut [u8], EncodeError> {
        if !IS_FAST {
            return self.append_written(protocol, M::TYPE, false, &|writer| message.write(writer));
        }
        self.append(&mut |free| encode(protocol, message, free).map(<[u8]>::len))
    }

    /// Appends a message as a frame, without the floating fields that the version lacks.
    pub(super) fn push_for<'a, M: Body<'a>>(
        &mut self,
        protocol: Protocol,
        message: &M,
    ) -> Result<&mut [u8], EncodeError> {
        if !IS_FAST {
            return self.append_written(protocol, M::TYPE, true, &|writer| message.write(writer));
        }
        self.append(&mut |free| encode_for(protocol, message, free).map(<[u8]>::len))
    }

    /// Appends a frame that is encoded already.
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) -> Option<&mut [u8]> {
        self.append(&mut |free| {
            let place = free.get_mut(..bytes.len()).ok_or(NoRoom)?;
            place.copy_from_slice(bytes);
            Ok::<_, NoRoom>(bytes.len())
        })
        .ok()
    }

    /// Appends a message of any type: once for all of them.
    #[inline(never)]
    fn append_written(
        &mut self,
        protocol: Protocol,
        message: MessageType,
        leaves_out: bool,
        body: &dyn Fn(&mut Writer<'_>),
    ) -> Result<&mut [u8], EncodeError> {
        self.append(&mut |free| write_frame(protocol, message, leaves_out, free, body))
    }

    #[inline]
    fn append<E>(&mut self, write: &mut dyn FnMut(&mut [u8]) -> Result<usize, E>) -> Result<&mut [u8], E> {
        // Where room counts more than time, at once: one attempt is enough then.
        if !IS_FAST {
            self.compact();
        }
        loop {
            match write(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                // Only where there is no room behind what waits is it moved to the front.
                Err(_) if self.start > 0 => self.compact(),
                written => return written.map(|length| self.commit(length)),
            }
        }
    }

    /// What was written to the front of the free bytes.
    fn commit(&mut self, length: usize) -> &mut [u8] {
        let from = self.end;
        self.end = self.end.saturating_add(length).min(self.buffer.len());
        self.high_water = self.high_water.max(self.bytes().len());
        self.buffer.get_mut(from..self.end).unwrap_or_default()
    }

    fn compact(&mut self) {
        if let Some(used) = self.buffer.get_mut(..self.end) {
            used.copy_within(self.start.min(used.len()).., 0);
        }
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
    }
}

struct NoRoom;
