"""Options: numbers out of range, names misspelt, contradictions, and what --out may turn out to be."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hostile.case import LINEAR_STUDY, TEXTS, Case, refused, works

PLAN = ("plan", "good.csv")
ENDLESS = "9" * 5000


def option(name: str, *values: str, says: tuple[str, ...] = ()) -> Iterator[Case]:
    """An option with values that cannot be; the message names it as it is typed."""
    for value in values:
        shown = value if len(value) < 30 else f"{value[:5]}…"
        yield refused(f"{name} {shown!r}", [*PLAN, name, value], name, *(word.format(value=value) for word in says))


NUMBERS = [
    *option("--seeds", "0", "-1", "1001", says=("from 1 to 1000", "{value} is")),
    *option("--seeds", "1e3", "1.5", "many", "", ENDLESS, says=("integer", "plan --help")),
    *option("--seed", "-1", says=("-1 is", "from 0 up")),
    *option("--seed", "1.5", "x", ENDLESS, says=("integer", "plan --help")),
    *option("--margin", "0", "-3", "100", "300", "nan", "inf", says=("{value} is", "points", "below 100")),
    *option("--margin", "1e400", says=("inf is", "points")),
    *option("--margin", "x", "", "0.05", says=("points", "plan --help")),
    *option("--budget-usd", "-1", "nan", "inf", "-inf", says=("{value} is no amount",)),
    *option("--budget-usd", "$5", "1,5", says=("number", "plan --help")),
    *option("--budget-minutes", "0", "-5", "nan", "inf", says=("{value} is no time",)),
    *option("--budget-minutes", "an hour", says=("number", "plan --help")),
    *option("--usd-per-hour", "-1", "nan", "inf", says=("{value} is no amount",)),
    *option("--usd-per-hour", "x", says=("number", "plan --help")),
    *option("--eval-rows", "0", "-5", "1.5", "1e3", "few", "", "ALLES", says=("'{value}'", "'all'")),
    *option("--label-counts", "0", "-8", "8,-8", "8.5", "8;16", ",", "", "8,many", says=("'{value}'", "8,32,128")),
    *option("--eval-rows", ENDLESS, says=("'9999", "'all'")),
    *option("--label-counts", ENDLESS, says=("'9999", "8,32,128")),
    *option(
        "--price",
        "gpt-5",
        "gpt-5=",
        "gpt-5=1",
        "gpt-5=-1,2",
        "gpt-5=nan,1",
        "gpt-5=1,inf",
        "=1,2",
        "gpt-5=a,b",
        "gpt-5=1,2,3",
        "",
        says=("'{value}'", "MODEL=IN,OUT"),
    ),
    refused("a seed below nothing, typed with =", [*PLAN, "--seed=-1"], "--seed", "-1 is"),
    works("a label count beyond the pool", [*PLAN, "--arm", "linear", "--label-counts", "8,1000000000000"], "pool"),
    works("label counts twice and in disorder", [*PLAN, "--arm", "linear", "--label-counts", "32, 8,8,,"]),
    works("evaluation rows beyond the file", [*PLAN, "--arm", "linear", "--eval-rows", "1000000"], "1000000", "40 %"),
    works("all evaluation rows", [*PLAN, "--arm", "linear", "--eval-rows", "all"]),
    works("a seed beyond the stars", ["run", "good.csv", *LINEAR_STUDY, "--seed", "9" * 40]),
    works("a tiny margin", ["run", "good.csv", *LINEAR_STUDY, "--margin", "1e-9pt"]),
    works("no dollars", [*PLAN, "--arm", "linear", "--budget-usd", "0"]),
    works("more minutes than there were", ["run", "good.csv", *LINEAR_STUDY, "--budget-minutes", "1e300"]),
    works("a moment", [*PLAN, "--arm", "linear", "--budget-minutes", "1e-9"]),
    works("a machine of gold", ["run", "good.csv", *LINEAR_STUDY, "--usd-per-hour", "1e300"]),
    works(
        "a description of everything", ["run", "good.csv", *LINEAR_STUDY, "--description", "{text} <b> \x1b[31m\n" * 99]
    ),
]


def arm(name: str, spec: str, *says: str, files: dict[str, str | bytes] | None = None) -> Case:
    return refused(name, [*PLAN, "--arm", spec], *says, files=files or {})


NAMES = [
    refused("no such command", "rnu good.csv", "'rnu'", "did you mean", "'run'"),
    refused("a command of nothing", [""], "--help"),
    refused("an option for a command", "--json plan", "--json", "--help"),
    refused("no such command of models", "models lst", "'lst'", "'list'"),
    refused("no data", "run", "DATA", "run --help"),
    refused("data twice", "plan good.csv good.csv", "unexpected", "good.csv", "plan --help"),
    *(
        refused(f"{slip} for {right}", [*PLAN, slip, "x"], slip, "did you mean", right)
        for slip, right in [
            ("--lable", "--label"),
            ("--txt", "--text"),
            ("--tests", "--test"),
            ("--metrics", "--metric"),
            ("--arms", "--arm"),
            ("--budget", "--budget-usd"),
            ("--label-count", "--label-counts"),
            ("--prices", "--price"),
            ("--output", "--out"),
            ("--eval-row", "--eval-rows"),
            ("--groups", "--group"),
        ]
    ),
    refused("an option without its value", [*PLAN, "--text"], "--text", "argument"),
    refused("a switch with a value", [*PLAN, "--json=yes"], "--json", "value"),
    refused("yes for a plan", [*PLAN, "--yes"], "--yes"),
    *(
        refused(f"the metric {name!r}", [*PLAN, "--metric", name], "metric", *says)
        for name, *says in [
            ("acuracy", "'acuracy'", "did you mean", "'accuracy'"),
            ("f1", "'f1'", "macro_f1"),
            ("macrof1", "'macrof1'", "macro_f1"),
            ("", "''", "accuracy"),
            ("bleu", "'bleu'", "accuracy", "macro_f1"),
        ]
    ),
    works("a metric in capitals", [*PLAN, "--arm", "linear", "--metric", "Macro-F1"]),
    arm("no such family", "liner", "'liner'", "did you mean", "'linear'"),
    arm("a family in capitals", "Linear", "'Linear'", "did you mean", "'linear'"),
    arm("no family", ":minilm", "FAMILY:MODEL"),
    arm("no spec", "", "''", "FAMILY:MODEL"),
    arm("a blank spec", " ", "FAMILY:MODEL"),
    arm("a question", "?", "FAMILY:MODEL"),
    arm("a helper for a family", "spec", "'spec'", "linear"),
    arm("a path for a family", "../arms/linear", "../arms/linear", "linear"),
    arm("a model for linear", "linear:minilm", "linear:minilm"),
    arm("an option for linear", "linear?depth=3", "depth"),
    arm("an address for linear", "linear:x@http://127.0.0.1/v1", "linear:x@http"),
    arm("no encoder", "head", "head", "minilm"),
    arm("no such encoder", "head:minlm", "'minlm'", "did you mean", "'minilm'"),
    arm("an LLM for an encoder", "head:smollm2-135m", "smollm2-135m", "minilm"),
    arm("an encoder for an LLM", "prompt:minilm", "minilm", "smollm2-135m"),
    arm("a static encoder to train", "finetune:wordllama", "wordllama"),
    arm("no layers", "finetune:minilm?layers=many", "layers", "many"),
    arm("a layer too few", "finetune:minilm?layers=-1", "layers", "-1"),
    arm("layers beyond reason", "finetune:minilm?layers=101", "layers", "101", "1 to 100"),
    arm("a layer of endless digits", f"finetune:minilm?layers={ENDLESS}", "layers", "999"),
    arm("a model at nobody", "head:hf:nobody", "hf:nobody", "hf:OWNER/NAME"),
    arm("a model outside", "head:hf:../..", "hf:../..", "hf:OWNER/NAME"),
    arm("a model that is a file", "head:good.csv", "good.csv", "folder"),
    arm("a model that is an empty folder", "head:.", "config.json"),
    arm("an LLM that is rows", "prompt:good.csv", "good.csv", "GGUF"),
    arm("an LLM that is none", "prompt:x.gguf", "x.gguf", "GGUF", files={"x.gguf": b"GGUF" + b"\xff" * 60}),
    arm("an LLM that is empty", "prompt:x.gguf", "x.gguf", files={"x.gguf": b""}),
    arm("an LLM that is not there", "prompt:gone.gguf", "gone.gguf", "no such"),
    arm("no LLM", "prompt", "prompt"),
    arm("no such LLM", "prompt:smolm2-135m", "'smolm2-135m'", "did you mean", "'smollm2-135m'"),
    arm("no such provider", "prompt:opneai/gpt-5-mini", "opneai", "openai"),
    arm("a provider without model", "prompt:openai/", "openai"),
    arm("a provider without key", "prompt:openai/gpt-5-mini", "OPENAI_API_KEY"),
    arm("no such option of a prompt", "prompt:smollm2-135m?shot=3", "'shot'", "did you mean", "'shots'"),
    *(
        arm(f"shots={value[:9]!r}", f"prompt:smollm2-135m?shots={value}", "shots", value[:9])
        for value in ("-1", "1.5", "some", "", "100000", ENDLESS)
    ),
    arm("shots twice", "prompt:smollm2-135m?shots=1&shots=2", "'shots'", "twice"),
    arm("no such selection", "prompt:smollm2-135m?shots=3&select=nearst", "'nearst'", "did you mean", "'nearest'"),
    *(
        arm(f"permute={value[:9]!r}", f"prompt:smollm2-135m?permute={value}", "permute", value[:9], "2 to 24")
        for value in ("-1", "1", "2.5", "some", "25", ENDLESS)
    ),
    arm("an order of options that no row has", "prompt:smollm2-135m?permute=4", "permute=", "classification", "Leave"),
    arm("no address", "prompt:m@", "m@"),
    arm(
        "an address of another kind",
        "prompt:m@ftp://127.0.0.1/v1",
        "ftp://127.0.0.1/v1",
        "prompt:m@http://127.0.0.1/v1",
    ),
    arm("an address of nobody", "prompt:m@http://", "http://"),
    arm("an address with a port beyond", "prompt:m@http://127.0.0.1:99999/v1", "99999"),
    arm("an address half closed", "prompt:m@http://[::1/v1", "[::1"),
    arm("an address with a password", "prompt:m@http://me:hunter2@127.0.0.1/v1", "password"),
    arm("an address without model", "prompt:@http://127.0.0.1:9/v1", "model"),
    arm("an arm with an escape", "prompt:\x1b[31m", r"\x1b"),
    arm("an arm that is no UTF-8", "head:caf\udce9", "caf"),
    refused("an arm twice", [*PLAN, "--arm", "linear", "--arm", " linear"], "'linear'", "twice"),
    refused("a second arm misspelt", [*PLAN, "--arm", "linear", "--arm", "hed:minilm"], "'hed'", "'head'"),
]

ANSWERS_FILE = "text,prediction\n" + "".join(f"{text},yes\n" for text in TEXTS)


def answers(name: str, content: str, *says: str, query: str = "?side=llm") -> Case:
    return arm(name, f"predictions:a.csv{query}", *says, files={"a.csv": content})


PREDICTIONS = [
    arm("answers in no file", "predictions:?side=llm", "names no file", "predictions:FILE"),
    arm("answers that are not there", "predictions:gone.csv?side=llm", "gone.csv", "no such file"),
    answers("answers of nobody", ANSWERS_FILE, "predictions:a.csv", "?side=llm", query=""),
    answers("answers of another side", ANSWERS_FILE, "'lllm'", "did you mean", "'llm'", query="?side=lllm"),
    answers("answers with an unknown option", ANSWERS_FILE, "'n'", "side", query="?side=llm&n=3"),
    answers("answers without a key", "prediction\nyes\n", "a.csv", "'id'", "'text'", "rename"),
    answers("answers without an answer", "text,weight\na,1\n", "a.csv", "'prediction'", "rename"),
    answers("answers in a broken file", "text,prediction\na,b,c\n", "a.csv", "row 1", "ragged"),
    answers("no answers", "text,prediction\n", "a.csv", "no row"),
    answers("two answers to a row", ANSWERS_FILE + f"{TEXTS[0]},no\n", "a.csv", "row 61", "'text'", "one answer a row"),
]


def out(name: str, where: str, *says: str, files: dict[str, object] | None = None, code: int = 2) -> Case:
    arguments = ["run", "good.csv", "--arm", "linear", "--label-counts", "8", "--seeds", "1", "--yes", "--out", where]
    return refused(name, arguments, *says, files=files or {}, code=code)  # type: ignore[arg-type]


OUT = [
    out("a file in the way", "a_file", "a_file", "no folder", "--out", files={"a_file": "mine"}),
    out("a file higher up in the way", "a_file/study", "a_file", "--out", files={"a_file": "mine"}),
    out("the data in the way", "good.csv", "good.csv", "no folder", "--out"),
    out("a device in the way", "/dev/null", "/dev/null", "no folder", "--out"),
    out("a pipe in the way", "pipe", "pipe", "no folder", "--out", files={"pipe": os.mkfifo}),
    out(
        "a link to nothing in the way",
        "gone",
        "gone",
        "no folder",
        "--out",
        files={"gone": lambda p: p.symlink_to("/nowhere/x")},
    ),
    out("no name", "", "--out"),
    out("a name beyond length", "x" * 300, "xxx", "too long", "--out"),
    out("a place without files", "/proc/study", "/proc/study", "cannot be opened", code=1),
    out(
        "a ledger that is none", "s", "s/ledger.sqlite", "--out", files={"s/ledger.sqlite": "no database" * 99}, code=1
    ),
    out("a ledger that is a folder", "s", "s/ledger.sqlite", files={"s/ledger.sqlite/x": ""}, code=1),
    works("a folder with other things", ["run", "good.csv", *LINEAR_STUDY], files={"study/mine.txt": "mine"}),
    works(
        "a link to a folder",
        ["run", "good.csv", *LINEAR_STUDY],
        files={
            "study": lambda p: p.symlink_to("."),
        },
    ),
]

CASES: list[Case] = [*NUMBERS, *NAMES, *PREDICTIONS, *OUT]
