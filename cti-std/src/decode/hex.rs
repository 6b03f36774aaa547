//! Lines of hex: optionally `client` or `server`, then digits with any white space between; `#` begins a comment.

use super::{Error, Side};

/// The words, and whose bytes follow.
const WORDS: [(&[u8], Side); 2] = [(b"client", Side::Client), (b"server", Side::Server)];

/// Reads lines in pieces of any size. A line without a word is of no side, an indented one of the side above it.
#[derive(Debug)]
pub(crate) struct Lines {
    /// Number of the line, from 1.
    number: u64,
    /// Whose the line is.
    from: Option<Side>,
    place: Place,
    /// The first half of a byte.
    digit: Option<u8>,
}

/// Where in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At its beginning; true behind white space.
    Start(bool),
    /// Behind as many letters of a word, which may be a digit yet.
    Word(Side, usize),
    /// Behind a word.
    Named,
    Digits,
    Comment,
}

impl Default for Lines {
    fn default() -> Self {
        Self { number: 1, from: None, place: Place::Start(false), digit: None }
    }
}

impl Lines {
    /// Reads up to the end of a line or of `text`; puts the bytes into `out`, returns their side and the rest.
    pub(crate) fn read<'t>(&mut self, text: &'t [u8], out: &mut Vec<u8>) -> Result<(Option<Side>, &'t [u8]), Error> {
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            if byte == b'\n' {
                let from = self.end_of_line()?;
                return Ok((from, rest));
            }
            self.step(byte, out)?;
        }
        Ok((self.side(), rest))
    }

    /// Ends the last line.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.end_of_line().map(|_| ())
    }

    /// Takes one character.
    fn step(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Error> {
        let blank = byte.is_ascii_whitespace();
        match self.place {
            Place::Comment => {}
            // The mark that some editors put in front of UTF-8.
            Place::Start(false) if self.number == 1 && matches!(byte, 0xef | 0xbb | 0xbf) => {}
            // The side stays until something else begins the line.
            Place::Start(_) if blank => self.place = Place::Start(true),
            _ if byte == b'#' => {
                self.end_word()?;
                self.place = Place::Comment;
            }
            Place::Start(indented) => {
                if !indented {
                    self.from = None;
                }
                // `c` may begin `client` or be a digit: the next character tells.
                let word = WORDS.iter().find(|(word, _)| word.first() == Some(&byte.to_ascii_lowercase()));
                match word {
                    Some(&(_, side)) => self.place = Place::Word(side, 1),
                    None => {
                        self.place = Place::Digits;
                        self.digit(byte, out)?;
                    }
                }
            }
            Place::Word(side, seen) if !blank && byte != b':' => {
                let word = WORDS.iter().find(|word| word.1 == side).map_or(&b""[..], |word| word.0);
                if word.get(seen) == Some(&byte.to_ascii_lowercase()) {
                    self.place = Place::Word(side, seen + 1);
                } else if seen > 1 {
                    return Err(self.no_word());
                } else {
                    // Not a word after all: its first letter was a digit, if anything.
                    self.place = Place::Digits;
                    self.digit(*word.first().unwrap_or(&byte), out)?;
                    self.digit(byte, out)?;
                }
            }
            Place::Word(..) => self.end_word()?,
            // `client: 00` and `client 00` are the same.
            Place::Named if byte == b':' => {}
            Place::Named | Place::Digits if blank => {}
            Place::Named | Place::Digits => {
                self.place = Place::Digits;
                self.digit(byte, out)?;
            }
        }
        Ok(())
    }

    /// Ends a word, which must be whole.
    fn end_word(&mut self) -> Result<(), Error> {
        if let Place::Word(side, seen) = self.place {
            match WORDS.iter().find(|word| word.1 == side) {
                Some((word, _)) if word.len() == seen => (self.from, self.place) = (Some(side), Place::Named),
                // A lone `c` is half a byte, an `s` nothing at all.
                _ if seen == 1 && side == Side::Client => (self.digit, self.place) = (Some(0xc), Place::Digits),
                _ => return Err(self.no_word()),
            }
        }
        Ok(())
    }

    /// Takes half a byte.
    fn digit(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Error> {
        let Some(value) = char::from(byte).to_digit(16) else {
            return Err(self.error(&format!("`{}` is not a hex digit", byte.escape_ascii())));
        };
        // A digit has four bits.
        let value = value as u8;
        match self.digit.take() {
            Some(high) => out.push(high << 4 | value),
            None => self.digit = Some(value),
        }
        Ok(())
    }

    /// Ends a line: bytes do not go on in the next. Returns whose it was.
    fn end_of_line(&mut self) -> Result<Option<Side>, Error> {
        self.end_word()?;
        if self.digit.is_some() {
            return Err(self.error("an odd number of hex digits"));
        }
        self.place = Place::Start(false);
        self.number += 1;
        Ok(self.from)
    }

    /// Whose the digits read so far are.
    fn side(&self) -> Option<Side> {
        self.from
    }

    /// Neither a word nor digits.
    fn no_word(&self) -> Error {
        self.error("expected `client`, `server` or hex digits")
    }

    /// An error that names the line.
    fn error(&self, what: &str) -> Error {
        Error::Unusable(format!("line {}: {what}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = Vec<(Option<Side>, Vec<u8>)>;

    /// All bytes by side, and the same for every size of pieces.
    fn read(text: &str) -> Result<Read, String> {
        let mut results = (1..=text.len()).map(|size| {
            let mut lines = Lines::default();
            let mut all = Read::new();
            for mut piece in text.as_bytes().chunks(size) {
                while !piece.is_empty() {
                    let mut out = Vec::new();
                    let (from, rest) = lines.read(piece, &mut out).map_err(|error| error.to_string())?;
                    piece = rest;
                    match all.last_mut() {
                        _ if out.is_empty() => {}
                        Some((last, bytes)) if *last == from => bytes.extend(out),
                        _ => all.push((from, out)),
                    }
                }
            }
            lines.finish().map_err(|error| error.to_string())?;
            Ok(all)
        });
        let first = results.next().unwrap();
        assert!(results.all(|result| result == first), "{text:?}: {first:?}");
        first
    }

    #[test]
    fn words_digits_and_comments_in_any_case_and_spacing() {
        let text = "# comment c0de\nclient 00 0A0b # ff\r\n\n  0c0d\nServer:c1 c2\ncafe c\tc\nCLIENT # none\n\tCC";
        let client = |bytes: &[u8]| (Some(Side::Client), bytes.to_vec());
        assert_eq!(
            read(text).unwrap(),
            [
                client(&[0, 0xa, 0xb, 0xc, 0xd]),
                (Some(Side::Server), vec![0xc1, 0xc2]),
                (None, vec![0xca, 0xfe, 0xcc]),
                client(&[0xcc])
            ]
        );
        assert_eq!(read("\u{feff}00").unwrap(), [(None, vec![0])]);
    }

    #[test]
    fn what_is_not_hex_is_refused_with_its_line() {
        assert_eq!(read("00\n\n0x").unwrap_err(), "line 3: `x` is not a hex digit");
        assert_eq!(read("000\n00").unwrap_err(), "line 1: an odd number of hex digits");
        assert_eq!(read("c\n00").unwrap_err(), "line 1: an odd number of hex digits");
        assert_eq!(read("cl 00").unwrap_err(), "line 1: expected `client`, `server` or hex digits");
        assert_eq!(read("some text").unwrap_err(), "line 1: `s` is not a hex digit");
    }
}
