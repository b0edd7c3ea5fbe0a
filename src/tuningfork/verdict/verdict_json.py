"""`verdict.json`, schema version 2, as types. Unknown is None, never 0."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tuningfork.arms.results import Side, Status

Recommendation = Literal["prompt", "fine-tune", "combine", "undecided"]
Call = Literal["better", "same", "cheaper_will_do", "undecided"]
Interval = tuple[float, float]
LabelsInterval = tuple[float | None, float | None]
"""Label counts; an end that the measured counts do not reach is None."""
Bound = Literal["above", "at_or_below"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Caution(_Record):
    """Something that limits the verdict; `code` for programs, `message` for people."""

    code: str
    message: str


class MustChoose(_Record):
    """What to do if one must choose today, and what that can cost (fractions of the score)."""

    arm: str
    why: str
    worst_loss: float | None
    expected_loss: float | None


class Injections(_Record):
    """Rows that were asked again with an instruction at their end to give another label, and how many answers became
    that label."""

    tried: int
    flipped: int


class NotRead(_Record):
    """Answers of an arm that are no label of the task.

    Attributes:
        share: of its answers to evaluation rows.
        mostly: more than half of them, or its prompts were cut: the arm is judged neither better nor worse.
        answer: the first such answer, '' where it was empty; None where it was not kept.
        cause, remedy: in words, as far as found.
    """

    share: float
    mostly: bool
    answer: str | None
    cause: str
    remedy: str | None


class ReadRow(_Record):
    """What was read of one file; see `tuningfork.task.read.FileRead`."""

    role: str
    file: str
    format: str
    rows: int
    used: int
    columns: dict[str, str] = Field(default_factory=dict)
    matched: str | None = None
    left_out: dict[str, int] = Field(default_factory=dict)
    not_read: tuple[str, ...] = ()


class ArmRow(_Record):
    """One arm at its own largest count with runs enough, on its own evaluation rows.

    Attributes:
        n_labels: pool rows handed to the trials; the most over the seeds where they differ (shots).
        seeds: finished repetitions at that count.
        score, ci95: in the metric of the study.
        metrics: value by the name of every metric of the task's kind; one that is not defined on these rows is absent.
        invalid: share of answers that are no label.
        invalid_reasons: the same by reason; they add up to `invalid`.
        not_read: why, with the first such answer; None where all or nearly all answers were labels.
        usd_per_1k: dollars for a thousand predictions, None if not known or no bill.
        latency_ms_p50, latency_ms_p95: one row alone.
        ms_per_row: wall time of prediction over rows, in batches where the arm batches.
        seconds_train: median over seeds.
        ece: expected calibration error, 15 equal-width bins; None without probabilities.
        validation_score: what ranked it within its side, None where it was not needed.
        wordings: score of each prompt wording on the rows that show the spread, None for other arms.
        changed_on_repeat: share of answers that changed when asked again, None where not measured.
        injections: how many answers followed an instruction that was planted in the row, None where not measured.
        details: the recipe in pairs (C, epochs, wording, prompt text, …), of the first seed.
    """

    arm: str
    side: Side
    model: str
    status: Status
    failure: str | None
    n_labels: int | None
    n_eval: int
    seeds: int
    score: float | None
    ci95: Interval | None
    accuracy: float | None
    macro_f1: float | None
    metrics: dict[str, float] = Field(default_factory=dict)
    invalid: float | None
    invalid_reasons: dict[str, float] = Field(default_factory=dict)
    usd_per_1k: float | None
    latency_ms_p50: float | None
    latency_ms_p95: float | None
    ms_per_row: float | None
    seconds_train: float | None
    ece: float | None
    validation_score: float | None = None
    shifted_score: float | None = None
    wordings: tuple[float, ...] | None = None
    changed_on_repeat: float | None = None
    injections: Injections | None = None
    not_read: NotRead | None = None
    details: tuple[tuple[str, str], ...] = ()

    @property
    def is_unread(self) -> bool:
        """Whether it has finished, but most of its answers could not be read: its score says nothing of the model."""
        return self.not_read is not None and self.not_read.mostly


class ComparisonRow(_Record):
    """The best arm of each side on their shared rows; the difference is how far fine-tuned is ahead: fine-tuned
    minus LLM, and the other way round where less is better.

    `best_of` is the number of pairs that this one is the best seen of, where a side's arms could not be ranked
    beforehand: p, `ci95` and `same_within` are corrected for it. 1: nothing was picked on these rows.
    """

    llm_arm: str
    fine_tuned_arm: str
    n_shared: int
    score_llm: float
    score_fine_tuned: float
    difference: float
    ci95: Interval
    p_value: float | None
    test: str
    same_within: float
    discordant: int
    rows_needed: int | None
    labels_needed: int | None
    seeds_needed: int | None
    best_of: int = 1


class PairRow(_Record):
    """Any two finished arms on their shared rows (`b` minus `a`), with Holm's correction over all pairs shown.

    `not_read` names those of the two whose answers were mostly not read: the numbers then say nothing of the models.
    """

    a: str
    b: str
    n_shared: int
    difference: float
    ci95: Interval
    p_value: float | None
    p_holm: float | None
    not_read: tuple[str, ...] = ()


class SideRow(_Record):
    """Who stands for a side, and on what it was chosen.

    Attributes:
        arm: the arm that is compared.
        ranked_on: validation rows that ranked the side's arms; 0 where they did not settle who stands for it.
        not_told_apart: arms of the side within one paired standard error of `arm` on those rows.
        ranked_at: where ranked arms had one run, for the whole pool left nothing to redraw: the largest smaller label
            count at which they had several; None elsewhere.
        scores_at: their mean validation scores at `ranked_at`: of recipes rather than of single fits.
        best_of: arms that could not be ranked beforehand and that `arm` is the best seen of on evaluation rows; 1
            where it was ranked first, or stood alone.
    """

    side: Side
    arm: str
    ranked_on: int
    not_told_apart: tuple[str, ...]
    ranked_at: int | None = None
    scores_at: dict[str, float] = Field(default_factory=dict)
    best_of: int = 1


class SidesRow(_Record):
    """Two sides' arms on their shared rows (`b` minus `a`), with Holm's correction over the pairs of sides.

    `best_of` as in `ComparisonRow`, `not_read` as in `PairRow`.
    """

    a: str
    b: str
    side_a: Side
    side_b: Side
    n_shared: int
    difference: float
    ci95: Interval
    p_value: float | None
    p_holm: float | None
    same_within: float
    best_of: int = 1
    not_read: tuple[str, ...] = ()


class LookRow(_Record):
    """A verdict of this study that was seen before this one, under another margin, metric or set of arms."""

    at: str
    margin: float
    metric: str
    arms: tuple[str, ...]
    call: Call
    recommendation: Recommendation


class BreakEven(_Record):
    """Label count from which the fine-tuned arm matches the LLM arm, in the mean and for 95 % of samples.

    Attributes:
        mean, reliable: None where no crossing lies between the measured counts.
        mean_ci95, reliable_ci95: an end that the counts do not reach is None.
        mean_bound, reliable_bound: where the curve lies on one side of the LLM: 'above' the largest count, or
            'at_or_below' the smallest one; None where the crossing, or nothing, is known.
        mean_bound_at, reliable_bound_at: that count.
        mean_tried, reliable_tried: the smallest and the largest count that was looked at; where an open end begins.
        reason: what is missing or open, in words.
    """

    arm: str | None
    llm_arm: str | None
    mean: float | None
    mean_ci95: LabelsInterval | None
    mean_bound: Bound | None = None
    mean_bound_at: float | None = None
    mean_tried: tuple[int, int] | None = None
    reliable: float | None
    reliable_ci95: LabelsInterval | None
    reliable_bound: Bound | None = None
    reliable_bound_at: float | None = None
    reliable_tried: tuple[int, int] | None = None
    extrapolated: bool
    reason: str | None


class CurvePoint(_Record):
    """One trial's score, on the arm's own evaluation rows, and how long it was trained, None where not known."""

    arm: str
    n_labels: int | None
    seed: int
    score: float
    seconds_train: float | None = None


class GuideRow(_Record):
    """The survey's advice beside what was measured.

    Attributes:
        leaf: llm, fine-tuned, neither, or open where unknown answers leave several possible.
        path: question, answer and source of each step from the start.
        agrees: whether flow and measurement name the same side; None where one of them names none.
        leaves: all leaves that the answers leave possible.
        open_questions: questions that would settle an open leaf, the most telling one first.
    """

    leaf: str
    path: tuple[dict[str, str], ...]
    agrees: bool | None
    leaves: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()


class Cost(_Record):
    """What this study took so far, over all its runs."""

    usd: float | None
    llm_requests: int
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float


class Disagreement(_Record):
    """The 2 x 2 of right and wrong of the compared arms (first seed), and row positions of examples."""

    both_right: int
    only_llm: int
    only_fine_tuned: int
    both_wrong: int


class Confusion(_Record):
    """One confused pair of labels of one arm: rows with gold `gold` answered `predicted` (None: no label)."""

    arm: str
    gold: str
    predicted: str | None
    rows: int
    of: int


class TwinsRow(_Record):
    """Evaluation rows that pool rows nearly repeat, and the scores on the others.

    Attributes:
        rows, of: shared evaluation rows with a near repeat in the pool, and all shared ones.
        dropped: evaluation rows whose near repeats left the pool.
        n: shared rows without a near repeat.
        scores: by arm, on its own evaluation rows without a near repeat; empty where no row has one.
        score_llm, score_fine_tuned, difference, ci95, call: the comparison on those `n` rows; None where it is none.
    """

    rows: int
    of: int
    dropped: int
    n: int
    scores: dict[str, float] = Field(default_factory=dict)
    score_llm: float | None = None
    score_fine_tuned: float | None = None
    difference: float | None = None
    ci95: Interval | None = None
    call: Call | None = None


class ShortcutRow(_Record):
    """What one field of the rows tells alone.

    Attributes:
        arm: that saw this field and no other.
        field, caption: as the task type calls it, and as its column is called.
        score, ci95: on its first `n_eval` evaluation rows, in the study's metric.
        n_labels: rows that it was trained on.
        constant: score of the best answer that is the same for every row.
    """

    arm: str
    field: str
    caption: str
    score: float
    ci95: Interval | None
    n_eval: int
    n_labels: int | None
    constant: float


class VerdictRecord(_Record):
    """The whole of `verdict.json`."""

    schema_version: Literal[2] = 2
    task: str
    task_type: str
    recommendation: Recommendation
    chosen_arm: str | None
    reason: str
    metric: str
    unit: str
    margin: float
    call: Call
    same_within: float | None
    labels_for_choice: int
    if_you_must_choose: MustChoose | None
    arms: tuple[ArmRow, ...]
    sides: tuple[SideRow, ...]
    comparison: ComparisonRow | None
    comparisons: tuple[SidesRow, ...]
    pairs: tuple[PairRow, ...] = ()
    break_even_labels: BreakEven
    curve: tuple[CurvePoint, ...]
    guide: GuideRow | None = None
    cost: Cost
    provisional: bool
    flips: tuple[str, ...] = Field(default=(), description="what would change the verdict, one sentence each")
    next_step: str | None = None
    disagreement: Disagreement | None = None
    confusions: tuple[Confusion, ...] = ()
    looks: tuple[LookRow, ...] = ()
    twins: TwinsRow | None = None
    shortcuts: tuple[ShortcutRow, ...] = ()
    read: tuple[ReadRow, ...] = ()
    warnings: tuple[Caution, ...]
