//! Calls that wait in queues: streams of events that a server may send.

use core::time::Duration;
use std::vec::Vec;

use proptest::collection::{SizeRange, btree_set, vec as vec_of};
use proptest::option::weighted;
use proptest::prelude::*;

use super::owned::{OwnedFrame, OwnedStream};
use crate::message::{
    CallClearedEvent, CallDeliveredEvent, CallDequeuedEvent, CallEstablishedEvent, CallQueuedEvent, OpenConf,
    QueueSkillGroup,
};
use crate::protocol::Protocol;
use crate::value::{
    ConnectionDeviceIdType, DeviceIdType, EventCause, LocalConnectionState, NULL_SERVICE, NULL_SKILL_GROUP,
};
use crate::wire::{List, Text};

const STATIC: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

/// Calls that come to the queues of a service and its skill groups, wait there, ring, are answered or given up. A plain
/// value: every method gives a changed copy, or a strategy.
///
/// Calls have the IDs 1 and up at peripheral 5000 (Unified CCX: 1), skill groups the numbers 1 and up, the service 900.
/// The steps come in any order, also in one that only losses explain: a call is answered that was never queued, or is
/// queued twice. For calls from their beginning to their end there is [`Traffic`](super::Traffic).
///
/// ```
/// use cti_proto::strategy::{Hotline, HotlineStep};
/// use cti_proto::Protocol;
/// use proptest::prelude::*;
///
/// let protocol = Protocol::cce(24)?;
/// proptest!(|(steps in Hotline::new().steps(0..50))| {
///     let frames = steps.iter().flat_map(|step| step.frames(protocol));
///     prop_assert!(frames.count() >= steps.iter().filter(|step| !matches!(step, HotlineStep::Pass(_))).count());
/// });
/// # Ok::<_, cti_proto::UnsupportedVersion>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Hotline {
    calls: u32,
    groups: u32,
    losses: bool,
}

/// What happens in a [`Hotline`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HotlineStep {
    /// The call is queued: CALL_QUEUED_EVENT.
    Queued {
        /// The call.
        call: u32,
        /// Whether the service is named.
        with_service: bool,
        /// Its skill groups, each once; none is allowed.
        groups: Vec<u32>,
    },
    /// The call leaves queues: CALL_DEQUEUED_EVENT.
    Dequeued {
        /// The call.
        call: u32,
        /// The skill groups that it leaves; all if there is none.
        groups: Vec<u32>,
    },
    /// An agent's phone rings: CALL_DELIVERED_EVENT.
    Rings {
        /// The call.
        call: u32,
        /// Whether the service is named.
        with_service: bool,
        /// The skill group that is named.
        group: Option<u32>,
    },
    /// An agent answers: CALL_ESTABLISHED_EVENT.
    Answered {
        /// The call.
        call: u32,
        /// The skill group that is named.
        group: Option<u32>,
    },
    /// The call ends: CALL_CLEARED_EVENT.
    Cleared {
        /// The call.
        call: u32,
    },
    /// Time goes by, in whole seconds.
    Pass(Duration),
    /// A new session: OPEN_CONF, and what the server tells again of these calls.
    Reopened(Vec<u32>),
}

impl Hotline {
    /// The peripheral on Unified CCE.
    pub const PERIPHERAL: u32 = 5000;
    /// The number of the service.
    pub const SERVICE: u32 = 900;

    /// Seven calls, three skill groups; sessions are lost.
    pub const fn new() -> Self {
        Self { calls: 7, groups: 3, losses: true }
    }

    /// How many calls there are, at least 1.
    pub const fn calls(self, calls: u32) -> Self {
        Self { calls: if calls == 0 { 1 } else { calls }, ..self }
    }

    /// How many skill groups there are, at least 1.
    pub const fn groups(self, groups: u32) -> Self {
        Self { groups: if groups == 0 { 1 } else { groups }, ..self }
    }

    /// Whether sessions are lost.
    pub const fn losses(self, losses: bool) -> Self {
        Self { losses, ..self }
    }

    /// What happens, in `len` steps.
    pub fn steps(self, len: impl Into<SizeRange>) -> BoxedStrategy<Vec<HotlineStep>> {
        vec_of(self.step(), len).boxed()
    }

    /// The events of `len` steps.
    pub fn events(self, protocol: Protocol, len: impl Into<SizeRange>) -> BoxedStrategy<Vec<OwnedFrame>> {
        self.steps(len).prop_map(move |steps| steps.iter().flat_map(|step| step.frames(protocol)).collect()).boxed()
    }

    /// The same, one behind the other.
    pub fn stream(self, protocol: Protocol, len: impl Into<SizeRange>) -> BoxedStrategy<OwnedStream> {
        self.events(protocol, len).prop_map(move |events| OwnedStream::of(protocol, &events)).boxed()
    }

    fn step(self) -> impl Strategy<Value = HotlineStep> {
        let call = || 1..=self.calls;
        let group = || weighted(0.75, 1..=self.groups);
        let most = usize::try_from(self.groups.min(2)).unwrap_or_default();
        let groups = move || btree_set(1..=self.groups, 0..=most).prop_map(Vec::from_iter);
        let queued = (call(), any::<bool>(), groups());
        prop_oneof![
            6 => queued.prop_map(|(call, with_service, groups)| HotlineStep::Queued { call, with_service, groups }),
            3 => (call(), groups()).prop_map(|(call, groups)| HotlineStep::Dequeued { call, groups }),
            2 => (call(), any::<bool>(), group())
                .prop_map(|(call, with_service, group)| HotlineStep::Rings { call, with_service, group }),
            3 => (call(), group()).prop_map(|(call, group)| HotlineStep::Answered { call, group }),
            2 => call().prop_map(|call| HotlineStep::Cleared { call }),
            4 => (0..40_u64).prop_map(|seconds| HotlineStep::Pass(Duration::from_secs(seconds))),
            u32::from(self.losses) => vec_of(call(), 0..4).prop_map(HotlineStep::Reopened),
        ]
    }
}

impl Default for Hotline {
    fn default() -> Self {
        Self::new()
    }
}

/// A message of a call, with the fields that all of them have; `None` if the protocol has no such message.
macro_rules! of_call {
    ($protocol:ident, $call:expr, $event:ident { $($field:ident: $value:expr),* $(,)? }) => {
        OwnedFrame::of($protocol, &$event {
            peripheral_id: peripheral($protocol),
            connection_device_id_type: STATIC,
            connection_call_id: $call,
            connection_device_id: Some(Text::from("7000")),
            $($field: $value,)*
            ..$event::default()
        })
    };
}

impl HotlineStep {
    /// The messages that tell of it, those that the protocol has.
    #[must_use]
    pub fn frames(&self, protocol: Protocol) -> Vec<OwnedFrame> {
        let frame = match self {
            Self::Queued { call, with_service, groups } => of_call!(
                protocol,
                *call,
                CallQueuedEvent {
                    service_number: service(*with_service),
                    skill_groups: List::new(&listed(groups)),
                    local_connection_state: LocalConnectionState::LCS_QUEUED,
                }
            ),
            Self::Dequeued { call, groups } => of_call!(
                protocol,
                *call,
                CallDequeuedEvent { service_number: Hotline::SERVICE, skill_groups: List::new(&listed(groups)) }
            ),
            Self::Rings { call, with_service, group } => {
                ringing(protocol, *call, DeviceIdType::DEVID_AGENT_DEVICE, *with_service, *group)
            }
            Self::Answered { call, group } => of_call!(
                protocol,
                *call,
                CallEstablishedEvent {
                    answering_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                    answering_device_id: Some(Text::from("5001")),
                    service_number: NULL_SERVICE,
                    skill_group_number: group.unwrap_or(NULL_SKILL_GROUP),
                    local_connection_state: LocalConnectionState::LCS_CONNECT,
                }
            ),
            Self::Cleared { call } => {
                of_call!(protocol, *call, CallClearedEvent { local_connection_state: LocalConnectionState::LCS_NULL })
            }
            Self::Pass(_) => None,
            Self::Reopened(calls) => return reopened(protocol, calls),
        };
        frame.into_iter().collect()
    }
}

/// A phone or a port rings.
fn ringing(
    protocol: Protocol,
    call: u32,
    device_type: DeviceIdType,
    with_service: bool,
    group: Option<u32>,
) -> Option<OwnedFrame> {
    let is_port = device_type == DeviceIdType::DEVID_CTI_PORT;
    of_call!(
        protocol,
        call,
        CallDeliveredEvent {
            alerting_device_type: device_type,
            alerting_device_id: Some(Text::from(if is_port { "7001" } else { "5001" })),
            calling_device_type: DeviceIdType::DEVID_EXTERNAL,
            service_number: service(with_service),
            skill_group_number: group.unwrap_or(NULL_SKILL_GROUP),
            local_connection_state: LocalConnectionState::LCS_ALERTING,
            event_cause: if is_port { EventCause::CEC_CALL_PARTY_UPDATE_IND } else { EventCause::CEC_NEW_CALL },
        }
    )
}

/// That a call is still there is all that is told of it.
fn reopened(protocol: Protocol, calls: &[u32]) -> Vec<OwnedFrame> {
    let again = calls.iter().map(|call| ringing(protocol, *call, DeviceIdType::DEVID_CTI_PORT, false, None));
    core::iter::once(OwnedFrame::of(protocol, &OpenConf::default())).chain(again).flatten().collect()
}

fn listed(groups: &[u32]) -> Vec<QueueSkillGroup> {
    groups.iter().map(|number| QueueSkillGroup { number: *number, id: NULL_SKILL_GROUP, priority: 0 }).collect()
}

const fn service(with_service: bool) -> u32 {
    if with_service { Hotline::SERVICE } else { NULL_SERVICE }
}

const fn peripheral(protocol: Protocol) -> u32 {
    if protocol.is_ccx() { 1 } else { Hotline::PERIPHERAL }
}
