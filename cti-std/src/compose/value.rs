//! One value: from its text to its bytes.

use std::fmt;

use cti_proto::message::{FieldInfo, FixedInfo};
use cti_proto::value::{self, ValueTable};
use cti_proto::wire::DataType;
use jiff::Timestamp;

use crate::names::{nearest, plain};

/// Why a text is no value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueError {
    /// Neither a number nor a name.
    NotANumber {
        /// The text.
        text: String,
        /// What the names belong to, where the values have names.
        kind: Option<&'static str>,
        /// The most similar name, or all of them where they are few.
        similar: Vec<&'static str>,
    },
    /// A number that is too large for the type.
    TooLarge {
        /// The text.
        text: String,
        /// The type.
        data_type: DataType,
    },
    /// Not the hex digits of so many bytes.
    NotHex {
        /// How many, where the field has one size.
        size: Option<usize>,
    },
    /// Not `true` or `false`.
    NotABool(String),
    /// Neither seconds nor RFC 3339.
    NotATime(String),
    /// No name, or for an array no index from 0 to 255.
    NotNamed(DataType),
}

/// Names that are listed in an error if nothing is similar.
const FEW: usize = 12;

/// Names of "nothing", in place of a number.
const NOTHING: [&str; 6] =
    ["NONE", "NULL_CALL_ID", "NULL_PERIPHERAL_ID", "NULL_SERVICE", "NULL_SKILL_GROUP", "NULL_CALLTYPE"];

/// The bytes of a fixed field.
pub(super) fn of_fixed(field: &FixedInfo, text: &str) -> Result<Vec<u8>, ValueError> {
    match field.data_type {
        DataType::Unspec => bytes(text, Some(field.size)),
        data_type => scalar(data_type, field.values, text),
    }
}

/// The data of a floating field.
pub(super) fn of_floating(field: &FieldInfo, text: &str) -> Result<Vec<u8>, ValueError> {
    match field.rule.data_type {
        DataType::String | DataType::Unspec if field.size.is_none() => bytes(text, None),
        DataType::Unspec | DataType::String => bytes(text, field.size),
        DataType::NamedVar | DataType::NamedArray => {
            let (name, value) = text.split_once('=').ok_or(ValueError::NotNamed(field.rule.data_type))?;
            named(field, name, value)
        }
        data_type => scalar(data_type, field.values, text),
    }
}

/// The data of a named variable, or of an element of a named array.
pub(super) fn named(field: &FieldInfo, name: &str, value: &str) -> Result<Vec<u8>, ValueError> {
    let value = bytes(value, None)?;
    if field.rule.data_type == DataType::NamedVar {
        return Ok([name.as_bytes(), &[0], &value, &[0]].concat());
    }
    let parts = name.strip_suffix(']').and_then(|name| name.rsplit_once('['));
    let parts = parts.and_then(|(name, index)| Some((name, index.parse::<u8>().ok()?)));
    let (name, index) = parts.ok_or(ValueError::NotNamed(DataType::NamedArray))?;
    Ok([&[index], name.as_bytes(), &[0], &value, &[0]].concat())
}

/// A text, or `hex:` and digits; `size` is the only size that they may have.
fn bytes(text: &str, size: Option<usize>) -> Result<Vec<u8>, ValueError> {
    let bytes = match text.strip_prefix("hex:") {
        Some(digits) => hex(digits).ok_or(ValueError::NotHex { size })?,
        None => text.as_bytes().to_vec(),
    };
    match size {
        Some(size) if bytes.len() != size => Err(ValueError::NotHex { size: Some(size) }),
        _ => Ok(bytes),
    }
}

/// The bytes of hex digits, with white space wherever it is.
fn hex(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<char> = digits.chars().filter(|digit| !digit.is_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some((high.to_digit(16)? << 4 | low.to_digit(16)?) as u8),
        _ => None,
    });
    pairs.collect()
}

/// The bytes of a number.
fn scalar(data_type: DataType, values: Option<&'static ValueTable>, text: &str) -> Result<Vec<u8>, ValueError> {
    let size = data_type.size().unwrap_or(4);
    let number = match data_type {
        DataType::Bool => boolean(text)?,
        DataType::Time => time(text)?,
        _ => match values {
            Some(table) if table.mask => mask(table, text)?,
            _ => number(values, size, text)?,
        },
    };
    let bits = 8 * size as u32;
    // Negative numbers stand for their two's complement, so that -1 is all ones in every type.
    let range = match data_type {
        DataType::Int => -(1i64 << (bits - 1))..1i64 << (bits - 1),
        _ => -(1i64 << (bits - 1))..1i64 << bits,
    };
    // Nothing is all ones, which for a signed type is written as a number beyond its range.
    let is_all_ones = number == (1i64 << bits) - 1;
    if !range.contains(&number) && !is_all_ones {
        return Err(ValueError::TooLarge { text: text.into(), data_type });
    }
    Ok(number.to_be_bytes().into_iter().skip(8 - size).collect())
}

/// 1 or 0.
fn boolean(text: &str) -> Result<i64, ValueError> {
    match plain(text).as_str() {
        "TRUE" | "YES" | "ON" | "1" => Ok(1),
        "FALSE" | "NO" | "OFF" | "0" => Ok(0),
        _ => Err(ValueError::NotABool(text.into())),
    }
}

/// Seconds since 1970.
fn time(text: &str) -> Result<i64, ValueError> {
    let seconds = text.parse().ok().or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_second));
    seconds.ok_or_else(|| ValueError::NotATime(text.into()))
}

/// A number, the name of one, or the name of nothing, which is all ones.
fn number(values: Option<&'static ValueTable>, size: usize, text: &str) -> Result<i64, ValueError> {
    let wanted = plain(text);
    let literal = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let named = values.and_then(|table| number_of(table, text)).map(i64::from);
    let nothing = NOTHING.iter().any(|name| plain(name) == wanted).then(|| (1i64 << (8 * size)) - 1);
    literal.or(named).or(nothing).ok_or_else(|| unknown(values, text))
}

/// Bits, by name or number.
pub(super) fn mask(table: &'static ValueTable, text: &str) -> Result<i64, ValueError> {
    // Of the bits that have names: others must be 0 in requests.
    let all = || table.values.iter().fold(0, |all, (_, bit)| all | i64::from(*bit));
    let words = text.split(['|', ',', '+']).map(str::trim).filter(|word| !word.is_empty());
    words.into_iter().try_fold(0, |sum, word| {
        let bits = match plain(word).as_str() {
            "ALL" => all(),
            // Of a mask nothing is no bit, not all of them.
            "NONE" => 0,
            _ => number(Some(table), 4, word)?,
        };
        Ok(sum | bits)
    })
}

/// The number with this name, of which that may be left out which all names of the table begin or end with, or all but
/// the last words where they tell.
fn number_of(table: &ValueTable, text: &str) -> Option<u32> {
    let wanted = plain(text);
    let with_name = |front: &str, end: &str| {
        let is_wanted = |name: &str| {
            let name = name.strip_prefix(front).and_then(|name| name.strip_suffix(end));
            name.is_some_and(|name| plain(name) == wanted)
        };
        table.values.iter().find(|(name, _)| is_wanted(name)).map(|(_, number)| *number)
    };
    let (front, end) = common_ends(table);
    let short = || with_name(front, "").or_else(|| with_name("", end)).or_else(|| with_name(front, end));
    with_name("", "").or_else(short).or_else(|| last_words(table, &wanted))
}

/// The number of the only name that ends with these words.
fn last_words(table: &ValueTable, wanted: &str) -> Option<u32> {
    let ends_so =
        |name: &str| name.match_indices('_').any(|(at, _)| name.get(at..).is_some_and(|end| plain(end) == wanted));
    let mut ending = table.values.iter().filter(|(name, _)| ends_so(name));
    match (ending.next(), ending.next()) {
        (Some((_, number)), None) => Some(*number),
        _ => None,
    }
}

/// What all names of the table begin and end with, in whole words. One name alone does not tell.
fn common_ends(table: &ValueTable) -> (&'static str, &'static str) {
    let [(first, _), others @ ..] = table.values else { return ("", "") };
    if others.is_empty() {
        return ("", "");
    }
    let is_front = |front: &&str| others.iter().all(|(name, _)| name.starts_with(front));
    let is_end = |end: &&str| others.iter().all(|(name, _)| name.ends_with(end));
    let cuts = || first.match_indices('_').map(|(cut, _)| cut);
    let front = cuts().filter_map(|cut| first.get(..=cut)).rfind(is_front);
    let end = cuts().filter_map(|cut| first.get(cut..)).find(is_end);
    (front.unwrap_or_default(), end.unwrap_or_default())
}

/// Why a text is no number, with the names that it may have been meant for.
fn unknown(values: Option<&'static ValueTable>, text: &str) -> ValueError {
    let names = || values.into_iter().flat_map(|table| table.values).map(|(name, _)| *name);
    let (front, end) = values.map_or(("", ""), common_ends);
    let short = |name: &&str| name.strip_prefix(front).and_then(|name| name.strip_suffix(end)).map(str::to_owned);
    // Compared with the short names too: that is how they are mostly written.
    let similar = nearest(text, names()).or_else(|| {
        let nearest = nearest(text, names().filter_map(|name| short(&name)))?;
        names().find(|name| short(name).as_deref() == Some(&nearest))
    });
    let few = values.is_some_and(|table| table.values.len() <= FEW);
    let similar = similar.map_or_else(|| if few { names().collect() } else { Vec::new() }, |name| vec![name]);
    ValueError::NotANumber { text: text.into(), kind: values.map(|table| table.name), similar }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber { text, kind: None, .. } => write!(f, "`{text}` is no number"),
            Self::NotANumber { text, kind: Some(kind), similar } => {
                write!(f, "`{text}` is neither a number nor the name of a value of {kind}")?;
                match similar.as_slice() {
                    [] => Ok(()),
                    [name] => write!(f, "; did you mean `{name}`?"),
                    names => write!(f, ", which are {}", names.join(", ")),
                }
            }
            Self::TooLarge { text, data_type } => write!(f, "{text} does not fit {}", data_type.name()),
            Self::NotHex { size: Some(size) } => {
                write!(f, "`hex:` and the digits of {size} bytes are wanted, or a text of that length")
            }
            Self::NotHex { size: None } => f.write_str("hex digits are wanted behind `hex:`, two a byte"),
            Self::NotABool(text) => write!(f, "`{text}` is neither true nor false"),
            Self::NotATime(text) => write!(f, "`{text}` is neither seconds since 1970 nor RFC 3339"),
            Self::NotNamed(DataType::NamedArray) => {
                f.write_str("a name with an index from 0 to 255 and a value are wanted, as in user.lines[2]=x")
            }
            Self::NotNamed(_) => f.write_str("a name and a value are wanted, as in user.account=17"),
        }
    }
}

impl std::error::Error for ValueError {}

// The names stand for the constants that the values are.
const _: () = assert!(value::NULL_CALL_ID == u32::MAX && value::NULL_CALLTYPE == u16::MAX);
