"""Answers made elsewhere: how rows are found, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import polars
import pytest

from arm_services import Bench, make_bench
from tuningfork.arms.family import Services
from tuningfork.arms.predictions import FAMILY
from tuningfork.arms.results import NO_LABEL
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.task.inputs import Inputs

ROWS = [("late again", "complaint"), ("thank you", "praise"), ("where is it", "question")]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    def unused(*_: object) -> object:
        raise AssertionError("answers from a file need no model")

    services = Services(unused, unused, unused, unused, tmp_path, lambda _done, _total: None)  # type: ignore[arg-type]
    return make_bench(services, ROWS, ROWS)


def written(path: Path, columns: dict[str, list[str]]) -> Path:
    if path.suffix == ".parquet":
        polars.DataFrame(columns).write_parquet(path)
    elif path.suffix == ".csv":
        polars.DataFrame(columns).write_csv(path)
    else:
        rows = zip(*columns.values(), strict=True)
        path.write_text("".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows))
    return path


def answers(bench: Bench, file: Path) -> list[int]:
    return bench.predict(FAMILY, f"predictions:{file}?side=llm", 0).labels.tolist()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_rows_are_found_by_text_in_any_order_and_format(bench: Bench, tmp_path: Path, ending: str) -> None:
    columns = {"text": [text for text, _ in ROWS[::-1]], "prediction": [label for _, label in ROWS[::-1]]}
    assert answers(bench, written(tmp_path / f"answers.{ending}", columns)) == bench.gold.tolist()


def test_the_id_decides_before_the_text_and_the_prediction_before_the_label(bench: Bench, tmp_path: Path) -> None:
    columns = {
        "id": ["test.csv:1", "test.csv:2", "elsewhere"],
        "text": ["late, again!", "Thank You", "where is it"],
        "label": ["question"] * 3,
        "prediction": ["praise", "complaint", "question"],
    }
    assert answers(bench, written(tmp_path / "answers.csv", columns)) == [1, 0, 2]


def test_answers_that_are_no_label_count_as_errors_and_are_told(bench: Bench, tmp_path: Path) -> None:
    columns = {"text": [text for text, _ in ROWS], "label": ["complaint ", "dunno", "dunno"]}
    file = written(tmp_path / "answers.csv", columns)
    fitted = bench.fit(FAMILY, f"predictions:{file}?side=llm", 0)
    assert fitted.predict(bench.test)[0].labels.tolist() == [0, NO_LABEL, NO_LABEL]
    (note,) = fitted.notes
    assert note.code == "invalid_answers"
    assert "2 of 3" in note.message
    assert "dunno" in note.message
    assert fitted.time_rows(Inputs.of_texts("a", ("late again",))) == ()


def test_the_first_row_without_an_answer_is_named(bench: Bench, tmp_path: Path) -> None:
    file = written(tmp_path / "answers.csv", {"text": ["late again"], "label": ["complaint"]})
    with pytest.raises(InputError, match=r"no answer for row test.csv:2 \('thank you'\)"):
        answers(bench, file)


def test_two_different_answers_for_a_row_are_refused_with_the_row(bench: Bench, tmp_path: Path) -> None:
    columns = {"text": ["late again", "thank you", "late again"], "label": ["complaint", "praise", "praise"]}
    with pytest.raises(InputError, match="row 3, column 'text': a second, different answer"):
        answers(bench, written(tmp_path / "answers.csv", columns))


def test_a_repeated_text_is_no_contradiction_where_ids_tell_the_rows_apart(bench: Bench, tmp_path: Path) -> None:
    columns = {"id": ["1", "2"], "text": ["ok", "ok"], "label": ["praise", "question"]}
    file = written(tmp_path / "answers.csv", columns)
    fitted = bench.fit(FAMILY, f"predictions:{file}?side=llm", 0)
    assert fitted.predict(Inputs.of_texts(("2", "1"), ("ok", "ok")))[0].labels.tolist() == [2, 1]
    with pytest.raises(InputError, match="no answer"):
        fitted.predict(Inputs.of_texts(("3",), ("ok",)))


@pytest.mark.parametrize(
    ("option", "columns", "problem"),
    [
        ("", {"text": ["a"], "label": ["b"]}, r"Add \?side=llm"),
        ("?side=both", {"text": ["a"], "label": ["b"]}, "llm"),
        ("?side=llm&x=1", {"text": ["a"], "label": ["b"]}, "option"),
        ("?side=llm&match=row", {"text": ["a"], "label": ["b"]}, "match"),
    ],
)
def test_a_spec_that_cannot_work_is_refused(
    tmp_path: Path, option: str, columns: dict[str, list[str]], problem: str
) -> None:
    file = written(tmp_path / "answers.csv", columns)
    with pytest.raises(InputError, match=problem):
        FAMILY.check(ArmSpec.parse(f"predictions:{file}{option}"))


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"wording": ["a"], "label": ["praise"]}, "'id' or 'text'"),
        (
            {"text": ["a", "b"], "weight": ["1", "2"]},
            "'label' or 'prediction': of 'weight' none holds labels",
        ),
        ({"text": ["a"]}, "no column 'label' or 'prediction': there is no other"),
    ],
)
def test_a_file_that_answers_nothing_is_refused(
    bench: Bench, tmp_path: Path, columns: dict[str, list[str]], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        answers(bench, written(tmp_path / "answers.csv", columns))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing"):
        FAMILY.check(ArmSpec.parse(f"predictions:{tmp_path / 'nothing.csv'}?side=llm"))


def test_the_side_is_the_users_and_there_is_one_trial(bench: Bench) -> None:
    spec = ArmSpec.parse("predictions:answers.csv?side=combined")
    assert FAMILY.side_of(spec) == "combined"
    (plan,) = FAMILY.schedule(spec, bench.setting)
    assert (plan.n_labels, plan.level, plan.deterministic) == (None, 0, True)


def test_who_answered_is_who_the_arm_is_called_after(bench: Bench, tmp_path: Path) -> None:
    file = written(
        tmp_path / "answers.csv", {"text": [text for text, _ in ROWS], "label": [label for _, label in ROWS]}
    )
    assert bench.fit(FAMILY, f"predictions:{file}?side=llm&model=GPT-5.6 Sol", 0).model == "GPT-5.6 Sol"
    assert bench.fit(FAMILY, f"predictions:{file}?side=llm", 0).model == "answers.csv"
    for name in ("", "x" * 61):
        with pytest.raises(InputError, match="can be a name"):
            FAMILY.check(ArmSpec.parse(f"predictions:{file}?side=llm&model={name}"))


@pytest.mark.parametrize(("lacking", "usd"), [(0, 0.004), (2, 0.004), (3, None), (40, None)])
def test_a_few_rows_without_dollars_count_at_the_mean_and_that_is_said(
    tmp_path: Path, bench: Bench, lacking: int, usd: float | None
) -> None:
    """Calls that failed have no bill in such files; of one row in twenty and more the sum is not known."""
    texts = [f"row {place}" for place in range(40)]
    told = [""] * lacking + ["0.0001"] * (40 - lacking)
    columns = {"text": texts, "label": ["praise"] * 40, "usd": told, "prompt_tokens": ["100"] * 40}
    fitted = bench.fit(FAMILY, f"predictions:{written(tmp_path / 'answers.csv', columns)}?side=llm", 0)
    _, usage = fitted.predict(Inputs.of_texts(tuple(f"r{place}" for place in range(40)), tuple(texts)))
    assert usage.usd == (usd if usd is None else pytest.approx(usd))
    assert usage.prompt_tokens == 4000
    notes = [note for note in fitted.notes if note.code == "amounts_of_most_rows"]
    assert len(notes) == (0 < lacking <= 2)
    assert all("usd of 38 of 40 rows" in note.message for note in notes)
