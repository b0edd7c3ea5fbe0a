"""task.yaml: wrong types, unknown and repeated keys, and YAML that is more than it seems."""

from __future__ import annotations

from hostile.case import LINEAR_STUDY, Case, Content, refused, works

DATA = "data: good.csv\n"


def task(name: str, content: Content, *says: str) -> Case:
    """A task that cannot be used; its message names the file."""
    return refused(name, "plan task.yaml --arm linear", "task.yaml", *says, files={"task.yaml": content})


def key(line: str, *says: str) -> Case:
    """A task with one bad line."""
    name = line.partition(":")[0].strip()
    shown = line if len(line) < 40 else f"{line[:40]}…"
    return task(f"the line {shown!r}", f"{DATA}{line}\n", name, *says)


def setting(line: str, *says: str) -> Case:
    """A study's section with one bad line."""
    name = line.partition(":")[0].strip()
    return task(f"the setting {line!r}", f"{DATA}study:\n  {line}\n", f"study.{name}", *says)


def bomb(last: str) -> str:
    """Aliases of aliases: 10^9 parts if anybody wrote them out."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    return "\n".join([DATA, *lines, last, ""])


def merge_bomb() -> str:
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 10)]
    return "\n".join([DATA, *lines, ""])


FORM = [
    refused("a task that is not there", "plan gone.yaml", "gone.yaml", "no such file"),
    task("an empty task", "", "is empty"),
    task("a task of comments", "# nothing\n", "no YAML mapping", "data: rows.csv"),
    task("a task that is a list", "- good.csv\n", "no YAML mapping", "data: rows.csv"),
    task("a task that is a word", "good.csv\n", "no YAML mapping"),
    task("a folder called task", lambda path: path.mkdir(), "is a folder"),
    task("no YAML", "data: [good.csv\n", "no valid YAML", "line 2"),
    task("tabs", "data: good.csv\nstudy:\n\tseeds: 3\n", "no valid YAML", "line 3"),
    task("two documents", f"{DATA}---\n{DATA}", "no valid YAML"),
    task("control characters", "data: \x01\n", "no valid YAML"),
    task("a NUL", "data: good\0.csv\n", "no valid YAML"),
    task("Latin-1 in a task", b"data: good.csv\nname: caf\xe9\n", "utf-8"),
    task("a packed task", b"\x1f\x8b\x08\x00", "gzip"),
    task("a key twice", f"{DATA}seed: 1\nseed: 2\n", "'seed'", "twice", "line 3"),
    task("a setting twice", f"{DATA}study:\n  seeds: 1\n  seeds: 2\n", "'seeds'", "twice", "line 4"),
    task("an alias", f"{DATA}text: &a text\nlabel: *a\n", "alias", "line 3"),
    task("a bomb of aliases", bomb("margin: *a9"), "alias"),
    task("a bomb of aliases as a list of arms", bomb("study: {arms: *a9}"), "alias"),
    task("a bomb of merges", merge_bomb(), "alias"),
    task("an alias of itself", "data: &a [*a]\n", "alias"),
    task("an object of Python", "data: !!python/object/apply:os.mkdir [made]\n", "no valid YAML", "python"),
    task("a name of Python", "data: !!python/name:os.system\n", "no valid YAML", "python"),
    task("a key that is a list", f"{DATA}? [a, b]\n: c\n", "no valid YAML"),
    task("a key that is a number", f"{DATA}5: x\n", "unknown key", "'5'"),
    task("a key that is nothing", f"{DATA}~: x\n", "unknown key"),
    task("nested beyond reason", DATA + "text: " + "[" * 1500, "nested too deeply"),
    task("nested beyond reason and closed", DATA + "text: " + "[" * 1500 + "]" * 1500, "nested too deeply"),
    task("far too large", DATA + "# filler\n" * 500_000, "MB", "rows"),
    task("a merge of nothing", f"{DATA}<<: 3\n", "no valid YAML"),
    task("a date of no day", f"{DATA}name: 2024-13-45\n", "no valid YAML"),
    task("a number of endless digits", f"{DATA}seed: {'9' * 5000}\n", "YAML"),
    works("a task in capitals", "plan TASK.YML --arm linear", files={"TASK.YML": DATA}),
    works("a task with a byte-order mark", "plan task.yaml --arm linear", files={"task.yaml": "\ufeff" + DATA}),
    works("a task in UTF-16", "plan task.yaml --arm linear", files={"task.yaml": DATA.encode("utf-16")}),
    works(
        "a task with Windows' line ends",
        "plan task.yaml --arm linear",
        files={"task.yaml": "data: good.csv\r\nseed: 3\r\n"},
    ),
    works("a task elsewhere", ["run", "sub/task.yaml", *LINEAR_STUDY], files={"sub/task.yaml": "data: ../good.csv\n"}),
]

KEYS = [
    refused("data that is the folder", "plan task.yaml", "is a folder", files={"task.yaml": "data: .\n"}),
    refused(
        "data that is the task itself",
        "plan task.yaml",
        "task.yaml",
        "no format for rows",
        files={"task.yaml": "data: task.yaml\n"},
    ),
    task("no data", "text: text\n", "'data'", "data: rows.csv"),
    key("metrik: accuracy", "'metrik'", "did you mean", "'metric'"),
    key("Metric: accuracy", "'Metric'", "did you mean", "'metric'"),
    key("seeds: 3", "'seeds'", "study:"),
    key("arms: [linear]", "'arms'", "study:"),
    *(
        task(f"data that is {shown}", f"data: {value}\n", "data", *says)
        for shown, value, *says in [
            ("nothing", "", "file"),
            ("a list", "[good.csv]", "file"),
            ("a number", "3", "file"),
            ("true", "yes", "truth value"),
            ("no text", "''", "file"),
            ("a NUL", r'"a\0.csv"', "name of a file"),
        ]
    ),
    key("data2: x", "data"),
    key("text: 3", "string", "3"),
    key("label: yes", "truth value", "quote"),
    key("text: [text]", "string"),
    key("label: {name: label}", "string"),
    key("group: 2024-01-01", "string", "quote"),
    key("test: 3", "file"),
    key("test: [a.csv, b.csv]", "file"),
    key("test: gone.csv").with_says("gone.csv", "no such file"),
    key("validation: ''", "validation", "file"),
    key("label_names: gone.csv").with_says("gone.csv", "no such file"),
    key("metric: 3", "string"),
    key("metric: f1").with_says("'f1'", "macro_f1"),
    key("type: regression").with_says("'regression'", "classification"),
    key("type: clasification").with_says("'clasification'", "did you mean"),
    key("margin: three", "number"),
    key("margin: 3", "less than 1"),
    key("margin: .nan", "nan"),
    key("margin: .inf", "inf"),
    key("margin: -.1", "greater than 0"),
    key("margin: true", "truth value"),
    key("eval_rows: 0").with_says("0", "'all'"),
    key("eval_rows: -3").with_says("-3", "'all'"),
    key("eval_rows: some", "'all'"),
    key("eval_rows: true", "truth value"),
    key("eval_rows: 1.5", "'all'"),
    key("seed: -1", "greater than"),
    key("seed: x", "whole number", "'x'"),
    key("seed: 1.5", "whole number"),
    key("seed: true", "truth value"),
    key("encoding: utf-9").with_says("utf-9"),
    key("encoding: 8", "string"),
    key("delimiter: ',;'").with_says("',;'", "one character"),
    key("description: [a, b]", "string"),
    key(f"name: [{', '.join(['x'] * 5000)}]", "string"),
    key("study: linear", "mapping"),
    key("study: [linear]", "mapping"),
    key("study: 3", "mapping"),
]

SETTINGS = [
    task("an unknown setting", f"{DATA}study:\n  seed: 3\n", "'seed'", "did you mean", "'seeds'"),
    task("a setting of number", f"{DATA}study:\n  3: 3\n", "'3'", "seeds"),
    setting("seeds: 0", "greater than", "0"),
    setting("seeds: many", "whole number", "'many'"),
    setting("seeds: true", "truth value"),
    setting("arms: linear", "list"),
    setting("arms: [3]", "string"),
    setting("arms: {linear: 1}", "list"),
    setting("label_counts: [0]").with_says("label counts", "from 1 up", "8,32"),
    setting("label_counts: [-8, 8]").with_says("label counts", "from 1 up", "-8"),
    setting("label_counts: 8", "list"),
    setting("label_counts: []").with_says("label counts", "empty list", "8,32"),
    setting("label_counts: [8.5]", "whole number"),
    setting("budget_usd: -1", "greater than"),
    setting("budget_usd: .nan", "finite"),
    setting("budget_minutes: 0", "greater than"),
    setting("budget_minutes: an hour", "number"),
    setting("prices: {gpt-5: 1}", "list"),
    setting("prices: [gpt-5]").with_says("'gpt-5'", "MODEL=IN,OUT"),
    setting("usd_per_hour: -1", "greater than"),
    setting("mirror: perhaps", "true or false"),
    works("a study of nothing", "plan task.yaml --arm linear", files={"task.yaml": f"{DATA}study:\n"}),
    works(
        "an order of counts",
        "plan task.yaml",
        files={"task.yaml": f"{DATA}study: {{arms: [linear], label_counts: [16, 8]}}\n"},
    ),
]

CASES: list[Case] = [*FORM, *KEYS, *SETTINGS]
