//! All Events Service: what only sessions for all events get.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as all_events_messages;
    service AllEvents;

    /// Sent by the server to All Events and Peripheral Monitor clients when a call is routed to the peripheral by a
    /// translation route, with the call data it will have on arrival. Unified CCX does not have it.
    ///
    /// Guide: "All Events Service", CALL_TRANSLATION_ROUTE_EVENT.
    CallTranslationRouteEvent<'a> = CALL_TRANSLATION_ROUTE_EVENT: Server {
        fixed { [num_named_variables named_variables], [num_named_arrays named_arrays] }
        floating {
            ani, user_to_user_info, dnis(required()), dialed_number, caller_entered_digits,
            router_call_key_day(required()), router_call_key_call_id(required()),
            router_call_key_sequence_number(required()),
        }
        numbered { call_variables }
        lists { named_variables: NamedVariable<'a>[400], named_arrays: NamedArray<'a>[400] }
    }
}
