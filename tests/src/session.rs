//! What the tests of sessions share.

use std::time::Duration;

use cti_proto::harness::{End, Memory, OwnedEvent, OwnedServerEvent, Pair};
use cti_proto::message::{Body, OpenReq};
use cti_proto::session::{Attempt, Cause, ClientConfig, Disconnected, Instant, ServerConfig, ServerSession, Side};
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::{AgentStateMask, CallEventMask, CtiService, NULL_PERIPHERAL_ID};
use cti_proto::{Frames, MessageType, Product, Protocol, Storage};

const fn protocol(product: Product, version: u32) -> Protocol {
    match Protocol::new(product, version) {
        Ok(protocol) => protocol,
        Err(_) => panic!("no such version"),
    }
}

/// Unified CCE 24 alone.
pub const CCE24: &[Protocol] = &[protocol(Product::Cce, 24)];
/// Unified CCE 23 alone: the last version without standby sessions.
pub const CCE23: &[Protocol] = &[protocol(Product::Cce, 23)];
/// Unified CCE 24, or else 19, or else 13.
pub const CCE_FALLBACK: &[Protocol] =
    &[protocol(Product::Cce, 24), protocol(Product::Cce, 19), protocol(Product::Cce, 13)];
/// Unified CCX 15 alone.
pub const CCX15: &[Protocol] = &[protocol(Product::Ccx, 15)];

/// Every service that a test needs; with the standby service where `ACTIVE_STANDBY` is added.
pub const SERVICES: CtiService = CtiService::CTI_SERVICE_ALL_EVENTS
    .union(CtiService::CTI_SERVICE_CLIENT_CONTROL)
    .union(CtiService::CTI_SERVICE_PERIPHERAL_MONITOR)
    .union(CtiService::CTI_SERVICE_SUPERVISOR)
    .union(CtiService::CTI_SERVICE_CONFIG_EVENTS);

/// A client of Unified CCE 24 that asks for [`SERVICES`], without heartbeats.
#[must_use]
pub fn cce24() -> ClientConfig<'static> {
    ClientConfig::new(CCE24, "test".into(), SERVICES)
}

/// The same with heartbeats every five seconds.
#[must_use]
pub fn beating() -> ClientConfig<'static> {
    let mut config = cce24();
    config.heartbeat = Some(Duration::from_secs(5));
    config
}

/// The same that can hold standby sessions.
#[must_use]
pub fn for_standby() -> ClientConfig<'static> {
    let mut config = cce24();
    config.services = SERVICES | CtiService::CTI_SERVICE_ACTIVE_STANDBY;
    config
}

/// A client of Unified CCX 15 with heartbeats.
#[must_use]
pub fn ccx15() -> ClientConfig<'static> {
    let mut config = ClientConfig::new(CCX15, "test".into(), SERVICES);
    config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    config.heartbeat = Some(Duration::from_secs(5));
    config
}

/// A pair with servers of the client's product.
///
/// # Panics
/// If the configuration is wrong.
pub fn pair<'s, const REQUESTS: usize, const MONITORS: usize>(
    config: ClientConfig<'s>,
    memory: &'s mut Memory<REQUESTS, MONITORS>,
) -> Pair<'s> {
    let server = ServerConfig::new(config.protocols[0].product());
    Pair::new(config, server, memory).expect("a configuration that can be used")
}

/// So many seconds after the beginning.
#[must_use]
pub const fn secs(seconds: u64) -> Instant {
    Instant::from_millis(seconds * 1_000)
}

/// What an end sent: moments in milliseconds, and types.
#[must_use]
pub fn wire(pair: &Pair<'_>, by: End) -> Vec<(u64, MessageType)> {
    pair.sent_by(by).map(|(at, frame)| (at.as_millis(), frame.message_type())).collect()
}

/// The last message of this type that an end sent.
#[must_use]
pub fn last_sent(pair: &Pair<'_>, by: End, message: MessageType) -> Option<OwnedFrame> {
    let found = pair.sent().iter().rev().find(|sent| sent.by == by && sent.frame.frame().message_type() == message);
    found.map(|sent| sent.frame.clone())
}

/// The client's events without their moments.
#[must_use]
pub fn events(pair: &mut Pair<'_>) -> Vec<OwnedEvent> {
    pair.take_events().into_iter().map(|(_, event)| event).collect()
}

/// The servers' events without moments and sides.
#[must_use]
pub fn server_events(pair: &mut Pair<'_>) -> Vec<OwnedServerEvent> {
    pair.take_server_events().into_iter().map(|(_, _, event)| event).collect()
}

/// What became of connections: when they failed, the side, the cause, and the next attempt.
#[must_use]
pub fn losses(pair: &Pair<'_>) -> Vec<(u64, Side, Cause, Side, u64)> {
    let lost = pair.events().iter().filter_map(|(at, event)| match event {
        OwnedEvent::Disconnected(Disconnected { side, cause, next: Attempt { side: other, at: next } }) => {
            Some((at.as_millis(), *side, *cause, *other, next.as_millis()))
        }
        _ => None,
    });
    lost.collect()
}

/// A server's session with a client that is written by hand: nothing checks what it sends.
pub struct RawClient<'s> {
    /// The session.
    pub session: ServerSession<'s>,
    /// The moment that it is.
    pub now: Instant,
    /// The protocol in which the client writes.
    pub protocol: Protocol,
}

/// Storage of a server's session.
pub type ServerStorage = Storage<4_096, 4_096, 0, 4>;

impl<'s> RawClient<'s> {
    /// A client that has just connected.
    pub fn new(config: ServerConfig, protocol: Protocol, storage: &'s mut ServerStorage) -> Self {
        let session = ServerSession::new(config, storage.parts(), Instant::ZERO);
        Self { session, now: Instant::ZERO, protocol }
    }

    /// A client whose session is open, with these services granted.
    ///
    /// # Panics
    /// If it does not open.
    pub fn open(services: CtiService, storage: &'s mut ServerStorage) -> Self {
        Self::open_with(OpenReq { services_requested: services, ..open_request(CCE24[0]) }, storage)
    }

    /// A client of Unified CCE 24 whose session is open.
    ///
    /// # Panics
    /// If it does not open.
    pub fn open_with(request: OpenReq<'_>, storage: &'s mut ServerStorage) -> Self {
        let mut client = Self::new(ServerConfig::new(Product::Cce), CCE24[0], storage);
        let events = client.say(&request);
        assert!(matches!(events.as_slice(), [OwnedServerEvent::OpenRequested(_)]), "{events:?}");
        let confirmation = cti_proto::harness::granting(CCE24[0], client.now, request.services_requested);
        client.session.accept(client.now, &confirmation).expect("an OPEN_REQ to answer");
        let answers = client.heard();
        assert_eq!(answers.len(), 1, "{answers:?}");
        client
    }

    /// Sends a message, and gives what the server says to it.
    ///
    /// # Panics
    /// If the message cannot be encoded.
    pub fn say<'m, M: Body<'m>>(&mut self, message: &M) -> Vec<OwnedServerEvent> {
        let frame = OwnedFrame::encode(self.protocol, message).expect("a message of the protocol");
        self.say_bytes(frame.as_bytes())
    }

    /// Sends a frame.
    pub fn say_frame(&mut self, message: MessageType, body: &[u8]) -> Vec<OwnedServerEvent> {
        self.say_bytes(OwnedFrame::from_parts(self.protocol, message, body).as_bytes())
    }

    /// Sends bytes.
    pub fn say_bytes(&mut self, bytes: &[u8]) -> Vec<OwnedServerEvent> {
        assert_eq!(self.session.receive(self.now, bytes), bytes.len());
        self.events()
    }

    /// What the server tells.
    pub fn events(&mut self) -> Vec<OwnedServerEvent> {
        let (product, now) = (self.protocol.product(), self.now);
        std::iter::from_fn(|| self.session.poll_event(now).map(|event| OwnedServerEvent::new(product, event))).collect()
    }

    /// Takes what the server sent.
    pub fn heard(&mut self) -> Vec<OwnedFrame> {
        let frames = Frames::new(self.protocol, self.session.transmit());
        let frames: Vec<_> = frames.map(|frame| frame.expect("frames").into()).collect();
        // More than there is counts as all.
        self.session.transmitted(usize::MAX);
        frames
    }

    /// Lets time pass.
    pub fn wait(&mut self, duration: Duration) -> Vec<OwnedServerEvent> {
        self.now = self.now.after(duration);
        self.session.handle_timeout(self.now);
        self.events()
    }
}

/// An OPEN_REQ that every server accepts.
#[must_use]
pub fn open_request(protocol: Protocol) -> OpenReq<'static> {
    OpenReq {
        invoke_id: 1,
        version_number: protocol.version(),
        idle_timeout: u32::MAX,
        peripheral_id: NULL_PERIPHERAL_ID,
        services_requested: CtiService::CTI_SERVICE_ALL_EVENTS,
        call_msg_mask: CallEventMask::ALL,
        agent_state_mask: AgentStateMask::ALL,
        client_id: Some("test".into()),
        client_password: Some(cti_proto::Secret(cti_proto::Bytes(b""))),
        ..OpenReq::default()
    }
}
