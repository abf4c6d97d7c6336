"""The values that Cilium's charts read: one tree a minor version.

Neither of the two files of a chart says it all: `values.yaml` and its schema
leave out what is only commented there (such as `policyAuditMode`), and no
schema of Cilium's refuses a key that nothing reads. So the templates are read
too, for every `.Values.a.b` in them.

A node of the tree is one of

- a text: the types that the schema allows, one letter each: `z` null,
  `b` boolean, `i` integer, `n` number, `s` string, `l` list of strings,
  `a` list, `o` map of anything; empty for anything at all;
- a list: the values that are allowed;
- a map: its keys. It has the key `` (with `+`) where further keys are fine,
  because a template copies the map as a whole.
"""

import json
import re

import toolchain

MODULE = "github.com/cilium/cilium"
LETTERS = {
    "null": "z", "boolean": "b", "integer": "i", "number": "n",
    "string": "s", "array": "a", "object": "o",
}
# Of removed values, to refuse them by name.
NOT_READ = {"validate.yaml", "warnings.txt", "NOTES.txt"}
PATH = r"\.Values((?:\.\w+)+)"
READ = re.compile(PATH)
BY_NAME = re.compile(r'(?:hasKey|get|index) \$?\.Values((?:\.\w+)*) "(\w+)"')
DUG = re.compile(r'dig ((?:"\w+" )+).*?\$?\.Values((?:\.\w+)+)')
NAMED = re.compile(r"(\$\w+) :?= \$?" + PATH + r" *-?}}")
COPIED = re.compile(r"(?:toYaml|toJson|with|range|merge|tpl)(?: \(?\$\w+(?:, \$\w+)? :=)? \$?" + PATH + r"(?![.\w])")


def build():
    """One output for each pinned version, by its path."""
    return {
        f"plugins/cilium/data/values-{_line(version)}.json.zz": _tree(root)
        for version, root in toolchain.all_versions(MODULE)
    }


def _line(version):
    return ".".join(version.removeprefix("v").split(".")[:2])


def _tree(module):
    chart = module / "install/kubernetes/cilium"
    [defaults] = toolchain.yaml_documents([chart / "values.yaml"])
    schema = json.loads((chart / "values.schema.json").read_text())
    texts = [
        path.read_text()
        for folder in ("templates", "files")
        for path in sorted((chart / folder).rglob("*"))
        if path.is_file() and path.name not in NOT_READ
    ]
    read = set().union(*map(_read, texts))
    copied = {path for text in texts for path in _paths(COPIED, text)}
    tree = _node((), defaults, schema, copied)
    for path in sorted(read):
        _insert(tree, path)
    return tree


def _read(text):
    """The paths that a template reads."""
    found = set(_paths(READ, text))
    found |= {(*_split(at), key) for at, key in BY_NAME.findall(text)}
    found |= {(*_split(at), *re.findall(r"\w+", keys)) for keys, at in DUG.findall(text)}
    for name, at in NAMED.findall(text):
        variable = re.escape(name)
        keys = re.findall(rf'{variable}\.(\w+)|hasKey {variable} "(\w+)"', text)
        found |= {(*_split(at), one or other) for one, other in keys}
    return found


def _paths(pattern, text):
    return map(_split, pattern.findall(text))


def _split(dotted):
    return tuple(filter(None, dotted.split(".")))


def _node(path, default, schema, copied, inside=False):
    """`inside` a map that is copied as a whole, all below it is copied too."""
    properties = schema.get("properties", {})
    if not isinstance(default, dict) or not default | properties:
        return _leaf(schema)
    is_copied = inside or path in copied
    node = {
        key: _node((*path, key), default.get(key), properties.get(key, {}), copied, is_copied)
        for key in default | properties
    }
    return {"": "+", **node} if is_copied else node


def _leaf(schema):
    choices = schema.get("enum") or next(
        ([None, *each["enum"]] for each in schema.get("oneOf", []) if "enum" in each), None
    )
    if choices:
        return choices
    items = [each.get("type") for each in schema.get("items", {}).get("anyOf", [])]
    letters = "".join(LETTERS[each] for each in sorted(_types(schema)))
    return letters.replace("a", "l") if items == ["string"] else letters


def _types(schema):
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _insert(tree, path):
    """Adds a path that only a template knows; below a leaf all is known."""
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            return
    tree.setdefault(path[-1], "")
