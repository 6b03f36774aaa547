//! What clients write: messages in the forms of `cti decode`, and lines of their own, as text or JSON.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use cti_proto::Frame;
use cti_proto::session::Side;
use cti_proto::wire::HEADER_LEN;
use cti_std::decode::{self, Origin, Problem, json, text};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Standard output, line by line.
pub(crate) struct Output {
    json: bool,
    colour: bool,
    out: io::StdoutLock<'static>,
    /// Bytes of the connection in front of the next frame.
    offset: u64,
}

/// How much of a message is shown as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The line that sums it up.
    Summary,
    /// All its fields too.
    Fields,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        // By the terminal and by NO_COLOR, as everywhere.
        let colour = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        Self { json, colour, out: io::stdout().lock(), offset: 0 }
    }

    /// A new connection: offsets begin anew.
    pub(crate) const fn begin(&mut self) {
        self.offset = 0;
    }

    /// A frame of the server's that is not shown.
    pub(crate) const fn pass(&mut self, frame: &Frame<'_>) {
        self.offset += (HEADER_LEN + frame.body().len()) as u64;
    }

    /// A frame of the server's, in a line or with its fields.
    pub(crate) fn frame(&mut self, frame: &Frame<'_>, side: Option<Side>, detail: Detail) -> io::Result<()> {
        if self.json {
            let object = self.object(frame, side);
            return self.line(&object);
        }
        let origin = self.origin(frame, None);
        let style = text::Style { colour: self.colour, passwords: false };
        match detail {
            Detail::Summary => text::summary(&mut self.out, frame, &origin, style),
            Detail::Fields => text::message(&mut self.out, frame, &origin, style),
        }
    }

    /// The object of a frame of the server's, or of the problem that it is.
    pub(crate) fn object(&mut self, frame: &Frame<'_>, side: Option<Side>) -> Value {
        let origin = self.origin(frame, side);
        let object = json::message(frame, &origin, false).unwrap_or_else(|error| {
            let (message, field) = (Some(frame.message_type()), error.field());
            let (bytes, length) = (Some(frame.body()), frame.body().len() as u64);
            json::problem(&Problem { error: error.to_string(), message, field, bytes, length }, &origin)
        });
        object.into()
    }

    fn origin(&mut self, frame: &Frame<'_>, side: Option<Side>) -> Origin<'static> {
        let offset = self.offset;
        self.offset += (HEADER_LEN + frame.body().len()) as u64;
        Origin { offset, time: Some(now()), from: Some(decode::Side::Server), connection: side.map(side_name) }
    }

    /// A line that is no message: `fields` in JSON, `words` as text.
    pub(crate) fn note(&mut self, fields: &[(&str, Value)], words: &str) -> io::Result<()> {
        let time = now();
        if self.json {
            let mut object = Map::new();
            object.insert("time".into(), json!(time.to_string()));
            object.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            return self.line(&object.into());
        }
        let words = printable(words);
        let (bold, end) = if self.colour { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        writeln!(self.out, "{:>8}  {}  {bold}{words}{end}", "--", text::clock(time))
    }

    /// A JSON object.
    pub(crate) fn line(&mut self, object: &Value) -> io::Result<()> {
        writeln!(self.out, "{}", json::line(object))
    }

    /// Lets the reader see it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }
}

/// A text that does nothing to a terminal: names and numbers in it come from the network.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// `A` or `B`.
pub(crate) const fn side_name(side: Side) -> &'static str {
    match side {
        Side::A => "A",
        Side::B => "B",
    }
}

/// The time of day.
fn now() -> Timestamp {
    // Finer than the clock's ticks are, and than the readers of logs want.
    Timestamp::now().round(jiff::Unit::Microsecond).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_command_the_terminal() {
        assert_eq!(printable("agent 10\u{1b}[2J01\r\n: größer"), "agent 10\u{fffd}[2J01\u{fffd}\u{fffd}: größer");
    }
}
