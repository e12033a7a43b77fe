"""A project's resolved packages and what depends on what, whatever lockfile it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

RUNTIME, OPTIONAL, DEV = 0, 1, 2
"""Scopes, from the one that ships to the one that does not: when in doubt the smaller one holds."""


@dataclass
class Package:
    """One package version. `purl` is its identity: two lock entries with one purl are one package."""

    name: str
    version: str | None
    purl: str | None
    group: str | None = None
    hashes: list[tuple[str, str]] = field(default_factory=list)
    license: str | None = None
    scope: int = RUNTIME
    local: bool = False


@dataclass
class Graph:
    """`edges` are pairs of purls; the root's own edges are in `direct`."""

    root: Package
    packages: dict[str, Package] = field(default_factory=dict)
    edges: set[tuple[str, str]] = field(default_factory=set)
    direct: set[str] = field(default_factory=set)
    complete: bool = True

    def add(self, package: Package) -> str:
        """Adds a package, or folds it into the one with the same purl; the wider scope wins."""
        known = self.packages.setdefault(package.purl, package)
        known.scope = min(known.scope, package.scope)
        known.hashes = known.hashes or package.hashes
        known.license = known.license or package.license
        return package.purl

    def link(self, parent: str | None, child: str) -> None:
        """Says that `parent` (the root if None) depends on `child`."""
        if parent is None:
            self.direct.add(child)
        elif parent != child:
            self.edges.add((parent, child))

    def children(self) -> dict[str, set[str]]:
        children: dict[str, set[str]] = {}
        for parent, child in self.edges:
            children.setdefault(parent, set()).add(child)
        return children

    def reach(self, start: set[str], without: frozenset[tuple[str, str]] = frozenset()) -> set[str]:
        """Everything that `start` leads to, `start` itself included, not walking over `without`."""
        children = self.children()
        seen, todo = set(start), list(start)
        while todo:
            parent = todo.pop()
            new = {c for c in children.get(parent, ()) if (parent, c) not in without} - seen
            seen |= new
            todo.extend(new)
        return seen

    def demote_unreached(self, runtime: set[str]) -> None:
        """Everything that does not ship is a development dependency."""
        for purl, package in self.packages.items():
            if purl not in runtime:
                package.scope = DEV
