"""Reads lines of {"json": value, "yaml": text} and tells for which of them
PyYAML takes the YAML for another value than the JSON.

PyYAML stands for YAML 1.1: dates, numbers to the base 60 and `on` come back
as strings only because they are quoted. Both of its scanners are asked, its
own and, where it was built in, that of libyaml.
"""

import json
import struct
import sys

import yaml

LOADERS = [yaml.SafeLoader] + ([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])
SHOWN = 20


def same(want, got):
    if type(want) is not type(got):
        return False
    if isinstance(want, dict):
        return want.keys() == got.keys() and all(same(want[key], got[key]) for key in want)
    if isinstance(want, list):
        return len(want) == len(got) and all(map(same, want, got))
    if isinstance(want, float):
        return struct.pack("d", want) == struct.pack("d", got)
    return want == got


def problem(loader, want, text):
    try:
        documents = list(yaml.load_all(text, Loader=loader))
    except yaml.YAMLError as error:
        return str(error)
    return None if len(documents) == 1 and same(want, documents[0]) else f"is {documents!r}"


def main():
    count = mismatches = 0
    report = []
    for line in sys.stdin.buffer:
        count += 1
        pair = json.loads(line)
        for loader in LOADERS:
            message = problem(loader, pair["json"], pair["yaml"])
            if message is not None:
                mismatches += 1
                if mismatches <= SHOWN:
                    report.append(f"{loader.__name__}: {pair['yaml']!r} {message}")
    # At the end only: the caller writes everything before it reads.
    for entry in report:
        print(entry)
    print(f"{count} documents, {len(LOADERS)} readers, {mismatches} mismatches")
    sys.exit(1 if mismatches else 0)


main()
