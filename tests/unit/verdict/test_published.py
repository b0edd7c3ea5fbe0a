"""A verdict as others may see it: its figures, and nothing of rows or folders."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from builders import PlantedArm, make_records
from tuningfork.arms.results import UNREAD
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note
from tuningfork.verdict.decide import decide
from tuningfork.verdict.published import published, published_sentence
from tuningfork.verdict.verdict_json import VerdictRecord

SECRET = "the mayor of Oberursel has resigned"
PROMPT = (
    f"[user]\nSort.\n- good\n- bad\n\nText: {SECRET}\nLabel:\n\n[assistant]\ngood\n\n[user]\nText: {SECRET}\nLabel:"
)
TUNED = PlantedArm("head:/home/me/models/our-encoder", accuracy={32: 0.6, 128: 0.9})


def study(*, invalid: float) -> StudyRecords:
    said = json.dumps({"answer": SECRET, "cause": f"it answers with '{SECRET}'", "remedy": None})
    llm = PlantedArm(
        "prompt:openai/m?shots=5",
        accuracy={5: 0.7},
        seeds=3,
        invalid=invalid,
        details=(("wording", "1"), ("prompt", PROMPT), ("an answer that is no label", SECRET), (UNREAD, said)),
        notes=(Note("truncated_rows", f"cut: '{SECRET}' of /srv/data/news.csv"),),
    )
    notes = (Note("placeholder_labels", f"such as '{SECRET}' in C:\\Users\\me\\news.csv, column 'text'"),)
    return make_records(arms=[TUNED, llm], task_notes=notes)


@pytest.mark.parametrize("invalid", [0.02, 0.2, 0.8])
def test_nothing_of_a_row_and_no_folder_is_left(invalid: float) -> None:
    record = decide(study(invalid=invalid))
    assert SECRET in record.model_dump_json()
    told = published(record).model_dump_json()
    assert SECRET[:24] not in told
    assert not [folder for folder in ("/home", "/srv", "Users") if folder in told]
    assert "head:our-encoder" in told
    assert "news.csv" in told
    assert "[example, label good]" in told


def test_figures_and_sentences_stay_and_doing_it_twice_changes_nothing() -> None:
    record = decide(study(invalid=0.2))
    once = published(record)
    assert published(once) == once
    assert once.reason == record.reason
    assert once.cost == record.cost
    assert [row.score for row in once.arms] == [row.score for row in record.arms]
    assert [pair.difference for pair in once.pairs] == [pair.difference for pair in record.pairs]


def test_a_verdict_without_rows_stays_as_it_is() -> None:
    record = decide(make_records(arms=[replace(TUNED, arm="linear"), PlantedArm("prompt:openai/m", accuracy={0: 0.7})]))
    assert published(record) == record
    assert VerdictRecord.model_validate_json(published(record).model_dump_json()) == record


def test_quotes_of_labels_and_names_stay() -> None:
    label = "a label of several words that goes on"
    sentence = f"'{label}' in 'text', 'balance_not_updated_after_bank_transfer', this machine's own, the file's end"
    assert published_sentence(sentence, names=[label]) == sentence
    assert published_sentence(sentence) == sentence.replace(label, "…")


def test_commands_keep_the_arms_that_they_name() -> None:
    arm = "predictions:/srv/a.csv?side=llm&model=A Model Of Five Words"
    command = f"tuningfork run /srv/t.csv --arm linear --arm '{arm}' --arm head:hf:owner/name"
    assert published_sentence(command, names=[arm]) == command.replace("/srv/", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("predictions:/a/b/c.csv?side=llm", "predictions:c.csv?side=llm"),
        (
            "tuningfork run ~/x/t.csv … --arm prompt:PROVIDER/MODEL",
            "tuningfork run t.csv … --arm prompt:PROVIDER/MODEL",
        ),
        ("m@http://127.0.0.1:80/v1 and https://h.org/a/b", "m@http://127.0.0.1:80/v1 and https://h.org/a/b"),
        (r"in C:\Users\me\x.csv", "in x.csv"),
        ("rows and / or columns, $ / 1,000, hf:owner/name, a/b.csv", None),
    ],
)
def test_folders_are_told_from_addresses_and_names(text: str, shown: str | None) -> None:
    assert published_sentence(text) == (text if shown is None else shown)
