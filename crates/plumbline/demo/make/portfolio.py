"""Which lockfile became which build: portfolio.toml with the dates, commits and licences of the data's INDEX.md."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).parent
LOCKS = ("Cargo.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "uv.lock", "poetry.lock", "requirements.txt")


@dataclass(frozen=True)
class Source:
    """One row of INDEX.md's table of projects."""

    folder: str
    lockfile: str
    packages: int
    date: str
    repository: str
    commit: str
    license: str

    @property
    def time(self) -> datetime:
        """A `ts-NAME/YYYY-MM` folder is the state on the first of that month; others have their commit's date."""
        month = re.search(r"/(\d{4}-\d{2})$", self.folder)
        day = f"{month[1]}-01" if month else self.date
        return datetime.fromisoformat(f"{day}T06:00:00+00:00").astimezone(timezone.utc)


@dataclass(frozen=True)
class Build:
    project: str
    source: Source
    ref: str
    channel: str
    time: datetime


@dataclass(frozen=True)
class Portfolio:
    projects: list[dict]
    builds: list[Build]


def load(data: Path) -> Portfolio:
    plan = tomllib.loads((HERE / "portfolio.toml").read_text())
    index = read_index(data / "INDEX.md")
    builds = []
    for order, project in enumerate(plan["project"]):
        for source in expand(project["sources"], index):
            # Nothing is built in the same minute, so the order of builds is the order of their times.
            time = source.time + timedelta(minutes=7 * order)
            builds.append(Build(project["name"], source, "main", "branch", time))
    for extra in plan["also"]:
        source = index[extra["source"]]
        time = source.time + timedelta(days=extra["days"], hours=3, minutes=len(builds))
        builds.append(Build(extra["project"], source, extra["ref"], extra["channel"], time))
    return Portfolio(plan["project"], sorted(builds, key=lambda b: b.time))


def read_index(path: Path) -> dict[str, Source]:
    found = {}
    for line in path.read_text().splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if len(cells) != 9 or "@" not in cells[7]:
            continue
        origin = re.match(r"(\S+)@([0-9a-f]+)", cells[7])
        found[cells[0]] = Source(cells[0], cells[2], int(cells[4]), cells[6], origin[1], origin[2], cells[8])
    return found


def expand(names: list[str], index: dict[str, Source]) -> list[Source]:
    return [s for name in names for s in index.values() if s.folder == name or s.folder.startswith(name + "/")]
