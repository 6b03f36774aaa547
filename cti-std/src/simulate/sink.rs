//! Where a simulation tells what happens.

use cti_proto::Body;
use cti_proto::message::OpenConf;
use cti_proto::session::Request;
use cti_proto::value::{ControlFailureCode, FailureStatus};

/// A client's session, by a number of the caller's choice, which is also its SessionID in messages. Not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u32);

/// One who is to get an event: a session, under the monitor of its own or under one that it has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receiver {
    /// The session.
    pub session: SessionId,
    /// The monitor; `None` is that of the session.
    pub monitor: Option<u32>,
}

/// What a simulation says, and to whom. The caller passes it on to the sessions, each in its own version.
///
/// Messages are whole: what a version lacks is left out by [`encode_for`](cti_proto::encode_for) and with it by the
/// server's session, as is the invoke ID of an answer and the monitor ID of an event filled in there.
pub trait Sink {
    /// An event, for all of these as far as their masks ask for it.
    fn event<'m, M: Body<'m>>(&mut self, to: &[Receiver], event: &M);

    /// A message for one session, whatever its masks: a part of an upload, a request passed on to a server
    /// application. `false` if there is no room now; then nothing was sent, and it is tried again.
    fn send<'m, M: Body<'m>>(&mut self, session: SessionId, message: &M) -> bool;

    /// The confirmation of a request.
    fn confirm<'m, M: Body<'m>>(&mut self, session: SessionId, request: Request, confirmation: &M);

    /// The confirmation of a request that makes a monitor.
    fn confirm_monitor(&mut self, session: SessionId, request: Request, monitor_id: u32);

    /// A monitor has ended with the call or the session that it watched, and its place is free for another one. Monitors that
    /// a client stops, and those of a session that is over, are not told of.
    fn monitor_ended(&mut self, session: SessionId, monitor_id: u32);

    /// The failure of a request.
    fn fail(&mut self, session: SessionId, request: Request, status: FailureStatus);

    /// The failure of a Client Control request.
    fn fail_control(&mut self, session: SessionId, request: Request, code: ControlFailureCode, peripheral_error: u32);

    /// Opens a session.
    fn accept(&mut self, session: SessionId, confirmation: &OpenConf<'_>);

    /// Refuses to open a session.
    fn refuse(&mut self, session: SessionId, status: FailureStatus);

    /// Ends a session. The caller must not tell the simulation of the end again.
    fn end(&mut self, session: SessionId, status: FailureStatus);
}
