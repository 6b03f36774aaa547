//! Sessions against a model, under random commands, faults and times.
//!
//! The model is what an application relies on. The server's side of each connection is a list of what was said, in
//! order, and the client may tell of it only from the front: nothing is left out, told twice or told in another order.
//! What the application asked for ends exactly once. Once all faults are over a session opens again, unless it ended for
//! good, and works.
//!
//! The seed is fixed; `PROPTEST_RNG_SEED` sets another one, and `PROPTEST_CASES` how many cases there are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use cti_proto::harness::{
    Clock, Conditions, End, Here, Memory, OnOpen, OwnedEvent, OwnedServerEvent, Pair, Reach, Step, conditions, granting,
};
use cti_proto::message::{
    ActiveMaintenanceEventMsg, ActiveMaintenanceReqMsg, AgentStateEvent, CallDataUpdateEvent, FailureEvent,
    FailureReason, ListAgentTeamConf, ListAgentTeamReq, MonitorStartReq, OpenConf, OpenReq, QueryAgentStateConf,
    QueryAgentStateReq,
};
use cti_proto::session::{
    Cause, ClientConfig, Delivery, Ended, Instant, Opened, Prepared, Request, RequestError, ServerConfig,
    ServerSession, Side, Transport, Wake,
};
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::{AgentState, CtiService, FailureStatus, MoreFlag};
use cti_proto::wire::NamedVariable;
use cti_proto::{Body, List, MessageType};
use cti_tests::session::{CCE_FALLBACK, beating, cce24, ccx15};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

// ---- what happens -----------------------------------------------------------------------------------

/// One thing that happens. Each can happen at any time, so that any part of a list is a list.
#[derive(Clone, Debug)]
enum Command {
    /// So many milliseconds pass.
    Wait(u64),
    /// So many steps are done, whatever time they take.
    Steps(u8),
    /// So many requests.
    Ask(Ask, u8),
    StartResync,
    /// One request of a resynchronisation.
    Resync,
    FinishResync,
    StopRequests,
    Reconnect,
    Close,
    /// The server sends so many events.
    Emit(u8),
    /// The server sends as many events as it has room for.
    Fill,
    /// The server sends an event that small buffers do not hold.
    EmitLarge,
    /// The server sends a FAILURE_EVENT, and goes on as if nothing were.
    Say(FailureStatus),
    /// The server asks for maintenance, or says whether it goes on.
    Maintenance(Option<bool>),
    /// The server answers one of the requests that it has.
    Answer(u8, Answer),
    /// What the server does about requests from now on.
    Serve(Option<Answer>),
    /// The server answers an OPEN_REQ that it has left.
    Accept,
    /// The server ends the session.
    End(FailureStatus),
    /// What servers do about OPEN_REQ from now on.
    OnOpen(OnOpen),
    Reach(Side, Reach),
    Link(End, Conditions),
    Stall(End, bool),
    Cut,
    CutAfter(End, usize),
    HalfClose(End),
    Clock(End, Clock),
    /// The order of what could happen at the same moment.
    Mix(u64),
}

#[derive(Clone, Copy, Debug)]
enum Ask {
    Query,
    Teams,
    Monitor,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Confirm,
    /// One part of several, where the request has such answers.
    Part,
    Fail,
    FailControl,
}

/// What client and servers are like.
#[derive(Clone, Copy, Debug)]
enum Setup {
    /// A pair of servers, no heartbeats.
    Quiet,
    Beating,
    /// One server.
    Single,
    /// Unified CCX.
    Ccx,
    /// The servers are older than the client would like.
    Older,
    /// Room for little.
    Small,
}

fn setup() -> impl Strategy<Value = Setup> {
    const ALL: &[Setup] =
        &[Setup::Quiet, Setup::Beating, Setup::Single, Setup::Ccx, Setup::Older, Setup::Small, Setup::Small];
    proptest::sample::select(ALL)
}

fn command() -> impl Strategy<Value = Command> {
    let side = prop_oneof![Just(Side::A), Just(Side::B)];
    let end = prop_oneof![Just(End::Client), Just(End::Server)];
    let ask = prop_oneof![Just(Ask::Query), Just(Ask::Teams), Just(Ask::Monitor)];
    let answer = prop_oneof![3 => Just(Answer::Confirm), 1 => Just(Answer::Part), 1 => Just(Answer::Fail), 1 => Just(Answer::FailControl)];
    let reach = prop_oneof![2 => Just(Reach::Accepts), 1 => Just(Reach::Refuses), 1 => Just(Reach::Silent)];
    let clock = prop_oneof![
        Just(Clock::Runs),
        Just(Clock::Stands),
        (1..200_000_u64).prop_map(|by| Clock::Behind(Duration::from_millis(by)))
    ];
    let on_open = prop_oneof![
        4 => Just(OnOpen::Accept),
        2 => Just(OnOpen::Leave),
        3 => Just(OnOpen::Refuse(FailureStatus::E_CTI_CTI_SERVER_OFFLINE)),
        1 => Just(OnOpen::Refuse(FailureStatus::E_CTI_INVALID_PASSWORD))
    ];
    let ends = prop_oneof![
        4 => Just(FailureStatus::E_CTI_CTI_SERVER_OFFLINE),
        1 => Just(FailureStatus::E_CTI_NEW_SESSION_OPENED),
        2 => Just(FailureStatus::E_CTI_TIMEOUT),
        2 => Just(FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE),
        2 => Just(FailureStatus::E_CTI_UNSPECIFIED_FAILURE)
    ];
    let wait = prop_oneof![3 => 0..2_000_u64, 3 => 2_000..20_000_u64, 1 => 20_000..200_000_u64];
    prop_oneof![
        16 => wait.prop_map(Command::Wait),
        8 => (1..60_u8).prop_map(Command::Steps),
        14 => (ask, 1..6_u8).prop_map(|(ask, count)| Command::Ask(ask, count)),
        1 => Just(Command::StartResync),
        4 => Just(Command::Resync),
        1 => Just(Command::FinishResync),
        1 => Just(Command::StopRequests),
        2 => Just(Command::Reconnect),
        1 => Just(Command::Close),
        10 => (1..40_u8).prop_map(Command::Emit),
        3 => Just(Command::Fill),
        2 => Just(Command::EmitLarge),
        2 => ends.clone().prop_map(Command::Say),
        2 => any::<Option<bool>>().prop_map(Command::Maintenance),
        10 => (any::<u8>(), answer.clone()).prop_map(|(which, answer)| Command::Answer(which, answer)),
        2 => proptest::option::of(answer).prop_map(Command::Serve),
        1 => Just(Command::Accept),
        2 => ends.prop_map(Command::End),
        3 => on_open.prop_map(Command::OnOpen),
        3 => (side, reach).prop_map(|(side, reach)| Command::Reach(side, reach)),
        4 => (end.clone(), conditions()).prop_map(|(end, conditions)| Command::Link(end, conditions)),
        4 => (end.clone(), any::<bool>()).prop_map(|(end, stalled)| Command::Stall(end, stalled)),
        2 => Just(Command::Cut),
        3 => (end.clone(), 0..400_usize).prop_map(|(end, bytes)| Command::CutAfter(end, bytes)),
        3 => end.clone().prop_map(Command::HalfClose),
        3 => (end, clock).prop_map(|(end, clock)| Command::Clock(end, clock)),
        4 => any::<u64>().prop_map(Command::Mix),
    ]
}

/// What is tried. Prints on one line, to be read.
#[derive(Clone)]
struct Case {
    setup: Setup,
    commands: Vec<Command>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:?}", self.setup, self.commands)
    }
}

fn case(setup: impl Strategy<Value = Setup>, command: impl Strategy<Value = Command>) -> impl Strategy<Value = Case> {
    (setup, proptest::collection::vec(command, 0..60)).prop_map(|(setup, commands)| Case { setup, commands })
}

/// What fills buffers, and keeps them full.
fn crowding() -> impl Strategy<Value = Command> {
    let ask = prop_oneof![Just(Ask::Query), Just(Ask::Monitor)];
    let end = prop_oneof![Just(End::Client), Just(End::Server)];
    prop_oneof![
        4 => (0..3_000_u64).prop_map(Command::Wait),
        4 => (ask, 1..6_u8).prop_map(|(ask, count)| Command::Ask(ask, count)),
        3 => Just(Command::Fill),
        3 => Just(Command::Maintenance(None)),
        4 => (end, any::<bool>()).prop_map(|(end, stalled)| Command::Stall(end, stalled)),
        2 => Just(Command::Answer(0, Answer::Confirm)),
        1 => (1..20_u8).prop_map(Command::Steps),
    ]
}

/// What ends connections in good order while much is on its way.
fn parting() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => (0..3_000_u64).prop_map(Command::Wait),
        4 => (1..60_u8).prop_map(Command::Steps),
        4 => (1..10_u8).prop_map(Command::Emit),
        3 => Just(Command::HalfClose(End::Server)),
        3 => any::<u64>().prop_map(Command::Mix),
        2 => conditions().prop_map(|conditions| Command::Link(End::Server, conditions)),
        1 => Just(Command::End(FailureStatus::E_CTI_UNSPECIFIED_FAILURE)),
    ]
}

// ---- the servers' side --------------------------------------------------------------------------------

/// What a server said in a session, as far as the client's application may hear of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Event(u32),
    LargeEvent(u32),
    Plain(MessageType),
    Confirmed {
        invoke_id: u32,
        more: bool,
    },
    Failed(u32),
    /// A FAILURE_EVENT that the session takes for itself.
    Ends(FailureStatus),
}

/// A session of a server's. Its number is the monitor ID that OPEN_CONF names.
#[derive(Debug)]
struct Served {
    asked: CtiService,
    said: VecDeque<Said>,
    /// How much of it was told, and how much is to be told for sure: that was sent before an orderly end.
    told: usize,
    before_the_end: Option<usize>,
    /// Requests that are not answered.
    pending: Vec<Request>,
    last_request: u32,
    /// Requests for maintenance that the client told of, and answers to them that came.
    maintenance: (u32, u32),
}

/// What the servers did. It outlives their sessions.
#[derive(Debug)]
struct Servers {
    served: Vec<Served>,
    /// The sessions of side A and side B.
    current: [Option<usize>; 2],
    on_open: OnOpen,
    answer: Option<Answer>,
    last_monitor: u32,
    serial: u32,
}

const fn number(side: Side) -> usize {
    match side {
        Side::A => 0,
        Side::B => 1,
    }
}

impl Servers {
    fn new() -> Self {
        let (on_open, answer) = (OnOpen::Accept, None);
        Self { served: vec![], current: [None; 2], on_open, answer, last_monitor: 1_000, serial: 0 }
    }

    fn handle(&mut self, session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent) {
        match event {
            OwnedServerEvent::OpenRequested(frame) => {
                let asked = frame.frame().decode::<OpenReq>().expect("an OPEN_REQ").services_requested;
                self.current[number(here.side)] = Some(self.served.len());
                self.served.push(Served {
                    asked,
                    said: VecDeque::new(),
                    told: 0,
                    before_the_end: None,
                    pending: vec![],
                    last_request: 0,
                    maintenance: (0, 0),
                });
                match self.on_open {
                    OnOpen::Accept => assert!(self.accept(session, here)),
                    OnOpen::Refuse(status) => session.refuse(here.now, status).expect("an OPEN_REQ to refuse"),
                    OnOpen::Leave => {}
                }
            }
            OwnedServerEvent::Request { request, .. } => {
                let served = self.at(here.side).expect("an open session");
                assert!(request.invoke_id > served.last_request, "{request:?} after {}", served.last_request);
                served.last_request = request.invoke_id;
                served.pending.push(*request);
                if let Some(answer) = self.answer {
                    self.answer_last(session, here, answer);
                }
            }
            OwnedServerEvent::Refused { request, .. } if request.message != MessageType::OPEN_REQ => {
                let served = self.at(here.side).expect("an open session");
                assert!(request.invoke_id > served.last_request, "{request:?} after {}", served.last_request);
                served.last_request = request.invoke_id;
                served.said.push_back(Said::Failed(request.invoke_id));
            }
            OwnedServerEvent::Message(frame)
                if frame.frame().message_type() == MessageType::ACTIVE_MAINTENANCE_RESP_MSG =>
            {
                self.at(here.side).expect("an open session").maintenance.1 += 1;
            }
            OwnedServerEvent::Ended(_) => self.current[number(here.side)] = None,
            _ => {}
        }
    }

    fn at(&mut self, side: Side) -> Option<&mut Served> {
        self.current[number(side)].and_then(|number| self.served.get_mut(number))
    }

    fn accept(&mut self, session: &mut ServerSession<'_>, here: Here) -> bool {
        let Some(number) = self.current[number(here.side)] else { return false };
        let confirmation = OpenConf {
            monitor_id: number as u32 + 1,
            ..granting(session.protocol(), here.now, self.served[number].asked)
        };
        let accepted = session.accept(here.now, &confirmation).is_ok();
        if accepted {
            self.served[number].said.push_back(Said::Plain(MessageType::OPEN_CONF));
        }
        accepted
    }

    fn answer_last(&mut self, session: &mut ServerSession<'_>, here: Here, answer: Answer) {
        let count = self.at(here.side).map_or(0, |served| served.pending.len());
        self.answer(session, here, count.saturating_sub(1), answer);
    }

    fn answer(&mut self, session: &mut ServerSession<'_>, here: Here, which: usize, answer: Answer) {
        self.last_monitor += 1;
        let (now, monitor) = (here.now, self.last_monitor);
        let Some(served) = self.at(here.side) else { return };
        let Some(request) = served.pending.get(which).copied() else { return };
        let invoke_id = request.invoke_id;
        let in_parts = request.message == MessageType::LIST_AGENT_TEAM_REQ;
        let more = in_parts && matches!(answer, Answer::Part);
        let result = match answer {
            Answer::Fail => session.fail(now, request, FailureStatus::E_CTI_UNSPECIFIED_FAILURE),
            Answer::FailControl => session.fail_control(now, request, Default::default(), 7),
            Answer::Confirm | Answer::Part if in_parts => {
                let more = if more { MoreFlag::MORE_TO_FOLLOW } else { MoreFlag::LAST_MESSAGE };
                session.confirm(now, request, &ListAgentTeamConf { more, ..Default::default() })
            }
            Answer::Confirm | Answer::Part if request.message == MessageType::MONITOR_START_REQ => {
                session.confirm_monitor(now, request, monitor)
            }
            Answer::Confirm | Answer::Part => session.confirm(now, request, &QueryAgentStateConf::default()),
        };
        // Without a session or without room nothing was said.
        if result.is_ok() {
            let failed = matches!(answer, Answer::Fail | Answer::FailControl);
            served.said.push_back(if failed { Said::Failed(invoke_id) } else { Said::Confirmed { invoke_id, more } });
            if !more {
                served.pending.remove(which);
            }
        }
    }

    fn emit<'m, M: Body<'m>>(&mut self, session: &mut ServerSession<'_>, here: Here, event: &M, said: Said) {
        let mut buffer = [0; 4_096];
        let prepared = Prepared::new(session.protocol(), event, &mut buffer).expect("an event of the protocol");
        match session.event(here.now, &prepared) {
            Delivery::Sent => self.at(here.side).expect("an open session").said.push_back(said),
            Delivery::NotOpen | Delivery::Overflow => {}
            Delivery::NotWanted => panic!("{said:?} is not wanted"),
        }
    }

    fn send<'m, M: Body<'m>>(&mut self, session: &mut ServerSession<'_>, here: Here, message: &M, said: Said) {
        if session.send(here.now, message).is_ok() {
            self.at(here.side).expect("an open session").said.push_back(said);
        }
    }
}

// ---- the client's side ----------------------------------------------------------------------------------

/// A request of the application's.
#[derive(Clone, Copy, Debug)]
struct Outstanding {
    message: MessageType,
    /// The earliest moment at which its time may be over.
    due: Instant,
}

/// What the application was told, and what it may be told next.
#[derive(Debug)]
struct Model {
    config: ClientConfig<'static>,
    small: bool,
    /// The session that is open, as a number of [`Servers::served`].
    open: Option<usize>,
    last_open: Option<usize>,
    lost_at: Option<Instant>,
    outstanding: BTreeMap<u32, Outstanding>,
    /// Invoke IDs of requests that have ended.
    over: BTreeSet<u32>,
    /// Requests were lost: the loss itself comes next.
    losing: bool,
    /// A ResyncReady is owed, and one was told.
    resync: (bool, bool),
    /// Statuses by which the server ended the session.
    ended_by: Vec<FailureStatus>,
    /// Monitors that are made again after a loss, and requests of such for which there was no room.
    monitors: usize,
    forgotten: BTreeSet<u32>,
    /// What was commanded: to close, to leave this side, to leave it as it goes into maintenance.
    closed: bool,
    left: bool,
    leaving: bool,
    /// A link or a clock was not as it should be.
    disturbed: bool,
    ended: Option<Ended>,
    opened: u32,
    timed_out: u32,
    late: u32,
    /// What the client's clock shows; the latest moment that it has shown.
    clock: (Clock, Instant),
    clock_is_wrong: bool,
    latest: Instant,
}

impl Model {
    fn new(config: ClientConfig<'static>, small: bool) -> Self {
        Self {
            config,
            small,
            open: None,
            last_open: None,
            lost_at: None,
            outstanding: BTreeMap::new(),
            over: BTreeSet::new(),
            losing: false,
            resync: (false, false),
            ended_by: vec![],
            monitors: 0,
            forgotten: BTreeSet::new(),
            closed: false,
            left: false,
            leaving: false,
            disturbed: false,
            ended: None,
            opened: 0,
            timed_out: 0,
            late: 0,
            clock: (Clock::Runs, Instant::ZERO),
            clock_is_wrong: false,
            latest: Instant::ZERO,
        }
    }

    /// What the client's clock shows at a moment.
    fn told(&self, at: Instant) -> Instant {
        match self.clock {
            (Clock::Stands, frozen) => frozen,
            (Clock::Behind(by), _) => Instant::from_millis(at.since(Instant::ZERO.after(by)).as_millis() as u64),
            _ => at,
        }
    }

    fn check(&mut self, servers: &mut Servers, at: Instant, event: &OwnedEvent) {
        self.latest = self.latest.max(self.told(at));
        assert_eq!(self.ended, None, "{event:?} after the end");
        let is_loss = matches!(event, OwnedEvent::Lost(_) | OwnedEvent::Disconnected(_) | OwnedEvent::Ended(_));
        assert!(!self.losing || is_loss, "{event:?} between lost requests and their loss");
        match event {
            OwnedEvent::Opened(opened) => self.opened(at, opened),
            OwnedEvent::Message(frame) => match self.next(servers) {
                Some(Said::Event(serial)) => {
                    let event: AgentStateEvent = frame.frame().decode().expect("an agent state event");
                    assert_eq!((event.session_id, event.monitor_id as usize), (serial, self.open.unwrap() + 1));
                }
                Some(Said::LargeEvent(serial)) => {
                    let event: CallDataUpdateEvent = frame.frame().decode().expect("call data");
                    assert_eq!(event.connection_call_id, serial);
                    assert!(!self.small, "it does not fit");
                }
                Some(Said::Plain(message)) => {
                    assert_eq!(frame.frame().message_type(), message);
                    self.leaving |= message == MessageType::ACTIVE_MAINTENANCE_EVENT_MSG;
                    if message == MessageType::ACTIVE_MAINTENANCE_REQ_MSG {
                        servers.served[self.open.unwrap()].maintenance.0 += 1;
                    }
                }
                other => panic!("{frame:?} where {other:?} was said"),
            },
            OwnedEvent::Skipped { message, .. } => {
                assert!(matches!(self.next(servers), Some(Said::LargeEvent(_))));
                assert_eq!((self.small, *message), (true, MessageType::CALL_DATA_UPDATE_EVENT));
            }
            OwnedEvent::Confirmed { request, more, .. } => {
                assert_eq!(
                    self.next(servers),
                    Some(Said::Confirmed { invoke_id: request.invoke_id, more: *more }),
                    "{event:?}"
                );
                assert!(!self.over.contains(&request.invoke_id), "{request:?} is over");
                let due = self.told(at).after(self.config.request_timeout);
                match self.outstanding.get_mut(&request.invoke_id) {
                    Some(outstanding) if *more => outstanding.due = due,
                    _ => self.end(*request),
                }
            }
            OwnedEvent::Failed { request, .. } => {
                assert_eq!(self.next(servers), Some(Said::Failed(request.invoke_id)), "{event:?}");
                self.end(*request);
                self.forget_monitor(*request);
            }
            OwnedEvent::Late(frame) => {
                let said = self.next(servers);
                let Some(Said::Confirmed { invoke_id, .. } | Said::Failed(invoke_id)) = said else {
                    panic!("{frame:?} where {said:?} was said");
                };
                assert_eq!(invoke_id_of(frame), invoke_id);
                assert!(self.over.contains(&invoke_id), "{frame:?} is not late");
                self.late += 1;
            }
            OwnedEvent::TimedOut(request) => {
                if let Some(outstanding) = self.outstanding.get(&request.invoke_id) {
                    let due = outstanding.due;
                    assert!(due <= self.latest, "{request:?} was over at {at:?}, due at {due:?}");
                    assert!(self.clock_is_wrong || due == at, "{request:?} was over at {at:?}, due at {due:?}");
                }
                self.timed_out += 1;
                self.end(*request);
                self.forget_monitor(*request);
            }
            OwnedEvent::Lost(request) => {
                self.end(*request);
                self.losing = true;
            }
            OwnedEvent::ResyncReady => {
                assert!(self.resync.0 && self.open.is_some(), "nobody asked for a resynchronisation");
                self.resync = (false, true);
            }
            OwnedEvent::Disconnected(disconnected) => {
                self.lost(servers, at, Some(disconnected.cause));
                self.check_cause(disconnected.cause);
            }
            OwnedEvent::Ended(ended) => {
                self.lost(servers, at, None);
                let is_due = match ended {
                    Ended::Closed | Ended::ClosedUnconfirmed => self.closed,
                    Ended::TakenOver => self.ended_by.contains(&FailureStatus::E_CTI_NEW_SESSION_OPENED),
                    Ended::Refused(FailureReason::Status(status)) => {
                        // A server that is told to end while it decides refuses.
                        let hopeless = [FailureStatus::E_CTI_INVALID_PASSWORD, FailureStatus::E_CTI_NEW_SESSION_OPENED];
                        hopeless.contains(status)
                    }
                    _ => false,
                };
                assert!(is_due, "there was no reason for {ended:?}");
                self.ended = Some(*ended);
            }
            other => panic!("{other:?}"),
        }
    }

    fn opened(&mut self, at: Instant, opened: &Opened) {
        let number = opened.monitor_id.checked_sub(1).map(|number| number as usize);
        assert_eq!(self.open, None, "{opened:?} while a session is open");
        assert!(number > self.last_open, "{opened:?} after {:?}", self.last_open);
        assert_eq!(opened.gap.is_some(), self.last_open.is_some());
        let gap = self.lost_at.take().map(|lost_at| at.since(lost_at));
        assert!(self.clock_is_wrong || opened.gap == gap, "{opened:?} after {gap:?}");
        self.resync.0 |= opened.gap.is_some();
        (self.open, self.last_open) = (number, number);
        (self.left, self.leaving) = (false, false);
        self.opened += 1;
    }

    /// What the client tells next of what the server said. What the sessions do among themselves is passed over.
    fn next(&mut self, servers: &mut Servers) -> Option<Said> {
        let number = self.open.expect("an open session");
        self.pass_over(servers, number);
        servers.served[number].told += 1;
        servers.served[number].said.pop_front()
    }

    fn pass_over(&mut self, servers: &mut Servers, number: usize) {
        let served = &mut servers.served[number];
        while let Some(Said::Ends(status)) = served.said.front() {
            self.ended_by.push(*status);
            served.said.pop_front();
            served.told += 1;
        }
    }

    fn end(&mut self, request: Request) {
        let known = self.outstanding.remove(&request.invoke_id);
        let message = known.map_or(MessageType::MONITOR_START_REQ, |outstanding| outstanding.message);
        assert_eq!(request.message, message, "{request:?}: only monitors are asked for again by the session itself");
        assert!(self.over.insert(request.invoke_id), "{request:?} ended twice");
    }

    /// The server will not have it, as far as the client knows.
    fn forget_monitor(&mut self, request: Request) {
        let is_kept = !self.forgotten.contains(&request.invoke_id);
        if request.message == MessageType::MONITOR_START_REQ && is_kept {
            self.monitors = self.monitors.checked_sub(1).expect("a monitor");
        }
    }

    fn lost(&mut self, servers: &mut Servers, at: Instant, cause: Option<Cause>) {
        assert!(self.outstanding.is_empty(), "{:?} never ended", self.outstanding);
        if let Some(number) = self.open.take() {
            self.pass_over(servers, number);
            self.lost_at = Some(at);
            if let (Some(Cause::TransportClosed), Some(said)) = (cause, servers.served[number].before_the_end) {
                assert!(servers.served[number].told >= said, "not told, though it came before the end");
            }
        }
        // What was asked for since stays asked for.
        (self.losing, self.resync.1) = (false, false);
    }

    fn check_cause(&mut self, cause: Cause) {
        let is_due = match cause {
            Cause::Left => core::mem::take(&mut self.left),
            Cause::Maintenance => self.leaving,
            Cause::EndedByServer(status) => self.ended_by.contains(&status),
            Cause::Refused(FailureReason::Status(_)) => true,
            Cause::ConnectFailed | Cause::NoAnswer | Cause::HeartbeatLost => self.disturbed,
            Cause::TransportClosed => true,
            _ => false,
        };
        assert!(is_due, "there was no reason for {cause:?}");
        self.ended_by.clear();
    }
}

fn invoke_id_of(frame: &OwnedFrame) -> u32 {
    u32::from_be_bytes(*frame.frame().body().first_chunk().expect("an invoke ID"))
}

// ---- both ---------------------------------------------------------------------------------------------

/// What can be seen of a pair from outside, but for its moment.
#[derive(PartialEq)]
struct Look {
    arrived: [u64; 2],
    waiting: [usize; 3],
    events: [usize; 2],
    wakes: [Option<Wake>; 3],
    transports: [Option<Transport>; 3],
    connection: Option<Side>,
}

/// A cut of the connection, or else of the next one, at a byte. It does not outlast that connection.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    None,
    Wanted(End, usize),
    Armed,
}

/// No event of [`Command::Emit`] is longer.
const EVENT_LEN: usize = 100;

struct World<'s, const MONITORS: usize> {
    pair: Pair<'s>,
    /// Size of a server's transmit buffer.
    server_room: usize,
    cut: Cut,
    servers: Rc<RefCell<Servers>>,
    model: Model,
    /// Things done, those in a row of which nothing showed, and what they may be at most.
    done: u64,
    quiet: u32,
    allowed: u64,
}

/// Things of which nothing shows that may follow one another: calls for frames that a session keeps to itself, the
/// beginning and the end of a connection.
const MAX_QUIET: u32 = 8;

impl<'s, const MONITORS: usize> World<'s, MONITORS> {
    fn new<const REQUESTS: usize>(
        setup: Setup,
        memory: &'s mut Memory<REQUESTS, MONITORS>,
        server_room: usize,
    ) -> Self {
        let mut config = match setup {
            Setup::Quiet => cce24(),
            Setup::Beating | Setup::Single | Setup::Small => beating(),
            Setup::Ccx => ccx15(),
            Setup::Older => ClientConfig::new(CCE_FALLBACK, "test".into(), cce24().services),
        };
        config.pair = !matches!(setup, Setup::Single);
        let mut server = ServerConfig::new(config.protocols[0].product());
        if matches!(setup, Setup::Older) {
            server.versions = (9, 20);
        }
        let mut pair = Pair::new(config, server, memory).expect("a configuration that can be used");
        pair.set_on_open(Side::A, OnOpen::Leave);
        pair.set_on_open(Side::B, OnOpen::Leave);
        let servers = Rc::new(RefCell::new(Servers::new()));
        let shared = Rc::clone(&servers);
        pair.serve(move |session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent| {
            shared.borrow_mut().handle(session, here, event);
        });
        let model = Model::new(config, matches!(setup, Setup::Small));
        Self { pair, server_room, cut: Cut::None, servers, model, done: 0, quiet: 0, allowed: 200 }
    }

    fn run(&mut self, commands: &[Command]) {
        for command in commands {
            self.allowed += 20;
            self.apply(command);
            self.check();
        }
        self.heal();
        self.check_health();
    }

    fn apply(&mut self, command: &Command) {
        match command {
            Command::Wait(millis) => {
                let until = self.pair.now().after(Duration::from_millis(*millis));
                let before = self.heard();
                // The last step may take longer.
                while self.cut != Cut::None && self.pair.now() < until && self.step() != Step::Idle {}
                loop {
                    self.pair.run_until(self.pair.now());
                    self.check_rest();
                    match self.pair.next_time() {
                        Some(at) if at <= until => self.pair.run_until(at),
                        _ => break,
                    }
                }
                self.pair.run_until(until);
                let is_long =
                    self.model.config.heartbeat.is_some_and(|interval| interval * 4 < Duration::from_millis(*millis));
                if is_long && !self.model.clock_is_wrong && self.pair.client().opened().is_some() {
                    assert_ne!(self.heard(), before, "a server that has fallen silent was not given up");
                }
            }
            Command::Steps(count) => {
                for _ in 0..*count {
                    self.step();
                }
            }
            Command::Ask(ask, count) => {
                for _ in 0..*count {
                    let result = self.ask(*ask);
                    self.note(result);
                }
            }
            Command::StartResync => {
                let now = self.pair.told(End::Client);
                self.pair.client_mut().start_resync(now);
                self.model.resync = (true, false);
            }
            Command::Resync => {
                let now = self.pair.told(End::Client);
                let query = QueryAgentStateReq { agent_id: Some("1".into()), ..Default::default() };
                let result = self.pair.client_mut().resync(now, &query);
                match result {
                    Err(RequestError::TooEarly) => {}
                    _ => assert!(self.model.resync.1, "{result:?} without having been told to begin"),
                }
                if result.is_ok() {
                    self.model.resync = (true, false);
                }
                self.note(result);
            }
            Command::FinishResync => {
                self.pair.client_mut().finish_resync();
                self.model.resync = (false, false);
            }
            Command::StopRequests => {
                let now = self.pair.told(End::Client);
                self.model.leaving |= self.pair.client_mut().stop_requests(now).is_ok();
            }
            Command::Reconnect => {
                let now = self.pair.told(End::Client);
                self.pair.client_mut().reconnect(now);
                self.model.left = true;
            }
            Command::Close => {
                self.pair.close(FailureStatus::E_CTI_NO_ERROR);
                self.model.closed = true;
            }
            Command::Emit(count) => (0..*count).for_each(|_| self.emit()),
            Command::Fill => {
                let room = self.server_room;
                let fits = |pair: &Pair<'_>, side| {
                    pair.server(side).is_some_and(|session| session.transmit().len() + EVENT_LEN <= room)
                };
                for _ in 0..room / EVENT_LEN {
                    if self.pair.connection().is_some_and(|side| fits(&self.pair, side)) {
                        self.emit();
                    }
                }
                // The rest in small pieces.
                for _ in 0..EVENT_LEN {
                    self.apply(&Command::Say(FailureStatus::E_CTI_UNSPECIFIED_FAILURE));
                }
            }
            Command::EmitLarge => self.at_server(|servers, session, here| {
                servers.serial += 1;
                let value = "v".repeat(200);
                let variable = NamedVariable { name: "user.name".into(), value: value.as_str().into() };
                let variables = [variable; 8];
                let event = CallDataUpdateEvent {
                    connection_call_id: servers.serial,
                    connection_device_id: Some("1".into()),
                    new_connection_device_id: Some("1".into()),
                    named_variables: List::new(&variables),
                    ..Default::default()
                };
                let said = Said::LargeEvent(servers.serial);
                servers.emit(session, here, &event, said);
            }),
            Command::Say(status) => {
                let event = FailureEvent { status: *status, ..Default::default() };
                let said = match *status {
                    FailureStatus::E_CTI_UNSPECIFIED_FAILURE => Said::Plain(MessageType::FAILURE_EVENT),
                    status => Said::Ends(status),
                };
                self.at_server(|servers, session, here| servers.send(session, here, &event, said));
            }
            Command::Maintenance(None) => {
                let request = ActiveMaintenanceReqMsg { invoke_id: 7 };
                let said = Said::Plain(MessageType::ACTIVE_MAINTENANCE_REQ_MSG);
                self.at_server(|servers, session, here| servers.send(session, here, &request, said));
            }
            Command::Maintenance(Some(goes_on)) => {
                let event = ActiveMaintenanceEventMsg { maintenance_mode_status: *goes_on };
                let said = Said::Plain(MessageType::ACTIVE_MAINTENANCE_EVENT_MSG);
                self.at_server(|servers, session, here| servers.send(session, here, &event, said));
            }
            Command::Answer(which, answer) => self.at_server(|servers, session, here| {
                let count = servers.at(here.side).map_or(0, |served| served.pending.len());
                if count > 0 {
                    servers.answer(session, here, usize::from(*which) % count, *answer);
                }
            }),
            Command::Serve(answer) => self.servers.borrow_mut().answer = *answer,
            Command::Accept => self.at_server(|servers, session, here| {
                servers.accept(session, here);
            }),
            Command::End(status) => self.at_server(|servers, session, here| {
                let (was_open, before) = (session.is_open(), session.transmit().len());
                session.end(here.now, *status);
                if was_open && session.transmit().len() > before {
                    let served = servers.at(here.side).expect("an open session");
                    served.said.push_back(match *status {
                        FailureStatus::E_CTI_UNSPECIFIED_FAILURE => Said::Plain(MessageType::FAILURE_EVENT),
                        status => Said::Ends(status),
                    });
                }
            }),
            Command::OnOpen(on_open) => {
                self.servers.borrow_mut().on_open = *on_open;
                self.model.disturbed = true;
            }
            Command::Reach(side, reach) => {
                self.pair.set_reach(*side, *reach);
                self.model.disturbed = true;
            }
            Command::Link(end, conditions) => {
                for side in [Side::A, Side::B] {
                    *self.pair.conditions_mut(side, *end) = *conditions;
                }
                self.model.disturbed = true;
            }
            Command::Stall(end, stalled) => {
                self.pair.stall(*end, *stalled);
                self.model.disturbed = true;
            }
            Command::Cut => {
                self.pair.cut();
                self.forget_end();
            }
            Command::CutAfter(end, bytes) => {
                self.cut = Cut::Wanted(*end, *bytes);
                self.forget_end();
            }
            Command::HalfClose(end) => {
                if *end == End::Server {
                    self.at_server(|servers, session, here| {
                        let is_sent = session.transmit().is_empty() && session.transport() == Transport::Keep;
                        if let Some(served) = servers.at(here.side).filter(|_| is_sent) {
                            served.before_the_end = Some(served.told + served.said.len());
                        }
                    });
                } else {
                    self.forget_end();
                }
                self.pair.half_close(*end);
                self.model.disturbed = true;
            }
            Command::Clock(end, clock) => self.set_clock(*end, *clock),
            Command::Mix(seed) => self.pair.mix(*seed),
        }
    }

    /// What grows with each sign of life of a server's: bytes and sessions.
    fn heard(&self) -> (u64, u32) {
        (self.pair.delivered(End::Server), self.pair.client().counters().opened)
    }

    fn ask(&mut self, ask: Ask) -> Result<Request, RequestError> {
        match ask {
            Ask::Query => self.pair.request(&QueryAgentStateReq { agent_id: Some("1".into()), ..Default::default() }),
            Ask::Teams => self.pair.request(&ListAgentTeamReq::default()),
            Ask::Monitor => {
                let forgotten = self.pair.client().counters().monitors_forgotten;
                let request = MonitorStartReq { monitored_device_id: Some("5001".into()), ..Default::default() };
                let request = self.pair.request(&request)?;
                if self.pair.client().counters().monitors_forgotten == forgotten {
                    self.model.monitors += 1;
                    assert!(self.model.monitors <= MONITORS);
                } else {
                    assert_eq!(self.model.monitors, MONITORS);
                    self.model.forgotten.insert(request.invoke_id);
                }
                Ok(request)
            }
        }
    }

    /// Holds what became of a request to what the application knew.
    fn note(&mut self, result: Result<Request, RequestError>) {
        let model = &mut self.model;
        match result {
            Ok(request) => {
                assert!(model.open.is_some() && model.ended.is_none(), "{request:?} without a session");
                assert!(!model.over.contains(&request.invoke_id), "{request:?} bears a number of the past");
                let due = model.told(self.pair.now()).after(model.config.request_timeout);
                let outstanding = Outstanding { message: request.message, due };
                let before = model.outstanding.insert(request.invoke_id, outstanding);
                assert!(before.is_none(), "{request:?} bears the number of {before:?}");
            }
            Err(RequestError::NotOpen) => {
                let opened = self.pair.client().opened().is_some();
                assert!(!opened || self.pair.connection().is_none(), "a session is open");
            }
            Err(RequestError::TooManyOutstanding | RequestError::TooEarly) => {}
            Err(RequestError::Encode(error)) => {
                assert_eq!(error.blame(), cti_proto::Blame::Capacity, "{error}");
                assert!(!self.pair.client().transmit().is_empty());
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn emit(&mut self) {
        self.at_server(|servers, session, here| {
            servers.serial += 1;
            let state = AgentState::AGENT_STATE_AVAILABLE;
            let event = AgentStateEvent { session_id: servers.serial, agent_state: state, ..Default::default() };
            let said = Said::Event(servers.serial);
            servers.emit(session, here, &event, said);
        });
    }

    /// Has the server do something that the client is connected to.
    fn at_server(&mut self, act: impl FnOnce(&mut Servers, &mut ServerSession<'_>, Here)) {
        let side = self.pair.connection().unwrap_or(Side::A);
        let here = Here { now: self.pair.told(End::Server), side };
        if let Some(session) = self.pair.server_mut(side) {
            act(&mut self.servers.borrow_mut(), session, here);
        }
    }

    /// An end that was orderly no longer is.
    fn forget_end(&mut self) {
        self.servers.borrow_mut().served.iter_mut().for_each(|served| served.before_the_end = None);
    }

    fn set_clock(&mut self, end: End, clock: Clock) {
        if end == End::Client {
            let told = self.model.told(self.pair.now());
            self.model.latest = self.model.latest.max(told);
            self.model.clock = (clock, told);
            self.model.clock_is_wrong = true;
        }
        self.model.disturbed = true;
        self.pair.set_clock(end, clock);
    }

    /// Does one thing, or waits for the next. Things without an effect do not go on for ever.
    fn step(&mut self) -> Step {
        match (self.cut, self.pair.connection()) {
            (Cut::Wanted(end, bytes), Some(_)) => {
                self.pair.cut_after(end, bytes);
                self.cut = Cut::Armed;
            }
            (Cut::Armed, None) => self.disarm(),
            _ => {}
        }
        let before = self.look();
        let step = self.pair.step();
        let after = self.look();
        if step == Step::Acted {
            self.done += 1;
            self.quiet = if after == before { self.quiet + 1 } else { 0 };
            assert!(self.quiet <= MAX_QUIET, "things are done that change nothing");
        } else {
            self.quiet = 0;
            self.allowed += 24;
        }
        // Each byte may be handed over and delivered by itself, and be the last of a frame.
        let handed_over = before.waiting.iter().zip(after.waiting).map(|(before, after)| before.saturating_sub(after));
        let arrived = before.arrived.iter().zip(after.arrived).map(|(before, after)| after - before);
        self.allowed += 2 * (handed_over.sum::<usize>() as u64 + arrived.sum::<u64>());
        assert!(self.done <= self.allowed, "{} things done where {} would do", self.done, self.allowed);
        step
    }

    fn disarm(&mut self) {
        self.cut = Cut::None;
        self.pair.cut_after(End::Client, usize::MAX);
        self.pair.cut_after(End::Server, usize::MAX);
    }

    fn look(&self) -> Look {
        let (pair, client) = (&self.pair, self.pair.client());
        let [a, b] = [pair.server(Side::A), pair.server(Side::B)];
        let waiting = |server: Option<&ServerSession<'_>>| server.map_or(0, |session| session.transmit().len());
        Look {
            arrived: [pair.delivered(End::Client), pair.delivered(End::Server)],
            waiting: [client.transmit().len(), waiting(a), waiting(b)],
            events: [pair.events().len(), pair.server_events().len()],
            wakes: [Some(client.wake()), a.map(ServerSession::wake), b.map(ServerSession::wake)],
            transports: [Some(client.transport()), a.map(ServerSession::transport), b.map(ServerSession::transport)],
            connection: pair.connection(),
        }
    }

    /// Nothing is left to do at present: then nobody wants to be called at a moment that is over.
    fn check_rest(&self) {
        let servers = [Side::A, Side::B].into_iter().filter_map(|side| self.pair.server(side));
        let servers = servers.map(|session| (session.wake(), self.pair.told(End::Server)));
        for (wake, told) in servers.chain([(self.pair.client().wake(), self.pair.told(End::Client))]) {
            let is_later = match wake {
                Wake::Now => false,
                Wake::At(at) => at > told,
                Wake::Idle => true,
            };
            assert!(is_later, "{wake:?} at {told:?}");
        }
    }

    /// Holds what the client told to the model.
    fn check(&mut self) {
        let servers = &mut *self.servers.borrow_mut();
        for (at, event) in self.pair.take_events() {
            self.model.check(servers, at, &event);
        }
        let _ = self.pair.take_server_events();
        let _ = self.pair.take_sent();
        let counters = self.pair.client().counters();
        let model = &self.model;
        assert_eq!((counters.timed_out, counters.late), (model.timed_out, model.late));
    }

    /// All faults are over, and time runs.
    fn heal(&mut self) {
        self.disarm();
        self.pair.set_conditions(Conditions::PERFECT, Conditions::PERFECT);
        for (end, side) in [(End::Client, Side::A), (End::Server, Side::B)] {
            self.pair.set_reach(side, Reach::Accepts);
            self.set_clock(end, Clock::Runs);
        }
        self.servers.borrow_mut().on_open = OnOpen::Accept;
        self.servers.borrow_mut().answer = None;
        self.pass(Duration::from_secs(400));
    }

    /// Lets at least so much time pass, and counts what is done.
    fn pass(&mut self, duration: Duration) {
        let until = self.pair.now().after(duration);
        while self.pair.now() < until {
            let step = self.step();
            self.check();
            match step {
                Step::Acted => {}
                Step::Waited(_) => {}
                Step::Idle => {
                    self.check_rest();
                    self.pair.run_until(until);
                }
            }
        }
        self.pair.run_until(self.pair.now());
        self.check();
        self.check_rest();
    }

    fn check_health(&mut self) {
        assert!(self.model.outstanding.is_empty(), "{:?} never ended", self.model.outstanding);
        if self.model.closed || self.model.ended.is_some() {
            return self.check_end();
        }
        self.check_session();

        // Another session has the monitors of the one before, and nothing else.
        self.servers.borrow_mut().answer = Some(Answer::Confirm);
        self.apply(&Command::Reconnect);
        self.pair.run_until(self.pair.now());
        self.check();
        let before = self.check_session();
        self.pass(Duration::from_secs(200));
        let (side, opened) = self.check_session();
        assert_eq!((side, opened), before, "it was lost without a reason");
        let server = self.pair.server(side).expect("a session");
        assert_eq!(server.monitors().count(), self.model.monitors, "monitors made again");
        assert_eq!(self.pair.client().counters().opened, opened);

        // It works.
        self.apply(&Command::Emit(3));
        let asked = self.ask(Ask::Query);
        self.note(asked);
        assert!(asked.is_ok(), "{asked:?}");
        self.pair.run_until(self.pair.now());
        self.check();
        assert!(self.model.outstanding.is_empty(), "{asked:?} is not answered at once");
        self.check_session();

        self.apply(&Command::Close);
        self.pair.run_until(self.pair.now());
        self.check();
        assert_eq!(self.model.ended, Some(Ended::Closed));
        self.check_end();
    }

    /// A session is open, and all that was said in it has been told.
    fn check_session(&mut self) -> (Side, u32) {
        let number = self.model.open.expect("a session after all faults are over");
        let side = self.pair.client().opened().expect("a session after all faults are over").side;
        let servers = &mut *self.servers.borrow_mut();
        assert_eq!(servers.current[usize::from(side == Side::B)], Some(number));
        self.model.pass_over(servers, number);
        assert_eq!(servers.served[number].said, [], "never told");
        let (asked, answered) = servers.served[number].maintenance;
        assert_eq!(asked, answered, "each request for maintenance is answered");
        (side, self.model.opened)
    }

    fn check_end(&mut self) {
        assert!(self.model.ended.is_some(), "it was closed");
        self.pass(Duration::from_secs(10));
        let client = self.pair.client();
        assert_eq!((client.wake(), client.transport()), (Wake::Idle, Transport::None));
        assert_eq!((client.opened(), client.transmit()), (None, &[][..]));
    }
}

fn run(setup: Setup, commands: &[Command]) {
    match setup {
        Setup::Small => {
            let mut memory = Memory::<8, 2>::with_buffers((600, 256), (600, 2_200));
            World::new(setup, &mut memory, 2_200).run(commands);
        }
        _ => {
            let mut memory = Memory::<16, 8>::with_buffers((12_500, 12_500), (12_500, 5_000));
            World::new(setup, &mut memory, 5_000).run(commands);
        }
    }
}

fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(188);
    }
    config
}

fn try_all(cases: u32, strategy: impl Strategy<Value = Case>) {
    let result = TestRunner::new(config(cases)).run(&strategy, |case| {
        run(case.setup, &case.commands);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn sessions_keep_to_the_model() {
    try_all(700, case(setup(), command()));
}

#[test]
fn sessions_with_full_buffers_keep_to_the_model() {
    try_all(200, case(Just(Setup::Small), crowding()));
}

#[test]
fn what_was_sent_before_an_orderly_end_is_told() {
    try_all(200, case(setup(), parting()));
}
