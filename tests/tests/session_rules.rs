//! Which test holds which line of the rules: `tests/spec/session.md` and, for Unified CCX, `tests/spec/uccx_session.md`.
//!
//! Every line is in the table by its leading words, with the tests that hold it, or with the reason why it does not
//! bind the core. A line that is added to the rules, or a test that is renamed, fails here.

use Held::{By, No};

/// What becomes of a line.
enum Held {
    /// It is held by these tests.
    By(&'static [&'static str]),
    /// It does not bind client or server, or not the core.
    No(&'static str),
}

const RULES: &str = include_str!("../spec/session.md");
const EXPRESS_RULES: &str = include_str!("../spec/uccx_session.md");

/// Where tests are.
const SOURCES: &[&str] = &[
    include_str!("session_close.rs"),
    include_str!("session_config.rs"),
    include_str!("session_contract.rs"),
    include_str!("session_health.rs"),
    include_str!("session_keepalive.rs"),
    include_str!("session_open.rs"),
    include_str!("session_recovery.rs"),
    include_str!("session_requests.rs"),
    include_str!("session_server.rs"),
    include_str!("session_server_open.rs"),
    include_str!("session_sides.rs"),
    include_str!("session_standby.rs"),
    include_str!("robustness.rs"),
    include_str!("round_trip.rs"),
    include_str!("samples.rs"),
    include_str!("versions.rs"),
    include_str!("oracle/enterprise.rs"),
    include_str!("oracle/express.rs"),
    include_str!("oracle/values.rs"),
];

/// Why lines do not bind the core.
const ADAPTER: &str = "a matter of those who move the bytes: the core has no sockets";
const NETWORK: &str = "a matter of who sets the network up";
const FACT: &str = "a fact that nothing is to be done about";
const SERVER_APPLICATION: &str = "the server's application knows agents and calls: the core sends what it is given";
const CLIENT_APPLICATION: &str = "the client's application decides: the core hands it what it needs";
const UNDOCUMENTED: &str = "the tag is not documented, so that the field can be neither written nor read";
const DOUBT: &str = "a doubt about the documents; what was chosen is in the tables";

#[rustfmt::skip]
const TABLE: &[(&str, Held)] = &[
    // Framing
    ("Everything runs over one TCP stream", By(&["chunks_of_every_size_give_the_same_frames", "every_chunking_from_one_byte_up_gives_the_same_events"])),
    ("Each message: 8-byte header", By(&["every_message_of_every_protocol_is_written_as_it_was_read"])),
    ("MHDR = MessageLength", By(&["a_beginning_of_a_frame_asks_for_the_bytes_that_it_lacks"])),
    ("MessageLength counts", By(&["a_beginning_of_a_frame_asks_for_the_bytes_that_it_lacks"])),
    ("All integers longer than one byte", By(&["open_req_of_unified_cce"])),
    ("No padding and no alignment", By(&["open_req_of_unified_cce"])),
    ("The message type alone fixes", By(&["every_fixed_part_is_that_of_the_tables_in_every_version"])),
    ("The end of the message (MessageLength)", By(&["any_bytes_behind_a_fixed_part_are_decoded_or_refused"])),
    ("Largest message with header", By(&["a_length_beyond_the_limit_of_the_version_ends_the_stream", "a_message_of_exactly_the_limit_is_written"])),
    ("A peer for version 19", By(&["a_length_beyond_the_limit_of_the_version_ends_the_stream"])),
    ("(CCX) one guide limits a message body", No("it cannot hold, as named variables alone take more")),
    ("A later version adds fixed fields", By(&["fixed_fields_that_the_version_lacks_are_not_written_and_are_read_as_their_default"])),
    // Data types
    ("CHAR 1 byte signed", By(&["every_fixed_part_is_that_of_the_tables_in_every_version"])),
    ("SHORT 2 bytes signed", By(&["every_fixed_part_is_that_of_the_tables_in_every_version"])),
    ("INT 4 bytes signed", By(&["every_fixed_part_is_that_of_the_tables_in_every_version"])),
    ("BOOL 2 bytes", By(&["every_fixed_part_is_that_of_the_tables_in_every_version", "a_bool_of_four_bytes_is_read"])),
    ("TIME 4 bytes", By(&["every_fixed_part_is_that_of_the_tables_in_every_version"])),
    ("STRING[n] ASCII text", By(&["a_value_that_is_too_long_is_refused_by_name"])),
    ("STRING in a floating field", By(&["a_value_that_is_too_long_is_refused_by_name"])),
    ("A text of k characters", By(&["a_value_that_is_too_long_is_refused_by_name"])),
    ("(peer) decoders stop at the first NUL", By(&["texts_without_a_nul_and_with_something_behind_it_are_read"])),
    ("STRING and UNSPEC occur", By(&["every_fixed_part_is_that_of_the_tables_in_every_version"])),
    ("UNSPEC[n] raw bytes", By(&["an_empty_password_is_present_and_the_signature_is_left_to_the_server"])),
    ("MHDR 8 bytes", By(&["a_beginning_of_a_frame_asks_for_the_bytes_that_it_lacks"])),
    ("NAMEDVAR data", By(&["names_and_values_of_variables_keep_their_limits"])),
    ("NAMEDVAR: name at most", By(&["names_and_values_of_variables_keep_their_limits"])),
    ("NAMEDVAR uses tag 82", By(&["every_floating_field_is_that_of_the_tables"])),
    ("NAMEDARRAY data", By(&["names_and_values_of_variables_keep_their_limits"])),
    ("NAMEDARRAY: same name", By(&["names_and_values_of_variables_keep_their_limits"])),
    ("NAMEDARRAY uses tag 83", By(&["every_floating_field_is_that_of_the_tables"])),
    ("All named variables and arrays", By(&["named_variables_take_2000_bytes_together_at_most", "more_named_data_than_a_message_may_bring_is_refused_with_73"])),
    ("NumNamedVariables and NumNamedArrays", By(&["lists_from_slices_are_written_like_lists_from_the_wire", "counts_that_are_not_those_of_the_message_are_refused_with_39_77_or_78"])),
    ("TASKID 12 bytes", By(&["every_floating_field_is_that_of_the_tables"])),
    ("APPPATHID is a floating field", By(&["every_floating_field_is_that_of_the_tables"])),
    ("The tables also print ULONG", By(&["every_fixed_part_is_that_of_the_tables_in_every_version"])),
    ("\"No value\" is all ones", By(&["special_values_and_limits_are_those_of_the_tables"])),
    ("SkillGroupPriority, SessionID", By(&["special_values_and_limits_are_those_of_the_tables"])),
    // Floating fields
    ("Versions up to 19: Tag UCHAR", By(&["a_floating_field_has_the_tag_and_the_length_of_the_product"])),
    ("Versions from 20: Tag USHORT", By(&["a_floating_field_has_the_tag_and_the_length_of_the_product"])),
    ("The version in force is the VersionNumber", By(&["the_version_opened_fixes_the_layout_of_every_message"])),
    ("NAMEDVAR and NAMEDARRAY follow", By(&["a_floating_field_has_the_tag_and_the_length_of_the_product"])),
    ("(CCX) switches the tag", By(&["unified_ccx_18_is_read_in_each_of_its_forms_and_written_with_lengths_of_two_bytes"])),
    ("FieldLength counts data bytes only", By(&["a_floating_field_has_the_tag_and_the_length_of_the_product"])),
    ("Fields may come in any order", By(&["fields_in_another_order_missing_or_doubled_mean_the_same_when_they_are_written_again"])),
    ("A tag comes once", By(&["of_a_field_that_comes_twice_the_last_one_counts"])),
    ("Members of one list entry", By(&["lists_from_slices_are_written_like_lists_from_the_wire"])),
    ("Limits of lists", By(&["every_list_holds_as_many_elements_as_the_guide_allows"])),
    ("Array fields (type with [N]", By(&["config_service_event_has_members_in_columns"])),
    ("Tags above 255", By(&["no_field_has_a_tag_that_the_version_cannot_write"])),
    ("A receiver should skip unknown tags", By(&["unknown_fields_do_not_change_what_is_decoded", "fields_that_do_not_belong_in_open_req_are_refused"])),
    // Invoke identifiers
    ("Every request has an InvokeID", By(&["a_request_is_confirmed_under_its_invoke_id"])),
    ("The client chooses it", By(&["no_two_outstanding_requests_have_the_same_invoke_id", "several_requests_are_answered_in_any_order"])),
    ("Events have no InvokeID", By(&["what_is_no_request_is_refused_with_2"])),
    ("The configuration messages 230 to 238", By(&["only_one_configuration_request_is_under_way"])),
    ("ACTIVE_MAINTENANCE_REQ_MSG is the one request", By(&["maintenance_is_answered_at_once_as_configured"])),
    ("Client Control answers may take", By(&["an_answer_after_15_s_is_in_time"])),
    ("Events caused by a request", By(&["events_may_come_before_and_after_the_confirmation_they_belong_to"])),
    ("A request that fails earns", By(&["a_request_fails_with_the_status_of_failure_conf", "a_control_request_fails_with_the_codes_of_control_failure_conf"])),
    // TCP
    ("Set TCP_NODELAY", No(ADAPTER)),
    ("Set SO_LINGER", No(ADAPTER)),
    ("\"Reset the connection\"", By(&["an_orderly_close_waits_for_close_conf_and_resets_the_connection"])),
    ("Do not use the private network", No(NETWORK)),
    ("Ports, not secured", No(NETWORK)),
    ("Ports, secured", No(NETWORK)),
    ("Ports are configurable", No(NETWORK)),
    ("(CCX) the port is", No(NETWORK)),
    // TLS
    ("Since release 12.5", No(NETWORK)),
    ("TLS starts with the connection", No(ADAPTER)),
    ("Authentication is mutual", No(ADAPTER)),
    ("The tool shipped with the server", No(NETWORK)),
    ("The protocol bytes inside TLS", No(ADAPTER)),
    ("TLS versions and cipher suites", No(FACT)),
    // Choosing a side
    ("A client knows two addresses", By(&["the_sides_are_tried_in_turn_until_one_connects"])),
    ("A connection stays until it fails", By(&["a_connection_stays_until_it_fails_or_the_client_closes_it"])),
    ("Sequence 1", By(&["after_a_loss_the_side_of_the_last_success_comes_first_and_at_once", "if_the_last_good_side_is_gone_the_other_one_is_next"])),
    ("Sequence 2", By(&["the_random_wait_is_at_most_a_tenth_of_the_clients_in_seconds"])),
    ("Sequence 3", By(&["attempts_follow_the_four_sequences"])),
    ("Sequence 4", By(&["attempts_follow_the_four_sequences"])),
    ("The sequence ends at the first TCP connection", By(&["the_sequence_starts_anew_after_a_session", "sides_that_connect_and_refuse_sessions_are_asked_ever_less_often"])),
    // Opening a session
    ("After TCP connects the client sends OPEN_REQ", By(&["open_req_is_the_first_message_and_nothing_goes_before_it", "before_open_req_everything_is_refused_with_4"])),
    ("A second OPEN_REQ", By(&["a_second_open_req_cannot_be_sent", "a_second_open_req_is_refused_with_5_and_the_session_goes_on"])),
    ("VersionNumber fixes the layout", By(&["the_version_opened_fixes_the_layout_of_every_message"])),
    ("There is no negotiation", By(&["a_refused_version_is_followed_by_the_next_one_on_a_new_connection", "a_version_that_the_server_does_not_speak_is_refused_with_1"])),
    ("Servers are expected to speak older versions", By(&["an_open_req_in_order_is_handed_out", "express_18_down_to_10_opens_at_what_the_server_has"])),
    ("ClientID and ClientPassword must be present; the password", By(&["an_empty_password_is_present_and_the_signature_is_left_to_the_server", "name_and_password_must_be_there_and_the_password_may_be_empty"])),
    ("Wrong name or password", By(&["the_application_refuses_with_a_status_of_its_own", "every_refusal_is_final_unless_something_may_mend_it"])),
    ("ClientSignature defaults", By(&["an_empty_password_is_present_and_the_signature_is_left_to_the_server"])),
    ("Reserved1 to Reserved3", By(&["reserved_fields_and_unused_mask_bits_are_zero", "each_rule_of_open_req_has_its_status"])),
    ("Unused mask bits must be 0", By(&["reserved_fields_and_unused_mask_bits_are_zero", "each_rule_of_open_req_has_its_status", "unassigned_call_events_are_refused_with_20"])),
    ("PeripheralID is needed for Client Events", By(&["what_breaks_a_rule_of_opening_is_refused_before_anything_is_sent", "each_rule_of_open_req_has_its_status", "open_req_says_what_was_configured"])),
    ("Client Events needs AgentExtension", By(&["what_breaks_a_rule_of_opening_is_refused_before_anything_is_sent", "each_name_of_the_agent_is_enough_for_client_events"])),
    ("The server may be set to require a logged-on agent", By(&["the_application_refuses_with_a_status_of_its_own"])),
    ("A device held by another client", By(&["the_application_refuses_with_a_status_of_its_own"])),
    ("A device held by the same client", By(&["ending_a_session_tells_the_client_why", "a_client_that_was_replaced_by_another_does_not_come_back"])),
    ("IdleTimeout below 20", By(&["each_rule_of_open_req_has_its_status", "what_breaks_a_rule_of_opening_is_refused_before_anything_is_sent", "an_idle_timeout_that_is_off_never_ends_a_session"])),
    ("(CCX) IdleTimeout: at least 2", By(&["express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout"])),
    ("ServicesGranted may be less than asked", By(&["fewer_services_than_asked_for_are_told", "the_confirmation_grants_no_more_than_was_asked_for"])),
    ("A request for a service not granted", By(&["a_request_of_a_service_that_was_not_granted_is_refused_with_12", "control_of_agent_states_alone_allows_agent_states_alone"])),
    ("MonitorID in OPEN_CONF", By(&["open_conf_is_told_in_full_and_trouble_of_the_gateway_is_only_a_warning"])),
    ("PGStatus not 0 is a warning", By(&["open_conf_is_told_in_full_and_trouble_of_the_gateway_is_only_a_warning", "open_conf_gives_the_first_picture"])),
    ("PeripheralOnline: state", By(&["open_conf_gives_the_first_picture"])),
    ("PeripheralType from version 21", By(&["open_conf_is_told_in_full_and_trouble_of_the_gateway_is_only_a_warning"])),
    ("AgentState and the agent fields", By(&["open_conf_is_told_in_full_and_trouble_of_the_gateway_is_only_a_warning"])),
    ("NumPeripherals is 0", By(&["open_conf_has_peripherals_from_14_a_department_from_19_and_a_session_type_from_24"])),
    ("An ALL_EVENTS session gets", By(&["the_state_of_each_peripheral_after_opening_completes_the_picture"])),
    ("A Client Events session gets", No(SERVER_APPLICATION)),
    ("A CTI_SERVICE_CLIENT_MONITOR session gets", By(&["events_need_the_services_they_belong_to"])),
    ("A CTI_SERVICE_SUPERVISOR session gets", By(&["events_need_the_services_they_belong_to"])),
    ("Configuration updates flow only", By(&["updates_flow_from_config_request_event_on_also_from_an_empty_one"])),
    ("Normal answer time to OPEN_REQ", By(&["an_answer_after_the_normal_5_s_is_waited_for", "no_answer_for_30_s_resets_the_connection_and_the_other_side_is_asked_after_a_pause"])),
    ("After a refusal or no answer", By(&["after_a_refusal_the_connection_is_reset_and_there_is_a_pause", "no_answer_for_30_s_resets_the_connection_and_the_other_side_is_asked_after_a_pause", "a_server_that_ends_the_session_before_it_is_open_is_not_asked_again_at_once"])),
    ("(CCX) wait 10 s", By(&["after_a_refusal_the_connection_is_reset_and_there_is_a_pause", "no_answer_for_30_s_resets_the_connection_and_the_other_side_is_asked_after_a_pause"])),
    // Failures
    ("FAILURE_CONF answers any request", By(&["a_request_fails_with_the_status_of_failure_conf", "any_other_failure_event_is_only_told"])),
    ("FAILURE_CONF body", By(&["both_bodies_of_failure_conf_are_read_and_written"])),
    ("2 = E_CTI_INVALID_MESSAGE_LENGTH", By(&["what_is_no_request_is_refused_with_2"])),
    ("3 unknown tag", By(&["bad_fields_have_their_statuses", "fields_that_do_not_belong_in_open_req_are_refused"])),
    ("48 message type unknown", By(&["what_the_version_lacks_is_refused_with_48", "a_tag_that_the_version_lacks_is_refused_with_49"])),
    ("15 = E_CTI_CTI_SERVER_OFFLINE", By(&["a_server_that_goes_offline_gets_close_req_with_status_15", "a_server_that_goes_offline_is_left_for_the_other_side"])),
    ("16 = E_CTI_TIMEOUT", By(&["statuses_that_end_a_session_lead_to_the_other_side"])),
    ("37 = E_CTI_CLIENT_DISCONNECTED", By(&["a_close_is_normal_and_a_bare_disconnect_is_not"])),
    ("92 = E_CTI_SERVER_NOT_MASTER", By(&["a_standby_node_of_express_refuses_with_92", "a_standby_node_of_express_opens_no_sessions"])),
    ("107 to 110", By(&["a_client_without_the_standby_service_is_refused_with_107_and_goes_to_the_active_one", "a_server_in_maintenance_opens_no_sessions_and_the_client_goes_on"])),
    ("CONTROL_FAILURE_CONF body", By(&["a_control_request_fails_with_the_codes_of_control_failure_conf"])),
    // Heartbeat and idle timer
    ("Only the client sends HEARTBEAT_REQ", By(&["only_the_client_sends_heartbeats"])),
    ("Send one when nothing was sent", By(&["a_heartbeat_is_sent_when_nothing_was_sent_for_one_interval", "any_message_of_the_client_counts_as_traffic", "what_the_server_sends_does_not_count"])),
    ("The server answers at once with HEARTBEAT_CONF", By(&["the_server_answers_at_once_with_the_same_invoke_id", "a_heartbeat_is_answered_at_once_under_its_invoke_id"])),
    ("Three heartbeats unanswered", By(&["three_unanswered_heartbeats_reset_the_connection", "an_answer_ends_the_count", "an_answer_to_the_first_of_three_leaves_two_unanswered", "an_answer_to_no_heartbeat_does_not_count"])),
    ("Smallest interval 5 s", By(&["what_breaks_a_rule_of_opening_is_refused_before_anything_is_sent", "without_an_interval_there_are_no_heartbeats"])),
    ("IdleTimeout should be 4 times", By(&["open_req_says_what_was_configured", "what_breaks_a_rule_of_opening_is_refused_before_anything_is_sent"])),
    ("The server resets the connection when nothing arrives", By(&["the_server_resets_a_connection_that_was_silent_for_the_idle_timeout", "anything_that_arrives_counts_for_the_idle_timeout", "the_idle_timeout_begins_when_the_session_opens"])),
    ("FAILURE_CONF as answer to HEARTBEAT_REQ", By(&["a_failure_in_answer_to_a_heartbeat_resets_the_connection"])),
    // Closing
    ("The client sends CLOSE_REQ with a Status", By(&["an_orderly_close_waits_for_close_conf_and_resets_the_connection", "without_close_conf_the_connection_is_reset_after_5_s"])),
    ("Status in CLOSE_REQ", By(&["an_orderly_close_waits_for_close_conf_and_resets_the_connection", "a_server_that_goes_offline_gets_close_req_with_status_15", "close_req_is_answered_and_the_client_has_5_s_to_go"])),
    ("FAILURE_EVENT with 15", By(&["a_server_that_goes_offline_gets_close_req_with_status_15", "a_server_that_goes_offline_and_does_not_confirm_is_left_after_5_s"])),
    ("E_CTI_NEW_SESSION_OPENED (11) and", By(&["a_client_that_was_replaced_by_another_does_not_come_back", "statuses_that_end_a_session_lead_to_the_other_side"])),
    ("A CLOSE_REQ makes the end normal", By(&["an_orderly_close_waits_for_close_conf_and_resets_the_connection", "a_close_is_normal_and_a_bare_disconnect_is_not"])),
    ("Server applications must send UNREGISTER_SERVICE_REQ", No(CLIENT_APPLICATION)),
    // Monitors and state after a loss
    ("Ending a session ends all its monitors", By(&["the_servers_monitors_end_with_the_session"])),
    ("A call monitor ends with its call", By(&["monitors_of_calls_end_with_the_session"])),
    ("Monitors do not survive a failure", By(&["monitors_of_devices_and_teams_are_made_again_after_a_loss", "a_monitor_is_made_again_with_the_masks_it_was_changed_to", "a_monitor_is_made_again_in_the_version_that_the_next_session_opens_with"])),
    ("Nothing is kept for a client that is away", By(&["nothing_is_kept_for_a_client_that_is_away", "a_gap_between_two_sessions_is_reported", "a_resynchronisation_is_announced_after_a_gap_and_paced"])),
    ("A failed active server closes", By(&["after_a_loss_the_side_of_the_last_success_comes_first_and_at_once"])),
    ("A peripheral going offline is told", By(&["system_events_say_which_peripherals_are_offline"])),
    ("Loss of the central controller", By(&["the_loss_of_the_central_controller_does_not_stop_anything"])),
    ("MonitorID in events", By(&["an_event_bears_the_id_of_the_monitor_that_caused_it"])),
    ("A client with several monitors", By(&["an_event_bears_the_id_of_the_monitor_that_caused_it"])),
    ("CHANGE_MONITOR_MASK_REQ changes", By(&["the_masks_of_a_monitor_can_be_changed_and_so_can_those_of_the_session", "the_masks_of_a_team_cannot_be_changed"])),
    // Order of messages
    ("No order is promised between call events", No(CLIENT_APPLICATION)),
    ("RTP_STARTED_EVENT and RTP_STOPPED_EVENT", No(CLIENT_APPLICATION)),
    ("AGENT_PRE_CALL_EVENT usually precedes", No(CLIENT_APPLICATION)),
    ("BEGIN_CALL_EVENT opens and END_CALL_EVENT", No(CLIENT_APPLICATION)),
    ("Configuration comes as CONFIG_BEGIN_EVENT", By(&["an_upload_comes_in_blocks_of_which_all_but_the_last_are_partial"])),
    ("A long initial upload", By(&["an_upload_comes_in_blocks_of_which_all_but_the_last_are_partial", "each_part_of_an_upload_gives_the_next_one_time"])),
    ("Two calls may share a ConnectionCallID", No(CLIENT_APPLICATION)),
    ("CALL_DATA_UPDATE_EVENT from version 22", No(CLIENT_APPLICATION)),
    // Active and standby servers
    ("Both sides run; one is active", By(&["a_standby_session_opens_and_says_so"])),
    ("The standby side takes sessions only", By(&["a_standby_session_opens_and_says_so", "each_rule_of_open_req_has_its_status"])),
    ("Version below 24 on the standby side", By(&["an_old_client_is_refused_by_the_standby_side_with_15_and_goes_to_the_active_one", "each_rule_of_open_req_has_its_status"])),
    ("Version 24 or later without the bit", By(&["a_client_without_the_standby_service_is_refused_with_107_and_goes_to_the_active_one", "each_rule_of_open_req_has_its_status"])),
    ("OPEN_CONF.SessionType tells which", By(&["a_standby_session_opens_and_says_so", "open_conf_is_told_in_full_and_trouble_of_the_gateway_is_only_a_warning"])),
    ("A standby session may send", By(&["a_standby_session_takes_no_requests_and_is_kept_alive", "a_standby_server_refuses_requests"])),
    ("STANDBY_ACTIVE_EVENT_MSG on a standby session", By(&["a_standby_session_takes_requests_from_standby_active_event_msg_on", "a_promotion_may_also_be_sent_as_an_event"])),
    ("A restarting standby server loads", No(SERVER_APPLICATION)),
    ("UniqueInstanceID (floating", No(UNDOCUMENTED)),
    ("Present but empty", No(UNDOCUMENTED)),
    ("The tag number of UniqueInstanceID", No(UNDOCUMENTED)),
    // Maintenance mode
    ("Step 1", No(SERVER_APPLICATION)),
    ("Step 2", By(&["maintenance_is_answered_at_once_as_configured", "maintenance_waits_where_there_is_no_room_to_answer"])),
    ("One refusal cancels", No(SERVER_APPLICATION)),
    ("Step 3", By(&["the_side_in_maintenance_is_told_to_expect_no_requests_within_5_s", "a_maintenance_that_is_cancelled_changes_nothing"])),
    ("Step 4", By(&["a_standby_session_takes_requests_from_standby_active_event_msg_on"])),
    ("Step 5", By(&["the_side_in_maintenance_is_told_to_expect_no_requests_within_5_s", "the_application_can_leave_earlier", "a_side_in_maintenance_is_left_also_where_there_is_no_room_to_say_so"])),
    ("Step 6", By(&["the_old_side_drops_the_connection_and_the_client_goes_to_the_other_one"])),
    ("OPEN_REQ during maintenance", By(&["a_server_in_maintenance_opens_no_sessions_and_the_client_goes_on", "statuses_that_end_a_session_lead_to_the_other_side"])),
    ("After the switch ALL_EVENTS clients get", By(&["the_events_that_rebuild_the_calls_after_a_switch_are_delivered"])),
    // Doubts kept open
    ("FAILURE_CONF has two printed bodies", By(&["both_bodies_of_failure_conf_are_read_and_written"])),
    ("The network recording messages", By(&["every_message_has_the_number_direction_service_and_versions_of_the_tables"])),
    ("OPEN_REQ of version 9", No(DOUBT)),
    ("Numbers of AGENT_UPDATED_EVENT", No(DOUBT)),
    ("The masks of the OPEN_REQ text", No(DOUBT)),
    ("Bodies of STANDBY_ACTIVE_EVENT_MSG", By(&["a_standby_side_says_that_it_is_active_with_nothing_but_a_header"])),
];

#[rustfmt::skip]
const EXPRESS_TABLE: &[(&str, Held)] = &[
    // Versions
    ("Minimum version 10", By(&["an_open_req_in_order_is_handed_out", "a_version_that_the_server_does_not_speak_is_refused_with_1"])),
    ("The client states the version", By(&["express_18_down_to_10_opens_at_what_the_server_has"])),
    ("An unsupported version is answered", By(&["a_version_that_the_server_does_not_speak_is_refused_with_1"])),
    ("OPEN_CONF carries no version number", By(&["express_18_down_to_10_opens_at_what_the_server_has"])),
    ("After a rejected OPEN_REQ", By(&["after_a_refusal_the_connection_is_reset_and_there_is_a_pause", "express_18_down_to_10_opens_at_what_the_server_has"])),
    ("A version mark beside a field", By(&["every_fixed_part_of_unified_ccx_is_that_of_the_tables_in_every_version"])),
    ("Version 11 adds", By(&["every_fixed_part_of_unified_ccx_is_that_of_the_tables_in_every_version"])),
    ("Version 12 adds", By(&["every_fixed_part_of_unified_ccx_is_that_of_the_tables_in_every_version"])),
    ("Version 14 adds", By(&["every_fixed_part_of_unified_ccx_is_that_of_the_tables_in_every_version"])),
    ("Version 17 adds", By(&["every_floating_field_of_unified_ccx_has_the_tag_size_and_versions_of_the_tables"])),
    ("Version 18 adds", By(&["unified_ccx_18_is_read_in_each_of_its_forms_and_written_with_lengths_of_two_bytes", "the_configuration_mask_of_express_has_its_own_bits"])),
    ("Which product release", No(FACT)),
    // Modes
    ("Bridge mode", By(&["a_client_of_express_opens_with_a_server_of_express"])),
    ("Agent mode: ServicesRequested", By(&["express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout"])),
    ("The two bits exclude each other", By(&["express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout"])),
    ("A bridge client must not send", By(&["express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout"])),
    ("Agent mode needs at least one", By(&["express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout"])),
    ("Every client gets all unsolicited messages", By(&["agent_states_are_sent_as_the_mask_says", "call_events_are_sent_as_the_mask_says"])),
    ("SYSTEM_EVENT goes to every client", By(&["events_need_the_services_they_belong_to"])),
    ("AGENT_STATE_EVENT goes to all bridge sockets", No(SERVER_APPLICATION)),
    ("In agent mode, events of other devices", No(CLIENT_APPLICATION)),
    // Session
    ("OPEN_REQ.IdleTimeout", By(&["express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout", "express_writes_peripheral_0_and_a_finite_idle_timeout"])),
    ("OPEN_REQ.PeripheralID is written 0", By(&["express_writes_peripheral_0_and_a_finite_idle_timeout"])),
    ("ClientID and ClientPassword must be present, may be empty", By(&["express_writes_peripheral_0_and_a_finite_idle_timeout"])),
    ("Agent authentication happens", No(CLIENT_APPLICATION)),
    ("OPEN_CONF: MonitorID", By(&["express_is_good_when_it_is_online_and_in_service"])),
    ("ServicesGranted may be less than requested", By(&["fewer_services_than_asked_for_are_told"])),
    ("OPEN_CONF version 14", By(&["every_floating_field_of_unified_ccx_has_the_tag_size_and_versions_of_the_tables"])),
    ("Configuration requests must wait", No("the health of a session says when; the application asks")),
    ("Close: CLOSE_REQ", By(&["an_orderly_close_waits_for_close_conf_and_resets_the_connection"])),
    // Heartbeats
    ("Only the client starts HEARTBEAT_REQ", By(&["only_the_client_sends_heartbeats"])),
    ("Interval is chosen by the client", By(&["express_has_rules_of_its_own_for_services_heartbeats_and_idle_timeout"])),
    ("Heartbeats must be sent whether or not", By(&["what_the_server_sends_does_not_count", "heartbeats_keep_a_session_open_that_says_nothing_else"])),
    ("The server answers HEARTBEAT_CONF at once", By(&["the_server_answers_at_once_with_the_same_invoke_id", "a_failure_in_answer_to_a_heartbeat_resets_the_connection"])),
    ("Three unconfirmed heartbeats", By(&["three_unanswered_heartbeats_reset_the_connection"])),
    ("The server resets the connection after IdleTimeout", By(&["the_server_resets_a_connection_that_was_silent_for_the_idle_timeout"])),
    // Redundancy
    ("One node of the cluster is master", By(&["a_standby_node_of_express_opens_no_sessions"])),
    ("OPEN_REQ to a standby node", By(&["a_standby_node_of_express_opens_no_sessions", "a_standby_node_of_express_refuses_with_92"])),
    ("Client loop", By(&["express_goes_to_the_next_server_on_a_socket_error_no_reply_or_failure", "express_goes_to_the_next_server_after_any_loss_and_stays_there", "the_caller_can_leave_a_side"])),
    ("When the master fails", By(&["express_goes_to_the_next_server_after_any_loss_and_stays_there"])),
];

fn bullets(rules: &str) -> impl Iterator<Item = &str> {
    rules.lines().filter_map(|line| line.strip_prefix("- "))
}

fn assert_covers(rules: &str, table: &[(&str, Held)]) {
    for line in bullets(rules) {
        let found: Vec<_> = table.iter().filter(|(words, _)| line.starts_with(words)).map(|(words, _)| words).collect();
        assert_eq!(found.len(), 1, "{line:?} is in the table as {found:?}");
    }
    for (words, _) in table {
        let count = bullets(rules).filter(|line| line.starts_with(words)).count();
        assert_eq!(count, 1, "{words:?} begins {count} lines of the rules");
    }
}

#[test]
fn every_line_of_the_rules_is_in_the_table() {
    assert_covers(RULES, TABLE);
    assert_covers(EXPRESS_RULES, EXPRESS_TABLE);
}

/// Whether there is a test of this name.
fn is_test(name: &str) -> bool {
    let head = format!("fn {name}(");
    SOURCES.iter().any(|source| {
        source.match_indices(&head).any(|(at, _)| {
            let before = source[..at].trim_end();
            before.ends_with("#[test]")
        })
    })
}

#[test]
fn every_test_in_the_table_exists() {
    for (words, held) in TABLE.iter().chain(EXPRESS_TABLE) {
        match held {
            By(tests) => {
                assert!(!tests.is_empty(), "{words:?} is held by nothing");
                for test in *tests {
                    assert!(is_test(test), "{words:?} is held by {test}, which is no test");
                }
            }
            No(reason) => assert!(!reason.is_empty()),
        }
    }
}
