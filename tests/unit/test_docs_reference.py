"""The reference pages name everything that there is: options, fields, codes, variables, models."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic import BaseModel

from documentation import DOCS, ROOT, blocks, pages
from tuningfork.arms.family import FAMILIES
from tuningfork.cli.app import app
from tuningfork.models.llm.providers import providers
from tuningfork.models.starters import starters
from tuningfork.study.settings import StudySettings
from tuningfork.task.schema import TaskSpec
from tuningfork.verdict.verdict_json import (
    ArmRow,
    BreakEven,
    ComparisonRow,
    Confusion,
    Cost,
    CurvePoint,
    Disagreement,
    Injections,
    MustChoose,
    NotRead,
    PairRow,
    ReadRow,
    SideRow,
    SidesRow,
    TwinsRow,
    VerdictRecord,
)

_SOURCE = ROOT / "src" / "tuningfork"
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
_RECORDS = (
    VerdictRecord,
    MustChoose,
    ArmRow,
    Injections,
    ComparisonRow,
    NotRead,
    PairRow,
    SideRow,
    SidesRow,
    ReadRow,
    BreakEven,
    CurvePoint,
    Cost,
    Disagreement,
    Confusion,
    TwinsRow,
)


def _page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in group.commands:
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


@pytest.mark.parametrize(("name", "command"), list(_commands(typer.main.get_command(app))))
def test_every_command_and_option_is_documented(name: str, command: Any) -> None:
    page = _page("command-line.md")
    assert f"`tuningfork {name}" in page
    options = [flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)]
    missing = [flag for flag in options if flag.startswith("-") and not re.search(rf"`[^`]*{flag}\b", page)]
    assert not missing, f"{name}: {missing}"


def test_every_option_in_the_page_exists() -> None:
    known = {
        flag
        for _, command in _commands(typer.main.get_command(app))
        for parameter in command.params
        for flag in (*parameter.opts, *parameter.secondary_opts)
    } | {"--help", "--version"}
    assert set(re.findall(r"--[a-z][a-z-]+", _page("command-line.md"))) <= known


@pytest.mark.parametrize("record", _RECORDS, ids=lambda record: record.__name__)
def test_every_field_of_the_verdict_is_documented(record: type[BaseModel]) -> None:
    page = _page("verdict-json.md")
    assert not [name for name in record.model_fields if f"`{name}`" not in page]


@pytest.mark.parametrize("model", [TaskSpec, StudySettings], ids=lambda model: model.__name__)
def test_every_key_of_a_task_file_is_documented(model: type[BaseModel]) -> None:
    page = _page("task-file.md")
    assert not [name for name in model.model_fields if f"`{name}`" not in page]


def test_every_code_of_a_note_or_warning_is_documented() -> None:
    found = set(_codes())
    assert len(found) > 25
    assert not found - set(re.findall(r"`([a-z_]+)`", _page("notes-and-warnings.md")))


def test_every_family_is_documented() -> None:
    page = _page("arms.md")
    assert not [name for name in FAMILIES.names() if f"`{name}" not in page]


def test_every_starter_is_documented_with_its_licence_and_size() -> None:
    page = _page("models.md")
    for model in starters():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{model.name}` |"))
        assert model.licence.split(" (")[0] in row
        assert ("by default" in row) == model.mirror_by_default
        size = sum(file.bytes for file in model.files if file.owner == model.name)
        shown = re.search(r"\| ([\d.]+) (MB|GB) \|", row)
        assert shown is not None
        assert float(shown[1]) * (1e6 if shown[2] == "MB" else 1e9) == pytest.approx(size, rel=0.06)


def test_every_provider_stands_in_readme_and_guide_with_its_key() -> None:
    guide = (DOCS / "how-to" / "own-llm.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, provider in providers().items():
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}` |"))
        assert (provider.key or "none") in row
        assert f"`prompt:{name}/" in readme
        assert provider.key is None or f"`{provider.key}`" in readme


def test_every_environment_variable_that_is_read_is_documented() -> None:
    read = set()
    for path in _SOURCE.rglob("*.py"):
        read |= set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", path.read_text(encoding="utf-8")))
    read |= {name for p in providers().values() for name in (p.key, p.address_variable) if name}
    page = _page("environment.md")
    assert {"HF_ENDPOINT", "TUNINGFORK_CACHE", "OLLAMA_HOST"} <= read
    assert not [name for name in read if f"`{name}`" not in page]


@pytest.mark.parametrize("page", [*pages(), ROOT / "CONTRIBUTING.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not broken


def test_the_site_builds_and_lists_every_decision(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = (tmp_path / "decisions" / "index.html").read_text(encoding="utf-8")
    records = [path.stem for path in (DOCS / "decisions").glob("0*.md")]
    assert len(records) > 10
    assert not [name for name in records if f'href="{name}/"' not in listed]


def test_pages_show_json_and_toml_that_parse() -> None:
    import tomllib

    for page in pages():
        for block in blocks(page):
            if block.language == "json":
                json.loads(block.text)
            if block.language == "toml":
                tomllib.loads(block.text)


def _codes() -> Iterator[str]:
    """Codes that the source gives to notes and cautions, wherever they are written as a literal."""
    for path in _SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Note", "Caution"}:
                given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "code")]
                yield from (arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
    from tuningfork.verdict import seeds, warnings

    yield from warnings._CAUTIONS
    yield from seeds.CODES
