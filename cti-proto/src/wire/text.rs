//! Borrowed texts and bytes, as they stand in the receive buffer. Nothing is looked at before it is asked for.

use core::fmt::{self, Write as _};

use crate::wire::types::nul_at;

/// A STRING: ASCII for Unified CCE, UTF-8 for Unified CCX, ended by a NUL that a peer may forget.
///
/// The text ends at the first NUL; equality, order and hashing see only what is before it.
///
/// Guide: "Messaging Conventions", data types.
#[derive(Clone, Copy, Default)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// A text of these bytes. Writing refuses a NUL that is not at the end.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes before the first NUL.
    #[must_use]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0.get(..nul_at(self.0)).unwrap_or_default()
    }

    /// The bytes as they were sent, with the NUL and what may stand behind it.
    #[must_use]
    pub const fn raw(self) -> &'a [u8] {
        self.0
    }

    /// The text, if it is UTF-8.
    ///
    /// # Errors
    /// The error of [`core::str::from_utf8`]; [`Display`](fmt::Display) replaces what it cannot show.
    pub fn to_str(self) -> Result<&'a str, core::str::Utf8Error> {
        core::str::from_utf8(self.as_bytes())
    }

    /// Whether there is nothing before the first NUL.
    #[must_use]
    pub fn is_empty(self) -> bool {
        // Without a look at the rest, which finding the NUL would be.
        self.0.first().is_none_or(|&byte| byte == 0)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl core::hash::Hash for Text<'_> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Piece by piece: limits count bytes, and so a peer may cut a text within a letter.
        for chunk in self.as_bytes().utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for chunk in self.as_bytes().utf8_chunks() {
            chunk.valid().chars().try_for_each(|char| write_visibly(f, char))?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_str("\"")
    }
}

/// Writes a character, escaped if it cannot be seen or turns the direction of what follows. `escape_debug` goes by
/// tables that would take room in an appliance, read by code that is not shown to be free of panics.
fn write_visibly(f: &mut fmt::Formatter<'_>, char: char) -> fmt::Result {
    match char {
        '"'
        | '\\'
        | '\0'..='\u{1f}'
        | '\u{7f}'..='\u{a0}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'.. => write!(f, "{}", char.escape_default()),
        _ => f.write_char(char),
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Text<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self.to_str() {
            Ok(text) => defmt::write!(f, "{=str:?}", text),
            Err(_) => defmt::write!(f, "{=[u8]:a}", self.as_bytes()),
        }
    }
}

/// An UNSPEC: bytes without a rule.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<'a>(pub &'a [u8]);

impl core::ops::Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Bytes<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=[u8]:x}", self.0);
    }
}

/// A password: the value itself, which never prints.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Secret<T>(pub T);

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(feature = "defmt")]
impl<T> defmt::Format for Secret<T> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "***");
    }
}

impl<'a> From<&'a str> for Secret<Text<'a>> {
    fn from(text: &'a str) -> Self {
        Self(text.into())
    }
}

impl<'a> From<&'a str> for Secret<Bytes<'a>> {
    fn from(text: &'a str) -> Self {
        Self(Bytes(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn a_text_ends_at_its_first_nul_or_at_its_end() {
        assert_eq!(Text::new(b"1001\0junk"), "1001");
        assert_eq!(Text::new(b"1001"), "1001");
        assert!(Text::new(b"\0x").is_empty());
        assert_eq!(Text::new(b"1001\0junk").raw(), b"1001\0junk");
    }

    #[test]
    fn what_is_not_utf8_still_prints() {
        assert_eq!(format!("{}", Text::new(b"a\xffb")), "a\u{fffd}b");
        assert_eq!(format!("{:?}", Text::new(b"a\xff\"\0")), r#""a\xff\"""#);
        assert_eq!(format!("{:?}", Text::from("O'Brien\\ \u{fc}\r\n\u{202e}")), r#""O'Brien\\ ü\r\n\u{202e}""#);
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::<Text<'_>>::from("hunter2")), "***");
    }
}
