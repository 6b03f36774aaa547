//! Bytes and primitives: frames, data types, floating fields, lists. Knows no message.

mod field;
mod frame;
mod framer;
mod list;
mod named;
mod plain;
mod read;
mod text;
mod types;
mod write;

pub use field::{Fields, RawField};
pub(crate) use frame::Header;
pub use frame::{Frame, Frames, HEADER_LEN, Parsed};
pub use framer::{FrameBuffer, Received};
pub(crate) use list::Elements;
pub use list::{Element, Iter, List, Walk};
pub(crate) use named::{MAX_NAMED_DATA, NAMED_ARRAY_TAG, NAMED_VARIABLE_TAG};
pub use named::{NamedArray, NamedVariable};
pub(crate) use plain::{Head, PlainWriter, WIDE_FROM, element_length, may_be_plain};
pub use read::Reader;
pub use text::{Bytes, Secret, Text};
pub(crate) use types::wire_newtype;
pub use types::{ConfigKey, DataType, FieldValue, FixedValue, Time};
pub(crate) use write::is_digit;
pub use write::{Data, Writer};

/// Whether speed counts more than room: on 32-bit targets it does not.
pub(crate) const IS_FAST: bool = cfg!(not(target_pointer_width = "32"));
