//! Chance, from a seed.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Exp, LogNormal};

/// How long something takes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Span {
    /// Always the same.
    Fixed(Duration),
    /// Anything between the two, equally likely.
    Uniform(Duration, Duration),
    /// Exponential, with this mean.
    Exponential(Duration),
    /// Log-normal: mostly short, at times very long.
    LogNormal {
        /// The mean.
        mean: Duration,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Span {
    /// The mean.
    #[must_use]
    pub fn mean(self) -> Duration {
        match self {
            Self::Fixed(mean) | Self::Exponential(mean) | Self::LogNormal { mean, .. } => mean,
            Self::Uniform(from, to) => from / 2 + to.max(from) / 2,
        }
    }
}

/// The source of all chance.
#[derive(Clone, Debug)]
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// The same for the same seed, on every machine: ChaCha8 is one defined generator, unlike a standard one.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Whether something of this probability happens.
    pub(super) fn happens(&mut self, share: f64) -> bool {
        self.0.random::<f64>() < share
    }

    /// A number from 0 to `end`, which is not among them.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // As 64 bits on every machine, so that the same seed gives the same numbers.
        self.0.random_range(0..end.max(1) as u64) as usize
    }

    /// A number of `digits` digits.
    pub(super) fn digits(&mut self, digits: u32) -> u64 {
        self.0.random_range(10u64.pow(digits - 1)..10u64.pow(digits))
    }

    /// A length of time, by chance.
    pub(super) fn span(&mut self, span: Span) -> Duration {
        let seconds = match span {
            Span::Fixed(duration) => return duration,
            Span::Uniform(from, to) => {
                self.0.random_range(from.as_secs_f64()..=to.as_secs_f64().max(from.as_secs_f64()))
            }
            Span::Exponential(mean) => self.exponential(mean.as_secs_f64()),
            Span::LogNormal { mean, sigma } => {
                // The mean of the distribution is exp(mu + sigma^2 / 2), and that is to be the one wanted.
                let mu = mean.as_secs_f64().max(1e-9).ln() - sigma * sigma / 2.0;
                LogNormal::new(mu, sigma).map_or(0.0, |distribution| distribution.sample(&mut self.0))
            }
        };
        // A third of a year: further off is never, and beyond its range `from_secs_f64` panics.
        Duration::from_secs_f64(seconds.clamp(0.0, 1e7))
    }

    /// Time to the next of events that happen `rate` times in a second; `None` if they never do.
    pub(super) fn until_next(&mut self, rate: f64) -> Option<Duration> {
        (rate > 0.0).then(|| Duration::from_secs_f64(self.exponential(1.0 / rate).min(1e7)))
    }

    /// Seconds, exponential with this mean.
    fn exponential(&mut self, mean: f64) -> f64 {
        // No mean of nothing: its rate would be infinite.
        Exp::new(1.0 / mean.max(1e-9)).map_or(0.0, |distribution| distribution.sample(&mut self.0))
    }
}
