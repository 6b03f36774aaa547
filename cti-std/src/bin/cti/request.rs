//! `cti request`: any request of the protocol, from words.

use std::io;
use std::time::{Duration, Instant};

use clap::Args;
use cti_proto::message::{FailureReason, MessageInfo, Service};
use cti_proto::session::{self, Event};
use cti_proto::value::{AgentStateMask, CallEventMask};
use cti_proto::{Frame, MessageType, Protocol};
use cti_std::client::{BlockingClient, ClientOptions};
use cti_std::{clock, compose};
use serde_json::{Value, json};

use crate::connect::Connect;
use crate::output::{Detail, Output};
use crate::prepared::Prepared;
use crate::signals::Wish;
use crate::{Status, fail, say};

const ABOUT: &str = "\
Sends one request and shows the answer. NAME and the names of fields are those
of the guide, in any case of letters; `cti request --fields` lists the requests
and `cti request --fields NAME` the fields of one.

Values by the type of the field:
  numbers     decimal, 0x and hex digits, or a name: AGENT_STATE_AVAILABLE, or
              AVAILABLE for short; bits of a mask joined by `,`; NONE for
              all ones, the guide's \"no such thing\"
  BOOL        true or false
  TIME        seconds since 1970, or 2026-01-31T09:30:00Z
  STRING, UNSPEC
              the text itself, or hex: and hex digits
  variables   user.NAME=VALUE, user.NAME[INDEX]=VALUE for arrays
A value @F is read from the file F, which keeps passwords out of the list of
processes; @@ stands for @ itself.

Fields that are not named have their defaults; InvokeID and counts are filled in.
Lists are fields that come several times: SkillGroupNumber=1 SkillGroupNumber=2.

The session asks for the service that the request belongs to, and for no events.";

const AFTER: &str = "\
Examples:
  cti request --connect pg1a,pg1b QUERY_AGENT_STATE_REQ PeripheralID=5000 AgentID=1001
  cti request --connect pg1a SET_AGENT_STATE_REQ PeripheralID=5000 \\
      AgentID=1001 AgentInstrument=5001 AgentState=AVAILABLE
  cti request --connect pg1a MAKE_CALL_REQ PeripheralID=5000 \\
      AgentInstrument=5001 DialedNumber=5002 user.account=17 --json
  cti request --fields MAKE_CALL_REQ

JSON, one object a line, several for an answer in parts:
  {\"request\":\"MAKE_CALL_REQ\",\"outcome\":\"confirmed\",\"message\":{..}}
  {\"request\":\"MAKE_CALL_REQ\",\"outcome\":\"failed\",\"failure\":{\"name\":\"..\",
   \"code\":..,\"peripheral_error\":..,\"explanation\":\"..\"}}
`message` has the form of `cti decode --json`; `outcome` is also `part`,
`timed out` and `lost`.

Exit status:
  0  the server confirmed the request
  1  the server refused it
  2  the arguments cannot be used; nothing was sent
  3  there is no session with a server; nothing was sent
  4  no answer came: whether the request took effect is unknown
An answer that cannot be written changes nothing about it.";

/// Send a request and show the answer
#[derive(Debug, Args)]
#[command(long_about = ABOUT, after_long_help = AFTER)]
pub(crate) struct Request {
    /// Write JSON, one object a line
    #[arg(long)]
    json: bool,

    /// Wait at most this long for a session, and then for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,

    /// Send nothing: show which fields the request has, or without NAME which requests there are
    #[arg(long)]
    fields: bool,

    /// Name of the request, e.g. MAKE_CALL_REQ
    #[arg(required_unless_present = "fields")]
    name: Option<String>,

    /// Its fields
    #[arg(value_name = "FIELD=VALUE")]
    values: Vec<String>,

    #[command(flatten)]
    connect: Connect,
}

/// From this on a pause in front of the next attempt is one between rounds: see "Choosing a side" in the guide.
const PAUSE: Duration = Duration::from_secs(1);

impl Request {
    pub(crate) fn run(self) -> Status {
        self.try_run().unwrap_or_else(|reason| fail(&reason))
    }

    fn try_run(&self) -> Result<Status, String> {
        let protocols = self.connect.protocols()?;
        let Some(name) = &self.name else { return listed(list_requests(&protocols)) };
        if self.fields {
            let info = compose::request(name).map_err(|error| error.to_string())?;
            return listed(list_fields(info, &protocols));
        }
        let prepared = Prepared::new(name, &self.values)?;
        // Before anybody is connected to: what no version can say is a mistake in the arguments.
        prepared.check(&protocols)?;
        let mut options = self.connect.options(prepared.service())?;
        // Agents and calls may be commanded by whoever gets their events; nobody looks at those here.
        options.config.call_events = CallEventMask::EMPTY;
        options.config.agent_states = AgentStateMask::EMPTY;
        // One time for each of the two waits: what `--timeout` promises of the answer is not used up by the session.
        options.config.request_timeout = Duration::from_secs(self.timeout);
        self.converse(options, &prepared).map_err(|error| error.to_string())
    }

    /// Opens a session, sends the request, and waits for its end.
    fn converse(&self, options: ClientOptions, prepared: &Prepared) -> io::Result<Status> {
        let mut client = BlockingClient::new(options).map_err(io::Error::other)?;
        let handle = client.handle();
        let wish = Wish::listen(move || handle.close())?;
        let mut out = Output::new(self.json);
        let status = match self.open(&mut client, &wish)? {
            Ok(protocol) => match prepared.send(protocol, &mut client) {
                Ok(request) => {
                    let (status, written) = answer(&mut client, request, &mut out);
                    // In front of the farewell, which may take its time.
                    if let Err(error) = written.and(out.flush())
                        && error.kind() != io::ErrorKind::BrokenPipe
                    {
                        let _ = fail(&format!("cannot write: {error}"));
                    }
                    status
                }
                Err(reason) => no_session(&reason),
            },
            Err(status) => status,
        };
        // Nor does a farewell that fails change what the request came to.
        if let Err(error) = client.shut_down(|_| {}) {
            let _ = fail(&error.to_string());
        }
        Ok(status)
    }

    /// Waits for a session, as long as there is something to wait for.
    fn open(&self, client: &mut BlockingClient, wish: &Wish) -> io::Result<Result<Protocol, Status>> {
        let deadline = Instant::now() + Duration::from_secs(self.timeout);
        let mut last = None;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // A client goes on trying for as long as it lives; a command that is typed, or run by a script, has to give up.
            let given_up = match client.next_event(Some(left))? {
                Some(Event::Opened(opened)) => {
                    if !opened.missing.is_empty() {
                        say(&format!("the server did not grant {}", opened.missing));
                    }
                    return Ok(Ok(opened.protocol));
                }
                Some(Event::Disconnected(disconnected)) => {
                    last = Some(disconnected.cause.to_string());
                    // An attempt at the other side follows at once; a longer pause means that all were tried.
                    disconnected.next.at.since(clock::now()) > PAUSE
                }
                Some(Event::Ended(ended)) => {
                    last = Some(ended.to_string());
                    true
                }
                Some(_) => false,
                None => true,
            };
            if given_up {
                let reason = match (&last, client.last_error()) {
                    _ if wish.is_there() => "interrupted".into(),
                    (Some(cause), Some(error)) if !cause.starts_with("refused") => error.to_string(),
                    (Some(cause), _) => cause.clone(),
                    (None, _) => format!("no answer within {} s", self.timeout),
                };
                return Ok(Err(no_session(&reason)));
            }
        }
    }
}

/// Says why there is no session.
fn no_session(reason: &str) -> Status {
    let _ = fail(&format!("no session: {reason}"));
    Status::NoSession
}

/// Waits for the end of the request: how it ended, and whether all of that could be written. The request was sent, and an
/// output that fails must not look as if it had not been.
fn answer(client: &mut BlockingClient, sent: session::Request, out: &mut Output) -> (Status, io::Result<()>) {
    let name = sent.message.name().unwrap_or_default();
    let mut written = Ok(());
    let (status, last) = loop {
        match client.next_event(None) {
            Ok(Some(Event::Confirmed { request, frame, more })) if request == sent => {
                let outcome = if more { "part" } else { "confirmed" };
                let shown = show(out, name, outcome, &frame);
                if !more {
                    break (Status::Done, shown);
                }
                written = written.and(shown);
            }
            // Records between the begin and the end of an upload.
            Ok(Some(Event::Message(frame))) if is_upload(sent.message) && is_configuration(&frame) => {
                written = written.and(show(out, name, "part", &frame));
            }
            Ok(Some(Event::Failed { request, reason })) if request == sent => {
                break (Status::Flawed, failed(out, name, reason));
            }
            Ok(Some(Event::TimedOut(request))) if request == sent => {
                break (Status::Unknown, unknown(out, name, "timed out", "no answer came in time"));
            }
            Ok(Some(Event::Lost(request))) if request == sent => {
                break (Status::Unknown, unknown(out, name, "lost", "the session ended before the answer came"));
            }
            Ok(Some(_)) => {}
            Ok(None) => {
                break (Status::Unknown, unknown(out, name, "lost", "the session ended before the answer came"));
            }
            Err(error) => break (Status::Unknown, unknown(out, name, "lost", &error.to_string())),
        }
    };
    (status, written.and(last))
}

/// Whether the answer comes in messages of its own, without an invoke ID.
fn is_upload(request: MessageType) -> bool {
    matches!(request, MessageType::CONFIG_REQUEST_EVENT | MessageType::CONFIG_REQUEST_KEY_EVENT)
}

/// Whether a message is part of such an answer.
fn is_configuration(frame: &Frame<'_>) -> bool {
    frame.info().is_some_and(|info| info.service == Service::Configuration)
}

/// Writes an answer, or a part of one.
fn show(out: &mut Output, name: &str, outcome: &str, frame: &Frame<'_>) -> io::Result<()> {
    if out.is_json() {
        let message = out.object(frame, None);
        return out.line(&json!({ "request": name, "outcome": outcome, "message": message }));
    }
    out.frame(frame, None, Detail::Fields)
}

/// Writes why the request failed.
fn failed(out: &mut Output, name: &str, reason: FailureReason) -> io::Result<()> {
    if out.is_json() {
        let (symbol, code, peripheral_error) = match reason {
            FailureReason::Status(status) => (status.to_string(), status.0, Value::Null),
            FailureReason::Control { failure_code, peripheral_error_code } => {
                (failure_code.to_string(), failure_code.0.into(), json!(peripheral_error_code))
            }
        };
        let explanation = reason.explain();
        let failure =
            json!({ "name": symbol, "code": code, "peripheral_error": peripheral_error, "explanation": explanation });
        out.line(&json!({ "request": name, "outcome": "failed", "failure": failure }))?;
    } else {
        // Not to standard output: without an answer a script finds nothing there.
        let _ = fail(&format!("{name} failed: {reason}: {}", reason.explain()));
    }
    Ok(())
}

/// Writes that nobody knows what became of the request.
fn unknown(out: &mut Output, name: &str, outcome: &str, reason: &str) -> io::Result<()> {
    if out.is_json() {
        out.line(&json!({ "request": name, "outcome": outcome }))?;
    } else {
        let _ = fail(&format!("{name}: {reason}; whether it took effect is unknown"));
    }
    Ok(())
}

/// Whoever reads a list may have seen enough.
fn listed(result: io::Result<Status>) -> Result<Status, String> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Status::Done),
        result => result.map_err(|error| error.to_string()),
    }
}

/// Which requests there are, in one of the protocols at least.
fn list_requests(protocols: &[Protocol]) -> io::Result<Status> {
    use std::io::Write as _;
    let mut out = io::stdout().lock();
    for info in compose::requests().filter(|info| protocols.iter().any(|protocol| info.versions.include(*protocol))) {
        writeln!(out, "{}", info.message_type)?;
    }
    Ok(Status::Done)
}

/// Which fields a request has in the first of the protocols that has it.
fn list_fields(info: &'static MessageInfo, protocols: &[Protocol]) -> io::Result<Status> {
    use std::io::Write as _;
    // The first is the one that is most likely to be spoken: they are in the order in which they are tried.
    let Some(protocol) = protocols.iter().find(|protocol| info.versions.include(**protocol)) else {
        let any = protocols.first().map(ToString::to_string).unwrap_or_default();
        return Ok(fail(&format!("{any} has no {}", info.message_type)));
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{} in {protocol}", info.message_type)?;
    for field in compose::fields(*protocol, info) {
        let kind = match (field.data_type.size(), field.values) {
            (_, Some(table)) => format!("{} {}", field.data_type.name(), table.name),
            (Some(_), None) => field.data_type.name().to_owned(),
            (None, None) => format!("{}, {} bytes at most", field.data_type.name(), field.max),
        };
        let role = match (field.required, field.repeated) {
            (true, _) => "  required",
            (false, true) => "  may be repeated",
            (false, false) => "",
        };
        writeln!(out, "  {:<34} {kind}{role}", field.name)?;
    }
    Ok(Status::Done)
}
