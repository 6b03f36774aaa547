//! Words into messages: any message of the catalogue from the guide's names and texts, the inverse of
//! [`decode`](crate::decode).
//!
//! Nothing is known here of a single message: which fields there are, where they stand and what their values are called
//! comes from the catalogue's metadata. The result is a frame; decoding it to its own type and encoding that, as a
//! session does, holds it to the rules of the protocol.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::unreachable)
)]

mod value;

use std::fmt;

use cti_proto::message::{
    Direction, ElementInfo, FieldInfo, FixedInfo, MESSAGES, MessageInfo, Service, default_fixed_part,
};
use cti_proto::value::ValueTable;
use cti_proto::wire::DataType;
use cti_proto::{FieldFormat, Frame, MessageType, Parsed, Protocol};

pub use self::value::ValueError;
use crate::names::{nearest, plain};

/// Field and value: the value is a text in the form of the field's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Name of the field in the guide, in any case of letters; of a named variable its own name (`user.account`), of
    /// an element of a named array with its index (`user.lines[2]`).
    pub field: String,
    /// The value: see [`compose`].
    pub value: String,
}

/// A message that was put together: its frame, in a form that the wire need not have.
#[derive(Clone, Debug)]
pub struct Composed {
    protocol: Protocol,
    bytes: Vec<u8>,
}

/// What cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No request has this name.
    UnknownMessage {
        /// The name.
        name: String,
        /// The most similar name of a request, if one is similar.
        similar: Option<&'static str>,
    },
    /// The message is none that a client sends of its own accord.
    NotARequest(MessageType),
    /// This version has no such message.
    MessageNotInVersion(MessageType, Protocol),
    /// The message has no such field.
    UnknownField {
        /// The message.
        message: MessageType,
        /// The name.
        name: String,
        /// The most similar name of a field, if one is similar.
        similar: Option<String>,
    },
    /// The message has the field, but not in this version.
    FieldNotInVersion(String, Protocol),
    /// The field is filled in by itself.
    Automatic(String),
    /// A field that comes once was given twice.
    Twice(String),
    /// The text is no value of the field.
    Value(String, ValueError),
    /// The frame is larger than the protocol allows.
    TooLong(MessageType),
}

/// The request with this name, in any case of letters, with or without underscores, and with or without the `_REQ` at
/// its end.
///
/// # Errors
/// [`Error::UnknownMessage`] and [`Error::NotARequest`].
pub fn request(name: &str) -> Result<&'static MessageInfo, Error> {
    let wanted = plain(name);
    let has_name = |info: &&&MessageInfo| {
        let name = plain(info.message_type.name().unwrap_or_default());
        name == wanted || name.strip_suffix("REQ") == Some(&wanted)
    };
    if let Some(info) = requests().find(|info| has_name(&info)) {
        return Ok(info);
    }
    match MESSAGES.iter().find(has_name) {
        Some(info) => Err(Error::NotARequest(info.message_type)),
        None => {
            let similar = nearest(&wanted, requests().filter_map(|info| info.message_type.name()));
            Err(Error::UnknownMessage { name: name.into(), similar })
        }
    }
}

/// The messages that a client sends to be answered. Those that keep the session itself are not among them.
pub fn requests() -> impl Iterator<Item = &'static MessageInfo> {
    MESSAGES.iter().copied().filter(|info| {
        info.direction != Direction::Server && info.confirms.is_none() && info.service != Service::Session
    })
}

/// Puts a message together. Fixed fields that are not named have their defaults, lists get as many elements as there are
/// fields for: an element begins where a field comes that the one before has already.
///
/// Values are written so:
///
/// | type | value |
/// | --- | --- |
/// | numbers | decimal, `0x` and hex digits, a name (`AGENT_STATE_NOT_READY`, or `NOT_READY`, without what all names of the kind begin or end with), several of a mask joined by `,` `+` or a bar; `none` for all ones |
/// | BOOL | `true`, `false`, `1`, `0` |
/// | TIME | seconds since 1970, or RFC 3339 |
/// | STRING, UNSPEC | the text itself, or `hex:` and hex digits |
/// | NAMEDVAR, NAMEDARRAY | the text itself; of the fields `NamedVariable` and `NamedArray` name and value: `user.account=17`, `user.lines[2]=x` |
///
/// # Errors
/// [`Error`], which names the field.
pub fn compose(protocol: Protocol, info: &'static MessageInfo, fields: &[Assignment]) -> Result<Composed, Error> {
    if !info.versions.include(protocol) {
        return Err(Error::MessageNotInVersion(info.message_type, protocol));
    }
    // Tags and lengths of two bytes hold everything; what the version's own may not hold, its encoder refuses.
    let protocol = protocol.with_format(FieldFormat::Wide);
    let mut buffer = vec![0; protocol.max_message()];
    let too_long = Error::TooLong(info.message_type);
    let fixed = default_fixed_part(protocol, info.message_type, &mut buffer).ok_or(too_long.clone())?;
    let mut floating = Vec::new();
    let mut seen = Vec::new();
    for Assignment { field, value } in fields {
        let place = place_of(protocol, info, field)?;
        let problem = |error| Error::Value(field.clone(), error);
        match place {
            Place::Fixed(at, field) => {
                let data = value::of_fixed(field, value).map_err(problem)?;
                let place = fixed.get_mut(at..).and_then(|rest| rest.get_mut(..data.len()));
                place.ok_or(too_long.clone())?.copy_from_slice(&data);
            }
            Place::Floating(ref info) | Place::Repeated(ref info) => {
                let data = value::of_floating(info, value).map_err(problem)?;
                append(&mut floating, info.rule.tag_in(protocol), &data).ok_or(too_long.clone())?;
            }
            Place::Named(ref info) => {
                let data = value::named(info, field, value).map_err(problem)?;
                append(&mut floating, info.rule.tag_in(protocol), &data).ok_or(too_long.clone())?;
            }
        }
        // By the name alone: spelt in another way it is the same field.
        if place.comes_once() && seen.contains(&plain(field)) {
            return Err(Error::Twice(field.clone()));
        }
        seen.push(plain(field));
    }
    let body = [&*fixed, &floating].concat();
    // Length and type are the two halves of eight bytes.
    let header = (body.len() as u64) << 32 | u64::from(info.message_type.0);
    // Held against the limit below; whether the version may hold it, its encoder says when it is sent.
    let composed = Composed { protocol, bytes: [&header.to_be_bytes()[..], &body].concat() };
    if composed.bytes.len() > protocol.max_message() {
        return Err(too_long);
    }
    Ok(composed)
}

/// A sum of bits, written as values of masks are: see [`compose`].
///
/// # Errors
/// [`ValueError`] for what is neither a number nor the name of a bit, and for a sum of more than 32 bits.
pub fn mask(table: &'static ValueTable, text: &str) -> Result<u32, ValueError> {
    let bits = value::mask(table, text)?;
    // Negative numbers stand for their two's complement, as in fields.
    let is_sum = (i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(&bits);
    let too_large = || ValueError::TooLarge { text: text.into(), data_type: DataType::UInt };
    is_sum.then_some(bits as u32).ok_or_else(too_large)
}

impl Composed {
    /// The frame: to be dispatched, and the message encoded again.
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'_>> {
        match Frame::parse(self.protocol, &self.bytes) {
            Ok(Parsed::Frame(frame, [])) => Some(frame),
            _ => None,
        }
    }
}

/// Where a field stands in its message.
enum Place {
    /// In the fixed part, so many bytes from its beginning.
    Fixed(usize, &'static FixedInfo),
    /// Once, in the floating part.
    Floating(FieldInfo),
    /// In a list.
    Repeated(FieldInfo),
    /// A named variable or an element of a named array, by its own name.
    Named(FieldInfo),
}

impl Place {
    /// Whether it may be given once only.
    const fn comes_once(&self) -> bool {
        matches!(self, Self::Fixed(..) | Self::Floating(_))
    }
}

/// Where a field stands, by its name: in the fixed part, the floating part, a list, or as a variable.
fn place_of(protocol: Protocol, info: &'static MessageInfo, name: &str) -> Result<Place, Error> {
    let wanted = plain(name);
    let is_wanted = |field: String| plain(&field) == wanted;
    let mut at = 0;
    for field in info.fixed_in(protocol) {
        if field.names().any(|name| is_wanted(name.to_string())) {
            let is_automatic = field.counts.is_some() || is_invoke_id(field);
            return if is_automatic { Err(Error::Automatic(name.into())) } else { Ok(Place::Fixed(at, field)) };
        }
        at += field.length();
    }
    let is_in_version = |field: &FieldInfo| field.rule.versions.include(protocol);
    let with_name = |field: &&FieldInfo| is_wanted(field.rule.name.to_string());
    let mut known = info.floating.iter().filter(with_name).peekable();
    // A field of another version gets an error of its own: it is not misspelt.
    let is_known = known.peek().is_some() || info.fixed.iter().any(|field| is_wanted(field.name.to_string()));
    if let Some(field) = known.find(|field| is_in_version(field)) {
        return Ok(Place::Floating(*field));
    }
    if is_known {
        return Err(Error::FieldNotInVersion(name.into(), protocol));
    }
    for list in info.lists {
        if let Some(rule) = list.rule.count.filter(|count| is_wanted(count.name.to_string())) {
            // It says that the list is there, though it be empty; how long it is, is counted.
            let is_there = list.rule.versions.include(protocol);
            let count = FieldInfo { rule, values: None, size: rule.data_type.size(), array: false, alone: false };
            return if is_there {
                Ok(Place::Floating(count))
            } else {
                Err(Error::FieldNotInVersion(name.into(), protocol))
            };
        }
        let Some(field) = elements(list.element).find(|field| with_name(field)) else { continue };
        if !list.rule.versions.include(protocol) || !is_in_version(field) {
            return Err(Error::FieldNotInVersion(name.into(), protocol));
        }
        return Ok(Place::Repeated(*field));
    }
    named_place(info, name).ok_or_else(|| {
        let similar = nearest(&wanted, field_names(protocol, info));
        Error::UnknownField { message: info.message_type, name: name.into(), similar }
    })
}

/// The field for a variable called `name`, if the message may hold variables, and `name` can be one's.
fn named_place(info: &'static MessageInfo, name: &str) -> Option<Place> {
    let wanted = match name {
        // Names of variables have a dot, those of the guide's fields never.
        _ if !name.contains('.') => return None,
        _ if name.ends_with(']') => DataType::NamedArray,
        _ => DataType::NamedVar,
    };
    let mut fields = info.lists.iter().flat_map(|list| list.element.fields);
    fields.find(|field| field.rule.data_type == wanted).map(|field| Place::Named(*field))
}

/// The fields of a list's elements, and of the lists within.
fn elements(element: &'static ElementInfo) -> Box<dyn Iterator<Item = &'static FieldInfo>> {
    Box::new(element.fields.iter().chain(element.lists.iter().flat_map(|list| elements(list.element))))
}

/// Whether the session fills it in.
fn is_invoke_id(field: &FixedInfo) -> bool {
    field.name == *"InvokeID"
}

/// The names of the fields that can be given to a message.
pub fn field_names(protocol: Protocol, info: &'static MessageInfo) -> impl Iterator<Item = String> {
    fields(protocol, info).map(|field| field.name)
}

/// A field that can be given to a message.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Type of its data.
    pub data_type: DataType,
    /// Most bytes of its data.
    pub max: usize,
    /// Whether the message must have it.
    pub required: bool,
    /// Whether it is part of a list, and may come several times.
    pub repeated: bool,
    /// Names of its values, where they have names.
    pub values: Option<&'static ValueTable>,
}

/// The fields that can be given to a message of `protocol`, in the order of the wire.
pub fn fields(protocol: Protocol, info: &'static MessageInfo) -> impl Iterator<Item = Field> {
    let given = move |field: &&FixedInfo| field.counts.is_none() && !is_invoke_id(field);
    let fixed = info.fixed_in(protocol).filter(given).map(|field| Field {
        name: field.name.to_string(),
        data_type: field.data_type,
        max: field.size,
        required: false,
        repeated: false,
        values: field.values,
    });
    // Elements are never required: a list may be empty.
    let floating = move |field: &'static FieldInfo, repeated: bool| Field {
        name: field.rule.name.to_string(),
        data_type: field.rule.data_type,
        max: field.rule.max_in(protocol),
        required: !repeated && field.rule.required_in(protocol),
        repeated,
        values: field.values,
    };
    let lists = info.lists.iter().filter(move |list| list.rule.versions.include(protocol));
    let once = info.floating.iter().map(move |field| (field, false));
    let repeated = lists.flat_map(|list| elements(list.element).map(|field| (field, true)));
    let in_version = move |(field, _): &(&FieldInfo, bool)| field.rule.versions.include(protocol);
    fixed.chain(once.chain(repeated).filter(in_version).map(move |(field, repeated)| floating(field, repeated)))
}

/// Appends a floating field with tag and length of two bytes.
fn append(body: &mut Vec<u8>, tag: u16, data: &[u8]) -> Option<()> {
    let length = u16::try_from(data.len()).ok()?;
    body.extend_from_slice(&tag.to_be_bytes());
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(data);
    Some(())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let similar = |f: &mut fmt::Formatter<'_>, similar: Option<&str>| match similar {
            Some(similar) => write!(f, "; did you mean `{similar}`?"),
            None => Ok(()),
        };
        match self {
            Self::UnknownMessage { name, similar: near } => {
                write!(f, "no request is called `{name}`")?;
                similar(f, *near)
            }
            Self::NotARequest(message) => write!(f, "{message} is no request: servers or the session itself send it"),
            Self::MessageNotInVersion(message, protocol) => write!(f, "{protocol} has no {message}"),
            Self::UnknownField { message, name, similar: near } => {
                write!(f, "{message} has no field `{name}`")?;
                similar(f, near.as_deref())
            }
            Self::FieldNotInVersion(field, protocol) => write!(f, "{field}: {protocol} has no such field there"),
            Self::Automatic(field) => write!(f, "{field}: is filled in by itself"),
            Self::Twice(field) => write!(f, "{field}: is given twice"),
            Self::Value(field, error) => write!(f, "{field}: {error}"),
            Self::TooLong(message) => write!(f, "{message} is larger than a message may be"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
