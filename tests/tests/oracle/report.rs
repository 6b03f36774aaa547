//! Differences, and what becomes of them: each one is deliberate or a failure, and so is each deviation that no
//! longer is one.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

/// In place of a field: the message, or the whole of a fixed part or table of values.
pub(crate) const WHOLE: &str = "*";

/// A place where tables and catalogue do not say the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    pub(crate) message: String,
    pub(crate) field: String,
    pub(crate) what: String,
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}: {}", self.message, self.field, self.what)
    }
}

/// A difference that is meant, in one or several places `MESSAGE.Field`, between which blanks stand.
pub(crate) struct Deviation {
    pub(crate) places: &'static str,
    pub(crate) what: &'static str,
    pub(crate) reason: &'static str,
}

impl Deviation {
    fn differences(&self) -> impl Iterator<Item = Difference> {
        self.places.split_whitespace().map(|place| {
            let (message, field) = place.split_once('.').expect("a place is MESSAGE.Field");
            Difference { message: message.into(), field: field.into(), what: self.what.into() }
        })
    }
}

/// The differences found so far. One that shows in several versions is one difference.
#[derive(Default)]
pub(crate) struct Report {
    found: BTreeMap<Difference, Vec<u32>>,
}

impl Report {
    /// Notes what the tables and the catalogue say of one thing, if that is not the same.
    pub(crate) fn compare(&mut self, place: (&str, &str), aspect: &str, tables: impl Display, catalogue: impl Display) {
        let (tables, catalogue) = (tables.to_string(), catalogue.to_string());
        if tables != catalogue {
            self.add(place, format!("{aspect} {tables} in the tables, {catalogue} in the catalogue"));
        }
    }

    /// Notes a difference.
    pub(crate) fn add(&mut self, (message, field): (&str, &str), what: impl Into<String>) {
        self.entry(message, field, what.into());
    }

    /// Notes a difference in one version.
    pub(crate) fn add_in(&mut self, version: u32, (message, field): (&str, &str), what: impl Into<String>) {
        self.entry(message, field, what.into()).push(version);
    }

    fn entry(&mut self, message: &str, field: &str, what: String) -> &mut Vec<u32> {
        self.found.entry(Difference { message: message.into(), field: field.into(), what }).or_default()
    }

    /// Fails with every difference that is not deliberate, and every deviation that is none.
    pub(crate) fn finish(self, deviations: &[Deviation]) {
        let mut found: Vec<Difference> = self
            .found
            .into_iter()
            .map(|(difference, versions)| match versions[..] {
                [] => difference,
                _ => Difference { what: format!("{} ({})", difference.what, ranges(versions)), ..difference },
            })
            .collect();
        let mut lines = Vec::new();
        for deviation in deviations {
            for meant in deviation.differences() {
                match found.iter().position(|difference| *difference == meant) {
                    Some(place) => drop(found.remove(place)),
                    None => lines.push(format!("no longer so: {meant} (it was meant: {})", deviation.reason)),
                }
            }
        }
        lines.extend(found.iter().map(|difference| format!("difference: {difference}")));
        assert!(lines.is_empty(), "{} lines:\n{}\n", lines.len(), lines.join("\n"));
    }
}

/// Versions in words: `versions 9 to 13, 19` or `version 9`.
pub(crate) fn ranges(versions: impl IntoIterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for version in versions {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == version => *last = version,
            _ => ranges.push((version, version)),
        }
    }
    let words: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first} to {last}") })
        .collect();
    match &words[..] {
        [] => "no version".into(),
        [one] if !one.contains(' ') => format!("version {one}"),
        several => format!("versions {}", several.join(", ")),
    }
}

/// What two sequences of names do not have in common; `None` if they are the same.
pub(crate) fn names_differ(tables: &[&str], catalogue: &[&str]) -> Option<String> {
    let only = |names: &[&str], others: &[&str]| {
        names.iter().filter(|name| !others.contains(name)).copied().collect::<Vec<_>>().join(" ")
    };
    let parts: Vec<String> = [("tables", only(tables, catalogue)), ("catalogue", only(catalogue, tables))]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(side, names)| format!("{names} only in the {side}"))
        .collect();
    match (parts.is_empty(), tables == catalogue) {
        (false, _) => Some(parts.join(", ")),
        (true, false) => Some(format!("{} in the tables, {} in the catalogue", tables.join(" "), catalogue.join(" "))),
        (true, true) => None,
    }
}
