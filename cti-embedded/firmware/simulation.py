"""The simulated contact centre, what it says of itself when it is asked, and a line to it that can go wrong."""

import re
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from emulator import PATIENCE, Failure

# A client that shares nothing with the code under test.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cti-std/tests/interop"))
sys.dont_write_bytecode = True

import session  # noqa: E402
from spec import Protocol  # noqa: E402
from wire import build  # noqa: E402

PROTOCOL = Protocol("cce", 24, 0)
CLIENT_CONTROL = 0x4
PERIPHERAL = 5000


class Simulation:
    """`cti simulate`. Lines on its standard input are faults."""

    def __init__(self, cti, **options):
        command = [cti, "simulate", "--side-a", "127.0.0.1:0", "--side-b", "127.0.0.1:0"]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        ports = re.findall(r"127\.0\.0\.1:(\d+)", line)
        if len(ports) != 2:
            raise Failure(f"cti simulate says {line!r}")
        self.sides = [int(port) for port in ports]
        self.agents = options["agents"]

    def fault(self, fault):
        self.process.stdin.write(fault + "\n")
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Witness:
    """A session of our own, to ask the contact centre how things stand. It takes no events."""

    def __init__(self, port):
        self.connection = session.Connection(session.connect(port), PROTOCOL, "client")
        self.next_id = 0
        fixed = {"VersionNumber": 24, "IdleTimeout": 600, "PeripheralID": PERIPHERAL, "ServicesRequested": CLIENT_CONTROL}
        self.ask("OPEN_REQ", "OPEN_CONF", fixed, [("ClientID", "witness"), ("ClientPassword", b"\0")])

    def ask(self, request, answer, fixed, floating):
        return self.ask_all(request, answer, [(fixed, floating)])[0]

    def ask_all(self, request, answer, questions):
        """Asks everything at once; the answers, in order."""
        first, self.next_id = self.next_id + 1, self.next_id + len(questions)
        for number, (fixed, floating) in enumerate(questions):
            self.connection.send(request, {"InvokeID": first + number, **fixed}, floating)
        answers = {}
        while len(answers) < len(questions):
            message = self.connection.receive()
            if message.name in (answer, "FAILURE_CONF", "CONTROL_FAILURE_CONF"):
                answers[message["InvokeID"]] = message
        return [answers[first + number] for number in range(len(questions))]

    def agents(self, count):
        """The state of every agent, by login; those that are logged out are left out."""
        logins = [str(1001 + place) for place in range(count)]
        names = ["QUERY_AGENT_STATE_REQ", "QUERY_AGENT_STATE_CONF"]
        answers = self.ask_all(*names, [({"PeripheralID": PERIPHERAL, "MRDID": 1}, [("AgentID", login)]) for login in logins])
        states = {login: conf["AgentState"] for login, conf in zip(logins, answers) if conf.name == names[1]}
        return {login: state for login, state in states.items() if state != 1}

    def queues(self, count):
        """How many agents are ready for every queue and how many calls wait in it, by the number of its skill group."""
        numbers = range(101, 101 + count)
        names = ["QUERY_SKILL_GROUP_STATISTICS_REQ", "QUERY_SKILL_GROUP_STATISTICS_CONF"]
        fixed = [{"PeripheralID": PERIPHERAL, "SkillGroupNumber": number, "SkillGroupID": 0xFFFF_FFFF} for number in numbers]
        answers = self.ask_all(*names, [(group, []) for group in fixed])
        return {str(number): (conf["AgentsAvail"], conf["RouterCallsQNow"]) for number, conf in zip(numbers, answers)}

    def calls(self, agents, queues):
        """The calls at agents and in queues, by ID: their states there."""
        devices = [str(5001 + place) for place in range(agents)] + [str(7001 + place) for place in range(queues)]
        fixed = {"PeripheralID": PERIPHERAL, "SnapshotDeviceType": 0}
        names = ["SNAPSHOT_DEVICE_REQ", "SNAPSHOT_DEVICE_CONF"]
        calls = {}
        for conf in self.ask_all(*names, [(fixed, [("AgentInstrument", device)]) for device in devices]):
            # Nobody may be logged in there.
            if conf.name == names[1]:
                for call, state in zip(conf.all("CallConnectionCallID"), conf.all("CallState")):
                    calls.setdefault(str(call), set()).add(state)
        return calls


class Relay:
    """Between a board and a server: passes everything on, and frames of its own when it is told to."""

    def __init__(self, port):
        self.target = port
        self.listener = session.listen()
        self.listener.settimeout(None)
        self.port = self.listener.getsockname()[1]
        self.wanted = []
        self.lock = threading.Lock()
        threading.Thread(target=self.run, daemon=True).start()

    def inject(self, frames):
        """Puts bytes into the server's stream, between two frames; waits until they are on their way."""
        done = threading.Event()
        with self.lock:
            self.wanted.append((frames, done))
        if not done.wait(PATIENCE):
            raise Failure("the board does not take what is injected")

    def run(self):
        while True:
            client, _ = self.listener.accept()
            with client, session.connect(self.target) as server:
                try:
                    self.exchange(client, server)
                except OSError:
                    pass

    def exchange(self, client, server):
        pending = b""
        while True:
            ready, _, _ = select.select([client, server], [], [], 0.05)
            if client in ready:
                data = client.recv(65536)
                if not data:
                    return
                server.sendall(data)
            if server in ready:
                data = server.recv(65536)
                if not data:
                    return
                pending += data
            whole = whole_frames(pending)
            client.sendall(pending[:whole])
            pending = pending[whole:]
            with self.lock:
                wanted, self.wanted = self.wanted, []
            for frames, done in wanted:
                client.sendall(frames)
                done.set()


def whole_frames(data):
    """How many bytes of it are whole frames."""
    at = 0
    while len(data) >= at + 8:
        end = at + 8 + int.from_bytes(data[at:at + 4], "big")
        if end > len(data):
            break
        at = end
    return at


def agent_state_event(agent, state):
    """AGENT_STATE_EVENT of an agent who is not of the simulation."""
    fixed = {"PeripheralID": PERIPHERAL, "AgentState": state, "SkillGroupState": state, "MRDID": 1}
    return build(PROTOCOL, "AGENT_STATE_EVENT", fixed, [("AgentID", agent), ("AgentExtension", "5" + agent[1:])])


def oversized(length):
    """A message that no appliance has room for."""
    return length.to_bytes(4, "big") + (23).to_bytes(4, "big") + bytes(length)


def pause(seconds):
    """Lets the contact centre work: the one place where a test takes its time."""
    time.sleep(seconds)


__all__ = ["Relay", "Simulation", "Witness", "agent_state_event", "oversized", "pause", "socket"]
