//! Reading the fixed part of a message.

use crate::protocol::Protocol;
use crate::wire::{Fields, FixedValue};

/// Reads fixed fields from the front of a body. It cannot index: at the end it goes on with zeros and remembers that
/// it was short.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    short: bool,
    protocol: Protocol,
}

impl<'a> Reader<'a> {
    /// Reads `body`, a body of `protocol`.
    #[must_use]
    pub const fn new(protocol: Protocol, body: &'a [u8]) -> Self {
        Self { rest: body, short: false, protocol }
    }

    /// The protocol that the body is written in.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The next fixed field.
    #[inline(always)]
    pub fn read<T: FixedValue>(&mut self) -> T {
        T::read(self)
    }

    /// The next `N` bytes.
    #[inline(always)]
    pub fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            // Not to be read any more: what comes next would stand in the wrong place.
            self.rest = &[];
            self.short = true;
            return [0; N];
        };
        self.rest = rest;
        *taken
    }

    /// What is not yet read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether anything is left to read.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Ends the fixed part: what follows, or `None` if the body was too short.
    #[inline(always)]
    pub(crate) fn whole_rest(self) -> Option<&'a [u8]> {
        (!self.short).then_some(self.rest)
    }

    /// Ends the fixed part: the floating fields that follow, or `None` if the body was too short.
    #[inline(always)]
    #[must_use]
    pub fn fields(self) -> Option<Fields<'a>> {
        (!self.short).then(|| Fields::new(self.protocol, self.rest))
    }
}
