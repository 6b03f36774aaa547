//! One frame, or one problem, as a JSON object.
//!
//! ```json
//! {"offset":0,"time":null,"from":"client","protocol":15,"type":5,"name":"HEARTBEAT_REQ","length":4,
//!  "fixed":{"InvokeID":7},"floating":[],"symbols":{}}
//! ```
//!
//! Fields have the guide's names and stand in wire order. `symbols` holds the names of enumeration values and masks by
//! the name of the field; where a field is repeated, an array with one entry (or null) for each.

use std::collections::HashMap;

use cti_proto::message::{Field, Value as Wire};
use cti_proto::wire::Bytes;
use cti_proto::{DecodeError, Frame};
use serde_json::{Map, Value, json};

use super::{Origin, Problem, hex_of, is_password};

/// The object of a frame. Passwords are `null`, with `"hidden":true`, unless `passwords` is true.
///
/// # Errors
/// [`DecodeError`] if the frame's body is not one of its type; [`Problem`] puts it into words.
pub fn message(frame: &Frame<'_>, origin: &Origin<'_>, passwords: bool) -> Result<Map<String, Value>, DecodeError> {
    // Fixed fields come once and are an object; floating ones may come again, and their order tells lists apart.
    let (mut fixed, mut floating, mut symbols) = (Map::new(), Vec::new(), Symbols::default());
    for field in frame.fields() {
        let field = field?;
        symbols.add(&field);
        match (field.tag, field.name) {
            (None, Some(name)) => {
                fixed.insert(name.to_string(), value(&field.value));
            }
            (tag, name) => floating.push(floating_field(
                &field,
                tag,
                name.filter(|name| !passwords && is_password(*name)).is_some(),
            )),
        }
    }
    let message_type = frame.message_type();
    let mut object = place(origin);
    object.insert("protocol".into(), json!(frame.protocol().version()));
    object.insert("type".into(), json!(message_type.0));
    object.insert("name".into(), json!(message_type.name()));
    object.insert("length".into(), json!(frame.body().len()));
    object.insert("fixed".into(), fixed.into());
    object.insert("floating".into(), floating.into());
    object.insert("symbols".into(), symbols.into_map().into());
    Ok(object)
}

/// The object of what cannot be decoded. `hex` is cut after the first bytes of a long piece, and null if it may hold a
/// password.
#[must_use]
pub fn problem(problem: &Problem<'_>, origin: &Origin<'_>) -> Map<String, Value> {
    let mut object = place(origin);
    object.insert("error".into(), json!(problem.error));
    object.insert("message".into(), json!(problem.message.and_then(|message| message.name())));
    object.insert("field".into(), json!(problem.field.map(|field| field.to_string())));
    object.insert("hex".into(), json!(problem.bytes.map(hex_of)));
    if problem.bytes.is_none() {
        object.insert("hidden".into(), json!(true));
    }
    object
}

/// An object as one line, without its end. Control characters that JSON would allow as they are (U+007F to U+009F, of which
/// some command a terminal) are escaped as the others are: who parses the line gets the same text.
#[must_use]
pub fn line(object: &Value) -> String {
    let line = object.to_string();
    if !line.contains(char::is_control) {
        return line;
    }
    // They stand in texts only, where an escape may stand too.
    line.chars().fold(String::with_capacity(line.len() + 8), |mut escaped, letter| {
        if letter.is_control() {
            escaped += &format!("\\u{:04x}", u32::from(letter));
        } else {
            escaped.push(letter);
        }
        escaped
    })
}

/// The beginning of every object: where and when.
fn place(origin: &Origin<'_>) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("offset".into(), json!(origin.offset));
    object.insert("time".into(), json!(origin.time.map(|time| time.to_string())));
    object.insert("from".into(), json!(origin.from.map(super::Side::name)));
    if let Some(connection) = origin.connection {
        object.insert("connection".into(), json!(connection));
    }
    object
}

/// An entry of `floating`.
fn floating_field(field: &Field<'_>, tag: Option<u16>, is_hidden: bool) -> Value {
    let name = field.name.map(|name| name.to_string());
    if is_hidden {
        return json!({ "tag": tag, "name": name, "value": null, "hidden": true });
    }
    json!({ "tag": tag, "name": name, "value": value(&field.value) })
}

/// A value in the form that JSON has for it; bytes as an object with their hex.
fn value(value: &Wire<'_>) -> Value {
    match value {
        Wire::Number(number) => json!(number),
        Wire::Signed(number) => json!(number),
        Wire::Text(text) => json!(text.to_string()),
        Wire::Bytes(Bytes(bytes)) => json!({ "hex": hex_of(bytes) }),
        Wire::NamedVariable(variable) => {
            json!({ "name": variable.name.to_string(), "value": variable.value.to_string() })
        }
        Wire::NamedArray(array) => {
            json!({ "name": array.name.to_string(), "index": array.index, "value": array.value.to_string() })
        }
        Wire::Numbers(numbers) => numbers.iter().map(|number| self::value(&number)).collect(),
        other => json!(other.to_string()),
    }
}

/// The names of values, by field.
#[derive(Default)]
struct Symbols {
    names: Vec<String>,
    values: HashMap<String, Vec<Value>>,
}

impl Symbols {
    /// Takes the name of a field's value, if values of the field have names.
    fn add(&mut self, field: &Field<'_>) {
        let (Some(name), Some(table)) = (field.name, field.values) else {
            return;
        };
        let name = name.to_string();
        let values = self.values.entry(name.clone()).or_insert_with(|| {
            self.names.push(name);
            Vec::new()
        });
        let symbol = |number: u32| match table.name_of(number) {
            // A sum of bits has a description in any case; a number without a name has none.
            None if !table.mask => Value::Null,
            _ => table.describe(number).to_string().into(),
        };
        match field.value {
            Wire::Number(number) => values.push(symbol(number)),
            Wire::Numbers(numbers) => values.push(
                numbers
                    .iter()
                    .map(|number| if let Wire::Number(number) = number { symbol(number) } else { Value::Null })
                    .collect(),
            ),
            _ => values.push(Value::Null),
        }
    }

    /// Fields in wire order; those of which no value has a name are left out.
    fn into_map(mut self) -> Map<String, Value> {
        let with_values = self.names.into_iter().filter_map(|name| {
            let mut values = self.values.remove(&name)?;
            if values.iter().all(Value::is_null) {
                return None;
            }
            // The field of most messages comes once, and readers ask for it by its name alone.
            let value = if values.len() == 1 { values.pop()? } else { values.into() };
            Some((name, value))
        });
        with_values.collect()
    }
}
