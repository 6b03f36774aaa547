//! Captures: links, file formats, and what TCP does to a stream.

use cti_proto::Protocol;
use serde_json::{Value, json};

use super::build::{
    FIN, Link, RST, SESSION, Tcp, block, connection, heartbeat, open_req, pcap, pcapng, plain_pcap, raw_frame, session,
};
use super::{brief, decode, decode_json};

fn cce(version: u32) -> Protocol {
    Protocol::cce(version).unwrap()
}

/// What is decoded, in short.
fn seen(args: &[&str], file: &[u8]) -> (Vec<String>, i32) {
    let (objects, outcome) = decode_json(args, file);
    (brief(&objects), outcome.status)
}

/// `12 client HEARTBEAT_REQ`, for every twelve bytes.
fn heartbeats(offsets: impl IntoIterator<Item = usize>) -> Vec<String> {
    offsets.into_iter().map(|offset| format!("{offset} client HEARTBEAT_REQ")).collect()
}

#[test]
fn every_link_file_format_and_byte_order_gives_the_same() {
    let session = session(cce(24));
    let times = |objects: &[Value]| objects.iter().map(|object| object["time"].clone()).collect::<Vec<_>>();
    for v6 in [false, true] {
        let packets = connection(Tcp { v6, ..Tcp::new(50123, 42027) }, &session);
        for link in Link::ALL {
            for big in [false, true] {
                for nanoseconds in [false, true] {
                    let file = pcap(&packets, link, big, nanoseconds, 65535);
                    let (objects, outcome) = decode_json(&[], &file);
                    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""), "{link:?} {big} {v6}");
                    let names: Vec<_> =
                        brief(&objects).iter().map(|b| b.split_once(' ').unwrap().1.to_owned()).collect();
                    assert_eq!(names, SESSION);
                    // Two packets of the handshake came before.
                    assert_eq!(times(&objects)[..2], ["2024-02-29T12:00:02.000001Z", "2024-02-29T12:00:03.000001Z"]);
                    let ends =
                        if v6 { "[fd00::1]:50123 -> [fd00::2]:42027" } else { "10.0.0.1:50123 -> 10.0.0.2:42027" };
                    assert_eq!(objects[0]["connection"], ends);
                }
                let (objects, outcome) = decode_json(&[], &pcapng(&packets, link, big));
                assert_eq!((outcome.status, outcome.err.as_str()), (0, ""), "{link:?} {big} {v6}");
                assert_eq!(objects.len(), SESSION.len());
                assert_eq!(times(&objects)[..2], ["2024-02-29T12:00:02.000001Z", "2024-02-29T12:00:03.5Z"]);
            }
        }
    }
}

#[test]
fn segments_are_put_in_order_and_told_once() {
    let stream: Vec<u8> = [open_req(cce(24)), heartbeat(2), heartbeat(3), heartbeat(4)].concat();
    let open = open_req(cce(24)).len();
    let expected: Vec<String> =
        ["0 client OPEN_REQ".to_owned()].into_iter().chain(heartbeats((0..3).map(|n| open + 12 * n))).collect();
    // Sequence numbers that wrap around inside the stream, too.
    for start in [5, u32::MAX - 40] {
        let mut tcp = Tcp::new(50000, 43027);
        tcp.seq[0] = start;
        let opening = tcp.open();
        let base = tcp.seq[0];
        let part = |from: usize, to: usize| tcp.packet(true, 0x10, base.wrapping_add(from as u32), &stream[from..to]);
        let all = stream.len();
        for parts in [
            vec![part(0, all)],
            (0..all).map(|at| part(at, at + 1)).collect(),
            vec![part(0, 50), part(0, 50), part(50, all)],
            vec![part(0, 50), part(20, 90), part(85, all)],
            vec![part(0, 10), part(60, all), part(10, 60)],
            vec![part(100, all), part(50, 100), part(0, 50)],
            vec![part(0, 50), part(90, all), part(90, 100), part(40, 95), part(0, all)],
        ] {
            let packets = [opening.clone(), parts].concat();
            assert_eq!(seen(&[], &plain_pcap(&packets)), (expected.clone(), 0));
        }
    }
}

#[test]
fn a_lost_segment_is_told_and_decoding_goes_on_behind_it() {
    let mut tcp = Tcp::new(50000, 42027);
    let mut packets = tcp.open();
    packets.push(tcp.send(true, &open_req(cce(24))));
    let open = open_req(cce(24)).len();
    // A large message, in three segments, of which the middle one is lost.
    let large = raw_frame(999, &[7; 300]);
    packets.push(tcp.send(true, &large[..100]));
    let _ = tcp.send(true, &large[100..200]);
    packets.push(tcp.send(true, &large[200..]));
    packets.push(tcp.send(true, &[heartbeat(1), heartbeat(2)].concat()));
    // Whole messages are lost.
    let _ = tcp.send(true, &[heartbeat(3), heartbeat(4)].concat());
    packets.push(tcp.send(true, &[heartbeat(5), heartbeat(6)].concat()));
    packets.extend(tcp.close(FIN));
    let behind = open + large.len();
    let expected = [
        vec!["0 client OPEN_REQ".to_owned(), format!("{open} client !100 bytes are missing from the recording here")],
        heartbeats([behind, behind + 12]),
        vec![format!("{} client !24 bytes are missing from the recording here", behind + 24)],
        heartbeats([behind + 48, behind + 60]),
    ];
    let (objects, outcome) = decode_json(&[], &plain_pcap(&packets));
    assert_eq!((brief(&objects), outcome.status), (expected.concat(), 1));
    // What waited has the time at which it was captured.
    assert_eq!(objects[6]["time"], "2024-02-29T12:00:06.000001Z");
}

#[test]
fn packets_cut_short_are_gaps() {
    let mut session = session(cce(24));
    session.insert(3, (true, raw_frame(999, &[7; 300])));
    session.insert(4, (true, heartbeat(9)));
    let packets = connection(Tcp::new(50000, 42027), &session);
    let file = pcap(&packets, Link::Ethernet, false, false, 260);
    let (seen, status) = seen(&[], &file);
    assert_eq!(status, 1);
    assert_eq!(seen.len(), SESSION.len() + 2);
    // 202 bytes of data are left of a packet.
    assert!(seen[3].ends_with("client !106 bytes are missing from the recording here"), "{seen:?}");
    assert!(seen[4].ends_with("client HEARTBEAT_REQ"), "{seen:?}");
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    let stream = [open_req(cce(24)), heartbeat(1), heartbeat(2), heartbeat(3)].concat();
    let open = open_req(cce(24)).len();
    let mut tcp = Tcp::new(50000, 42027);
    let packets = [tcp.send(true, &stream[open + 5..open + 20]), tcp.send(true, &stream[open + 20..])];
    let (seen, status) = seen(&["--protocol", "24"], &plain_pcap(&packets));
    assert_eq!(status, 1);
    assert_eq!(seen[0], "0 client !the recording goes on inside a message; 7 bytes skipped");
    assert_eq!(seen[1..], heartbeats([7, 19]));
}

#[test]
fn each_connection_has_its_own_version_and_offsets() {
    let both =
        [connection(Tcp::new(50001, 42027), &session(cce(24))), connection(Tcp::new(50002, 42027), &session(cce(12)))];
    let packets: Vec<Vec<u8>> = (0..both[0].len()).flat_map(|n| [both[0][n].clone(), both[1][n].clone()]).collect();
    let (objects, outcome) = decode_json(&["--product", "cce"], &plain_pcap(&packets));
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    for (port, version) in [(50001, 24), (50002, 12)] {
        let name = format!("10.0.0.1:{port} -> 10.0.0.2:42027");
        let own: Vec<Value> = objects.iter().filter(|object| object["connection"] == name).cloned().collect();
        assert_eq!(own.len(), SESSION.len());
        assert!(own.iter().all(|object| object["protocol"] == version));
        assert_eq!(own[0]["offset"], 0);
    }
    let text = decode(&["--product", "cce"], &plain_pcap(&packets)).out;
    assert!(text.starts_with("== 10.0.0.1:50001 -> 10.0.0.2:42027, 2024-02-29 UTC\n"), "{text}");
    assert!(text.contains("12:00:04.000001  client  OPEN_REQ"), "{text}");
}

#[test]
fn the_same_ports_may_be_used_again() {
    for end in [Some(FIN), Some(RST), None] {
        let mut packets = Vec::new();
        for (start, version) in [(1000, 24), (90_000, 12), (3_000_000_000, 15)] {
            let mut tcp = Tcp { seq: [start, start / 3], ..Tcp::new(50000, 42027) };
            packets.extend(tcp.open());
            packets.push(tcp.send(true, &open_req(cce(version))));
            packets.push(tcp.send(true, &heartbeat(1)));
            packets.extend(end.map(|flags| tcp.close(flags)).unwrap_or_default());
            // What still comes after the end.
            packets.extend(end.map(|_| tcp.packet(true, 0x10, start + 1, &[0, 0, 0])));
        }
        let (objects, outcome) = decode_json(&["--product", "cce"], &plain_pcap(&packets));
        assert_eq!((outcome.status, outcome.err.as_str()), (0, ""), "{end:?}: {}", outcome.out);
        let versions: Vec<_> = objects.iter().map(|object| object["protocol"].as_u64().unwrap()).collect();
        assert_eq!(versions, [24, 24, 12, 12, 15, 15], "{end:?}");
        assert_eq!(objects[2]["offset"], 0);
    }
}

#[test]
fn other_ports_are_followed_if_named_or_opened_by_an_open_req() {
    let session = session(cce(24));
    let file = plain_pcap(&connection(Tcp::new(50000, 9000), &session));
    let (objects, outcome) = decode_json(&[], &file);
    assert_eq!(outcome.status, 0);
    assert_eq!(objects.len(), SESSION.len());
    assert_eq!(objects[0]["from"], "client");
    assert_eq!(seen(&["--port", "9000"], &file).0.len(), SESSION.len());
    let (none, outcome) = decode_json(&["--port", "9001", "--port", "9002"], &file);
    assert_eq!((none, outcome.status), (vec![], 2));
    assert_eq!(outcome.err, "cti: standard input: no connection to port 9001, 9002 in 12 packets\n");
    // Both ends have a port of servers: the SYN tells, or without one the OPEN_REQ.
    let packets = connection(Tcp::new(43027, 42027), &session);
    for packets in [&packets[..], &packets[2..]] {
        let (objects, _) = decode_json(&[], &plain_pcap(packets));
        assert_eq!(objects[0]["from"], "client");
        assert_eq!(objects[1]["from"], "server");
    }
    let backwards = [vec![packets[3].clone()], packets[2..3].to_vec(), packets[4..].to_vec()].concat();
    let (objects, outcome) = decode_json(&[], &plain_pcap(&backwards));
    let open = objects.iter().find(|object| object["name"] == "OPEN_REQ").unwrap();
    assert_eq!(open["from"], "client", "{}", outcome.out);
    assert!(objects.iter().filter(|object| object["name"] == "OPEN_CONF").all(|object| object["from"] == "server"));
}

#[test]
fn the_port_of_unified_ccx_decides_where_both_products_fit() {
    for (port, product) in [(12028, "Unified CCX 18"), (42027, "Unified CCE 25")] {
        let packets = connection(Tcp::new(50000, port), &[(true, heartbeat(1)), (true, heartbeat(2))]);
        let (objects, outcome) = decode_json(&[], &plain_pcap(&packets));
        assert_eq!(objects.len(), 2);
        assert!(outcome.err.contains(product), "{}", outcome.err);
    }
}

#[test]
fn tls_is_told_once_a_connection() {
    let hello = [&[0x16, 3, 1, 0, 100][..], &[1; 100]].concat();
    let data = [&[0x17, 3, 3, 0, 50][..], &[9; 50]].concat();
    let expected = ["0 client !the connection is encrypted (TLS) and cannot be decoded".to_owned()];
    for port in [42030, 43030, 42027] {
        let mut tcp = Tcp::new(50000, port);
        let mut packets = tcp.open();
        packets.push(tcp.send(true, &hello));
        packets.extend((0..20).map(|n| tcp.send(n % 2 == 0, &data)));
        assert_eq!(seen(&[], &plain_pcap(&packets)), (expected.to_vec(), 1), "{port}");
    }
    // From the middle of a record only the port tells.
    let mut tcp = Tcp::new(50000, 42030);
    let packets: Vec<_> = (0..20).map(|_| tcp.send(true, &[0x5a; 500])).collect();
    assert_eq!(seen(&[], &plain_pcap(&packets)), (expected.to_vec(), 1));
}

#[test]
fn files_may_end_anywhere() {
    let packets = connection(Tcp::new(50000, 42027), &session(cce(24)));
    for file in [plain_pcap(&packets), pcapng(&packets, Link::Ethernet, true)] {
        let (objects, outcome) = decode_json(&[], &file[..file.len() - 100]);
        assert_eq!(outcome.status, 1);
        assert_eq!(outcome.err, "cti: the capture ends inside a packet\n");
        assert!(objects.len() >= SESSION.len() - 1);
        for length in 24..file.len() {
            if length % 7 == 0 {
                let outcome = decode(&[], &file[..length]);
                assert!(outcome.status <= 2 && !outcome.err.contains("panicked"), "{}", outcome.err);
            }
        }
    }
}

#[test]
fn memory_stays_bounded() {
    // Connections without end that all wait for a lost segment.
    let mut packets = Vec::new();
    for port in 10_000..14_000 {
        let mut tcp = Tcp::new(port, 42027);
        packets.extend(tcp.open());
        tcp.seq[0] += 10;
        packets.push(tcp.send(true, &[0; 1000]));
    }
    let (objects, outcome) = decode_json(&[], &plain_pcap(&packets));
    assert_eq!(outcome.status, 1);
    assert!(objects.len() >= 4000, "every connection is told: {}", objects.len());
    assert!(objects.iter().all(|object| object.get("error").is_some()));
    assert_eq!(objects[0]["error"], json!("10 bytes are missing from the recording here"));
}

#[test]
fn unknown_links_are_told() {
    let mut file = plain_pcap(&connection(Tcp::new(50000, 42027), &session(cce(24))));
    file[20] = 147;
    let outcome = decode(&[], &file);
    assert_eq!(outcome.status, 2);
    assert!(outcome.err.contains("link type 147 is not known"), "{}", outcome.err);
}

#[test]
fn packets_of_an_interface_that_is_not_described_are_told() {
    let packets = connection(Tcp::new(50000, 42027), &session(cce(24)));
    let mut file = pcapng(&packets, Link::Ethernet, false);
    // Its number, its time in two halves, its length twice, and its bytes.
    let head = [7_u32, 0, 0, 4, 4].map(u32::to_le_bytes).concat();
    file.extend(block(false, 6, &[&head[..], &[0; 4]].concat()));
    let (objects, outcome) = decode_json(&[], &file);
    assert_eq!((objects.len(), outcome.status), (SESSION.len(), 1));
    assert_eq!(outcome.err, "cti: a packet of the capture is of an interface that is not described\n");
}
