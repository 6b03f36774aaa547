//! What is simulated: sizes, rates and habits.

use std::time::Duration;

use cti_proto::Product;
use cti_proto::wire::Time;

use super::random::Span;

/// Size, pace and habits of a contact centre.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The product it is; decides on the numbers of its peripheral and on a few sequences of events.
    pub product: Product,
    /// Where all chance comes from. The same seed and the same inputs give the same bytes.
    pub seed: u64,
    /// Agents, their logins from 1001 and their extensions from 5001 on; at least 1.
    pub agents: usize,
    /// Skill groups; at least 1.
    pub skill_groups: usize,
    /// Calls from outside an hour; where the day has a shape, in its busiest hour.
    pub calls_per_hour: f64,
    /// How the calls are spread over the day.
    pub day: Day,
    /// Date and time at the beginning.
    pub start: Time,
    /// The password that clients must give; `None` takes any.
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
    /// Share of calls that the network records (version 23 and later).
    pub recorded: f64,
    /// Share of calls that a translation route brings (not on Unified CCX).
    pub translation_route: f64,
    /// Internal calls an agent makes in an hour.
    pub internal_calls: f64,
    /// Calls to the outside an agent makes in an hour.
    pub outbound_calls: f64,
}

impl Config {
    /// A small lively contact centre of `product`: 24 agents, 4 skill groups, 300 calls an hour.
    #[must_use]
    pub fn new(product: Product) -> Self {
        Self {
            product,
            seed: 1,
            agents: 24,
            skill_groups: 4,
            calls_per_hour: 300.0,
            day: Day::Flat,
            start: Time(1_767_603_600),
            client_password: None,
            agent_password: None,
            habits: Habits::default(),
        }
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
            recorded: 0.05,
            translation_route: 0.1,
            internal_calls: 0.4,
            outbound_calls: 0.6,
        }
    }
}

impl Habits {
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
            recorded: 0.0,
            translation_route: 0.0,
            internal_calls: 0.0,
            outbound_calls: 0.0,
            ..Self::default()
        }
    }
}
