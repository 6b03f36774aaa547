//! What the agenda holds.

use super::call::{CallId, Leg};
use super::sink::SessionId;
use super::table::AgentKey;

/// Something that is to happen. What belongs to a state of a party or an agent carries its stamp, and happens only as
/// long as that state lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// A call comes from outside.
    Arrive,
    /// The voice portal is done with a call.
    PortalDone(Leg, u64),
    /// A caller loses patience.
    Abandon(CallId),
    /// A call reaches the phone of the agent who was chosen.
    Deliver(CallId, AgentKey),
    /// An agent answers.
    Answer(Leg, u64),
    /// It has rung long enough.
    RingNoAnswer(Leg, u64),
    /// Somebody outside answers.
    OutsideAnswers(Leg, u64),
    /// The talk has come to its twist, or to its end.
    Twist(Leg, u64),
    /// See [`Twist`](Self::Twist).
    HangUp(Leg, u64),
    /// An agent takes a held call.
    Retrieve(Leg, u64),
    /// What a consultation comes to.
    Conclude(Leg, u64),
    /// After-call work is over.
    WorkDone(AgentKey, u64),
    /// An agent takes a break, and comes back.
    Break(AgentKey, u64),
    /// See [`Break`](Self::Break).
    Return(AgentKey, u64),
    /// An agent comes in.
    LogIn(AgentKey, u64),
    /// An agent makes a call.
    PlaceCall {
        /// Whether it goes outside; else a colleague is called.
        outside: bool,
    },
    /// The greeting of an agent has been played.
    GreetingDone(Leg),
    /// Wrap-up data comes too late from now on.
    Forget(CallId),
    /// A minute is over.
    Minute,
    /// Server applications have not answered in time.
    NoServer(u32),
    /// An upload waited for room. There is one for each session with something to send.
    Upload(SessionId),
}
