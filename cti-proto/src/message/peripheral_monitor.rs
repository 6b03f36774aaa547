//! Peripheral Monitor Service: monitors for single calls and devices.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as peripheral_monitor_messages;
    service PeripheralMonitor;

    /// Sent by the client to monitor one call or one device (Peripheral Monitor). For a device: call ID 0 and
    /// `CONNECTION_ID_NONE`; for a call: `DEVID_NONE` as `MonitoredDeviceType`.
    ///
    /// Guide: "Peripheral Monitor Service", MONITOR_START_REQ.
    MonitorStartReq<'a> = MONITOR_START_REQ: Client {
        fixed {
            invoke_id, peripheral_id, connection_call_id, call_msg_mask, agent_state_mask,
            connection_device_id_type, monitored_device_type
        }
        floating { connection_device_id, monitored_device_id }
    }

    /// Sent by the server: the monitor exists. `MonitorID` marks its events; with several monitors on one subject
    /// each event comes once per monitor. It ends with its call or the session.
    ///
    /// Guide: "Peripheral Monitor Service", MONITOR_START_CONF.
    MonitorStartConf = MONITOR_START_CONF: Server, confirms(MONITOR_START_REQ) {
        fixed { invoke_id, monitor_id }
    }

    /// Sent by the client to end a monitor of a call or device.
    ///
    /// Guide: "Peripheral Monitor Service", MONITOR_STOP_REQ.
    MonitorStopReq = MONITOR_STOP_REQ: Client {
        fixed { invoke_id, monitor_id }
    }

    /// Sent by the server: the monitor of the call or device is gone.
    ///
    /// Guide: "Peripheral Monitor Service", MONITOR_STOP_CONF.
    MonitorStopConf = MONITOR_STOP_CONF: Server, confirms(MONITOR_STOP_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to change which call events and agent states one monitor of a call or device reports.
    ///
    /// Guide: "Peripheral Monitor Service", CHANGE_MONITOR_MASK_REQ.
    ChangeMonitorMaskReq = CHANGE_MONITOR_MASK_REQ: Client {
        fixed { invoke_id, monitor_id, call_msg_mask, agent_state_mask }
    }

    /// Sent by the server: the masks of the monitor are changed.
    ///
    /// Guide: "Peripheral Monitor Service", CHANGE_MONITOR_MASK_CONF.
    ChangeMonitorMaskConf = CHANGE_MONITOR_MASK_CONF: Server, confirms(CHANGE_MONITOR_MASK_REQ) {
        fixed { invoke_id }
    }
}
