//! Every public call of the sessions, in an order and with arguments that the input decides.
//!
//! What a session holds is hidden from the optimizer between the calls, and the sizes of its storage are: each call is
//! proved by itself, and not for the calls that happened to come before it.

use core::hint::black_box;
use core::time::Duration;

use cti_proto::message::{
    ActiveMaintenanceRespMsg, AgentStateEvent, CallDeliveredEvent, ChangeMonitorMaskReq, ConfigEndEvent,
    ConfigRequestEvent, ConfigRequestKeyEvent, FailureEvent, MakeCallReq, MonitorAgentTeamStartReq, MonitorStartReq,
    MonitorStopReq, OpenConf, QueryAgentStateConf, QueryAgentStateReq, StandbyActiveEventMsg,
};
use cti_proto::session::{
    AnswerError, ClientConfig, ClientSession, ConfigError, Delivery, DuplexClient, Event, Instant, Prepared, Request,
    RequestError, ServerConfig, ServerEvent, ServerSession, Side, Transport, Wake,
};
use cti_proto::value::{
    AgentStateMask, CallEventMask, ConfigMask, ControlFailureCode, CtiService, FailureStatus, SessionType,
};
use cti_proto::{Body, Bytes, MessageType, Parts, Product, Protocol, Secret, Storage, Text, Time};

use crate::{Input, Sum, protocol};

type Room = Storage<64, 256, 3, 2>;

// ---- clients --------------------------------------------------------------------------------------

pub fn client(input: &mut Input<'_>, sum: &mut Sum) {
    let mut room = Room::new();
    let [first, second] = [protocol(input), protocol(input)].map(Result::ok);
    let (Some(first), Some(second)) = (first, second) else {
        return;
    };
    let protocols = [first, second];
    let config = client_config(&protocols, input, sum);
    let mut session = match ClientSession::new(config, black_box(room.parts())) {
        Ok(session) => session,
        Err(error) => return sum.config_error(error),
    };
    while !input.0.is_empty() {
        let now = moment(input);
        client_call(black_box(&mut session), now, input, sum);
        let session = black_box(&session);
        sum.wake(session.wake());
        sum.transport(session.transport());
        sum.add(usize::from(session.wants_read()) + usize::from(session.wants_write()));
        sum.bytes(session.transmit());
    }
    sum.parts(black_box(session).into_parts());
}

pub fn duplex(input: &mut Input<'_>, sum: &mut Sum) {
    let (mut a, mut b) = (Room::new(), Room::new());
    let Ok(only) = protocol(input) else {
        return;
    };
    let protocols = [only];
    let config = client_config(&protocols, input, sum);
    let mut duplex = match DuplexClient::new(config, black_box(a.parts()), black_box(b.parts())) {
        Ok(duplex) => duplex,
        Err(error) => return sum.config_error(error),
    };
    while !input.0.is_empty() {
        let now = moment(input);
        let duplex = black_box(&mut duplex);
        match input.byte() {
            0 => duplex.close(now, FailureStatus(input.number())),
            1 => duplex.handle_timeout(now),
            2 => match duplex.request(now, &query(input)) {
                Ok((side, request)) => {
                    sum.print_debug(&side);
                    sum.request(request);
                }
                Err(error) => sum.request_error(error),
            },
            3 => {
                if let Some((side, event)) = duplex.poll_event(now) {
                    sum.print_debug(&side);
                    sum.event(&event);
                }
            }
            _ => client_call(duplex.session_mut(side(input)), now, input, sum),
        }
        sum.wake(duplex.wake());
        sum.print_debug(&duplex.active());
        sum.transport(duplex.session(side(input)).transport());
    }
    sum.print_debug(black_box(&duplex));
}

fn client_config<'c, 'i: 'c>(protocols: &'c [Protocol], input: &mut Input<'i>, sum: &mut Sum) -> ClientConfig<'c> {
    let protocols = protocols.get(usize::from(input.byte())..).unwrap_or(protocols);
    let mut config = ClientConfig::new(protocols, input.text(), CtiService(input.number()));
    config.password = Secret(Bytes(input.text().raw()));
    config.signature = input.optional();
    config.call_events = CallEventMask(input.number());
    config.agent_states = AgentStateMask(input.number());
    config.config = ConfigMask(input.number());
    config.peripheral_id = input.number();
    config.agent_extension = input.optional();
    config.agent_id = input.optional();
    config.agent_instrument = input.optional();
    config.application_path_id = (input.byte() & 1 == 1).then(|| input.number() as i32);
    config.heartbeat = (input.byte() & 1 == 1).then(|| duration(input));
    config.idle_timeout = (input.byte() & 1 == 1).then(|| duration(input));
    config.connect_timeout = duration(input);
    config.open_timeout = duration(input);
    config.request_timeout = duration(input);
    config.pair = input.byte() & 1 == 1;
    config.only_side = (input.byte() & 1 == 1).then(|| side(input));
    config.expected_clients = input.number();
    config.random = input.number();
    config.accept_maintenance = input.byte() & 1 == 1;
    config.resync_interval = duration(input);
    sum.add(usize::from(config.check().is_ok()));
    config
}

fn client_call(session: &mut ClientSession<'_>, now: Instant, input: &mut Input<'_>, sum: &mut Sum) {
    match input.byte() {
        0 => session.handle_timeout(now),
        1 => session.connected(now),
        2 => session.transport_closed(now),
        3 => {
            let n = input.byte();
            sum.add(session.receive(now, input.bytes(n.into())));
        }
        4 => {
            fill(session.space(), input);
            session.received(now, input.number() as usize);
        }
        5 => session.transmitted(input.number() as usize),
        6 => sum.result(session.request(now, &query(input))),
        7 => {
            let request =
                MakeCallReq { invoke_id: input.number(), dialed_number: input.optional(), ..MakeCallReq::default() };
            sum.result(session.request(now, &request));
        }
        8 => {
            let request = MonitorStartReq {
                call_msg_mask: CallEventMask(input.number()),
                monitored_device_id: input.optional(),
                ..MonitorStartReq::default()
            };
            sum.result(session.request(now, &request));
        }
        9 => sum.result(session.request(now, &MonitorAgentTeamStartReq::default())),
        10 => {
            let request = ChangeMonitorMaskReq {
                monitor_id: input.number(),
                call_msg_mask: CallEventMask(input.number()),
                agent_state_mask: AgentStateMask(input.number()),
                ..ChangeMonitorMaskReq::default()
            };
            sum.result(session.request(now, &request));
        }
        11 => {
            let request = MonitorStopReq { monitor_id: input.number(), ..MonitorStopReq::default() };
            sum.result(session.request(now, &request));
        }
        12 => sum.result(session.request(now, &ConfigRequestKeyEvent::default())),
        13 => sum.result(session.request(now, &ConfigRequestEvent::default())),
        14 => sum.result(session.request(now, &OpenConf::default())),
        15 => sum.done(session.send(now, &ActiveMaintenanceRespMsg::default())),
        16 => sum.done(session.send(now, &QueryAgentStateConf::default())),
        17 => sum.result(session.resync(now, &query(input))),
        18 => session.start_resync(now),
        19 => session.finish_resync(),
        20 => sum.done(session.stop_requests(now)),
        21 => session.close(now, FailureStatus(input.number())),
        22 => session.reconnect(now),
        23 => {
            sum.print_debug(&session.counters());
            sum.print(&session.protocol());
            sum.print(session.health());
            sum.print_debug(session.health());
            sum.add(usize::from(session.health().is_good()));
            sum.print(&session.health().pg_status());
            session.health().offline_peripherals().iter().for_each(|id| sum.number(*id));
            if let Some(opened) = session.opened() {
                let Time(seconds) = opened.server_clock.time_at(now);
                sum.number(seconds);
                sum.print_debug(opened);
            }
        }
        24 => sum.print_debug(session),
        25 => sum.add(usize::from(session.has_event(now))),
        26 if session.has_message() => {
            if let Some(frame) = session.poll_message() {
                sum.frame(&frame);
            }
        }
        _ => {
            if let Some(event) = session.poll_event(now) {
                sum.event(&event);
            }
        }
    }
}

// ---- servers --------------------------------------------------------------------------------------

pub fn server(input: &mut Input<'_>, output: &mut [u8], sum: &mut Sum) {
    let mut room = Room::new();
    let mut config = ServerConfig::new(if input.byte() & 1 == 0 { Product::Cce } else { Product::Ccx });
    config.versions = (input.number(), input.number());
    config.standby = input.byte() & 1 == 1;
    config.maintenance = input.byte() & 1 == 1;
    config.open_timeout = duration(input);
    let now = moment(input);
    let mut session = ServerSession::new(config, black_box(room.parts()), now);
    while !input.0.is_empty() {
        let now = moment(input);
        server_call(black_box(&mut session), now, input, output, sum);
        let session = black_box(&session);
        sum.wake(session.wake());
        sum.transport(session.transport());
        sum.add(usize::from(session.wants_read()) + usize::from(session.wants_write()));
        sum.bytes(session.transmit());
    }
    sum.parts(black_box(session).into_parts());
}

fn server_call(session: &mut ServerSession<'_>, now: Instant, input: &mut Input<'_>, output: &mut [u8], sum: &mut Sum) {
    let request = Request { invoke_id: input.number(), message: MessageType(input.number()) };
    match input.byte() {
        0 => session.handle_timeout(now),
        1 => session.transport_closed(now),
        2 => {
            let n = input.byte();
            sum.add(session.receive(now, input.bytes(n.into())));
        }
        3 => {
            fill(session.space(), input);
            session.received(now, input.number() as usize);
        }
        4 => session.transmitted(input.number() as usize),
        5 => {
            let confirmation = OpenConf {
                services_granted: CtiService(input.number()),
                monitor_id: input.number(),
                agent_extension: input.optional(),
                session_type: SessionType(input.number() as u16),
                ..OpenConf::default()
            };
            sum.answer(session.accept(now, &confirmation));
        }
        6 => sum.answer(session.refuse(now, FailureStatus(input.number()))),
        7 => sum.answer(session.confirm(now, request, &QueryAgentStateConf::default())),
        8 => sum.answer(session.confirm_monitor(now, request, input.number())),
        9 => sum.answer(session.fail(now, request, FailureStatus(input.number()))),
        10 => {
            let code = ControlFailureCode(input.number() as u16);
            sum.answer(session.fail_control(now, request, code, input.number()));
        }
        11 => sum.answer(session.send(now, &ConfigEndEvent::default())),
        12 => sum.answer(session.send(now, &StandbyActiveEventMsg::default())),
        13 => sum.answer(session.send(now, &FailureEvent::default())),
        14 => {
            let event = AgentStateEvent { agent_id: input.optional(), ..AgentStateEvent::default() };
            offer(session, now, &event, input, output, sum);
        }
        15 => {
            let event = CallDeliveredEvent { ani: input.optional(), ..CallDeliveredEvent::default() };
            offer(session, now, &event, input, output, sum);
        }
        16 => session.end(now, FailureStatus(input.number())),
        17 => {
            for (id, frame) in session.monitors() {
                sum.number(id);
                sum.frame(&frame);
            }
            sum.add(usize::from(session.is_open()));
            sum.print(&session.protocol());
            sum.print(&session.granted());
        }
        18 => sum.print_debug(session),
        _ => {
            if let Some(event) = session.poll_event(now) {
                sum.print_debug(&event);
                sum.server_event(&event);
            }
        }
    }
}

/// Offers an event to the session, or to a monitor of it.
fn offer<'m, M: Body<'m>>(
    session: &mut ServerSession<'_>,
    now: Instant,
    event: &M,
    input: &mut Input<'_>,
    output: &mut [u8],
    sum: &mut Sum,
) {
    let own = session.protocol();
    let other = protocol(input).unwrap_or(own);
    let prepared = match Prepared::new(if input.byte() & 1 == 0 { own } else { other }, event, output) {
        Ok(prepared) => prepared,
        Err(error) => return sum.encode_error(error),
    };
    sum.print(&prepared.protocol());
    sum.print_debug(&prepared);
    sum.bytes(prepared.bytes());
    let delivery = match input.byte() {
        0 => session.event(now, &prepared),
        _ => session.event_for(now, input.number(), &prepared),
    };
    sum.add(match delivery {
        Delivery::Sent => 1,
        Delivery::NotWanted => 2,
        Delivery::NotOpen => 3,
        Delivery::Overflow => 4,
    });
}

// ---- input and output -----------------------------------------------------------------------------

fn moment(input: &mut Input<'_>) -> Instant {
    let high = u64::from(input.number());
    Instant::from_millis(high << 32 | u64::from(input.number()))
}

fn duration(input: &mut Input<'_>) -> Duration {
    Duration::new((u64::from(input.number()) << 32) | u64::from(input.number()), 0)
}

fn side(input: &mut Input<'_>) -> Side {
    if input.byte() & 1 == 0 { Side::A } else { Side::B.other().other() }
}

fn query<'a>(input: &mut Input<'a>) -> QueryAgentStateReq<'a> {
    QueryAgentStateReq { invoke_id: input.number(), agent_id: input.optional(), ..QueryAgentStateReq::default() }
}

fn fill(space: &mut [u8], input: &mut Input<'_>) {
    let n = input.byte();
    for (place, byte) in space.iter_mut().zip(input.bytes(n.into())) {
        *place = *byte;
    }
}

impl Sum {
    fn wake(&mut self, wake: Wake) {
        match wake.or(Wake::Idle) {
            Wake::Now => self.add(1),
            Wake::At(at) => self.number(at.as_millis() as u32),
            Wake::Idle => self.add(2),
        }
    }

    fn transport(&mut self, transport: Transport) {
        self.print_debug(&transport);
    }

    fn parts(&mut self, parts: Parts<'_>) {
        self.bytes(parts.rx);
        self.bytes(parts.tx);
        self.add(parts.requests.len());
        self.add(parts.monitors.len());
        self.print_debug(&parts.requests);
        self.print_debug(&parts.monitors);
    }

    fn request(&mut self, request: Request) {
        self.number(request.invoke_id);
        self.number(request.message.0);
    }

    fn result(&mut self, result: Result<Request, RequestError>) {
        match result {
            Ok(request) => self.request(request),
            Err(error) => self.request_error(error),
        }
    }

    fn done(&mut self, result: Result<(), RequestError>) {
        if let Err(error) = result {
            self.request_error(error);
        }
    }

    fn request_error(&mut self, error: RequestError) {
        self.blame(error.blame());
        self.print(&error);
        self.print_debug(&error);
    }

    fn config_error(&mut self, error: ConfigError) {
        self.print(&error);
        self.print_debug(&error);
    }

    fn answer(&mut self, result: Result<(), AnswerError>) {
        if let Err(error) = result {
            self.print(&error);
            self.print_debug(&error);
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        self.print_debug(event);
        match event {
            Event::Message(frame) | Event::Late(frame) => self.frame(frame),
            Event::Confirmed { request, frame, more } => {
                self.request(*request);
                self.frame(frame);
                self.add(usize::from(*more));
            }
            Event::Failed { request, reason } => {
                self.request(*request);
                self.print(reason);
                self.bytes(reason.explain().as_bytes());
            }
            Event::TimedOut(request) | Event::Lost(request) => self.request(*request),
            Event::Skipped { message, length } => {
                self.print(message);
                self.number(*length);
            }
            Event::Malformed(error) => self.decode_error(*error),
            Event::Disconnected(disconnected) => {
                self.print(&disconnected.cause);
                self.number(disconnected.next.at.as_millis() as u32);
            }
            Event::Ended(ended) => self.print(ended),
            _ => {}
        }
    }

    fn server_event(&mut self, event: &ServerEvent<'_>) {
        match event {
            ServerEvent::OpenRequested(request) => {
                self.number(request.services_requested.0);
                self.text(request.client_id.or(Some(Text::default())));
            }
            ServerEvent::Request { request, frame } => {
                self.request(*request);
                self.frame(frame);
            }
            ServerEvent::Message(frame) => self.frame(frame),
            ServerEvent::MonitorStopped { monitor_id } => self.number(*monitor_id),
            ServerEvent::Refused { request, status } => {
                self.request(*request);
                self.print(status);
            }
            ServerEvent::Skipped { message, length } => {
                self.print(message);
                self.number(*length);
            }
            _ => {}
        }
    }
}
