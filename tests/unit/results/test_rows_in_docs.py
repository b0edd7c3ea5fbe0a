"""No row of the public data sets stands in the documentation, and one that did would be found."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from script_modules import scripts

TEXT = "The harbour of Emden was closed on Tuesday, and forty-two boats had to wait outside for the fog to lift."
LABEL = "a_label_that_is_much_longer_than_a_window_is"
OTHER = "Nobody had thought of asking the lighthouse keeper, who knew it all along and went to bed."


@pytest.fixture(scope="module")
def lint() -> Iterator[ModuleType]:
    with scripts("rows_in_docs") as (module,):
        yield module


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "harbour"
    folder.mkdir(parents=True)
    with (folder / "train.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("text", "label"), (OTHER, "calm"), (TEXT, "a_label_that_is_much_longer_than_a_window_is")]
        )
    (folder / "tokens.jsonl").write_text(json.dumps({"tokens": OTHER.replace("keeper", "warden").split()}) + "\n")
    facts = tmp_path / "data" / "atlas"
    facts.mkdir()
    (facts / "models.csv").write_text(f"name\n{TEXT.replace('Emden', 'Norden')}\n", encoding="utf-8")
    return tmp_path / "data"


def found(lint: ModuleType, root: Path, data: Path) -> list[tuple[str, str]]:
    return [(one.page, one.row) for one in lint.rows_in(lint.pages_of(root), lint.fields_of(data))]


PLANTED = {
    "docs/page.md": f"# Page\n\nAs one row says: *{TEXT[20:70]}*",
    "docs/wrapped.md": TEXT.replace(" was ", "\nwas ").replace(" and ", "\n> and "),
    "docs/results/x/verdict.json": json.dumps({"arms": [{"details": [["prompt", f"Text:\n{TEXT.upper()}"]]}]}),
    "docs/picture.svg": f"<svg><text><tspan>{TEXT[:30]}</tspan><tspan>{TEXT[30:80]}</tspan></text></svg>",
    "docs/report.html": f"<p>{TEXT.replace(',', '&#44;').replace('forty-two', 'forty&#45;two')}</p>",
    "README.md": f"{TEXT}",
}


@pytest.mark.parametrize("page", PLANTED)
def test_a_planted_row_is_found_however_it_is_written(lint: ModuleType, tmp_path: Path, data: Path, page: str) -> None:
    path = tmp_path / page
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PLANTED[page], encoding="utf-8")
    assert found(lint, tmp_path, data) == [(page, "harbour/train.csv:2")]


def test_what_is_no_row_is_left_alone(lint: ModuleType, tmp_path: Path, data: Path) -> None:
    """Fewer characters than a window, a label, facts of the atlas, and the ends of two rows beside each other."""
    docs = tmp_path / "docs"
    docs.mkdir()
    told = [TEXT[:39], LABEL, TEXT.replace("Emden", "Norden")[:41]]
    (docs / "page.md").write_text("\n\n".join([*told, OTHER[-20:] + TEXT[:20]]), encoding="utf-8")
    assert found(lint, tmp_path, data) == []


def test_tokens_are_read_as_the_text_that_they_are(lint: ModuleType, tmp_path: Path, data: Path) -> None:
    (tmp_path / "README.md").write_text(OTHER.replace("keeper", "warden"), encoding="utf-8")
    assert ("README.md", "harbour/tokens.jsonl:1") in found(lint, tmp_path, data)


def test_without_the_data_sets_it_says_so_and_passes(
    lint: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lint, "DATA", tmp_path / "nowhere")
    assert lint.main() == 0
    assert "not looked for" in capsys.readouterr().out
