//! The kinds of configuration, as a table: message, record, keys, and the bits of masks.

use crate::message::{
    AgentDeskSettingsRecord, AgentRecord, AgentServiceRecord, CallTypeRecord, DeviceRecord, MessageType, MrdRecord,
    PeripheralRecord, ServiceRecord, SkillGroupRecord, TerminalRecord,
};
use crate::protocol::Protocol;
use crate::value::{CcxConfigMask, ConfigMask};
use crate::wire::Element;

/// A record of a configuration, of which a tracker keeps the last for each item.
pub trait ConfigRecord<'a>: Element<'a> {
    /// What it is a record of.
    const KIND: ConfigKind;
}

/// Which fields are the key of a record: their tags, 0 if there is none.
#[derive(Clone, Copy)]
pub(super) struct KeyTags {
    /// A number.
    pub(super) number: u16,
    /// A text.
    pub(super) text: u16,
    /// Another number and another text, for devices.
    pub(super) more: [u16; 2],
    /// The number or text before a change.
    pub(super) old: u16,
    /// The ID in the central database.
    pub(super) target: u16,
}

/// `Kind: Record, message, bit of Unified CCE, bit of Unified CCX, key tags`.
macro_rules! kinds {
    ($(
        $(#[doc = $doc:literal])+
        $kind:ident: $record:ident $(<$lt:lifetime>)?, $message:ident, $cce:ident, $ccx:ident,
            ($number:literal $text:literal [$more_number:literal $more_text:literal] was $old:literal, id $target:literal);
    )*) => {
        /// What a configuration consists of.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u8)]
        pub enum ConfigKind {
            #[default]
            $($(#[doc = $doc])+ $kind,)*
        }

        impl ConfigKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Its bit in the masks of Unified CCE.
            #[must_use]
            pub const fn mask(self) -> ConfigMask {
                match self {
                    $(Self::$kind => ConfigMask::$cce,)*
                }
            }

            /// Its bit in the masks of CONFIG_REQUEST_EVENT and CONFIG_BEGIN_EVENT on Unified CCX; none if there is none.
            #[must_use]
            pub const fn ccx_mask(self) -> CcxConfigMask {
                match self {
                    $(Self::$kind => kinds!(@ccx $ccx),)*
                }
            }

            pub(super) const fn of_message(message: MessageType) -> Option<Self> {
                match message {
                    $(MessageType::$message => Some(Self::$kind),)*
                    _ => None,
                }
            }

            pub(super) const fn key_tags(self) -> KeyTags {
                match self {
                    $(Self::$kind => KeyTags {
                        number: $number, text: $text, more: [$more_number, $more_text], old: $old, target: $target,
                    },)*
                }
            }
        }

        $(impl<'a> ConfigRecord<'a> for $record $(<$lt>)? {
            const KIND: ConfigKind = ConfigKind::$kind;
        })*
    };
    (@ccx NONE) => { CcxConfigMask(0) };
    (@ccx $ccx:ident) => { CcxConfigMask::$ccx };
}

kinds! {
    /// Services. Unified CCX: applications.
    Service: ServiceRecord<'a>, CONFIG_SERVICE_EVENT, CONFIG_MSG_SERVICE_MASK, APPLICATION,
        (184 0 [0 0] was 213, id 132);
    /// Skill groups. Unified CCX: contact service queues (CSQ).
    SkillGroup: SkillGroupRecord<'a>, CONFIG_SKILL_GROUP_EVENT, CONFIG_MSG_SKILL_GROUP_MASK, CSQ,
        (184 0 [0 0] was 213, id 192);
    /// Agents.
    Agent: AgentRecord<'a>, CONFIG_AGENT_EVENT, CONFIG_MSG_AGENT_MASK, AGENT,
        (0 190 [0 0] was 214, id 141);
    /// Agent services. Never on Unified CCX.
    AgentService: AgentServiceRecord<'a>, CONFIG_AGENT_SERVICE_EVENT, CONFIG_MSG_AGENT_SERVICE_MASK, NONE,
        (141 0 [0 0] was 0, id 0);
    /// Devices.
    Device: DeviceRecord<'a>, CONFIG_DEVICE_EVENT, CONFIG_MSG_DEVICE_MASK, DEVICE,
        (184 173 [195 11] was 0, id 0);
    /// Call types. Never on Unified CCX.
    CallType: CallTypeRecord<'a>, CONFIG_CALL_TYPE_EVENT, CONFIG_MSG_CALL_TYPE_MASK, NONE,
        (210 0 [0 0] was 0, id 0);
    /// Media routing domains. Never on Unified CCX.
    MediaDomain: MrdRecord<'a>, CONFIG_MRD_EVENT, CONFIG_MSG_MRD_MASK, NONE,
        (216 0 [0 0] was 0, id 0);
    /// Peripherals. Never on Unified CCX.
    Peripheral: PeripheralRecord, CONFIG_PERIPHERAL_EVENT, CONFIG_MSG_PERIPHERAL_MASK, NONE,
        (271 0 [0 0] was 0, id 0);
    /// Agent desk settings. Never on Unified CCX.
    DeskSettings: AgentDeskSettingsRecord<'a>, CONFIG_AGENT_DESK_SETTINGS_EVENT, CONFIG_MSG_AGENT_DESK_SETTINGS_MASK, NONE,
        (267 0 [0 0] was 0, id 0);
    /// Terminals.
    Terminal: TerminalRecord<'a>, CONFIG_TERMINAL_EVENT, CONFIG_MSG_TERMINAL_MASK, TERMINAL,
        (0 303 [0 0] was 0, id 0);
}

/// How many kinds there are.
pub(super) const KINDS: usize = ConfigKind::ALL.len();

impl ConfigKind {
    pub(super) const fn index(self) -> usize {
        self as usize
    }

    /// Whether a mask of CONFIG_BEGIN_EVENT includes it.
    pub(super) fn is_in(self, mask: ConfigMask, protocol: Protocol) -> bool {
        let bit = if protocol.is_ccx() { self.ccx_mask().into() } else { self.mask() };
        bit.0 != 0 && mask.contains(bit)
    }
}
