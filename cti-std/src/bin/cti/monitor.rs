//! `cti monitor`: every event as it comes.

use std::io;

use clap::{Args, ValueEnum};
use cti_proto::Frame;
use cti_proto::session::{Disconnected, Ended, Event, Opened, Side};
use cti_proto::value::CtiService;
use cti_std::client::BlockingClient;
use cti_std::clock;
use cti_std::decode::Only;
use serde_json::{Value, json};

use crate::changes;
use crate::connect::Connect;
use crate::output::{Detail, Output, side_name};
use crate::signals::{Wish, when_unread};
use crate::tracked::Tracked;
use crate::{Status, fail};

const ABOUT: &str = "\
Shows every event that the server sends, one a line, and the changes of the
connection between them. It connects again after a loss, to the other side
first where there is one, as long as it takes.

SIGTERM and SIGINT end it with CLOSE_REQ, and so does a reader that has seen
enough.";

const AFTER: &str = "\
Examples:
  cti monitor --connect pg1a,pg1b
  cti monitor --connect pg1a --json | jq 'select(.name==\"CALL_DELIVERED_EVENT\")'
  cti monitor --connect pg1a --agent 1001 --peripheral 5000
  cti monitor --connect pg1a --changes=only
  cti monitor --connect uccx --product ccx --only AGENT_STATE_EVENT

JSON, one object a line: messages in the form of `cti decode --json`, with the
side as \"connection\", and the connection itself as
  {\"time\":..,\"event\":\"opened\",\"side\":\"A\",\"protocol\":24,\"granted\":\"..\",..}
  {\"time\":..,\"event\":\"disconnected\",\"side\":\"A\",\"cause\":\"..\",\"next\":\"B\",
   \"in\":0.0}
  {\"time\":..,\"event\":\"ended\",\"cause\":\"..\"}
Messages that are too large, and those of the session itself that cannot be
decoded, are
  {\"time\":..,\"event\":\"skipped\",\"name\":\"..\",\"length\":..}
  {\"time\":..,\"event\":\"malformed\",\"error\":\"..\"}
With --changes also
  {\"time\":..,\"change\":\"call\",\"what\":[\"STAGE\",..],\"ended\":false,
   \"call\":{..}}
and the same for \"agent\", \"group\" and \"queue\"; where more changed at once
than could be kept,
  {\"time\":..,\"change\":\"lost\",\"of\":\"call\"}

Exit status:
  0  ended by a signal or by the reader
  2  the arguments cannot be used, or the output cannot be written
  3  the server refuses the session for good";

/// Show every event as it comes
#[derive(Debug, Args)]
#[command(long_about = ABOUT, after_long_help = AFTER)]
pub(crate) struct Monitor {
    /// Write JSON, one object a line
    #[arg(long)]
    json: bool,

    /// Show only messages of this name, e.g. AGENT_STATE_EVENT; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Show what the messages change of calls, agents, groups and queues too, or only that
    #[arg(long, value_name = "only", num_args = 0..=1, require_equals = true, default_missing_value = "with")]
    changes: Option<Changes>,

    /// Show all fields of each message, beneath its line
    #[arg(long, conflicts_with = "json")]
    fields: bool,

    #[command(flatten)]
    connect: Connect,
}

/// How changes are shown; without the argument, not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Changes {
    /// Beside the messages that make them: what `--changes` alone stands for.
    #[value(hide = true)]
    With,
    /// In place of the messages.
    Only,
}

impl Monitor {
    pub(crate) fn run(self) -> Status {
        match self.try_run() {
            Ok(status) => status,
            Err(reason) => fail(&reason),
        }
    }

    fn try_run(&self) -> Result<Status, String> {
        let mut only = Only::default();
        for name in &self.only {
            only.add(name).map_err(|error| error.to_string())?;
        }
        let options = self.connect.options(CtiService::EMPTY)?;
        let mut client = BlockingClient::new(options).map_err(|error| error.to_string())?;
        let handle = client.handle();
        let wish = Wish::listen(move || handle.close()).map_err(|error| error.to_string())?;
        let handle = client.handle();
        // Without anything to write, nobody would notice that the reader has gone.
        when_unread(move || handle.close()).map_err(|error| error.to_string())?;
        let detail = if self.fields { Detail::Fields } else { Detail::Summary };
        let tracked = self.changes.map(|_| Tracked::new());
        let messages = self.changes != Some(Changes::Only);
        let mut lines = Lines { out: Output::new(self.json), only, messages, detail, tracked, side: None };
        match lines.follow(&mut client) {
            // Who was asked to end has ended as wished, whatever the server said last.
            Ok(Some(Ended::Refused(_) | Ended::TakenOver)) if !wish.is_there() => Ok(Status::NoSession),
            Ok(_) => Ok(Status::Done),
            // Whoever reads has seen enough: the server is told, and nobody else.
            Err(error) => {
                client.shut_down(|_| {}).map_err(|error| error.to_string())?;
                if error.kind() == io::ErrorKind::BrokenPipe {
                    return Ok(Status::Done);
                }
                Err(format!("cannot write: {error}"))
            }
        }
    }
}

/// The output so far.
struct Lines {
    out: Output,
    only: Only,
    /// Whether messages are shown.
    messages: bool,
    detail: Detail,
    tracked: Option<Tracked>,
    /// The side that the session is with, if there is one.
    side: Option<Side>,
}

impl Lines {
    /// Writes what comes until the session is over.
    fn follow(&mut self, client: &mut BlockingClient) -> io::Result<Option<Ended>> {
        let mut end = None;
        loop {
            // What is there already is written at once; then the reader may see it.
            if !client.has_event() {
                self.out.flush()?;
            }
            match client.next_event(None)? {
                None => return Ok(end),
                Some(Event::Disconnected(lost)) => {
                    // Not the client's `now`: that is of the last look at the clock, which may be long ago.
                    let wait = lost.next.at.since(clock::now()).as_secs_f64();
                    let detail = client.last_error().map(ToString::to_string);
                    self.disconnected(&lost, detail.as_deref(), wait)?;
                }
                Some(Event::Ended(ended)) => {
                    end = Some(ended);
                    self.out
                        .note(&[("event", json!("ended")), ("cause", json!(ended.to_string()))], &ended.to_string())?;
                }
                Some(event) => self.event(&event)?,
            }
        }
    }

    /// Writes an event that does not end a session.
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Opened(opened) => self.opened(opened),
            Event::Message(frame) | Event::Late(frame) | Event::Confirmed { frame, .. } => self.message(frame),
            Event::Skipped { message, length } => {
                let words = format!("{message} of {length} bytes is too large and was skipped");
                let fields = [("event", json!("skipped")), ("name", json!(message.name())), ("length", json!(length))];
                self.out.note(&fields, &words)
            }
            Event::Malformed(error) => {
                let fields = [("event", json!("malformed")), ("error", json!(error.to_string()))];
                self.out.note(&fields, &format!("cannot be decoded: {error}"))
            }
            // Ends of requests, of which a monitor sends none, and what is of use to those who ask for snapshots.
            _ => Ok(()),
        }
    }

    /// Writes a message, and what it changes.
    fn message(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        // What is not shown still counts for the offsets, and for what the trackers know.
        if self.messages && self.only.includes(frame.message_type()) {
            self.out.frame(frame, self.side, self.detail)?;
        } else {
            self.out.pass(frame);
        }
        let Some(tracked) = &mut self.tracked else { return Ok(()) };
        tracked.observe(clock::now(), frame);
        changes::take(tracked).iter().try_for_each(|line| self.out.note(&line.fields, &line.words))
    }

    /// Writes that a session is open, and what was granted.
    fn opened(&mut self, opened: &Opened) -> io::Result<()> {
        self.side = Some(opened.side);
        // Offsets are those of a connection.
        self.out.begin();
        let gap = opened.gap.map(|gap| gap.as_secs_f64());
        let side = side_name(opened.side);
        let fields = [
            ("event", json!("opened")),
            ("side", json!(side)),
            ("product", json!(opened.protocol.product().to_string())),
            ("protocol", json!(opened.protocol.version())),
            ("granted", json!(opened.granted.to_string())),
            ("missing", json!(opened.missing.to_string())),
            ("pg_status", json!(opened.pg_status.to_string())),
            ("peripheral_online", json!(opened.peripheral_online)),
            ("gap", gap.map_or(Value::Null, |gap| json!(gap))),
        ];
        let mut words = format!("session open with side {side}, {}, granted {}", opened.protocol, opened.granted);
        if !opened.missing.is_empty() {
            words += &format!(", not granted {}", opened.missing);
        }
        if !opened.peripheral_online {
            words += ", the peripheral is offline";
        }
        if let Some(gap) = gap {
            words += &format!(", after {gap:.1} s without");
        }
        self.out.note(&fields, &words)
    }

    /// Writes that a session is lost, and when the next attempt comes.
    fn disconnected(&mut self, lost: &Disconnected, detail: Option<&str>, wait: f64) -> io::Result<()> {
        let (side, next) = (side_name(lost.side), side_name(lost.next.side));
        let cause = lost.cause.to_string();
        let fields = [
            ("event", json!("disconnected")),
            ("side", json!(side)),
            ("cause", json!(cause)),
            ("detail", json!(detail)),
            ("next", json!(next)),
            ("in", json!(wait)),
        ];
        let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
        self.side = None;
        // What is told of calls and agents from now on is missed, so that what is known of them may be wrong.
        if let Some(tracked) = &mut self.tracked {
            tracked.session_lost();
        }
        self.out.note(&fields, &format!("no session with side {side}: {cause}{detail}; side {next} in {wait:.0} s"))
    }
}
