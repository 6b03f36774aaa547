//! A server's session under a script: what a client may send in chunks, moments that go on, stand still and go back,
//! and what an application does, in any order. Whatever happens the session keeps to its contract, and there is nothing
//! for an application but what the client asked for.
//!
//! The first byte chooses the product, the second the configuration; then each step takes a byte, and what it needs.
#![no_main]

use std::collections::BTreeSet;
use std::time::Duration;

use cti_fuzz::protocol;
use cti_fuzz::session::{Held, Script, ServerTold};
use cti_proto::message::{
    AgentStateEvent, CallDataUpdateEvent, ChangeMonitorMaskReq, CloseReq, ConfigAgentEvent, ConfigBeginEvent,
    ConfigRequestEvent, FailureEvent, HeartbeatReq, MonitorAgentTeamStartReq, MonitorStartReq, MonitorStopReq,
    OpenConf, OpenReq, QueryAgentStateConf, QueryAgentStateReq, StandbyActiveEventMsg, StoppingRequestsToThisSideInd,
};
use cti_proto::session::{
    AnswerError, Delivery, Instant, Prepared, Request, ServerConfig, ServerSession, Transport, Wake,
};
use cti_proto::value::{AgentStateMask, CallEventMask, CtiService, FailureStatus, NULL_PERIPHERAL_ID};
use cti_proto::{Body, Bytes, MessageType, Parts, Protocol, Secret, Storage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut script = Script(data);
    let protocol = protocol(script.byte());
    let options = script.byte();
    let mut config = ServerConfig::new(protocol.product());
    config.standby = options & 1 == 1;
    config.maintenance = options & 2 == 2;
    config.open_timeout = Duration::from_millis(u64::from(options) * 100);
    if options & 4 == 4 {
        config.versions.1 = protocol.version();
    }
    if options & 8 == 0 {
        let mut storage = Storage::<12_500, 12_500, 0, 4>::new();
        run(config, protocol, storage.parts(), script, 4);
    } else {
        let mut storage = Storage::<96, 256, 0, 1>::new();
        run(config, protocol, storage.parts(), script, 1);
    }
});

fn run(config: ServerConfig, protocol: Protocol, storage: Parts<'_>, mut script: Script<'_>, capacity: usize) {
    let rx = storage.rx.len();
    let held = Held::new(ServerSession::new(config, storage, Instant::ZERO), rx);
    let mut server =
        Server { held, protocol, capacity, next_id: 1, pending: vec![], given: BTreeSet::new(), last: 100 };
    while !script.is_over() {
        server.step(&mut script);
        server.held.check();
        server.held.written();
        server.look();
    }
    server.finish();
}

struct Server<'s> {
    held: Held<ServerSession<'s>>,
    /// In which the client writes.
    protocol: Protocol,
    /// Monitors that there is room for.
    capacity: usize,
    next_id: u32,
    /// Requests that the application was given.
    pending: Vec<Request>,
    /// Monitors that were ever given, and the last one.
    given: BTreeSet<u32>,
    last: u32,
}

const STATUSES: [FailureStatus; 4] = [
    FailureStatus::E_CTI_CTI_SERVER_OFFLINE,
    FailureStatus::E_CTI_NEW_SESSION_OPENED,
    FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE,
    FailureStatus::E_CTI_UNSPECIFIED_FAILURE,
];

impl Server<'_> {
    fn step(&mut self, script: &mut Script<'_>) {
        let held = &mut self.held;
        match script.byte() % 24 {
            0 => self.drain(),
            1 => held.advance(script.millis()),
            2 => held.go_back(script.millis()),
            3 => held.transport_closed(),
            4 => held.deliver(script.byte().into(), false),
            5 => held.deliver(script.byte().into(), true),
            6 => held.deliver(usize::MAX, false),
            7 => {
                let n = script.byte() % 64;
                held.wire.extend_from_slice(script.bytes(n.into()));
            }
            8 => self.open(script),
            9 | 10 => self.client(script),
            11 => held.transmitted(script.byte().into()),
            12 => held.transmitted(usize::MAX),
            13 => {
                let services = if script.byte() & 1 == 0 { CtiService::ALL } else { CtiService::EMPTY };
                let now = held.tell();
                let confirmation = OpenConf { services_granted: services, monitor_id: 7, ..OpenConf::default() };
                let result = held.machine.accept(now, &confirmation);
                assert!(result.is_err() || held.machine.granted().without(services).is_empty());
            }
            14 => {
                let now = held.tell();
                let _ = held.machine.refuse(now, script.choose(&STATUSES));
            }
            15 | 16 => self.answer(script),
            17 => self.send(script),
            18 | 19 => self.offer(script),
            20 => {
                let now = held.tell();
                held.machine.end(now, script.choose(&STATUSES));
            }
            21 => held.handle_timeout(),
            22 => {
                let told = held.poll();
                self.told(told);
            }
            _ => {
                let message = MessageType(u32::from(script.byte()) * 2 + u32::from(script.byte() & 1));
                let n = script.byte();
                held.say_frame(message, script.bytes(n.into()));
            }
        }
    }

    /// Puts a message of the client's on the wire.
    fn say<'m, M: Body<'m>>(&mut self, message: &M) {
        let mut buffer = [0; 1_024];
        if let Ok(bytes) = cti_proto::encode(self.protocol, message, &mut buffer) {
            self.held.wire.extend_from_slice(bytes);
        }
    }

    fn open(&mut self, script: &mut Script<'_>) {
        let choice = script.byte();
        self.next_id += 1;
        self.say(&OpenReq {
            invoke_id: self.next_id,
            version_number: self.protocol.version() + u32::from(choice & 15 == 15),
            idle_timeout: if choice & 16 == 0 { u32::MAX } else { script.byte().into() },
            peripheral_id: NULL_PERIPHERAL_ID,
            services_requested: if choice & 32 == 0 { CtiService::ALL } else { CtiService(script.byte().into()) },
            call_msg_mask: if choice & 64 == 0 { CallEventMask::ALL } else { CallEventMask(script.byte().into()) },
            agent_state_mask: if choice & 64 == 0 { AgentStateMask::ALL } else { AgentStateMask::EMPTY },
            client_id: Some("fuzz".into()),
            client_password: Some(Secret(Bytes(&[]))),
            agent_id: (choice & 128 == 0).then_some("1".into()),
            ..OpenReq::default()
        });
    }

    fn client(&mut self, script: &mut Script<'_>) {
        self.next_id += 1;
        let invoke_id = self.next_id;
        let choice = script.byte();
        let monitor_id = self.last - u32::from(choice >> 6);
        match choice % 10 {
            0 => self.say(&QueryAgentStateReq { invoke_id, agent_id: Some("1".into()), ..Default::default() }),
            1 => self.say(&MonitorStartReq {
                invoke_id,
                call_msg_mask: CallEventMask(u32::MAX),
                monitored_device_id: Some("1".into()),
                ..MonitorStartReq::default()
            }),
            2 => self.say(&MonitorAgentTeamStartReq { invoke_id, ..Default::default() }),
            3 => self.say(&MonitorStopReq { invoke_id, monitor_id }),
            4 => self.say(&ChangeMonitorMaskReq { invoke_id, monitor_id, ..Default::default() }),
            5 => self.say(&ConfigRequestEvent::default()),
            6 => self.say(&HeartbeatReq { invoke_id }),
            7 => self.say(&CloseReq { invoke_id, ..CloseReq::default() }),
            8 => self.say(&StoppingRequestsToThisSideInd::default()),
            // The same again, for requests under an ID that is in use.
            _ => {
                self.next_id -= 2;
            }
        }
        self.next_id = self.next_id.max(1);
    }

    fn answer(&mut self, script: &mut Script<'_>) {
        let choice = script.byte();
        let now = self.held.tell();
        let which = usize::from(choice >> 3);
        let known = self.pending.get(which).copied();
        let invented = Request { invoke_id: which as u32, message: MessageType(u32::from(choice)) };
        let request = known.unwrap_or(invented);
        let session = &mut self.held.machine;
        let (is_open, before) = (session.is_open(), session.transmit().to_vec());
        let result = match choice % 4 {
            0 => session.confirm(now, request, &QueryAgentStateConf::default()),
            1 => {
                self.last += 1;
                self.given.insert(self.last);
                session.confirm_monitor(now, request, self.last)
            }
            2 => session.fail(now, request, script.choose(&STATUSES)),
            _ => session.fail_control(now, request, Default::default(), 1),
        };
        match result {
            Ok(()) => {
                assert!(is_open);
                if known.is_some() {
                    self.pending.remove(which);
                }
            }
            Err(error) => {
                assert_eq!(is_open, error != AnswerError::NotOpen);
                assert_eq!(self.held.machine.transmit(), before, "it was refused and written");
            }
        }
    }

    fn send(&mut self, script: &mut Script<'_>) {
        let now = self.held.tell();
        let session = &mut self.held.machine;
        let is_open = session.is_open();
        let result = match script.byte() % 3 {
            0 => session.send(now, &ConfigBeginEvent::default()),
            1 => session.send(now, &StandbyActiveEventMsg::default()),
            _ => session.send(now, &FailureEvent { status: script.choose(&STATUSES), ..FailureEvent::default() }),
        };
        assert!(is_open || result == Err(AnswerError::NotOpen));
    }

    fn offer(&mut self, script: &mut Script<'_>) {
        let (choice, mut buffer) = (script.byte(), [0; 1_024]);
        let written = self.held.machine.protocol();
        let protocol = if choice & 32 == 0 { written } else { self.protocol };
        let prepared = match choice % 3 {
            0 => Prepared::new(protocol, &AgentStateEvent::default(), &mut buffer),
            1 => {
                let event = CallDataUpdateEvent {
                    connection_device_id: Some("1".into()),
                    new_connection_device_id: Some("1".into()),
                    ..CallDataUpdateEvent::default()
                };
                Prepared::new(protocol, &event, &mut buffer)
            }
            _ => Prepared::new(protocol, &ConfigAgentEvent::default(), &mut buffer),
        };
        let Ok(prepared) = prepared else {
            return;
        };
        let now = self.held.tell();
        let session = &mut self.held.machine;
        let (is_open, before) = (session.is_open(), session.transmit().to_vec());
        let delivery = if choice & 64 == 0 {
            session.event(now, &prepared)
        } else {
            session.event_for(now, self.last - u32::from(choice >> 7), &prepared)
        };
        assert_eq!(delivery == Delivery::NotOpen, !is_open);
        match delivery {
            Delivery::Sent => assert!(session.transmit().len() == before.len() + prepared.bytes().len()),
            Delivery::Overflow => assert_eq!(session.transport(), Transport::Reset),
            Delivery::NotWanted | Delivery::NotOpen => assert_eq!(session.transmit(), before),
        }
    }

    fn drain(&mut self) {
        let mut told = vec![];
        self.held.drain(|event| told.push(event));
        told.into_iter().for_each(|event| self.told(Some(event)));
    }

    fn told(&mut self, told: Option<ServerTold>) {
        match told {
            Some(ServerTold::Request(request)) => self.pending.push(request),
            Some(ServerTold::MonitorStopped(id)) => assert!(self.given.contains(&id), "monitor {id} was never given"),
            Some(ServerTold::OpenRequested | ServerTold::Ended | ServerTold::Other) | None => {}
        }
    }

    fn look(&self) {
        let monitors: BTreeSet<_> = self.held.machine.monitors().map(|(id, _)| id).collect();
        assert!(monitors.len() <= self.capacity && monitors.is_subset(&self.given), "{monitors:?}");
    }

    /// The end of the connection ends it, whatever happened before.
    fn finish(&mut self) {
        self.held.transport_closed();
        for _ in 0..2 {
            self.drain();
            self.held.transmitted(usize::MAX);
            self.held.transport_closed();
        }
        self.drain();
        assert!(self.held.has_ended, "{:?}", self.held.machine);
        assert_eq!((self.held.machine.wake(), self.held.machine.transport()), (Wake::Idle, Transport::None));
        self.held.check();
    }
}
