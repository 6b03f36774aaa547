//! The output: every message and every problem, in the form that was asked for.

use std::io::{self, Write};

use cti_proto::{DecodeError, Frame, FrameError, MessageType};

use super::conversation::holds_password;
use super::damage::{Damage, DamageKind};
use super::{Only, Options, Origin, Problem, Side, json, text};

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For a person to read.
    Text {
        /// Whether it is coloured.
        colour: bool,
    },
    /// One JSON object a line.
    Json,
}

impl Default for Form {
    fn default() -> Self {
        Self::Text { colour: false }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Messages that were decoded, shown or not.
    pub messages: u64,
    /// Pieces that could not be decoded.
    pub problems: u64,
}

/// Writes in one form, and counts.
pub(crate) struct Printer<'w> {
    output: io::BufWriter<&'w mut dyn Write>,
    notes: &'w mut dyn Write,
    form: Form,
    only: Only,
    passwords: bool,
    /// What was said of connection and day, in text.
    headings: text::Headings,
    summary: Summary,
}

impl<'w> Printer<'w> {
    /// A printer for these options.
    pub(crate) fn new(options: &Options, output: &'w mut dyn Write, notes: &'w mut dyn Write) -> Self {
        Self {
            output: io::BufWriter::new(output),
            notes,
            form: options.form,
            only: options.only.clone(),
            passwords: options.passwords,
            headings: text::Headings::default(),
            summary: Summary::default(),
        }
    }

    /// What was found so far.
    pub(crate) fn summary(&self) -> Summary {
        self.summary
    }

    /// Lets the reader see what was written so far.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// A remark that is not part of the output.
    pub(crate) fn note(&mut self, connection: Option<&str>, note: &str) -> io::Result<()> {
        let separator = if connection.is_some() { ": " } else { "" };
        // Remarks may go nowhere; that is no reason to stop.
        let _ = writeln!(self.notes, "cti: {}{separator}{note}", connection.unwrap_or_default());
        Ok(())
    }

    /// The input is damaged where no frame is concerned. That is a problem of the result too.
    pub(crate) fn damaged_input(&mut self, what: &str) -> io::Result<()> {
        self.summary.problems += 1;
        self.note(None, what)
    }

    /// A frame.
    pub(crate) fn frame(&mut self, origin: &Origin<'_>, frame: &Frame<'_>) -> io::Result<()> {
        // All fields first, so that nothing is printed of what is not whole.
        let error = frame.fields().find_map(Result::err);
        match error {
            Some(error) => self.bad_frame(origin, frame, &error),
            None => {
                self.summary.messages += 1;
                // It counts, though it is not shown.
                if !self.only.includes(frame.message_type()) {
                    return Ok(());
                }
                match self.form {
                    Form::Json => match json::message(frame, origin, self.passwords) {
                        Ok(object) => self.line(object),
                        Err(error) => self.bad_frame(origin, frame, &error),
                    },
                    Form::Text { colour } => {
                        let style = text::Style { colour, passwords: self.passwords };
                        self.headings.write(&mut self.output, origin, style)?;
                        text::message(&mut self.output, frame, origin, style)
                    }
                }
            }
        }
    }

    /// A frame whose body is not what its type asks for.
    fn bad_frame(&mut self, origin: &Origin<'_>, frame: &Frame<'_>, error: &DecodeError) -> io::Result<()> {
        // The frame as it was: length and type, then the body.
        let header = (frame.body().len() as u64) << 32 | u64::from(frame.message_type().0);
        let bytes = [&header.to_be_bytes(), frame.body()].concat();
        let text = format!("{}, at byte {} of the body", error.kind, error.offset);
        let problem = self.problem(text, frame.message_type(), &bytes);
        let problem = Problem { field: error.field(), ..problem };
        self.print(origin, &problem, Some(frame))
    }

    /// A frame that is larger than its protocol allows.
    pub(crate) fn too_long(
        &mut self,
        origin: &Origin<'_>,
        message: MessageType,
        error: &FrameError,
        bytes: &[u8],
    ) -> io::Result<()> {
        let FrameError::TooLong { length, limit, .. } = error else {
            return Ok(());
        };
        let text = format!("{length} bytes announced, the largest message of this version has {limit}");
        let problem = self.problem(text, message, bytes);
        self.print(origin, &problem, None)
    }

    /// A piece without a frame.
    pub(crate) fn damage(&mut self, origin: &Origin<'_>, damage: &Damage) -> io::Result<()> {
        // What follows a message may be the rest of it, if its length was wrong.
        let part_of = damage.message.or(damage.after);
        // The rest of a message whose beginning is not there may be of any; but servers send no passwords.
        let is_rest = matches!(damage.kind, DamageKind::Remainder | DamageKind::Gap(_)) && damage.message.is_none();
        let may_hold_one = part_of.is_some_and(holds_password) || (is_rest && origin.from != Some(Side::Server));
        let is_hidden = !self.passwords && !damage.bytes.is_empty() && may_hold_one;
        let problem = Problem {
            error: if is_hidden { damage.hidden().to_string() } else { damage.to_string() },
            message: damage.message,
            field: None,
            bytes: (!is_hidden).then_some(&damage.bytes),
            length: damage.length,
        };
        self.print(origin, &problem, None)
    }

    /// A problem with a whole frame. Its bytes stay hidden where a password may be among them.
    fn problem<'b>(&self, error: String, message: MessageType, bytes: &'b [u8]) -> Problem<'b> {
        let is_hidden = !self.passwords && holds_password(message);
        let length = bytes.len() as u64;
        Problem { error, message: Some(message), field: None, bytes: (!is_hidden).then_some(bytes), length }
    }

    /// Writes a problem; of a frame also what can be decoded, in text.
    fn print(&mut self, origin: &Origin<'_>, problem: &Problem<'_>, frame: Option<&Frame<'_>>) -> io::Result<()> {
        self.summary.problems += 1;
        match self.form {
            Form::Json => self.line(json::problem(problem, origin)),
            Form::Text { colour } => {
                let style = text::Style { colour, passwords: self.passwords };
                self.headings.write(&mut self.output, origin, style)?;
                text::problem(&mut self.output, problem, origin, frame, style)
            }
        }
    }

    /// Writes an object and ends the line.
    fn line(&mut self, object: serde_json::Map<String, serde_json::Value>) -> io::Result<()> {
        writeln!(self.output, "{}", json::line(&object.into()))
    }
}
