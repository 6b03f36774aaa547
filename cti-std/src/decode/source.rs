//! The input: a reader with a window that grows as far as one packet needs, and no further.

use std::io::{self, Read};

use super::Error;

/// Bytes asked of the reader at once.
const CHUNK: usize = 64 * 1024;

/// A reader and the bytes read from it that are not yet used.
pub(crate) struct Source<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are used up.
    start: usize,
    /// Whether the reader has no more.
    is_over: bool,
}

impl<R: Read> Source<R> {
    /// Of which nothing is read yet.
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), start: 0, is_over: false }
    }

    /// The bytes at hand.
    pub(crate) fn data(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Gives up the first `n` bytes.
    pub(crate) fn consume(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.buffer.len());
    }

    /// Reads until there are `n` bytes at hand, or no more come; returns what is at hand.
    pub(crate) fn peek(&mut self, n: usize) -> Result<&[u8], Error> {
        while self.data().len() < n && !self.is_over {
            self.fill()?;
        }
        Ok(self.data())
    }

    /// Reads something unless there is something; false at the end.
    pub(crate) fn more(&mut self) -> Result<bool, Error> {
        self.peek(1).map(|data| !data.is_empty())
    }

    /// Reads once.
    fn fill(&mut self) -> Result<(), Error> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let used = self.buffer.len();
        self.buffer.resize(used + CHUNK, 0);
        let read = loop {
            match self.reader.read(self.buffer.get_mut(used..).unwrap_or_default()) {
                // A signal, as when the terminal changes its size.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let count = *read.as_ref().unwrap_or(&0);
        // Also where reading failed: the room that was made holds nothing.
        self.buffer.truncate(used.saturating_add(count));
        self.is_over = count == 0;
        read.map(|_| ()).map_err(Error::Input)
    }
}
