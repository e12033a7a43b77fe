"""A graph as a CycloneDX 1.6 document, byte for byte the same for the same input."""

from __future__ import annotations

import json
import uuid

from graph import DEV, OPTIONAL, Graph, Package

TOOL = {"type": "application", "name": "plumbline-demo-make", "version": "1"}
SPDX_IDS = frozenset(
    "0BSD AFL-2.1 Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC-BY-3.0 CC-BY-4.0"
    " CC0-1.0 GPL-2.0-only GPL-3.0-only ISC LGPL-3.0-only MIT MIT-0 MPL-2.0 Python-2.0 Unlicense WTFPL Zlib".split()
)
"""Identifiers that may stand in `license.id`; any other text is a name or an expression."""


def document(graph: Graph, timestamp: str, seed: str) -> str:
    """One line of JSON. `seed` makes the serial number."""
    root = {"type": "application", **component(graph.root, "root")}
    root.pop("scope", None)
    body = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, 'plumbline-demo:' + seed)}",
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "lifecycles": [{"phase": "pre-build"}],
            "tools": {"components": [TOOL]},
            "component": root,
        },
        "components": [
            {"type": "library", **component(graph.packages[purl], purl)} for purl in sorted(graph.packages)
        ],
        "dependencies": dependencies(graph),
        "compositions": [{"aggregate": "complete" if graph.complete else "incomplete", "dependencies": ["root"]}],
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def component(package: Package, reference: str) -> dict:
    found: dict = {"bom-ref": reference}
    if package.group:
        found["group"] = package.group
    found["name"] = package.name
    if package.version:
        found["version"] = package.version
    if package.scope in (OPTIONAL, DEV):
        found["scope"] = "optional" if package.scope == OPTIONAL else "excluded"
    if package.hashes:
        found["hashes"] = [{"alg": algorithm, "content": digest} for algorithm, digest in package.hashes]
    if package.license:
        found["licenses"] = [license_choice(package.license)]
    if package.purl:
        found["purl"] = package.purl
    if package.scope == DEV and (package.purl or "").startswith("pkg:npm/"):
        found["properties"] = [{"name": "cdx:npm:package:development", "value": "true"}]
    return found


def license_choice(text: str) -> dict:
    if text in SPDX_IDS:
        return {"license": {"id": text}}
    if " OR " in text or " AND " in text or " WITH " in text:
        return {"expression": text}
    return {"license": {"name": text}}


def dependencies(graph: Graph) -> list[dict]:
    """Every reference once, the root first, as the format asks for."""
    children = graph.children()
    found = [{"ref": "root", "dependsOn": sorted(graph.direct)}]
    for purl in sorted(graph.packages):
        node = {"ref": purl}
        if purl in children:
            node["dependsOn"] = sorted(children[purl])
        found.append(node)
    return found
