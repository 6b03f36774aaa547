//! Frames from the server, and the events that come of them and of the rest.

use crate::error::DecodeError;
use crate::message::table::place_of;
use crate::message::{ActiveMaintenanceRespMsg, Body, FailureReason, MESSAGES, MessageType, OpenConf, SystemEvent};
use crate::session::client::outbound::CONVERSATION_ID;
use crate::session::client::state::{After, Core, MAX_UNANSWERED, Notice, State};
use crate::session::client::timers::HANDOVER;
use crate::session::monitor::second_number;
use crate::session::request::invoke_id;
use crate::session::{Cause, Ended, Event, Health, Instant, Opened, Request, ServerClock};
use crate::value::{ConfigEndStatus, ConfigType, CtiService, FailureStatus, MoreFlag, SessionType};
use crate::wire::{FixedValue, Frame, FrameBuffer, HEADER_LEN, Header, IS_FAST, Reader, Received};

/// Frames of the session itself that one call handles at most.
const INTERNAL_PER_CALL: usize = 16;
/// Room that the answer to ACTIVE_MAINTENANCE_REQ_MSG takes.
const MAINTENANCE_ANSWER_LEN: usize = HEADER_LEN + 6;
/// Bytes in front of `More` in LIST_AGENT_TEAM_CONF: an invoke ID and two counts.
const BEFORE_MORE: usize = 8;

/// What is to be done with the frame at the front.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The machine handles it by itself.
    Internal,
    /// It is handed out.
    Deliver,
    /// There is no room to answer it: it waits.
    Wait,
}

/// The next event.
#[inline]
pub(super) fn poll<'e>(rx: &'e mut FrameBuffer<'_>, core: &'e mut Core<'_>) -> Option<Event<'e>> {
    // The way of nearly every frame: a look at its header, and none at what else there may be to do.
    match message(rx, core) {
        Some(header) => Some(Event::Message(take_message(rx, core, header))),
        None => poll_slowly(rx, core),
    }
}

/// The header of the message at the front, if it is one that is handed out as it is.
#[cfg_attr(not(target_pointer_width = "32"), inline(always))]
#[cfg_attr(target_pointer_width = "32", inline)]
pub(super) fn message(rx: &FrameBuffer<'_>, core: &Core<'_>) -> Option<Header> {
    rx.whole_header(core.protocol()).filter(|header| core.passes_on(header.message_type))
}

/// Takes the message whose header this is.
#[cfg_attr(not(target_pointer_width = "32"), inline(always))]
#[cfg_attr(target_pointer_width = "32", inline)]
pub(super) fn take_message<'e>(rx: &'e mut FrameBuffer<'_>, core: &mut Core<'_>, header: Header) -> Frame<'e> {
    core.counters.frames = core.counters.frames.saturating_add(1);
    rx.take_whole(core.protocol(), header)
}

/// The next event, of whatever kind.
#[inline(never)]
fn poll_slowly<'e>(rx: &'e mut FrameBuffer<'_>, core: &'e mut Core<'_>) -> Option<Event<'e>> {
    if !settle(rx, core) {
        return None;
    }
    // A notice is older than the frame at the front: an opening comes before its OPEN_CONF.
    if core.notice.is_none() && turn(rx, core) == Some(Turn::Deliver) {
        return deliver(rx, core);
    }
    core.tell()
}

/// Handles what is the machine's own, and says whether an event is there.
#[inline]
pub(super) fn has_event(rx: &mut FrameBuffer<'_>, core: &mut Core<'_>) -> bool {
    message(rx, core).is_some() || settle(rx, core)
}

#[inline(never)]
fn settle(rx: &mut FrameBuffer<'_>, core: &mut Core<'_>) -> bool {
    for _ in 0..INTERNAL_PER_CALL {
        if core.notice.is_some() {
            break;
        }
        match turn(rx, core) {
            Some(Turn::Deliver) => return true,
            Some(Turn::Internal) => take_internal(rx, core),
            None if core.eof => core.fail(Cause::TransportClosed),
            None | Some(Turn::Wait) => break,
        }
        // What stands behind the frame that ended the session is void.
        if !core.has_connection() {
            rx.clear();
        }
    }
    // An answer has made room for requests, or an event has made the side active.
    core.make_monitors_again();
    core.can_tell()
}

/// Whether `poll` would do something about frames, or about the end of them.
pub(super) fn can_deliver(rx: &FrameBuffer<'_>, core: &Core<'_>) -> bool {
    match turn(rx, core) {
        Some(Turn::Internal | Turn::Deliver) => true,
        Some(Turn::Wait) => false,
        None => core.eof,
    }
}

/// The turn of the frame at the front. A stream that cannot be cut is the machine's own business.
fn turn(rx: &FrameBuffer<'_>, core: &Core<'_>) -> Option<Turn> {
    if !core.has_connection() {
        return None;
    }
    match rx.front(core.protocol()) {
        Ok(Some(Received::Frame(frame))) => Some(core.turn_of(&frame)),
        Ok(Some(Received::Skipped { .. })) => Some(Turn::Deliver),
        Ok(None) => None,
        Err(_) => Some(Turn::Internal),
    }
}

fn take_internal(rx: &mut FrameBuffer<'_>, core: &mut Core<'_>) {
    let protocol = core.protocol();
    match rx.front(protocol) {
        Ok(Some(Received::Frame(frame))) => core.handle_internal(&frame),
        Ok(_) => {}
        Err(error) => return core.fail(Cause::Framing(error)),
    }
    // The one that opens the session stays, to be handed out behind the event that it makes.
    if core.state != State::Open || core.notice.is_none() {
        let _ = rx.next_frame(protocol);
    }
}

fn deliver<'e>(rx: &'e mut FrameBuffer<'_>, core: &mut Core<'_>) -> Option<Event<'e>> {
    match rx.next_frame(core.protocol()) {
        Ok(Some(Received::Frame(frame))) => Some(core.event_of(frame)),
        Ok(Some(Received::Skipped { message, length })) => {
            core.counters.skipped = core.counters.skipped.saturating_add(1);
            Some(Event::Skipped { message, length })
        }
        Ok(None) | Err(_) => None,
    }
}

impl Core<'_> {
    pub(super) fn has_connection(&self) -> bool {
        matches!(self.state, State::Opening | State::Open | State::Closing(_))
    }

    /// Whether a message of this type is handed out without a look at it: nearly all are.
    #[inline]
    fn passes_on(&self, message: MessageType) -> bool {
        matches!(self.state, State::Open) && self.notice.is_none() && kind(message) == Kind::PassedOn
    }

    fn turn_of(&self, frame: &Frame<'_>) -> Turn {
        match (self.state, frame.message_type()) {
            // Whatever comes before the answer to OPEN_REQ is not the application's.
            (State::Opening, _) => Turn::Internal,
            (_, MessageType::HEARTBEAT_CONF | MessageType::CLOSE_CONF) => Turn::Internal,
            // So a server that is offline answers a heartbeat. Guide: "Session Management", heartbeats.
            (_, MessageType::FAILURE_CONF) if self.is_heartbeat(frame) => Turn::Internal,
            (_, MessageType::FAILURE_EVENT) if ends_session(frame).is_some() => Turn::Internal,
            (State::Open, MessageType::ACTIVE_MAINTENANCE_REQ_MSG) if !self.can_answer_maintenance() => Turn::Wait,
            _ => Turn::Deliver,
        }
    }

    fn is_heartbeat(&self, frame: &Frame<'_>) -> bool {
        let [oldest, second, third] = self.heartbeats;
        invoke_id(frame).is_some_and(|id| id != 0 && (id == oldest || id == second || id == third))
    }

    /// A connection that is gone needs no answer.
    fn can_answer_maintenance(&self) -> bool {
        self.eof || self.tx.room() >= MAINTENANCE_ANSWER_LEN
    }

    fn handle_internal(&mut self, frame: &Frame<'_>) {
        match (self.state, frame.message_type()) {
            (State::Opening, _) => self.handle_answer_to_open(frame),
            (_, MessageType::HEARTBEAT_CONF) => self.heartbeat_answered(frame),
            // Of these only the answer to a heartbeat is internal.
            (_, MessageType::FAILURE_CONF) => self.fail(Cause::HeartbeatLost),
            (State::Closing(after), MessageType::CLOSE_CONF) if self.answers_awaited(frame) => match after.cause() {
                None => self.end(Ended::Closed, self.eof),
                Some(cause) => self.fail(cause),
            },
            // What the caller closes is over already.
            (State::Closing(After::End), MessageType::FAILURE_EVENT) => {}
            (_, MessageType::FAILURE_EVENT) => self.handle_end_by_server(frame),
            _ => {}
        }
    }

    fn answers_awaited(&self, frame: &Frame<'_>) -> bool {
        invoke_id(frame) == Some(self.awaited)
    }

    /// One heartbeat is answered, and with it those before it.
    fn heartbeat_answered(&mut self, frame: &Frame<'_>) {
        if !self.is_heartbeat(frame) {
            return;
        }
        let answered = invoke_id(frame);
        for _ in 0..MAX_UNANSWERED {
            let [oldest, second, third] = self.heartbeats;
            self.heartbeats = [second, third, 0];
            if Some(oldest) == answered {
                break;
            }
        }
    }

    /// Before the answer to OPEN_REQ nothing else counts.
    fn handle_answer_to_open(&mut self, frame: &Frame<'_>) {
        match frame.message_type() {
            MessageType::OPEN_CONF if self.answers_awaited(frame) => {
                let mut confirmation = OpenConf::default();
                match confirmation.read_fixed(frame).whole_rest() {
                    Some(_) => self.handle_open_conf(&confirmation),
                    None => self.fail(Cause::BadAnswer(frame.ends_in_fixed_part())),
                }
            }
            MessageType::FAILURE_CONF if self.answers_awaited(frame) => {
                self.fail(reason_of(frame).map_or_else(Cause::BadAnswer, Cause::Refused));
            }
            MessageType::FAILURE_EVENT => {
                // One that cannot be read changes nothing: there is the deadline.
                if let Some(status) = status_of(frame) {
                    self.fail(Cause::EndedByServer(status));
                }
            }
            _ => {}
        }
    }

    fn handle_open_conf(&mut self, confirmation: &OpenConf<'_>) {
        let granted = confirmation.services_granted;
        let mut missing = self.config.services.without(granted);
        // The guide's stand-in for Client Control: less, but not missing.
        if granted.contains(CtiService::CTI_AGENT_STATE_CONTROL_ONLY) {
            missing = missing.without(CtiService::CTI_SERVICE_CLIENT_CONTROL);
        }
        let (pg_status, peripheral_online) = (confirmation.pg_status, confirmation.peripheral_online);
        self.health = Health::new(self.protocol().is_ccx(), pg_status, peripheral_online);
        self.open(Opened {
            side: self.side(),
            protocol: self.protocol(),
            granted,
            missing,
            monitor_id: confirmation.monitor_id,
            pg_status,
            peripheral_online,
            peripheral_type: confirmation.peripheral_type,
            agent_state: confirmation.agent_state,
            session_type: confirmation.session_type,
            server_clock: ServerClock::new(confirmation.icm_central_controller_time, self.now),
            gap: None,
        });
    }

    fn handle_end_by_server(&mut self, frame: &Frame<'_>) {
        let Some(status) = ends_session(frame) else { return };
        // The guide wants CLOSE_REQ after this one. After the others nobody listens any more.
        if status == FailureStatus::E_CTI_CTI_SERVER_OFFLINE && self.state == State::Open {
            return self.start_closing(status, After::Offline);
        }
        self.fail(Cause::EndedByServer(status));
    }

    fn event_of<'e>(&mut self, frame: Frame<'e>) -> Event<'e> {
        self.counters.frames = self.counters.frames.saturating_add(1);
        let message = frame.message_type();
        let asked = match message {
            MessageType::FAILURE_CONF | MessageType::CONTROL_FAILURE_CONF => return self.failure(frame),
            MessageType::CONFIG_KEY_EVENT | MessageType::CONFIG_END_EVENT => self.asked_of_configuration(message),
            _ if kind(message) == Kind::Confirmation => {
                // No confirmation answers the configuration conversation, whose messages have no invoke ID.
                let invoke_id = invoke_id(&frame).filter(|id| *id != CONVERSATION_ID);
                let Some(request) = invoke_id.and_then(|id| self.requests.find(id)) else {
                    return self.late(frame);
                };
                Some(request)
            }
            _ => {
                self.observe(&frame);
                None
            }
        };
        let Some(request) = asked else { return Event::Message(frame) };
        let more = self.answered(request, &frame);
        Event::Confirmed { request, frame, more }
    }

    fn failure<'e>(&mut self, frame: Frame<'e>) -> Event<'e> {
        let reason = match reason_of(&frame) {
            Ok(reason) => reason,
            // Whose answer it is cannot be trusted either: the request goes on, and time ends it.
            Err(error) => return Event::Malformed(error),
        };
        let Some(request) = invoke_id(&frame).and_then(|id| self.requests.end(id)) else {
            return self.late(frame);
        };
        self.note_monitor_failed(request.invoke_id);
        Event::Failed { request, reason }
    }

    fn late<'e>(&mut self, frame: Frame<'e>) -> Event<'e> {
        self.counters.late = self.counters.late.saturating_add(1);
        Event::Late(frame)
    }

    /// The request that this answers: CONFIG_KEY_EVENT the one for keys; CONFIG_END_EVENT the one for an upload, unless it
    /// is the end of an update that nobody asked for.
    fn asked_of_configuration(&mut self, message: MessageType) -> Option<Request> {
        let (asked, unsolicited) = match message {
            MessageType::CONFIG_KEY_EVENT => (MessageType::CONFIG_REQUEST_KEY_EVENT, false),
            _ => (MessageType::CONFIG_REQUEST_EVENT, core::mem::take(&mut self.unsolicited)),
        };
        self.requests.find(CONVERSATION_ID).filter(|request| request.message == asked && !unsolicited)
    }

    /// A request is answered; whether further parts of the answer follow.
    fn answered(&mut self, request: Request, frame: &Frame<'_>) -> bool {
        let more = match frame.message_type() {
            // The only confirmation that comes in parts. Guide: "Supervisor Service".
            MessageType::LIST_AGENT_TEAM_CONF => fixed(frame, BEFORE_MORE) == Some(MoreFlag::MORE_TO_FOLLOW),
            MessageType::CONFIG_END_EVENT => fixed(frame, 0) == Some(ConfigEndStatus::CONFIGEND_PARTIAL),
            _ => false,
        };
        if more {
            self.extend(request.invoke_id);
        } else {
            self.requests.end(request.invoke_id);
        }
        if let (MessageType::MONITOR_START_CONF | MessageType::MONITOR_AGENT_TEAM_START_CONF, Some(monitor_id)) =
            (frame.message_type(), second_number(frame))
        {
            self.note_monitor_made(request.invoke_id, monitor_id);
        }
        more
    }

    /// Gives a request another time from now.
    fn extend(&mut self, invoke_id: u32) {
        self.requests.extend(invoke_id, self.after(&self.config.request_timeout));
    }

    /// What the machine itself learns from what the server sends of its own accord.
    fn observe(&mut self, frame: &Frame<'_>) {
        match frame.message_type() {
            MessageType::SYSTEM_EVENT => {
                let [pg_status, id, peripheral] =
                    const { [place("PGStatus"), place("SystemEventID"), place("SystemEventArg1")] };
                if let (Some(pg_status), Some(id), Some(peripheral)) =
                    (fixed(frame, pg_status), fixed(frame, id), fixed(frame, peripheral))
                {
                    self.health.observe(pg_status, id, peripheral);
                }
            }
            MessageType::CONFIG_BEGIN_EVENT => {
                self.unsolicited = fixed(frame, 0) == Some(ConfigType::UNSOLICITED);
                // Uploads may be longer than a request may take; each of their blocks shows that they go on.
                self.extend(CONVERSATION_ID);
            }
            MessageType::STANDBY_ACTIVE_EVENT_MSG => {
                if let Some(opened) = &mut self.opened {
                    opened.session_type = SessionType::ACTIVE;
                }
            }
            MessageType::ACTIVE_MAINTENANCE_REQ_MSG => self.answer_maintenance(frame),
            MessageType::ACTIVE_MAINTENANCE_EVENT_MSG => {
                let goes_on = fixed(frame, 0) == Some(true);
                self.handover = if goes_on { self.after(&HANDOVER) } else { Instant::NEVER };
            }
            _ => {}
        }
    }

    fn answer_maintenance(&mut self, frame: &Frame<'_>) {
        let Some(invoke_id) = invoke_id(frame) else { return };
        let maintenance_mode_accepted = self.config.accept_maintenance;
        let answer = ActiveMaintenanceRespMsg { invoke_id, maintenance_mode_accepted };
        // The frame waited until there was room.
        let _ = self.send(&answer);
    }

    /// Whether `tell` has something.
    pub(super) fn can_tell(&self) -> bool {
        let lost = !self.has_connection() && !self.requests.is_empty();
        self.notice.is_some() || self.is_resync_due() || lost || self.requests.has_expired(self.now)
    }

    fn is_resync_due(&self) -> bool {
        self.resync_at <= self.now && self.state == State::Open
    }

    /// The next event that has no frame: requests lost before the loss, and the loss before anything new.
    fn tell(&mut self) -> Option<Event<'static>> {
        // The notice of the loss is behind them, and time does not go on before it is told.
        if !self.has_connection()
            && let Some(request) = self.requests.take_any()
        {
            return Some(Event::Lost(request));
        }
        match self.notice.take() {
            Some(Notice::Opened) => return self.opened.map(Event::Opened),
            Some(Notice::Disconnected(disconnected)) => return Some(Event::Disconnected(disconnected)),
            Some(Notice::Ended(ended)) => return Some(Event::Ended(ended)),
            None => {}
        }
        // Nothing is left to hand out: an answer that has arrived is never late, however long it waited.
        if let Some(request) = self.requests.take_expired(self.now) {
            // It may have been made all the same; nobody knows its ID.
            self.note_monitor_failed(request.invoke_id);
            self.counters.timed_out = self.counters.timed_out.saturating_add(1);
            return Some(Event::TimedOut(request));
        }
        if self.is_resync_due() {
            (self.resync_at, self.may_resync) = (Instant::NEVER, true);
            return Some(Event::ResyncReady);
        }
        None
    }
}

/// A fixed field behind `before` bytes of others. To decode all of a message for it would take time, and flash, for
/// nothing.
fn fixed<T: FixedValue>(frame: &Frame<'_>, before: usize) -> Option<T> {
    let mut reader = Reader::new(frame.protocol(), frame.body().get(before..)?);
    let value = reader.read();
    reader.whole_rest().map(|_| value)
}

/// Where a fixed field of SYSTEM_EVENT stands.
const fn place(field: &str) -> usize {
    let place = place_of(SystemEvent::INFO.fixed, field);
    assert!(place.is_some(), "a fixed field, at the same place in all versions");
    match place {
        Some(place) => place,
        None => 0,
    }
}

/// Why a request failed, by FAILURE_CONF or CONTROL_FAILURE_CONF.
fn reason_of(frame: &Frame<'_>) -> Result<FailureReason, DecodeError> {
    let mut reader = Reader::new(frame.protocol(), frame.body());
    let _invoke_id: u32 = reader.read();
    let reason = match frame.message_type() {
        MessageType::CONTROL_FAILURE_CONF => {
            FailureReason::Control { failure_code: reader.read(), peripheral_error_code: reader.read() }
        }
        _ => reader.read(),
    };
    reader.whole_rest().map(|_| reason).ok_or_else(|| frame.ends_in_fixed_part())
}

/// The status of a FAILURE_EVENT.
fn status_of(frame: &Frame<'_>) -> Option<FailureStatus> {
    fixed(frame, 0)
}

/// The status of a FAILURE_EVENT that ends the session.
fn ends_session(frame: &Frame<'_>) -> Option<FailureStatus> {
    let status = status_of(frame)?;
    matches!(
        status,
        FailureStatus::E_CTI_CTI_SERVER_OFFLINE
            | FailureStatus::E_CTI_NEW_SESSION_OPENED
            | FailureStatus::E_CTI_TIMEOUT
            | FailureStatus::E_CTI_SERVER_NOT_MASTER
            | FailureStatus::E_CTI_SERVER_IN_MAINTENANCE_MODE
    )
    .then_some(status)
}

/// What the machine does with a message of the server's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is handed out, and that is all.
    PassedOn,
    /// It answers a request by its invoke ID.
    Confirmation,
    /// The machine looks at it.
    LookedAt,
}

/// The kind of a message; numbers beyond the catalogue are passed on.
#[inline]
fn kind(message: MessageType) -> Kind {
    // Above every number of the catalogue: a larger one does not compile.
    const COUNT: usize = 320;
    // Kinds in a byte, as a power of two: one where time counts, and all that fit where room counts more.
    const PACKED: usize = if IS_FAST { 0 } else { 2 };
    const BYTES: usize = COUNT >> PACKED;
    /// Where the kind of a message stands in its byte.
    const fn shift(number: usize) -> usize {
        (number & ((1 << PACKED) - 1)) << 1
    }
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
    const KINDS: [u8; BYTES] = {
        let mut kinds = [0; BYTES];
        let mut i = 0;
        while i < MESSAGES.len() {
            let number = MESSAGES[i].message_type.0 as usize;
            if MESSAGES[i].confirms.is_some() && !is_looked_at(MESSAGES[i].message_type) {
                kinds[number >> PACKED] |= (Kind::Confirmation as u8) << shift(number);
            }
            i += 1;
        }
        i = 0;
        while i < LOOKED_AT.len() {
            let number = LOOKED_AT[i].0 as usize;
            kinds[number >> PACKED] |= (Kind::LookedAt as u8) << shift(number);
            i += 1;
        }
        kinds
    };
    static TABLE: [u8; BYTES] = KINDS;
    let number = message.0 as usize;
    let packed = TABLE.get(number >> PACKED).copied().unwrap_or(Kind::PassedOn as u8);
    match packed >> shift(number) & 0b11 {
        0 => Kind::PassedOn,
        1 => Kind::Confirmation,
        _ => Kind::LookedAt,
    }
}

/// Some of these are confirmations, too.
const fn is_looked_at(message: MessageType) -> bool {
    let mut rest = LOOKED_AT;
    while let Some((first, others)) = rest.split_first() {
        if first.0 == message.0 {
            return true;
        }
        rest = others;
    }
    false
}

/// Messages that say something to the machine itself.
const LOOKED_AT: &[MessageType] = &[
    MessageType::FAILURE_CONF,
    MessageType::FAILURE_EVENT,
    MessageType::OPEN_CONF,
    MessageType::HEARTBEAT_CONF,
    MessageType::CLOSE_CONF,
    MessageType::CONTROL_FAILURE_CONF,
    MessageType::SYSTEM_EVENT,
    MessageType::CONFIG_KEY_EVENT,
    MessageType::CONFIG_BEGIN_EVENT,
    MessageType::CONFIG_END_EVENT,
    MessageType::STANDBY_ACTIVE_EVENT_MSG,
    MessageType::ACTIVE_MAINTENANCE_REQ_MSG,
    MessageType::ACTIVE_MAINTENANCE_EVENT_MSG,
];
