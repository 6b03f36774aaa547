//! A client and its servers in memory, in virtual time: to test applications, and the sessions themselves.
//!
//! A [`Pair`] joins one [`ClientSession`] and the [`ServerSession`]s of side A and side B. Time is a number that moves
//! on exactly to the next moment at which something is to happen, never "just in case"; a day of heartbeats takes as long
//! as the heartbeats. Between the ends lie links that can be slow, that break bytes into chunks, stall, or are cut after
//! any byte; servers can refuse connections and sessions; clocks can stand still or go back.
//!
//! Every event is kept with its moment, and every frame that was sent, in logs. The sessions are held to the contract of
//! [`session`](crate::session) all the time: where one breaks it, the harness panics and says which rule.
//!
//! # Testing an application
//!
//! ```
//! use cti_proto::Protocol;
//! use cti_proto::harness::{Memory, OwnedEvent, Pair};
//! use cti_proto::message::{AgentStateEvent, QueryAgentStateConf, QueryAgentStateReq};
//! use cti_proto::session::{ClientConfig, Instant, ServerConfig};
//! use cti_proto::value::{AgentState, CtiService};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! let protocols = [Protocol::cce(24)?];
//! let services = CtiService::CTI_SERVICE_ALL_EVENTS.union(CtiService::CTI_SERVICE_CLIENT_CONTROL);
//! let config = ClientConfig::new(&protocols, "wallboard".into(), services);
//! let mut memory = Memory::new();
//! let mut pair = Pair::new(config, ServerConfig::new(protocols[0].product()), &mut memory)?;
//! pair.open();
//!
//! // The server says something.
//! let ready = AgentStateEvent { agent_state: AgentState::AGENT_STATE_AVAILABLE, ..AgentStateEvent::default() };
//! let _ = pair.emit(&ready);
//! pair.settle();
//! let events = pair.take_events();
//! let [(_, OwnedEvent::Message(frame))] = events.as_slice() else { panic!("{events:?}") };
//! assert_eq!(frame.frame().decode::<AgentStateEvent>()?.agent_state, ready.agent_state);
//!
//! // The client asks something, and the server takes its time.
//! let request = pair.request(&QueryAgentStateReq { peripheral_id: 5000, agent_id: Some("1".into()), ..Default::default() })?;
//! pair.run_until(Instant::from_millis(10_000));
//! pair.confirm(request, &QueryAgentStateConf::default());
//! pair.settle();
//! assert!(matches!(pair.events(), [(at, OwnedEvent::Confirmed { .. })] if at.as_millis() == 10_000));
//! # Ok(())
//! # }
//! ```
//!
//! What a server is to answer by itself is an [`Application`], or a closure; who may open a session, [`OnOpen`]. The
//! strategies of [`strategy`](crate::strategy) provide events, and [`conditions`] what links are like.

mod event;
mod link;
mod machine;
mod memory;
mod pair;
mod run;

use crate::message::OpenConf;
use crate::protocol::Protocol;
use crate::session::{Instant, ServerSession, Side};
use crate::value::{CtiService, FailureStatus, SessionType};
use crate::wire::Time;

pub use event::{OwnedEvent, OwnedServerEvent};
pub use link::{Conditions, Sent, conditions};
pub use memory::Memory;
pub use pair::Pair;
pub use run::Step;

#[cfg(doc)]
use crate::session::ClientSession;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// What an end is told to be the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The time.
    #[default]
    Runs,
    /// The moment at which the clock was stopped.
    Stands,
    /// The time less this: a clock that was put back.
    Behind(core::time::Duration),
}

/// How a side answers to TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// It accepts connections.
    #[default]
    Accepts,
    /// It refuses them.
    Refuses,
    /// It does not answer.
    Silent,
}

/// What a side does about OPEN_REQ, where the [`Application`] does not answer it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnOpen {
    /// Grants everything that was asked for.
    #[default]
    Accept,
    /// Refuses with this status.
    Refuse(FailureStatus),
    /// Nothing: the test answers.
    Leave,
}

/// Where and when something happens to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Here {
    /// The moment that the server is told.
    pub now: Instant,
    /// Which server.
    pub side: Side,
}

/// What servers do by themselves. Closures of this shape are applications.
pub trait Application {
    /// Something happened in the session of a client.
    fn handle(&mut self, session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent);
}

impl<F: FnMut(&mut ServerSession<'_>, Here, &OwnedServerEvent)> Application for F {
    fn handle(&mut self, session: &mut ServerSession<'_>, here: Here, event: &OwnedServerEvent) {
        self(session, here, event);
    }
}

/// The confirmation of an active server that is well and grants `services`.
#[must_use]
pub fn granting(protocol: Protocol, now: Instant, services: CtiService) -> OpenConf<'static> {
    let has_type = !protocol.is_ccx() && protocol.version() >= 24;
    let seconds = now.since(Instant::ZERO).as_secs();
    OpenConf {
        services_granted: services,
        icm_central_controller_time: Time(u32::try_from(seconds).unwrap_or(u32::MAX)),
        peripheral_online: true,
        session_type: if has_type { SessionType::ACTIVE } else { SessionType::UNKNOWN },
        ..OpenConf::default()
    }
}
