//! Frames from the client.

use crate::message::{
    ChangeMonitorMaskConf, ChangeMonitorMaskReq, CloseConf, CloseReq, FailureConf, FailureEvent, FixedInfo,
    HeartbeatConf, MessageInfo, MessageType, MonitorAgentTeamStopConf, MonitorStopConf, SessionMonitorStopConf,
};
use crate::session::Request;
use crate::session::monitor::second_number;
use crate::session::request::invoke_id;
use crate::session::server::state::{Asked, Core, State};
use crate::session::server::{ServerEnded, ServerEvent, validate};
use crate::value::{AgentStateMask, CallEventMask, FailureStatus};
use crate::wire::{Frame, FrameBuffer, Received};

/// Frames that one call handles by itself at most.
const INTERNAL_PER_CALL: usize = 16;
/// Room that the answers take which the machine gives by itself.
// The longest, FAILURE_CONF without a text, has 16 bytes; one frame has one answer.
const ANSWER_LEN: usize = 64;

/// The next event.
pub(super) fn poll<'e>(rx: &'e mut FrameBuffer<'_>, core: &'e mut Core<'_>) -> Option<ServerEvent<'e>> {
    for _ in 0..INTERNAL_PER_CALL {
        if core.ended.is_some() || !is_ready(rx, core) {
            break;
        }
        match handle(rx, core) {
            Some(Outcome::Event(event)) => return Some(event),
            Some(Outcome::Frame(kind)) => return deliver(rx, core, kind),
            None => {}
        }
    }
    if is_over(rx, core) && core.ended.is_none() {
        core.finish();
    }
    core.ended.take().map(ServerEvent::Ended)
}

/// Whether `poll` would do something about frames, or about the end of them.
pub(super) fn can_deliver(rx: &FrameBuffer<'_>, core: &Core<'_>) -> bool {
    is_ready(rx, core) || is_over(rx, core)
}

/// Whether the client has closed the connection and all that it sent is handled.
fn is_over(rx: &FrameBuffer<'_>, core: &Core<'_>) -> bool {
    core.eof && !matches!(core.state, State::Dropping | State::Ended) && !has_frame(rx, core)
}

/// Whether a frame is there that can be handled: while an OPEN_REQ is being decided about the next one waits, and so
/// it does while there is no room for an answer.
fn is_ready(rx: &FrameBuffer<'_>, core: &Core<'_>) -> bool {
    // Once the client is gone nobody needs an answer, and none may hold up what is left.
    let can_answer = core.eof || core.tx.room() >= ANSWER_LEN;
    let waits = matches!(core.state, State::Deciding { .. }) && !core.eof;
    can_answer && !waits && has_frame(rx, core)
}

fn has_frame(rx: &FrameBuffer<'_>, core: &Core<'_>) -> bool {
    let is_connected = !matches!(core.state, State::Dropping | State::Ended);
    // A stream that cannot be cut is something to handle, too.
    is_connected && !matches!(rx.front(core.protocol), Ok(None))
}

/// What a frame comes to.
enum Outcome {
    /// An event without the frame.
    Event(ServerEvent<'static>),
    /// The frame itself is to be handed out.
    Frame(Kind),
}

#[derive(Clone, Copy)]
enum Kind {
    Open,
    Request(Request),
    Message,
}

/// Handles the frame at the front; takes it, unless it is to be handed out.
fn handle(rx: &mut FrameBuffer<'_>, core: &mut Core<'_>) -> Option<Outcome> {
    let outcome = match rx.front(core.protocol) {
        Ok(Some(Received::Frame(frame))) => core.handle(&frame),
        Ok(Some(Received::Skipped { message, length })) => {
            Some(Outcome::Event(ServerEvent::Skipped { message, length }))
        }
        Ok(None) => None,
        Err(error) => {
            core.drop_connection(ServerEnded::Framing(error));
            return None;
        }
    };
    if !matches!(outcome, Some(Outcome::Frame(_))) {
        // The front was there a moment ago.
        let _ = rx.next_frame(core.protocol);
    }
    outcome
}

fn deliver<'e>(rx: &'e mut FrameBuffer<'_>, core: &mut Core<'_>, kind: Kind) -> Option<ServerEvent<'e>> {
    let Ok(Some(Received::Frame(frame))) = rx.next_frame(core.protocol) else { return None };
    match kind {
        Kind::Open => frame.decode().ok().map(ServerEvent::OpenRequested),
        Kind::Request(request) => Some(ServerEvent::Request { request, frame }),
        Kind::Message => Some(ServerEvent::Message(frame)),
    }
}

impl Core<'_> {
    fn handle(&mut self, frame: &Frame<'_>) -> Option<Outcome> {
        match (self.state, frame.message_type()) {
            (State::AwaitingOpen { .. }, MessageType::OPEN_REQ) => self.handle_open(frame),
            (State::AwaitingOpen { .. }, _) => Some(self.refuse_request(frame, FailureStatus::E_CTI_SESSION_NOT_OPEN)),
            (State::Open, MessageType::OPEN_REQ) => {
                Some(self.refuse_request(frame, FailureStatus::E_CTI_SESSION_ALREADY_OPEN))
            }
            (State::Open | State::Leaving { .. }, MessageType::CLOSE_REQ) => self.handle_close(frame),
            (State::Open, MessageType::HEARTBEAT_REQ) => {
                let invoke_id = invoke_id(frame).unwrap_or_default();
                let _ = self.tx.push(self.protocol, &HeartbeatConf { invoke_id });
                None
            }
            (State::Open, _) => self.handle_message(frame),
            (State::Leaving { .. } | State::Deciding { .. } | State::Dropping | State::Ended, _) => None,
        }
    }

    fn handle_open(&mut self, frame: &Frame<'_>) -> Option<Outcome> {
        let invoke_id = invoke_id(frame).unwrap_or_default();
        let checked = validate::protocol_of(&self.config, frame).and_then(|protocol| {
            self.protocol = protocol;
            // It was cut as a frame of the newest version; its fields are of the version that it asks for.
            let frame = Frame::new(protocol, frame.message_type(), frame.body());
            validate::check_open(&self.config, &frame)?;
            frame.decode().map_err(|_| FailureStatus::E_CTI_BAD_MESSAGE_FORMAT)
        });
        match checked {
            Ok(request) => {
                self.asked = Asked::of(&request);
                self.state = State::Deciding { invoke_id };
                Some(Outcome::Frame(Kind::Open))
            }
            Err(status) => {
                self.refuse_open(invoke_id, status);
                let request = Request { invoke_id, message: MessageType::OPEN_REQ };
                Some(Outcome::Event(ServerEvent::Refused { request, status }))
            }
        }
    }

    fn handle_close(&mut self, frame: &Frame<'_>) -> Option<Outcome> {
        let Ok(CloseReq { invoke_id, status }) = frame.decode() else {
            return Some(self.refuse_request(frame, FailureStatus::E_CTI_BAD_MESSAGE_FORMAT));
        };
        let _ = self.tx.push(self.protocol, &CloseConf { invoke_id });
        if self.state == State::Open {
            self.leave(ServerEnded::Closed(status));
        }
        None
    }

    fn handle_message(&mut self, frame: &Frame<'_>) -> Option<Outcome> {
        if self.config.standby {
            return Some(self.refuse_request(frame, FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE));
        }
        let info = match validate::check_message(frame, self.granted) {
            Ok(info) => info,
            Err(status) => return Some(self.refuse_request(frame, status)),
        };
        let message = info.message_type;
        match message {
            MessageType::MONITOR_START_REQ
            | MessageType::SESSION_MONITOR_START_REQ
            | MessageType::MONITOR_AGENT_TEAM_START_REQ => {
                let id = invoke_id(frame).unwrap_or_default();
                // Kept before the application hears of it: its answer only bears the invoke ID.
                if !self.monitors.keep(frame, id) {
                    // The guide has no status for a server that is full.
                    return Some(self.refuse_request(frame, FailureStatus::E_CTI_UNSPECIFIED_FAILURE));
                }
            }
            MessageType::MONITOR_STOP_REQ
            | MessageType::SESSION_MONITOR_STOP_REQ
            | MessageType::MONITOR_AGENT_TEAM_STOP_REQ => return Some(self.stop_monitor(frame)),
            MessageType::CHANGE_MONITOR_MASK_REQ => return self.change_monitor(frame),
            MessageType::STOPPING_REQUESTS_TO_THIS_SIDE_IND => {
                // Guide: "Session Management", maintenance mode: the last step is the server's.
                self.drop_connection(ServerEnded::Left);
                return None;
            }
            // Even one that asks for nothing starts the updates.
            MessageType::CONFIG_REQUEST_EVENT => self.wants_configuration = true,
            _ => {}
        }
        Some(Outcome::Frame(match invoke_id(frame) {
            Some(invoke_id) if is_request(info) => Kind::Request(Request { invoke_id, message }),
            _ => Kind::Message,
        }))
    }

    fn stop_monitor(&mut self, frame: &Frame<'_>) -> Outcome {
        let invoke_id = invoke_id(frame).unwrap_or_default();
        let monitor_id = second_number(frame).filter(|id| self.monitors.has(*id));
        let Some(monitor_id) = monitor_id else {
            return self.refuse_request(frame, FailureStatus::E_CTI_INVALID_MONITORID);
        };
        self.monitors.stopped(monitor_id);
        let _ = match frame.message_type() {
            MessageType::MONITOR_STOP_REQ => self.tx.push(self.protocol, &MonitorStopConf { invoke_id }),
            MessageType::SESSION_MONITOR_STOP_REQ => self.tx.push(self.protocol, &SessionMonitorStopConf { invoke_id }),
            _ => self.tx.push(self.protocol, &MonitorAgentTeamStopConf { invoke_id }),
        };
        Outcome::Event(ServerEvent::MonitorStopped { monitor_id })
    }

    /// The monitor that opening made is changed by its own ID, which may be 0.
    fn change_monitor(&mut self, frame: &Frame<'_>) -> Option<Outcome> {
        let Ok(request) = frame.decode::<ChangeMonitorMaskReq>() else {
            return Some(self.refuse_request(frame, FailureStatus::E_CTI_BAD_MESSAGE_FORMAT));
        };
        let (calls, agents) = (request.call_msg_mask, request.agent_state_mask);
        let status = if !calls.without(CallEventMask::ALL).is_empty() {
            FailureStatus::E_CTI_INVALID_CALL_MSG_MASK
        } else if !agents.without(AgentStateMask::ALL).is_empty() {
            FailureStatus::E_CTI_INVALID_AGENT_STATE_MASK
        } else if request.monitor_id == self.monitor_id {
            (self.asked.call_events, self.asked.agent_states) = (calls, agents);
            FailureStatus::E_CTI_NO_ERROR
        } else if self.monitors.change_masks(request.monitor_id, calls, agents) {
            FailureStatus::E_CTI_NO_ERROR
        } else {
            FailureStatus::E_CTI_INVALID_MONITORID
        };
        if status != FailureStatus::E_CTI_NO_ERROR {
            return Some(self.refuse_request(frame, status));
        }
        let _ = self.tx.push(self.protocol, &ChangeMonitorMaskConf { invoke_id: request.invoke_id });
        None
    }

    /// Refuses a request by FAILURE_CONF, or, where it has no invoke ID, by FAILURE_EVENT. There is room: the frame
    /// was not touched before.
    fn refuse_request(&mut self, frame: &Frame<'_>, status: FailureStatus) -> Outcome {
        let message = frame.message_type();
        // Of a message that nobody knows the first field is taken for one, as it nearly always is.
        let has_invoke_id = MessageInfo::of(message).is_none_or(is_request);
        let invoke_id = invoke_id(frame).filter(|_| has_invoke_id);
        let _ = match invoke_id {
            Some(invoke_id) => {
                let failure = FailureConf { invoke_id, reason: status.into(), ..FailureConf::default() };
                self.tx.push(self.protocol, &failure)
            }
            None => self.tx.push(self.protocol, &FailureEvent { status, ..FailureEvent::default() }),
        };
        let request = Request { invoke_id: invoke_id.unwrap_or_default(), message };
        Outcome::Event(ServerEvent::Refused { request, status })
    }
}

/// Whether a message of a client's is answered under the invoke ID that it begins with.
fn is_request(info: &MessageInfo) -> bool {
    let begins_with_id = info.fixed.first().is_some_and(|first: &FixedInfo| first.name == *"InvokeID");
    // That last one begins with an ID of the server's.
    let is_answer = [MessageType::ACTIVE_MAINTENANCE_RESP_MSG, MessageType::FAILURE_CONF].contains(&info.message_type);
    begins_with_id && info.confirms.is_none() && !is_answer
}
