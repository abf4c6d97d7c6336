"""The format of what is committed: zlib over canonical JSON."""

import json
import zlib


class Lines(list):
    """Values that are handed on one by one: each has a line."""


def pack(value):
    """Sorted keys, no white space, UTF-8, zlib level 9."""
    lines = value if isinstance(value, Lines) else [value]
    return zlib.compress("\n".join(map(_canonical, lines)).encode(), 9)


def _canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def same(one, other):
    """Whether two packed texts hold the same JSON: two zlibs may pack one text
    differently."""
    return one == other or zlib.decompress(one) == zlib.decompress(other)
