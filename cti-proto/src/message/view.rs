//! The generic view: any frame, field by field, under the names of the guide, without naming its type.

use core::fmt;

use crate::error::{DecodeError, DecodeErrorKind};
use crate::message::{Body as _, ControlFailureConf, FailureReason, FieldInfo, FieldName, FixedInfo, MessageInfo};
use crate::message::{MessageType, composite};
use crate::protocol::Protocol;
use crate::value::ValueTable;
use crate::wire::{Bytes, DataType, Fields, Frame, NamedArray, NamedVariable, RawField, Text};

/// A field of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name; `None` if the tag is none of this message's, or the message's layout is not published.
    pub name: Option<FieldName>,
    /// Its tag; `None` in the fixed part.
    pub tag: Option<u16>,
    /// Its type; UNSPEC where it has no name.
    pub data_type: DataType,
    /// Its value.
    pub value: Value<'a>,
    /// Names of the value, where it has names.
    pub values: Option<&'static ValueTable>,
}

/// The value of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// UCHAR, USHORT, UINT, BOOL or TIME.
    Number(u32),
    /// INT.
    Signed(i32),
    /// STRING.
    Text(Text<'a>),
    /// UNSPEC, and whatever has no name.
    Bytes(Bytes<'a>),
    /// NAMEDVAR.
    NamedVariable(NamedVariable<'a>),
    /// NAMEDARRAY.
    NamedArray(NamedArray<'a>),
    /// Several numbers in one field.
    Numbers(Numbers<'a>),
}

/// Numbers that stand back to back in one field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Numbers<'a> {
    data_type: DataType,
    size: usize,
    data: &'a [u8],
}

impl<'a> Numbers<'a> {
    /// The numbers: each [`Value::Number`] or [`Value::Signed`].
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let data_type = self.data_type;
        // No number has 0 bytes; chunks of nothing would panic.
        self.data.chunks_exact(self.size.max(1)).map(move |data| number(data_type, data))
    }
}

/// Iterator over the fields of a frame, in wire order. A field of a wrong size is an error, and the next one is still
/// found; what cannot be cut into fields ends the walk.
#[derive(Clone, Debug)]
#[must_use]
pub struct FieldWalk<'a> {
    protocol: Protocol,
    message: MessageType,
    info: Option<&'static MessageInfo>,
    fixed: &'static [FixedInfo],
    counters: usize,
    body_len: usize,
    rest: &'a [u8],
    floating: Option<Fields<'a>>,
}

impl<'a> FieldWalk<'a> {
    pub(crate) fn new(frame: &Frame<'a>) -> Self {
        let (info, body) = (frame.info(), frame.body());
        Self {
            protocol: frame.protocol(),
            message: frame.message_type(),
            info,
            fixed: fixed_part(frame, info),
            counters: 0,
            body_len: body.len(),
            rest: body,
            floating: None,
        }
    }

    fn next_fixed(&mut self) -> Option<Result<Field<'a>, DecodeError>> {
        loop {
            let (field, after) = self.fixed.split_first()?;
            let name = field.names().nth(self.counters);
            // Decoding has it so too: an older peer's body ends in front of what is new.
            let absent = field.is_versioned() && self.rest.is_empty();
            let Some(name) = name.filter(|_| field.versions.include(self.protocol) && !absent) else {
                (self.fixed, self.counters) = (after, 0);
                continue;
            };
            let Some((data, rest)) = self.rest.split_at_checked(field.size) else {
                // What is left cannot be told apart: the error is the last thing told.
                self.fixed = &[];
                self.info = None;
                self.rest = &[];
                return Some(Err(self.error(self.body_len, DecodeErrorKind::ShortFixedPart)));
            };
            (self.rest, self.counters) = (rest, self.counters.saturating_add(1));
            return Some(Ok(Field {
                name: Some(name),
                tag: None,
                data_type: field.data_type,
                value: single(field.data_type, data),
                values: field.values,
            }));
        }
    }

    fn next_floating(&mut self, info: &'static MessageInfo) -> Option<Result<Field<'a>, DecodeError>> {
        // Not before the fixed part is walked, whose end only then is known.
        let fields = self.floating.get_or_insert_with(|| Fields::new(self.protocol, self.rest));
        let offset = self.body_len.saturating_sub(fields.rest().len());
        if let Some(raw) = fields.next() {
            let known = info.field(self.protocol, raw.tag);
            let field = floating(known, raw);
            let wrong = DecodeErrorKind::WrongSize { tag: raw.tag, length: raw.data.len() };
            return Some(field.ok_or_else(|| self.error(offset, wrong)));
        }
        let (tag, is_over) = (fields.truncated_tag(), fields.rest().is_empty());
        self.info = None;
        self.rest = &[];
        (!is_over).then(|| Err(self.error(offset, DecodeErrorKind::TruncatedField { tag })))
    }

    fn error(&self, offset: usize, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { message: self.message, protocol: self.protocol, offset, kind }
    }
}

impl<'a> Iterator for FieldWalk<'a> {
    type Item = Result<Field<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(field) = self.next_fixed() {
            return Some(field);
        }
        if let Some(info) = self.info {
            return self.next_floating(info);
        }
        // Without a layout the body is one field.
        let body = core::mem::take(&mut self.rest);
        (!body.is_empty()).then(|| Ok(unnamed(None, body)))
    }
}

/// The fixed part of the frame's message; of FAILURE_CONF, in the form at hand.
fn fixed_part(frame: &Frame<'_>, info: Option<&'static MessageInfo>) -> &'static [FixedInfo] {
    let is_control = frame.message_type() == MessageType::FAILURE_CONF
        && frame
            .body()
            .get(composite::INVOKE_ID_LEN..)
            .is_some_and(|rest| FailureReason::is_control(frame.protocol(), rest));
    match info {
        Some(_) if is_control => ControlFailureConf::INFO.fixed,
        Some(info) => info.fixed,
        None => &[],
    }
}

fn floating<'a>(known: Option<FieldInfo>, raw: RawField<'a>) -> Option<Field<'a>> {
    let Some(info) = known else {
        return Some(unnamed(Some(raw.tag), raw.data));
    };
    let data_type = info.rule.data_type;
    let value = match data_type.size() {
        // Where each value usually has a field, it is shown as itself.
        Some(size) if info.array && !(info.alone && raw.data.len() == size) => {
            let whole = raw.data.len().checked_rem(size) == Some(0);
            whole.then_some(Value::Numbers(Numbers { data_type, size, data: raw.data }))?
        }
        _ if !info.accepts(raw.data.len()) => return None,
        _ => single(data_type, raw.data),
    };
    Some(Field { name: Some(info.rule.name), tag: Some(raw.tag), data_type, value, values: info.values })
}

fn unnamed(tag: Option<u16>, data: &[u8]) -> Field<'_> {
    Field { name: None, tag, data_type: DataType::Unspec, value: Value::Bytes(Bytes(data)), values: None }
}

fn single(data_type: DataType, data: &[u8]) -> Value<'_> {
    match data_type {
        DataType::String => Value::Text(Text::new(data)),
        DataType::Unspec => Value::Bytes(Bytes(data)),
        DataType::NamedVar => Value::NamedVariable(NamedVariable::from_data(data)),
        DataType::NamedArray => Value::NamedArray(NamedArray::from_data(data)),
        _ => number(data_type, data),
    }
}

fn number(data_type: DataType, data: &[u8]) -> Value<'static> {
    let number = data.iter().fold(0, |number: u32, byte| number << 8 | u32::from(*byte));
    match data_type {
        DataType::Int => Value::Signed(number as i32),
        _ => Value::Number(number),
    }
}

impl Field<'_> {
    /// The value in the words of the guide, where it has some.
    #[must_use]
    pub fn symbol(&self) -> Option<crate::value::Described> {
        match (self.values, self.value) {
            (Some(table), Value::Number(number)) if table.mask || table.name_of(number).is_some() => {
                Some(table.describe(number))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Signed(number) => number.fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => write!(f, "{bytes:?}"),
            Self::NamedVariable(variable) => write!(f, "{:?} = {:?}", variable.name, variable.value),
            Self::NamedArray(array) => write!(f, "{:?}[{}] = {:?}", array.name, array.index, array.value),
            Self::Numbers(numbers) => f.debug_list().entries(numbers.iter()).finish(),
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
