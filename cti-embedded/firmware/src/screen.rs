//! A screen of text on the serial line: a terminal that understands ANSI's cursor positions. Only what is different is sent.

use core::fmt;

use crate::serial::Output;
use crate::text::Line;

/// Columns.
pub const WIDTH: usize = 80;
/// Lines.
pub const HEIGHT: usize = 30;
/// Equal places between two changes that are sent once more, rather than a cursor position.
const GAP: usize = 6;

/// What the terminal shows.
pub struct Screen {
    output: Output,
    shown: [[u8; WIDTH]; HEIGHT],
}

impl Screen {
    /// What a screen consists of, for a `static`: empty.
    pub const EMPTY: [[u8; WIDTH]; HEIGHT] = [[b' '; WIDTH]; HEIGHT];

    /// Takes a terminal, which is cleared by the first [`clear`](Self::clear).
    #[must_use]
    pub const fn new(output: Output) -> Self {
        Self { output, shown: Self::EMPTY }
    }

    /// Clears the terminal and hides the cursor: what it showed before is not known.
    pub async fn clear(&mut self) {
        self.shown = Self::EMPTY;
        self.output.write(b"\x1b[2J\x1b[?25l").await;
    }

    /// Shows a text of `N` places, the rest of them blank. What is outside of the screen is cut off.
    pub async fn put<const N: usize>(&mut self, row: usize, column: usize, text: fmt::Arguments<'_>) {
        let line = Line::<N>::of(text);
        let mut wanted = [b' '; N];
        wanted.iter_mut().zip(line.as_str().bytes()).for_each(|(place, byte)| *place = printable(byte));
        let Some(shown) = self.shown.get_mut(row).and_then(|line| line.get_mut(column..)) else { return };
        let length = shown.len().min(N);
        let (shown, wanted) = (&mut shown[..length], &wanted[..length]);
        let mut from = 0;
        while let Some(run) = next_difference(shown, wanted, from) {
            let position = Line::<12>::of(format_args!("\x1b[{};{}H", row + 1, column + run.start + 1));
            self.output.write(position.as_str().as_bytes()).await;
            self.output.write(&wanted[run.clone()]).await;
            shown[run.clone()].copy_from_slice(&wanted[run.clone()]);
            from = run.end;
        }
    }
}

/// The next places that differ, from `from` on, with short stretches of equal ones between them.
fn next_difference(shown: &[u8], wanted: &[u8], from: usize) -> Option<core::ops::Range<usize>> {
    let mut different = (from..shown.len()).filter(|place| shown[*place] != wanted[*place]);
    let start = different.next()?;
    let mut end = start + 1;
    for place in different {
        if place > end + GAP {
            break;
        }
        end = place + 1;
    }
    Some(start..end)
}

fn printable(byte: u8) -> u8 {
    if matches!(byte, b' '..=b'~') { byte } else { b'?' }
}
