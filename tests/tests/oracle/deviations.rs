//! Where tables and catalogue are meant to differ, and why: one list for each test that has such places.

use crate::report::Deviation;

/// The fixed parts of Unified CCE.
pub(crate) const FIXED: &[Deviation] = &[
    Deviation {
        places: "MAKE_PREDICTIVE_CALL_REQ.AnswerDetectControl1 MAKE_PREDICTIVE_CALL_REQ.AnswerDetectControl2",
        what: "ULONG in the tables, UINT in the catalogue (versions 9 to 25)",
        reason: "ULONG is no data type of the guide's own list; it has four bytes like UINT",
    },
    Deviation {
        places: "CLOSE_REQ.Status FAILURE_CONF.Status FAILURE_EVENT.Status",
        what: "values none in the tables, FailureStatus in the catalogue (versions 9 to 25)",
        reason: NAMED_IN_THE_TEXT,
    },
    Deviation {
        places: "OPEN_CONF.AgentState",
        what: "values none in the tables, AgentState in the catalogue (versions 9 to 25)",
        reason: NAMED_IN_THE_TEXT,
    },
    Deviation {
        places: "OPEN_CONF.PeripheralType",
        what: "values none in the tables, PeripheralType in the catalogue (versions 9 to 25)",
        reason: NAMED_IN_THE_TEXT,
    },
    Deviation {
        places: "OPEN_CONF.SessionType",
        what: "values none in the tables, SessionType in the catalogue (versions 24 to 25)",
        reason: NAMED_IN_THE_TEXT,
    },
];

const NAMED_IN_THE_TEXT: &str = "the session tables name only masks; the guide's text names these values";

/// The floating fields of Unified CCE.
pub(crate) const FLOATING: &[Deviation] = &[
    Deviation {
        places: "CONFIG_AGENT_DESK_SETTINGS_EVENT.RecordType CONFIG_AGENT_EVENT.RecordType \
            CONFIG_AGENT_SERVICE_EVENT.RecordType CONFIG_CALL_TYPE_EVENT.RecordType CONFIG_DEVICE_EVENT.RecordType \
            CONFIG_MRD_EVENT.RecordType CONFIG_PERIPHERAL_EVENT.RecordType CONFIG_SERVICE_EVENT.RecordType \
            CONFIG_SKILL_GROUP_EVENT.RecordType CONFIG_TERMINAL_EVENT.RecordType",
        what: "required false in the tables, true in the catalogue",
        reason: "it stands first in a record that is written, so that the next one is told from it",
    },
    Deviation {
        places: "AGENT_STATE_EVENT.FltSkillGroupNumber CALL_QUEUED_EVENT.SkillGroupNumber \
            SET_AGENT_STATE_REQ.SkillGroupNumber",
        what: "type INT in the tables, UINT in the catalogue",
        reason: TAG_62,
    },
    Deviation {
        places: "CALL_AGENT_GREETING_EVENT.GreetingType OPEN_REQ.UniqueInstanceID \
            SET_AGENT_SERVICE_DATA_REQ.TotalAnswersSuggestion",
        what: "only in the tables",
        reason: NO_TAG,
    },
    Deviation {
        places: "OPEN_CONF.ConfigMsgMaskGranted",
        what: "tag unpublished in the tables, 248 in the catalogue",
        reason: TAG_OF_CCX,
    },
    Deviation {
        places: "OPEN_CONF.ConfigMsgMaskGranted",
        what: "exists in versions 9 to 25 in the tables, no version in the catalogue",
        reason: TAG_OF_CCX,
    },
    Deviation {
        places: "CONFIG_TERMINAL_EVENT.Instrument",
        what: "tag unpublished in the tables, 6 in the catalogue",
        reason: TAG_OF_CCX,
    },
    Deviation {
        places: "CONFIG_TERMINAL_EVENT.Instrument CONFIG_TERMINAL_EVENT.NumInstruments",
        what: "exists in versions 23 to 25 in the tables, no version in the catalogue",
        reason: "as long as the tag of the instruments is not published for Unified CCE, there is nothing to count",
    },
    Deviation {
        places: "OPEN_CONF.FltPeripheralID OPEN_CONF.MultilineAgentControl",
        what: "stands alone in the tables, \
            repeated as FltPeripheralID/MultilineAgentControl, counted by NumPeripherals in the catalogue",
        reason: "the guide's text repeats the two for each peripheral; the session tables say nothing of lists",
    },
    Deviation {
        places: "AGENT_PRE_CALL_EVENT.FltEnabledServices CONFIG_AGENT_SERVICE_EVENT.FltEnabledServices \
            SET_AGENT_SERVICE_DATA_REQ.FltEnabledServices SNAPSHOT_CALL_CONF.FltEnabledServices",
        what: "max none in the tables, 40 in the catalogue",
        reason: NO_LIMIT,
    },
    Deviation {
        places: "AGENT_DESK_SETTINGS_CONF.ACDSharedLineUsage AGENT_DESK_SETTINGS_CONF.PlayZipTone",
        what: "exists in versions 9 to 25 in the tables, versions 20 to 25 in the catalogue",
        reason: WIDE_TAG,
    },
    Deviation {
        places: "CONFIG_AGENT_EVENT.ActiveTerminal",
        what: "exists in versions 10 to 25 in the tables, versions 20 to 25 in the catalogue",
        reason: WIDE_TAG,
    },
];

const TAG_62: &str = "tag 62 is UINT in the other messages, and NULL_SKILL_GROUP is a UINT";
const NO_TAG: &str = "its tag is not published: nobody can write it, and whoever gets it sees an unknown tag";
const TAG_OF_CCX: &str = "its tag is not published for Unified CCE, but for Unified CCX";
const NO_LIMIT: &str = "the guide prints no limit; 20 leaves room for many more services than have names";
const WIDE_TAG: &str = "its tag is above 255, and tags have one byte below version 20; no table says since when it is";

/// How many elements lists have.
pub(crate) const LISTS: &[Deviation] = &[
    Deviation {
        places: "AGENT_PRE_CALL_EVENT.NumOfEnabledServices CONFIG_AGENT_SERVICE_EVENT.NumOfEnabledServices \
            SET_AGENT_SERVICE_DATA_REQ.NumOfEnabledServices SNAPSHOT_CALL_CONF.NumOfEnabledServices",
        what: "at most any number in the tables, 20 in the catalogue",
        reason: NO_LIMIT,
    },
    Deviation {
        places: "OPEN_CONF.NumPeripherals",
        what: "at most any number in the tables, 64 in the catalogue",
        reason: "the guide prints no limit; a gateway has fewer peripherals",
    },
];

/// Names and numbers of values.
pub(crate) const VALUES: &[Deviation] = &[
    Deviation {
        places: "CallType.CALLTYPE_NON_ACD",
        what: "27 only in the tables",
        reason: "retired: 38 has the name and 27 another one; the old meaning is an alias",
    },
    Deviation {
        places: "CallType.NULL_CALLTYPE",
        what: "65535 only in the catalogue",
        reason: "a special value of the constants, which fields of this type hold",
    },
    Deviation {
        places: "CcxConfigMask.* CcxConfigMsgMask.* CcxErrorCode.* CcxReasonCode.* CcxStatus.*",
        what: "only in the catalogue",
        reason: "values of Unified CCX, of which there are no tables",
    },
    Deviation { places: "SessionType.*", what: "only in the catalogue", reason: NAMED_IN_THE_TEXT },
];

/// The fixed parts of Unified CCX.
pub(crate) const CCX_FIXED: &[Deviation] = &[
    Deviation {
        places: "AGENT_STATE_EVENT.AgentAvailabilityStatus",
        what: "INT in the tables, UINT in the catalogue (versions 10 to 18)",
        reason: SAME_BYTES,
    },
    Deviation {
        places: "QUERY_AGENT_STATE_CONF.ICMAgentID",
        what: "UINT in the tables, INT in the catalogue (versions 10 to 18)",
        reason: SAME_BYTES,
    },
    Deviation {
        places: "CALL_DELIVERED_EVENT.*",
        what: "NumNamedVariables NumNamedArrays only in the tables (version 10)",
        reason: "read only up to LocalConnectionState; the rest is Unified CCE's, which has the two since version 11",
    },
    Deviation {
        places: "CONFIG_BEGIN_EVENT.ConfigurationMask CONFIG_REQUEST_EVENT.ConfigurationMask",
        what: "ConfigInformation in the catalogue (versions 10 to 18)",
        reason: NAME_OF_CCX,
    },
    Deviation {
        places: "CONFIG_END_EVENT.Status",
        what: "ConfigEndStatus in the catalogue (versions 10 to 18)",
        reason: NAME_OF_CCX,
    },
    Deviation {
        places: "CONFIG_KEY_EVENT.Status",
        what: "ConfigKeyStatus in the catalogue (versions 10 to 18)",
        reason: NAME_OF_CCX,
    },
];

const SAME_BYTES: &str = "a reserved field with the same bytes either way; the catalogue has Unified CCE's type";
const NAME_OF_CCX: &str = "the same field under the name of Unified CCX; the catalogue has Unified CCE's";

/// The floating fields of Unified CCX.
pub(crate) const CCX_FLOATING: &[Deviation] = &[
    Deviation {
        places: "CONFIG_AGENT_EVENT.CSQID",
        what: "max 4 in the tables, 400 in the catalogue",
        reason: COLUMNS,
    },
    Deviation {
        places: "CONFIG_AGENT_EVENT.SkillGroupPriority",
        what: "max 2 in the tables, 200 in the catalogue",
        reason: COLUMNS,
    },
    Deviation {
        places: "QUERY_AGENT_STATE_CONF.InternalAgentState",
        what: "no tag in the tables",
        reason: "the guide of Unified CCX gives none, and Unified CCE has the field since version 19",
    },
    Deviation { places: "SET_CALL_DATA_REQ.DNIS", what: "tag 10 only in the tables", reason: NOT_IN_CCE },
    Deviation { places: "SET_CALL_DATA_REQ.DialedNumber", what: "tag 11 only in the tables", reason: NOT_IN_CCE },
];

const COLUMNS: &str = "a field that may also hold the values of all elements, as the tables of Unified CCE have it";
const NOT_IN_CCE: &str = "unconfirmed, said to be taken from Unified CCE, which does not have it in this message";
