"""A message as the object that `cti decode --json` writes for it, made from the tables alone."""

from spec import SECRETS


def render(layout, length, sender, fixed, floating, symbols):
    """`floating` holds pairs of a field and its value, in wire order."""
    return {
        "from": sender,
        "type": layout.type,
        "name": layout.name,
        "length": length,
        "fixed": {name: plain(value) for name, value in fixed.items()},
        "floating": [entry(field, value) for field, value in floating],
        "symbols": named(layout, fixed, floating, symbols),
    }


def entry(field, value):
    shown = {"tag": field.tag, "name": field.name}
    if field.name in SECRETS:
        return {**shown, "value": None, "hidden": True}
    return {**shown, "value": plain(value)}


def plain(value):
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def named(layout, fixed, floating, symbols):
    """The names of numbers that have one; a list where the field came several times or is an array."""
    found = {}
    for field, value in [(field, fixed[field.name]) for field in layout.fixed] + floating:
        if field.names in symbols:
            found.setdefault(field.name, []).append(names_of(symbols[field.names], value))
    return {name: names[0] if len(names) == 1 else names for name, names in found.items() if any(names)}


def names_of(names, value):
    """Of an array the name of each element."""
    return [name_of(names, element) for element in value] if isinstance(value, list) else name_of(names, value)


def name_of(names, value):
    if isinstance(names, dict):
        return names.get(value)
    bits = [(bit, name) for bit, name in names if bit and value & bit == bit]
    rest = value & ~sum(bit for bit, _ in bits)
    return " | ".join([name for _, name in bits] + [f"{rest:#x}"] * (rest > 0)) or "0"
