"""The peer as a CTI Server: strict with the client, and with a life that the scenario tells.

Each line that it writes is JSON: first `{"ports": [A, B]}`, then what it sent and what it received.
"""

import itertools
import json
import random

from render import render
from script import answer_to, events, expect_same, is_control, requests, sample
from session import Connection, listen
from spec import Protocol
from wire import Message, build, check

E_CTI_INVALID_VERSION = 1
E_CTI_FUNCTION_NOT_AVAILABLE = 12
E_CTI_CTI_SERVER_OFFLINE = 15
E_CTI_INVALID_PASSWORD = 36
CF_INVALID_DESTINATION = 14
ACTIVE_STANDBY = 0x0200_0000
# OPEN_CONF.SessionType.
ACTIVE, STANDBY = 1, 2

class Server:
    def __init__(self, protocol):
        self.protocol = protocol
        self.random = random.Random(protocol.version)
        self.sides = [listen(), listen()]
        self.invoke_ids = set()
        self.write(ports=[side.getsockname()[1] for side in self.sides])

    def write(self, **line):
        print(json.dumps(line), flush=True)

    def told(self, what, frame):
        """Writes what a frame says."""
        self.write(**{what: self.shown(frame, "client" if what == "received" else "server")})

    def shown(self, frame, sender="server"):
        message = frame if isinstance(frame, Message) else check(self.protocol, frame, sender)
        floating, symbols = message.floating, self.protocol.symbols
        return render(message.layout, message.length, sender, message.fixed, floating, symbols)

    def accept(self, side=0):
        sock, _ = self.sides[side].accept()
        self.invoke_ids = set()
        return Connection(sock, self.protocol, "server")

    def open_req(self, connection):
        message = connection.expect("OPEN_REQ", VersionNumber=self.protocol.version)
        self.note(message)
        self.told("received", message)
        return message

    def note(self, message):
        """Invoke IDs are the client's choice, but each is to be used once."""
        if message["InvokeID"] in self.invoke_ids:
            raise AssertionError(f"InvokeID {message['InvokeID']} comes again: {message}")
        self.invoke_ids.add(message["InvokeID"])

    def confirm_open(self, connection, request, sizes=None, session_type=ACTIVE):
        ccx = self.protocol.product == "ccx"
        values = {
            "InvokeID": request["InvokeID"], "ServicesGranted": request["ServicesRequested"],
            "MonitorID": 0, "PGStatus": 0, "ICMCentralControllerTime": 0 if ccx else 1_700_000_000,
            "PeripheralOnline": 1, "PeripheralType": 0 if ccx else 17, "AgentState": 9,
        }
        if "SessionType" in {field.name for field in self.protocol.by_name["OPEN_CONF"].fixed}:
            values["SessionType"] = session_type
        frame = build(self.protocol, "OPEN_CONF", values, self.peripherals())
        connection.send_bytes(frame, sizes)
        self.told("sent", frame)
        return frame

    def peripherals(self):
        if self.protocol.version < 14:
            return []
        listed = [(5000, 1)] if self.protocol.product == "ccx" else [(5000, 0), (5001, 1)]
        pairs = [[("FltPeripheralID", number), ("MultilineAgentControl", lines)] for number, lines in listed]
        return [("NumPeripherals", len(listed))] + [item for pair in pairs for item in pair]

    def open(self, side=0):
        connection = self.accept(side)
        self.confirm_open(connection, self.open_req(connection))
        return connection

    def refuse(self, connection, status):
        request = self.open_req(connection)
        connection.send("FAILURE_CONF", {"InvokeID": request["InvokeID"], "Status": status})
        # The guide: after a refusal the client resets the connection.
        connection.expect_end()

    def answer_close(self, connection, status=0):
        request = connection.expect("CLOSE_REQ", Status=status)
        self.note(request)
        connection.send("CLOSE_CONF", {"InvokeID": request["InvokeID"]})
        connection.expect_end()

    def asked(self, connection, frame):
        """The next message is the request of this frame, under an invoke ID of the client's choice."""
        message = expect_same(connection, check(self.protocol, frame, "client"), free="InvokeID")
        self.note(message)
        return message

    def confirm(self, connection, request):
        self.send_sample(connection, answer_to(self.protocol, request.name).name, InvokeID=request["InvokeID"])

    def send_sample(self, connection, name, **values):
        frame = sample(self.protocol, name, "few", 3, **values)
        self.told("sent", frame)
        connection.send_bytes(frame)

    def refuse_request(self, connection, request):
        if is_control(request.name):
            name, values = "CONTROL_FAILURE_CONF", {"FailureCode": CF_INVALID_DESTINATION, "PeripheralErrorCode": 7}
        else:
            name, values = "FAILURE_CONF", {"Status": E_CTI_FUNCTION_NOT_AVAILABLE}
        connection.send(name, {"InvokeID": request["InvokeID"], **values})


def whole_session(server):
    """Every event; then every request twice, which is confirmed and then refused; configuration; the end."""
    protocol = server.protocol
    asked = [[sample(protocol, name, shape, 5) for shape in ("few", "full")] for name in requests(protocol)]
    server.write(requests=[frame.hex() for frames in asked for frame in frames])
    connection = server.accept()
    # A frame that comes byte by byte.
    server.confirm_open(connection, server.open_req(connection), itertools.repeat(1))
    send_events(server, connection)
    for to_confirm, to_refuse in asked:
        server.confirm(connection, server.asked(connection, to_confirm))
        server.refuse_request(connection, server.asked(connection, to_refuse))
    answer_configuration(server, connection)
    server.answer_close(connection)


def send_events(server, connection):
    frames = []
    for name in events(server.protocol):
        for shape in ("bare", "few", "full"):
            frames.append(sample(server.protocol, name, shape, 2))
            server.told("sent", frames[-1])
    # Cut anywhere: several frames in one write, one frame in several.
    sizes = iter(lambda: server.random.choice((1, 7, 100, 1000, 5000)), 0)
    connection.send_bytes(b"".join(frames), sizes)


def answer_configuration(server, connection):
    if "CONFIG_KEY_EVENT" not in server.protocol.by_name:
        return
    peripheral = 0 if server.protocol.product == "ccx" else 5000
    connection.expect("CONFIG_REQUEST_KEY_EVENT", PeripheralID=peripheral, CustomerID=0)
    server.send_sample(connection, "CONFIG_KEY_EVENT", ConfigKeyStatus=0)
    connection.expect("CONFIG_REQUEST_EVENT", ConfigInformation=15, PeripheralID=peripheral, CustomerID=0)
    server.send_sample(connection, "CONFIG_BEGIN_EVENT", ConfigType=1)
    for name in ("CONFIG_AGENT_EVENT", "CONFIG_DEVICE_EVENT"):
        server.send_sample(connection, name)
    server.send_sample(connection, "CONFIG_END_EVENT", ConfigEndStatus=0)


def watched(server):
    """Every event, as far as they are sent unasked, and the end when the client wants it."""
    connection = server.accept()
    request = server.open_req(connection)
    frame = server.confirm_open(connection, request)
    frames = [sample(server.protocol, name, "few", 12) for name in events(server.protocol)]
    server.write(all=[server.shown(frame) for frame in [frame] + frames])
    connection.send_bytes(b"".join(frames))
    server.answer_close(connection)


def asked_to_hold(server):
    """One request, which is confirmed."""
    connection = server.open()
    peripheral = 1 if server.protocol.product == "ccx" else 5000
    call = {"ConnectionCallID": 0x1234, "ConnectionDeviceID": "3001"}
    server.confirm(connection, connection.expect("HOLD_CALL_REQ", PeripheralID=peripheral, **call))
    server.answer_close(connection)


def refused_versions(server):
    """Refuses two versions: the client is to come back with the next one, on either side."""
    for version, status in ((24, E_CTI_INVALID_VERSION), (19, E_CTI_INVALID_VERSION), (9, 0)):
        server.protocol = Protocol("cce", version)
        if status:
            server.refuse(server.accept(), status)
    server.answer_close(server.open())


def refused_password(server):
    """A wrong password: nothing that a client should try again."""
    server.refuse(server.accept(), E_CTI_INVALID_PASSWORD)
    server.sides[0].settimeout(2)
    try:
        server.accept()
    except OSError:
        return
    raise AssertionError("a client whose password was refused came again")


def other_side(server):
    """Side A is not online; side B is, until it says that it goes; then side A takes the client."""
    server.refuse(server.accept(0), E_CTI_CTI_SERVER_OFFLINE)
    connection = server.open(1)
    connection.send("FAILURE_EVENT", {"Status": E_CTI_CTI_SERVER_OFFLINE})
    leave(server, connection)
    server.answer_close(server.open(0))


def leave(server, connection):
    """The client leaves a server that goes offline: it may say so, or reset the connection at once."""
    try:
        server.answer_close(connection, E_CTI_CTI_SERVER_OFFLINE)
    except AssertionError as error:
        if "the end of the connection" not in str(error):
            raise


def silent(server):
    """Takes the connection and says nothing: the client has to give up by itself, and come again."""
    connection = server.accept()
    server.open_req(connection)
    connection.expect_end()
    server.answer_close(server.open())


def resets(server):
    """Resets the connection amid a frame, three times; each time the client is to come back."""
    for cut in (1, 8, 30):
        connection = server.open()
        frame = sample(server.protocol, "CALL_DELIVERED_EVENT", "full", 4)
        connection.send_bytes(frame[:cut])
        connection.reset()
    server.answer_close(server.open())


def keeps_alive(server):
    """A heartbeat in each interval of silence, not before, and an end for one that is refused."""
    connection = server.open()
    connection.expect_silence(3)
    server.note(request := connection.expect("HEARTBEAT_REQ"))
    connection.send("HEARTBEAT_CONF", {"InvokeID": request["InvokeID"]})
    connection.expect_silence(3)
    server.note(refused := connection.expect("HEARTBEAT_REQ"))
    connection.send("FAILURE_CONF", {"InvokeID": refused["InvokeID"], "Status": E_CTI_CTI_SERVER_OFFLINE})
    connection.expect_end()
    server.answer_close(server.open())


def standby_turns_active(server):
    """A standby server takes no requests; when it becomes active, it does."""
    connection = server.accept()
    request = server.open_req(connection)
    connection.compare(request, {"ServicesRequested": request["ServicesRequested"] | ACTIVE_STANDBY})
    server.confirm_open(connection, request, session_type=STANDBY)
    # As long as the client takes to be refused by its own session.
    connection.expect_silence(1)
    connection.send("STANDBY_ACTIVE_EVENT_MSG", {})
    server.confirm(connection, connection.expect("QUERY_AGENT_STATE_REQ"))
    server.answer_close(connection)


def maintenance(server):
    """Asks twice whether it may go into maintenance: the first time it stays after all, the second time it goes."""
    connection = server.open(0)
    for invoke_id, goes in ((0xFFFF_FFF0, 0), (7, 1)):
        connection.send("ACTIVE_MAINTENANCE_REQ_MSG", {"InvokeID": invoke_id})
        connection.expect("ACTIVE_MAINTENANCE_RESP_MSG", InvokeID=invoke_id, MaintenanceModeAccepted=1)
        connection.send("ACTIVE_MAINTENANCE_EVENT_MSG", {"MaintenanceModeStatus": goes})
    connection.expect("STOPPING_REQUESTS_TO_THIS_SIDE_IND")
    connection.reset()
    server.answer_close(server.open(1))


SCENARIOS = (
    whole_session, watched, asked_to_hold, refused_versions, refused_password, other_side, silent, resets, keeps_alive,
    standby_turns_active, maintenance,
)


def run(protocol, scenario):
    {function.__name__: function for function in SCENARIOS}[scenario](Server(protocol))
