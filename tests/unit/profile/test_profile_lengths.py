"""Lengths in tokens, by the tokenizer that is there, and who would not read to the end."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tuningfork.arms.finetune.recipe import Recipe
from tuningfork.models.encoders.layout import load_tokenizer, read_layout
from tuningfork.models.store import ModelStore
from tuningfork.profile import lengths
from tuningfork.profile.lengths import lengths_of


def test_tokens_are_those_that_minilm_itself_reads(store: ModelStore, shared_data: Path) -> None:
    with (shared_data / "imdb_counterfactual" / "test.csv").open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)][:200]
    layout = read_layout(store.locate("minilm"))
    cutting = load_tokenizer(layout)
    found = lengths_of(texts, store=store)
    read = [len(encoding.ids) for encoding in cutting.encode_batch(texts)]
    assert found.counted_by == "MiniLM"
    assert found.counted == len(texts)
    assert np.array_equal(np.minimum(found.tokens + 2, layout.max_tokens), read)
    assert found.characters.tolist() == [len(text) for text in texts]
    by_model = {one.model: one for one in found.truncations}
    assert by_model["minilm"].max_tokens == layout.max_tokens
    assert 0 < by_model["minilm"].rows < by_model["finetune:minilm"].rows < len(texts)
    assert by_model["minilm"].rows == sum(bool(encoding.overflowing) for encoding in cutting.encode_batch(texts))


def test_the_limit_of_fine_tuning_is_the_recipe_s_own() -> None:
    assert dict(lengths._ENCODERS_READ)["finetune:minilm"] == Recipe.__dataclass_fields__["max_tokens"].default


def test_models_that_read_everything_are_not_listed(store: ModelStore) -> None:
    assert lengths_of(["a short text"] * 3, store=store).truncations == ()


def test_a_text_beyond_every_window_is_listed_for_llms_too(store: ModelStore) -> None:
    found = lengths_of(["word " * 9000, "word"], store=store)
    by_model = {one.model: (one.max_tokens, one.rows) for one in found.truncations}
    assert by_model["smollm2-135m"] == (8192, 1)
    assert by_model["qwen2.5-coder-1.5b"] == (8192, 1)


def test_without_a_tokenizer_words_and_marks_are_counted_and_nothing_is_fetched(tmp_path: Path) -> None:
    found = lengths_of(["Don't stop, now!", ""], store=ModelStore(tmp_path))
    assert found.counted_by == "words and punctuation marks"
    assert found.tokens.tolist() == [7, 0]
    assert not list(tmp_path.rglob("tokenizer.json"))


def test_a_large_file_is_counted_in_part_and_estimated_well(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, shared_data: Path
) -> None:
    with (shared_data / "imdb_counterfactual" / "test.csv").open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    exact = lengths_of(texts, store=store)
    monkeypatch.setattr(lengths, "_MOST_CHARACTERS_COUNTED", 100_000)
    about = lengths_of(texts, store=store)
    assert about.counted < len(texts) / 3
    error = np.abs(about.tokens - exact.tokens) / exact.tokens
    assert np.median(error) < 0.08
    assert about.tokens.sum() == pytest.approx(exact.tokens.sum(), rel=0.05)


def test_no_rows_and_half_characters(store: ModelStore) -> None:
    assert len(lengths_of([], store=store).tokens) == 0
    assert lengths_of(["half \ud83d"], store=store).tokens[0] > 0
