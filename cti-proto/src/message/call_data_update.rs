//! Call Data Update Service: changing the data of a call.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as call_data_update_messages;
    service CallDataUpdate;

    /// Sent by the client to set call variables and wrap-up data; fields left out stay as they are. Wrap-up data
    /// may follow for about 2 minutes after the call. Unified CCX: `QueryRuleID` must be 1; floating part taken
    /// from Unified CCE, unconfirmed.
    ///
    /// Guide: "Call Data Update Service", SET_CALL_DATA_REQ.
    SetCallDataReq<'a> = SET_CALL_DATA_REQ: Client {
        fixed {
            invoke_id, peripheral_id, connection_device_id_type, connection_call_id,
            [num_named_variables named_variables], [num_named_arrays named_arrays], call_type,
            called_party_disposition, campaign_id, query_rule_id
        }
        floating {
            connection_device_id(cce_required()), ani, user_to_user_info, caller_entered_digits, call_wrapup_data,
            customer_phone_number, customer_account_number, router_call_key_day(since(14)),
            router_call_key_call_id(since(14)), router_call_key_sequence_number(since(14)),
            call_originated_from(since(14)),
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }

    /// Sent by the server: the call data is set and kept, even if the session is lost.
    ///
    /// Guide: "Call Data Update Service", SET_CALL_DATA_CONF.
    SetCallDataConf = SET_CALL_DATA_CONF: Server, confirms(SET_CALL_DATA_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client when it is done with the data of a call, so that the call record can be written before
    /// the wrap-up timer ends. Does not hang up. Unified CCX does not have it.
    ///
    /// Guide: "Call Data Update Service", RELEASE_CALL_REQ.
    ReleaseCallReq<'a> = RELEASE_CALL_REQ: Client {
        fixed { invoke_id, peripheral_id, connection_device_id_type, connection_call_id }
        floating { connection_device_id(required()) }
    }

    /// Sent by the server: the client has released the data of the call. Unified CCX does not have it.
    ///
    /// Guide: "Call Data Update Service", RELEASE_CALL_CONF.
    ReleaseCallConf = RELEASE_CALL_CONF: Server, confirms(RELEASE_CALL_REQ) {
        fixed { invoke_id }
    }

    /// Sent by the client to give calls from a device their defaults: service, skill group, call type. The device
    /// must be in the dialer port map of Unified CCE, else it fails.
    ///
    /// Guide: "Call Data Update Service", SET_DEVICE_ATTRIBUTES_REQ.
    SetDeviceAttributesReq<'a> = SET_DEVICE_ATTRIBUTES_REQ: Client {
        fixed {
            invoke_id, peripheral_id, service_number, service_id, skill_group_number, skill_group_id,
            skill_group_priority, call_type, calling_device_type
        }
        floating { calling_device_id(required()) }
    }

    /// Sent by the server: the defaults of the device are set.
    ///
    /// Guide: "Call Data Update Service", SET_DEVICE_ATTRIBUTES_CONF.
    SetDeviceAttributesConf = SET_DEVICE_ATTRIBUTES_CONF: Server, confirms(SET_DEVICE_ATTRIBUTES_REQ) {
        fixed { invoke_id }
    }
}
