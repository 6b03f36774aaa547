//! The floors: what every decoder must do at the very least, by hand, in safe Rust with every bound checked.

use cti_proto::message::{FixedInfo, MessageInfo};
use cti_proto::{MessageType, Protocol};

/// Lengths of the fixed parts in one version, by type of message.
#[derive(Clone, Debug)]
pub struct FixedLengths([u8; 64]);

impl FixedLengths {
    /// Those of `protocol`.
    #[must_use]
    pub fn of(protocol: Protocol) -> Self {
        // The stream has no message with a greater number.
        let mut lengths = [0; 64];
        for (number, length) in (0..).zip(&mut lengths) {
            if let Some(info) = MessageInfo::of(MessageType(number)) {
                let sum: usize = info.fixed_in(protocol).map(FixedInfo::length).sum();
                *length = u8::try_from(sum).unwrap_or(u8::MAX);
            }
        }
        Self(lengths)
    }
}

/// Floor A: walks the frames; the sum of their types and lengths.
#[inline(never)]
#[must_use]
pub fn floor_a(bytes: &[u8]) -> u64 {
    let mut sum = 0;
    let mut rest = bytes;
    while let Some((&[l0, l1, l2, l3, t0, t1, t2, t3], after)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        let Some((_, next)) = after.split_at_checked(length as usize) else { break };
        sum += u64::from(u32::from_be_bytes([t0, t1, t2, t3])) + u64::from(length);
        rest = next;
    }
    sum
}

/// Floor B: walks the frames, and in each every floating header; the sum of tags and lengths.
#[inline(never)]
#[must_use]
pub fn floor_b(protocol: Protocol, fixed: &FixedLengths, bytes: &[u8]) -> u64 {
    if protocol.version() < 20 {
        walk_fields(fixed, bytes, |&[tag, length]: &[u8; 2]| (u16::from(tag), u16::from(length)))
    } else {
        walk_fields(fixed, bytes, |&[t0, t1, l0, l1]: &[u8; 4]| {
            (u16::from_be_bytes([t0, t1]), u16::from_be_bytes([l0, l1]))
        })
    }
}

/// One loop for each width of the headers, so that none is told from the other while walking.
#[inline(always)]
fn walk_fields<const N: usize>(fixed: &FixedLengths, bytes: &[u8], header: impl Fn(&[u8; N]) -> (u16, u16)) -> u64 {
    let mut sum = 0;
    let mut rest = bytes;
    while let Some((&[l0, l1, l2, l3, t0, t1, t2, t3], after)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        let message = u32::from_be_bytes([t0, t1, t2, t3]);
        let Some((body, next)) = after.split_at_checked(length as usize) else { break };
        rest = next;
        let Some(&skip) = fixed.0.get(message as usize) else { continue };
        let Some((_, mut fields)) = body.split_at_checked(usize::from(skip)) else { continue };
        while let Some((head, after)) = fields.split_first_chunk() {
            let (tag, length) = header(head);
            let Some((_, next)) = after.split_at_checked(usize::from(length)) else { break };
            sum += u64::from(tag) + u64::from(length);
            fields = next;
        }
    }
    sum
}
