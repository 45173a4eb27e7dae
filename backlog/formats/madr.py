"""Decisions as MADR 4 markdown files (adr.github.io/madr), read and written so that nothing is lost on the way."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import yaml
from django.utils.text import slugify

STATUSES = ("proposed", "accepted", "rejected", "deprecated", "superseded")
TONES = ("good", "neutral", "bad")
LONGEST_FRONT_MATTER = 20_000
# Reading nested brackets takes the square of their number.
MOST_BRACKETS = 200

_SAME_STATUS = {"draft": "proposed", "open": "proposed", "approved": "accepted", "decided": "accepted"}
_PEOPLE = {
    "deciders": ("decision-makers", "deciders"),
    "consulted": ("consulted",),
    "informed": ("informed",),
}
_LISTS = ("items", "components")
_OWN_KEYS = {"status", "date", *_LISTS, *(key for keys in _PEOPLE.values() for key in keys)}
_SECTIONS = {
    "context and problem statement": "context",
    "context": "context",
    "decision drivers": "drivers",
    "considered options": "options",
    "decision outcome": "outcome",
    "decision": "outcome",
    "consequences": "consequences",
    "confirmation": "confirmation",
    "validation": "confirmation",
    "pros and cons of the options": "details",
    "more information": "more_information",
    "in plain words": "plain_summary",
    "status": "status",
}
_PARTS_OF_OUTCOME = {
    "consequences": "consequences",
    "positive consequences": "consequences",
    "negative consequences": "consequences",
    "confirmation": "confirmation",
    "validation": "confirmation",
}
# What MADR's template tells its reader, and nobody else.
_TEMPLATE_WORDS = re.compile(r"<!-- (This is an optional element|These are optional elements)\b.*-->")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_BULLET = re.compile(r"[*+-]\s+(\S.*)")
_ARGUMENT = re.compile(r"[*+-] (Good|Neutral|Bad), because (.*)")
_CHOSEN = 'Chosen option: "'
_NUMBER_IN_NAME = re.compile(r"(?:adr[-_ ]?)?0*(\d{1,6})(?!\d)", re.IGNORECASE)


class Unreadable(ValueError):
    """Why a file is no decision, as a sentence for whoever sent it."""


@dataclass(frozen=True)
class Option:
    title: str
    text: str = ""
    good: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()


@dataclass(frozen=True)
class Madr:
    """superseded_by: the number of the decision that replaced it. items: keys; components: names.

    front_matter: what else stood there, in plain values.
    """

    title: str
    status: str = "proposed"
    superseded_by: int | None = None
    dated_on: date | None = None
    deciders: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    context: str = ""
    drivers: str = ""
    options: tuple[Option, ...] = ()
    chosen: str = ""
    decision: str = ""
    consequences: str = ""
    confirmation: str = ""
    more_information: str = ""
    plain_summary: str = ""
    front_matter: dict = field(default_factory=dict)


def file_name(number: int, title: str) -> str:
    """0007-send-events-through-an-outbox.md"""
    return f"{number:04}-{slugify(title)[:80].strip('-') or 'decision'}.md"


def number_in(name: str) -> int | None:
    """The number that a file's name begins with, from 1 on."""
    found = _NUMBER_IN_NAME.match(name)
    return int(found[1]) or None if found else None


def write(madr: Madr) -> str:
    """The file of a decision; `parse` gives the same decision back."""
    parts = [f"---\n{_front_matter(madr)}---", f"# {madr.title}"]
    parts += _section("## Context and Problem Statement", _escaped(madr.context, 2))
    parts += _section("## Decision Drivers", _escaped(madr.drivers, 2))
    parts += _section("## Considered Options", "\n".join(f"* {option.title}" for option in madr.options))
    outcome = _section("### Consequences", _escaped(madr.consequences, 3))
    outcome += _section("### Confirmation", _escaped(madr.confirmation, 3))
    text = _outcome(madr)
    if text or outcome:
        parts += ["## Decision Outcome", *([text] if text else []), *outcome]
    details = [part for option in madr.options for part in _details(option)]
    parts += ["## Pros and Cons of the Options", *details] if details else []
    parts += _section("## More Information", _escaped(madr.more_information, 2))
    parts += _section("## In Plain Words", _escaped(madr.plain_summary, 2))
    return "\n\n".join(parts) + "\n"


def parse(text: str) -> Madr:
    """Read MADR 2 to 4, and the older form with Status, Context, Decision and Consequences.

    Sections it does not know go into `more_information`, unknown front matter is kept. Raises Unreadable.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    given, body = _split_front_matter(text)
    title, preamble, sections = _sections(body)
    facts, context = _facts(preamble)
    found = dict.fromkeys(("drivers", "consequences", "confirmation", "more_information", "plain_summary"), "")
    found["context"] = context
    titles, details, outcome, rest = [], [], [], []
    for heading, lines in sections:
        match name := _SECTIONS.get(_name(heading)):
            case "options":
                titles, left = _option_titles(lines)
                rest += [left] if left else []
            case "details":
                details += lines
            case "outcome":
                outcome += lines
            case "status":
                facts.setdefault("status", _text(lines, 2))
            case None:
                rest.append(f"### {heading}\n\n{_text(lines, 2)}".strip())
            case _:
                found[name] = _joined(found[name], _text(lines, 2))
    options = _options(titles, details)
    decided, parts = _parts_of_outcome(outcome)
    for name, part in parts:
        found[name] = _joined(found[name], part)
    chosen, decision = _decided(decided, [option.title for option in options])
    found["more_information"] = _joined(found["more_information"], *rest)
    return Madr(title=title, options=options, chosen=chosen, decision=decision, **found, **_head(given | facts, given))


# The front matter.


def _front_matter(madr):
    status = madr.status
    if madr.superseded_by:
        status = f"superseded by ADR-{madr.superseded_by:04}"
    values = {"status": status}
    if madr.dated_on:
        values["date"] = madr.dated_on
    for name, (key, *_) in _PEOPLE.items():
        values |= {key: list(people)} if (people := getattr(madr, name)) else {}
    for name in _LISTS:
        values |= {name: list(rows)} if (rows := getattr(madr, name)) else {}
    return yaml.safe_dump(values | madr.front_matter, sort_keys=False, allow_unicode=True, width=10_000)


def _split_front_matter(text):
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, lines
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        return {}, lines
    return _loaded("\n".join(lines[1:end])), lines[end + 1 :]


def _loaded(text):
    if len(text) > LONGEST_FRONT_MATTER:
        raise Unreadable(f"Its front matter is longer than {LONGEST_FRONT_MATTER:,} characters.")
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise Unreadable(f"Its front matter has more than {MOST_BRACKETS} brackets.")
    try:
        # A file of a few lines can name itself often enough to fill the memory.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise Unreadable("Its front matter refers to itself (YAML aliases). Write the values out.")
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("Its front matter is no YAML. It stands between two lines of ---.") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise Unreadable("Its front matter has no names: each line there is a name, a colon and a value.")
    return {str(key): value for key, value in values.items()}


def _head(values, given):
    status, superseded_by = _status(values.get("status"))
    return {
        "status": status,
        "superseded_by": superseded_by,
        "dated_on": _date(values.get("date")),
        **{name: _names(next((values[key] for key in keys if key in values), ())) for name, keys in _PEOPLE.items()},
        **{name: _names(values.get(name, ())) for name in _LISTS},
        "front_matter": {key: _plain(value) for key, value in given.items() if key not in _OWN_KEYS},
    }


def _status(value):
    words = str(value or "proposed").strip().lower()
    first = re.match(r"[a-z]*", words)[0]
    status = first if first in STATUSES else _SAME_STATUS.get(first, "proposed")
    number = re.search(r"\d{1,6}", words) if status == "superseded" else None
    return status, int(number[0]) if number else None


def _date(value):
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    found = re.match(r"(\d{4})-(\d\d)-(\d\d)", str(value or ""))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _names(value):
    if isinstance(value, str):
        value = value.split(",")
    elif not isinstance(value, list | tuple):
        value = [value]
    names = (" ".join(str(name).split()) for name in value if name is not None)
    return tuple(dict.fromkeys(name for name in names if name))


def _plain(value):
    match value:
        case None | bool() | int() | str():
            return value
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
    return str(value)


# The text.


def _is_code(lines: Sequence[str]) -> list[bool]:
    """Which lines belong to a fenced block of code; a fence that is never closed opens none."""
    marks, at = [False] * len(lines), 0
    while at < len(lines):
        end = _end_of_code(lines, at)
        if end is not None:
            marks[at : end + 1] = [True] * (end + 1 - at)
            at = end
        at += 1
    return marks


def _end_of_code(lines, start):
    opening = _FENCE.fullmatch(lines[start])
    if not opening or (opening[1][0] == "`" and "`" in opening[2]):
        return None
    for at in range(start + 1, len(lines)):
        closing = _FENCE.fullmatch(lines[at])
        if closing and closing[1].startswith(opening[1]) and not closing[2].strip():
            return at
    return None


def _special(level: int) -> re.Pattern:
    """Lines that would say something else in the file than in the text: headings, fences, arguments."""
    return re.compile(rf"\\*(#{{1,{level}}} | {{0,3}}(`{{3}}|~{{3}})|[*+-] (Good|Neutral|Bad), because |---\s*$)")


def _escaped(text, level):
    lines = text.split("\n")
    special = _special(level)
    return "\n".join(
        f"\\{line}" if not is_code and special.match(line) else line
        for line, is_code in zip(lines, _is_code(lines), strict=True)
    )


def _text(lines, level):
    special = _special(level)
    return "\n".join(
        line[1:] if not is_code and line.startswith("\\") and special.match(line) else line
        for line, is_code in zip(lines, _is_code(lines), strict=True)
        if is_code or not _TEMPLATE_WORDS.fullmatch(line)
    ).strip()


def _sections(lines) -> tuple[str, list[str], list[tuple[str, list[str]]]]:
    title, preamble, sections = None, [], []
    for line, is_code in zip(lines, _is_code(lines), strict=True):
        if not is_code and title is None and line.startswith("# "):
            title = " ".join(line[2:].split())
        elif not is_code and line.startswith("## "):
            sections.append((line[3:].strip(), []))
        else:
            (sections[-1][1] if sections else preamble).append(line)
    if not title:
        raise Unreadable("It has no title: a line that begins with # and a space.")
    return title, preamble, sections


def _name(heading):
    return re.sub(r"<!--.*?-->", "", heading).strip().lower()


def _facts(preamble):
    """MADR 2 says status, date and people in a list below the title."""
    facts, rest = {}, []
    for line in preamble:
        found = re.match(r"[*-]\s+(Status|Date|Deciders|Consulted|Informed):\s*(.*)", line)
        if found:
            facts[found[1].lower()] = re.sub(r"<!--.*?-->", "", found[2]).strip()
        else:
            rest.append(line)
    return {name: value for name, value in facts.items() if value}, _text(rest, 2)


def _subsections(lines) -> Iterator[tuple[str, list[str]]]:
    """What stands before the first ### has no heading."""
    heading, own = "", []
    for line, is_code in zip(lines, _is_code(lines), strict=True):
        if not is_code and line.startswith("### "):
            yield heading, own
            heading, own = line[4:].strip(), []
        else:
            own.append(line)
    yield heading, own


def _joined(*texts):
    return "\n\n".join(text for text in texts if text)


def _section(heading, text):
    return [heading, text] if text else []


# Options, and what was decided.


def _option_titles(lines):
    titles, left = [], []
    for line, is_code in zip(lines, _is_code(lines), strict=True):
        found = None if is_code else _BULLET.match(line)
        if found:
            titles.append(" ".join(found[1].split()))
        elif titles and line.startswith("  ") and line.strip():
            titles[-1] += f" {' '.join(line.split())}"
        elif line.strip():
            left.append(line)
    return titles, _text(left, 2)


def _options(titles, details):
    found = {title: Option(title) for title in titles}
    for heading, lines in _subsections(details):
        title = " ".join(heading.split())
        if title:
            found[title] = _option(title, lines)
    return tuple(found.values())


def _option(title, lines):
    arguments, rest, last = {tone: [] for tone in TONES}, [], None
    for line, is_code in zip(lines, _is_code(lines), strict=True):
        found = None if is_code else _ARGUMENT.match(line)
        if found and found[2].strip():
            last = arguments[found[1].lower()]
            last.append(" ".join(found[2].split()))
        elif last and line.startswith("  ") and line.strip():
            last[-1] += f" {' '.join(line.split())}"
        else:
            rest.append(line)
            last = last if not line.strip() else None
    return Option(title, _text(rest, 3), **{tone: tuple(lines) for tone, lines in arguments.items()})


def _details(option):
    arguments = [f"* {tone.capitalize()}, because {line}" for tone in TONES for line in getattr(option, tone)]
    if not option.text and not arguments:
        return []
    parts = [f"### {option.title}"]
    parts += [_escaped(option.text, 3)] if option.text else []
    return parts + (["\n".join(arguments)] if arguments else [])


def _parts_of_outcome(lines):
    decided, parts = [], []
    for heading, own in _subsections(lines):
        name = _PARTS_OF_OUTCOME.get(_name(heading))
        if name:
            parts.append((name, _text(own, 3)))
        else:
            decided += ([f"#### {heading}"] if heading else []) + own
    return _text(decided, 3), parts


def _outcome(madr):
    text = _escaped(madr.decision, 3)
    titles = [option.title for option in madr.options]
    if not madr.chosen:
        needs_mark = re.match(r"\\*Chosen option: ", madr.decision) and (
            madr.decision.startswith("\\") or _decided(madr.decision, titles)[0]
        )
        return f"\\{text}" if needs_mark else text
    if not madr.decision:
        return f'{_CHOSEN}{madr.chosen}"'
    on_one_line = f'{_CHOSEN}{madr.chosen}", because {madr.decision}'
    if "\n" not in madr.decision and _decided(on_one_line, titles) == (madr.chosen, madr.decision):
        return on_one_line
    return f'{_CHOSEN}{madr.chosen}"\n\n{text}'


def _decided(text, titles):
    """The title of the option that was chosen, and why."""
    if re.match(r"\\+Chosen option: ", text):
        return "", text[1:]
    first, _, rest = text.partition("\n")
    exact = [title for title in titles if first == f'{_CHOSEN}{title}"']
    begun = [title for title in titles if first.startswith(f'{_CHOSEN}{title}"')]
    if not exact and not begun:
        return "", text
    chosen = (exact or sorted(begun, key=len))[0]
    reason = first[len(_CHOSEN) + len(chosen) + 1 :]
    if reason.startswith(", because "):
        reason = reason.removeprefix(", because ")
    elif reason.strip(" .") == "":
        reason = ""
    return chosen, f"{reason}\n{rest}".strip()
