"""A connection on which every frame that comes is checked, and on which nothing may come that nobody waits for."""

import socket
import struct
import time

from wire import Deviation, build, check

# Longer than anything that a peer may take, shorter than a test run.
PATIENCE = 30


class Connection:
    """One end of a session: `role` ("client" or "server") is ours."""

    def __init__(self, sock, protocol, role):
        self.sock, self.protocol, self.role = sock, protocol, role
        self.peer = "server" if role == "client" else "client"
        self.last = "nothing yet"
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(PATIENCE)

    def send(self, name, fixed, floating=()):
        self.send_bytes(build(self.protocol, name, fixed, floating))

    def send_bytes(self, data, sizes=None):
        """`sizes`: how many bytes to write at a time."""
        at = 0
        while at < len(data):
            size = next(sizes) if sizes else len(data)
            self.sock.sendall(data[at : at + size])
            at += size

    def receive(self):
        """The next message, checked byte by byte."""
        header = self.exactly(8)
        length, number = struct.unpack(">II", header)
        if length > self.protocol.max_message - 8:
            raise Deviation(f"message {number}", 0, f"at most {self.protocol.max_message - 8} bytes", length)
        message = check(self.protocol, header + self.exactly(length), self.peer)
        self.last = message
        return message

    def exactly(self, size):
        data = b""
        while len(data) < size:
            try:
                part = self.sock.recv(size - len(data))
            except socket.timeout:
                raise self.unexpected("more within 30 s", f"{data.hex() or 'nothing'}") from None
            except ConnectionResetError:
                part = b""
            if not part:
                raise self.unexpected("more", f"the end of the connection, after {data.hex() or 'nothing'}")
            data += part
        return data

    def expect(self, name, **values):
        """The next message, which must be this one with these values."""
        message = self.receive()
        if message.name != name:
            raise self.unexpected(f"{name} {values}", message)
        self.compare(message, values)
        return message

    def compare(self, message, values):
        for field, value in values.items():
            if message[field] != value:
                raise self.unexpected(f"{message.name} with {field} {value!r}", repr(message[field]))

    def expect_end(self):
        """The peer ends the connection, and sends nothing before it does."""
        try:
            data = self.sock.recv(4096)
        except ConnectionResetError:
            data = b""
        except socket.timeout:
            raise self.unexpected("the end of the connection", "silence") from None
        if data:
            raise self.unexpected("the end of the connection", data.hex())

    def expect_silence(self, seconds):
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(4096)
        except socket.timeout:
            return
        finally:
            self.sock.settimeout(PATIENCE)
        raise self.unexpected(f"silence of {seconds} s", data.hex() or "the end of the connection")

    def unexpected(self, expected, found):
        who = f"{self.role}, version {self.protocol.version}"
        return AssertionError(f"{who}: {expected} expected, {found} found; last: {self.last}")

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def connect(port):
    """A TCP connection to a port of this machine, also to one that is about to be opened."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def listen():
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE)
    return listener
