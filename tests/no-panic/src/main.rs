//! Links only if nothing that [`exercise`] calls can panic.
//!
//! The panic handler calls a function that nothing defines. Where the optimizer can show that
//! every panic is unreachable, the handler is dropped and the program links; where one panic
//! survives, the linker names the undefined function. The program is never run.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

unsafe extern "C" {
    /// Defined nowhere. The `check` script looks for this name in the linker's error.
    safe fn a_panic_can_be_reached() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    a_panic_can_be_reached()
}

/// The program's entry. Nothing calls it, so the compiler knows nothing about its arguments.
///
/// # Safety
///
/// `input` and `output` are valid for their lengths and do not overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn entry(
    input: *const u8,
    input_len: usize,
    output: *mut u8,
    output_len: usize,
    selector: u32,
) -> u32 {
    // SAFETY: required of the caller.
    let (input, output) = unsafe {
        (
            core::slice::from_raw_parts(input, input_len),
            core::slice::from_raw_parts_mut(output, output_len),
        )
    };
    #[cfg(feature = "canary")]
    if selector == u32::MAX {
        return u32::from(input[output.len()]);
    }
    exercise(selector, input, output)
}

/// Everything that is proved. Each arm stands for one use of the crate; all data comes from
/// `input`, and every result reaches the return value or `output`, so that nothing is folded away.
fn exercise(selector: u32, input: &[u8], output: &mut [u8]) -> u32 {
    match selector {
        // ---- the calls into cti-proto go here, in place of the stand-ins ----
        0 => stand_in_decode(input),
        1 => stand_in_encode(input, output),
        // ----------------------------------------------------------------------
        _ => 0,
    }
}

fn stand_in_decode(mut input: &[u8]) -> u32 {
    let mut sum = 0u32;
    while let Some(([tag, len], rest)) = input.split_first_chunk() {
        let Some((value, rest)) = rest.split_at_checked(usize::from(*len)) else {
            return u32::MAX;
        };
        for byte in value {
            sum = sum.rotate_left(5) ^ u32::from(*byte) ^ u32::from(*tag);
        }
        input = rest;
    }
    sum
}

fn stand_in_encode(input: &[u8], output: &mut [u8]) -> u32 {
    let Ok(len) = u8::try_from(input.len()) else {
        return u32::MAX;
    };
    let Some((head, tail)) = output.split_first_mut() else {
        return u32::MAX;
    };
    let Some(room) = tail.get_mut(..input.len()) else {
        return u32::MAX;
    };
    *head = len;
    room.copy_from_slice(input);
    u32::from(len)
}
