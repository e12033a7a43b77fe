"""What must hold for the demo's data; `python3 verify.py` checks the files as they are shipped."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

MOST_BYTES = 60 * 1024 * 1024


def graph(found, source) -> None:
    """Compares a graph with the number of packages that INDEX.md counted in the lockfile.

    The index counts entries: an npm package at several places counts several times, and a Cargo lock's own root once;
    a requirements.txt is counted by its pinned lines only. So it is a bound for those, and exact for the others.
    """
    count = len(found.packages)
    exact = source.lockfile in ("pnpm-lock.yaml", "yarn.lock", "poetry.lock")
    roots = source.lockfile in ("Cargo.lock", "uv.lock")
    slack = {True: range(1), False: range(2) if roots else range(-20, 1000)}[exact]
    if source.packages - count not in slack:
        raise ValueError(f"{source.folder}: {count} packages, the index says {source.packages}")
    if found.complete and len(found.reach(found.direct)) < count * 0.98:
        raise ValueError(f"{source.folder}: the root does not lead to everything")


def main(folder: Path) -> None:
    plan = tomllib.loads((folder / "demo.toml").read_text())
    documents = lines(folder / "builds.jsonl.zst")
    records = lines(folder / "advisories.jsonl.zst")
    for text in documents:
        document(json.loads(text))
    names = {p["name"] for p in plan["project"]}
    times = [b["time"] for b in plan["build"]]
    assert times == sorted(set(times)), "builds are in order, no two at once"
    assert {b["project"] for b in plan["build"]} == names, "every project has builds, every build a project"
    assert {b["document"] for b in plan["build"]} == set(range(len(documents))), "every document is used"
    known = [json.loads(text) for text in records]
    assert [k["known"] for k in known] == sorted(k["known"] for k in known), "advisories are in order"
    assert len({k["record"]["id"] for k in known}) == len(known), "no advisory twice"
    total = sum(map(len, documents)) + sum(map(len, records))
    assert total <= MOST_BYTES, f"{total} bytes unpacked"
    print(f"{len(names)} projects, {len(times)} builds, {len(documents)} documents, {len(known)} advisories, {total} bytes")


def lines(path: Path) -> list[bytes]:
    output = subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout
    return output.splitlines()


def document(found: dict) -> None:
    """References are unique, edges lead somewhere, purls are the references, no component is the root."""
    references = [c["bom-ref"] for c in found["components"]]
    assert len(references) == len(set(references))
    nodes = {d["ref"]: d.get("dependsOn", []) for d in found["dependencies"]}
    assert nodes.keys() == {"root", *references}
    assert all(child in references for child in set().union(*map(set, nodes.values())))
    assert nodes["root"], "the root depends on something"
    assert all(c["purl"] == c["bom-ref"] for c in found["components"])


if __name__ == "__main__":
    main(Path(__file__).parent.parent)
