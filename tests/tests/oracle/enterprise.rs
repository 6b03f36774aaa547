//! Unified CCE: the messages of `protocol.toml` and the numbers of `message_types.toml`.

use std::fmt::Debug;

use cti_proto::message::{ListInfo, MESSAGES, MessageInfo, MessageType};
use cti_proto::value;
use cti_proto::{FieldFormat, Protocol};

use crate::catalogue::{self, Entry};
use crate::deviations;
use crate::report::{Report, WHOLE, names_differ, ranges};
use crate::tables::{self, Floating, Message};

fn versions() -> impl Iterator<Item = u32> {
    Protocol::CCE_MIN..=Protocol::CCE_MAX
}

fn cce(version: u32) -> Protocol {
    Protocol::cce(version).expect("a version of Unified CCE")
}

/// The messages that both have.
fn messages(tables: &[Message]) -> impl Iterator<Item = (&Message, &'static MessageInfo)> {
    tables.iter().filter_map(|message| Some((message, MessageInfo::of(MessageType(message.number))?)))
}

/// `ClientControl` as the tables write it: `client-control`.
fn in_words(value: impl Debug) -> String {
    let mut words = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[test]
fn every_message_has_the_number_direction_service_and_versions_of_the_tables() {
    let mut report = Report::default();
    let tables = tables::protocol().message;
    for message in &tables {
        let place = (message.name.as_str(), WHOLE);
        let Some(info) = MessageInfo::of(MessageType(message.number)) else {
            report.add(place, format!("message {} only in the tables", message.number));
            continue;
        };
        let exists = |version: &u32| message.exists_in(*version);
        let included = |version: &u32| info.versions.include(cce(*version));
        let confirms = info.confirms.map_or("nothing".into(), |request| request.to_string());
        report.compare(place, "name", &message.name, info.message_type);
        report.compare(place, "direction", &message.direction, in_words(info.direction));
        report.compare(place, "service", &message.service, in_words(info.service));
        report.compare(place, "exists in", ranges(versions().filter(exists)), ranges(versions().filter(included)));
        report.compare(place, "confirms", message.confirms.as_deref().unwrap_or("nothing"), confirms);
    }
    for info in MESSAGES {
        let is_general = versions().any(|version| info.versions.include(cce(version)));
        if is_general && !tables.iter().any(|message| message.number == info.message_type.0) {
            report.add((&info.message_type.to_string(), WHOLE), "message only in the catalogue");
        }
    }
    report.finish(&[]);
}

#[test]
fn every_fixed_part_is_that_of_the_tables_in_every_version() {
    let mut report = Report::default();
    for (message, info) in messages(&tables::protocol().message) {
        for version in versions() {
            let Some(layout) = message.layout_in(version) else { continue };
            let values = catalogue::fixed(info, cce(version));
            let bytes: usize = values.iter().map(|value| value.size).sum();
            if bytes != layout.fixed_bytes {
                let what = format!("{} bytes in the tables, {bytes} in the catalogue", layout.fixed_bytes);
                report.add_in(version, (&message.name, WHOLE), what);
            }
            let names: Vec<&str> = layout.fixed.iter().map(|field| field.name.as_str()).collect();
            let theirs: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
            if let Some(what) = names_differ(&names, &theirs) {
                report.add_in(version, (&message.name, WHOLE), what);
                continue;
            }
            for (field, value) in layout.fixed.iter().zip(&values) {
                let place = (message.name.as_str(), field.name.as_str());
                if field.data_type != value.data_type {
                    let what = format!("{} in the tables, {} in the catalogue", field.data_type, value.data_type);
                    report.add_in(version, place, what);
                }
                if field.values() != value.values {
                    let (ours, theirs) = (field.values().unwrap_or("none"), value.values.unwrap_or("none"));
                    let what = format!("values {ours} in the tables, {theirs} in the catalogue");
                    report.add_in(version, place, what);
                }
            }
        }
    }
    report.finish(deviations::FIXED);
}

#[test]
fn every_floating_field_is_that_of_the_tables() {
    let mut report = Report::default();
    for (message, info) in messages(&tables::protocol().message) {
        let entries = catalogue::floating(info);
        let both_exist = |version: &u32| message.exists_in(*version) && info.versions.include(cce(*version));
        let both: Vec<u32> = versions().filter(both_exist).collect();
        for field in &message.floating {
            match entries.iter().find(|entry| entry.name == field.name) {
                Some(entry) => compare_floating(&mut report, message, field, entry, &both),
                None => report.add((&message.name, &field.name), "only in the tables"),
            }
        }
        for entry in &entries {
            let exists = versions().any(|version| entry.exists_in(cce(version)));
            if exists && !message.floating.iter().any(|field| field.name == entry.name) {
                report.add((&message.name, &entry.name), "only in the catalogue");
            }
        }
    }
    report.finish(deviations::FLOATING);
}

fn compare_floating(report: &mut Report, message: &Message, field: &Floating, entry: &Entry, both: &[u32]) {
    let place = (message.name.as_str(), field.name.as_str());
    let rule = &entry.rule;
    let tag = field.tag.map_or("unpublished".into(), |tag| tag.to_string());
    assert_eq!(field.tag.is_none(), field.tag_unpublished, "{place:?} has a tag or says that it has none");
    report.compare(place, "tag", tag, rule.tag.to_string());
    report.compare(place, "type", field.data_type.as_str(), rule.data_type.name());
    // Only of texts, bytes and arrays do the tables always give a size; the others are what their type is.
    let max = field.max.or(rule.data_type.size().filter(|_| !field.array));
    report.compare(place, "max", max.map_or("none".into(), |max| max.to_string()), rule.max.to_string());
    // Within an element the tables do not say what is required.
    if entry.place.together.is_empty() || field.required {
        let is_required = both.iter().any(|version| rule.required_in(cce(*version)));
        report.compare(place, "required", field.required, is_required);
    }
    let since_until = field.since..=field.until.unwrap_or(u32::MAX);
    let in_tables = both.iter().copied().filter(|version| since_until.contains(version));
    let in_catalogue = both.iter().copied().filter(|version| entry.exists_in(cce(*version)));
    report.compare(place, "exists in", ranges(in_tables), ranges(in_catalogue));
    report.compare(place, "stands", message.place_of(field), &entry.place);
    let values = entry.values.map(|table| table.name);
    report.compare(place, "values", field.enumeration.as_deref().unwrap_or("none"), values.unwrap_or("none"));
}

#[test]
fn every_list_holds_as_many_elements_as_the_guide_allows() {
    let mut report = Report::default();
    for info in MESSAGES {
        let message = info.message_type.to_string();
        for list in info.lists {
            let counter = info.fixed.iter().find(|field| field.counts == Some(list.rule.name));
            let counter = counter.map(|field| field.name).or(list.rule.count.map(|rule| rule.name));
            compare_size(&mut report, &message, counter.map(|name| name.to_string()), list);
        }
    }
    report.finish(deviations::LISTS);
}

fn compare_size(report: &mut Report, message: &str, counter: Option<String>, list: &ListInfo) {
    let name = counter.as_deref().unwrap_or("uncounted");
    let limit = list_limit(message, name).map_or("any number".into(), |limit| limit.to_string());
    report.compare((message, name), "at most", limit, list.rule.max);
    for field in list.element.fields {
        let size = field.rule.data_type.size().filter(|_| field.array);
        if let Some(size) = size {
            let most = usize::from(field.rule.max) / size;
            report.compare((message, &field.rule.name.to_string()), "room for", list.rule.max, most);
        }
    }
    for inner in list.element.lists {
        compare_size(report, message, inner.rule.count.map(|rule| rule.name.to_string()), inner);
    }
}

/// What the guide allows a counter to say: the special values of its constants, and what the messages' text says.
fn list_limit(message: &str, counter: &str) -> Option<usize> {
    Some(match (message, counter) {
        (_, "NumCTIClients") => value::MAX_NUM_CTI_CLIENTS,
        (_, "NumParties") => value::MAX_NUM_PARTIES,
        (_, "NumCallDevices") => value::MAX_NUM_DEVICES,
        (_, "NumCalls") => value::MAX_NUM_CALLS,
        (_, "NumLines") => value::MAX_NUM_LINES,
        ("SET_AGENT_STATE_REQ", "NumSkillGroups") => 10,
        (_, "NumSkillGroups") => value::MAX_NUM_SKILL_GROUPS,
        (_, "NumFltSkillGroups") => 99,
        (_, "NumServiceMembers" | "NumInstruments") => 10,
        ("TEAM_CONFIG_EVENT", "NumRecords") => 64,
        (_, "NumRecords") => 10,
        (_, "NumberOfAgents" | "NumberOfAgentTeams") => 64,
        (_, "NumSkills") => 100,
        (_, "NumMRDs") => 40,
        // The 2,000 bytes that they may take together, in fields of the smallest size.
        (_, "NumNamedVariables" | "NumNamedArrays") => 400,
        _ => return None,
    })
}

#[test]
fn every_number_has_the_names_of_the_tables_and_reserved_ones_have_none() {
    let mut report = Report::default();
    let types = tables::message_types();
    for message in &types.message_type {
        let place = (message.name.as_str(), WHOLE);
        report.compare(place, "number", message.value, number_of(&message.name));
        report.compare(place, "name", &message.name, MessageType(message.value));
        for alias in &message.aliases {
            report.compare((alias, WHOLE), "number", message.value, number_of(alias));
        }
        if let Some(info) = MessageInfo::of(MessageType(message.value)) {
            report.compare(place, "direction", &message.direction, in_words(info.direction));
        }
    }
    for &(name, number) in MessageType::VALUES {
        if !types.message_type.iter().any(|message| message.value == number) {
            report.add((name, WHOLE), format!("number {number} only in the catalogue"));
        }
    }
    for &(name, number) in MessageType::ALIASES {
        let has_alias = |message: &tables::MessageType| message.aliases.iter().any(|alias| alias == name);
        if !types.message_type.iter().any(|message| message.value == number && has_alias(message)) {
            report.add((name, WHOLE), format!("alias of {number} only in the catalogue"));
        }
    }
    for range in &types.reserved {
        for number in range.first..=range.last {
            if let Some(name) = MessageType(number).name() {
                report.add((name, WHOLE), format!("number {number} is reserved in the tables"));
            }
        }
    }
    report.finish(&[]);
}

fn number_of(name: &str) -> String {
    MessageType::from_name(name).map_or("none".into(), |message_type| message_type.0.to_string())
}

/// Every protocol, and the floating fields of every message that exists in it.
fn for_each_protocol(mut visit: impl FnMut(Protocol, &str, &[Entry])) {
    let general = versions().map(cce);
    let express = (Protocol::CCX_MIN..=Protocol::CCX_MAX).filter_map(|version| Protocol::ccx(version).ok());
    for protocol in general.chain(express) {
        for info in MESSAGES.iter().filter(|info| info.versions.include(protocol)) {
            let mut entries = catalogue::floating(info);
            entries.retain(|entry| entry.exists_in(protocol));
            visit(protocol, &info.message_type.to_string(), &entries);
        }
    }
}

#[test]
fn no_tag_means_two_fields_of_a_message() {
    let mut report = Report::default();
    for_each_protocol(|protocol, message, entries| {
        for (place, entry) in entries.iter().enumerate() {
            let tag = entry.rule.tag_in(protocol);
            for other in entries.iter().skip(place + 1).filter(|other| other.rule.tag_in(protocol) == tag) {
                let what = format!("tag {tag} is also that of {} on {}", other.name, protocol.product());
                report.add_in(protocol.version(), (message, &entry.name), what);
            }
        }
    });
    report.finish(&[]);
}

#[test]
fn no_field_has_a_tag_or_a_size_that_its_version_cannot_write() {
    let mut report = Report::default();
    for_each_protocol(|protocol, message, entries| {
        for entry in entries.iter().filter(|_| protocol.format() == Some(FieldFormat::Narrow)) {
            let tag = entry.rule.tag_in(protocol);
            // Columns are written value by value.
            let max = if entry.place.array { 0 } else { entry.rule.max_in(protocol) };
            if tag > 255 || max > 255 {
                let what = format!("tag {tag} or size {max} takes more than a byte on {}", protocol.product());
                report.add_in(protocol.version(), (message, &entry.name), what);
            }
        }
    });
    report.finish(&[]);
}
