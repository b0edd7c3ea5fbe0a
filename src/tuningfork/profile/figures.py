"""What a profile says, as plain data: every figure that terminal, JSON and page show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.read import FileRead
from tuningfork.task.schema import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """Rows that are longer than a model reads.

    Attributes:
        model: the starter's name; 'finetune:NAME' where fine-tuning it reads less than embedding with it.
        max_tokens: what it reads of a text at most, marks of the ends included.
        rows: how many of the n rows are longer.
    """

    model: str
    max_tokens: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lengths:
    """How long the texts of one file are.

    Attributes:
        tokens: word pieces of each text, without those that mark its ends; shape (n,).
        characters: characters of each text, shape (n,).
        truncations: by model, the rows of which it would not see the end; models that read all are not listed.
        counted_by: whose tokens they are: 'MiniLM'; 'WordLlama', or 'words and punctuation marks', where the machine
            does not have the former. A truncation is exact where a model's own tokens were counted, else about right.
        counted: texts whose tokens were counted; where there are many long ones, the other texts' are estimated by
            their characters.
    """

    tokens: NDArray[np.int32]
    characters: NDArray[np.int32]
    truncations: tuple[Truncation, ...]
    counted_by: str
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """Rows of one file that repeat an earlier row.

    Attributes:
        exact: rows whose text stands in an earlier row as it is.
        normalised: rows whose text does so, case, blanks and punctuation aside; the exact ones are among them.
        near: rows that are almost an earlier row (Jaccard similarity of their character shingles at least
            `similarity`), the normalised ones not counted again.
        similarity: from which on two rows are near, in [0, 1].
        contradicting: rows whose normalised text has another label elsewhere.
        examples: a few near pairs, as (row id, row id).
    """

    exact: int
    normalised: int
    near: int
    similarity: float
    contradicting: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """Rows of another file that stand in the labelled file too.

    Attributes:
        role: 'test', 'validation' or 'shifted'.
        rows: rows of that file with the normalised text of a row of the labelled file.
        near: rows that are almost one, those not counted again.
        of: rows of that file.
    """

    role: str
    rows: int
    near: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspiciousLabel:
    """A row whose label the other rows speak against: its id, its label, what they suggest, and how strongly."""

    row: str
    label: str
    suggested: str
    probability: float
    """Of its own label, out of sample, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspiciousLabels:
    """What confident learning (Northcutt et al., arXiv 1911.00068) finds.

    Attributes:
        looked_at: labelled rows looked at.
        found: rows whose label is doubtful.
        worst: the most doubtful, worst first.
        model: whose out-of-sample probabilities were used.
    """

    looked_at: int
    found: int
    worst: tuple[SuspiciousLabel, ...]
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """Languages of one file's texts.

    Attributes:
        shares: ISO 639-1 code and share of the rows whose language could be told, most first; they sum to 1.
        looked_at: rows looked at (a sample where there are many).
        told: rows among them whose language could be told; short ones often cannot.
    """

    shares: tuple[tuple[str, float], ...]
    looked_at: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Rows in which something was seen: what, in how many rows."""

    kind: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedShare:
    """A word or a label whose share of the rows differs between two files: its shares there, in [0, 1]."""

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSampleTest:
    """One test of whether two files' rows come from one distribution.

    Attributes:
        method: the test's name, for people.
        statistic: its value on these rows.
        p_value: by permuting the pooled rows.
        smallest_shift: the smallest share of replaced rows that it would have seen four times in five, in (0, 1];
            None where it would not have seen even all of them replaced.
    """

    method: str
    statistic: float
    p_value: float
    smallest_shift: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How the rows of another file differ from those of the labelled file.

    Attributes:
        role: 'test' or 'shifted'.
        rows: rows compared on each side, (labelled, other): a sample where there are many.
        detected: whether the distributions differ; None where there are too few rows to say.
        p_value: of the two tests together, in (0, 1]; None where there are too few rows.
        method: what was done, for people.
        power: chance to have seen a shift that replaces `worth_seeing` of the rows, in [0, 1]; None where not known.
        worth_seeing: that share.
        smallest_shift: the smallest share of replaced rows that would have been seen four times in five.
        tests: each test by itself.
        words: words whose share of the rows moved most, beyond chance.
        labels: label shares that moved beyond chance; empty where the other file has no labels.
        repeats_only: a difference was seen, and is not seen when every text counts once a file: the files differ in
            how often texts repeat, not in what they say.
        different_texts: how many there are on each side, where that is fewer than rows and matters: power and smallest
            shift are those of so many rows, as copies of a text are no further draws; None where all texts differ.
        separation: how well a linear classifier tells the files apart on rows held out (AUC): 0.5 not at all, 1 wholly;
            None where there are too few rows. A p-value says that they differ, this how far.
    """

    role: str
    rows: tuple[int, int]
    detected: bool | None
    p_value: float | None
    method: str
    power: float | None
    worth_seeing: float
    smallest_shift: float | None
    tests: tuple[TwoSampleTest, ...]
    words: tuple[MovedShare, ...]
    labels: tuple[MovedShare, ...]
    repeats_only: bool = False
    different_texts: tuple[int, int] | None = None
    separation: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """How near the rows are to a reference domain.

    Attributes:
        name: 'news', 'reviews', 'social', 'legal', 'medical', 'finance', 'code', 'dialogue', 'science' or
            'encyclopaedic'.
        similarity: of the rows to it, larger is nearer; comparable within one profile only.
        share: share of the rows that are nearest to it, in [0, 1].
        words: words of the rows that mark it.
    """

    name: str
    similarity: float
    share: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domains:
    """All reference domains, nearest first, and the one that the rows clearly belong to, if any."""

    ranked: tuple[Domain, ...]
    nearest: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EmbeddingMap:
    """The rows in two dimensions: the first two principal components of their embeddings.

    Attributes:
        points: shape (m, 2), a sample where there are many rows.
        labels: one name a point; '' where there is none.
        roles: one a point: 'data', 'test' or 'shifted'.
        explained: shares of the variance along the two axes, in [0, 1].
    """

    points: NDArray[np.float32]
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    explained: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FieldProfile:
    """One field of rows that are more than one text.

    Attributes:
        name: as the task type calls it.
        column: where it stands in the file.
        lengths: of its texts; of a list field, of every text of every row.
        options: how many texts each row has, shape (n,); None for a field of one text a row.
    """

    name: str
    column: str
    lengths: Lengths
    options: NDArray[np.int32] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FileProfile:
    """One file by itself.

    Attributes:
        role: 'data', 'test', 'validation' or 'shifted'.
        name: the file, as ids and messages name it.
        rows: rows with a text.
        labels: label and count, in order of label; rows without one are not in it. Of rows with options of their own,
            the letters of the right ones.
        unlabelled: rows without a label.
        noise: what was seen of typing and markup: 'emoji', 'markup', 'link', 'mention', 'shouting', 'misspelling', ….
        personal: what looks like personal data: 'e-mail address', 'telephone number', 'payment card', …; counts only.
        fields: each by itself, of rows that are more than one text.
        of_options: whether rows have options of their own, so that `labels` are places of them.
    """

    role: str
    name: str
    rows: int
    labels: tuple[tuple[str, int], ...]
    unlabelled: int
    lengths: Lengths
    duplicates: Duplicates
    languages: Languages
    noise: tuple[Finding, ...]
    personal: tuple[Finding, ...]
    fields: tuple[FieldProfile, ...] = ()
    of_options: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """What the rows say before any arm runs.

    Attributes:
        files: the labelled file first, then test, validation, shifted as far as given.
        leakage: one entry a further file.
        suspicious: None where there are too few labelled rows or no labels, and of rows with several fields: the
            vector of the text that they make does not say how they relate.
        shifts: one entry a file that the labelled rows were compared with: 'test', 'shifted'.
        domains: None where there are no rows with known words.
        embedded_by: the encoder behind shift, domains, map and suspicious labels; None where none could be had.
        notes: what was sampled, guessed, left out, and what the reader should mind.
        read: what was read of each file.
    """

    files: tuple[FileProfile, ...]
    leakage: tuple[Leakage, ...]
    suspicious: SuspiciousLabels | None
    shifts: tuple[Shift, ...]
    domains: Domains | None
    map: EmbeddingMap | None
    embedded_by: str | None
    notes: tuple[Note, ...]
    read: tuple[FileRead, ...] = ()

    @property
    def data(self) -> FileProfile:
        """The labelled file."""
        return self.files[0]
