//! A server in a thread with an application that obeys the test, and clients that wait for what they expect.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cti_proto::message::{AgentStateEvent, MakeCallConf, MessageType, OpenConf, OpenReq};
use cti_proto::session::{AnswerError, Cause, Event, Opened, Request, ServerConfig, ServerEnded, Side};
use cti_proto::value::{AgentState, FailureStatus, SessionType};
use cti_proto::{Blame, Frame, Product, Protocol};
use cti_std::client::{BlockingClient, ClientOptions};
use cti_std::server::{Application, ListenerId, Server, ServerHandle, ServerOptions, SessionId, Sessions};

/// How long anything may take on a machine that has other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What the application of a test server saw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    Opened { id: SessionId, name: String, password: Vec<u8>, version: u32 },
    Request { id: SessionId, message: MessageType },
    Refused { status: FailureStatus },
    Skipped { message: MessageType },
    HasRoom { id: SessionId },
    Ended { id: SessionId, ended: ServerEnded },
}

/// The application of a test server.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) seen: Vec<Seen>,
    /// Refuses the next sessions with these.
    pub(crate) refusals: Vec<FailureStatus>,
    /// Cuts the next sessions after so many bytes.
    pub(crate) cuts: Vec<usize>,
    /// Leaves requests without an answer.
    pub(crate) is_deaf: bool,
    monitors: u32,
}

impl Application for Desk {
    fn open_requested(&mut self, sessions: &mut Sessions, id: SessionId, protocol: Protocol, request: &OpenReq<'_>) {
        let name = request.client_id.map(|name| name.to_string()).unwrap_or_default();
        let password = request.client_password.map(|password| password.0.0.to_vec()).unwrap_or_default();
        self.seen.push(Seen::Opened { id, name, password, version: protocol.version() });
        if !self.refusals.is_empty() {
            sessions.refuse(id, self.refusals.remove(0)).unwrap();
            return;
        }
        if !self.cuts.is_empty() {
            sessions.cut(id, self.cuts.remove(0));
        }
        let listener = sessions.listener(id).and_then(|listener| sessions.config(listener)).unwrap();
        let confirmation = OpenConf {
            services_granted: request.services_requested,
            monitor_id: 1,
            peripheral_online: true,
            session_type: if listener.standby { SessionType::STANDBY } else { SessionType::ACTIVE },
            ..OpenConf::default()
        };
        sessions.accept(id, &confirmation).unwrap();
    }

    fn request(&mut self, sessions: &mut Sessions, id: SessionId, request: Request, _: Frame<'_>) {
        self.seen.push(Seen::Request { id, message: request.message });
        if self.is_deaf {
            return;
        }
        let answered = match request.message {
            MessageType::MAKE_CALL_REQ => {
                let new_connection_device_id = Some("5001".into());
                let confirmation = MakeCallConf { new_connection_device_id, ..MakeCallConf::default() };
                sessions.confirm(id, request, &confirmation)
            }
            MessageType::MONITOR_START_REQ => {
                self.monitors += 1;
                sessions.confirm_monitor(id, request, 100 + self.monitors)
            }
            _ => sessions.fail(id, request, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE),
        };
        // A client that does not read its answers gets none.
        let is_behind = matches!(answered, Err(AnswerError::Encode(error)) if error.blame() == Blame::Capacity);
        assert!(answered.is_ok() || is_behind, "{answered:?}");
    }

    fn refused(&mut self, _: &mut Sessions, _: SessionId, _: Request, status: FailureStatus) {
        self.seen.push(Seen::Refused { status });
    }

    fn skipped(&mut self, _: &mut Sessions, _: SessionId, message: MessageType, _: u32) {
        self.seen.push(Seen::Skipped { message });
    }

    fn has_room(&mut self, _: &mut Sessions, id: SessionId) {
        self.seen.push(Seen::HasRoom { id });
    }

    fn ended(&mut self, _: &mut Sessions, id: SessionId, ended: ServerEnded) {
        self.seen.push(Seen::Ended { id, ended });
    }
}

/// A server in a thread of its own, which is stopped when this is dropped.
pub(crate) struct TestServer {
    pub(crate) handle: ServerHandle<Desk>,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) listeners: Vec<ListenerId>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub(crate) fn cce() -> ServerConfig {
    ServerConfig::new(Product::Cce)
}

impl TestServer {
    /// A server of one listener.
    pub(crate) fn start() -> Self {
        Self::with(ServerOptions::new(), |server| vec![server.listen(loopback(), cce()).unwrap()])
    }

    /// A server of side A and side B.
    pub(crate) fn pair() -> Self {
        Self::with(ServerOptions::new(), |server| (0..2).map(|_| server.listen(loopback(), cce()).unwrap()).collect())
    }

    pub(crate) fn with(options: ServerOptions, listen: impl FnOnce(&mut Server<Desk>) -> Vec<ListenerId>) -> Self {
        let mut server = Server::new(options, Desk::default()).unwrap();
        let listeners = listen(&mut server);
        let addresses = listeners.iter().map(|listener| server.sessions().address(*listener).unwrap()).collect();
        let handle = server.handle();
        let thread = std::thread::spawn(move || server.run());
        Self { handle, addresses, listeners, thread: Some(thread) }
    }

    /// Runs something in the server's thread.
    pub(crate) fn ask<R: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Desk, &mut Sessions) -> R + Send + 'static,
    ) -> R {
        self.handle.with(action).unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.ask(|desk, _| desk.seen.clone())
    }

    /// Waits until the application has seen something.
    pub(crate) fn wait_for<T>(&self, mut wanted: impl FnMut(&Seen) -> Option<T>) -> T {
        wait("the server sees it", || self.seen().iter().find_map(&mut wanted))
    }

    /// The only open session.
    pub(crate) fn only_session(&self) -> SessionId {
        wait("one session is open", || self.ask(|_, sessions| sessions.ids().next()))
    }

    pub(crate) fn options(&self) -> ClientOptions {
        let mut options = ClientOptions::new(self.addresses[0].to_string());
        options.side_b = self.addresses.get(1).map(ToString::to_string);
        options
    }

    pub(crate) fn client(&self) -> TestClient {
        TestClient::new(self.options())
    }

    /// Stops it in order, and waits until it is.
    pub(crate) fn stop(&mut self) {
        self.handle.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The clients of a test that failed may be stuck; nobody waits for them.
            return self.handle.stop();
        }
        self.stop();
    }
}

/// An event that is told apart from others by its agent.
pub(crate) fn agent(id: &str) -> AgentStateEvent<'_> {
    AgentStateEvent {
        agent_id: Some(id.into()),
        agent_state: AgentState::AGENT_STATE_AVAILABLE,
        ..AgentStateEvent::default()
    }
}

/// The agent of such an event.
pub(crate) fn agent_id(frame: Frame<'_>) -> String {
    frame.decode::<AgentStateEvent<'_>>().unwrap().agent_id.unwrap().to_string()
}

/// The connection that an event says was lost, and why.
pub(crate) fn disconnected(event: Event<'_>) -> Option<(Side, Cause)> {
    match event {
        Event::Disconnected(lost) => Some((lost.side, lost.cause)),
        _ => None,
    }
}

/// Waits until something is there.
pub(crate) fn wait<T>(what: &str, mut is_there: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = is_there() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A client that waits for what it expects.
pub(crate) struct TestClient(pub(crate) BlockingClient);

impl TestClient {
    pub(crate) fn new(options: ClientOptions) -> Self {
        Self(BlockingClient::new(options).unwrap())
    }

    /// Waits for the event that `wanted` picks; those before it are passed over.
    pub(crate) fn wait_for<T>(&mut self, what: &str, mut wanted: impl FnMut(Event<'_>) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Some(event) = self.0.next_event(Some(left)).unwrap() else {
                panic!("waited in vain: {what}; {:?}", self.0);
            };
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    }

    pub(crate) fn open(&mut self) -> Opened {
        self.wait_for("the session opens", |event| match event {
            Event::Opened(opened) => Some(opened),
            _ => None,
        })
    }

    /// Waits for a frame of this type, and gives what `read` makes of it.
    pub(crate) fn frame<T>(&mut self, message: MessageType, read: impl Fn(Frame<'_>) -> T) -> T {
        self.wait_for(&message.to_string(), |event| match event {
            Event::Message(frame) if frame.message_type() == message => Some(read(frame)),
            _ => None,
        })
    }

    /// Closes the session, and gives the last event's text.
    pub(crate) fn close(self) -> String {
        let mut last = String::new();
        self.0.shut_down(|event| last = format!("{event:?}")).unwrap();
        last
    }
}
