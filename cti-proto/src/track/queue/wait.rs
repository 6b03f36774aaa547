//! Waits: which calls are in which queues.

use crate::track::handle::Handle;
use crate::track::hash::Hash;
use crate::track::link::Link;
use crate::track::queue::QueueTracker;
use crate::track::queue::entry::{Queue, QueueChanges, QueueKey, WaitEntry, WaitingEntry, hash_of_call, key};
use crate::track::text::trimmed;
use crate::value::{ConnectionDeviceIdType, NULL_SKILL_GROUP};
use crate::wire::Text;

/// The list of a call's waits.
pub(super) const OF_CALL: usize = 0;
/// The list of the calls that wait in a queue.
pub(super) const OF_QUEUE: usize = 1;

/// Names a call, as events do.
#[derive(Clone, Copy)]
pub(super) struct CallName<'a> {
    pub(super) peripheral: u32,
    pub(super) call_id: u32,
    pub(super) device_type: ConnectionDeviceIdType,
    /// `ConnectionDeviceID`.
    pub(super) device: Option<Text<'a>>,
}

impl CallName<'_> {
    /// What is kept of the device.
    fn device(&self) -> u32 {
        Hash::new().bytes(trimmed(self.device.unwrap_or_default())).finish()
    }
}

/// How a wait ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Somebody answered, for the skill group of this number or ID.
    Answered {
        number: u32,
        id: u32,
    },
    Abandoned,
    Elsewhere,
}

impl QueueTracker<'_> {
    // ---- queues -------------------------------------------------------------------------------

    pub(super) fn queue_with_key(&self, key: QueueKey) -> Option<Handle<Queue>> {
        self.queues.find(key::QUEUE, key.hash(), |queue| queue.key == key)
    }

    pub(super) fn queue_with_id(&self, id: u32) -> Option<Handle<Queue>> {
        let hash = QueueKey::SkillGroupId(id).hash();
        self.queues.find(key::SKILL_GROUP_ID, hash, |queue| queue.skill_group_id == id)
    }

    /// The queue of a skill group, named by number, ID or both.
    pub(super) fn skill_group(&self, peripheral_id: u32, number: u32, id: u32) -> Option<Handle<Queue>> {
        let key = QueueKey::SkillGroup { peripheral_id, skill_group_number: number };
        let by_number = (number != NULL_SKILL_GROUP).then(|| self.queue_with_key(key)).flatten();
        let by_id = || (id != NULL_SKILL_GROUP).then(|| self.queue_with_id(id)).flatten();
        let may_be = |queue: &Handle<Queue>| {
            let is_numberless = |queue: &Queue| matches!(queue.key, QueueKey::SkillGroupId(_));
            number == NULL_SKILL_GROUP || self.queues.get(*queue).is_some_and(is_numberless)
        };
        by_number.or_else(|| by_id().filter(may_be))
    }

    /// The same, taken up if it is not known, and called what the message calls it.
    pub(super) fn meet_skill_group(&mut self, peripheral_id: u32, number: u32, id: u32) -> Option<Handle<Queue>> {
        let key = match number {
            NULL_SKILL_GROUP if id == NULL_SKILL_GROUP => return None,
            NULL_SKILL_GROUP => QueueKey::SkillGroupId(id),
            skill_group_number => QueueKey::SkillGroup { peripheral_id, skill_group_number },
        };
        match self.skill_group(peripheral_id, number, id) {
            Some(queue) => {
                self.rename(queue, key, id);
                Some(queue)
            }
            None => self.meet(key, id),
        }
    }

    /// The queue with this key, taken up if it is not known.
    pub(super) fn meet(&mut self, key: QueueKey, skill_group_id: u32) -> Option<Handle<Queue>> {
        let known = self.queue_with_key(key);
        if known.is_some() || self.config.watched_only {
            return known;
        }
        self.insert_queue(key, skill_group_id)
    }

    pub(super) fn insert_queue(&mut self, key: QueueKey, skill_group_id: u32) -> Option<Handle<Queue>> {
        if !self.queues.has_room()
            && let Some(idle) = self.queues.victim(|_, queue| (queue.waits.is_none() && !queue.watched).then_some(()))
        {
            self.queues.evict(idle);
        }
        let queue = self.queues.insert(Queue::new(key, skill_group_id, self.config.threshold));
        match queue {
            Some(queue) => self.queues.mark(queue, QueueChanges::NEW),
            None => self.queues.refuse(),
        }
        queue
    }

    pub(super) fn rename(&mut self, queue: Handle<Queue>, key: QueueKey, id: u32) {
        let Some(known) = self.queues.get(queue) else { return };
        let id = if id == NULL_SKILL_GROUP { known.skill_group_id } else { id };
        let key = if matches!(key, QueueKey::SkillGroupId(_)) { known.key } else { key };
        if (known.key, known.skill_group_id) == (key, id) {
            return;
        }
        // An ID has one skill group: the one that was last said to have it.
        if let Some(other) = self.queue_with_id(id).filter(|other| *other != queue) {
            self.queues.edit(other, |other| other.skill_group_id = NULL_SKILL_GROUP);
        }
        self.queues.edit(queue, |queue| (queue.key, queue.skill_group_id) = (key, id));
        self.queues.mark(queue, QueueChanges::NAME);
    }

    // ---- calls --------------------------------------------------------------------------------

    /// The call that a message names: that of this device, or the only one of this call ID.
    pub(super) fn call(&self, name: &CallName<'_>) -> Option<Handle<WaitingEntry>> {
        let is_of = |call: &WaitingEntry| call.call_id == name.call_id && call.is_at(name.peripheral);
        let mut calls = self.calls.under(key::CALL, hash_of_call(name.call_id)).filter(|(_, call)| is_of(call));
        let all = calls.clone();
        let only = calls.next()?.0;
        if calls.next().is_none() {
            return Some(only);
        }
        let named = (name.device_type, name.device());
        { all }.find(|(_, call)| (call.device_type, call.device) == named).map(|(call, _)| call)
    }

    /// Whether there may be a call of this ID, at whatever peripheral.
    pub(super) fn has_call(&self, call_id: u32) -> bool {
        self.calls.find(key::CALL, hash_of_call(call_id), |call| call.call_id == call_id).is_some()
    }

    /// Notes that something was heard of a call.
    pub(super) fn hear_of(&mut self, name: &CallName<'_>) -> Option<Handle<WaitingEntry>> {
        let call = self.call(name)?;
        let (now, epoch) = (self.now, self.epoch);
        let about = self.calls.get_mut(call)?;
        let is_first = core::mem::replace(&mut about.epoch, epoch) != epoch;
        about.heard = now;
        self.unheard = self.unheard.saturating_sub(is_first.into());
        Some(call)
    }

    /// The same, taken up if it is not known.
    pub(super) fn meet_call(&mut self, name: &CallName<'_>) -> Option<Handle<WaitingEntry>> {
        self.hear_of(name).or_else(|| self.add_call(name))
    }

    pub(super) fn add_call(&mut self, name: &CallName<'_>) -> Option<Handle<WaitingEntry>> {
        let waits = &self.waits;
        let has_left_all = |call: &WaitingEntry| waits.iter(OF_CALL, call.waits).all(|(_, wait)| wait.has_left);
        if !self.calls.has_room()
            && let Some(left) = self.calls.victim(|_, call| has_left_all(call).then_some(()))
        {
            self.finish(left, Outcome::Elsewhere);
        }
        let call = self.calls.insert(WaitingEntry {
            redirected: false,
            peripheral: name.peripheral,
            call_id: name.call_id,
            device_type: name.device_type,
            device: name.device(),
            heard: self.now,
            epoch: self.epoch,
            waits: Link::NONE,
        });
        if call.is_none() {
            self.calls.refuse();
        }
        call
    }

    /// The call has another identity now. If there is one of that identity already, it goes on as that one.
    pub(super) fn rename_call(&mut self, call: Handle<WaitingEntry>, name: &CallName<'_>) {
        let identity = (name.call_id, name.device_type, name.device());
        let is_same = |call: &WaitingEntry| (call.call_id, call.device_type, call.device) == identity;
        if self.calls.get(call).is_none_or(is_same) {
            return;
        }
        let known = self
            .calls
            .find(key::CALL, hash_of_call(name.call_id), |other| is_same(other) && other.is_at(name.peripheral));
        if known.is_some() {
            return self.finish(call, Outcome::Elsewhere);
        }
        self.calls.edit(call, |call| (call.call_id, call.device_type, call.device) = identity);
    }

    fn forget_call(&mut self, call: Handle<WaitingEntry>) {
        let is_unheard = self.calls.get(call).is_some_and(|call| call.epoch != self.epoch);
        self.unheard = self.unheard.saturating_sub(is_unheard.into());
        self.calls.remove(call);
    }

    // ---- waits --------------------------------------------------------------------------------

    fn first_wait(&self, call: Handle<WaitingEntry>) -> Link {
        self.calls.get(call).map_or(Link::NONE, |call| call.waits)
    }

    /// The call waits in the queue.
    pub(super) fn wait(&mut self, call: Handle<WaitingEntry>, queue: Handle<Queue>) {
        let first = self.first_wait(call);
        let known = self.waits.iter(OF_CALL, first).find(|(_, wait)| wait.queue == queue);
        let known = known.map(|(link, wait)| (link, wait.has_left));
        match known {
            Some((_, false)) => {}
            Some((wait, true)) => {
                let now = self.now;
                if let Some(wait) = self.waits.get_mut(wait) {
                    (wait.since, wait.has_left) = (now, false);
                }
                self.enter(wait, queue);
            }
            None => {
                if let Some(wait) = self.come(call, queue, false) {
                    self.enter(wait, queue);
                }
            }
        }
    }

    /// The call rings for the queue without having waited there.
    pub(super) fn offer(&mut self, call: Handle<WaitingEntry>, queue: Handle<Queue>) {
        let first = self.first_wait(call);
        if self.waits.iter(OF_CALL, first).all(|(_, wait)| wait.queue != queue) {
            self.come(call, queue, true);
        }
    }

    /// The call comes to the queue: it is offered to it. `None` if there is no room.
    fn come(&mut self, call: Handle<WaitingEntry>, queue: Handle<Queue>, has_left: bool) -> Option<Link> {
        let entry = WaitEntry { call: call.slot() as u32, queue, since: self.now, has_left };
        let wait = self.waits.insert(entry)?;
        if let Some(about) = self.calls.get_mut(call) {
            self.waits.join(OF_CALL, &mut about.waits, wait);
        }
        if let Some(about) = self.queues.get_mut(queue) {
            about.outcomes.offered = about.outcomes.offered.saturating_add(1);
        }
        self.queues.mark(queue, QueueChanges::OUTCOMES);
        Some(wait)
    }

    fn enter(&mut self, wait: Link, queue: Handle<Queue>) {
        if let Some(about) = self.queues.get_mut(queue) {
            self.waits.join(OF_QUEUE, &mut about.waits, wait);
            about.waiting = about.waiting.saturating_add(1);
        }
        self.queues.mark(queue, QueueChanges::WAITING);
    }

    /// The call has left its queues that are `such`, and may be answered yet.
    pub(super) fn leave(&mut self, call: Handle<WaitingEntry>, such: impl Fn(Handle<Queue>, &Queue) -> bool) {
        let mut next = self.first_wait(call);
        while let Some(wait) = self.waits.get(next).copied() {
            let this = next;
            next = self.waits.next(OF_CALL, this);
            if self.queues.get(wait.queue).is_some_and(|queue| such(wait.queue, queue)) {
                self.step_out(this);
            }
        }
    }

    fn step_out(&mut self, link: Link) {
        let Some(wait) = self.waits.get_mut(link) else { return };
        if core::mem::replace(&mut wait.has_left, true) {
            return;
        }
        let queue = wait.queue;
        if let Some(about) = self.queues.get_mut(queue) {
            self.waits.leave(OF_QUEUE, &mut about.waits, link);
            about.waiting = about.waiting.saturating_sub(1);
        }
        self.queues.mark(queue, QueueChanges::WAITING);
    }

    /// Whether the call waits for a skill group.
    pub(super) fn waits_for_skill_group(&self, call: Handle<WaitingEntry>) -> bool {
        let mut waits = self.waits.iter(OF_CALL, self.first_wait(call)).filter(|(_, wait)| !wait.has_left);
        waits.any(|(_, wait)| self.queues.get(wait.queue).is_some_and(|queue| !queue.key.is_service()))
    }

    /// Whether the call is known to have no queue at all.
    pub(super) fn forget_if_nowhere(&mut self, call: Handle<WaitingEntry>) {
        if self.first_wait(call).is_none() {
            self.forget_call(call);
        }
    }

    /// All is known of what became of the call.
    pub(super) fn finish(&mut self, call: Handle<WaitingEntry>, outcome: Outcome) {
        let Outcome::Answered { number, id } = outcome else {
            return self.finish_all(call, |_| outcome);
        };
        let waits = self.waits.iter(OF_CALL, self.first_wait(call));
        let is_told = waits.filter_map(|(_, wait)| self.queues.get(wait.queue)).any(|queue| queue.is_named(number, id));
        self.finish_all(call, |queue| {
            let is_answered = !is_told || queue.key.is_service() || queue.is_named(number, id);
            if is_answered { outcome } else { Outcome::Elsewhere }
        });
    }

    fn finish_all(&mut self, call: Handle<WaitingEntry>, outcome: impl Fn(&Queue) -> Outcome) {
        let mut next = self.first_wait(call);
        while let Some(WaitEntry { queue, since, .. }) = self.waits.get(next).copied() {
            let this = next;
            next = self.waits.next(OF_CALL, this);
            self.step_out(this);
            if let Some(about) = self.calls.get_mut(call) {
                self.waits.leave(OF_CALL, &mut about.waits, this);
            }
            self.waits.remove(this);
            let seconds = self.now.0.saturating_sub(since.0).max(0).unsigned_abs();
            if let Some(about) = self.queues.get_mut(queue) {
                let outcome = outcome(about);
                about.count(outcome, seconds);
                self.queues.mark(queue, QueueChanges::OUTCOMES);
            }
        }
        self.forget_call(call);
    }

    // ---- what was lost ------------------------------------------------------------------------

    /// Gives up calls in the next slots of which nothing is heard. `true` at the end of the table.
    pub(super) fn look_for_lost(&mut self, slots: usize) -> bool {
        let patience = i32::try_from(self.config.patience.as_secs()).unwrap_or(i32::MAX);
        for _ in 0..slots {
            let is_lost = |call: &WaitingEntry| {
                self.now.0.saturating_sub(call.heard.0) > patience || self.purging && call.epoch != self.epoch
            };
            if let Some((call, _)) = self.calls.at(self.cursor).filter(|(_, call)| is_lost(call)) {
                self.finish(call, Outcome::Elsewhere);
                self.given_up = self.given_up.saturating_add(1);
            }
            self.cursor = self.cursor.wrapping_add(1);
            if self.cursor >= self.calls.len() {
                (self.cursor, self.purging) = (0, false);
                return true;
            }
        }
        false
    }
}

impl Queue {
    /// Whether it is that of the skill group of this number, or else of this ID.
    fn is_named(&self, number: u32, id: u32) -> bool {
        match self.key {
            QueueKey::SkillGroup { skill_group_number, .. } if number != NULL_SKILL_GROUP => {
                skill_group_number == number
            }
            QueueKey::Service { .. } => false,
            _ => id != NULL_SKILL_GROUP && self.skill_group_id == id,
        }
    }

    fn count(&mut self, outcome: Outcome, seconds: u32) {
        let is_in_time = u32::from(seconds <= self.threshold);
        let outcomes = &mut self.outcomes;
        let (all, in_time, waited) = match outcome {
            Outcome::Answered { .. } => {
                (&mut outcomes.answered, &mut outcomes.answered_in_time, &mut outcomes.answer_seconds)
            }
            Outcome::Abandoned => {
                (&mut outcomes.abandoned, &mut outcomes.abandoned_in_time, &mut outcomes.abandon_seconds)
            }
            Outcome::Elsewhere => {
                outcomes.elsewhere = outcomes.elsewhere.saturating_add(1);
                return;
            }
        };
        *all = all.saturating_add(1);
        *in_time = in_time.saturating_add(is_in_time);
        *waited = waited.saturating_add(seconds);
        outcomes.longest_seconds = outcomes.longest_seconds.max(seconds);
    }
}
