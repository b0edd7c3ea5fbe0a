"""The replaying server says what it said before, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from script_modules import scripts

BODY: dict[str, Any] = {
    "model": "a",
    "messages": [{"role": "user", "content": "Text: hello\nLabel:"}],
    "temperature": 0,
    "seed": 1,
    "max_tokens": 16,
    "logprobs": True,
    "top_logprobs": 20,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"schema": {"properties": {"label": {"enum": ["refund request", "refund", "other"]}}}},
    },
}


@pytest.fixture(scope="module")
def module() -> Iterator[ModuleType]:
    with scripts("sameness.replies") as (found,):
        yield found


def ask(url: str, **changes: Any) -> httpx.Response:
    return httpx.post(f"{url}/chat/completions", json={**BODY, **changes})


def test_what_was_recorded_is_said_again_whatever_the_model_is_called(module: ModuleType) -> None:
    with module.ReplayServer({}, records=True) as recording:
        said = ask(recording.url).json()
    with module.ReplayServer(recording.journal) as server:
        assert ask(server.url).json() == said
        assert ask(server.url, model="b", seed=2).json() == said
        assert not server.lacking


@pytest.mark.parametrize(
    "changes",
    [{"max_tokens": 8}, {"temperature": 0.5}, {"messages": [{"role": "user", "content": "Text: hi"}]}, {"top_k": 1}],
)
def test_a_request_that_is_not_the_one_recorded_is_refused_and_named(
    module: ModuleType, changes: dict[str, Any]
) -> None:
    with module.ReplayServer({}, records=True) as recording:
        ask(recording.url)
    with module.ReplayServer(recording.journal) as server:
        refused = ask(server.url, **changes)
        assert refused.status_code == 500
        assert "--record" in refused.json()["error"]["message"]
        assert len(server.lacking) == 1


def test_candidates_of_a_token_are_shares_of_all_that_could_stand_there(module: ModuleType) -> None:
    choice = module.completion(module.answered(BODY), BODY)["choices"][0]
    tokens = choice["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens) == choice["message"]["content"]
    for token in tokens:
        shares = [2.718281828459045 ** candidate["logprob"] for candidate in token["top_logprobs"]]
        assert sum(shares) == pytest.approx(1, abs=1e-3)
        assert token["token"] in [candidate["token"] for candidate in token["top_logprobs"]]


def test_a_journal_is_read_as_it_was_written(module: ModuleType, tmp_path: Any) -> None:
    journal = {module.digest(BODY): module.answered(BODY)}
    module.write_journal(journal, tmp_path / "replies.json")
    assert module.read_journal(tmp_path / "replies.json") == journal
