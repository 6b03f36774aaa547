"""Prints the table of `numbers`, and holds it against numbers.txt and the limits."""

import sys
from pathlib import Path

COMMITTED, STACKS = (Path(__file__).with_name(name) for name in ("numbers.txt", "stack.txt"))
FLASH, RAM = 256 * 1024, 64 * 1024
# What our crates may take of it, and what they are to take of the flash: they are not there yet. Until then numbers.txt is
# what holds them.
ADDED_RAM = 24 * 1024
WANTED_FLASH = 40 * 1024
# What is to be left of the RAM for the stack at least.
STACK = 8 * 1024
# What is to be left of that, beyond the most that `test` has seen used.
SPARE = 2 * 1024
# A compiler of another day moves bytes about.
TOLERANCE = 1.02


def read(path):
    lines = (line.split() for line in Path(path).read_text().splitlines() if line and line[0] != "#")
    return {tuple(words[:-1]): int(words[-1]) for words in lines}


def added(numbers):
    """What our crates add to the firmware without them: `bare` has the wall, the network and the tasks, too."""
    for board in dict.fromkeys(board for board, *_ in numbers):
        more = {part: numbers[board, "wallboard", part] - numbers[board, "bare", part] for part in ("text", "data", "bss")}
        yield board, more["text"] + more["data"], more["data"] + more["bss"]


def print_table(numbers, stacks):
    print(f"{'board':12} {'program':10} {'text':>8} {'data':>6} {'bss':>7} {'flash':>6} {'RAM':>5} {'stack used':>18}")
    for board, program in dict.fromkeys(key[:2] for key in numbers if key[1] != "event"):
        text, data, bss = (numbers[board, program, part] for part in ("text", "data", "bss"))
        flash, ram = (text + data) / FLASH, (data + bss) / RAM
        used = f"{stacks[board, program]:,} of {RAM - data - bss:,}" if (board, program) in stacks else ""
        print(f"{board:12} {program:10} {text:8,} {data:6,} {bss:7,} {flash:6.0%} {ram:5.0%} {used:>18}")
    for board, flash, ram in added(numbers):
        print(f"{board}: a session, its messages and its trackers add {flash:,} bytes of flash and {ram:,} bytes of RAM")
        beyond = f"{flash - WANTED_FLASH:,} too many" if flash > WANTED_FLASH else "met"
        print(f"{board}: wanted: at most {WANTED_FLASH:,} bytes of flash ({beyond}) and {ADDED_RAM:,} bytes of RAM")
    for (board, kind, name), value in numbers.items():
        if kind == "event":
            print(f"{board}: {name}: {value:,} instructions")


def faults(numbers, committed, stacks):
    for key in numbers.keys() ^ committed.keys():
        yield f"{' '.join(key)}: only in one of table and numbers.txt"
    for key in numbers.keys() & committed.keys():
        if numbers[key] > committed[key] * TOLERANCE + 16:
            yield f"{' '.join(key)}: {numbers[key]}, in numbers.txt {committed[key]}"
    for (board, program, part), value in numbers.items():
        if part == "bss" and value + numbers[board, program, "data"] > RAM - STACK:
            yield f"{board} {program}: {value} bytes of variables leave no room for the stack"
    for (board, program), used in stacks.items():
        left = RAM - numbers[board, program, "data"] - numbers[board, program, "bss"] - used
        if left < SPARE:
            yield f"{board} {program}: {left} bytes of stack are left"
    before = {board: flash for board, flash, _ in added(committed)}
    for board, flash, ram in added(numbers):
        if flash > max(before.get(board, 0) * TOLERANCE, WANTED_FLASH):
            yield f"{board}: {flash} bytes of flash added, {before.get(board)} by numbers.txt"
        if ram > ADDED_RAM:
            yield f"{board}: {ram} bytes of RAM added, {ADDED_RAM} are allowed"


def main():
    table, *options = sys.argv[1:]
    numbers, stacks = read(table), read(STACKS)
    print_table(numbers, stacks)
    if "--write" in options:
        text = "# Written by `numbers --write`: board, program, part, bytes; or instructions for an event.\n"
        COMMITTED.write_text(text + Path(table).read_text())
    if "--check" in options:
        found = sorted(faults(numbers, read(COMMITTED), stacks))
        print("\n".join(f"FAILED: {fault}" for fault in found) or "all as in numbers.txt, or less")
        sys.exit(bool(found))


main()
