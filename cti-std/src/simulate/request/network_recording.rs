//! Client Control: recording in the network.

use cti_proto::message::*;
use cti_proto::value::{
    ConnectionDeviceIdType, ControlFailureCode as Code, InvocationType, LocalConnectionState as State,
    MediaForkingDeviceType, RecorderStatus, RecorderType, RecordingType,
};
use cti_proto::wire::Text;

use super::{Ask, Outcome, named};
use crate::simulate::call::{CallId, Leg, Party, Recording};
use crate::simulate::floor::Floor;
use crate::simulate::sink::{Receiver, Sink};

impl<S: Sink> Floor<'_, S> {
    /// START_NETWORK_RECORDING_REQ: one recording a call, of a call that is talked.
    pub(super) fn start_network_recording(&mut self, ask: Ask, request: &StartNetworkRecordingReq<'_>) -> Outcome {
        self.check_control(request.peripheral_id)?;
        let (leg, _) = self.controlled(ask, named!(request.connection, request.agent_instrument))?;
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
        self.begin_recording(leg, invocation);
        self.tell_recording_target(leg, invocation, &[Receiver { session: ask.session, monitor: None }]);
        Ok(())
    }

    /// STOP_NETWORK_RECORDING_REQ: CF_REQUEST_INCOMPATIBLE_WITH_OBJECT if it was started by another invocation type.
    pub(super) fn stop_network_recording(&mut self, ask: Ask, request: &StopNetworkRecordingReq<'_>) -> Outcome {
        self.check_control(request.peripheral_id)?;
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
        let recording = self.world.calls.get_mut(&call).and_then(|call| call.recording.take());
        let Some(recording) = recording else { return };
        let leg = (call, recording.party);
        let to = self.world.receivers(leg);
        let Some(party) = self.world.party(leg) else { return };
        let event = NetworkRecordingEndedEvent {
            peripheral_id: self.world.peripheral(),
            connection_call_id: call.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            recording_device_type: party.device_type(),
            connection_device_id: Some(party.text()),
            recording_device_id: Some(party.text()),
            ..NetworkRecordingEndedEvent::default()
        };
        self.out.event(&to, &event);
    }

    /// The recording of a call begins, unless there is one.
    pub(in crate::simulate) fn begin_recording(&mut self, leg: Leg, invocation: InvocationType) {
        let Some(call) = self.world.calls.get_mut(&leg.0).filter(|call| call.recording.is_none()) else { return };
        call.recording = Some(Recording { invocation, party: leg.1 });
        if self.world.is_ccx() {
            return;
        }
        let to = self.world.receivers(leg);
        let Some(party) = self.world.party(leg) else { return };
        let event = NetworkRecordingStartedEvent {
            peripheral_id: self.world.peripheral(),
            connection_call_id: leg.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            recording_device_type: party.device_type(),
            connection_device_id: Some(party.text()),
            recording_device_id: Some(party.text()),
            ..NetworkRecordingStartedEvent::default()
        };
        self.out.event(&to, &event);
    }

    /// Who asked for the recording learns where it goes.
    fn tell_recording_target(&mut self, leg: Leg, invocation: InvocationType, to: &[Receiver]) {
        let terminal = format!("SEP{:012X}", leg.0.0);
        let guid = format!("{:08x}-0000-4000-8000-{:012x}", leg.0.0, leg.0.0);
        let Some(party) = self.world.party(leg) else { return };
        let by_user = invocation == InvocationType::USER_RECORDING;
        let event = NetworkRecordingTargetInfoEvent {
            peripheral_id: self.world.peripheral(),
            connection_call_id: leg.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            recording_device_type: Party::device_type(party),
            recording_type: if by_user {
                RecordingType::CALL_RECORDING_TYPE_USER_INITIATED_FROM_APPLICATION
            } else {
                RecordingType::CALL_RECORDING_TYPE_APPLICATION_INITIATED_SILENT
            },
            media_forking_device_type: MediaForkingDeviceType::CALL_RECORDING_MEDIA_FORKING_DEVICE_TYPE_PHONE,
            connection_device_id: Some(party.text()),
            recording_device_id: Some(party.text()),
            recorder_address: Some("10.63.0.2".into()),
            terminal_name: Some(Text::from(terminal.as_str())),
            protocol_reference_guid: Some(guid.as_str().into()),
            recorder_uri: Some("sip:recorder@10.63.0.2".into()),
            recorder_type: Some(RecorderType::CALL_RECORDING_MEDIA_FORKING_RECORDER_TYPE_OPTIONAL_RECORDER),
            recorder_status: Some(RecorderStatus::CALL_RECORDING_MEDIA_FORKING_RECORDER_STATUS_SUCCESS),
            ..NetworkRecordingTargetInfoEvent::default()
        };
        self.out.event(to, &event);
    }
}
