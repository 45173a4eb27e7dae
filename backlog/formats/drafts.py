"""What an item will be when a record is carried over by a chosen mapping, and what could not be carried over."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from backlog.formats import dates
from backlog.formats.dates import DateOrder
from backlog.formats.records import LABELS, Record

BY_RESOLUTION = "resolution"

_TITLE_LENGTH = 300
_DESCRIPTION_LENGTH = 100_000
_NAME_LENGTH = {"component": 80, "tag": 60, "fix_version": 120}
_KEY_LENGTH = 80
_MANY = 200
_YES = ("yes", "true", "1", "x")
_NUMBERS = {
    "points": (Decimal("9999.99"), "0.01"),
    "business_value": (Decimal(1000), "1"),
    "time_criticality": (Decimal(20), "1"),
    "risk_reduction": (Decimal(1000), "1"),
    "penalty_per_week": (Decimal("99999999.99"), "0.01"),
    "debt_principal": (Decimal("999999.99"), "0.01"),
    "debt_interest": (Decimal("999999.99"), "0.01"),
}
_LEVELS = ("architectural", "large_scale")
_DISCIPLINES = ("application", "architecture", "test_architecture", "ux_design", "infrastructure")
_FINISHED = ("done", "accepted")


@dataclass(frozen=True)
class LeftOut:
    """Something of the file that was not carried over, for the report."""

    line: int
    key: str
    what: str
    value: str
    why: str


@dataclass(frozen=True)
class Link:
    """kind: enables, relates or duplicates; source and target: keys as in the file."""

    kind: str
    source: str
    target: str


@dataclass
class Draft:
    """values: columns of Item, and `component`, `further_components`, `tags`, `criteria`, `team`, `goal`,
    `assignee`, `parent` by name; only what the file has a column for. key: as in the file, or empty."""

    line: int
    key: str
    product: str
    values: dict = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    created_at: datetime | None = None
    created_by: int | None = None
    is_pinned: bool = False
    rank: str = ""
    priority: str = ""
    kind_by: str = ""
    left_out: list[LeftOut] = field(default_factory=list)

    def digests(self) -> dict[str, str]:
        """A short hash of each value, to tell later who changed it."""
        return {name: digest(value) for name, value in self.values.items() if name not in _WITH_STATUS} | {
            "links": digest(sorted([link.kind, link.source, link.target] for link in self.links))
        }

    def fingerprint(self) -> str:
        """Equal for equal rows under equal mappings."""
        text = json.dumps([self.product, sorted(self.digests().items())])
        return hashlib.sha256(text.encode()).hexdigest()


# Carried over together with the status, and never compared by themselves.
_WITH_STATUS = ("status_at", "status_reason", "started_at", "done_at")


def digest(value: object) -> str:
    """A short hash of one value; numbers that are equal give the same."""
    if isinstance(value, Decimal):
        value = f"{value.normalize():f}"
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]


def draft(record: Record, fields: frozenset[str], mapping: Mapping, zone: tzinfo, now: datetime) -> Draft:
    """Translate one record by the mapping (see `backlog.queries.imports.suggest` for its parts)."""
    return _Drafting(record, fields, mapping, zone, now).draft


class _Drafting:
    """One record on its way to a draft; notes what can't go along."""

    def __init__(self, record, fields, mapping, zone, now):
        self.record, self.fields, self.mapping, self.zone, self.now = record, fields, mapping, zone, now
        self.order = DateOrder(mapping.get("date_order") or DateOrder.DAY_FIRST)
        key = record.key[:_KEY_LENGTH]
        self.draft = Draft(line=record.line, key=key, product=self._product(), priority=record.text("priority"))
        self.values = self.draft.values
        self._texts()
        self._kind()
        self._numbers()
        self._status()
        self._belonging()
        self._links()
        self.draft.rank = record.text("rank")
        self.draft.is_pinned = record.text("is_pinned").lower() in _YES
        self.draft.created_at = self._moment("created_at")

    def left(self, what, value, why):
        label = LABELS.get(what, what)
        self.draft.left_out.append(LeftOut(self.record.line, self.draft.key, label, value[:200], why))

    def _product(self):
        project = self.record.text("project") or self.record.key.rpartition("-")[0]
        products = self.mapping["products"]
        return products.get(project, products.get("", ""))

    def _texts(self):
        title = _one_line(self.record.text("title"))
        if not title:
            title = self.record.key or f"Line {self.record.line}"
            self.left("title", "", f"It has no title; “{title}” stands in for it.")
        self.values["title"] = self._short("title", title, _TITLE_LENGTH)
        for name, limit in (
            ("description", _DESCRIPTION_LENGTH),
            ("plain_title", _TITLE_LENGTH),
            ("plain_lead", _DESCRIPTION_LENGTH),
        ):
            if name in self.fields:
                self.values[name] = self._short(name, self.record.text(name), limit)
        if "criterion" in self.fields:
            self.values["criteria"] = self._criteria()
        if "is_restricted" in self.fields:
            self.values["is_restricted"] = self.record.text("is_restricted").lower() in _YES

    def _short(self, what, text, limit):
        if len(text) > limit:
            self.left(what, text[limit:], f"Longer than {limit:,} characters; the rest was cut off.")
        return text[:limit]

    def _criteria(self):
        found = []
        for cell in self.record.all("criterion"):
            if match := re.match(r"\[([ xX])\] ", cell):
                found.append([cell[4:], match[1] != " "])
            else:
                lines = (re.sub(r"^\s*(?:[*\-#•]|\d+[.)])\s+", "", line).strip() for line in cell.splitlines())
                found += [[line, False] for line in lines if line]
        return self._few("criterion", found)

    def _kind(self):
        name = self.record.text("type")
        chosen, by = self.mapping["types"].get(name, "functional/story"), f"type {name}"
        if chosen != "functional/bug":
            for part, names in (("components", "component"), ("labels", "tag")):
                for word in self.record.all(names):
                    if kind := self.mapping.get(part, {}).get(word):
                        chosen, by = kind, f"{'component' if names == 'component' else 'label'} {word}"
        self.values["kind"], self.values["type"] = chosen.split("/")
        self.draft.kind_by = by
        if "discipline" in self.fields:
            discipline = self.record.text("discipline")
            if discipline and discipline not in _DISCIPLINES:
                self.left("discipline", discipline, "There is no such discipline.")
                discipline = ""
            self.values["discipline"] = discipline
        if "engagement" in self.fields:
            level = self.record.text("engagement")
            if level and level not in _LEVELS:
                self.left("engagement", level, "There is no such level of engagement.")
                level = ""
            self.values["engagement"] = level

    def _numbers(self):
        for name, (most, places) in _NUMBERS.items():
            if name in self.fields:
                self.values[name] = self._number(name, most, places)
        if "business_value" not in self.fields and self.mapping.get("use_values"):
            self.values["business_value"] = self.mapping.get("values", {}).get(self.draft.priority)
        if self.values.get("time_criticality") == 0:
            self.left("time_criticality", "0", "It goes from 1 to 20.")
            self.values["time_criticality"] = None
        if "due_on" in self.fields:
            self.values["due_on"] = self._day("due_on")
        if self.values.get("penalty_per_week") is not None and self.values.get("due_on") is None:
            self.left("penalty_per_week", str(self.values["penalty_per_week"]), "A penalty needs a due date.")
            self.values["penalty_per_week"] = None
        if "debt_interest" in self.fields:
            self._interest()

    def _interest(self):
        unit = self.record.text("debt_interest_unit")
        if self.values["debt_interest"] is None:
            unit = ""
        elif unit not in ("points", "hours"):
            self.left("debt_interest", str(self.values["debt_interest"]), "Its unit is neither points nor hours.")
            self.values["debt_interest"], unit = None, ""
        self.values["debt_interest_unit"] = unit

    def _number(self, name, most, places):
        text = self.record.text(name).strip()
        if not text:
            return None
        try:
            number = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.left(name, text, "It is no number.")
            return None
        if not 0 <= number <= most:
            self.left(name, text, f"It goes from 0 to {most:,}.")
            return None
        rounded = number.quantize(Decimal(places))
        if rounded != number:
            self.left(name, text, f"Rounded to {rounded}.")
        return int(rounded) if places == "1" else rounded

    def _moment(self, name):
        text = self.record.text(name)
        if not text:
            return None
        found = dates.moment(text, self.order, self.zone)
        if found is None or not 1900 <= found.year <= 9000:
            self.left(name, text, "It is no date.")
            return None
        return found.astimezone(UTC)

    def _day(self, name):
        text = self.record.text(name)
        if not text:
            return None
        found = dates.day(text, self.order, self.zone)
        if found is None:
            self.left(name, text, "It is no date.")
        return found

    def _status(self):
        name, resolution = self.record.text("status"), self.record.text("resolution")
        status = self.mapping["statuses"].get(name, "open")
        reason = self.record.text("status_reason")
        if status == BY_RESOLUTION:
            status = self.mapping["resolutions"].get(resolution, "done")
            if status == "dropped" and resolution:
                reason = reason or f"Resolution: {resolution}"
        elif resolution and status in ("open", "in_progress"):
            self.left("resolution", resolution, f"The status “{name}” says that it is not finished.")
        done_at = self._moment("done_at")
        if status in _FINISHED and done_at is None:
            done_at = self._moment("status_at") or self._moment("created_at") or self.now
            self.left("done_at", "", f"No date tells when it was done; {done_at:%d %b %Y} was taken.")
        since = self._moment("status_at") or (done_at if status in (*_FINISHED, "dropped") else None)
        self.values |= {
            "status": status,
            "status_at": since or self._moment("created_at") or self.now,
            "status_reason": self._short("status_reason", reason, 500),
            "started_at": self._moment("started_at"),
            "done_at": done_at if status in _FINISHED else None,
        }

    def _belonging(self):
        names = self._names("component")
        if "component" in self.fields:
            self.values["component"] = names[0] if names else ""
        if {"component", "further_component"} & self.fields:
            further = [*names[1:], *self._names("further_component")]
            self.values["further_components"] = sorted(set(further) - {self.values.get("component")})
        if "tag" in self.fields:
            tags = {name.lower(): name for name in reversed(self._names("tag"))}
            self.values["tags"] = sorted(tags.values(), key=lambda name: (name.lower(), name))
        if "fix_version" in self.fields:
            self.values["source_fix_versions"] = self._names("fix_version")
        for name in ("team", "goal"):
            if name in self.fields:
                self.values[name] = self.record.text(name)
        if {"parent", "parent_id"} & self.fields:
            self.values["parent"] = self._parent()
        if "assignee" in self.fields:
            self.values["assignee"] = self._person("assignee")
        if "created_by" in self.fields:
            self.draft.created_by = self._person("created_by")

    def _names(self, what):
        limit = _NAME_LENGTH["component" if what == "further_component" else what]
        cells = [_one_line(cell) for cell in self.record.all(what)]
        names = [self._short(what, cell, limit) for cell in cells if cell]
        return self._few(what, list(dict.fromkeys(names)))

    def _few(self, what, found):
        for value in found[_MANY:]:
            self.left(what, str(value), f"More than {_MANY} of them.")
        return found[:_MANY]

    def _parent(self):
        by_id = self.mapping.get("keys_by_id", {})
        return self.record.text("parent").strip() or by_id.get(self.record.text("parent_id").strip(), "")

    def _person(self, what):
        name = self.record.text(what)
        user_id = self.mapping.get("people", {}).get(name)
        if name and not user_id:
            self.left(what, name, "Nobody in the organization was chosen for this name.")
        return user_id or None

    def _links(self):
        key = self.record.key
        if not key:
            for name in ("enables", "needs", "relates", "duplicates", "duplicated_by"):
                for other in self.record.all(name):
                    self.left(name, other, "A row without a key can't be linked.")
            return
        for name, kind, outward in (
            ("enables", "enables", True),
            ("needs", "enables", False),
            ("duplicates", "duplicates", True),
            ("duplicated_by", "duplicates", False),
            ("relates", "relates", True),
        ):
            for other in map(str.strip, self.record.all(name)):
                source, target = (key, other) if outward else (other, key)
                if other:
                    self.draft.links.append(Link(kind, source, target))


def _one_line(text):
    return re.sub(r"\s*[\r\n]\s*", " ", text).strip()
