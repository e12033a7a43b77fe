"""Makes the demo's data anew from the shared data: `python3 make.py [SHARED_DATA]`; see ../README.md."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import advisories
import cargo
import cyclonedx
import npm
import notice
import portfolio
import pypi
import verify
from graph import Graph

OUT = portfolio.HERE.parent
READERS = {"Cargo.lock": cargo, "package-lock.json": npm, "yarn.lock": npm, "pnpm-lock.yaml": npm}


def main() -> None:
    repository = portfolio.HERE.parents[3]
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else repository.parent / "shared/data"
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([data / "unpack", scratch], check=True, stdout=subprocess.DEVNULL)
        plan = portfolio.load(data)
        lines, positions = documents(plan, Path(scratch) / "projects")
    compress("\n".join(lines) + "\n", OUT / "builds.jsonl.zst")
    (OUT / "demo.toml").write_text(manifest(plan, positions))
    records = advisories.collect(data)
    compress("".join(advisories.line(r) for r in records), OUT / "advisories.jsonl.zst")
    (OUT / "NOTICE.md").write_text(notice.text(plan, records, data))
    verify.main(OUT)


def documents(plan: portfolio.Portfolio, projects: Path) -> tuple[list[str], dict[str, int]]:
    """One document a source, in the order of first use, and the position of each."""
    lines, positions = [], {}
    for build in plan.builds:
        source = build.source
        if source.folder in positions:
            continue
        graph = read(projects / source.folder, build.project, source)
        verify.graph(graph, source)
        positions[source.folder] = len(lines)
        lines.append(cyclonedx.document(graph, f"{source.time:%Y-%m-%dT%H:%M:%SZ}", f"{source.folder}@{source.commit}"))
    return lines, positions


def read(folder: Path, name: str, source: portfolio.Source) -> Graph:
    return READERS.get(source.lockfile, pypi).read(folder, name)


def manifest(plan: portfolio.Portfolio, positions: dict[str, int]) -> str:
    """demo.toml: the projects, then the builds in the order of time."""
    parts = ["# Made by make/make.py from make/portfolio.toml; do not edit.\n"]
    for project in plan.projects:
        fields = {k: project[k] for k in ("name", "team", "tags")}
        parts.append(table("project", {**fields, "default_ref": "main"}))
    for build in plan.builds:
        parts.append(
            table(
                "build",
                {
                    "project": build.project,
                    "ref": build.ref,
                    "channel": build.channel,
                    "commit": build.source.commit,
                    "time": f"{build.time:%Y-%m-%dT%H:%M:%SZ}",
                    "document": positions[build.source.folder],
                },
            )
        )
    return "\n".join(parts)


def table(name: str, fields: dict) -> str:
    return f"[[{name}]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in fields.items())


def compress(text: str, path: Path) -> None:
    subprocess.run(["zstd", "-q", "-f", "-19", "--long=25", "-o", path], input=text.encode(), check=True)


if __name__ == "__main__":
    main()
