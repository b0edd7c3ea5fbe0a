"""The rows as a map: the first two principal components of their embeddings, a colour a label, a shape a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tuningfork.profile.document import MapDocument
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.letters import text_width
from tuningfork.report.numbers import percent
from tuningfork.report.plots.scales import Linear, padded
from tuningfork.report.svg import Svg, element, picture, text
from tuningfork.report.text import one_line
from tuningfork.verdict.numbers import count

_TEXT = 12.0
_LINE = 18.0
_COLOURS = 6
"""Labels with a colour of their own; more cannot be told apart."""
_REST = "rest"
_NO_LABEL = "no label"
_ROLES = ("data", "test", "shifted")
_LETTERS = 24
_IN_TABLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    name: str
    width: float
    map_width: float
    map_height: float
    beside: bool


_WIDE = _Shape(name="profile-map-wide", width=850, map_width=600, map_height=420, beside=True)
_NARROW = _Shape(name="profile-map-narrow", width=340, map_width=340, map_height=300, beside=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the key: the class of its mark, the role whose shape it has, and the words."""

    class_: str
    role: str
    words: str


def map_plot(drawn: MapDocument, file_names: Mapping[str, str]) -> Figure:
    """The map.

    Args:
        file_names: by role, for the key.
    """
    classes = _classes(drawn.labels)
    first, second = drawn.explained
    roles = [role for role in _ROLES if role in drawn.roles]
    title = _title(drawn, classes, roles)
    note = (
        f"Each mark is a row, near to rows with like words: the two main directions of its embeddings, which hold "
        f"{percent(first)} and {percent(second)} of their spread. What lies together here may be apart in others."
    )
    key = [*_label_entries(drawn.labels, classes), *_role_entries(roles, file_names)]
    wide, narrow = (_drawn(drawn, classes, key, shape, title, note) for shape in (_WIDE, _NARROW))
    shown = Counter(zip(drawn.labels, drawn.roles, strict=True))
    table = DataTable(
        caption="Rows on the map",
        head=("label", "file", "rows"),
        rows=tuple(
            (one_line(label) or _NO_LABEL, role, count(rows)) for (label, role), rows in shown.most_common(_IN_TABLE)
        ),
    )
    return Figure(title=title, note=note, wide=wide, narrow=narrow, table=table)


def _title(drawn: MapDocument, classes: Mapping[str, str], roles: Sequence[str]) -> str:
    what = f"{count(len(drawn.points))} rows, near where their words are alike"
    if len(roles) > 1:
        return f"{what}, those of {' and '.join(f'the {role} file' for role in roles[1:])} among them"
    return what


def _classes(labels: Sequence[str]) -> dict[str, str]:
    """A colour's class for each label; the most frequent ones have their own."""
    ranked = [label for label, _ in Counter(label for label in labels if label).most_common()]
    own = ranked if len(ranked) <= _COLOURS else ranked[:_COLOURS]
    return {label: f"hue-{own.index(label)}" if label in own else f"hue-{_REST}" for label in (*ranked, "")}


def _label_entries(labels: Sequence[str], classes: Mapping[str, str]) -> Iterator[_Entry]:
    others = {label for label in labels if label and classes[label] == f"hue-{_REST}"}
    for label, class_ in classes.items():
        if label and label not in others:
            yield _Entry(class_, "data", _cut(one_line(label)))
    if others:
        yield _Entry(f"hue-{_REST}", "data", f"{count(len(others))} other label{'' if len(others) == 1 else 's'}")
    if "" in labels and not others:
        yield _Entry(f"hue-{_REST}", "data", _NO_LABEL)


def _role_entries(roles: Sequence[str], file_names: Mapping[str, str]) -> Iterator[_Entry]:
    if len(roles) > 1:
        for role in roles:
            yield _Entry("hue-none", role, _cut(one_line(file_names[role])))


def _drawn(
    drawn: MapDocument, classes: Mapping[str, str], key: Sequence[_Entry], shape: _Shape, title: str, note: str
) -> Svg:
    x = Linear(*padded([point[0] for point in drawn.points], least=1e-6), 6, shape.map_width - 6)
    y = Linear(*padded([point[1] for point in drawn.points], least=1e-6), shape.map_height - 6, 6)
    places: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for (across, up), label, role in zip(drawn.points, drawn.labels, drawn.roles, strict=True):
        places.setdefault((classes[label], role), []).append((x(across), y(up)))
    order = sorted(places, key=lambda pair: (pair[0] != f"hue-{_REST}", _ROLES.index(pair[1]), pair[0]))
    frame = element("rect", x=0.5, y=0.5, width=shape.map_width - 1, height=shape.map_height - 1, class_="frame")
    marks = [_marks(places[pair], *pair) for pair in order]
    left, top = (shape.map_width + 18, 16.0) if shape.beside else (4.0, shape.map_height + 20)
    entries = list(_key(key, left, top, shape))
    height = max(shape.map_height, top + _LINE * len(key)) if not shape.beside else shape.map_height
    return picture(shape.name, (shape.width, height), title, note, [frame, *marks, *entries])


def _marks(places: Sequence[tuple[float, float]], class_: str, role: str) -> Svg:
    """All marks of one colour and shape as one path: a page has thousands of them."""
    return element("path", d="".join(_mark(x, y, role) for x, y in places), class_=f"{class_} row-{role}")


def _mark(x: float, y: float, role: str) -> str:
    """A dot and a square are strokes without length, with round or square ends; a triangle is drawn."""
    return f"M{x:.1f},{y - 3.2:.1f}l3.4,5.8h-6.8z" if role == "shifted" else f"M{x:.1f},{y:.1f}h0"


def _key(entries: Sequence[_Entry], left: float, top: float, shape: _Shape) -> Iterator[Svg]:
    for place, entry in enumerate(entries):
        base = top + _LINE * place
        yield element("path", d=_mark(left + 5, base - 4, entry.role), class_=f"{entry.class_} row-{entry.role} key")
        yield text(left + 16, base, entry.words)


def _cut(name: str) -> str:
    """At most so many letters, and no wider than the key."""
    short = name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
    while text_width(short, _TEXT) > 210:
        short = f"{short[:-2]}…"
    return short
