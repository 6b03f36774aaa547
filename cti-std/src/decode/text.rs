//! One frame, or one problem, for a person to read: a line that sums it up, and its fields beneath.
//!
//! ```text
//!        0  client  OPEN_REQ                    #1, version 24, client "wallboard"  (62 bytes)
//!                     InvokeID           1
//!                     ServicesRequested  0x00000010  CTI_SERVICE_ALL_EVENTS
//!                   1 ClientID           "wallboard"
//! ```
//!
//! In front of a message stand its offset and who sent it, in front of a floating field its tag.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Ansi};
use cti_proto::message::{Field, Value};
use cti_proto::wire::DataType;
use cti_proto::{Frame, MessageType};
use jiff::Timestamp;
use jiff::tz::Offset;

use super::{Origin, Problem, Side, hex_of, is_password};

/// How text is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether it is coloured.
    pub colour: bool,
    /// Whether passwords are shown.
    pub passwords: bool,
}

/// Columns in front of the name of a message.
const MARGIN: usize = 18;
/// Columns for the time, where there is one.
const TIME: usize = 17;
/// Columns for the name of a message.
const NAME: usize = 26;
/// Columns for a line that can be broken.
const WIDTH: usize = 120;
/// Bits of a mask beyond which those are named that are not set.
const MANY: usize = 8;
/// Bytes of hex in a line.
const HEX_ROW: usize = 32;
/// Bytes of a damaged piece that are shown.
const HEX_MAX: usize = 256;

const BOLD: Ansi = Ansi::new().bold();
const DIM: Ansi = Ansi::new().dimmed();
const CLIENT: Ansi = AnsiColor::Cyan.on_default();
const SERVER: Ansi = AnsiColor::Green.on_default();
const SYMBOL: Ansi = AnsiColor::Yellow.on_default();
const TEXT: Ansi = AnsiColor::Blue.on_default();
const ERROR: Ansi = AnsiColor::Red.on_default().bold();

impl Style {
    /// Writes in a colour, if any are wanted.
    fn paint(self, out: &mut dyn Write, style: Ansi, text: &str) -> io::Result<()> {
        if self.colour && !text.is_empty() {
            write!(out, "{style}{text}{style:#}")
        } else {
            out.write_all(text.as_bytes())
        }
    }
}

/// Lines between messages that tell a change of connection or day.
#[derive(Debug, Default)]
pub(crate) struct Headings {
    connection: Option<String>,
    day: Option<jiff::civil::Date>,
}

impl Headings {
    pub(crate) fn write(&mut self, out: &mut dyn Write, origin: &Origin<'_>, style: Style) -> io::Result<()> {
        let day = origin.time.map(|time| Offset::UTC.to_datetime(time).date());
        // Lines have the time of day only: without this a recording over midnight would go back in time.
        let is_other_day = day.is_some() && day != self.day;
        if is_other_day || origin.connection != self.connection.as_deref() {
            let name = origin.connection.unwrap_or_default();
            let day_name = day.or(self.day).map(|day| format!(", {day} UTC")).unwrap_or_default();
            style.paint(out, BOLD, &format!("== {name}{day_name}"))?;
            writeln!(out)?;
            self.connection = origin.connection.map(Into::into);
            // A message without a time is of the same day.
            self.day = day.or(self.day);
        }
        Ok(())
    }
}

/// Writes a frame: its summary, and its fields as far as they can be decoded.
///
/// # Errors
/// Those of `out`.
pub fn message(out: &mut dyn Write, frame: &Frame<'_>, origin: &Origin<'_>, style: Style) -> io::Result<()> {
    let fields: Vec<Field<'_>> = frame.fields().filter_map(Result::ok).collect();
    let names: Vec<String> = fields.iter().map(field_name).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    let margin = margin(origin);
    first_line(out, frame, &fields, origin, style)?;
    fields.iter().zip(names).try_for_each(|(field, name)| {
        let tag = field.tag.map(|tag| tag.to_string()).unwrap_or_default();
        style.paint(out, DIM, &format!("{tag:>before$} ", before = margin + 1))?;
        write!(out, "{name:width$}  ")?;
        field_value(out, field, margin + 2 + width + 2, style)?;
        writeln!(out)
    })
}

/// Writes the line that sums a frame up.
///
/// # Errors
/// Those of `out`.
pub fn summary(out: &mut dyn Write, frame: &Frame<'_>, origin: &Origin<'_>, style: Style) -> io::Result<()> {
    let fields: Vec<Field<'_>> = frame.fields().filter_map(Result::ok).collect();
    first_line(out, frame, &fields, origin, style)
}

/// Offset, side, name and what it is about.
fn first_line(
    out: &mut dyn Write,
    frame: &Frame<'_>,
    fields: &[Field<'_>],
    origin: &Origin<'_>,
    style: Style,
) -> io::Result<()> {
    front(out, origin, style)?;
    style.paint(out, BOLD, &format!("{:NAME$}", message_name(frame.message_type())))?;
    let headline = headline(fields);
    write!(out, "  {headline}{}", if headline.is_empty() { "" } else { "  " })?;
    style.paint(out, DIM, &format!("({} bytes)", frame.body().len()))?;
    writeln!(out)
}

/// Writes what cannot be decoded, and of a frame the fields that can.
///
/// # Errors
/// Those of `out`.
pub fn problem(
    out: &mut dyn Write,
    problem: &Problem<'_>,
    origin: &Origin<'_>,
    frame: Option<&Frame<'_>>,
    style: Style,
) -> io::Result<()> {
    match (frame, problem.message) {
        (Some(frame), _) => {
            message(out, frame, origin, style)?;
            write!(out, "{:1$}", "", margin(origin) + 2)?;
        }
        (None, Some(message)) => {
            front(out, origin, style)?;
            style.paint(out, BOLD, &message_name(message))?;
            write!(out, "  ")?;
        }
        (None, None) => front(out, origin, style)?,
    }
    style.paint(out, ERROR, "ERROR")?;
    match problem.field {
        Some(field) => writeln!(out, " {field}: {}", problem.error)?,
        None => writeln!(out, " {}", problem.error)?,
    }
    let indent = margin(origin) + 2;
    let Some(bytes) = problem.bytes else {
        return writeln!(out, "{:indent$}(bytes hidden: they may hold a password)", "");
    };
    let shown = bytes.get(..HEX_MAX).unwrap_or(bytes);
    for row in shown.chunks(HEX_ROW) {
        style.paint(out, DIM, &format!("{:indent$}{}", "", hex_of(row)))?;
        writeln!(out)?;
    }
    match problem.length.saturating_sub(shown.len() as u64) {
        0 => Ok(()),
        more => writeln!(out, "{:indent$}... {more} bytes more", ""),
    }
}

/// Columns in front of the name of a message.
fn margin(origin: &Origin<'_>) -> usize {
    MARGIN + if origin.time.is_some() { TIME } else { 0 }
}

/// Offset, time and side.
fn front(out: &mut dyn Write, origin: &Origin<'_>, style: Style) -> io::Result<()> {
    style.paint(out, DIM, &format!("{:>8}  ", origin.offset))?;
    if let Some(time) = origin.time {
        style.paint(out, DIM, &format!("{}  ", clock(time)))?;
    }
    match origin.from {
        Some(Side::Client) => style.paint(out, CLIENT, "client"),
        Some(Side::Server) => style.paint(out, SERVER, "server"),
        None => write!(out, "{:6}", ""),
    }?;
    write!(out, "  ")
}

/// Time of day (UTC), in microseconds.
#[must_use]
pub fn clock(time: Timestamp) -> String {
    let time = Offset::UTC.to_datetime(time).time();
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{hour:02}:{minute:02}:{second:02}.{:06}", time.subsec_nanosecond() / 1000)
}

/// Name of a message, or its number.
fn message_name(message: MessageType) -> String {
    message.name().map_or_else(|| format!("message {}", message.0), Into::into)
}

/// Name of a field, or what stands for it.
fn field_name(field: &Field<'_>) -> String {
    field.name.map_or_else(|| if field.tag.is_some() { "(unknown)" } else { "(body)" }.into(), |name| name.to_string())
}

/// What of a message a reader wants to know first: its invoke ID, and up to three telling fields.
fn headline(fields: &[Field<'_>]) -> String {
    const TELLING: [&str; 22] = [
        "VersionNumber",
        "ClientID",
        "SystemEventID",
        "Status",
        "FailureCode",
        "EventCode",
        "AgentState",
        "AgentID",
        "AgentExtension",
        "AgentInstrument",
        "ConnectionCallID",
        "NewConnectionCallID",
        "ANI",
        "DNIS",
        "DialedNumber",
        "ServicesGranted",
        "EventCause",
        "ConfigOperation",
        "SkillGroupName",
        "AgentLastName",
        "PeripheralID",
        "Text",
    ];
    let named = |wanted: &str| fields.iter().find(|field| field.name.is_some_and(|name| name == *wanted));
    let mut parts: Vec<String> = Vec::new();
    if let Some(Value::Number(number)) = named("InvokeID").map(|field| field.value) {
        parts.push(format!("#{number}"));
    }
    // Three tell enough; the order above is that of interest.
    let limit = parts.len() + 3;
    for name in TELLING {
        let Some(field) = named(name).filter(|_| parts.len() < limit) else {
            continue;
        };
        match (field.symbol().filter(|_| field.values.is_some_and(|table| !table.mask)), field.value) {
            (Some(symbol), _) => parts.push(symbol.to_string()),
            // "Nothing" says nothing.
            (None, Value::Number(u32::MAX)) => {}
            (None, Value::Text(text)) if text.is_empty() => {}
            (None, Value::Text(text)) => parts.push(format!("{} {text:?}", words(name))),
            (None, Value::Number(number)) if field.values.is_none() => parts.push(format!("{} {number}", words(name))),
            _ => {}
        }
    }
    parts.join(", ")
}

/// A name of the guide, as one would say it.
fn words(name: &str) -> &str {
    match name {
        "VersionNumber" => "version",
        "ClientID" => "client",
        "AgentID" => "agent",
        "AgentExtension" => "extension",
        "AgentInstrument" => "instrument",
        "ConnectionCallID" | "NewConnectionCallID" => "call",
        "DialedNumber" => "to",
        "ANI" => "from",
        "PeripheralID" => "peripheral",
        "SkillGroupName" => "group",
        "AgentLastName" => "name",
        "Text" => "text",
        other => other,
    }
}

/// A value, and its name if it has one. Lines after the first are indented.
fn field_value(out: &mut dyn Write, field: &Field<'_>, indent: usize, style: Style) -> io::Result<()> {
    if !style.passwords && field.name.is_some_and(is_password) {
        return write!(out, "***");
    }
    let is_mask = field.values.is_some_and(|table| table.mask);
    match field.value {
        Value::Number(number) if is_mask => write!(out, "0x{number:0width$x}", width = digits(field.data_type))?,
        // All ones stand for nothing.
        Value::Number(number) if number == all_ones(field.data_type) => write!(out, "0x{number:x}")?,
        Value::Number(number) if field.data_type == DataType::Time && number != 0 => {
            write!(out, "{number}  ")?;
            let time = Timestamp::from_second(number.into()).map(|time| time.to_string());
            return style.paint(out, SYMBOL, &time.unwrap_or_default());
        }
        Value::Number(number) if field.data_type == DataType::Bool => {
            write!(out, "{number}  ")?;
            return style.paint(out, SYMBOL, if number == 0 { "false" } else { "true" });
        }
        Value::Text(text) => return style.paint(out, TEXT, &format!("{text:?}")),
        Value::NamedVariable(variable) => {
            return style.paint(out, TEXT, &format!("{:?} = {:?}", variable.name, variable.value));
        }
        Value::NamedArray(array) => {
            return style.paint(out, TEXT, &format!("{:?}[{}] = {:?}", array.name, array.index, array.value));
        }
        Value::Bytes(bytes) => return hex_rows(out, &bytes, indent, style),
        Value::Numbers(numbers) => {
            let all: Vec<String> = numbers.iter().map(|number| with_symbol(field, number)).collect();
            write!(out, "{}", all.join(", "))?;
        }
        other => write!(out, "{other}")?,
    }
    match symbol(field) {
        Some(symbol) if !(is_mask && symbol == "0") => {
            write!(out, "  ")?;
            // Where the words of a mask continue in the next line.
            let indent = indent + 2 + if is_mask { 2 + digits(field.data_type) } else { 0 };
            style.paint(out, SYMBOL, &wrapped(&symbol, indent))
        }
        _ => Ok(()),
    }
}

/// A number of several, with its name.
fn with_symbol(field: &Field<'_>, value: Value<'_>) -> String {
    let symbol = Field { value, ..*field }.symbol();
    symbol.map_or_else(|| value.to_string(), |symbol| format!("{value} {symbol}"))
}

/// The name of a value. A mask with nearly all bits is told by the others.
fn symbol(field: &Field<'_>) -> Option<String> {
    let symbol = field.symbol()?.to_string();
    let (Some(table), Value::Number(number)) = (field.values.filter(|table| table.mask), field.value) else {
        return Some(symbol);
    };
    let (set, unset): (Vec<_>, Vec<_>) = table.values.iter().partition(|(_, bit)| number & bit != 0);
    let known = set.iter().fold(0, |sum, (_, bit)| sum | bit);
    // Bits that have no name must be seen, so that a number with any is told in full.
    if set.len() <= MANY || unset.len() > set.len() / 2 || known != number {
        return Some(symbol);
    }
    let unset: Vec<&str> = unset.iter().map(|(name, _)| *name).collect();
    Some(if unset.is_empty() { "all".into() } else { format!("all but {}", unset.join(" | ")) })
}

/// Hex digits of a value.
fn digits(data_type: DataType) -> usize {
    data_type.size().unwrap_or(4) * 2
}

/// The value that stands for none.
fn all_ones(data_type: DataType) -> u32 {
    match data_type.size() {
        Some(1) => u32::MAX >> 24,
        Some(2) => u32::MAX >> 16,
        _ => u32::MAX,
    }
}

/// A long sum of bits, broken into lines.
fn wrapped(symbol: &str, indent: usize) -> String {
    let (mut text, mut column) = (String::new(), indent);
    for (place, word) in symbol.split(" | ").enumerate() {
        let length = word.len() + 3;
        if place > 0 && column + length > WIDTH {
            text += &format!("\n{:indent$}| ", "");
            column = indent + 2;
        } else if place > 0 {
            text += " | ";
        }
        text += word;
        column += length;
    }
    text
}

/// Bytes in rows, and what they say if they are text.
fn hex_rows(out: &mut dyn Write, bytes: &[u8], indent: usize, style: Style) -> io::Result<()> {
    for (place, row) in bytes.chunks(HEX_ROW).enumerate() {
        if place > 0 {
            write!(out, "\n{:indent$}", "")?;
        }
        write!(out, "{}", hex_of(row))?;
    }
    // Many of these fields are texts in all but name.
    let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    if !text.is_empty() && text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
        write!(out, "  ")?;
        style.paint(out, TEXT, &format!("{:?}", String::from_utf8_lossy(text)))?;
    }
    Ok(())
}
