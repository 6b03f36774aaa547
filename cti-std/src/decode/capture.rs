//! Capture files: packets, when they were captured, and on what kind of link.

use std::io::Read;

use jiff::Timestamp;
use pcap_parser::{Block, parse_block_be, parse_block_le, parse_pcap_header};

use super::flow::Flows;
use super::packet::{Packet, packet};
use super::printer::Printer;
use super::source::Source;
use super::{Error, Options};

/// The largest packet or block that is believed in.
const MAX_BLOCK: usize = 16 * 1024 * 1024;
/// Bytes in front of a packet in a file of the classic format.
const FRAME_HEADER: usize = 16;
/// Interfaces of a section that are known: a file may describe any number, and they stay until the section ends.
const MAX_INTERFACES: usize = 65_536;
/// Said of a packet whose link cannot be known: dropped without a word it would look like one that was never sent.
const NO_INTERFACE: &str = "a packet of the capture is of an interface that is not described";
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const BIG_ENDIAN: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];

/// A capture while it is read: where its packets go, and what is to be said at the end.
struct Capture<'o, 'p, 'w> {
    flows: Flows,
    printer: &'p mut Printer<'w>,
    /// Packets of any kind.
    packets: u64,
    /// Parts of fragmented IP packets, which are not put together.
    fragments: u64,
    /// Packets of links that are not known here, and the number of the last of these links.
    unknown_links: u64,
    last_unknown_link: i32,
    /// Why reading stopped in front of the end.
    damage: Option<String>,
    options: &'o Options,
}

/// Decodes a file of the classic format: a header that says how numbers are written and what the link is, then the
/// packets, each behind its time and length.
pub(crate) fn pcap(source: &mut Source<impl Read>, options: &Options, printer: &mut Printer<'_>) -> Result<(), Error> {
    let Ok((_, header)) = parse_pcap_header(source.peek(24)?) else {
        return Err(Error::Unusable("the capture ends inside its header".into()));
    };
    source.consume(24);
    let (big, nanoseconds) = (header.is_bigendian(), header.is_nanosecond_precision());
    // Four numbers more, of no use here.
    let front = if header.is_modified_format() { FRAME_HEADER + 8 } else { FRAME_HEADER };
    let mut capture = Capture::new(options, printer);
    loop {
        capture.flush_before_wait(source, front)?;
        let bytes = source.peek(front)?;
        let (Some(seconds), Some(fraction), Some(length)) =
            (number(bytes, 0, big), number(bytes, 4, big), number(bytes, 8, big))
        else {
            if !bytes.is_empty() {
                capture.damage = Some("the capture ends inside a packet".into());
            }
            break;
        };
        let length = length as usize;
        if length > MAX_BLOCK {
            capture.damage = Some(format!("the capture is damaged: a packet of {length} bytes"));
            break;
        }
        capture.flush_before_wait(source, front + length)?;
        let bytes = source.peek(front + length)?;
        let data = bytes.get(front..bytes.len().min(front + length)).unwrap_or_default();
        let is_whole = data.len() == length;
        let time = time(seconds.into(), fraction, if nanoseconds { 1 } else { 1000 });
        // The last packet of a capture that was cut off still has its beginning.
        capture.packet(header.network.0, time, data)?;
        if !is_whole {
            capture.damage = Some("the capture ends inside a packet".into());
            break;
        }
        source.consume(front + length);
    }
    capture.finish()
}

/// Decodes a file of the newer format: blocks of many kinds, of which sections, interfaces and packets matter here.
///
/// The blocks are cut here, by their length, so that one that is damaged costs no more than itself.
pub(crate) fn pcapng(
    source: &mut Source<impl Read>,
    options: &Options,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let mut capture = Capture::new(options, printer);
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut big = false;
    loop {
        capture.flush_before_wait(source, 12)?;
        let bytes = source.peek(12)?;
        if bytes.is_empty() {
            break;
        }
        // A section says how its numbers are written.
        if bytes.starts_with(&SECTION) {
            // Numbers of interfaces begin anew in each section.
            interfaces.clear();
            big = bytes.get(8..12) == Some(&BIG_ENDIAN);
        }
        // At the end there may be less than a length: the block is found to be cut off below.
        let length = number(bytes, 4, big).map_or(12, |length| length as usize);
        if !(12..=MAX_BLOCK).contains(&length) {
            capture.damage = Some(format!("the capture is damaged: a block of {length} bytes"));
            break;
        }
        capture.flush_before_wait(source, length)?;
        let Some(bytes) = source.peek(length)?.get(..length) else {
            capture.damage = Some("the capture ends inside a packet".into());
            break;
        };
        let parse = if big { parse_block_be } else { parse_block_le };
        match parse(bytes) {
            Ok((_, Block::InterfaceDescription(_))) if interfaces.len() >= MAX_INTERFACES => {
                capture.damaged_blocks("the capture describes too many interfaces");
            }
            Ok((_, Block::InterfaceDescription(block))) => {
                // The crate reads the offset as if it were always little-endian.
                let offset = if big { block.if_tsoffset.swap_bytes() } else { block.if_tsoffset };
                let units = units_per_second(block.if_tsresol);
                interfaces.push(Interface { link: block.linktype.0, units, offset, snaplen: block.snaplen });
            }
            Ok((_, Block::EnhancedPacket(block))) => {
                let data = block.data.get(..block.caplen as usize).unwrap_or(block.data);
                match interfaces.get(block.if_id as usize) {
                    Some(interface) => {
                        let count = u64::from(block.ts_high) << 32 | u64::from(block.ts_low);
                        capture.packet(interface.link, interface.time(count), data)?;
                    }
                    None => capture.damaged_blocks(NO_INTERFACE),
                }
            }
            Ok((_, Block::SimplePacket(block))) => {
                let Some(interface) = interfaces.first() else {
                    capture.damaged_blocks(NO_INTERFACE);
                    source.consume(length);
                    continue;
                };
                // Such a block does not say how much of the packet it has: the rest is padding.
                let limit = if interface.snaplen == 0 { u32::MAX } else { interface.snaplen };
                let kept = block.origlen.min(limit) as usize;
                let data = block.data.get(..kept).unwrap_or(block.data);
                capture.packet(interface.link, None, data)?;
            }
            // Statistics, names, comments.
            Ok(_) => {}
            Err(_) => capture.damaged_blocks("a block of the capture is damaged"),
        }
        source.consume(length);
    }
    capture.finish()
}

/// An interface of a section, by whose number packets refer to it.
struct Interface {
    /// Type of the link.
    link: i32,
    /// Units of its timestamps in a second.
    units: u128,
    /// Seconds that its timestamps are counted from.
    offset: i64,
    /// Bytes that are kept of a packet; 0 means all.
    snaplen: u32,
}

impl Interface {
    /// The time that a timestamp stands for; `None` if it is beyond all calendars.
    fn time(&self, count: u64) -> Option<Timestamp> {
        let count = u128::from(count);
        let seconds = i64::try_from(count.checked_div(self.units)?).ok()?.checked_add(self.offset)?;
        let fraction = count.checked_rem(self.units)?.checked_mul(1_000_000_000)?.checked_div(self.units)?;
        time(seconds, u32::try_from(fraction).ok()?, 1)
    }
}

/// Units of a timestamp in a second: a power of ten, or of two if the highest bit is set.
fn units_per_second(resolution: u8) -> u128 {
    match resolution {
        // Beyond these no time fits 64 bits; such a file is damaged, and its times come out as none.
        0x80.. => 1 << (resolution & 0x7f).min(64),
        _ => 10_u128.pow(resolution.min(19).into()),
    }
}

/// A time from seconds and a fraction in units of so many nanoseconds.
fn time(seconds: i64, fraction: u32, nanoseconds: u32) -> Option<Timestamp> {
    let fraction = i32::try_from(fraction.checked_mul(nanoseconds)?).ok()?;
    Timestamp::new(seconds, fraction).ok()
}

/// The number at a place of a header.
fn number(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let (&number, _) = bytes.get(at..)?.split_first_chunk()?;
    Some(if big { u32::from_be_bytes(number) } else { u32::from_le_bytes(number) })
}

impl<'o, 'p, 'w> Capture<'o, 'p, 'w> {
    fn new(options: &'o Options, printer: &'p mut Printer<'w>) -> Self {
        Self {
            flows: Flows::new(options),
            printer,
            packets: 0,
            fragments: 0,
            unknown_links: 0,
            last_unknown_link: 0,
            damage: None,
            options,
        }
    }

    /// Shows what there is before waiting for more: the capture may be a running one.
    fn flush_before_wait(&mut self, source: &Source<impl Read>, needed: usize) -> Result<(), Error> {
        if source.data().len() < needed {
            self.printer.flush()?;
        }
        Ok(())
    }

    /// Takes a packet as far as it goes.
    fn packet(&mut self, link: i32, time: Option<Timestamp>, data: &[u8]) -> Result<(), Error> {
        self.packets += 1;
        match packet(link, data) {
            Packet::Tcp(segment) => self.flows.segment(time, &segment, self.printer)?,
            Packet::Fragment => self.fragments += 1,
            Packet::UnknownLink => {
                self.unknown_links += 1;
                self.last_unknown_link = link;
            }
            Packet::Other => {}
        }
        Ok(())
    }

    /// Takes note of damage that does not end the capture; the first of it is told.
    fn damaged_blocks(&mut self, what: &str) {
        self.damage.get_or_insert_with(|| what.into());
    }

    /// Ends all connections, and tells what was passed over.
    fn finish(mut self) -> Result<(), Error> {
        self.flows.finish(self.printer)?;
        if let Some(damage) = &self.damage {
            self.printer.damaged_input(damage)?;
        }
        let (packets, link) = (self.packets, self.last_unknown_link);
        if self.unknown_links > 0 {
            let note = format!("{} of {packets} packets ignored: link type {link} is not known", self.unknown_links);
            self.printer.note(None, &note)?;
        }
        if self.fragments > 0 {
            self.printer.note(None, &format!("{} IP fragments ignored", self.fragments))?;
        }
        // A capture of something else is an error: nothing at all would look like a quiet server.
        if self.flows.followed() > 0 {
            return Ok(());
        }
        let ports: Vec<String> = self.flows.ports().iter().map(u16::to_string).collect();
        let hint = if self.options.ports.is_empty() { "; name the server's port with --port" } else { "" };
        let reason = format!("no connection to port {} in {packets} packets{hint}", ports.join(", "));
        Err(Error::Unusable(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(resolution: u8, offset: i64, count: u64) -> String {
        let interface = Interface { link: 1, units: units_per_second(resolution), offset, snaplen: 0 };
        interface.time(count).map(|time| time.to_string()).unwrap_or_default()
    }

    #[test]
    fn every_resolution_gives_the_time() {
        assert_eq!(shown(6, 0, 1_340_954_905_298_858), "2012-06-29T07:28:25.298858Z");
        assert_eq!(shown(9, 0, 1_340_954_905_298_858_123), "2012-06-29T07:28:25.298858123Z");
        assert_eq!(shown(3, 0, 1_340_954_905_298), "2012-06-29T07:28:25.298Z");
        assert_eq!(shown(0, 0, 1_340_954_905), "2012-06-29T07:28:25Z");
        assert_eq!(shown(0x8a, 0, 1_340_954_905 * 1024 + 512), "2012-06-29T07:28:25.5Z");
        assert_eq!(shown(6, 1_340_954_905, 500_000), "2012-06-29T07:28:25.5Z", "counted from a later beginning");
        assert_eq!(shown(0, 0, u64::MAX), "");
        for resolution in 0..=u8::MAX {
            shown(resolution, i64::MAX, u64::MAX);
        }
    }
}
