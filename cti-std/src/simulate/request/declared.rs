//! Which requests there are, what carries each out, and every failure that it may be answered with.

use std::fmt;

use cti_proto::message::{MessageInfo, MessageType, Service};
use cti_proto::value::{ControlFailureCode, FailureStatus};
use cti_proto::{Frame, Product};

use super::{Ask, Outcome};
use crate::simulate::floor::Floor;
use crate::simulate::sink::Sink;

/// Why a request is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Refusal {
    /// By FAILURE_CONF.
    Status(FailureStatus),
    /// By CONTROL_FAILURE_CONF.
    Control(ControlFailureCode),
}

impl From<FailureStatus> for Refusal {
    fn from(status: FailureStatus) -> Self {
        Self::Status(status)
    }
}

impl From<ControlFailureCode> for Refusal {
    fn from(code: ControlFailureCode) -> Self {
        Self::Control(code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => fmt::Debug::fmt(status, f),
            Self::Control(code) => fmt::Debug::fmt(code, f),
        }
    }
}

/// What is declared of a request.
struct Declared {
    message: MessageType,
    /// The products that have the request.
    products: Products,
    /// Sets that other requests have too, and behind them what only this one has.
    refusals: &'static [&'static [Refusal]],
    /// Those that a Unified CCX never comes to.
    cce_only: &'static [Refusal],
}

/// Where a request exists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Products {
    /// With either.
    Both,
    /// Unified CCE only.
    Cce,
    /// Unified CCX only.
    Ccx,
}

impl Products {
    /// Whether this product is among them.
    fn have(self, product: Product) -> bool {
        match product {
            Product::Cce => self != Self::Ccx,
            Product::Ccx => self != Self::Cce,
        }
    }
}

macro_rules! refusals {
    ($($status:ident)*; $($code:ident)*) => {
        &[$(Refusal::Status(FailureStatus::$status),)* $(Refusal::Control(ControlFailureCode::$code),)*]
    };
}

/// Sets of failures that several requests have, and the requests: `product MESSAGE => method { sets; statuses; codes }`,
/// and behind `!` the statuses and codes among them that
/// are not for Unified CCX.
macro_rules! requests {
    (
        sets { $($set:ident { $($set_status:ident)*; $($set_code:ident)* })* }
        open { $($open:ident)* } ! { $($cce_open:ident)* }
        $(
            $products:ident $request:ident => $method:ident { $($of:ident)*; $($status:ident)*; $($code:ident)* }
            $(! { $($cce_status:ident)*; $($cce_code:ident)* })?
        )*
    ) => {
        $(const $set: &[Refusal] = refusals!($($set_status)*; $($set_code)*);)*

        static OPENING: Declared = Declared {
            message: MessageType::OPEN_REQ,
            products: Products::Both,
            refusals: &[refusals!($($open)*;)],
            cce_only: refusals!($($cce_open)*;),
        };

        static DECLARED: &[Declared] = &[$(Declared {
            message: MessageType::$request,
            products: Products::$products,
            refusals: &[$($of,)* refusals!($($status)*; $($code)*)],
            cce_only: &[$($(Refusal::Status(FailureStatus::$cce_status),)*
                $(Refusal::Control(ControlFailureCode::$cce_code),)*)?],
        },)*];

        impl<S: Sink> Floor<'_, S> {
            /// Calls what carries a request out.
            pub(super) fn carry_out(&mut self, ask: Ask, frame: &Frame<'_>) -> Outcome {
                match frame.message_type() {
                    $(MessageType::$request => self.$method(ask, &frame.decode()?),)*
                    _ => Err(FailureStatus::E_CTI_INVALID_MESSAGE_TYPE.into()),
                }
            }
        }

        /// Every failure that the simulation may answer a request with, on a side that speaks `product`. `None` for what
        /// the simulation does not answer: the other requests that keep the session itself or stop monitors, and what is no
        /// request.
        ///
        /// Besides, every request may be refused by the rules of the session: see
        /// [`ServerSession`](cti_proto::session::ServerSession). Unified CCX documents few statuses; what it has none for
        /// is E_CTI_UNSPECIFIED_FAILURE there, and E_CTI_INVALID_PERIPHERAL_ID where it has the field reserved. The
        /// requests that only one product has are refused by the other with E_CTI_INVALID_MESSAGE_TYPE, those of Client
        /// Control with CF_UNRECOGNIZED_OPERATION_REJECTION, those of services that Unified CCX does not grant with
        /// E_CTI_FUNCTION_NOT_AVAILABLE.
        ///
        /// # Sets
        $(#[doc = concat!("* ", stringify!($set), ": ", stringify!($($set_status)* $($set_code)*))])*
        ///
        /// # Requests
        #[doc = concat!("* OPEN_REQ (Both): ", stringify!($($open)*))]
        $(#[doc = concat!("* ", stringify!($request), " (", stringify!($products), "): ",
            stringify!($($of)* $($status)* $($code)*))])*
        #[must_use]
        pub fn refusals(product: Product, request: MessageType) -> Option<Vec<Refusal>> {
            let declared = DECLARED.iter().chain([&OPENING]).find(|declared| declared.message == request)?;
            Some(declared.in_product(product))
        }
    };
}

requests! {
    sets {
        PERIPHERAL { E_CTI_INVALID_PERIPHERAL_ID; }
        CONTROL { E_CTI_INVALID_PERIPHERAL_ID; CF_RESOURCE_OUT_OF_SERVICE }
        CONNECTION {
            E_CTI_INVALID_CONNECTION_ID_TYPE E_CTI_REQUIRED_DATA_MISSING;
            CF_INVALID_CSTA_DEVICE_IDENTIFIER CF_INVALID_CSTA_CONNECTION_IDENTIFIER
        }
        CALL { ; CF_INVALID_CSTA_CALL_IDENTIFIER }
        OWN { ; CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE }
        AGENT {
            E_CTI_REQUIRED_DATA_MISSING E_CTI_INVALID_AGENT_DATA E_CTI_INCONSISTENT_AGENT_DATA
            E_CTI_AGENT_NOT_LOGGED_ON;
        }
        PLACEMENT {
            E_CTI_INVALID_CALL_PLACEMENT_TYPE E_CTI_INVALID_CALL_MANNER_TYPE E_CTI_INVALID_CALL_OPTION
            E_CTI_INVALID_FACILITY_TYPE E_CTI_INVALID_ANSWERING_MACHINE;
        }
        NAMES {
            E_CTI_NAMED_VARIABLE_NOT_CONFIGURED E_CTI_NAMED_ARRAY_NOT_CONFIGURED E_CTI_SCALAR_FUNCTION_ON_ARRAY
            E_CTI_ARRAY_FUNCTION_ON_SCALAR E_CTI_INVALID_ARRAY_INDEX;
        }
        DATA { E_CTI_PROTECTED_VARIABLE E_CTI_TOO_MUCH_DATA; }
        DIALED { ; CF_INVALID_CALLED_DEVICE CF_INVALID_DIALED_NUMBER }
        JOINED {
            ;
            CF_NO_ACTIVE_CALL CF_NO_HELD_CALL CF_REQUEST_INCOMPATIBLE_WITH_OBJECT CF_INVALID_DESTINATION
            CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED
        }
    }

    open {
        E_CTI_INVALID_PASSWORD E_CTI_INVALID_SERVICE_MASK E_CTI_INVALID_PERIPHERAL_ID E_CTI_INVALID_AGENT_DATA
        E_CTI_INCONSISTENT_AGENT_DATA E_CTI_FUNCTION_NOT_AVAILABLE E_CTI_DEVICE_IN_USE
    } ! { E_CTI_INVALID_PASSWORD E_CTI_INVALID_PERIPHERAL_ID E_CTI_FUNCTION_NOT_AVAILABLE }

    // Client Control: agents.
    Both SET_AGENT_STATE_REQ => set_agent_state {
        CONTROL OWN;
        E_CTI_INVALID_AGENT_WORK_MODE E_CTI_REQUIRED_DATA_MISSING E_CTI_AGENT_NOT_LOGGED_ON
        E_CTI_INCONSISTENT_AGENT_DATA;
        CF_INVALID_AGENT_ID_SPECIFIED CF_INVALID_PASSWORD_SPECIFIED CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON
        CF_SPECIFIED_EXTENSION_ALREADY_IN_USE CF_INVALID_LOGON_DEVICE_SPECIFIED CF_INVALID_SKILL_GROUP_SPECIFIED
        CF_INVALID_CSTA_DEVICE_IDENTIFIER CF_REASON_CODE_REQUIRED CF_WRAPUP_DATA_REQUIRED
        CF_GENERIC_STATE_INCOMPATIBILITY CF_INVALID_OBJECT_STATE
    }
    Both QUERY_AGENT_STATE_REQ => query_agent_state { PERIPHERAL AGENT; E_CTI_INVALID_MR_DOMAIN; }
    ! { E_CTI_INVALID_MR_DOMAIN; }

    // Client Control: calls.
    Both ALTERNATE_CALL_REQ => alternate_call { CONTROL CALL CONNECTION OWN; ; CF_NO_ACTIVE_CALL CF_NO_HELD_CALL }
    Both ANSWER_CALL_REQ => answer_call {
        CONTROL CALL CONNECTION OWN; ;
        CF_NO_CALL_TO_ANSWER CF_INVALID_ANSWERING_DEVICE_SPECIFIED
    }
    Both CLEAR_CALL_REQ => clear_call { CONTROL CALL CONNECTION OWN; ; CF_NO_CALL_TO_CLEAR }
    Both CLEAR_CONNECTION_REQ => clear_connection {
        CONTROL CALL CONNECTION OWN; ;
        CF_NO_CONNECTION_TO_CLEAR CF_DROP_ANY_PARTY_NOT_ENABLED_CTI CF_AGENT_NOT_PARTY_ON_CALL
    }
    Both CONFERENCE_CALL_REQ => conference_call {
        CONTROL PLACEMENT CALL CONNECTION OWN JOINED NAMES DATA DIALED; ; CF_INVALID_OBJECT_STATE
    }
    Both CONSULTATION_CALL_REQ => consultation_call {
        CONTROL PLACEMENT CALL CONNECTION OWN NAMES DATA DIALED; E_CTI_INVALID_CONSULT_TYPE; CF_NO_ACTIVE_CALL
    }
    Cce DEFLECT_CALL_REQ => deflect_call {
        CONTROL CALL CONNECTION OWN; E_CTI_INVALID_DEVICE_ID_TYPE;
        CF_INVALID_OBJECT_STATE CF_INVALID_CALLED_DEVICE CF_INVALID_DESTINATION
    }
    Both HOLD_CALL_REQ => hold_call { CONTROL CALL CONNECTION OWN; ; CF_NO_ACTIVE_CALL }
    Both MAKE_CALL_REQ => make_call {
        CONTROL PLACEMENT OWN NAMES DATA DIALED; E_CTI_AGENT_NOT_LOGGED_ON;
        CF_INVALID_CALLING_DEVICE CF_INVALID_SKILL_GROUP_SPECIFIED CF_GENERIC_STATE_INCOMPATIBILITY
    }
    Both MAKE_PREDICTIVE_CALL_REQ => make_predictive_call {
        CONTROL PLACEMENT NAMES DATA;
        E_CTI_INVALID_ALLOCATION_STATE E_CTI_INVALID_DESTINATION_COUNTRY E_CTI_INVALID_ANSWER_DETECT_MODE;
        CF_PRIVILEGE_VIOLATION_ON_CALLING_DEVICE CF_INVALID_CALLING_DEVICE CF_INVALID_CALLED_DEVICE
    }
    Both RECONNECT_CALL_REQ => reconnect_call { CONTROL CALL CONNECTION OWN; ; CF_NO_ACTIVE_CALL CF_NO_HELD_CALL }
    Both RETRIEVE_CALL_REQ => retrieve_call {
        CONTROL CALL CONNECTION OWN; ; CF_NO_HELD_CALL CF_GENERIC_STATE_INCOMPATIBILITY
    }
    Both TRANSFER_CALL_REQ => transfer_call { CONTROL PLACEMENT CALL CONNECTION OWN JOINED NAMES DATA DIALED; ; }
    Both SEND_DTMF_SIGNAL_REQ => send_dtmf { CONTROL CALL CONNECTION OWN; ; CF_NO_ACTIVE_CALL }
    Both BAD_CALL_REQ => bad_call { CONTROL CALL CONNECTION OWN; ; }
    Both SUPERVISOR_ASSIST_REQ => supervisor_assist {
        CONTROL CALL CONNECTION OWN AGENT; E_CTI_SUPERVISOR_NOT_FOUND; CF_NO_ACTIVE_CALL
    }
    Both EMERGENCY_CALL_REQ => emergency_call {
        CONTROL CALL CONNECTION OWN AGENT; E_CTI_SUPERVISOR_NOT_FOUND; CF_NO_ACTIVE_CALL
    }

    // Client Control: devices, snapshots, greetings, recordings in the network.
    Both QUERY_DEVICE_INFO_REQ => query_device_info { CONTROL OWN; ; CF_INVALID_CSTA_DEVICE_IDENTIFIER }
    Both SNAPSHOT_CALL_REQ => snapshot_call { CONTROL CALL CONNECTION; ; CF_AGENT_NOT_PARTY_ON_CALL }
    Both SNAPSHOT_DEVICE_REQ => snapshot_device {
        CONTROL OWN; E_CTI_INVALID_DEVICE_ID_TYPE; CF_INVALID_CSTA_DEVICE_IDENTIFIER
    }
    Both AGENT_GREETING_CONTROL_REQ => agent_greeting_control {
        CONTROL OWN; E_CTI_REQUIRED_DATA_MISSING E_CTI_INVALID_AGENT_DATA E_CTI_AGENT_NOT_LOGGED_ON;
        CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE CF_VALUE_OUT_OF_RANGE
    }
    Both START_NETWORK_RECORDING_REQ => start_network_recording {
        CONTROL CALL CONNECTION OWN; ; CF_VALUE_OUT_OF_RANGE CF_NO_ACTIVE_CALL CF_INVALID_OBJECT_STATE
    }
    Both STOP_NETWORK_RECORDING_REQ => stop_network_recording {
        CONTROL CALL CONNECTION OWN; ; CF_INVALID_OBJECT_STATE CF_REQUEST_INCOMPATIBLE_WITH_OBJECT
    }

    // Peripheral Monitor and Client Monitor.
    Cce MONITOR_START_REQ => monitor_start {
        PERIPHERAL;
        E_CTI_INVALID_AGENT_STATE_MASK E_CTI_MUTUALLY_EXCLUS_DEVICEID_TYPES E_CTI_REQUIRED_DATA_MISSING
        E_CTI_INVALID_CONNECTION_ID_TYPE E_CTI_INVALID_CALLID E_CTI_INVALID_DEVICE_ID_TYPE E_CTI_INVALID_DEVICE;
    }
    Cce SESSION_MONITOR_START_REQ => session_monitor_start {
        ; E_CTI_SESSION_MONITOR_IS_CLIENTS E_CTI_CLIENT_NOT_FOUND E_CTI_SESSION_MONITOR_ALREADY_EXISTS;
    }

    // Supervisor.
    Both SUPERVISE_CALL_REQ => supervise_call {
        CONTROL CALL CONNECTION OWN AGENT; E_CTI_INVALID_SUPERVISORY_ACTION E_CTI_NO_CALL_ACTIVE;
        CF_NO_CONNECTION_TO_CLEAR CF_REQUEST_INCOMPATIBLE_WITH_OBJECT CF_GENERIC_STATE_INCOMPATIBILITY
        CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED
    }
    Both LIST_AGENT_TEAM_REQ => list_agent_team { ; E_CTI_SUPERVISOR_NOT_FOUND; }
    Both MONITOR_AGENT_TEAM_START_REQ => monitor_agent_team_start {
        ; E_CTI_TEAM_NOT_FOUND E_CTI_SUPERVISOR_NOT_FOUND E_CTI_AGENT_TEAM_MONITOR_ALREADY_EXISTS;
    }
    Ccx TEAM_CONFIG_REQ => team_config { ; E_CTI_UNSPECIFIED_FAILURE; }

    // Call Data Update.
    Both SET_CALL_DATA_REQ => set_call_data {
        PERIPHERAL NAMES DATA;
        E_CTI_INVALID_CALL_TYPE E_CTI_CALLED_PARTY_DISPOSITION E_CTI_INVALID_CALLID E_CTI_NOT_CALL_PARTY;
    }
    Cce RELEASE_CALL_REQ => release_call { PERIPHERAL; E_CTI_INVALID_CALLID E_CTI_NOT_CALL_PARTY; }
    Both SET_DEVICE_ATTRIBUTES_REQ => set_device_attributes {
        PERIPHERAL;
        E_CTI_INVALID_DEVICE E_CTI_INVALID_SKILL_GROUP E_CTI_SKILL_GROUP_CONFLICT E_CTI_INVALID_SERVICE
        E_CTI_SERVICE_CONFLICT E_CTI_INVALID_CALL_TYPE;
    }

    // Miscellaneous and Server Service.
    Both QUERY_AGENT_STATISTICS_REQ => query_agent_statistics { PERIPHERAL AGENT; ; }
    Both QUERY_SKILL_GROUP_STATISTICS_REQ => query_skill_group_statistics {
        PERIPHERAL; E_CTI_INVALID_SKILL_GROUP E_CTI_SKILL_GROUP_CONFLICT;
    }
    Both AGENT_DESK_SETTINGS_REQ => agent_desk_settings {
        PERIPHERAL; E_CTI_REQUIRED_DATA_MISSING E_CTI_INVALID_AGENT_DATA;
    }
    Both SET_APP_DATA_REQ => set_app_data { ; E_CTI_REQUIRED_DATA_MISSING; }
    Both REGISTER_VARIABLES_REQ => register_variables { NAMES; E_CTI_INVALID_CALL_VARIABLE_MASK; }
    Both SET_AGENT_SERVICE_DATA_REQ => set_agent_service_data { ; E_CTI_INVALID_AGENT_DATA; }
    Both USER_MESSAGE_REQ => user_message {
        PERIPHERAL AGENT; E_CTI_INVALID_DISTRIBUTION_TYPE E_CTI_CLIENT_NOT_FOUND E_CTI_SUPERVISOR_NOT_FOUND;
    }
    Cce CLIENT_EVENT_REPORT_REQ => client_event_report { ; E_CTI_INVALID_OBJECT_STATE; }
    Cce REGISTER_SERVICE_REQ => register_service { ; E_CTI_INVALID_SERVICE E_CTI_UNSPECIFIED_FAILURE; }
    Cce UNREGISTER_SERVICE_REQ => unregister_service { ; E_CTI_INVALID_SERVICE; }
    Cce START_RECORDING_REQ => start_recording {
        PERIPHERAL CONNECTION; E_CTI_INVALID_RTP_DIRECTION E_CTI_INVALID_RTP_TYPE E_CTI_INVALID_CALLID;
        CF_REQUESTED_SERVICE_NOT_REGISTERED CF_REQUEST_TIMEOUT_REJECTION
    }
    Cce STOP_RECORDING_REQ => stop_recording {
        PERIPHERAL; E_CTI_INVALID_RTP_DIRECTION; CF_REQUESTED_SERVICE_NOT_REGISTERED CF_REQUEST_TIMEOUT_REJECTION
    }
}

impl Declared {
    /// The failures as a product has them, each once.
    fn in_product(&self, product: Product) -> Vec<Refusal> {
        if !self.products.have(product) {
            return vec![lacks(self.message)];
        }
        let all = self.refusals.iter().copied().flatten().copied();
        let of_product = all.filter(|refusal| product == Product::Cce || !self.cce_only.contains(refusal));
        let mut refusals: Vec<_> = of_product.map(|refusal| in_words_of(product, refusal)).collect();
        refusals.sort_unstable();
        refusals.dedup();
        refusals
    }
}

/// How a request is refused that the product does not have; `None` if it has it.
pub(super) fn lacking(product: Product, request: MessageType) -> Option<Refusal> {
    let declared = DECLARED.iter().find(|declared| declared.message == request)?;
    (!declared.products.have(product)).then(|| lacks(request))
}

/// How a product refuses what it does not have.
fn lacks(request: MessageType) -> Refusal {
    match MessageInfo::of(request).map(|info| info.service) {
        Some(Service::ClientControl) => ControlFailureCode::CF_UNRECOGNIZED_OPERATION_REJECTION.into(),
        // These services are not granted there.
        Some(Service::PeripheralMonitor | Service::ClientMonitor | Service::ServerService) => {
            FailureStatus::E_CTI_FUNCTION_NOT_AVAILABLE.into()
        }
        _ => FailureStatus::E_CTI_INVALID_MESSAGE_TYPE.into(),
    }
}

/// The failure as the product has it.
pub(super) fn in_words_of(product: Product, refusal: Refusal) -> Refusal {
    use FailureStatus as S;
    let Refusal::Status(status) = refusal else { return refusal };
    if product == Product::Cce {
        return refusal;
    }
    match status {
        // Unified CCX documents these, all but the first one.
        S::E_CTI_INVALID_SERVICE_MASK
        | S::E_CTI_DEVICE_IN_USE
        | S::E_CTI_INVALID_MESSAGE_TYPE
        | S::E_CTI_REQUIRED_DATA_MISSING
        | S::E_CTI_INVALID_PERIPHERAL_ID
        | S::E_CTI_INVALID_AGENT_DATA
        | S::E_CTI_AGENT_NOT_LOGGED_ON
        | S::E_CTI_INVALID_CALLID
        | S::E_CTI_UNSPECIFIED_FAILURE
        | S::E_CTI_INCONSISTENT_AGENT_DATA => refusal,
        // It has these fields reserved.
        S::E_CTI_INVALID_CALL_PLACEMENT_TYPE
        | S::E_CTI_INVALID_CALL_MANNER_TYPE
        | S::E_CTI_INVALID_CALL_OPTION
        | S::E_CTI_INVALID_FACILITY_TYPE
        | S::E_CTI_INVALID_ANSWERING_MACHINE
        | S::E_CTI_INVALID_AGENT_WORK_MODE => S::E_CTI_INVALID_PERIPHERAL_ID.into(),
        S::E_CTI_INVALID_CONNECTION_ID_TYPE => ControlFailureCode::CF_INVALID_CSTA_CONNECTION_IDENTIFIER.into(),
        S::E_CTI_INVALID_CONSULT_TYPE => ControlFailureCode::CF_INVALID_CONSULT_TYPE.into(),
        S::E_CTI_NOT_CALL_PARTY => S::E_CTI_INVALID_CALLID.into(),
        S::E_CTI_INVALID_SKILL_GROUP => S::E_CTI_INVALID_CSQ.into(),
        // The session itself says so there.
        S::E_CTI_FUNCTION_NOT_AVAILABLE | S::E_CTI_BAD_MESSAGE_FORMAT => refusal,
        _ => S::E_CTI_UNSPECIFIED_FAILURE.into(),
    }
}

/// Whether a request may be answered so.
pub(in crate::simulate) fn is_declared(product: Product, request: MessageType, refusal: Refusal) -> bool {
    // Every request may be refused so: on a side that is on standby, and where it cannot be read.
    const ALWAYS: &[Refusal] = refusals!(E_CTI_FUNCTION_NOT_AVAILABLE E_CTI_BAD_MESSAGE_FORMAT;);
    ALWAYS.contains(&refusal) || refusals(product, request).is_none_or(|declared| declared.contains(&refusal))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What carries requests out.
    const SOURCES: &[&str] = &[
        include_str!("agent_state.rs"),
        include_str!("call_control.rs"),
        include_str!("call_data.rs"),
        include_str!("greeting.rs"),
        include_str!("messages.rs"),
        include_str!("mod.rs"),
        include_str!("monitor.rs"),
        include_str!("network_recording.rs"),
        include_str!("query.rs"),
        include_str!("recording.rs"),
        include_str!("snapshot.rs"),
        include_str!("supervision.rs"),
        include_str!("../configuration.rs"),
    ];

    #[test]
    fn no_failure_is_given_that_no_request_declares() {
        let declared = DECLARED.iter().flat_map(|declared| declared.in_product(Product::Cce));
        let declared: BTreeSet<String> = declared.map(|refusal| refusal.to_string()).collect();
        let words =
            SOURCES.iter().flat_map(|source| source.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
        let given: BTreeSet<&str> =
            words.filter(|word| word.starts_with("CF_") || word.starts_with("E_CTI_")).collect();
        let undeclared: Vec<_> = given.iter().filter(|word| !declared.contains(**word)).collect();
        // Where there is no session, on standby, where nothing can be read, and what servers of recordings answer.
        assert_eq!(
            undeclared,
            [&"E_CTI_BAD_MESSAGE_FORMAT", &"E_CTI_FUNCTION_NOT_AVAILABLE", &"E_CTI_SESSION_NOT_OPEN"]
        );
        assert!(given.len() > 80, "{given:?}");
    }
}
