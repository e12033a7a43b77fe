"""Where the demo's data comes from and under which licences: NOTICE.md."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from portfolio import Portfolio

HEAD = """# Origins and licences of the demo's data

## builds.jsonl.zst

CycloneDX documents made by `make/` from the lockfiles and manifests of these public projects. What a document
lists are facts about the project at that commit: names, versions, digests, licences and dependencies.

| project | lockfile | repository | commits | licence |
|---|---|---|---|---|
"""

ADVISORIES = """
## advisories.jsonl.zst

{total} advisory records of npm, crates.io and PyPI, unchanged, each with the time from which the demo knows it.
The parts and their licences, as the data's own notice has them (CC-BY: attribution; CC-BY-SA-4.0: attribution, and the
same licence for adaptations):

| part | origin | licence |
|---|---|---|
{rows}

How the time is known, in records: {bases}.
`published` is the record's own; `alias` that of another record of the
same vulnerability; `reference` a day in one of its links; `number` an estimate from the dates of neighbouring
identifiers; `modified` at the latest.
"""


def text(plan: Portfolio, records: list, data: Path) -> str:
    bases = ", ".join(f"{basis} {count}" for basis, count in Counter(r.basis for r in records).most_common())
    rows = "\n".join(advisory_rows(data / "advisories-LICENCES.md"))
    return HEAD + "\n".join(project_rows(plan)) + "\n" + ADVISORIES.format(total=len(records), rows=rows, bases=bases)


def project_rows(plan: Portfolio) -> list[str]:
    rows = []
    for project in plan.projects:
        sources = dict.fromkeys(b.source for b in plan.builds if b.project == project["name"])
        first = next(iter(sources))
        commits = ", ".join(dict.fromkeys(s.commit for s in sources))
        rows.append(f"| {project['name']} | {first.lockfile} | {first.repository} | {commits} | {first.license} |")
    return rows


def advisory_rows(path: Path) -> list[str]:
    """The rows of the data's notice that speak of the three ecosystems."""
    wanted = re.compile(r"crates\.io|PyPI|npm")
    rows = [line for line in path.read_text().splitlines() if line.startswith("| ") and "---" not in line]
    return [row.replace("bucket/", "") for row in rows[1:] if wanted.search(row.split("|")[1])]
