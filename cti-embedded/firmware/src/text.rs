//! Text in fixed places.

use core::fmt;

use heapless::String;

/// Up to `N` bytes of text. What does not fit is cut off, where `String` would take nothing of it.
#[derive(Clone, Debug, Default)]
pub struct Line<const N: usize>(String<N>);

impl<const N: usize> Line<N> {
    /// A line with nothing in it.
    #[must_use]
    pub const fn new() -> Self {
        Self(String::new())
    }

    /// A line of this text.
    #[must_use]
    pub fn of(text: fmt::Arguments<'_>) -> Self {
        let mut line = Self::new();
        // It does not fail.
        let _ = fmt::write(&mut line, text);
        line
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> fmt::Write for Line<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().all(|c| self.0.push(c).is_ok());
        Ok(())
    }
}

impl<const N: usize> fmt::Display for Line<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
