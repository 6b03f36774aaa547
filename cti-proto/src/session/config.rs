//! What a client session is to be, and whether the protocol allows that.

use core::fmt;
use core::time::Duration;

use crate::message::OpenReq;
use crate::protocol::Protocol;
use crate::session::{Instant, Side};
use crate::value::{AgentStateMask, CallEventMask, ConfigMask, CtiService, NULL_PERIPHERAL_ID};
use crate::wire::{Bytes, Secret, Text};

/// What a client asks for when it opens a session, and how it keeps it.
///
/// Guide: "Session Management", OPEN_REQ and heartbeats.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClientConfig<'c> {
    /// The protocols to try, in order: the next one is taken when the server refuses a version.
    pub protocols: &'c [Protocol],
    /// Name of the client, 1 to 63 bytes.
    pub client_id: Text<'c>,
    /// Password of the client, up to 64 bytes; may be empty.
    pub password: Secret<Bytes<'c>>,
    /// What the history of a call shows for the client; `client_id` if absent.
    pub signature: Option<Text<'c>>,
    /// Services asked for. Fewer may be granted.
    pub services: CtiService,
    /// Call events wanted.
    pub call_events: CallEventMask,
    /// Agent states whose changes are wanted.
    pub agent_states: AgentStateMask,
    /// Configuration updates wanted. For Unified CCX convert from
    /// [`CcxConfigMsgMask`](crate::value::CcxConfigMsgMask).
    pub config: ConfigMask,
    /// Peripheral of the agent; needed for Client Events, else all ones.
    pub peripheral_id: u32,
    /// Extension of the agent, for Client Events.
    pub agent_extension: Option<Text<'c>>,
    /// Login ID of the agent, for Client Events.
    pub agent_id: Option<Text<'c>>,
    /// Instrument of the agent, for Client Events.
    pub agent_instrument: Option<Text<'c>>,
    /// Application path, for multi-channel applications.
    pub application_path_id: Option<i32>,
    /// Silence after which a heartbeat is sent: at least 5 s, 90 s and more for desktops; `None` for no heartbeats.
    pub heartbeat: Option<Duration>,
    /// Silence after which the server gives the client up: at least 20 s, whole seconds; four heartbeats if absent,
    /// never if there are none.
    pub idle_timeout: Option<Duration>,
    /// How long a TCP connection may take; not nothing.
    pub connect_timeout: Duration,
    /// How long the server may take to answer OPEN_REQ: 30 s at least, 60 s and more with over 500 clients.
    pub open_timeout: Duration,
    /// How long the server may take to answer a request; call control takes 10 to 15 s at times.
    pub request_timeout: Duration,
    /// Whether there are two servers, side A and side B.
    pub pair: bool,
    /// The only side to connect to, if the other one is a session of its own.
    pub only_side: Option<Side>,
    /// How many clients the servers have: attempts to reconnect are spread over a tenth of that in seconds.
    pub expected_clients: u32,
    /// A random number, which spreads the clients: another one in each of them.
    pub random: u32,
    /// Whether to agree when an active server asks to go into maintenance (version 24 and later).
    pub accept_maintenance: bool,
    /// Least time between two requests of a resynchronisation; may be nothing.
    pub resync_interval: Duration,
}

/// Why a configuration cannot be used: the caller's mistake, found before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no protocol to try.
    NoProtocol,
    /// The client's name is empty.
    NoClientId,
    /// The heartbeat interval is below 5 s, or above 30 s for Unified CCX.
    Heartbeat,
    /// The idle timeout is below 20 s or below four heartbeats; for Unified CCX below two heartbeats, 120 s or more,
    /// or off.
    IdleTimeout,
    /// No time at all to connect, to open the session or to answer a request.
    Timeout,
    /// Client Events without extension, ID or instrument of the agent.
    NoAgent,
    /// Client Events without a peripheral (Unified CCE).
    NoPeripheral,
    /// Unified CCX: Client Events and All Events exclude each other, and agent fields All Events.
    Services,
    /// A password longer than 64 bytes, or a text longer than its field.
    TooLong,
    /// OPEN_REQ does not fit the transmit buffer, or the receive buffer is shorter than 64 bytes.
    SmallBuffer,
}

// In milliseconds. Guide: "Session Management", heartbeats and OPEN_REQ; the limits of Unified CCX are those of its own
// guide.
const MIN_HEARTBEAT: u64 = 5_000;
const MAX_CCX_HEARTBEAT: u64 = 30_000;
const MIN_IDLE: u64 = 20_000;
const CCX_IDLE_LIMIT: u64 = 120_000;
/// IdleTimeout of a client that is never given up.
const NEVER: u32 = u32::MAX;

impl<'c> ClientConfig<'c> {
    /// A client of two servers that asks for `services`, with all events, without configuration and without heartbeats.
    /// Connecting may take 10 s, opening and requests 30 s each; a resynchronisation asks every 100 ms; maintenance is
    /// agreed to.
    #[must_use]
    pub const fn new(protocols: &'c [Protocol], client_id: Text<'c>, services: CtiService) -> Self {
        Self {
            protocols,
            client_id,
            password: Secret(Bytes(&[])),
            signature: None,
            services,
            call_events: CallEventMask::ALL,
            agent_states: AgentStateMask::ALL,
            config: ConfigMask::EMPTY,
            peripheral_id: NULL_PERIPHERAL_ID,
            agent_extension: None,
            agent_id: None,
            agent_instrument: None,
            application_path_id: None,
            heartbeat: None,
            idle_timeout: None,
            connect_timeout: Duration::from_secs(10),
            open_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            pair: true,
            only_side: None,
            expected_clients: 1,
            random: 0,
            accept_maintenance: true,
            resync_interval: Duration::from_millis(100),
        }
    }

    /// Checks the configuration against the rules of the protocol.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_for(usize::MAX)
    }

    /// The same where so many bytes can wait to be sent.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(super) fn check_for(&self, room: usize) -> Result<(), ConfigError> {
        if self.protocols.is_empty() {
            return Err(ConfigError::NoProtocol);
        }
        if self.client_id.is_empty() {
            return Err(ConfigError::NoClientId);
        }
        if self.connect_timeout.is_zero() || self.open_timeout.is_zero() || self.request_timeout.is_zero() {
            return Err(ConfigError::Timeout);
        }
        // Each of them may come to be the one in force, also where they are of both products; and when a version is refused
        // there is nobody left to tell.
        self.protocols.iter().try_for_each(|protocol| {
            self.check_times(protocol.is_ccx())?;
            self.check_services(protocol.is_ccx())?;
            match crate::encoded_len(*protocol, &self.open_request(*protocol, 0)) {
                Ok(length) if length > room => Err(ConfigError::SmallBuffer),
                Ok(_) => Ok(()),
                Err(_) => Err(ConfigError::TooLong),
            }
        })
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn check_times(&self, ccx: bool) -> Result<(), ConfigError> {
        let heartbeat = self.heartbeat.map_or(MIN_HEARTBEAT, millis);
        if heartbeat < MIN_HEARTBEAT || (ccx && heartbeat > MAX_CCX_HEARTBEAT) {
            return Err(ConfigError::Heartbeat);
        }
        let idle = self.idle_millis();
        // The guides differ: "at least two" there, "four times" here. Without any, the least is what these take, too.
        let longest_heartbeat = if ccx { idle / 2 } else { idle / 4 };
        if idle < MIN_IDLE || longest_heartbeat < heartbeat || (ccx && idle >= CCX_IDLE_LIMIT) {
            return Err(ConfigError::IdleTimeout);
        }
        Ok(())
    }

    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn check_services(&self, ccx: bool) -> Result<(), ConfigError> {
        let names_agent = self.agent_extension.or(self.agent_id).or(self.agent_instrument).is_some();
        let client_events = self.services.contains(CtiService::CTI_SERVICE_CLIENT_EVENTS);
        let all_events = self.services.contains(CtiService::CTI_SERVICE_ALL_EVENTS);
        if client_events && !names_agent {
            return Err(ConfigError::NoAgent);
        }
        // Unified CCX calls these agent mode and bridge mode, fixed for the session.
        if ccx && all_events && (client_events || names_agent) {
            return Err(ConfigError::Services);
        }
        // Unified CCX has one peripheral, which nobody names.
        if client_events && !ccx && self.peripheral_id == NULL_PERIPHERAL_ID {
            return Err(ConfigError::NoPeripheral);
        }
        Ok(())
    }

    /// The idle timeout in force, in milliseconds; all ones for none.
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn idle_millis(&self) -> u64 {
        match self.idle_timeout {
            Some(idle) => millis(idle),
            None => self.heartbeat.map_or(u64::MAX, |heartbeat| millis(heartbeat).saturating_mul(4)),
        }
    }

    /// The request that opens a session.
    #[must_use]
    pub fn open_request(&self, protocol: Protocol, invoke_id: u32) -> OpenReq<'c> {
        OpenReq {
            invoke_id,
            version_number: protocol.version(),
            idle_timeout: u32::try_from(self.idle_millis() / 1_000).unwrap_or(NEVER),
            // Reserved in Unified CCX, and so not the 0xffffffff of "none".
            peripheral_id: if protocol.is_ccx() { 0 } else { self.peripheral_id },
            services_requested: self.services,
            call_msg_mask: self.call_events,
            agent_state_mask: self.agent_states,
            config_msg_mask: self.config,
            client_id: Some(self.client_id),
            // Must be present even if empty.
            client_password: Some(self.password),
            client_signature: self.signature,
            agent_extension: self.agent_extension,
            agent_id: self.agent_id,
            agent_instrument: self.agent_instrument,
            application_path_id: self.application_path_id,
            ..OpenReq::default()
        }
    }
}

/// A time in milliseconds, as moments are counted.
fn millis(time: Duration) -> u64 {
    Instant::ZERO.after(time).as_millis()
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoProtocol => "no protocol to try",
            Self::NoClientId => "the client has no name",
            Self::Heartbeat => "heartbeats come every 5 s at most, and for Unified CCX every 30 s at least",
            Self::IdleTimeout => "the idle timeout is at least 20 s and four heartbeats; for Unified CCX below 120 s",
            Self::Timeout => "connecting, opening and requests are to be given some time",
            Self::NoAgent => "Client Events needs the agent's extension, ID or instrument",
            Self::NoPeripheral => "Client Events needs a peripheral",
            Self::Services => "Unified CCX serves either one agent or all events",
            Self::TooLong => "a text is too long for its field",
            Self::SmallBuffer => "OPEN_REQ does not fit the transmit buffer",
        })
    }
}

impl core::error::Error for ConfigError {}
