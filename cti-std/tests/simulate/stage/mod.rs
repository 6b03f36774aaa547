//! A contact centre in which scenes are played, by clients who speak in words: `a HOLD_CALL_REQ at=call/5002`.
//!
//! The scenes, and who the clients are, stand in `requests/rows.txt`.

pub(super) mod table;

use std::collections::{BTreeMap, BTreeSet};

use cti_proto::message::{
    Body, FixedInfo, Handler, Message, MessageInfo, MessageType, OpenReq, StartRecordingConf, StartRecordingReq,
    StopRecordingConf, StopRecordingReq, Value,
};
use cti_proto::strategy::OwnedFrame;
use cti_proto::value::CtiService;
use cti_proto::{FieldFormat, Frame, Protocol, encode};
use cti_std::compose::{self, Assignment, Composed, Error};
use cti_std::simulate::{Config, SessionId};

use super::desk::{Answer, BRIDGE, DESKTOP, Desk, Heard, quiet};
use table::{Step, Table, Words};

/// The password of every agent.
const PASSWORD: &str = "secret";

/// The contact centre, its clients by their letters, and its calls by their names.
pub(super) struct Stage {
    pub(super) desk: Desk,
    protocol: Protocol,
    clients: BTreeMap<char, SessionId>,
    calls: BTreeMap<&'static str, u32>,
}

/// Why something cannot be said in a version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsayable;

impl Stage {
    pub(super) fn new(protocol: Protocol) -> Self {
        Self::of(protocol, quiet(protocol.product()))
    }

    pub(super) fn of(protocol: Protocol, mut config: Config) -> Self {
        config.agent_password = Some(PASSWORD.into());
        let mut desk = Desk::new(config);
        desk.pass(40);
        Self { desk, protocol, clients: BTreeMap::new(), calls: BTreeMap::new() }
    }

    /// The agent of a client that is an agent's.
    fn agent_of(who: char) -> Option<u32> {
        Some(match who {
            's' => 1_001,
            'a' => 1_002,
            'b' => 1_003,
            'd' => 1_004,
            't' => 1_006,
            'o' => 1_013,
            _ => return None,
        })
    }

    /// The phone of a client that is an agent's.
    pub(super) fn extension_of(who: char) -> Option<String> {
        Self::agent_of(who).map(|agent| (agent + 4_000).to_string())
    }

    fn login(&self, agent: &str) -> String {
        if self.protocol.is_ccx() { format!("agent{agent}") } else { agent.to_owned() }
    }

    /// Opens the session of a client, if it has none yet. Agents are there, and not ready.
    pub(super) fn come_in(&mut self, who: char) {
        let (desktop, supervisor) = (DESKTOP, DESKTOP | CtiService::CTI_SERVICE_SUPERVISOR);
        let all = BRIDGE
            | CtiService::CTI_SERVICE_CLIENT_MONITOR
            | CtiService::CTI_SERVICE_SUPERVISOR
            | CtiService::CTI_SERVICE_SERVER;
        let services = match who {
            's' | 'o' => supervisor,
            'c' => all,
            'r' | 'q' => CtiService::CTI_SERVICE_SERVER,
            _ => desktop,
        };
        self.come_in_with(who, services);
    }

    /// The same with services of one's own choice.
    pub(super) fn come_in_with(&mut self, who: char, services: CtiService) {
        if self.clients.contains_key(&who) {
            return;
        }
        let name = who.to_string();
        let login = Self::agent_of(who).map(|agent| self.login(&agent.to_string()));
        let request = OpenReq {
            client_id: Some(name.as_str().into()),
            agent_id: login.as_deref().map(Into::into),
            ..Desk::open_req(self.protocol, services)
        };
        let session = self.desk.open(self.protocol, &request);
        assert_eq!(self.desk.ears.refused, [], "{who}");
        self.clients.insert(who, session);
        if let Some(extension) = Self::extension_of(who) {
            let state = ["AgentState=NOT_READY", "EventReasonCode=1", &format!("AgentInstrument={extension}")];
            let words = Words { who, request: "SET_AGENT_STATE_REQ", fields: table::expand(&state) };
            assert_eq!(self.say(&words), Ok(Answer::Confirmed), "{who}");
        }
        self.desk.heard(session);
    }

    pub(super) fn offline(&mut self) {
        self.desk.centre.set_online(self.desk.now, false, &mut self.desk.ears);
    }

    /// A scene, with the clients that it takes.
    pub(super) fn at(protocol: Protocol, scene: &str) -> Self {
        let mut stage = Self::new(protocol);
        let table = Table::of_rows();
        let steps = table.steps(scene);
        let said = steps.iter().filter_map(|step| step.words());
        let clients: BTreeSet<_> = said.flat_map(Words::clients).collect();
        clients.into_iter().for_each(|who| stage.come_in(who));
        steps.into_iter().for_each(|step| stage.step(step).expect("a scene of the version"));
        stage
    }

    /// Does what a line of a scene says.
    pub(super) fn does(&mut self, line: &'static str) {
        let step = table::step(line);
        step.words().into_iter().flat_map(Words::clients).for_each(|who| self.come_in(who));
        self.step(&step).expect("a request of the version");
    }

    /// How a request is answered: `ok`, or the name of the failure.
    pub(super) fn answer(&mut self, line: &'static str) -> String {
        let Step::Say(words, None) = table::step(line) else { panic!("{line}") };
        words.clients().for_each(|who| self.come_in(who));
        name_of(self.say(&words).expect("a request of the version"))
    }

    /// How a request is answered that words would be too long for.
    pub(super) fn asks<'m, M: Body<'m>>(&mut self, who: char, request: &M) -> String {
        name_of(self.desk.ask(self.clients[&who], request))
    }

    /// What a client has heard, and forgets.
    pub(super) fn heard(&mut self, who: char) -> Vec<Heard> {
        self.desk.heard(self.clients[&who])
    }

    /// The call, the monitor or the service of this name.
    pub(super) fn number(&self, name: &str) -> u32 {
        self.calls[name]
    }

    pub(super) fn session(&self, who: char) -> SessionId {
        self.clients[&who]
    }

    /// Does a step of a scene.
    pub(super) fn step(&mut self, step: &Step) -> Result<(), Unsayable> {
        match step {
            Step::Wait(seconds) => self.desk.pass(*seconds),
            Step::Hear(who, name) => {
                let id = self.last_number(*who, |message| message == MessageType::BEGIN_CALL_EVENT);
                self.calls.insert(name, id);
            }
            Step::Say(words, name) => {
                let answer = self.say(words)?;
                let confirmed = matches!(answer, Answer::Confirmed | Answer::Monitor(_));
                assert!(confirmed, "{}: {words:?}: {answer:?}", self.protocol);
                match (name, answer) {
                    (Some(name), Answer::Monitor(id)) => drop(self.calls.insert(name, id)),
                    (Some(name), _) => {
                        let id = self.last_number(words.who, |message| {
                            message.name().is_some_and(|name| name.ends_with("_CONF"))
                        });
                        self.calls.insert(name, id);
                    }
                    (None, _) => {}
                }
            }
        }
        Ok(())
    }

    /// The call or the service that the last message of this kind is about.
    fn last_number(&self, who: char, is_wanted: impl Fn(MessageType) -> bool) -> u32 {
        let session = self.clients[&who];
        let heard =
            self.desk.ears.heard.iter().rev().find(|heard| heard.session == session && is_wanted(heard.message_type()));
        let heard = heard.unwrap_or_else(|| panic!("{who} has not heard of it"));
        let numbers = heard.frame().fields().filter_map(Result::ok).filter_map(|field| {
            let name = field.name?.to_string();
            let is_number = name.ends_with("ConnectionCallID") || name == "RegisteredServiceID";
            match field.value {
                Value::Number(number) if is_number => Some(number),
                _ => None,
            }
        });
        numbers.last().unwrap_or_else(|| panic!("{heard:?}"))
    }

    /// Sends a request, and says how it ended: now, or once time has passed.
    pub(super) fn say(&mut self, words: &Words) -> Result<Answer, Unsayable> {
        let bytes = self.bytes(words)?;
        let session = self.clients[&words.who];
        let request = match self.desk.send(session, &bytes) {
            Ok(request) => request,
            Err(answer) => return Ok(answer),
        };
        self.serve();
        if self.desk.answer_to(session, request).is_none() {
            self.desk.pass(15);
        }
        Ok(self.desk.answer_to(session, request).unwrap_or_else(|| panic!("no answer to {words:?}")))
    }

    /// What the server `r` does with the recordings that it is asked for. The server `q` does nothing.
    fn serve(&mut self) {
        let Some(server) = self.clients.get(&'r').copied() else { return };
        let asked = |heard: &Heard| {
            let asks = [MessageType::START_RECORDING_REQ, MessageType::STOP_RECORDING_REQ];
            heard.session == server && asks.contains(&heard.message_type())
        };
        let requests: Vec<_> = self.desk.ears.heard.extract_if(.., |heard| asked(heard)).collect();
        for request in requests {
            match request.message() {
                Message::StartRecordingReq(StartRecordingReq { invoke_id, .. }) => {
                    let answer =
                        StartRecordingConf { invoke_id, session_id: u32::MAX, ..StartRecordingConf::default() };
                    self.desk.tell(server, &answer);
                }
                Message::StopRecordingReq(StopRecordingReq { invoke_id, .. }) => {
                    self.desk.tell(server, &StopRecordingConf { invoke_id, ..StopRecordingConf::default() });
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// The frame that a client would send.
    pub(super) fn bytes(&self, words: &Words) -> Result<Vec<u8>, Unsayable> {
        let info = compose::request(words.request).unwrap_or_else(|error| panic!("{error}"));
        if !info.versions.include(self.protocol) {
            return Err(Unsayable);
        }
        let mut fields: Vec<_> = words.fields.iter().map(|(field, value)| self.assignment(field, value)).collect();
        let has = |fields: &[Assignment], name: &str| fields.iter().any(|known| known.field.eq_ignore_ascii_case(name));
        let known: Vec<_> = compose::fields(self.protocol, info).collect();
        let knows = |name: &str| known.iter().find(|field| field.name == name);
        if knows("PeripheralID").is_some() && !has(&fields, "PeripheralID") {
            let value = if self.protocol.is_ccx() { "1" } else { "5000" };
            fields.push(Assignment { field: "PeripheralID".into(), value: value.into() });
        }
        if knows("AgentInstrument").is_some_and(|field| field.required)
            && !has(&fields, "AgentInstrument")
            && words.request != "SET_AGENT_STATE_REQ"
            && let Some(device) = fields.iter().find(|field| field.field.ends_with("ConnectionDeviceID"))
        {
            fields.push(Assignment { field: "AgentInstrument".into(), value: device.value.clone() });
        }
        fields.retain(|field| field.value != "-");
        match compose::compose(self.protocol, info, &fields) {
            Ok(composed) => Ok(self.wire(info, &composed)),
            Err(Error::FieldNotInVersion(..)) => Err(Unsayable),
            Err(error) => panic!("{}: {words:?}: {error}", self.protocol),
        }
    }

    /// `$call` is the call of this name, `@1002` the login of this agent.
    fn assignment(&self, field: &str, value: &str) -> Assignment {
        let is_call =
            field.ends_with("CallID") || field == "SessionID" || field.ends_with("ServiceID") || field == "MonitorID";
        let value = match value.strip_prefix('@') {
            Some(agent) if agent.len() == 1 => self.clients[&agent.chars().next().unwrap()].0.to_string(),
            Some(agent) => self.login(agent),
            None if is_call => self.calls.get(value).map_or_else(|| value.to_owned(), u32::to_string),
            None => value.to_owned(),
        };
        Assignment { field: field.to_owned(), value }
    }

    /// As the version has it; what a client's own encoder would refuse, as it is.
    fn wire(&self, info: &'static MessageInfo, composed: &Composed) -> Vec<u8> {
        let frame = composed.frame().expect("a frame");
        let encoded = frame.dispatch(&mut Encode(self.protocol)).expect("a request");
        encoded.unwrap_or_else(|| self.as_it_is(info, &frame))
    }

    /// The fixed part with its counts, and the fields in the form of the version.
    fn as_it_is(&self, info: &'static MessageInfo, frame: &Frame<'_>) -> Vec<u8> {
        let fixed = info.fixed_in(self.protocol).map(FixedInfo::length).sum();
        let (fixed, mut rest) = frame.body().split_at(fixed);
        let (mut body, mut tags) = (fixed.to_vec(), Vec::new());
        while let [tag0, tag1, length0, length1, after @ ..] = rest {
            let length = u16::from_be_bytes([*length0, *length1]);
            match self.protocol.format() {
                Some(FieldFormat::Narrow) => body.extend([*tag1, u8::try_from(length).expect("a short field")]),
                _ => body.extend([tag0, tag1, length0, length1]),
            }
            let (data, others) = after.split_at(length.into());
            body.extend(data);
            tags.push(u16::from_be_bytes([*tag0, *tag1]));
            rest = others;
        }
        let mut at = 0;
        for field in info.fixed_in(self.protocol) {
            if let Some(list) = info.lists.iter().find(|list| field.counts == Some(list.rule.name)) {
                let tag = list.element.fields[0].rule.tag_in(self.protocol);
                let count = tags.iter().filter(|known| **known == tag).count() as u16;
                body[at..at + 2].copy_from_slice(&count.to_be_bytes());
            }
            at += field.length();
        }
        OwnedFrame::from_parts(self.protocol, frame.message_type(), &body).as_bytes().to_vec()
    }
}

/// `ok`, or the name of the failure.
pub(super) fn name_of(answer: Answer) -> String {
    match answer {
        Answer::Confirmed | Answer::Monitor(_) => "ok".into(),
        Answer::Failed(status) => status.name().expect("a known status").into(),
        Answer::Control(code) => code.name().expect("a known code").into(),
    }
}

/// The frame in a version, if its rules allow it.
struct Encode(Protocol);

impl Handler for Encode {
    type Output = Option<Vec<u8>>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        encode(self.0, message, &mut vec![0; self.0.max_message()]).map(<[u8]>::to_vec).ok()
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{frame:?}")
    }
}
