//! What is logged, and what never is.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{TestClient, TestServer};

/// Keeps all that is logged, of every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line<'s>(&'s mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0, "{value:?}").unwrap();
    }
}

#[test]
fn connections_are_logged_and_passwords_never() {
    let log = Log::default();
    // For this thread: the client is in it, and the server listens from it.
    let _guard = tracing::subscriber::set_default(log.clone());
    let server = TestServer::start();
    let mut options = server.options();
    options.password = "correct horse".into();
    let mut client = TestClient::new(options);
    client.open();
    let session = format!("{:?} {:?}", client.0, client.0.options());
    client.close();
    let text = log.0.lock().unwrap().clone();
    assert!(text.contains("listening at") && text.contains("connected to side A"), "{text}");
    for text in [text, session] {
        assert!(!text.contains("correct horse"), "{text}");
    }
}
