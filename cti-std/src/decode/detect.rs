//! What kind of input it is, by its first bytes.

/// Bytes that [`detect`] wants to see.
pub(crate) const ENOUGH: usize = 16;

/// A form in which traffic is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputKind {
    /// Lines of hex.
    Hex,
    /// The bytes of a connection.
    Raw,
    /// A capture of the classic format.
    Pcap,
    /// A capture of the newer format.
    PcapNg,
    /// A compressed file of any kind: not decoded here.
    Compressed,
    /// Nothing.
    Empty,
}

/// Recognises an input by its beginning, of which 16 bytes are enough.
///
/// A raw stream begins with a length, whose first byte is 0, so text cannot be mistaken for one.
#[must_use]
pub fn detect(head: &[u8]) -> InputKind {
    // What more has arrived by chance must not count.
    match head.get(..ENOUGH).unwrap_or(head) {
        [] => InputKind::Empty,
        [0x0a, 0x0d, 0x0d, 0x0a, ..] => InputKind::PcapNg,
        [0xa1, 0xb2, 0xc3, 0xd4, ..] | [0xd4, 0xc3, 0xb2, 0xa1, ..] => InputKind::Pcap,
        [0xa1, 0xb2, 0x3c, 0x4d, ..] | [0x4d, 0x3c, 0xb2, 0xa1, ..] => InputKind::Pcap,
        // What some old systems write, with longer packet headers.
        [0x34, 0xcd, 0xb2, 0xa1, ..] => InputKind::Pcap,
        // gzip, zstd, xz.
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [0xfd, b'7', b'z', b'X', b'Z', ..] => InputKind::Compressed,
        // Bytes beyond ASCII are letters of a comment.
        head if head.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace()) => InputKind::Hex,
        _ => InputKind::Raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_by_its_beginning() {
        for (head, kind) in [
            (&b"client 0000005600000003"[..], InputKind::Hex),
            (b"# a comment\n", InputKind::Hex),
            ("\u{feff}# größer".as_bytes(), InputKind::Hex),
            (b"\r\n\t00", InputKind::Hex),
            (&[0, 0, 0, 4, 0, 0, 0, 5], InputKind::Raw),
            (&[0], InputKind::Raw),
            (&[0x16, 3, 1, 2, 0, 1], InputKind::Raw),
            (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0], InputKind::Pcap),
            (&[0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4], InputKind::Pcap),
            (&[0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0], InputKind::PcapNg),
            (&[0x1f, 0x8b, 8, 0], InputKind::Compressed),
            (&[], InputKind::Empty),
        ] {
            assert_eq!(detect(head), kind, "{head:02x?}");
        }
    }
}
