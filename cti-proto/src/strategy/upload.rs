//! The configuration of agents as it is uploaded and changes: streams of events that a server may send.

use std::format;
use std::string::String;
use std::vec::Vec;

use proptest::collection::{SizeRange, vec as vec_of};
use proptest::option::{of as option_of, weighted};
use proptest::prelude::*;
use proptest::sample::select;

use super::owned::{OwnedFrame, OwnedStream};
use crate::message::{AgentRecord, AgentSkill, ConfigAgentEvent, ConfigBeginEvent, ConfigEndEvent, OpenConf};
use crate::protocol::Protocol;
use crate::value::{CcxConfigMask, ConfigEndStatus, ConfigMask, ConfigType, RecordType};
use crate::wire::{ConfigKey, List, Text};

/// Records in a message at most.
const MOST_RECORDS: usize = 4;

/// Uploads of agents' configuration, whole, in parts, failed and broken off, and updates that add, change and delete
/// agents. A plain value: every method gives a changed copy, or a strategy.
///
/// Login IDs are `1001` and up, at peripheral 5000 (Unified CCX: 1). The steps come in any order, also in one that only
/// losses explain: an end without a beginning, a change of an agent that was never added.
///
/// ```
/// use cti_proto::strategy::Upload;
/// use cti_proto::Protocol;
/// use proptest::prelude::*;
///
/// let events = Upload::new().agents(4).events(Protocol::cce(24)?, 0..50);
/// proptest!(|(events in events)| {
///     prop_assert!(events.iter().all(|event| event.frame().message().is_ok()));
/// });
/// # Ok::<_, cti_proto::UnsupportedVersion>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Upload {
    agents: u16,
}

/// What happens in an [`Upload`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadStep {
    /// An upload begins, or goes on if it had come to a partial end; else updates follow: CONFIG_BEGIN_EVENT, with a key
    /// of eight equal bytes, 1 of uploads and 2 of updates.
    Begin(ConfigType),
    /// What is said of agents: CONFIG_AGENT_EVENT.
    Agents(Vec<UploadedAgent>),
    /// The end of what was begun: CONFIG_END_EVENT.
    End(ConfigEndStatus),
    /// A new session: OPEN_CONF.
    Reopened,
}

/// What a record says of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedAgent {
    /// Whether the agent is added, changed or deleted.
    pub record_type: RecordType,
    /// The login ID.
    pub login_id: String,
    /// The login ID that it was, of one that is changed.
    pub old_login_id: Option<String>,
    /// The first name, if it is said.
    pub first_name: Option<String>,
    /// The extension, if it is said.
    pub extension: Option<String>,
    /// Numbers of skill groups; empty if nothing is said of them.
    pub skills: Vec<u32>,
}

impl Upload {
    /// The peripheral on Unified CCE.
    pub const PERIPHERAL: u32 = 5000;

    /// Eight agents.
    pub const fn new() -> Self {
        Self { agents: 8 }
    }

    /// How many agents there are, at least 1.
    pub const fn agents(self, agents: u16) -> Self {
        Self { agents: if agents == 0 { 1 } else { agents } }
    }

    /// What happens, in `len` steps.
    pub fn steps(self, len: impl Into<SizeRange>) -> BoxedStrategy<Vec<UploadStep>> {
        vec_of(self.step(), len).boxed()
    }

    /// The events of `len` steps.
    pub fn events(self, protocol: Protocol, len: impl Into<SizeRange>) -> BoxedStrategy<Vec<OwnedFrame>> {
        self.steps(len).prop_map(move |steps| steps.iter().filter_map(|step| step.frame(protocol)).collect()).boxed()
    }

    /// The same, one behind the other.
    pub fn stream(self, protocol: Protocol, len: impl Into<SizeRange>) -> BoxedStrategy<OwnedStream> {
        self.events(protocol, len).prop_map(move |events| OwnedStream::of(protocol, &events)).boxed()
    }

    fn step(self) -> impl Strategy<Value = UploadStep> {
        let status = prop_oneof![
            4 => Just(ConfigEndStatus::CONFIGEND_SUCCESS),
            3 => Just(ConfigEndStatus::CONFIGEND_PARTIAL),
            1 => Just(ConfigEndStatus::CONFIGEND_INVALID),
            1 => Just(ConfigEndStatus::CONFIGEND_EMPTY),
        ];
        prop_oneof![
            3 => select(&[ConfigType::SOLICITED, ConfigType::UNSOLICITED]).prop_map(UploadStep::Begin),
            6 => vec_of(self.agent(), 1..=MOST_RECORDS).prop_map(UploadStep::Agents),
            3 => status.prop_map(UploadStep::End),
            1 => Just(UploadStep::Reopened),
        ]
    }

    fn agent(self) -> impl Strategy<Value = UploadedAgent> {
        let numbered = |first: u32| move |nth: u16| format!("{}", first.saturating_add(nth.into()));
        let id = move || (0..self.agents).prop_map(numbered(1_001));
        let record_type = prop_oneof![
            4 => Just(RecordType::CONFIG_RECORD_ADD),
            3 => Just(RecordType::CONFIG_RECORD_CHANGE),
            2 => Just(RecordType::CONFIG_RECORD_DELETE),
        ];
        let name = option_of(select(&["Ann", "Berta", "Carla", "Dora"]).prop_map(String::from));
        let extension = option_of((0..4_u16).prop_map(numbered(5_001)));
        (record_type, id(), weighted(0.3, id()), name, extension, option_of(vec_of(1..5_u32, 1..4))).prop_map(
            |(record_type, login_id, old_login_id, first_name, extension, skills)| UploadedAgent {
                record_type,
                login_id,
                old_login_id: old_login_id.filter(|_| record_type == RecordType::CONFIG_RECORD_CHANGE),
                first_name,
                extension,
                skills: skills.unwrap_or_default(),
            },
        )
    }
}

impl Default for Upload {
    fn default() -> Self {
        Self::new()
    }
}

impl UploadStep {
    /// The message that tells of it; `None` if the protocol has no such message.
    #[must_use]
    pub fn frame(&self, protocol: Protocol) -> Option<OwnedFrame> {
        match self {
            Self::Begin(config_type) => begin(protocol, *config_type),
            Self::Agents(agents) => told(protocol, agents),
            Self::End(config_end_status) => OwnedFrame::of(
                protocol,
                &ConfigEndEvent { config_end_status: *config_end_status, ..ConfigEndEvent::default() },
            ),
            Self::Reopened => OwnedFrame::of(protocol, &OpenConf::default()),
        }
    }
}

fn begin(protocol: Protocol, config_type: ConfigType) -> Option<OwnedFrame> {
    let mask = if protocol.is_ccx() { CcxConfigMask::AGENT.0 } else { ConfigMask::CONFIG_MSG_AGENT_MASK.0 };
    let key = if config_type == ConfigType::SOLICITED { 1 } else { 2 };
    let event = ConfigBeginEvent {
        config_type,
        config_information: ConfigMask(mask),
        agent_config_key: Some(ConfigKey([key; 8])),
        ..ConfigBeginEvent::default()
    };
    OwnedFrame::of(protocol, &event)
}

fn told(protocol: Protocol, agents: &[UploadedAgent]) -> Option<OwnedFrame> {
    let skill = |number: &u32| AgentSkill { number: *number, priority: 0 };
    let skills: Vec<Vec<_>> = agents.iter().map(|agent| agent.skills.iter().map(skill).collect()).collect();
    // What the message has had since version 11.
    let (names_place, names_old) = (protocol.version() >= 11 && !protocol.is_ccx(), protocol.version() >= 11);
    let records = agents.iter().zip(&skills).map(|(agent, skills)| AgentRecord {
        record_type: Some(agent.record_type),
        flt_peripheral_id: Some(Upload::PERIPHERAL).filter(|_| names_place),
        login_id: Some(Text::from(&*agent.login_id)),
        old_login_id: agent.old_login_id.as_deref().filter(|_| names_old).map(Text::from),
        first_name: agent.first_name.as_deref().map(Text::from),
        extension: agent.extension.as_deref().map(Text::from),
        skills: List::new(skills),
        ..AgentRecord::default()
    });
    let records: Vec<_> = records.collect();
    OwnedFrame::of(protocol, &ConfigAgentEvent { records: List::new(&records) })
}
