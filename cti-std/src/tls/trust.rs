//! Which certificates of peers are good: those that an authority stands for, and those that are trusted themselves.
//!
//! The usual rules are for certificates that authorities issue. Peers of a contact centre mostly make their own: such a
//! certificate has its holder as its authority too, and often names the host in no place that counts. By the rules it is
//! good for nothing; but it was handed over, and whoever has its key is whom it was handed over by.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// Checks a peer's certificate by the rules, and takes those that are trusted themselves also where these are not kept.
#[derive(Debug)]
pub(super) struct Trust<V: ?Sized> {
    /// Knows the rules, and whom authorities stand for.
    rules: Arc<V>,
    /// What is trusted, byte by byte as peers show it.
    trusted: Vec<CertificateDer<'static>>,
}

impl<V: ?Sized> Trust<V> {
    pub(super) const fn new(rules: Arc<V>, trusted: Vec<CertificateDer<'static>>) -> Self {
        Self { rules, trusted }
    }

    /// Whether a certificate that breaks the rules so is good all the same.
    fn forgives(&self, error: &Error, certificate: &CertificateDer<'_>) -> bool {
        let Error::InvalidCertificate(error) = error else { return false };
        // What was handed over says itself until when it holds. That is checked before all else, so that no other error
        // can stand in its place.
        let has_ended = matches!(
            error,
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
                | CertificateError::Revoked
                | CertificateError::BadEncoding
        );
        !has_ended && self.trusted.iter().any(|trusted| trusted == certificate)
    }
}

impl<V: ServerCertVerifier + ?Sized> ServerCertVerifier for Trust<V> {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let checked = self.rules.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let Err(error) = checked else { return checked };
        if !self.forgives(&error, end_entity) {
            return Err(error);
        }
        // The rules may have failed in front of the name. Names that stand in it count; that there are none does not.
        match verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name) {
            Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }))
                if presented.is_empty() =>
            {
                Ok(ServerCertVerified::assertion())
            }
            checked => checked.map(|()| ServerCertVerified::assertion()),
        }
    }

    // That the peer has the key of its certificate is always checked, and by the rules.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.rules.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.rules.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.rules.supported_verify_schemes()
    }
}

impl<V: ClientCertVerifier + ?Sized> ClientCertVerifier for Trust<V> {
    fn client_auth_mandatory(&self) -> bool {
        self.rules.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.rules.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // Clients are known by their certificates, not by names of hosts.
        match self.rules.verify_client_cert(end_entity, intermediates, now) {
            Err(error) if self.forgives(&error, end_entity) => Ok(ClientCertVerified::assertion()),
            checked => checked,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.rules.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.rules.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.rules.supported_verify_schemes()
    }
}
