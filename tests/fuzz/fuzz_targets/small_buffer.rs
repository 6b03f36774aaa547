//! Writing into a buffer that is too small says so, and how many bytes it takes.
#![no_main]

use cti_fuzz::FRAME_MAX;
use cti_proto::{Blame, Body, EncodeErrorKind, Frame, Handler, Protocol, encode};
use libfuzzer_sys::fuzz_target;

/// Up to here every size is tried; beyond, as many that are spread out.
const SIZES: usize = 256;

fuzz_target!(|data: &[u8]| {
    let Some(frame) = cti_fuzz::frame(data) else {
        return;
    };
    // What cannot be read is the business of another target.
    let _ = frame.dispatch(&mut Squeeze(frame.protocol()));
});

struct Squeeze(Protocol);

impl Handler for Squeeze {
    type Output = ();

    fn message<'a, M: Body<'a>>(&mut self, message: &M) {
        let mut buffer = vec![0; FRAME_MAX];
        let Ok(whole) = encode(self.0, message, &mut buffer).map(<[u8]>::to_vec) else {
            return;
        };
        for size in (0..whole.len()).rev().step_by(whole.len() / SIZES + 1) {
            let error = encode(self.0, message, &mut buffer[..size]).expect_err("the buffer is too small");
            assert_eq!(error.kind, EncodeErrorKind::NoRoom { needed: whole.len() });
            assert_eq!(error.blame(), Blame::Capacity);
        }
        assert_eq!(encode(self.0, message, &mut buffer[..whole.len()]), Ok(&whole[..]));
    }

    fn other(&mut self, _: &Frame<'_>) {}
}
