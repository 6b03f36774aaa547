//! One direction of a connection, cut into frames: also behind garbage and gaps, where the next header has to be
//! searched.

use cti_proto::MessageType;
use cti_proto::wire::HEADER_LEN;

use super::damage::{Damage, DamageKind, kept};
use super::header::{Header, Verdict, header, judge};

/// What a stream holds.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// A frame: its place in the stream, and all of its bytes.
    Frame { offset: u64, bytes: &'a [u8] },
    /// A piece without a frame.
    Damage(Damage),
}

/// A direction of a connection. Bytes come in through [`feed`](Self::feed), and [`next`](Self::next) is called until
/// it has no more.
#[derive(Debug)]
pub(crate) struct Cutter {
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are used up.
    start: usize,
    /// Bytes of the stream in front of `start`.
    offset: u64,
    state: State,
    /// The message in front of `start`.
    last: Option<MessageType>,
    /// Whether nothing but TLS is expected.
    secured: bool,
    /// Whether nothing was cut or passed over yet.
    fresh: bool,
    /// Whether no more bytes come.
    ended: bool,
}

#[derive(Debug)]
enum State {
    /// A header comes next.
    Synced,
    /// So many bytes of a frame are left that a gap went through.
    Rest(u64),
    /// A header is being searched.
    Lost { kind: DamageKind, bytes: Vec<u8>, length: u64 },
    /// TLS: everything is dropped.
    Encrypted,
}

impl State {
    /// Nothing is passed over yet.
    const fn lost(kind: DamageKind) -> Self {
        Self::Lost { kind, bytes: Vec::new(), length: 0 }
    }
}

impl Default for Cutter {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            offset: 0,
            state: State::Synced,
            last: None,
            secured: false,
            fresh: true,
            ended: false,
        }
    }
}

impl Cutter {
    /// Of a stream whose beginning was not recorded.
    pub(crate) fn begin_inside(&mut self) {
        self.state = State::lost(DamageKind::Remainder);
    }

    /// Of a connection to a port for TLS.
    pub(crate) fn expect_tls(&mut self) {
        self.secured = true;
    }

    /// Takes bytes of the stream.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        // Here, and not when a frame is taken: it is borrowed until the next call.
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// No more bytes come.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.buffer.len().saturating_sub(self.start)
    }

    /// At the end: how many bytes came, if there is no frame among them.
    pub(crate) fn hopeless(&mut self) -> Option<u64> {
        self.ended = true;
        if matches!(self.state, State::Lost { .. }) {
            self.search();
        }
        match &self.state {
            State::Synced if self.offset == 0 && self.held() < HEADER_LEN => Some(self.held() as u64),
            State::Lost { length, .. } if *length == self.offset && self.held() == 0 => Some(*length),
            _ => None,
        }
    }

    /// Takes note that `missing` bytes of the stream were not recorded. The frames in front of them must be taken.
    pub(crate) fn gap(&mut self, missing: u64) -> Option<Damage> {
        let offset = self.offset;
        // What came of a frame before the gap is of no use without the rest.
        let partial = std::mem::take(&mut self.buffer).split_off(self.start);
        self.start = 0;
        self.advance((partial.len() as u64).saturating_add(missing));
        let header = header(&partial).filter(|header| header.is_possible());
        let kind = DamageKind::Gap(missing);
        let mut damage = Damage {
            offset,
            kind,
            message: None,
            after: self.last,
            length: partial.len() as u64,
            bytes: kept(&[], &partial),
        };
        let state = std::mem::replace(&mut self.state, State::lost(DamageKind::Remainder));
        match (state, header) {
            (State::Encrypted, _) => {
                self.state = State::Encrypted;
                return None;
            }
            // The gap goes on inside the same frame.
            (State::Rest(left), _) if left >= missing => self.state = State::Rest(left - missing),
            (State::Synced, Some(header)) => {
                damage.message = Some(header.message_type);
                let end = offset.saturating_add(header.frame_len() as u64);
                // Its length tells where the next one begins, if the gap ends before that.
                if end >= self.offset {
                    self.state = State::Rest(end - self.offset);
                }
            }
            (State::Lost { bytes, length, .. }, _) => {
                damage.offset = offset.saturating_sub(length);
                damage.length = damage.length.saturating_add(length);
                damage.bytes = kept(&bytes, &partial);
            }
            _ => {}
        }
        Some(damage)
    }

    /// The next piece, if a whole one is there.
    pub(crate) fn next(&mut self) -> Option<Piece<'_>> {
        loop {
            match self.state {
                State::Encrypted => {
                    self.take(self.held());
                    return None;
                }
                State::Rest(0) => self.state = State::Synced,
                State::Rest(left) => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(self.held());
                    if taken == 0 {
                        return None;
                    }
                    self.take(taken);
                    self.state = State::Rest(left.saturating_sub(taken as u64));
                }
                State::Lost { .. } if self.fresh && self.is_tls() => return Some(self.encrypted()),
                // Too few bytes to tell TLS from garbage.
                State::Lost { .. } if self.fresh && self.held() < 4 && !self.ended => return None,
                State::Lost { .. } => {
                    let found = self.search();
                    // On a port for TLS what is no message is TLS, though its first record was not captured.
                    if self.fresh && self.secured && self.has_passed_over() {
                        return Some(self.encrypted());
                    }
                    self.fresh &= !self.has_passed_over();
                    if !found {
                        return None;
                    }
                    if let Some(damage) = self.recover() {
                        return Some(Piece::Damage(damage));
                    }
                }
                State::Synced if self.fresh && self.is_tls() => return Some(self.encrypted()),
                State::Synced => {
                    let Some(header) = header(self.rest()) else {
                        return self.truncated(None).map(Piece::Damage);
                    };
                    if !header.is_possible() {
                        if self.secured && self.fresh {
                            return Some(self.encrypted());
                        }
                        self.state = State::lost(DamageKind::NoHeader);
                        continue;
                    }
                    let length = header.frame_len();
                    if length > self.held() {
                        return self.truncated(Some(header)).map(Piece::Damage);
                    }
                    let (offset, start) = (self.offset, self.start);
                    (self.fresh, self.last) = (false, Some(header.message_type));
                    self.take(length);
                    let bytes = self.buffer.get(start..self.start).unwrap_or_default();
                    return Some(Piece::Frame { offset, bytes });
                }
            }
        }
    }

    /// Bytes not yet used.
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Uses bytes.
    fn take(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.buffer.len());
        self.advance(n as u64);
    }

    /// Counts bytes that are behind us.
    fn advance(&mut self, n: u64) {
        self.offset = self.offset.saturating_add(n);
    }

    /// Passes over what cannot be a frame. True if one was found, or there is nothing more to search.
    fn search(&mut self) -> bool {
        let bytes = self.rest();
        // The first place that may be a header ends the search: one that is still open has to wait for more bytes.
        let verdicts = (0..bytes.len()).map(|at| (at, judge(bytes.get(at..).unwrap_or_default(), self.ended)));
        let hit = verdicts.into_iter().find(|(_, verdict)| !matches!(verdict, Verdict::No));
        let (passed, found) = match hit {
            Some((at, Verdict::Yes)) => (at, true),
            Some((at, _)) => (at, false),
            None => (bytes.len(), self.ended),
        };
        let skipped = bytes.get(..passed).unwrap_or_default().to_vec();
        self.take(passed);
        if let State::Lost { bytes, length, .. } = &mut self.state {
            *bytes = kept(bytes, &skipped);
            *length = length.saturating_add(passed as u64);
        }
        found
    }

    /// Whether a search has passed over something.
    fn has_passed_over(&self) -> bool {
        matches!(self.state, State::Lost { length: 1.., .. })
    }

    /// Goes on at the header that was found; what was passed over, if anything.
    fn recover(&mut self) -> Option<Damage> {
        let State::Lost { kind, bytes, length } = std::mem::replace(&mut self.state, State::Synced) else {
            return None;
        };
        let offset = self.offset.saturating_sub(length);
        (length > 0).then_some(Damage { offset, kind, message: None, after: self.last, bytes, length })
    }

    /// At the end, what is left.
    fn truncated(&mut self, header: Option<Header>) -> Option<Damage> {
        if !self.ended || self.held() == 0 {
            return None;
        }
        let (offset, length) = (self.offset, self.held() as u64);
        let bytes = kept(&[], self.rest());
        self.take(self.held());
        // Without a header it is not known how long the message would have been.
        let whole = header.map_or(HEADER_LEN, Header::frame_len) as u64;
        let message = header.map(|header| header.message_type);
        Some(Damage { offset, kind: DamageKind::Truncated(whole), message, after: self.last, bytes, length })
    }

    /// Whether a TLS record comes next.
    fn is_tls(&self) -> bool {
        // Records are change of cipher, alert, handshake and data, of a version up to 3.4, and of 18 KiB at most.
        matches!(self.rest(), [0x14..=0x17, 3, 0..=4, 0..=0x48, ..])
    }

    /// Gives up on the stream.
    fn encrypted(&mut self) -> Piece<'static> {
        let passed = match std::mem::replace(&mut self.state, State::Encrypted) {
            State::Lost { length, .. } => length,
            _ => 0,
        };
        let (offset, kind) = (self.offset.saturating_sub(passed), DamageKind::Encrypted);
        Piece::Damage(Damage { offset, kind, message: None, after: None, bytes: Vec::new(), length: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONF: [u8; 12] = [0, 0, 0, 4, 0, 0, 0, 6, 0, 0, 0, 1];

    /// Frames as `(offset, length)`, damage as its text; the same for every chunking.
    fn cut(prepare: impl Fn(&mut Cutter), stream: &[u8]) -> Vec<String> {
        let mut results = (1..=stream.len()).rev().map(|size| {
            let mut cutter = Cutter::default();
            prepare(&mut cutter);
            let mut seen = Vec::new();
            let mut drain = |cutter: &mut Cutter| {
                while let Some(piece) = cutter.next() {
                    seen.push(match piece {
                        Piece::Frame { offset, bytes } => format!("{offset}+{}", bytes.len()),
                        Piece::Damage(damage) => format!("{}: {damage}", damage.offset),
                    });
                }
            };
            for chunk in stream.chunks(size) {
                cutter.feed(chunk);
                drain(&mut cutter);
            }
            cutter.end();
            drain(&mut cutter);
            seen
        });
        let first = results.next().unwrap();
        results.for_each(|result| assert_eq!(result, first));
        first
    }

    #[test]
    fn garbage_is_passed_over_up_to_the_next_header() {
        let stream = [&CONF[..], b"GET / HTTP/1.1\0\0\0", &CONF, &CONF].concat();
        assert_eq!(
            cut(|_| {}, &stream),
            ["0+12", "12: no message begins with 474554202f204854; 17 bytes skipped", "29+12", "41+12"]
        );
        let stream = [&CONF[..], &[0xff; 30]].concat();
        assert_eq!(cut(|_| {}, &stream), ["0+12", "12: no message begins with ffffffffffffffff; 30 bytes skipped"]);
    }

    #[test]
    fn a_recording_may_begin_and_end_inside_a_message() {
        let stream = [&CONF[5..], &CONF, &CONF, &CONF[..11]].concat();
        assert_eq!(
            cut(Cutter::begin_inside, &stream),
            [
                "0: the recording goes on inside a message; 7 bytes skipped",
                "7+12",
                "19+12",
                "31: the recording ends inside the message: 11 of 12 bytes"
            ]
        );
        assert_eq!(cut(Cutter::begin_inside, &CONF), ["0+12"]);
    }

    #[test]
    fn tls_is_told_once() {
        let hello = [&[0x16, 3, 1, 0, 200, 1, 0, 0, 196][..], &[7; 100]].concat();
        let told = ["0: the connection is encrypted (TLS) and cannot be decoded"];
        assert_eq!(cut(|_| {}, &hello), told);
        assert_eq!(cut(Cutter::expect_tls, &[9; 40]), told);
        let inside = |cutter: &mut Cutter| {
            cutter.begin_inside();
            cutter.expect_tls();
        };
        assert_eq!(cut(inside, &[9; 40]), told);
        assert_eq!(cut(Cutter::expect_tls, &CONF), ["0+12"], "a plain session is decoded on any port");
    }

    #[test]
    fn a_gap_inside_a_frame_is_passed_over_by_its_length() {
        let mut cutter = Cutter::default();
        cutter.feed(&[&CONF[..], &CONF[..9]].concat());
        assert!(matches!(cutter.next(), Some(Piece::Frame { offset: 0, .. })));
        assert!(cutter.next().is_none());
        let damage = cutter.gap(2).unwrap();
        assert_eq!((damage.offset, damage.length, damage.message), (12, 9, Some(MessageType::HEARTBEAT_CONF)));
        cutter.feed(&[&CONF[11..], &CONF].concat());
        assert!(matches!(cutter.next(), Some(Piece::Frame { offset: 24, .. })));
    }

    #[test]
    fn a_gap_between_frames_needs_a_search() {
        let mut cutter = Cutter::default();
        assert_eq!(cutter.gap(100).unwrap().length, 0);
        cutter.feed(&[&CONF[3..], &CONF, &CONF].concat());
        assert!(matches!(cutter.next(), Some(Piece::Damage(Damage { offset: 100, length: 9, .. }))));
        assert!(matches!(cutter.next(), Some(Piece::Frame { offset: 109, .. })));
    }

    #[test]
    fn only_a_stream_without_a_frame_is_hopeless() {
        let hopeless = |stream: &[u8]| {
            let mut cutter = Cutter::default();
            cutter.feed(stream);
            while cutter.next().is_some() {}
            cutter.hopeless()
        };
        assert_eq!(hopeless(&[]), Some(0));
        assert_eq!(hopeless(&CONF[..5]), Some(5));
        assert_eq!(hopeless(&[0xee; 50]), Some(50));
        assert_eq!(hopeless(&[&[0xee; 50], &CONF[..]].concat()), None);
        assert_eq!(hopeless(&CONF), None);
        assert_eq!(hopeless(&CONF[..9]), None);
    }
}
