//! Numbers with names: status codes, enumerations and bit masks of the protocol, special values and limits.
//!
//! Every type is an open newtype: any number that a peer sends survives, prints as its name where it has one, and as a
//! number otherwise. Constants are spelled as the specification spells them, so searching for a name finds it here.
//! How these numbers are read and written is the business of [`wire`](crate::wire).
//!
//! A type is one table, `open_enum!` for numbers and `bit_mask!` for masks, and everything else comes out of it:
//!
//! ```text
//! open_enum! {
//!     /// What the type is.
//!     pub struct CallType: u16, default NULL_CALLTYPE {
//!         NULL_CALLTYPE = 0xffff, "No call type is given.";
//!         CALLTYPE_PREVIEW = 17 since 8, "A line of explanation.";
//!         CALLTYPE_OTHER = 99;
//!     }
//!     aliases { CALLTYPE_OLD_NAME = 17, "Another name of a number, for reading only."; }
//!     explain { "What explain() says about numbers without a name." }
//! }
//! ```
//!
//! `struct DeviceIdType as "DeviceIDType"` tells the specification's name where it is not the type's; `default`,
//! `since`, the lines of text, `aliases` and `explain` may be left out. `explain` asks for a line in every row.

use core::fmt;

/// The doc comment of a row: its line of text, or its name, and its number.
macro_rules! row_doc {
    ($noun:literal, $name:ident = $value:literal $(since $since:literal)?) => {
        concat!("`", stringify!($name), "`. ", $noun, stringify!($value) $(, ", since protocol version ", $since)?, ".")
    };
    ($noun:literal, $name:ident = $value:literal $(since $since:literal)?, $text:literal) => {
        concat!($text, "\n\n", $noun, stringify!($value) $(, ", since protocol version ", $since)?, ".")
    };
}

/// The specification's name of a type: given, or the type's own.
macro_rules! spec_name {
    ($type:ident) => {
        stringify!($type)
    };
    ($type:ident $spec:literal) => {
        $spec
    };
}

/// The default of a type: a member, or zero.
macro_rules! default_value {
    () => {
        Self(0)
    };
    ($name:ident) => {
        Self::$name
    };
}

/// What numbers and masks have in common. Not for direct use: see `open_enum!` and `bit_mask!`.
macro_rules! named_values {
    (
        mask: $mask:literal, noun: $noun:literal,
        $(#[$meta:meta])*
        struct $type:ident $(as $spec:literal)?: $repr:ident $(, default $default:ident)? {
            $($name:ident = $value:literal $(since $since:literal)? $(, $text:literal)?;)+
        }
        aliases { $($alias:ident = $alias_value:literal $(since $alias_since:literal)? $(, $alias_text:literal)?;)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $type(
            /// The number on the wire.
            pub $repr,
        );

        // PT_NEC_NEAX_2x00 is the specification's spelling.
        #[allow(non_upper_case_globals)]
        impl $type {
            $(
                #[doc = row_doc!($noun, $name = $value $(since $since)? $(, $text)?)]
                pub const $name: Self = Self($value);
            )+
            $(
                #[doc = row_doc!($noun, $alias = $alias_value $(since $alias_since)? $(, $alias_text)?)]
                pub const $alias: Self = Self($alias_value);
            )*

            /// The default: the member that means "none" where there is one, and zero elsewhere.
            pub const NONE_OR_ZERO: Self = default_value!($($default)?);

            /// Names and numbers, in the order of the specification's table; each number once.
            pub const VALUES: &'static [(&'static str, u32)] = &[$((stringify!($name), $value)),+];

            /// Further names of numbers in [`VALUES`](Self::VALUES): read by [`from_name`](Self::from_name), never printed.
            pub const ALIASES: &'static [(&'static str, u32)] = &[$((stringify!($alias), $alias_value)),*];

            /// The table of this type, without the type.
            pub const TABLE: $crate::value::ValueTable = $crate::value::ValueTable {
                name: spec_name!($type $($spec)?),
                mask: $mask,
                values: Self::VALUES,
            };

            /// The name of exactly this value, as the specification spells it; `None` if it has none.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                Self::TABLE.name_of(self.0 as u32)
            }

            /// The value with this name or alias, in any case of letters; `None` if there is none.
            #[must_use]
            #[allow(clippy::cast_possible_truncation)]
            pub fn from_name(name: &str) -> Option<Self> {
                let number = $crate::value::number_of(Self::VALUES, name)
                    .or_else(|| $crate::value::number_of(Self::ALIASES, name))?;
                // Nothing is cut off: the numbers are the rows above, which were literals of this type.
                Some(Self(number as $repr))
            }
        }

        impl Default for $type {
            fn default() -> Self {
                Self::NONE_OR_ZERO
            }
        }

        impl From<$repr> for $type {
            fn from(number: $repr) -> Self {
                Self(number)
            }
        }

        impl From<$type> for $repr {
            fn from(value: $type) -> Self {
                value.0
            }
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&Self::TABLE.describe(u32::from(self.0)), f)
            }
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(self, f)
            }
        }

        #[cfg(feature = "defmt")]
        impl ::defmt::Format for $type {
            fn format(&self, f: ::defmt::Formatter<'_>) {
                ::defmt::Format::format(&Self::TABLE.describe(u32::from(self.0)), f);
            }
        }

        $crate::wire::wire_newtype!($type, $repr);
    };
}

/// Defines an enumeration that admits every number: see the [module](self) for the form of the table.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub struct $type:ident $(as $spec:literal)?: $repr:ident $(, default $default:ident)? {
            $($name:ident = $value:literal $(since $since:literal)? $(, $text:literal)?;)+
        }
        $(aliases { $($aliases:tt)* })?
        $(explain { $unknown:literal })?
    ) => {
        named_values! {
            mask: false, noun: "Number ",
            $(#[$meta])*
            struct $type $(as $spec)?: $repr $(, default $default)? {
                $($name = $value $(since $since)? $(, $text)?;)+
            }
            aliases { $($($aliases)*)? }
        }
        open_enum!(@explain $type { $($value $($text)?;)+ } $($unknown)?);
    };
    (@explain $type:ident { $($rows:tt)* }) => {};
    (@explain $type:ident { $($value:literal $text:literal;)+ } $unknown:literal) => {
        impl $type {
            /// What happened and, where that is known, what to do about it, in one line for a person.
            #[must_use]
            pub const fn explain(self) -> &'static str {
                match self.0 {
                    $($value => $text,)+
                    _ => $unknown,
                }
            }
        }
    };
}

/// Defines a mask of named bits: see the [module](self) for the form of the table, which for masks has no `explain`.
macro_rules! bit_mask {
    (
        $(#[$meta:meta])*
        pub struct $type:ident $(as $spec:literal)?: $repr:ident {
            $($name:ident = $value:literal $(since $since:literal)? $(, $text:literal)?;)+
        }
    ) => {
        named_values! {
            mask: true, noun: "Bit ",
            $(#[$meta])*
            struct $type $(as $spec)?: $repr {
                $($name = $value $(since $since)? $(, $text)?;)+
            }
            aliases {}
        }

        impl $type {
            /// No bit.
            pub const EMPTY: Self = Self(0);

            /// Every bit that has a name.
            pub const ALL: Self = Self(0 $(| $value)+);

            /// Whether no bit is set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether all bits of `other` are set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any bit of `other` is set.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// The bits of both; what `|` does, in constants too.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// These bits except those of `other`.
            #[must_use]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }

            /// The bits that have no name.
            #[must_use]
            pub const fn unknown_bits(self) -> Self {
                self.without(Self::ALL)
            }
        }

        impl ::core::ops::BitOr for $type {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl ::core::ops::BitOrAssign for $type {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        impl ::core::ops::BitAnd for $type {
            type Output = Self;

            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }
    };
}

/// Exports the types of the themed files and collects their tables: a type that is missing here does not exist outside.
macro_rules! catalogue {
    ($($module:ident { $($type:ident)+ })+) => {
        $(pub use $module::{$($type),+};)+

        /// The tables of all types of this module, for tools.
        pub const TABLES: &[ValueTable] = &[$($($type::TABLE,)+)+];
    };
}

mod agent;
mod call;
mod cause;
mod ccx;
mod config;
mod control;
mod device;
mod media;
mod session;
mod status;

catalogue! {
    agent {
        AcdSharedLineUsage AgentAvailabilityStatus AgentFlags AgentGreetingAction AgentGreetingEventCode
        AgentInternalState AgentMode AgentService AgentServiceReq AgentState AgentStateMask AgentType AgentWorkMode
        ConfigOperation DeskSettingsMask ForcedFlag PlayZipTone SilentMonitorStatus SsoEnabled SupervisoryAction
        TaskState WrapupDataMode
    }
    call {
        AllocationState AnswerDetectMode AnsweringMachine CallDirection CallMannerType CallOption CallPlacementType
        CallType CallVariableMask ConsultType DestinationCountry FacilityType ForwardType LocalConnectionState
    }
    cause {
        DispositionCode EventCause
    }
    ccx {
        CcxConfigMask CcxConfigMsgMask CcxErrorCode CcxReasonCode CcxStatus
    }
    config {
        ConfigDeviceType ConfigEndStatus ConfigKeyStatus ConfigMask ConfigType RecordType
    }
    control {
        ControlFailureCode
    }
    device {
        CallControlMask ClassOfDevice ConnectionDeviceIdType DeviceIdType LineType OtherFeatureMask PeripheralType
        TransferConferenceSetupMask TypeOfDevice
    }
    media {
        InvocationType MediaForkingDeviceType PlayToneDirection RecorderStatus RecorderType RecordingType
        RtpDirection RtpType
    }
    session {
        CallEventMask ClientEventState CtiService Distribution MoreFlag ServerMode SessionType
    }
    status {
        FailureStatus PgStatus SystemEventId
    }
}

pub use ccx::{NULL_APPLICATION, NULL_CSQ, NULL_LINEHANDLE};

/// Names and numbers of one enumeration or mask, without its type: what tools work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ValueTable {
    /// The specification's name of the enumeration or mask, e.g. `DeviceIDType`.
    pub name: &'static str,
    /// Whether the numbers are bits that add up.
    pub mask: bool,
    /// Names and numbers, in the order of the specification's table; each number once.
    pub values: &'static [(&'static str, u32)],
}

impl ValueTable {
    /// The name of exactly this number; `None` if it has none.
    #[must_use]
    pub const fn name_of(self, number: u32) -> Option<&'static str> {
        // One by one: the rows are in the order of the guide, and the compiler can go through them too.
        let mut rows = self.values;
        while let [(name, value), rest @ ..] = rows {
            if *value == number {
                return Some(name);
            }
            rows = rest;
        }
        None
    }

    /// The number in words: `AGENT_STATE_HOLD`, `AgentState(300)`, `AGENT_HOLD_MASK | 0x8000`.
    #[must_use]
    pub const fn describe(self, number: u32) -> Described {
        Described { table: self, number }
    }
}

/// Finds a name in rows, in any case of letters.
pub(crate) fn number_of(rows: &[(&'static str, u32)], name: &str) -> Option<u32> {
    rows.iter().find(|(row, _)| row.eq_ignore_ascii_case(name)).map(|&(_, number)| number)
}

/// A number that prints in the words of its table: see [`ValueTable::describe`].
#[derive(Clone, Copy)]
pub struct Described {
    table: ValueTable,
    number: u32,
}

impl Described {
    /// The names of the bits that are set, in the order of the table.
    fn bits(self) -> impl Iterator<Item = (&'static str, u32)> {
        self.table.values.iter().copied().filter(move |&(_, bit)| self.number & bit != 0)
    }
}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.table.mask {
            return match self.table.name_of(self.number) {
                Some(name) => f.pad(name),
                None => write!(f, "{}({})", self.table.name, self.number),
            };
        }
        // What is left over in the end has no name.
        let mut unknown = self.number;
        let mut separator = "";
        for (name, bit) in self.bits() {
            write!(f, "{separator}{name}")?;
            unknown &= !bit;
            separator = " | ";
        }
        match unknown {
            0 if separator.is_empty() => f.pad("0"),
            0 => Ok(()),
            unknown => write!(f, "{separator}{unknown:#x}"),
        }
    }
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Described {
    fn format(&self, f: defmt::Formatter<'_>) {
        if !self.table.mask {
            match self.table.name_of(self.number) {
                Some(name) => defmt::write!(f, "{=str}", name),
                None => defmt::write!(f, "{=str}({=u32})", self.table.name, self.number),
            }
            return;
        }
        let mut unknown = self.number;
        let mut separator = "";
        for (name, bit) in self.bits() {
            defmt::write!(f, "{=str}{=str}", separator, name);
            unknown &= !bit;
            separator = " | ";
        }
        if unknown != 0 {
            defmt::write!(f, "{=str}{=u32:#x}", separator, unknown);
        } else if separator.is_empty() {
            defmt::write!(f, "0");
        }
    }
}

/// In place of a call ID: no call. Since protocol version 5.
pub const NULL_CALL_ID: u32 = 0xffff_ffff;
/// In place of a peripheral ID: no peripheral.
pub const NULL_PERIPHERAL_ID: u32 = 0xffff_ffff;
/// In place of a service number or ID: no service.
pub const NULL_SERVICE: u32 = 0xffff_ffff;
/// In place of a skill group number or ID: no skill group.
pub const NULL_SKILL_GROUP: u32 = 0xffff_ffff;
/// In place of a call type: none. The same number as [`CallType::NULL_CALLTYPE`].
pub const NULL_CALLTYPE: u16 = 0xffff;

/// Most CTI clients that a message lists.
pub const MAX_NUM_CTI_CLIENTS: usize = 16;
/// Most parties of a call that a message lists.
pub const MAX_NUM_PARTIES: usize = 16;
/// Most devices that a message lists.
pub const MAX_NUM_DEVICES: usize = 16;
/// Most calls that a message lists.
pub const MAX_NUM_CALLS: usize = 16;
/// Most skill groups that a message lists.
pub const MAX_NUM_SKILL_GROUPS: usize = 20;
/// Most lines that a message lists.
pub const MAX_NUM_LINES: usize = 10;

/// Shortest named variable, in bytes of its field: one letter and two NULs.
pub const NAMEDVAR_FIELD_LENGTH_MIN: usize = 3;
/// Longest named variable, in bytes of its field; longer than name and value can be together.
pub const NAMEDVAR_FIELD_LENGTH_MAX: usize = 251;
/// Longest name of a named variable, in bytes with its NUL.
pub const NAMEDVAR_NAME_MAX: usize = 33;
/// Longest value of a named variable, in bytes with its NUL.
pub const NAMEDVAR_VALUE_MAX: usize = 211;

/// Shortest element of a named array, in bytes of its field: the index, one letter and two NULs.
pub const NAMEDARRAY_FIELD_LENGTH_MIN: usize = 4;
/// Longest element of a named array, in bytes of its field; longer than index, name and value can be together.
pub const NAMEDARRAY_FIELD_LENGTH_MAX: usize = 252;
/// The index of an element of a named array, in bytes.
pub const NAMEDARRAY_INDEX_SIZE: usize = 1;
/// Longest name of a named array, in bytes with its NUL.
pub const NAMEDARRAY_NAME_MAX: usize = 33;
/// Longest value of an element of a named array, in bytes with its NUL.
pub const NAMEDARRAY_VALUE_MAX: usize = 211;

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use super::*;

    #[test]
    fn numbers_print_as_names_and_unknown_ones_as_numbers() {
        assert_eq!(AgentState(2).to_string(), "AGENT_STATE_NOT_READY");
        assert_eq!(AgentState(300).to_string(), "AgentState(300)");
        assert_eq!(format!("{:?}", DeviceIdType(69)), "DeviceIDType(69)");
        assert_eq!(format!("{:>12}|", LocalConnectionState::LCS_HOLD), "    LCS_HOLD|");
        assert_eq!(AgentState(300).name(), None);
    }

    #[test]
    fn masks_print_their_bits_and_the_unknown_rest() {
        let known = CallVariableMask::CALL_VAR_1_MASK | CallVariableMask::CALL_VAR_3_MASK;
        assert_eq!(known.to_string(), "CALL_VAR_1_MASK | CALL_VAR_3_MASK");
        assert_eq!(CallVariableMask(0x8001).to_string(), "CALL_VAR_1_MASK | 0x8000");
        assert_eq!(CallVariableMask(0x8000).to_string(), "0x8000");
        assert_eq!(CallVariableMask::EMPTY.to_string(), "0");
        assert_eq!(CallVariableMask::TABLE.describe(3).to_string(), "CALL_VAR_1_MASK | CALL_VAR_2_MASK");
    }

    #[test]
    fn masks_add_up_and_come_apart() {
        let both = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_SUPERVISOR;
        assert!(both.contains(CtiService::CTI_SERVICE_SUPERVISOR) && !both.contains(CtiService::ALL));
        assert!(both.intersects(CtiService::ALL) && !both.intersects(CtiService::EMPTY));
        assert_eq!(both.without(CtiService::CTI_SERVICE_SUPERVISOR), CtiService::CTI_SERVICE_ALL_EVENTS);
        assert_eq!(both & CtiService::CTI_SERVICE_SUPERVISOR, CtiService::CTI_SERVICE_SUPERVISOR);
        assert_eq!(CtiService(0x4010).unknown_bits(), CtiService(0x4000));
        assert_eq!(CallEventMask::ALL, CallEventMask(0xffff_ffff));
    }

    #[test]
    fn names_are_read_in_any_case_and_aliases_too() {
        assert_eq!(AgentState::from_name("agent_state_hold"), Some(AgentState::AGENT_STATE_HOLD));
        assert_eq!(TaskState::from_name("TASK_STATE_INTERRUPTED"), Some(TaskState(5)));
        assert_eq!(TaskState(5).name(), Some("ASK_STATE_INTERRUPTED"));
        assert_eq!(AgentState::from_name("AGENT_STATE_HOLD "), None);
    }

    #[test]
    fn defaults_are_the_none_members() {
        assert_eq!(PeripheralType::default(), PeripheralType::PT_NONE);
        assert_eq!(CallType::default(), CallType(NULL_CALLTYPE));
        assert_eq!(AgentState::default(), AgentState(0));
        assert_eq!(EventCause::default(), EventCause(0xffff));
    }

    #[test]
    fn retired_numbers_keep_a_name() {
        assert_eq!(CallType::CALLTYPE_NON_ACD_RETIRED.name(), Some("RESERVATION_PREVIEW"));
        assert_eq!(PeripheralType(1).name(), Some("PT_ASPECT"));
    }

    #[test]
    fn every_status_has_an_explanation_of_its_own() {
        let unknown = FailureStatus(u32::MAX).explain();
        for &(name, number) in FailureStatus::VALUES {
            assert_ne!(FailureStatus(number).explain(), unknown, "{name}");
        }
        let unknown = ControlFailureCode(u16::MAX).explain();
        for &(name, _) in ControlFailureCode::VALUES {
            let explained = ControlFailureCode::from_name(name).map(ControlFailureCode::explain);
            assert!(explained.is_some_and(|line| line != unknown), "{name}");
        }
    }

    #[test]
    fn tables_are_sound() {
        for table in TABLES {
            for (place, &(name, number)) in table.values.iter().enumerate() {
                let same = |&&(other, value): &&(&str, u32)| other == name || value == number;
                let rest = table.values.iter().skip(place).filter(same).count();
                assert_eq!(rest, 1, "{}: {name} or {number} comes twice", table.name);
                assert!(!table.mask || number.is_power_of_two(), "{}: {name} is not one bit", table.name);
            }
        }
    }

    #[test]
    fn unified_ccx_rereads_the_same_numbers() {
        assert_eq!(PgStatus(0x400).ccx(), CcxStatus::CCX_IN_SERVICE);
        assert_eq!(ConfigMask::from(CcxConfigMask::AGENT), ConfigMask::CONFIG_MSG_AGENT_MASK);
        assert_eq!(CcxConfigMsgMask::from(ConfigMask(4)), CcxConfigMsgMask::APPLICATION);
    }
}
