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
    /// A counter, or milliseconds.
    pub(super) fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize]
    }

    /// Counts one more.
    pub(super) fn count(&mut self, counter: Counter) {
        self.0[counter as usize] += 1;
    }

    /// Adds a time.
    pub(super) fn add(&mut self, counter: Counter, time: Duration) {
        // Milliseconds of the time since the beginning at most, which fit.
        self.0[counter as usize] += u64::try_from(time.as_millis()).unwrap_or(0);
    }

    /// What has been added since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        let mut sums = *self;
        sums.0.iter_mut().zip(earlier.0).for_each(|(sum, earlier)| *sum = sum.saturating_sub(earlier));
        sums
    }

    /// A counter as messages have it.
    fn number(&self, counter: Counter) -> u32 {
        u32::try_from(self.get(counter)).unwrap_or(u32::MAX)
    }

    /// Whole seconds, rounded down: rounding each time up would make parts longer than the whole.
    fn seconds(&self, counter: Counter) -> u32 {
        u32::try_from(self.get(counter) / 1_000).unwrap_or(u32::MAX)
    }

    /// As the statistics of an agent.
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

    /// As those of a skill group.
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
    /// At the end of each of the last minutes: the counters, and the longest wait in that minute.
    minutes: VecDeque<(Sums, Duration)>,
    /// The counters when this half hour began.
    half_hour: Sums,
    /// Whole minutes of it that are over.
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

    /// The last five minutes.
    pub(super) fn five_minutes(&self) -> (SkillGroupStatistics, QueueStatistics) {
        // Four whole minutes and the present one; before there are so many, all since the beginning.
        let back = self.minutes.len().checked_sub(5).and_then(|back| self.minutes.get(back));
        let begin = back.map_or_else(Sums::default, |(sums, _)| *sums);
        self.window(&begin, 4)
    }

    /// This half hour.
    pub(super) fn half_hour(&self) -> (SkillGroupStatistics, QueueStatistics) {
        self.window(&self.half_hour, self.minutes_of_half)
    }

    /// Since midnight.
    pub(super) fn day(&self) -> (SkillGroupStatistics, QueueStatistics) {
        (self.today.of_group(), queue(&self.today, self.longest.0))
    }

    /// What has come since the counters stood so, some whole minutes ago.
    fn window(&self, begin: &Sums, minutes: usize) -> (SkillGroupStatistics, QueueStatistics) {
        let sums = self.today.since(begin);
        let longest = self.minutes.iter().rev().take(minutes).map(|(_, longest)| *longest).max();
        (sums.of_group(), queue(&sums, longest.unwrap_or_default().max(self.longest.1)))
    }
}

/// The counters of the queue.
fn queue(sums: &Sums, longest: Duration) -> QueueStatistics {
    QueueStatistics {
        calls_q: sums.number(Counter::CallsQ),
        calls_q_time: sums.seconds(Counter::CallsQTime),
        longest_call_q: u32::try_from(longest.as_secs()).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_are_all_that_there_was_while_there_were_fewer() {
        let mut history = History::default();
        let mut seen = Vec::new();
        for _ in 0..8 {
            history.waited(Duration::from_secs(1));
            seen.push(history.five_minutes().1.calls_q);
            history.minute(false);
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 5, 5, 5]);
    }
}
