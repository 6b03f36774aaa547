//! Client Control: recording in the network.

use cti_proto::message::*;
use cti_proto::value::{ControlFailureCode as Code, InvocationType, LocalConnectionState as State};

use super::{Ask, Outcome, named};
use crate::simulate::call::{CallId, Leg, Recording};
use crate::simulate::floor::Floor;
use crate::simulate::sink::{Receiver, Sink};

impl<S: Sink> Floor<'_, S> {
    /// START_NETWORK_RECORDING_REQ: one recording a call, of a call that is talked. Whether it succeeds, events tell.
    pub(super) fn start_network_recording(&mut self, ask: Ask, request: &StartNetworkRecordingReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, _) = self.controlled(ask, named!(request.connection, request.agent_instrument))?;
        // Without a type a recording is one that nobody in the call hears.
        let invocation = request.invocation_type.unwrap_or(InvocationType::SILENT_RECORDING);
        if invocation.name().is_none() || request.play_tone_direction.is_some_and(|tone| tone.name().is_none()) {
            return Err(Code::CF_VALUE_OUT_OF_RANGE.into());
        }
        if self.world.party(leg).is_none_or(|party| party.state != State::LCS_CONNECT) {
            return Err(Code::CF_NO_ACTIVE_CALL.into());
        }
        if self.world.calls.get(&leg.0).is_none_or(|call| call.recording.is_some()) {
            return Err(Code::CF_INVALID_OBJECT_STATE.into());
        }
        self.out.confirm(ask.session, ask.request, &StartNetworkRecordingConf::default());
        // Confirmed in any case: that the recorder is not there is told by an event.
        if let Some(recording) = self.begin_recording(leg, invocation) {
            self.tell_recording_target(leg, recording, Receiver { session: ask.session, monitor: None });
        }
        Ok(())
    }

    /// STOP_NETWORK_RECORDING_REQ: CF_REQUEST_INCOMPATIBLE_WITH_OBJECT if it was started by another invocation type.
    pub(super) fn stop_network_recording(&mut self, ask: Ask, request: &StopNetworkRecordingReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, _) = self.controlled(ask, named!(request.connection, request.agent_instrument))?;
        let invocation = request.invocation_type.unwrap_or(InvocationType::SILENT_RECORDING);
        let recording = self.world.calls.get(&leg.0).and_then(|call| call.recording);
        let recording = recording.ok_or(Code::CF_INVALID_OBJECT_STATE)?;
        if recording.invocation != invocation {
            return Err(Code::CF_REQUEST_INCOMPATIBLE_WITH_OBJECT.into());
        }
        self.out.confirm(ask.session, ask.request, &StopNetworkRecordingConf::default());
        self.end_recording(leg.0);
        Ok(())
    }

    /// The recording of a call ends, if there is one.
    pub(in crate::simulate) fn end_recording(&mut self, call: CallId) {
        if let Some(leg) = self.take_recording(call) {
            self.tell_recording_ended(leg);
        }
    }

    /// The recording of a call begins, unless there is one; whether it does, which it does not without the recorder.
    pub(in crate::simulate) fn begin_recording(&mut self, leg: Leg, invocation: InvocationType) -> Option<Recording> {
        let has_recorder = self.world.has_recorder;
        let call = self.world.calls.get_mut(&leg.0).filter(|call| call.recording.is_none())?;
        if !has_recorder {
            self.tell_recording_failed(leg);
            return None;
        }
        // The leg may leave before the call ends; what is told then finds nobody.
        let recording = Recording { invocation, party: leg.1 };
        call.recording = Some(recording);
        self.tell_recording_started(leg);
        Some(recording)
    }

    /// The recorder is lost, and what it records, or it is there again.
    pub(in crate::simulate) fn set_recorder(&mut self, online: bool) {
        self.world.has_recorder = online;
        let calls: Vec<_> = self.world.calls.keys().copied().filter(|_| !online).collect();
        for call in calls {
            if let Some(leg) = self.take_recording(call) {
                self.tell_recording_failed(leg);
            }
        }
    }

    /// The leg whose recording is over, if the call has one.
    fn take_recording(&mut self, call: CallId) -> Option<Leg> {
        let recording = self.world.calls.get_mut(&call)?.recording.take()?;
        Some((call, recording.party))
    }
}
