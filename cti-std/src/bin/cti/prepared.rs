//! A request in words, ready to be sent whatever version the session will speak.

use cti_proto::message::{Body, Handler, MessageInfo, Service};
use cti_proto::session::{Request, RequestError};
use cti_proto::value::CtiService;
use cti_proto::{Frame, Protocol, encoded_len};
use cti_std::client::Client;
use cti_std::compose::{self, Assignment};

/// A request and its fields.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    info: &'static MessageInfo,
    values: Vec<Assignment>,
}

impl Prepared {
    /// A request by its name, with fields as they are written on the command line.
    pub(crate) fn new(name: &str, values: &[String]) -> Result<Self, String> {
        let info = compose::request(name).map_err(|error| error.to_string())?;
        let values = values.iter().map(|text| assignment(text)).collect::<Result<_, _>>()?;
        Ok(Self { info, values })
    }

    /// The service of a session that it takes.
    pub(crate) const fn service(&self) -> CtiService {
        service(self.info.service)
    }

    /// The `n`th of many: `[A-B]` in a value stands for the numbers from A to B in turn.
    pub(crate) fn in_turn(&self, n: u64) -> Self {
        let values = self.values.iter().map(|Assignment { field, value }| {
            let value = range(value).map_or_else(
                || value.clone(),
                |(front, first, last, end)| {
                    let number = first + n % (last - first + 1);
                    format!("{front}{number}{end}")
                },
            );
            Assignment { field: field.clone(), value }
        });
        Self { info: self.info, values: values.collect() }
    }

    /// Whether one of the protocols at least can say it.
    pub(crate) fn check(&self, protocols: &[Protocol]) -> Result<(), String> {
        let mut problem = None;
        for protocol in protocols {
            match self.dispatch(*protocol, &mut Check(*protocol)) {
                Ok(()) => return Ok(()),
                // The first protocol's: that is the one which is most likely to be spoken.
                Err(error) => problem = problem.or(Some(error)),
            }
        }
        Err(problem.unwrap_or_default())
    }

    /// Sends it in a session of this protocol.
    pub(crate) fn send(&self, protocol: Protocol, client: &mut Client) -> Result<Request, String> {
        self.dispatch(protocol, &mut Send(client))
    }

    /// Puts the request together and hands it to `handler` as its own type.
    fn dispatch<T, E, H>(&self, protocol: Protocol, handler: &mut H) -> Result<T, String>
    where
        E: ToString,
        H: Handler<Output = Result<T, E>>,
    {
        let composed = compose::compose(protocol, self.info, &self.values).map_err(|error| error.to_string())?;
        let too_long = || compose::Error::TooLong(self.info.message_type).to_string();
        let sent = composed.frame().ok_or_else(too_long)?.dispatch(handler).map_err(|error| error.to_string())?;
        sent.map_err(|error| error.to_string())
    }
}

/// Whether the protocol allows the message.
struct Check(Protocol);

impl Handler for Check {
    type Output = Result<(), RequestError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        encoded_len(self.0, message).map(drop).map_err(Into::into)
    }

    fn other(&mut self, _: &Frame<'_>) -> Self::Output {
        Err(RequestError::NotARequest)
    }
}

/// Sends it.
struct Send<'c>(&'c mut Client);

impl Handler for Send<'_> {
    type Output = Result<Request, RequestError>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        self.0.request(message)
    }

    fn other(&mut self, _: &Frame<'_>) -> Self::Output {
        Err(RequestError::NotARequest)
    }
}

/// The range in a value, with what stands around it.
fn range(value: &str) -> Option<(&str, u64, u64, &str)> {
    let (front, rest) = value.split_once('[')?;
    let (range, end) = rest.split_once(']')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    // So that the count of numbers in it is one, too.
    (first <= last && last < u64::MAX).then_some((front, first, last, end))
}

/// The service of a session that the requests of a service of the guide take.
const fn service(service: Service) -> CtiService {
    match service {
        Service::ClientControl => CtiService::CTI_SERVICE_CLIENT_CONTROL,
        Service::CallDataUpdate => CtiService::CTI_SERVICE_CALL_DATA_UPDATE,
        Service::Supervisor => CtiService::CTI_SERVICE_SUPERVISOR,
        Service::PeripheralMonitor => CtiService::CTI_SERVICE_PERIPHERAL_MONITOR,
        Service::ClientMonitor => CtiService::CTI_SERVICE_CLIENT_MONITOR,
        Service::ServerService => CtiService::CTI_SERVICE_SERVER,
        Service::Configuration => CtiService::CTI_SERVICE_CONFIG_EVENTS,
        // Those of the session itself and the miscellaneous ones are granted to everybody.
        _ => CtiService::EMPTY,
    }
}

/// `FIELD=VALUE`, where a value `@F` stands in a file.
fn assignment(text: &str) -> Result<Assignment, String> {
    let (field, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not FIELD=VALUE"))?;
    let value = match value.strip_prefix('@') {
        // `@@` is the text that begins with one `@`.
        Some(rest) if rest.starts_with('@') => rest.into(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| format!("{field}: {path}: {error}"))?;
            let line = text.strip_suffix('\n').unwrap_or(&text);
            line.strip_suffix('\r').unwrap_or(line).into()
        }
        None => value.into(),
    };
    Ok(Assignment { field: field.into(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_gone_through_in_turn() {
        let values = ["AgentID=a[9-11]z".to_owned(), "AgentExtension=[x-1]".to_owned()];
        let prepared = Prepared::new("QUERY_AGENT_STATE_REQ", &values).unwrap();
        let ids: Vec<_> = (0..4).map(|n| prepared.in_turn(n).values[0].value.clone()).collect();
        assert_eq!(ids, ["a9z", "a10z", "a11z", "a9z"]);
        assert_eq!(prepared.in_turn(1).values[1].value, "[x-1]", "no range");
    }
}
