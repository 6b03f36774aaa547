//! Failures that all requests of a kind have: a request that succeeds, with a change, earns them.

use crate::simulate::stage::table::{Row, Words, expand};

/// What is changed of a request that succeeds.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// These fields: `*` before a name stands for the first field whose name ends so, `-` takes a field away.
    Fields(&'static str),
    /// Who says it.
    Who(char),
    /// The peripheral is out of service.
    Offline,
    /// More named variables than a message may bring.
    TooMuch,
}

use Change::{Fields, Offline, TooMuch, Who};

/// A failure, its name on Unified CCX, and what brings it about.
#[rustfmt::skip]
const CHANGES: &[(&str, &str, Change)] = &[
    ("E_CTI_INVALID_PERIPHERAL_ID", "E_CTI_INVALID_PERIPHERAL_ID", Fields("PeripheralID=7")),
    ("CF_RESOURCE_OUT_OF_SERVICE", "CF_RESOURCE_OUT_OF_SERVICE", Offline),
    ("E_CTI_INVALID_CONNECTION_ID_TYPE", "CF_INVALID_CSTA_CONNECTION_IDENTIFIER", Fields("*ConnectionDeviceIDType=9")),
    ("CF_INVALID_CSTA_CALL_IDENTIFIER", "CF_INVALID_CSTA_CALL_IDENTIFIER", Fields("*ConnectionCallID=99")),
    ("CF_INVALID_CSTA_CONNECTION_IDENTIFIER", "CF_INVALID_CSTA_CONNECTION_IDENTIFIER", Fields("*ConnectionDeviceID=5011")),
    ("CF_INVALID_CSTA_DEVICE_IDENTIFIER", "CF_INVALID_CSTA_DEVICE_IDENTIFIER", Fields("*ConnectionDeviceID=x")),
    ("E_CTI_REQUIRED_DATA_MISSING", "E_CTI_REQUIRED_DATA_MISSING", Fields("*ConnectionDeviceID=-")),
    ("E_CTI_REQUIRED_DATA_MISSING", "E_CTI_REQUIRED_DATA_MISSING", Fields("AgentID=-")),
    ("CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE", "CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE", Who('d')),
    ("E_CTI_INCONSISTENT_AGENT_DATA", "E_CTI_INCONSISTENT_AGENT_DATA", Fields("AgentID=@1002 AgentExtension=5003")),
    ("E_CTI_INVALID_CALL_PLACEMENT_TYPE", "E_CTI_INVALID_PERIPHERAL_ID", Fields("CallPlacementType=77")),
    ("E_CTI_INVALID_CALL_MANNER_TYPE", "E_CTI_INVALID_PERIPHERAL_ID", Fields("CallMannerType=77")),
    ("E_CTI_INVALID_CALL_OPTION", "E_CTI_INVALID_PERIPHERAL_ID", Fields("CallOption=77")),
    ("E_CTI_INVALID_FACILITY_TYPE", "E_CTI_INVALID_PERIPHERAL_ID", Fields("FacilityType=77")),
    ("E_CTI_INVALID_ANSWERING_MACHINE", "E_CTI_INVALID_PERIPHERAL_ID", Fields("AnsweringMachine=77")),
    ("E_CTI_INVALID_CONSULT_TYPE", "CF_INVALID_CONSULT_TYPE", Fields("ConsultType=77")),
    ("E_CTI_NAMED_VARIABLE_NOT_CONFIGURED", "E_CTI_UNSPECIFIED_FAILURE", Fields("user.Nothing=v")),
    ("E_CTI_NAMED_ARRAY_NOT_CONFIGURED", "E_CTI_UNSPECIFIED_FAILURE", Fields("user.Nothing[0]=v")),
    ("E_CTI_SCALAR_FUNCTION_ON_ARRAY", "E_CTI_UNSPECIFIED_FAILURE", Fields("user.Order=v")),
    ("E_CTI_ARRAY_FUNCTION_ON_SCALAR", "E_CTI_UNSPECIFIED_FAILURE", Fields("user.Segment[0]=v")),
    ("E_CTI_INVALID_ARRAY_INDEX", "E_CTI_UNSPECIFIED_FAILURE", Fields("user.Order[9]=v")),
    ("E_CTI_PROTECTED_VARIABLE", "E_CTI_UNSPECIFIED_FAILURE", Fields("NamedVariable=BACampaign=v")),
    ("E_CTI_TOO_MUCH_DATA", "E_CTI_TOO_MUCH_DATA", TooMuch),
];

/// The change that brings a failure about for a request, if there is one that can be made.
pub(super) fn change_for(row: &Row, failure: &str) -> Option<(&'static str, &'static str, Change)> {
    let applies = |change: &Change| match change {
        Fields(text) if text.ends_with("=-") => {
            let name = text.trim_end_matches("=-").trim_start_matches('*');
            row.words.fields.iter().any(|(known, _)| known.ends_with(name))
        }
        _ => true,
    };
    CHANGES.iter().find(|(name, _, change)| *name == failure && applies(change)).copied()
}

/// The row of a failure, made of one that succeeds; and whether the peripheral goes out of service before.
pub(super) fn changed(row: &Row, (cce, ccx, change): (&'static str, &'static str, Change)) -> (Row, bool) {
    let words = match change {
        Fields(text) => with(&row.words, text),
        Who(who) => Words { who, ..row.words.clone() },
        Offline => row.words.clone(),
        TooMuch => {
            let mut words = row.words.clone();
            let value = format!("user.Segment={}", "x".repeat(200));
            words.fields.extend((0..10).map(|_| ("NamedVariable".to_owned(), value.clone())));
            words
        }
    };
    (Row { words, outcomes: [cce, ccx], ..row.clone() }, matches!(change, Offline))
}

fn with(words: &Words, text: &'static str) -> Words {
    let mut words = words.clone();
    for (name, value) in expand(&text.split(' ').collect::<Vec<_>>()) {
        let ending = name.strip_prefix('*');
        let is_it = |known: &str| ending.map_or(known == name, |ending| known.ends_with(ending));
        match words.fields.iter_mut().find(|(known, _)| is_it(known)) {
            Some((_, old)) => *old = value,
            None => words.fields.push((ending.unwrap_or(&name).to_owned(), value)),
        }
    }
    words
}
