"""Every example of README and documentation, run as a reader would run it.

Three things differ from a reader's machine, so that all pages together take a minute: the small local LLM and every
paid one are played by a server on loopback, a `tuningfork run` that names no arm gets two cheap ones, and learning
curves have two counts and three seeds.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from documentation import ROOT, Block, blocks, inline_code, pages
from harness_files import HARNESSES, LOGS
from llm_servers import Asked, ScriptedServer, planted
from study_runs import typed
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.llm.providers import providers
from tuningfork.models.store import ModelStore, default_cache
from tuningfork.sample import sample_path

_KEYS = tuple(sorted({provider.key for provider in providers().values() if provider.key}))
_CHEAP = "--arm linear --arm 'predictions:llm_answers.csv?side=llm'"
_LOCAL = "prompt:smollm2-135m"
_SHORT_CURVES = (
    ("label_counts=[8, 32, 128]", "label_counts=[8, 32], seeds=3"),
    ("label_counts: [8, 32, 128]", "label_counts: [8, 32]\n  seeds: 3"),
    ("--seeds 10", ""),
    ("--label-counts 8,32,128", "--label-counts 8,32 --seeds 3"),
)
_ROWS = 240
_PLACEHOLDER = re.compile(r"[A-Z]{4,}|…|KEY|URL")
_SPEC = re.compile(r"(linear|head|finetune|prompt|predictions):[^\s,]+")
_RUN_IN = {"bash", "python"}


def _asking(url: str, code: str) -> str:
    """The code with a server that is said to be this machine's own in place of the small local LLM."""

    def at_the_server(spec: re.Match[str]) -> str:
        return f"{_LOCAL}@{url}{f'{spec[1]}&' if spec[1] else '?'}local=yes"

    return re.sub(rf"{_LOCAL}(?!@)(\?[^\s'\"]*)?", at_the_server, code)


def _answers_of_an_llm(rows: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Right on four rows of five, as an LLM might be."""
    labels = sorted({row["label"] for row in rows})
    for place, row in enumerate(rows):
        wrong = labels[(labels.index(row["label"]) + 1) % len(labels)]
        yield row["text"], wrong if place % 5 == 0 else row["label"]


def _write(path: Path, heading: tuple[str, ...], rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sample_rows() -> list[dict[str, str]]:
    with sample_path("customer_messages.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:_ROWS]


@pytest.fixture(scope="module")
def llm(sample_rows: list[dict[str, str]]) -> Iterator[ScriptedServer]:
    """Whatever LLM an example asks for; of rows that it does not know it says the first answer that it may give."""
    known = planted({row["text"]: row["label"] for row in sample_rows}, 0.8)

    def answer(asked: Asked) -> str:
        said, offered = known(asked), _offered(asked)
        return said if not offered or said in offered else offered[0]

    with ScriptedServer(answer) as server:
        yield server


def _offered(asked: Asked) -> list[str]:
    """The answers that a request holds the model to; none where it does not, or not by a schema."""
    schema = asked.body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    return [choice for field in schema.get("properties", {}).values() for choice in field.get("enum", [])]


@pytest.fixture
def desk(
    tmp_path: Path, sample_rows: list[dict[str, str]], llm: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with the files that the examples name, and keys that only the loopback server gets to see."""
    third = len(sample_rows) // 3
    in_columns = [(row["text"], row["label"]) for row in sample_rows]
    _write(tmp_path / "tickets.csv", ("message", "intent"), in_columns)
    _write(tmp_path / "train.csv", ("text", "label"), in_columns[third:])
    _write(tmp_path / "test.csv", ("text", "label"), in_columns[:third])
    _write(tmp_path / "llm_answers.csv", ("text", "prediction"), _answers_of_an_llm(sample_rows))
    shutil.copytree(HARNESSES / "lm_eval", tmp_path / "lm_eval")
    shutil.copytree(LOGS, tmp_path / "logs")
    shutil.copytree(HARNESSES / "promptfoo", tmp_path / "promptfoo")
    monkeypatch.chdir(tmp_path)
    for key in _KEYS:
        monkeypatch.setenv(key, "sk-not-a-real-key")
    monkeypatch.setenv("OPENAI_BASE_URL", llm.url)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TUNINGFORK_CACHE", str(_cache_with_models(tmp_path / ".cache")))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def _cache_with_models(folder: Path) -> Path:
    """The shared models, but this page's own record of speeds: a server on loopback is no measure of a local LLM."""
    ModelStore().locate("wordllama")
    folder.mkdir()
    (folder / "models").symlink_to(default_cache() / "models")
    shutil.copy(default_cache() / "digests.json", folder)
    return folder


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_of_the_page_runs(page: Path, desk: Path, llm: ScriptedServer) -> None:
    session: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.not_run is None:
            _follow(block, desk, llm, session)


def test_examples_are_left_out_only_where_nothing_else_is_possible() -> None:
    left_out = [block for page in pages() for block in blocks(page) if block.not_run is not None]
    run = [block for page in pages() for block in blocks(page) if block.language in _RUN_IN and block.not_run is None]
    assert len(left_out) <= len(run) / 4, [f"{block.place}: {block.not_run}" for block in left_out]


def test_every_arm_spec_in_the_text_is_one(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    for page in pages():
        for code in inline_code(page):
            if _SPEC.fullmatch(code) and not _PLACEHOLDER.search(code):
                spec = ArmSpec.parse(code)
                monkeypatch.setenv(spec.options.get("key_env", "TUNINGFORK_API_KEY"), "a-key")
                FAMILIES.get(spec.family).check(spec)
                seen += 1
    assert seen > 20


def _follow(block: Block, desk: Path, llm: ScriptedServer, session: dict[str, object]) -> None:
    """Do what the block says."""
    if block.title is not None:
        target = desk / block.title
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_with_short_curves(block.text), encoding="utf-8")
        if block.title == "pyproject.toml":
            _install(target)
    elif block.language == "bash":
        _type(block, desk, llm)
    elif block.language == "python":
        code = _asking(llm.url, _with_short_curves(block.text))
        exec(compile(code, block.place, "exec"), session)


def _type(block: Block, desk: Path, llm: ScriptedServer) -> None:
    """Run the block, saying yes to what is asked: in a shell where it is more than commands of ours."""
    lines = [_cheap(line, llm) for line in _with_short_curves(re.sub(r"\\\n\s*", "", block.text)).splitlines()]
    words = [_words(line) for line in lines]
    # A package of the reader's own is seen by processes that begin after it was installed.
    if any(desk.glob("*.dist-info")) or not all(line and line[0] == "tuningfork" for line in words if line != []):
        _type_in_a_shell(block, desk, "\n".join(lines))
        return
    for _, *arguments in filter(None, words):
        done = typed(*arguments, cwd=desk, replies="y\n" * 9)
        assert done.code == 0, f"{block.place}\n{arguments}\n{done.out}\n{done.err}"


def _words(line: str) -> list[str] | None:
    """The words of a line as a shell reads them; None where the shell does more than that."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    return None if any(set(word) <= set("();<>|&") for word in words) or set("$*`~") & set(line) else words


def _type_in_a_shell(block: Block, desk: Path, commands: str) -> None:
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=desk, input="y\n" * 9, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{block.place}\n{commands}\n{done.stdout}\n{done.stderr}"


def _with_short_curves(text: str) -> str:
    for asked, short in _SHORT_CURVES:
        text = text.replace(asked, short)
    return text


def _cheap(command: str, llm: ScriptedServer) -> str:
    if "--budget-usd" in command:
        # What plays a paid model stands on loopback, and of that no price is known.
        paid = dict.fromkeys(re.findall(r"prompt:(openai/[\w.-]+)", command))
        command += "".join(f" --price '{model}=0.25,2'" for model in paid if f"{model}=" not in command)
    if not command.startswith("tuningfork run") or "--help" in command:
        return command
    if ".yaml" not in command:
        command += "" if "--arm" in command else f" {_CHEAP}"
        command += "" if "--label-counts" in command else " --label-counts 8,32 --seeds 3"
    return _asking(llm.url, command)


def _install(project: Path) -> None:
    """What `pip install -e .` would leave for the entry points of a package beside its pyproject.toml."""
    import tomllib

    found = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    folder = project.parent / f"{found['name'].replace('-', '_')}-{found['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {found['name']}\nVersion: {found['version']}\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in found["entry-points"].items()
    ]
    (folder / "entry_points.txt").write_text("".join(lines))
