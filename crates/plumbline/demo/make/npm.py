"""package-lock.json (versions 1 to 3), yarn.lock (version 1) and pnpm-lock.yaml (version 9)."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import quote

from graph import DEV, OPTIONAL, RUNTIME, Graph, Package

TABLES = ("dependencies", "optionalDependencies", "devDependencies", "peerDependencies")
SHIPPED = ("dependencies", "optionalDependencies", "peerDependencies")
ALGORITHMS = {"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def read(folder: Path, name: str) -> Graph:
    manifest = json.loads((folder / "package.json").read_text())
    graph = Graph(make(manifest.get("name", name), manifest.get("version"), license=manifest.get("license"), local=True))
    if (folder / "package-lock.json").exists():
        lock = json.loads((folder / "package-lock.json").read_text())
        return PackagesTable(graph, lock).graph if "packages" in lock else NestedTable(graph, lock, manifest).graph
    if (folder / "yarn.lock").exists():
        return read_yarn(graph, (folder / "yarn.lock").read_text(), manifest)
    return read_pnpm(graph, (folder / "pnpm-lock.yaml").read_text())


def make(name, version, integrity=None, license=None, scope=RUNTIME, resolved=None, local=False) -> Package:
    group, _, short = name.rpartition("/")
    purl = "pkg:npm/" + (f"{quote(group, safe='')}/" if group else "") + quote(short, safe="")
    purl += f"@{quote(version, safe='')}" if version else ""
    if resolved and resolved.startswith("git"):
        purl += "?vcs_url=" + quote(resolved.replace("#", "@"), safe="/:")
    text = license if isinstance(license, str) else None
    return Package(short, version, purl, group or None, hashes(integrity), text, scope, local)


def hashes(integrity: str | None) -> list[tuple[str, str]]:
    """Subresource integrity as CycloneDX hashes: `sha512-BASE64 sha1-BASE64`."""
    found = []
    for part in (integrity or "").split():
        algorithm, _, digest = part.partition("-")
        if algorithm in ALGORITHMS:
            found.append((ALGORITHMS[algorithm], base64.b64decode(digest.split("?")[0]).hex()))
    return found


def scope_of(entry: dict) -> int:
    if entry.get("dev") or entry.get("devOptional"):
        return DEV if entry.get("dev") else OPTIONAL
    return OPTIONAL if entry.get("optional") else RUNTIME


class PackagesTable:
    """Lock versions 2 and 3: one flat table keyed by place in the tree."""

    def __init__(self, graph: Graph, lock: dict):
        self.graph, self.table, self.purls = graph, lock["packages"], {}
        for place, entry in self.table.items():
            if place and not entry.get("link"):
                self.purls[place] = graph.add(self.package(place, entry))
        for place, entry in self.table.items():
            if not entry.get("link"):
                self.connect(place, entry)
        self.adopt_workspaces()

    @staticmethod
    def package(place: str, entry: dict) -> Package:
        name = entry.get("name") or place.rpartition("node_modules/")[2]
        local = "node_modules/" not in place
        return make(
            name, entry.get("version"), entry.get("integrity"), entry.get("license"), scope_of(entry), entry.get("resolved"), local
        )

    def connect(self, place: str, entry: dict) -> None:
        own = place == "" or "node_modules/" not in place
        for table in TABLES if own else SHIPPED:
            for name in entry.get(table, {}):
                target = self.find(place, name)
                if target is not None:
                    self.graph.link(self.purls.get(place), self.purls[target])

    def find(self, place: str, name: str) -> str | None:
        """Node's own search: beside the package, then in every folder above; links are followed."""
        while True:
            candidate = f"{place}/node_modules/{name}" if place else f"node_modules/{name}"
            if candidate in self.table:
                entry = self.table[candidate]
                return entry["resolved"] if entry.get("link") else candidate
            if not place:
                return None
            place = place.rpartition("/node_modules/")[0] if "/node_modules/" in place else ""

    def adopt_workspaces(self) -> None:
        """A workspace belongs to the product even when nothing else needs it."""
        for place, purl in self.purls.items():
            if "node_modules/" not in place:
                self.graph.link(None, purl)


class NestedTable:
    """Lock version 1: a tree of `dependencies`, with `requires` as the edges."""

    def __init__(self, graph: Graph, lock: dict, manifest: dict):
        self.graph = graph
        self.add_level(lock, [])
        for table in TABLES:
            for name in manifest.get(table, {}):
                self.connect(None, name, [lock])
        self.connect_level(lock, [lock])

    def add_level(self, node: dict, above: list) -> None:
        for name, entry in node.get("dependencies", {}).items():
            version, real = entry["version"], name
            resolved = version if version.startswith(("git", "http", "file:")) else None
            if version.startswith("npm:"):
                real, _, version = version[4:].rpartition("@")
            entry["purl"] = self.graph.add(
                make(real, None if resolved else version, entry.get("integrity"), None, scope_of(entry), resolved)
            )
            self.add_level(entry, [*above, node])

    def connect_level(self, node: dict, chain: list[dict]) -> None:
        for entry in node.get("dependencies", {}).values():
            requires = entry.get("requires")
            for name in requires if isinstance(requires, dict) else ():
                self.connect(entry["purl"], name, [*chain, entry])
            self.connect_level(entry, [*chain, entry])

    def connect(self, parent: str | None, name: str, chain: list[dict]) -> None:
        for node in reversed(chain):
            if name in node.get("dependencies", {}):
                return self.graph.link(parent, node["dependencies"][name]["purl"])


def read_yarn(graph: Graph, text: str, manifest: dict) -> Graph:
    entries = parse_yarn(text)
    for pattern, entry in entries.items():
        entry["purl"] = graph.add(make(yarn_name(pattern), entry["version"], entry.get("integrity"), resolved=entry.get("resolved")))
    for entry in entries.values():
        for table in ("dependencies", "optionalDependencies"):
            for name, wanted in entry.get(table, {}).items():
                graph.link(entry["purl"], entries[f"{name}@{wanted}"]["purl"])
    runtime = set()
    for table in TABLES:
        for name, wanted in manifest.get(table, {}).items():
            if entry := entries.get(f"{name}@{wanted}"):
                graph.link(None, entry["purl"])
                runtime |= {entry["purl"]} if table != "devDependencies" else set()
    graph.demote_unreached(graph.reach(runtime))
    return graph


def yarn_name(pattern: str) -> str:
    """`name@range`, or `alias@npm:name@range`, which is the package it stands for."""
    name, _, wanted = pattern[1:].partition("@")
    return yarn_name(wanted[4:]) if wanted.startswith("npm:") else pattern[0] + name


def parse_yarn(text: str) -> dict[str, dict]:
    """Yarn 1's own format: indented `key value` lines; one entry may stand for several patterns."""
    entries: dict[str, dict] = {}
    current, table = {}, None
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words = [w.strip('"') for w in re.findall(r'"[^"]*"|[^\s,:"][^\s,"]*', line)]
        if not line.startswith(" "):
            current = {}
            entries.update({w.removesuffix(":"): current for w in words})
        elif line.startswith("    "):
            current[table][words[0]] = words[1]
        elif line.endswith(":"):
            table = words[0].removesuffix(":")
            current[table] = {}
        else:
            current[words[0]] = words[1]
    return entries


def read_pnpm(graph: Graph, text: str) -> Graph:
    import yaml

    lock = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    bare = lambda key: key.split("(")[0]  # noqa: E731  what follows is the peers it was resolved with
    purls = {}
    for key, entry in lock["packages"].items():
        name, _, version = key.rpartition("@")
        purls[key] = graph.add(make(name, version, entry.get("resolution", {}).get("integrity")))
    for key, entry in lock["snapshots"].items():
        for table in ("dependencies", "optionalDependencies"):
            for name, version in entry.get(table, {}).items():
                if target := purls.get(bare(version)) or purls.get(f"{name}@{bare(version)}"):
                    graph.link(purls[bare(key)], target)
    runtime = set()
    for importer in lock["importers"].values():
        for table in TABLES:
            for name, spec in importer.get(table, {}).items():
                version = bare(spec["version"])
                if target := purls.get(version) or purls.get(f"{name}@{version}"):
                    graph.link(None, target)
                    runtime |= {target} if table != "devDependencies" else set()
    graph.demote_unreached(graph.reach(runtime))
    return graph
