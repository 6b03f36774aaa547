//! One direction of a TCP connection, put in order.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Bytes held while one in front of them is missing.
const HELD_BYTES: usize = 256 * 1024;
/// Segments held.
const HELD_SEGMENTS: usize = 1024;
/// Packets of the connection after which data that the peer acknowledged is taken for lost. Until then it may be
/// that the capture holds packets in another order.
const PATIENCE: u32 = 16;
/// A jump beyond this is another connection's.
const FAR: i64 = 1 << 26;

/// What comes out, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// Bytes, and when they were captured.
    Data(Vec<u8>, Option<Timestamp>),
    /// So many bytes were not captured.
    Gap(u64),
}

/// A direction of a connection. Places are bytes from the beginning of the stream.
#[derive(Debug, Default)]
pub(crate) struct Half {
    /// Sequence number of the place `next`; `None` before the first segment.
    seq: Option<u32>,
    next: u64,
    /// Segments from `next` on, by place.
    held: BTreeMap<u64, Held>,
    held_bytes: usize,
    /// A part of `next` that is known to be lost.
    lost: u64,
    /// The end, once its place is known.
    fin: Option<u64>,
    /// The place up to which the peer has everything.
    acknowledged: u64,
    /// Acknowledgements since something waits.
    patience: u32,
}

/// A segment that waits.
#[derive(Debug, Default)]
struct Held {
    data: Vec<u8>,
    /// Bytes behind `data` that the capture cut off.
    cut_off: usize,
    time: Option<Timestamp>,
}

impl Half {
    /// The sequence number of the first byte.
    pub(crate) fn begin(&mut self, seq: u32) {
        self.seq.get_or_insert(seq);
    }

    /// Whether the sequence number of any byte is known.
    pub(crate) fn has_begun(&self) -> bool {
        self.seq.is_some()
    }

    /// The sequence number of the first byte, while nothing came.
    pub(crate) fn first(&self) -> Option<u32> {
        let seq = self.seq?;
        // The numbers are modulo 2^32.
        Some(seq.wrapping_sub(self.next as u32))
    }

    /// Whether `seq` is so far off that it belongs to another connection.
    pub(crate) fn is_far(&self, seq: u32) -> bool {
        self.distance(seq).is_some_and(|distance| distance.abs() > FAR)
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.held_bytes
    }

    /// Whether everything up to the end came.
    pub(crate) fn is_over(&self) -> bool {
        self.fin.is_some_and(|fin| self.next >= fin)
    }

    /// Takes a segment, of which the capture cut off the last `cut_off` bytes.
    pub(crate) fn push(&mut self, seq: u32, data: &[u8], cut_off: usize, fin: bool, time: Option<Timestamp>) {
        self.begin(seq);
        // Damage, or a connection that nobody saw begin: there is no place for it here.
        let Some(distance) = self.distance(seq).filter(|distance| distance.abs() <= FAR) else {
            return;
        };
        let place = self.next.saturating_add_signed(distance);
        // What lies in front of the first byte that came.
        // A keep-alive repeats the byte in front of the stream.
        let before = usize::try_from(distance.saturating_add_unsigned(self.next).min(0).unsigned_abs());
        let data = data.get(before.unwrap_or(usize::MAX)..).unwrap_or_default();
        let end = place.saturating_add((data.len() + cut_off) as u64);
        if fin {
            self.fin = Some(end);
        }
        // What was handed on already is only sent again.
        if end > self.next && end > place {
            self.hold(place, Held { data: data.to_vec(), cut_off, time });
        }
    }

    /// The peer acknowledged everything in front of `ack`.
    pub(crate) fn acknowledge(&mut self, ack: u32) {
        if let Some(distance) = self.distance(ack).filter(|distance| distance.abs() <= FAR) {
            self.acknowledged = self.acknowledged.max(self.next.saturating_add_signed(distance));
        }
        if !self.held.is_empty() {
            // The peer goes on without waiting: what we miss it may well have.
            self.patience = self.patience.saturating_add(1);
        }
    }

    /// What comes next, if it is there or will never be.
    pub(crate) fn pop(&mut self) -> Option<Chunk> {
        if self.lost > 0 {
            let lost = std::mem::take(&mut self.lost);
            return Some(self.gap(lost));
        }
        while let Some(first) = self.held.first_entry().filter(|first| *first.key() <= self.next) {
            let (place, Held { mut data, cut_off, time }) = first.remove_entry();
            self.held_bytes = self.held_bytes.saturating_sub(data.len());
            self.patience = 0;
            // Its beginning may have come with an earlier segment.
            let known = self.next.saturating_sub(place);
            let end = place.saturating_add((data.len() + cut_off) as u64);
            data.drain(..usize::try_from(known).unwrap_or(usize::MAX).min(data.len()));
            self.advance(data.len() as u64);
            if cut_off > 0 {
                self.lost = end.saturating_sub(self.next);
            }
            if !data.is_empty() {
                return Some(Chunk::Data(data, time));
            }
            if self.lost > 0 {
                return self.pop();
            }
        }
        let (&first, _) = self.held.first_key_value()?;
        // The peer has the bytes in front, so that they will not be sent again.
        let is_late = self.acknowledged >= first && self.patience >= PATIENCE;
        // Or too much waits: whoever sends a hole and no end to what follows must not fill the memory.
        let is_full = self.held_bytes > HELD_BYTES || self.held.len() > HELD_SEGMENTS;
        (is_late || is_full).then(|| self.gap(first.saturating_sub(self.next)))
    }

    /// The same at the end, when nothing more comes.
    pub(crate) fn pop_last(&mut self) -> Option<Chunk> {
        if let Some(chunk) = self.pop() {
            return Some(chunk);
        }
        // Without a FIN, an acknowledgement may count one that was not captured.
        let acknowledged = Some(self.acknowledged).filter(|place| *place > self.next.saturating_add(1));
        let first = self.held.keys().next().copied();
        let missing = first.or(self.fin).or(acknowledged)?.checked_sub(self.next).filter(|missing| *missing > 0)?;
        Some(self.gap(missing))
    }

    /// Keeps a segment until its place is reached.
    fn hold(&mut self, place: u64, new: Held) {
        let held = self.held.entry(place).or_default();
        // Of a segment that came twice, the better one.
        if held.data.len() < new.data.len() || held.data.is_empty() && new.data.is_empty() {
            self.held_bytes = self.held_bytes.saturating_sub(held.data.len()).saturating_add(new.data.len());
            *held = new;
        }
    }

    /// Passes over what will not come.
    fn gap(&mut self, missing: u64) -> Chunk {
        self.patience = 0;
        self.advance(missing);
        Chunk::Gap(missing)
    }

    /// Moves on in the stream.
    fn advance(&mut self, n: u64) {
        self.next = self.next.saturating_add(n);
        // The numbers are modulo 2^32.
        self.seq = self.seq.map(|seq| seq.wrapping_add(n as u32));
    }

    /// From `next` to a sequence number: the shorter way round.
    fn distance(&self, seq: u32) -> Option<i64> {
        self.seq.map(|next| i64::from(seq.wrapping_sub(next) as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes segments `(seq, data, cut off)`; gaps come out as `<n>`.
    fn run(start: u32, segments: &[(u32, &str, usize)]) -> String {
        let mut half = Half::default();
        half.begin(start);
        let mut seen = String::new();
        let mut show = |chunk: Chunk| match chunk {
            Chunk::Data(data, _) => seen += &String::from_utf8(data).unwrap(),
            Chunk::Gap(missing) => seen += &format!("<{missing}>"),
        };
        for (seq, data, cut_off) in segments {
            half.push(start.wrapping_add(*seq), data.as_bytes(), *cut_off, false, None);
            while let Some(chunk) = half.pop() {
                show(chunk);
            }
        }
        while let Some(chunk) = half.pop_last() {
            show(chunk);
        }
        assert_eq!(half.held(), 0);
        seen
    }

    #[test]
    fn every_order_and_overlap_gives_the_stream() {
        for start in [0, 7, u32::MAX - 3, u32::MAX, i32::MAX as u32 - 2] {
            assert_eq!(run(start, &[(0, "abc", 0), (3, "def", 0)]), "abcdef");
            assert_eq!(run(start, &[(3, "def", 0), (0, "abc", 0)]), "abcdef", "reordered");
            assert_eq!(run(start, &[(0, "abc", 0), (0, "abcd", 0), (2, "cdef", 0)]), "abcdef", "sent again, longer");
            assert_eq!(run(start, &[(0, "abcd", 0), (0, "ab", 0), (4, "ef", 0)]), "abcdef", "sent again, shorter");
            assert_eq!(run(start, &[(4, "ef", 0), (2, "cd", 0), (2, "cdef", 0), (0, "ab", 0)]), "abcdef");
            assert_eq!(run(start, &[(0, "abc", 0), (u32::MAX, "?", 0), (3, "def", 0)]), "abcdef", "a keep-alive");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(run(0, &[(0, "abc", 0), (5, "fg", 0)]), "abc<2>fg");
        assert_eq!(run(0, &[(0, "ab", 3), (5, "fg", 0)]), "ab<3>fg", "cut off by the capture");
        assert_eq!(run(0, &[(0, "", 5), (5, "fg", 0)]), "<5>fg");
        assert_eq!(run(u32::MAX, &[(0, "a", 0), (2, "c", 0), (4, "e", 0)]), "a<1>c<1>e");
    }

    #[test]
    fn the_end_is_known_by_its_place() {
        let mut half = Half::default();
        half.begin(10);
        half.push(13, b"", 0, true, None);
        assert!(!half.is_over());
        half.push(10, b"abc", 0, false, None);
        assert_eq!(half.pop(), Some(Chunk::Data(b"abc".to_vec(), None)));
        assert!(half.is_over());
        assert_eq!(half.pop_last(), None);
        half = Half::default();
        half.begin(10);
        half.push(14, b"", 0, true, None);
        assert_eq!(half.pop_last(), Some(Chunk::Gap(4)));
    }

    #[test]
    fn a_hole_is_given_up_when_the_peer_has_the_bytes_or_too_much_waits() {
        let mut half = Half::default();
        half.begin(0);
        half.push(5, b"fg", 0, false, None);
        for _ in 0..PATIENCE - 1 {
            half.acknowledge(7);
            assert_eq!(half.pop(), None);
        }
        half.acknowledge(7);
        assert_eq!(half.pop(), Some(Chunk::Gap(5)));
        assert_eq!(half.pop(), Some(Chunk::Data(b"fg".to_vec(), None)));

        let mut most = 0;
        for place in 1..2000 {
            half.push(100 + place * 1000, &[0; 1000], 0, false, None);
            while half.pop().is_some() {}
            most = most.max(half.held());
        }
        assert!(most <= HELD_BYTES + 1000, "{most}");
    }

    #[test]
    fn another_connection_is_known_by_its_numbers() {
        let mut half = Half::default();
        half.begin(1000);
        assert!(!half.is_far(1000 + 60_000) && !half.is_far(0));
        assert!(half.is_far(1 << 30) && half.is_far(0xc000_0000));
    }
}
