//! The secured ports: TLS 1.2 and 1.3, by certificates in PEM files, for both ends.
//!
//! A contact centre has certificates of its own: who is to be trusted is always named, and nothing that the system
//! trusts counts. A server that is given certificates to trust asks each client for one (mutual authentication).
//!
//! Trusted are authorities, with all that they have issued, and the certificates of peers themselves, such as each end
//! makes for itself and hands to the other. One of the latter may be its own authority, and name no host; the names of hosts in
//! it count, if there are any, and so does the time that it holds for.
//!
//! Guide: "Session Management", secured connections.

mod trust;

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cti_proto::Blame;
use mio::net::TcpStream;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig,
    ServerConnection,
};

use self::trust::Trust;

/// The files that TLS needs, all of them PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificates to trust: of authorities, or of the peers themselves, any number of either. A client needs them; a
    /// server that has them asks its clients for certificates.
    pub authorities: Option<PathBuf>,
    /// The certificate to show, and those between it and the authority. A server needs it, and a client whose server
    /// asks for it.
    pub certificate: Option<PathBuf>,
    /// The private key of the certificate.
    pub key: Option<PathBuf>,
    /// For a client: the name in the server's certificate, where it is not the host that is connected to.
    pub server_name: Option<String>,
}

/// What a client needs for the secured ports.
#[derive(Debug)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    server_name: Option<ServerName<'static>>,
}

/// What a server needs for a secured port.
#[derive(Debug)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
}

/// Why there is no secured connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A file is needed that was not named: its role.
    Missing(&'static str),
    /// A file cannot be read, or holds nothing of what it should.
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Certificate and key do not fit each other, or cannot be used.
    Configuration(rustls::Error),
    /// The server's name can stand in no certificate.
    Name(String),
    /// The handshake failed, or what came cannot be decrypted.
    Handshake(rustls::Error),
}

impl ClientTls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`], which names the file.
    pub fn new(files: &TlsFiles) -> Result<Self, TlsError> {
        let authorities = files.authorities.as_deref().ok_or(TlsError::Missing("certificates to trust"))?;
        let (roots, trusted) = roots(authorities)?;
        let provider = provider();
        // What is named counts, and only that: see the beginning of the file.
        let rules = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
        let rules = rules.map_err(|error| TlsError::Configuration(rustls::Error::General(error.to_string())))?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Configuration)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Trust::new(rules, trusted)));
        let config = match identity(files)? {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(TlsError::Configuration)?,
            None => builder.with_no_client_auth(),
        };
        let server_name = files.server_name.as_deref().map(server_name).transpose()?;
        Ok(Self { config: Arc::new(config), server_name })
    }

    /// TLS on a connection to a host.
    pub(crate) fn secure(&self, host: &str, socket: TcpStream) -> Result<Secured, TlsError> {
        let name = self.server_name.clone().map_or_else(|| server_name(host), Ok)?;
        let connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(TlsError::Configuration)?;
        Ok(Secured::new(connection.into(), socket, AHEAD))
    }
}

impl ServerTls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`], which names the file.
    pub fn new(files: &TlsFiles) -> Result<Self, TlsError> {
        let (chain, key) = identity(files)?.ok_or(TlsError::Missing("the server's certificate"))?;
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Configuration)?;
        let builder = match &files.authorities {
            Some(path) => {
                let (roots, trusted) = roots(path)?;
                let rules = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
                let rules =
                    rules.map_err(|error| TlsError::Configuration(rustls::Error::General(error.to_string())))?;
                builder.with_client_cert_verifier(Arc::new(Trust::new(rules, trusted)))
            }
            None => builder.with_no_client_auth(),
        };
        let config = builder.with_single_cert(chain, key).map_err(TlsError::Configuration)?;
        Ok(Self { config: Arc::new(config) })
    }

    /// TLS on a connection that came in.
    pub(crate) fn secure(&self, socket: TcpStream) -> io::Result<Secured> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        // Clients say little, and there are many.
        Ok(Secured::new(connection.into(), socket, 0))
    }
}

/// Named for each configuration: the default of the process is the program's to choose.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A name as it stands in certificates: of a host, or an address.
fn server_name(name: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(name.to_string()).map_err(|_| TlsError::Name(name.into()))
}

/// The certificates to trust: as authorities, and as they are.
fn roots(path: &Path) -> Result<(Arc<RootCertStore>, Vec<CertificateDer<'static>>), TlsError> {
    let trusted = certificates(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in &trusted {
        roots.add(certificate.clone()).map_err(TlsError::Configuration)?;
    }
    Ok((Arc::new(roots), trusted))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Certificate and key, if they are named at all.
fn identity(files: &TlsFiles) -> Result<Option<Identity>, TlsError> {
    match (&files.certificate, &files.key) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(TlsError::Missing("the certificate of the key")),
        (Some(_), None) => Err(TlsError::Missing("the key of the certificate")),
        (Some(certificate), Some(key)) => Ok(Some((certificates(certificate)?, private_key(key)?))),
    }
}

/// All certificates of a file, of which there is one at least.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    match read() {
        Ok(certificates) if certificates.is_empty() => Err(file(path, "holds no certificate")),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unreadable(path, error)),
    }
}

/// The first private key of a file.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    match PrivateKeyDer::from_pem_file(path) {
        Ok(key) => Ok(key),
        // Found out only now: whatever can be read is no such key.
        Err(_) if is_encrypted(path) => Err(file(path, "holds a key that is encrypted: decrypt it first")),
        Err(rustls::pki_types::pem::Error::NoItemsFound) => Err(file(path, "holds no private key")),
        Err(error) => Err(unreadable(path, error)),
    }
}

/// Whether a file holds a key that only a password opens, in the form of PKCS #8 or the older one.
fn is_encrypted(path: &Path) -> bool {
    let text = std::fs::read(path).unwrap_or_default();
    text.windows(b"ENCRYPTED".len()).any(|word| word == b"ENCRYPTED")
}

/// Why a file cannot be used.
fn unreadable(path: &Path, error: rustls::pki_types::pem::Error) -> TlsError {
    match error {
        rustls::pki_types::pem::Error::Io(error) => TlsError::File { path: path.into(), error },
        // What stands in a file with a key in it is not repeated.
        _ => file(path, "is no PEM file"),
    }
}

/// A file that holds something else.
fn file(path: &Path, reason: &str) -> TlsError {
    TlsError::File { path: path.into(), error: io::Error::new(ErrorKind::InvalidData, reason) }
}

/// A TCP connection with TLS on it, that never blocks.
pub(crate) struct Secured {
    connection: Connection,
    incoming: Incoming,
}

/// Encrypted bytes that may wait for the socket.
const BUFFER: usize = 64 << 10;
/// Encrypted bytes that a client reads at once: by itself TLS reads a record of 16 KiB at most. See
/// [`Memory::receive`](crate::Memory::receive) for what that costs.
const AHEAD: usize = 256 << 10;

/// A socket whose bytes are read ahead of those who take them in small pieces.
struct Incoming {
    socket: TcpStream,
    /// Empty where nothing is read ahead.
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

/// It would block, or is at the end, only when nothing is here either.
impl Read for Incoming {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end {
            if self.buffer.len() <= space.len() {
                return self.socket.read(space);
            }
            (self.start, self.end) = (0, 0);
            self.end = self.socket.read(&mut self.buffer)?;
        }
        let n = (&self.buffer[self.start..self.end]).read(space)?;
        self.start += n;
        Ok(n)
    }
}

impl Secured {
    fn new(mut connection: Connection, socket: TcpStream, ahead: usize) -> Self {
        // Else it would encrypt all that a session has, and backlog and time-outs would no longer mean anything.
        connection.set_buffer_limit(Some(BUFFER));
        let incoming = Incoming { socket, buffer: vec![0; ahead].into(), start: 0, end: 0 };
        Self { connection, incoming }
    }

    pub(crate) const fn socket(&mut self) -> &mut TcpStream {
        &mut self.incoming.socket
    }

    /// `true` once the handshake is done, as far as this end can tell.
    pub(crate) fn shake_hands(&mut self) -> io::Result<bool> {
        self.flush()?;
        while self.connection.is_handshaking() {
            match self.receive() {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Reads what is decrypted; what there is of TLS itself is passed over.
    pub(crate) fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.connection.reader().read(space) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // Without a farewell: what ends a session is said in the session.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
                result => return result,
            }
            self.receive()?;
        }
    }

    /// Encrypts as much as there is room for, and writes what the socket takes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        // What is encrypted cannot be taken back: nothing more until the socket has it.
        let n = if self.connection.wants_write() { 0 } else { self.connection.writer().write(bytes)? };
        if n == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.flush()?;
        Ok(n)
    }

    /// Writes what is encrypted, as far as the socket takes it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut self.incoming.socket) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads from the socket and decrypts; 0 if the peer has closed.
    fn receive(&mut self) -> io::Result<usize> {
        let n = self.connection.read_tls(&mut self.incoming)?;
        let processed = self.connection.process_new_packets();
        // Also where the peer is refused, so that it learns why.
        let flushed = self.flush();
        processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        flushed?;
        Ok(n)
    }
}

impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secured").field("socket", &self.incoming.socket).finish_non_exhaustive()
    }
}

impl TlsError {
    /// Whose fault it is.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Handshake(_) => Blame::Peer,
            _ => Blame::Usage,
        }
    }
}

/// The error of TLS that stands behind one of a connection; others are given back.
impl TryFrom<io::Error> for TlsError {
    type Error = io::Error;

    fn try_from(error: io::Error) -> Result<Self, io::Error> {
        error.downcast().map(Self::Handshake)
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(role) => write!(f, "TLS needs {role}, and no file is named"),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Configuration(error) => write!(f, "certificate and key cannot be used: {error}"),
            Self::Name(name) => write!(f, "`{name}` is not the name of a server"),
            Self::Handshake(error) => match explain(error) {
                Some(reason) => write!(f, "TLS: {reason}"),
                None => write!(f, "TLS: {error}"),
            },
        }
    }
}

/// What the usual failures of a handshake mean.
fn explain(error: &rustls::Error) -> Option<&'static str> {
    Some(match error {
        rustls::Error::NoCertificatesPresented => "the peer shows no certificate",
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the peer's certificate has expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the peer's certificate is not valid yet"
            }
            CertificateError::UnknownIssuer => "the peer's certificate is of nobody who is trusted",
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another name"
            }
            CertificateError::Revoked => "the peer's certificate is revoked",
            // That it may issue others, and is shown for its holder all the same: of the reason nothing but its name can be
            // seen from here.
            CertificateError::Other(reason) if reason.to_string() == "CaUsedAsEndEntity" => {
                "the peer shows a certificate of its own, which is not among those that are trusted"
            }
            _ => return None,
        },
        rustls::Error::AlertReceived(alert) => match *alert {
            AlertDescription::CertificateRequired => "the server asks for a certificate, and none was shown",
            AlertDescription::CertificateExpired => "the peer finds our certificate expired",
            AlertDescription::UnknownCA => "the peer does not trust who issued our certificate",
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown => "the peer does not accept our certificate",
            AlertDescription::ProtocolVersion => "the peer speaks another version of TLS",
            AlertDescription::HandshakeFailure => "the peer and we have no way of encryption in common",
            _ => return None,
        },
        rustls::Error::InvalidMessage(_) => "the peer does not speak TLS on this port",
        _ => return None,
    })
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Missing(_) | Self::Name(_) => None,
            Self::File { error, .. } => Some(error),
            Self::Configuration(error) | Self::Handshake(error) => Some(error),
        }
    }
}
