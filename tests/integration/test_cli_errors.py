"""What a person is told who types something wrong: exit 2, what, where, and what to do; never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from study_runs import own_cache, tuningfork
from tuningfork.cli.app import run_app

TEXTS = [f"{word} {thing} number {i}" for i, (word, thing) in enumerate(zip("abcdef" * 10, "uvwxyz" * 10, strict=True))]


def csv_of(labels: list[str], header: str = "text,label") -> str:
    rows = [f"{text},{label}" for text, label in zip(TEXTS, labels, strict=False)]
    return "\n".join([header, *rows, ""])


GOOD = csv_of(["yes", "no"] * 30)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with good and bad files; no key in the environment."""
    files: dict[str, str | bytes] = {
        "good.csv": GOOD,
        "other.csv": csv_of(["red", "green"] * 30),
        "one_class.csv": csv_of(["yes"] * 60),
        "empty.csv": "",
        "header_only.csv": "text,label\n",
        "ragged.csv": "text,label\nfine,yes\ntoo,many,no\n",
        "latin.csv": "text,label\ncafé,yes\n".encode("latin-1"),
        "columns.csv": "a,b,c\n1,2,3\n4,5,6\n",
        "broken.jsonl": '{"text": "fine", "label": "yes"}\n{"text": \n',
        "not.parquet": "no parquet",
        "rows.docx": "whatever",
        "task.yaml": "data: good.csv\nmetrik: accuracy\n",
        "settings.yaml": "data: good.csv\nstudy:\n  seed: 3\n",
        "list.yaml": "- good.csv\n",
        "names.csv": "label,name\nmaybe,Perhaps\n",
        "no_answers.csv": "text,weight\nx,1\n",
        "few_answers.csv": f"text,label\n{TEXTS[0]},yes\n",
        "a_file": "in the way",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for variable in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


PLAN, RUN = ("plan", "good.csv"), ("run", "good.csv", "--yes")
BAD: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    # The command line itself
    ("no such command", ("rnu", "good.csv"), ("rnu", "did you mean", "run")),
    ("no such subcommand", ("models", "lst"), ("lst", "list")),
    ("no data", ("run",), ("DATA", "run --help")),
    ("misspelt option", (*PLAN, "--lable", "x"), ("--lable", "did you mean", "--label")),
    ("misspelt budget", (*RUN, "--budget-usb", "3"), ("--budget-usb", "did you mean", "--budget-usd")),
    ("option without value", (*PLAN, "--text"), ("--text",)),
    ("no whole number of seeds", (*PLAN, "--seeds", "many"), ("--seeds", "integer")),
    # Numbers
    ("no seeds", (*PLAN, "--seeds", "0"), ("seeds", "0")),
    ("negative dollars", (*PLAN, "--budget-usd", "-1"), ("budget", "-1")),
    ("dollars that are no number", (*PLAN, "--budget-usd", "nan"), ("budget", "nan")),
    ("no minutes", (*PLAN, "--budget-minutes", "0"), ("budget", "0")),
    ("endless minutes", (*PLAN, "--budget-minutes", "inf"), ("budget", "inf")),
    ("no margin", (*PLAN, "--margin", "0"), ("margin", "0")),
    ("a margin of 300 points", (*PLAN, "--margin", "300"), ("margin", "3")),
    ("no evaluation rows", (*PLAN, "--eval-rows", "0"), ("--eval-rows", "all")),
    ("evaluation rows in words", (*PLAN, "--eval-rows", "few"), ("--eval-rows", "few", "all")),
    ("counts in words", (*PLAN, "--label-counts", "8,many"), ("--label-counts", "8,32,128")),
    ("counts of nothing", (*PLAN, "--label-counts", ","), ("--label-counts", "8,32,128")),
    ("negative seed", (*PLAN, "--seed", "-1"), ("seed", "-1")),
    ("a price without numbers", (*PLAN, "--arm", "linear", "--price", "gpt-5"), ("gpt-5", "IN,OUT")),
    ("a negative price", (*PLAN, "--arm", "linear", "--price", "gpt-5=-1,2"), ("gpt-5",)),
    # Names
    ("no such metric", (*PLAN, "--metric", "acuracy"), ("acuracy", "did you mean", "accuracy")),
    ("no such family", (*PLAN, "--arm", "liner"), ("liner", "did you mean", "linear")),
    ("no such encoder", (*PLAN, "--arm", "head:wordlama"), ("wordlama", "wordllama")),
    ("an LLM as encoder", (*PLAN, "--arm", "head:smollm2-135m"), ("smollm2-135m",)),
    ("no such LLM", (*PLAN, "--arm", "prompt:smollm"), ("smollm", "smollm2-135m")),
    ("no LLM named", (*PLAN, "--arm", "prompt"), ("prompt",)),
    ("no family", (*PLAN, "--arm", ":model"), ("FAMILY:MODEL",)),
    ("no address", (*PLAN, "--arm", "prompt:m@"), ("m@",)),
    ("no such option of an arm", (*PLAN, "--arm", "prompt:smollm2-135m?shot=3"), ("shot", "shots")),
    ("shots in words", (*PLAN, "--arm", "prompt:smollm2-135m?shots=some"), ("shots", "some")),
    ("an option twice", (*PLAN, "--arm", "prompt:smollm2-135m?shots=1&shots=2"), ("shots", "twice")),
    ("no key", (*PLAN, "--arm", "prompt:openai/gpt-5-mini"), ("OPENAI_API_KEY",)),
    ("misspelt provider", (*PLAN, "--arm", "prompt:opneai/gpt-5-mini"), ("opneai", "openai")),
    ("an arm twice", (*PLAN, "--arm", "linear", "--arm", "linear"), ("linear", "twice")),
    ("answers of nobody", (*PLAN, "--arm", "predictions:good.csv"), ("side=llm",)),
    ("answers that are not there", (*PLAN, "--arm", "predictions:gone.csv?side=llm"), ("gone.csv",)),
    ("answers without a column", (*PLAN, "--arm", "predictions:no_answers.csv?side=llm"), ("no_answers.csv", "label")),
    # Files
    ("no such file", ("plan", "gone.csv"), ("gone.csv",)),
    ("a folder", ("plan", "."), (".",)),
    ("an unknown kind of file", ("plan", "rows.docx"), ("rows.docx", "CSV")),
    ("an empty file", ("plan", "empty.csv"), ("empty.csv",)),
    ("only a header", ("plan", "header_only.csv"), ("header_only.csv",)),
    ("one class", ("plan", "one_class.csv"), ("one_class.csv", "only one class", "yes")),
    ("ragged", ("plan", "ragged.csv"), ("ragged.csv", "row 2", "ragged")),
    ("no UTF-8", ("plan", "latin.csv"), ("latin.csv", "row 1", "utf-8", "--encoding")),
    ("no such encoding", (*PLAN, "--encoding", "utf-9"), ("utf-9",)),
    ("no column with text", ("plan", "columns.csv"), ("columns.csv", "--text")),
    ("no such column", (*PLAN, "--text", "txt"), ("txt", "text")),
    ("no such group", (*PLAN, "--group", "customer"), ("customer",)),
    ("no test file", (*PLAN, "--test", "gone.csv"), ("gone.csv",)),
    ("the same file twice", (*PLAN, "--test", "good.csv"), ("good.csv", "twice")),
    ("a test file of other columns", (*PLAN, "--test", "columns.csv"), ("columns.csv", "text")),
    ("broken JSON", ("plan", "broken.jsonl"), ("broken.jsonl", "row 2")),
    ("no Parquet", ("plan", "not.parquet"), ("not.parquet",)),
    ("label names that do not fit", (*PLAN, "--label-names", "names.csv"), ("names.csv",)),
    ("an unknown key of a task", ("plan", "task.yaml"), ("task.yaml", "metrik", "metric")),
    ("an unknown key of a study", ("plan", "settings.yaml"), ("settings.yaml", "seed", "seeds")),
    ("a task that is a list", ("plan", "list.yaml"), ("list.yaml", "mapping")),
    # Studies
    ("a file in the way", (*RUN, "--arm", "linear", "--out", "a_file"), ("a_file", "folder")),
    ("no study", ("report", "nowhere"), ("nowhere", "tuningfork run")),
    # Comparisons
    ("one file of answers", ("compare", "good.csv", "good.csv"), ("two",)),
    ("no such answers", ("compare", "good.csv", "good.csv", "gone.csv"), ("gone.csv",)),
    ("rows without an answer", ("compare", "good.csv", "good.csv", "few_answers.csv"), ("few_answers.csv", "row 2")),
    ("a margin of nothing", ("compare", "good.csv", "good.csv", "good.csv", "--margin", "0"), ("margin",)),
    ("no such metric there", ("compare", "good.csv", "good.csv", "good.csv", "--metric", "f1"), ("f1",)),
    # Models
    ("no such model", ("models", "pull", "minlm"), ("minlm", "minilm")),
]


@pytest.mark.parametrize(("arguments", "words"), [pytest.param(*case[1:], id=case[0]) for case in BAD])
def test_bad_input_is_told_plainly(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    before = {path.name for path in here.iterdir()}
    code = run_app(arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    message = err[err.index("tuningfork: ") :]
    assert message.count("\n") == 1, message
    assert not [word for word in words if word.lower() not in message.lower()], message
    assert {path.name for path in here.iterdir()} == before


def test_no_argument_shows_what_there_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app([]) == 2
    shown = "".join(capsys.readouterr())
    assert all(command in shown for command in ("demo", "plan", "run", "compare", "report", "models"))


def test_another_study_in_the_folder_is_not_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ("--arm", "linear", "--label-counts", "8", "--seeds", "1", "--yes", "--out", "study")
    assert run_app(["run", "good.csv", *settings]) == 0
    verdict = (here / "study" / "verdict.json").read_bytes()
    capsys.readouterr()
    assert run_app(["run", "other.csv", *settings]) == 2
    assert "study of other rows" in capsys.readouterr().err
    assert (here / "study" / "verdict.json").read_bytes() == verdict
    assert "good.csv" in (here / "study" / "task.yaml").read_text()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "closed").mkdir(mode=0o500)
    assert run_app([*RUN, "--arm", "linear", "--out", "closed/study"]) == 1
    assert "writable" in capsys.readouterr().err


def unlabelled(here: Path) -> Path:
    path = here / "unlabelled.csv"
    path.write_text(csv_of([""] * 60))
    return path


def test_without_a_label_there_is_a_file_to_fill_in_and_the_command_that_goes_on(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unlabelled(here)
    assert run_app(["run", "unlabelled.csv", "--yes"]) == 2
    err = capsys.readouterr().err
    assert "to_label.csv" in err
    assert "tuningfork run to_label.csv --text text --label label" in err
    lines = (here / "to_label.csv").read_text().splitlines()
    assert lines[0] == "text,label"
    assert sorted(lines[1:]) == sorted(f"{text}," for text in TEXTS)
    assert lines[1:] != [f"{text}," for text in TEXTS], "a random order, so that any prefix can be labelled"

    filled = [line + ("yes" if i % 2 else "no") for i, line in enumerate(lines[1:])]
    (here / "to_label.csv").write_text("\n".join([lines[0], *filled, ""]))
    assert run_app(["plan", "to_label.csv", "--text", "text", "--label", "label", "--arm", "linear"]) == 0


def test_labels_already_filled_in_are_never_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unlabelled(here)
    (here / "to_label.csv").write_text("mine")
    assert run_app(["run", "unlabelled.csv", "--yes"]) == 2
    assert (here / "to_label.csv").read_text() == "mine"


ESCAPES = "\x1b[31mred\x1b[0m\x07\x1b]0;title\x07"


def test_escapes_in_labels_texts_and_names_do_not_reach_the_terminal(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = here / "escapes.csv"
    file.write_text(csv_of([ESCAPES, f"{ESCAPES}2"] * 30))
    answers = here / "answers.csv"
    answers.write_text(csv_of([ESCAPES] * 60, "text,prediction"))
    settings = ("--label-counts", "8", "--seeds", "2", "--out", "escapes", "--yes")
    commands: list[tuple[str, ...]] = [
        ("run", "escapes.csv", "--arm", "linear", "--arm", "predictions:answers.csv?side=llm", *settings),
        ("report", "escapes"),
        ("plan", "escapes.csv", "--arm", "linear", "--label", ESCAPES),
        ("plan", "escapes.csv", "--arm", f"prompt:{ESCAPES}@http://127.0.0.1:9/v1"),
        ("run", f"gone{ESCAPES}.csv"),
        ("plan", "good.csv", f"--{ESCAPES}"),
    ]
    for command in commands:
        run_app(command)
        out, err = capsys.readouterr()
        assert out + err
        assert not {c for c in out + err if not c.isprintable()} - {"\n"}, command


def test_pipes_and_no_color_get_plain_text(here: Path) -> None:
    """As a process, on a terminal that could show colours."""
    cache = os.environ["TUNINGFORK_CACHE"]
    ended = tuningfork("plan", "good.csv", "--arm", "linear", cwd=here, TUNINGFORK_CACHE=cache, TERM="xterm-256color")
    assert ended.code == 0
    assert "\x1b" not in ended.out + ended.err
    asked = tuningfork("run", "good.csv", "--arm", "linear", "--seeds", "1", cwd=here, TUNINGFORK_CACHE=cache)
    assert asked.code != 0, "nobody is there to say yes"
    assert "Traceback" not in asked.err
    assert not (here / "studies").exists()
