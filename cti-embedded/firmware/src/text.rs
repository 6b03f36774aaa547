//! Text in fixed places.

use core::fmt;

use heapless::String;
use heapless::string::StringView;

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
        line.push(text);
        line
    }

    /// Puts text behind what is there.
    pub fn push(&mut self, text: fmt::Arguments<'_>) {
        // It does not fail.
        let _ = fmt::write(&mut Cutting(self.0.as_mut_view()), text);
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> fmt::Display for Line<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text is written to lines of all lengths by the same code.
struct Cutting<'l>(&'l mut StringView);

impl fmt::Write for Cutting<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().all(|c| self.0.push(c).is_ok());
        Ok(())
    }
}
