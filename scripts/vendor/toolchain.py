"""What comes from the Go module proxy: module trees and the two programs.

Enters: `versions.json`, the only place that pins a version. Leaves: paths of
unpacked modules, and YAML documents as Python values. Go verifies every module
against its checksum database.
"""

import atexit
import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = json.loads((HERE / "versions.json").read_text())


def module(path):
    """The unpacked tree of a pinned data module."""
    return _tree(path, VERSIONS["data"][path])


def all_versions(path):
    """Version and unpacked tree of a pinned data module, and of its older ones."""
    versions = [*VERSIONS["older"].get(path, []), VERSIONS["data"][path]]
    return [(version, _tree(path, version)) for version in versions]


def _tree(path, version):
    answer = json.loads(_run(["go", "mod", "download", "-json", f"{path}@{version}"], cwd="/"))
    return pathlib.Path(answer["Dir"])


def yaml_documents(paths):
    """All documents of these files, in the order given."""
    return json.loads(_run([_workspace() / "yaml2json", *paths]))


def generated_crds(package):
    """The CustomResourceDefinitions that controller-gen makes of Go types."""
    workspace = _workspace()
    text = _run(
        ["./controller-gen", "crd:crdVersions=v1", f"paths={package}", "output:crd:stdout"],
        cwd=workspace,
    )
    generated = workspace / "generated.yaml"
    generated.write_text(text)
    return yaml_documents([generated])


@functools.cache
def _workspace():
    """A Go module of our own, in which the programs are built and run."""
    workspace = pathlib.Path(tempfile.mkdtemp(prefix="vendor-"))
    atexit.register(shutil.rmtree, workspace, ignore_errors=True)
    requirements = "".join(f"require {path} {version}\n" for path, version in VERSIONS["go"].items())
    (workspace / "go.mod").write_text(f"module ztgit.dev/vendor\ngo 1.26\n{requirements}")
    shutil.copy(HERE / "yaml2json.go", workspace / "yaml2json.go")
    _run(["go", "build", "-o", "yaml2json", "yaml2json.go"], cwd=workspace)
    _run(["go", "build", "sigs.k8s.io/controller-tools/cmd/controller-gen"], cwd=workspace)
    _refuse_raised_versions(workspace)
    return workspace


def _refuse_raised_versions(workspace):
    """A dependency may ask for more than what is pinned; Go would then take that."""
    for path, pinned in VERSIONS["go"].items():
        chosen = _run(["go", "list", "-m", "-f", "{{.Version}}", path], cwd=workspace).strip()
        if chosen != pinned:
            raise SystemExit(f"{path}: pinned {pinned}, but another module needs {chosen}")


def _run(command, cwd=None):
    environment = {**os.environ, "GOFLAGS": "-mod=mod"}
    done = subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout
