//! A phone without a receiver: one agent's call control, by commands on the serial line. `help` lists them.
//!
//! Parameters: `agent=1001 extension=5001 peripheral=5000 pin= password=`, and those of the network.
#![no_std]
#![no_main]

use core::cell::RefCell;
use core::fmt;
use core::str::SplitWhitespace;
use core::time::Duration;

use cti_embedded::embassy::Uptime;
use cti_embedded::{Client, Clock};
use cti_firmware::executor;
use cti_firmware::network::{self, Happenings, Requests, Station};
use cti_firmware::parameters::Parameters;
use cti_firmware::serial::{Input, Output, Serial};
use cti_proto::message::{
    AgentStateEvent, AlternateCallReq, AnswerCallReq, ClearConnectionReq, ConferenceCallReq, ConsultationCallReq,
    HoldCallReq, MakeCallReq, ReconnectCallReq, RetrieveCallReq, SetAgentStateReq, TransferCallReq,
};
use cti_proto::session::{ClientConfig, Event, RequestError};
use cti_proto::track::{Call, CallConfig, CallStorage, CallTracker, Change, ConnectionId};
use cti_proto::value::{AgentState, ConnectionDeviceIdType, CtiService, LocalConnectionState, NULL_CALL_ID};
use cti_proto::{Frame, Protocol, Storage};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::mutex::Mutex;
use heapless::String;
use static_cell::{ConstStaticCell, StaticCell};

/// Calls that an agent has at one time: one that is talked in, one on hold, one that rings, and one that ends.
type Calls = CallStorage<4, 12, 8, 64>;
type Screen = &'static Mutex<NoopRawMutex, Output>;

/// The agent at this phone.
#[derive(Clone, Copy)]
struct Phone {
    requests: Requests,
    calls: &'static RefCell<CallTracker<'static>>,
    peripheral_id: u32,
    agent: &'static str,
    extension: &'static str,
    /// The agent's password.
    pin: &'static str,
}

#[cortex_m_rt::entry]
fn main() -> ! {
    static PROTOCOLS: StaticCell<[Protocol; 1]> = StaticCell::new();
    static STORAGE: ConstStaticCell<Storage<2_048, 512, 4, 0>> = ConstStaticCell::new(Storage::new());
    static STATION: StaticCell<Station> = StaticCell::new();
    static CALL_STORAGE: ConstStaticCell<Calls> = ConstStaticCell::new(Calls::new());
    static CALLS: StaticCell<RefCell<CallTracker<'static>>> = StaticCell::new();
    static SCREEN: StaticCell<Mutex<NoopRawMutex, Output>> = StaticCell::new();

    executor::run(|spawner| {
        let parameters = Parameters::take();
        let stack = network::start(spawner, parameters);
        let peripheral_id = parameters.value("peripheral", 5_000);
        let (agent, extension) =
            (parameters.text("agent").unwrap_or("1001"), parameters.text("extension").unwrap_or("5001"));

        let protocol = defmt::unwrap!(Protocol::cce(parameters.value("version", 24)));
        let services = CtiService::CTI_SERVICE_CLIENT_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
        let mut config = ClientConfig::new(PROTOCOLS.init([protocol]), "phone".into(), services);
        config.password = parameters.text("password").unwrap_or_default().into();
        config.heartbeat = Some(Duration::from_secs(5));
        config.peripheral_id = peripheral_id;
        config.agent_id = Some(agent.into());
        config.agent_extension = Some(extension.into());
        config.agent_instrument = Some(extension.into());
        config.random = parameters.value("seed", 1);

        let client = defmt::unwrap!(Client::new(config, STORAGE.take().parts(), Uptime));
        let (runner, requests, events) = STATION.init(client).split();
        let tracker = CallTracker::new(CallConfig::new(), CALL_STORAGE.take().parts());
        let calls = CALLS.init(RefCell::new(tracker));
        let pin = parameters.text("pin").unwrap_or_default();
        let phone = Phone { requests, calls, peripheral_id, agent, extension, pin };
        let (output, input) = Serial::start().split();
        let screen = SCREEN.init(Mutex::new(output));

        spawner.spawn(defmt::unwrap!(network::session(runner, network::tcp(stack, parameters))));
        spawner.spawn(defmt::unwrap!(tell(phone, events, screen)));
        spawner.spawn(defmt::unwrap!(obey(phone, input, screen)));
    })
}

// --- what happens ---------------------------------------------------------------------------------------------------

/// Prints what happens to the session, the agent and the calls.
#[embassy_executor::task]
async fn tell(phone: Phone, mut events: Happenings, screen: Screen) {
    while let Some(line) = events.next(|event| phone.line_of(event)).await {
        if !line.as_str().is_empty() {
            screen.lock().await.line(format_args!("{line}")).await;
        }
        while let Some(line) = phone.next_change() {
            screen.lock().await.line(format_args!("{line}")).await;
        }
    }
    screen.lock().await.line(format_args!("the session has ended")).await;
}

/// What is told at once.
type Line = cti_firmware::text::Line<160>;

fn line(text: fmt::Arguments<'_>) -> Line {
    Line::of(text)
}

impl Phone {
    /// What an event is worth telling; empty if nothing.
    fn line_of(&self, event: Event<'_>) -> Line {
        match event {
            Event::Opened(opened) => {
                self.calls.borrow_mut().session_lost();
                line(format_args!("open with side {:?}", opened.side))
            }
            Event::Message(frame) => self.line_of_message(&frame),
            Event::Confirmed { request, frame, .. } => {
                self.observe(&frame);
                line(format_args!("ok {}", request.message))
            }
            Event::Failed { request, reason } => line(format_args!("failed {}: {reason}", request.message)),
            Event::TimedOut(request) => line(format_args!("no answer {}", request.message)),
            Event::Lost(request) => line(format_args!("lost {}", request.message)),
            Event::Disconnected(disconnected) => {
                line(format_args!("no session with side {:?}: {}", disconnected.side, disconnected.cause))
            }
            Event::Ended(ended) => line(format_args!("the end: {ended}")),
            _ => Line::new(),
        }
    }

    fn line_of_message(&self, frame: &Frame<'_>) -> Line {
        self.observe(frame);
        match frame.decode::<AgentStateEvent<'_>>() {
            Ok(event) => line(format_args!("agent {} {}", event.agent_id.unwrap_or_default(), event.agent_state)),
            Err(_) => Line::new(),
        }
    }

    fn observe(&self, frame: &Frame<'_>) {
        if let Err(error) = self.calls.borrow_mut().observe(Uptime.now(), frame) {
            defmt::warn!("{}", error);
        }
    }

    /// The next thing that is different of a call.
    fn next_change(&self) -> Option<Line> {
        let mut calls = self.calls.borrow_mut();
        let (handle, ended) = match calls.poll_change()? {
            Change::Changed(handle, _) => (handle, false),
            Change::Ended(handle, _) => (handle, true),
            _ => return Some(line(format_args!("calls were lost sight of"))),
        };
        let call = calls.get(handle)?;
        let mine = call.party(self.extension.into()).map_or(LocalConnectionState::LCS_NULL, |party| party.state());
        let other = call.parties().map(|party| party.device()).find(|device| *device != self.extension);
        Some(match ended {
            true => line(format_args!("call {} ended", call.id().call_id)),
            false => line(format_args!("call {} {mine} {}", call.id().call_id, other.unwrap_or_default())),
        })
    }
}

// --- what is commanded ----------------------------------------------------------------------------------------------

const HELP: &str = "login [password], logout, ready, notready [reason], make NUMBER, answer, hold, retrieve, release, \
                    consult NUMBER, transfer [NUMBER], conference, alternate, reconnect, calls, status, help";

/// Obeys the lines that come in.
#[embassy_executor::task]
async fn obey(phone: Phone, mut input: Input, screen: Screen) {
    loop {
        let command = input.line::<80>().await;
        let mut words = command.split_whitespace();
        let answer = match words.next() {
            Some("help") => line(format_args!("{HELP}")),
            Some("calls") => phone.calls_line(),
            Some("status") => phone.status_line().await,
            Some(verb) => match phone.command(verb, words).await {
                Ok(()) => continue,
                Err(refusal) => line(format_args!("cannot {verb}: {refusal}")),
            },
            None => continue,
        };
        screen.lock().await.line(format_args!("{answer}")).await;
    }
}

/// Why a command was not sent.
enum Refusal {
    Unknown,
    NoNumber,
    NoSuchCall,
    Request(RequestError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("try help"),
            Self::NoNumber => f.write_str("a number is missing"),
            Self::NoSuchCall => f.write_str("there is no such call"),
            Self::Request(error) => error.fmt(f),
        }
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// A connection of this phone, kept while a request is written.
struct Connection {
    call_id: u32,
    device_id_type: ConnectionDeviceIdType,
    device_id: Option<String<64>>,
}

impl Connection {
    /// The one that a request leaves out.
    const NONE: Self =
        Self { call_id: NULL_CALL_ID, device_id_type: ConnectionDeviceIdType::CONNECTION_ID_NONE, device_id: None };

    fn of(call: &Call<'_>) -> Option<Self> {
        let ConnectionId { call_id, device_id_type, device_id } = call.id();
        let device_id = String::try_from(device_id.to_str().ok()?).ok()?;
        Some(Self { call_id, device_id_type, device_id: Some(device_id) })
    }
}

/// Requests about calls: each is a method, which takes the connections that the message names, by its three fields for each
/// of them, and the number to dial, where it has one.
macro_rules! requests {
    ($(
        $method:ident: $message:ident
        ($($connection:ident: $call_id:ident $device_id_type:ident $device_id:ident),* $(; $number:ident)?)
    )*) => {$(
        async fn $method(&self, $($connection: &Connection,)* $($number: Option<&str>)?) -> Result<(), Refusal> {
            let request = $message {
                peripheral_id: self.peripheral_id,
                $(
                    $call_id: $connection.call_id,
                    $device_id_type: $connection.device_id_type,
                    $device_id: $connection.device_id.as_deref().map(Into::into),
                )*
                agent_instrument: Some(self.extension.into()),
                $($number: $number.map(Into::into),)?
                ..$message::default()
            };
            self.send(&request).await
        }
    )*};
}

impl Phone {
    requests! {
        make: MakeCallReq(; dialed_number)
        answer: AnswerCallReq(ringing: connection_call_id connection_device_id_type connection_device_id)
        hold: HoldCallReq(active: connection_call_id connection_device_id_type connection_device_id)
        retrieve: RetrieveCallReq
            (held: held_connection_call_id held_connection_device_id_type held_connection_device_id)
        release: ClearConnectionReq(any: connection_call_id connection_device_id_type connection_device_id)
        consult: ConsultationCallReq
            (active: active_connection_call_id active_connection_device_id_type active_connection_device_id;
             dialed_number)
        transfer: TransferCallReq
            (active: active_connection_call_id active_connection_device_id_type active_connection_device_id,
             held: held_connection_call_id held_connection_device_id_type held_connection_device_id;
             dialed_number)
        conference: ConferenceCallReq
            (active: active_connection_call_id active_connection_device_id_type active_connection_device_id,
             held: held_connection_call_id held_connection_device_id_type held_connection_device_id)
        alternate: AlternateCallReq
            (active: active_connection_call_id active_connection_device_id_type active_connection_device_id,
             held: other_connection_call_id other_connection_device_id_type other_connection_device_id)
        reconnect: ReconnectCallReq
            (active: active_connection_call_id active_connection_device_id_type active_connection_device_id,
             held: held_connection_call_id held_connection_device_id_type held_connection_device_id)
    }
}

impl Phone {
    async fn command(&self, verb: &str, mut words: SplitWhitespace<'_>) -> Result<(), Refusal> {
        use LocalConnectionState as Lcs;
        let word = words.next();
        let number = word.ok_or(Refusal::NoNumber);
        match verb {
            // Both ways the password is asked for, were it empty.
            "login" => self.set_state(AgentState::AGENT_STATE_LOGIN, word.or(Some(self.pin)), 0).await,
            "logout" => self.set_state(AgentState::AGENT_STATE_LOGOUT, Some(self.pin), reason(word)).await,
            "ready" => self.set_state(AgentState::AGENT_STATE_AVAILABLE, None, 0).await,
            "notready" => self.set_state(AgentState::AGENT_STATE_NOT_READY, None, reason(word)).await,
            "make" => self.make(Some(number?)).await,
            "answer" => self.answer(&self.connection(Lcs::LCS_ALERTING)?).await,
            "hold" => self.hold(&self.connection(Lcs::LCS_CONNECT)?).await,
            "retrieve" => self.retrieve(&self.connection(Lcs::LCS_HOLD)?).await,
            "release" => self.release(&self.any_connection()?).await,
            "consult" => self.consult(&self.connection(Lcs::LCS_CONNECT)?, Some(number?)).await,
            // With a number in one step, else by joining the caller on hold to the one that was consulted.
            "transfer" => {
                let held = if word.is_some() { Connection::NONE } else { self.held()? };
                self.transfer(&self.connection(Lcs::LCS_CONNECT)?, &held, word).await
            }
            "conference" => self.conference(&self.connection(Lcs::LCS_CONNECT)?, &self.held()?).await,
            "alternate" => self.alternate(&self.connection(Lcs::LCS_CONNECT)?, &self.held()?).await,
            "reconnect" => self.reconnect(&self.connection(Lcs::LCS_CONNECT)?, &self.held()?).await,
            _ => Err(Refusal::Unknown),
        }
    }

    /// The connection of this phone that is in a state.
    fn connection(&self, state: LocalConnectionState) -> Result<Connection, Refusal> {
        let calls = self.calls.borrow();
        let mut mine = calls.at_device(self.extension.into());
        let is_it = |call: &Call<'_>| call.party(self.extension.into()).is_some_and(|party| party.state() == state);
        mine.find(is_it).and_then(|call| Connection::of(&call)).ok_or(Refusal::NoSuchCall)
    }

    fn held(&self) -> Result<Connection, Refusal> {
        self.connection(LocalConnectionState::LCS_HOLD)
    }

    /// The connection that hanging up means: the one that is talked in, else what rings or dials, else what is on hold.
    fn any_connection(&self) -> Result<Connection, Refusal> {
        use LocalConnectionState as Lcs;
        let states = [Lcs::LCS_CONNECT, Lcs::LCS_ALERTING, Lcs::LCS_INITIATE, Lcs::LCS_FAIL, Lcs::LCS_HOLD];
        states.into_iter().find_map(|state| self.connection(state).ok()).ok_or(Refusal::NoSuchCall)
    }

    async fn set_state(&self, agent_state: AgentState, password: Option<&str>, reason: u16) -> Result<(), Refusal> {
        let request = SetAgentStateReq {
            peripheral_id: self.peripheral_id,
            agent_state,
            event_reason_code: reason,
            agent_instrument: Some(self.extension.into()),
            agent_id: Some(self.agent.into()),
            agent_password: password.map(Into::into),
            ..SetAgentStateReq::default()
        };
        self.send(&request).await
    }

    async fn send<'m, M: cti_proto::Body<'m>>(&self, request: &M) -> Result<(), Refusal> {
        self.requests.request(request).await?;
        Ok(())
    }

    fn calls_line(&self) -> Line {
        let calls = self.calls.borrow();
        let mut text = line(format_args!("{} calls", calls.len()));
        for call in calls.iter() {
            text.push(format_args!(", {} {:?}", call.id().call_id, call.stage()));
        }
        text
    }

    async fn status_line(&self) -> Line {
        let counters = self.requests.with(|session, _| session.counters()).await;
        let stack = cti_firmware::stack::usage();
        line(format_args!(
            "frames {} opened {} disconnected {} skipped {} stack {} of {}",
            counters.frames, counters.opened, counters.disconnected, counters.skipped, stack.peak, stack.size
        ))
    }
}

/// A reason code; 0 is none.
fn reason(word: Option<&str>) -> u16 {
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}
