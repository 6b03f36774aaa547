//! The command line: arguments, exit statuses, the form of the output.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use cti_proto::Protocol;
use cti_proto::message::BeginCallEvent;

use super::build::{frame, hex_lines, session};
use super::{decode, decode_json, run};

fn lines() -> String {
    hex_lines(&session(Protocol::cce(24).unwrap()))
}

#[test]
fn json_is_one_object_a_line_in_the_order_of_the_wire() {
    let outcome = decode(&["--json"], lines().as_bytes());
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    let mut lines = outcome.out.lines();
    assert_eq!(
        lines.next().unwrap(),
        concat!(
            r#"{"offset":0,"time":null,"from":"client","protocol":24,"type":3,"name":"OPEN_REQ","length":69,"#,
            r#""fixed":{"InvokeID":1,"VersionNumber":24,"IdleTimeout":120,"PeripheralID":4294967295,"#,
            r#""ServicesRequested":2147483664,"CallMsgMask":0,"AgentStateMask":0,"ConfigMsgMask":0,"Reserved1":0,"#,
            r#""Reserved2":0,"Reserved3":0},"floating":[{"tag":1,"name":"ClientID","value":"wallboard"},"#,
            r#"{"tag":2,"name":"ClientPassword","value":null,"hidden":true}],"#,
            r#""symbols":{"ServicesRequested":"CTI_SERVICE_ALL_EVENTS | CTI_SERVICE_DEBUG","CallMsgMask":"0","#,
            r#""AgentStateMask":"0","ConfigMsgMask":"0"}}"#
        )
    );
    assert_eq!(lines.count(), 7);
}

#[test]
fn text_is_a_line_a_message_with_aligned_fields_beneath() {
    let outcome = decode(&["--only", "open_req", "--only", "agent_state_event"], lines().as_bytes());
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    let expected = "       0  client  OPEN_REQ                    #1, version 24, client \"wallboard\"  (69 bytes)
                    InvokeID           1
                    VersionNumber      24
                    IdleTimeout        120
                    PeripheralID       0xffffffff
                    ServicesRequested  0x80000010  CTI_SERVICE_ALL_EVENTS | CTI_SERVICE_DEBUG
                    CallMsgMask        0x00000000
                    AgentStateMask     0x00000000
                    ConfigMsgMask      0x00000000
                    Reserved1          0
                    Reserved2          0
                    Reserved3          0
                  1 ClientID           \"wallboard\"
                  2 ClientPassword     ***
";
    assert!(outcome.out.starts_with(expected), "{}", outcome.out);
    let rest = &outcome.out[expected.len()..];
    assert!(rest.contains("  server  AGENT_STATE_EVENT           AGENT_STATE_AVAILABLE, agent \"1001\""), "{rest}");
    assert!(!rest.contains('\u{1b}'), "no colour outside a terminal");
}

#[test]
fn colour_is_there_when_wanted() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cti"));
    let path = std::env::temp_dir().join(format!("cti-decode-{}.hex", std::process::id()));
    std::fs::write(&path, lines()).unwrap();
    let output = command.arg("decode").arg(&path).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR").output().unwrap();
    std::fs::remove_file(&path).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\u{1b}[1mOPEN_REQ"), "{text}");
}

#[test]
fn passwords_are_shown_only_on_demand() {
    for args in [&[][..], &["--json"]] {
        let hidden = decode(args, lines().as_bytes());
        assert!(!hidden.out.contains("hunter2") && !hidden.out.contains("68756e74657232"), "{}", hidden.out);
        let shown = decode(&[args, &["--show-passwords"]].concat(), lines().as_bytes());
        assert!(shown.out.contains("68756e74657232"), "{}", shown.out);
    }
    // Not in the bytes of a damaged request either, nor in what is left over behind it.
    let damaged = lines().replacen("0000004500000003", "0000004300000003", 1);
    let outcome = decode(&["--json"], damaged.lines().next().unwrap().as_bytes());
    assert_eq!(outcome.out.matches(r#""hex":null,"hidden":true"#).count(), 2, "{}", outcome.out);
    assert!(!outcome.out.contains("68756e74"), "{}", outcome.out);
}

#[test]
fn only_takes_names_in_any_spelling() {
    for name in ["HEARTBEAT_REQ", "heartbeat_req", "HeartbeatReq"] {
        let (objects, outcome) = decode_json(&["--only", name], lines().as_bytes());
        assert_eq!(outcome.status, 0);
        assert_eq!(objects.len(), 1);
        assert_eq!(objects[0]["name"], "HEARTBEAT_REQ");
    }
    let outcome = decode(&["--only", "HARTBEAT_REQ"], b"");
    assert_eq!(outcome.status, 2);
    assert_eq!(outcome.err, "cti: no message is called `HARTBEAT_REQ`; did you mean `HEARTBEAT_REQ`?\n");
}

#[test]
fn bad_arguments_are_refused_in_one_line() {
    for (args, hint) in [
        (&["decode"][..], "<FILE>"),
        (&["decode", "--jsn", "-"], "--jsn"),
        (&["decode", "--protocol", "8", "-"], "9..=25"),
        (&["decode", "--protocol", "26", "-"], "9..=25"),
        (&["decode", "--protocol", "20", "--product", "ccx", "-"], "Unified CCX has no protocol version 20"),
        (&["decode", "--product", "ccm", "-"], "ccm"),
        (&["decode", "--port", "0", "-"], "1..=65535"),
        (&["decode", "/no/such/file"], "/no/such/file: "),
        (&["decode", "/"], "/: cannot read"),
        (&["frobnicate"], "frobnicate"),
        (&[], "cti --help"),
    ] {
        let outcome = run(args, b"");
        assert_eq!(outcome.status, 2, "{args:?}");
        assert_eq!(outcome.out, "", "{args:?}");
        assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
        assert!(outcome.err.starts_with("cti: ") && outcome.err.contains(hint), "{args:?}: {}", outcome.err);
    }
}

#[test]
fn unusable_input_is_refused_in_one_line() {
    for (input, reason) in [
        (&b""[..], "the input is empty"),
        (b"# nothing but a comment\n", "no bytes in the input"),
        (b"Dear Sir", "line 1: `r` is not"),
        (b"client 00\nserver 0g\n", "line 2: `g` is not a hex digit"),
        (b"00 00 0", "line 1: an odd number of hex digits"),
        (b"\0\0\0", "no message in 3 bytes"),
        (&[0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3, 4, 5, 6], "no message in 18 bytes"),
        (&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0], "compressed"),
        (&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0], "ends inside its header"),
    ] {
        for args in [&[][..], &["--json"]] {
            let outcome = decode(args, input);
            assert_eq!((outcome.status, outcome.out.as_str()), (2, ""), "{input:?}");
            assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
            assert!(outcome.err.starts_with("cti: standard input: "), "{}", outcome.err);
            assert!(outcome.err.contains(reason), "{}", outcome.err);
        }
    }
}

#[test]
fn help_tells_offsets_and_exit_statuses() {
    for args in [&["decode", "--help"][..], &["--help"], &["decode", "-h"], &["--version"]] {
        let outcome = run(args, b"");
        assert_eq!((outcome.status, outcome.err.as_str()), (0, ""), "{args:?}");
    }
    let help = run(&["decode", "--help"], b"").out;
    for word in ["offset", "Exit status", "Examples", "--show-passwords", "pcapng"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let many = lines().repeat(2000);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cti"));
    let path = std::env::temp_dir().join(format!("cti-decode-many-{}.hex", std::process::id()));
    std::fs::write(&path, many).unwrap();
    let (stdout, stderr) = (std::process::Stdio::piped(), std::process::Stdio::piped());
    let mut child = command.arg("decode").arg(&path).stdout(stdout).stderr(stderr).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_reader_of_messages_who_is_gone_changes_no_status() {
    let (error, reader) = UnixStream::pair().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cti"));
    let status = command.args(["decode", "/no/such/file"]).stderr(OwnedFd::from(error)).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn no_text_commands_the_terminal_in_either_form() {
    let protocol = Protocol::cce(24).unwrap();
    let begin = BeginCallEvent {
        connection_device_id: Some("5001".into()),
        // ESC, and a letter of the second set of control characters that means the same as ESC and `[`.
        ani: Some("a\u{1b}[2Jb\u{9b}31mc\u{7f}d".into()),
        ..BeginCallEvent::default()
    };
    let input = hex_lines(&[session(protocol).swap_remove(0), (false, frame(protocol, &begin))]);
    for args in [&[][..], &["--json"]] {
        let outcome = decode(args, input.as_bytes());
        assert_eq!(outcome.status, 0, "{}", outcome.err);
        assert!(outcome.out.chars().all(|letter| letter == '\n' || !letter.is_control()), "{:?}", outcome.out);
    }
    let (objects, _) = decode_json(&["--only", "BEGIN_CALL_EVENT"], input.as_bytes());
    let ani = objects[0]["floating"].as_array().unwrap().iter().find(|field| field["name"] == "ANI").unwrap();
    assert_eq!(ani["value"], "a\u{1b}[2Jb\u{9b}31mc\u{7f}d", "who reads JSON gets the text as it was");
}
