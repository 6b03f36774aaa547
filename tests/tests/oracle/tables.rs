//! The tables as they are written.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::{self, Display};

/// `protocol.toml`: the messages of Unified CCE.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Protocol {
    pub(crate) message: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) number: u32,
    pub(crate) direction: String,
    pub(crate) service: String,
    #[serde(default)]
    pub(crate) since: u32,
    pub(crate) confirms: Option<String>,
    pub(crate) layout: Vec<Layout>,
    #[serde(default)]
    pub(crate) floating: Vec<Floating>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layout {
    pub(crate) versions: (u32, u32),
    pub(crate) fixed_bytes: usize,
    pub(crate) fixed: Vec<Fixed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixed {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) data_type: String,
    #[serde(rename = "enum")]
    enumeration: Option<String>,
    mask: Option<String>,
    #[serde(rename = "special")]
    _special: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Floating {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) data_type: String,
    pub(crate) max: Option<usize>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(rename = "tag")]
    _tag_name: Option<String>,
    #[serde(rename = "tag_value")]
    pub(crate) tag: Option<u16>,
    #[serde(default)]
    pub(crate) tag_unpublished: bool,
    #[serde(default)]
    pub(crate) since: u32,
    pub(crate) until: Option<u32>,
    pub(crate) count: Option<String>,
    pub(crate) group: Option<String>,
    #[serde(default)]
    pub(crate) record: bool,
    #[serde(default)]
    pub(crate) array: bool,
    #[serde(rename = "enum")]
    pub(crate) enumeration: Option<String>,
    #[serde(rename = "special")]
    _special: Option<String>,
    #[serde(rename = "form")]
    _form: Option<String>,
}

/// `uccx.toml`: the messages of Unified CCX.
#[derive(Deserialize)]
pub(crate) struct Express {
    pub(crate) message: Vec<ExpressMessage>,
}

#[derive(Deserialize)]
pub(crate) struct ExpressMessage {
    pub(crate) name: String,
    pub(crate) cce_name: Option<String>,
    #[serde(rename = "type")]
    pub(crate) number: Option<u32>,
    pub(crate) sent_by: String,
    #[serde(default)]
    pub(crate) since: u32,
    pub(crate) fixed_complete: bool,
    pub(crate) floating_complete: bool,
    pub(crate) fixed: Option<Vec<ExpressFixed>>,
    #[serde(default)]
    pub(crate) floating: Vec<ExpressFloating>,
}

#[derive(Deserialize)]
pub(crate) struct ExpressFixed {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) data_type: String,
    #[serde(default)]
    pub(crate) since: u32,
}

#[derive(Deserialize)]
pub(crate) struct ExpressFloating {
    pub(crate) name: String,
    tag_id: Option<u16>,
    tag_ids: Option<String>,
    #[serde(rename = "type")]
    pub(crate) data_type: String,
    pub(crate) max: usize,
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) repeats: bool,
    #[serde(default)]
    pub(crate) since: u32,
    #[serde(default = "yes")]
    pub(crate) confirmed: bool,
}

fn yes() -> bool {
    true
}

/// `message_types.toml`: all message numbers.
#[derive(Deserialize)]
pub(crate) struct MessageTypes {
    pub(crate) message_type: Vec<MessageType>,
    pub(crate) reserved: Vec<Reserved>,
}

#[derive(Deserialize)]
pub(crate) struct MessageType {
    pub(crate) name: String,
    pub(crate) value: u32,
    pub(crate) direction: String,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct Reserved {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// The values of `constants.toml`, `masks.toml` and `messages.toml`.
#[derive(Deserialize)]
pub(crate) struct Values {
    #[serde(default, rename = "enum")]
    pub(crate) enumerations: Vec<Enumeration>,
    #[serde(default)]
    pub(crate) mask: Vec<Mask>,
    #[serde(default)]
    pub(crate) small_enum: Vec<SmallEnum>,
}

#[derive(Deserialize)]
pub(crate) struct Enumeration {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) extends: Option<String>,
    pub(crate) values: Vec<Value>,
    #[serde(default)]
    pub(crate) retired: Vec<Value>,
    #[serde(default)]
    pub(crate) reserved: Vec<u32>,
}

#[derive(Deserialize)]
pub(crate) struct Mask {
    pub(crate) name: String,
    pub(crate) bits: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct SmallEnum {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) mask: bool,
    pub(crate) values: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Value {
    pub(crate) name: String,
    pub(crate) value: u32,
    pub(crate) alias: Option<String>,
}

impl Message {
    /// Whether the message exists at `version`: it has a layout then.
    pub(crate) fn exists_in(&self, version: u32) -> bool {
        self.since <= version && self.layout_in(version).is_some()
    }

    /// Its fixed part at `version`.
    pub(crate) fn layout_in(&self, version: u32) -> Option<&Layout> {
        self.layout.iter().find(|layout| (layout.versions.0..=layout.versions.1).contains(&version))
    }

    /// Where `field` stands.
    pub(crate) fn place_of(&self, field: &Floating) -> Place {
        let shares_list = |other: &&Floating| match &field.group {
            Some(group) => other.group.as_ref() == Some(group),
            None if field.array => other.array && other.count == field.count,
            None => other.name == field.name,
        };
        let is_repeated = field.count.is_some() || field.group.is_some();
        Place {
            record: field.record,
            count: field.count.clone(),
            array: field.array,
            together: match is_repeated {
                true => self.floating.iter().filter(shares_list).map(|other| other.name.clone()).collect(),
                false => Vec::new(),
            },
        }
    }
}

impl Fixed {
    /// The enumeration or mask of its values.
    pub(crate) fn values(&self) -> Option<&str> {
        self.enumeration.as_deref().or(self.mask.as_deref())
    }
}

impl ExpressMessage {
    /// Its name in Unified CCE.
    pub(crate) fn general_name(&self) -> &str {
        self.cce_name.as_deref().unwrap_or(&self.name)
    }
}

impl ExpressFloating {
    /// Its tag, or those that a row for several fields names: `13-22`.
    pub(crate) fn tags(&self) -> Vec<u16> {
        let several = self.tag_ids.as_deref().and_then(|tags| {
            let (first, last) = tags.split_once('-')?;
            Some((first.parse().ok()?..=last.parse().ok()?).collect())
        });
        several.unwrap_or_else(|| self.tag_id.into_iter().collect())
    }
}

/// Where a floating field stands: alone or in a list, in a configuration record or not.
pub(crate) struct Place {
    /// In a configuration record.
    pub(crate) record: bool,
    /// The field that counts the list's elements.
    pub(crate) count: Option<String>,
    /// The fields that are repeated together with it and itself.
    pub(crate) together: Vec<String>,
    /// Several values in one field.
    pub(crate) array: bool,
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = if self.record { ", in a record" } else { "" };
        if self.together.is_empty() {
            return write!(f, "alone{record}");
        }
        let form = if self.array { "in the columns" } else { "repeated as" };
        let count = self.count.as_deref().unwrap_or("nothing");
        write!(f, "{form} {}, counted by {count}{record}", self.together.join("/"))
    }
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("a table cannot be read: {error}"))
}

pub(crate) fn protocol() -> Protocol {
    read(include_str!("../../spec/protocol.toml"))
}

pub(crate) fn express() -> Express {
    read(include_str!("../../spec/uccx.toml"))
}

pub(crate) fn message_types() -> MessageTypes {
    read(include_str!("../../spec/message_types.toml"))
}

/// `constants.toml`, `masks.toml` and `messages.toml`, each with its name.
pub(crate) fn values() -> [(&'static str, Values); 3] {
    [
        ("constants.toml", read(include_str!("../../spec/constants.toml"))),
        ("masks.toml", read(include_str!("../../spec/masks.toml"))),
        ("messages.toml", read(include_str!("../../spec/messages.toml"))),
    ]
}
