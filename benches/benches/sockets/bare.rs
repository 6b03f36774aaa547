//! Sockets without anything on top, and what all rows need of the protocol.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::LazyLock;

use cti_proto::message::{AgentStateEvent, OpenConf, OpenReq};
use cti_proto::value::{AgentState, AgentStateMask, CallEventMask, CtiService};
use cti_proto::{Protocol, encode};
use rustix::event::epoll;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::Failure;

pub(crate) fn protocol() -> Result<Protocol, Failure> {
    Ok(Protocol::cce(24)?)
}

pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// The event that goes round.
pub(crate) fn event() -> AgentStateEvent<'static> {
    AgentStateEvent {
        peripheral_id: 5_000,
        agent_state: AgentState::AGENT_STATE_AVAILABLE,
        agent_id: Some("1001".into()),
        agent_extension: Some("5001".into()),
        agent_instrument: Some("5001".into()),
        ..AgentStateEvent::default()
    }
}

pub(crate) fn event_bytes() -> Result<Vec<u8>, Failure> {
    let mut buffer = [0; 512];
    Ok(encode(protocol()?, &event(), &mut buffer)?.to_vec())
}

/// Takes OPEN_REQ and confirms it, by hand.
pub(crate) fn confirm_open(socket: &mut TcpStream) -> Result<(), Failure> {
    let frame = read_frame(socket)?;
    let invoke_id = u32::from_be_bytes(frame[8..12].try_into()?);
    let services_granted = CtiService::CTI_SERVICE_ALL_EVENTS;
    let confirmation = OpenConf { invoke_id, services_granted, peripheral_online: true, ..OpenConf::default() };
    let mut buffer = [0; 512];
    socket.write_all(encode(protocol()?, &confirmation, &mut buffer)?)?;
    Ok(())
}

/// Opens a session, by hand.
pub(crate) fn open(address: SocketAddr) -> Result<TcpStream, Failure> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let request = OpenReq {
        invoke_id: 1,
        version_number: protocol()?.version(),
        idle_timeout: u32::MAX,
        services_requested: CtiService::CTI_SERVICE_ALL_EVENTS,
        call_msg_mask: CallEventMask::ALL,
        agent_state_mask: AgentStateMask::ALL,
        client_id: Some("bare".into()),
        client_password: Some("".into()),
        ..OpenReq::default()
    };
    let mut buffer = [0; 512];
    socket.write_all(encode(protocol()?, &request, &mut buffer)?)?;
    read_frame(&mut socket)?;
    Ok(socket)
}

fn read_frame(socket: &mut TcpStream) -> Result<Vec<u8>, Failure> {
    let mut frame = vec![0; 8];
    socket.read_exact(&mut frame)?;
    let length = u32::from_be_bytes(frame[..4].try_into()?);
    frame.resize(8 + length as usize, 0);
    socket.read_exact(&mut frame[8..])?;
    Ok(frame)
}

/// Pairs of connected sockets: the ends that were accepted first.
pub(crate) fn pairs(count: usize) -> Result<(Vec<TcpStream>, Vec<TcpStream>), Failure> {
    let listener = TcpListener::bind(loopback())?;
    let (mut accepted, mut connected) = (Vec::new(), Vec::new());
    for _ in 0..count {
        connected.push(TcpStream::connect(listener.local_addr()?)?);
        accepted.push(listener.accept()?.0);
    }
    for socket in accepted.iter().chain(&connected) {
        socket.set_nodelay(true)?;
    }
    Ok((accepted, connected))
}

/// An epoll instance over sockets, whose events are their numbers.
pub(crate) struct Epoll {
    epoll: rustix::fd::OwnedFd,
    events: Vec<epoll::Event>,
}

impl Epoll {
    pub(crate) fn new(sockets: &[TcpStream], flags: epoll::EventFlags) -> Result<Self, Failure> {
        let instance = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (number, socket) in sockets.iter().enumerate() {
            socket.set_nonblocking(true)?;
            let fd: BorrowedFd<'_> = socket.as_fd();
            epoll::add(&instance, fd, epoll::EventData::new_u64(number as u64), flags | epoll::EventFlags::ET)?;
        }
        Ok(Self { epoll: instance, events: Vec::with_capacity(1_024) })
    }

    /// Waits, at most for this time or for ever; the numbers of the sockets that are ready.
    pub(crate) fn wait(&mut self, timeout: Option<&Timespec>) -> Result<impl Iterator<Item = usize> + '_, Failure> {
        self.events.clear();
        epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut self.events), timeout)?;
        Ok(self.events.iter().map(|event| event.data.u64() as usize))
    }
}

/// CPU time of this thread, in seconds.
pub(crate) fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Keeps this thread on one of the processors that there are. A reader that is slower than its sender else shares one
/// with it as often as not, at the kernel's whim: each wakes the other, and is meant to stay near. Where it cannot be, the
/// row is only less steady.
pub(crate) fn pin(number: usize) {
    static PROCESSORS: LazyLock<Vec<usize>> = LazyLock::new(|| {
        let all = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
        (0..CpuSet::MAX_CPU).filter(|cpu| all.is_set(*cpu)).collect()
    });
    if let [_, _, ..] = PROCESSORS[..] {
        let mut one = CpuSet::new();
        one.set(PROCESSORS[number]);
        let _ = sched_setaffinity(None, &one);
    }
}

pub(crate) fn raise_file_limit(files: u64) -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= files) {
        return Ok(());
    }
    let maximum = limit.maximum.map_or(files, |maximum| maximum.max(files));
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum: Some(maximum) })
        .map_err(|error| format!("{files} open files are not to be had: {error}").into())
}
