//! The contact centre at work: its state, and where it tells of it.

use super::agenda::Moment;
use super::sink::Sink;
use super::task::Task;
use super::world::World;

/// The state and the sink, for the time of one call from outside.
pub(super) struct Floor<'a, S> {
    pub(super) world: &'a mut World,
    pub(super) out: &'a mut S,
}

impl<S: Sink> Floor<'_, S> {
    /// Does everything that is due at `now`.
    pub(super) fn advance(&mut self, now: Moment) {
        while let Some((at, task)) = self.world.agenda.take(now) {
            // Each task finds its own time, so that it does not matter how seldom we are called; never an earlier one.
            self.world.now = self.world.now.max(at);
            self.perform(task);
        }
        self.world.now = self.world.now.max(now);
    }

    /// Notes something to be done after a while.
    pub(super) fn later(&mut self, delay: std::time::Duration, task: Task) {
        self.world.agenda.note(self.world.now.after(delay), task);
    }

    /// Does one thing, unless the state that it was planned for has passed.
    fn perform(&mut self, task: Task) {
        match task {
            Task::Arrive => self.arrive(),
            Task::PortalDone(leg, stamp) if self.is_current(leg, stamp) => self.portal_done(leg),
            // Patience does not end with a state.
            Task::Abandon(call) => self.abandon(call),
            Task::Deliver(call, agent) => self.deliver(call, agent),
            Task::Answer(leg, stamp) if self.is_current(leg, stamp) => self.answer_by_habit(leg),
            Task::RingNoAnswer(leg, stamp) if self.is_current(leg, stamp) => self.ring_no_answer(leg),
            Task::OutsideAnswers(leg, stamp) if self.is_current(leg, stamp) => self.answer(leg),
            Task::Twist(leg, stamp) if self.is_current(leg, stamp) => self.twist(leg),
            Task::HangUp(leg, stamp) if self.is_current(leg, stamp) => self.hang_up_by_habit(leg),
            Task::Retrieve(leg, stamp) if self.is_current(leg, stamp) => self.retrieve_by_habit(leg),
            Task::Conclude(leg, stamp) if self.is_current(leg, stamp) => self.conclude(leg),
            Task::WorkDone(agent, stamp) => self.work_done(agent, stamp),
            Task::Break(agent, stamp) => self.take_break(agent, stamp),
            Task::Return(agent, stamp) => self.come_back(agent, stamp),
            Task::LogIn(agent, stamp) => self.log_in_by_habit(agent, stamp),
            Task::PlaceCall { outside } => self.place_by_habit(outside),
            Task::GreetingDone(leg) => self.greeting_done(leg),
            Task::Forget(call) => drop(self.world.ended.remove(&call)),
            Task::Minute => self.minute(),
            Task::NoServer(invoke) => self.no_server(invoke),
            Task::Upload(session) => self.go_on_with_upload(session),
            // Planned for a state that has passed.
            _ => {}
        }
    }

    /// Whether a party is still in the state that something was planned for.
    pub(super) fn is_current(&self, leg: super::call::Leg, stamp: u64) -> bool {
        self.world.party(leg).is_some_and(|party| party.stamp == stamp)
    }
}
