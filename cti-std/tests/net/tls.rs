//! The secured ports: certificates that are good, and all the ways in which they are not.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cti_proto::Blame;
use cti_proto::message::MessageType;
use cti_proto::session::{Cause, Event};
use cti_std::client::{ClientOptions, ConnectionError, Resolver};
use cti_std::server::ServerOptions;
use cti_std::tls::{ClientTls, ServerTls, TlsError, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;

use crate::authority::{Authority, LOCALHOST, files};
use crate::support::{TestClient, TestServer, agent, agent_id, cce, disconnected, loopback, wait};

fn secured(options: ServerOptions, tls: Arc<ServerTls>) -> TestServer {
    TestServer::with(options, |server| vec![server.listen_secured(loopback(), cce(), tls).unwrap()])
}

fn server(files: &TlsFiles) -> TestServer {
    secured(ServerOptions::new(), Arc::new(ServerTls::new(files).unwrap()))
}

fn options(server: &TestServer, files: &TlsFiles) -> ClientOptions {
    let mut options = server.options();
    options.tls = Some(Arc::new(ClientTls::new(files).unwrap()));
    options
}

/// A client that trusts an authority.
fn trusting(server: &TestServer, authority: &Authority) -> ClientOptions {
    let mut options = server.options();
    options.tls = Some(authority.client());
    options
}

/// What becomes of a client's first attempt: `None` if it opens.
fn failure(options: ClientOptions) -> Option<(Cause, String, Blame)> {
    let mut client = TestClient::new(options);
    let cause = client.wait_for("an outcome", |event| match event {
        Event::Opened(_) => Some(None),
        Event::Disconnected(lost) => Some(Some(lost.cause)),
        _ => None,
    })?;
    let error = client.0.last_error().unwrap();
    Some((cause, error.to_string(), error.blame()))
}

#[test]
fn a_secured_session_carries_everything_in_order() {
    let authority = Authority::new("authority");
    let server = secured(ServerOptions::new(), authority.server());
    let mut client = TestClient::new(trusting(&server, &authority));
    client.open();
    server.ask(|_, sessions| {
        for n in 0..2_000 {
            assert_eq!(sessions.event(&agent(&n.to_string())), Ok(1));
        }
    });
    for n in 0..2_000 {
        let id = client.frame(MessageType::AGENT_STATE_EVENT, agent_id);
        assert_eq!(id, n.to_string());
    }
    assert_eq!(client.close(), "Ended(Closed)");
}

/// More than the sockets and TLS hold: the rest waits in the backlog until the client reads again.
#[test]
fn a_secured_session_whose_client_pauses_loses_nothing() {
    const EVENTS: usize = 60_000;
    let authority = Authority::new("authority");
    let mut server_options = ServerOptions::new();
    server_options.memory.transmit = 16 << 20;
    let server = secured(server_options, authority.server());
    let mut client = TestClient::new(trusting(&server, &authority));
    client.open();
    let session = server.only_session();
    server.ask(|_, sessions| (0..EVENTS).for_each(|n| assert_eq!(sessions.event(&agent(&n.to_string())), Ok(1))));
    wait("the connection is full", || {
        let backlog = server.ask(move |_, sessions| sessions.backlog(session));
        let later = server.ask(move |_, sessions| sessions.backlog(session));
        (backlog == later && backlog > 0).then_some(())
    });
    for n in 0..EVENTS {
        assert_eq!(client.frame(MessageType::AGENT_STATE_EVENT, agent_id), n.to_string());
    }
    server.ask(move |_, sessions| sessions.reset(session));
    let lost = client.wait_for("the reset", disconnected);
    assert_eq!(lost.1, Cause::TransportClosed);
    client.open();
}

#[test]
fn both_ends_show_certificates() {
    let authority = Authority::new("authority");
    let strangers = Authority::new("strangers");
    let server = server(&files(Some(&authority.path()), Some(&authority.issue("server", LOCALHOST, |_| ()))));
    let ca = authority.path();
    let attempt = |identity: Option<&(PathBuf, PathBuf)>| failure(options(&server, &files(Some(&ca), identity)));

    let (_, error, blame) = attempt(None).unwrap();
    assert_eq!(error, "TLS: the server asks for a certificate, and none was shown");
    assert_eq!(blame, Blame::Peer);

    let stranger = strangers.issue("client", &[], |_| ());
    let (_, error, _) = attempt(Some(&stranger)).unwrap();
    assert_eq!(error, "TLS: the peer does not trust who issued our certificate");

    let old = authority.issue("old", &[], |params| params.not_after = date_time_ymd(2020, 1, 1));
    let (_, error, _) = attempt(Some(&old)).unwrap();
    assert_eq!(error, "TLS: the peer finds our certificate expired");

    assert_eq!(attempt(Some(&authority.issue("client", &[], |_| ()))), None, "the good one opens");
    let counters = server.ask(|_, sessions| sessions.counters());
    assert_eq!((counters.accepted, counters.opened), (4, 1));
}

#[test]
fn a_server_that_cannot_be_trusted_gets_no_password() {
    let authority = Authority::new("authority");
    let strangers = Authority::new("strangers");
    let attempt = |identity: &(PathBuf, PathBuf), trusted: &Authority| {
        let server = server(&files(None, Some(identity)));
        let failure = failure(options(&server, &files(Some(&trusted.path()), None)));
        assert_eq!(server.ask(|_, sessions| sessions.counters().received), 0, "nothing was said under TLS");
        failure
    };
    let good = authority.issue("good", LOCALHOST, |_| ());
    let (cause, error, blame) = attempt(&good, &strangers).unwrap();
    assert_eq!((cause, blame), (Cause::ConnectFailed, Blame::Peer));
    assert_eq!(error, "TLS: the peer's certificate is of nobody who is trusted");

    let old = authority.issue("old", LOCALHOST, |params| params.not_after = date_time_ymd(2020, 1, 1));
    assert_eq!(attempt(&old, &authority).unwrap().1, "TLS: the peer's certificate has expired");
    let early = authority.issue("early", LOCALHOST, |params| params.not_before = date_time_ymd(2999, 1, 1));
    assert_eq!(attempt(&early, &authority).unwrap().1, "TLS: the peer's certificate is not valid yet");
    let other = authority.issue("other", &["other.example"], |_| ());
    assert_eq!(attempt(&other, &authority).unwrap().1, "TLS: the server's certificate is for another name");
}

#[test]
fn a_name_of_the_callers_replaces_the_host() {
    let authority = Authority::new("authority");
    let server = server(&files(None, Some(&authority.issue("pg1a", &["pg1a.example"], |_| ()))));
    let mut files = files(Some(&authority.path()), None);
    files.server_name = Some("pg1a.example".into());
    assert_eq!(failure(options(&server, &files)), None);
}

#[test]
fn an_end_without_tls_is_told_from_one_with() {
    let authority = Authority::new("authority");
    let secured = secured(ServerOptions::new(), authority.server());
    let (cause, ..) = failure(secured.options()).unwrap();
    assert!(matches!(cause, Cause::Framing(_) | Cause::TransportClosed), "{cause}");

    let plain = TestServer::start();
    let (cause, ..) = failure(trusting(&plain, &authority)).unwrap();
    assert_eq!(cause, Cause::ConnectFailed);
    plain.client().open();
}

/// The first address of the host takes connections, and never says a word.
#[test]
fn an_address_that_hangs_in_the_handshake_leaves_time_for_the_next_one() {
    let authority = Authority::new("authority");
    let server = secured(ServerOptions::new(), authority.server());
    let silent = TcpListener::bind(loopback()).unwrap();
    let addresses = [silent.local_addr().unwrap(), server.addresses[0]];
    let client = |addresses: Vec<SocketAddr>| {
        let mut options = trusting(&server, &authority);
        options.side_a = "localhost:42027".into();
        options.resolver = Resolver::new(move |_: &str, _| Ok(addresses.clone()));
        options.config.connect_timeout = Duration::from_secs(4);
        options
    };
    assert_eq!(failure(client(addresses.to_vec())), None, "it opens at the first attempt");

    let (cause, error, blame) = failure(client(vec![addresses[0]])).unwrap();
    assert_eq!((cause, blame), (Cause::ConnectFailed, Blame::Transport));
    assert_eq!(error, format!("no connection to {}: timed out", addresses[0]));
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let authority = Authority::new("authority");
    let one = authority.issue("one", LOCALHOST, |_| ());
    let two = authority.issue("two", LOCALHOST, |_| ());
    let client = |files: TlsFiles| ClientTls::new(&files).unwrap_err();
    let error = client(TlsFiles::default());
    assert_eq!(error.to_string(), "TLS needs certificates to trust, and no file is named");
    assert_eq!(error.blame(), Blame::Usage);
    assert!(matches!(ServerTls::new(&TlsFiles::default()), Err(TlsError::Missing(_))));
    let half = TlsFiles { key: None, ..files(Some(&authority.path()), Some(&one)) };
    assert_eq!(client(half).to_string(), "TLS needs the key of the certificate, and no file is named");
    let half = TlsFiles { certificate: None, ..files(Some(&authority.path()), Some(&one)) };
    assert_eq!(client(half).to_string(), "TLS needs the certificate of the key, and no file is named");

    let missing = authority.dir.path().join("missing.pem");
    let error = client(files(Some(&missing), None)).to_string();
    assert!(error.starts_with(missing.to_str().unwrap()) && error.contains("No such file"), "{error}");
    let error = client(files(Some(&one.1), None)).to_string();
    assert!(error.ends_with("holds no certificate"), "{error}");
    let swapped = (one.1.clone(), one.0.clone());
    assert!(matches!(client(files(Some(&authority.path()), Some(&swapped))), TlsError::File { .. }));
    let keyless = (one.0.clone(), one.0.clone());
    let error = client(files(Some(&authority.path()), Some(&keyless))).to_string();
    assert!(error.ends_with("holds no private key"), "{error}");
    let mixed = (one.0, two.1);
    assert!(matches!(client(files(Some(&authority.path()), Some(&mixed))), TlsError::Configuration(_)));
    let named = TlsFiles { server_name: Some("no name".into()), ..files(Some(&authority.path()), None) };
    assert!(matches!(client(named), TlsError::Name(name) if name == "no name"));
}

/// What stands behind a connection that failed is the typed error, not only its text.
#[test]
fn the_error_behind_a_failed_handshake_is_typed() {
    let authority = Authority::new("authority");
    let server = secured(ServerOptions::new(), authority.server());
    let mut client = TestClient::new(trusting(&server, &Authority::new("others")));
    client.wait_for("the failure", |event| matches!(event, Event::Disconnected(_)).then_some(()));
    assert!(matches!(client.0.last_error(), Some(ConnectionError::Tls(TlsError::Handshake(_)))));
}

/// A certificate that its holder has made, as `openssl req -x509` makes it: it is its own authority, and names the host
/// in its subject only.
fn own(dir: &TempDir, name: &str, change: impl FnOnce(&mut CertificateParams)) -> (PathBuf, PathBuf) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "pg1a.example");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let paths = (dir.path().join(format!("{name}.pem")), dir.path().join(format!("{name}.key")));
    std::fs::write(&paths.0, params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&paths.1, key.serialize_pem()).unwrap();
    paths
}

/// What the guide describes: each end makes a certificate of its own, and is given that of the other.
#[test]
fn ends_that_trust_the_certificates_of_each_other_need_no_authority() {
    let dir = TempDir::new().unwrap();
    let (of_server, of_client) = (own(&dir, "server", |_| ()), own(&dir, "client", |_| ()));
    let server = server(&files(Some(&of_client.0), Some(&of_server)));
    let attempt = |trusted: &Path, identity| failure(options(&server, &files(Some(trusted), Some(identity))));
    assert_eq!(attempt(&of_server.0, &of_client), None, "it opens");

    // Somebody else of the same name, at either end.
    let other = own(&dir, "other", |_| ());
    let (_, error, blame) = attempt(&other.0, &of_client).unwrap();
    assert_eq!(error, "TLS: the peer shows a certificate of its own, which is not among those that are trusted");
    assert_eq!(blame, Blame::Peer);
    assert!(attempt(&of_server.0, &other).is_some(), "nor does the server trust it");
}

#[test]
fn a_certificate_that_is_trusted_itself_holds_for_its_time_and_the_names_in_it() {
    let dir = TempDir::new().unwrap();
    let attempt = |name: &str, change: &dyn Fn(&mut CertificateParams)| {
        let identity = own(&dir, name, change);
        let server = server(&files(None, Some(&identity)));
        failure(options(&server, &files(Some(&identity.0), None))).map(|(_, error, _)| error)
    };
    let named = |name: &'static str| {
        move |params: &mut CertificateParams| {
            params.subject_alt_names = vec![rcgen::SanType::DnsName(name.try_into().unwrap())];
        }
    };
    let old = attempt("old", &|params| params.not_after = date_time_ymd(2020, 1, 1));
    assert_eq!(old.as_deref(), Some("TLS: the peer's certificate has expired"));
    let elsewhere = attempt("elsewhere", &named("other.example"));
    assert_eq!(elsewhere.as_deref(), Some("TLS: the server's certificate is for another name"));
    let here = attempt("here", &|params| {
        params.subject_alt_names = vec![rcgen::SanType::IpAddress([127, 0, 0, 1].into())];
    });
    assert_eq!(here, None);
    // Neither an authority nor a name: the rules find nobody who stands for it.
    assert_eq!(attempt("plain", &|params| params.is_ca = IsCa::NoCa), None);
}

#[test]
fn a_key_that_has_a_password_is_said_to_have_one() {
    let dir = TempDir::new().unwrap();
    let identity = own(&dir, "server", |_| ());
    let body = std::fs::read_to_string(&identity.1).unwrap();
    let body: Vec<&str> = body.lines().filter(|line| !line.starts_with("-----")).collect();
    for (label, head) in [
        ("ENCRYPTED PRIVATE KEY", ""),
        ("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"),
    ] {
        let key = format!("-----BEGIN {label}-----\n{head}{}\n-----END {label}-----\n", body.join("\n"));
        std::fs::write(&identity.1, key).unwrap();
        let error = ServerTls::new(&files(None, Some(&identity))).unwrap_err().to_string();
        assert!(error.ends_with("server.key: holds a key that is encrypted: decrypt it first"), "{error}");
    }
}
