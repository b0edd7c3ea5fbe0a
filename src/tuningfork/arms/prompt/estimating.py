"""What a prompt trial is likely to take, from numbers of characters; nothing is asked or loaded."""

from __future__ import annotations

import math

from tuningfork.arms.family import Estimate, Setting
from tuningfork.arms.prompt.arm import ROWS_ASKED_TURNED
from tuningfork.arms.prompt.choosing import (
    FEWEST_LABELS_TO_CHOOSE,
    MOST_ROWS_TO_CHOOSE,
    MOST_SECONDS_TO_CHOOSE,
    ROWS_TO_TELL_THE_TIME,
)
from tuningfork.arms.prompt.options import PromptOptions
from tuningfork.arms.prompt.permuting import askings
from tuningfork.arms.results import TrialPlan
from tuningfork.atlas.prices import cost
from tuningfork.models.llm.addresses import asks_here
from tuningfork.models.llm.opening import ChatDescription

_CHARACTERS_PER_TOKEN = 4.0
_INSTRUCTION_TOKENS = 60
_TURN_TOKENS = 10
_CAPTION_TOKENS, _LETTER_TOKENS = 3, 3
_ANSWER_TOKENS_AROUND_THE_LABEL = 8
_REMOTE_SECONDS, _REMOTE_AT_A_TIME = 1.0, 8
_LOCAL_START_SECONDS = 3.0
_MEASURED = ((135e6, 0.4), (0.5e9, 0.8), (1.5e9, 2.0))
"""Parameters, and seconds a row of about 200 fresh prompt tokens on two CPU cores."""

_FRESH_TOKENS_MEASURED = 200
_LEAST_SHARE = 0.3


def estimate(options: PromptOptions, plan: TrialPlan, setting: Setting, description: ChatDescription) -> Estimate:
    """A middle guess for one trial."""
    nearest = options.selects_nearest(len(setting.labels))
    labels = max(1, len(setting.labels))
    label_tokens = sum(len(name) for name in setting.labels.names) / labels / _CHARACTERS_PER_TOKEN
    row_tokens = setting.mean_characters / _CHARACTERS_PER_TOKEN + _TURN_TOKENS + _tokens_around(setting)
    shot_tokens = min(options.shots, plan.n_labels or 0) * (row_tokens + label_tokens + _TURN_TOKENS)
    shared_tokens = _INSTRUCTION_TOKENS + _tokens_of_labels(setting)
    prompt_tokens = shared_tokens + shot_tokens + row_tokens
    completion_tokens = label_tokens + _ANSWER_TOKENS_AROUND_THE_LABEL
    fresh_tokens = row_tokens + (shot_tokens if nearest else 0.0)
    row_seconds = _row_seconds(description, fresh_tokens)
    here = asks_here(description.host)
    has_options = setting.type.options is not None
    times = askings(len(setting.labels), options.permute) if has_options else 1
    fit_requests = _requests_to_choose(options, plan, setting, row_seconds, here=here)
    fit_requests += ROWS_ASKED_TURNED if has_options and times == 1 else 0
    return Estimate(
        fit_seconds=(_LOCAL_START_SECONDS if here else 0.0) + fit_requests * row_seconds,
        row_seconds=times * row_seconds,
        requests_per_row=float(times),
        prompt_tokens_per_row=times * prompt_tokens,
        completion_tokens_per_row=times * completion_tokens,
        fit_requests=fit_requests,
        host=None if description.local else description.host,
        usd_per_row=cost(
            description.price,
            prompt_tokens=times * math.ceil(prompt_tokens),
            cached_tokens=None,
            completion_tokens=times * math.ceil(completion_tokens),
        ),
    )


def _tokens_around(setting: Setting) -> float:
    """What stands beside a row's own words where it is more than one text: captions, and letters of options."""
    if setting.type.has_one_text:
        return 0.0
    return _CAPTION_TOKENS * len(setting.type.fields) + (
        0.0 if setting.type.options is None else _LETTER_TOKENS * len(setting.labels)
    )


def _tokens_of_labels(setting: Setting) -> float:
    if setting.type.options is not None:
        return len(setting.task_description or "") / _CHARACTERS_PER_TOKEN
    shown = sum(len(label.name) + len(label.description or "") + 3 for label in setting.labels.labels)
    return (shown + len(setting.task_description or "")) / _CHARACTERS_PER_TOKEN


def _requests_to_choose(
    options: PromptOptions, plan: TrialPlan, setting: Setting, row_seconds: float, *, here: bool
) -> int:
    """Requests that choosing a wording takes, where one is chosen."""
    if options.wording is not None or (plan.n_labels or 0) < FEWEST_LABELS_TO_CHOOSE:
        return 0
    requests = MOST_ROWS_TO_CHOOSE * len(setting.type.prompts)
    return ROWS_TO_TELL_THE_TIME if here and requests * row_seconds > MOST_SECONDS_TO_CHOOSE else requests


def _row_seconds(description: ChatDescription, fresh_tokens: float) -> float:
    """Seconds a row: a remote server answers several at a time; a local one computes what no other row has shared, and
    one on loopback may be such a one."""
    if not asks_here(description.host):
        return _REMOTE_SECONDS / _REMOTE_AT_A_TIME
    parameters = description.parameters or _MEASURED[-1][0]
    return _seconds_by_size(parameters) * max(_LEAST_SHARE, fresh_tokens / _FRESH_TOKENS_MEASURED)


def _seconds_by_size(parameters: float) -> float:
    """Measured seconds, between and beyond the measured sizes by a straight line in logarithms."""
    sizes = [math.log(size) for size, _ in _MEASURED]
    seconds = [math.log(value) for _, value in _MEASURED]
    place = math.log(parameters)
    segment = 0 if place < sizes[1] else 1
    slope = (seconds[segment + 1] - seconds[segment]) / (sizes[segment + 1] - sizes[segment])
    return math.exp(seconds[segment] + slope * (place - sizes[segment]))
