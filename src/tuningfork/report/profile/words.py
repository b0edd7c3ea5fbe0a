"""What a profile says, in sentences that terminal and page share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tuningfork.profile.document import FileDocument, ProfileDocument
from tuningfork.profile.figures import MovedShare, Shift
from tuningfork.profile.language_names import language_name
from tuningfork.report.text import one_line
from tuningfork.task.schema import Note
from tuningfork.task.wording import quoted
from tuningfork.verdict.numbers import count, p_value

TOLD_ELSEWHERE = frozenset(
    {
        "rows_differ",
        "shift_not_tested",
        "leaked_rows",
        "many_repeats",
        "doubtful_labels",
        "unlabelled_file",
        "embedded_sample",
    }
)
"""Codes of notes that a sentence of their own tells in full."""
_MOST_WORDS = 5
_MOST_LABELS = 3
_ASKED_OF_ROWS = frozenset({"few_labels", "out_of_distribution"})


def rows_sentence(document: ProfileDocument) -> str:
    """'10,003 rows in train.csv, all labelled; 3,080 in test.csv.'"""
    data, *others = document.files
    further = "".join(f"; {count(file.rows)} in {one_line(file.name)} ({file.role})" for file in others)
    return f"{count(data.rows)} in {one_line(data.name)}, {_labelled(data)}{further}."


def _labelled(file: FileDocument) -> str:
    if not file.labels:
        return "none labelled"
    return f"{count(file.unlabelled)} of them without a label" if file.unlabelled else "all labelled"


def answers_named(file: FileDocument) -> tuple[str, str]:
    """What answers are among, and a sentence on them: 'Labels', or 'Options'."""
    return ("Options", options_sentence(file)) if file.of_options else ("Labels", labels_sentence(file))


def options_sentence(file: FileDocument) -> str:
    """'4 a row; the right one is A in 26 %, B in 25 %, C in 25 %, D in 24 % of the rows'."""
    spread = next((field.options for field in file.fields.values() if field.options is not None), None)
    many = "" if spread is None else count(spread.most)
    if spread is not None and spread.least < spread.most:
        many = f"{count(spread.least)} to {count(spread.most)}"
    labelled = sum(file.labels.values())
    places = ", ".join(f"{letter} in {share(rows / labelled)}" for letter, rows in list(file.labels.items()))
    return f"{many} a row{f'; the right one is {places} of the labelled rows' if places else ''}"


def fields_sentence(file: FileDocument) -> str | None:
    """'premise: half have up to 14 tokens, 95 % up to 30, the longest 71; hypothesis: …'; None for one text a row."""
    told = [
        f"{'each of ' if field.options else ''}{one_line(field.column)}: half have up to "
        f"{count(field.tokens.median)} tokens, 95\u00a0% up to "
        f"{count(field.tokens.p95)}, the longest {count(field.tokens.most)}"
        for field in file.fields.values()
    ]
    return "; ".join(told) or None


def labels_sentence(file: FileDocument) -> str:
    """'77 labels; most often card_arrival (187), least often virtual_card (35).'"""
    if not file.labels:
        return "none"
    ranked = sorted(file.labels.items(), key=lambda pair: -pair[1])
    if len(ranked) <= _MOST_LABELS:
        labelled = sum(file.labels.values())
        return ", ".join(f"{quoted(name)} {count(rows)} ({share(rows / labelled)})" for name, rows in ranked)
    most, least = ranked[0], ranked[-1]
    return (
        f"{count(len(ranked))}; most often {quoted(most[0])} ({count(most[1])}), "
        f"least often {quoted(least[0])} ({count(least[1])})"
    )


def lengths_sentence(file: FileDocument) -> str:
    """'half of the rows have up to 12 tokens, 95 % up to 28; the longest 98 (as MiniLM counts)'"""
    tokens = file.lengths.tokens
    return (
        f"half of the rows have up to {count(tokens.median)} tokens, 95 % up to {count(tokens.p95)}; "
        f"the longest {count(tokens.most)} ({counted_sentence(file)})"
    )


def counted_sentence(file: FileDocument) -> str:
    """'MiniLM's tokens', or 'words and punctuation marks, estimated by characters for 90,000 of the rows'."""
    found = file.lengths
    estimated = file.rows - found.counted
    told = f"{found.counted_by}'s tokens" if found.counted_by.isalpha() else f"counted as {found.counted_by}"
    return f"{told}, estimated by their characters for {count(estimated)} rows" if estimated else told


def repeats_sentence(file: FileDocument) -> str:
    """'120 rows repeat an earlier one, 14 more nearly do.'"""
    found = file.duplicates
    if not found.normalised and not found.near:
        return "no row repeats another"
    near = f", {count(found.near)} more nearly do" if found.near else ""
    return f"{_rows(found.normalised, 'repeats', 'repeat')} an earlier one{near}"


def language_sentence(file: FileDocument) -> str:
    """'English 97 %, German 3 % of the 4,310 rows whose language could be told (5,000 looked at).'"""
    found = file.languages
    if not found.told:
        return f"could not be told from any of {count(found.looked_at)} rows"
    named = [(language_name(code), part) for code, part in list(found.shares.items())[:_MOST_LABELS]]
    shares = ", ".join(f"{name} {share(part)}" for name, part in named if part >= 0.005)
    return f"{shares} of the {_rows(found.told, 'that tells', 'that tell')} it ({count(found.looked_at)} looked at)"


def domain_sentence(document: ProfileDocument) -> str | None:
    """'finance (by words such as card, account, transfer)', or that none stands out; None where nothing is known."""
    found = document.domains
    if found is None or not found.ranked:
        return None
    first = found.ranked[0]
    if found.nearest is None:
        return f"none stands out; {' and '.join(domain.name for domain in found.ranked[:2])} are nearest"
    words = ", ".join(one_line(word) for word in first.words[:_MOST_WORDS])
    return f"like {found.nearest}{f' (by words such as {words})' if words else ''}"


def doubtful_sentence(document: ProfileDocument) -> str | None:
    """'312 of 10,003 labels are doubtful, above all t.csv:17 (happy; rows like it are sad)'; None where not looked."""
    found = document.suspicious
    if found is None:
        return None
    if not found.found:
        return f"none of {count(found.looked_at)} labels is doubtful"
    told = f"{count(found.found)} of {count(found.looked_at)} labels: rows like theirs have another"
    if not found.worst:
        return told
    worst = found.worst[0]
    return f"{told}; first of all {one_line(worst.row)}: {quoted(worst.label)}, perhaps {quoted(worst.suggested)}"


def seen_sentence(file: FileDocument) -> str:
    """'links in 12 % of the rows, emoji in 3 %', the most frequent first."""
    ranked = sorted(file.noise.items(), key=lambda pair: -pair[1])[:_MOST_WORDS]
    return ", ".join(f"{one_line(kind)} in {share(rows / file.rows)}" for kind, rows in ranked) or "none"


def personal_sentence(file: FileDocument) -> str:
    """'e-mail address in 4 rows, telephone number in 1 row'."""
    return ", ".join(f"{kind} in {_rows(rows)}" for kind, rows in file.personal.items())


def leakage_sentences(document: ProfileDocument) -> Iterator[str]:
    """'12 of 3,080 rows of test.csv are in train.csv too, 40 more nearly so', one a further file."""
    names = {file.role: one_line(file.name) for file in document.files}
    for found in document.leakage_by_file:
        near = f", {count(found.near)} more nearly so" if found.near else ""
        yield (
            f"{count(found.rows)} of {_rows(found.of)} of {names[found.role]} "
            f"{'is' if found.rows == 1 else 'are'} in {names['data']} too{near}"
            f"{': scores on them reward memory' if found.rows or found.near else ''}"
        )


def shift_sentence(shift: Shift, document: ProfileDocument) -> str:
    """Whether the rows differ, how sure that is, and what would have been missed."""
    names = {file.role: one_line(file.name) for file in document.files}
    data, other = names["data"], names[shift.role]
    if shift.detected is None:
        return f"Too few rows to tell whether those of {other} differ from those of {data}."
    p = p_value(shift.p_value) or ""
    if shift.detected:
        apart = "" if shift.separation is None else f", AUC of a classifier between them {shift.separation:.2f}"
        repeats = " They do not, once every text counts once." if shift.repeats_only else ""
        return f"Rows of {other} differ from those of {data} ({p}{apart}).{repeats}"
    return f"No shift seen between {data} and {other} ({p}). {missed_sentence(shift)}"


def missed_sentence(shift: Shift) -> str:
    """The smallest shift that would have been seen."""
    if shift.smallest_shift is None:
        few = "rows" if shift.different_texts is None else "different texts"
        return f"With so few {few} even a large shift would often have been missed."
    power = (
        ""
        if shift.power is None
        else (f" One of {share(shift.worth_seeing)} would have been seen {share(shift.power)} of the time.")
    )
    return (
        f"It would have been seen four times in five where it replaces {share(shift.smallest_shift)} of the "
        f"{'rows' if shift.different_texts is None else 'different texts'} or more.{power}"
    )


def moved_sentence(moved: Sequence[MovedShare]) -> str | None:
    """'more often there: ice (1 % to 9 %); less often: sun (8 % to 2 %)'; None where nothing moved beyond chance."""
    more = [one for one in moved if one.after > one.before][:_MOST_WORDS]
    less = [one for one in moved if one.after < one.before][:_MOST_WORDS]
    told = [
        f"{heading}: {', '.join(_moved(one) for one in some)}"
        for heading, some in (("more often there", more), ("less often", less))
        if some
    ]
    return "; ".join(told) or None


def _moved(one: MovedShare) -> str:
    return f"{quoted(one.name)} ({share(one.before)} to {share(one.after)})"


def share(part: float) -> str:
    """'12 %', '0.4 %', '0 %': shares under a tenth keep a digit."""
    if part == 0 or part >= 0.1:
        return f"{100 * part:.0f}\u00a0%"
    return f"{100 * part:.1f}\u00a0%" if part >= 0.0005 else "<\u00a00.1\u00a0%"


def minded(document: ProfileDocument) -> tuple[Note, ...]:
    """Notes that no sentence above tells."""
    told = TOLD_ELSEWHERE | ({"guessed_columns"} if document.read else set())
    return tuple(note for note in document.notes if note.code not in told)


def answers(document: ProfileDocument) -> Iterator[tuple[str, str]]:
    """(question, 'yes (high confidence): …') of the flow's questions that the rows answer."""
    for name, found in document.answers.items():
        sure = "" if found.confidence is None else f" ({found.confidence} confidence)"
        yield name, f"{found.answer}{sure}: {one_line(found.method or found.source)}"


def answers_of_rows(document: ProfileDocument) -> Iterator[tuple[str, str]]:
    """The answers that counts and tests give; the others follow from the task being one task of its type."""
    return ((name, told) for name, told in answers(document) if name in _ASKED_OF_ROWS)


def _rows(number: int, one: str = "", many: str = "") -> str:
    """'1 row', '2 rows', with the verb that fits."""
    noun, verb = ("row", one) if number == 1 else ("rows", many)
    return f"{count(number)} {noun} {verb}".rstrip()
