//! What the targets share: how the front of an input chooses the protocol and the message.

pub mod session;

use cti_proto::wire::HEADER_LEN;
use cti_proto::{FieldFormat, Frame, MessageType, Product, Protocol};

/// Bytes that hold any frame.
pub const FRAME_MAX: usize = 12_500;

/// Every protocol has a byte: first Unified CCE, then Unified CCX, then the settled readings of its newest version.
pub fn protocol(byte: u8) -> Protocol {
    let cce = (Protocol::CCE_MIN..=Protocol::CCE_MAX).map(|version| (Product::Cce, version, None));
    let ccx = (Protocol::CCX_MIN..=Protocol::CCX_MAX).map(|version| (Product::Ccx, version, None));
    let settled = [FieldFormat::Wide, FieldFormat::WideTag, FieldFormat::WideTagNamedNarrow]
        .map(|format| (Product::Ccx, Protocol::CCX_MAX, Some(format)));
    let all: Vec<_> = cce.chain(ccx).chain(settled).collect();
    let (product, version, format) = all[usize::from(byte) % all.len()];
    let protocol = Protocol::new(product, version).expect("the range is the crate's own");
    format.map_or(protocol, |format| protocol.with_format(format))
}

/// A frame: one byte for the protocol, two for the type, and the body.
pub fn frame(data: &[u8]) -> Option<Frame<'_>> {
    let (&[choice, high, low], body) = data.split_first_chunk()?;
    let protocol = protocol(choice);
    let message_type = MessageType(u16::from_be_bytes([high, low]).into());
    (body.len() <= protocol.max_message() - HEADER_LEN).then_some(Frame::new(protocol, message_type, body))
}
