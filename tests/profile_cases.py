"""Profiles for the tests of terminal, page, JSON and report: what people meet, and what a hostile file could hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from report_cases import HOSTILE_TEXTS
from tuningfork.guide.from_rows import documented
from tuningfork.profile.document import ProfileDocument
from tuningfork.profile.figures import (
    Domain,
    Domains,
    Duplicates,
    EmbeddingMap,
    FileProfile,
    Finding,
    Languages,
    Leakage,
    Lengths,
    MovedShare,
    Profile,
    Shift,
    SuspiciousLabel,
    SuspiciousLabels,
    Truncation,
    TwoSampleTest,
)
from tuningfork.task.schema import Note, TaskSpec

_NO_REPEATS = Duplicates(exact=0, normalised=0, near=0, similarity=0.8, contradicting=0, examples=())


def file_profile(
    role: str = "data",
    *,
    name: str = "tickets.csv",
    labels: dict[str, int] | None = None,
    unlabelled: int = 0,
    longest: int = 400,
    truncations: tuple[Truncation, ...] = (),
    duplicates: Duplicates = _NO_REPEATS,
    noise: tuple[Finding, ...] = (),
    personal: tuple[Finding, ...] = (),
    seed: int = 0,
) -> FileProfile:
    """One file with so many rows of each label; lengths are log-normal."""
    counts = {"refund": 300, "delivery": 120, "other": 30} if labels is None else labels
    rows = sum(counts.values()) + unlabelled
    tokens = np.clip(np.random.default_rng(seed).lognormal(3, 0.9, rows), 1, longest).astype(np.int32)
    return FileProfile(
        role=role,
        name=name,
        rows=rows,
        labels=tuple(sorted(counts.items())),
        unlabelled=unlabelled,
        lengths=Lengths(
            tokens=tokens, characters=5 * tokens, truncations=truncations, counted_by="MiniLM", counted=rows
        ),
        duplicates=duplicates,
        languages=Languages(shares=(("en", 0.97), ("de", 0.03)), looked_at=rows, told=rows // 2),
        noise=noise,
        personal=personal,
    )


def shift(role: str = "shifted", *, detected: bool | None = True, moved: tuple[MovedShare, ...] = ()) -> Shift:
    """A shift test's result."""
    p = None if detected is None else 0.001 if detected else 0.43
    tests = () if p is None else (TwoSampleTest(method="MMD", statistic=0.0123, p_value=p, smallest_shift=0.11),)
    return Shift(
        role=role,
        rows=(450, 60),
        detected=detected,
        p_value=p,
        method="two tests on embeddings",
        power=None if detected is None else 0.93,
        worth_seeing=0.2,
        smallest_shift=None if detected is None else 0.12,
        tests=tests,
        words=moved,
        labels=(),
    )


def profile(
    files: tuple[FileProfile, ...] = (),
    *,
    shifts: tuple[Shift, ...] = (),
    leakage: tuple[Leakage, ...] = (),
    suspicious: SuspiciousLabels | None = None,
    domains: Domains | None = None,
    embedding_map: EmbeddingMap | None = None,
    embedded_by: str | None = "wordllama",
    notes: tuple[Note, ...] = (),
) -> Profile:
    """A profile of these parts."""
    return Profile(
        files=files or (file_profile(),),
        leakage=leakage,
        suspicious=suspicious,
        shifts=shifts,
        domains=domains,
        map=embedding_map,
        embedded_by=embedded_by,
        notes=notes,
    )


def document(found: Profile) -> ProfileDocument:
    """What is printed and kept of a profile."""
    return documented(found, TaskSpec(data=Path("tickets.csv")))


def full(words: tuple[str, ...] = ("ice", "coal", "tram"), labels: tuple[str, ...] = ()) -> Profile:
    """Three files with something to tell in every part.

    Args:
        words: names of files, words, rows and kinds, wherever text of the user's reaches the page.
        labels: of the rows.
    """
    names = labels or tuple(f"label {place}" for place in range(30))
    counts = {label: 5 + 7 * place for place, label in enumerate(names)}
    here = file_profile(
        name=f"{words[0]}.csv",
        labels=counts,
        unlabelled=12,
        truncations=(
            Truncation(model="minilm", max_tokens=128, rows=40),
            Truncation(model="e5", max_tokens=130, rows=38),
        ),
        duplicates=Duplicates(
            exact=40, normalised=60, near=300, similarity=0.8, contradicting=4, examples=((words[0], words[1]),)
        ),
        noise=(Finding(kind="link", rows=30), Finding(kind="emoji", rows=9)),
        personal=(Finding(kind="e-mail address", rows=3),),
    )
    test = file_profile("test", name=f"{words[1]}.csv", labels={names[0]: 40, names[1]: 60}, seed=1)
    shifted = file_profile("shifted", name=f"{words[2]}.csv", labels={}, unlabelled=90, longest=900, seed=2)
    moved = tuple(MovedShare(name=word, before=0.01, after=0.2) for word in words)
    draw = np.random.default_rng(0)
    roles = ("data",) * 200 + ("test",) * 40 + ("shifted",) * 40
    return profile(
        (here, test, shifted),
        shifts=(shift("test", detected=False), shift("shifted", moved=moved)),
        leakage=(Leakage(role="test", rows=4, near=1, of=100), Leakage(role="shifted", rows=0, near=0, of=90)),
        suspicious=SuspiciousLabels(
            looked_at=400,
            found=31,
            worst=tuple(
                SuspiciousLabel(row=f"{word}:7", label=names[0], suggested=names[1], probability=0.021)
                for word in words
            ),
            model="logistic regression on wordllama",
        ),
        domains=Domains(
            ranked=(
                Domain(name="finance", similarity=0.4, share=0.7, words=words),
                Domain(name="dialogue", similarity=0.3, share=0.3, words=()),
            ),
            nearest="finance",
        ),
        embedding_map=EmbeddingMap(
            points=draw.normal(size=(len(roles), 2)).astype(np.float32),
            labels=tuple(names[place % len(names)] if role != "shifted" else "" for place, role in enumerate(roles)),
            roles=roles,
            explained=(0.12, 0.08),
        ),
        notes=(Note("guessed_columns", f"Taken by their names: {words[0]}."), Note("personal_data", "e-mail (3)")),
    )


def hostile() -> Profile:
    """The same where every text that comes from files tries to break out."""
    return full(HOSTILE_TEXTS[:3], HOSTILE_TEXTS)


CASES = {
    "plain": lambda: profile(),
    "full": full,
    "no labels": lambda: profile(
        (file_profile(labels={}, unlabelled=40),), embedded_by=None, notes=(Note("no_encoder", "No encoder."),)
    ),
    "one label": lambda: profile((file_profile(labels={"only": 25}),)),
    "one length": lambda: profile((file_profile(longest=1),)),
    "many labels": lambda: profile((file_profile(labels={f"{place / 100:.2f}": 1 for place in range(500)}),)),
    "long labels": lambda: profile((file_profile(labels={f"{'long ' * 30}{place}": 30 for place in range(9)}),)),
}
