"""Reaches for the machine through Python's own library and says what it got."""

import encodings.idna  # what names of hosts go through; a call cannot import it
import json
import os
import random
import socket
import sys
import time

from wit_world import exports
from wit_world.exports import plugin as wit


def caught(run) -> str:
    try:
        return repr(run())
    except Exception as error:
        return type(error).__name__


def prowl() -> dict:
    return {
        "environment": caught(lambda: dict(os.environ)),
        "arguments": caught(lambda: sys.argv[1:]),
        "read": caught(lambda: open("/etc/passwd").read()),
        "write": caught(lambda: open("/tmp/found", "w")),
        "list": caught(lambda: os.listdir("/")),
        "connect": caught(lambda: socket.create_connection(("192.0.2.1", 80))),
        "listen": caught(lambda: socket.create_server(("", 0))),
        "resolve": caught(lambda: socket.getaddrinfo("example.net", 80)),
        "input": caught(lambda: sys.stdin.read()),
        "sleep": caught(lambda: time.sleep(3600)),
        "time": caught(time.time),
        "monotonic": caught(time.monotonic),
        "random": caught(lambda: random.SystemRandom().random()),
        "bytes": caught(lambda: os.urandom(4).hex()),
    }


class Plugin(exports.Plugin):
    def describe(self) -> wit.Description:
        nothing = wit.Grants([], [], [], [])
        return wit.Description("prowler", "0.1.0", "reaches", "{}", [], [], [], nothing)

    def facts(self, cluster: str, config: str) -> wit.Statement:
        return wit.Statement([], [])

    def render(self, cluster: str, config: str, facts: list) -> wit.Rendering:
        found = wit.File(
            wit.FileTarget_Node("pi-1"),
            "/etc/found",
            0o644,
            wit.Owner("root", "root"),
            [],
            wit.Lifecycle.MANAGED,
            json.dumps(prowl()).encode(),
        )
        return wit.Rendering([wit.Artifact_File(found)], [])
