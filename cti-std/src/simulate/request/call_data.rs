//! Call Data Update, and the variables that go with it.

use cti_proto::message::*;
use cti_proto::value::{CallType, CallVariableMask, FailureStatus as Status, NULL_SERVICE, NULL_SKILL_GROUP};
use cti_proto::wire::{Bytes, List, NamedArray, NamedVariable, Text};

use super::{Ask, Outcome, check_known, named};
use crate::simulate::call::{CallData, CallId, Leg, Party};
use crate::simulate::floor::Floor;
use crate::simulate::session::VariableFilter;
use crate::simulate::sink::Sink;
use crate::simulate::world::{NAMED_ARRAYS, NAMED_VARIABLES};

/// Most bytes that named variables and arrays of a call take together. Guide: "BEGIN_CALL_EVENT",
/// NamedVariable.
const MOST_NAMED: usize = 2_000;
/// Most application paths whose data is kept; the one with the lowest number makes room.
const MOST_PATHS: usize = 1_000;
/// The named variable that belongs to the dialer: requests that name it get E_CTI_PROTECTED_VARIABLE.
const PROTECTED: &str = "BACampaign";

/// What a request says of call data.
pub(super) struct NewData<'r, 'a> {
    /// CallVariable1 to 10; those that are absent stay as they are.
    pub(super) variables: &'r CallVariables<'a>,
    pub(super) named: &'r List<'a, NamedVariable<'a>>,
    pub(super) arrays: &'r List<'a, NamedArray<'a>>,
    pub(super) wrapup: Option<Text<'a>>,
    pub(super) user_to_user: Option<Bytes<'a>>,
}

impl NewData<'_, '_> {
    /// Whether it says nothing at all.
    fn is_empty(&self) -> bool {
        self.variables.iter().next().is_none()
            && self.named.is_empty()
            && self.arrays.is_empty()
            && self.wrapup.is_none()
            && self.user_to_user.is_none()
    }
}

impl<S: Sink> Floor<'_, S> {
    /// Puts what a request says into call data, all of it or nothing.
    pub(super) fn apply(&self, data: &mut CallData, new: &NewData<'_, '_>) -> Outcome {
        check_names(new.named, new.arrays)?;
        if new.named.iter().any(|variable| variable.name == PROTECTED) {
            return Err(Status::E_CTI_PROTECTED_VARIABLE.into());
        }
        // On a copy: too much is found out only when everything is in.
        let mut changed = data.clone();
        for (number, value) in new.variables.iter() {
            changed.variables[number - 1] = Some(value.to_string());
        }
        for variable in new.named.iter() {
            changed.set_named(&variable.name.to_string(), &variable.value.to_string());
        }
        for element in new.arrays.iter() {
            changed.set_array(&element.name.to_string(), element.index, &element.value.to_string());
        }
        if let Some(wrapup) = new.wrapup {
            changed.wrapup = Some(wrapup.to_string());
        }
        if let Some(user_to_user) = new.user_to_user {
            changed.user_to_user = user_to_user.0.to_vec();
        }
        // As they take room in a message: with the ends of the texts, and the index of an element.
        let named: usize = changed.named.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        let arrays: usize = changed.arrays.iter().map(|(name, _, value)| name.len() + value.len() + 3).sum();
        if named + arrays > MOST_NAMED {
            return Err(Status::E_CTI_TOO_MUCH_DATA.into());
        }
        *data = changed;
        Ok(())
    }

    /// The same for the call of a connection, telling what has changed.
    pub(super) fn change_data(&mut self, leg: Leg, new: &NewData<'_, '_>) -> Outcome {
        // Else every request that may bring data would tell all of it again.
        if new.is_empty() {
            return Ok(());
        }
        let mut data = self.world.calls.get(&leg.0).map(|call| call.data.clone()).unwrap_or_default();
        self.apply(&mut data, new)?;
        if let Some(call) = self.world.calls.get_mut(&leg.0) {
            call.data = data;
        }
        self.tell_data(leg.0);
        Ok(())
    }

    /// SET_CALL_DATA_REQ: for a call of one's own, or up to two minutes after it.
    /// E_CTI_NOT_CALL_PARTY for calls of others, E_CTI_INVALID_CALLID for those that are not there (any more).
    pub(super) fn set_call_data(&mut self, ask: Ask, request: &SetCallDataReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        // Both 0 and all ones leave it as it is.
        if request.call_type != CallType::NULL_CALLTYPE
            && request.call_type.name().is_none()
            && request.call_type.0 != 0
        {
            return Err(Status::E_CTI_INVALID_CALL_TYPE.into());
        }
        if request.called_party_disposition.0 != 0 {
            check_known!(request.called_party_disposition => E_CTI_CALLED_PARTY_DISPOSITION);
        }
        let new = NewData {
            variables: &request.call_variables,
            named: &request.named_variables,
            arrays: &request.named_arrays,
            wrapup: request.call_wrapup_data,
            user_to_user: request.user_to_user_info,
        };
        let device = request.connection_device_id.map(|device| device.to_string()).unwrap_or_default();
        let call = CallId(request.connection_call_id);
        if !self.world.calls.contains_key(&call) {
            // Wrap-up mostly comes when the call is over.
            return self.set_late_data(ask, (call, device), &new);
        }
        let leg = self.connection(named!(request.connection));
        // This service has no codes of Client Control: whatever is wrong with the connection, the device is none of the call.
        let leg = leg.map_err(|_| Status::E_CTI_NOT_CALL_PARTY)?;
        self.check_party(ask, leg)?;
        let mut data = self.world.calls.get(&call).map(|call| call.data.clone()).unwrap_or_default();
        self.apply(&mut data, &new)?;
        let text = |text: Text<'_>| text.to_string();
        data.ani = request.ani.map_or(data.ani, text);
        data.digits = request.caller_entered_digits.map_or(data.digits, text);
        data.customer_phone = request.customer_phone_number.map(text).or(data.customer_phone);
        data.customer_account = request.customer_account_number.map(text).or(data.customer_account);
        let key =
            (request.router_call_key_day, request.router_call_key_call_id, request.router_call_key_sequence_number);
        if let (Some(day), Some(number), sequence) = key {
            data.key = Some((day, number, sequence.unwrap_or_default()));
        }
        if let Some(entry) = self.world.calls.get_mut(&call) {
            entry.data = data;
            if !matches!(request.call_type, CallType::NULL_CALLTYPE | CallType(0)) {
                entry.kind = request.call_type;
            }
            if request.called_party_disposition.0 != 0 {
                entry.disposition = request.called_party_disposition;
            }
        }
        let phone = self.world.party(leg).and_then(Party::phone);
        self.out.confirm(ask.session, ask.request, &SetCallDataConf::default());
        self.tell_data(call);
        if let Some(phone) = phone {
            // The kind of a call decides on the state of its agent on Unified CCX.
            self.settle_phone(phone);
        }
        Ok(())
    }

    /// Wrap-up data may follow for a while after the call.
    fn set_late_data(&mut self, ask: Ask, leg: (CallId, String), new: &NewData<'_, '_>) -> Outcome {
        let known = self.world.ended.get(&leg.0).and_then(|devices| devices.get(&leg.1));
        let mut data = known.cloned().ok_or(Status::E_CTI_INVALID_CALLID)?;
        let phone = self.world.phone_of_extension(&leg.1);
        if self.session(ask)?.phone.is_some_and(|own| Some(own) != phone) {
            return Err(Status::E_CTI_NOT_CALL_PARTY.into());
        }
        self.apply(&mut data, new)?;
        if let Some(agent) = phone.and_then(|phone| self.world.agent_at(phone)) {
            // Given once it counts, whatever is changed afterwards.
            self.world.agents[agent].has_wrapup |= data.wrapup.is_some();
        }
        self.world.ended.entry(leg.0).or_default().insert(leg.1, data);
        self.out.confirm(ask.session, ask.request, &SetCallDataConf::default());
        Ok(())
    }

    /// A client of the Client Events service changes the data of its own calls only.
    fn check_party(&self, ask: Ask, leg: Leg) -> Outcome {
        // A client of all events is bound to no phone, and may change the data of any call.
        let own = self.session(ask)?.phone;
        let is_in = |phone| {
            let call = self.world.calls.get(&leg.0);
            call.is_some_and(|call| call.parties.iter().any(|party| party.phone() == Some(phone)))
        };
        if own.is_none_or(is_in) { Ok(()) } else { Err(Status::E_CTI_NOT_CALL_PARTY.into()) }
    }

    /// RELEASE_CALL_REQ: no more data will follow the call.
    pub(super) fn release_call(&mut self, ask: Ask, request: &ReleaseCallReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        let device = request.connection_device_id.map(|device| device.to_string()).unwrap_or_default();
        let call = CallId(request.connection_call_id);
        if self.world.calls.contains_key(&call) {
            let leg = self.connection(named!(request.connection));
            let leg = leg.map_err(|_| Status::E_CTI_NOT_CALL_PARTY)?;
            self.check_party(ask, leg)?;
        } else {
            // From now on nothing follows the call any more.
            let devices = self.world.ended.get_mut(&call).ok_or(Status::E_CTI_INVALID_CALLID)?;
            devices.remove(&device).ok_or(Status::E_CTI_INVALID_CALLID)?;
        }
        self.out.confirm(ask.session, ask.request, &ReleaseCallConf::default());
        Ok(())
    }

    /// SET_DEVICE_ATTRIBUTES_REQ: defaults for the calls of a phone; every phone is in the dialer's port map here.
    pub(super) fn set_device_attributes(&mut self, ask: Ask, request: &SetDeviceAttributesReq<'_>) -> Outcome {
        self.check_peripheral(ask, request.peripheral_id)?;
        let device = request.calling_device_id.and_then(|device| device.to_str().ok());
        let device = device.filter(|device| self.world.phone_of_extension(device).is_some());
        let device = device.ok_or(Status::E_CTI_INVALID_DEVICE)?.to_owned();
        // Number and ID must be of one group; either may be left out.
        let find = |number: u32, id: u32| {
            let group = self.world.groups.find(|group| {
                (number == NULL_SKILL_GROUP || group.number == number) && (id == NULL_SKILL_GROUP || group.id == id)
            });
            (number != NULL_SKILL_GROUP || id != NULL_SKILL_GROUP).then_some(group)
        };
        let known = |number: u32| self.world.groups.iter().any(|group| group.number == number);
        let group = match find(request.skill_group_number, request.skill_group_id) {
            None => None,
            Some(Some(group)) => Some(group),
            Some(None) if known(request.skill_group_number) => return Err(Status::E_CTI_SKILL_GROUP_CONFLICT.into()),
            Some(None) => return Err(Status::E_CTI_INVALID_SKILL_GROUP.into()),
        };
        if request.service_number != NULL_SERVICE {
            let service = self.world.groups.iter().find(|group| group.service_number == request.service_number);
            let service = service.ok_or(Status::E_CTI_INVALID_SERVICE)?;
            if request.service_id != NULL_SERVICE && service.service_id != request.service_id {
                return Err(Status::E_CTI_SERVICE_CONFLICT.into());
            }
        }
        if request.call_type.name().is_none() {
            return Err(Status::E_CTI_INVALID_CALL_TYPE.into());
        }
        self.world.device_attributes.insert(device, (group, request.call_type));
        self.out.confirm(ask.session, ask.request, &SetDeviceAttributesConf::default());
        Ok(())
    }

    /// SET_APP_DATA_REQ: kept by application path.
    pub(super) fn set_app_data(&mut self, ask: Ask, request: &SetAppDataReq<'_>) -> Outcome {
        let path = request.application_path_id.ok_or(Status::E_CTI_REQUIRED_DATA_MISSING)?;
        // Any number is a path, so that there has to be an end to them.
        let data = &mut self.world.application_data;
        if data.len() >= MOST_PATHS && !data.contains_key(&path) {
            data.pop_first();
        }
        let variables = data.entry(path).or_default();
        for (number, value) in request.call_variables.iter() {
            variables[number - 1] = Some(value.to_string());
        }
        self.out.confirm(ask.session, ask.request, &SetAppDataConf::default());
        Ok(())
    }

    /// REGISTER_VARIABLES_REQ: from now on the client gets these variables only.
    pub(super) fn register_variables(&mut self, ask: Ask, request: &RegisterVariablesReq<'_>) -> Outcome {
        check_names(&request.named_variables, &request.named_arrays)?;
        if !request.call_variable_mask.without(CallVariableMask::ALL).is_empty() {
            return Err(Status::E_CTI_INVALID_CALL_VARIABLE_MASK.into());
        }
        let named = request.named_variables.iter().map(|variable| variable.name.to_string());
        let arrays = request.named_arrays.iter().map(|element| element.name.to_string());
        let filter = VariableFilter { mask: request.call_variable_mask, named: named.chain(arrays).collect() };
        if let Some(session) = self.world.sessions.get_mut(&ask.session) {
            session.variables = Some(filter);
        }
        // From now on there may be several audiences for an event.
        self.world.note_bridges();
        self.out.confirm(ask.session, ask.request, &RegisterVariablesConf::default());
        Ok(())
    }

    /// What an agent thinks of the answers that were suggested.
    pub(super) fn set_agent_service_data(&mut self, ask: Ask, request: &SetAgentServiceDataReq<'_>) -> Outcome {
        let agent = self.world.agents.find(|agent| agent.id == request.agent_skill_target_id);
        let agent = agent.ok_or(Status::E_CTI_INVALID_AGENT_DATA)?;
        let rated = &mut self.world.agents[agent].answers_rated;
        let [good, bad] = [request.num_positive_answers_suggestions, request.num_negative_answers_suggestions];
        // Sums over a login without an end: saturating, since clients choose the numbers.
        rated.0 = rated.0.saturating_add(u32::from(good.unwrap_or_default()));
        rated.1 = rated.1.saturating_add(u32::from(bad.unwrap_or_default()));
        self.out.confirm(ask.session, ask.request, &SetAgentServiceDataConf::default());
        Ok(())
    }
}

/// The contact centre must have all named variables and arrays that a request names.
fn check_names(named: &List<'_, NamedVariable<'_>>, arrays: &List<'_, NamedArray<'_>>) -> Outcome {
    let find_array = |name: Text<'_>| NAMED_ARRAYS.iter().find(|(known, _)| name == *known);
    for variable in named.iter() {
        if find_array(variable.name).is_some() {
            return Err(Status::E_CTI_SCALAR_FUNCTION_ON_ARRAY.into());
        }
        if !NAMED_VARIABLES.iter().any(|name| variable.name == *name) {
            return Err(Status::E_CTI_NAMED_VARIABLE_NOT_CONFIGURED.into());
        }
    }
    for element in arrays.iter() {
        let size = match find_array(element.name) {
            Some((_, size)) => *size,
            None if NAMED_VARIABLES.iter().any(|name| element.name == *name) => {
                return Err(Status::E_CTI_ARRAY_FUNCTION_ON_SCALAR.into());
            }
            None => return Err(Status::E_CTI_NAMED_ARRAY_NOT_CONFIGURED.into()),
        };
        if element.index >= size {
            return Err(Status::E_CTI_INVALID_ARRAY_INDEX.into());
        }
    }
    Ok(())
}
