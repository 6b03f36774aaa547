//! A client's session under a script: bytes in chunks, moments that go on, stand still and go back, connections that
//! come and go, and commands, in any order. Whatever happens the session keeps to its contract, and each request ends at
//! most once.
//!
//! The first byte chooses the protocol, the second the configuration; then each step takes a byte, and what it needs.
#![no_main]

use std::collections::BTreeSet;
use std::time::Duration;

use cti_fuzz::protocol;
use cti_fuzz::session::{Held, Script, Told};
use cti_proto::message::{
    ActiveMaintenanceEventMsg, ActiveMaintenanceReqMsg, AgentStateEvent, ChangeMonitorMaskReq, ConfigBeginEvent,
    ConfigEndEvent, ConfigRequestEvent, ConfigRequestKeyEvent, FailureConf, FailureEvent, FixedInfo, ListAgentTeamReq,
    MESSAGES, MessageInfo, MonitorAgentTeamStartReq, MonitorStartReq, MonitorStopReq, OpenConf, QueryAgentStateReq,
    StandbyActiveEventMsg, SystemEvent,
};
use cti_proto::session::{ClientConfig, ClientSession, Request, RequestError, Side, Transport, Wake};
use cti_proto::value::{ConfigEndStatus, ConfigType, CtiService, FailureStatus, SessionType, SystemEventId};
use cti_proto::{Body, MessageType, Parts, Protocol, Storage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut script = Script(data);
    let first = protocol(script.byte());
    let options = script.byte();
    let protocols = [first, Protocol::cce(13).expect("a version")];
    let protocols = if options & 1 == 0 { &protocols[..1] } else { &protocols };
    if options & 2 == 0 {
        let mut storage = Storage::<12_500, 2_048, 8, 4>::new();
        run(config(protocols, options), storage.parts(), script);
    } else {
        let mut storage = Storage::<96, 256, 2, 1>::new();
        run(config(protocols, options), storage.parts(), script);
    }
});

fn config(protocols: &[Protocol], options: u8) -> ClientConfig<'_> {
    let mut config = ClientConfig::new(protocols, "fuzz".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
    let beats = options & 4 == 0 || protocols.iter().any(|protocol| protocol.is_ccx());
    config.heartbeat = beats.then_some(Duration::from_secs(5));
    config.pair = options & 8 == 0;
    config.only_side = (options & 16 != 0).then_some(Side::B);
    config.accept_maintenance = options & 32 == 0;
    config.expected_clients = u32::from(options);
    config.random = 7;
    config
}

fn run(config: ClientConfig<'_>, storage: Parts<'_>, mut script: Script<'_>) {
    let rx = storage.rx.len();
    let Ok(session) = ClientSession::new(config, storage) else {
        return;
    };
    let mut client = Client { held: Held::new(session, rx), requests: BTreeSet::new(), asked: vec![], is_open: false };
    while !script.is_over() {
        client.step(&mut script);
        client.held.check();
        client.look();
    }
    client.finish();
}

struct Client<'s> {
    held: Held<ClientSession<'s>>,
    /// What the application asked for, and has not ended.
    requests: BTreeSet<(u32, u32)>,
    /// What the session wrote on this connection.
    asked: Vec<(MessageType, u32)>,
    is_open: bool,
}

/// Messages that are not answers.
const STATUSES: [FailureStatus; 7] = [
    FailureStatus::E_CTI_CTI_SERVER_OFFLINE,
    FailureStatus::E_CTI_NEW_SESSION_OPENED,
    FailureStatus::E_CTI_TIMEOUT,
    FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE,
    FailureStatus::E_CTI_INVALID_VERSION,
    FailureStatus::E_CTI_INVALID_PASSWORD,
    FailureStatus::E_CTI_UNSPECIFIED_FAILURE,
];

impl Client<'_> {
    fn step(&mut self, script: &mut Script<'_>) {
        let held = &mut self.held;
        match script.byte() % 24 {
            0 => self.drain(),
            1 => held.advance(script.millis()),
            2 => held.go_back(script.millis()),
            3 => {
                let was = held.machine.transport();
                let now = held.tell();
                held.machine.connected(now);
                if matches!(was, Transport::Connect(_)) {
                    held.forget_stream();
                    self.asked.clear();
                }
            }
            4 => held.transport_closed(),
            5 => held.deliver(script.byte().into(), false),
            6 => held.deliver(script.byte().into(), true),
            7 => held.deliver(usize::MAX, false),
            8 => {
                let n = script.byte() % 64;
                held.wire.extend_from_slice(script.bytes(n.into()));
            }
            9 => self.answer(MessageType::OPEN_REQ, script),
            10 => {
                let which = usize::from(script.byte());
                let message = self.asked.get(which % self.asked.len().max(1)).map(|(message, _)| *message);
                self.answer(message.unwrap_or_default(), script);
            }
            11 => self.event(script),
            12 => held.transmitted(script.byte().into()),
            13 => held.transmitted(usize::MAX),
            14 | 15 => self.request(script),
            16 => match script.byte() % 3 {
                0 => {
                    let now = held.tell();
                    held.machine.start_resync(now);
                }
                1 => held.machine.finish_resync(),
                _ => {
                    let now = held.tell();
                    let result = held.machine.resync(now, &query());
                    self.note(result);
                }
            },
            17 => {
                let now = held.tell();
                let before = held.machine.transmit().to_vec();
                if held.machine.stop_requests(now).is_err() {
                    assert_eq!(held.machine.transmit(), before);
                }
            }
            18 => {
                let now = held.tell();
                held.machine.close(now, FailureStatus::E_CTI_NO_ERROR);
            }
            19 => {
                let now = held.tell();
                held.machine.reconnect(now);
            }
            20 => held.handle_timeout(),
            21 => {
                let told = held.poll();
                self.told(told);
            }
            22 => {
                let message = MessageType(u32::from(script.byte()) * 2 + u32::from(script.byte() & 1));
                let n = script.byte();
                held.say_frame(message, script.bytes(n.into()));
            }
            _ => {
                assert!(!format!("{:?} {}", held.machine, held.machine.health()).is_empty());
                assert!(held.machine.opened().is_none() || held.machine.transport() == Transport::Keep);
            }
        }
    }

    /// The server answers the latest message of this type: as it is confirmed, or by a failure.
    fn answer(&mut self, message: MessageType, script: &mut Script<'_>) {
        let Some((_, invoke_id)) = self.asked.iter().rev().find(|(asked, _)| *asked == message).copied() else {
            return;
        };
        let choice = script.byte();
        if choice & 3 == 3 {
            let reason = script.choose(&STATUSES).into();
            return self.held.say(&FailureConf { invoke_id, reason, ..FailureConf::default() });
        }
        let protocol = self.held.machine.protocol();
        match message {
            MessageType::OPEN_REQ => {
                let standby = choice & 4 == 4 && protocol.version() >= 24;
                self.held.say(&OpenConf {
                    invoke_id,
                    services_granted: CtiService::ALL,
                    session_type: if standby { SessionType::STANDBY } else { SessionType::UNKNOWN },
                    ..OpenConf::default()
                });
            }
            MessageType::CONFIG_REQUEST_KEY_EVENT => self.blank(MessageType::CONFIG_KEY_EVENT, 0, choice),
            MessageType::CONFIG_REQUEST_EVENT => {
                let partial = if choice & 4 == 4 { ConfigEndStatus::CONFIGEND_PARTIAL } else { Default::default() };
                self.held.say(&ConfigEndEvent { config_end_status: partial, ..ConfigEndEvent::default() });
            }
            _ => {
                if let Some(info) = MESSAGES.iter().find(|info| info.confirms == Some(message)) {
                    self.blank(info.message_type, invoke_id, choice);
                } else if message == MessageType::HEARTBEAT_REQ {
                    self.blank(MessageType::HEARTBEAT_CONF, invoke_id, choice);
                } else if message == MessageType::CLOSE_REQ {
                    self.blank(MessageType::CLOSE_CONF, invoke_id, choice);
                }
            }
        }
    }

    /// A message with an invoke ID and nothing else; some with ones in place of zeros.
    fn blank(&mut self, message: MessageType, invoke_id: u32, choice: u8) {
        let protocol = self.held.machine.protocol();
        let size = |field: &FixedInfo| field.size * field.counters.len().max(1);
        let length = MessageInfo::of(message).map_or(4, |info| info.fixed_in(protocol).map(size).sum::<usize>());
        let mut body = vec![choice & 8; length];
        let id = invoke_id.to_be_bytes();
        body.iter_mut().zip(id).for_each(|(place, byte)| *place = byte);
        self.held.say_frame(message, &body);
    }

    fn event(&mut self, script: &mut Script<'_>) {
        let held = &mut self.held;
        let choice = script.byte();
        let flag = choice & 128 == 0;
        match choice % 9 {
            0 => held.say(&AgentStateEvent::default()),
            1 => held.say(&FailureEvent { status: script.choose(&STATUSES), ..FailureEvent::default() }),
            2 => held.say(&StandbyActiveEventMsg::default()),
            3 => held.say(&ActiveMaintenanceReqMsg { invoke_id: 1 }),
            4 => held.say(&ActiveMaintenanceEventMsg { maintenance_mode_status: flag }),
            5 => {
                let config_type = if flag { ConfigType::UNSOLICITED } else { Default::default() };
                held.say(&ConfigBeginEvent { config_type, ..ConfigBeginEvent::default() });
            }
            6 => held.say(&ConfigEndEvent::default()),
            7 => held.say(&SystemEvent {
                system_event_id: SystemEventId(u32::from(choice >> 4)),
                system_event_arg1: script.byte().into(),
                ..SystemEvent::default()
            }),
            _ => self.blank(MessageType::HEARTBEAT_CONF, script.byte().into(), 0),
        }
    }

    fn request(&mut self, script: &mut Script<'_>) {
        let choice = script.byte();
        let monitor_id = u32::from(choice >> 4);
        match choice % 8 {
            0 => self.ask(&query()),
            1 => self.ask(&MonitorStartReq { monitored_device_id: Some("1".into()), ..MonitorStartReq::default() }),
            2 => self.ask(&MonitorAgentTeamStartReq::default()),
            3 => self.ask(&ChangeMonitorMaskReq { monitor_id, ..ChangeMonitorMaskReq::default() }),
            4 => self.ask(&MonitorStopReq { monitor_id, ..MonitorStopReq::default() }),
            5 => self.ask(&ConfigRequestKeyEvent::default()),
            6 => self.ask(&ConfigRequestEvent::default()),
            _ => self.ask(&ListAgentTeamReq::default()),
        }
    }

    fn ask<'m, M: Body<'m>>(&mut self, message: &M) {
        let now = self.held.tell();
        let before = self.held.machine.transmit().to_vec();
        let result = self.held.machine.request(now, message);
        if result.is_err() {
            assert_eq!(self.held.machine.transmit(), before, "it was refused and written");
        }
        self.note(result);
    }

    fn note(&mut self, result: Result<Request, RequestError>) {
        if let Ok(request) = result {
            assert!(self.is_open, "{request:?} without a session");
            let is_new = self.requests.insert((request.invoke_id, request.message.0));
            assert!(is_new, "{request:?} is outstanding already");
        }
    }

    fn drain(&mut self) {
        let mut told = vec![];
        self.held.drain(|event| told.push(event));
        told.into_iter().for_each(|event| self.told(Some(event)));
    }

    fn told(&mut self, told: Option<Told>) {
        match told {
            Some(Told::Opened) => {
                assert!(!self.is_open, "opened twice");
                self.is_open = true;
            }
            Some(Told::Over(request)) => {
                assert!(self.is_open, "an answer without a session");
                self.over(request);
            }
            Some(Told::Lost(request)) => self.over(request),
            Some(Told::Disconnected | Told::Ended) => {
                assert!(self.requests.is_empty(), "{:?} never ended", self.requests);
                self.is_open = false;
            }
            Some(Told::Other) | None => {}
        }
    }

    /// Those that the application did not ask for are monitors that are made again.
    fn over(&mut self, request: Request) {
        let is_known = self.requests.remove(&(request.invoke_id, request.message.0));
        let monitors = [MessageType::MONITOR_START_REQ, MessageType::MONITOR_AGENT_TEAM_START_REQ];
        assert!(is_known || monitors.contains(&request.message), "{request:?} ended, and was not outstanding");
    }

    fn look(&mut self) {
        let is_new = self.asked.is_empty();
        self.asked.extend(self.held.written());
        if let (true, Some((first, _))) = (is_new, self.asked.first()) {
            assert_eq!(*first, MessageType::OPEN_REQ);
        }
    }

    /// Closing ends it, whatever happened before.
    fn finish(&mut self) {
        let now = self.held.tell();
        self.held.machine.close(now, FailureStatus::E_CTI_NO_ERROR);
        for _ in 0..2 {
            self.drain();
            self.held.advance(10_000_000);
            self.held.handle_timeout();
            self.drain();
            self.held.transport_closed();
        }
        self.drain();
        assert!(self.held.has_ended, "{:?}", self.held.machine);
        assert!(self.requests.is_empty(), "{:?} never ended", self.requests);
        assert_eq!((self.held.machine.wake(), self.held.machine.transport()), (Wake::Idle, Transport::None));
        let now = self.held.tell();
        assert_eq!(self.held.machine.request(now, &query()), Err(RequestError::NotOpen));
        self.held.check();
    }
}

fn query() -> QueryAgentStateReq<'static> {
    QueryAgentStateReq { agent_id: Some("1".into()), ..QueryAgentStateReq::default() }
}
