"""What a server under test is to send, as frames: it decodes them, and what it makes of them must say the same."""

from sample import Sampler
from spec import table
from wire import build, check

# Messages by which a session lives or ends: they have scenarios of their own.
OF_THE_SESSION = {
    "OPEN_REQ", "HEARTBEAT_REQ", "CLOSE_REQ", "FAILURE_EVENT", "STANDBY_ACTIVE_EVENT_MSG",
    "ACTIVE_MAINTENANCE_REQ_MSG", "ACTIVE_MAINTENANCE_EVENT_MSG",
}
CONVERSATION = ("CONFIG_KEY_EVENT", "CONFIG_BEGIN_EVENT", "CONFIG_END_EVENT")
# Requests about monitors, which the session itself keeps.
OF_MONITORS = ("MONITOR_", "SESSION_MONITOR_", "CHANGE_MONITOR_")


def events(protocol):
    """Names of every message that a server sends unasked."""
    for layout in protocol.by_name.values():
        is_event = layout.name.endswith(("_EVENT", "_EVENT_MSG")) and layout.direction == "server"
        if is_event and layout.name not in OF_THE_SESSION:
            yield layout.name


def requests(protocol):
    """Names of every request that is not the session's own."""
    for layout in protocol.by_name.values():
        if layout.name.endswith("_REQ") and layout.name not in OF_THE_SESSION and answer_to(protocol, layout.name):
            yield layout.name


def answer_to(protocol, request):
    confirms = {row.get("confirms"): row["name"] for row in table("protocol.toml")["message"]}
    return protocol.by_name.get(confirms.get(request, request[: -len("REQ")] + "CONF"))


def is_control(request):
    """Whether a failure of the request is a CONTROL_FAILURE_CONF."""
    rows = table("protocol.toml")["message"]
    return any(row["name"] == request and row["service"] == "client-control" for row in rows)


def sample(protocol, name, shape, seed, **values):
    layout = protocol.by_name[name]
    fixed, floating = Sampler(protocol, layout, shape, seed).sample()
    # `More`: the last part of an answer that may have several. `MonitorID`: the session's own.
    for field in ("More", "MonitorID"):
        if field in fixed and not name.endswith("_REQ"):
            fixed[field] = 0
    return build(protocol, name, {**fixed, **values}, floating)


class Script:
    """What the server of a session sends: as many frames as there are messages."""

    def __init__(self, protocol):
        self.protocol = protocol
        session_type = {"SessionType": 1} if protocol.version >= 24 else {}
        self.opened = sample(protocol, "OPEN_CONF", "few", 7, PeripheralOnline=1, **session_type)
        self.events = [
            sample(protocol, name, shape, 8)
            for name in events(protocol)
            for shape in ("bare", "few", "full")
            # Nobody gets configuration who has not asked for it.
            if not name.startswith("CONFIG_")
        ]
        names = [name for name in requests(protocol) if not name.startswith(OF_MONITORS)]
        self.exchanges = [
            (
                name,
                [sample(protocol, name, shape, 9) for shape in ("few", "full")],
                sample(protocol, answer_to(protocol, name).name, "few", 10),
            )
            for name in names
        ]
        self.configuration = []
        if "CONFIG_KEY_EVENT" in protocol.by_name:
            blocks = [("CONFIG_KEY_EVENT", {"ConfigKeyStatus": 0}), ("CONFIG_BEGIN_EVENT", {"ConfigType": 1})]
            records = [(name, {}) for name in events(protocol) if name.startswith("CONFIG_")]
            records = [record for record in records if record[0] not in CONVERSATION]
            end = [("CONFIG_END_EVENT", {"ConfigEndStatus": 0})]
            self.configuration = [sample(protocol, name, "few", 11, **more) for name, more in blocks + records + end]

    def for_the_server(self, with_events=True):
        return {
            "opened": self.opened.hex(),
            "events": [frame.hex() for frame in self.events if with_events],
            "answers": {name: answer.hex() for name, _, answer in self.exchanges},
            "configuration": [frame.hex() for frame in self.configuration],
        }

    def expect(self, connection, frame, **values):
        """The next message says the same as this frame, but for these values."""
        expect_same(connection, check(self.protocol, frame, connection.peer), **values)


def expect_same(connection, wanted, free=None, **values):
    """The next message says the same as this one, but for these values and a field that is free."""
    message = connection.expect(wanted.name)
    wanted.fixed.update(values)
    if free:
        wanted.fixed[free] = message[free]
    pairs = zip(wanted.in_order() + [None], message.in_order() + [None])
    different = [pair for pair in pairs if pair[0] != pair[1]]
    if different:
        raise connection.unexpected(f"{wanted.name} with {different[0][0]}", different[0][1])
    return message
