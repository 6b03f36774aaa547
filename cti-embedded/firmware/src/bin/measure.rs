//! Counts instructions: what the trackers of the wallboard take for an event, from bytes to picture.
//!
//! The emulator is to run with `-icount shift=6`: an instruction then takes 64 ns, and the core's clock tells how
//! many there were. It prints a line for every message, and ends the emulator.
#![no_std]
#![no_main]

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cti_firmware::board::CORE_HZ;
use cti_firmware::parameters;
use cti_firmware::serial::{Output, Serial};
use cti_firmware::text::Line;
use cti_proto::message::{
    AgentStateEvent, BeginCallEvent, CallClearedEvent, CallDeliveredEvent, CallEstablishedEvent, CallHeldEvent,
    CallQueuedEvent, CallRetrievedEvent, EndCallEvent,
};
use cti_proto::session::Instant;
use cti_proto::track::{AgentConfig, AgentStorage, AgentTracker, CallConfig, CallFields, CallStorage, CallTracker};
use cti_proto::value::{AgentState, ConnectionDeviceIdType, DeviceIdType, LocalConnectionState};
use cti_proto::{Body, Frame, Parsed, Protocol, encode};
use embassy_futures::block_on;
use static_cell::ConstStaticCell;

/// Nanoseconds that `-icount shift=6` gives an instruction.
const NANOSECONDS: u64 = 64;
/// Calls, each with an agent of its own.
const CALLS: u32 = 32;
const PERIPHERAL: u32 = 5_000;
/// The timer counts down from here.
const TOP: u32 = 0x00ff_ffff;
const TYPE: ConnectionDeviceIdType = ConnectionDeviceIdType::CONNECTION_ID_STATIC;

/// The trackers of the wallboard.
struct Trackers {
    agents: AgentTracker<'static>,
    calls: CallTracker<'static>,
    protocol: Protocol,
    now: u64,
}

#[cortex_m_rt::entry]
fn main() -> ! {
    static AGENTS: ConstStaticCell<AgentStorage<64, 0, 0>> = ConstStaticCell::new(AgentStorage::new());
    static CALL_STORAGE: ConstStaticCell<CallStorage<32, 64, 48, 0>> = ConstStaticCell::new(CallStorage::new());
    let mut core = defmt::unwrap!(cortex_m::Peripherals::take());
    core.SYST.set_clock_source(SystClkSource::Core);
    core.SYST.set_reload(TOP);
    core.SYST.clear_current();
    core.SYST.enable_counter();

    let mut config = AgentConfig::new();
    config.watched_only = true;
    (config.configuration, config.calls) = (false, false);
    let agents = AgentTracker::new(config, AGENTS.take().parts());
    let mut config = CallConfig::new();
    (config.keep, config.media, config.announced) = (CallFields::NONE, false, false);
    let calls = CallTracker::new(config, CALL_STORAGE.take().parts());
    let mut trackers = Trackers { agents, calls, protocol: defmt::unwrap!(Protocol::cce(24)), now: 0 };
    let (mut output, _) = Serial::start().split();
    // The first round makes everybody known, and is not told of.
    for told in [false, true] {
        trackers.lives(|name, ticks| {
            if told {
                block_on(tell(&mut output, name, ticks));
            }
        });
    }
    parameters::exit(true)
}

async fn tell(output: &mut Output, name: &str, ticks: u32) {
    let nanoseconds = u64::from(ticks) * u64::from(1_000_000_000 / CORE_HZ);
    output.line(format_args!("{name} {}", nanoseconds / NANOSECONDS / u64::from(CALLS))).await;
}

impl Trackers {
    /// The lives of all calls, side by side; `tell` gets the ticks of all messages of one kind.
    fn lives(&mut self, mut tell: impl FnMut(&str, u32)) {
        use LocalConnectionState as Lcs;
        tell("AGENT_STATE_EVENT", self.agent_state(AgentState::AGENT_STATE_AVAILABLE));
        tell(
            "BEGIN_CALL_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&BeginCallEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    ani: Some("2065550123".into()),
                    dialed_number: Some("7001".into()),
                    ..BeginCallEvent::default()
                })
            }),
        );
        tell(
            "CALL_QUEUED_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&CallQueuedEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    queue_device_type: DeviceIdType::DEVID_QUEUE,
                    queue_device_id: Some("101".into()),
                    local_connection_state: Lcs::LCS_QUEUED,
                    ..CallQueuedEvent::default()
                })
            }),
        );
        tell(
            "CALL_DELIVERED_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&CallDeliveredEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    alerting_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                    alerting_device_id: Some(device.into()),
                    calling_device_type: DeviceIdType::DEVID_EXTERNAL,
                    calling_device_id: Some("2065550123".into()),
                    local_connection_state: Lcs::LCS_ALERTING,
                    ..CallDeliveredEvent::default()
                })
            }),
        );
        tell(
            "CALL_ESTABLISHED_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&CallEstablishedEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    answering_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                    answering_device_id: Some(device.into()),
                    local_connection_state: Lcs::LCS_CONNECT,
                    ..CallEstablishedEvent::default()
                })
            }),
        );
        tell("AGENT_STATE_EVENT", self.agent_state(AgentState::AGENT_STATE_TALKING));
        tell(
            "CALL_HELD_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&CallHeldEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    holding_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                    holding_device_id: Some(device.into()),
                    local_connection_state: Lcs::LCS_HOLD,
                    ..CallHeldEvent::default()
                })
            }),
        );
        tell(
            "CALL_RETRIEVED_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&CallRetrievedEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    retrieving_device_type: DeviceIdType::DEVID_AGENT_DEVICE,
                    retrieving_device_id: Some(device.into()),
                    local_connection_state: Lcs::LCS_CONNECT,
                    ..CallRetrievedEvent::default()
                })
            }),
        );
        tell(
            "CALL_CLEARED_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&CallClearedEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    local_connection_state: Lcs::LCS_NULL,
                    ..CallClearedEvent::default()
                })
            }),
        );
        tell(
            "END_CALL_EVENT",
            self.each(|trackers, call_id, device, _| {
                trackers.observe(&EndCallEvent {
                    peripheral_id: PERIPHERAL,
                    connection_call_id: call_id,
                    connection_device_id_type: TYPE,
                    connection_device_id: Some(device.into()),
                    ..EndCallEvent::default()
                })
            }),
        );
        defmt::assert!(self.calls.is_empty(), "all calls have ended");
    }

    fn agent_state(&mut self, agent_state: AgentState) -> u32 {
        self.each(|trackers, _, device, agent| {
            trackers.observe(&AgentStateEvent {
                peripheral_id: PERIPHERAL,
                agent_state,
                skill_group_state: agent_state,
                mrdid: 1,
                agent_id: Some(agent.into()),
                agent_extension: Some(device.into()),
                ..AgentStateEvent::default()
            })
        })
    }

    /// A message for each call, with its device and its agent; the ticks of all.
    fn each(&mut self, mut observe: impl FnMut(&mut Self, u32, &str, &str) -> u32) -> u32 {
        let messages = (0..CALLS).map(|call| {
            let device = Line::<8>::of(format_args!("{}", 5_001 + call));
            let agent = Line::<8>::of(format_args!("{}", 1_001 + call));
            observe(self, 1_000 + call, device.as_str(), agent.as_str())
        });
        let ticks = messages.sum();
        // The display takes what has changed, five times a second, and is not counted here.
        while self.agents.poll_change().is_some() {}
        while self.calls.poll_change().is_some() {}
        ticks
    }

    /// What a message takes: from its bytes to the picture. Writing them is not counted.
    fn observe<'m, M: Body<'m>>(&mut self, message: &M) -> u32 {
        let mut buffer = [0; 512];
        let bytes = defmt::unwrap!(encode(self.protocol, message, &mut buffer));
        self.now += 10;
        let now = Instant::from_millis(self.now);
        let before = SYST::get_current();
        if let Ok(Parsed::Frame(frame, _)) = Frame::parse(self.protocol, bytes) {
            self.track(now, &frame);
        }
        before.wrapping_sub(SYST::get_current()) & TOP
    }

    #[inline(never)]
    fn track(&mut self, now: Instant, frame: &Frame<'_>) {
        let observed = (self.agents.observe(now, frame), self.calls.observe(now, frame));
        defmt::assert!(observed.0.is_ok() && observed.1.is_ok());
    }
}
