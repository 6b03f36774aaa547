//! The catalogue: every documented message as a plain struct, one file per service of the guide.
//!
//! Each message is one entry of a table (see `table.rs`); struct, decoder, encoder and metadata all come out of it.
//! Fields are described once, in the dictionary.

#[macro_use]
pub(crate) mod table;
#[macro_use]
pub(crate) mod dictionary;
#[macro_use]
mod session;
#[macro_use]
mod client_events;
#[macro_use]
mod all_events;
#[macro_use]
mod peripheral_monitor;
#[macro_use]
mod client_monitor;
#[macro_use]
mod supervisor;
#[macro_use]
mod call_data_update;
#[macro_use]
mod miscellaneous;
#[macro_use]
mod client_control;
#[macro_use]
mod server_service;
#[macro_use]
mod configuration;
mod catalogue;
mod composite;
mod element;
mod info;
mod message_type;
mod record;
mod view;

pub use all_events::*;
pub use call_data_update::*;
pub use catalogue::{Handler, MESSAGES, Message, MessageRef};
pub(crate) use catalogue::{decode_any, dispatch};
pub use client_control::*;
pub use client_events::*;
pub use client_monitor::*;
pub use composite::*;
pub use configuration::*;
pub use element::*;
pub use info::{
    Direction, ElementInfo, FieldInfo, FieldName, FieldRule, FixedInfo, ListInfo, ListRule, MessageInfo, Service,
    Versions,
};
pub use message_type::MessageType;
pub use miscellaneous::*;
pub use peripheral_monitor::*;
pub use record::*;
pub use server_service::*;
pub use session::*;
pub use supervisor::*;
pub(crate) use table::debug;
pub use view::{Field, FieldWalk, Numbers, Value};

use crate::error::{DecodeError, EncodeError, EncodeErrorKind};
use crate::protocol::Protocol;
use crate::wire::{Frame, HEADER_LEN, IS_FAST, Writer};

/// What the tables name.
mod prelude {
    pub(crate) use crate::message::composite::*;
    pub(crate) use crate::message::element::*;
    pub(crate) use crate::message::record::*;
    pub(crate) use crate::value::*;
    pub(crate) use crate::wire::{Bytes, ConfigKey, NamedArray, NamedVariable, Secret, Text, Time};
}

/// The body of one type of message.
pub trait Body<'a>: Clone + Default + core::fmt::Debug + PartialEq {
    /// Its type.
    const TYPE: MessageType;
    /// What is known of it, as data.
    const INFO: &'static MessageInfo;

    /// Fills a new message from a frame of this type; [`Frame::decode`] is the way to call it.
    ///
    /// # Errors
    /// [`DecodeError`] if the body is not one of this type.
    fn read(&mut self, frame: &Frame<'a>) -> Result<(), DecodeError>;

    /// The message as one of all: reads the fields where only this trait is known of the type.
    fn as_message(&self) -> MessageRef<'_, 'a>;

    /// Writes the body; [`encode`] is the way to call it.
    fn write(&self, writer: &mut Writer<'_>);

    /// Writes the body at speed to the front of `place`, and returns how long it is; `None`, whatever `place` then
    /// holds, if [`write`](Self::write) must look at something unusual.
    fn write_plainly(&self, protocol: Protocol, place: &mut [u8]) -> Option<usize>;
}

/// Writes a message as a frame at the front of `buffer`, and returns the frame. What the message says of fields that
/// the version lacks is refused where it floats, and left out where it is fixed.
///
/// # Errors
/// [`EncodeError`] for whatever the protocol forbids, and if `buffer` is too small; what `buffer` then holds is
/// unspecified.
pub fn encode<'b, 'a, M: Body<'a>>(
    protocol: Protocol,
    message: &M,
    buffer: &'b mut [u8],
) -> Result<&'b [u8], EncodeError> {
    match write_plainly(protocol, message, buffer) {
        Some(length) => frame(M::TYPE, length, buffer),
        None => {
            let length = write_frame(protocol, M::TYPE, false, buffer, &|writer| message.write(writer))?;
            frame(M::TYPE, length, buffer)
        }
    }
}

/// As [`encode`], for a server that tells clients of many versions the same: floating fields and lists that the
/// version lacks are left out, as fixed fields are.
///
/// # Errors
/// [`EncodeError`] for whatever else the protocol forbids, and if `buffer` is too small.
pub fn encode_for<'b, 'a, M: Body<'a>>(
    protocol: Protocol,
    message: &M,
    buffer: &'b mut [u8],
) -> Result<&'b [u8], EncodeError> {
    match write_plainly(protocol, message, buffer) {
        Some(length) => frame(M::TYPE, length, buffer),
        None => {
            let length = write_frame(protocol, M::TYPE, true, buffer, &|writer| message.write(writer))?;
            frame(M::TYPE, length, buffer)
        }
    }
}

/// Writes the frame at speed, if there is nothing unusual about it; its length. On 32-bit targets room counts more.
#[inline(always)]
fn write_plainly<'a, M: Body<'a>>(protocol: Protocol, message: &M, buffer: &mut [u8]) -> Option<usize> {
    if !IS_FAST || !const { M::INFO.versions }.include(protocol) {
        return None;
    }
    let (header, place) = buffer.split_first_chunk_mut()?;
    let length = message.write_plainly(protocol, place)?;
    *header = header_of(M::TYPE, length);
    Some(length.wrapping_add(HEADER_LEN))
}

/// Writes the frame whatever is in it; its length: once for all messages, where room counts more than time.
#[cfg_attr(not(target_pointer_width = "32"), cold, inline)]
#[cfg_attr(target_pointer_width = "32", inline(never))]
pub(crate) fn write_frame(
    protocol: Protocol,
    message: MessageType,
    leaves_out: bool,
    buffer: &mut [u8],
    body: &dyn Fn(&mut Writer<'_>),
) -> Result<usize, EncodeError> {
    let written = write(protocol, message, leaves_out, buffer, body);
    if let Ok(needed) = written {
        let header = buffer.get_mut(..needed).and_then(|frame| frame.first_chunk_mut());
        let Some(header) = header else {
            return Err(EncodeError { message, field: None, kind: EncodeErrorKind::NoRoom { needed } });
        };
        *header = header_of(message, needed.saturating_sub(HEADER_LEN));
    }
    written
}

/// Writes the body; the length of the frame.
#[cfg_attr(not(target_pointer_width = "32"), inline)]
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn write(
    protocol: Protocol,
    message: MessageType,
    leaves_out: bool,
    buffer: &mut [u8],
    body: &dyn Fn(&mut Writer<'_>),
) -> Result<usize, EncodeError> {
    let mut writer = Writer::new(protocol, message, buffer, leaves_out);
    body(&mut writer);
    writer.finish()
}

/// The frame of this length at the front of `buffer`.
#[inline(always)]
fn frame(message: MessageType, length: usize, buffer: &mut [u8]) -> Result<&[u8], EncodeError> {
    let no_room = EncodeError { message, field: None, kind: EncodeErrorKind::NoRoom { needed: length } };
    buffer.get(..length).ok_or(no_room)
}

/// The header in front of a body of this length.
#[inline(always)]
fn header_of(message: MessageType, length: usize) -> [u8; HEADER_LEN] {
    (u64::from(length as u32) << 32 | u64::from(message.0)).to_be_bytes()
}

/// Bytes that [`encode`] would write, header included.
///
/// # Errors
/// [`EncodeError`] for whatever the protocol forbids.
pub fn encoded_len<'a, M: Body<'a>>(protocol: Protocol, message: &M) -> Result<usize, EncodeError> {
    write(protocol, M::TYPE, false, &mut [], &|writer| message.write(writer))
}

/// Writes the fixed part of a message that says nothing yet, each field at its default, at the front of `buffer`, and
/// returns it: for tools that fill in the rest by [`MessageInfo`]. `None` if the layout of the message is not
/// published, or `buffer` has no room for a frame of it.
pub fn default_fixed_part(protocol: Protocol, message: MessageType, buffer: &mut [u8]) -> Option<&mut [u8]> {
    let info = MessageInfo::of(message)?;
    let length = info.fixed_in(protocol).fold(0usize, |sum, field| sum.saturating_add(field.length()));
    // What is missing behind the fixed part is an error, which is of no interest here.
    catalogue::write_default(message, &mut Writer::new(protocol, message, buffer, false))?;
    buffer.get_mut(HEADER_LEN..)?.get_mut(..length)
}
