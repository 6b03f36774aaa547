//! A simulation and its clients in memory: what each client heard.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cti_proto::message::{Message, MessageType, OpenConf, OpenReq};
use cti_proto::session::{Instant, Request, ServerConfig, ServerEvent, ServerSession};
use cti_proto::value::{AgentStateMask, CallEventMask, ConfigMask, ControlFailureCode, CtiService, FailureStatus};
use cti_proto::wire::{Bytes, Secret};
use cti_proto::{Body, EncodeErrorKind, Frame, Parsed, Parts, Product, Protocol, Storage, encode, encode_for};
use cti_std::simulate::{Client, Config, ContactCentre, Receiver, SessionId, Sink};

/// What a client heard: whole frames, the events with their monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) session: SessionId,
    pub(super) monitor: Option<u32>,
    pub(super) protocol: Protocol,
    pub(super) bytes: Vec<u8>,
}

impl Heard {
    pub(super) fn frame(&self) -> Frame<'_> {
        match Frame::parse(self.protocol, &self.bytes) {
            Ok(Parsed::Frame(frame, [])) => frame,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn message(&self) -> Message<'_> {
        self.frame().message().expect("a known message")
    }

    pub(super) fn message_type(&self) -> MessageType {
        self.frame().message_type()
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Confirmed,
    Monitor(u32),
    Failed(FailureStatus),
    Control(ControlFailureCode),
}

/// The session through which a client's messages come in, as a server has it.
struct Gate(Option<ServerSession<'static>>);

thread_local! {
    /// Memory of sessions that are over.
    static MEMORY: RefCell<Vec<Parts<'static>>> = const { RefCell::new(Vec::new()) };
}

/// The session says nothing of time here.
const ALWAYS: Instant = Instant::ZERO;

impl Gate {
    fn new(product: Product) -> Self {
        let used = MEMORY.with_borrow_mut(Vec::pop);
        let parts = used.unwrap_or_else(|| Box::leak(Box::new(Storage::<12_500, 12_500, 0, 16>::new())).parts());
        Self(Some(ServerSession::new(ServerConfig::new(product), parts, ALWAYS)))
    }

    fn session(&mut self) -> &mut ServerSession<'static> {
        self.0.as_mut().expect("a session, until it is dropped")
    }

    /// A message comes in.
    fn enter(&mut self, bytes: &[u8]) -> Entered {
        let session = self.session();
        assert_eq!(session.receive(ALWAYS, bytes), bytes.len());
        let entered = match session.poll_event(ALWAYS) {
            Some(ServerEvent::OpenRequested(_) | ServerEvent::Message(_)) => Entered::Message,
            Some(ServerEvent::Request { request, .. }) => Entered::Request(request),
            Some(ServerEvent::Refused { status, .. }) => Entered::Refused(status),
            Some(ServerEvent::MonitorStopped { monitor_id }) => Entered::Stopped(monitor_id),
            None => Entered::Answered,
            other => panic!("{other:?}"),
        };
        session.transmitted(usize::MAX);
        entered
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            MEMORY.with_borrow_mut(|memory| memory.push(session.into_parts()));
        }
    }
}

/// What a session makes of a message.
enum Entered {
    Message,
    Request(Request),
    Refused(FailureStatus),
    Stopped(u32),
    /// By the session itself.
    Answered,
}

/// Hears everything.
#[derive(Default)]
pub(super) struct Ears {
    protocols: BTreeMap<SessionId, Protocol>,
    gates: BTreeMap<SessionId, Gate>,
    pub(super) heard: Vec<Heard>,
    pub(super) answers: Vec<(SessionId, Request, Answer)>,
    pub(super) refused: Vec<(SessionId, FailureStatus)>,
    pub(super) ended: Vec<(SessionId, FailureStatus)>,
    /// Messages that a session takes before it has no more room.
    pub(super) room: Option<usize>,
}

impl Ears {
    fn gate(&mut self, session: SessionId) -> &mut ServerSession<'static> {
        self.gates.get_mut(&session).expect("a session").session()
    }

    fn hear<'m, M: Body<'m>>(&mut self, session: SessionId, monitor: Option<u32>, message: &M) {
        let Some(protocol) = self.protocols.get(&session).copied() else { return };
        let mut buffer = vec![0; 16_384];
        match encode_for(protocol, message, &mut buffer) {
            Ok(bytes) => {
                let bytes = bytes.to_vec();
                self.heard.push(Heard { session, monitor, protocol, bytes });
            }
            Err(error) => {
                assert_eq!(error.kind, EncodeErrorKind::MessageNotInVersion, "{protocol:?}: {error} in {message:?}");
            }
        }
    }
}

impl Sink for Ears {
    fn event<'m, M: Body<'m>>(&mut self, to: &[Receiver], event: &M) {
        let mut told: Vec<_> = to.to_vec();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), to.len(), "each hears it once: {event:?}");
        for receiver in to {
            self.hear(receiver.session, receiver.monitor, event);
        }
    }

    fn send<'m, M: Body<'m>>(&mut self, session: SessionId, message: &M) -> bool {
        if let Some(room) = &mut self.room {
            if *room == 0 {
                return false;
            }
            *room -= 1;
        }
        self.hear(session, None, message);
        true
    }

    fn confirm<'m, M: Body<'m>>(&mut self, session: SessionId, request: Request, confirmation: &M) {
        self.answers.push((session, request, Answer::Confirmed));
        self.hear(session, None, confirmation);
    }

    fn confirm_monitor(&mut self, session: SessionId, request: Request, monitor_id: u32) {
        self.answers.push((session, request, Answer::Monitor(monitor_id)));
        self.gate(session).confirm_monitor(ALWAYS, request, monitor_id).expect("room");
    }

    fn monitor_ended(&mut self, session: SessionId, monitor_id: u32) {
        self.gate(session).end_monitor(monitor_id);
    }

    fn fail(&mut self, session: SessionId, request: Request, status: FailureStatus) {
        self.answers.push((session, request, Answer::Failed(status)));
        self.gate(session).fail(ALWAYS, request, status).expect("room");
    }

    fn fail_control(&mut self, session: SessionId, request: Request, code: ControlFailureCode, _: u32) {
        self.answers.push((session, request, Answer::Control(code)));
        self.gate(session).fail_control(ALWAYS, request, code, 0).expect("room");
    }

    fn accept(&mut self, session: SessionId, confirmation: &OpenConf<'_>) {
        self.hear(session, None, confirmation);
        self.gate(session).accept(ALWAYS, confirmation).expect("an OPEN_REQ to answer");
    }

    fn refuse(&mut self, session: SessionId, status: FailureStatus) {
        self.refused.push((session, status));
    }

    fn end(&mut self, session: SessionId, status: FailureStatus) {
        self.ended.push((session, status));
    }
}

/// A simulation with its clients.
pub(super) struct Desk {
    pub(super) centre: ContactCentre,
    pub(super) ears: Ears,
    pub(super) now: Instant,
    next: u32,
    invoke: u32,
}

/// Everything a client of all events may ask for.
pub(super) const BRIDGE: CtiService = CtiService(
    CtiService::CTI_SERVICE_ALL_EVENTS.0
        | CtiService::CTI_SERVICE_CLIENT_CONTROL.0
        | CtiService::CTI_SERVICE_CALL_DATA_UPDATE.0
        | CtiService::CTI_SERVICE_CONFIG_EVENTS.0
        | CtiService::CTI_SERVICE_PERIPHERAL_MONITOR.0,
);

/// What an agent's desktop asks for.
pub(super) const DESKTOP: CtiService = CtiService(
    CtiService::CTI_SERVICE_CLIENT_EVENTS.0
        | CtiService::CTI_SERVICE_CLIENT_CONTROL.0
        | CtiService::CTI_SERVICE_CALL_DATA_UPDATE.0,
);

impl Desk {
    pub(super) fn new(config: Config) -> Self {
        let centre = ContactCentre::new(config);
        Self { centre, ears: Ears::default(), now: Instant::ZERO, next: 1, invoke: 0 }
    }

    /// A request to open a session, as most are.
    pub(super) fn open_req<'a>(protocol: Protocol, services: CtiService) -> OpenReq<'a> {
        OpenReq {
            version_number: protocol.version(),
            idle_timeout: 120,
            peripheral_id: if protocol.is_ccx() { 0 } else { 5_000 },
            services_requested: services,
            call_msg_mask: CallEventMask::ALL,
            agent_state_mask: AgentStateMask::ALL,
            config_msg_mask: if protocol.is_ccx() { ConfigMask(0xf) } else { ConfigMask::EMPTY },
            client_id: Some("desk".into()),
            client_password: Some(Secret(Bytes(b""))),
            ..OpenReq::default()
        }
    }

    pub(super) fn open(&mut self, protocol: Protocol, request: &OpenReq<'_>) -> SessionId {
        let session = SessionId(self.next);
        self.next += 1;
        self.ears.protocols.insert(session, protocol);
        let mut gate = Gate::new(protocol.product());
        let mut buffer = vec![0; 16_384];
        match gate.enter(encode(protocol, request, &mut buffer).expect("an OPEN_REQ of the version")) {
            Entered::Message => {
                self.ears.gates.insert(session, gate);
                let client = Client { protocol, address: "127.0.0.1:40000".parse().unwrap(), standby: false };
                self.centre.open(self.now, session, client, request, &mut self.ears);
            }
            Entered::Refused(status) => self.ears.refused.push((session, status)),
            _ => panic!("{request:?}"),
        }
        session
    }

    pub(super) fn bridge(&mut self, protocol: Protocol) -> SessionId {
        self.open(protocol, &Self::open_req(protocol, BRIDGE))
    }

    /// The desktop of an agent.
    pub(super) fn desktop(&mut self, protocol: Protocol, login: &str) -> SessionId {
        let request = OpenReq {
            agent_id: Some(login.into()),
            client_id: Some(login.into()),
            ..Self::open_req(protocol, DESKTOP)
        };
        self.open(protocol, &request)
    }

    /// Lets time pass, moment by moment.
    pub(super) fn pass(&mut self, seconds: u64) {
        let end = Instant::from_millis(self.now.as_millis() + seconds * 1_000);
        while let Some(next) = self.centre.next().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.centre.advance(self.now, &mut self.ears);
        }
        self.now = end;
        self.centre.advance(end, &mut self.ears);
    }

    /// Sends a request, and says how it ended.
    pub(super) fn ask<'m, M: Body<'m>>(&mut self, session: SessionId, message: &M) -> Answer {
        let bytes = self.bytes(session, message);
        self.ask_bytes(session, &bytes)
    }

    /// Sends a request as these bytes, and says how it ended.
    pub(super) fn ask_bytes(&mut self, session: SessionId, bytes: &[u8]) -> Answer {
        match self.send(session, bytes) {
            Ok(request) => self.answer_to(session, request).unwrap_or_else(|| panic!("no answer to {request:?}")),
            Err(answer) => answer,
        }
    }

    /// The answer to a request, if there is one by now.
    pub(super) fn answer_to(&self, session: SessionId, request: Request) -> Option<Answer> {
        let answer = self.ears.answers.iter().rev().find(|(to, asked, _)| *to == session && *asked == request);
        answer.map(|(.., answer)| *answer)
    }

    /// Sends a request whose answer comes later.
    pub(super) fn say<'m, M: Body<'m>>(&mut self, session: SessionId, message: &M) -> Request {
        let bytes = self.bytes(session, message);
        self.send(session, &bytes).expect("a request for the contact centre")
    }

    /// Sends a request: its number, or the answer that the session itself gives.
    pub(super) fn send(&mut self, session: SessionId, bytes: &[u8]) -> Result<Request, Answer> {
        self.invoke += 1;
        let mut bytes = bytes.to_vec();
        bytes[8..12].copy_from_slice(&self.invoke.to_be_bytes());
        match self.ears.gates.get_mut(&session).expect("a session").enter(&bytes) {
            Entered::Request(request) => {
                let protocol = self.ears.protocols[&session];
                let Ok(Parsed::Frame(frame, [])) = Frame::parse(protocol, &bytes) else { panic!("a frame") };
                self.centre.request(self.now, session, request, &frame, &mut self.ears);
                Ok(request)
            }
            Entered::Refused(status) => Err(Answer::Failed(status)),
            Entered::Stopped(monitor) => {
                self.centre.monitor_stopped(self.now, monitor, &mut self.ears);
                Err(Answer::Confirmed)
            }
            Entered::Answered => Err(Answer::Confirmed),
            Entered::Message => panic!("no request"),
        }
    }

    /// Sends a message that is no request.
    pub(super) fn tell<'m, M: Body<'m>>(&mut self, session: SessionId, message: &M) {
        let bytes = self.bytes(session, message);
        let protocol = self.ears.protocols[&session];
        match self.ears.gates.get_mut(&session).expect("a session").enter(&bytes) {
            Entered::Message => {
                let Ok(Parsed::Frame(frame, [])) = Frame::parse(protocol, &bytes) else { panic!("a frame") };
                self.centre.message(self.now, session, &frame, &mut self.ears);
            }
            _ => panic!("{message:?}"),
        }
    }

    pub(super) fn protocol(&self, session: SessionId) -> Protocol {
        self.ears.protocols[&session]
    }

    fn bytes<'m, M: Body<'m>>(&self, session: SessionId, message: &M) -> Vec<u8> {
        let mut buffer = vec![0; 16_384];
        encode(self.protocol(session), message, &mut buffer).expect("a message of the version").to_vec()
    }

    /// What a client has heard, and forgets.
    pub(super) fn heard(&mut self, session: SessionId) -> Vec<Heard> {
        let (mine, others) =
            std::mem::take(&mut self.ears.heard).into_iter().partition(|heard| heard.session == session);
        self.ears.heard = others;
        mine
    }
}

/// A contact centre where nothing happens but what clients do. Agents are there, and ready.
pub(super) fn quiet(product: Product) -> Config {
    let mut config = Config::new(product);
    config.calls_per_hour = 0.0;
    config.habits.internal_calls = 0.0;
    config.habits.outbound_calls = 0.0;
    config.habits.no_answer = 0.0;
    config.habits.between_breaks = None;
    config
}

/// The messages of what was heard.
pub(super) fn kinds(heard: &[Heard]) -> Vec<MessageType> {
    heard.iter().map(Heard::message_type).collect()
}

/// The last message of a kind that was heard.
pub(super) fn last<'h, M: Body<'h>>(heard: &'h [Heard]) -> M {
    let message = heard.iter().rev().find(|heard| heard.message_type() == M::TYPE);
    message.unwrap_or_else(|| panic!("no {:?} in {:?}", M::TYPE, kinds(heard))).frame().decode().unwrap()
}

pub(super) fn protocols() -> impl Iterator<Item = Protocol> {
    let cce = (Protocol::CCE_MIN..=Protocol::CCE_MAX).map(|version| Protocol::cce(version).unwrap());
    cce.chain((Protocol::CCX_MIN..=Protocol::CCX_MAX).map(|version| Protocol::ccx(version).unwrap()))
}

pub(super) fn product(product: Product) -> impl Iterator<Item = Protocol> {
    protocols().filter(move |protocol| protocol.product() == product)
}
