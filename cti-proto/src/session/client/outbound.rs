//! What the caller commands, and how it is sent.

use core::time::Duration;

use crate::error::EncodeError;
use crate::message::{
    Body, ChangeMonitorMaskReq, CloseReq, Direction, MessageInfo, MessageType, MonitorStartReq,
    StoppingRequestsToThisSideInd,
};
use crate::protocol::Protocol;
use crate::session::client::state::{After, Core, Next, State};
use crate::session::monitor::{Monitors, second_number};
use crate::session::request::set_invoke_id;
use crate::session::transmit::Transmit;
use crate::session::{Cause, Ended, Instant, Request, RequestError};
use crate::value::{FailureStatus, SessionType};
use crate::wire::Frames;

/// How long the server may take to confirm CLOSE_REQ, or to drop a connection that it is to drop.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Invoke ID of the configuration conversation, whose messages have none.
pub(super) const CONVERSATION_ID: u32 = 0;

/// What sending a message of a type takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A request with an invoke ID.
    Request,
    /// A request of the configuration conversation.
    Conversation,
    /// Belongs to the machine itself, or to the server.
    Other,
    /// An answer of an application that serves others.
    Answer,
}

/// What appends a message to the bytes on their way, and returns its frame.
type Push<'p> = dyn for<'t> FnMut(&'t mut Transmit<'_>, Protocol) -> Result<&'t mut [u8], EncodeError> + 'p;
/// What notes a request that was sent.
type Note = fn(&mut Monitors<'_>, Protocol, &[u8], MessageType, u32);

const fn kind(info: &MessageInfo) -> Kind {
    match info.message_type {
        MessageType::OPEN_REQ | MessageType::HEARTBEAT_REQ | MessageType::CLOSE_REQ => Kind::Other,
        MessageType::CONFIG_REQUEST_KEY_EVENT | MessageType::CONFIG_REQUEST_EVENT => Kind::Conversation,
        MessageType::ACTIVE_MAINTENANCE_RESP_MSG | MessageType::STOPPING_REQUESTS_TO_THIS_SIDE_IND => Kind::Answer,
        _ => match (info.direction, info.confirms) {
            (Direction::Server, _) => Kind::Other,
            (_, Some(_)) => Kind::Answer,
            (_, None) => Kind::Request,
        },
    }
}

impl Core<'_> {
    pub(super) fn transmit(&self) -> &[u8] {
        self.tx.bytes()
    }

    pub(super) fn transmitted(&mut self, n: usize) {
        self.tx.consume(n);
    }

    pub(super) fn request<'m, M: Body<'m>>(&mut self, message: &M) -> Result<Request, RequestError> {
        let note: Option<Note> = const { if concerns_monitors(M::TYPE) { Some(note_monitor) } else { None } };
        self.request_by(const { kind(M::INFO) }, M::TYPE, note, &mut |tx, protocol| tx.push(protocol, message))
    }

    /// Once for all requests, where room counts more than time.
    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn request_by(
        &mut self,
        kind: Kind,
        message: MessageType,
        note: Option<Note>,
        push: &mut Push<'_>,
    ) -> Result<Request, RequestError> {
        let invoke_id = self.prepare(kind)?;
        let protocol = self.protocol();
        let frame = push(&mut self.tx, protocol)?;
        // What comes first in those is something else.
        if invoke_id != CONVERSATION_ID {
            set_invoke_id(frame, invoke_id);
        }
        if let Some(note) = note {
            note(&mut self.monitors, protocol, frame, message, invoke_id);
        }
        Ok(self.sent(message, invoke_id))
    }

    /// The invoke ID of a request that may be sent now.
    fn prepare(&mut self, kind: Kind) -> Result<u32, RequestError> {
        self.check_active()?;
        let invoke_id = match kind {
            Kind::Request => self.requests.next_id(),
            Kind::Conversation if self.requests.find(CONVERSATION_ID).is_some() => {
                return Err(RequestError::ConversationOpen);
            }
            Kind::Conversation => CONVERSATION_ID,
            Kind::Other | Kind::Answer => return Err(RequestError::NotARequest),
        };
        // Before anything is written, so that a request takes effect whole or not at all.
        if self.requests.is_full() { Err(RequestError::TooManyOutstanding) } else { Ok(invoke_id) }
    }

    pub(super) fn send<'m, M: Body<'m>>(&mut self, message: &M) -> Result<(), RequestError> {
        self.send_by(const { kind(M::INFO) }, &mut |tx, protocol| tx.push(protocol, message))
    }

    #[cfg_attr(not(target_pointer_width = "32"), inline)]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn send_by(&mut self, kind: Kind, push: &mut Push<'_>) -> Result<(), RequestError> {
        self.check_open()?;
        if kind != Kind::Answer {
            return Err(RequestError::NotARequest);
        }
        let protocol = self.protocol();
        push(&mut self.tx, protocol)?;
        self.last_sent = self.now;
        Ok(())
    }

    pub(super) fn resync<'m, M: Body<'m>>(&mut self, message: &M) -> Result<Request, RequestError> {
        if !self.may_resync {
            return Err(RequestError::TooEarly);
        }
        let request = self.request(message)?;
        (self.resync_at, self.may_resync) = (self.after(&self.config.resync_interval), false);
        Ok(request)
    }

    pub(super) fn finish_resync(&mut self) {
        (self.resync_at, self.may_resync) = (Instant::NEVER, false);
    }

    pub(super) fn stop_requests(&mut self) -> Result<(), RequestError> {
        self.send(&StoppingRequestsToThisSideInd::default())?;
        self.hand_over();
        Ok(())
    }

    /// Goes over to the other side: the server drops this connection now, or else the client does.
    pub(super) fn hand_over(&mut self) {
        self.handover = Instant::NEVER;
        self.start_waiting_for_end(After::Maintenance);
    }

    pub(super) fn close(&mut self, status: FailureStatus) {
        match self.state {
            State::Open => self.start_closing(status, After::End),
            // It may have been closing to go elsewhere: not any more.
            State::Closing(_) => self.state = State::Closing(After::End),
            State::Opening => self.end(Ended::ClosedUnconfirmed, self.eof),
            State::Connecting | State::Dropping(Next::Attempt) => self.end(Ended::ClosedUnconfirmed, false),
            State::Waiting => self.end(Ended::ClosedUnconfirmed, true),
            State::Dropping(Next::Nothing) | State::Ended => {}
        }
    }

    pub(super) fn start_closing(&mut self, status: FailureStatus, after: After) {
        self.start_waiting_for_end(after);
        let request = CloseReq { invoke_id: self.awaited, status };
        // Without room for it the peer has not been reading; the session ends all the same when the time is over.
        let _ = self.tx.push(self.protocol(), &request);
    }

    /// Takes no more requests.
    fn start_waiting_for_end(&mut self, after: After) {
        self.awaited = self.requests.next_id();
        self.state = State::Closing(after);
        self.deadline = self.after(&CLOSE_TIMEOUT);
    }

    pub(super) fn leave(&mut self) {
        if self.has_connection() {
            self.fail(Cause::Left);
        }
    }

    /// Sends again the requests of monitors that ended with the last session, as far as there is room.
    pub(super) fn make_monitors_again(&mut self) {
        if let Some(remaking) = self.remaking {
            (remaking.make)(self);
        }
    }

    pub(super) fn can_make_a_monitor(&self) -> bool {
        self.remaking.is_some_and(|remaking| (remaking.can_make)(self))
    }

    pub(super) fn make_lost_monitors(&mut self) {
        let protocol = self.protocol();
        while self.has_a_monitor_to_make() {
            let invoke_id = self.requests.next_id();
            let Some(frame) = self.monitors.next_lost().and_then(|bytes| self.tx.push_bytes(bytes)) else { return };
            set_invoke_id(frame, invoke_id);
            let message = Frames::new(protocol, frame).next().and_then(Result::ok).map(|frame| frame.message_type());
            self.monitors.requested_again(invoke_id);
            self.sent(message.unwrap_or(MessageType::MONITOR_START_REQ), invoke_id);
        }
    }

    pub(super) fn has_a_monitor_to_make(&self) -> bool {
        let room = self.tx.room();
        self.check_active().is_ok()
            && !self.requests.is_full()
            // What sending asks for, too: else the session would want to be called and do nothing.
            && self.monitors.next_lost().is_some_and(|frame| frame.len() <= room)
    }

    fn sent(&mut self, message: MessageType, invoke_id: u32) -> Request {
        let request = Request { invoke_id, message };
        self.requests.add(request, self.after(&self.config.request_timeout));
        self.last_sent = self.now;
        request
    }

    fn check_open(&self) -> Result<(), RequestError> {
        if self.state == State::Open && !self.eof { Ok(()) } else { Err(RequestError::NotOpen) }
    }

    fn check_active(&self) -> Result<(), RequestError> {
        self.check_open()?;
        match self.opened.map(|opened| opened.session_type) {
            Some(SessionType::STANDBY) => Err(RequestError::Standby),
            _ => Ok(()),
        }
    }
}

/// Whether a request makes, changes or stops a monitor.
const fn concerns_monitors(message: MessageType) -> bool {
    matches!(
        message,
        MessageType::MONITOR_START_REQ
            | MessageType::MONITOR_AGENT_TEAM_START_REQ
            | MessageType::CHANGE_MONITOR_MASK_REQ
            | MessageType::MONITOR_STOP_REQ
            | MessageType::MONITOR_AGENT_TEAM_STOP_REQ
    )
}

/// Keeps the list of monitors in step with the requests that make, change and stop them.
fn note_monitor(monitors: &mut Monitors<'_>, protocol: Protocol, bytes: &[u8], message: MessageType, invoke_id: u32) {
    let Some(Ok(frame)) = Frames::new(protocol, bytes).next() else { return };
    match message {
        MessageType::MONITOR_START_REQ | MessageType::MONITOR_AGENT_TEAM_START_REQ => {
            let names_device =
                frame.decode::<MonitorStartReq<'_>>().is_ok_and(|request| request.monitored_device_id.is_some());
            if Monitors::outlives(message, names_device) {
                monitors.remember(bytes, invoke_id);
            }
        }
        MessageType::CHANGE_MONITOR_MASK_REQ => {
            // At once, as the confirmation does not repeat the masks.
            if let Ok(change) = frame.decode::<ChangeMonitorMaskReq>() {
                monitors.change_masks(change.monitor_id, change.call_msg_mask, change.agent_state_mask);
            }
        }
        MessageType::MONITOR_STOP_REQ | MessageType::MONITOR_AGENT_TEAM_STOP_REQ => {
            // Whatever comes of it, the application is done with it.
            if let Some(monitor_id) = second_number(&frame) {
                monitors.stopped(monitor_id);
            }
        }
        _ => {}
    }
}
