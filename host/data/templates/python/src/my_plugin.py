"""A ConfigMap with a greeting, in a namespace of its own: something to begin with.

componentize-py finds the class at the end by the name of the interface that it
implements; `wit_world` is what it makes of wit/plugin.wit.
"""

import functools
import json
import traceback

from wit_world import exports
from wit_world.exports import plugin as wit
from wit_world.imports import log

NAMESPACE = "my-plugin"

CONFIG_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["message"],
    "properties": {
        "message": {"description": "What the greeting says.", "type": "string"},
    },
}


def told(run):
    """An exception would end as a trap without a word; the log carries it out.

    `traceback.format_exc` would look for the source's lines, and there are no files.
    """

    @functools.wraps(run)
    def wrapped(*arguments):
        try:
            return run(*arguments)
        except Exception as error:
            lines = [f"{type(error).__name__}: {error}"]
            for frame, line in traceback.walk_tb(error.__traceback__):
                lines.append(f"    at {frame.f_code.co_filename}:{line} in {frame.f_code.co_name}")
            log.write(log.Level.ERROR, "\n".join(lines))
            raise

    return wrapped


class Plugin(exports.Plugin):
    @told
    def describe(self) -> wit.Description:
        return wit.Description(
            name="my-plugin",
            version="0.1.0",
            summary="a greeting",
            config_schema=json.dumps(CONFIG_SCHEMA),
            provides=[wit.FactKind("namespace", "")],
            consumes=[],
            schemas=[],
            grants=wit.Grants(
                namespaces=[NAMESPACE],
                cluster_kinds=[],
                host_paths=[],
                facts=[wit.FactGrant("namespace", [NAMESPACE])],
            ),
        )

    @told
    def facts(self, cluster: str, config: str) -> wit.Statement:
        namespace = json.dumps({"name": NAMESPACE})
        return wit.Statement([wit.Fact("namespace", wit.FactScope_Cluster(), namespace)], [])

    @told
    def render(self, cluster: str, config: str, facts: list) -> wit.Rendering:
        message = f"{json.loads(config)['message']} from {json.loads(cluster)['name']}"
        greeting = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "greeting", "namespace": NAMESPACE},
            "data": {"message": message},
        }
        manifest = wit.Manifest(
            wit.Phase.APPS, json.dumps(greeting), wit.Prune.PRUNE, health=None
        )
        return wit.Rendering([wit.Artifact_Manifest(manifest)], [])
