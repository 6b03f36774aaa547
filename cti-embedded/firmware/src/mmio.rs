//! Registers of devices, 32 bits each.

/// The registers of a device. Made in `board` only, where the addresses stand.
#[derive(Clone, Copy)]
pub(crate) struct Registers(usize);

impl Registers {
    /// # Safety
    /// `base` is the address of a device that is there, whose registers have no effect on memory, and that nothing
    /// else drives.
    pub(crate) const unsafe fn new(base: usize) -> Self {
        Self(base)
    }

    pub(crate) fn read(self, offset: usize) -> u32 {
        // SAFETY: by `new`, the device is there; all offsets in use are its own.
        unsafe { core::ptr::read_volatile((self.0 + offset) as *const u32) }
    }

    pub(crate) fn write(self, offset: usize, value: u32) {
        // SAFETY: as in `read`.
        unsafe { core::ptr::write_volatile((self.0 + offset) as *mut u32, value) }
    }
}
