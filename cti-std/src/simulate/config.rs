//! What is simulated: sizes, rates and habits.

use std::time::Duration;

use cti_proto::Product;
use cti_proto::wire::Time;

use super::random::Span;

/// Size, pace and habits of a contact centre.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The product that side A and side B speak. The contact centre is the same for both: each session has the numbers,
    /// states and sequences of events of its own.
    pub product: Product,
    /// Where all chance comes from. The same seed and the same inputs give the same bytes.
    pub seed: u64,
    /// Agents, their logins from 1001 and their extensions from 5001 to 7000 and on from 100001; at least 1.
    pub agents: usize,
    /// Skill groups; at least 1.
    pub skill_groups: usize,
    /// Calls from outside an hour; where the day has a shape, in its busiest hour.
    pub calls_per_hour: f64,
    /// How the calls are spread over the day.
    pub day: Day,
    /// Date and time at the beginning.
    pub start: Time,
    /// The password that clients must give; `None` takes any, and so does Unified CCX.
    pub client_password: Option<String>,
    /// The password that agents must give; `None` takes any.
    pub agent_password: Option<String>,
    /// What callers and agents do.
    pub habits: Habits,
}

/// How the calls are spread over the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Day {
    /// Evenly.
    Flat,
    /// As in an office: little at night, most before noon, less at lunch. The simulation begins at this hour.
    Office {
        /// Hour of the day at which the simulation begins, 0 to 23.
        begins_at: u8,
    },
}

/// What callers and agents do that no client has commanded. Shares are between 0 and 1.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Habits {
    /// How long the voice portal keeps a call.
    pub portal: Span,
    /// How long it takes from the choice of an agent to the ringing of the phone.
    pub delivery: Span,
    /// How long an agent lets it ring.
    pub answer: Span,
    /// How long a call is talked.
    pub talk: Span,
    /// How long after-call work takes; `None` is no such work.
    pub work: Option<Span>,
    /// How long callers wait before they hang up; `None` is for ever.
    pub patience: Option<Span>,
    /// How long an agent works between two breaks; `None` takes no breaks.
    pub between_breaks: Option<Span>,
    /// How long a break is.
    pub rest: Span,
    /// Time until the phone of an agent who does not answer stops ringing.
    pub ring_no_answer: Duration,
    /// Share of calls that an agent does not answer.
    pub no_answer: f64,
    /// Share of calls that are held.
    pub hold: f64,
    /// Share of calls for which a colleague is asked; the half of them is transferred, the others become conferences
    /// or come back.
    pub consult: f64,
    /// Share of calls that are sent on without asking.
    pub blind_transfer: f64,
    /// Share of calls from outside that are for one or two more skill groups: whoever is free first gets them.
    pub several_groups: f64,
    /// Share of calls that the network records (version 23 and later).
    pub recorded: f64,
    /// Share of these recordings that fail.
    pub recording_fails: f64,
    /// Share of calls that a translation route brings (Unified CCX does not tell of it).
    pub translation_route: f64,
    /// Internal calls an agent makes in an hour.
    pub internal_calls: f64,
    /// Calls to the outside an agent makes in an hour.
    pub outbound_calls: f64,
}

/// How far the agents of a skill group stay below what they could take, in the unit of the square-root rule of
/// staffing: the smaller a group, the more of its time must be free for the callers not to wait.
const SAFETY: f64 = 0.66;
/// Least and most share of their time at work that agents are busy for at a lively rate.
const BUSY: std::ops::RangeInclusive<f64> = 0.3..=0.8;
/// Share of the handling time that comes to be, as measured: some callers hang up before, or while they are handled.
const HANDLED: f64 = 0.92;

impl Config {
    /// A small lively contact centre behind sides that speak `product`: 24 agents, 4 skill groups, and the calls that
    /// [`lively_calls_per_hour`](Self::lively_calls_per_hour) says.
    #[must_use]
    pub fn new(product: Product) -> Self {
        let mut config = Self {
            product,
            seed: 1,
            agents: 24,
            skill_groups: 4,
            calls_per_hour: 0.0,
            day: Day::Flat,
            start: Time(1_767_603_600),
            client_password: None,
            agent_password: None,
            habits: Habits::default(),
        };
        config.calls_per_hour = config.lively_calls_per_hour();
        config
    }

    /// Calls from outside an hour that keep the agents busy and the callers content: agents handle calls for about three
    /// quarters of the time that they are not on a break, and about four in five calls are answered within 20 seconds.
    /// It follows from the agents, the skill groups and the habits. Groups of less than five agents are less busy, and
    /// still let more callers wait.
    #[must_use]
    pub fn lively_calls_per_hour(&self) -> f64 {
        let agents = self.agents.max(1) as f64;
        let busy = self.lively_occupancy(agents);
        let habits = &self.habits;
        // A second at least: habits may take no time at all, and the rate must stay finite.
        let handling = (HANDLED * habits.handling_time()).max(1.0);
        let at_work = agents / (1.0 + habits.rest_for_work(busy, handling));
        // Calls of their own take agents' time too, the internal ones that of two.
        let own = (2.0 * habits.internal_calls + habits.outbound_calls) * habits.talk.mean().as_secs_f64() / 3_600.0;
        // However busy with calls of their own, agents are there for some from outside.
        at_work * (busy - own).max(0.05) * 3_600.0 / handling
    }

    /// Share of the time at work that agents can be busy for without letting callers wait: large groups more than small
    /// ones.
    fn lively_occupancy(&self, agents: f64) -> f64 {
        // An agent in three has a second skill.
        let skills = if self.skill_groups > 1 { agents * 4.0 / 3.0 } else { agents };
        let group = (skills / self.skill_groups.max(1) as f64).max(1.0);
        (1.0 - SAFETY / group.sqrt()).clamp(*BUSY.start(), *BUSY.end())
    }
}

impl Default for Habits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            portal: Span::Uniform(seconds(5), seconds(20)),
            delivery: Span::Uniform(Duration::from_millis(100), Duration::from_millis(600)),
            answer: Span::Uniform(seconds(1), seconds(6)),
            talk: Span::LogNormal { mean: seconds(170), sigma: 0.6 },
            work: Some(Span::Uniform(seconds(5), seconds(40))),
            patience: Some(Span::Exponential(seconds(240))),
            between_breaks: Some(Span::Exponential(seconds(2_400))),
            rest: Span::Uniform(seconds(120), seconds(720)),
            ring_no_answer: seconds(12),
            no_answer: 0.03,
            hold: 0.12,
            consult: 0.08,
            blind_transfer: 0.04,
            several_groups: 0.1,
            recorded: 0.05,
            recording_fails: 0.02,
            translation_route: 0.1,
            internal_calls: 0.4,
            outbound_calls: 0.6,
        }
    }
}

impl Habits {
    /// Seconds of agents' time that a call from outside takes.
    fn handling_time(&self) -> f64 {
        let seconds = |span: Span| span.mean().as_secs_f64();
        let work = self.work.map_or(0.0, seconds);
        let reach = seconds(self.delivery) + seconds(self.answer);
        let hold = self.hold * seconds(super::habit::HOLD);
        // A colleague is asked, and takes the call or stays in it half the time.
        let consult = self.consult * (2.0 * seconds(super::habit::CONSULT) + reach + work);
        let transfer = self.blind_transfer * (reach + work);
        let in_vain = self.no_answer * self.ring_no_answer.as_secs_f64();
        reach + seconds(self.talk) + work + hold + consult + transfer + in_vain
    }

    /// Seconds of break for each second at work, of agents who are busy for a share of it, with calls of so many seconds.
    fn rest_for_work(&self, busy: f64, handling: f64) -> f64 {
        let Some(between) = self.between_breaks else { return 0.0 };
        let between = between.mean().as_secs_f64().max(1.0);
        // Breaks begin while agents wait for calls, or follow after-call work.
        let begun = (1.0 - busy) / between + super::habit::BREAK_AFTER_WORK * busy / handling;
        begun * self.rest.mean().as_secs_f64()
    }

    /// The habits of textbooks: calls are answered at once, talked for an exponential time with this mean, and that is
    /// all that happens. With Poisson arrivals that makes M/M/c, which Erlang C describes.
    #[must_use]
    pub fn textbook(talk: Duration) -> Self {
        Self {
            portal: Span::Fixed(Duration::ZERO),
            delivery: Span::Fixed(Duration::ZERO),
            answer: Span::Fixed(Duration::ZERO),
            talk: Span::Exponential(talk),
            work: None,
            patience: None,
            between_breaks: None,
            no_answer: 0.0,
            hold: 0.0,
            consult: 0.0,
            blind_transfer: 0.0,
            several_groups: 0.0,
            recorded: 0.0,
            translation_route: 0.0,
            internal_calls: 0.0,
            outbound_calls: 0.0,
            ..Self::default()
        }
    }
}
