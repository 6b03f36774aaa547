//! Certificates of tests, made when they run.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cti_std::tls::{ClientTls, ServerTls, TlsFiles};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use tempfile::TempDir;

/// Names of this machine.
pub(crate) const LOCALHOST: &[&str] = &["127.0.0.1", "localhost"];

/// An authority, and a directory for the certificates that it issues.
pub(crate) struct Authority {
    pub(crate) dir: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        fs::write(dir.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { dir, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Issues a certificate; the paths of it and its key.
    pub(crate) fn issue(
        &self,
        name: &str,
        hosts: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> (PathBuf, PathBuf) {
        let mut params = params(name, hosts);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let paths = (self.dir.path().join(format!("{name}.pem")), self.dir.path().join(format!("{name}.key")));
        fs::write(&paths.0, certificate.pem()).unwrap();
        fs::write(&paths.1, key.serialize_pem()).unwrap();
        paths
    }

    /// What a server on this machine needs, with a certificate of this authority.
    pub(crate) fn server(&self) -> Arc<ServerTls> {
        Arc::new(ServerTls::new(&files(None, Some(&self.issue("server", LOCALHOST, |_| ())))).unwrap())
    }

    /// What a client needs that trusts this authority.
    pub(crate) fn client(&self) -> Arc<ClientTls> {
        Arc::new(ClientTls::new(&files(Some(&self.path()), None)).unwrap())
    }
}

fn params(name: &str, hosts: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(hosts.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// The files of somebody who trusts an authority, and shows a certificate.
pub(crate) fn files(authority: Option<&Path>, identity: Option<&(PathBuf, PathBuf)>) -> TlsFiles {
    TlsFiles {
        authorities: authority.map(Path::to_path_buf),
        certificate: identity.map(|(certificate, _)| certificate.clone()),
        key: identity.map(|(_, key)| key.clone()),
        server_name: None,
    }
}
