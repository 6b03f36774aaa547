//! Snapshots: what the server says is there.

use crate::error::DecodeError;
use crate::message::{CallDevice, DeviceCall, SnapshotDeviceConf};
use crate::session::Instant;
use crate::track::call::data::Named;
use crate::track::call::parties::{Device, To};
use crate::track::call::{CallChanges, CallEnd, CallTracker, Id, Observed, RouterCallKey, count};
use crate::track::handle::Spot;
use crate::track::told::Told;
use crate::value::{ConnectionDeviceIdType, DeviceIdType, LocalConnectionState};
use crate::wire::{Elements, Frame, Text};

/// Calls at a device that a snapshot can list.
const MOST_CALLS: usize = crate::value::MAX_NUM_CALLS;

impl CallTracker<'_> {
    /// Sets the call that the devices of the snapshot are in. A snapshot without devices names no call.
    pub(super) fn snapshot_call(&mut self, told: &Told<'_>) {
        let devices = told.items::<CallDevice<'_>>();
        let (mut named, mut first) = (None, None);
        for device in devices.clone() {
            let id = Id::new(device.call_id, device.connection_device_id_type, Some(device.connection_device_id));
            named = named.or_else(|| self.exactly(&id));
            first = first.or(Some(id).filter(|id| !id.is_null()));
        }
        let Some(first) = first else {
            count(&mut self.counts.unknown);
            return;
        };
        let Some(spot) = named.or_else(|| self.meant_or_new(&first, 0)) else { return };
        if self.is_late(spot) {
            return;
        }
        self.hear(spot);
        let known = self.calls.look(spot).map_or(0, |entry| entry.key.sequence_number);
        // The confirmation has two parts of the key only.
        let key = RouterCallKey::of(told).map(|key| RouterCallKey { sequence_number: known, ..key });
        self.complete(spot, told, key, CallChanges::ATTRIBUTES);
        self.store(spot, told, Named::All);
        self.take_devices(spot, devices);
        if let Some(origins) = self.origins {
            (origins.take)(self, spot, told);
        }
    }

    fn take_devices(&mut self, spot: Spot, listed: Elements<'_, CallDevice<'_>>) {
        let mut is_queued = false;
        self.expect_list(spot);
        for device in listed {
            let id = if device.device_id.is_empty() { device.connection_device_id } else { device.device_id };
            self.take_device(spot, &Device::new(Some(id), device.device_type), device.state);
            is_queued |= device.state == LocalConnectionState::LCS_QUEUED;
        }
        self.leave_unlisted(spot);
        if !is_queued {
            self.leave_queues(spot);
        }
        self.restage(spot);
    }

    /// Sets a device that is listed, if it is in the call.
    fn take_device(&mut self, spot: Spot, device: &Device<'_>, state: LocalConnectionState) {
        if !matches!(state, LocalConnectionState::LCS_NULL | LocalConnectionState::LCS_NONE) {
            self.set_party(spot, device, To::state(state));
        }
    }

    /// Takes up the calls of the list, each with the device that it names, in its state.
    pub(super) fn snapshot_device(&mut self, told: &Told<'_>) {
        for call in told.items::<DeviceCall<'_>>() {
            let id = Id::new(call.call_id, call.connection_device_id_type, Some(call.connection_device_id));
            let is_static = id.device_type == ConnectionDeviceIdType::CONNECTION_ID_STATIC;
            self.take_call(&id, if is_static { id.device } else { &[] }, call.state);
        }
    }

    fn take_call(&mut self, id: &Id<'_>, device: &[u8], state: LocalConnectionState) -> Option<Spot> {
        let spot = self.meant_or_new(id, 0)?;
        if self.is_late(spot) {
            return None;
        }
        self.hear(spot);
        self.take_device(spot, &Device { id: device, kind: DeviceIdType::DEVID_NONE }, state);
        self.restage(spot);
        Some(spot)
    }

    /// Makes the calls of a device what a SNAPSHOT_DEVICE_CONF says: the application knows which device it asked about,
    /// and the confirmation does not say. Calls that are not listed lose the device; one that nobody is left in ends
    /// ([`CallEnd::Gone`]).
    ///
    /// # Errors
    /// [`DecodeError`] if the frame is no whole SNAPSHOT_DEVICE_CONF.
    pub fn reconcile_device(
        &mut self,
        now: Instant,
        device: Text<'_>,
        frame: &Frame<'_>,
    ) -> Result<Observed, DecodeError> {
        let conf = frame.decode::<SnapshotDeviceConf<'_>>()?;
        self.now = self.now.max(now);
        let before = self.calls.marks();
        let mut listed = [None; MOST_CALLS];
        for (place, call) in listed.iter_mut().zip(conf.calls) {
            let id = Id::new(call.call_id, call.connection_device_id_type, Some(call.connection_device_id));
            *place = self.take_call(&id, device.as_bytes(), call.state);
        }
        self.leave_others(device, &listed);
        Ok(if self.calls.marks() == before { Observed::Unchanged } else { Observed::Changed })
    }

    fn leave_others(&mut self, device: Text<'_>, listed: &[Option<Spot>]) {
        for _ in 0..self.calls.len() {
            let other =
                self.at_device(device).map(|call| call.handle().spot()).find(|call| !listed.contains(&Some(*call)));
            let Some(spot) = other else { return };
            self.leave(spot, device.as_bytes());
            self.restage(spot);
            if self.calls.look(spot).is_some_and(|entry| entry.parties.is_none()) {
                count(&mut self.counts.gone);
                self.end(spot, CallEnd::Gone);
            }
        }
    }
}
