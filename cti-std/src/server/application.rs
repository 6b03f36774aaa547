//! What a server means: the part that the protocol leaves to its application.

use cti_proto::message::{MessageType, OpenReq};
use cti_proto::session::{Request, ServerEnded, Wake};
use cti_proto::value::FailureStatus;
use cti_proto::{Frame, Protocol};

use crate::server::{SessionId, Sessions};

/// What a server means. The machine of each session keeps the rules of the protocol, see
/// [`ServerSession`](cti_proto::session::ServerSession); who may open and what a request does is decided here.
///
/// Everything is answered through [`Sessions`], in the call or at any time after it. All calls come from the server's
/// thread, one at a time.
pub trait Application {
    /// A client asks for a session, and the protocol allows it: to be answered by [`Sessions::accept`] or
    /// [`Sessions::refuse`].
    fn open_requested(
        &mut self,
        sessions: &mut Sessions,
        session: SessionId,
        protocol: Protocol,
        request: &OpenReq<'_>,
    );

    /// A request, to be answered under its invoke ID by [`Sessions::confirm`] or one of the others.
    fn request(&mut self, sessions: &mut Sessions, session: SessionId, request: Request, frame: Frame<'_>);

    /// A message that is not answered under an invoke ID: the configuration conversation, answers of applications that
    /// serve others, maintenance.
    fn message(&mut self, sessions: &mut Sessions, session: SessionId, frame: Frame<'_>) {
        let _ = (sessions, session, frame);
    }

    /// The client has stopped a monitor, which has been confirmed.
    fn monitor_stopped(&mut self, sessions: &mut Sessions, session: SessionId, monitor_id: u32) {
        let _ = (sessions, session, monitor_id);
    }

    /// The machine has refused a request.
    fn refused(&mut self, sessions: &mut Sessions, session: SessionId, request: Request, status: FailureStatus) {
        let _ = (sessions, session, request, status);
    }

    /// A frame was larger than the receive buffer, and was skipped: its type, and the bytes after its header.
    fn skipped(&mut self, sessions: &mut Sessions, session: SessionId, message: MessageType, length: u32) {
        let _ = (sessions, session, message, length);
    }

    /// There is room again for a session whose answer or message was refused for want of it.
    fn has_room(&mut self, sessions: &mut Sessions, session: SessionId) {
        let _ = (sessions, session);
    }

    /// A session is over that asked to be opened: told once. Connections that never asked are only counted.
    fn ended(&mut self, sessions: &mut Sessions, session: SessionId, ended: ServerEnded) {
        let _ = (sessions, session, ended);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called next, in the time of [`Sessions::now`].
    fn wake(&self) -> Wake {
        Wake::Idle
    }

    /// What is due at [`Sessions::now`].
    fn handle_timeout(&mut self, sessions: &mut Sessions) {
        let _ = sessions;
    }
}
