//! Client Control: calls.

use cti_proto::message::*;
use cti_proto::value::{
    CallMannerType, CallType, ConnectionDeviceIdType, ControlFailureCode as Code, DeviceIdType, EventCause,
    FailureStatus as Status, LineType, LocalConnectionState as State, NULL_CALL_ID, NULL_SKILL_GROUP,
};
use cti_proto::wire::{List, Text};

use super::call_data::NewData;
use super::{Ask, Named, Outcome, Refusal, check_known, named};
use crate::simulate::call::{CallData, End, Ending, Leg, Party};
use crate::simulate::floor::Floor;
use crate::simulate::sink::Sink;
use crate::simulate::table::{GroupKey, PhoneKey};
use crate::simulate::talk::{Destination, Dial};
use crate::simulate::tell::connected_parties;

/// How a call is to be placed, of the four requests that place one.
macro_rules! check_placement {
    ($request:expr) => {
        check_known! {
            $request.call_placement_type => E_CTI_INVALID_CALL_PLACEMENT_TYPE,
            $request.call_manner_type => E_CTI_INVALID_CALL_MANNER_TYPE,
            $request.call_option => E_CTI_INVALID_CALL_OPTION,
            $request.facility_type => E_CTI_INVALID_FACILITY_TYPE,
            $request.answering_machine => E_CTI_INVALID_ANSWERING_MACHINE,
        }
    };
}

/// What a request says of the data of the call that it makes.
macro_rules! new_data {
    ($request:expr) => {
        NewData {
            variables: &$request.call_variables,
            named: &$request.named_variables,
            arrays: &$request.named_arrays,
            wrapup: $request.call_wrapup_data,
            user_to_user: $request.user_to_user_info,
        }
    };
}

impl<S: Sink> Floor<'_, S> {
    /// State of a leg; none if it is gone.
    fn state(&self, leg: Leg) -> State {
        self.world.party(leg).map_or(State::LCS_NULL, |party| party.state)
    }

    /// A leg must be in this state.
    fn expect(&self, leg: Leg, state: State, code: Code) -> Outcome {
        if self.state(leg) == state { Ok(()) } else { Err(code.into()) }
    }

    /// No call of the phone may be talked.
    fn expect_idle(&self, phone: PhoneKey) -> Outcome {
        match self.active_leg(phone) {
            Some(_) => Err(Code::CF_GENERIC_STATE_INCOMPATIBILITY.into()),
            None => Ok(()),
        }
    }

    /// ANSWER_CALL_REQ: the call that rings is answered; without a call ID, whichever rings at the device.
    /// CF_NO_CALL_TO_ANSWER where none rings. A phone that has a call already is busy, so that no other rings there.
    pub(super) fn answer_call(&mut self, ask: Ask, request: &AnswerCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        // Desktops leave the device empty as often as out.
        let device = request.connection_device_id.filter(|device| !device.is_empty()).or(request.agent_instrument);
        let named = Named {
            call: request.connection_call_id,
            device_type: request.connection_device_id_type,
            device,
            instrument: request.agent_instrument,
        };
        let (leg, phone) = if request.connection_call_id == NULL_CALL_ID {
            // Simple clients know their device and nothing of calls.
            self.alerting(ask, device)?
        } else {
            self.controlled(ask, named)?
        };
        self.expect(leg, State::LCS_ALERTING, Code::CF_NO_CALL_TO_ANSWER)?;
        self.take_over(ask, phone);
        self.out.confirm(ask.session, ask.request, &AnswerCallConf::default());
        self.answer(leg);
        Ok(())
    }

    /// The call that rings at a device.
    fn alerting(&self, ask: Ask, device: Option<Text<'_>>) -> Result<(Leg, PhoneKey), Refusal> {
        let own = self.session(ask)?.phone;
        let named = device.map(|device| {
            let phone = device.to_str().ok().and_then(|device| self.world.phone_of_extension(device));
            phone.ok_or(Code::CF_INVALID_ANSWERING_DEVICE_SPECIFIED)
        });
        let phone = named.transpose()?.or(own).ok_or(Status::E_CTI_REQUIRED_DATA_MISSING)?;
        self.may_control(ask, phone)?;
        let mut legs = self.world.phones[phone].legs.iter().copied();
        let leg = legs.find(|leg| self.state(*leg) == State::LCS_ALERTING).ok_or(Code::CF_NO_CALL_TO_ANSWER)?;
        Ok((leg, phone))
    }

    /// CLEAR_CALL_REQ: the whole call ends, for everybody. A call that only rings is not cleared (CF_NO_CALL_TO_CLEAR).
    pub(super) fn clear_call(&mut self, ask: Ask, request: &ClearCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, phone) = self.controlled(ask, named!(request.connection, request.agent_instrument))?;
        // Who lets it ring has no part in it yet: the call of the others must not end for that.
        if self.state(leg) == State::LCS_ALERTING {
            return Err(Code::CF_NO_CALL_TO_CLEAR.into());
        }
        self.take_over(ask, phone);
        self.out.confirm(ask.session, ask.request, &ClearCallConf::default());
        let ending = Ending::hung_up();
        self.end_call(leg.0, leg.1, ending);
        Ok(())
    }

    /// CLEAR_CONNECTION_REQ: one device leaves; whoever names a requesting device that is in the call may drop any party.
    /// CF_DROP_ANY_PARTY_NOT_ENABLED_CTI for a party outside without one, CF_NO_CONNECTION_TO_CLEAR for a call that rings.
    pub(super) fn clear_connection(&mut self, ask: Ask, request: &ClearConnectionReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let named = named!(request.connection, request.agent_instrument);
        let leg = self.connection(named)?;
        let phone = self.world.party(leg).and_then(Party::phone);
        let by = match (request.requesting_device_id, phone) {
            (Some(device), _) => self.requester(ask, leg, device)?,
            (None, Some(phone)) => phone,
            (None, None) => return Err(Code::CF_DROP_ANY_PARTY_NOT_ENABLED_CTI.into()),
        };
        self.may_control(ask, by)?;
        if phone == Some(by) && self.state(leg) == State::LCS_ALERTING {
            return Err(Code::CF_NO_CONNECTION_TO_CLEAR.into());
        }
        self.take_over(ask, by);
        self.out.confirm(ask.session, ask.request, &ClearConnectionConf::default());
        let ending = Ending::hung_up();
        self.hang_up(leg, ending);
        Ok(())
    }

    /// The phone that wants another party out of a conference: it must be in it.
    fn requester(&self, ask: Ask, leg: Leg, device: Text<'_>) -> Result<PhoneKey, Refusal> {
        let phone = device.to_str().ok().and_then(|device| self.world.phone_of_extension(device));
        let phone = phone.ok_or(Code::CF_INVALID_CSTA_DEVICE_IDENTIFIER)?;
        self.may_control(ask, phone)?;
        let call = self.world.calls.get(&leg.0);
        if call.is_none_or(|call| call.at(End::Phone(phone)).is_none()) {
            return Err(Code::CF_AGENT_NOT_PARTY_ON_CALL.into());
        }
        Ok(phone)
    }

    /// HOLD_CALL_REQ: CF_NO_ACTIVE_CALL unless the call is talked.
    pub(super) fn hold_call(&mut self, ask: Ask, request: &HoldCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, phone) = self.controlled(ask, named!(request.connection, request.agent_instrument))?;
        self.expect(leg, State::LCS_CONNECT, Code::CF_NO_ACTIVE_CALL)?;
        self.take_over(ask, phone);
        self.out.confirm(ask.session, ask.request, &HoldCallConf::default());
        self.hold(leg, EventCause::CEC_NONE);
        Ok(())
    }

    /// RETRIEVE_CALL_REQ: CF_NO_HELD_CALL unless the call is held, CF_GENERIC_STATE_INCOMPATIBILITY while another is talked.
    pub(super) fn retrieve_call(&mut self, ask: Ask, request: &RetrieveCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, phone) = self.controlled(ask, named!(request.held_connection, request.agent_instrument))?;
        self.expect(leg, State::LCS_HOLD, Code::CF_NO_HELD_CALL)?;
        self.expect_idle(phone)?;
        self.take_over(ask, phone);
        self.out.confirm(ask.session, ask.request, &RetrieveCallConf::default());
        self.retrieve(leg, EventCause::CEC_NONE);
        Ok(())
    }

    /// ALTERNATE_CALL_REQ: the active call is held, and the other one retrieved or answered.
    pub(super) fn alternate_call(&mut self, ask: Ask, request: &AlternateCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (active, phone) = self.controlled(ask, named!(request.active_connection, request.agent_instrument))?;
        let (other, _) = self.controlled(ask, named!(request.other_connection, request.agent_instrument))?;
        self.expect(active, State::LCS_CONNECT, Code::CF_NO_ACTIVE_CALL)?;
        let state = self.state(other);
        if !matches!(state, State::LCS_HOLD | State::LCS_ALERTING) || !self.world.phones[phone].legs.contains(&other) {
            return Err(Code::CF_NO_HELD_CALL.into());
        }
        self.take_over(ask, phone);
        self.out.confirm(ask.session, ask.request, &AlternateCallConf::default());
        // The active one first: a phone talks in one call at a time.
        self.hold(active, EventCause::CEC_ALTERNATE);
        match state {
            State::LCS_HOLD => self.retrieve(other, EventCause::CEC_ALTERNATE),
            _ => self.answer(other),
        }
        Ok(())
    }

    /// RECONNECT_CALL_REQ: the active call is left, and the held one retrieved.
    pub(super) fn reconnect_call(&mut self, ask: Ask, request: &ReconnectCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (active, phone) = self.controlled(ask, named!(request.active_connection, request.agent_instrument))?;
        let (held, _) = self.controlled(ask, named!(request.held_connection, request.agent_instrument))?;
        if self.active_leg(phone) != Some(active) {
            return Err(Code::CF_NO_ACTIVE_CALL.into());
        }
        self.expect(held, State::LCS_HOLD, Code::CF_NO_HELD_CALL)?;
        if !self.world.phones[phone].legs.contains(&held) {
            return Err(Code::CF_NO_HELD_CALL.into());
        }
        self.take_over(ask, phone);
        self.out.confirm(ask.session, ask.request, &ReconnectCallConf::default());
        let ending = Ending::hung_up();
        // In this order, for the same reason as when calls are alternated.
        self.hang_up(active, ending);
        self.retrieve(held, EventCause::CEC_NONE);
        Ok(())
    }

    /// MAKE_CALL_REQ: a call from the agent's phone. A number that leads nowhere, or is busy, makes a call that fails; what
    /// cannot be dialed at all is refused (CF_INVALID_CALLED_DEVICE). The defaults of SET_DEVICE_ATTRIBUTES_REQ apply.
    pub(super) fn make_call(&mut self, ask: Ask, request: &MakeCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        check_placement!(request);
        let (phone, _) = self.instrument(ask, request.agent_instrument)?;
        let group = self.group_of_request(request.skill_group_number)?;
        let number = self.dialed(request.dialed_number, request.post_route)?;
        let mut data = CallData::default();
        self.apply(&mut data, &new_data!(request))?;
        // Whatever is in the way is cleared; otherwise it refuses the request.
        if request.call_manner_type == CallMannerType::CMT_BELLIGERENT
            && let Some(leg) = self.active_leg(phone)
        {
            let ending = Ending::hung_up();
            self.hang_up(leg, ending);
        }
        self.expect_idle(phone)?;
        if self.world.phones[phone].legs.iter().any(|leg| self.state(*leg) == State::LCS_ALERTING) {
            return Err(Code::CF_GENERIC_STATE_INCOMPATIBILITY.into());
        }
        self.take_over(ask, phone);
        // Before it is routed, which may make another kind of it.
        let outside = self.destination(&number) == Destination::Outside;
        let kind = if outside { CallType::CALLTYPE_OUT } else { CallType::CALLTYPE_AGENT_INSIDE };
        let extension = self.world.phones[phone].extension.clone();
        let defaults = self.world.device_attributes.get(&extension).copied();
        // What the request says counts before the defaults of the device.
        let (group, kind) = match defaults {
            Some((default, default_kind)) if default_kind != CallType::NULL_CALLTYPE => {
                (group.or(default), default_kind)
            }
            Some((default, _)) => (group.or(default), kind),
            None => (group, kind),
        };
        let dial = Dial { kind, number: &number, data, group, consults_for: None, cause: EventCause::CEC_NONE };
        let leg = self.dial(phone, dial);
        let (line_handle, line_type) = self.line_of(ask, leg);
        let confirmation = MakeCallConf {
            new_connection_call_id: leg.0.0,
            new_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            line_handle,
            line_type,
            new_connection_device_id: Some(extension.as_str().into()),
            ..MakeCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// The skill group that a request names, if it names one.
    fn group_of_request(&self, number: u32) -> Result<Option<GroupKey>, Refusal> {
        // Zero is no group either: many clients leave the field as it is.
        if number == NULL_SKILL_GROUP || number == 0 {
            return Ok(None);
        }
        let group = self.world.groups.find(|group| group.number == number);
        group.map(Some).ok_or(Code::CF_INVALID_SKILL_GROUP_SPECIFIED.into())
    }

    /// The line of a leg, as confirmations have it.
    fn line_of(&self, ask: Ask, leg: Leg) -> (u16, LineType) {
        // Unified CCX tells of lines in events only.
        if self.shown(ask).is_ccx() {
            return (u16::MAX, LineType::LINETYPE_UNKNOWN);
        }
        let call = self.world.calls.get(&leg.0);
        let at = call.and_then(|call| Some((call, call.party(leg.1)?)));
        at.map_or((u16::MAX, LineType(u16::MAX)), |(call, party)| self.shown(ask).line(call, party))
    }

    /// The number to be dialed; where the contact centre is to choose by it, it must be one of its own.
    fn dialed(&self, number: Option<Text<'_>>, post_route: bool) -> Result<String, Refusal> {
        let number = number.and_then(|number| number.to_str().ok()).filter(|number| !number.is_empty());
        let number = number.ok_or(Code::CF_INVALID_CALLED_DEVICE)?;
        // Digits and how people write them; anything else is a name, which no switch dials.
        let plausible = number.bytes().all(|byte| byte.is_ascii_digit() || b"+*#,-() ".contains(&byte));
        if !plausible {
            return Err(Code::CF_INVALID_CALLED_DEVICE.into());
        }
        if !post_route {
            return Ok(number.to_owned());
        }
        let group = self.world.group_of_number(number).or_else(|| self.world.groups.find(|group| group.dnis == number));
        let group = group.ok_or(Code::CF_INVALID_DIALED_NUMBER)?;
        Ok(self.world.groups[group].route_point.clone())
    }

    /// CONSULTATION_CALL_REQ: the active call is held, and another made for it, with its data unless the request has some.
    pub(super) fn consultation_call(&mut self, ask: Ask, request: &ConsultationCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        check_placement!(request);
        check_known!(request.consult_type => E_CTI_INVALID_CONSULT_TYPE);
        let (active, phone) = self.controlled(ask, named!(request.active_connection, request.agent_instrument))?;
        self.expect(active, State::LCS_CONNECT, Code::CF_NO_ACTIVE_CALL)?;
        let number = self.dialed(request.dialed_number, request.post_route)?;
        // The colleague is asked about this call, and so sees what is known of it.
        let mut data = self.world.calls.get(&active.0).map(|call| call.data.clone()).unwrap_or_default();
        self.apply(&mut data, &new_data!(request))?;
        self.take_over(ask, phone);
        let leg = self.consult(active, phone, &number, Some(data));
        let (line_handle, line_type) = self.line_of(ask, leg);
        let extension = self.world.phones[phone].extension.clone();
        let confirmation = ConsultationCallConf {
            new_connection_call_id: leg.0.0,
            new_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            line_handle,
            line_type,
            new_connection_device_id: Some(extension.as_str().into()),
            ..ConsultationCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// The two calls that are to be joined, or the one call and the number that it is to be joined with.
    fn two_calls(
        &mut self,
        ask: Ask,
        active: Named<'_>,
        held: Named<'_>,
        stays: bool,
    ) -> Result<(Leg, Option<Leg>, PhoneKey), Refusal> {
        let (first, phone) = self.controlled(ask, active)?;
        // In one step: there is no second call yet.
        if held.call == NULL_CALL_ID || held.device_type == ConnectionDeviceIdType::CONNECTION_ID_NONE {
            self.expect(first, State::LCS_CONNECT, Code::CF_NO_ACTIVE_CALL)?;
            return Ok((first, None, phone));
        }
        let (second, other) = self.controlled(ask, held)?;
        if other != phone || first.0 == second.0 {
            return Err(Code::CF_REQUEST_INCOMPATIBLE_WITH_OBJECT.into());
        }
        // The held one first: with the two mistaken for each other, that is what is said.
        self.expect(second, State::LCS_HOLD, Code::CF_NO_HELD_CALL)?;
        self.expect(first, State::LCS_CONNECT, Code::CF_NO_ACTIVE_CALL)?;
        // The phone is in both calls, and in none of them if it does not stay.
        let own = if stays { 1 } else { 2 };
        let others = self.world.calls.get(&first.0).map_or(0, |call| call.members().saturating_sub(own));
        if !self.has_room(second.0, others) {
            return Err(Code::CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED.into());
        }
        Ok((first, Some(second), phone))
    }

    /// CONFERENCE_CALL_REQ: held and active call become one, or a number is added in one step.
    /// CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED above 16 parties, CF_INVALID_OBJECT_STATE while the other party rings.
    pub(super) fn conference_call(&mut self, ask: Ask, request: &ConferenceCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        check_placement!(request);
        let (active, held, phone) = self.two_calls(
            ask,
            named!(request.active_connection, request.agent_instrument),
            named!(request.held_connection, request.agent_instrument),
            true,
        )?;
        let rings =
            |call: &crate::simulate::call::Call| call.parties.iter().any(|party| party.state == State::LCS_ALERTING);
        // A transfer may be completed while it rings; a conference needs somebody to confer with.
        if held.is_some() && self.world.calls.get(&active.0).is_some_and(rings) {
            return Err(Code::CF_INVALID_OBJECT_STATE.into());
        }
        let joined = held.map_or(active, |held| held);
        if held.is_none() && !self.has_room(active.0, 1) {
            return Err(Code::CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED.into());
        }
        let number = self.number_of_single_step(held, request.dialed_number, request.post_route)?;
        // Last of what may refuse the request by its fields: the data is told as it changes.
        self.change_data(joined, &new_data!(request))?;
        self.take_over(ask, phone);
        match held {
            Some(held) => self.join(phone, held.0, active.0, true, EventCause::CEC_KEY_CONFERENCE),
            None => {
                if !self.send_on(active, &number, true) {
                    return Err(Code::CF_INVALID_DESTINATION.into());
                }
            }
        }
        let call = self.world.calls.get(&joined.0);
        let parties = call.map(connected_parties).unwrap_or_default();
        let (line_handle, line_type) = self.line_of(ask, joined);
        let confirmation = ConferenceCallConf {
            new_connection_call_id: joined.0.0,
            new_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            line_handle,
            line_type,
            new_connection_device_id: Some(self.world.phones[phone].extension.as_str().into()),
            connected_parties: List::new(&parties),
            ..ConferenceCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// The number to be joined with, where no held call is named.
    fn number_of_single_step(
        &self,
        held: Option<Leg>,
        number: Option<Text<'_>>,
        post_route: bool,
    ) -> Result<String, Refusal> {
        match (held, number) {
            (Some(_), _) => Ok(String::new()),
            (None, None) => Err(Status::E_CTI_REQUIRED_DATA_MISSING.into()),
            (None, number) => self.dialed(number, post_route),
        }
    }

    /// TRANSFER_CALL_REQ: held and active call become one without the phone, or the active one is sent on in one step.
    /// CF_INVALID_DESTINATION where it leads nowhere, or to a phone that is busy.
    pub(super) fn transfer_call(&mut self, ask: Ask, request: &TransferCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        check_placement!(request);
        let (active, held, phone) = self.two_calls(
            ask,
            named!(request.active_connection, request.agent_instrument),
            named!(request.held_connection, request.agent_instrument),
            false,
        )?;
        let joined = held.map_or(active, |held| held);
        let number = self.number_of_single_step(held, request.dialed_number, request.post_route)?;
        // Last of what may refuse the request by its fields: the data is told as it changes.
        self.change_data(joined, &new_data!(request))?;
        self.take_over(ask, phone);
        match held {
            Some(held) => self.join(phone, held.0, active.0, false, EventCause::CEC_TRANSFER),
            None => {
                // Data and driver have changed by then; the call itself stays as it was.
                if !self.send_on(active, &number, false) {
                    return Err(Code::CF_INVALID_DESTINATION.into());
                }
            }
        }
        let parties = self.world.calls.get(&joined.0).map(connected_parties).unwrap_or_default();
        let (line_handle, line_type) = self.line_of(ask, joined);
        let confirmation = TransferCallConf {
            new_connection_call_id: joined.0.0,
            new_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            line_handle,
            line_type,
            new_connection_device_id: Some(self.world.phones[phone].extension.as_str().into()),
            connected_parties: if self.shown(ask).is_ccx() { List::EMPTY } else { List::new(&parties) },
            ..TransferCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// DEFLECT_CALL_REQ: a call that rings goes to another device.
    pub(super) fn deflect_call(&mut self, ask: Ask, request: &DeflectCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, phone) = self.controlled(ask, named!(request.connection, request.agent_instrument))?;
        check_known!(request.called_device_type => E_CTI_INVALID_DEVICE_ID_TYPE);
        self.expect(leg, State::LCS_ALERTING, Code::CF_INVALID_OBJECT_STATE)?;
        let number = self.dialed(request.called_device_id, false)?;
        let device_type = match self.destination(&number) {
            Destination::Nowhere => return Err(Code::CF_INVALID_DESTINATION.into()),
            // A phone has one call at a time here: see `route`.
            Destination::Phone(other) if other == phone || !self.world.phones[other].legs.is_empty() => {
                return Err(Code::CF_INVALID_DESTINATION.into());
            }
            Destination::Phone(_) => DeviceIdType::DEVID_AGENT_DEVICE,
            Destination::Group(_) => DeviceIdType::DEVID_ROUTE_POINT,
            Destination::Outside => DeviceIdType::DEVID_EXTERNAL,
        };
        self.take_over(ask, phone);
        self.out.confirm(ask.session, ask.request, &DeflectCallConf::default());
        self.divert(leg, &number, device_type, EventCause::CEC_CALL_FORWARD);
        Ok(())
    }

    /// A call from a route point to the outside: an agent of its group gets it once the customer answers, or already
    /// when it rings there.
    pub(super) fn make_predictive_call(&mut self, ask: Ask, request: &MakePredictiveCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        check_placement!(request);
        check_known! {
            request.allocation_state => E_CTI_INVALID_ALLOCATION_STATE,
            request.destination_country => E_CTI_INVALID_DESTINATION_COUNTRY,
            request.answer_detect_mode => E_CTI_INVALID_ANSWER_DETECT_MODE,
        }
        // For dialers: an agent's desktop has a phone to call from.
        if self.session(ask)?.phone.is_some() {
            return Err(Code::CF_PRIVILEGE_VIOLATION_ON_CALLING_DEVICE.into());
        }
        let device = request.originating_device_id.and_then(|device| device.to_str().ok());
        let group =
            device.and_then(|device| self.world.group_of_number(device)).ok_or(Code::CF_INVALID_CALLING_DEVICE)?;
        let number = self.dialed(request.dialed_number, false)?;
        if self.destination(&number) != Destination::Outside {
            return Err(Code::CF_INVALID_CALLED_DEVICE.into());
        }
        let mut data = CallData::default();
        self.apply(&mut data, &new_data!(request))?;
        let at_once = request.allocation_state == cti_proto::value::AllocationState::ALLOC_CALL_DELIVERED;
        let leg = self.dial_by_group(group, &number, data, at_once);
        let device = self.world.party(leg).map(|party| party.device.clone()).unwrap_or_default();
        let confirmation = MakePredictiveCallConf {
            new_connection_call_id: leg.0.0,
            new_connection_device_id_type: ConnectionDeviceIdType::CONNECTION_ID_STATIC,
            new_connection_device_id: Some(device.as_str().into()),
            ..MakePredictiveCallConf::default()
        };
        self.out.confirm(ask.session, ask.request, &confirmation);
        Ok(())
    }

    /// Calls a number by the voice portal; `at_once` asks for an agent as soon as it rings there.
    fn dial_by_group(&mut self, group: GroupKey, number: &str, data: CallData, at_once: bool) -> Leg {
        let call = self.world.new_call(CallType::CALLTYPE_AUTO_OUT);
        let key = self.world.next_key();
        self.world.counts.placed += 1;
        if let Some(entry) = self.world.calls.get_mut(&call) {
            entry.data = data;
            number.clone_into(&mut entry.data.dialed_number);
            entry.data.key = Some(key);
            entry.group = Some(group);
        }
        let (port, device) = self.world.take_port();
        let leg = self.world.add_party(call, port, device, State::LCS_INITIATE);
        self.tell_begin(leg);
        self.tell_service_initiated(leg, EventCause::CEC_NONE);
        self.route(leg, number, EventCause::CEC_NONE);
        // The number may have been busy, and the call has failed already.
        let rings = self.world.calls.get(&call).is_some_and(|call| call.parties.len() > 1);
        if at_once && rings {
            self.queue(leg, vec![group]);
        }
        self.plan(leg);
        leg
    }

    /// SEND_DTMF_SIGNAL_REQ: tones into a call that is talked; nothing comes of them here.
    pub(super) fn send_dtmf(&mut self, ask: Ask, request: &SendDtmfSignalReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, _) = self.controlled(ask, named!(request.connection, request.agent_instrument))?;
        self.expect(leg, State::LCS_CONNECT, Code::CF_NO_ACTIVE_CALL)?;
        self.out.confirm(ask.session, ask.request, &SendDtmfSignalConf::default());
        Ok(())
    }

    /// The line of a call is bad: that is written down.
    pub(super) fn bad_call(&mut self, ask: Ask, request: &BadCallReq<'_>) -> Outcome {
        self.check_control(ask, request.peripheral_id)?;
        let (leg, _) = self.controlled(ask, named!(request.connection))?;
        if let Some(call) = self.world.calls.get_mut(&leg.0) {
            // Saturating: a client may report the same call as often as it likes.
            call.bad_line = call.bad_line.saturating_add(1);
        }
        self.out.confirm(ask.session, ask.request, &BadCallConf::default());
        Ok(())
    }
}
