//! The arguments of every command that is a client, and the client that they make.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use cti_proto::Protocol;
use cti_proto::value::CtiService;
use cti_std::client::ClientOptions;
use cti_std::tls::{ClientTls, TlsFiles};
use cti_std::{Password, compose};

use crate::Product;

/// Which server, and what the session is to be.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connect {
    /// Side A, and side B if there is one: `host`, `host:port` or `[address]:port` [default port: 42027 and 43027, with TLS
    /// 42030 and 43030, of Unified CCX 12028]
    #[arg(long, value_name = "A[,B]", value_delimiter = ',')]
    connect: Vec<String>,

    /// Versions of the protocol to try, in order [default: all, the newest first]
    #[arg(long, value_name = "N[,N...]", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(9..=25))]
    protocol: Vec<u32>,

    /// Product that the server is part of
    #[arg(long, default_value = "cce")]
    product: Product,

    /// Silence after which a heartbeat is sent, 5 at least, of Unified CCX 30 at most; 0 for none
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    heartbeat: u64,

    /// Silence after which the server gives the session up [default: four heartbeats]
    #[arg(long, value_name = "SECONDS")]
    idle_timeout: Option<u64>,

    /// Name of the client
    #[arg(long, value_name = "NAME", default_value = "cti")]
    client_id: String,

    /// File with the client's password, which may end with a line break
    #[arg(long, value_name = "F")]
    password_file: Option<PathBuf>,

    /// Services to ask for, by name or number, joined by commas, e.g. ALL_EVENTS,CLIENT_CONTROL [default: what the
    /// command needs]
    #[arg(long, value_name = "LIST", value_parser = services)]
    services: Option<CtiService>,

    /// Certificates to trust, of authorities or of the server itself, PEM: makes the connection a secured one
    #[arg(long, value_name = "F")]
    tls_ca: Option<PathBuf>,

    /// Certificate to show to the server, PEM
    #[arg(long, value_name = "F", requires = "tls_ca", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate, PEM
    #[arg(long, value_name = "F", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Name in the server's certificate, if it is not the host
    #[arg(long, value_name = "NAME", requires = "tls_ca")]
    tls_name: Option<String>,

    #[command(flatten)]
    agent: Agent,
}

/// Whose events.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Whose events")]
struct Agent {
    /// Events of all agents and calls; the default
    #[arg(long, conflicts_with_all = ["agent", "extension", "instrument"])]
    all: bool,

    /// Events of the agent with this login ID
    #[arg(long, value_name = "ID")]
    agent: Option<String>,

    /// Events of the agent at this extension
    #[arg(long, value_name = "EXT")]
    extension: Option<String>,

    /// Events of the agent at this instrument
    #[arg(long, value_name = "INSTRUMENT")]
    instrument: Option<String>,

    /// Peripheral of the agent, which Unified CCE needs
    #[arg(long, value_name = "ID")]
    peripheral: Option<u32>,
}

/// Ports where none are named: of sides A and B.
const PORTS: [u16; 2] = [42_027, 43_027];
const TLS_PORTS: [u16; 2] = [42_030, 43_030];
// The RmCm TCP port, where it was not set otherwise.
const CCX_PORTS: [u16; 2] = [12_028, 12_028];

impl Connect {
    /// Whether a server is named.
    pub(crate) const fn names_server(&self) -> bool {
        !self.connect.is_empty()
    }

    /// A client of the servers. It asks for `needed` beside the events, unless the arguments say what to ask for.
    pub(crate) fn options(&self, needed: CtiService) -> Result<ClientOptions, String> {
        let (side_a, side_b) = match self.connect.as_slice() {
            [] => return Err("--connect is missing: say which server, e.g. --connect pg1a,pg1b".into()),
            [side_a] => (side_a, None),
            [side_a, side_b] => (side_a, Some(side_b)),
            _ => return Err("--connect takes side A, or side A and side B".into()),
        };
        let [port_a, port_b] = match self.product {
            // First: what the guide says of secured ports is of Unified CCE.
            Product::Ccx => CCX_PORTS,
            Product::Cce if self.tls_ca.is_some() => TLS_PORTS,
            Product::Cce => PORTS,
        };
        let mut options = ClientOptions::new(with_port(side_a, port_a));
        options.side_b = side_b.map(|side| with_port(side, port_b));
        options.protocols = self.protocols()?;
        options.client_id.clone_from(&self.client_id);
        options.password = self.password()?;
        options.tls = self.tls()?;
        options.config.heartbeat = (self.heartbeat > 0).then(|| Duration::from_secs(self.heartbeat));
        options.config.idle_timeout = self.idle_timeout.map(Duration::from_secs);
        options.config.services = self.services.unwrap_or(self.events() | needed);
        self.agent.fill(&mut options);
        options.check().map_err(|error| error.to_string())?;
        Ok(options)
    }

    /// The same arguments for these servers.
    pub(crate) fn to(&self, servers: Vec<String>) -> Self {
        Self { connect: servers, ..self.clone() }
    }

    /// The product that the servers are part of.
    pub(crate) fn product(&self) -> cti_proto::Product {
        self.product.into()
    }

    /// The versions to try.
    pub(crate) fn protocols(&self) -> Result<Vec<Protocol>, String> {
        let product = self.product.into();
        if self.protocol.is_empty() {
            // The client goes on to the next one where a server refuses a version.
            return Ok((9..=25).rev().filter_map(|version| Protocol::new(product, version).ok()).collect());
        }
        let protocols = self.protocol.iter().map(|version| Protocol::new(product, *version));
        protocols.collect::<Result<_, _>>().map_err(|error| error.to_string())
    }

    /// The service that brings the events that are asked for.
    fn events(&self) -> CtiService {
        match self.agent.is_named() {
            true => CtiService::CTI_SERVICE_CLIENT_EVENTS,
            false => CtiService::CTI_SERVICE_ALL_EVENTS,
        }
    }

    /// From a file only: arguments can be seen by everybody on the machine.
    fn password(&self) -> Result<Password, String> {
        let Some(path) = &self.password_file else { return Ok(Password::default()) };
        Password::read(path).map_err(|error| format!("--password-file {}: {error}", path.display()))
    }

    /// What is needed for a secured connection, if one is wanted.
    fn tls(&self) -> Result<Option<Arc<ClientTls>>, String> {
        if self.tls_ca.is_none() {
            return Ok(None);
        }
        let (authorities, certificate) = (self.tls_ca.clone(), self.tls_cert.clone());
        let (key, server_name) = (self.tls_key.clone(), self.tls_name.clone());
        let files = TlsFiles { authorities, certificate, key, server_name };
        ClientTls::new(&files).map(|tls| Some(Arc::new(tls))).map_err(|error| error.to_string())
    }
}

impl Agent {
    /// Whether the events of one agent are wanted.
    const fn is_named(&self) -> bool {
        self.agent.is_some() || self.extension.is_some() || self.instrument.is_some()
    }

    /// Puts the agent into the options.
    fn fill(&self, options: &mut ClientOptions) {
        options.agent_id.clone_from(&self.agent);
        options.agent_extension.clone_from(&self.extension);
        options.agent_instrument.clone_from(&self.instrument);
        if let Some(peripheral) = self.peripheral {
            options.config.peripheral_id = peripheral;
        }
    }
}

/// An address with a port, which is `port` if it has none.
fn with_port(address: &str, port: u16) -> String {
    let has_port = match address.rsplit_once(':') {
        // More than one colon, and no bracket: an address of version 6 alone.
        Some((host, _)) => !host.contains(':') || host.ends_with(']'),
        None => false,
    };
    match has_port {
        true => address.into(),
        false if address.contains(':') && !address.starts_with('[') => format!("[{address}]:{port}"),
        false => format!("{address}:{port}"),
    }
}

/// Services by names or numbers.
fn services(text: &str) -> Result<CtiService, String> {
    compose::mask(&CtiService::TABLE, text).map(CtiService).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_a_port_if_they_have_none() {
        for (address, expected) in [
            ("pg1a", "pg1a:7"),
            ("pg1a:9", "pg1a:9"),
            ("10.0.0.1", "10.0.0.1:7"),
            ("::1", "[::1]:7"),
            ("fe80::1:2", "[fe80::1:2]:7"),
            ("[::1]", "[::1]:7"),
            ("[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(with_port(address, 7), expected);
        }
    }

    #[test]
    fn services_go_by_short_names() {
        let both = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
        assert_eq!(services("CTI_SERVICE_ALL_EVENTS,CTI_SERVICE_CLIENT_CONTROL"), Ok(both));
        assert_eq!(services("all_events,0x4"), Ok(both));
        assert!(services("ALL_EVENT").unwrap_err().contains("did you mean `CTI_SERVICE_ALL_EVENTS`"));
    }
}
