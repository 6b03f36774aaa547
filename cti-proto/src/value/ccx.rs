//! Values of Unified CCX (Contact Center Express) where they differ from Unified CCE. Sessions carry them in the same
//! fields; the conversions here reread a number, they never change it.

use super::{ConfigMask, PgStatus};

open_enum! {
    /// Status of the Unified CCX server, sent in the field that is [`PgStatus`] elsewhere: see [`PgStatus::ccx`].
    ///
    /// A number, not a mask.
    pub struct CcxStatus: u32 {
        CCX_INITIALIZING = 0x100, "Starting.";
        CCX_SHUTTING_DOWN = 0x200, "Going down.";
        CCX_SHUTDOWN = 0x300, "Down.";
        CCX_IN_SERVICE = 0x400, "In service.";
        CCX_PARTIAL_SERVICE = 0x500, "In service in part.";
        CCX_OUT_OF_SERVICE = 0x600, "Could not start.";
    }
}

open_enum! {
    /// `PeripheralErrorCode` of CONTROL_FAILURE_CONF on Unified CCX. More codes exist than could be read.
    pub struct CcxErrorCode: u32 {
        CCX_DEFAULT_ERROR_CODE = 0, "No details.";
        CCX_JTAPI_CCM_PROBLEM = 88001, "Unified Communications Manager or its JTAPI interface has a problem.";
        CCX_LOOKUP_FAILURE = 88002, "A lookup failed.";
        CCX_AGENT_DN_NOT_ASSIGNED = 88003, "The agent has no extension.";
        CCX_AGENT_DEVICE_OFF = 88004, "The phone of the agent is out of service or not registered.";
        CCX_AGENT_DEVICE_BUSY = 88005, "The phone of the agent is busy.";
        CCX_RMCM_CONTACT_NULL = 88006, "The resource manager has no such contact.";
        CCX_RMCM_CONTACT_INVALID = 88007, "The contact of the resource manager is not valid.";
        CCX_AGENT_NULL = 88008, "There is no such agent.";
        CCX_AGENT_INVALID = 88009, "The agent is not valid.";
        CCX_INVALID_ARGUMENT = 88010, "An argument of the command is not valid.";
        CCX_NO_CALLBACK_FROM_AGENT = 88011, "The agent's side did not call back.";
        CCX_CALL_ID_NULL = 88012, "There is no call ID.";
        CCX_CALL_OBJECT_NULL = 88013, "There is no such call.";
        CCX_JTAPI_PROVIDER_NULL = 88014, "There is no JTAPI provider.";
        CCX_DIALED_NUMBER_NULL = 88015, "There is no dialed number.";
        CCX_DEVICE_ID_NULL = 88016, "There is no device ID.";
        CCX_TERMINAL_CONNECTION_NULL = 88017, "There is no connection to the terminal.";
    }
    explain {
        "Unified CCX gives a detail that is not listed."
    }
}

open_enum! {
    /// `EventReasonCode` that Unified CCX itself gives for a change of an agent's state.
    ///
    /// Other numbers are reasons that the administrator defined. Some names are coined here, where the documents give a
    /// phrase only: their lines say so. The codes for a supervisor's change to ready could not be read.
    pub struct CcxReasonCode: u16 {
        AGT_RELOGON = 32767, "The agent logged in elsewhere.";
        CLOSE_DESKTOP = 32766, "The agent closed the desktop without logging out. Name coined here.";
        AGT_CONN_DOWN = 32765, "The connection to the agent's desktop or phone agent was lost.";
        CCX_FAILURE = 32764, "Unified CCX failed.";
        AGT_RNA = 32763, "The agent did not answer.";
        AGT_OFFHOOK = 32762, "The agent lifted the handset.";
        AGT_NON_ICD = 32761, "The agent got a call that is not a business call.";
        AGT_LOGON = 32760, "The agent logged in.";
        AGT_PHONE_DOWN = 32759, "The agent's phone went out of service.";
        AGT_WORK_TIMER_EXP = 32758, "The time for after-call work is over.";
        CM_FAILOVER = 32757, "Unified Communications Manager changed over.";
        AGT_PHONE_UP = 32756, "The agent's phone is back in service.";
        AGT_CALL_ENDED = 32755, "The call ended.";
        AGT_DEVICE_RESTRICTED = 32754, "The agent's phone is marked restricted.";
        AGT_LINE_RESTRICTED = 32753, "The agent's line is marked restricted.";
        AGT_CANCEL_RESERVATION = 32752, "The agent cancelled the reservation for a preview call.";
        AGT_SKIPS = 32751, "The agent skipped a preview call.";
        AGT_ICD_EXTENSION_CHANGED = 32750, "The agent's extension was changed.";
        AGT_CANCEL_CONSULT = 32749, "The consultation was cancelled.";
        AGENT_DELETED = 32748, "The agent was deleted in Unified Communications Manager. Name coined here.";
        AGT_RESERVED_OUTBOUND = 32747, "Reserved for a progressive or predictive call.";
        AGT_RESERVED_OUTBOUND_DIRECTPREVIEW = 32746, "Reserved for a direct preview call.";
        OUTBOUND_WORK = 32745, "Working after an outbound call. Name coined here.";
        EMAIL_CONTACT_NOT_ACCEPTED = 32743, "An e-mail was not accepted.";
        AGT_SEC_LINE_OFFHOOK = 32742, "A monitored secondary line is in use.";
        AGT_EXTENSION_CONFLICT = 32741, "Another agent logged in at the same extension.";
        SUPERVISOR_SET_LOGOUT = 22, "A supervisor logged the agent out. Name coined here.";
        SUPERVISOR_SET_NOT_READY = 33, "A supervisor made the agent not ready. Name coined here.";
    }
}

bit_mask! {
    /// `ConfigMsgMask` of OPEN_REQ on Unified CCX. Names coined here.
    ///
    /// Agents and applications are the other way round in [`CcxConfigMask`].
    pub struct CcxConfigMsgMask: u32 {
        AGENT = 0x01, "Agents.";
        CSQ = 0x02, "Contact service queues.";
        APPLICATION = 0x04, "Applications.";
        DEVICE = 0x08, "Devices.";
        TERMINAL = 0x10 since 18, "Terminals.";
    }
}

bit_mask! {
    /// Configuration mask of CONFIG_REQUEST_EVENT and CONFIG_BEGIN_EVENT on Unified CCX. Names coined here.
    ///
    /// Agents and applications are the other way round in [`CcxConfigMsgMask`].
    pub struct CcxConfigMask: u32 {
        APPLICATION = 0x01, "Applications.";
        CSQ = 0x02, "Contact service queues.";
        AGENT = 0x04, "Agents.";
        DEVICE = 0x08, "Devices.";
        TERMINAL = 0x10 since 18, "Terminals.";
    }
}

/// In place of an application ID (elsewhere a service): no application.
pub const NULL_APPLICATION: u32 = 0xffff_ffff;
/// In place of a contact service queue ID (elsewhere a skill group): no queue.
pub const NULL_CSQ: u32 = 0xffff_ffff;
/// In place of a line handle: no line.
pub const NULL_LINEHANDLE: u16 = 0xffff;

impl PgStatus {
    /// The same number read as Unified CCX means it. Do not ask whether it is zero: being in service is not.
    #[must_use]
    pub const fn ccx(self) -> CcxStatus {
        CcxStatus(self.0)
    }
}

/// Conversions that keep the number and change its reading.
macro_rules! reread {
    ($($general:ident <=> $ccx:ident,)+) => {
        $(
            impl From<$general> for $ccx {
                fn from(value: $general) -> Self {
                    Self(value.0)
                }
            }

            impl From<$ccx> for $general {
                fn from(value: $ccx) -> Self {
                    Self(value.0)
                }
            }
        )+
    };
}

reread! {
    PgStatus <=> CcxStatus,
    ConfigMask <=> CcxConfigMsgMask,
    ConfigMask <=> CcxConfigMask,
}
