"""The appliances against the simulated contact centre, in a network that has nothing but them.

    scenarios.py FIRMWARE CTI [--board MACHINE] [--seconds N] [--runs N] [--write] [SCENARIO...]

FIRMWARE is the folder of the built programs, CTI the command. With `--write`, stack.txt gets what was used of the stacks. `./test` calls this in a namespace of its own.
"""

import argparse
import fcntl
import socket
import struct
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

sys.dont_write_bytecode = True

from emulator import Board, Failure, until
from simulation import Relay, Simulation, Witness, agent_state_event, oversized, pause

STACKS = Path(__file__).with_name("stack.txt")
AGENTS, QUEUES, CALLS = 64, 16, 32
# Simulated time runs faster, so that five calls a second are no more than the agents can take.
SPEED = 60
CALLS_PER_HOUR = 300
# What the wallboard writes for the states of agents.
STATES = {0: "in", 1: "out", 2: "paus", 3: "redy", 4: "talk", 5: "work", 6: "work", 7: "busy", 8: "rsvd", 10: "hold"}
# What it writes for calls in these states at an agent or a queue, and at nobody else.
STAGES = {0: "end", 1: "dial", 2: "ring", 3: "talk", 4: "hold", 5: "wait", 6: "fail"}


class Bench:
    """What every scenario needs: programs, and a folder for a board."""

    def __init__(self, arguments):
        self.firmware, self.cti = Path(arguments.firmware), arguments.cti
        self.machine, self.seconds, self.runs = arguments.board, arguments.seconds, arguments.runs
        self.folder = None
        self.stacks = {}

    def simulation(self, **options):
        options = {"agents": AGENTS, "skill_groups": QUEUES, "speed": SPEED, "calls_per_hour": CALLS_PER_HOUR, **options}
        return Simulation(self.cti, **options)

    def board(self, program, ports, **parameters):
        a, b = ports
        sides = {"a": f"10.0.2.2:{a}", "b": f"10.0.2.2:{b}"}
        return Board(self.folder, self.machine, self.firmware / program, **sides, **parameters)

    @contextmanager
    def wallboard(self, ports):
        with self.board("wallboard", ports, agents=AGENTS) as board:
            yield board
            self.note_stack("wallboard", foot(board)["stack"])

    def note_stack(self, program, figures):
        """How much of its stack a program has used, of how much."""
        peak, size = map(int, figures.split("/"))
        self.stacks[program] = max(self.stacks.get(program, (0, size)), (peak, size))


# --- the wallboard's screen -------------------------------------------------------------------------------------------


def cells(board, rows, columns, width, least):
    """The words of every place that has so many. One that is just being drawn may have fewer."""
    texts = [row[width * column:width * (column + 1)] for row in board.screen.text()[rows] for column in range(columns)]
    return [words for words in map(str.split, texts) if len(words) >= least]


def shown(board):
    """What stands on the screen: the words for the states of agents and calls; of queues, the agents that are ready and the
    calls that wait."""
    agents = {("agent", login): state for login, state, *_ in cells(board, slice(2, 15), 5, 16, 2)}
    queues = {("queue", number): (int(ready), int(waiting))
              for number, ready, waiting, *_ in cells(board, slice(16, 20), 4, 20, 3)}
    calls = {("call", call): stage for call, stage, *_ in cells(board, slice(21, 29), 4, 20, 2)}
    return agents | queues | calls


def true(witness):
    """The same as the contact centre says it: of agents and calls, the words that there may be for them."""
    agents = {("agent", login): {STATES[state]} for login, state in witness.agents(AGENTS).items()}
    queues = {("queue", number): {counts} for number, counts in witness.queues(QUEUES).items()}
    calls = {("call", call): {STAGES[state] for state in states} for call, states in witness.calls(AGENTS, QUEUES).items()}
    return agents | queues | calls


def foot(board):
    """A counter of the last line."""
    words = board.screen.text()[29].split()
    return dict(zip(words[::2], words[1::2]))


def shows_the_side(board, side):
    def is_so():
        board.alive()
        return f"side {side}" in board.screen.text()[0]
    until(f"the screen does not say side {side}", is_so)


def compare(board, witness, least):
    """Holds the screen against the contact centre until `least` agents and a few calls were found in the same state at the same
    time, and nothing is wrong with any agent, queue or call.

    What is another one before and after the look at the screen may show either."""
    right, wrong = set(), {"nothing": "compared"}
    end = time.monotonic() + 60

    def found(kind):
        return sum(1 for what, _ in right if what == kind)

    while found("agent") < least or found("call") < min(least // 8, 4) or wrong:
        if time.monotonic() > end:
            raise Failure(f"{found('agent')} agents and {found('call')} calls were right; the screen and the contact centre:\n"
                          f"{wrong}\n" + "\n".join(board.screen.text()))
        before = true(witness)
        # What has happened by now is to be on the screen: it is drawn five times a second.
        pause(0.6)
        screen = shown(board)
        after = true(witness)
        still = {thing for thing in before if before[thing] == after.get(thing)}
        # Calls that find no place are not there.
        is_full = sum(1 for kind, _ in screen if kind == "call") >= CALLS
        missing = {thing for thing in still if thing not in screen and not (is_full and thing[0] == "call")}
        differ = {thing for thing in still & screen.keys() if screen[thing] not in before[thing]}
        ghosts = {thing for thing in screen if thing not in before and thing not in after and is_real(thing, screen[thing])}
        # It may have gone there and back in between: what is wrong once must be right soon.
        wrong = {thing: (screen.get(thing), before.get(thing)) for thing in missing | differ | ghosts}
        right |= (still & screen.keys()) - wrong.keys()
    if board.screen.strange:
        raise Failure(f"the terminal does not know {board.screen.strange[:3]}")
    return found("agent")


def is_real(thing, state):
    """Whether there must be more to it than its place on the screen: calls come from a voice portal and go, unseen by all."""
    return thing[0] != "call" or state in STAGES.values()


# --- scenarios --------------------------------------------------------------------------------------------------------


def load(bench):
    """Five calls a second, and the screen is right all the time."""
    with bench.simulation() as simulation, bench.wallboard(simulation.sides) as board:
        shows_the_side(board, "A")
        witness = Witness(simulation.sides[0])
        end = time.monotonic() + bench.seconds
        times = 0
        while time.monotonic() < end or not times:
            compare(board, witness, AGENTS // 2)
            times += 1
        numbers = foot(board)
        if numbers["lost"] != "0" or numbers["skipped"] != "0":
            raise Failure(f"the session was not kept: {numbers}")
        return f"{times} screens right, {numbers['frames']} frames, {len(board.bytes)} bytes of screen"


def takeover(bench):
    """Side A dies, side B takes over; then the other way."""
    with bench.simulation() as simulation, bench.wallboard(simulation.sides) as board:
        shows_the_side(board, "A")
        simulation.fault("drop=a")
        shows_the_side(board, "B")
        compare(board, Witness(simulation.sides[1]), AGENTS // 2)
        simulation.fault("restore=a")
        simulation.fault("drop=b")
        shows_the_side(board, "A")
        return f"{compare(board, Witness(simulation.sides[0]), AGENTS // 2)} agents right after two losses"


def link(bench):
    """The network's plug is pulled: shortly; and, where there is time, for longer than the session lasts."""
    with bench.simulation() as simulation, bench.wallboard(simulation.sides) as board:
        shows_the_side(board, "A")
        # At once, while the first picture is being asked for.
        for seconds in (1, 1, 24) if bench.seconds >= 60 else (1, 1):
            board.set_link(False)
            pause(seconds)
            frames = foot(board).get("frames")
            board.set_link(True)
            until("no frames after the link is up", lambda: foot(board).get("frames") != frames, 60 if seconds > 1 else 15)
            until("no session again", lambda: "side" in board.screen.text()[0][15:23], 90)
            side = board.screen.text()[0][20]
            compare(board, Witness(simulation.sides["AB".index(side)]), AGENTS // 2)
        return f"lost {foot(board)['lost']} sessions"


def oversize(bench):
    """Messages larger than the receive buffer are passed over, and counted."""
    with bench.simulation() as simulation:
        relay = Relay(simulation.sides[0])
        with bench.wallboard((relay.port, simulation.sides[1])) as board:
            shows_the_side(board, "A")
            for length in (2_100, 4_096, 12_000):
                relay.inject(oversized(length))
            until("three skipped", lambda: foot(board).get("skipped") == "3")
            compare(board, Witness(simulation.sides[0]), AGENTS // 2)
            return "3 skipped, the session goes on"


def flood(bench):
    """Events as fast as TCP brings them."""
    with bench.simulation(calls_per_hour=30) as simulation:
        relay = Relay(simulation.sides[0])
        with bench.wallboard((relay.port, simulation.sides[1])) as board:
            shows_the_side(board, "A")
            compare(board, Witness(simulation.sides[0]), AGENTS // 2)
            count, before = 20_000, int(foot(board)["frames"])
            began = time.monotonic()
            relay.inject(b"".join(agent_state_event("1999", 2 + n % 2) for n in range(count)))
            relay.inject(agent_state_event("1999", 1))
            until("all frames", lambda: int(foot(board)["frames"]) >= before + count)
            seconds = time.monotonic() - began
            compare(board, Witness(simulation.sides[0]), AGENTS // 2)
            if foot(board)["lost"] != "0":
                raise Failure("the session was lost")
            return f"{count / seconds:.0f} events a second taken"


def phone(bench):
    """An agent's day at the phone, by commands."""
    with bench.simulation(agents=8, skill_groups=2, calls_per_hour=0, speed=1) as simulation:
        with bench.board("phone", simulation.sides, agent=1001, extension=5001) as board:
            at, _ = board.expect("^open with side A")

            def say(command, *patterns):
                nonlocal at
                board.type(command)
                number = at
                for pattern in patterns:
                    at = max(at, board.expect(pattern, number)[0])

            say("nonsense", "^cannot nonsense: try help")
            say("answer", "^cannot answer: there is no such call")
            # At work already, or not: only who is not ready may log out.
            say("notready 1", "SET_AGENT_STATE_REQ")
            say("logout 1", "SET_AGENT_STATE_REQ")
            say("login", "^ok SET_AGENT_STATE_REQ", "^agent 1001 AGENT_STATE_NOT_READY")
            say("ready", "^ok SET_AGENT_STATE_REQ", "^agent 1001 AGENT_STATE_AVAILABLE")
            say("notready 1", "^ok SET_AGENT_STATE_REQ", "^agent 1001 AGENT_STATE_NOT_READY")
            say("make 2065550123", "^ok MAKE_CALL_REQ", "LCS_CONNECT 2065550123")
            say("hold", "^ok HOLD_CALL_REQ", "LCS_HOLD")
            say("retrieve", "^ok RETRIEVE_CALL_REQ", "LCS_CONNECT")
            say("consult 2065550145", "^ok CONSULTATION_CALL_REQ", "LCS_HOLD", "LCS_CONNECT 2065550145")
            say("alternate", "^ok ALTERNATE_CALL_REQ")
            say("alternate", "^ok ALTERNATE_CALL_REQ")
            say("transfer", "^ok TRANSFER_CALL_REQ", "ended")
            say("make 2065550167", "^ok MAKE_CALL_REQ", "LCS_CONNECT 2065550167")
            say("release", "^ok CLEAR_CONNECTION_REQ", "ended")
            say("release", "^cannot release: there is no such call")
            say("ready", "^ok SET_AGENT_STATE_REQ")
            simulation.fault("drop=a")
            at, _ = board.expect("^open with side B", at)
            say("notready 1", "^ok SET_AGENT_STATE_REQ")
            say("logout 1", "SET_AGENT_STATE_REQ")
            say("status", "^frames ")
            status = board.lines()[-2]
            bench.note_stack("phone", status.split("stack ")[1].replace(" of ", "/"))
            return status


def again(bench):
    """The board starts, and the screen comes to be right; many times in a row."""
    for _ in range(bench.runs):
        with bench.simulation() as simulation, tempfile.TemporaryDirectory() as bench.folder:
            with bench.wallboard(simulation.sides) as board:
                shows_the_side(board, "A")
                compare(board, Witness(simulation.sides[0]), AGENTS // 2)
    return f"{bench.runs} of {bench.runs}"


SCENARIOS = [load, takeover, link, oversize, flood, phone, again]


def raise_loopback():
    """What `ip link set lo up` does."""
    with socket.socket() as sock:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(sock, 0x8913, request))[1]
        fcntl.ioctl(sock, 0x8914, struct.pack("16sH14s", b"lo", flags | 1, b""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("firmware")
    parser.add_argument("cti")
    parser.add_argument("--board", default="mps2-an386")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("scenario", nargs="*")
    arguments = parser.parse_intermixed_args()
    chosen = [one for one in SCENARIOS if not arguments.scenario or one.__name__ in arguments.scenario]
    raise_loopback()
    bench = Bench(arguments)
    failed = 0
    for scenario in chosen:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as bench.folder:
            try:
                result = scenario(bench)
            except Failure as failure:
                failed += 1
                result = f"FAILED: {failure}"
        print(f"{bench.machine} {scenario.__name__}: {result} ({time.monotonic() - began:.1f} s)", flush=True)
    for program, (peak, size) in bench.stacks.items():
        print(f"{bench.machine} {program}: {peak:,} bytes of stack used, of {size:,}", flush=True)
    if arguments.write:
        write_stacks(bench)
    sys.exit(failed > 0)


def write_stacks(bench):
    """Puts what was measured beside what stands in the file of other boards and programs."""
    lines = [line.split() for line in STACKS.read_text().splitlines() if line[:1] != "#"] if STACKS.exists() else []
    peaks = {(board, program): peak for board, program, peak in lines}
    peaks |= {(bench.machine, program): peak for program, (peak, _) in bench.stacks.items()}
    head = "# Written by `test --write`: board, program, bytes of stack that it used at most.\n"
    STACKS.write_text(head + "".join(f"{board} {program} {peak}\n" for (board, program), peak in sorted(peaks.items())))


if __name__ == "__main__":
    main()
