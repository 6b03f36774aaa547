//! The trackers with room for a large contact centre, to be measured.

use cti_proto::session::Instant;
use cti_proto::track::{
    AgentConfig, AgentParts, AgentSlot, CallConfig, CallLinks, CallParts, CallSlot, GroupSlot, MemberSlot, Name,
    NameBucket, Observed, PartySlot, Picture, QueueConfig, QueueParts, QueueSlot, WaitSlot, WaitingSlot,
};
use cti_proto::{Frame, Frames};

use crate::Stream;

/// Calls at one time.
const CALLS: usize = 20_000;
/// Agents.
const AGENTS: usize = 10_000;
/// Bytes of data of a call: everything but many ECC variables.
const DATA: usize = 768;

/// The memory, always of the same size.
#[derive(Debug)]
pub struct Room {
    calls: Vec<CallSlot>,
    links: Vec<CallLinks>,
    parties: Vec<PartySlot>,
    names: Vec<Name>,
    name_buckets: Vec<NameBucket>,
    data: Vec<u8>,
    agents: Vec<AgentSlot>,
    groups: Vec<GroupSlot>,
    members: Vec<MemberSlot>,
    queues: Vec<QueueSlot>,
    waiting: Vec<WaitingSlot>,
    waits: Vec<WaitSlot>,
}

impl Room {
    /// Room for 20,000 calls and 10,000 agents.
    #[must_use]
    pub fn new() -> Self {
        Self {
            calls: vec![CallSlot::EMPTY; CALLS],
            links: vec![CallLinks::EMPTY; CALLS],
            parties: vec![PartySlot::EMPTY; 2 * CALLS],
            names: vec![Name::EMPTY; 2 * CALLS],
            name_buckets: vec![NameBucket::EMPTY; 2 * CALLS],
            data: vec![0; DATA * CALLS + 63],
            agents: vec![AgentSlot::EMPTY; AGENTS],
            groups: vec![GroupSlot::EMPTY; 100],
            members: vec![MemberSlot::EMPTY; 4 * AGENTS],
            queues: vec![QueueSlot::EMPTY; 100],
            waiting: vec![WaitingSlot::EMPTY; CALLS],
            waits: vec![WaitSlot::EMPTY; CALLS],
        }
    }

    /// A picture of nothing.
    pub fn picture(&mut self) -> Picture<'_> {
        let Self { calls, links, parties, names, name_buckets, data, agents, groups, members, queues, waiting, waits } =
            self;
        Picture::new(
            (CallConfig::new(), CallParts { calls, links, parties, names, name_buckets, data }),
            (AgentConfig::new(), AgentParts { agents, groups, members }),
            (QueueConfig::new(), QueueParts { queues, calls: waiting, waits }),
        )
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

/// Tells the call tracker each frame, and takes the changes; how many there were.
#[inline(never)]
pub fn track_calls(picture: &mut Picture<'_>, now: Instant, stream: &Stream) -> u64 {
    track(stream, |frame| {
        let changed = picture.calls.observe(now, frame) == Ok(Observed::Changed);
        if changed { core::iter::from_fn(|| picture.calls.poll_change()).count() as u64 } else { 0 }
    })
}

/// The same for calls, agents and queues.
#[inline(never)]
pub fn track_all(picture: &mut Picture<'_>, now: Instant, stream: &Stream) -> u64 {
    track(stream, |frame| {
        if picture.observe(now, frame) != Ok(Observed::Changed) {
            return 0;
        }
        let calls = core::iter::from_fn(|| picture.calls.poll_change()).count();
        let agents = core::iter::from_fn(|| picture.agents.poll_change()).count();
        let groups = core::iter::from_fn(|| picture.agents.poll_group_change()).count();
        let queues = core::iter::from_fn(|| picture.queues.poll_change()).count();
        (calls + agents + groups + queues) as u64
    })
}

fn track(stream: &Stream, mut observe: impl FnMut(&Frame<'_>) -> u64) -> u64 {
    let frames = Frames::new(stream.protocol, &stream.bytes).map_while(Result::ok);
    frames.fold(0, |sum, frame| sum + observe(&frame))
}
