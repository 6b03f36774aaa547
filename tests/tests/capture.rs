//! A whole session, frame by frame.

use cti_proto::message::*;
use cti_proto::value::*;
use cti_proto::wire::ConfigKey;
use cti_proto::{Frame, FrameBuffer, Frames, Message, Parsed, Protocol, Received};
use cti_tests::{encode_any, hex};

const SESSION: &str = include_str!("../data/session.hex");

fn protocol() -> Protocol {
    Protocol::cce(15).unwrap()
}

/// The lines of the session: who sends, and the frame.
fn session() -> Vec<(Direction, Vec<u8>)> {
    let lines = SESSION.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| match line.split_once(' ') {
            Some(("client", bytes)) => (Direction::Client, hex(bytes)),
            Some(("server", bytes)) => (Direction::Server, hex(bytes)),
            _ => panic!("{line}"),
        })
        .collect()
}

fn frame(bytes: &[u8]) -> Frame<'_> {
    match Frame::parse(protocol(), bytes) {
        Ok(Parsed::Frame(frame, [])) => frame,
        other => panic!("{other:?}: {bytes:02x?}"),
    }
}

#[test]
fn every_frame_of_the_session_decodes_and_is_written_the_same() {
    for (sender, bytes) in session() {
        let frame = frame(&bytes);
        let message = frame.message().unwrap();
        match &message {
            Message::Other(other) => assert_eq!((other.message_type().0, other.body().len()), (179, 6)),
            known => {
                assert_eq!(encode_any(protocol(), known).as_deref(), Ok(&bytes[..]), "{known:?}");
                assert_eq!(frame.info().unwrap().direction, sender);
                assert!(frame.fields().all(|field| field.unwrap().name.is_some()), "{known:?}");
            }
        }
    }
}

#[test]
fn the_session_opens_and_tells_of_two_peripherals() {
    let session = session();
    let request: OpenReq<'_> = frame(&session[0].1).decode().unwrap();
    assert_eq!((request.version_number, request.idle_timeout), (15, 120));
    assert_eq!(request.client_id, Some("sup".into()));
    assert_eq!(request.client_password.unwrap().0.0, b"pw\0");
    let asked_for =
        CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_SUPERVISOR | CtiService::CTI_SERVICE_CONFIG_EVENTS;
    assert_eq!(request.services_requested, asked_for);

    let conf: OpenConf<'_> = frame(&session[1].1).decode().unwrap();
    assert_eq!((conf.invoke_id, conf.services_granted, conf.peripheral_online), (1, asked_for, true));
    let peripherals: Vec<_> =
        conf.peripherals.iter().map(|item| (item.peripheral_id, item.multiline_agent_control)).collect();
    assert_eq!(peripherals, [(6000, 0), (6001, 1)]);
    assert_eq!(conf.peripherals.declared(), Some(2));
    // Fields of later versions.
    assert_eq!((conf.department_id, conf.session_type), (0, SessionType::default()));
}

fn decoded<T>(decode: impl for<'a> Fn(Message<'a>) -> Option<T>) -> Vec<T> {
    session().iter().filter_map(|(_, bytes)| decode(frame(bytes).message().unwrap())).collect()
}

#[test]
fn the_configuration_has_keys_skill_groups_and_agents_with_skills() {
    let keys = decoded(|message| match message {
        Message::ConfigKeyEvent(event) => Some((event.agent_config_key, event.device_config_key)),
        _ => None,
    });
    let key = ConfigKey([0x1f, 0x2e, 0x3d, 0x4c, 0x5b, 0x6a, 0x79, 0x8a]);
    assert_eq!(keys, [(Some(key), Some(ConfigKey([0; 8])))]);

    let groups = decoded(|message| match message {
        Message::ConfigSkillGroupEvent(event) => {
            let name = |record: SkillGroupRecord<'_>| record.peripheral_name.unwrap().to_string();
            Some(
                event
                    .records
                    .iter()
                    .map(|record| (record.peripheral_number.unwrap(), name(record)))
                    .collect::<Vec<_>>(),
            )
        }
        _ => None,
    });
    assert_eq!(groups, [[(7, "sales".to_string()), (8, "help".to_string())]]);

    let agents = decoded(|message| match message {
        Message::ConfigAgentEvent(event) => Some(
            event
                .records
                .iter()
                .map(|record| {
                    let skills: Vec<_> = record.skills.iter().map(|skill| (skill.number, skill.priority)).collect();
                    (record.login_id.unwrap().to_string(), record.agent_type.unwrap(), record.skills.declared(), skills)
                })
                .collect::<Vec<_>>(),
        ),
        _ => None,
    });
    let expected = [
        ("6001".to_string(), AgentType(0), Some(2), vec![(7, 1), (8, 0)]),
        ("6002".to_string(), AgentType(1), Some(0), vec![]),
    ];
    assert_eq!(agents, [expected]);

    let ends = decoded(|message| match message {
        Message::ConfigEndEvent(event) => Some(event.config_end_status),
        _ => None,
    });
    assert_eq!(ends, [ConfigEndStatus(5), ConfigEndStatus(0)]);
}

#[test]
fn the_team_changes_and_an_agent_becomes_ready() {
    let teams = decoded(|message| match message {
        Message::AgentTeamConfigEvent(event) => {
            let agents: Vec<_> = event.agents.iter().map(|agent| (agent.agent_id.to_string(), agent.flags)).collect();
            Some((event.team_id, event.config_operation, agents))
        }
        _ => None,
    });
    let member = |id: &str, flags| (id.to_string(), AgentFlags(flags));
    assert_eq!(
        teams,
        [
            (5, ConfigOperation(1), vec![member("6002", 1), member("6001", 0)]),
            (5, ConfigOperation(2), vec![member("6003", 2)]),
        ]
    );

    let events = decoded(|message| match message {
        Message::SystemEvent(event) => {
            let text = event.text.map(|text| text.to_string());
            Some((event.system_event_id, event.system_event_arg1, text))
        }
        _ => None,
    });
    assert_eq!(events, [(SystemEventId(4), 6000, None), (SystemEventId(3), 6001, Some("PG".to_string()))]);

    let states = decoded(|message| match message {
        Message::AgentStateEvent(event) => {
            let groups: Vec<_> = event.flt_skill_groups.iter().map(|group| (group.number, group.state)).collect();
            Some((event.agent_id.unwrap().to_string(), event.agent_state, groups))
        }
        _ => None,
    });
    let ready = AgentState(3);
    assert_eq!(states, [("6001".to_string(), ready, vec![(7, ready)])]);
}

#[test]
fn the_session_as_a_stream_gives_the_same_frames() {
    let lines = session();
    let from_server: Vec<_> =
        lines.iter().filter(|(sender, _)| *sender == Direction::Server).map(|(_, bytes)| bytes.as_slice()).collect();
    let stream = from_server.concat();
    let frames: Vec<_> = Frames::new(protocol(), &stream).map(Result::unwrap).collect();
    assert_eq!(frames, from_server.iter().map(|bytes| frame(bytes)).collect::<Vec<_>>());
    for size in 1..=stream.len() {
        let mut buffer = [0; 256];
        let mut receiver = FrameBuffer::new(&mut buffer);
        let mut seen = 0;
        for mut bytes in stream.chunks(size) {
            while !bytes.is_empty() {
                let taken = receiver.receive(bytes);
                bytes = &bytes[taken..];
                while let Some(received) = receiver.next_frame(protocol()).unwrap() {
                    assert_eq!(received, Received::Frame(frames[seen]));
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, frames.len());
    }
}
