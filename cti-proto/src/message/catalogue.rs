//! Everything over all messages: the enum, the dispatch, the list. The tables of the services say which there are.

use crate::error::DecodeError;
use crate::message::{Body, MessageInfo, MessageType};
use crate::wire::{Frame, Writer};

macro_rules! catalogue {
    ($($name:ident ($($lt:lifetime)?) $number:ident;)*) => {
        /// Any message: for tools and servers. An appliance names the messages that it wants instead.
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[allow(clippy::large_enum_variant, reason = "there is no allocator to box with")]
        #[non_exhaustive]
        pub enum Message<'a> {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](super::", stringify!($name), ").")]
                $name(super::$name $(<$lt>)?),
            )*
            /// A message whose layout is not published, or whose number nobody knows.
            Other(Frame<'a>),
        }

        /// Any message where it stands, as its own type: what [`Body::as_message`] makes of it. Where the type is known,
        /// as in a [`Handler`], the compiler decides a `match` on it.
        #[derive(Clone, Copy, Debug)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum MessageRef<'m, 'a> {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](super::", stringify!($name), ").")]
                $name(&'m super::$name $(<$lt>)?),
            )*
            /// A message whose layout is not published, or whose number nobody knows.
            Other(&'m Frame<'a>),
        }

        /// Every message whose layout is known.
        pub const MESSAGES: &[&MessageInfo] = &[$(<super::$name as Body>::INFO,)*];

        // A `match` and not a search: the compiler makes a table of it.
        pub(super) fn info(message_type: MessageType) -> Option<&'static MessageInfo> {
            match message_type {
                $(MessageType::$number => Some(<super::$name as Body>::INFO),)*
                _ => None,
            }
        }

        pub(super) fn write_default(message_type: MessageType, writer: &mut Writer<'_>) -> Option<()> {
            match message_type {
                $(MessageType::$number => Some(<super::$name>::default().write(writer)),)*
                _ => None,
            }
        }

        pub(crate) fn decode_any<'a>(frame: &Frame<'a>) -> Result<Message<'a>, DecodeError> {
            match frame.message_type() {
                $(MessageType::$number => frame.decode().map(Message::$name),)*
                _ => Ok(Message::Other(*frame)),
            }
        }

        pub(crate) fn dispatch<'a, H: Handler>(frame: &Frame<'a>, handler: &mut H) -> Result<H::Output, DecodeError> {
            match frame.message_type() {
                $(MessageType::$number => handle::<super::$name, H>(frame, handler),)*
                _ => Ok(handler.other(frame)),
            }
        }

        impl<'a> Message<'a> {
            /// Hands the message to `handler` as its own type.
            pub fn dispatch<H: Handler>(&self, handler: &mut H) -> H::Output {
                match self {
                    $(Self::$name(message) => handler.message(message),)*
                    Self::Other(frame) => handler.other(frame),
                }
            }
        }

        $(
            impl<'a> From<super::$name $(<$lt>)?> for Message<'a> {
                fn from(message: super::$name $(<$lt>)?) -> Self {
                    Self::$name(message)
                }
            }
        )*
    };
}

session_messages! {
    [
        client_events_messages
        all_events_messages
        peripheral_monitor_messages
        client_monitor_messages
        supervisor_messages
        call_data_update_messages
        miscellaneous_messages
        client_control_messages
        server_service_messages
        configuration_messages
    ] catalogue {}
}

/// What is done with a message of any type. One that reads the fields of some types names these:
///
/// ```
/// use cti_proto::message::{CallClearedEvent, MessageRef};
/// use cti_proto::{Body, Frame, Handler, Protocol, encode};
///
/// /// Call IDs of cleared calls.
/// struct Cleared;
///
/// impl Handler for Cleared {
///     type Output = Option<u32>;
///
///     fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Option<u32> {
///         match message.as_message() {
///             MessageRef::CallClearedEvent(event) => Some(event.connection_call_id),
///             _ => None,
///         }
///     }
///
///     fn other(&mut self, _: &Frame<'_>) -> Option<u32> {
///         None
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// # let protocol = Protocol::cce(24)?;
/// # let device = Some("5001".into());
/// # let event = CallClearedEvent { connection_call_id: 7, connection_device_id: device, ..Default::default() };
/// # let mut buffer = [0; 256];
/// # let bytes = encode(protocol, &event, &mut buffer)?;
/// # let cti_proto::Parsed::Frame(frame, _) = Frame::parse(protocol, bytes)? else { panic!("the frame is whole") };
/// assert_eq!(frame.dispatch(&mut Cleared)?, Some(7));
/// # Ok(())
/// # }
/// ```
pub trait Handler {
    /// What comes of it.
    type Output;

    /// Takes a message whose layout is known.
    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output;

    /// Takes any other message.
    fn other(&mut self, frame: &Frame<'_>) -> Self::Output;
}

// A function for each message: together they would have the stack of the largest at each call.
#[inline(never)]
fn handle<'a, M: Body<'a>, H: Handler>(frame: &Frame<'a>, handler: &mut H) -> Result<H::Output, DecodeError> {
    let mut message = M::default();
    message.read(frame)?;
    Ok(handler.message(&message))
}

impl Message<'_> {
    /// Type of the message.
    #[must_use]
    pub fn message_type(&self) -> MessageType {
        struct Type;
        impl Handler for Type {
            type Output = MessageType;

            fn message<'a, M: Body<'a>>(&mut self, _: &M) -> MessageType {
                M::TYPE
            }

            fn other(&mut self, frame: &Frame<'_>) -> MessageType {
                frame.message_type()
            }
        }
        self.dispatch(&mut Type)
    }
}
