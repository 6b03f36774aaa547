"""The peer as a client of a contact centre: three agents log in, talk, hold, consult, transfer, confer and leave.

Every answer and every event is checked: its bytes, its place in the life of its call, and what it says about the state
that the guide gives to the parties. The centre is any that has agents from 1001 on at extensions from 5001 on.
"""

import time

import services
from client import ALL_EVENTS, Client, STATUS
from lives import Lives
from spec import NO_VALUE

# The guide grants up to 15 s to call control.
PATIENCE = 15
LOGIN, LOGOUT, NOT_READY, AVAILABLE, TALKING, RESERVED, HOLDING = 0, 1, 2, 3, 4, 8, 10
INITIATED, ALERTING, CONNECTED, HELD = 1, 2, 3, 4
CLIENT_CONTROL, CALL_DATA_UPDATE, PERIPHERAL_MONITOR, CONFIG_EVENTS = 0x4, 0x2, 0x20, 0x4_0000
ACTIVE_STANDBY = 0x0200_0000
CONNECTION_ID_STATIC = 0
CONFIGEND_PARTIAL = 5
# Records of configuration, in the order in which they come.
CONFIGURATION = [
    f"CONFIG_{kind}_EVENT"
    for kind in (
        "SERVICE", "SKILL_GROUP", "AGENT", "AGENT_SERVICE", "DEVICE", "CALL_TYPE", "MRD", "PERIPHERAL",
        "AGENT_DESK_SETTINGS",
    )
]


class Refused(Exception):
    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


class Agent:
    def __init__(self, number, is_ccx):
        self.extension = str(number + 4000)
        self.id = f"agent{number}" if is_ccx else str(number)


class Centre(Client):
    """A session of one who sees and may do everything."""

    def __init__(self, protocol, port, first_agent):
        super().__init__(protocol, port)
        self.peripheral = 1 if self.is_ccx else 5000
        self.agents = [Agent(first_agent + place, self.is_ccx) for place in range(3)]
        self.states = {}
        self.lives = Lives()
        wanted = ALL_EVENTS | CLIENT_CONTROL | CALL_DATA_UPDATE | CONFIG_EVENTS
        wanted |= 0 if self.is_ccx else PERIPHERAL_MONITOR
        self.name = f"interop {protocol.product} {protocol.version}"
        self.connection = self.connect()
        asked = {"ServicesRequested": wanted, "PeripheralID": self.no_peripheral()}
        fixed, floating = self.open_req({**self.agent_fields(), "ClientID": self.name}, **asked)
        self.connection.send("OPEN_REQ", fixed, floating)
        granted = {"ServicesGranted": wanted, "PeripheralOnline": 1, "MonitorID": 0}
        conf = self.connection.expect("OPEN_CONF", InvokeID=fixed["InvokeID"], **granted)
        self.must_list_peripheral(conf)
        # An all-events session is told the state of each peripheral first.
        self.wait(("SYSTEM_EVENT", {}))

    def must_list_peripheral(self, conf):
        if self.protocol.version < 14:
            return
        if not self.is_ccx:
            return self.must("the peripherals", conf.all("FltPeripheralID"), [5000])
        names = ("NumPeripherals", "FltPeripheralID", "MultilineAgentControl")
        self.must("the peripheral", [conf.all(name) for name in names], [[1], [0], [1]])

    def agent_fields(self, agent=None):
        """The fields of OPEN_REQ that name an agent."""
        extension = {"AgentExtension": agent and agent.extension}
        return {**extension, "AgentID": None, "AgentInstrument": None, "AgentIDLong": None, "ApplicationPathID": None}

    def no_peripheral(self):
        return 0 if self.is_ccx else NO_VALUE

    # Messages: what is read goes into the picture, whoever waits for something.

    def read(self):
        message = self.connection.receive()
        if message.name == "AGENT_STATE_EVENT":
            self.states[message["AgentID"]] = message["AgentState"]
        wrong = self.lives.take(message) if message.name.startswith(("BEGIN_", "CALL_", "END_", "RTP_")) else None
        if wrong:
            raise self.connection.unexpected("another event", f"{message}, but {wrong}")
        return message

    def wait(self, *wanted):
        """Reads until all of these came, in any order: names with the values that they must have."""
        missing, found, seen = list(wanted), [], []
        end = time.monotonic() + PATIENCE
        while missing:
            message = self.read()
            seen.append(message.name)
            # Others have their events too: those do not count as an answer.
            if time.monotonic() > end:
                raise self.connection.unexpected(missing, seen)
            if message.name in ("FAILURE_CONF", "CONTROL_FAILURE_CONF", "FAILURE_EVENT"):
                raise Refused(message)
            for want in missing:
                name, values = want
                if message.name == name and all(message[field] == value for field, value in values.items()):
                    missing.remove(want)
                    found.append((want, message))
                    break
        return [next(message for want, message in found if want is one) for one in wanted]

    def do(self, request, fixed, floating=(), *events):
        """Sends a request; waits for its confirmation and for the events that it causes, in any order."""
        known = {field.name for field in self.protocol.by_name[request].fixed}
        fixed = {name: value for name, value in {"PeripheralID": self.peripheral, **fixed}.items() if name in known}
        invoke_id = self.ask(self.connection, request, fixed, floating)
        confirmation = request[: -len("REQ")] + "CONF"
        return self.wait((confirmation, {"InvokeID": invoke_id}), *events)

    def refused(self, request, fixed, floating=(), name=None, status=None):
        """The request fails: by FAILURE_CONF with this status, or by CONTROL_FAILURE_CONF."""
        try:
            self.do(request, fixed, floating)
        except Refused as refused:
            failure = refused.message
            if name in (None, failure.name) and status in (None, failure.fixed.get("Status")):
                return failure
            raise self.connection.unexpected(f"{request} refused by {name} {status}", failure) from None
        raise self.connection.unexpected(f"{request} refused by {name} {status}", self.connection.last)

    # Agents

    def state_event(self, agent, state):
        return ("AGENT_STATE_EVENT", {"AgentID": agent.id, "AgentState": state})

    def until_state(self, agent, state):
        """No order is promised between events of calls and of agents: it may have come before."""
        if self.states.get(agent.id) != state:
            self.wait(self.state_event(agent, state))

    def set_state(self, agent, state, events=None, **fixed):
        floating = [("AgentInstrument", agent.extension), ("AgentID", agent.id), ("AgentPassword", "")]
        expected = [self.state_event(agent, state)] if events is None else events
        # Some agents have to give a reason.
        reason = 1 if state in (NOT_READY, LOGOUT) else 0
        values = {"AgentState": state, "EventReasonCode": reason, **fixed}
        return self.do("SET_AGENT_STATE_REQ", values, floating, *expected)

    def log_in(self, agent):
        """Whatever the agent does by habit: logged in anew by this client, and not ready."""
        login = (agent, LOGIN, [self.state_event(agent, NOT_READY)])
        try:
            self.set_state(*login)
        except Refused:
            self.set_state(agent, NOT_READY, [])
            self.hang_up(agent)
            self.set_state(agent, LOGOUT)
            self.set_state(*login)
        self.must("logged in", self.query(agent), NOT_READY)

    def hang_up(self, agent):
        """Ends the calls that the agent has from before."""
        conf, = self.do("SNAPSHOT_DEVICE_REQ", {"SnapshotDeviceType": 0}, [("AgentInstrument", agent.extension)])
        for call in conf.all("CallConnectionCallID"):
            fixed, floating = self.connection_of(call, agent)
            try:
                self.do("CLEAR_CONNECTION_REQ", fixed, floating)
            except Refused as refused:
                # The other party may have ended it meanwhile: there is no such call, or no such connection.
                if refused.message.fixed.get("FailureCode") not in (11, 13):
                    raise

    def query(self, agent):
        fixed = {"MRDID": 1, "ICMAgentID": 0}
        conf, = self.do("QUERY_AGENT_STATE_REQ", fixed, [("AgentExtension", agent.extension)])
        return conf["AgentState"]

    def must(self, what, found, *expected):
        if found not in expected:
            raise self.connection.unexpected(f"{what}: {expected}", found)

    # Calls: each is named by its ID, with the device that does something about it.

    def connection_of(self, call, agent, prefix=""):
        fixed = {f"{prefix}ConnectionCallID": call, f"{prefix}ConnectionDeviceIDType": CONNECTION_ID_STATIC}
        return fixed, [(f"{prefix}ConnectionDeviceID", agent.extension)]

    def call(self, caller, called):
        """A call that rings: its ID."""
        fixed = {"SkillGroupNumber": NO_VALUE}
        floating = [("AgentInstrument", caller.extension), ("DialedNumber", called.extension)]
        alerting = ("CALL_DELIVERED_EVENT", {"AlertingDeviceID": called.extension})
        conf, delivered = self.do("MAKE_CALL_REQ", fixed, floating, alerting)
        call = conf["NewConnectionCallID"]
        self.must("the delivered call", delivered["ConnectionCallID"], call)
        self.must("the calling device", delivered["CallingDeviceID"], caller.extension)
        self.devices(call, {caller: CONNECTED, called: ALERTING}, {caller: (CONNECTED, INITIATED)})
        return call

    def answer(self, call, agent, *talking):
        fixed, floating = self.connection_of(call, agent)
        established = ("CALL_ESTABLISHED_EVENT", {"ConnectionCallID": call, "AnsweringDeviceID": agent.extension})
        self.do("ANSWER_CALL_REQ", fixed, floating, established)
        # On Unified CCX a call between agents is none that they take part in as agents.
        for other in () if self.is_ccx else (agent, *talking):
            self.until_state(other, TALKING)

    def devices(self, call, states, other=None):
        """The call has these parties, in these states."""
        agent = next(iter(states))
        fixed, floating = self.connection_of(call, agent)
        conf, = self.do("SNAPSHOT_CALL_REQ", fixed, floating)
        found = dict(zip(conf.all("CallDeviceID"), conf.all("CallDeviceConnectionState")))
        wanted = {agent.extension: state for agent, state in states.items()}
        also = {agent.extension: states for agent, states in (other or {}).items()}
        if set(found) != set(wanted) or any(found[d] not in also.get(d, (wanted[d],)) for d in found):
            raise self.connection.unexpected(f"the devices {wanted} of call {call}", found)
        return conf

    def calls_of(self, agent, states):
        """The agent's calls are these, by ID, in these states."""
        conf, = self.do("SNAPSHOT_DEVICE_REQ", {"SnapshotDeviceType": 0}, [("AgentInstrument", agent.extension)])
        found = dict(zip(conf.all("CallConnectionCallID"), conf.all("CallState")))
        self.must(f"calls of {agent.extension}", found, states)

    def two_calls(self, request, active, other, agent, second, *events):
        """A request about two calls of an agent's."""
        fixed, floating = self.connection_of(active, agent, "Active")
        held, devices = self.connection_of(other, agent, second)
        instrument = [("AgentInstrument", agent.extension)]
        return self.do(request, {**fixed, **held}, floating + devices + instrument, *events)

    def consult(self, call, agent, third):
        """The call is on hold, and another one rings: its ID."""
        fixed, floating = self.connection_of(call, agent, "Active")
        floating += [("AgentInstrument", agent.extension), ("DialedNumber", third.extension)]
        delivered = ("CALL_DELIVERED_EVENT", {"AlertingDeviceID": third.extension})
        events = [self.held(call, agent), delivered]
        conf, _, _ = self.do("CONSULTATION_CALL_REQ", {**fixed, "ConsultType": 0}, floating, *events)
        second = conf["NewConnectionCallID"]
        self.calls_of(agent, {call: HELD, second: CONNECTED})
        return second

    @staticmethod
    def held(call, agent):
        """The event at the agent's own connection."""
        own = {"ConnectionDeviceID": agent.extension, "HoldingDeviceID": agent.extension}
        return ("CALL_HELD_EVENT", {"ConnectionCallID": call, "LocalConnectionState": HELD, **own})

    def clear(self, call, agent):
        fixed, floating = self.connection_of(call, agent)
        cleared = ("CALL_CLEARED_EVENT", {"ConnectionCallID": call})
        self.do("CLEAR_CALL_REQ", fixed, floating, cleared, ("END_CALL_EVENT", {"ConnectionCallID": call}))

    def leave(self, call, agent):
        fixed, floating = self.connection_of(call, agent)
        gone = ("CALL_CONNECTION_CLEARED_EVENT", {"ConnectionCallID": call, "ReleasingDeviceID": agent.extension})
        self.do("CLEAR_CONNECTION_REQ", fixed, floating, gone)


def contact_centre(protocol, port, first_agent):
    centre = Centre(protocol, port, first_agent)
    configuration(centre)
    one, two, three = centre.agents
    for agent in centre.agents:
        centre.log_in(agent)
    agent_states(centre, one)
    simple_call(centre, one, two)
    alternate_and_reconnect(centre, one, two, three)
    transfer(centre, one, two, three)
    conference(centre, one, two, three)
    call_data(centre, one, two)
    refusals(centre, one)
    services.all_of_them(centre)
    for agent in centre.agents:
        centre.set_state(agent, LOGOUT)
    own = {agent.extension for agent in centre.agents}
    centre.must("what is left of calls", [there for there in centre.lives.there if there[1] in own], [])
    # Others go on meanwhile, and their events come in front of the answer.
    centre.do("CLOSE_REQ", {"Status": 0})


def busy_centre(protocol, port, events):
    """Watches a centre at work: that many events, each of them in its place."""
    centre = Centre(protocol, port, 1002)
    kinds = {centre.read().name for _ in range(events)}
    usual = {"BEGIN_CALL_EVENT", "CALL_DELIVERED_EVENT", "END_CALL_EVENT", "AGENT_STATE_EVENT"}
    centre.must("the usual events", usual - kinds, set())
    centre.connection.reset()


def standby(protocol, port):
    """The side that is not active opens sessions for those who know what it is, and takes no requests of theirs."""
    client = Client(protocol, port)
    if client.is_ccx:
        return client.must_refuse("E_CTI_SERVER_NOT_MASTER")
    if protocol.version < 24:
        return client.must_refuse("E_CTI_CTI_SERVER_OFFLINE")
    client.must_refuse("E_CTI_INVALID_CLIENT_FOR_STANDBY")
    connection, conf = client.open(ServicesRequested=ALL_EVENTS | CLIENT_CONTROL | ACTIVE_STANDBY)
    connection.compare(conf, {"SessionType": 2})
    client.beat(connection)
    query = [("AgentID", "1001")]
    invoke_id = client.ask(connection, "QUERY_AGENT_STATE_REQ", {"PeripheralID": 5000}, query)
    connection.expect("FAILURE_CONF", InvokeID=invoke_id, Status=STATUS["E_CTI_FUNCTION_NOT_AVAILABLE"])
    client.close(connection)


def configuration(centre):
    """Keys, then an upload: blocks of records in the guide's order, all but the last of them partial."""
    if "CONFIG_REQUEST_EVENT" not in centre.protocol.by_name:
        return
    peripheral = {} if centre.protocol.version < 11 else {"PeripheralID": centre.no_peripheral()}
    centre.connection.send("CONFIG_REQUEST_KEY_EVENT", peripheral, [("CustomerID", 0)])
    keys, = centre.wait(("CONFIG_KEY_EVENT", {"ConfigKeyStatus": 0}))
    mask = 0xF
    centre.connection.send("CONFIG_REQUEST_EVENT", {"ConfigInformation": mask, **peripheral}, [("CustomerID", 0)])
    kinds = []
    while True:
        begin, = centre.wait(("CONFIG_BEGIN_EVENT", {"ConfigType": 1}))
        message = centre.read()
        while message.name != "CONFIG_END_EVENT":
            if message.name.startswith("CONFIG_"):
                kinds.append(message.name)
            message = centre.read()
        if message["ConfigEndStatus"] != CONFIGEND_PARTIAL:
            break
    centre.must("the end of the configuration", message["ConfigEndStatus"], 0)
    centre.must("the order of configuration", sorted(kinds, key=CONFIGURATION.index), kinds)
    if not {"CONFIG_AGENT_EVENT", "CONFIG_SKILL_GROUP_EVENT", "CONFIG_DEVICE_EVENT"} <= set(kinds):
        raise centre.connection.unexpected("agents, skill groups and devices", set(kinds))


def agent_states(centre, agent):
    centre.set_state(agent, AVAILABLE)
    centre.must("ready", centre.query(agent), AVAILABLE)
    centre.set_state(agent, NOT_READY)


def simple_call(centre, one, two):
    call = centre.call(one, two)
    centre.answer(call, two, one)
    centre.devices(call, {one: CONNECTED, two: CONNECTED})
    fixed, floating = centre.connection_of(call, one)
    centre.do("HOLD_CALL_REQ", fixed, floating, centre.held(call, one))
    centre.devices(call, {one: HELD, two: CONNECTED})
    fixed, floating = centre.connection_of(call, one, "Held")
    back = ("CALL_RETRIEVED_EVENT", {"ConnectionCallID": call, "RetrievingDeviceID": one.extension})
    centre.do("RETRIEVE_CALL_REQ", fixed, floating, back)
    centre.devices(call, {one: CONNECTED, two: CONNECTED})
    centre.clear(call, one)
    centre.calls_of(one, {})
    centre.calls_of(two, {})


def alternate_and_reconnect(centre, one, two, three):
    first = centre.call(one, two)
    centre.answer(first, two, one)
    second = centre.consult(first, one, three)
    centre.answer(second, three)
    centre.two_calls("ALTERNATE_CALL_REQ", second, first, one, "Other")
    centre.calls_of(one, {first: CONNECTED, second: HELD})
    centre.two_calls("ALTERNATE_CALL_REQ", first, second, one, "Other")
    centre.calls_of(one, {first: HELD, second: CONNECTED})
    cleared = ("CALL_CLEARED_EVENT", {"ConnectionCallID": second})
    back = ("CALL_RETRIEVED_EVENT", {"ConnectionCallID": first, "RetrievingDeviceID": one.extension})
    centre.two_calls("RECONNECT_CALL_REQ", second, first, one, "Held", cleared, back)
    centre.calls_of(one, {first: CONNECTED})
    centre.calls_of(three, {})
    centre.clear(first, two)


def transfer(centre, one, two, three):
    first = centre.call(one, two)
    centre.answer(first, two, one)
    second = centre.consult(first, one, three)
    centre.answer(second, three)
    moved = ("CALL_TRANSFERRED_EVENT", {"PrimaryCallID": first, "SecondaryCallID": second})
    conf, event = centre.two_calls("TRANSFER_CALL_REQ", second, first, one, "Held", moved)
    call = conf["NewConnectionCallID"]
    centre.must("the transferred call", call, first, second)
    centre.must("the transferring device", event["TransferringDeviceID"], one.extension)
    centre.must("the parties", event["NumParties"], 2)
    centre.devices(call, {two: CONNECTED, three: CONNECTED})
    centre.calls_of(one, {})
    centre.clear(call, three)


def conference(centre, one, two, three):
    first = centre.call(one, two)
    centre.answer(first, two, one)
    second = centre.consult(first, one, three)
    centre.answer(second, three)
    joined = ("CALL_CONFERENCED_EVENT", {"PrimaryCallID": first, "SecondaryCallID": second})
    conf, event = centre.two_calls("CONFERENCE_CALL_REQ", second, first, one, "Held", joined)
    call = conf["NewConnectionCallID"]
    centre.must("the conference", call, first, second)
    centre.must("the controller", event["ControllerDeviceID"], one.extension)
    centre.must("the parties", event["NumParties"], 3)
    centre.devices(call, {one: CONNECTED, two: CONNECTED, three: CONNECTED})
    centre.leave(call, three)
    centre.devices(call, {one: CONNECTED, two: CONNECTED})
    centre.clear(call, one)


def call_data(centre, one, two):
    call = centre.call(one, two)
    fixed, floating = centre.connection_of(call, one)
    fixed.update(CallType=0xFFFF, CalledPartyDisposition=0, CampaignID=0, QueryRuleID=1 if centre.is_ccx else 0)
    data = {"CallVariable3": "three", "CallWrapupData": "done"}
    update = ("CALL_DATA_UPDATE_EVENT", {"ConnectionCallID": call, **data})
    centre.do("SET_CALL_DATA_REQ", fixed, floating + list(data.items()), update)
    conf = centre.devices(call, {one: CONNECTED, two: ALERTING}, {one: (CONNECTED, INITIATED)})
    if conf["CallVariable3"] != "three":
        raise centre.connection.unexpected("CallVariable3 in the snapshot", conf)
    centre.clear(call, one)


def refusals(centre, one):
    nobody = [("AgentInstrument", "99"), ("AgentID", "99"), ("AgentPassword", "")]
    centre.refused("SET_AGENT_STATE_REQ", {"AgentState": LOGIN}, nobody, "CONTROL_FAILURE_CONF")
    fixed, floating = centre.connection_of(0x7FFF_FFFF, one)
    for request in ("ANSWER_CALL_REQ", "HOLD_CALL_REQ", "CLEAR_CALL_REQ", "CLEAR_CONNECTION_REQ"):
        centre.refused(request, fixed, floating, "CONTROL_FAILURE_CONF")
    centre.refused("SNAPSHOT_CALL_REQ", fixed, floating)
    calls = [("AgentInstrument", one.extension), ("DialedNumber", "5099")]
    variable = {"name": "user.media", "value": "x"}
    counts = {"SkillGroupNumber": NO_VALUE, "NumNamedVariables": 2}
    status = STATUS["E_CTI_INVALID_NUM_NAMED_VARIABLES"]
    centre.refused("MAKE_CALL_REQ", counts, calls + [("NamedVariable", variable)], "FAILURE_CONF", status)


SCENARIOS = (contact_centre, busy_centre, standby)


def run(protocol, scenario, *numbers):
    {function.__name__: function for function in SCENARIOS}[scenario](protocol, *map(int, numbers))
