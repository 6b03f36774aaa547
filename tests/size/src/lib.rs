//! The frame around what is measured, the same for both programs.
#![no_std]

/// Defines the panic handler and the entry, which hands its arguments to `$exercise`. Nothing
/// calls the entry, so the compiler knows nothing about its arguments. The program is never run.
#[macro_export]
macro_rules! program {
    ($exercise:path) => {
        #[panic_handler]
        fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
            loop {}
        }

        /// # Safety
        ///
        /// `input` and `output` are valid for their lengths and do not overlap.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn entry(input: *const u8, input_len: usize, output: *mut u8, output_len: usize) -> u32 {
            // SAFETY: required of the caller.
            let (input, output) = unsafe {
                (core::slice::from_raw_parts(input, input_len), core::slice::from_raw_parts_mut(output, output_len))
            };
            $exercise(input, output)
        }
    };
}
