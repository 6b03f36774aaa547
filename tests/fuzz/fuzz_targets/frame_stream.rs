//! Any bytes, cut into frames.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // ---- the calls into cti-proto go here, in place of the stand-in ----
    let mut rest = data;
    while let Some((length, tail)) = rest.split_first_chunk() {
        let Some((_, tail)) = tail.split_at_checked(u32::from_be_bytes(*length) as usize) else {
            break;
        };
        assert!(tail.len() < rest.len());
        rest = tail;
    }
});
