"""The verdict's screen, character by character."""

from __future__ import annotations

from builders import PlantedArm, make_records
from report_cases import MINILM, REMOTE
from tuningfork.report.terminal import plain_text
from tuningfork.verdict.decide import decide

DECIDED = """\
Fine-tune MiniLM. It scores 0.91 [0.88, 0.93]; the prompt (SmolLM2-135M, 5
shots) 0.73 [0.70, 0.76]: 18 points apart [15, 21], p < 0.001, on 400 shared
rows. Larger LLMs and encoders were not measured.

   arm                    side        accuracy           labels   ms
>  MiniLM                 fine-tuned  0.91 [0.88, 0.93]     512   18
   SmolLM2-135M, 5 shots  LLM         0.73 [0.70, 0.76]       5  579

Break-even   Fine-tuning matches the LLM in the mean from about 79 labels [63,
             99]; for 95 % of training samples from about 110 labels [72, 120].
Would change Margin: none changes it, for the difference itself is shown.
             Labels: below about 79 [63, 99] the LLM is ahead in the mean;
             above, MiniLM.
Guide        The published decision flow leaves it open: `tuningfork advise`
             asks what only you know.
Warnings     - Only small LLMs were measured (SmolLM2-135M); larger ones (7B
             parameters and more) were not. Add one: tuningfork run tickets.csv
             … --arm prompt:PROVIDER/MODEL
             - The largest encoder measured has 23 M parameters (MiniLM); larger
             ones (100 M parameters and more) were not. Add one: tuningfork run
             tickets.csv … --arm finetune:hf:answerdotai/ModernBERT-base
Next         Measure a larger LLM and a larger encoder too: --arm
             prompt:PROVIDER/MODEL --arm finetune:hf:answerdotai/ModernBERT-base
"""
UNDECIDED = """\
Undecided. 0.84 (gpt-5-mini, zero-shot) against 0.82 (TF-IDF and a linear
classifier): 2 points [-3, 7] on 200 shared rows; the same within 6.2 points. If
you must choose today: gpt-5-mini, zero-shot, ahead by 2 points, though dearer.
If that is wrong it costs at most 2.1 points (95 %), 0.3 on average. About 980
more labelled evaluation rows would probably settle it at your margin of 3
points. Larger encoders were not measured.

  arm                      side        accuracy           labels  $/1,000     ms
  gpt-5-mini, zero-shot    LLM         0.84 [0.78, 0.88]       0    $0.50  1,233
  TF-IDF and a linear      fine-tuned  0.82 [0.78, 0.85]     128        –    1.5
  classifier

Break-even   Fine-tuning may match the LLM in the mean above 128 labels, the
             only count tried, which is not settled; for 95 % of training
             samples likewise.
Would change Margin: from 6.2 points on, the two count as the same.
Guide        The published decision flow leaves it open: `tuningfork advise`
             asks what only you know.
Warnings     - No encoder was measured; larger ones (100 M parameters and more)
             were not. Add one: tuningfork run tickets.csv … --arm
             finetune:hf:answerdotai/ModernBERT-base
"""


def test_a_decided_study() -> None:
    local = PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.73}, seeds=3, ms_per_row=400.0)
    assert plain_text(decide(make_records(arms=[MINILM, local], pool_rows=20_000))) == DECIDED.rstrip("\n")


def test_an_undecided_study() -> None:
    linear = PlantedArm("linear", accuracy={128: 0.82})
    assert plain_text(decide(make_records(arms=[linear, REMOTE], rows=200))) == UNDECIDED.rstrip("\n")


def test_the_flow_stands_beside_the_verdict() -> None:
    record = decide(make_records(arms=[PlantedArm("linear", accuracy={128: 0.82}), REMOTE], rows=200))
    assert record.guide is not None
    told = {
        agrees: plain_text(
            record.model_copy(update={"guide": record.guide.model_copy(update={"leaf": "llm", "agrees": agrees})})
        )
        for agrees in (True, False, None)
    }
    assert "flow says: prompt an LLM, and so does the measurement." in " ".join(told[True].split())
    assert "flow says: prompt an LLM; the measurement disagrees." in " ".join(told[False].split())
    assert "flow says: prompt an LLM." in " ".join(told[None].split())
