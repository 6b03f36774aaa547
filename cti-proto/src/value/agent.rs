//! Agents: their states and modes, what they may do at their desk, teams and supervision.

open_enum! {
    /// State of an agent, as a whole or in one skill group. (Guide: "AgentState Values".)
    ///
    /// On Unified CCX 5 is the only work state, 7 appears for single queues only and 0 is a request, never a state.
    pub struct AgentState: u16 {
        AGENT_STATE_LOGIN = 0, "The agent logs in; in a request, log in.";
        AGENT_STATE_LOGOUT = 1, "The agent is logged out; in a request, log out.";
        AGENT_STATE_NOT_READY = 2, "Logged in and not available for calls.";
        AGENT_STATE_AVAILABLE = 3, "Ready for a call.";
        AGENT_STATE_TALKING = 4, "On a call: inbound, outbound or internal.";
        AGENT_STATE_WORK_NOT_READY = 5, "Working after a call, and not ready afterwards.";
        AGENT_STATE_WORK_READY = 6, "Working after a call, and ready afterwards.";
        AGENT_STATE_BUSY_OTHER = 7, "Busy with work of another skill group.";
        AGENT_STATE_RESERVED = 8, "Chosen for a call that arrives soon.";
        AGENT_STATE_UNKNOWN = 9, "The state is not known.";
        AGENT_STATE_HOLD = 10, "All calls of the agent are on hold.";
        AGENT_STATE_ACTIVE = 11, "Working on a task of a media routing domain.";
        AGENT_STATE_PAUSED = 12, "The task is paused.";
        AGENT_STATE_INTERRUPTED = 13, "The task is interrupted by one of another media routing domain.";
        AGENT_STATE_NOT_ACTIVE = 14, "Logged in to a media routing domain without a task.";
    }
}

bit_mask! {
    /// Which agent states are reported: the `AgentStateMask` of OPEN_REQ and of monitors.
    ///
    /// The bits follow the order of [`AgentState`] only up to AGENT_RESERVED_MASK. On Unified CCX three bits mean something
    /// else: 0x20, 0x40 and 0x80.
    pub struct AgentStateMask: u32 {
        AGENT_LOGIN_MASK = 0x00000001, "AGENT_STATE_LOGIN.";
        AGENT_LOGOUT_MASK = 0x00000002, "AGENT_STATE_LOGOUT.";
        AGENT_NOT_READY_MASK = 0x00000004, "AGENT_STATE_NOT_READY.";
        AGENT_AVAILABLE_MASK = 0x00000008, "AGENT_STATE_AVAILABLE.";
        AGENT_TALKING_MASK = 0x00000010, "AGENT_STATE_TALKING.";
        AGENT_WORK_NOT_READY_MASK = 0x00000020, "AGENT_STATE_WORK_NOT_READY; on Unified CCX the work state.";
        AGENT_WORK_READY_MASK = 0x00000040, "AGENT_STATE_WORK_READY; on Unified CCX talking, with work to follow.";
        AGENT_BUSY_OTHER_MASK = 0x00000080,
            "AGENT_STATE_BUSY_OTHER; on Unified CCX talking, with not ready to follow.";
        AGENT_RESERVED_MASK = 0x00000100, "AGENT_STATE_RESERVED.";
        AGENT_HOLD_MASK = 0x00000200, "AGENT_STATE_HOLD.";
        AGENT_ACTIVE_MASK = 0x00000400, "AGENT_STATE_ACTIVE; not in the tables of version 17 and before.";
        AGENT_PAUSED_MASK = 0x00000800, "AGENT_STATE_PAUSED; not in the tables of version 17 and before.";
        AGENT_INTERRUPTED_MASK = 0x00001000, "AGENT_STATE_INTERRUPTED; not in the tables of version 17 and before.";
        AGENT_NOT_ACTIVE_MASK = 0x00002000, "AGENT_STATE_NOT_ACTIVE; not in the tables of version 17 and before.";
    }
}

open_enum! {
    /// State of an agent as the peripheral gateway keeps it: `InternalAgentState` of QUERY_AGENT_STATE_CONF.
    ///
    /// Named and numbered like [`AgentState`], with fewer members. Since protocol version 19.
    pub struct AgentInternalState: u16 {
        AGENT_STATE_LOGIN = 0;
        AGENT_STATE_LOGOUT = 1;
        AGENT_STATE_NOT_READY = 2;
        AGENT_STATE_AVAILABLE = 3;
        AGENT_STATE_TALKING = 4;
        AGENT_STATE_WORK_NOT_READY = 5;
        AGENT_STATE_WORK_READY = 6;
        AGENT_STATE_BUSY_OTHER = 7;
        AGENT_STATE_ACTIVE = 11;
    }
}

open_enum! {
    /// Whether the contact center routes tasks to an agent.
    pub struct AgentMode: u16 {
        NOT_ROUTABLE = 0, "An application gives the agent its tasks.";
        ROUTABLE = 1, "The contact center gives the agent its tasks.";
    }
}

open_enum! {
    /// Whether and by whom an agent can be given a task in a media routing domain.
    pub struct AgentAvailabilityStatus: u32 {
        NOT_AVAILABLE = 0,
            "Nobody can give the agent a task: not ready, at the task limit, or busy with a task that nothing may interrupt.";
        ICM_AVAILABLE = 1, "Available, and the contact center may give the agent a task.";
        APPLICATION_AVAILABLE = 2, "Available, and only an application may give the agent a task.";
    }
}

open_enum! {
    /// How an agent works between calls, or how a remote agent is reached. (Guide: "AgentWorkMode Values".)
    pub struct AgentWorkMode: u16 {
        AWM_UNSPECIFIED = 0, "The default of the peripheral.";
        AWM_AUTO_IN = 1, "Ready for the next call as soon as one ends.";
        AWM_MANUAL_IN = 2, "After-call work follows each call until the agent ends it.";
        RA_CALL_BY_CALL = 3, "Remote agent whose phone is called for every call.";
        RA_NAILED_CONNECTION = 4, "Remote agent whose phone stays connected for the whole login.";
    }
}

open_enum! {
    /// Whether SET_AGENT_STATE_REQ forces the state. Names coined here.
    pub struct ForcedFlag: u8 {
        FALSE = 0, "Change the state if that is allowed.";
        TRUE = 1, "Change the state even if that is not allowed.";
        AUTHENTICATION_ONLY = 2, "Check the password at login and leave the state alone.";
    }
}

open_enum! {
    /// Whether an agent signs in with single sign-on. Names coined here.
    pub struct SsoEnabled as "SSOEnabled": u16 {
        SSO_DISABLED = 0, "No single sign-on.";
        SSO_ENABLED = 1, "Single sign-on.";
    }
}

bit_mask! {
    /// What an agent asks for at login: the `AgentServiceReq` of SET_AGENT_STATE_REQ.
    pub struct AgentServiceReq: u32 {
        OUTBOUND_SUPPORT = 0x00000001 since 10, "The agent takes outbound calls of the dialer.";
    }
}

open_enum! {
    /// State of a task that is not a voice call. Since protocol version 20. (Guide: "TaskState Values".)
    pub struct TaskState: u16 {
        TASK_STATE_PRE_CALL = 0, "Before it starts.";
        TASK_STATE_ACTIVE = 1, "Being worked on.";
        TASK_STATE_WRAPUP = 2, "Being wrapped up.";
        TASK_STATE_PAUSED = 3, "Paused.";
        TASK_STATE_OFFERED = 4, "Offered to the agent.";
        ASK_STATE_INTERRUPTED = 5, "Interrupted; the missing T is how the guide spells it.";
        TASK_STATE_NOT_READY = 6, "The agent is not ready.";
        TASK_STATE_LOGGED_OUT = 7, "The agent is logged out.";
    }
    aliases {
        TASK_STATE_INTERRUPTED = 5, "The evident spelling of [`ASK_STATE_INTERRUPTED`](Self::ASK_STATE_INTERRUPTED).";
    }
}

open_enum! {
    /// Service on top of an agent's calls. Names coined here, after the guide's phrases.
    pub struct AgentService: u16 {
        AGENT_ASSIST = 1, "Answers are suggested to the agent during a call.";
        TRANSCRIPT = 2, "The call is transcribed.";
        RECORDING = 3, "The call is recorded.";
    }
}

open_enum! {
    /// Kind of agent in a configuration record. No copy of the guide prints the numbers; they come from an independent client.
    pub struct AgentType: u16 {
        CONFIG_AGENT = 0, "An agent.";
        CONFIG_SUPERVISOR = 1, "A supervisor.";
    }
}

bit_mask! {
    /// What a member is within its team; zero is a regular agent. Names coined here.
    pub struct AgentFlags: u16 {
        PRIMARY_SUPERVISOR = 0x0001, "Primary supervisor of the team.";
        TEMPORARY_AGENT = 0x0002, "Agent who belongs to the team for the time being.";
        SUPERVISOR = 0x0004, "Supervisor of the team.";
    }
}

open_enum! {
    /// Change that AGENT_TEAM_CONFIG_EVENT makes to a team. Names coined here.
    pub struct ConfigOperation: u16 {
        RESTORE_PERMANENT_CONFIGURATION = 0, "Forget temporary changes: the members listed are the team.";
        ADD_AGENT = 1, "The agents listed join the team.";
        REMOVE_AGENT = 2, "The agents listed leave the team.";
    }
}

bit_mask! {
    /// What an agent may and must do at the desk. (Guide: table of Agent Desk Settings masks.)
    pub struct DeskSettingsMask: u32 {
        DESK_AVAIL_AFTER_INCOMING_MASK = 0x00000001, "Available as soon as an inbound call ends.";
        DESK_AVAIL_AFTER_OUTGOING_MASK = 0x00000002, "Available as soon as an outbound call ends.";
        DESK_AUTO_ANSWER_ENABLED_MASK = 0x00000004, "Calls are answered without the agent's doing.";
        DESK_IDLE_REASON_REQUIRED_MASK = 0x00000008, "A reason is needed to go not ready.";
        DESK_LOGOUT_REASON_REQUIRED_MASK = 0x00000010, "A reason is needed to log out.";
        DESK_SUPERVISOR_CALLS_ALLOWED_MASK = 0x00000020, "May call a supervisor for help.";
        DESK_AGENT_TO_AGENT_CALLS_ALLOWED = 0x00000040, "May call other agents.";
        DESK_OUTBOUND_ACCESS_INTERNATIONAL_MASK = 0x00000080, "May make international calls.";
        DESK_OUTBOUND_ACCESS_PUBLIC_NET_MASK = 0x00000100, "May make calls through the public network.";
        DESK_OUTBOUND_ACCESS_PRIVATE_NET_MASK = 0x00000200, "May make calls through the private network.";
        DESK_OUTBOUND_ACCESS_OPERATOR_ASSISTED_MASK = 0x00000400, "May make calls with an operator's help.";
        DESK_OUTBOUND_ACCESS_PBX_MASK = 0x00000800, "May make outbound calls through the switch.";
        DESK_NON_ACD_CALLS_ALLOWED_MASK = 0x00001000, "May make and take calls that are not ACD calls.";
        DESK_AGENT_CAN_SELECT_GROUP_MASK = 0x00002000, "May choose the skill groups to log in to.";
    }
}

open_enum! {
    /// Whether an agent enters wrap-up data after a call. Names coined here.
    pub struct WrapupDataMode: u32 {
        REQUIRED = 0, "Wrap-up work is required.";
        OPTIONAL = 1, "Wrap-up data may be entered.";
        NOT_ALLOWED = 2, "Wrap-up data may not be entered.";
        REQUIRED_WITH_WRAPUP_DATA = 3, "Wrap-up data must be entered; for inbound calls only.";
    }
}

open_enum! {
    /// Whether the agent hears a tone when a call is answered automatically. Names coined here.
    pub struct PlayZipTone: u32 {
        DISABLED = 0, "No tone.";
        ENABLED = 1, "A tone.";
    }
}

open_enum! {
    /// Whether an agent may use lines shared between devices. Names coined here.
    pub struct AcdSharedLineUsage as "ACDSharedLineUsage": u32 {
        PROHIBITED = 0, "Shared lines may not be used.";
        PERMITTED = 1, "Shared lines may be used.";
    }
}

open_enum! {
    /// What CALL_AGENT_GREETING_EVENT reports. Names coined here.
    pub struct AgentGreetingEventCode: u16 {
        GREETING_STARTED = 0, "The greeting begins.";
        GREETING_ENDED = 1, "The greeting was played to its end.";
        GREETING_FAILED = 2, "The greeting could not be played; PeripheralErrorCode may say why.";
    }
}

open_enum! {
    /// What AGENT_GREETING_CONTROL_REQ asks for. Names coined here.
    pub struct AgentGreetingAction: u16 {
        STOP_GREETING = 0, "Stop the greeting that is being played.";
        DISABLE_GREETING = 1, "Play no greetings until the agent logs out.";
        ENABLE_GREETING = 2, "Play greetings until the agent logs out.";
    }
}

open_enum! {
    /// What SUPERVISE_CALL_REQ does with a supervisor and a call.
    pub struct SupervisoryAction: u16 {
        SUPERVISOR_CLEAR = 0, "Take the supervisor off the call.";
        SUPERVISOR_MONITOR = 1, "The supervisor listens, unheard by everyone.";
        SUPERVISOR_WHISPER = 2, "The supervisor talks to the agent, unheard by the customer.";
        SUPERVISOR_BARGE_IN = 3, "The supervisor joins the call and talks with everyone.";
        SUPERVISOR_INTERCEPT = 4, "The supervisor takes the call over; the agent leaves it.";
    }
}

open_enum! {
    /// Part that a device plays in silent monitoring. (Guide: "SilentMonitorStatus Values".)
    pub struct SilentMonitorStatus: u16 {
        SILENT_MONITOR_NONE = 0, "No silent monitoring.";
        SILENT_MONITOR_INITIATOR = 1, "The call listens to another one.";
        SILENT_MONITOR_TARGET = 2, "The call is listened to.";
    }
}
