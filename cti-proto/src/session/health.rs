//! The state of gateway and peripherals as one value, from OPEN_CONF and SYSTEM_EVENT.

use core::fmt;

use heapless::Vec;

use crate::value::{CcxStatus, PgStatus, SystemEventId};

/// Peripherals that can be remembered as offline. There are rarely more than a few on one gateway.
const MAX_OFFLINE: usize = 8;

/// How well the server can see the contact centre.
///
/// Guide: "Session Management", OPEN_CONF; "Miscellaneous Service", SYSTEM_EVENT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Health {
    pg_status: PgStatus,
    ccx: bool,
    peripheral_offline: bool,
    offline: Vec<u32, MAX_OFFLINE>,
}

impl Health {
    pub(super) fn new(ccx: bool, pg_status: PgStatus, peripheral_online: bool) -> Self {
        Self { pg_status, ccx, peripheral_offline: !peripheral_online, offline: Vec::new() }
    }

    /// Whether nothing is known to be wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.is_gateway_good() && self.offline.is_empty() && !self.peripheral_offline
    }

    /// State of the peripheral gateway; of Unified CCX, see [`PgStatus::ccx`].
    #[must_use]
    pub const fn pg_status(&self) -> PgStatus {
        self.pg_status
    }

    /// IDs of the peripherals that a SYSTEM_EVENT called offline; at most eight are remembered, and once these are
    /// online again the others are forgotten.
    #[must_use]
    pub fn offline_peripherals(&self) -> &[u32] {
        &self.offline
    }

    /// Unified CCX calls 0x400 in service, and 0 is what OPEN_CONF always says.
    fn is_gateway_good(&self) -> bool {
        self.pg_status.is_empty() || (self.ccx && self.pg_status.ccx() == CcxStatus::CCX_IN_SERVICE)
    }

    /// What a SYSTEM_EVENT says; its first argument names a peripheral where it is about one.
    pub(super) fn observe(&mut self, pg_status: PgStatus, event: SystemEventId, peripheral: u32) {
        self.pg_status = pg_status;
        match event {
            SystemEventId::SYS_PERIPHERAL_ONLINE => {
                self.offline.retain(|id| *id != peripheral);
                // OPEN_CONF says only that one is offline, not which: the next good word ends that.
                self.peripheral_offline &= !self.offline.is_empty();
            }
            SystemEventId::SYS_PERIPHERAL_OFFLINE if self.offline.iter().all(|id| *id != peripheral) => {
                // Beyond eight the flag alone says that something is offline.
                let _ = self.offline.push(peripheral);
                self.peripheral_offline = true;
            }
            _ => {}
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_good() {
            return f.write_str("good");
        }
        let mut separator = "";
        if !self.is_gateway_good() {
            match self.ccx {
                true => write!(f, "{}", self.pg_status.ccx())?,
                false => write!(f, "{}", self.pg_status)?,
            }
            separator = ", ";
        }
        for peripheral in &self.offline {
            write!(f, "{separator}peripheral {peripheral} offline")?;
            separator = ", ";
        }
        if self.peripheral_offline && self.offline.is_empty() {
            write!(f, "{separator}peripheral offline")?;
        }
        Ok(())
    }
}
