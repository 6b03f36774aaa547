"""Messages with generated values: every message of a version, in several shapes, the same for the same seed."""

import random
import string

from spec import LETTERS, LIST_LIMITS, Field, list_limit, size_of
from wire import build

# Named, so that a failure tells which shape it was.
SHAPES = ("bare", "shuffled", "full")
EXTREMES = {"UCHAR": (0, 0xFF), "USHORT": (0, 0xFFFF), "BOOL": (0, 1), "INT": (-(2**31), 2**31 - 1)}
PRINTABLE = string.ascii_letters + string.digits + " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
RECORDS = Field({"name": "NumRecords", "type": "USHORT", "count": "NumRecords"})
OTHER = "äßéñ日本語€"


class Sampler:
    """Makes one message of a layout: `fixed` by name, `floating` in wire order."""

    def __init__(self, protocol, layout, shape, seed):
        self.protocol, self.layout, self.shape = protocol, layout, shape
        self.random = random.Random(f"{protocol.product} {protocol.version} {layout.name} {shape} {seed}")
        self.is_records = any(field.record for field in layout.floating)
        self.most = 99

    def sample(self):
        while True:
            fixed, floating = self.once()
            # Records of the full shape may not fit: fewer of them do.
            if len(build(self.protocol, self.layout.name, fixed, floating)) <= self.protocol.max_message:
                return fixed, floating
            self.most -= 1

    def once(self):
        fixed = {field.name: self.number(field) for field in self.layout.fixed}
        runs = self.records() if self.is_records else self.runs()
        if self.shape == "shuffled" and not self.is_records:
            self.random.shuffle(runs)
        floating = [field for run in runs for field in run]
        self.set_counters(fixed, floating)
        return fixed, floating

    def runs(self):
        """The floating part in pieces whose order is free: a field, or an entry of a list."""
        runs = []
        for fields in self.by_list(self.layout.floating):
            runs.extend(self.entries(fields) if fields[0].count else self.single(fields[0]))
        return runs

    def by_list(self, fields):
        lists = {}
        for field in fields:
            lists.setdefault((field.count, field.group) if field.group else (field.count, field.name), []).append(field)
        return list(lists.values())

    def single(self, field):
        if field.name.startswith("Num") and any(other.count == field.name for other in self.layout.floating):
            return [[(field, 0)]] if self.shape != "bare" else []
        return [[(field, self.value(field))]] if self.wanted(field) else []

    def wanted(self, field):
        if field.required or self.shape == "full":
            return True
        return self.shape != "bare" and self.random.random() < 0.5

    def entries(self, fields):
        if fields[0].array:
            return self.arrays(fields)
        return [[(field, self.value(field)) for field in fields] for _ in range(self.length_of(fields[0]))]

    def arrays(self, fields):
        if self.shape == "bare":
            return []
        most = min((field.max or 20) // field.size for field in fields)
        length = self.random.randint(1, most)
        return [[(field, [self.number(field) for _ in range(length)]) for field in fields]]

    def length_of(self, field):
        if self.shape == "bare":
            return 0
        limit = min(self.most, list_limit(self.layout, field.count) or 5)
        # 2000 bytes of named variables together are the limit.
        limit = min(limit, 3) if field.type.startswith("NAMED") else limit
        return limit if self.shape == "full" else self.random.randint(0, min(limit, 4))

    def records(self):
        runs = []
        # A record without fields would not be there.
        for _ in range(0 if self.shape == "bare" else self.length_of(RECORDS)):
            runs.append(self.record())
        return runs

    def record(self):
        record = []
        for place, fields in enumerate(self.by_list(self.layout.floating)):
            if fields[0].count and any(field.count == fields[0].count for field, _ in record):
                continue
            always = place == 0
            if fields[0].count:
                pieces = self.entries(self.same_count(fields[0].count))
            else:
                pieces = [[(fields[0], self.value(fields[0]))]] if always else self.single(fields[0])
            record.extend(item for piece in pieces for item in piece)
        return [(field, self.counted(field, value, record)) for field, value in record]

    def same_count(self, count):
        return [field for field in self.layout.floating if field.count == count]

    def counted(self, field, value, floating):
        """The value of a counter, which stands beside its list; any other value as it is."""
        lists = [(other, data) for other, data in floating if other.count == field.name]
        if not lists:
            return value
        first = lists[0][0]
        same = [data for other, data in lists if other is first]
        return len(same[0]) if first.array else len(same)

    def set_counters(self, fixed, floating):
        if self.is_records:
            first = self.layout.floating[0]
            fixed["NumRecords"] = sum(1 for field, _ in floating if field is first)
            return
        floating[:] = [(field, self.counted(field, value, floating)) for field, value in floating]
        for field in self.layout.fixed:
            # Also a counter whose list the tables do not have.
            counts = [other.count for other in self.layout.floating + self.layout.unconfirmed]
            if field.name in counts or field.name in LIST_LIMITS:
                fixed[field.name] = self.counted(field, 0, floating)

    def value(self, field):
        if field.type == "STRING":
            return self.text(field.max - 1, LETTERS.get(field.name))
        if field.type == "UNSPEC":
            size = 8 if field.name.endswith("ConfigKey") else self.size(field.max)
            return self.random.getrandbits(8 * size).to_bytes(size, "big") if size else b""
        if field.type in ("NAMEDVAR", "NAMEDARRAY"):
            index = {"index": self.random.randrange(256)} if field.type == "NAMEDARRAY" else {}
            return {**index, "name": "user." + self.text(27), "value": self.text(210)}
        return self.number(field)

    def size(self, most):
        return most if self.shape == "full" else self.random.randint(0, most)

    def text(self, most, letters=None):
        characters = letters or PRINTABLE + (OTHER if self.protocol.product == "ccx" else "")
        text = "".join(self.random.choices(characters, k=self.size(most)))
        while len(text.encode(self.protocol.encoding)) > most:
            text = text[:-1]
        return text

    def number(self, field):
        if field.value is not None:
            return field.value if field.size else bytes(size_of(field))
        # What follows an OPEN_REQ is read as of the version that it names.
        if field.name == "VersionNumber":
            return self.protocol.version
        names = self.protocol.symbols.get(field.names)
        if isinstance(names, dict) and self.random.random() < 0.7:
            return self.fit(field, self.random.choice(sorted(names)))
        if isinstance(names, list) and self.random.random() < 0.7:
            return self.fit(field, sum(self.random.sample([bit for bit, _ in names], min(3, len(names)))))
        low, high = EXTREMES.get(field.type, (0, 2**32 - 1))
        return self.random.choice((low, high, self.random.randint(low, high), self.random.randint(0, 1)))

    def fit(self, field, value):
        low, high = EXTREMES.get(field.type, (0, 2**32 - 1))
        return value if low <= value <= high else high


def stream(protocol, seed):
    """Every message that the version has, in every shape: the sender, the frame, and its values."""
    for layout in protocol.by_name.values():
        sender = "client" if layout.direction == "client" else "server"
        for shape in SHAPES:
            fixed, floating = Sampler(protocol, layout, shape, seed).sample()
            yield sender, build(protocol, layout.name, fixed, floating), layout, fixed, floating
