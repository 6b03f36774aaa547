//! Log lines by whichever logger the features name. Where both are on, `defmt` comes first: crates that stop the build
//! instead make their users pay for what other users chose.

/// One line: `line!(info, "text {:?}", value)`.
macro_rules! line {
    ($level:ident, $format:literal $(, $value:expr)*) => {{
        // defmt's symbols exist only where a microcontroller's linker script provides them.
        #[cfg(all(feature = "defmt", target_os = "none"))]
        ::defmt::$level!($format $(, $value)*);
        #[cfg(all(feature = "log", not(all(feature = "defmt", target_os = "none"))))]
        ::log::$level!($format $(, $value)*);
        #[cfg(not(any(feature = "log", all(feature = "defmt", target_os = "none"))))]
        { $(let _ = &$value;)* }
    }};
}
