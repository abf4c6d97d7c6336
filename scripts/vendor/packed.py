"""The format of what is committed: zlib over canonical JSON."""

import json
import zlib


def pack(value):
    """Sorted keys, no white space, UTF-8, zlib level 9."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return zlib.compress(text.encode(), 9)


def same(one, other):
    """Whether two packed texts hold the same JSON: two zlibs may pack one text
    differently."""
    return one == other or zlib.decompress(one) == zlib.decompress(other)
