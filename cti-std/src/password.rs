//! A password in memory.

use std::fmt;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

/// A password, which never prints and is wiped from memory when it is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// Reads a file that holds the password, and perhaps a line break behind it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut bytes = Zeroizing::new(std::fs::read(path)?);
        // One line break, as an editor leaves it: what else there is may be part of the password.
        let length =
            bytes.strip_suffix(b"\n").map_or(bytes.len(), |line| line.strip_suffix(b"\r").unwrap_or(line).len());
        bytes.truncate(length);
        Ok(Self(bytes))
    }

    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl<T: Into<Vec<u8>>> From<T> for Password {
    fn from(password: T) -> Self {
        Self(Zeroizing::new(password.into()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Always as long, whatever the password.
        f.write_str("***")
    }
}
