//! The contact centre as one of the products shows it. There is one state; Unified CCE and Unified CCX have numbers,
//! states and reasons of their own for it, and sessions of both get each theirs.
//!
//! Guide of Unified CCX: "Message Type Tables", where values are reserved.

use std::ops::Deref;

use cti_proto::Product;
use cti_proto::value::{
    CallType, CcxReasonCode, CcxStatus, ConfigMask, DispositionCode, EventCause, LineType, NULL_SKILL_GROUP,
    PeripheralType, PgStatus,
};
use cti_proto::wire::Text;

use super::agent::Standing;
use super::call::{Call, End, Party};
use super::people::Agent;
use super::session::VariableFilter;
use super::sink::{Receiver, SessionId};
use super::table::{AgentKey, GroupKey};
use super::world::World;

/// Both products.
pub(super) const PRODUCTS: [Product; 2] = [Product::Cce, Product::Ccx];
/// What the logins of Unified CCX, which are users' names, have before the number.
pub(super) const USER: &str = "agent";

/// The world as a product shows it.
#[derive(Clone, Copy)]
pub(super) struct Shown<'w> {
    pub(super) world: &'w World,
    pub(super) product: Product,
}

/// Receivers who are told the same in the same words: of one product, with the same variables registered.
pub(super) struct Audience {
    pub(super) product: Product,
    pub(super) variables: Option<VariableFilter>,
    pub(super) to: Vec<Receiver>,
}

/// Why an agent is not ready, or has been logged out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// By this code of the desktop's; 0 is none.
    Code(u16),
    /// The agent has just logged in.
    LoggedOn,
    /// The agent has logged in at another phone.
    Relogon,
    /// Another agent has logged in at the phone.
    ExtensionTaken,
    /// The agent did not answer.
    NotAnswered,
    /// The agent has a call that is none of a group's.
    OtherCall,
}

/// Reason of Unified CCE for an agent whose state somebody else has changed.
const BY_SUPERVISOR: u16 = 999;
/// Reason of Unified CCE for an agent who did not answer.
const NOT_ANSWERED: u16 = 32_767;

impl Reason {
    pub(super) const NONE: Self = Self::Code(0);

    /// The code that a product has for it.
    pub(super) fn code(self, product: Product) -> u16 {
        let (cce, ccx) = match self {
            Self::Code(code) => return code,
            Self::LoggedOn => (0, CcxReasonCode::AGT_LOGON),
            Self::Relogon => (BY_SUPERVISOR, CcxReasonCode::AGT_RELOGON),
            Self::ExtensionTaken => (BY_SUPERVISOR, CcxReasonCode::AGT_EXTENSION_CONFLICT),
            Self::NotAnswered => (NOT_ANSWERED, CcxReasonCode::AGT_RNA),
            Self::OtherCall => (0, CcxReasonCode::AGT_NON_ICD),
        };
        if product == Product::Ccx { ccx.0 } else { cce }
    }
}

impl Deref for Shown<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        self.world
    }
}

impl World {
    /// The world as this product shows it.
    pub(super) fn shown(&self, product: Product) -> Shown<'_> {
        Shown { world: self, product }
    }

    /// The world as the product of a session shows it.
    pub(super) fn shown_to(&self, session: SessionId) -> Shown<'_> {
        self.shown(self.product_of(session))
    }

    /// The product of a session; Unified CCE for one that is gone.
    pub(super) fn product_of(&self, session: SessionId) -> Product {
        self.sessions.get(&session).map_or(Product::Cce, |session| session.protocol.product())
    }

    /// The same receivers by product, but for those of `only` another one.
    pub(super) fn by_product(&self, to: Vec<Receiver>, only: Option<Product>) -> Vec<(Product, Vec<Receiver>)> {
        let parts = match self.speaks {
            _ if to.is_empty() => Vec::new(),
            [true, true] => {
                let (ccx, cce) = to.into_iter().partition(|to| self.product_of(to.session) == Product::Ccx);
                vec![(Product::Cce, cce), (Product::Ccx, ccx)]
            }
            // One product only: the common case, where nobody has to be looked up.
            [_, ccx] => vec![(if ccx { Product::Ccx } else { Product::Cce }, to)],
        };
        let is_wanted = |(product, to): &(Product, Vec<_>)| !to.is_empty() && only.is_none_or(|only| only == *product);
        parts.into_iter().filter(is_wanted).collect()
    }

    /// The same receivers, apart by product and by the variables that they have registered.
    pub(super) fn audiences(&self, to: Vec<Receiver>, only: Option<Product>) -> Vec<Audience> {
        let mut audiences: Vec<Audience> = Vec::new();
        for (product, to) in self.by_product(to, only) {
            // Mostly nobody has registered variables, and all hear the same.
            if self.picky == 0 {
                audiences.push(Audience { product, variables: None, to });
                continue;
            }
            for receiver in to {
                let session = self.sessions.get(&receiver.session);
                let variables = session.and_then(|session| session.variables.clone());
                let known = |known: &&mut Audience| known.product == product && known.variables == variables;
                match audiences.iter_mut().find(known) {
                    Some(audience) => audience.to.push(receiver),
                    None => audiences.push(Audience { product, variables, to: vec![receiver] }),
                }
            }
        }
        audiences
    }
}

impl<'w> Shown<'w> {
    /// Unified CCX.
    pub(super) fn is_ccx(self) -> bool {
        self.product == Product::Ccx
    }

    /// The peripheral's ID.
    pub(super) fn peripheral(self) -> u32 {
        if self.is_ccx() { 1 } else { 5_000 }
    }

    /// What kind of peripheral it is.
    pub(super) fn peripheral_type(self) -> PeripheralType {
        if self.is_ccx() { PeripheralType::PT_ACMI_CRS } else { PeripheralType::PT_ENTERPRISE_AGENT }
    }

    /// State of the gateway.
    pub(super) fn status(self) -> PgStatus {
        match (self.is_ccx(), self.is_online) {
            (true, true) => PgStatus(CcxStatus::CCX_IN_SERVICE.0),
            (true, false) => PgStatus(CcxStatus::CCX_OUT_OF_SERVICE.0),
            (false, true) if !self.has_controller => PgStatus::PGS_CC_DOWN,
            (false, true) => PgStatus::EMPTY,
            (false, false) => PgStatus::PGS_PERIPHERAL_OFFLINE,
        }
    }

    /// The kinds of configuration that there are.
    pub(super) fn configuration(self) -> ConfigMask {
        if self.is_ccx() { ConfigMask(0x1f) } else { ConfigMask(0x3ff) }
    }

    /// What an agent logs in with.
    pub(super) fn login(self, agent: &'w Agent) -> Text<'w> {
        let number = agent.user.strip_prefix(USER).unwrap_or(&agent.user);
        if self.is_ccx() { agent.user.as_str().into() } else { number.into() }
    }

    /// The agent who logs in so.
    pub(super) fn agent_of_login(self, login: Text<'_>) -> Option<AgentKey> {
        let login = login.to_str().ok()?;
        // A login of the other product is unknown, and not another way to write one of this.
        let number = if self.is_ccx() { login.strip_prefix(USER)? } else { login };
        self.agent_by_number.get(number).copied()
    }

    /// State, reason and call at hand of an agent.
    pub(super) fn standing(self, agent: &Agent) -> Standing {
        if self.is_ccx() { agent.ccx } else { agent.standing }
    }

    /// The code of that reason.
    pub(super) fn reason(self, agent: &Agent) -> u16 {
        self.standing(agent).reason.code(self.product)
    }

    /// Numbers of a group as events give them: service number and ID, skill group number, ID.
    pub(super) fn numbers(self, group: Option<GroupKey>) -> [u32; 4] {
        let Some(group) = group else { return [NULL_SKILL_GROUP; 4] };
        let group = &self.groups[group];
        if self.is_ccx() {
            // Unified CCX has numbers only, and the IDs reserved.
            return [group.service_number, u32::MAX, group.number, u32::MAX];
        }
        [group.service_number, group.service_id, group.number, group.id]
    }

    /// The same of a call: of the service that it came for, and of the skill group that it is for.
    pub(super) fn numbers_of(self, call: &Call) -> [u32; 4] {
        let ([service_number, service_id, ..], [.., number, id]) =
            (self.numbers(call.group), self.numbers(call.skill_group()));
        [service_number, service_id, number, id]
    }

    /// What kind of call it is. Unified CCX has no pre-routed calls, calls a call to the outside so once it has left the
    /// switch, and reserves the kinds that only Unified CCE makes.
    pub(super) fn kind(self, call: &Call) -> CallType {
        match call.kind {
            kind if !self.is_ccx() => kind,
            CallType::CALLTYPE_PREROUTE_ACD_IN => CallType::CALLTYPE_ACD_IN,
            CallType::CALLTYPE_OUT if call.trunk.is_none() => CallType::CALLTYPE_AGENT_INSIDE,
            // There 34 is AGENT_OUTBOUND.
            CallType::CALLTYPE_AUTO_OUT => CallType::CUSTOMER_PREDICTIVE,
            CallType::CALLTYPE_SUPERVISOR_WHISPER => CallType::CALLTYPE_SUPERVISOR_MONITOR,
            kind => kind,
        }
    }

    /// Why something happens: Unified CCX reserves most causes.
    pub(super) fn cause(self, cause: EventCause) -> EventCause {
        match cause {
            cause if !self.is_ccx() => cause,
            EventCause::CECX_DROP_HANDLED_PRIMARY_ROUTE => EventCause::CECX_DROP_HANDLED_OTHER,
            cause if CCX_CAUSES.contains(&cause) => cause,
            _ => EventCause::CEC_NONE,
        }
    }

    /// What has become of the called party. Unified CCX reserves all but three.
    pub(super) fn disposition(self, call: &Call) -> DispositionCode {
        match call.disposition {
            disposition if !self.is_ccx() => disposition,
            DispositionCode::BLIND_TRANSFER => DispositionCode::REDIRECTED,
            DispositionCode::REDIRECTED | DispositionCode::ANNOUNCED_TRANSFER | DispositionCode::CONFERENCED => {
                call.disposition
            }
            _ => DispositionCode(0),
        }
    }

    /// The line that a call takes at a phone.
    pub(super) fn line(self, call: &Call, party: &Party) -> (u16, LineType) {
        if self.is_ccx() {
            let business = call.group.is_some();
            return (u16::MAX, if business { LineType::LINETYPE_UNKNOWN } else { LineType::LINETYPE_NON_ACD_IN });
        }
        if !matches!(party.end, End::Phone(_)) {
            // Ports and numbers outside have no lines.
            return (u16::MAX, LineType(u16::MAX));
        }
        let line_type = match call.kind {
            _ if party.role.is_silent() => LineType::LINETYPE_SILENT_MONITOR,
            CallType::CALLTYPE_ASSIST | CallType::CALLTYPE_EMERGENCY => LineType::LINETYPE_HELP,
            CallType::CALLTYPE_AGENT_INSIDE | CallType::CALLTYPE_CONSULT => LineType::LINETYPE_INSIDE,
            CallType::CALLTYPE_OUT | CallType::CALLTYPE_AGENT_OUT => LineType::LINETYPE_OUTBOUND,
            CallType::CALLTYPE_AUTO_OUT => LineType::LINETYPE_OUTBOUND_ACD,
            _ => LineType::LINETYPE_INBOUND_ACD,
        };
        (0, line_type)
    }
}

/// The causes that Unified CCX uses.
#[rustfmt::skip]
const CCX_CAUSES: [EventCause; 22] = [
    EventCause::CEC_ALTERNATE, EventCause::CEC_BUSY, EventCause::CEC_CALL_CANCELLED, EventCause::CEC_CALL_FORWARD,
    EventCause::CEC_CALL_NOT_ANSWERED, EventCause::CEC_DEST_NOT_OBTAINABLE, EventCause::CEC_INCOMPATIBLE_DESTINATION,
    EventCause::CEC_KEY_CONFERENCE, EventCause::CEC_NEW_CALL, EventCause::CEC_NO_AVAILABLE_AGENTS,
    EventCause::CEC_REDIRECTED, EventCause::CEC_TRANSFER, EventCause::CEC_TIME_OUT, EventCause::CEC_SUPERVISOR_ASSIST,
    EventCause::CEC_EMERGENCY_CALL, EventCause::CEC_SUPERVISOR_CLEAR, EventCause::CEC_SUPERVISOR_MONITOR,
    EventCause::CEC_SUPERVISOR_WHISPER, EventCause::CEC_SUPERVISOR_BARGE_IN, EventCause::CEC_SUPERVISOR_INTERCEPT,
    EventCause::CEC_CALL_PARTY_UPDATE_IND, EventCause::CECX_DROP_HANDLED_OTHER,
];
