//! The configuration conversation: its messages have no invoke ID, so that there is one at a time.

use std::time::Duration;

use cti_proto::harness::{End, Memory, OwnedEvent, OwnedServerEvent, Pair};
use cti_proto::message::{
    Body, ConfigAgentEvent, ConfigBeginEvent, ConfigDeviceEvent, ConfigEndEvent, ConfigKeyEvent, ConfigRequestEvent,
    ConfigRequestKeyEvent, ConfigServiceEvent, ConfigSkillGroupEvent, ConfigTerminalEvent, QueryAgentStateConf,
};
use cti_proto::session::{ClientConfig, Delivery, RequestError};
use cti_proto::value::{CcxConfigMsgMask, ConfigEndStatus, ConfigMask, ConfigType, CtiService};
use cti_proto::{MessageType, Product, Protocol};
use cti_tests::session::{CCE24, cce24, ccx15, events, pair, secs, server_events};

fn open<'s>(config: ClientConfig<'static>, memory: &'s mut Memory) -> Pair<'s> {
    let mut pair = pair(config, memory);
    pair.open();
    pair
}

fn everything() -> ClientConfig<'static> {
    let mut config = cce24();
    config.config = ConfigMask::ALL;
    config
}

fn begin(config_type: ConfigType) -> ConfigBeginEvent {
    ConfigBeginEvent { config_type, ..ConfigBeginEvent::default() }
}

fn end(config_end_status: ConfigEndStatus) -> ConfigEndEvent<'static> {
    ConfigEndEvent { config_end_status, ..ConfigEndEvent::default() }
}

/// What the client was told: types, and for confirmations whether more follows.
fn told(pair: &mut Pair<'_>) -> Vec<(MessageType, Option<bool>)> {
    pair.settle();
    events(pair)
        .iter()
        .map(|event| match event {
            OwnedEvent::Message(frame) => (frame.frame().message_type(), None),
            OwnedEvent::Confirmed { request, frame, more } => {
                assert_eq!(request.invoke_id, 0);
                (frame.frame().message_type(), Some(*more))
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

const BEGIN: (MessageType, Option<bool>) = (MessageType::CONFIG_BEGIN_EVENT, None);
const RECORD: (MessageType, Option<bool>) = (MessageType::CONFIG_AGENT_EVENT, None);
const UPDATED: (MessageType, Option<bool>) = (MessageType::CONFIG_END_EVENT, None);
const PART: (MessageType, Option<bool>) = (MessageType::CONFIG_END_EVENT, Some(true));
const DONE: (MessageType, Option<bool>) = (MessageType::CONFIG_END_EVENT, Some(false));

#[test]
fn the_keys_are_asked_for_and_come() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    let request = pair.request(&ConfigRequestKeyEvent::default()).unwrap();
    assert_eq!((request.invoke_id, request.message), (0, MessageType::CONFIG_REQUEST_KEY_EVENT));
    pair.settle();
    assert!(matches!(&server_events(&mut pair)[..], [OwnedServerEvent::Message(_)]));
    pair.send(&ConfigKeyEvent::default());
    assert_eq!(told(&mut pair), [(MessageType::CONFIG_KEY_EVENT, Some(false))]);
}

#[test]
fn only_one_configuration_request_is_under_way() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    pair.request(&ConfigRequestKeyEvent::default()).unwrap();
    assert_eq!(pair.request(&ConfigRequestEvent::default()), Err(RequestError::ConversationOpen));
    assert_eq!(pair.request(&ConfigRequestKeyEvent::default()), Err(RequestError::ConversationOpen));
    pair.settle();
    pair.send(&ConfigKeyEvent::default());
    pair.settle();
    assert!(pair.request(&ConfigRequestEvent::default()).is_ok());
}

#[test]
fn an_upload_comes_in_blocks_of_which_all_but_the_last_are_partial() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    pair.request(&ConfigRequestEvent::default()).unwrap();
    pair.settle();
    for status in [ConfigEndStatus::CONFIGEND_PARTIAL, ConfigEndStatus::CONFIGEND_SUCCESS] {
        pair.send(&begin(ConfigType::SOLICITED));
        pair.send(&ConfigAgentEvent::default());
        pair.send(&end(status));
    }
    assert_eq!(told(&mut pair), [BEGIN, RECORD, PART, BEGIN, RECORD, DONE]);
}

#[test]
fn each_part_of_an_upload_gives_the_next_one_time() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    let request = pair.request(&ConfigRequestEvent::default()).unwrap();
    pair.run_until(secs(25));
    pair.send(&begin(ConfigType::SOLICITED));
    pair.run_until(secs(50));
    pair.send(&end(ConfigEndStatus::CONFIGEND_PARTIAL));
    pair.run_until(secs(75));
    pair.send(&begin(ConfigType::SOLICITED));
    assert_eq!(told(&mut pair), [BEGIN, PART, BEGIN]);
    pair.run_until(secs(200));
    assert_eq!(pair.take_events(), [(secs(105), OwnedEvent::TimedOut(request))]);
}

#[test]
fn no_data_or_an_error_is_an_end_alone() {
    for status in [ConfigEndStatus::CONFIGEND_EMPTY, ConfigEndStatus::CONFIGEND_INVALID] {
        let mut memory = Memory::new();
        let mut pair = open(everything(), &mut memory);
        pair.request(&ConfigRequestEvent::default()).unwrap();
        pair.settle();
        pair.send(&end(status));
        assert_eq!(told(&mut pair), [DONE]);
    }
}

#[test]
fn an_update_that_nobody_asked_for_does_not_end_an_upload() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    pair.request(&ConfigRequestEvent::default()).unwrap();
    pair.settle();
    for _ in 0..2 {
        pair.send(&begin(ConfigType::UNSOLICITED));
        pair.send(&ConfigAgentEvent::default());
        pair.send(&end(ConfigEndStatus::CONFIGEND_SUCCESS));
    }
    assert_eq!(told(&mut pair), [BEGIN, RECORD, UPDATED, BEGIN, RECORD, UPDATED]);
    pair.send(&begin(ConfigType::SOLICITED));
    pair.send(&end(ConfigEndStatus::CONFIGEND_SUCCESS));
    assert_eq!(told(&mut pair), [BEGIN, DONE]);
    pair.send(&begin(ConfigType::UNSOLICITED));
    pair.send(&end(ConfigEndStatus::CONFIGEND_SUCCESS));
    assert_eq!(told(&mut pair), [BEGIN, UPDATED], "afterwards, too");
}

#[test]
fn keys_that_come_within_an_update_answer_the_request_for_keys() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    pair.request(&ConfigRequestKeyEvent::default()).unwrap();
    pair.settle();
    pair.send(&begin(ConfigType::UNSOLICITED));
    pair.send(&ConfigKeyEvent::default());
    pair.send(&end(ConfigEndStatus::CONFIGEND_SUCCESS));
    assert_eq!(told(&mut pair), [BEGIN, (MessageType::CONFIG_KEY_EVENT, Some(false)), UPDATED]);
}

#[test]
fn an_update_does_not_answer_the_request_for_keys() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    pair.request(&ConfigRequestKeyEvent::default()).unwrap();
    pair.settle();
    pair.send(&begin(ConfigType::SOLICITED));
    pair.send(&end(ConfigEndStatus::CONFIGEND_SUCCESS));
    assert_eq!(told(&mut pair), [BEGIN, UPDATED]);
}

#[test]
fn a_lost_conversation_can_be_begun_again() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    let request = pair.request(&ConfigRequestEvent::default()).unwrap();
    pair.settle();
    pair.send(&begin(ConfigType::UNSOLICITED));
    pair.settle();
    pair.cut();
    pair.settle();
    assert!(events(&mut pair).contains(&OwnedEvent::Lost(request)));
    pair.request(&ConfigRequestEvent::default()).unwrap();
    pair.settle();
    pair.send(&end(ConfigEndStatus::CONFIGEND_SUCCESS));
    assert_eq!(told(&mut pair), [DONE], "the update of the old session is forgotten");
}

#[test]
fn updates_flow_from_config_request_event_on_also_from_an_empty_one() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    assert_eq!(pair.emit(&ConfigAgentEvent::default()), Delivery::NotWanted);
    pair.request(&ConfigRequestKeyEvent::default()).unwrap();
    pair.settle();
    assert_eq!(pair.emit(&ConfigAgentEvent::default()), Delivery::NotWanted, "the keys are not enough");
    pair.send(&ConfigKeyEvent::default());
    pair.settle();
    let nothing = ConfigRequestEvent { config_information: ConfigMask::EMPTY, ..ConfigRequestEvent::default() };
    pair.request(&nothing).unwrap();
    pair.settle();
    assert_eq!(pair.emit(&begin(ConfigType::UNSOLICITED)), Delivery::Sent);
    assert_eq!(pair.emit(&ConfigAgentEvent::default()), Delivery::Sent);
    assert_eq!(pair.emit(&end(ConfigEndStatus::CONFIGEND_SUCCESS)), Delivery::Sent);
}

/// Whether an event is wanted once configuration was asked for.
fn is_wanted<'m, M: Body<'m>>(config: ClientConfig<'static>, event: &M) -> bool {
    let mut memory = Memory::new();
    let mut pair = open(config, &mut memory);
    let customer_id = (config.protocols[0].product() == Product::Ccx).then_some(0);
    pair.request(&ConfigRequestEvent { customer_id, ..ConfigRequestEvent::default() }).unwrap();
    pair.run_for(Duration::ZERO);
    pair.emit(event) == Delivery::Sent
}

#[test]
fn records_are_sent_as_the_mask_of_open_req_says() {
    let with = |mask| {
        let mut config = cce24();
        config.config = mask;
        config
    };
    assert!(is_wanted(with(ConfigMask::CONFIG_MSG_AGENT_MASK), &ConfigAgentEvent::default()));
    assert!(!is_wanted(with(ConfigMask::CONFIG_MSG_AGENT_MASK), &ConfigServiceEvent::default()));
    assert!(is_wanted(with(ConfigMask::CONFIG_MSG_SERVICE_MASK), &ConfigServiceEvent::default()));
    assert!(is_wanted(with(ConfigMask::CONFIG_MSG_SKILL_GROUP_MASK), &ConfigSkillGroupEvent::default()));
    assert!(is_wanted(with(ConfigMask::CONFIG_MSG_DEVICE_MASK), &ConfigDeviceEvent::default()));
    assert!(is_wanted(with(ConfigMask::CONFIG_MSG_TERMINAL_MASK), &ConfigTerminalEvent::default()));
    let mut ungranted = with(ConfigMask::ALL);
    ungranted.services = CtiService::CTI_SERVICE_ALL_EVENTS;
    let mut memory = Memory::new();
    let mut pair = open(ungranted, &mut memory);
    assert_eq!(pair.emit(&ConfigAgentEvent::default()), Delivery::NotWanted);
    assert_eq!(CCE24[0].product(), Product::Cce);
}

#[test]
fn a_confirmation_without_an_invoke_id_does_not_end_the_conversation() {
    let mut memory = Memory::new();
    let mut pair = open(everything(), &mut memory);
    pair.request(&ConfigRequestEvent::default()).unwrap();
    pair.settle();
    pair.inject_message(End::Server, &QueryAgentStateConf::default());
    pair.settle();
    assert!(matches!(&events(&mut pair)[..], [OwnedEvent::Late(_)]));
    pair.send(&end(ConfigEndStatus::CONFIGEND_SUCCESS));
    assert_eq!(told(&mut pair), [DONE]);
}

#[test]
fn express_has_an_order_of_its_own_in_the_mask() {
    static CCX18: &[Protocol] = &[match Protocol::ccx(18) {
        Ok(protocol) => protocol,
        Err(_) => panic!("there is version 18"),
    }];
    let with = |mask: CcxConfigMsgMask| {
        let mut config = ccx15();
        (config.config, config.protocols) = (mask.into(), CCX18);
        config.services = CtiService::CTI_SERVICE_ALL_EVENTS | CtiService::CTI_SERVICE_CONFIG_EVENTS;
        config
    };
    assert!(is_wanted(with(CcxConfigMsgMask::AGENT), &ConfigAgentEvent::default()));
    assert!(!is_wanted(with(CcxConfigMsgMask::AGENT), &ConfigServiceEvent::default()));
    assert!(is_wanted(with(CcxConfigMsgMask::APPLICATION), &ConfigServiceEvent::default()));
    assert!(!is_wanted(with(CcxConfigMsgMask::APPLICATION), &ConfigAgentEvent::default()));
    assert!(is_wanted(with(CcxConfigMsgMask::CSQ), &ConfigSkillGroupEvent::default()));
    assert!(is_wanted(with(CcxConfigMsgMask::DEVICE), &ConfigDeviceEvent::default()));
    assert!(is_wanted(with(CcxConfigMsgMask::TERMINAL), &ConfigTerminalEvent::default()));
}
