//! Every request in every state that matters to it: what it is answered by, and that nothing is left out.
//!
//! What may be answered is declared by the simulation itself ([`refusals`]); the rows that earn it are in `rows.txt`,
//! and what all requests of a kind have in common in `changes.rs`. A failure that is declared and not earned fails
//! here; one that is given and not declared fails wherever it is given.

mod changes;
mod opening;
mod rules;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use cti_proto::message::{MESSAGES, MessageInfo, MessageType};
use cti_proto::{Product, Protocol};
use cti_std::compose;
use cti_std::simulate::refusals;

use super::stage::table::{Row, Table, Words};
use super::stage::{Stage, Unsayable, name_of};
use changes::{change_for, changed};

/// The versions in which the table is played: old and new forms of fields, with and without what came later.
fn protocols() -> [Protocol; 6] {
    let cce = |version| Protocol::cce(version).unwrap();
    let ccx = |version| Protocol::ccx(version).unwrap();
    [cce(9), cce(13), cce(24), cce(25), ccx(10), ccx(18)]
}

/// The requests that are answered under their invoke ID.
fn requests() -> impl Iterator<Item = &'static MessageInfo> {
    compose::requests().filter(|info| MESSAGES.iter().any(|other| other.confirms == Some(info.message_type)))
}

/// Plays a row, and says how its request is answered.
fn play(table: &Table, row: &Row, offline: bool, protocol: Protocol) -> Result<String, Unsayable> {
    let mut stage = Stage::new(protocol);
    let steps = table.steps(row.scene);
    let said = steps.iter().filter_map(|step| step.words());
    let clients: BTreeSet<_> = said.chain([&row.words]).flat_map(Words::clients).collect();
    clients.into_iter().for_each(|who| stage.come_in(who));
    for step in steps {
        stage.step(step)?;
    }
    if offline {
        stage.offline();
    }
    stage.say(&row.words).map(name_of)
}

/// What was answered by what, of each product, and what was not as it should be.
#[derive(Default)]
struct Played {
    answers: BTreeSet<(bool, MessageType, String)>,
    rows: usize,
    wrong: String,
}

impl Played {
    fn play(&mut self, table: &Table, row: &Row, offline: bool, protocol: Protocol) {
        let message = compose::request(row.words.request).unwrap_or_else(|error| panic!("{}: {error}", row.line));
        let Ok(answer) = play(table, row, offline, protocol) else { return };
        self.rows += 1;
        let expected = row.outcomes[usize::from(protocol.is_ccx())];
        if answer != expected {
            let Row { line, scene, words, .. } = row;
            let _ = writeln!(self.wrong, "{protocol}, line {line}: {scene} {words:?}: {answer} in place of {expected}");
        }
        self.answers.insert((protocol.is_ccx(), message.message_type, answer));
    }
}

/// Plays all rows of a protocol, and then, for what no row has earned, a change of the first one that succeeds.
fn play_all(table: &Table, protocol: Protocol, played: &mut Played) {
    let (product, place) = if protocol.is_ccx() { ("ccx", 1) } else { ("cce", 0) };
    let mut first = BTreeMap::new();
    for row in table.rows.iter().filter(|row| row.only.is_none_or(|only| only == product)) {
        if row.outcomes[place] == "ok" {
            first.entry(row.words.request).or_insert(row);
        }
        played.play(table, row, false, protocol);
    }
    for (request, row) in first {
        let message = compose::request(request).unwrap().message_type;
        for name in refusals(Product::Cce, message).unwrap_or_default().iter().map(ToString::to_string) {
            let by_row = |other: &Row| other.words.request == request && other.outcomes[0] == name;
            if let Some(change) = change_for(row, &name)
                && !table.rows.iter().any(by_row)
            {
                let (row, offline) = changed(row, change);
                played.play(table, &row, offline, protocol);
            }
        }
    }
}

/// How Unified CCX refuses requests that it does not have.
const LACKING: [&str; 3] =
    ["E_CTI_INVALID_MESSAGE_LENGTH", "CF_UNRECOGNIZED_OPERATION_REJECTION", "E_CTI_FUNCTION_NOT_AVAILABLE"];

#[test]
fn every_request_succeeds_and_fails_in_every_way_that_is_declared() {
    let table = Table::of_rows();
    let mut played = Played::default();
    protocols().into_iter().for_each(|protocol| play_all(table, protocol, &mut played));
    for (product, ccx) in [(Product::Cce, false), (Product::Ccx, true)] {
        let has = |info: &&MessageInfo| {
            protocols().iter().any(|protocol| protocol.product() == product && info.versions.include(*protocol))
        };
        let (mut messages, mut pairs) = (0, 0);
        for message in requests().filter(has).map(|info| info.message_type) {
            let answered = |answer: &str| played.answers.contains(&(ccx, message, answer.into()));
            let is_lacking = ccx && LACKING.iter().any(|answer| answered(answer));
            if !answered("ok") && !is_lacking {
                let _ = writeln!(played.wrong, "{product}: {message} never succeeds");
            }
            messages += 1;
            for refusal in refusals(product, message).unwrap_or_default() {
                pairs += 1;
                if !answered(&refusal.to_string()) {
                    let _ = writeln!(played.wrong, "{product}: {message} is never answered by {refusal}");
                }
            }
        }
        println!("{product}: {messages} requests with {pairs} failures");
    }
    println!("{} rows in {:?}", played.rows, protocols());
    assert!(played.wrong.is_empty(), "\n{}", played.wrong);
}
