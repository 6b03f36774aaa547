//! The records of a configuration upload.

#[allow(clippy::wildcard_imports, reason = "a table names types of all kinds")]
use crate::message::prelude::*;

records! {
    /// A service. Unified CCX: an application.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_SERVICE_EVENT.
    ServiceRecord<'a> {
        floating {
            record_type(required()), flt_peripheral_id(ccx_since(11)), peripheral_number(ccx_required()),
            old_peripheral_number(ccx_since(11)), max_queued, extension, service_skill_target_id, peripheral_name,
            description, service_level_threshold, service_level_type, config_param, flt_mr_domain_id(ccx_since(11)),
        }
        lists {
            members: ServiceMember[10] num_service_members,
        }
    }

    /// A skill group. Unified CCX: a contact service queue (CSQ).
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_SKILL_GROUP_EVENT.
    SkillGroupRecord<'a> {
        floating {
            record_type(required()), flt_peripheral_id(since(11)), peripheral_number(ccx_required()),
            old_peripheral_number(since(11)), flt_skill_group_priority, skill_group_skill_target_id, auto_work,
            extension, peripheral_name, description, flt_mr_domain_id(since(11)), flt_precision_queue_id(since(22)),
            flt_precision_queue_name(since(22)), config_param,
        }
    }

    /// An agent.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_AGENT_EVENT.
    AgentRecord<'a> {
        floating {
            record_type(required()), flt_peripheral_id(since(11)), active_terminal(since(20), ccx_since(18)),
            agent_type, agent_desk_settings_id(since(22)), login_id(ccx_required(), ccx_max(129)),
            old_login_id(since(11)), login_name(since(11), ccx_max(32)), last_name, first_name, extension,
            description, agent_skill_target_id, sso_enabled(since(20)), ccx_agent_state(ccx_only()),
            ccx_mrd_id(since(17), ccx_only()),
        }
        lists {
            skills: AgentSkill[100] num_skills,
            mrds: AgentMrd[40] num_mrds (since(21)),
        }
    }

    /// A terminal.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_TERMINAL_EVENT.
    TerminalRecord<'a> {
        floating { record_type(required()), terminal_type, terminal_device_name, terminal_type_name }
        lists {
            instruments: Instrument<'a>[10] num_instruments (ccx_only()),
        }
    }

    /// Agent desk settings.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_AGENT_DESK_SETTINGS_EVENT.
    AgentDeskSettingsRecord<'a> {
        floating {
            record_type(required()), agent_desk_settings_id, flt_desk_settings_mask, flt_wrap_up_data_incoming_mode,
            flt_wrap_up_data_outgoing_mode, flt_logout_non_activity_time, flt_quality_recording_rate,
            flt_ring_no_answer_time, flt_silent_monitor_warning_message, flt_silent_monitor_audible_indication,
            flt_supervisor_assist_call_method, flt_emergency_call_method, flt_auto_record_on_emergency,
            flt_recording_mode, flt_work_mode_timer, flt_ring_no_answer_dn_id, flt_default_device_port_address,
            play_zip_tone, acd_shared_line_usage,
        }
    }

    /// A peripheral.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_PERIPHERAL_EVENT.
    PeripheralRecord {
        floating { record_type(required()), config_peripheral_id, default_agent_desk_settings_id }
    }

    /// A device. Unified CCX: the meaning of the fields depends on the type of the device.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_DEVICE_EVENT.
    DeviceRecord<'a> {
        floating {
            record_type(required()), flt_peripheral_id(since(11)), peripheral_number, device_type, max_queued,
            flt_service_id, dialed_number(ccx_max(129)), dnis, extension, description,
        }
    }

    /// A call type.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_CALL_TYPE_EVENT.
    CallTypeRecord<'a> {
        floating {
            record_type(required()), flt_call_type_id, customer_definition_id, enterprise_name, description,
            service_level_threshold, service_level_type,
        }
    }

    /// A media routing domain.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_MRD_EVENT.
    MrdRecord<'a> {
        floating {
            record_type(required()), flt_mr_domain_id, flt_enterprise_name, flt_description, flt_max_task_duration,
            flt_interruptible,
        }
    }

    /// The services enabled for an agent.
    ///
    /// Guide: "Configuration Acquisition Messages", CONFIG_AGENT_SERVICE_EVENT.
    AgentServiceRecord<'a> {
        floating { record_type(required()), agent_skill_target_id }
        lists {
            enabled_services: AgentService[20] num_of_enabled_services,
        }
    }
}
