"""`compare`, `report` and `models` with what was not meant for them."""

from __future__ import annotations

import os

from hostile.case import ANSWERS, GOOD, TEXTS, Case, Content, csv_of, refused, works

KEYED = "id,label\n" + "".join(f"r{i},{answer}\n" for i, answer in enumerate(ANSWERS))
OTHER = csv_of(["yes"] * 60, header="text,prediction")


def compared(name: str, content: Content, *says: str, file: str = "b.csv", options: tuple[str, ...] = ()) -> Case:
    """Answers that cannot be compared with the good ones."""
    return refused(name, ["compare", "good.csv", "good.csv", file, *options], *says, files={file: content})


def golden(name: str, content: Content, *says: str, file: str = "gold.csv", options: tuple[str, ...] = ()) -> Case:
    """Right labels that cannot be used."""
    return refused(name, ["compare", file, "good.csv", "good.csv", *options], *says, files={file: content})


def margin(value: str, *says: str) -> Case:
    arguments = ["compare", "good.csv", "good.csv", "good.csv", "--margin", value]
    return refused(f"a comparison's margin {value!r}", arguments, "--margin", *says)


COMPARE = [
    refused("nothing to compare", "compare", "GOLD", "compare --help"),
    refused("no answers", "compare good.csv", "ANSWERS", "compare --help"),
    refused("one file of answers", "compare good.csv good.csv", "two or more"),
    refused("right labels that are not there", "compare gone.csv good.csv good.csv", "gone.csv", "no such file"),
    refused("one answer file that is not there", "compare good.csv good.csv gone.csv", "gone.csv", "no such file"),
    refused(
        "no such metric of a comparison",
        "compare good.csv good.csv good.csv --metric acuracy",
        "'acuracy'",
        "did you mean",
        "'accuracy'",
    ),
    refused("no metric", ["compare", "good.csv", "good.csv", "good.csv", "--metric", ""], "''", "accuracy"),
    *(margin(value, f"{value} is", "points") for value in ("0", "-3", "100", "nan", "inf")),
    margin("x", "number", "compare --help"),
    compared("an empty file of answers", "", "b.csv", "is empty"),
    compared("answers of a header only", "text,label\n", "b.csv", "no row"),
    compared("a folder of answers", lambda path: path.mkdir(), "b.csv", "is a folder"),
    compared("packed answers", b"\x1f\x8b\x08\x00", "b.csv", "gzip"),
    compared("answers of another format", "x", "b.txt", ".csv", file="b.txt"),
    compared("answers without labels", "text,weight\na,1\n", "b.csv", "'prediction'", "rename"),
    compared("answers without any column in common", "prediction\nyes\n", "b.csv", "1 row", "60", "'id' or 'text'"),
    compared("ragged answers", "text,label\na,b,c\n", "b.csv", "row 1", "ragged"),
    compared("most rows without answer", csv_of(ANSWERS[:29]), "b.csv", TEXTS[29], "row 30", "good.csv"),
    refused("one row to compare", "compare b.csv b.csv b.csv", "b.csv", "one row", files={"b.csv": csv_of(["yes"])}),
    compared("two answers to one row", OTHER + f"{TEXTS[0]},no\n", "b.csv", "row 61", "'text'", "one answer a row"),
    compared("answers that are no label", csv_of(["🙂"] * 60), "b.csv", "'label'", "🙂", "'yes'", "--answer COLUMN"),
    compared("empty answers", csv_of([""] * 60), "b.csv", "'label'", "60 answers are blank", "--answer COLUMN"),
    compared("answers in Latin-1", OTHER.encode() + b"caf\xe9,yes\n", "b.csv", "row 61", "utf-8"),
    compared("answers in broken JSONL", '{"text": "a"\n', "b.jsonl", "row 1", "no valid JSON", file="b.jsonl"),
    compared("a log that is a pipe", os.mkfifo, "b.eval", "pipe or a device", file="b.eval"),
    compared("samples that are a pipe", os.mkfifo, "b.jsonl", "pipe or a device", file="b.jsonl"),
    compared("a log that is none", b"\x00\xff" * 99, "b.eval", "no complete zip", "copy it", file="b.eval"),
    compared("a log of a few bytes", b"PK\x03\x04", "b.eval", "no complete zip", file="b.eval"),
    compared(
        "samples in no language",
        '{"doc_id": 1, "target": "a", "resps": [], "filtered_resps": [}',
        "b.jsonl",
        "row 1",
        "no valid JSON",
        file="b.jsonl",
    ),
    golden(
        "right labels missing in a row", csv_of(["yes", "", *ANSWERS[2:]]), "gold.csv", "row 2", "'label'", "leave out"
    ),
    golden("right labels missing altogether", csv_of([""] * 60), "gold.csv", "row 1", "'label'"),
    golden("right labels without column", "text,answer\na,b\n", "gold.csv", "'label'", "rename"),
    golden("right labels of no row", "text,label\n", "gold.csv", "no row"),
    golden(
        "one right label only, by macro-F1",
        csv_of(["yes"] * 60),
        "one label",
        "accuracy",
        options=("--metric", "macro_f1"),
    ),
    works(
        "blanks around answers",
        "compare good.csv good.csv b.csv --json",
        '"score_b": 1.0',
        files={"b.csv": csv_of([f" {a} " for a in ANSWERS])},
    ),
    works(
        "answers in another order",
        "compare k.csv k.csv b.csv --json",
        '"score_b": 1.0',
        files={"k.csv": KEYED, "b.csv": "\n".join(["id,label", *reversed(KEYED.splitlines()[1:]), ""])},
    ),
    works(
        "some answers that are no label",
        "compare good.csv good.csv b.csv --json",
        '"score_b": 0.5',
        "30 of 60 answers are no label",
        files={"b.csv": csv_of([*ANSWERS[:30], *["🙂"] * 30])},
    ),
    works(
        "some empty answers",
        "compare good.csv good.csv b.csv --json",
        '"score_b": 0.5',
        files={"b.csv": csv_of([*ANSWERS[:30], *[""] * 30])},
    ),
    works("the same file three times", "compare good.csv good.csv good.csv --json", '"difference": 0.0'),
    works(
        "a row without answer",
        "compare good.csv good.csv b.csv --json",
        '"n": 59',
        files={"b.csv": csv_of(ANSWERS[:59])},
    ),
    works(
        "markup in the names of answers",
        ["compare", "good.csv", "[b]good[-b].csv", "good.csv"],
        "[b]good[-b].csv",
        files={"[b]good[-b].csv": GOOD},
    ),
]


def reported(name: str, *says: str, code: int = 2, **files: Content) -> Case:
    """A folder `s` that `report` cannot use; files are named by their first part."""
    endings = {"ledger": "ledger.sqlite", "task": "task.yaml"}
    return refused(
        name, "report s", *says, files={f"s/{endings[part]}": made for part, made in files.items()}, code=code
    )


REPORT = [
    refused("a report of nothing", "report", "STUDY", "report --help"),
    refused("a report of no folder", "report gone", "gone", "no study", "tuningfork run"),
    refused("a report of a file", "report good.csv", "good.csv", "no study", "tuningfork run"),
    refused("a report of this folder", "report .", "no study", "tuningfork run"),
    refused("a report of no name", ["report", ""], "no study", "tuningfork run"),
    refused("a report of two studies", "report a b", "unexpected", "(b)", "report --help"),
    refused("a report with an unknown option", "report . --formt html", "--formt"),
    reported("a ledger that is a pipe", "no study", ledger=os.mkfifo),
    reported("a ledger that is a folder to report", "no study", ledger=lambda path: path.mkdir()),
    reported("a ledger that is text", "ledger.sqlite", "not a database", ledger="text" * 999, code=1),
    reported("an empty ledger", "s/ledger.sqlite", ledger="", code=1),
    reported(
        "a ledger of a newer version", "newer", "upgrade", ledger=lambda path: _database(path, version=99), code=1
    ),
    reported("another program's database", "s", ledger=lambda path: _database(path, version=1)),
]

MODELS = [
    refused("no model to pull", "models pull", "NAME", "models pull --help"),
    refused("no such model to pull", "models pull minlm", "'minlm'", "did you mean", "'minilm'"),
    refused("a second model misspelt", "models pull wordllama minlm", "'minlm'", "'minilm'"),
    refused("a model in capitals", "models pull MiniLM", "'MiniLM'", "'minilm'"),
    refused("a model of no name", ["models", "pull", ""], "''"),
    refused("a model of blanks", ["models", "pull", " "], "' '"),
    refused("a model with an escape", ["models", "pull", "\x1b[31m"], r"\x1b"),
    refused("a model at no owner", "models pull hf:nobody", "hf:nobody", "hf:OWNER/NAME"),
    refused("a model outside the Hub", "models pull hf:../..", "hf:../..", "hf:OWNER/NAME"),
    refused("a file of a model outside", "models pull hf:a/b/../../x.gguf", "hf:a/b", "hf:OWNER/NAME"),
    refused("a model on a path that is not there", "models pull ./gone", "./gone", "no such"),
    refused("a Hub name without hf:", "models pull owner/name", "owner/name", "hf:owner/name"),
    refused("rows to pull", "models pull good.csv", "good.csv", "GGUF"),
    refused("a folder without a model to pull", "models pull sub", "sub", "config.json", files={"sub/x.txt": ""}),
    refused("a device to pull", "models pull /dev/null", "/dev/null", "GGUF"),
    refused("no GGUF file to pull", "models pull x.gguf", "x.gguf", "GGUF", files={"x.gguf": b"GGUF" + b"\xff" * 64}),
    refused("an empty GGUF file to pull", "models pull x.gguf", "x.gguf", files={"x.gguf": ""}),
    refused("a list of something", "models list minilm", "unexpected", "minilm"),
    refused("a demonstration of something", "demo good.csv", "unexpected", "good.csv"),
    refused("a demonstration into a file", "demo --out good.csv", "good.csv", "no folder"),
]


def _database(path: object, *, version: int) -> None:
    import sqlite3

    connection = sqlite3.connect(str(path))
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("CREATE TABLE other (x)")
    connection.commit()
    connection.close()


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
)


def flow(name: str, content: Content, *says: str) -> Case:
    """A decision flow that cannot be walked."""
    return refused(name, "advise --flow flow.yaml", "flow.yaml", *says, files={"flow.yaml": content})


ADVISE = [
    refused("advice on rows that are not there", "advise gone.csv", "gone.csv", "no such file"),
    refused(
        "an answer to no question", "advise --answer few_lables=yes", "'few_lables'", "did you mean", "'few_labels'"
    ),
    refused("an answer of maybe", "advise --answer few_labels=maybe", "few_labels=maybe", "yes|no|unknown"),
    refused("advice from no study", "advise --study gone", "gone", "no verdict"),
    flow("a flow that is a list", "- a\n", "no YAML mapping"),
    flow("a flow that is no YAML", "a: [\n", "no valid YAML", "line 2"),
    flow("a flow that is a bomb of aliases", BOMB, "alias", "line 2"),
    flow("a flow nested beyond reason", "a: " + "[" * 1500, "no valid YAML"),
    flow("a flow with a key twice", "version: 1\nversion: 2\n", "line 2", "twice"),
    refused("no section of the guide", "guide lables", "'lables'"),
    refused("no such command of the atlas", "atlas shw x", "'shw'", "show"),
]

CASES: list[Case] = [*COMPARE, *REPORT, *MODELS, *ADVISE]
