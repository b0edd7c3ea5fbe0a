"""Which studies there are, in the order in which they are run, and what each is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tuningfork.errors import UnknownName
from tuningfork.study.arm_choice import demo_arms

LOCAL_LLMS = ("prompt:smollm2-135m?shots=5", "prompt:qwen2.5-coder-1.5b?shots=5")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyCase:
    """One study of a public data set.

    Attributes:
        name: of the study, its folder and its rows' files.
        folder: where its rows lie, in the folder of data sets.
        prefix: what the names of its files begin with there.
        about: what is to be told apart, for the page.
        source: where the rows come from, for the page.
        minutes: the budget.
        answers: files of answers by the name of the model that gave them; 'TASK_ANSWERS.csv' is in `folder`.
        validation: whether the published validation rows rank the arms; else the study sets rows of the pool aside.
        set_aside: test rows, drawn by unit, that rank the arms, for answers exist for test rows alone.
        shifted: a file of rows unlike the pool, by its name in `folder`.
        local_llms: arms of LLMs that run here.
        without: trained arms that would take the time of the others.
    """

    name: str
    folder: str
    about: str
    source: str
    minutes: int
    prefix: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    validation: bool = False
    set_aside: int = 0
    shifted: str | None = None
    local_llms: tuple[str, ...] = LOCAL_LLMS
    without: tuple[str, ...] = ()

    def arms(self, trained: Sequence[str]) -> list[str]:
        """Every arm as it is typed, in the folder of the study's rows."""
        made_elsewhere = [f"predictions:{file}.csv?side=llm&model={who}" for who, file in self.answers.items()]
        return [*(arm for arm in trained if arm not in self.without), *self.local_llms, *made_elsewhere]


def _frontier(name: str, about: str, source: str, strongest: dict[str, str], *, minutes: int) -> StudyCase:
    return StudyCase(
        name=name,
        folder="frontier",
        prefix=f"{name}_",
        about=about,
        source=source,
        minutes=minutes,
        answers={**strongest, "Claude Haiku 4.5": "claude-haiku-4.5", "Jev 1.13": "jev"},
        set_aside=200,
        local_llms=(),
    )


_SOL, _OPUS = {"GPT-5.6 Sol": "gpt-5.6-sol"}, {"Claude Opus 5": "claude-opus-5"}

CASES: tuple[StudyCase, ...] = (
    _frontier(
        "ibc",
        "Sentences of US books and magazines: liberal, conservative or neutral",
        "the Ideological Books Corpus (Iyyer et al. 2014), as [LLMs for CSS](https://github.com/SALT-NLP/LLMs_for_CSS) "
        "has it",
        _SOL,
        minutes=35,
    ),
    _frontier(
        "flute",
        "Pairs of a premise and a hypothesis, by the figure of speech: idiom, metaphor, sarcasm or simile",
        "FLUTE (Chakrabarty et al. 2022), as [LLMs for CSS](https://github.com/SALT-NLP/LLMs_for_CSS) has it",
        _SOL,
        minutes=35,
    ),
    _frontier(
        "mrf",
        "News headlines: misinformation or trustworthy",
        "Misinfo Reaction Frames (Gabriel et al. 2022), as [LLMs for CSS](https://github.com/SALT-NLP/LLMs_for_CSS) "
        "has it",
        _OPUS,
        minutes=20,
    ),
    StudyCase(
        name="sst2",
        folder="sst2",
        about="Sentences of film reviews, positive or negative",
        source="[SST-2](https://nlp.stanford.edu/sentiment/)",
        minutes=45,
    ),
    StudyCase(
        name="banking77",
        folder="banking77",
        about="Questions to a bank, 77 intents",
        source="[Banking77](https://github.com/PolyAI-LDN/task-specific-datasets)",
        minutes=40,
    ),
    StudyCase(
        name="clinc150",
        folder="clinc150",
        about="Requests to an assistant, 150 intents",
        source="[CLINC150](https://github.com/clinc/oos-eval)",
        minutes=30,
        local_llms=LOCAL_LLMS[:1],  # a prompt of 150 labels takes the larger one about ten seconds a row
        without=("blend:minilm",),  # among 77 labels its choice of a share took a quarter of the time
    ),
    StudyCase(
        name="tweet_emotion",
        folder="tweet_emotion",
        about="Tweets, four emotions",
        source="[TweetEval](https://github.com/cardiffnlp/tweeteval)",
        minutes=30,
    ),
    StudyCase(
        name="tweet_offensive",
        folder="tweet_offensive",
        about="Tweets, offensive or not",
        source="[TweetEval](https://github.com/cardiffnlp/tweeteval), of its training rows a random 4,000",
        minutes=25,
    ),
    StudyCase(
        name="imdb_counterfactual",
        folder="imdb_counterfactual",
        about="Film reviews, positive or negative; shifted rows are the same reviews rewritten to the other label",
        source="[Counterfactually augmented data](https://github.com/acmi-lab/counterfactually-augmented-data)",
        minutes=30,
        validation=True,
        shifted="shifted_counterfactual_test",
        without=("blend:minilm",),
    ),
)


def trained_arms() -> list[str]:
    """The trained arms that a study has when its user names none, and the one that mixes the two cheapest kinds."""
    return [*(arm for arm in demo_arms()[0] if not arm.startswith("prompt:")), "blend:minilm"]


def named(names: Sequence[str]) -> tuple[StudyCase, ...]:
    """The cases of these names in the order of the list; all without a name.

    Raises:
        UnknownName: no study is called so.
    """
    known = {case.name: case for case in CASES}
    for name in names:
        if name not in known:
            raise UnknownName("study", name, known=known)
    return tuple(case for case in CASES if not names or case.name in names)
