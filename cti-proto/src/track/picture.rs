//! All that is tracked at once.

use crate::error::DecodeError;
use crate::session::Instant;
use crate::track::told::Told;
use crate::track::{
    Agent, AgentConfig, AgentParts, AgentTracker, Call, CallConfig, CallParts, CallTracker, Handle, Observed,
    QueueConfig, QueueParts, QueueTracker,
};
use crate::wire::Frame;

/// Calls, agents and queues, each by its tracker, fed together.
///
/// The trackers are there to be used as they are; only feeding them is done here, so that none is forgotten. Those who want
/// fewer of them, or the [configuration](crate::track::ConfigTracker) too, feed those themselves.
///
/// ```
/// use cti_proto::session::Instant;
/// use cti_proto::track::{
///     AgentConfig, AgentStorage, CallConfig, CallStorage, Observed, Picture, QueueConfig, QueueStorage,
/// };
/// use cti_proto::{Frame, MessageType, Protocol};
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// // A wallboard of 64 agents, 16 queues and 32 calls, without call data.
/// let mut calls = CallStorage::<32, 64, 96, 0>::new();
/// let mut agents = AgentStorage::<64, 24, 192>::new();
/// let mut queues = QueueStorage::<16, 32, 64>::new();
/// let mut picture = Picture::<12>::new(
///     (CallConfig::new(), calls.parts()),
///     (AgentConfig::new(), agents.parts()),
///     (QueueConfig::new(), queues.parts()),
/// );
///
/// // With each frame of the session:
/// let frame = Frame::new(Protocol::cce(24)?, MessageType::HEARTBEAT_CONF, &[0, 0, 0, 1]);
/// assert_eq!(picture.observe(Instant::ZERO, &frame)?, Observed::Irrelevant);
///
/// // What an agent is doing:
/// for (handle, agent) in picture.agents.iter() {
///     println!("{} {:?}: {} calls", agent.id, agent.state, picture.calls_of(handle).count());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Picture<'s, const ID: usize = 12> {
    /// Calls.
    pub calls: CallTracker<'s>,
    /// Agents, skill groups and teams.
    pub agents: AgentTracker<'s, ID>,
    /// Queues.
    pub queues: QueueTracker<'s>,
}

impl<'s, const ID: usize> Picture<'s, ID> {
    /// A picture of nothing, on this memory.
    #[must_use]
    pub fn new(
        (call_config, calls): (CallConfig, CallParts<'s>),
        (agent_config, agents): (AgentConfig, AgentParts<'s, ID>),
        (queue_config, queues): (QueueConfig, QueueParts<'s>),
    ) -> Self {
        Self {
            calls: CallTracker::new(call_config, calls),
            agents: AgentTracker::new(agent_config, agents),
            queues: QueueTracker::new(queue_config, queues),
        }
    }

    /// Takes what a message says, whatever it is about.
    ///
    /// # Errors
    /// [`DecodeError`] if the message is of interest and does not decode: then nobody has taken anything of it.
    pub fn observe(&mut self, now: Instant, frame: &Frame<'_>) -> Result<Observed, DecodeError> {
        let Self { calls, agents, queues } = self;
        let message = frame.message_type();
        let (of_calls, of_agents, of_queues) = (calls.hears(message), agents.hears(message), queues.hears(frame));
        // Read once, for all.
        let mut told = Told::new(frame);
        if of_calls || of_agents || of_queues {
            told.read_with(|told| {
                if of_calls {
                    calls.fetch(told)
                }
            })?;
        }
        let calls = if of_calls { calls.take(now, &told) } else { Observed::Irrelevant };
        let agents = if of_agents { agents.take(now, &told) } else { agents.observe_other(now, frame)? };
        let queues = if of_queues { queues.take(now, &told) } else { queues.observe_other(now, frame)? };
        Ok(calls.or(agents).or(queues))
    }

    /// The session is gone: what is known is stale from now on.
    pub fn session_lost(&mut self) {
        self.calls.session_lost();
        self.agents.session_lost();
        self.queues.session_lost();
    }

    /// A new session has told of everything, or the application has asked for it: what is still stale goes.
    pub fn resynchronised(&mut self) {
        self.calls.resynchronised();
        self.agents.resynchronised();
        self.queues.resynchronised();
    }

    /// Looks at a few entries of each tracker for those to be given up. To be called now and then.
    pub fn sweep(&mut self, now: Instant) {
        self.calls.sweep(now);
        self.agents.sweep();
        self.queues.sweep(now);
    }

    /// The calls that an agent takes part in, by extension and by instrument.
    pub fn calls_of(&self, agent: Handle<Agent<ID>>) -> impl Iterator<Item = Call<'_>> + Clone {
        let agent = self.agents.get(agent);
        let devices = agent.map(|agent| [agent.extension.text(), agent.instrument.text()]);
        let [extension, instrument] = devices.unwrap_or_default();
        let others = self.calls.at_device(instrument).filter(move |call| call.party(extension).is_none());
        self.calls.at_device(extension).chain(others)
    }
}
