//! Events that own what they hold, so that they can be kept.

use crate::error::DecodeError;
use crate::message::{FailureReason, MessageType, OpenReq};
use crate::protocol::{Product, Protocol};
use crate::session::{Disconnected, Ended, Event, Opened, Request, ServerEnded, ServerEvent};
use crate::strategy::OwnedFrame;
use crate::value::FailureStatus;
use crate::wire::{Bytes, Frame, Secret, Text};

/// An [`Event`] that owns its frame.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "documented at `Event`")]
pub enum OwnedEvent {
    /// See [`Event::Opened`].
    Opened(Opened),
    /// See [`Event::Message`].
    Message(OwnedFrame),
    /// See [`Event::Confirmed`].
    Confirmed { request: Request, frame: OwnedFrame, more: bool },
    /// See [`Event::Failed`].
    Failed { request: Request, reason: FailureReason },
    /// See [`Event::TimedOut`].
    TimedOut(Request),
    /// See [`Event::Lost`].
    Lost(Request),
    /// See [`Event::Late`].
    Late(OwnedFrame),
    /// See [`Event::Skipped`].
    Skipped { message: MessageType, length: u32 },
    /// See [`Event::Malformed`].
    Malformed(DecodeError),
    /// See [`Event::ResyncReady`].
    ResyncReady,
    /// See [`Event::Disconnected`].
    Disconnected(Disconnected),
    /// See [`Event::Ended`].
    Ended(Ended),
}

impl From<Event<'_>> for OwnedEvent {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Opened(opened) => Self::Opened(opened),
            Event::Message(frame) => Self::Message(frame.into()),
            Event::Confirmed { request, frame, more } => Self::Confirmed { request, frame: frame.into(), more },
            Event::Failed { request, reason } => Self::Failed { request, reason },
            Event::TimedOut(request) => Self::TimedOut(request),
            Event::Lost(request) => Self::Lost(request),
            Event::Late(frame) => Self::Late(frame.into()),
            Event::Skipped { message, length } => Self::Skipped { message, length },
            Event::Malformed(error) => Self::Malformed(error),
            Event::ResyncReady => Self::ResyncReady,
            Event::Disconnected(disconnected) => Self::Disconnected(disconnected),
            Event::Ended(ended) => Self::Ended(ended),
        }
    }
}

impl OwnedEvent {
    /// The frame that came with the event, if one did.
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'_>> {
        match self {
            Self::Message(frame) | Self::Confirmed { frame, .. } | Self::Late(frame) => Some(frame.frame()),
            _ => None,
        }
    }

    /// The request that this event ends, if it ends one.
    #[must_use]
    pub const fn ends(&self) -> Option<Request> {
        match self {
            Self::Confirmed { request, more: false, .. }
            | Self::Failed { request, .. }
            | Self::TimedOut(request)
            | Self::Lost(request) => Some(*request),
            _ => None,
        }
    }
}

/// A [`ServerEvent`] that owns its frame.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "documented at `ServerEvent`")]
pub enum OwnedServerEvent {
    /// See [`ServerEvent::OpenRequested`]; the frame holds an [`OpenReq`].
    OpenRequested(OwnedFrame),
    /// See [`ServerEvent::Request`].
    Request { request: Request, frame: OwnedFrame },
    /// See [`ServerEvent::Message`].
    Message(OwnedFrame),
    /// See [`ServerEvent::MonitorStopped`].
    MonitorStopped { monitor_id: u32 },
    /// See [`ServerEvent::Refused`].
    Refused { request: Request, status: FailureStatus },
    /// See [`ServerEvent::Skipped`].
    Skipped { message: MessageType, length: u32 },
    /// See [`ServerEvent::Ended`].
    Ended(ServerEnded),
}

impl OwnedServerEvent {
    /// A copy of an event of a session of a server of `product`.
    #[must_use]
    pub fn new(product: Product, event: ServerEvent<'_>) -> Self {
        match event {
            ServerEvent::OpenRequested(request) => Self::OpenRequested(open_request(product, &request)),
            ServerEvent::Request { request, frame } => Self::Request { request, frame: frame.into() },
            ServerEvent::Message(frame) => Self::Message(frame.into()),
            ServerEvent::MonitorStopped { monitor_id } => Self::MonitorStopped { monitor_id },
            ServerEvent::Refused { request, status } => Self::Refused { request, status },
            ServerEvent::Skipped { message, length } => Self::Skipped { message, length },
            ServerEvent::Ended(ended) => Self::Ended(ended),
        }
    }

    /// The frame that came with the event, if one did.
    #[must_use]
    pub fn frame(&self) -> Option<Frame<'_>> {
        match self {
            Self::OpenRequested(frame) | Self::Request { frame, .. } | Self::Message(frame) => Some(frame.frame()),
            _ => None,
        }
    }
}

/// OPEN_REQ in wire form again. A client may write texts that are a byte longer than may be written, having left the NUL
/// out: then only the fixed part is kept, under a name for the sake of form.
///
/// # Panics
/// If the version is none of the product's, which the session has checked.
fn open_request(product: Product, request: &OpenReq<'_>) -> OwnedFrame {
    #[allow(clippy::panic, reason = "a mistake of the session's")]
    let Ok(protocol) = Protocol::new(product, request.version_number) else {
        panic!("a session was asked for in version {} of {product:?}", request.version_number);
    };
    let plain = OpenReq {
        client_id: Some(Text::from("?")),
        client_password: Some(Secret(Bytes(&[]))),
        client_signature: None,
        agent_extension: None,
        agent_id: None,
        agent_instrument: None,
        application_path_id: None,
        agent_id_long: None,
        ..*request
    };
    let frame = [request, &plain].into_iter().find_map(|request| OwnedFrame::encode(protocol, request).ok());
    frame.unwrap_or_else(|| OwnedFrame::from_parts(protocol, MessageType::OPEN_REQ, &[]))
}
