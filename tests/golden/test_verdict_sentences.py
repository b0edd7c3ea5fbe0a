"""What people read: reasons, flips and next steps, word for word."""

from __future__ import annotations

import pytest

from builders import PlantedArm, make_records
from tuningfork.verdict.decide import decide
from tuningfork.verdict.explain import break_even_sentence

PROMPT = PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.73}, seeds=3, ms_per_row=400.0)
REMOTE = PlantedArm("prompt:openai/gpt-5-mini", accuracy={0: 0.84}, deterministic=True, usd=0.0005)
MINILM = PlantedArm("finetune:minilm", accuracy={32: 0.6, 128: 0.8, 512: 0.91})
LINEAR = PlantedArm("linear", accuracy={32: 0.6, 128: 0.84}, seeds=10)

CASES = {
    "fine-tune": {"arms": [MINILM, PROMPT], "pool_rows": 20_000},
    "small model": {"arms": [LINEAR, PROMPT], "pool_rows": 20_000},
    "prompt": {"arms": [PlantedArm("linear", accuracy={32: 0.5, 128: 0.6}), REMOTE]},
    "same": {"arms": [PlantedArm("linear", accuracy={128: 0.84}, spread=0.001), REMOTE], "rows": 4000},
    "cheaper": {"arms": [PlantedArm("linear", accuracy={128: 0.86}), REMOTE]},
    "undecided": {"arms": [PlantedArm("linear", accuracy={128: 0.82}), REMOTE], "rows": 200},
    "seeds": {"arms": [PlantedArm("linear", accuracy={128: 0.84}, spread=0.08), REMOTE], "rows": 2000},
    "few rows": {"arms": [LINEAR, PROMPT], "rows": 30},
    "one seed": {"arms": [PlantedArm("linear", accuracy={128: 0.9}, seeds=1), REMOTE]},
    "one side": {"arms": [MINILM]},
    "nobody": {"arms": [PlantedArm("linear", accuracy={128: 0.9}, failure="no memory")]},
}
EXPECTED: dict[str, tuple[str, tuple[str, ...], str | None]] = {
    "fine-tune": (
        "Fine-tune MiniLM. It scores 0.91 [0.89, 0.92]; the prompt (SmolLM2-135M, 5 shots) 0.73 "
        "[0.70, 0.76]: 18 points apart [15, 21], p < 0.001, on 400 shared rows. Larger LLMs and "
        "encoders were not measured.",
        (
            "Margin: none changes it, for the difference itself is shown.",
            "Labels: below about 79 [64, 97] the LLM is ahead in the mean; above, MiniLM.",
        ),
        "Measure a larger LLM and a larger encoder too: --arm prompt:PROVIDER/MODEL --arm "
        "finetune:hf:answerdotai/ModernBERT-base",
    ),
    "small model": (
        "Train a small model (TF-IDF and a linear classifier). It scores 0.84 [0.82, 0.86]; the "
        "prompt (SmolLM2-135M, 5 shots) 0.73 [0.70, 0.76]: 11 points apart [8, 14], p < 0.001, on"
        " 400 shared rows. Larger LLMs and encoders were not measured.",
        (
            "Margin: none changes it, for the difference itself is shown.",
            "Labels: below about 68 [58, 79] the LLM is ahead in the mean; above, TF-IDF and a linear classifier.",
        ),
        "Measure a larger LLM and a larger encoder too: --arm prompt:PROVIDER/MODEL --arm "
        "finetune:hf:answerdotai/ModernBERT-base",
    ),
    "prompt": (
        "Prompt gpt-5-mini, zero-shot. It scores 0.84 [0.80, 0.87]; the trained model (TF-IDF and"
        " a linear classifier) 0.60 [0.57, 0.63]: 24 points apart [20, 28], p < 0.001, on 400 "
        "shared rows. Larger encoders were not measured.",
        (
            "Margin: none changes it, for the difference itself is shown.",
            "Labels: up to 128 the LLM stays ahead in the mean; more were not measured.",
        ),
        "Measure a larger encoder too: --arm finetune:hf:answerdotai/ModernBERT-base",
    ),
    "same": (
        "Train a small model (TF-IDF and a linear classifier). The two are the same within 0.9 "
        "points, inside your margin of 3 points, and it is cheaper (no bill for each call). It "
        "scores 0.840 [0.832, 0.847]; the prompt (gpt-5-mini, zero-shot) 0.840 [0.828, 0.851]: "
        "0.0 points apart [-1.1, 1.1], p = 1.00, on 4,000 shared rows. Larger encoders were not "
        "measured.",
        ("Margin: below 0.9 points the two are no longer shown to be the same.",),
        "Measure a larger encoder too: --arm finetune:hf:answerdotai/ModernBERT-base",
    ),
    "cheaper": (
        "Train a small model (TF-IDF and a linear classifier). It is no worse by your margin of 3"
        " points, and it is cheaper (no bill for each call). It scores 0.86 [0.83, 0.88]; the "
        "prompt (gpt-5-mini, zero-shot) 0.84 [0.80, 0.87]: 2 points apart [-1, 5], p = 0.27, on "
        "400 shared rows. Larger encoders were not measured.",
        ("Margin: below 1 point the cheaper arm is no longer shown to be good enough.",),
        "Measure a larger encoder too: --arm finetune:hf:answerdotai/ModernBERT-base",
    ),
    "undecided": (
        "Undecided. 0.84 (gpt-5-mini, zero-shot) against 0.82 (TF-IDF and a linear classifier): 2"
        " points [-3, 7] on 200 shared rows; the same within 6.2 points. If you must choose "
        "today: gpt-5-mini, zero-shot, ahead by 2 points, though dearer. If that is wrong it "
        "costs at most 2.1 points (95 %), 0.3 on average. About 980 more labelled evaluation rows"
        " would probably settle it at your margin of 3 points. Larger encoders were not measured.",
        ("Margin: from 6.2 points on, the two count as the same.",),
        "About 980 more labelled evaluation rows would probably settle it at your margin of 3 points.",
    ),
    "seeds": (
        "Undecided. 0.84 (TF-IDF and a linear classifier) against 0.84 (gpt-5-mini, zero-shot): 0"
        " points [-11, 11] on 2,000 shared rows; the same within 8.5 points. If you must choose "
        "today: TF-IDF and a linear classifier, level and cheaper. If that is wrong it costs at "
        "most 8.5 points (95 %), 2 on average. About 172 seeds of each trained arm would probably"
        " settle it at your margin of 3 points; rows alone would not. Larger encoders were not "
        "measured.",
        ("Margin: from 8.5 points on, TF-IDF and a linear classifier will do, being cheaper.",),
        "About 172 seeds of each trained arm would probably settle it at your margin of 3 points;"
        " rows alone would not.",
    ),
    "few rows": (
        "Undecided: fewer than 50 shared evaluation rows. 0.84 (TF-IDF and a linear classifier) "
        "against 0.73 (SmolLM2-135M, 5 shots): 11 points [-2, 22] on 30 shared rows; the same "
        "within 20.3 points. If you must choose today: TF-IDF and a linear classifier, ahead by "
        "10.7 points and cheaper. If that is wrong it costs at most 0.3 points (95 %), 0.2 on "
        "average. A verdict needs at least 50 shared evaluation rows: label 20 more. Larger LLMs "
        "and encoders were not measured.",
        ("Rows: from 50 shared evaluation rows on, a verdict is possible.",),
        "A verdict needs at least 50 shared evaluation rows: label 20 more.",
    ),
    "one seed": (
        "Undecided. 0.90 (TF-IDF and a linear classifier) against 0.84 (gpt-5-mini, zero-shot): 6"
        " points [2, 10] on 400 shared rows; the same within 9.6 points. If you must choose "
        "today: TF-IDF and a linear classifier, ahead by 6 points and cheaper; what it can cost "
        "is not known, for training luck was not seen. No winner can be named with fewer than 3 "
        "seeds of TF-IDF and a linear classifier: run 5 (--seeds 5). Larger encoders were not "
        "measured.",
        ("Seeds: from 3 different seeds of each random arm on, a verdict is possible.",),
        "No winner can be named with fewer than 3 seeds of TF-IDF and a linear classifier: run 5 (--seeds 5).",
    ),
    "one side": (
        "Undecided: no LLM arm has finished, so there is nothing to compare. MiniLM scores 0.91 [0.89, 0.92].",
        (),
        "Give the study an LLM arm (--arm 'prompt:smollm2-135m?shots=5') and run it again.",
    ),
    "nobody": (
        "Undecided: no LLM and no fine-tuned arm has finished, so there is nothing to compare.",
        (),
        "Mend what made 'linear' fail, give the study an LLM arm (--arm 'prompt:smollm2-135m?shots=5') and run it "
        "again.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_sentences(case: str) -> None:
    verdict = decide(make_records(**CASES[case]))
    assert (verdict.reason, verdict.flips, verdict.next_step) == EXPECTED[case]


def test_break_even_sentences() -> None:
    curve = PlantedArm("linear", accuracy={32: 0.6, 128: 0.8, 512: 0.9}, seeds=12, spread=0.04)
    told = {}
    for prompt in (0.4, 0.7, 0.89, 0.97):
        arms = [curve, PlantedArm("prompt:x", accuracy={0: prompt}, deterministic=True)]
        verdict = decide(make_records(arms=arms))
        told[prompt] = break_even_sentence(verdict.break_even_labels, verdict.call)
    assert told == {
        0.4: "Fine-tuning matches the LLM in the mean at or below 32 labels, the fewest tried; for 95 % of training "
        "samples likewise.",
        0.7: "Fine-tuning matches the LLM in the mean from about 64 labels [47, 88]; for 95 % of training samples "
        "from about 110 labels [70, 160].",
        0.89: "Fine-tuning may match the LLM in the mean from about 450 labels [260, above 512], which is not "
        "settled; for 95 % of training samples perhaps above 512 labels, the most tried with seeds enough.",
        0.97: "Fine-tuning matches the LLM in the mean only above 512 labels, the most tried, if at all; for 95 % of "
        "training samples likewise.",
    }
