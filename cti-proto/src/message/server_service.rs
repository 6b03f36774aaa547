//! Server Service: applications that serve other clients through the CTI Server.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

messages! {
    ($) as server_service_messages;
    service ServerService;

    /// Sent by a server application (service `CTI_SERVICE_SERVER`) to offer a service, so far only call recording.
    /// All servers of one service use the same `ServerMode`; in exclusive mode only the first is accepted.
    ///
    /// Guide: "Server Service", REGISTER_SERVICE_REQ.
    RegisterServiceReq<'a> = REGISTER_SERVICE_REQ: Client {
        fixed { invoke_id, server_mode }
        floating { service_name(required()) }
    }

    /// Sent by the server: the service is registered; keep `RegisteredServiceID` to unregister it.
    ///
    /// Guide: "Server Service", REGISTER_SERVICE_CONF.
    RegisterServiceConf = REGISTER_SERVICE_CONF: Server, confirms(REGISTER_SERVICE_REQ) {
        fixed { invoke_id, registered_service_id }
    }

    /// Sent by a server application to withdraw a service; a must before it closes its session.
    ///
    /// Guide: "Server Service", UNREGISTER_SERVICE_REQ.
    UnregisterServiceReq = UNREGISTER_SERVICE_REQ: Client {
        fixed { invoke_id, registered_service_id }
    }

    /// Sent by the server: the service is withdrawn.
    ///
    /// Guide: "Server Service", UNREGISTER_SERVICE_CONF.
    UnregisterServiceConf = UNREGISTER_SERVICE_CONF: Server, confirms(UNREGISTER_SERVICE_REQ) {
        fixed { invoke_id }
    }
}
