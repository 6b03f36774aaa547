//! A captured packet, down to its TCP segment.

use std::net::SocketAddr;

use etherparse::{LaxIpSlice, TcpSlice, ip_number};

/// A TCP segment, or what a capture has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    /// The end that sent it.
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    /// Number of the first byte, or of the SYN.
    pub(crate) seq: u32,
    /// The acknowledged number, if there is one.
    pub(crate) ack: Option<u32>,
    pub(crate) syn: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
    /// The bytes of the stream, as far as the capture has them.
    pub(crate) data: &'a [u8],
    /// Bytes behind `data` that the capture cut off.
    pub(crate) cut_off: usize,
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    Tcp(Segment<'a>),
    /// A part of a fragmented IP packet.
    Fragment,
    /// Something else.
    Other,
    /// Of a link type that is not known here.
    UnknownLink,
}

/// EtherTypes of VLAN tags.
const VLAN: [[u8; 2]; 3] = [[0x81, 0x00], [0x88, 0xa8], [0x91, 0x00]];
const IPV4: [u8; 2] = [0x08, 0x00];
const IPV6: [u8; 2] = [0x86, 0xdd];

/// Reads a packet of link type `link`, numbered as capture files do.
pub(crate) fn packet(link: i32, bytes: &[u8]) -> Packet<'_> {
    // In a file's header the upper bits may tell of a checksum behind each packet.
    let ip = match link & 0xffff {
        // Loopback: the address family in whatever order the recording machine had.
        0 | 108 => bytes.get(4..),
        1 => bytes.get(12..).and_then(ether),
        // Bare IP, as it is numbered on various systems.
        12 | 14 | 101 | 228 | 229 => Some(bytes),
        // Linux cooked, both versions.
        113 => bytes.get(14..).and_then(ether),
        276 => cooked2(bytes),
        _ => return Packet::UnknownLink,
    };
    ip.and_then(segment).unwrap_or(Packet::Other)
}

/// What follows an EtherType, if that is IP, in any number of VLANs.
fn ether(bytes: &[u8]) -> Option<&[u8]> {
    let mut bytes = bytes;
    loop {
        let (ether_type, rest) = bytes.split_first_chunk::<2>()?;
        if VLAN.contains(ether_type) {
            bytes = rest.get(2..)?;
        } else {
            return (*ether_type == IPV4 || *ether_type == IPV6).then_some(rest);
        }
    }
}

/// What follows the header of the second cooked form, if that is IP.
fn cooked2(bytes: &[u8]) -> Option<&[u8]> {
    let (protocol, _) = bytes.split_first_chunk::<2>()?;
    let payload = bytes.get(20..)?;
    if VLAN.contains(protocol) {
        return ether(payload.get(2..)?);
    }
    (*protocol == IPV4 || *protocol == IPV6).then_some(payload)
}

/// The TCP segment in an IP packet, if there is one.
fn segment(ip: &[u8]) -> Option<Packet<'_>> {
    // Lax: a capture may hold less of the packet than its header announces.
    let (slice, _) = LaxIpSlice::from_slice(ip).ok()?;
    let announced = match &slice {
        LaxIpSlice::Ipv4(ipv4) => usize::from(ipv4.header().total_len()),
        // The length there does not count the header of 40 bytes.
        LaxIpSlice::Ipv6(ipv6) => usize::from(ipv6.header().payload_length()).saturating_add(40),
    };
    let payload = slice.payload();
    if payload.fragmented {
        return Some(Packet::Fragment);
    }
    if payload.ip_number != ip_number::TCP {
        return None;
    }
    let tcp = TcpSlice::from_slice(payload.payload).ok()?;
    Some(Packet::Tcp(Segment {
        from: SocketAddr::new(slice.source_addr(), tcp.source_port()),
        to: SocketAddr::new(slice.destination_addr(), tcp.destination_port()),
        seq: tcp.sequence_number(),
        ack: tcp.ack().then(|| tcp.acknowledgment_number()),
        syn: tcp.syn(),
        fin: tcp.fin(),
        rst: tcp.rst(),
        data: tcp.payload(),
        // Nothing is announced where the network card was to fill it in.
        cut_off: announced.saturating_sub(ip.len()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv4 packet of 41 bytes with one byte of data, and padding.
    fn ip() -> Vec<u8> {
        let mut ip = vec![0x45, 0, 0, 41, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        ip.extend([0xa4, 0x2b, 0xc3, 0x50, 0, 0, 0, 5, 0, 0, 0, 9, 0x50, 0x18, 1, 0, 0, 0, 0, 0]);
        ip.extend([0xaa, 0, 0, 0]);
        ip
    }

    fn data(link: i32, front: &[u8]) -> Option<(u8, usize)> {
        let bytes = [front, &ip()].concat();
        match packet(link, &bytes) {
            Packet::Tcp(segment) => {
                assert_eq!((segment.from.port(), segment.to.port()), (42027, 50000));
                assert_eq!((segment.seq, segment.ack), (5, Some(9)));
                Some((segment.data[0], segment.data.len()))
            }
            _ => None,
        }
    }

    #[test]
    fn every_link_leads_to_the_segment() {
        let ether = [0; 12];
        let front = |more: &[u8]| [&ether, more].concat();
        for (link, front) in [
            (1, front(&[8, 0])),
            (1, front(&[0x81, 0, 0, 5, 8, 0])),
            (1, front(&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 7, 8, 0])),
            (0, vec![2, 0, 0, 0]),
            (108, vec![0, 0, 0, 2]),
            (101, vec![]),
            (228, vec![]),
            (113, [&[0; 14][..], &[8, 0]].concat()),
            (276, [&[8, 0][..], &[0; 18]].concat()),
            (1 | 0x2400_0000, front(&[8, 0])),
        ] {
            assert_eq!(data(link, &front), Some((0xaa, 1)), "link {link}, {front:x?}");
        }
        assert_eq!(data(1, &front(&[8, 6])), None, "ARP");
        assert_eq!(packet(147, &ip()), Packet::UnknownLink);
    }

    #[test]
    fn a_packet_cut_short_tells_what_it_lacks() {
        let mut bytes = ip();
        bytes[3] = 140;
        let Packet::Tcp(segment) = packet(101, &bytes[..41]) else { panic!("not TCP") };
        assert_eq!((segment.data, segment.cut_off), (&[0xaa][..], 99));
        for length in 0..40 {
            assert_eq!(packet(101, &bytes[..length]), Packet::Other);
        }
        bytes[6] = 0x20;
        assert_eq!(packet(101, &bytes), Packet::Fragment);
    }
}
