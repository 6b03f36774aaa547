//! Snapshots: a call with its devices, a device with its calls.

use cti_proto::message::*;
use cti_proto::value::{
    ConnectionDeviceIdType, ControlFailureCode as Code, CtiService, DispositionCode, SilentMonitorStatus,
};
use cti_proto::wire::{Bytes, List, Text};

use super::{Ask, Outcome, check_known, named};
use crate::simulate::call::{Leg, some};
use crate::simulate::floor::Floor;
use crate::simulate::sink::Sink;
use crate::simulate::tell::clients;
use crate::simulate::world::VOICE;

impl<S: Sink> Floor<'_, S> {
    /// SNAPSHOT_CALL_REQ: CF_AGENT_NOT_PARTY_ON_CALL for calls that are none of the agent's.
    pub(super) fn snapshot_call(&mut self, ask: Ask, request: &SnapshotCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let leg = self.connection(named!(request.connection))?;
        let own = self.session(ask)?.phone.filter(|_| !self.sees_all(ask));
        // It was found a moment ago.
        let Some(call) = self.world.calls.get(&leg.0) else { return Ok(()) };
        if own.is_some_and(|own| !call.parties.iter().any(|party| party.phone() == Some(own))) {
            return Err(Code::CF_AGENT_NOT_PARTY_ON_CALL.into());
        }
        let world = self.shown(ask);
        // Variables that the client has not registered are kept from it here, too.
        let filter = self.session(ask)?.variables.as_ref();
        let view = call.data.view(filter);
        let clients = clients(call);
        let parties = call.parties.iter().filter(|party| !party.is_hidden).take(16);
        let devices: Vec<_> = parties
            .map(|party| CallDevice {
                call_id: call.id.0,
                connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                connection_device_id: party.text(),
                device_type: party.device_type(),
                device_id: party.text(),
                state: party.state,
            })
            .collect();
        let origin = call.consults_for.map(|(origin, phone)| (origin, &self.world.phones[phone]));
        let confirmation = SnapshotCallConf {
            call_type: world.kind(call),
            // Unified CCX has it reserved.
            called_party_disposition: if world.is_ccx() { DispositionCode(0) } else { call.disposition },
            mrd_id: if world.is_ccx() { 0 } else { VOICE },
            ani: some(&call.data.ani),
            user_to_user_info: (!call.data.user_to_user.is_empty()).then_some(Bytes(&call.data.user_to_user)),
            dnis: some(&call.data.dnis),
            dialed_number: some(&call.data.dialed_number),
            caller_entered_digits: some(&call.data.digits),
            router_call_key_day: call.data.key.map(|key| key.0),
            router_call_key_call_id: call.data.key.map(|key| key.1),
            call_wrapup_data: call.data.wrapup.as_deref().map(Text::from),
            call_reference_id: Some(Bytes(&call.reference)),
            coc_connection_call_id: origin.map(|(call, _)| call.0),
            coc_call_connection_device_id_type: origin.map(|_| ConnectionDeviceIdType::CONNECTION_ID_STATIC),
            coc_call_connection_device_id: origin.map(|(_, phone)| phone.extension.as_str().into()),
            call_variables: view.variables,
            named_variables: List::new(&view.named),
            named_arrays: List::new(&view.arrays),
            cti_clients: List::new(&clients),
            call_devices: List::new(&devices),
            ..SnapshotCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// Whether calls of others are the client's business.
    fn sees_all(&self, ask: Ask) -> bool {
        self.session(ask).is_ok_and(|session| session.services.contains(CtiService::CTI_SERVICE_ALL_EVENTS))
    }

    /// SNAPSHOT_DEVICE_REQ: phones, ports, and what waits at a route point.
    pub(super) fn snapshot_device(&mut self, ask: Ask, request: &SnapshotDeviceReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        check_known!(request.snapshot_device_type => E_CTI_INVALID_DEVICE_ID_TYPE);
        let device = request.agent_instrument.and_then(|device| device.to_str().ok()).unwrap_or_default().to_owned();
        let phone = self.world.phone_of_extension(&device);
        if let Some(phone) = phone {
            self.may_control(ask, phone)?;
        }
        let legs = match phone {
            Some(phone) => self.world.phones[phone].legs.clone(),
            None if self.world.group_of_number(&device).is_some() || self.world.is_port(&device) => {
                self.legs_at(&device)
            }
            None => return Err(Code::CF_INVALID_CSTA_DEVICE_IDENTIFIER.into()),
        };
        // As many as the message has room for.
        let legs: Vec<Leg> = legs.into_iter().take(16).collect();
        let calls: Vec<_> = legs
            .iter()
            .filter_map(|leg| {
                let party = self.world.party(*leg)?;
                let is_target = self.world.listeners.get(leg).is_some_and(|listeners| !listeners.is_empty());
                let status = if is_target {
                    SilentMonitorStatus::SILENT_MONITOR_TARGET
                } else {
                    party.role.silent_monitor_status()
                };
                Some(DeviceCall {
                    call_id: leg.0.0,
                    connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
                    connection_device_id: party.text(),
                    state: party.state,
                    silent_monitor_status: Some(status),
                })
            })
            .collect();
        let confirmation = SnapshotDeviceConf { calls: List::new(&calls), ..SnapshotDeviceConf::default() };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// The calls of a port, or those that wait behind a route point.
    fn legs_at(&self, device: &str) -> Vec<Leg> {
        if let Some(group) = self.world.group_of_number(device) {
            // As many as a message has room for.
            let queued = self.world.groups[group].queue.iter().take(16);
            return queued
                .filter_map(|(_, call)| {
                    let call = self.world.calls.get(call)?;
                    let port = call.parties.iter().find(|party| party.is_leg() && party.phone().is_none())?;
                    Some((call.id, port.id))
                })
                .collect();
        }
        let calls = self.world.calls.values();
        let legs = calls.filter_map(|call| {
            let party = call.parties.iter().find(|party| party.device == device)?;
            Some((call.id, party.id))
        });
        legs.take(16).collect()
    }
}
