"""A CTI client, a CTI Server, a writer and a reader of frames that share nothing with the Rust code.

    peer.py stream PRODUCT VERSION SEED     frames of every message and what they say, as lines of JSON
    peer.py check PRODUCT VERSION           lines of "client HEX" and "server HEX" to what they say, or the deviation
    peer.py server PRODUCT VERSION SCENARIO a server of that version: see server.py
    peer.py client PRODUCT VERSION SCENARIO a client of that version: see client.py
    peer.py centre PRODUCT VERSION SCENARIO PORT N  a client of a contact centre at that port: see centre.py
"""

import json
import sys

sys.dont_write_bytecode = True

import centre
import client
import server
from render import render
from sample import stream
from spec import Protocol
from wire import Deviation, check


def write_stream(protocol, seed):
    for sender, frame, layout, fixed, floating in stream(protocol, seed):
        # What is written must stand before the own reader first.
        check(protocol, frame, sender)
        shown = render(layout, len(frame) - 8, sender, fixed, floating, protocol.symbols)
        print(json.dumps({"hex": frame.hex(), "says": shown}))


def check_stream(protocol):
    for line in sys.stdin:
        sender, frame = line.split()
        print(json.dumps(checked(protocol, bytes.fromhex(frame), sender)))


def checked(protocol, frame, sender):
    try:
        message = check(protocol, frame, sender)
    except Deviation as deviation:
        return {"deviation": str(deviation)}
    return render(message.layout, message.length, sender, message.fixed, message.floating, protocol.symbols)


def main():
    what, product, version, *rest = sys.argv[1:]
    product, _, length_bytes = product.partition(":")
    protocol = Protocol(product, int(version), int(length_bytes or 0))
    if what == "stream":
        write_stream(protocol, rest[0])
    elif what == "check":
        check_stream(protocol)
    elif what == "server":
        server.run(protocol, *rest)
    elif what == "client":
        client.run(protocol, *rest)
    elif what == "centre":
        centre.run(protocol, *rest)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
