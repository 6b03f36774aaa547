//! Decodes the ten messages that a wallboard needs, and uses every field that it would show.
#![no_std]
#![no_main]

size::program!(exercise);

fn exercise(input: &[u8], output: &mut [u8]) -> u32 {
    // ---- the calls into cti-proto go here, in place of the stand-in ----
    // Find the frame, decode it, match on the ten messages; fold numbers into the return value
    // and copy texts to `output`, so that nothing that a wallboard reads is optimized away.
    let mut input = input;
    let mut sum = 0u32;
    while let Some(([tag, len], rest)) = input.split_first_chunk() {
        let Some((value, rest)) = rest.split_at_checked(usize::from(*len)) else {
            return u32::MAX;
        };
        if let Some(room) = output.get_mut(..value.len()) {
            room.copy_from_slice(value);
        }
        sum = sum.rotate_left(5) ^ u32::from(*tag);
        input = rest;
    }
    sum
    // --------------------------------------------------------------------
}
