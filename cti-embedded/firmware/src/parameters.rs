//! Parameters from the emulator's command line, by semihosting: `fw a=10.0.2.2:42027 agents=64`.

use core::net::SocketAddrV4;
use core::str::FromStr;

use static_cell::ConstStaticCell;

/// Operations of semihosting.
const GET_COMMAND_LINE: usize = 0x15;
const EXIT: usize = 0x18;
const STOPPED_APPLICATION_EXIT: usize = 0x2_0026;
const STOPPED_RUN_TIME_ERROR: usize = 0x2_0023;

/// What was given, as `name=value` behind the program's name.
#[derive(Clone, Copy)]
pub struct Parameters(&'static str);

impl Parameters {
    /// Asks the emulator, once. Empty where it gives nothing.
    #[must_use]
    pub fn take() -> Self {
        static LINE: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
        let line = LINE.take();
        let mut block = [line.as_mut_ptr() as usize, line.len()];
        // SAFETY: the block holds the address and the length of a buffer that is there for good.
        let status = unsafe { call(GET_COMMAND_LINE, block.as_mut_ptr() as usize) };
        let length = if status == 0 { block[1].min(line.len()) } else { 0 };
        Self(core::str::from_utf8(&line[..length]).unwrap_or_default())
    }

    /// The value of a parameter.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'static str> {
        let pairs = self.0.trim_end_matches('\0').split(' ');
        pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The value of a parameter; `default` if it is not given.
    ///
    /// # Panics
    /// If what is given is no such value.
    #[must_use]
    pub fn value<T: FromStr>(self, name: &str, default: T) -> T {
        match self.text(name) {
            None => default,
            Some(text) => text.parse().unwrap_or_else(|_| defmt::panic!("{=str}: {=str} will not do", name, text)),
        }
    }

    /// Addresses of side A and side B: `a=10.0.2.2:42027 b=10.0.2.2:43027`.
    #[must_use]
    pub fn sides(self) -> [SocketAddrV4; 2] {
        let host = core::net::Ipv4Addr::new(10, 0, 2, 2);
        [self.value("a", SocketAddrV4::new(host, 42_027)), self.value("b", SocketAddrV4::new(host, 43_027))]
    }
}

/// Ends the emulator, with status 0 or 1.
pub fn exit(success: bool) -> ! {
    let reason = if success { STOPPED_APPLICATION_EXIT } else { STOPPED_RUN_TIME_ERROR };
    // SAFETY: exit takes no memory.
    unsafe { call(EXIT, reason) };
    loop {
        cortex_m::asm::wfi();
    }
}

/// # Safety
/// `argument` is what the operation asks for.
unsafe fn call(operation: usize, argument: usize) -> usize {
    let result;
    // SAFETY: the emulator takes this instruction; registers are named.
    unsafe {
        core::arch::asm!("bkpt #0xab", inout("r0") operation => result, in("r1") argument, options(nostack));
    }
    result
}
