//! Recordings in the network: that they begin, end and fail, and where they go. Unified CCX has none of these events.

use cti_proto::Product;
use cti_proto::message::*;
use cti_proto::value::*;

use super::find;
use crate::simulate::call::{Leg, Recording};
use crate::simulate::floor::Floor;
use crate::simulate::sink::{Receiver, Sink};

/// What Unified CM says of a recorder that it cannot reach: a temporary failure, as Q.850 numbers it.
const NOT_REACHED: u16 = 41;

impl<S: Sink> Floor<'_, S> {
    /// A recording has begun at this leg.
    pub(in crate::simulate) fn tell_recording_started(&mut self, leg: Leg) {
        tell_leg!(self, leg, only Product::Cce, |world, _call, party| NetworkRecordingStartedEvent {
            recording_device_type: party.device_type(),
            recording_device_id: Some(party.text()),
        });
    }

    /// It has ended.
    pub(in crate::simulate) fn tell_recording_ended(&mut self, leg: Leg) {
        tell_leg!(self, leg, only Product::Cce, |world, _call, party| NetworkRecordingEndedEvent {
            recording_device_type: party.device_type(),
            recording_device_id: Some(party.text()),
        });
    }

    /// It has failed, or could not begin.
    pub(in crate::simulate) fn tell_recording_failed(&mut self, leg: Leg) {
        tell_leg!(self, leg, only Product::Cce, |world, _call, party| NetworkRecordingFailedEvent {
            recording_device_type: party.device_type(),
            record_failure_cause: NOT_REACHED,
            recording_device_id: Some(party.text()),
        });
    }

    /// Who asked for a recording learns where it goes.
    pub(in crate::simulate) fn tell_recording_target(&mut self, leg: Leg, recording: Recording, to: Receiver) {
        let terminal = format!("SEP{:012X}", leg.0.0);
        // Made up, and yet another one for each call.
        let guid = format!("{:08x}-0000-4000-8000-{:012x}", leg.0.0, leg.0.0);
        let Some((_, party)) = find(self.world, leg) else { return };
        // Both are asked for by an application; the type tells whether the agent has wished it.
        let by_user = recording.invocation == InvocationType::USER_RECORDING;
        let event = NetworkRecordingTargetInfoEvent {
            peripheral_id: self.world.shown_to(to.session).peripheral(),
            connection_call_id: leg.0.0,
            connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            recording_device_type: party.device_type(),
            recording_type: if by_user {
                RecordingType::CALL_RECORDING_TYPE_USER_INITIATED_FROM_APPLICATION
            } else {
                RecordingType::CALL_RECORDING_TYPE_APPLICATION_INITIATED_SILENT
            },
            media_forking_device_type: MediaForkingDeviceType::CALL_RECORDING_MEDIA_FORKING_DEVICE_TYPE_PHONE,
            connection_device_id: Some(party.text()),
            recording_device_id: Some(party.text()),
            recorder_address: Some("10.63.0.2".into()),
            terminal_name: Some(terminal.as_str().into()),
            protocol_reference_guid: Some(guid.as_str().into()),
            recorder_uri: Some("sip:recorder@10.63.0.2".into()),
            recorder_type: Some(RecorderType::CALL_RECORDING_MEDIA_FORKING_RECORDER_TYPE_OPTIONAL_RECORDER),
            recorder_status: Some(RecorderStatus::CALL_RECORDING_MEDIA_FORKING_RECORDER_STATUS_SUCCESS),
            ..NetworkRecordingTargetInfoEvent::default()
        };
        self.out.event(&[to], &event);
    }
}
