//! A server that does as it is told: a thread for each client, by blocking sockets.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use cti_proto::message::{
    AgentRecord, AgentStateEvent, AnswerCallConf, Body, CallDeliveredEvent, CallEstablishedEvent, CallVariables,
    ConfigAgentEvent, ConfigBeginEvent, ConfigEndEvent, MakeCallConf, MakeCallReq, OpenConf, SetAgentStateConf,
    SnapshotDeviceConf,
};
use cti_proto::session::{Instant, Prepared, Request, ServerConfig, ServerEvent, ServerSession, Transport};
use cti_proto::value::{AgentState, ControlFailureCode, DeviceIdType, FailureStatus, LocalConnectionState, RecordType};
use cti_proto::{Frame, List, MessageType, Product, Storage};

use super::command::PATIENCE;

const PERIPHERAL: u32 = 5_000;
/// The call that there is.
const CALL: u32 = 16_777_216;
/// How long a read waits.
const TURN: Duration = Duration::from_millis(5);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// What comes, and what has come.
    seen: Mutex<(Receiver<Seen>, Vec<Seen>)>,
    shared: Arc<Shared>,
}

/// What a server saw of a client, in words.
pub(crate) type Seen = String;

struct Shared {
    config: ServerConfig,
    stopped: AtomicBool,
    /// Connections made before this many were cut are dropped.
    cuts: AtomicU32,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(ServerConfig::new(Product::Cce))
    }

    pub(crate) fn with(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, seen) = channel();
        let shared = Arc::new(Shared { config, stopped: AtomicBool::new(false), cuts: AtomicU32::new(0) });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for socket in listener.incoming() {
                if serving.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (socket, sender, shared) = (socket.unwrap(), sender.clone(), Arc::clone(&serving));
                thread::spawn(move || serve(socket, &shared, &sender));
            }
        });
        Self { address, seen: Mutex::new((seen, Vec::new())), shared }
    }

    /// Drops all connections there are.
    pub(crate) fn cut(&self) {
        self.shared.cuts.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until something is seen, which then counts no more.
    pub(crate) fn saw(&self, wanted: &str) {
        let (seen, before) = &mut *self.seen.lock().unwrap();
        loop {
            if let Some(place) = before.iter().position(|seen| seen.starts_with(wanted)) {
                before.remove(place);
                return;
            }
            match seen.recv_timeout(PATIENCE) {
                Ok(seen) => before.push(seen),
                Err(_) => panic!("the server never saw {wanted}, but {before:?}"),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.cut();
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut socket: TcpStream, shared: &Shared, seen: &Sender<Seen>) {
    socket.set_read_timeout(Some(TURN)).unwrap();
    let cuts = shared.cuts.load(Ordering::Relaxed);
    let beginning = std::time::Instant::now();
    let now = || Instant::from_millis(beginning.elapsed().as_millis() as u64);
    let mut storage = Storage::<12_500, 32_768, 0, 4>::new();
    let mut session = ServerSession::new(shared.config, storage.parts(), now());
    while session.transport() == Transport::Keep && shared.cuts.load(Ordering::Relaxed) == cuts {
        session.handle_timeout(now());
        while let Some(event) = session.poll_event(now()) {
            let _ = seen.send(match &event {
                ServerEvent::OpenRequested(request) => {
                    format!("OPEN_REQ {} {}", request.version_number, request.services_requested)
                }
                ServerEvent::Request { frame, .. } => match frame.decode::<MakeCallReq<'_>>() {
                    Ok(call) => format!("MAKE_CALL_REQ {}", call.agent_instrument.unwrap_or_default()),
                    Err(_) => format!("{frame:?}"),
                },
                other => format!("{other:?}"),
            });
            match event {
                ServerEvent::OpenRequested(request) => {
                    let services_granted = request.services_requested;
                    let confirmation = OpenConf { services_granted, peripheral_online: true, ..OpenConf::default() };
                    session.accept(now(), &confirmation).unwrap();
                    send_events(&mut session, now());
                }
                ServerEvent::Request { request, frame } => {
                    let wants_quiet = is_to_be_cut(&frame);
                    answer(&mut session, now(), request);
                    if wants_quiet {
                        return;
                    }
                }
                ServerEvent::Message(frame) if frame.message_type() == MessageType::CONFIG_REQUEST_EVENT => {
                    send_configuration(&mut session, now());
                }
                _ => {}
            }
        }
        if !exchange(&mut session, &mut socket, now()) {
            session.transport_closed(now());
            let _ = seen.send("closed".into());
        }
    }
}

/// RETRIEVE_CALL_REQ is answered by breaking off.
fn is_to_be_cut(frame: &Frame<'_>) -> bool {
    frame.message_type() == MessageType::RETRIEVE_CALL_REQ
}

fn answer(session: &mut ServerSession<'_>, now: Instant, request: Request) {
    match request.message {
        MessageType::MAKE_CALL_REQ => {
            let confirmation = MakeCallConf {
                new_connection_call_id: 16_777_217,
                new_connection_device_id: Some("5001".into()),
                ..MakeCallConf::default()
            };
            session.confirm(now, request, &confirmation).unwrap();
        }
        MessageType::HOLD_CALL_REQ => {
            session
                .fail_control(now, request, ControlFailureCode::CF_INVALID_CONNECTION_ID_FOR_ACTIVE_CALL, 13_057)
                .unwrap();
        }
        MessageType::ANSWER_CALL_REQ => {
            session.confirm(now, request, &AnswerCallConf::default()).unwrap();
            let event = CallEstablishedEvent {
                connection_call_id: CALL,
                connection_device_id: Some("5001".into()),
                answering_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                answering_device_id: Some("5001".into()),
                local_connection_state: LocalConnectionState::LCS_CONNECT,
                ..CallEstablishedEvent::default()
            };
            send_event(session, now, &event);
        }
        MessageType::SET_AGENT_STATE_REQ => {
            session.confirm(now, request, &SetAgentStateConf::default()).unwrap();
            send_event(session, now, &agent_state(AgentState::AGENT_STATE_NOT_READY));
        }
        MessageType::SNAPSHOT_DEVICE_REQ => {
            session.confirm(now, request, &SnapshotDeviceConf::default()).unwrap();
        }
        // Neither of them is ever answered.
        MessageType::QUERY_AGENT_STATE_REQ | MessageType::RETRIEVE_CALL_REQ => {}
        _ => session.fail(now, request, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE).unwrap(),
    }
}

/// Two events, the second one with texts that are hard to print.
fn send_events(session: &mut ServerSession<'_>, now: Instant) {
    send_event(session, now, &agent_state(AgentState::AGENT_STATE_AVAILABLE));
    let call = CallDeliveredEvent {
        peripheral_id: PERIPHERAL,
        connection_call_id: CALL,
        connection_device_id: Some("5001".into()),
        alerting_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
        alerting_device_id: Some("5001".into()),
        local_connection_state: LocalConnectionState::LCS_ALERTING,
        ani: Some("\"2065551234\"\n\u{1b}[2J".into()),
        call_variables: CallVariables([Some("gold".into()), None, None, None, None, None, None, None, None, None]),
        ..CallDeliveredEvent::default()
    };
    send_event(session, now, &call);
}

fn agent_state(agent_state: AgentState) -> AgentStateEvent<'static> {
    AgentStateEvent {
        peripheral_id: PERIPHERAL,
        agent_id: Some("1001".into()),
        agent_extension: Some("5001".into()),
        agent_instrument: Some("5001".into()),
        agent_state,
        ..AgentStateEvent::default()
    }
}

fn send_event<'m, M: Body<'m>>(session: &mut ServerSession<'_>, now: Instant, event: &M) {
    let mut buffer = [0; 4_096];
    let _ = session.event(now, &Prepared::new(session.protocol(), event, &mut buffer).unwrap());
}

/// The configuration: an agent, whose name has a letter of two columns.
fn send_configuration(session: &mut ServerSession<'_>, now: Instant) {
    let agents = [AgentRecord {
        record_type: Some(RecordType::CONFIG_RECORD_ADD),
        flt_peripheral_id: Some(PERIPHERAL),
        login_id: Some("1001".into()),
        first_name: Some("李".into()),
        last_name: Some("Ann".into()),
        ..AgentRecord::default()
    }];
    session.send(now, &ConfigBeginEvent::default()).unwrap();
    session.send(now, &ConfigAgentEvent { records: List::new(&agents) }).unwrap();
    session.send(now, &ConfigEndEvent::default()).unwrap();
}

/// Writes what is to be written and reads what comes; `false` at the end of the connection.
fn exchange(session: &mut ServerSession<'_>, socket: &mut TcpStream, now: Instant) -> bool {
    while session.wants_write() {
        match socket.write(session.transmit()) {
            Ok(n) => session.transmitted(n),
            Err(_) => return false,
        }
    }
    if !session.wants_read() {
        return true;
    }
    match socket.read(session.space()) {
        Ok(0) => false,
        Ok(n) => {
            session.received(now, n);
            true
        }
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}
