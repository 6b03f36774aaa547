//! What is known of every message, as data: for tools, tests and error texts. Decoding and encoding use only the
//! rules of single fields, so that an appliance links no names that it does not print.

use core::fmt;

use crate::message::MessageType;
use crate::protocol::{Product, Protocol};
use crate::value::ValueTable;
use crate::wire::{DataType, FieldValue, FixedValue};

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// Client to server.
    Client,
    /// Server to client.
    Server,
    /// Either: the server relays it between clients.
    Both,
}

/// The service of the guide that a message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Service {
    /// Session management, heartbeats, maintenance.
    Session,
    /// Client Events Service.
    ClientEvents,
    /// All Events Service.
    AllEvents,
    /// Peripheral Monitor Service.
    PeripheralMonitor,
    /// Client Monitor Service.
    ClientMonitor,
    /// Supervisor Service.
    Supervisor,
    /// Call Data Update Service.
    CallDataUpdate,
    /// Miscellaneous Service.
    Miscellaneous,
    /// Client Control Service.
    ClientControl,
    /// Server Service.
    ServerService,
    /// Configuration Acquisition.
    Configuration,
}

/// The versions of both products in which something exists, inclusive. `0..=0` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Versions {
    /// First and last version of Unified CCE.
    pub cce: (u8, u8),
    /// First and last version of Unified CCX.
    pub ccx: (u8, u8),
}

impl Versions {
    /// Always there.
    pub const ALL: Self = Self { cce: (0, u8::MAX), ccx: (0, u8::MAX) };
    /// Never there.
    pub const NEVER: Self = Self { cce: Self::NONE, ccx: Self::NONE };
    const NONE: (u8, u8) = (0, 0);

    /// Whether `protocol` has it.
    #[inline(always)]
    #[must_use]
    pub const fn include(self, protocol: Protocol) -> bool {
        let (first, last) = match protocol.product() {
            Product::Cce => self.cce,
            Product::Ccx => self.ccx,
        };
        first as u32 <= protocol.version() && protocol.version() <= last as u32
    }
}

/// The name of a field in the guide. Statistics repeat the same counters for several periods; their names are a
/// base and the period.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FieldName {
    /// The name, or what is common to a counter's names.
    pub base: &'static str,
    /// The period of a counter, else empty.
    pub period: &'static str,
}

impl FieldName {
    /// A name without a period.
    #[must_use]
    pub const fn new(base: &'static str) -> Self {
        Self { base, period: "" }
    }

    /// Whether it begins with, and has no more than a period behind, `base`.
    pub(crate) const fn has_base(self, base: &str) -> bool {
        let (mut a, mut b) = (self.base.as_bytes(), base.as_bytes());
        // `==` on texts cannot be evaluated by the compiler yet.
        while let ([first, rest @ ..], [expected, further @ ..]) = (a, b) {
            if *first != *expected {
                return false;
            }
            (a, b) = (rest, further);
        }
        a.is_empty() && b.is_empty()
    }
}

impl PartialEq<str> for FieldName {
    fn eq(&self, other: &str) -> bool {
        other.strip_prefix(self.base) == Some(self.period)
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base)?;
        f.write_str(self.period)
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the protocol says of a floating field in one message: all that writing it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRule {
    /// Name in the guide.
    pub name: FieldName,
    /// Type of the data.
    pub data_type: DataType,
    /// Tag in Unified CCE, and in Unified CCX unless there is a `ccx_tag`.
    pub tag: u16,
    /// Tag in Unified CCX, where it differs.
    pub ccx_tag: Option<u16>,
    /// Most bytes of data, the NUL of a text included.
    pub max: u16,
    /// The same in Unified CCX, where it differs.
    pub ccx_max: Option<u16>,
    /// Where the field must be present.
    pub required: Versions,
    /// Whether the text may hold only what can be dialled.
    pub digits: bool,
    /// Where the field exists.
    pub versions: Versions,
}

impl FieldRule {
    pub(crate) const fn new(name: &'static str, data_type: DataType, tag: u16, max: u16) -> Self {
        Self {
            name: FieldName::new(name),
            data_type,
            tag,
            ccx_tag: None,
            max,
            ccx_max: None,
            required: Versions::NEVER,
            digits: false,
            versions: Versions::ALL,
        }
    }

    /// Its tag in `protocol`.
    #[must_use]
    pub const fn tag_in(&self, protocol: Protocol) -> u16 {
        match self.ccx_tag {
            Some(tag) if protocol.is_ccx() => tag,
            _ => self.tag,
        }
    }

    /// Most bytes of data in `protocol`.
    #[must_use]
    pub const fn max_in(&self, protocol: Protocol) -> usize {
        match self.ccx_max {
            Some(max) if protocol.is_ccx() => max as usize,
            _ => self.max as usize,
        }
    }

    pub(crate) const fn ccx_tag(self, tag: u16) -> Self {
        Self { ccx_tag: Some(tag), ..self }
    }

    /// Whether a message of `protocol` must have the field.
    #[must_use]
    pub const fn required_in(&self, protocol: Protocol) -> bool {
        self.required.include(protocol) && self.versions.include(protocol)
    }

    pub(crate) const fn required(self) -> Self {
        Self { required: Versions::ALL, ..self }
    }

    pub(crate) const fn cce_required(self) -> Self {
        Self { required: Versions { cce: Versions::ALL.cce, ..Versions::NEVER }, ..self }
    }

    pub(crate) const fn ccx_required(self) -> Self {
        Self { required: Versions { ccx: Versions::ALL.ccx, ..Versions::NEVER }, ..self }
    }

    pub(crate) const fn digits(self) -> Self {
        Self { digits: true, ..self }
    }

    pub(crate) const fn max(self, max: u16) -> Self {
        Self { max, ..self }
    }

    pub(crate) const fn ccx_max(self, max: u16) -> Self {
        Self { ccx_max: Some(max), ..self }
    }
}

/// A floating field, with the names of its values.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// Its rule.
    pub rule: FieldRule,
    /// Names of its values, where they have names.
    pub values: Option<&'static ValueTable>,
    /// The only size that the data may have, where there is one.
    pub size: Option<usize>,
    /// Whether one field may hold several values back to back.
    pub array: bool,
    /// Whether such a field usually holds one value only, and the next value has a field of its own.
    pub alone: bool,
}

impl FieldInfo {
    pub(crate) const fn of<'a, T: FieldValue<'a>>(rule: FieldRule) -> Self {
        Self { rule, values: T::VALUES, size: T::SIZE, array: false, alone: false }
    }

    pub(crate) const fn plain(rule: FieldRule) -> Self {
        Self { rule, values: None, size: rule.data_type.size(), array: false, alone: false }
    }

    pub(crate) const fn arrays(self) -> Self {
        Self { array: true, ..self }
    }

    pub(crate) const fn pairs(self) -> Self {
        Self { array: true, alone: true, ..self }
    }

    /// Whether one value may have `length` bytes.
    #[must_use]
    pub fn accepts(&self, length: usize) -> bool {
        // Of a key only the size of the field counts, as its type has none.
        self.size == Some(length) || self.rule.data_type.accepts(length) && self.size == self.rule.data_type.size()
    }
}

/// A fixed field.
#[derive(Clone, Copy, Debug)]
pub struct FixedInfo {
    /// Name in the guide; for statistics only the period.
    pub name: FieldName,
    /// Type of the data.
    pub data_type: DataType,
    /// Bytes of the value, of each counter where there are several.
    pub size: usize,
    /// The counters that stand here one after the other, for statistics; else empty.
    pub counters: &'static [&'static str],
    /// Names of its values, where they have names.
    pub values: Option<&'static ValueTable>,
    /// Where the field exists.
    pub versions: Versions,
    /// The list whose elements it counts, by the name of the struct's field.
    pub counts: Option<&'static str>,
    /// Whether it is the same field as one above, in the place it has in another dialect.
    pub again: bool,
}

/// What the protocol says of a list in one message: all that writing it takes.
#[derive(Clone, Copy, Debug)]
pub struct ListRule {
    /// Name of the struct's field.
    pub name: &'static str,
    /// Most elements.
    pub max: usize,
    /// The floating field that counts the elements, where there is one.
    pub count: Option<FieldRule>,
    /// Where the list exists.
    pub versions: Versions,
}

impl ListRule {
    pub(crate) const fn new(name: &'static str, max: usize) -> Self {
        Self { name, max, count: None, versions: Versions::ALL }
    }

    pub(crate) const fn counted_by(self, count: FieldRule) -> Self {
        Self { count: Some(count), ..self }
    }
}

/// A list of a message or of a configuration record.
#[derive(Clone, Copy, Debug)]
pub struct ListInfo {
    /// Its rule.
    pub rule: ListRule,
    /// What is repeated.
    pub element: &'static ElementInfo,
}

/// An element of a list.
#[derive(Clone, Copy, Debug)]
pub struct ElementInfo {
    /// Name of the struct.
    pub name: &'static str,
    /// The fields that are repeated together, in their order.
    pub fields: &'static [FieldInfo],
    /// The lists within: configuration records have some.
    pub lists: &'static [ListInfo],
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct MessageInfo {
    /// Number and name.
    pub message_type: MessageType,
    /// Who sends it.
    pub direction: Direction,
    /// Where the guide describes it.
    pub service: Service,
    /// Where it exists.
    pub versions: Versions,
    /// The request that it confirms.
    pub confirms: Option<MessageType>,
    /// The fixed part, in wire order.
    pub fixed: &'static [FixedInfo],
    /// The floating fields that come once.
    pub floating: &'static [FieldInfo],
    /// The floating fields that are repeated.
    pub lists: &'static [ListInfo],
}

impl MessageInfo {
    /// Whether it may have named variables or arrays.
    pub(crate) const fn has_named_data(&self) -> bool {
        let mut lists = self.lists;
        while let Some((list, rest)) = lists.split_first() {
            if let Some(field) = list.element.fields.first()
                && matches!(field.rule.data_type, DataType::NamedVar | DataType::NamedArray)
            {
                return true;
            }
            lists = rest;
        }
        false
    }

    pub(crate) const fn confirms(self, request: MessageType) -> Self {
        Self { confirms: Some(request), ..self }
    }

    /// What is known of `message_type`; `None` for numbers whose layout is not published.
    #[must_use]
    pub fn of(message_type: MessageType) -> Option<&'static Self> {
        super::catalogue::info(message_type)
    }

    /// The fixed fields that `protocol` has, in wire order.
    pub fn fixed_in(&'static self, protocol: Protocol) -> impl Iterator<Item = &'static FixedInfo> + Clone {
        self.fixed.iter().filter(move |field| field.versions.include(protocol))
    }

    /// The floating field with this tag, alone or in a list.
    #[must_use]
    pub fn field(&'static self, protocol: Protocol, tag: u16) -> Option<FieldInfo> {
        find(self.floating, self.lists, protocol, tag)
    }

    /// Name of the fixed field in which a body of `length` bytes ends.
    pub(crate) fn fixed_at(&'static self, protocol: Protocol, length: usize) -> Option<FieldName> {
        let mut left = length;
        for field in self.fixed_in(protocol) {
            for name in field.names() {
                match left.checked_sub(field.size) {
                    Some(rest) => left = rest,
                    None => return Some(name),
                }
            }
        }
        None
    }
}

impl FixedInfo {
    pub(crate) const fn of<T: FixedValue>(name: &'static str) -> Self {
        Self {
            name: FieldName::new(name),
            data_type: T::TYPE,
            size: match T::TYPE.size() {
                Some(size) => size,
                None => size_of::<T>(),
            },
            counters: T::COUNTERS,
            values: T::VALUES,
            versions: Versions::ALL,
            counts: None,
            again: false,
        }
    }

    pub(crate) const fn counts(self, list: &'static str) -> Self {
        Self { counts: Some(list), ..self }
    }

    /// Whether only some versions have the field. A body that ends in front of it is an older peer's.
    pub(crate) fn is_versioned(&self) -> bool {
        self.versions != Versions::ALL
    }

    pub(crate) const fn again(self) -> Self {
        Self { again: true, ..self }
    }

    /// Bytes that it takes: those of one value, or of one for each of its counters.
    #[must_use]
    pub const fn length(&self) -> usize {
        let values = if self.counters.is_empty() { 1 } else { self.counters.len() };
        self.size.saturating_mul(values)
    }

    /// Names of the values that stand here: one, or those of the counters.
    pub fn names(&self) -> impl Iterator<Item = FieldName> + Clone + use<> {
        let (name, counters) = (self.name, self.counters);
        // A counter is named first, and then its period: AvailTimeSession.
        let alone = counters.is_empty().then_some(name);
        alone.into_iter().chain(counters.iter().map(move |base| FieldName { base, period: name.base }))
    }
}

fn find(fields: &'static [FieldInfo], lists: &'static [ListInfo], protocol: Protocol, tag: u16) -> Option<FieldInfo> {
    let has_tag = |field: &&FieldInfo| field.rule.tag_in(protocol) == tag;
    let in_version = fields.iter().filter(has_tag).find(|field| field.rule.versions.include(protocol));
    // A tag may be two fields' of different versions. Without one for this version, the other one is named.
    if let Some(field) = in_version.or_else(|| fields.iter().find(has_tag)) {
        return Some(*field);
    }
    lists.iter().find_map(|list| {
        let count = list.rule.count.map(FieldInfo::plain).filter(|field| has_tag(&field));
        count.or_else(|| find(list.element.fields, list.element.lists, protocol, tag))
    })
}

/// Gives the builder methods that tables write behind a row.
macro_rules! version_rules {
    ($type:ty) => {
        #[allow(dead_code, reason = "the tables use some of them for each type")]
        impl $type {
            // For both products; where they differ `ccx_since` comes behind it.
            pub(crate) const fn since(self, version: u8) -> Self {
                let Versions { cce, ccx } = self.versions;
                Self { versions: Versions { cce: (version, cce.1), ccx: (version, ccx.1) }, ..self }
            }

            pub(crate) const fn until(self, version: u8) -> Self {
                let Versions { cce, ccx } = self.versions;
                Self { versions: Versions { cce: (cce.0, version), ccx: (ccx.0, version) }, ..self }
            }

            pub(crate) const fn ccx_since(self, version: u8) -> Self {
                let Versions { cce, ccx } = self.versions;
                Self { versions: Versions { cce, ccx: (version, ccx.1) }, ..self }
            }

            pub(crate) const fn cce_only(self) -> Self {
                Self { versions: Versions { ccx: Versions::NONE, ..self.versions }, ..self }
            }

            pub(crate) const fn ccx_only(self) -> Self {
                Self { versions: Versions { cce: Versions::NONE, ..self.versions }, ..self }
            }
        }
    };
}

version_rules!(FieldRule);
version_rules!(FixedInfo);
version_rules!(ListRule);
version_rules!(MessageInfo);
