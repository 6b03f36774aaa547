//! The catalogue's metadata, laid out like the tables.

use cti_proto::Protocol;
use cti_proto::message::{FieldInfo, FieldRule, ListInfo, ListRule, MessageInfo, MessageType};
use cti_proto::value::ValueTable;

use crate::tables::Place;

/// A floating field of a message, wherever in it.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) rule: FieldRule,
    pub(crate) values: Option<&'static ValueTable>,
    pub(crate) place: Place,
    /// The lists in which it stands, from the outside in.
    pub(crate) lists: Vec<ListRule>,
}

impl Entry {
    /// Whether the field may stand in a message of `protocol`.
    pub(crate) fn exists_in(&self, protocol: Protocol) -> bool {
        self.rule.versions.include(protocol) && self.lists.iter().all(|list| list.versions.include(protocol))
    }
}

/// Every floating field of a message.
pub(crate) fn floating(info: &MessageInfo) -> Vec<Entry> {
    let mut entries: Vec<Entry> = info.floating.iter().map(|field| entry(field, alone(false), &[])).collect();
    for list in info.lists {
        let counter = info.fixed.iter().find(|field| field.counts == Some(list.rule.name));
        let counter = counter.map(|field| field.name.to_string());
        // Only configuration records count themselves so, apart from the members of a team.
        let is_of_records =
            counter.as_deref() == Some("NumRecords") && info.message_type != MessageType::TEAM_CONFIG_EVENT;
        add_list(&mut entries, list, counter, is_of_records, &[]);
    }
    entries
}

fn add_list(
    entries: &mut Vec<Entry>,
    list: &ListInfo,
    counter: Option<String>,
    is_of_records: bool,
    outer: &[ListRule],
) {
    let lists: Vec<ListRule> = outer.iter().copied().chain([list.rule]).collect();
    let in_record = !outer.is_empty();
    if let Some(rule) = list.rule.count {
        entries.push(entry(
            &FieldInfo { rule, values: None, size: Some(2), array: false, alone: false },
            alone(in_record),
            &lists,
        ));
    }
    let count = counter.or_else(|| list.rule.count.map(|rule| rule.name.to_string()));
    let together: Vec<String> = list.element.fields.iter().map(|field| field.rule.name.to_string()).collect();
    for field in list.element.fields {
        let place = match is_of_records {
            true => alone(true),
            false => Place { record: in_record, count: count.clone(), together: together.clone(), array: field.array },
        };
        entries.push(entry(field, place, &lists));
    }
    for inner in list.element.lists {
        add_list(entries, inner, None, false, &lists);
    }
}

fn alone(record: bool) -> Place {
    Place { record, count: None, together: Vec::new(), array: false }
}

fn entry(field: &FieldInfo, place: Place, lists: &[ListRule]) -> Entry {
    let FieldInfo { rule, values, .. } = *field;
    Entry { name: rule.name.to_string(), rule, values, place, lists: lists.to_vec() }
}

/// Name in the guide, type and size of each value of a message's fixed part.
pub(crate) fn fixed(info: &'static MessageInfo, protocol: Protocol) -> Vec<FixedValue> {
    info.fixed_in(protocol)
        .flat_map(|field| {
            field.names().map(|name| FixedValue {
                name: name.to_string(),
                data_type: field.data_type.name(),
                size: field.size,
                values: field.values.map(|table| table.name),
            })
        })
        .collect()
}

/// A value of a fixed part.
pub(crate) struct FixedValue {
    pub(crate) name: String,
    pub(crate) data_type: &'static str,
    pub(crate) size: usize,
    pub(crate) values: Option<&'static str>,
}
