"""From rules to Tetragon policies: plain data, nothing of the plugin's interface."""

API_VERSION = "cilium.io/v1alpha1"
KIND = "TracingPolicyNamespaced"

# What a namespace's mode means for whoever breaks a rule.
ACTIONS = {"audit": "Post", "enforce": "Sigkill"}

STRING = {"type": "string"}
INDEX = {"type": "integer", "format": "int32"}


def list_of(properties: dict) -> dict:
    return {"type": "array", "items": {"type": "object", "properties": properties}}


# The part of Tetragon's schema that the policies use. What is not in here is a
# misspelt field, and ztgit refuses it before Tetragon would.
SCHEMA = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "podSelector": {
                    "type": "object",
                    "properties": {
                        "matchLabels": {"type": "object", "additionalProperties": STRING}
                    },
                },
                "kprobes": list_of(
                    {
                        "call": STRING,
                        "syscall": {"type": "boolean"},
                        "message": {"type": "string", "maxLength": 256},
                        "args": list_of({"index": INDEX, "type": STRING}),
                        "selectors": list_of(
                            {
                                "matchArgs": list_of(
                                    {
                                        "index": INDEX,
                                        "operator": {"enum": ["Equal", "Prefix"], "type": "string"},
                                        "values": {"type": "array", "items": STRING},
                                    }
                                ),
                                "matchActions": list_of(
                                    {"action": {"enum": ["Post", "Sigkill"], "type": "string"}}
                                ),
                            }
                        ),
                    }
                ),
            },
        }
    },
}


def policy(namespace: str, name: str, rule: dict, mode: str, labels: dict | None) -> dict:
    """One rule for a namespace, or for its pods with these labels."""
    action = ACTIONS[mode]
    message = f"ztgit rule {name.partition('.')[0]}"
    kprobes = []
    if programs := rule.get("programs"):
        kprobes.append(kprobe("security_bprm_check", "linux_binprm", programs, action, message))
    if files := rule.get("files"):
        # Reading and writing, and mapping into memory, which is both without a call.
        kprobes.append(kprobe("security_file_permission", "file", files, action, message))
        kprobes.append(kprobe("security_mmap_file", "file", files, action, message))
    selector = {"podSelector": {"matchLabels": labels}} if labels else {}
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {**selector, "kprobes": kprobes},
    }


def kprobe(call: str, kind: str, paths: list, action: str, message: str) -> dict:
    """A function of the kernel whose first argument has one of the paths."""
    whole = sorted(path for path in paths if not path.endswith("/"))
    below = sorted(path for path in paths if path.endswith("/"))
    return {
        "call": call,
        "syscall": False,
        "message": message,
        "args": [{"index": 0, "type": kind}],
        # One selector that matches is enough.
        "selectors": [
            {
                "matchArgs": [{"index": 0, "operator": operator, "values": values}],
                "matchActions": [{"action": action}],
            }
            for operator, values in (("Equal", whole), ("Prefix", below))
            if values
        ],
    }
