//! What a load came to.

use std::io::{self, Write};
use std::time::Duration;

use cti_std::decode;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::Status;

/// Counts and times.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Clients there were.
    pub(super) clients: u32,
    /// Clients whose session opened, once at least.
    pub(super) opened: u32,
    /// Attempts that failed: connections refused, sessions refused.
    pub(super) failed: u64,
    /// Sessions that were lost.
    pub(super) lost: u64,
    /// What the last failure or loss was.
    pub(super) last_trouble: Option<String>,
    /// From the attempt to the open session.
    pub(super) opening: Times,
    /// Messages that came of their own accord, in the time of the load.
    pub(super) events: u64,
    /// Bytes received, in the time of the load.
    pub(super) bytes: u64,
    /// Time of the load.
    pub(super) lasted: Duration,
    /// Requests sent.
    pub(super) sent: u64,
    /// Of these, confirmed.
    pub(super) confirmed: u64,
    /// Of these, refused.
    pub(super) refused: u64,
    /// Of these, without an answer.
    pub(super) unanswered: u64,
    /// What the last refusal was.
    pub(super) last_refusal: Option<String>,
    /// From request to answer.
    pub(super) answers: Times,
}

/// Times in microseconds.
#[derive(Debug)]
pub(super) struct Times(Histogram<u64>);

impl Times {
    fn new() -> Self {
        // Two digits of a time from a microsecond to an hour: the bounds are such that this cannot fail.
        Self(Histogram::new_with_bounds(1, 3_600_000_000, 2).unwrap_or_else(|_| Histogram::new(2).expect("two digits")))
    }

    pub(super) fn record(&mut self, time: Duration) {
        // An hour at most: a longer time is as bad.
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Milliseconds that this share did not exceed.
    fn at(&self, quantile: f64) -> f64 {
        self.0.value_at_quantile(quantile) as f64 / 1_000.0
    }

    /// For people.
    fn words(&self) -> String {
        if self.0.is_empty() {
            return "none".into();
        }
        let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|quantile| self.at(quantile));
        format!("p50 {p50:.1} ms, p90 {p90:.1} ms, p99 {p99:.1} ms, at most {max:.1} ms")
    }

    /// For JSON; null if there is none.
    fn json(&self) -> Value {
        if self.0.is_empty() {
            return Value::Null;
        }
        json!({ "p50": self.at(0.5), "p90": self.at(0.9), "p99": self.at(0.99), "max": self.at(1.0) })
    }
}

impl Figures {
    pub(super) fn new(clients: u32) -> Self {
        Self {
            clients,
            opened: 0,
            failed: 0,
            lost: 0,
            last_trouble: None,
            opening: Times::new(),
            events: 0,
            bytes: 0,
            lasted: Duration::ZERO,
            sent: 0,
            confirmed: 0,
            refused: 0,
            unanswered: 0,
            last_refusal: None,
            answers: Times::new(),
        }
    }

    /// The state of a load that goes on.
    pub(super) fn brief(&self, elapsed: Duration) -> String {
        let rate = |n: u64| n as f64 / elapsed.as_secs_f64().max(0.001);
        let requests = if self.sent == 0 {
            String::new()
        } else {
            format!(", {:.0} requests/s, {} refused", rate(self.sent), self.refused)
        };
        format!("{:.0} events/s{requests}", rate(self.events))
    }

    /// How the command ends.
    pub(super) fn status(&self) -> Status {
        // Refused requests count as trouble: whoever loads a server with what it refuses measures something else.
        // What `failed` counts is not asked: a second attempt that opens makes good for the first.
        let is_well = self.opened == self.clients && self.lost == 0 && self.refused + self.unanswered == 0;
        match self.opened {
            0 => Status::NoSession,
            _ if is_well => Status::Done,
            _ => Status::Flawed,
        }
    }

    /// Writes all of it for people.
    pub(super) fn write_text(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let seconds = self.lasted.as_secs_f64().max(0.001);
        writeln!(
            out,
            "Sessions  {} of {} opened, {} attempts failed, {} lost",
            self.opened, self.clients, self.failed, self.lost
        )?;
        if let Some(trouble) = &self.last_trouble {
            writeln!(out, "          the last trouble: {trouble}")?;
        }
        writeln!(out, "Opening   {}", self.opening.words())?;
        writeln!(
            out,
            "Events    {} in {seconds:.1} s: {:.0}/s, {:.2} MB/s",
            self.events,
            self.events as f64 / seconds,
            self.bytes as f64 / 1e6 / seconds
        )?;
        if self.sent == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "Requests  {} sent, {:.0}/s: {} confirmed, {} refused, {} not answered",
            self.sent,
            self.sent as f64 / seconds,
            self.confirmed,
            self.refused,
            self.unanswered
        )?;
        if let Some(refusal) = &self.last_refusal {
            writeln!(out, "          the last refusal: {refusal}")?;
        }
        writeln!(out, "Answers   {}", self.answers.words())
    }

    /// Writes all of it as one object.
    pub(super) fn write_json(&self) -> io::Result<()> {
        let object = json!({
            "seconds": self.lasted.as_secs_f64(),
            "sessions": { "clients": self.clients, "opened": self.opened, "failed": self.failed, "lost": self.lost },
            "trouble": self.last_trouble,
            "opening": self.opening.json(),
            "events": self.events,
            "bytes": self.bytes,
            "requests": {
                "sent": self.sent,
                "confirmed": self.confirmed,
                "refused": self.refused,
                "unanswered": self.unanswered
            },
            "refusal": self.last_refusal,
            "answers": self.answers.json()
        });
        writeln!(io::stdout().lock(), "{}", decode::json::line(&object))
    }
}
