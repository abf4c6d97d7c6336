"""What pods must not do on their node: Tetragon policies from a stack's rules.

The plugin is the class at the end; componentize-py finds it by the name of the
interface that it implements. `wit_world` is what componentize-py makes of
wit/plugin.wit.
"""

import json
from difflib import get_close_matches

from wit_world import exports
from wit_world.exports import plugin as wit

import policies

PATHS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "string", "pattern": "^/"},
}

CONFIG_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "rules": {
            "description": "What pods of the declared namespaces must not do, by a name of its own.",
            "type": "object",
            "propertyNames": {"pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"},
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "anyOf": [{"required": ["programs"]}, {"required": ["files"]}],
                "properties": {
                    "programs": {
                        **PATHS,
                        "description": "Programs that must not be run; one that ends in / is everything below.",
                    },
                    "files": {
                        **PATHS,
                        "description": "Files that must not be touched; one that ends in / is everything below.",
                    },
                    "only": {
                        "description": "The workloads that it holds for, as NAMESPACE/WORKLOAD; without it, all pods.",
                        "type": "array",
                        "minItems": 1,
                        "uniqueItems": True,
                        "items": {"type": "string"},
                    },
                },
            },
        }
    },
}


def manifest(policy: dict) -> wit.Artifact_Manifest:
    return wit.Artifact_Manifest(
        wit.Manifest(wit.Phase.CONFIG, json.dumps(policy), wit.Prune.PRUNE, health=None)
    )


def unknown_workloads(rules: dict, namespaces: dict):
    """An error for every workload that a rule names and the stack does not declare."""
    known = [
        f"{namespace}/{workload}"
        for namespace, declared in namespaces.items()
        for workload in declared.get("workloads", {})
    ]
    for name, rule in rules.items():
        for index, wanted in enumerate(rule.get("only", [])):
            if wanted not in known:
                yield wit.Diagnostic(
                    wit.Severity.ERROR,
                    "unknown-workload",
                    f"the stack declares no workload `{wanted}`",
                    wit.Place_Config(f"/rules/{name}/only/{index}"),
                    [f"did you mean `{close}`?" for close in get_close_matches(wanted, known, 1)],
                )


def targets(name: str, rule: dict, namespaces: dict) -> list:
    """Where a rule holds: namespace, name of the policy, labels of its pods."""
    if "only" not in rule:
        return [(namespace, name, None) for namespace in namespaces]
    chosen = [workload.split("/") for workload in rule["only"]]
    return [
        (namespace, f"{name}.{workload}", namespaces[namespace]["workloads"][workload]["labels"])
        for namespace, workload in chosen
    ]


class Plugin(exports.Plugin):
    def describe(self) -> wit.Description:
        return wit.Description(
            name="tetragon",
            version="0.1.0",
            summary="what pods must not run or touch, as Tetragon policies",
            config_schema=json.dumps(CONFIG_SCHEMA),
            provides=[],
            consumes=[],
            schemas=[
                wit.ObjectSchema(
                    policies.API_VERSION,
                    policies.KIND,
                    wit.ObjectScope.NAMESPACED,
                    json.dumps(policies.SCHEMA),
                )
            ],
            grants=wit.Grants(
                namespaces=["*"],
                # Nobody but this plugin describes the kind.
                cluster_kinds=[f"{policies.KIND}.cilium.io"],
                host_paths=[],
                facts=[],
            ),
        )

    def facts(self, cluster: str, config: str) -> wit.Statement:
        return wit.Statement([], [])

    def render(self, cluster: str, config: str, facts: list) -> wit.Rendering:
        namespaces = json.loads(cluster).get("namespaces", {})
        rules = json.loads(config).get("rules", {})
        if problems := list(unknown_workloads(rules, namespaces)):
            return wit.Rendering([], problems)
        artifacts = [
            manifest(policies.policy(namespace, policy, rule, mode, labels))
            for name, rule in sorted(rules.items())
            for namespace, policy, labels in targets(name, rule, namespaces)
            if (mode := namespaces[namespace]["mode"]) in policies.ACTIONS
        ]
        return wit.Rendering(artifacts, [])
