//! Media of calls: RTP streams, recording, tones.

open_enum! {
    /// Direction of a media stream, seen from the device. Names coined here.
    pub struct RtpDirection as "RTPDirection": u16 {
        INPUT = 0, "Towards the device.";
        OUTPUT = 1, "From the device.";
        BIDIRECTIONAL = 2, "Both.";
    }
}

open_enum! {
    /// Kind of a media stream. Names coined here.
    pub struct RtpType as "RTPType": u16 {
        AUDIO = 0, "Audio.";
        VIDEO = 1, "Video.";
        DATA = 2, "Data.";
    }
}

open_enum! {
    /// Who or what started a recording.
    pub struct RecordingType: u16 {
        CALL_RECORDING_TYPE_NONE = 0, "No recording.";
        CALL_RECORDING_TYPE_AUTOMATIC = 1, "Started automatically.";
        CALL_RECORDING_TYPE_APPLICATION_INITIATED_SILENT = 2, "Started by an application, not shown to the user.";
        CALL_RECORDING_TYPE_USER_INITIATED_FROM_DEVICE = 3, "Started by the user at the device.";
        CALL_RECORDING_TYPE_USER_INITIATED_FROM_APPLICATION = 4, "Started by the user in an application.";
    }
}

open_enum! {
    /// What forks the media of a call to the recorder.
    pub struct MediaForkingDeviceType: u16 {
        CALL_RECORDING_MEDIA_FORKING_DEVICE_TYPE_NONE = 0, "Nothing.";
        CALL_RECORDING_MEDIA_FORKING_DEVICE_TYPE_PHONE = 1, "The phone.";
        CALL_RECORDING_MEDIA_FORKING_DEVICE_TYPE_GW = 2, "The gateway.";
    }
}

open_enum! {
    /// Whether a call goes on without this recorder.
    pub struct RecorderType: u16 {
        CALL_RECORDING_MEDIA_FORKING_RECORDER_TYPE_UNKNOWN = 0, "Not known.";
        CALL_RECORDING_MEDIA_FORKING_RECORDER_TYPE_OPTIONAL_RECORDER = 1, "The recorder is optional.";
        CALL_RECORDING_MEDIA_FORKING_RECORDER_TYPE_MANDATORY_RECORDER = 2, "The recorder is mandatory.";
    }
}

open_enum! {
    /// How a recorder fared.
    pub struct RecorderStatus: u16 {
        CALL_RECORDING_MEDIA_FORKING_RECORDER_STATUS_UNKNOWN = 0, "Not known.";
        CALL_RECORDING_MEDIA_FORKING_RECORDER_STATUS_SUCCESS = 1, "Success.";
        CALL_RECORDING_MEDIA_FORKING_RECORDER_STATUS_FAILURE = 2, "Failure.";
    }
}

open_enum! {
    /// Who hears the tone that announces a recording. Names coined here.
    ///
    /// A request without the field means [`NO_TONE`](Self::NO_TONE), which is not the default of this type.
    pub struct PlayToneDirection: u16 {
        LOCAL_ONLY = 0, "The own side.";
        REMOTE_ONLY = 1, "The far side.";
        LOCAL_AND_REMOTE = 2, "Both sides.";
        NO_TONE = 3, "Nobody.";
    }
}

open_enum! {
    /// Whether the phone shows that the call is being recorded. Names coined here.
    ///
    /// A request without the field means [`SILENT_RECORDING`](Self::SILENT_RECORDING).
    pub struct InvocationType: u16 {
        SILENT_RECORDING = 1, "Not shown.";
        USER_RECORDING = 2, "Shown.";
    }
}
