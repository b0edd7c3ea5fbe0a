"""`verdict.json` on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders import PlantedArm, make_records
from tuningfork.errors import InputError
from tuningfork.verdict.decide import decide
from tuningfork.verdict.files import read_verdict, write_verdict

ARMS = [
    PlantedArm("linear", accuracy={32: 0.7, 128: 0.9}, probabilities=True),
    PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.7}, seeds=3),
    PlantedArm("head:minilm", accuracy={128: 0.9}, failure="no weights"),
]
CONTRACT = {
    "": "schema_version task task_type recommendation chosen_arm reason metric unit margin call same_within "
    "labels_for_choice if_you_must_choose arms sides comparison comparisons pairs break_even_labels curve guide cost "
    "provisional flips next_step disagreement confusions looks twins shortcuts read warnings",
    "comparison": "llm_arm fine_tuned_arm n_shared score_llm score_fine_tuned difference ci95 p_value test same_within "
    "discordant rows_needed labels_needed seeds_needed best_of",
    "break_even_labels": "arm llm_arm mean mean_ci95 mean_bound mean_bound_at mean_tried reliable reliable_ci95 "
    "reliable_bound reliable_bound_at reliable_tried extrapolated reason",
    "cost": "usd llm_requests prompt_tokens completion_tokens seconds",
}


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    record = decide(make_records(arms=ARMS))
    write_verdict(tmp_path / "verdict.json", record)
    assert read_verdict(tmp_path / "verdict.json") == record
    assert [path.name for path in tmp_path.iterdir()] == ["verdict.json"]


def test_the_json_has_the_keys_of_the_contract_in_order(tmp_path: Path) -> None:
    write_verdict(tmp_path / "verdict.json", decide(make_records(arms=ARMS)))
    found = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
    for part, keys in CONTRACT.items():
        assert list(found[part] if part else found) == keys.split()
    assert found["schema_version"] == 2
    assert found["comparison"]["labels_needed"] is None


def test_the_same_records_give_the_same_file(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write_verdict(tmp_path / name, decide(make_records(arms=ARMS)))
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"{", "no verdict"),
        (b"[1]", "no verdict"),
        (b'{"schema_version": 1}', "version 1"),
        (b'{"schema_version": 1, "arms": 3}', "version 1"),
        (b'{"schema_version": 2}', "version 1 or 2"),
        (b'{"schema_version": 3}', "version 1 or 2"),
    ],
)
def test_anything_else_is_refused_by_name(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "verdict.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=complaint) as refused:
        read_verdict(path)
    assert refused.value.file == path
