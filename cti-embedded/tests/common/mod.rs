//! A world in memory and in virtual time: pipes with faults, a server at their other end, and tasks that are polled by
//! hand, so that their futures can be dropped wherever they wait.
#![allow(dead_code, reason = "every test uses another part")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake as StdWake, Waker};

use cti_embedded::{Clock, Connect};
use cti_proto::message::{AgentStateEvent, OpenConf, QueryAgentStateConf, QueryAgentStateReq};
use cti_proto::session::{
    Delivery, Instant, Prepared, Request, ServerConfig, ServerEvent, ServerSession, Side, Transport,
};
use cti_proto::value::AgentState;
use cti_proto::{Product, Storage};
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};

/// Time that moves when the world says so.
#[derive(Clone, Default)]
pub(crate) struct VirtualTime(Rc<Ticks>);

#[derive(Default)]
struct Ticks {
    now: Cell<u64>,
    deadlines: RefCell<Vec<(u64, Waker)>>,
}

impl VirtualTime {
    /// Moves on to the next moment that somebody waits for; `false` if nobody waits.
    pub(crate) fn advance(&self) -> bool {
        let mut deadlines = self.0.deadlines.borrow_mut();
        let Some(next) = deadlines.iter().map(|(at, _)| *at).min() else { return false };
        self.0.now.set(next.max(self.0.now.get()));
        let (due, later) = std::mem::take(&mut *deadlines).into_iter().partition(|(at, _)| *at <= next);
        *deadlines = later;
        let due: Vec<(u64, Waker)> = due;
        due.into_iter().for_each(|(_, waker)| waker.wake());
        true
    }
}

impl Clock for VirtualTime {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.now.get())
    }

    async fn wait_until(&self, at: Instant) {
        poll_fn(|context| {
            if self.0.now.get() >= at.as_millis() {
                return Poll::Ready(());
            }
            self.0.deadlines.borrow_mut().push((at.as_millis(), context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// Bytes on their way in one direction.
#[derive(Default)]
pub(crate) struct Pipe {
    bytes: VecDeque<u8>,
    capacity: usize,
    /// Bytes that may still pass before the pipe breaks.
    left: Option<usize>,
    closed: bool,
    waker: Option<Waker>,
}

impl Pipe {
    fn push(&mut self, bytes: &[u8]) -> usize {
        let room = self.capacity.saturating_sub(self.bytes.len()).min(self.left.unwrap_or(usize::MAX));
        let taken = &bytes[..bytes.len().min(room)];
        self.bytes.extend(taken);
        if let Some(left) = &mut self.left {
            *left -= taken.len();
            self.closed |= *left == 0;
        }
        taken.len()
    }

    fn pop(&mut self, buffer: &mut [u8]) -> usize {
        let n = buffer.len().min(self.bytes.len());
        for (place, byte) in buffer.iter_mut().zip(self.bytes.drain(..n)) {
            *place = byte;
        }
        n
    }

    fn wake(&mut self) {
        self.waker.take().into_iter().for_each(Waker::wake);
    }
}

/// A connection in memory.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) up: Rc<RefCell<Pipe>>,
    pub(crate) down: Rc<RefCell<Pipe>>,
    pub(crate) chunk: usize,
}

impl Line {
    fn new(conditions: &Conditions) -> Self {
        let pipe = |left| Rc::new(RefCell::new(Pipe { capacity: conditions.capacity, left, ..Pipe::default() }));
        Self { up: pipe(conditions.cut_up), down: pipe(conditions.cut_down), chunk: conditions.chunk }
    }

    fn is_closed(&self) -> bool {
        self.up.borrow().closed || self.down.borrow().closed
    }
}

#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

impl embedded_io_async::Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::ConnectionReset
    }
}

impl ErrorType for Line {
    type Error = Broken;
}

impl Read for Line {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Broken> {
        poll_fn(|context| {
            let mut pipe = self.down.borrow_mut();
            let most = buffer.len().min(self.chunk);
            match pipe.pop(&mut buffer[..most]) {
                0 if pipe.closed => Poll::Ready(Ok(0)),
                0 => {
                    pipe.waker = Some(context.waker().clone());
                    Poll::Pending
                }
                n => Poll::Ready(Ok(n)),
            }
        })
        .await
    }
}

impl Write for Line {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        poll_fn(|context| {
            let mut pipe = self.up.borrow_mut();
            if pipe.closed {
                return Poll::Ready(Err(Broken));
            }
            match pipe.push(&bytes[..bytes.len().min(self.chunk)]) {
                0 => {
                    pipe.waker = Some(context.waker().clone());
                    Poll::Pending
                }
                n => Poll::Ready(Ok(n)),
            }
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        // Not at once, as in real life; and to be dropped in the middle.
        pause().await;
        Ok(())
    }
}

async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// What the next connections are like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conditions {
    pub(crate) capacity: usize,
    pub(crate) chunk: usize,
    /// Bytes after which the connection breaks, towards the server and from it.
    pub(crate) cut_up: Option<usize>,
    pub(crate) cut_down: Option<usize>,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { capacity: usize::MAX, chunk: usize::MAX, cut_up: None, cut_down: None }
    }
}

/// What is between the client and its servers.
#[derive(Clone, Default)]
pub(crate) struct Network(Rc<RefCell<State>>);

#[derive(Default)]
pub(crate) struct State {
    /// For the connections to come, in turn; perfect ones after that.
    pub(crate) conditions: VecDeque<Conditions>,
    /// Attempts to come that are refused.
    pub(crate) refused: usize,
    /// Attempts to come that are not answered.
    pub(crate) silent: usize,
    /// The sides that were asked, and the connection that is to be served.
    pub(crate) attempts: Vec<Side>,
    pub(crate) fresh: Option<Line>,
}

impl Network {
    pub(crate) fn state(&self) -> std::cell::RefMut<'_, State> {
        self.0.borrow_mut()
    }

    pub(crate) fn dialer(&self) -> Dialer {
        Dialer { network: self.clone(), line: None }
    }
}

/// The client's way to its servers.
pub(crate) struct Dialer {
    network: Network,
    line: Option<Line>,
}

impl Connect for Dialer {
    type Failure = Infallible;
    type Reader<'c> = Line;
    type Writer<'c> = Line;

    async fn connect(&mut self, side: Side) -> Result<(), Infallible> {
        let silent = {
            let mut state = self.network.state();
            state.attempts.push(side);
            state.silent = state.silent.saturating_sub(1);
            state.silent > 0
        };
        if silent {
            return std::future::pending().await;
        }
        let mut state = self.network.state();
        let conditions = state.conditions.pop_front().unwrap_or_default();
        let line = Line::new(&conditions);
        state.fresh = Some(line.clone());
        self.line = Some(line);
        Ok(())
    }

    fn halves(&mut self) -> (Line, Line) {
        let line = self.line.clone().expect("halves are asked for when there is a connection");
        (line.clone(), line)
    }

    async fn reset(&mut self) {
        if let Some(line) = self.line.take() {
            line.up.borrow_mut().closed = true;
            line.down.borrow_mut().closed = true;
        }
    }
}

/// The server at the other end: it opens every session, tells of agents numbered from 1 on, and confirms queries.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) connection: Option<(Line, ServerSession<'static>)>,
    /// Events to tell in every session.
    pub(crate) events: u32,
    pub(crate) told: u32,
    /// The agents asked for, of all sessions.
    pub(crate) asked: Vec<String>,
    /// What should not happen.
    pub(crate) complaints: Vec<String>,
    pub(crate) sessions: u32,
    /// The session, counted from 1, that stops reading once it is open; 0 for none.
    pub(crate) deaf_from: u32,
}

impl Server {
    /// Does what there is to be done at `now`; `false` if that was nothing.
    pub(crate) fn turn(&mut self, network: &Network, now: Instant) -> bool {
        if let Some(line) = network.state().fresh.take() {
            let storage = Box::leak(Box::new(Storage::<4_096, 16_384, 0, 4>::new()));
            let session = ServerSession::new(ServerConfig::new(Product::Cce), storage.parts(), now);
            self.connection = Some((line, session));
            self.told = 0;
        }
        let Some((line, session)) = &mut self.connection else { return false };
        let mut did = false;
        let is_deaf = session.is_open() && self.sessions == self.deaf_from;
        if session.wants_read() && !is_deaf {
            let n = line.up.borrow_mut().pop(session.space());
            session.received(now, n);
            if n > 0 {
                line.up.borrow_mut().wake();
                did = true;
            }
        }
        if !is_deaf {
            session.handle_timeout(now);
        }
        while let Some(event) = session.poll_event(now) {
            did = true;
            match Todo::of(event) {
                Todo::Open(answer) => {
                    self.sessions += 1;
                    session.accept(now, &OpenConf { services_granted: answer, ..OpenConf::default() }).unwrap();
                }
                Todo::Answer(request, agent) => {
                    self.asked.push(agent.clone());
                    let answer = QueryAgentStateConf { agent_id: Some(agent.as_str().into()), ..Default::default() };
                    session.confirm(now, request, &answer).unwrap();
                }
                Todo::Complain(complaint) => self.complaints.push(complaint),
            }
        }
        while session.is_open() && self.told < self.events && session.transmit().len() < 1_000 {
            self.told += 1;
            let event = AgentStateEvent {
                agent_id: Some("1001".into()),
                skill_group_id: self.told,
                agent_state: AgentState::AGENT_STATE_AVAILABLE,
                ..AgentStateEvent::default()
            };
            let mut buffer = [0; 256];
            let prepared = Prepared::new(session.protocol(), &event, &mut buffer).unwrap();
            assert_eq!(session.event(now, &prepared), Delivery::Sent);
            did = true;
        }
        let n = line.down.borrow_mut().push(session.transmit());
        session.transmitted(n);
        if n > 0 {
            line.down.borrow_mut().wake();
            did = true;
        }
        if line.is_closed() || session.transport() != Transport::Keep {
            let ends = [&line.up, &line.down];
            ends.into_iter().for_each(|pipe| pipe.borrow_mut().closed = true);
            ends.into_iter().for_each(|pipe| pipe.borrow_mut().wake());
            self.connection = None;
            did = true;
        }
        did
    }
}

enum Todo {
    Open(cti_proto::value::CtiService),
    Answer(Request, String),
    Complain(String),
}

impl Todo {
    fn of(event: ServerEvent<'_>) -> Self {
        match event {
            ServerEvent::OpenRequested(open) => Self::Open(open.services_requested),
            ServerEvent::Request { request, frame } => match frame.decode::<QueryAgentStateReq<'_>>() {
                Ok(query) => {
                    let agent = query.agent_id.and_then(|agent| agent.to_str().ok().map(String::from));
                    Self::Answer(request, agent.unwrap_or_default())
                }
                Err(error) => Self::Complain(error.to_string()),
            },
            other => Self::Complain(format!("{other:?}")),
        }
    }
}

/// A task of the world: a future, polled when it was woken.
pub(crate) struct Task<'t> {
    future: Pin<Box<dyn Future<Output = ()> + 't>>,
    flag: Arc<Flag>,
    done: bool,
}

struct Flag(AtomicBool);

impl StdWake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<'t> Task<'t> {
    pub(crate) fn new(future: impl Future<Output = ()> + 't) -> Self {
        Self { future: Box::pin(future), flag: Arc::new(Flag(AtomicBool::new(true))), done: false }
    }

    /// Polls it if it was woken; `false` if it was not.
    fn turn(&mut self) -> bool {
        if self.done || !self.flag.0.swap(false, Ordering::Relaxed) {
            return false;
        }
        let waker = Waker::from(self.flag.clone());
        self.done = self.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        true
    }
}

/// Lets everything happen until `is_done`, or until nothing more can happen, which is a failure.
pub(crate) fn run(
    time: &VirtualTime,
    network: &Network,
    server: &RefCell<Server>,
    tasks: &mut [Task<'_>],
    mut is_done: impl FnMut() -> bool,
) {
    for _ in 0..1_000_000 {
        if is_done() {
            return;
        }
        let mut did = server.borrow_mut().turn(network, time.now());
        for task in tasks.iter_mut() {
            did |= task.turn();
        }
        if !did && !time.advance() {
            panic!("nothing can happen any more: {:?}", server.borrow().complaints);
        }
    }
    panic!("it takes for ever: {:?}, {:?}", time.now(), server.borrow().complaints);
}

/// Drops the future that `make` gives at the `n`-th of all the places where it waits, for every `n` that `drops` names,
/// and makes it again, until it is done.
pub(crate) async fn dropping<T>(drops: &RefCell<Drops>, mut make: impl AsyncFnMut() -> T) -> T {
    loop {
        let dropped = {
            let mut future = std::pin::pin!(make());
            poll_fn(|context| match future.as_mut().poll(context) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending if drops.borrow_mut().is_due() => {
                    context.waker().wake_by_ref();
                    Poll::Ready(None)
                }
                Poll::Pending => Poll::Pending,
            })
            .await
        };
        if let Some(result) = dropped {
            return result;
        }
        pause().await;
    }
}

/// Where futures are dropped.
#[derive(Debug)]
pub(crate) enum Drops {
    /// Nowhere; the number counts the places.
    Never(usize),
    /// At the place that is so many places ahead.
    Once(usize),
    /// At random places, about one of so many.
    Random(u64, u64),
}

impl Drops {
    fn is_due(&mut self) -> bool {
        match self {
            Self::Never(places) => {
                *places += 1;
                false
            }
            Self::Once(0) => {
                *self = Self::Never(0);
                true
            }
            Self::Once(ahead) => {
                *ahead -= 1;
                false
            }
            Self::Random(state, one_of) => {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (*state >> 33) % *one_of == 0
            }
        }
    }
}
