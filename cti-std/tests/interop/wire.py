"""Frames to bytes, and bytes to frames with every rule of the tables held.

`build` writes what it is told. `check` forgives nothing: the first byte that the tables do not allow is a `Deviation`,
which names the message, the offset in the frame, what was expected and what was found.
"""

import struct

from spec import NAMED_BYTES, SECRETS, list_limit, size_of

FORMATS = {"UCHAR": ">B", "USHORT": ">H", "BOOL": ">H", "UINT": ">I", "ULONG": ">I", "TIME": ">I", "INT": ">i"}


class Deviation(Exception):
    """A byte that is not as the tables say."""

    def __init__(self, message, offset, expected, found):
        super().__init__(f"{message} at offset {offset}: {expected} expected, {found} found")


class Message:
    """A frame as it was read: its fixed fields by name and its floating fields in wire order."""

    def __init__(self, layout):
        self.layout, self.name = layout, layout.name
        self.fixed, self.floating = {}, []
        self.length = 0

    def __getitem__(self, name):
        """The value of a fixed field or of the first floating field of that name; None without it."""
        if name in self.fixed:
            return self.fixed[name]
        return next(iter(self.all(name)), None)

    def all(self, name):
        self.layout.field(name)
        return [value for field, value in self.floating if field.name == name]

    def in_order(self):
        """All fields, the floating ones by tag: their order on the wire is free, but for the entries of a list."""
        floating = sorted(self.floating, key=lambda item: item[0].tag)
        return list(self.fixed.items()) + [(field.name, value) for field, value in floating]

    def __repr__(self):
        floating = [(field.name, "..." if field.name in SECRETS else value) for field, value in self.floating]
        return f"{self.name} {self.fixed} {floating}"


def build(protocol, name, fixed, floating=()):
    """The frame of a message. Fixed fields that are not named are 0; floating fields stand as they are given."""
    layout = protocol.by_name[name]
    unknown = set(fixed) - {field.name for field in layout.fixed}
    if unknown:
        raise KeyError(f"{name} has no {unknown} in version {protocol.version}")
    body = b"".join(number(field, fixed.get(field.name, field.value or 0)) for field in layout.fixed)
    for field, value in floating:
        body += floating_field(protocol, layout.field(field) if isinstance(field, str) else field, value)
    return struct.pack(">II", len(body), layout.type) + body


def number(field, value):
    if field.type in FORMATS:
        return struct.pack(FORMATS[field.type], value)
    return bytes(value or size_of(field))


def floating_field(protocol, field, value):
    data = data_of(protocol, field, value)
    header = width(protocol.tag_bytes, field.tag) + width(protocol.length_bytes, len(data))
    return header + data


def width(size, value):
    return value.to_bytes(size, "big")


def data_of(protocol, field, value):
    def text(value):
        return value.encode(protocol.encoding) + b"\0"

    if field.array:
        return b"".join(number(field, element) for element in value)
    if field.type == "STRING":
        return text(value)
    if field.type == "UNSPEC":
        return value
    if field.type == "NAMEDVAR":
        return text(value["name"]) + text(value["value"])
    if field.type == "NAMEDARRAY":
        return bytes([value["index"]]) + text(value["name"]) + text(value["value"])
    return number(field, value)


def check(protocol, frame, sender):
    """Reads a whole frame that `sender` ("client" or "server") wrote."""
    length, number = struct.unpack(">II", frame[:8])
    layout = protocol.by_type.get(number)
    if not layout:
        raise Deviation(f"message {number}", 4, f"a message type of version {protocol.version}", number)
    if not layout.sent_by(sender):
        raise Deviation(layout.name, 4, f"a message of the {sender}", number)
    if length != len(frame) - 8 or len(frame) > protocol.max_message:
        raise Deviation(layout.name, 0, f"a length of {len(frame) - 8}", length)
    return Reader(protocol, layout, frame).message


class Reader:
    def __init__(self, protocol, layout, frame):
        self.protocol, self.layout, self.frame = protocol, layout, frame
        self.at = 8
        self.message = Message(layout)
        self.message.length = len(frame) - 8
        self.read_fixed()
        while self.at < len(frame):
            self.read_floating()
        self.check_presence()
        self.check_lists()

    def deviation(self, at, expected, found):
        return Deviation(f"{self.layout.name} (version {self.protocol.version})", at, expected, found)

    def read_fixed(self):
        if self.layout.fixed_bytes > len(self.frame) - 8:
            raise self.deviation(8, f"a fixed part of {self.layout.fixed_bytes} bytes", len(self.frame) - 8)
        for field in self.layout.fixed:
            at, data = self.at, self.take(size_of(field), field.name)
            value = self.value_of(field, at, data)
            if field.value is not None and data != number(field, field.value):
                raise self.deviation(at, f"{field.name}, which is reserved, of {field.value}", value)
            self.message.fixed[field.name] = value

    def take(self, size, what):
        data = self.frame[self.at : self.at + size]
        if len(data) < size:
            raise self.deviation(self.at, f"{size} bytes of {what}", len(data))
        self.at += size
        return data

    def read_floating(self):
        start = self.at
        tag = int.from_bytes(self.take(self.protocol.tag_bytes, "tag"), "big")
        field = self.layout.by_tag(tag)
        if not field:
            raise self.deviation(start, "a tag of this message", tag)
        length = int.from_bytes(self.take(self.protocol.length_bytes, f"length of {field.name}"), "big")
        at, data = self.at, self.take(length, field.name)
        if field.max and length > field.max:
            raise self.deviation(at, f"at most {field.max} bytes of {field.name}", length)
        seen = any(other is field for other, _ in self.message.floating)
        if seen and not (field.repeats or field.record):
            raise self.deviation(start, f"{field.name} once", "a second one")
        self.message.floating.append((field, self.value_of(field, at, data)))

    def value_of(self, field, at, data):
        if field.array:
            if not data or len(data) % field.size:
                raise self.deviation(at, f"{field.name} in elements of {field.size} bytes", len(data))
            elements = range(0, len(data), field.size)
            return [self.number(field, at + i, data[i : i + field.size]) for i in elements]
        if field.type == "STRING":
            return self.text(field.name, at, data, len(data))
        if field.type.startswith("UNSPEC"):
            return bytes(data)
        if field.type in ("NAMEDVAR", "NAMEDARRAY"):
            return self.named(field, at, data)
        return self.number(field, at, data)

    def number(self, field, at, data):
        if len(data) != field.size:
            raise self.deviation(at, f"{field.name} of {field.size} bytes", len(data))
        value = struct.unpack(FORMATS[field.type], data)[0]
        if field.type == "BOOL" and value > 1:
            raise self.deviation(at, f"{field.name} of 0 or 1", value)
        return value

    def text(self, name, at, data, limit):
        nul = data.find(b"\0")
        if nul != len(data) - 1:
            raise self.deviation(at, f"one NUL, at the end of {name}", data.hex())
        if len(data) > limit:
            raise self.deviation(at, f"at most {limit} bytes of {name}", len(data))
        try:
            return data[:-1].decode(self.protocol.encoding)
        except UnicodeDecodeError:
            raise self.deviation(at, f"{self.protocol.encoding} in {name}", data.hex()) from None

    def named(self, field, at, data):
        parts = {}
        if field.type == "NAMEDARRAY":
            if not data:
                raise self.deviation(at, "an index", "nothing")
            parts["index"], data, at = data[0], data[1:], at + 1
        end = data.find(b"\0") + 1
        parts["name"] = self.text("VariableName", at, data[:end], 33)
        parts["value"] = self.text("VariableValue", at + end, data[end:], 211)
        return parts

    def check_presence(self):
        present = {field.name for field, _ in self.message.floating}
        for field in self.layout.floating:
            if field.required and not field.repeats and not field.record and field.name not in present:
                raise self.deviation(len(self.frame), f"{field.name}, which is required", "the end")

    def check_lists(self):
        floating = [(field.name, value) for field, value in self.message.floating]
        if any(field.record for field in self.layout.floating):
            self.check_records(floating)
        groups = {}
        for field in self.layout.floating + self.layout.unconfirmed:
            if field.count and not field.record:
                groups.setdefault(field.group or field.name, []).append(field)
        for fields in groups.values():
            self.check_list(fields, floating, self.message.fixed)
        named = [value for field, value in self.message.floating if field.type.startswith("NAMED")]
        size = sum(len(data_of(self.protocol, self.field_of(value), value)) for value in named)
        if size > NAMED_BYTES:
            raise self.deviation(len(self.frame), f"{NAMED_BYTES} bytes of named variables", size)

    def field_of(self, value):
        return self.layout.field("NamedArray" if "index" in value else "NamedVariable")

    def check_list(self, fields, floating, counters):
        """One list: as many entries as its counter says, the members of an entry in their order."""
        names = [field.name for field in fields]
        counter = fields[0].count
        count = counters.get(counter, dict(floating).get(counter))
        found = [(name, value) for name, value in floating if name in names]
        if count is None:
            if found:
                raise self.deviation(len(self.frame), f"{counter} with {names}", "none")
            return
        if fields[0].array:
            lengths = {name: len(value) for name, value in found}
            if any(length != count for length in lengths.values()) or (count and not found):
                raise self.deviation(len(self.frame), f"{count} elements ({counter})", lengths)
            return
        limit = list_limit(self.layout, counter)
        if limit is not None and count > limit:
            raise self.deviation(len(self.frame), f"at most {limit} ({counter})", count)
        self.check_entries(names, [name for name, _ in found], count, counter)

    def check_entries(self, names, found, count, counter):
        places = [names.index(name) for name in found]
        # An entry begins where a member comes again, or comes before its turn.
        entries = sum(1 for before, place in zip([99] + places, places) if place <= before)
        if entries != count:
            raise self.deviation(len(self.frame), f"{count} entries of {names} ({counter})", found)

    def check_records(self, floating):
        """Records follow each other; one ends where a field of it comes again that is no list."""
        scalars = [field.name for field in self.layout.floating if not field.count]
        records = []
        for name, value in floating:
            if not records or (name in scalars and any(name == other for other, _ in records[-1])):
                records.append([])
            records[-1].append((name, value))
        count = self.message.fixed["NumRecords"]
        if len(records) != count or count > list_limit(self.layout, "NumRecords"):
            raise self.deviation(len(self.frame), f"{count} records (NumRecords)", len(records))
        counters = {}
        for field in self.layout.floating:
            if field.count and field.record:
                counters.setdefault(field.count, []).append(field)
        for record in records:
            for fields in counters.values():
                self.check_list(fields, record, {})
