//! Headers: where one can stand, and where one does.

use cti_proto::MessageType;
use cti_proto::message::{MessageInfo, Versions};
use cti_proto::wire::HEADER_LEN;

/// The largest body of any version. Which version it is may not be known yet, so its limit is held against the
/// frame later.
const MAX_BODY: usize = 12_500 - HEADER_LEN;
/// No guide has a type beyond 284; a header with one far beyond is none.
const PLAUSIBLE_TYPE: u32 = 0xffff;
/// Whether a header stands somewhere.
pub(crate) enum Verdict {
    Yes,
    No,
    /// More bytes are needed to tell.
    Open,
}

/// Length and type as they stand in front of a message.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    /// Bytes of the body.
    pub(crate) length: usize,
    pub(crate) message_type: MessageType,
}

/// The header at the beginning, whatever it says; `None` if there are too few bytes.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let (&[l0, l1, l2, l3, t0, t1, t2, t3], _) = bytes.split_first_chunk::<HEADER_LEN>()?;
    let length = usize::try_from(u32::from_be_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    Some(Header { length, message_type: MessageType(u32::from_be_bytes([t0, t1, t2, t3])) })
}

impl Header {
    /// Whether it can be one where one is expected.
    pub(crate) fn is_possible(&self) -> bool {
        self.length <= MAX_BODY && self.message_type.0 <= PLAUSIBLE_TYPE
    }

    /// Whether a message is likely to begin with it where anything is expected: one whose layout is known, and that
    /// has room for its fixed part.
    fn is_likely(&self) -> bool {
        MessageInfo::of(self.message_type).is_some_and(|info| {
            // Which version it is may not be known: only what all of them have counts.
            let always = info.fixed.iter().filter(|field| field.versions == Versions::ALL);
            let least: usize = always.map(|field| field.length()).sum();
            (least..=MAX_BODY).contains(&self.length)
        })
    }

    /// Whether it is likely to stand behind a message.
    fn is_successor(&self) -> bool {
        self.length <= MAX_BODY && self.message_type.name().is_some()
    }

    /// Bytes of the frame, header included.
    pub(crate) const fn frame_len(self) -> usize {
        HEADER_LEN.saturating_add(self.length)
    }
}

/// Whether a frame begins here: a likely header, and behind the frame another one, or the end.
pub(crate) fn judge(bytes: &[u8], ended: bool) -> Verdict {
    let undecided = if ended { Verdict::No } else { Verdict::Open };
    let Some(first) = header(bytes) else {
        // A length's upper bytes are 0 in every version.
        return if bytes.iter().take(2).all(|byte| *byte == 0) { undecided } else { Verdict::No };
    };
    if !first.is_likely() {
        return Verdict::No;
    }
    match bytes.get(first.frame_len()..) {
        None => undecided,
        Some([]) if ended => Verdict::Yes,
        Some(behind) => match header(behind) {
            // Two in a row: one alone stands in garbage too often.
            Some(second) if second.is_successor() => Verdict::Yes,
            Some(_) => Verdict::No,
            None => undecided,
        },
    }
}
