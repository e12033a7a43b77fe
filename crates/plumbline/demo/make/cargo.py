"""Cargo.lock (all four versions) and the Cargo.toml files beside it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import quote

from graph import Graph, Package

Key = tuple[str, str]
DEFAULT_REGISTRY = re.compile(r"^(registry|sparse)\+https://(github\.com/rust-lang/crates\.io-index|index\.crates\.io/?)")
DEPENDENCY = re.compile(r"^(?P<name>\S+)(?: (?P<version>\S+))?(?: \((?P<source>.*)\))?$")


def read(folder: Path, name: str) -> Graph:
    lock = tomllib.loads((folder / "Cargo.lock").read_text())
    manifests = read_manifests(folder)
    entries = lock.get("package", []) + ([lock["root"]] if "root" in lock else [])
    checksums = {k: v for k, v in lock.get("metadata", {}).items() if k.startswith("checksum ")}
    root_entry = find_root(folder, lock, entries)
    graph = Graph(root_package(folder, name, root_entry))
    purls = {}
    for entry in entries:
        if entry is not root_entry:
            purls[id(entry)] = graph.add(package(entry, checksums))
    dev = link_all(graph, entries, purls, root_entry, manifests)
    adopt_members(graph)
    runtime = graph.reach({p for p in graph.direct if (None, p) not in dev}, frozenset(dev))
    graph.demote_unreached(runtime)
    return graph


def read_manifests(folder: Path) -> dict[str, dict]:
    """Every Cargo.toml below the folder that names a package, by that name."""
    found = {}
    for path in sorted(folder.rglob("Cargo.toml")):
        manifest = tomllib.loads(path.read_text())
        if "package" in manifest:
            found[manifest["package"]["name"]] = manifest
    return found


def find_root(folder: Path, lock: dict, entries: list[dict]) -> dict | None:
    """The entry of the package at the folder itself; None for a virtual workspace."""
    if "root" in lock:
        return lock["root"]
    manifest = tomllib.loads((folder / "Cargo.toml").read_text())
    name = manifest.get("package", {}).get("name")
    own = [e for e in entries if e["name"] == name and "source" not in e]
    return own[0] if own else None


def root_package(folder: Path, name: str, entry: dict | None) -> Package:
    manifest = tomllib.loads((folder / "Cargo.toml").read_text())
    if entry is None:
        version = manifest.get("workspace", {}).get("package", {}).get("version")
        return Package(name, version, None, local=True)
    license_text = manifest.get("package", {}).get("license")
    return Package(
        entry["name"],
        entry["version"],
        local_purl(entry),
        license=license_text if isinstance(license_text, str) else None,
        local=True,
    )


def local_purl(entry: dict) -> str:
    """A package of the workspace itself, marked as cargo-cyclonedx marks it: it is not the registry's."""
    return f"pkg:cargo/{entry['name']}@{quote(entry['version'])}?download_url=file://."


def package(entry: dict, checksums: dict[str, str]) -> Package:
    source = entry.get("source")
    if source is None:
        return Package(entry["name"], entry["version"], local_purl(entry), local=True)
    purl = f"pkg:cargo/{entry['name']}@{quote(entry['version'])}"
    if source.startswith("git+"):
        purl += "?vcs_url=" + quote(source.replace("#", "@"), safe="/:")
    elif not DEFAULT_REGISTRY.match(source):
        purl += "?repository_url=" + quote(source.split("+", 1)[1], safe="/:")
    old = checksums.get(f"checksum {entry['name']} {entry['version']} ({source})")
    checksum = entry.get("checksum", old)
    hashes = [("SHA-256", checksum)] if checksum and checksum != "<none>" else []
    return Package(entry["name"], entry["version"], purl, hashes=hashes)


def link_all(graph, entries, purls, root_entry, manifests) -> set[tuple[str | None, str]]:
    """Links every entry to what it names; answers the edges that only tests and examples need."""
    dev_edges = set()
    for entry in entries:
        parent = purls.get(id(entry))
        dev_names = dev_only(manifests.get(entry["name"])) if "source" not in entry else set()
        for text in entry.get("dependencies", []):
            target = resolve(text, entries)
            if target is root_entry:
                continue
            child = purls[id(target)]
            graph.link(parent, child)
            if target["name"] in dev_names:
                dev_edges.add((parent, child))
    return dev_edges


def resolve(text: str, entries: list[dict]) -> dict:
    """The one entry that `name`, `name version` or `name version (source)` means."""
    wanted = DEPENDENCY.match(text).groupdict()
    hits = [
        e
        for e in entries
        if e["name"] == wanted["name"]
        and wanted["version"] in (None, e["version"])
        and (wanted["source"] is None or same_source(wanted["source"], e.get("source")))
    ]
    if len(hits) != 1:
        raise ValueError(f"{text!r} means {len(hits)} packages")
    return hits[0]


def same_source(wanted: str, actual: str | None) -> bool:
    return actual is not None and wanted.split("#")[0] == actual.split("#")[0]


def dev_only(manifest: dict | None) -> set[str]:
    """Names that stand in `dev-dependencies` and in no other table of the manifest."""
    if manifest is None:
        return set()
    tables = [manifest, *manifest.get("target", {}).values()]
    dev, other = set(), set()
    for table in tables:
        dev |= names(table, "dev-dependencies") | names(table, "dev_dependencies")
        other |= names(table, "dependencies") | names(table, "build-dependencies")
    return dev - other


def names(table: dict, key: str) -> set[str]:
    """The packages that a dependency table means, renames undone."""
    return {spec.get("package", name) if isinstance(spec, dict) else name for name, spec in table.get(key, {}).items()}


def adopt_members(graph: Graph) -> None:
    """The product is the whole workspace: a member that nothing else needs hangs from the root."""
    reached = graph.reach(graph.direct)
    needed = {child for _, child in graph.edges}
    members = {purl for purl, p in graph.packages.items() if p.local}
    graph.direct |= members - reached - needed
    graph.direct |= members - graph.reach(graph.direct)
