//! Monitors: those that a client has made, so that they can be made again after a loss, and those that a server has
//! given.

use heapless::Vec;
use heapless::vec::VecView;

use crate::message::{MessageType, MonitorAgentTeamStartReq, MonitorStartReq, encode};
use crate::protocol::Protocol;
use crate::value::{AgentStateMask, CallEventMask};
use crate::wire::{Frame, Frames, HEADER_LEN};

/// Largest request that makes a monitor of a device or a team, header included.
// Header 8, fixed part 24, and two device IDs of 64 bytes with 4 in front of each.
const MAX_FRAME: usize = 168;

/// A monitor: the request that makes it, and the ID that it has.
#[derive(Clone, Debug)]
pub struct Monitor {
    frame: Vec<u8, MAX_FRAME>,
    state: MonitorState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MonitorState {
    /// To be asked for again.
    Lost,
    /// Asked for under this invoke ID.
    Requested(u32),
    /// Made, with this monitor ID.
    Made(u32),
}

/// The monitors of a client session.
#[derive(Debug)]
pub(super) struct Monitors<'s> {
    monitors: &'s mut VecView<Monitor>,
    forgotten: u32,
}

impl<'s> Monitors<'s> {
    pub(super) fn new(monitors: &'s mut VecView<Monitor>) -> Self {
        monitors.clear();
        Self { monitors, forgotten: 0 }
    }

    pub(super) fn into_inner(self) -> &'s mut VecView<Monitor> {
        self.monitors
    }

    /// Monitors that there was no room for, since the beginning.
    pub(super) const fn forgotten(&self) -> u32 {
        self.forgotten
    }

    /// Whether monitors made by such a request outlive the connection: those of devices and teams do, those of
    /// calls and sessions end with what they watch.
    pub(super) fn outlives(message: MessageType, names_device: bool) -> bool {
        match message {
            MessageType::MONITOR_START_REQ => names_device,
            MessageType::MONITOR_AGENT_TEAM_START_REQ => true,
            _ => false,
        }
    }

    /// Remembers a request that makes a monitor, sent under `invoke_id`.
    pub(super) fn remember(&mut self, frame: &[u8], invoke_id: u32) {
        let remembered = Vec::from_slice(frame)
            .ok()
            .map(|frame| Monitor { frame, state: MonitorState::Requested(invoke_id) })
            .is_some_and(|monitor| self.monitors.push(monitor).is_ok());
        if !remembered {
            self.forgotten = self.forgotten.saturating_add(1);
        }
    }

    /// A request was confirmed with this monitor ID.
    pub(super) fn confirmed(&mut self, invoke_id: u32, monitor_id: u32) {
        // All that bear it: a client may use an invoke ID twice, and a slot must not stay taken for that.
        for monitor in self.monitors.iter_mut().filter(|monitor| monitor.state == MonitorState::Requested(invoke_id)) {
            monitor.state = MonitorState::Made(monitor_id);
        }
    }

    /// A request failed: the server will not have the monitor.
    pub(super) fn failed(&mut self, invoke_id: u32) {
        self.monitors.retain(|monitor| monitor.state != MonitorState::Requested(invoke_id));
    }

    /// A monitor was stopped.
    pub(super) fn stopped(&mut self, monitor_id: u32) {
        self.monitors.retain(|monitor| monitor.state != MonitorState::Made(monitor_id));
    }

    /// The next session will speak another version: the requests are written anew.
    pub(super) fn translate(&mut self, from: Protocol, to: Protocol) {
        let before = self.monitors.len();
        // What the other version cannot say is given up, and counted.
        self.monitors.retain_mut(|monitor| monitor.translate(from, to).is_some());
        let lost = u32::try_from(before.saturating_sub(self.monitors.len())).unwrap_or(u32::MAX);
        self.forgotten = self.forgotten.saturating_add(lost);
    }

    /// The session ended, and all monitors with it.
    pub(super) fn lost(&mut self) {
        self.monitors.iter_mut().for_each(|monitor| monitor.state = MonitorState::Lost);
    }

    /// The request of a monitor that is to be made again.
    pub(super) fn next_lost(&self) -> Option<&[u8]> {
        self.monitors.iter().find(|monitor| monitor.state == MonitorState::Lost).map(|monitor| monitor.frame.as_slice())
    }

    /// The request of [`next_lost`](Self::next_lost) was sent under `invoke_id`.
    pub(super) fn requested_again(&mut self, invoke_id: u32) {
        if let Some(monitor) = self.monitors.iter_mut().find(|monitor| monitor.state == MonitorState::Lost) {
            monitor.state = MonitorState::Requested(invoke_id);
        }
    }

    /// Keeps a request that a server got, until it is decided; `false` if there is no room.
    pub(super) fn keep(&mut self, frame: &Frame<'_>, invoke_id: u32) -> bool {
        let mut bytes = Vec::new();
        let length = u32::try_from(frame.body().len()).unwrap_or(u32::MAX);
        let kept = bytes.extend_from_slice(&length.to_be_bytes()).is_ok()
            && bytes.extend_from_slice(&frame.message_type().0.to_be_bytes()).is_ok()
            && bytes.extend_from_slice(frame.body()).is_ok();
        kept && self.monitors.push(Monitor { frame: bytes, state: MonitorState::Requested(invoke_id) }).is_ok()
    }

    /// Whether there is a monitor with this ID.
    pub(super) fn has(&self, monitor_id: u32) -> bool {
        self.monitors.iter().any(|monitor| monitor.state == MonitorState::Made(monitor_id))
    }

    /// The monitors that are made, with the requests that made them.
    pub(super) fn made(&self, protocol: Protocol) -> impl Iterator<Item = (u32, Frame<'_>)> {
        self.monitors.iter().filter_map(move |monitor| match monitor.state {
            MonitorState::Made(id) => Some((id, monitor.frame(protocol)?)),
            MonitorState::Lost | MonitorState::Requested(_) => None,
        })
    }

    /// The masks of a monitor. Those of sessions and teams ask for everything.
    pub(super) fn masks(&self, protocol: Protocol, monitor_id: u32) -> Option<(CallEventMask, AgentStateMask)> {
        let (_, frame) = self.made(protocol).find(|(id, _)| *id == monitor_id)?;
        let request = frame.decode::<MonitorStartReq<'_>>();
        Some(request.map_or((CallEventMask::ALL, AgentStateMask::ALL), |request| {
            (request.call_msg_mask, request.agent_state_mask)
        }))
    }

    /// Changes the masks of a monitor of a device or a call; `false` if there is none with this ID.
    pub(super) fn change_masks(&mut self, monitor_id: u32, calls: CallEventMask, agents: AgentStateMask) -> bool {
        let made = |monitor: &&mut Monitor| monitor.state == MonitorState::Made(monitor_id);
        let Some(monitor) = self.monitors.iter_mut().find(made) else { return false };
        // Behind invoke ID, peripheral and call ID.
        let place = monitor.frame.get_mut(HEADER_LEN.saturating_add(12)..).and_then(|rest| rest.first_chunk_mut());
        // Requests about sessions and teams are too short to have masks.
        let Some(place) = place else { return false };
        // The two masks stand together, in every version.
        *place = (u64::from(calls.0) << 32 | u64::from(agents.0)).to_be_bytes();
        true
    }
}

impl Monitor {
    fn frame(&self, protocol: Protocol) -> Option<Frame<'_>> {
        Frames::new(protocol, &self.frame).next()?.ok()
    }

    fn translate(&mut self, from: Protocol, to: Protocol) -> Option<()> {
        let mut buffer = [0; MAX_FRAME];
        let frame = self.frame(from)?;
        let bytes = match frame.message_type() {
            MessageType::MONITOR_START_REQ => encode(to, &frame.decode::<MonitorStartReq<'_>>().ok()?, &mut buffer),
            _ => encode(to, &frame.decode::<MonitorAgentTeamStartReq>().ok()?, &mut buffer),
        };
        self.frame = Vec::from_slice(bytes.ok()?).ok()?;
        Some(())
    }
}

/// The number behind the invoke ID: the monitor ID in all messages about monitors.
pub(super) fn second_number(frame: &Frame<'_>) -> Option<u32> {
    let (_, rest) = frame.body().split_first_chunk::<4>()?;
    rest.first_chunk().map(|number| u32::from_be_bytes(*number))
}
