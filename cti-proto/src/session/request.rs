//! Requests on their way: which are outstanding, until when, and how each ends.

use core::fmt;

use heapless::vec::VecView;

use crate::error::{Blame, EncodeError};
use crate::message::MessageType;
use crate::session::Instant;
use crate::wire::{Frame, HEADER_LEN};

/// A request that was sent: what its end refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Request {
    /// The invoke ID under which it was sent.
    pub invoke_id: u32,
    /// Type of the request.
    pub message: MessageType,
}

/// Why a request was not sent. Nothing of it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// No session is open. The caller's mistake or the network's; wait for the session to open.
    NotOpen,
    /// The session is with a standby server, which takes no requests.
    Standby,
    /// The message is not a request with an invoke ID; send it with `send`.
    NotARequest,
    /// The storage is full of outstanding requests; one of them has to end first.
    TooManyOutstanding,
    /// A configuration conversation is open already; it has to end first.
    ConversationOpen,
    /// It is too early for the next request of a resynchronisation.
    TooEarly,
    /// The message cannot be written, or there is no room for it; see [`EncodeError::blame`].
    Encode(EncodeError),
}

impl RequestError {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            Self::TooManyOutstanding | Self::TooEarly => Blame::Capacity,
            Self::Encode(error) => error.blame(),
            _ => Blame::Usage,
        }
    }
}

impl From<EncodeError> for RequestError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOpen => "no session is open",
            Self::Standby => "a standby server takes no requests",
            Self::NotARequest => "not a request with an invoke ID",
            Self::TooManyOutstanding => "too many requests are outstanding",
            Self::ConversationOpen => "a configuration conversation is open",
            Self::TooEarly => "too early for the next request of a resynchronisation",
            Self::Encode(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for RequestError {}

/// An outstanding request.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    request: Request,
    deadline: Instant,
}

/// The table of outstanding requests.
#[derive(Debug)]
pub(super) struct Requests<'s> {
    pending: &'s mut VecView<Pending>,
    next_id: u32,
    high_water: usize,
}

impl<'s> Requests<'s> {
    pub(super) fn new(pending: &'s mut VecView<Pending>) -> Self {
        // The storage may come from a session before.
        pending.clear();
        Self { pending, next_id: 1, high_water: 0 }
    }

    pub(super) fn into_inner(self) -> &'s mut VecView<Pending> {
        self.pending
    }

    /// A fresh invoke ID: none that is outstanding, and never 0.
    pub(super) fn next_id(&mut self) -> u32 {
        loop {
            let id = self.next_id;
            self.next_id = id.checked_add(1).unwrap_or(1);
            if !self.pending.iter().any(|pending| pending.request.invoke_id == id) {
                return id;
            }
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.pending.is_full()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) const fn high_water(&self) -> usize {
        self.high_water
    }

    /// Notes a request; the table must have room.
    pub(super) fn add(&mut self, request: Request, deadline: Instant) {
        // The room was asked for before the request was written.
        let _ = self.pending.push(Pending { request, deadline });
        self.high_water = self.high_water.max(self.pending.len());
    }

    /// The outstanding request with this invoke ID.
    pub(super) fn find(&self, invoke_id: u32) -> Option<Request> {
        self.pending.iter().map(|pending| pending.request).find(|request| request.invoke_id == invoke_id)
    }

    /// Ends the request with this invoke ID.
    pub(super) fn end(&mut self, invoke_id: u32) -> Option<Request> {
        self.take(self.pending.iter().position(|pending| pending.request.invoke_id == invoke_id)?)
    }

    /// Ends a request whose time is over.
    pub(super) fn take_expired(&mut self, now: Instant) -> Option<Request> {
        self.take(self.pending.iter().position(|pending| pending.deadline <= now)?)
    }

    /// Ends any request.
    pub(super) fn take_any(&mut self) -> Option<Request> {
        self.take(0)
    }

    /// Gives a request another time: one part of its answer came.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn extend(&mut self, invoke_id: u32, deadline: Instant) {
        for pending in self.pending.iter_mut().filter(|pending| pending.request.invoke_id == invoke_id) {
            pending.deadline = deadline;
        }
    }

    /// The end of the time of the first one whose time ends.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn deadline(&self) -> Instant {
        self.pending.iter().map(|pending| pending.deadline).fold(Instant::NEVER, Instant::min)
    }

    /// Whether the time of any is over.
    pub(super) fn has_expired(&self, now: Instant) -> bool {
        self.deadline() <= now
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn take(&mut self, place: usize) -> Option<Request> {
        // The last one moves to the place that is free: nothing relies on their order.
        let last = self.pending.pop()?;
        let taken = match self.pending.get_mut(place) {
            Some(slot) => core::mem::replace(slot, last),
            None => last,
        };
        Some(taken.request)
    }
}

/// The invoke ID of a frame: the first field of every request and answer that has one.
pub(super) fn invoke_id(frame: &Frame<'_>) -> Option<u32> {
    frame.body().first_chunk().map(|number| u32::from_be_bytes(*number))
}

/// Writes the invoke ID of a frame.
pub(super) fn set_invoke_id(frame: &mut [u8], invoke_id: u32) {
    let place = frame.get_mut(HEADER_LEN..).and_then(|body| body.first_chunk_mut());
    if let Some(place) = place {
        *place = invoke_id.to_be_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invoke_ids_begin_anew_after_the_last_one_and_pass_over_those_that_are_outstanding() {
        let mut pending = heapless::Vec::<Pending, 4>::new();
        let mut requests = Requests::new(&mut pending);
        for _ in 0..2 {
            let invoke_id = requests.next_id();
            let message = MessageType::MAKE_CALL_REQ;
            requests.add(Request { invoke_id, message }, Instant::ZERO);
        }
        requests.next_id = u32::MAX;
        assert_eq!([requests.next_id(), requests.next_id()], [u32::MAX, 3], "1 and 2 are outstanding");
    }
}
