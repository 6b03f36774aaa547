//! Unified CCX: the messages of `uccx.toml` that have a number.

use cti_proto::Protocol;
use cti_proto::message::{Direction, MessageInfo, MessageType};

use crate::catalogue::{self, Entry};
use crate::deviations;
use crate::report::{Report, WHOLE, names_differ, ranges};
use crate::tables::{self, ExpressFloating, ExpressMessage};

fn versions() -> impl Iterator<Item = u32> {
    Protocol::CCX_MIN..=Protocol::CCX_MAX
}

fn ccx(version: u32) -> Protocol {
    Protocol::ccx(version).expect("a version of Unified CCX")
}

/// The messages that both have.
fn messages(tables: &[ExpressMessage]) -> impl Iterator<Item = (&ExpressMessage, &'static MessageInfo)> {
    tables.iter().filter_map(|message| Some((message, MessageInfo::of(MessageType(message.number?))?)))
}

#[test]
fn every_message_of_unified_ccx_is_in_the_catalogue() {
    let mut report = Report::default();
    for message in tables::express().message {
        let place = (message.general_name(), WHOLE);
        let Some(number) = message.number else {
            if let Some(known) = MessageType::from_name(message.general_name()) {
                report.add(place, format!("number {} only in the catalogue", known.0));
            }
            continue;
        };
        let Some(info) = MessageInfo::of(MessageType(number)) else {
            report.add(place, format!("message {number} only in the tables"));
            continue;
        };
        let sender = match info.direction {
            Direction::Client => "client",
            Direction::Server => "server",
            Direction::Both => "both",
        };
        let exists = versions().filter(|version| message.since <= *version);
        let included = versions().filter(|version| info.versions.include(ccx(*version)));
        report.compare(place, "name", message.general_name(), info.message_type);
        report.compare(place, "sent by", &message.sent_by, sender);
        report.compare(place, "exists in", ranges(exists), ranges(included));
    }
    report.finish(&[]);
}

#[test]
fn every_fixed_part_of_unified_ccx_is_that_of_the_tables_in_every_version() {
    let mut report = Report::default();
    for (message, info) in messages(&tables::express().message) {
        let Some(fixed) = &message.fixed else { continue };
        for version in versions().filter(|version| message.since <= *version) {
            let fields: Vec<_> = fixed.iter().filter(|field| field.since <= version).collect();
            let mut values = catalogue::fixed(info, ccx(version));
            if !message.fixed_complete {
                values.truncate(fields.len());
            }
            let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            let theirs: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
            let differ = names_differ(&names, &theirs).filter(|_| names.len() != theirs.len());
            if let Some(what) = differ {
                report.add_in(version, (message.general_name(), WHOLE), what);
                continue;
            }
            for (field, value) in fields.iter().zip(&values) {
                let place = (message.general_name(), field.name.as_str());
                if field.name != value.name {
                    let what = format!("{} in the catalogue", value.name);
                    report.add_in(version, place, what);
                }
                let theirs = match value.data_type {
                    "UNSPEC" => format!("UNSPEC[{}]", value.size),
                    other => other.to_string(),
                };
                if field.data_type != theirs {
                    let what = format!("{} in the tables, {theirs} in the catalogue", field.data_type);
                    report.add_in(version, place, what);
                }
            }
        }
    }
    report.finish(deviations::CCX_FIXED);
}

#[test]
fn every_floating_field_of_unified_ccx_has_the_tag_size_and_versions_of_the_tables() {
    let mut report = Report::default();
    for (message, info) in messages(&tables::express().message) {
        let entries = catalogue::floating(info);
        for field in &message.floating {
            let place = (message.general_name(), field.name.as_str());
            if field.tags().is_empty() {
                report.add(place, "no tag in the tables");
            }
            for tag in field.tags() {
                let is_it = |entry: &&Entry| {
                    versions().map(ccx).any(|protocol| entry.exists_in(protocol) && entry.rule.tag_in(protocol) == tag)
                };
                match entries.iter().find(is_it) {
                    Some(entry) => compare_floating(&mut report, message, field, entry),
                    None => report.add(place, format!("tag {tag} only in the tables")),
                }
            }
        }
        for entry in entries.iter().filter(|entry| entry.place.together.is_empty()) {
            let exists =
                versions().any(|version| entry.exists_in(ccx(version)) && entry.rule.required_in(ccx(version)));
            let tag = entry.rule.tag_in(ccx(Protocol::CCX_MAX));
            let is_listed = message.floating.iter().any(|field| field.tags().contains(&tag));
            if exists && message.floating_complete && !is_listed {
                report.add((message.general_name(), &entry.name), "required only in the catalogue");
            }
        }
    }
    report.finish(deviations::CCX_FLOATING);
}

fn compare_floating(report: &mut Report, message: &ExpressMessage, field: &ExpressFloating, entry: &Entry) {
    let place = (message.general_name(), field.name.as_str());
    let both: Vec<u32> = versions().filter(|version| message.since <= *version).collect();
    report.compare(place, "type", &field.data_type, entry.rule.data_type.name());
    report.compare(place, "max", field.max, entry.rule.max_in(ccx(Protocol::CCX_MAX)));
    let is_in_list = !entry.place.together.is_empty();
    report.compare(place, "repeated", field.repeats, is_in_list || entry.place.record);
    // Rows of a list do not say what each element must have.
    let is_required = both.iter().any(|version| entry.rule.required_in(ccx(*version)));
    if !is_in_list && (field.confirmed || !field.required) {
        report.compare(place, "required", field.required, is_required);
    }
    // Rows that were filled in from Unified CCE do not say more.
    if !field.confirmed {
        return;
    }
    let in_tables = both.iter().copied().filter(|version| field.since <= *version);
    let in_catalogue = both.iter().copied().filter(|version| entry.exists_in(ccx(*version)));
    report.compare(place, "exists in", ranges(in_tables), ranges(in_catalogue));
}
