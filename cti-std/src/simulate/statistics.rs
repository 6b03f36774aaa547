//! Counters of agents and skill groups, and the windows of time that they are asked for.

use std::collections::VecDeque;
use std::time::Duration;

use cti_proto::message::{AgentStatistics, QueueStatistics, SkillGroupStatistics};

/// Counters of one agent or group. Times are in milliseconds here and in seconds in messages.
macro_rules! counters {
    ($($name:ident)*) => {
        /// Names a counter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Counter { $($name),* }

        const COUNT: usize = [$(Counter::$name),*].len();
    };
}

counters! {
    Avail LoggedOn NotReady
    OutCalls OutTalk OutTime OutHeld OutHeldTime
    Handled HandledTalk HandledAfter HandledTime InHeld InHeldTime
    Internal InternalTime InternalRcvd InternalRcvdTime InternalHeld InternalHeldTime
    AutoOut AutoOutTalk AutoOutTime AutoOutHeld AutoOutHeldTime
    BargeIn Intercept Monitor Whisper Emergency
    CallsQ CallsQTime
}

/// The statistics of an agent or a group: those that both have, and more.
macro_rules! statistics {
    ($sums:ident, $statistics:ident { $($field:ident: $unit:ident($counter:ident)),* $(,)? }) => {
        $statistics {
            avail_time: $sums.seconds(Counter::Avail),
            logged_on_time: $sums.seconds(Counter::LoggedOn),
            not_ready_time: $sums.seconds(Counter::NotReady),
            agent_out_calls: $sums.number(Counter::OutCalls),
            agent_out_calls_talk_time: $sums.seconds(Counter::OutTalk),
            agent_out_calls_time: $sums.seconds(Counter::OutTime),
            agent_out_calls_held: $sums.number(Counter::OutHeld),
            agent_out_calls_held_time: $sums.seconds(Counter::OutHeldTime),
            handled_calls: $sums.number(Counter::Handled),
            handled_calls_talk_time: $sums.seconds(Counter::HandledTalk),
            handled_calls_after_call_time: $sums.seconds(Counter::HandledAfter),
            handled_calls_time: $sums.seconds(Counter::HandledTime),
            incoming_calls_held: $sums.number(Counter::InHeld),
            incoming_calls_held_time: $sums.seconds(Counter::InHeldTime),
            internal_calls_rcvd: $sums.number(Counter::InternalRcvd),
            internal_calls_rcvd_time: $sums.seconds(Counter::InternalRcvdTime),
            internal_calls_held: $sums.number(Counter::InternalHeld),
            internal_calls_held_time: $sums.seconds(Counter::InternalHeldTime),
            auto_out_calls: $sums.number(Counter::AutoOut),
            auto_out_calls_talk_time: $sums.seconds(Counter::AutoOutTalk),
            auto_out_calls_time: $sums.seconds(Counter::AutoOutTime),
            auto_out_calls_held: $sums.number(Counter::AutoOutHeld),
            auto_out_calls_held_time: $sums.seconds(Counter::AutoOutHeldTime),
            barge_in_calls: $sums.number(Counter::BargeIn),
            intercept_calls: $sums.number(Counter::Intercept),
            monitor_calls: $sums.number(Counter::Monitor),
            whisper_calls: $sums.number(Counter::Whisper),
            emergency_calls: $sums.number(Counter::Emergency),
            $($field: $sums.$unit(Counter::$counter),)*
            ..$statistics::default()
        }
    };
}

/// Counters that add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sums([u64; COUNT]);

impl Default for Sums {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

impl Sums {
    pub(super) fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize]
    }

    pub(super) fn count(&mut self, counter: Counter) {
        self.0[counter as usize] += 1;
    }

    pub(super) fn add(&mut self, counter: Counter, time: Duration) {
        self.0[counter as usize] += u64::try_from(time.as_millis()).unwrap_or(0);
    }

    /// What has been added since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let mut sums = *self;
        sums.0.iter_mut().zip(earlier.0).for_each(|(sum, earlier)| *sum = sum.saturating_sub(earlier));
        sums
    }

    fn number(&self, counter: Counter) -> u32 {
        u32::try_from(self.get(counter)).unwrap_or(u32::MAX)
    }

    fn seconds(&self, counter: Counter) -> u32 {
        u32::try_from(self.get(counter) / 1_000).unwrap_or(u32::MAX)
    }

    pub(super) fn of_agent(&self) -> AgentStatistics {
        statistics!(
            self,
            AgentStatistics {
                icm_available_time: seconds(Avail),
                routable_time: seconds(LoggedOn),
                internal_calls: number(Internal),
                internal_calls_time: seconds(InternalTime),
            }
        )
    }

    pub(super) fn of_group(&self) -> SkillGroupStatistics {
        statistics!(self, SkillGroupStatistics {})
    }
}

/// The counters of a skill group, with what they were at the beginning of each of the last minutes.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) today: Sums,
    /// Longest wait of a call since midnight, and in this minute.
    longest: (Duration, Duration),
    minutes: VecDeque<(Sums, Duration)>,
    half_hour: Sums,
    minutes_of_half: usize,
}

/// Minutes that are kept: as many as the longest window takes.
const MINUTES: usize = 30;

impl History {
    /// A call has left the queue.
    pub(super) fn waited(&mut self, wait: Duration) {
        self.today.count(Counter::CallsQ);
        self.today.add(Counter::CallsQTime, wait);
        self.longest = (self.longest.0.max(wait), self.longest.1.max(wait));
    }

    /// A minute is over.
    pub(super) fn minute(&mut self, begins_half_hour: bool) {
        if self.minutes.len() == MINUTES {
            self.minutes.pop_front();
        }
        self.minutes.push_back((self.today, self.longest.1));
        self.longest.1 = Duration::ZERO;
        self.minutes_of_half += 1;
        if begins_half_hour {
            (self.half_hour, self.minutes_of_half) = (self.today, 0);
        }
    }

    /// A new day begins.
    pub(super) fn midnight(&mut self) {
        *self = Self::default();
    }

    pub(super) fn five_minutes(&self) -> (SkillGroupStatistics, QueueStatistics) {
        let back = self.minutes.len().saturating_sub(5);
        let begin = self.minutes.get(back).map_or_else(Sums::default, |(sums, _)| *sums);
        self.window(&begin, 4)
    }

    pub(super) fn half_hour(&self) -> (SkillGroupStatistics, QueueStatistics) {
        self.window(&self.half_hour, self.minutes_of_half)
    }

    pub(super) fn day(&self) -> (SkillGroupStatistics, QueueStatistics) {
        (self.today.of_group(), queue(&self.today, self.longest.0))
    }

    fn window(&self, begin: &Sums, minutes: usize) -> (SkillGroupStatistics, QueueStatistics) {
        let sums = self.today.since(begin);
        let longest = self.minutes.iter().rev().take(minutes).map(|(_, longest)| *longest).max();
        (sums.of_group(), queue(&sums, longest.unwrap_or_default().max(self.longest.1)))
    }
}

fn queue(sums: &Sums, longest: Duration) -> QueueStatistics {
    QueueStatistics {
        calls_q: sums.number(Counter::CallsQ),
        calls_q_time: sums.seconds(Counter::CallsQTime),
        longest_call_q: u32::try_from(longest.as_secs()).unwrap_or(u32::MAX),
    }
}
