"""requirements.txt (plain, or annotated by pip-compile and uv), poetry.lock and uv.lock."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import quote

from graph import Graph, Package

REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?P<spec>[^;#]*)")
PIN = re.compile(r"^===?\s*([^\s,*]+)$")
EGG = re.compile(r"^(?:-e\s+)?(?P<url>git\+[^#\s]+)(?:#egg=(?P<name>[\w.-]+))?")


def read(folder: Path, name: str) -> Graph:
    if (folder / "uv.lock").exists():
        return read_uv(folder, name)
    if (folder / "poetry.lock").exists():
        return read_poetry(folder, name)
    return read_requirements(folder, name)


def normal(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def make(name: str, version: str | None, hashes=(), vcs: str | None = None) -> Package:
    purl = f"pkg:pypi/{normal(name)}" + (f"@{quote(version, safe='')}" if version else "")
    purl += "?vcs_url=" + quote(vcs, safe="/:") if vcs else ""
    return Package(name, version, purl, hashes=[("SHA-256", h) for h in hashes])


def read_requirements(folder: Path, name: str) -> Graph:
    """Each line is what the project asks for, unless a `# via` note says who does."""
    graph = Graph(Package(name, None, None, local=True))
    entries = requirement_entries((folder / "requirements.txt").read_text())
    graph.complete = any(via for _, _, via in entries)
    purls: dict[str, str] = {}
    for package, _, _ in entries:
        purls.setdefault(normal(package.name), package.purl)
    for package, _, via in entries:
        if purls[normal(package.name)] != package.purl:
            continue
        graph.add(package)
        parents = [purls.get(normal(v)) for v in via] or [None]
        for parent in parents:
            graph.link(parent, package.purl)
    return graph


def requirement_entries(text: str) -> list[tuple[Package, str, list[str]]]:
    """(package, its line, the names its `# via` note gives: an unknown name is the project itself)"""
    entries: list[tuple[Package, str, list[str]]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.lstrip().startswith("#"):
            note = line.strip("# \t").removeprefix("via").strip()
            if entries and line.startswith(" ") and note:
                entries[-1][2].append(note)
        elif package := requirement(line.strip()):
            entries.append((package, line, []))
    return entries


def requirement(line: str) -> Package | None:
    if git := EGG.match(line):
        name = git["name"] or git["url"].rpartition("/")[2].split("@")[0].removesuffix(".git")
        return make(name, None, vcs=git["url"])
    found = REQUIREMENT.match(line)
    if not found or line.startswith("-"):
        return None
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    pin = PIN.match(found["spec"].split("--hash")[0].strip())
    return make(found["name"], pin[1] if pin else None, hashes[:1])


def read_poetry(folder: Path, name: str) -> Graph:
    lock = tomllib.loads((folder / "poetry.lock").read_text())
    manifest = tomllib.loads((folder / "pyproject.toml").read_text())
    graph = Graph(project(manifest, name))
    purls = {}
    for entry in lock["package"]:
        package = make(entry["name"], entry["version"], [f["hash"][7:] for f in entry.get("files", [])[-1:]])
        purls[normal(entry["name"])] = graph.add(package)
    for entry in lock["package"]:
        for child in entry.get("dependencies", {}):
            if normal(child) in purls:
                graph.link(purls[normal(entry["name"])], purls[normal(child)])
    runtime = {purls[n] for n in declared(manifest) if n in purls}
    graph.direct = runtime | {purls[n] for n in declared_dev(manifest) if n in purls}
    graph.demote_unreached(graph.reach(runtime))
    return graph


def project(manifest: dict, name: str) -> Package:
    about = manifest.get("project", manifest.get("tool", {}).get("poetry", {}))
    return Package(about.get("name", name), about.get("version"), None, local=True)


def declared(manifest: dict) -> set[str]:
    """Names of the dependencies that ship."""
    texts = list(manifest.get("project", {}).get("dependencies", []))
    texts += manifest.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return {normal(REQUIREMENT.match(t)["name"]) for t in texts}


def declared_dev(manifest: dict) -> set[str]:
    poetry = manifest.get("tool", {}).get("poetry", {})
    texts = list(poetry.get("dev-dependencies", {}))
    for group in poetry.get("group", {}).values():
        texts += group.get("dependencies", {})
    for group in manifest.get("dependency-groups", {}).values():
        texts += [t for t in group if isinstance(t, str)]
    return {normal(REQUIREMENT.match(t)["name"]) for t in texts}


def read_uv(folder: Path, name: str) -> Graph:
    lock = tomllib.loads((folder / "uv.lock").read_text())
    manifest = tomllib.loads((folder / "pyproject.toml").read_text())
    graph = Graph(project(manifest, name))
    own = [e for e in lock["package"] if {"virtual", "editable"} & e["source"].keys()]
    purls = {}
    for entry in lock["package"]:
        if entry not in own:
            files = entry.get("wheels", [])[:1] or [entry["sdist"]] if "sdist" in entry else entry.get("wheels", [])[:1]
            package = make(entry["name"], entry["version"], [f["hash"][7:] for f in files])
            purls.setdefault(entry["name"], {})[entry["version"]] = graph.add(package)
    runtime = set()
    for entry in lock["package"]:
        parent = None if entry in own else purls[entry["name"]][entry["version"]]
        for child in uv_children(entry, purls, ("dependencies", "optional-dependencies")):
            graph.link(parent, child)
            runtime |= {child} if parent is None else set()
        for child in uv_children(entry, purls, ("dev-dependencies",)):
            graph.link(parent, child)
    graph.demote_unreached(graph.reach(runtime))
    return graph


def uv_children(entry: dict, purls: dict, tables: tuple[str, ...]) -> list[str]:
    """What an entry names: a list, or lists by extra or group; a version only where the name is not enough."""
    wanted: list[dict] = []
    for table in tables:
        value = entry.get(table, [])
        wanted += value if isinstance(value, list) else [w for group in value.values() for w in group]
    found = []
    for item in wanted:
        versions = purls.get(item["name"], {})
        found += [p for v, p in versions.items() if item.get("version", v) == v]
    return found
