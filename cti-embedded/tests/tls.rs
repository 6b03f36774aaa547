//! TLS 1.3 without allocation around the transport: embedded-tls, which checks the server's certificate, against a server
//! by rustls.

#[path = "common/blocking.rs"]
mod blocking;

use std::sync::Arc;

use blocking::{RealTime, Tokio, block_on, listen, serve};
use cti_embedded::{Client, Halves};
use cti_proto::message::{AgentStateEvent, QueryAgentStateReq};
use cti_proto::session::{ClientConfig, Event};
use cti_proto::value::{CtiService, FailureStatus};
use cti_proto::{Protocol, Storage};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_tls::pki::CertVerifier;
use embedded_tls::{
    Aes128GcmSha256, Certificate, CryptoProvider, CryptoRngCore, TlsClock, TlsConfig, TlsConnection, TlsContext,
    TlsError, TlsVerifier, UnsecureProvider,
};
use rand_core::OsRng;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpStream;

const EVENTS: u32 = 500;
const NAME: &str = "cti.example";

/// An authority, and the configuration of a server that it has certified.
fn certified_server() -> (Vec<u8>, Arc<rustls::ServerConfig>) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, authority_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![NAME.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    (authority.der().to_vec(), Arc::new(config))
}

/// Chance, and the authority that is trusted.
struct Provider<'a> {
    verifier: CertVerifier<'a, Aes128GcmSha256, Today, 2_048>,
}

impl CryptoProvider for Provider<'_> {
    type CipherSuite = Aes128GcmSha256;
    type Signature = <UnsecureProvider<'static, Aes128GcmSha256, OsRng> as CryptoProvider>::Signature;

    fn rng(&mut self) -> impl CryptoRngCore {
        OsRng
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.verifier)
    }
}

/// The time of day, for the dates in certificates.
struct Today;

impl TlsClock for Today {
    fn now() -> Option<u64> {
        Some(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?.as_secs())
    }
}

#[test]
fn a_session_goes_through_tls() {
    let (authority, server_config) = certified_server();
    let (address, accept) = listen();
    let server = std::thread::spawn(move || {
        let connection = rustls::ServerConnection::new(server_config).unwrap();
        serve(rustls::StreamOwned::new(connection, accept()), EVENTS)
    });
    let protocols = [Protocol::cce(24).unwrap()];
    let services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CLIENT_CONTROL;
    let config = ClientConfig::new(&protocols, "test".into(), services);
    let mut storage = Storage::<1_024, 512, 3, 2>::new();
    let time = RealTime(std::time::Instant::now());
    let mut client: Client<'_, NoopRawMutex, _> = Client::new(config, storage.parts(), time).unwrap();
    let (mut runner, handle, mut events) = client.split();

    let transport = async {
        while runner.wanted().await.is_some() {
            let mut tcp = Halves::new(Tokio(TcpStream::connect(address).await.unwrap()));
            let (mut reading, mut writing) = ([0; 16_640], [0; 2_048]);
            let mut tls = TlsConnection::new(tcp.split().0, &mut reading, &mut writing);
            let trusted = Certificate::X509(authority.as_slice());
            let provider = Provider { verifier: CertVerifier::new(trusted) };
            let tls_config = TlsConfig::new().with_server_name(NAME);
            let opening = tls.open(TlsContext::new(&tls_config, provider));
            runner.connect(opening).await.expect("the server's certificate is good");
            let (reader, writer) = tls.split();
            runner.exchange(reader, writer).await;
        }
    };
    let application = async {
        let (mut seen, mut confirmed) = (Vec::new(), 0);
        let look = |event: Event<'_>| match event {
            Event::Message(frame) => frame.decode::<AgentStateEvent<'_>>().ok().map(|event| event.skill_group_id),
            Event::Confirmed { .. } => Some(0),
            Event::Opened(_) | Event::Ended(_) => None,
            other => panic!("{other:?}"),
        };
        while let Some(event) = events.next(look).await {
            match event {
                Some(0) => confirmed += 1,
                Some(number) => {
                    // Requests while events come: both directions at once.
                    if number % 50 == 0 {
                        let agent = number.to_string();
                        let query = QueryAgentStateReq { agent_id: Some(agent.as_str().into()), ..Default::default() };
                        handle.request(&query).await.unwrap();
                    }
                    seen.push(number);
                }
                None => {}
            }
            if confirmed == EVENTS / 50 && seen.len() == EVENTS as usize {
                handle.close(FailureStatus::E_CTI_NO_ERROR).await;
            }
        }
        assert_eq!(seen, (1..=EVENTS).collect::<Vec<_>>(), "every event comes once, in order");
    };
    block_on(async { tokio::join!(transport, application) });
    assert_eq!(server.join().unwrap().len(), EVENTS as usize / 50);
}
