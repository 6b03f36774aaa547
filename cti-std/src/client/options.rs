//! What a client is to be, owned: easy to fill from a command line.

use std::fmt;
#[cfg(feature = "tls")]
use std::sync::Arc;

use cti_proto::session::{ClientConfig, ConfigError};
use cti_proto::value::CtiService;
use cti_proto::{Bytes, Protocol, Secret};

use crate::client::resolve::{Host, Resolver};
use crate::memory::Memory;
use crate::password::Password;
#[cfg(feature = "tls")]
use crate::tls::ClientTls;

/// Ports of side A and side B where none are named: those of the guide's examples.
const DEFAULT_PORTS: [u16; 2] = [42_027, 43_027];

/// What a client is to be.
///
/// ```
/// use std::time::Duration;
/// use cti_proto::value::CtiService;
/// use cti_std::client::ClientOptions;
///
/// let mut options = ClientOptions::new("pg1a.example:42027");
/// options.side_b = Some("pg1b.example:43027".into());
/// options.client_id = "wallboard".into();
/// options.password = "secret".into();
/// options.config.services = CtiService::CTI_SERVICE_ALL_EVENTS;
/// options.config.heartbeat = Some(Duration::from_secs(10));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// Side A, or the only server: `host:port`, or a host alone for port 42027.
    pub side_a: String,
    /// Side B, if there is one; a host alone is for port 43027.
    pub side_b: Option<String>,
    /// The protocols to try, in order.
    pub protocols: Vec<Protocol>,
    /// Name of the client, 1 to 63 bytes.
    pub client_id: String,
    /// Password of the client, up to 64 bytes.
    pub password: Password,
    /// What the history of a call shows for the client; `client_id` if absent.
    pub signature: Option<String>,
    /// Extension of the agent, for Client Events.
    pub agent_extension: Option<String>,
    /// Login ID of the agent, for Client Events.
    pub agent_id: Option<String>,
    /// Instrument of the agent, for Client Events.
    pub agent_instrument: Option<String>,
    /// Everything that needs no memory: services, masks, times. What this structure has itself counts before what
    /// stands here, and `random` is chosen where it is 0.
    pub config: ClientConfig<'static>,
    /// The session's memory.
    pub memory: Memory,
    /// Commands from other threads that may wait; then those who give them wait.
    pub queue: usize,
    /// Whom to ask for the addresses of hosts.
    pub resolver: Resolver,
    /// The secured port, and what is needed for it.
    #[cfg(feature = "tls")]
    pub tls: Option<Arc<ClientTls>>,
}

/// Why a client could not be made.
#[derive(Debug)]
#[non_exhaustive]
pub enum SetupError {
    /// An address is neither `host:port` nor a host.
    Address(String),
    /// A client of both sides at once needs the address of side B, too.
    OneSide,
    /// The configuration breaks a rule of the protocol.
    Config(ConfigError),
    /// The system has no room for what a client needs.
    Io(std::io::Error),
}

/// Every version of Unified CCE that opens by default: the newest first.
const DEFAULT_PROTOCOLS: [u32; 6] = [24, 20, 19, 15, 14, 9];

impl ClientOptions {
    /// A client of one server that asks for all events.
    #[must_use]
    pub fn new(side_a: impl Into<String>) -> Self {
        let config = ClientConfig::new(&[], "".into(), CtiService::CTI_SERVICE_ALL_EVENTS);
        Self {
            side_a: side_a.into(),
            side_b: None,
            protocols: DEFAULT_PROTOCOLS.iter().filter_map(|version| Protocol::cce(*version).ok()).collect(),
            client_id: "cti".into(),
            password: Password::default(),
            signature: None,
            agent_extension: None,
            agent_id: None,
            agent_instrument: None,
            config,
            memory: Memory::CLIENT,
            queue: 64,
            resolver: Resolver::default(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The configuration as the session borrows it.
    #[must_use]
    pub fn config(&self) -> ClientConfig<'_> {
        let mut config: ClientConfig<'_> = self.config;
        config.protocols = &self.protocols;
        config.client_id = self.client_id.as_str().into();
        config.password = Secret(Bytes(self.password.expose()));
        config.signature = self.signature.as_deref().map(Into::into);
        config.agent_extension = self.agent_extension.as_deref().map(Into::into);
        config.agent_id = self.agent_id.as_deref().map(Into::into);
        config.agent_instrument = self.agent_instrument.as_deref().map(Into::into);
        // Whether there are two is seen from the addresses: a flag could say otherwise.
        config.pair = self.side_b.is_some();
        // Clients of one site must not all come back at the same moment.
        if config.random == 0 {
            config.random = random();
        }
        config
    }

    /// Checks everything that can be checked before there is a connection.
    ///
    /// # Errors
    /// [`SetupError::Address`] or [`SetupError::Config`].
    pub fn check(&self) -> Result<(), SetupError> {
        self.hosts()?;
        self.config().check().map_err(SetupError::Config)
    }

    /// The servers, side A first.
    pub(super) fn hosts(&self) -> Result<[Option<Host>; 2], SetupError> {
        let host = |text: &str, port| Host::parse(text, port).ok_or_else(|| SetupError::Address(text.into()));
        let [port_a, port_b] = DEFAULT_PORTS;
        let side_b = self.side_b.as_deref().map(|text| host(text, port_b)).transpose()?;
        Ok([Some(host(&self.side_a, port_a)?), side_b])
    }
}

/// A number that differs from process to process and from call to call.
fn random() -> u32 {
    use std::hash::{BuildHasher as _, RandomState};
    // Chance that every program has at hand: no generator is needed for one number.
    RandomState::new().hash_one(0) as u32
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(text) => write!(f, "`{text}` is not an address: host:port, or a host, is expected"),
            Self::OneSide => f.write_str("a client of both sides needs the address of side B"),
            Self::Config(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address(_) | Self::OneSide => None,
            Self::Config(error) => Some(error),
            Self::Io(error) => Some(error),
        }
    }
}
