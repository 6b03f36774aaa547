//! Values with names: `constants.toml`, `masks.toml` and the small tables of `messages.toml`.

use std::collections::{BTreeMap, BTreeSet};

use cti_proto::value::{self, FailureStatus, SystemEventId, TABLES, TaskState};

use crate::deviations;
use crate::report::{Report, WHOLE};
use crate::tables::{self, Value};

/// One enumeration or mask, out of all tables that have it.
#[derive(Default)]
struct Known {
    masks: BTreeSet<bool>,
    values: BTreeSet<(String, u32)>,
}

/// The name in the catalogue of what the constants name otherwise than fields and other tables do.
fn name_in_catalogue(name: &str) -> &str {
    match name {
        "CtiServiceMask" => "CtiService",
        "PGStatusCode" => "PGStatus",
        "AgentServiceRequestMask" => "AgentServiceReq",
        other => other,
    }
}

fn known() -> BTreeMap<String, Known> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut add = |name: &str, mask: bool, values: &[Value]| {
        let table = known.entry(name_in_catalogue(name).into()).or_default();
        table.masks.insert(mask);
        table.values.extend(values.iter().map(|value| (value.name.clone(), value.value)));
    };
    for (_, source) in tables::values() {
        for table in source.enumerations.iter().filter(|table| table.kind != "const") {
            let name = table.extends.as_ref().unwrap_or(&table.name);
            add(name, table.kind == "mask", &table.values);
            add(name, table.kind == "mask", &table.retired);
        }
        source.mask.iter().for_each(|table| add(&table.name, true, &table.bits));
        source.small_enum.iter().for_each(|table| add(&table.name, table.mask, &table.values));
    }
    known
}

#[test]
fn every_value_has_the_name_and_number_of_the_tables() {
    let mut report = Report::default();
    let known = known();
    for (name, table) in &known {
        let Some(catalogue) = TABLES.iter().find(|catalogue| catalogue.name == name) else {
            report.add((name, WHOLE), "only in the tables");
            continue;
        };
        for mask in &table.masks {
            report.compare((name, WHOLE), "is a mask:", mask, catalogue.mask);
        }
        let theirs: BTreeSet<(String, u32)> =
            catalogue.values.iter().map(|&(name, number)| (name.into(), number)).collect();
        for (value, number) in table.values.difference(&theirs) {
            report.add((name, value), format!("{number} only in the tables"));
        }
        for (value, number) in theirs.difference(&table.values) {
            report.add((name, value), format!("{number} only in the catalogue"));
        }
    }
    for catalogue in TABLES.iter().filter(|catalogue| !known.contains_key(catalogue.name)) {
        report.add((catalogue.name, WHOLE), "only in the catalogue");
    }
    report.finish(deviations::VALUES);
}

#[test]
fn aliases_and_reserved_numbers_are_those_of_the_tables() {
    let mut report = Report::default();
    for (source, values) in tables::values() {
        for table in &values.enumerations {
            for value in &table.values {
                let Some(alias) = &value.alias else { continue };
                let number = match table.name.as_str() {
                    "FailureStatus" => FailureStatus::from_name(alias).map(|status| status.0),
                    "SystemEventID" => SystemEventId::from_name(alias).map(|event| event.0),
                    "TaskState" => TaskState::from_name(alias).map(|state| state.0.into()),
                    other => panic!("{source} has aliases for {other}, which this test does not know"),
                };
                let number = number.map_or("none".into(), |number| number.to_string());
                report.compare((&table.name, alias), "number", value.value, number);
            }
            let catalogue = TABLES.iter().find(|catalogue| catalogue.name == name_in_catalogue(&table.name));
            for &number in &table.reserved {
                if let Some(name) = catalogue.and_then(|catalogue| catalogue.name_of(number)) {
                    report.add((&table.name, name), format!("{number} is reserved in the tables"));
                }
            }
        }
    }
    report.finish(&[]);
}

#[test]
fn special_values_and_limits_are_those_of_the_tables() {
    let mut report = Report::default();
    let catalogue = |name: &str| {
        let limit = |limit: usize| u32::try_from(limit).ok();
        match name {
            "MAX_NUM_CTI_CLIENTS" => limit(value::MAX_NUM_CTI_CLIENTS),
            "MAX_NUM_PARTIES" => limit(value::MAX_NUM_PARTIES),
            "MAX_NUM_DEVICES" => limit(value::MAX_NUM_DEVICES),
            "MAX_NUM_CALLS" => limit(value::MAX_NUM_CALLS),
            "MAX_NUM_SKILL_GROUPS" => limit(value::MAX_NUM_SKILL_GROUPS),
            "MAX_NUM_LINES" => limit(value::MAX_NUM_LINES),
            "NULL_CALL_ID" => Some(value::NULL_CALL_ID),
            "NULL_PERIPHERAL_ID" => Some(value::NULL_PERIPHERAL_ID),
            "NULL_SERVICE" => Some(value::NULL_SERVICE),
            "NULL_SKILL_GROUP" => Some(value::NULL_SKILL_GROUP),
            "NULL_CALLTYPE" => Some(value::NULL_CALLTYPE.into()),
            "NAMEDVAR_FIELD_LENGTH_MIN" => limit(value::NAMEDVAR_FIELD_LENGTH_MIN),
            "NAMEDVAR_FIELD_LENGTH_MAX" => limit(value::NAMEDVAR_FIELD_LENGTH_MAX),
            "NAMEDVAR_NAME_MAX" => limit(value::NAMEDVAR_NAME_MAX),
            "NAMEDVAR_VALUE_MAX" => limit(value::NAMEDVAR_VALUE_MAX),
            "NAMEDARRAY_FIELD_LENGTH_MIN" => limit(value::NAMEDARRAY_FIELD_LENGTH_MIN),
            "NAMEDARRAY_FIELD_LENGTH_MAX" => limit(value::NAMEDARRAY_FIELD_LENGTH_MAX),
            "NAMEDARRAY_INDEX_SIZE" => limit(value::NAMEDARRAY_INDEX_SIZE),
            "NAMEDARRAY_NAME_MAX" => limit(value::NAMEDARRAY_NAME_MAX),
            "NAMEDARRAY_VALUE_MAX" => limit(value::NAMEDARRAY_VALUE_MAX),
            _ => None,
        }
    };
    let sources = tables::values();
    let constants = sources.iter().flat_map(|(_, source)| &source.enumerations).filter(|table| table.kind == "const");
    for value in constants.flat_map(|table| &table.values) {
        let number = catalogue(&value.name).map_or("none".into(), |number| number.to_string());
        report.compare((&value.name, WHOLE), "number", value.value, number);
    }
    report.finish(&[]);
}
