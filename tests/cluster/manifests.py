"""Kubernetes manifests against the published definitions of Kubernetes itself."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

DEFINITIONS = json.loads((Path(__file__).parent / "vendor" / "kubernetes-1.31.json").read_text("utf-8"))
GROUPS = {"v1": "core.v1", "batch/v1": "batch.v1", "rbac.authorization.k8s.io/v1": "rbac.v1"}


def documents(text: str) -> list[dict[str, Any]]:
    """The manifests of a file."""
    return [one for one in yaml.safe_load_all(text) if one]


def faults(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What Kubernetes would refuse: unknown fields, wrong types, missing ones; where, and why."""
    group, kind = GROUPS.get(str(manifest.get("apiVersion"))), manifest.get("kind")
    name = f"io.k8s.api.{group}.{kind}"
    if name not in DEFINITIONS:
        yield f"{manifest.get('apiVersion')} {kind}: there is no definition of it"
        return
    schema = {"$ref": f"#/$defs/{name}", "$defs": DEFINITIONS}
    for error in Draft202012Validator(schema).iter_errors(manifest):
        yield f"{kind} {'.'.join(str(part) for part in error.absolute_path)}: {error.message}"
