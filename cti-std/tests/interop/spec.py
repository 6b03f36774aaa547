"""The protocol's layouts, read from the copy of the spec's tables.

A layout is resolved for one product and one version: the fixed part is a list of fields in wire order, the
floating part a list of the fields that the message may carry. Nothing here comes from the Rust code.
"""

import os
import re

SIZES = {"UCHAR": 1, "USHORT": 2, "BOOL": 2, "UINT": 4, "INT": 4, "TIME": 4, "ULONG": 4}
NO_VALUE = 0xFFFFFFFF

# Entries of lists, by the counter (session.md, "Floating fields"; uccx.md, "Limits"; the guide's own tables).
LIST_LIMITS = {
    "NumCTIClients": 16, "NumParties": 16, "NumCallDevices": 16, "NumCalls": 16, "NumFltSkillGroups": 99,
    "NumSkillGroups": 20, "SET_AGENT_STATE_REQ.NumSkillGroups": 10, "NumLines": 10, "NumberOfAgents": 64,
    "NumberOfAgentTeams": 64, "NumRecords": 10, "TEAM_CONFIG_EVENT.NumRecords": 64,
}
NAMED_BYTES = 2000
# Fixed fields that the tables of Unified CCX call otherwise than those of Unified CCE.
CCX_NAMES = {
    "ConfigurationMask": "ConfigInformation",
    "CONFIG_KEY_EVENT.Status": "ConfigKeyStatus",
    "CONFIG_END_EVENT.Status": "ConfigEndStatus",
}
# Texts of which the guide says what may stand in them.
LETTERS = {"DTMFString": "0123456789*#ABCD"}
SECRETS = {"ClientPassword", "AgentPassword"}


class Field:
    """One field of a message: a row of the tables."""

    def __init__(self, row):
        self.name = row["name"]
        # The tables print both types for the number of a skill group; NULL_SKILL_GROUP is a UINT.
        self.type = "UINT" if 62 in (row.get("tag_id"), row.get("tag_value")) else row["type"]
        self.tag = row.get("tag_id", row.get("tag_value"))
        self.size = SIZES.get(self.type)
        # The recorded traffic writes one field per element where the tables print an array with another form.
        self.array = row.get("array", False) and "form" not in row
        self.max = row.get("max") or (None if self.array else self.size)
        self.required = row.get("required") is True
        self.count = row.get("count")
        self.group = row.get("group")
        self.record = row.get("record", False)
        self.names = row.get("enum") or row.get("mask")
        self.value = row.get("value") if row.get("reserved") else None
        if re.fullmatch(r"Reserved\d", self.name):
            self.value = 0

    @property
    def repeats(self):
        return bool(self.group or (self.count and not self.array))


class Layout:
    """A message as one product and version has it."""

    def __init__(self, name, number, direction, fixed, floating, unconfirmed=()):
        self.name, self.type, self.direction = name, number, direction
        self.fixed = fixed
        counters = {field.name for field in fixed + floating}
        self.floating = [field for field in floating if not field.count or field.count in counters]
        # Fields that are read, but that the peer does not write: the guide does not confirm them.
        self.unconfirmed = list(unconfirmed)

    def field(self, name):
        for field in self.fixed + self.floating + self.unconfirmed:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no {name}")

    def by_tag(self, tag):
        return next((f for f in self.floating + self.unconfirmed if f.tag == tag), None)

    @property
    def fixed_bytes(self):
        return sum(size_of(field) for field in self.fixed)

    def sent_by(self, sender):
        return self.direction in (sender, "both")


class Protocol:
    """A product ("cce", "ccx") at a version."""

    def __init__(self, product, version, length_bytes=None):
        self.product, self.version = product, version
        wide = version >= (18 if product == "ccx" else 20)
        self.tag_bytes = 2 if wide else 1
        # The guide of Unified CCX leaves the length of version 18 open.
        self.length_bytes = length_bytes or self.tag_bytes
        self.max_message = 12500 if version >= 20 else 4329
        self.encoding = "utf-8" if product == "ccx" else "ascii"
        layouts = ccx_layouts(version) if product == "ccx" else cce_layouts(version)
        self.by_name = {layout.name: layout for layout in layouts}
        self.by_type = {layout.type: layout for layout in layouts}
        # Of Unified CCX there are no tables of names.
        self.symbols = {} if product == "ccx" else symbol_tables()


def size_of(field):
    return field.size or int(field.type[len("UNSPEC["):-1])


def list_limit(layout, counter):
    return LIST_LIMITS.get(f"{layout.name}.{counter}", LIST_LIMITS.get(counter))


def covers(row, version):
    return row.get("since", 0) <= version <= row.get("until", 99)


def cce_layouts(version):
    layouts = []
    for row in table("protocol.toml")["message"]:
        here = [part for part in row["layout"] if part["versions"][0] <= version <= part["versions"][1]]
        if not here or not covers(row, version):
            continue
        fixed = [Field(field) for field in here[0]["fixed"]]
        floating = [Field(field) for field in floats(row) if covers(field, version)]
        # Tags above 255 exist from version 20 on only, and some have no published number.
        tagged = [field for field in floating if field.tag is not None and (field.tag < 256 or version >= 20)]
        # A counter of what has no tag has nothing to count.
        idle = [field for field in tagged if any(other.count == field.name and not other.tag for other in floating)]
        used = [field for field in tagged if field not in idle]
        layouts.append(Layout(row["name"], row["type"], row["direction"], fixed, used, idle))
    return layouts


def floats(row):
    """The floating fields of a message of protocol.toml."""
    for field in row.get("floating", []):
        # The list of OPEN_CONF is told in prose only.
        if row["name"] == "OPEN_CONF" and field["name"] in ("FltPeripheralID", "MultilineAgentControl"):
            field = dict(field, count="NumPeripherals", group="Peripheral")
        yield field


def ccx_layouts(version):
    base = {row["name"]: row for row in table("protocol.toml")["message"]}
    layouts = []
    for row in table("uccx.toml")["message"]:
        if not row["supported"] or "type" not in row or not covers(row, version):
            continue
        cce = base.get(row.get("cce_name", row["name"]), {"name": row["name"]})
        rows = {field.get("tag_value"): field for field in floats(cce)}
        fixed = [Field(field) for field in ccx_fixed(row, cce, version) if covers(field, version)]
        listed = [merged(field, rows, row) for field in one_by_one(row) if covers(field, version)]
        floating = [Field(field) for field in listed if usable(field, version)]
        layout = Layout(cce["name"], row["type"], row["sent_by"], fixed, floating)
        if not row["floating_complete"]:
            tags = {field.tag for field in floating}
            rest = [field for tag, field in rows.items() if tag not in tags and tag and covers(field, version)]
            layout.floating += [Field(field) for field in rest if field.get("required")]
            layout.unconfirmed = [Field(field) for field in rest if not field.get("required")]
        layouts.append(layout)
    return layouts


def ccx_fixed(row, cce, version):
    """The fixed part: where the guide was not read to the end, the other product's with the reserved values."""
    listed = []
    for field in row.get("fixed", []):
        name = CCX_NAMES.get(field["name"], CCX_NAMES.get(f"{row['name']}.{field['name']}", field["name"]))
        listed.append(dict(field, name=name))
    if row["fixed_complete"]:
        return listed
    layouts = [part for part in cce["layout"] if part["versions"][0] <= version <= part["versions"][1]]
    own = {field["name"]: field for field in listed}
    return [{**own.get(field["name"], field), "since": 0} for field in layouts[0]["fixed"]] if layouts else listed


def one_by_one(row):
    """The floating fields of a message of uccx.toml, ranges of tags taken apart."""
    for field in row.get("floating", []):
        if "tag_ids" not in field:
            yield field
            continue
        first, last = map(int, field["tag_ids"].split("-"))
        for place, tag in enumerate(range(first, last + 1), 1):
            yield dict(field, name=f"CallVariable{place}", tag_id=tag)


def merged(field, rows, message):
    """A floating field of Unified CCX with what the other product's table says of the field with its tag."""
    by_name = next((row for row in rows.values() if row["name"] == field["name"]), {})
    found = rows.get(field.get("tag_id"), by_name)
    row = {key: value for key, value in found.items() if key not in ("since", "until")}
    # Unified CCX calls tag 194 what tag 5 is called elsewhere; all other fields keep one name for both products.
    kept = {"name"} if row and not field["name"].startswith("AgentID") else set()
    if row and field.get("confirmed") is False:
        kept.add("required")
    row.update({key: value for key, value in field.items() if key not in kept})
    if field.get("repeats") and message["name"].startswith("CONFIG_"):
        row["record"] = True
    elif field.get("repeats") and "count" not in row:
        row.update(count="NumRecords", group="Member")
    if not field.get("repeats"):
        for key in ("count", "group", "record"):
            row.pop(key, None)
    if field.get("array") is None:
        row.pop("array", None)
    return row


def usable(field, version):
    # Not confirmed, and not in the message that it is said to be taken from.
    if field.get("confirmed") is False and "tag_value" not in field:
        return False
    # Tags above 255 need the two bytes that version 18 brings.
    return "tag_id" in field and (field["tag_id"] < 256 or version >= 18)


def symbol_tables():
    """Names of numbers: enumerations as a map, masks as a list of single bits."""
    constants, masks, messages = (table(f"{name}.toml") for name in ("constants", "masks", "messages"))
    tables = {}
    for row in constants["enum"] + messages["small_enum"]:
        values = {value["value"]: value["name"] for value in row.get("retired", []) + row["values"]}
        is_mask = row.get("kind") == "mask" or row.get("mask")
        tables[row["name"]] = sorted(values.items()) if is_mask else values
        if "extends" in row:
            tables[row["extends"]] = {**values, **tables[row["extends"]]}
    # A special value that the text gives to fields of this type.
    tables["CallType"][0xFFFF] = "NULL_CALLTYPE"
    for row in masks["mask"]:
        tables[row["name"]] = [(bit["value"], bit["name"]) for bit in row["bits"]]
    return tables


def table(name, cache={}):
    if name not in cache:
        with open(os.path.join(directory(), name), encoding="utf-8") as file:
            cache[name] = read_toml(file.read())
    return cache[name]


def directory():
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("CTI_SPEC", os.path.join(here, "..", "..", "..", "tests", "spec"))


def read_toml(text):
    """As much of TOML as the tables use: arrays of tables, strings, numbers, booleans, arrays, inline tables."""
    document, place, at = {}, None, 0
    token = re.compile(
        r'(?:\s|#[^\n]*)*(?:\[\[(?P<head>[\w.]+)\]\]|(?P<key>[\w-]+)\s*=|"(?P<text>(?:[^"\\]|\\.)*)"'
        r"|(?P<number>0x[0-9a-fA-F]+|-?\d+)|(?P<word>true|false)|(?P<mark>[\[\]{},]))"
    )

    def take():
        nonlocal at
        match = token.match(text, at)
        if not match:
            if re.fullmatch(r"(?:\s|#[^\n]*)*", text[at:]):
                return None, None
            raise ValueError(f"not read: {text[at:at + 40]!r}")
        at = match.end()
        return match.lastgroup, match[match.lastgroup]

    def value(kind, part):
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", part)
        if kind == "number":
            return int(part, 0)
        if kind == "word":
            return part == "true"
        items = [] if part == "[" else {}
        while True:
            kind, part = take()
            if part in ("]", "}") and kind == "mark":
                return items
            if kind == "key":
                items[part] = value(*take())
            elif part != ",":
                items.append(value(kind, part))

    while True:
        kind, part = take()
        if kind is None:
            return document
        if kind == "head":
            *path, last = part.split(".")
            outer = document
            for name in path:
                outer = outer[name][-1]
            place = {}
            outer.setdefault(last, []).append(place)
        else:
            (document if place is None else place)[part] = value(*take())
