//! How deep the stack has ever been. cortex-m-rt paints it at the start.

use cortex_m_rt::{STACK_PAINT_VALUE, heap_start};

unsafe extern "C" {
    static _stack_start: u32;
}

/// Bytes of the stack's memory that are to stay free. Below that the program ends rather than go on in doubt.
pub const MARGIN: usize = 1_024;

/// How much of the memory for the stack was ever used, and how much there is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub struct Usage {
    /// Most bytes ever used.
    pub peak: usize,
    /// Bytes between the program's variables and the stack's beginning.
    pub size: usize,
}

/// Looks how far the stack has been.
#[must_use]
pub fn usage() -> Usage {
    let bottom = heap_start();
    // SAFETY: only the address of the linker's symbol is used.
    let top = &raw const _stack_start;
    let words = (top as usize - bottom as usize) / size_of::<u32>();
    // SAFETY: this is RAM up to the top of the stack; what lies above the stack pointer is not looked at, as the
    // search ends at the first word that is not painted.
    let untouched = (0..words).take_while(|word| unsafe { bottom.add(*word).read_volatile() } == STACK_PAINT_VALUE);
    let (size, untouched) = (words * size_of::<u32>(), untouched.count() * size_of::<u32>());
    Usage { peak: size - untouched, size }
}
