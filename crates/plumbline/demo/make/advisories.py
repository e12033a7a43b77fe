"""The advisory snapshot as lines in the order in which its records became known."""

from __future__ import annotations

import bisect
import json
import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

ECOSYSTEMS = ("npm", "PyPI", "crates.io")
NUMBERED = re.compile(r"\b(CVE|PYSEC|RUSTSEC)-((?:19|20)\d{2})-(\d+)\b")
NPM_NUMBER = re.compile(r"npmjs\.com/advisories/(\d{1,4})\b")
SNYK_DAY = re.compile(r"npm(?:%3A|:)[\w.@/-]+(?:%3A|:)(20\d{2})(\d{2})(\d{2})\b", re.IGNORECASE)
NEIGHBOURS = 7
"""How many dated numbers on either side an undated one is placed between."""
FIRST_YEAR = 1999
"""Of the CVE list; an earlier date in a record is a filler."""


@dataclass(frozen=True)
class Known:
    """`basis` says how `time` is known.

    `published` and `alias` (another record of the same vulnerability) are facts, `reference` is a day in a link,
    `number` is an estimate from the dates of neighbouring identifiers, `modified` means at the latest.
    """

    time: datetime
    basis: str
    record: dict


def collect(data: Path) -> list[Known]:
    records = {r["id"]: r for e in ECOSYSTEMS for r in read(data / "advisories" / e / "all.zip")}
    earlier = [r for e in ECOSYSTEMS for r in read(data / "advisories-earlier" / e / "all.zip")]
    dates = Dates([*records.values(), *earlier])
    known = [Known(*dates.of(r), r) for r in records.values()]
    return sorted(known, key=lambda k: (k.time, k.record["id"]))


def read(path: Path) -> list[dict]:
    with zipfile.ZipFile(path) as archive:
        return [json.loads(archive.read(name)) for name in sorted(archive.namelist()) if name.endswith(".json")]


def line(known: Known) -> str:
    body = {"known": f"{known.time:%Y-%m-%dT%H:%M:%SZ}", "basis": known.basis, "record": known.record}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False) + "\n"


class Series:
    """Identifiers that were given out roughly in the order of time, and the dates of some of them."""

    def __init__(self) -> None:
        self.dated: list[tuple[int, datetime]] = []

    def put(self, number: int, time: datetime) -> None:
        bisect.insort(self.dated, (number, time))

    def estimate(self, number: int) -> datetime | None:
        """The median date of the nearest dated numbers."""
        at = bisect.bisect_left(self.dated, number, key=lambda pair: pair[0])
        near = sorted(time for _, time in self.dated[max(0, at - NEIGHBOURS) : at + NEIGHBOURS])
        return near[len(near) // 2] if near else None


class Dates:
    """When a record became known. Most of the snapshot's GitHub records carry no `published` of their own."""

    def __init__(self, records: list[dict]):
        self.by_name: dict[str, datetime] = {}
        self.numbers: dict[tuple[str, int], Series] = defaultdict(Series)
        self.npm = Series()
        for record in records:
            if "published" in record:
                for name in names(record):
                    time = parse(record["published"])
                    self.by_name[name] = min(time, self.by_name.get(name, time))
        for name, time in self.by_name.items():
            # A number that was published years after it was given out says nothing about its neighbours.
            if (found := NUMBERED.fullmatch(name)) and time.year - int(found[2]) in (0, 1):
                self.numbers[found[1], int(found[2])].put(int(found[3]), time)
        for record in records:
            time, basis = self.of(record)
            if basis != "modified" and (number := npm_number(record)):
                self.npm.put(number, time)

    def of(self, record: dict) -> tuple[datetime, str]:
        if "published" in record:
            return parse(record["published"]), "published"
        latest = parse(record["modified"])
        found, basis = self.derived(record)
        if found is None:
            return latest, "modified"
        found = max(found, earliest(record))
        return (min(found, latest) if latest.year >= FIRST_YEAR else found), basis

    def derived(self, record: dict) -> tuple[datetime | None, str]:
        times = [self.by_name[n] for n in names(record) if n in self.by_name]
        if times:
            return min(times), "alias"
        if day := reference_day(record):
            return day, "reference"
        estimates = [e for n in names(record) if (e := self.estimate(n))]
        estimates = estimates or [e for n in cited(record) if (e := self.by_name.get(n) or self.estimate(n))]
        if not estimates and (number := npm_number(record)):
            estimates = [e for e in [self.npm.estimate(number)] if e]
        return (min(estimates), "number") if estimates else (None, "modified")

    def estimate(self, name: str) -> datetime | None:
        """From the numbers of the same year; the middle of a year of which no date is known."""
        found = NUMBERED.fullmatch(name)
        if not found:
            return None
        year = int(found[2])
        return self.numbers[found[1], year].estimate(int(found[3])) or datetime(year, 7, 1, tzinfo=timezone.utc)


def earliest(record: dict) -> datetime:
    """No record is older than the year of any number that it bears."""
    years = [int(found[2]) for name in names(record) if (found := NUMBERED.fullmatch(name))]
    return datetime(max(years, default=FIRST_YEAR), 1, 1, tzinfo=timezone.utc)


def links(record: dict) -> list[str]:
    return [reference["url"] for reference in record.get("references", [])]


def reference_day(record: dict) -> datetime | None:
    """Snyk's older identifiers end in the day of publication."""
    for link in links(record):
        if found := SNYK_DAY.search(link):
            try:
                return datetime(*map(int, found.groups()), tzinfo=timezone.utc)
            except ValueError:
                continue
    return None


def cited(record: dict) -> set[str]:
    """Identifiers in the record's links."""
    return {found[0] for link in links(record) for found in NUMBERED.finditer(link)}


def npm_number(record: dict) -> int | None:
    """The number that npm's own advisory list, which ended in 2020, gave it."""
    found = [int(f[1]) for link in links(record) if (f := NPM_NUMBER.search(link))]
    return min(found) if found else None


def names(record: dict) -> set[str]:
    return {record["id"], *record.get("aliases", [])}


def parse(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(timezone.utc).replace(microsecond=0)
