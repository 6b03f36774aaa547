//! Recordings: frames of a session, and the files that a capture of them can be written to.

use cti_proto::message::{
    AgentStateEvent, BeginCallEvent, Body, CloseConf, CloseReq, HeartbeatConf, HeartbeatReq, OpenConf, OpenReq,
};
use cti_proto::value::{AgentState, CtiService};
use cti_proto::wire::{List, NamedArray, NamedVariable};
use cti_proto::{Protocol, encode};

pub(crate) fn frame<'a>(protocol: Protocol, message: &impl Body<'a>) -> Vec<u8> {
    let mut buffer = [0; 2048];
    encode(protocol, message, &mut buffer).unwrap().to_vec()
}

/// A frame of any bytes.
pub(crate) fn raw_frame(message_type: u32, body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes(), &message_type.to_be_bytes(), body].concat()
}

pub(crate) fn heartbeat(invoke_id: u32) -> Vec<u8> {
    raw_frame(5, &invoke_id.to_be_bytes())
}

pub(crate) fn open_req(protocol: Protocol) -> Vec<u8> {
    let request = OpenReq {
        invoke_id: 1,
        version_number: protocol.version(),
        idle_timeout: 120,
        peripheral_id: u32::MAX,
        services_requested: CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_DEBUG,
        client_id: Some("wallboard".into()),
        client_password: Some("hunter2".into()),
        ..OpenReq::default()
    };
    frame(protocol, &request)
}

/// A small session: who sends which frame, in order.
pub(crate) fn session(protocol: Protocol) -> Vec<(bool, Vec<u8>)> {
    let variables = [NamedVariable { name: "user.order".into(), value: "A-17".into() }];
    let arrays = [NamedArray { index: 3, name: "user.items".into(), value: "milk \u{e9}".into() }];
    let begin = BeginCallEvent {
        connection_call_id: 4711,
        connection_device_id: Some("5001".into()),
        ani: Some("2065551234".into()),
        named_variables: List::new(&variables),
        named_arrays: List::new(&arrays),
        ..BeginCallEvent::default()
    };
    let state = AgentStateEvent {
        agent_state: AgentState::AGENT_STATE_AVAILABLE,
        agent_id: Some("1001".into()),
        ..AgentStateEvent::default()
    };
    let open_conf = OpenConf { invoke_id: 1, ..OpenConf::default() };
    vec![
        (true, open_req(protocol)),
        (false, frame(protocol, &open_conf)),
        (false, frame(protocol, &state)),
        (true, frame(protocol, &HeartbeatReq { invoke_id: 2 })),
        (false, frame(protocol, &HeartbeatConf { invoke_id: 2 })),
        (false, frame(protocol, &begin)),
        (true, frame(protocol, &CloseReq { invoke_id: 3, ..CloseReq::default() })),
        (false, frame(protocol, &CloseConf { invoke_id: 3 })),
    ]
}

/// The session's messages, in short and in order.
pub(crate) const SESSION: [&str; 8] = [
    "client OPEN_REQ",
    "server OPEN_CONF",
    "server AGENT_STATE_EVENT",
    "client HEARTBEAT_REQ",
    "server HEARTBEAT_CONF",
    "server BEGIN_CALL_EVENT",
    "client CLOSE_REQ",
    "server CLOSE_CONF",
];

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lines of hex, one frame a line.
pub(crate) fn hex_lines(session: &[(bool, Vec<u8>)]) -> String {
    let line =
        |(client, frame): &(bool, Vec<u8>)| format!("{} {}\n", if *client { "client" } else { "server" }, hex(frame));
    session.iter().map(line).collect()
}

/// A TCP connection while its packets are made.
#[derive(Clone)]
pub(crate) struct Tcp {
    pub(crate) v6: bool,
    pub(crate) client_port: u16,
    pub(crate) server_port: u16,
    /// Next sequence numbers of client and server.
    pub(crate) seq: [u32; 2],
}

pub(crate) const FIN: u8 = 1;
const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
const ACK: u8 = 0x10;

impl Tcp {
    pub(crate) fn new(client_port: u16, server_port: u16) -> Self {
        Self { v6: false, client_port, server_port, seq: [1000, u32::MAX - 20] }
    }

    /// Both SYNs.
    pub(crate) fn open(&mut self) -> Vec<Vec<u8>> {
        let first = self.packet(true, SYN, self.seq[0], &[]);
        self.seq = self.seq.map(|seq| seq.wrapping_add(1));
        vec![first, self.packet(false, SYN | ACK, self.seq[1].wrapping_sub(1), &[])]
    }

    /// Data in order.
    pub(crate) fn send(&mut self, client: bool, data: &[u8]) -> Vec<u8> {
        let side = usize::from(!client);
        let packet = self.packet(client, ACK, self.seq[side], data);
        self.seq[side] = self.seq[side].wrapping_add(data.len() as u32);
        packet
    }

    pub(crate) fn close(&mut self, flags: u8) -> Vec<Vec<u8>> {
        vec![self.packet(true, flags | ACK, self.seq[0], &[]), self.packet(false, flags | ACK, self.seq[1], &[])]
    }

    /// An IP packet.
    pub(crate) fn packet(&self, client: bool, flags: u8, seq: u32, data: &[u8]) -> Vec<u8> {
        let ends = [(1, self.client_port), (2, self.server_port)];
        let [from, to] = if client { ends } else { [ends[1], ends[0]] };
        let ack = if flags == SYN { 0 } else { self.seq[usize::from(client)] };
        let mut tcp = Vec::new();
        tcp.extend(from.1.to_be_bytes());
        tcp.extend(to.1.to_be_bytes());
        tcp.extend(seq.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        // Header of six words, with an option.
        tcp.extend([0x60, flags, 0xff, 0xff, 0, 0, 0, 0, 1, 1, 1, 0]);
        tcp.extend(data);
        let mut ip = Vec::new();
        if self.v6 {
            ip.extend([0x60, 0, 0, 0]);
            ip.extend((tcp.len() as u16).to_be_bytes());
            ip.extend([6, 64]);
            for end in [from.0, to.0] {
                ip.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end]);
            }
        } else {
            ip.extend([0x45, 0]);
            ip.extend((tcp.len() as u16 + 20).to_be_bytes());
            ip.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
            ip.extend([10, 0, 0, from.0, 10, 0, 0, to.0]);
        }
        ip.extend(tcp);
        ip
    }
}

/// The packets of a whole connection, one frame a packet.
pub(crate) fn connection(mut tcp: Tcp, session: &[(bool, Vec<u8>)]) -> Vec<Vec<u8>> {
    let mut packets = tcp.open();
    packets.extend(session.iter().map(|(client, frame)| tcp.send(*client, frame)));
    packets.extend(tcp.close(FIN));
    packets
}

/// What stands in front of an IP packet on a link.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Link {
    Ethernet,
    Vlan,
    Loopback,
    Cooked,
    Cooked2,
    RawIp,
}

impl Link {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ethernet, Self::Vlan, Self::Loopback, Self::Cooked, Self::Cooked2, Self::RawIp];

    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Ethernet | Self::Vlan => 1,
            Self::Loopback => 0,
            Self::Cooked => 113,
            Self::Cooked2 => 276,
            Self::RawIp => 101,
        }
    }

    pub(crate) fn wrap(self, ip: &[u8], big: bool) -> Vec<u8> {
        let v6 = ip[0] >> 4 == 6;
        let ether: [u8; 2] = if v6 { [0x86, 0xdd] } else { [8, 0] };
        let family: u32 = if v6 { 30 } else { 2 };
        let front = match self {
            Self::Ethernet => [&[2; 12][..], &ether].concat(),
            Self::Vlan => [&[2; 12][..], &[0x81, 0, 0, 42], &ether].concat(),
            Self::Loopback => if big { family.to_be_bytes() } else { family.to_le_bytes() }.to_vec(),
            Self::Cooked => [&[0; 14][..], &ether].concat(),
            Self::Cooked2 => [&ether[..], &[0; 18]].concat(),
            Self::RawIp => Vec::new(),
        };
        // Ethernet pads short packets.
        let padding = if matches!(self, Self::Ethernet) { 60_usize.saturating_sub(14 + ip.len()) } else { 0 };
        [&front, ip, &vec![0; padding]].concat()
    }
}

/// Second and nanosecond at which packet `n` was captured: 2024-02-29T12:00:00.000001Z and each second after it.
const START: u64 = 1_709_208_000;

fn number(big: bool, number: u32) -> [u8; 4] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

fn short(big: bool, number: u16) -> [u8; 2] {
    if big { number.to_be_bytes() } else { number.to_le_bytes() }
}

/// A file of the classic format. Packets longer than `snap` are cut.
pub(crate) fn pcap(packets: &[Vec<u8>], link: Link, big: bool, nanoseconds: bool, snap: usize) -> Vec<u8> {
    let n = |value| number(big, value);
    let mut file = Vec::new();
    file.extend(n(if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }));
    file.extend(short(big, 2));
    file.extend(short(big, 4));
    for value in [0, 0, snap as u32, link.number()] {
        file.extend(n(value));
    }
    for (place, ip) in packets.iter().enumerate() {
        let packet = link.wrap(ip, big);
        let kept = packet.len().min(snap);
        let fraction = if nanoseconds { 1000 } else { 1 };
        for value in [START as u32 + place as u32, fraction, kept as u32, packet.len() as u32] {
            file.extend(n(value));
        }
        file.extend(&packet[..kept]);
    }
    file
}

/// A simple file: Ethernet, microseconds, nothing cut.
pub(crate) fn plain_pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    pcap(packets, Link::Ethernet, false, false, 65535)
}

pub(crate) fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let length = number(big, 12 + (body.len() + padding.len()) as u32);
    [&number(big, kind)[..], &length, body, &padding, &length].concat()
}

/// A file of the newer format, with two interfaces of different resolution whose packets alternate.
pub(crate) fn pcapng(packets: &[Vec<u8>], link: Link, big: bool) -> Vec<u8> {
    let n = |value| number(big, value);
    let section = [&n(0x1a2b_3c4d)[..], &short(big, 1), &short(big, 0), &[0xff; 8]].concat();
    let mut file = block(big, 0x0a0d_0d0a, &section);
    // Microseconds, which need not be said, and 2^-20 seconds from an offset.
    let interface = [&short(big, link.number() as u16)[..], &[0, 0], &n(0)].concat();
    file.extend(block(big, 1, &interface));
    let offset = if big { START.to_be_bytes() } else { START.to_le_bytes() };
    let options =
        [&short(big, 9)[..], &short(big, 1), &[0x94, 0, 0, 0], &short(big, 14), &short(big, 8), &offset, &[0; 4]];
    file.extend(block(big, 1, &[&interface[..], &options.concat()].concat()));
    // A block that nobody knows.
    file.extend(block(big, 0x0bad, &[1, 2, 3, 4, 5]));
    for (place, ip) in packets.iter().enumerate() {
        let packet = link.wrap(ip, big);
        let interface = place as u32 % 2;
        let time = match interface {
            0 => (START + place as u64) * 1_000_000 + 1,
            // Half a second later.
            _ => ((place as u64) << 20) + (1 << 19),
        };
        let length = packet.len() as u32;
        let head = [interface, (time >> 32) as u32, time as u32, length, length].map(n).concat();
        file.extend(block(big, 6, &[&head[..], &packet].concat()));
    }
    file
}
