"""The appliances against the simulated contact centre, in a network that has nothing but them.

    scenarios.py FIRMWARE CTI [--board MACHINE] [--seconds N] [--runs N] [SCENARIO...]

FIRMWARE is the folder of the built programs, CTI the command. `./test` calls this in a namespace of its own.
"""

import argparse
import fcntl
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from emulator import Board, Failure, until
from simulation import Relay, Simulation, Witness, agent_state_event, oversized, pause

AGENTS, QUEUES = 64, 16
# Simulated time runs faster, so that five calls a second are no more than the agents can take.
SPEED = 60
CALLS_PER_HOUR = 300
# What the wallboard writes for the states of agents.
STATES = {0: "in", 1: "out", 2: "paus", 3: "redy", 4: "talk", 5: "work", 6: "work", 7: "busy", 8: "rsvd", 10: "hold"}


class Bench:
    """What every scenario needs: programs, and a folder for a board."""

    def __init__(self, arguments):
        self.firmware, self.cti = Path(arguments.firmware), arguments.cti
        self.machine, self.seconds, self.runs = arguments.board, arguments.seconds, arguments.runs
        self.folder = None

    def simulation(self, **options):
        options = {"agents": AGENTS, "skill_groups": QUEUES, "speed": SPEED, "calls_per_hour": CALLS_PER_HOUR, **options}
        return Simulation(self.cti, **options)

    def board(self, program, ports, **parameters):
        a, b = ports
        sides = {"a": f"10.0.2.2:{a}", "b": f"10.0.2.2:{b}"}
        return Board(self.folder, self.machine, self.firmware / program, **sides, **parameters)

    def wallboard(self, ports):
        return self.board("wallboard", ports, agents=AGENTS)


# --- the wallboard's screen -------------------------------------------------------------------------------------------


def shown_agents(board):
    """State by login, as the screen has it."""
    cells = [row[16 * column:16 * column + 15] for row in board.screen.text()[2:15] for column in range(5)]
    return {cell.split()[0]: cell.split()[1] for cell in cells if cell.strip()}


def shown_queues(board):
    """How many wait, by the number of the skill group."""
    cells = [row[20 * column:20 * column + 19] for row in board.screen.text()[16:20] for column in range(4)]
    return {cell.split()[0]: int(cell.split()[1]) for cell in cells if cell.strip()}


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
    """Holds the screen against the contact centre until `least` agents were found in the same state at the same time, and
    nothing is wrong with any agent or queue.

    What is another one before and after the look at the screen may show either."""
    compared, wrong = set(), {}
    end = time.monotonic() + 60
    while len(compared) < least or wrong:
        before, waiting = witness.agent_states(AGENTS), witness.waiting(QUEUES)
        # What has happened by now is to be on the screen: it is drawn five times a second.
        pause(0.6)
        shown, queues = shown_agents(board), shown_queues(board)
        after, still_waiting = witness.agent_states(AGENTS), witness.waiting(QUEUES)
        still = {agent for agent in before if before[agent] == after.get(agent)}
        missing = {agent for agent in still if agent not in shown}
        differ = {agent for agent in still - missing if shown[agent] != STATES[before[agent]]}
        ghosts = {agent for agent in shown if agent not in before and agent not in after}
        # An agent may have gone there and back in between: what is wrong once must be right soon.
        wrong = {agent: (shown.get(agent), before.get(agent)) for agent in missing | differ | ghosts}
        for queue in waiting:
            if waiting[queue] == still_waiting[queue] != queues[queue]:
                wrong[f"queue {queue}"] = (queues[queue], waiting[queue])
        compared |= still - set(wrong)
        if time.monotonic() > end:
            raise Failure(f"of {len(compared)} agents, the screen differs from the contact centre:\n{wrong}\n"
                          + "\n".join(board.screen.text()))
    if board.screen.strange:
        raise Failure(f"the terminal does not know {board.screen.strange[:3]}")
    return len(compared)


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
        peak, size = map(int, numbers["stack"].split("/"))
        return f"{times} screens right, {numbers['frames']} frames, {len(board.bytes)} bytes of screen, stack {peak}/{size}"


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
            return board.lines()[-2]


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
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
