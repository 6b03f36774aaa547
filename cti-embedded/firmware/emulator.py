"""A board under QEMU: its serial line, its screen, its logs, and its network's plug."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

# What the slowest host may take for anything that takes a second.
PATIENCE = 60
WIDTH, HEIGHT = 80, 30


class Failure(Exception):
    """A scenario did not go as it has to."""


def until(what, is_so, patience=PATIENCE):
    """Waits for something; its value."""
    end = time.monotonic() + patience
    while True:
        value = is_so()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what} within {patience} s")
        time.sleep(0.02)


class Board:
    """An emulated board with a firmware. What it prints is kept as bytes, as lines and as a screen."""

    def __init__(self, folder, machine, firmware, **parameters):
        self.folder = Path(folder)
        self.bytes = bytearray()
        self.screen = Screen()
        self.log, self.firmware = self.folder / "log", firmware
        serial, control = self.folder / "serial", self.folder / "control"
        with listener(serial) as serials, listener(control) as controls:
            arguments = [f"{name}={value}" for name, value in parameters.items()]
            command = [
                "qemu-system-arm", "-machine", machine, "-display", "none", "-monitor", "none",
                "-chardev", f"socket,id=serial,path={serial}", "-serial", "chardev:serial",
                "-qmp", f"unix:{control}",
                "-netdev", "user,id=net", "-net", "nic,model=lan9118,netdev=net",
                "-semihosting-config", ",".join(["enable=on,target=native,arg=fw"] + [f"arg={a}" for a in arguments]),
                "-kernel", str(firmware),
            ]
            with open(self.log, "wb") as log:
                self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE)
            self.serial, self.control = accept(serials, self), accept(controls, self)
        self.replies = self.control.makefile("r")
        self.replies.readline()
        self.command("qmp_capabilities")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while data := self.serial.recv(4096):
            self.bytes += data
            self.screen.feed(data)

    def command(self, command, /, **arguments):
        self.control.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            reply = json.loads(self.replies.readline())
            if "return" in reply:
                return
            if "error" in reply:
                raise Failure(f"{command}: {reply['error']}")

    def set_link(self, up):
        """Plugs the network cable in or pulls it."""
        self.command("set_link", name="net", up=up)

    def type(self, line):
        self.serial.sendall(line.encode() + b"\r")

    def lines(self):
        return self.bytes.decode("ascii", "replace").split("\r\n")

    def expect(self, pattern, after=0):
        """Waits for a line that matches, the `after`th or later; the number of the next one, and the match."""
        def find():
            self.alive()
            # The last one is not whole yet.
            for number, line in list(enumerate(self.lines()[:-1]))[after:]:
                if match := re.search(pattern, line):
                    return number + 1, match
            return None
        try:
            return until(f"no line like /{pattern}/", find)
        except Failure as failure:
            raise Failure(f"{failure}, after these:\n  " + "\n  ".join(self.lines()[max(0, after - 3):])) from None

    def alive(self):
        status = self.process.poll()
        if status is not None:
            said = self.process.stderr.read().decode()
            raise Failure(f"the board ended with status {status}: {said}{self.logged()}")

    def logged(self):
        """The end of the log; as bytes, where defmt-print is not there to read it."""
        log = self.log.read_bytes()
        if not shutil.which("defmt-print"):
            return f"log (install defmt-print to read it): ...{log[-200:].hex()}"
        return subprocess.run(["defmt-print", "-e", self.firmware], input=log, capture_output=True).stdout.decode()[-2000:]

    def stop(self):
        """Ends the emulator; the board must not have ended by itself."""
        ended = self.process.poll()
        if ended is None:
            self.process.terminate()
            self.process.wait()
        self.process.stderr.close()
        self.serial.close()
        self.control.close()
        self.reader.join(PATIENCE)
        if ended is not None:
            raise Failure(f"the board ended by itself, with status {ended}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        try:
            self.stop()
        except Failure:
            if kind is None:
                raise


def listener(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(os.fspath(path))
    sock.listen()
    sock.settimeout(PATIENCE)
    return sock


def accept(sock, board):
    try:
        return sock.accept()[0]
    except socket.timeout:
        board.alive()
        raise Failure("QEMU does not connect") from None


class Screen:
    """A terminal that knows what the wallboard sends: text, cursor positions, clearing, hiding the cursor."""

    TOKEN = re.compile(rb"\x1b\[(\d+);(\d+)H|\x1b\[2J|\x1b\[\?25l|[ -~]+")

    def __init__(self):
        self.rows = [[" "] * WIDTH for _ in range(HEIGHT)]
        self.row = self.column = 0
        self.rest = b""
        self.strange = []
        self.lock = threading.Lock()

    def feed(self, data):
        with self.lock:
            data = self.rest + data
            # A sequence that is not whole yet waits for its end.
            cut = data.rfind(b"\x1b", max(0, len(data) - 12))
            whole = cut < 0 or re.match(rb"\x1b\[[\d;?]*[A-Za-z]", data[cut:])
            data, self.rest = (data, b"") if whole else (data[:cut], data[cut:])
            at = 0
            for token in self.TOKEN.finditer(data):
                if token.start() > at:
                    self.strange.append(data[at:token.start()])
                at = token.end()
                self.take(token)
            if at < len(data):
                self.strange.append(data[at:])

    def take(self, token):
        if token[1]:
            self.row, self.column = int(token[1]) - 1, int(token[2]) - 1
        elif token[0] == b"\x1b[2J":
            self.rows = [[" "] * WIDTH for _ in range(HEIGHT)]
        elif token[0][:1] != b"\x1b":
            for letter in token[0].decode():
                if self.column < WIDTH:
                    self.rows[self.row][self.column] = letter
                self.column += 1

    def text(self):
        with self.lock:
            return ["".join(row) for row in self.rows]
