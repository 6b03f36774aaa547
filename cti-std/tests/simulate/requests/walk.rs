//! Requests at random, in a contact centre at work: none is answered by what is not declared, and none leaves anything
//! behind.

use std::collections::BTreeSet;

use cti_proto::message::{Message, MessageInfo, MessageType, Service};
use cti_proto::value::FailureStatus;
use cti_proto::wire::DataType;
use cti_proto::{Product, Protocol};
use cti_std::compose::{self, Field};
use cti_std::simulate::Config;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::simulate::desk::{Answer, Desk, protocols, quiet};
use crate::simulate::stage::table::Words;
use crate::simulate::stage::{Stage, name_of};

/// Requests of each version.
const REQUESTS: usize = 700;
/// Who asks: agents, supervisors, a client of all events, servers.
const CLIENTS: [char; 8] = ['a', 'b', 'd', 't', 's', 'c', 'r', 'q'];
const DEVICES: [&str; 12] =
    ["5001", "5002", "5003", "5004", "5006", "5025", "7001", "20001", "92065551234", "92065550000", "x", ""];
const NUMBERS: [u32; 16] = [0, 1, 2, 3, 9, 77, 101, 102, 201, 5_000, 5_001, 5_200, 8_000, 8_001, 0xffff, 0xffff_ffff];

const LIVELY: [MessageType; 5] = [
    MessageType::MAKE_CALL_REQ,
    MessageType::ANSWER_CALL_REQ,
    MessageType::CONSULTATION_CALL_REQ,
    MessageType::SET_AGENT_STATE_REQ,
    MessageType::RETRIEVE_CALL_REQ,
];

/// What a walk goes by.
struct Walk {
    chance: ChaCha8Rng,
    /// Connections that there have been lately: calls and devices.
    connections: Vec<(u32, String)>,
    /// That which the next request is about, mostly.
    subject: (u32, String),
}

impl Walk {
    fn words(&mut self, protocol: Protocol, info: &'static MessageInfo) -> Words {
        self.subject = self.connections.choose(&mut self.chance).cloned().unwrap_or_default();
        let own = CLIENTS.into_iter().find(|who| Stage::extension_of(*who).is_some_and(|own| own == self.subject.1));
        let granted: &[char] = match info.service {
            Service::ServerService => &['r', 'q'],
            Service::PeripheralMonitor | Service::ClientMonitor => &['c'],
            Service::Supervisor => &['s', 'c'],
            _ => &['a', 'b', 'd', 't', 's', 'c'],
        };
        let granted = if self.chance.random_bool(0.95) { granted } else { &CLIENTS };
        let who = own.filter(|who| granted.contains(who) && self.chance.random_bool(0.9));
        let who = who.unwrap_or_else(|| *granted.choose(&mut self.chance).unwrap());
        let known: Vec<_> = compose::fields(protocol, info).collect();
        let mut fields = Vec::new();
        for field in known {
            // Most fields are left at what they are by themselves, so that requests get far.
            let names_subject = ["DeviceID", "CallID", "AgentInstrument", "Text", "Number"];
            let names_subject = names_subject.iter().any(|end| field.name.ends_with(end));
            let share = if field.required || names_subject { 0.95 } else { 0.1 };
            let is_given = field.name == "PeripheralID" || field.name.starts_with("Reserved");
            if !is_given && self.chance.random_bool(share) {
                let value = self.value(protocol, &field);
                fields.push((field.name, value));
            }
        }
        Words { who, request: info.message_type.name().expect("a name"), fields }
    }

    fn value(&mut self, protocol: Protocol, field: &Field) -> String {
        let name = field.name.as_str();
        if name.ends_with("CallID") && !name.starts_with("RouterCall") {
            let other = name.starts_with("Held") || name.starts_with("Other");
            let call = if other { self.connections.choose(&mut self.chance) } else { Some(&self.subject) };
            let call = call.filter(|_| self.chance.random_bool(0.9));
            return call.map_or_else(|| "none".into(), |(call, _)| call.to_string());
        }
        if name.ends_with("DeviceIDType") {
            return if self.chance.random_bool(0.95) { "0" } else { "77" }.to_owned();
        }
        match field.data_type {
            DataType::NamedVar => ["user.Segment=v", "user.Nothing=v"].choose(&mut self.chance).unwrap().to_string(),
            DataType::NamedArray => {
                ["user.Order[1]=v", "user.Order[7]=v"].choose(&mut self.chance).unwrap().to_string()
            }
            DataType::String | DataType::Unspec => self.text(protocol, name, field.max),
            DataType::Bool => ["true", "false"].choose(&mut self.chance).unwrap().to_string(),
            number => {
                let most = number.size().map_or(u32::MAX, |size| u32::MAX >> (32 - 8 * size.min(4)));
                // Names of values begin at 0 mostly.
                let small = self.chance.random_range(0..12);
                let number = if field.values.is_some() { small } else { *NUMBERS.choose(&mut self.chance).unwrap() };
                number.min(most).min(i32::MAX as u32).to_string()
            }
        }
    }

    fn text(&mut self, protocol: Protocol, name: &str, max: usize) -> String {
        let login = if protocol.is_ccx() { "@1003" } else { "1003" };
        let text = match name {
            "AgentID" => ["@1001", "@1002", login, "@1006", "77"].choose(&mut self.chance).unwrap(),
            "AgentPassword" => ["secret", "secret", "other"].choose(&mut self.chance).unwrap(),
            "ServiceName" => ["Cisco:CallRecording", "Other"].choose(&mut self.chance).unwrap(),
            "ClientID" => ["a", "c", "nobody"].choose(&mut self.chance).unwrap(),
            "DTMFString" => "1*#",
            "DialedNumber" | "CalledDeviceID" => DEVICES.choose(&mut self.chance).unwrap(),
            _ if self.chance.random_bool(0.8) && !self.subject.1.is_empty() => self.subject.1.as_str(),
            _ => DEVICES.choose(&mut self.chance).unwrap(),
        };
        text.chars().take(max.saturating_sub(1)).collect()
    }
}

/// A lively contact centre whose callers come and go.
fn lively(product: Product) -> Config {
    let mut config = quiet(product);
    config.calls_per_hour = 300.0;
    config
}

#[test]
fn whatever_is_asked_for_is_answered_by_what_is_declared() {
    let (mut confirmed, mut pairs) = (0, BTreeSet::new());
    for protocol in protocols() {
        let mut stage = Stage::of(protocol, lively(protocol.product()));
        CLIENTS.into_iter().for_each(|who| stage.come_in(who));
        let mut walk = Walk {
            chance: ChaCha8Rng::seed_from_u64(protocol.version().into()),
            connections: Vec::new(),
            subject: (0, String::new()),
        };
        let requests: Vec<_> = super::requests().filter(|info| info.versions.include(protocol)).collect();
        // Those that make something happen come more often.
        let lively = requests.iter().copied().filter(|info| LIVELY.contains(&info.message_type)).collect::<Vec<_>>();
        for _ in 0..REQUESTS {
            let among = if walk.chance.random_bool(0.3) { &lively } else { &requests };
            let info = among.choose(&mut walk.chance).unwrap();
            let words = walk.words(protocol, info);
            // The simulation itself sees to it that its answer is one of those declared.
            match stage.say(&words) {
                Ok(Answer::Confirmed | Answer::Monitor(_)) => confirmed += 1,
                Ok(answer) => drop(pairs.insert((protocol.is_ccx(), words.request, name_of(answer)))),
                Err(_) => {}
            }
            stage.desk.pass(walk.chance.random_range(0..4));
            walk.listen(&mut stage.desk);
        }
        leave(&mut stage, protocol);
    }
    println!("{confirmed} confirmed; {} pairs of a request and a failure", pairs.len());
    assert!(confirmed > 1_000 && pairs.len() > 400, "{confirmed} confirmed, {} pairs", pairs.len());
}

impl Walk {
    /// Notes the calls that begin, the last of them.
    fn listen(&mut self, desk: &mut Desk) {
        let heard = std::mem::take(&mut desk.ears.heard);
        let begun = heard.iter().filter(|heard| heard.message_type() == MessageType::BEGIN_CALL_EVENT);
        self.connections.extend(begun.filter_map(|heard| match heard.message() {
            Message::BeginCallEvent(event) => Some((event.connection_call_id, event.connection_device_id?.to_string())),
            _ => None,
        }));
        let old = self.connections.len().saturating_sub(12);
        self.connections.drain(..old);
        desk.ears.answers.clear();
    }
}

/// All clients go, and no more calls come: those that there are end.
fn leave(stage: &mut Stage, protocol: Protocol) {
    for who in CLIENTS {
        let session = stage.session(who);
        let desk = &mut stage.desk;
        desk.centre.closed(desk.now, session, FailureStatus::E_CTI_CLIENT_DISCONNECTED, &mut desk.ears);
    }
    let desk = &mut stage.desk;
    desk.centre.set_online(desk.now, false, &mut desk.ears);
    desk.centre.set_online(desk.now, true, &mut desk.ears);
    assert_eq!(desk.centre.calls(), 0, "{protocol}");
    let before = desk.centre.counts();
    assert_eq!(before.begun, before.ended, "{protocol}");
    desk.pass(900);
    let after = desk.centre.counts();
    assert!(after.answered > before.answered + 20, "{protocol}: it goes on: {after:?}");
}
