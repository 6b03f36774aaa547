"""What a contact centre offers besides call control: statistics, devices, messages, monitors, Client Events."""

from session import Connection, connect

CLIENT_EVENTS, PERIPHERAL_MONITOR = 0x1, 0x20
CALL_DELIVERED_MASK, CALL_ESTABLISHED_MASK = 0x1, 0x4
DEVID_DEVICE_IDENTIFIER = 0
DISTRIBUTE_TO_CLIENT = 0
TALKING = 4


def all_of_them(centre):
    one, two, three = centre.agents
    client_events(centre, one, two)
    device_information(centre, one)
    if centre.is_ccx:
        return
    statistics(centre, one, two)
    desk_settings(centre, one)
    deflection(centre, one, two, three)
    tones(centre, one, two)
    messages(centre)
    monitor(centre, one, two)


def statistics(centre, one, two):
    """What the agents have done shows in their counters, and not in those of who did not."""
    counters = [agent_statistics(centre, agent) for agent in (one, two)]
    # Five calls were made and answered; three calls to consult somebody may count, and one that was not answered.
    made, received = counters[0]["InternalCallsSession"], counters[1]["InternalCallsRcvdSession"]
    centre.must("internal calls made", made, *range(5, 10))
    centre.must("internal calls received", received, 5, 6)
    centre.must("calls from outside", [conf["HandledCallsSession"] for conf in counters], [0, 0])
    conf, = centre.do("QUERY_SKILL_GROUP_STATISTICS_REQ", {"SkillGroupNumber": 101, "SkillGroupID": 0xFFFF_FFFF})
    centre.must("the skill group", conf["SkillGroupNumber"], 101)
    if conf["AgentsAvail"] + conf["AgentsNotReady"] > conf["AgentsLoggedOn"]:
        raise centre.connection.unexpected("no more agents than are logged on", conf)
    centre.refused("QUERY_SKILL_GROUP_STATISTICS_REQ", {"SkillGroupNumber": 99_999, "SkillGroupID": 0xFFFF_FFFF})


def agent_statistics(centre, agent):
    conf, = centre.do("QUERY_AGENT_STATISTICS_REQ", {}, [("AgentExtension", agent.extension)])
    return conf


def device_information(centre, one):
    conf, = centre.do("QUERY_DEVICE_INFO_REQ", {}, [("AgentInstrument", one.extension)])
    if not conf["NumLines"] or conf["MaxActiveCalls"] == 0:
        raise centre.connection.unexpected("lines, and a call that may be active", conf)
    centre.refused("QUERY_DEVICE_INFO_REQ", {}, [("AgentInstrument", "99")])


def desk_settings(centre, one):
    conf, = centre.do("AGENT_DESK_SETTINGS_REQ", {}, [("AgentID", one.id)])
    centre.must("the peripheral", conf["PeripheralID"], centre.peripheral)


def deflection(centre, one, two, three):
    """Who is called sends the call on, unanswered."""
    call = centre.call(one, two)
    fixed, floating = centre.connection_of(call, two)
    diverted = ("CALL_DIVERTED_EVENT", {"ConnectionCallID": call, "DivertingDeviceID": two.extension})
    delivered = ("CALL_DELIVERED_EVENT", {"ConnectionCallID": call, "AlertingDeviceID": three.extension})
    floating.append(("CalledDeviceID", three.extension))
    centre.do("DEFLECT_CALL_REQ", {**fixed, "CalledDeviceType": DEVID_DEVICE_IDENTIFIER}, floating, diverted, delivered)
    centre.calls_of(two, {})
    centre.answer(call, three, one)
    centre.clear(call, one)


def tones(centre, one, two):
    call = centre.call(one, two)
    centre.answer(call, two, one)
    fixed, floating = centre.connection_of(call, one)
    centre.do("SEND_DTMF_SIGNAL_REQ", fixed, floating + [("DTMFString", "12#")])
    centre.clear(call, one)


def messages(centre):
    text = [("ClientID", centre.name), ("Text", "to myself")]
    told = ("USER_MESSAGE_EVENT", {"ClientID": centre.name, "Text": "to myself"})
    centre.do("USER_MESSAGE_REQ", {"Distribution": DISTRIBUTE_TO_CLIENT}, text, told)


def monitor(centre, one, two):
    """Another session monitors a device: it gets what its masks ask for, under the monitor's ID, and nothing else."""
    session = Second(centre, {**centre.agent_fields(), "ClientID": "watcher"}, PERIPHERAL_MONITOR)
    masks = {"CallMsgMask": CALL_DELIVERED_MASK | CALL_ESTABLISHED_MASK, "AgentStateMask": 0}
    start = {"ConnectionCallID": 0xFFFF_FFFF, "ConnectionDeviceIDType": 0xFFFF, "MonitoredDeviceType": 0, **masks}
    conf = session.ask("MONITOR_START_REQ", start, [("MonitoredDeviceID", two.extension)])
    call = centre.call(one, two)
    centre.answer(call, two, one)
    centre.clear(call, one)
    for name in ("CALL_DELIVERED_EVENT", "CALL_ESTABLISHED_EVENT"):
        values = {"MonitorID": conf["MonitorID"], "ConnectionCallID": call, "ConnectionDeviceID": two.extension}
        session.connection.expect(name, **values)
    session.ask("MONITOR_STOP_REQ", {"MonitorID": conf["MonitorID"]})
    centre.clear(centre.call(one, two), one)
    session.close()


def client_events(centre, one, two):
    """A session for one agent, opened amid a call: it is told of the call, and of that agent's side of it alone."""
    call = centre.call(one, two)
    centre.answer(call, two, one)
    session = Second(centre, {**centre.agent_fields(one), "ClientID": "desk"}, CLIENT_EVENTS)
    centre.must("the agent", session.opened["AgentExtension"], one.extension)
    if not centre.is_ccx:
        centre.must("the agent's state", session.opened["AgentState"], TALKING)
    session.until("BEGIN_CALL_EVENT", ConnectionCallID=call, ConnectionDeviceID=one.extension)
    centre.clear(call, one)
    session.until("END_CALL_EVENT", ConnectionCallID=call, ConnectionDeviceID=one.extension)
    session.close(one)


class Second:
    """A session beside that of all events."""

    def __init__(self, centre, floating, wanted):
        self.centre = centre
        self.connection = Connection(connect(centre.port), centre.protocol, "client")
        peripheral = 0 if centre.is_ccx else 5000
        fixed, floating = centre.open_req(floating, ServicesRequested=wanted, PeripheralID=peripheral)
        self.connection.send("OPEN_REQ", fixed, floating)
        self.opened = self.connection.expect("OPEN_CONF", InvokeID=fixed["InvokeID"], ServicesGranted=wanted)

    def ask(self, request, fixed, floating=()):
        known = {field.name for field in self.centre.protocol.by_name[request].fixed}
        fixed = {name: value for name, value in {"PeripheralID": 5000, **fixed}.items() if name in known}
        invoke_id = self.centre.ask(self.connection, request, fixed, floating)
        return self.connection.expect(request[: -len("REQ")] + "CONF", InvokeID=invoke_id)

    def until(self, name, **values):
        """Reads until this comes; what comes before must be about the same device or about nobody's."""
        while True:
            message = self.connection.receive()
            device = message["ConnectionDeviceID"] if "ConnectionCallID" in message.fixed else None
            if device not in (None, values["ConnectionDeviceID"]):
                raise self.connection.unexpected(f"events of {values['ConnectionDeviceID']} alone", message)
            if message.name == name:
                return self.connection.compare(message, values)

    def close(self, agent=None):
        """Nothing comes before the answer, but of the agent whose session it is."""
        invoke_id = self.centre.ask(self.connection, "CLOSE_REQ", {"Status": 0})
        message = self.connection.receive()
        while agent and message.name == "AGENT_STATE_EVENT" and message["AgentExtension"] == agent.extension:
            message = self.connection.receive()
        if message.name != "CLOSE_CONF" or message["InvokeID"] != invoke_id:
            raise self.connection.unexpected(f"CLOSE_CONF {invoke_id}", message)
