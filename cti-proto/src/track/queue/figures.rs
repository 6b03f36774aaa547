//! The figures that a wallboard shows, each with its definition.
//!
//! | figure | from | definition |
//! | --- | --- | --- |
//! | calls that wait, longest wait | CALL_QUEUED_EVENT and what ends a wait | [`Queue::waiting`](super::Queue::waiting), [`QueueTracker::longest_wait`](super::QueueTracker::longest_wait) |
//! | the same, as the server sees it | QUERY_SKILL_GROUP_STATISTICS_CONF | [`SkillGroupFigures::calls_queued`], [`SkillGroupFigures::longest_wait`] |
//! | service level | call events | [`QueueOutcomes::service_level`] |
//! | abandon rate | call events: the protocol has no statistics of it | [`QueueOutcomes::abandon_rate`] |
//! | average speed of answer | call events | [`QueueOutcomes::average_answer`] |
//! | average handle, talk and wrap-up time, occupancy | QUERY_SKILL_GROUP_STATISTICS_CONF, QUERY_AGENT_STATISTICS_CONF | [`PeriodFigures`] |

use crate::message::debug;
use core::time::Duration;

use crate::message::{
    AgentStatistics, QuerySkillGroupStatisticsConf, QueueStatistics, SkillGroupAgents, SkillGroupStatistics,
};
use crate::wire::FixedValue as _;

/// In place of a figure: unknown.
const UNKNOWN: u32 = u32::MAX;

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Share {
    /// The part, at most `of`.
    pub part: u32,
    /// The whole.
    pub of: u32,
}

impl Share {
    /// Whole percents, rounded down; `None` of nothing.
    #[must_use]
    pub fn percent(self) -> Option<u32> {
        let percent = u64::from(self.part).saturating_mul(100).checked_div(self.of.into())?;
        Some(u32::try_from(percent).unwrap_or(u32::MAX))
    }
}

/// What abandoned calls do to the service level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ServiceLevel {
    /// Calls abandoned in time do not count at all: answered in time, of all but those.
    #[default]
    AbandonedIgnored,
    /// Calls abandoned in time count as not answered: answered in time, of all.
    AbandonedNegative,
    /// Calls abandoned in time count as answered: answered or abandoned in time, of all.
    AbandonedPositive,
}

/// What became of the calls that came to a queue, since the last [`reset`](super::QueueTracker::reset).
///
/// A call comes to a queue when it is queued there, or when it rings for the queue without having waited, as an agent was
/// free. It is offered to the queue once, and ends as one of answered, abandoned and elsewhere, or is still on its way: it
/// waits or rings. In time means: within the threshold of the queue, counted from when the call came to the queue; ringing
/// counts, as it does in the reports of Unified CCE.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QueueOutcomes {
    /// Calls that came to the queue: queued, or ringing at once.
    pub offered: u32,
    /// Calls that were established with somebody, in the name of this skill group if it was said.
    pub answered: u32,
    /// Those of them that were answered in time.
    pub answered_in_time: u32,
    /// Calls that ended before somebody answered, in the queue or after it.
    pub abandoned: u32,
    /// Those of them that were abandoned in time.
    pub abandoned_in_time: u32,
    /// Calls that left the queue otherwise: another skill group's agent answered, or nothing more is known of them.
    pub elsewhere: u32,
    /// Seconds that answered calls waited until they were answered, ringing included, added up.
    pub answer_seconds: u32,
    /// Seconds that abandoned calls waited until they ended, added up.
    pub abandon_seconds: u32,
    /// Seconds that the call waited which waited longest of those answered or abandoned.
    pub longest_seconds: u32,
}

debug! {
    QueueOutcomes { offered, answered, answered_in_time, abandoned, abandoned_in_time, elsewhere, answer_seconds, abandon_seconds, longest_seconds, }
}

impl QueueOutcomes {
    pub(super) const NONE: Self = Self {
        offered: 0,
        answered: 0,
        answered_in_time: 0,
        abandoned: 0,
        abandoned_in_time: 0,
        elsewhere: 0,
        answer_seconds: 0,
        abandon_seconds: 0,
        longest_seconds: 0,
    };

    /// Service level: the share of calls answered in time, of those answered or abandoned, whether they waited in the queue
    /// or rang at once. A call counts when it is answered or abandoned, one that waits too long no sooner; one that went
    /// elsewhere does not count.
    #[must_use]
    pub const fn service_level(&self, kind: ServiceLevel) -> Share {
        let all = self.answered.saturating_add(self.abandoned);
        match kind {
            ServiceLevel::AbandonedIgnored => {
                Share { part: self.answered_in_time, of: all.saturating_sub(self.abandoned_in_time) }
            }
            ServiceLevel::AbandonedNegative => Share { part: self.answered_in_time, of: all },
            ServiceLevel::AbandonedPositive => {
                Share { part: self.answered_in_time.saturating_add(self.abandoned_in_time), of: all }
            }
        }
    }

    /// The share of calls abandoned, of those answered or abandoned.
    #[must_use]
    pub const fn abandon_rate(&self) -> Share {
        Share { part: self.abandoned, of: self.answered.saturating_add(self.abandoned) }
    }

    /// Average speed of answer: seconds from when a call came to the queue until it was answered, on average. `None` if none
    /// was answered.
    #[must_use]
    pub fn average_answer(&self) -> Option<Duration> {
        average(self.answer_seconds, self.answered)
    }

    /// Average time after which calls were abandoned. `None` if none was.
    #[must_use]
    pub fn average_abandon(&self) -> Option<Duration> {
        average(self.abandon_seconds, self.abandoned)
    }
}

fn average(seconds: u32, count: u32) -> Option<Duration> {
    seconds.checked_div(count).map(|seconds| Duration::from_secs(seconds.into()))
}

/// What a wallboard shows of the statistics of a skill group or an agent in one period.
///
/// Calls count once their wrap-up is over. Guide: "Miscellaneous Service".
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PeriodFigures {
    /// Inbound calls handled (`HandledCalls`).
    pub handled_calls: u32,
    /// Seconds from answer to end of wrap-up of these, hold included (`HandledCallsTime`).
    pub handled_calls_time: u32,
    /// Seconds of talk of these, hold included (`HandledCallsTalkTime`).
    pub handled_calls_talk_time: u32,
    /// Seconds of wrap-up of these (`HandledCallsAfterCallTime`).
    pub handled_calls_after_call_time: u32,
    /// Seconds that agents were available (`AvailTime`).
    pub avail_time: u32,
    /// Seconds that agents were logged on (`LoggedOnTime`).
    pub logged_on_time: u32,
    /// Seconds that agents were not ready (`NotReadyTime`).
    pub not_ready_time: u32,
    /// The queue (`CallsQ`, `CallsQTime`, `LongestCallQ`); of an agent, unknown.
    pub queue: QueueStatistics,
}

debug! {
    PeriodFigures { handled_calls, handled_calls_time, handled_calls_talk_time, handled_calls_after_call_time, avail_time, logged_on_time, not_ready_time, queue, }
}

impl PeriodFigures {
    const NONE: Self = Self {
        handled_calls: 0,
        handled_calls_time: 0,
        handled_calls_talk_time: 0,
        handled_calls_after_call_time: 0,
        avail_time: 0,
        logged_on_time: 0,
        not_ready_time: 0,
        queue: QueueStatistics::DEFAULT,
    };

    /// Those of a skill group.
    #[must_use]
    pub const fn of_skill_group(group: &SkillGroupStatistics, queue: &QueueStatistics) -> Self {
        Self {
            handled_calls: group.handled_calls,
            handled_calls_time: group.handled_calls_time,
            handled_calls_talk_time: group.handled_calls_talk_time,
            handled_calls_after_call_time: group.handled_calls_after_call_time,
            avail_time: group.avail_time,
            logged_on_time: group.logged_on_time,
            not_ready_time: group.not_ready_time,
            queue: *queue,
        }
    }

    /// Those of an agent, from QUERY_AGENT_STATISTICS_CONF: `session` since login, `today` since midnight.
    #[must_use]
    pub const fn of_agent(agent: &AgentStatistics) -> Self {
        Self {
            handled_calls: agent.handled_calls,
            handled_calls_time: agent.handled_calls_time,
            handled_calls_talk_time: agent.handled_calls_talk_time,
            handled_calls_after_call_time: agent.handled_calls_after_call_time,
            avail_time: agent.avail_time,
            logged_on_time: agent.logged_on_time,
            not_ready_time: agent.not_ready_time,
            queue: QueueStatistics { calls_q: UNKNOWN, calls_q_time: UNKNOWN, longest_call_q: UNKNOWN },
        }
    }

    /// Average handle time: `HandledCallsTime` by `HandledCalls`.
    #[must_use]
    pub fn average_handle(&self) -> Option<Duration> {
        average(self.handled_calls_time, self.handled_calls)
    }

    /// Average talk time: `HandledCallsTalkTime` by `HandledCalls`.
    #[must_use]
    pub fn average_talk(&self) -> Option<Duration> {
        average(self.handled_calls_talk_time, self.handled_calls)
    }

    /// Average wrap-up time: `HandledCallsAfterCallTime` by `HandledCalls`.
    #[must_use]
    pub fn average_wrap_up(&self) -> Option<Duration> {
        average(self.handled_calls_after_call_time, self.handled_calls)
    }

    /// Average time in queue: `CallsQTime` by `CallsQ`. `None` if unknown, or if no call was queued.
    #[must_use]
    pub fn average_queue(&self) -> Option<Duration> {
        average(known(self.queue.calls_q_time)?, known(self.queue.calls_q)?)
    }

    /// Occupancy: the share of the time in which agents had work, of the time in which they were there for it. That is
    /// `LoggedOnTime` without `NotReadyTime` and `AvailTime`, of `LoggedOnTime` without `NotReadyTime`.
    #[must_use]
    pub const fn occupancy(&self) -> Share {
        let there = self.logged_on_time.saturating_sub(self.not_ready_time);
        Share { part: there.saturating_sub(self.avail_time), of: there }
    }
}

/// What the server says of a skill group, from QUERY_SKILL_GROUP_STATISTICS_CONF.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SkillGroupFigures {
    /// Agents by state, now.
    pub agents: SkillGroupAgents,
    /// `RouterCallsQNow`; 0xffffffff if unknown.
    pub router_calls_q_now: u32,
    /// `LongestRouterCallQNow` in seconds; 0xffffffff if unknown.
    pub longest_router_call_q_now: u32,
    /// The queue of the peripheral, now.
    pub queue_now: QueueStatistics,
    /// The last five minutes (`To5`).
    pub to5: PeriodFigures,
    /// The current half hour (`ToHalf`).
    pub to_half: PeriodFigures,
    /// Since midnight (`Today`).
    pub today: PeriodFigures,
}

debug! {
    SkillGroupFigures { agents, router_calls_q_now, longest_router_call_q_now, queue_now, to5, to_half, today, }
}

impl SkillGroupFigures {
    pub(super) const NONE: Self = Self {
        agents: SkillGroupAgents::DEFAULT,
        router_calls_q_now: 0,
        longest_router_call_q_now: 0,
        queue_now: QueueStatistics::DEFAULT,
        to5: PeriodFigures::NONE,
        to_half: PeriodFigures::NONE,
        today: PeriodFigures::NONE,
    };

    /// Those of a confirmation.
    #[must_use]
    pub const fn new(conf: &QuerySkillGroupStatisticsConf) -> Self {
        Self {
            agents: conf.agents,
            router_calls_q_now: conf.router_calls_q_now,
            longest_router_call_q_now: conf.longest_router_call_q_now,
            queue_now: conf.queue_now,
            to5: PeriodFigures::of_skill_group(&conf.to5, &conf.queue5),
            to_half: PeriodFigures::of_skill_group(&conf.to_half, &conf.queue_half),
            today: PeriodFigures::of_skill_group(&conf.skill_group_today, &conf.queue_today),
        }
    }

    /// Calls that wait for the skill group: those of the router and those at the peripheral (`RouterCallsQNow` and
    /// `CallsQNow`), as far as they are known; `None` if neither is.
    #[must_use]
    pub fn calls_queued(&self) -> Option<u32> {
        let (router, peripheral) = (known(self.router_calls_q_now), known(self.queue_now.calls_q));
        let sum = router.unwrap_or_default().saturating_add(peripheral.unwrap_or_default());
        router.or(peripheral).map(|_| sum)
    }

    /// How long the call has waited that has waited longest, of the two queues (`LongestRouterCallQNow`,
    /// `LongestCallQNow`), at the time of the confirmation; `None` if neither is known.
    #[must_use]
    pub fn longest_wait(&self) -> Option<Duration> {
        let longest = known(self.longest_router_call_q_now).max(known(self.queue_now.longest_call_q));
        longest.map(|seconds| Duration::from_secs(seconds.into()))
    }
}

fn known(number: u32) -> Option<u32> {
    (number != UNKNOWN).then_some(number)
}
