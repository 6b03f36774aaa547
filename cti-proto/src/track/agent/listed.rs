//! The skill groups that a message lists, for who keeps less of them than memberships.

use crate::message::{FltSkillGroup, MessageType};
use crate::track::told::Told;
use crate::wire::{Frame, Text};

/// The login ID of the agent whom an AGENT_STATE_EVENT or a QUERY_AGENT_STATE_CONF tells of, and the numbers of the skill
/// groups that it lists. `None` if it lists none, and for any other message.
///
/// An [`AgentTracker`](super::AgentTracker) keeps a [`Membership`](super::Membership) for each group of an agent, with the
/// state in it. A wallboard of a few queues needs less, such as a bit for each:
///
/// ```
/// # use cti_proto::message::{AgentSkillGroup, QueryAgentStateConf};
/// # use cti_proto::{Frames, List, Protocol, encode};
/// use cti_proto::track::listed_skill_groups;
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// # let groups = [101, 103].map(|number| AgentSkillGroup { number, ..AgentSkillGroup::default() });
/// # let (agent_id, skill_groups) = (Some("1001".into()), List::new(&groups));
/// # let conf = QueryAgentStateConf { agent_id, skill_groups, ..QueryAgentStateConf::default() };
/// # let (protocol, mut buffer) = (Protocol::cce(24)?, [0; 256]);
/// # let frame = Frames::new(protocol, encode(protocol, &conf, &mut buffer)?).next().ok_or("no frame")??;
/// // Of the groups from 101 on:
/// let (agent, groups) = listed_skill_groups(&frame).ok_or("no groups")?;
/// let bits = groups.filter_map(|number| 1u16.checked_shl(number.wrapping_sub(101))).sum::<u16>();
/// assert_eq!((agent.to_str()?, bits), ("1001", 0b101));
/// # Ok(())
/// # }
/// ```
pub fn listed_skill_groups<'a>(frame: &Frame<'a>) -> Option<(Text<'a>, impl Iterator<Item = u32> + use<'a>)> {
    if !matches!(frame.message_type(), MessageType::AGENT_STATE_EVENT | MessageType::QUERY_AGENT_STATE_CONF) {
        return None;
    }
    let mut told = Told::new(frame);
    told.read().ok()?;
    let numbers = told.has_items().then(|| told.numbers_of_items::<FltSkillGroup>())?;
    Some((told.agent_id()?, numbers))
}
