"""Files as labelling tools, spreadsheets and hubs export them: what the command line makes of each."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars
import pytest

from documentation import DOCS, blocks
from tuningfork.cli.app import run_app

LABELS = ("refund", "delivery", "account")
WORDS = {
    "refund": "I want my money back for",
    "delivery": "where is my parcel with",
    "account": "I cannot log in to see",
}
QUICK = ("--arm", "linear", "--label-counts", "16,32", "--seeds", "3", "--budget-minutes", "2", "--out", "out", "--yes")
Pairs = list[tuple[str, str]]


def pairs(n: int = 150) -> Pairs:
    """Texts with the label that their words tell."""
    things = ("kettle", "lamp", "bike", "tent", "clock", "book")
    chosen = [LABELS[i * 7 % 3] for i in range(n)]
    return [(f"{WORDS[label]} the {things[i % 6]} number {i}", label) for i, label in enumerate(chosen)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def case(shared_cases: Path, desk: Path) -> Any:
    def _copy(number: str) -> None:
        folder = next(shared_cases.glob(f"{number}-*"))
        shutil.copytree(folder, desk, dirs_exist_ok=True)

    return _copy


@dataclass(frozen=True)
class Done:
    code: int
    stdout: str
    stderr: str


def tf(*arguments: str) -> Done:
    """A command line, run as the console script runs it."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as error:
        code = run_app(arguments)
    return Done(code, out.getvalue(), error.getvalue())


def plan(*arguments: str) -> dict[str, Any]:
    """The plan as JSON; the command has to succeed."""
    done = tf("plan", *arguments, "--arm", "linear", "--json")
    assert done.code == 0, done.stderr
    return json.loads(done.stdout)


def read(*arguments: str) -> dict[str, Any]:
    return plan(*arguments)["read"][0]


def said(planned: dict[str, Any]) -> dict[str, str]:
    return {note["code"]: note["message"] for note in planned["notes"]}


def refusal(*arguments: str) -> str:
    done = tf("plan", *arguments, "--arm", "linear")
    assert done.code == 2, done.stdout
    return done.stderr


def commands(message: str) -> list[str]:
    """The whole commands that a message shows."""
    return [
        one.rstrip(".;") for one in re.findall(r"tuningfork plan [^\n]*?(?=; or,|\. |\.?$|; )", message, re.MULTILINE)
    ]


def rerun(message: str) -> dict[str, Any]:
    """What the first command in a message gives."""
    return plan(*shlex.split(commands(message)[0])[2:])


def score(*arguments: str) -> float:
    done = tf("run", *arguments, *QUICK, "--json")
    assert done.code == 0, done.stderr
    verdict = json.loads(done.stdout)
    return float(verdict["arms"][0]["score"])


def lines(rows: Sequence[object]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def csv_lines(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    quoted = ([f'"{field.replace(chr(34), chr(34) * 2)}"' for field in row] for row in rows)
    return "".join(f"{delimiter.join(row)}\n" for row in quoted)


# ---- the page that tells of it


def test_the_page_shows_what_is_said(desk: Path) -> None:
    output, compared = "", 0
    for block in blocks(DOCS / "how-to" / "bring-your-export.md"):
        if block.title is not None:
            Path(block.title).write_text(block.text)
        elif block.language == "bash":
            done = tf(*shlex.split(block.text)[1:])
            assert done.code == 0, f"{block.place}: {done.stderr}"
            output = " ".join(done.stdout.split())
        elif block.language == "text":
            assert " ".join(block.text.split()) in output, f"{block.place}: {output}"
            compared += 1
    assert compared > 8


# ---- what was read is said


def test_every_command_says_what_it_read(desk: Path) -> None:
    Path("rows.csv").write_text(
        csv_lines([("text", "label", "title"), *((t, n, "x") for t, n in pairs()), ("", "x", "")])
    )
    Path("test.jsonl").write_text(lines([{"text": f"new {t}", "label": n} for t, n in pairs(60)]))
    given = ("rows.csv", "--test", "test.jsonl")
    planned = tf("plan", *given, "--arm", "linear")
    assert re.search(r"Read +rows\.csv \(CSV\): 151 rows, 150 taken; text from 'text', label from", planned.stdout)
    assert "test.jsonl (JSONL): 60 rows" in planned.stdout
    assert "Taken by their names" not in planned.stdout
    run = tf("run", *given, *QUICK)
    assert "rows.csv (CSV): 151 rows, 150 taken" in run.stderr
    profiled = json.loads(tf("profile", *given, "--json").stdout)
    assert [one["file"] for one in profiled["read"]] == ["rows.csv", "test.jsonl"]
    assert profiled["read"][0] == {
        "role": "data",
        "file": "rows.csv",
        "format": "CSV",
        "rows": 151,
        "used": 150,
        "columns": {"text": "text", "label": "label"},
        "matched": None,
        "left_out": {"without text": 1},
        "not_read": ["title"],
    }
    assert "rows.csv (CSV): 151 rows" in tf("profile", *given).stdout
    advised = tf("advise", *given, "--answer", "few_labels=no", "--json")
    assert json.loads(advised.stdout)["read"] == profiled["read"]
    assert "rows.csv (CSV): 151 rows, 150 taken" in advised.stderr


def test_rows_without_label_are_counted(desk: Path) -> None:
    Path("rows.csv").write_text(csv_lines([("text", "label"), *pairs(), ("nobody knows", "")]))
    assert read("rows.csv")["left_out"] == {"without label, kept aside": 1}


# ---- D: columns that void or qualify a label


def test_10_rejected_and_ignored_answers_are_void(case: Any) -> None:
    case("10")
    planned = plan("prodigy.jsonl")
    assert planned["read"][0]["used"] == 184
    assert planned["read"][0]["left_out"] == {"ignored ('answer')": 16, "rejected ('answer')": 100}
    assert "Prodigy" in said(planned)["void_rows"]
    assert score("prodigy.jsonl") > 0.85
    assert read("prodigy.jsonl", "--keep", "answer=accept,reject")["used"] == 284


def test_10_choices_are_read(case: Any) -> None:
    case("10")
    for options in ((), ("--label", "accept")):
        found = read("choice.jsonl", *options)
        assert (found["format"], found["used"], found["columns"]["label"]) == ("Prodigy JSONL", 60, "accept")
    assert score("choice.jsonl") > 0.8


def test_24_rows_of_one_conversation_are_told(case: Any) -> None:
    case("24")
    note = said(plan("data.csv"))["rows_not_independent"]
    assert "240 of 240 rows share their 'conversation_id'" in note
    assert commands(note) == ["tuningfork plan data.csv --group conversation_id"]
    assert "rows_not_independent" not in said(rerun(note))
    verdict = json.loads(tf("run", "data.csv", *QUICK, "--json").stdout)
    assert [one["code"] for one in verdict["warnings"]].index("rows_not_independent") <= 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threadId", lambda i: f"t{i // 4}"),
        ("user", lambda i: f"u{i % 30}"),
        ("order_no", lambda i: str(i // 3)),
        ("patient_id", lambda i: str(i // 30)),
    ],
)
def test_other_keys_of_dependent_rows_are_told(desk: Path, name: str, value: Any) -> None:
    rows = [(text, label, value(i)) for i, (text, label) in enumerate(pairs())]
    Path("rows.csv").write_text(csv_lines([("text", "label", name), *rows]))
    assert f"--group {name}" in said(plan("rows.csv"))["rows_not_independent"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel_id", lambda i: str(i % 3)),
        ("language", lambda i: "en"),
        ("session", lambda i: "one"),
        ("uuid", lambda i: f"{i:032x}"),
        ("user_type", lambda i: ["free", "paid"][i % 2]),
        ("label_id", lambda i: str(i % 3)),
    ],
)
def test_categories_constants_and_single_keys_are_not(desk: Path, name: str, value: Any) -> None:
    rows = [(text, label, value(i)) for i, (text, label) in enumerate(pairs())]
    Path("rows.csv").write_text(csv_lines([("text", "label", name), *rows]))
    assert "rows_not_independent" not in said(plan("rows.csv"))


@pytest.mark.parametrize(
    ("column", "good", "bad", "option"),
    [
        ("is_deleted", "false", "true", "is_deleted=false"),
        ("skip", "", "1", "skip="),
        ("is_approved", "TRUE", "FALSE", "is_approved=TRUE"),
        ("gold_valid", "1", "0", "gold_valid=1"),
        ("review_status", "approved", "needs review", "review_status=approved"),
        ("split", "train", "test", "split=train"),
    ],
)
def test_columns_that_may_void_a_row_are_told(desk: Path, column: str, good: str, bad: str, option: str) -> None:
    rows = [(text, label, bad if i % 10 == 0 else good) for i, (text, label) in enumerate(pairs())]
    Path("rows.csv").write_text(csv_lines([("text", "label", column), *rows]))
    planned = plan("rows.csv")
    note = next(message for code, message in said(planned).items() if code in ("qualified_rows", "split_column"))
    assert f"--keep {shlex.quote(option)}" in note
    assert planned["read"][0]["used"] == 150
    assert read("rows.csv", "--keep", option)["used"] == 135
    Path("task.yaml").write_text(f"data: rows.csv\nkeep: {{{column}: [{json.dumps(good)}]}}\n")
    assert read("task.yaml")["used"] == 135


def test_a_ticket_s_own_status_is_no_remark(desk: Path) -> None:
    rows = [(text, label, ("open", "closed")[i % 2]) for i, (text, label) in enumerate(pairs())]
    Path("rows.csv").write_text(csv_lines([("text", "label", "status"), *rows]))
    assert not {"qualified_rows", "void_rows"} & set(said(plan("rows.csv")))


def test_argilla_discards_are_void(desk: Path) -> None:
    states = ("submitted", "submitted", "discarded", "submitted", "draft")
    rows = [
        {
            "id": str(i),
            "status": "completed",
            "fields": {"text": text},
            "suggestions": {"intent": {"value": "refund", "score": 0.9}},
            "responses": {"intent": [{"value": label, "user_id": "u1", "status": states[i % 5]}]},
        }
        for i, (text, label) in enumerate(pairs())
    ]
    Path("records.json").write_text(json.dumps(rows))
    found = read("records.json")
    assert (found["format"], found["used"]) == ("Argilla JSON, JSON array", 90)
    assert found["left_out"] == {"discarded ('status')": 30, "drafts ('status')": 30}


def test_keep_names_what_is_there(desk: Path) -> None:
    Path("rows.csv").write_text(csv_lines([("text", "label", "answer"), *((t, n, "accept") for t, n in pairs())]))
    assert "column 'anwser': no such column; did you mean 'answer'" in refusal("rows.csv", "--keep", "anwser=accept")
    assert "no row has 'acept' there; did you mean 'accept'" in refusal("rows.csv", "--keep", "answer=acept")
    assert "--keep COLUMN=VALUE" in refusal("rows.csv", "--keep", "answer")


# ---- E: rows that vanish or appear


def test_16_headers_among_the_rows_are_left_out(case: Any) -> None:
    case("16")
    planned = plan("all.csv")
    assert planned["read"][0]["left_out"] == {"header repeated among the rows (row 31, 62, 93 and 1 more)": 4}
    assert planned["read"][0]["used"] == 150
    assert "labels_unseen_in_pool" not in said(planned)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "rows.csv",
            csv_lines([("text", "label"), *pairs(80)]) + "\ufeff" + csv_lines([("text", "label"), *pairs(20)]),
        ),
        ("rows.csv", csv_lines([("text", "label"), *pairs(80), ("Text", "LABEL"), *pairs(20)])),
        ("rows.jsonl", lines([{"text": t, "label": n} for t, n in [*pairs(80), ("text", "label"), *pairs(20)]])),
        ("rows.tsv", "".join(f"{t}\t{n}\n" for t, n in [("text", "label"), *pairs(80), ("text", "label"), *pairs(20)])),
    ],
    ids=["byte-order mark", "capitals", "JSONL", "TSV"],
)
def test_joined_files_in_other_ways(desk: Path, name: str, content: str) -> None:
    Path(name).write_text(content)
    found = read(name)
    assert (found["rows"], found["used"]) == (101, 100)
    assert found["left_out"] == {"header repeated among the rows (row 81)": 1}


def test_a_header_of_other_columns_is_refused(desk: Path) -> None:
    Path("rows.csv").write_text(csv_lines([("text", "label"), *pairs(80), ("label", "text"), ("refund", "I want")]))
    assert "row 81: here the header stands again with its columns in another order" in refusal("rows.csv")
    Path("rows.csv").write_text(csv_lines([("text", "label"), *pairs(80), ("message", "category"), *pairs(9)]))
    assert "row 81: looks like the header of other rows: 'message', 'category'" in refusal("rows.csv")


def test_quotes_that_swallow_rows(desk: Path) -> None:
    shop = [
        *pairs(60),
        ('"tis broken', "refund"),
        ("it is late", "delivery"),
        ('they said "soon"', "delivery"),
        *pairs(9),
    ]
    Path("rows.tsv").write_text("".join(f"{t}\t{n}\n" for t, n in [("text", "label"), *shop]))
    found = read("rows.tsv")
    assert (found["rows"], found["used"]) == (72, 72)
    assert "quotes taken as plain characters" in found["format"]
    content = "text,label\n" + "".join(f"{t},{n}\n" for t, n in pairs(60))
    Path("rows.csv").write_text(content + '"tis broken,refund\nit is late,delivery\nor never",delivery\nwell,refund\n')
    assert "row 61: a quote that opens in this row swallows the 2 lines below it" in refusal("rows.csv")


def test_letters_of_several_lines_are_no_rows(desk: Path) -> None:
    letters = [(f"Dear all,\n{text}, please\nbye, refund", label) for text, label in pairs(60)]
    Path("rows.csv").write_text(csv_lines([("text", "label"), *letters]))
    assert read("rows.csv")["used"] == 60


def test_remarks_around_the_rows(desk: Path) -> None:
    rows = csv_lines([("text", "label"), *pairs(60)])
    Path("rows.csv").write_text("# exported 2024-05-01, by me\n# all rows\n\n" + rows)
    found = read("rows.csv")
    assert (found["used"], found["format"]) == (60, "CSV, 2 comment lines above the header")
    Path("rows.csv").write_text(rows + "Total: 60\n")
    assert "row 61: ragged: the row has 1 field" in (told := refusal("rows.csv")) and "'Total: 60'" in told
    Path("rows.csv").write_text(rows + "Total,60\n")
    assert "row 61: looks like a sum or remark below the rows: 'Total', '60'" in refusal("rows.csv")
    Path("rows.csv").write_text("Export of all tickets\n" + rows)
    assert "its first line, 'Export of all tickets', is a title and no header" in refusal("rows.csv")
    Path("rows.csv").write_text("Export of all tickets\n" + rows.replace('","', '";"'))
    assert "is a title and no header. Delete that line" in refusal("rows.csv")
    Path("rows.csv").write_text(
        "text | label\n-----------+-------\n".replace("+", "|") + rows.split("\n", 1)[1].replace('","', '"|"')
    )
    assert read("rows.csv")["left_out"] == {"of dashes only": 1}


def test_jsonl_with_commas_and_one_that_is_cut_off(desk: Path) -> None:
    whole = lines([{"text": t, "label": n} for t, n in pairs(60)])
    Path("rows.jsonl").write_text(whole.replace("}\n", "},\n"))
    assert read("rows.jsonl")["used"] == 60
    Path("rows.jsonl").write_text(whole[:-20])
    assert "row 60: is no valid JSON" in refusal("rows.jsonl")
    Path("rows.jsonl").write_text(whole.replace("\n", "\r"))
    assert read("rows.jsonl")["used"] == 60


# ---- M: formats that people export


def test_11_doccano(case: Any) -> None:
    case("11")
    assert (read("all.jsonl")["used"], len(set(LABELS))) == (60, 3)
    told = refusal("all.csv")
    assert "25 of 150 rows have several labels, here 'refund#account'" in told
    assert rerun(told)["read"][0]["left_out"] == {"with several labels": 25}
    assert score("all.csv", "--several-labels", "drop") > 0.8


def test_21_lists_as_text(case: Any) -> None:
    case("21")
    told = refusal("data.csv", "--label", "labels")
    assert "data.csv, row 1, column 'labels': 38 of 150 rows have several labels" in told
    assert rerun(told)["read"][0]["used"] == 112


@pytest.mark.parametrize(
    "writing",
    [
        "['{}']",
        '["{}"]',
        "('{}',)",
        "{{'{}'}}",
        "array(['{}'], dtype=object)",
        '{{"choices": ["{}"]}}',
        '[{{"label": "{}"}}]',
    ],
)
def test_lists_of_one_in_any_writing(desk: Path, writing: str) -> None:
    rows = [(text, writing.format(label)) for text, label in pairs()]
    Path("rows.csv").write_text(csv_lines([("text", "label"), *rows]))
    assert score("rows.csv") > 0.8
    Path("many.csv").write_text(csv_lines([("text", "label"), *rows, ("both", "['refund' 'account']")]))
    assert "row 151, column 'label': 1 of 151 rows have several labels" in refusal("many.csv")
    assert read("many.csv", "--several-labels", "drop")["used"] == 150


@pytest.mark.parametrize("separator", ["|", ";", "#", ", "])
def test_joined_labels(desk: Path, separator: str) -> None:
    rows = [*pairs(), ("both of them", separator.join(("refund", "account")))]
    Path("rows.csv").write_text(csv_lines([("text", "label"), *rows]))
    assert "row 151, column 'label': 1 of 151 rows have several labels" in refusal("rows.csv")
    assert read("rows.csv", "--several-labels", "drop")["used"] == 150


def test_labels_that_merely_hold_a_separator_stay(desk: Path) -> None:
    named = {"refund": "refund|money", "delivery": "R&D; other", "account": "log in, log out"}
    Path("rows.csv").write_text(csv_lines([("text", "label"), *((text, named[label]) for text, label in pairs())]))
    assert read("rows.csv")["used"] == 150


def test_12_label_studio(case: Any) -> None:
    case("12")
    planned = plan("export.csv")
    found = planned["read"][0]
    assert (found["rows"], found["used"], found["columns"]["annotator"]) == (240, 78, "annotator")
    assert found["left_out"] == {
        "further annotations of the same text": 156,
        "of 2 texts on which annotators are tied": 6,
    }
    note = said(planned)["annotators_merged"]
    assert "On 58 of them (72%) all agree" in note
    assert rerun(note)["read"][0]["used"] == 240
    assert "30 of 150 rows have several labels" in refusal("choices.csv")


def _label_studio(people: int) -> list[dict[str, Any]]:
    tasks = []
    for i, (text, label) in enumerate(pairs(90)):
        wrong = LABELS[(LABELS.index(label) + 1) % 3]
        chosen = [label] * (people - 1) + [wrong if i % 4 == 0 else label]
        answers = [
            {
                "id": 10 * i + k,
                "completed_by": {"id": k, "email": f"p{k}@example.org"},
                "was_cancelled": False,
                "result": [{"type": "choices", "from_name": "intent", "to_name": "text", "value": {"choices": [one]}}],
            }
            for k, one in enumerate(chosen)
        ]
        answers.append({"id": 10 * i + 9, "completed_by": 9, "was_cancelled": True, "result": []})
        tasks.append({"id": i, "data": {"text": text}, "annotations": answers, "predictions": []})
    return tasks


def test_label_studio_json(desk: Path) -> None:
    Path("export.json").write_text(json.dumps(_label_studio(3)))
    planned = plan("export.json")
    found = planned["read"][0]
    assert (found["format"], found["rows"], found["used"]) == ("Label Studio JSON, JSON array", 360, 90)
    assert found["left_out"]["skipped ('was_cancelled')"] == 90
    assert "On 67 of them (74%) all agree" in said(planned)["annotators_merged"]
    assert score("export.json") > 0.8


def test_label_studio_json_min(desk: Path) -> None:
    rows = [
        {"id": i, "text": text, "sentiment": label, "annotator": 1, "annotation_id": i, "lead_time": 1.5}
        for i, (text, label) in enumerate(pairs(90))
    ]
    rows[3]["sentiment"] = {"choices": ["refund", "account"]}
    Path("min.json").write_text(json.dumps(rows))
    assert "1 of 90 rows have several labels" in (told := refusal("min.json"))
    assert rerun(told)["read"][0]["used"] == 89


def test_a_text_that_merely_stands_twice_is_no_vote(desk: Path) -> None:
    Path("rows.csv").write_text(csv_lines([("text", "label"), *pairs(60), *pairs(60)]))
    assert read("rows.csv")["used"] == 120


def test_14_files_without_a_header(case: Any) -> None:
    case("14")
    told = refusal("train.csv")
    assert "the header seems to be missing: the first line is a row" in told
    assert rerun(told)["read"][0]["columns"] == {"text": "text", "label": "label"}
    assert read("train.csv", "--columns", "label,title,text")["used"] == 100
    assert rerun(refusal("lab.tsv"))["read"][0]["used"] == 100
    Path("task.yaml").write_text("data: lab.tsv\ncolumns: [label, text]\n")
    assert read("task.yaml")["used"] == 100
    assert "--columns names 2 columns" in refusal("train.csv", "--columns", "label,text")


def test_15_a_line_for_spreadsheets(case: Any) -> None:
    case("15")
    for options in ((), ("--delimiter", ";")):
        found = read("tickets.csv", *options)
        assert found["used"] == 100
        assert found["format"] == "CSV, delimiter ';', a line 'sep=' for spreadsheets"


@pytest.mark.parametrize(("line", "delimiter"), [("sep=\t", "\t"), ('"sep=|"', "|"), ("SEP=,", ",")])
def test_other_lines_for_spreadsheets(desk: Path, line: str, delimiter: str) -> None:
    content = f"{line}\r\n" + csv_lines([("text", "label"), *pairs(60)], delimiter).replace("\n", "\r\n")
    Path("rows.csv").write_bytes(content.encode("utf-16"))
    assert read("rows.csv")["used"] == 60


def test_22_a_text_that_says_little(case: Any) -> None:
    case("22")
    note = said(plan("data.csv"))["text_says_little"]
    assert commands(note) == ["tuningfork plan data.csv --text title"]
    assert read("data.csv")["not_read"] == ["title"]
    assert score("data.csv", "--text", "title") > 0.85
    done = tf("run", "data.csv", *QUICK[:-2], "other", "--yes", "--json")
    assert "text_says_little" in [one["code"] for one in json.loads(done.stdout)["warnings"]][:3]


def test_the_text_may_stand_under_any_other_name(desk: Path) -> None:
    rows = [(f"siehe Betreff {i}", label, text) for i, (text, label) in enumerate(pairs())]
    Path("rows.csv").write_text(csv_lines([("text", "label", "Betreff"), *rows]))
    assert "--text Betreff" in said(plan("rows.csv"))["text_says_little"]
    Path("rows.csv").write_text(csv_lines([("text", "label", "Betreff"), *(("siehe oben", *row[1:]) for row in rows)]))
    assert "--text Betreff" in refusal("rows.csv")


def test_75_codes_with_their_names_beside(case: Any) -> None:
    case("75")
    planned = plan("train.jsonl")
    assert "unnamed_labels" not in said(planned)
    assert "'0 = refund', '1 = delivery', '2 = account'" in said(planned)["names_from_file"]


def test_names_that_are_not_one_to_one_are_not_taken(desk: Path) -> None:
    codes = {label: str(place) for place, label in enumerate(LABELS)}
    rows = [(text, codes[label], label) for text, label in pairs()]
    Path("rows.csv").write_text(csv_lines([("text", "label", "label_name"), *rows, ("odd", "0", "delivery")]))
    notes = said(plan("rows.csv"))
    assert "'0' is both 'delivery' and 'refund'" in notes["names_not_one_to_one"]
    assert "unnamed_labels" in notes


def test_names_of_the_user_win(desk: Path) -> None:
    codes = {label: str(place) for place, label in enumerate(LABELS)}
    Path("rows.csv").write_text(csv_lines([("text", "label", "label_text"), *((t, codes[n], n) for t, n in pairs())]))
    Path("names.yaml").write_text("'0': money\n'1': parcel\n'2': login\n")
    assert not {"unnamed_labels", "names_from_file"} & set(said(plan("rows.csv", "--label-names", "names.yaml")))


def test_56_names_in_the_metadata_of_parquet(case: Any) -> None:
    case("56")
    assert "'0 = account', '1 = delivery', '2 = refund'" in said(plan("train.parquet"))["names_from_file"]


def test_names_in_answers_of_the_hub_s_viewer(desk: Path) -> None:
    rows = [
        {"row_idx": i, "row": {"text": text, "label": LABELS.index(label)}, "truncated_cells": []}
        for i, (text, label) in enumerate(pairs(60))
    ]
    features = [
        {"feature_idx": 0, "name": "text", "type": {"dtype": "string", "_type": "Value"}},
        {"feature_idx": 1, "name": "label", "type": {"names": list(LABELS), "_type": "ClassLabel"}},
    ]
    Path("rows.json").write_text(json.dumps({"features": features, "rows": rows, "num_rows_total": 60}))
    planned = plan("rows.json")
    assert planned["read"][0]["used"] == 60
    assert "'0 = refund'" in said(planned)["names_from_file"]


def test_23_json_in_any_arrangement(case: Any) -> None:
    case("23")
    formats = {
        "array.json": "JSON array",
        "array.jsonl": "JSON array",
        "pretty.jsonl": "JSON objects one after the other",
        "messages.jsonl": "chat JSONL",
    }
    for name, told in formats.items():
        found = read(name)
        assert (found["format"], found["used"]) == (told, 60)
    assert read("messages.jsonl")["columns"] == {
        "text": "messages (user turn)",
        "label": "messages (last assistant turn)",
    }
    assert score("messages.jsonl") > 0.8


def _records() -> list[dict[str, str]]:
    return [{"text": text, "label": label} for text, label in pairs(60)]


@pytest.mark.parametrize(
    "document",
    [
        {"version": "1.0", "data": _records()},
        {"rows": _records()},
        {"train": _records()},
        {"text": [t for t, _ in pairs(60)], "label": [n for _, n in pairs(60)]},
        {
            "text": {str(i): t for i, (t, _) in enumerate(pairs(60))},
            "label": {str(i): n for i, (_, n) in enumerate(pairs(60))},
        },
        {"columns": ["text", "label"], "index": list(range(60)), "data": [list(pair) for pair in pairs(60)]},
        {str(i): record for i, record in enumerate(_records())},
    ],
    ids=["under data", "under rows", "one split", "lists", "columns", "pandas split", "pandas index"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_documents(desk: Path, document: object, indent: int | None) -> None:
    Path("rows.json").write_text(json.dumps(document, indent=indent))
    assert read("rows.json")["used"] == 60


def test_several_splits_are_asked_back(desk: Path) -> None:
    Path("rows.json").write_text(json.dumps({"train": _records(), "test": _records()}))
    assert "holds several splits: 'train' (60 rows), 'test' (60 rows)" in refusal("rows.json")


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (lambda t, n: {"conversations": [{"from": "human", "value": t}, {"from": "gpt", "value": n}]}, "chat JSONL"),
        (lambda t, n: {"prompt": t, "completion": f" {n}"}, "prompts JSONL"),
        (
            lambda t, n: {
                "prompt": [{"role": "user", "content": t}],
                "completion": [{"role": "assistant", "content": n}],
            },
            "prompts JSONL",
        ),
        (lambda t, n: {"instruction": "Classify.", "input": t, "output": n}, "instructions JSONL"),
        (lambda t, n: {"text": t, "cats": {one: float(one == n) for one in LABELS}}, "spaCy JSONL"),
        (lambda t, n: {"id": 1, "text": t, "annotations": [{"label": n, "user": 1}], "meta": {}}, "doccano JSONL"),
        (
            lambda t, n: {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "hello"}]},
                    {"role": "assistant", "content": "how can I help?"},
                    {"role": "user", "content": [{"type": "text", "text": t}]},
                    {"role": "assistant", "content": n},
                ]
            },
            "chat JSONL",
        ),
    ],
    ids=["ShareGPT", "completions", "turns", "Alpaca", "spaCy", "old doccano", "long chat"],
)
def test_files_for_training_llms_and_tools(desk: Path, record: Any, told: str) -> None:
    Path("rows.jsonl").write_text(lines([record(text, label) for text, label in pairs()]))
    found = read("rows.jsonl")
    assert (found["format"], found["used"]) == (told, 150)
    assert score("rows.jsonl") > 0.8


def test_names_of_options_and_answers_by_a_function(desk: Path) -> None:
    options = [{"id": place, "text": label} for place, label in enumerate(LABELS)]
    chosen = [
        {"text": text, "options": options, "accept": [LABELS.index(label)], "answer": "accept"}
        for text, label in pairs()
    ]
    Path("choice.jsonl").write_text(lines(chosen))
    planned = plan("choice.jsonl")
    assert "'0 = refund'" in said(planned)["names_from_file"]
    assert "unnamed_labels" not in said(planned)
    calls = [
        {
            "messages": [
                {"role": "user", "content": text},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"function": {"name": "label", "arguments": json.dumps({"label": label})}}],
                },
            ]
        }
        for text, label in pairs()
    ]
    Path("calls.jsonl").write_text(lines(calls))
    assert score("calls.jsonl") > 0.8


def test_tasks_that_nobody_annotated_have_no_label(desk: Path) -> None:
    tasks = [{"id": i, "data": {"text": text}, "annotations": []} for i, (text, _) in enumerate(pairs())]
    Path("tasks.json").write_text(json.dumps(tasks))
    assert "no row has a label" in refusal("tasks.json")


def test_an_earlier_turn_is_part_of_the_text(desk: Path) -> None:
    chats = [
        {
            "messages": [
                {"role": "user", "content": text},
                {"role": "assistant", "content": "anything else?"},
                {"role": "user", "content": "no, that is all"},
                {"role": "assistant", "content": label},
            ]
        }
        for text, label in pairs()
    ]
    Path("rows.jsonl").write_text(lines(chats))
    assert "turns before" in read("rows.jsonl")["columns"]["text"]
    assert score("rows.jsonl") > 0.8


def test_marks_on_parts_of_a_text_are_refused(desk: Path) -> None:
    spans = [{"id": i, "text": text, "label": [[0, 4, "PER"]]} for i, (text, _) in enumerate(pairs(60))]
    Path("rows.jsonl").write_text(lines(spans))
    assert "row 1, column 'label': holds a nested value that is no list of labels" in refusal("rows.jsonl")


def test_lists_in_parquet(desk: Path) -> None:
    polars.DataFrame({"text": [t for t, _ in pairs()], "label": [[n] for _, n in pairs()]}).write_parquet(
        "rows.parquet"
    )
    assert score("rows.parquet") > 0.8


def test_chats_in_parquet(desk: Path) -> None:
    chats = [[{"role": "user", "content": t}, {"role": "assistant", "content": n}] for t, n in pairs()]
    polars.DataFrame({"messages": chats, "source": ["web"] * 150}).write_parquet("chat.parquet")
    found = read("chat.parquet")
    assert (found["format"], found["used"]) == ("chat in Parquet", 150)
    assert score("chat.parquet") > 0.8


def test_answers_of_people_in_lists(desk: Path) -> None:
    rows = [
        {
            "id": str(i),
            "text": text,
            "intent.responses": [label, label],
            "intent.responses.users": ["a", "b"],
            "intent.responses.status": ["submitted", "discarded"],
            "intent.suggestion": "refund",
        }
        for i, (text, label) in enumerate(pairs())
    ]
    Path("records.jsonl").write_text(lines(rows))
    polars.DataFrame(rows).write_parquet("records.parquet")
    for name in ("records.jsonl", "records.parquet"):
        found = read(name)
        assert (found["rows"], found["used"]) == (300, 150)
        assert found["left_out"] == {"discarded ('status')": 150}


def test_a_test_file_of_another_format(desk: Path) -> None:
    chats = [{"messages": [{"role": "user", "content": t}, {"role": "assistant", "content": n}]} for t, n in pairs(80)]
    Path("chat.jsonl").write_text(lines(chats))
    rows = [(f"new {text}", label) for text, label in pairs(60)]
    Path("test.csv").write_text(csv_lines([("message", "intent"), *rows]))
    first, second = plan("chat.jsonl", "--test", "test.csv")["read"]
    assert (first["used"], second["used"]) == (80, 60)
    assert second["columns"] == {"text": "message", "label": "intent"}


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_spreadsheets_are_refused_with_the_way_out(desk: Path, ending: str) -> None:
    Path(f"rows.{ending}").write_bytes(b"PK\x03\x04")
    told = refusal(f"rows.{ending}")
    assert "is a spreadsheet" in told and "CSV UTF-8" in told and "rows.csv" in told


def test_nested_values_that_nobody_asked_for_do_not_matter(desk: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": t, "label": n, "meta": {"a": [i]}, "score": i} for i, (t, n) in enumerate(pairs())
    ]
    rows[5] |= {"score": "none", "status": {"a": 1}}
    Path("rows.jsonl").write_text(lines(rows))
    assert read("rows.jsonl")["used"] == 150
