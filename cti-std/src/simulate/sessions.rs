//! Opening and closing sessions: who the client is, what it is granted, and what it is told first.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;

use cti_proto::message::{
    ClientSessionClosedEvent, ClientSessionOpenedEvent, MessageType, OpenConf, OpenReq, Peripheral,
    StandbyActiveEventMsg,
};
use cti_proto::value::{
    AgentState, CtiService, EventCause, FailureStatus, LocalConnectionState, NULL_PERIPHERAL_ID, PeripheralType,
    PgStatus, SessionType, SystemEventId,
};
use cti_proto::wire::{List, Text, Time};
use cti_proto::{Product, Protocol};

use super::configuration::Part;
use super::floor::Floor;
use super::request::is_declared;
use super::session::{Session, Subject};
use super::shown::PRODUCTS;
use super::sink::{Receiver, SessionId, Sink};
use super::table::{AgentKey, PhoneKey};

/// Services for which there is nothing to simulate: tasks of other media, and agents that clients report.
const NOT_GRANTED: CtiService = CtiService(
    CtiService::CTI_SERVICE_AGENT_REPORTING.0
        | CtiService::CTI_SERVICE_ALL_TASK_EVENTS.0
        | CtiService::CTI_SERVICE_TASK_MONITOR.0,
);

/// Services that Unified CCX does not have besides.
const NOT_ON_CCX: CtiService = CtiService(
    CtiService::CTI_SERVICE_PERIPHERAL_MONITOR.0
        | CtiService::CTI_SERVICE_CLIENT_MONITOR.0
        | CtiService::CTI_SERVICE_SERVER.0,
);

/// How a client reaches the contact centre.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// The protocol it asks for.
    pub protocol: Protocol,
    /// Its address.
    pub address: SocketAddr,
    /// Whether the side that it has reached is on standby.
    pub standby: bool,
}

impl<S: Sink> Floor<'_, S> {
    /// OPEN_REQ: grants a session, or says why not.
    pub(super) fn open(&mut self, id: SessionId, client: Client, request: &OpenReq<'_>) {
        match self.check_open(client, request) {
            Ok((agent, phone)) => self.accept(id, client, request, agent, phone),
            Err(status) => {
                let is_declared = is_declared(client.protocol.product(), MessageType::OPEN_REQ, status.into());
                debug_assert!(is_declared, "OPEN_REQ is answered by {status:?}, which is not declared");
                self.out.refuse(id, status);
            }
        }
    }

    /// What keeps a client from a session; else the agent and the phone of a Client Events session. Guide: "Session
    /// Initialization".
    fn check_open(
        &self,
        client: Client,
        request: &OpenReq<'_>,
    ) -> Result<(Option<AgentKey>, Option<PhoneKey>), FailureStatus> {
        let services = request.services_requested;
        let both = CtiService::CTI_SERVICE_CLIENT_EVENTS | CtiService::CTI_SERVICE_ALL_EVENTS;
        // Unified CCX knows no passwords of clients.
        if let Some(password) = self.world.config.client_password.as_ref().filter(|_| !client.protocol.is_ccx()) {
            let given = request.client_password.map(|password| password.0.0).unwrap_or_default();
            // Some clients fill the field with zeros.
            let given = given.split(|byte| *byte == 0).next().unwrap_or_default();
            if given != password.as_bytes() {
                return Err(FailureStatus::E_CTI_INVALID_PASSWORD);
            }
        }
        // Unified CCX has desktops and bridges, and nothing that is both.
        if client.protocol.is_ccx() && services.contains(both) {
            return Err(FailureStatus::E_CTI_INVALID_SERVICE_MASK);
        }
        let named = request.peripheral_id;
        let world = self.world.shown(client.protocol.product());
        if !world.is_ccx() && named != NULL_PERIPHERAL_ID && named != world.peripheral() {
            return Err(FailureStatus::E_CTI_INVALID_PERIPHERAL_ID);
        }
        if !services.contains(CtiService::CTI_SERVICE_CLIENT_EVENTS) {
            return Ok((None, None));
        }
        let (agent, phone) = self.find_agent(
            client.protocol.product(),
            request.agent_id.or(request.agent_id_long),
            request.agent_extension,
            request.agent_instrument,
        )?;
        // A client may name either of the two, and gets the events of both.
        let phone = phone.or(agent.and_then(|agent| self.world.agents[agent].phone));
        let agent = agent.or(phone.and_then(|phone| self.world.agent_at(phone)));
        let name = request.client_id.map(|name| name.to_string()).unwrap_or_default();
        let supervises = services.contains(CtiService::CTI_SERVICE_SUPERVISOR) && !client.protocol.is_ccx();
        if supervises && agent.is_some_and(|agent| !self.world.agents[agent].is_supervisor) {
            return Err(FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE);
        }
        // The same client again has lost its connection, and takes the place of its session: see `end_older`.
        if self.holders(agent, phone, client.standby).any(|session| session.client_id != name) {
            return Err(FailureStatus::E_CTI_DEVICE_IN_USE);
        }
        Ok((agent, phone))
    }

    /// The sessions for an agent or a phone, on sides that are active or on those on standby: there may be one for either,
    /// and a client that knows of standby servers has one on both.
    fn holders(
        &self,
        agent: Option<AgentKey>,
        phone: Option<PhoneKey>,
        standby: bool,
    ) -> impl Iterator<Item = &Session> {
        self.world.sessions.values().filter(move |session| {
            let is_for_it = phone.is_some() && session.phone == phone || agent.is_some() && session.agent == agent;
            is_for_it && session.is_standby == standby
        })
    }

    /// The agent and the phone that the fields of a request name.
    pub(super) fn find_agent(
        &self,
        product: Product,
        login: Option<Text<'_>>,
        extension: Option<Text<'_>>,
        instrument: Option<Text<'_>>,
    ) -> Result<(Option<AgentKey>, Option<PhoneKey>), FailureStatus> {
        let find_phone = |text: Text<'_>| {
            let phone = text.to_str().ok().and_then(|text| self.world.phone_of_extension(text));
            phone.ok_or(FailureStatus::E_CTI_INVALID_AGENT_DATA)
        };
        let agent = login.filter(|login| !login.is_empty()).map(|login| {
            let agent = self.world.shown(product).agent_of_login(login);
            agent.ok_or(FailureStatus::E_CTI_INVALID_AGENT_DATA)
        });
        let agent = agent.transpose()?;
        let extension = extension.filter(|text| !text.is_empty()).map(find_phone).transpose()?;
        let instrument = instrument.filter(|text| !text.is_empty()).map(find_phone).transpose()?;
        let disagree = |a: Option<PhoneKey>, b: Option<PhoneKey>| matches!((a, b), (Some(a), Some(b)) if a != b);
        let phone = extension.or(instrument);
        let at_phone = phone.and_then(|phone| self.world.agent_at(phone));
        let logged_in = agent.and_then(|agent| self.world.agents[agent].phone);
        // Somebody else is logged in there: one of the two names is wrong, and nobody can say which.
        let contradicts = matches!((agent, at_phone), (Some(a), Some(b)) if a != b);
        if disagree(extension, instrument) || disagree(logged_in, phone) || contradicts {
            return Err(FailureStatus::E_CTI_INCONSISTENT_AGENT_DATA);
        }
        Ok((agent, phone))
    }

    /// Opens a session, and tells it what it has to know.
    fn accept(
        &mut self,
        id: SessionId,
        client: Client,
        request: &OpenReq<'_>,
        agent: Option<AgentKey>,
        phone: Option<PhoneKey>,
    ) {
        self.end_older(agent, phone, client.standby);
        // Absent and empty are one here: who sends no name has none to show.
        let text = |text: Option<Text<'_>>| text.map(|text| text.to_string()).unwrap_or_default();
        let client_id = text(request.client_id);
        let lacks = if client.protocol.is_ccx() { NOT_GRANTED | NOT_ON_CCX } else { NOT_GRANTED };
        let services = request.services_requested.without(lacks);
        let session = Session {
            id,
            protocol: client.protocol,
            services,
            signature: request.client_signature.map_or_else(|| client_id.clone(), |text| text.to_string()),
            client_id,
            address: client.address.ip().to_string(),
            port: client.address.port().into(),
            masks: (request.call_msg_mask, request.agent_state_mask),
            agent,
            phone,
            is_standby: client.standby,
            variables: None,
            watchers: Vec::new(),
            upload: VecDeque::new(),
            drives: BTreeSet::new(),
            wants_teams: false,
        };
        // First of all: no event may come in front of OPEN_CONF.
        self.confirm_open(&session, request);
        self.world.sessions.insert(id, session);
        self.world.note_bridges();
        // A session with a standby side hears of nothing until that takes over: see `activate`.
        if !client.standby {
            self.bind(id, agent, phone);
            self.tell_first(id);
        }
    }

    /// A Client Events session gets the events of its agent and its phone.
    fn bind(&mut self, id: SessionId, agent: Option<AgentKey>, phone: Option<PhoneKey>) {
        if let Some(agent) = agent {
            self.world.agents[agent].watchers.push(id);
        }
        if let Some(phone) = phone {
            self.bind_phone(id, phone);
        }
    }

    /// A client that opens another session for the same device loses the older one.
    fn end_older(&mut self, agent: Option<AgentKey>, phone: Option<PhoneKey>, standby: bool) {
        let older: Vec<_> = self.holders(agent, phone, standby).map(|session| session.id).collect();
        for id in older {
            let status = FailureStatus::E_CTI_NEW_SESSION_OPENED;
            self.out.end(id, status);
            // At once: the sink does not tell us of an end that is our own, and the new session wants the device.
            self.close(id, status);
        }
    }

    /// OPEN_CONF, with the state of the agent if one is named.
    fn confirm_open(&mut self, session: &Session, request: &OpenReq<'_>) {
        let world = self.world.shown(session.protocol.product());
        let ccx = world.is_ccx();
        let agent = session.agent.map(|agent| &world.agents[agent]).filter(|agent| agent.is_logged_in());
        let phone = agent.and_then(|agent| agent.phone).map(|phone| Text::from(world.phones[phone].extension.as_str()));
        let login = agent.map(|agent| world.login(agent));
        // Unified CCX repeats what was asked for, and has the fixed fields reserved.
        let peripherals = if ccx {
            [Peripheral { peripheral_id: request.peripheral_id, multiline_agent_control: 1 }]
        } else {
            [Peripheral { peripheral_id: world.peripheral(), multiline_agent_control: 0 }]
        };
        // Only who did not name one has to be told which there are.
        let names_peripherals = ccx || request.peripheral_id == NULL_PERIPHERAL_ID;
        let session_type = if session.is_standby { SessionType::STANDBY } else { SessionType::ACTIVE };
        let confirmation = OpenConf {
            services_granted: session.services,
            pg_status: if ccx { PgStatus::EMPTY } else { world.status() },
            icm_central_controller_time: if ccx { Time(0) } else { world.time() },
            peripheral_online: world.is_online,
            peripheral_type: if ccx { PeripheralType(0) } else { world.peripheral_type() },
            agent_state: agent.map_or(AgentState::AGENT_STATE_UNKNOWN, |agent| world.standing(agent).state),
            session_type,
            agent_extension: phone,
            agent_id: login,
            agent_instrument: phone,
            config_msg_mask_granted: Some(request.config_msg_mask.0 as u16),
            peripherals: if names_peripherals { List::new(&peripherals) } else { List::EMPTY },
            ..OpenConf::default()
        };
        self.out.accept(session.id, &confirmation);
    }

    /// What a session is told before anything happens.
    pub(super) fn tell_first(&mut self, id: SessionId) {
        let Some(session) = self.world.sessions.get(&id) else { return };
        let to = [session.receiver()];
        let (services, phone, ccx) = (session.services, session.phone, session.protocol.is_ccx());
        self.tell_opened(id);
        if session_is(services, CtiService::CTI_SERVICE_ALL_EVENTS) || ccx {
            let event = if self.world.is_online {
                SystemEventId::SYS_PERIPHERAL_ONLINE
            } else {
                SystemEventId::SYS_PERIPHERAL_OFFLINE
            };
            self.tell_system_to(event, to.to_vec(), None);
        }
        // A client of all events asks for snapshots; an agent's desktop is told of the calls that it has.
        if let Some(phone) = phone.filter(|_| !session_is(services, CtiService::CTI_SERVICE_ALL_EVENTS)) {
            for leg in self.world.phones[phone].legs.clone() {
                self.tell_begin_to(leg, to.to_vec());
                self.tell_state_to(leg, EventCause::CEC_CALL_PARTY_UPDATE_IND, &to);
            }
        }
        let mut parts = Vec::new();
        if session_is(services, CtiService::CTI_SERVICE_CLIENT_MONITOR) {
            let others = self.world.sessions.keys().filter(|other| **other != id);
            parts.extend(others.map(|other| Part::Session(*other)));
        }
        if session_is(services, CtiService::CTI_SERVICE_SUPERVISOR) && !ccx {
            let agent = self.world.sessions.get(&id).and_then(|session| session.agent);
            let bridge = session_is(services, CtiService::CTI_SERVICE_ALL_EVENTS);
            let teams =
                self.world.teams.keys().filter(|team| bridge || agent == Some(self.world.teams[*team].supervisor));
            parts.extend(teams.map(Part::Team));
        }
        self.upload(id, parts);
    }

    /// Tells how a call stands, to one who comes in the middle of it.
    pub(super) fn tell_state_to(
        &mut self,
        leg: (super::call::CallId, super::call::PartyId),
        cause: EventCause,
        to: &[Receiver],
    ) {
        let Some(party) = self.world.party(leg) else { return };
        match party.state {
            LocalConnectionState::LCS_ALERTING => {
                self.tell_delivered_to(leg, Some(leg.1), cause, Some(to.to_vec()));
            }
            LocalConnectionState::LCS_CONNECT | LocalConnectionState::LCS_HOLD | LocalConnectionState::LCS_QUEUED => {
                self.tell_established_to(leg, leg.1, cause, Some(to.to_vec()));
            }
            _ => {}
        }
    }

    /// A session with a standby side takes part from now on, and learns how the calls stand.
    pub(super) fn activate(&mut self, id: SessionId) {
        let Some(session) = self.world.sessions.get_mut(&id).filter(|session| session.is_standby) else { return };
        session.is_standby = false;
        let (receiver, is_bridge) = (session.receiver(), session.is_bridge());
        let (agent, phone) = (session.agent, session.phone);
        self.world.note_bridges();
        // The agent may have logged in at another phone since the session was opened.
        self.bind(id, agent, agent.and_then(|agent| self.world.agents[agent].phone).or(phone));
        self.out.send(id, &StandbyActiveEventMsg::default());
        self.tell_first(id);
        // Calls began while it heard nothing of them.
        let calls: Vec<_> = self.world.calls.keys().copied().filter(|_| is_bridge).collect();
        for call in calls {
            for party in self.world.legs(call) {
                self.tell_begin_to((call, party), vec![receiver]);
                self.tell_state_to((call, party), EventCause::CEC_CALL_PARTY_UPDATE_IND, &[receiver]);
            }
        }
    }

    /// The peripheral goes out of service or comes back. Calls do not survive it.
    pub(super) fn set_online(&mut self, online: bool) {
        if self.world.is_online == online {
            return;
        }
        self.world.is_online = online;
        let event = if online { SystemEventId::SYS_PERIPHERAL_ONLINE } else { SystemEventId::SYS_PERIPHERAL_OFFLINE };
        self.tell_system(event);
        // A copy: calls go out of the table while they end.
        let calls: Vec<_> = self.world.calls.keys().copied().filter(|_| !online).collect();
        for call in calls {
            let party = self.world.calls.get(&call).and_then(|call| call.parties.first()).map(|party| party.id);
            if let Some(party) = party {
                self.end_call(call, party, super::call::Ending::by(EventCause::CEC_CTI_LINK_DOWN));
            }
        }
    }

    /// The gateway loses the central controller, or has it back. Unified CCX is its own.
    pub(super) fn set_controller(&mut self, online: bool) {
        if self.world.has_controller == online {
            return;
        }
        self.world.has_controller = online;
        let event = if online {
            SystemEventId::SYS_CENTRAL_CONTROLLER_ONLINE
        } else {
            SystemEventId::SYS_CENTRAL_CONTROLLER_OFFLINE
        };
        self.tell_system_in(Product::Cce, event);
    }

    /// Tells the sessions that watch clients of a new one.
    fn tell_opened(&mut self, id: SessionId) {
        let to = self.client_monitors(id);
        let Some(session) = self.world.sessions.get(&id).filter(|_| !to.is_empty()) else { return };
        let event = self.world.opened_event(session);
        self.out.event(&to, &event);
    }

    /// Sessions of the Client Monitor service, but for one.
    fn client_monitors(&self, but: SessionId) -> Vec<Receiver> {
        let sessions = self.world.sessions.values().filter(|session| {
            session.id != but && session_is(session.services, CtiService::CTI_SERVICE_CLIENT_MONITOR)
        });
        sessions.map(Session::receiver).collect()
    }

    /// A session is over.
    pub(super) fn close(&mut self, id: SessionId, status: FailureStatus) {
        let to = self.client_monitors(id);
        let Some(session) = self.world.sessions.get(&id) else { return };
        if !to.is_empty() {
            let event = self.world.closed_event(session, status);
            self.out.event(&to, &event);
        }
        let (agent, phone) = (session.agent, session.phone);
        let drives: Vec<_> = session.drives.iter().copied().collect();
        let monitors: Vec<_> = self
            .world
            .monitors
            .iter()
            .filter(|(_, monitor)| monitor.session == id || monitor.subject == Subject::Session(id))
            .map(|(id, monitor)| (*id, monitor.session))
            .collect();
        for (monitor, owner) in monitors {
            self.stop_monitor(monitor);
            // Others who watched this session have room for another monitor; its own are gone with it.
            if owner != id {
                self.out.monitor_ended(owner, monitor);
            }
        }
        if let Some(phone) = phone {
            self.world.phones[phone].receivers.retain(|receiver| receiver.session != id);
        }
        if let Some(agent) = agent {
            self.world.agents[agent].watchers.retain(|watcher| *watcher != id);
        }
        // Before the session is gone: other clients' requests that only it could answer fail now.
        self.unregister_all(id);
        for agent in drives {
            self.release_driver(agent);
        }
        self.world.sessions.remove(&id);
        self.world.note_bridges();
    }

    /// A Client Events session gets the events of this phone.
    pub(super) fn bind_phone(&mut self, id: SessionId, phone: PhoneKey) {
        let Some(session) = self.world.sessions.get_mut(&id) else { return };
        let receiver = session.receiver();
        let old = session.phone.replace(phone);
        let gets_all = session_is(session.services, CtiService::CTI_SERVICE_ALL_EVENTS);
        if let Some(old) = old {
            self.world.phones[old].receivers.retain(|known| *known != receiver);
        }
        // It gets every event as it is, and would get those of its phone twice.
        if !gets_all {
            self.world.phones[phone].receivers.push(receiver);
        }
    }
}

/// Whether a service is among these.
pub(super) fn session_is(services: CtiService, service: CtiService) -> bool {
    services.contains(service)
}

impl super::world::World {
    /// Brings up to date who gets everything, and how many want less or more than that.
    pub(super) fn note_bridges(&mut self) {
        let has = |product| self.sessions.values().any(|session| session.protocol.product() == product);
        self.speaks = PRODUCTS.map(has);
        self.picky = self.sessions.values().filter(|session| session.variables.is_some()).count();
        self.watched = self.sessions.values().map(|session| session.watchers.len()).sum();
        self.bridges = self.sessions.values().filter(|session| session.is_bridge()).map(Session::receiver).collect();
    }

    /// All sessions that take part.
    pub(super) fn everybody(&self) -> Vec<Receiver> {
        self.sessions.values().filter(|session| !session.is_standby).map(Session::receiver).collect()
    }

    /// A session has been opened. Clients are watched on Unified CCE only, and named as there.
    pub(super) fn opened_event<'w>(&'w self, session: &'w Session) -> ClientSessionOpenedEvent<'w> {
        let [login, extension] = self.names_of(session);
        ClientSessionOpenedEvent {
            session_id: session.id.0,
            peripheral_id: session.agent.map_or(NULL_PERIPHERAL_ID, |_| self.shown(Product::Cce).peripheral()),
            services_granted: session.services,
            call_msg_mask: session.masks.0,
            agent_state_mask: session.masks.1,
            client_port: session.port,
            client_address: Some(session.address.as_str().into()),
            client_id: Some(session.client_id.as_str().into()),
            client_signature: Some(session.signature.as_str().into()),
            agent_extension: extension,
            agent_id: login,
            agent_instrument: extension,
            ..ClientSessionOpenedEvent::default()
        }
    }

    /// A session has ended, likewise.
    fn closed_event<'w>(&'w self, session: &'w Session, status: FailureStatus) -> ClientSessionClosedEvent<'w> {
        let [login, extension] = self.names_of(session);
        ClientSessionClosedEvent {
            session_id: session.id.0,
            peripheral_id: session.agent.map_or(NULL_PERIPHERAL_ID, |_| self.shown(Product::Cce).peripheral()),
            status,
            client_port: session.port,
            client_address: Some(session.address.as_str().into()),
            client_id: Some(session.client_id.as_str().into()),
            client_signature: Some(session.signature.as_str().into()),
            agent_extension: extension,
            agent_id: login,
            agent_instrument: extension,
            ..ClientSessionClosedEvent::default()
        }
    }

    /// Login and extension of the session's agent.
    fn names_of(&self, session: &Session) -> [Option<Text<'_>>; 2] {
        let login = session.agent.map(|agent| self.shown(Product::Cce).login(&self.agents[agent]));
        [login, session.phone.map(|phone| Text::from(self.phones[phone].extension.as_str()))]
    }
}
