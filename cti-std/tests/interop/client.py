"""The peer as a client: strict with the server, right in the first session, wrong in the others.

The first line that it writes is JSON with the frames that the server under test is to send; then it reads the port
from standard input.
"""

import json
import struct

from script import Script, is_control, sample
from session import Connection, connect
from spec import NO_VALUE, table
from wire import build, width

STATUS = {value["name"]: value["value"] for value in table("constants.toml")["enum"][0]["values"]}
CLIENT_EVENTS, CLIENT_CONTROL, ALL_EVENTS = 0x1, 0x4, 0x10
# Every service but those that exclude each other or make another kind of session.
SERVICES = 0x807D_BDFE
CCX_SERVICES = 0x0004_00D6 & ~0x50 | ALL_EVENTS


class Client:
    """Opens sessions with the server under test, as one protocol has it."""

    def __init__(self, protocol, port):
        self.protocol, self.port = protocol, port
        self.is_ccx = protocol.product == "ccx"
        self.next_id = 0x1234_5678

    def invoke_id(self):
        self.next_id += 1
        return self.next_id

    def connect(self):
        return Connection(connect(self.port), self.protocol, "client")

    def open_req(self, floating=None, **values):
        """OPEN_REQ with every field that the version has; `None` leaves a floating field out."""
        services = CCX_SERVICES if self.is_ccx else SERVICES & known_bits("CtiService", self.protocol)
        fixed = {
            "InvokeID": self.invoke_id(), "VersionNumber": self.protocol.version, "IdleTimeout": 60,
            "PeripheralID": 0 if self.is_ccx else 5000, "ServicesRequested": services,
            "CallMsgMask": 0xFFFF_FFFF, "AgentStateMask": 0x3FFF, "ConfigMsgMask": 0xF if self.is_ccx else 0x3FF,
        }
        fixed.update(values)
        texts = {"ClientID": "interop", "ClientPassword": b"secret\0", "ClientSignature": "sig"}
        if not self.is_ccx:
            agent = {"AgentExtension": "3001", "AgentID": "1001", "AgentInstrument": "3001@cucm"}
            texts.update(agent, ApplicationPathID=-5, AgentIDLong="agent.one@example.com")
        texts.update(floating or {})
        return fixed, [(name, value) for name, value in texts.items() if value is not None]

    def must_refuse(self, status):
        """OPEN_REQ, in which nothing is wrong, is refused."""
        connection = self.connect()
        fixed, floating = self.open_req(ServicesRequested=ALL_EVENTS)
        connection.send("OPEN_REQ", fixed, floating)
        connection.expect("FAILURE_CONF", InvokeID=fixed["InvokeID"], Status=STATUS[status])
        connection.reset()

    def open(self, **values):
        connection = self.connect()
        fixed, floating = self.open_req(**values)
        connection.send("OPEN_REQ", fixed, floating)
        conf = connection.expect("OPEN_CONF", InvokeID=fixed["InvokeID"])
        return connection, conf

    def ask(self, connection, request, fixed, floating=()):
        """Sends a request; its invoke ID."""
        invoke_id = self.invoke_id()
        connection.send(request, {"InvokeID": invoke_id, **fixed}, floating)
        return invoke_id

    def close(self, connection):
        invoke_id = self.ask(connection, "CLOSE_REQ", {"Status": 0})
        connection.expect("CLOSE_CONF", InvokeID=invoke_id)

    def beat(self, connection):
        """The session is alive."""
        invoke_id = self.ask(connection, "HEARTBEAT_REQ", {})
        connection.expect("HEARTBEAT_CONF", InvokeID=invoke_id)


def known_bits(mask, protocol):
    rows = next(row for row in table("masks.toml")["mask"] if row["name"] == mask)
    return sum(bit["value"] for bit in rows["bits"] if bit.get("since", 0) <= protocol.version)


def whole_session(protocol):
    """The server sends every event and answers every request; both must say exactly what the script has."""
    script = Script(protocol)
    print(json.dumps(script.for_the_server()), flush=True)
    client = Client(protocol, int(input()))
    connection = client.connect()
    fixed, floating = client.open_req()
    # The request comes byte by byte.
    connection.send_bytes(build(protocol, "OPEN_REQ", fixed, floating), iter(lambda: 1, 0))
    granted = {"ServicesGranted": fixed["ServicesRequested"]}
    script.expect(connection, script.opened, InvokeID=fixed["InvokeID"], **granted)
    for event in script.events:
        script.expect(connection, event)
    client.beat(connection)
    for request, frames, answer in script.exchanges:
        for failed, frame in enumerate(frames):
            exchange(client, connection, script, request, frame, answer, failed)
    pipelined(client, connection)
    monitors(client, connection)
    configuration(client, connection, script)
    client.close(connection)


def exchange(client, connection, script, request, frame, answer, failed):
    """The first request is confirmed, the second one refused: by the code that its service has for that."""
    invoke_id = client.invoke_id()
    connection.send_bytes(frame[:8] + struct.pack(">I", invoke_id) + frame[12:])
    if not failed:
        return script.expect(connection, answer, InvokeID=invoke_id)
    if is_control(request):
        return connection.expect("CONTROL_FAILURE_CONF", InvokeID=invoke_id, FailureCode=14, PeripheralErrorCode=70_000)
    connection.expect("FAILURE_CONF", InvokeID=invoke_id, Status=STATUS["E_CTI_INVALID_CALLID"])


def pipelined(client, connection):
    """Many requests in one write: each is answered, in its turn."""
    ids = [client.invoke_id() for _ in range(50)]
    frames = [build(client.protocol, "HEARTBEAT_REQ", {"InvokeID": invoke_id}) for invoke_id in ids]
    connection.send_bytes(b"".join(frames), iter(lambda: 13, 0))
    for invoke_id in ids:
        connection.expect("HEARTBEAT_CONF", InvokeID=invoke_id)


def monitors(client, connection):
    if "MONITOR_START_REQ" not in client.protocol.by_name:
        return
    masks = {"CallMsgMask": 0x1, "AgentStateMask": 0x2}
    start = {"PeripheralID": 5000, "ConnectionCallID": NO_VALUE}
    start.update(ConnectionDeviceIDType=0xFFFF, MonitoredDeviceType=0)
    device = [("MonitoredDeviceID", "3002")]
    names = {field.name for field in client.protocol.by_name["MONITOR_START_REQ"].fixed}
    asked = {name: value for name, value in {**start, **masks}.items() if name in names}
    invoke_id = client.ask(connection, "MONITOR_START_REQ", asked, device)
    monitor = connection.expect("MONITOR_START_CONF", InvokeID=invoke_id)["MonitorID"]
    invoke_id = client.ask(connection, "CHANGE_MONITOR_MASK_REQ", {"MonitorID": monitor, **masks})
    connection.expect("CHANGE_MONITOR_MASK_CONF", InvokeID=invoke_id)
    invoke_id = client.ask(connection, "MONITOR_STOP_REQ", {"MonitorID": monitor})
    connection.expect("MONITOR_STOP_CONF", InvokeID=invoke_id)
    invoke_id = client.ask(connection, "MONITOR_STOP_REQ", {"MonitorID": monitor})
    connection.expect("FAILURE_CONF", InvokeID=invoke_id, Status=STATUS["E_CTI_INVALID_MONITORID"])


def configuration(client, connection, script):
    if not script.configuration:
        return
    peripheral = {} if client.protocol.version < 11 else {"PeripheralID": 0 if client.is_ccx else 5000}
    connection.send("CONFIG_REQUEST_KEY_EVENT", peripheral, [("CustomerID", 0)])
    script.expect(connection, script.configuration[0])
    connection.send("CONFIG_REQUEST_EVENT", {"ConfigInformation": 0xF, **peripheral}, [("CustomerID", 0)])
    for frame in script.configuration[1:]:
        script.expect(connection, frame)


def refused_opens(protocol):
    """OPEN_REQ with one thing wrong in it: each has its status."""
    print(json.dumps(Script(protocol).for_the_server(with_events=False)), flush=True)
    client = Client(protocol, int(input()))
    for what, frame, statuses in bad_opens(client):
        connection = client.connect()
        connection.send_bytes(frame)
        refused(connection, what, struct.unpack(">I", frame[8:12])[0], statuses)
        connection.reset()
    # What comes before OPEN_REQ is refused, and the session can be opened all the same.
    connection = client.connect()
    invoke_id = client.ask(connection, "HEARTBEAT_REQ", {})
    refused(connection, "a heartbeat before OPEN_REQ", invoke_id, ["E_CTI_SESSION_NOT_OPEN"])
    fixed, floating = client.open_req()
    connection.send("OPEN_REQ", fixed, floating)
    connection.expect("OPEN_CONF", InvokeID=fixed["InvokeID"])


def field(protocol, tag, data):
    return width(protocol.tag_bytes, tag) + width(protocol.length_bytes, len(data)) + data


def bad_opens(client):
    """What is wrong, the frame, and the statuses that the guide has for it."""
    protocol = client.protocol
    wide = client.protocol.tag_bytes == 2

    def case(what, status, floating=None, **values):
        values, floating = client.open_req(floating, **values)
        return what, build(protocol, "OPEN_REQ", values, floating), [status] if isinstance(status, str) else status

    def raw(what, status, extra=b"", cut=None):
        values, floating = client.open_req()
        body = build(protocol, "OPEN_REQ", values, floating)[8:cut] + extra
        return what, struct.pack(">II", len(body), 3) + body, [status] if isinstance(status, str) else status

    for number in (1, 2, 3):
        yield case(f"Reserved{number}", "E_CTI_INVALID_RESERVED_FIELD", **{f"Reserved{number}": 1})
    yield case("an old version", "E_CTI_INVALID_VERSION", VersionNumber=8)
    yield case("a version to come", "E_CTI_INVALID_VERSION", VersionNumber=26)
    yield case("no version", "E_CTI_INVALID_VERSION", VersionNumber=0)
    yield case("no ClientID", "E_CTI_REQUIRED_DATA_MISSING", {"ClientID": None})
    yield case("no ClientPassword", "E_CTI_REQUIRED_DATA_MISSING", {"ClientPassword": None})
    yield case("a short IdleTimeout", "E_CTI_INVALID_TIMEOUT", IdleTimeout=19)
    yield case("an unknown service", "E_CTI_INVALID_SERVICE_MASK", ServicesRequested=0x4010)
    yield case("an unknown agent state", "E_CTI_INVALID_AGENT_STATE_MASK", AgentStateMask=0x8000_0000)
    yield case("unknown configuration", "E_INVALID_CONFIG_MSG_MASK", ConfigMsgMask=0x8000_0000)
    yield raw("half a fixed part", "E_CTI_BAD_MESSAGE_FORMAT", cut=8 + 22)
    yield raw("a tag of another message", "E_CTI_INVALID_TAG_FOR_MSG_TYPE", field(protocol, 8, b"1\0"))
    yield raw("a tag of none", "E_CTI_INVALID_FIELD_TAG", field(protocol, 0xFFF0 if wide else 0xFE, b"1"))
    yield raw("a long field", "E_CTI_INVALID_FIELD_LENGTH", field(protocol, 4, b"1" * 16 + b"\0"))
    yield raw("a field beyond the end", "E_CTI_BAD_MESSAGE_FORMAT", field(protocol, 4, b"123\0")[:-1])
    if client.is_ccx:
        return
    nobody = {"AgentExtension": None, "AgentID": None, "AgentInstrument": None, "AgentIDLong": None}
    yield case("events of nobody", "E_CTI_REQUIRED_DATA_MISSING", nobody, ServicesRequested=CLIENT_EVENTS)
    nowhere = {"ServicesRequested": CLIENT_EVENTS, "PeripheralID": NO_VALUE}
    yield case("events of nowhere", "E_CTI_INVALID_PERIPHERAL_ID", **nowhere)
    yield raw("a number of the wrong size", "E_CTI_INVALID_FIELD_LENGTH", field(protocol, 97, b"12"))


def refused(connection, what, invoke_id, statuses):
    message = connection.receive()
    wanted = [STATUS[name] for name in statuses]
    if message.name != "FAILURE_CONF" or message["InvokeID"] != invoke_id or message["Status"] not in wanted:
        raise connection.unexpected(f"{what}: FAILURE_CONF of {invoke_id} with {statuses} {wanted}", message)


def refused_messages(protocol):
    """Messages with one thing wrong, in an open session: each has its status, and the session goes on."""
    print(json.dumps(Script(protocol).for_the_server(with_events=False)), flush=True)
    client = Client(protocol, int(input()))
    services = ALL_EVENTS | CLIENT_CONTROL
    connection, _ = client.open(ServicesRequested=services)
    for what, frame, statuses in bad_messages(client):
        connection.send_bytes(frame)
        refused(connection, what, struct.unpack(">I", frame[8:12])[0], statuses)
        client.beat(connection)
    client.close(connection)
    # A length that no message has: there is no way to go on.
    connection, _ = client.open(ServicesRequested=services)
    connection.send_bytes(struct.pack(">II", 0x7FFF_FFFF, 5))
    connection.expect_end()


def bad_messages(client):
    protocol = client.protocol
    wide = protocol.tag_bytes == 2

    def case(what, status, frame):
        body = struct.pack(">I", client.invoke_id()) + frame[12:]
        return what, struct.pack(">I", len(body)) + frame[4:8] + body, [status] if isinstance(status, str) else status

    def good(name, shape="few"):
        return sample(protocol, name, shape, 6)

    def fixed_part(name):
        return good(name)[: 8 + protocol.by_name[name].fixed_bytes]

    unknown = 0xFFF0 if wide else 0xFE
    yield case("a second OPEN_REQ", "E_CTI_SESSION_ALREADY_OPEN", good("OPEN_REQ"))
    yield case("an unknown type", ["E_CTI_INVALID_MESSAGE_LENGTH", "E_CTI_INVALID_MSG_TYPE_FOR_VERSION"],
               struct.pack(">III", 4, 9999, 0))
    if protocol.version < 24 and not client.is_ccx:
        yield case("a type to come", "E_CTI_INVALID_MSG_TYPE_FOR_VERSION", struct.pack(">III", 4, 283, 0))
    yield case("a service that was not granted", "E_CTI_FUNCTION_NOT_AVAILABLE", good("SET_CALL_DATA_REQ"))
    yield case("half a fixed part", "E_CTI_BAD_MESSAGE_FORMAT", good("MAKE_CALL_REQ")[: 8 + 10])
    query = good("QUERY_AGENT_STATE_REQ")
    yield case("a tag of another message", "E_CTI_INVALID_TAG_FOR_MSG_TYPE", query + field(protocol, 8, b"1\0"))
    yield case("a tag of none", "E_CTI_INVALID_FIELD_TAG", query + field(protocol, unknown, b"1\0"))
    yield case("a field beyond the end", "E_CTI_BAD_MESSAGE_FORMAT", query + field(protocol, 6, b"1\0")[:-1])
    query = good("QUERY_AGENT_STATE_REQ", "bare") + field(protocol, 6, b"x" * 64 + b"\0")
    yield case("a long field", "E_CTI_INVALID_FIELD_LENGTH", query)
    yield case("without what is required", "E_CTI_REQUIRED_DATA_MISSING", fixed_part("HOLD_CALL_REQ"))


SCENARIOS = (whole_session, refused_opens, refused_messages)


def run(protocol, scenario):
    {function.__name__: function for function in SCENARIOS}[scenario](protocol)
