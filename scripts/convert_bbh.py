"""Questions of BIG-bench hard with their options in the text, as rows of type choice.

python scripts/convert_bbh.py FROM.jsonl TO.jsonl

Reads lines with `input`, a question that ends in 'Options:' and a line for each option ('(A) …' or '- …'), and
`target`, a letter or a text; writes lines with `question`, `choices` and `answer`, the text of the right option.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

_HEADING = re.compile(r"\n\s*Options:\s*\n", re.IGNORECASE)
_OPTION = re.compile(r"^\s*(?:\(([A-Z])\)|-)[ \t]*(.*)$", re.MULTILINE)


def converted(row: dict[str, str]) -> dict[str, object]:
    """One row of type choice.

    Raises:
        ValueError: it has no options, letters that do not follow each other, or a target that is none of them.
    """
    *before, listed = _HEADING.split(row["input"])
    options = [(match[1], match[2].strip()) for match in _OPTION.finditer(listed)] if before else []
    if len(options) < 2:
        raise ValueError("has no two options below 'Options:'")
    letters = [letter for letter, _ in options]
    expected = [chr(ord("A") + place) for place in range(len(options))]
    if letters not in (expected, [None] * len(options)):
        raise ValueError(f"has options called {letters}")
    texts = [text for _, text in options]
    target = row["target"].strip()
    right = [text for letter, text in options if target in (f"({letter})", letter, text)]
    if len(right) != 1:
        raise ValueError(f"has the target {target!r}, which is none of its options: {texts}")
    return {"question": "\nOptions:\n".join(before).strip(), "choices": texts, "answer": right[0]}


def convert(source: Path, target: Path) -> int:
    """Convert a whole file; gives the number of its rows.

    Raises:
        ValueError: a row that cannot be converted; its number is named.
    """
    lines = []
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            lines.append(json.dumps(converted(json.loads(line)), ensure_ascii=False))
        except (ValueError, KeyError) as error:
            raise ValueError(f"{source}, row {number}: {error}") from error
    target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Rows of type choice from BIG-bench hard.")
    parser.add_argument("source", type=Path, metavar="FROM.jsonl")
    parser.add_argument("target", type=Path, metavar="TO.jsonl")
    given = parser.parse_args()
    try:
        print(f"{convert(given.source, given.target)} rows in {given.target}")
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
