use cti_proto::encode;
use cti_proto::message::{Body, Handler, Value as Wire};
use cti_proto::strategy::{self, all_protocols};
use cti_proto::value::CtiService;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::*;

fn assign(fields: &[(&str, &str)]) -> Vec<Assignment> {
    fields.iter().map(|(field, value)| Assignment { field: (*field).into(), value: (*value).into() }).collect()
}

fn compose_24(name: &str, fields: &[(&str, &str)]) -> Result<Composed, Error> {
    compose(Protocol::cce(24).unwrap(), request(name).unwrap(), &assign(fields))
}

fn problem(name: &str, fields: &[(&str, &str)]) -> String {
    compose_24(name, fields).unwrap_err().to_string()
}

/// The frame that a session would send.
struct Encode(Protocol);

impl Handler for Encode {
    type Output = Result<Vec<u8>, String>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        let mut buffer = vec![0; self.0.max_message()];
        encode(self.0, message, &mut buffer).map(<[u8]>::to_vec).map_err(|error| error.to_string())
    }

    fn other(&mut self, frame: &Frame<'_>) -> Self::Output {
        panic!("{frame:?}")
    }
}

fn sent(protocol: Protocol, composed: &Composed) -> Result<Vec<u8>, String> {
    composed.frame().unwrap().dispatch(&mut Encode(protocol)).unwrap()
}

/// What `cti request` would be told to send this frame; `None` if a name in it cannot be written so.
fn words(frame: &Frame<'_>) -> Option<Vec<Assignment>> {
    let mut words = Vec::new();
    for field in frame.fields().map(Result::unwrap) {
        let Some(name) = field.name.map(|name| name.to_string()) else { continue };
        let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) if !text.starts_with("hex:") => text.to_owned(),
            _ => format!("hex:{}", crate::decode::hex_of(bytes)),
        };
        let plain = |name: &str| !name.contains(['=', '[', ']']);
        let value = match field.value {
            Wire::Number(_) if field.symbol().is_some() => field.symbol()?.to_string(),
            Wire::Number(number) => number.to_string(),
            Wire::Signed(number) => number.to_string(),
            Wire::Text(value) => text(value.as_bytes()),
            Wire::Bytes(bytes) => text(bytes.0),
            Wire::NamedVariable(variable) => {
                let name = variable.name.to_string();
                plain(&name).then(|| format!("{name}={}", variable.value))?
            }
            Wire::NamedArray(array) => {
                let name = array.name.to_string();
                plain(&name).then(|| format!("{name}[{}]={}", array.index, array.value))?
            }
            Wire::Numbers(numbers) => {
                words.extend(numbers.iter().map(|value| Assignment { field: name.clone(), value: value.to_string() }));
                continue;
            }
            other => panic!("{other:?}"),
        };
        words.push(Assignment { field: name, value });
    }
    Some(words)
}

fn forget_invoke_id(info: &MessageInfo, frame: &mut [u8]) {
    if info.fixed.first().is_some_and(is_invoke_id) {
        frame[8..12].fill(0);
    }
}

#[test]
fn every_request_of_every_version_can_be_said_in_words() {
    let mut runner = TestRunner::deterministic();
    let (mut said, mut unsaid) = (0, 0);
    for protocol in all_protocols() {
        for info in requests().filter(|info| info.versions.include(protocol)) {
            let samples = strategy::message(protocol, info.message_type);
            for _ in 0..2 {
                let sample = samples.new_tree(&mut runner).unwrap().current();
                let mut expected = sample.frame().dispatch(&mut Encode(protocol)).unwrap().unwrap();
                forget_invoke_id(info, &mut expected);
                let Some(mut words) = words(&sample.frame()) else {
                    unsaid += 1;
                    continue;
                };
                words.retain(|word| !matches!(place_of(protocol, info, &word.field), Err(Error::Automatic(_))));
                let composed = compose(protocol, info, &words).unwrap_or_else(|error| panic!("{protocol}: {error}"));
                let mut frame = sent(protocol, &composed).unwrap();
                forget_invoke_id(info, &mut frame);
                assert_eq!(frame, expected, "{protocol} {words:?}");
                said += 1;
            }
        }
    }
    assert!(said > 1_500 && unsaid < said / 50, "{said} said, {unsaid} not");
}

#[test]
fn what_is_not_said_has_its_default() {
    for protocol in all_protocols() {
        for info in requests().filter(|info| info.versions.include(protocol)) {
            struct IsDefault;
            impl Handler for IsDefault {
                type Output = bool;

                fn message<'a, M: Body<'a>>(&mut self, message: &M) -> bool {
                    *message == M::default()
                }

                fn other(&mut self, _: &Frame<'_>) -> bool {
                    false
                }
            }
            let composed = compose(protocol, info, &[]).unwrap();
            assert!(composed.frame().unwrap().dispatch(&mut IsDefault).unwrap(), "{protocol} {}", info.message_type);
        }
    }
    let composed = compose_24("MAKE_CALL_REQ", &[]).unwrap();
    assert_eq!(
        sent(Protocol::cce(24).unwrap(), &composed).unwrap_err(),
        "MAKE_CALL_REQ: AgentInstrument: must be present"
    );
}

#[test]
fn lists_and_variables_are_counted() {
    let fields = [
        ("AgentState", "login"),
        ("agent_instrument", "5001"),
        ("SkillGroupNumber", "7"),
        ("SkillGroupPriority", "2"),
        ("SkillGroupNumber", "8"),
    ];
    let composed = compose_24("set_agent_state", &fields).unwrap();
    let frame = composed.frame().unwrap();
    let request: cti_proto::message::SetAgentStateReq<'_> = frame.decode().unwrap();
    let groups: Vec<_> = request.skill_groups.iter().map(|group| (group.number, group.priority)).collect();
    assert_eq!(groups, [(7, 2), (8, 0)]);
    assert_eq!(request.agent_state.name(), Some("AGENT_STATE_LOGIN"));

    let fields = [
        ("ConnectionDeviceID", "5001"),
        ("user.account", "17 = seventeen"),
        ("user.lines[2]", "hex:c3a4"),
        ("CallVariable3", "blue"),
    ];
    let composed = compose_24("SetCallDataReq", &fields).unwrap();
    let frame = composed.frame().unwrap();
    let request: cti_proto::message::SetCallDataReq<'_> = frame.decode().unwrap();
    let variable = request.named_variables.iter().next().unwrap();
    assert_eq!(
        (variable.name.to_string(), variable.value.to_string()),
        ("user.account".into(), "17 = seventeen".into())
    );
    let array = request.named_arrays.iter().next().unwrap();
    assert_eq!((array.index, array.value.to_string()), (2, "ä".into()));
    let bytes = sent(Protocol::cce(24).unwrap(), &composed).unwrap();
    assert_eq!(bytes[8 + 14..8 + 18], [0, 1, 0, 1], "NumNamedVariables, NumNamedArrays");
}

#[test]
fn values_are_numbers_names_and_sums() {
    let number = |field: &str, value: &str| {
        let composed = compose_24("MONITOR_START_REQ", &[(field, value)])?;
        let frame = composed.frame().unwrap();
        let value = frame.fields().map(Result::unwrap).find(|found| found.name.unwrap() == *field).unwrap().value;
        Ok::<_, Error>(if let Wire::Number(number) = value { number } else { panic!("{value:?}") })
    };
    assert_eq!(number("CallMsgMask", "CALL_DELIVERED_MASK|call_queued_mask").unwrap(), 3);
    assert_eq!(number("CallMsgMask", "call_delivered, 0x100 + 4").unwrap(), 0x105);
    assert_eq!(number("CallMsgMask", "all").unwrap(), u32::MAX);
    assert_eq!(number("CallMsgMask", "none").unwrap(), 0);
    assert_eq!(number("ConnectionCallID", "NULL_CALL_ID").unwrap(), u32::MAX);
    assert_eq!(number("ConnectionCallID", "-1").unwrap(), u32::MAX);
    assert_eq!(number("MonitoredDeviceType", "device_identifier").unwrap(), 0);
}

#[test]
fn errors_name_the_field_and_what_may_have_been_meant() {
    let call = "MAKE_CALL_REQ";
    assert_eq!(
        problem(call, &[("DialledNumber", "1")]),
        "MAKE_CALL_REQ has no field `DialledNumber`; did you mean `DialedNumber`?"
    );
    assert_eq!(problem(call, &[("Priority", "high")]), "Priority: `high` is neither true nor false");
    assert_eq!(problem(call, &[("AlertRings", "70000")]), "AlertRings: 70000 does not fit USHORT");
    assert_eq!(problem(call, &[("AlertRings", "x")]), "AlertRings: `x` is no number");
    assert_eq!(problem(call, &[("NumNamedVariables", "1")]), "NumNamedVariables: is filled in by itself");
    assert_eq!(problem(call, &[("InvokeID", "1")]), "InvokeID: is filled in by itself");
    assert_eq!(problem(call, &[("DialedNumber", "1"), ("dialednumber", "2")]), "dialednumber: is given twice");
    assert_eq!(
        problem("SET_AGENT_STATE_REQ", &[("AgentState", "AGENT_STATE_AVALABLE")]),
        "AgentState: `AGENT_STATE_AVALABLE` is neither a number nor the name of a value of AgentState; \
         did you mean `AGENT_STATE_AVAILABLE`?"
    );
    assert_eq!(
        problem("SET_AGENT_STATE_REQ", &[("AgentState", "avalable")]),
        "AgentState: `avalable` is neither a number nor the name of a value of AgentState; did you mean `AGENT_STATE_AVAILABLE`?"
    );
    assert_eq!(
        problem("SUPERVISE_CALL_REQ", &[("SupervisoryAction", "shout")]),
        "SupervisoryAction: `shout` is neither a number nor the name of a value of SupervisoryAction, which are \
         SUPERVISOR_CLEAR, SUPERVISOR_MONITOR, SUPERVISOR_WHISPER, SUPERVISOR_BARGE_IN, SUPERVISOR_INTERCEPT"
    );
    let set = "SET_CALL_DATA_REQ";
    assert_eq!(
        problem(set, &[("user.x[300]", "1")]),
        "user.x[300]: a name with an index from 0 to 255 and a value are wanted, as in user.lines[2]=x"
    );
    assert_eq!(
        problem(set, &[("UserToUserInfo", "hex:0")]),
        "UserToUserInfo: hex digits are wanted behind `hex:`, two a byte"
    );
    assert_eq!(problem("HOLD_CALL_REQ", &[("user.x", "1")]), "HOLD_CALL_REQ has no field `user.x`");
    let old = Protocol::cce(9).unwrap();
    let error = compose(old, request("SetAgentStateReq").unwrap(), &assign(&[("SSOEnabled", "1")])).unwrap_err();
    assert_eq!(error.to_string(), "SSOEnabled: Unified CCE 9 has no such field there");
    let error = compose(old, request("START_NETWORK_RECORDING").unwrap(), &[]).unwrap_err();
    assert_eq!(error.to_string(), "Unified CCE 9 has no START_NETWORK_RECORDING_REQ");
}

#[test]
fn requests_are_found_by_name() {
    assert_eq!(request("make-call").unwrap().message_type, MessageType::MAKE_CALL_REQ);
    assert_eq!(request("CONFIG_REQUEST_KEY_EVENT").unwrap().message_type, MessageType::CONFIG_REQUEST_KEY_EVENT);
    assert_eq!(request("OPEN_REQ").unwrap_err(), Error::NotARequest(MessageType::OPEN_REQ));
    assert_eq!(
        request("MakeCal").unwrap_err().to_string(),
        "no request is called `MakeCal`; did you mean `MAKE_CALL_REQ`?"
    );
    assert!(requests().count() >= 50, "{}", requests().count());
}

#[test]
fn fields_say_what_may_be_given() {
    let protocol = Protocol::cce(24).unwrap();
    for info in requests().filter(|info| info.versions.include(protocol)) {
        for field in fields(protocol, info) {
            assert!(place_of(protocol, info, &field.name).is_ok(), "{} {}", info.message_type, field.name);
        }
    }
    let required = fields(protocol, request("MAKE_CALL").unwrap()).filter(|field| field.required);
    assert_eq!(required.map(|field| field.name).collect::<Vec<_>>(), ["AgentInstrument", "DialedNumber"]);
}

#[test]
fn a_sum_of_bits_has_32_of_them() {
    let services = |text| mask(&CtiService::TABLE, text).map_err(|error| error.to_string());
    assert_eq!(services("ALL_EVENTS,0x1"), Ok(0x11));
    assert_eq!(services("-1"), Ok(u32::MAX), "two's complement, as everywhere");
    // What is above must not be cut off in silence: the sum would be another one.
    for text in ["0x100000010", "ALL_EVENTS,4294967296", "-4294967295"] {
        assert!(services(text).unwrap_err().contains("does not fit UINT"), "{text}: {:?}", services(text));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn anything_that_is_typed_gets_an_answer(
        name in "[A-Za-z_]{0,12}",
        fields in proptest::collection::vec(("[A-Za-z.\\[\\]0-9]{0,12}", proptest::prelude::any::<String>()), 0..4),
        place in proptest::prelude::any::<proptest::sample::Index>(),
        value in "(hex:|0x|-|)[0-9a-fA-F|,+ =\\[\\]]{0,20}|\\PC{0,300}",
    ) {
        let _ = request(&name);
        let protocol = Protocol::cce(24).unwrap();
        let infos: Vec<_> = requests().filter(|info| info.versions.include(protocol)).collect();
        let info = infos[place.index(infos.len())];
        let mut fields: Vec<_> =
            fields.into_iter().map(|(field, value)| Assignment { field, value }).collect();
        let names: Vec<_> = field_names(protocol, info).collect();
        if !names.is_empty() {
            fields.push(Assignment { field: names[place.index(names.len())].clone(), value });
        }
        if let Ok(composed) = compose(protocol, info, &fields) {
            // Whether it may be sent, its encoder says; it is a message in any case.
            let _ = composed.frame().unwrap().dispatch(&mut Encode(protocol)).unwrap();
        }
    }
}
