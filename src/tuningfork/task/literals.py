"""Values as Python and NumPy print them, read without running anything."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from itertools import pairwise

from tuningfork.task.readers.json_values import parse

_LONGEST = 1_000_000
_NOTHING = frozenset({"nan", "NaN", "NA", "null"})
_ARRAYS = frozenset({"array", "list", "tuple"})
_SIDE_BY_SIDE = re.compile(r"""['"]\s+['"]""")
_WITHOUT_COMMA = (tokenize.STRING, tokenize.NUMBER)
_NO_TOKENS = (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)


def written_value(text: str) -> object:
    """The value that a cell holds, as JSON or as Python and NumPy print it.

    Raises:
        ValueError: it holds none.
    """
    try:
        return parse(text)
    except ValueError:
        return literal(text)


def literal(text: str) -> object:
    """The list, dictionary, string or number that Python or NumPy printed, 'array([…], dtype=object)' among them.

    Strings that stand in a list without a comma between them, as NumPy prints an array by itself (`['a' 'b']`), are
    two: Python would join them. Nothing is run: what is more than a literal is refused.

    Raises:
        ValueError: it is none, or one that NumPy has cut short ('...').
    """
    if len(text) > _LONGEST:
        raise ValueError("too long for a literal")
    try:
        with warnings.catch_warnings():
            # Of an escape that Python does not know: it stays as it is written.
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            return _value(ast.parse(_with_commas(text), mode="eval").body)
    except (SyntaxError, tokenize.TokenError, RecursionError, MemoryError) as error:
        raise ValueError("no literal") from error


def _with_commas(text: str) -> str:
    """The text with a comma between strings and numbers that follow each other."""
    if not _SIDE_BY_SIDE.search(text):
        return text
    tokens = [one for one in tokenize.generate_tokens(io.StringIO(f"({text})").readline) if one.type not in _NO_TOKENS]
    missing = [
        before.end
        for before, after in pairwise(tokens)
        if before.type in _WITHOUT_COMMA and after.type in _WITHOUT_COMMA
    ]
    lines = f"({text})".splitlines(keepends=True)
    for row, column in reversed(missing):
        line = lines[row - 1]
        lines[row - 1] = f"{line[:column]},{line[column:]}"
    return "".join(lines)


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(one) for one in node.elts]
    if isinstance(node, ast.Dict):
        return {_key(key): _value(value) for key, value in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -_number(node.operand)
    if isinstance(node, ast.Name) and node.id in _NOTHING:
        return None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ARRAYS and node.args:
        return _value(node.args[0])
    raise ValueError("more than a literal")


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return str(node.value)
    raise ValueError("a key that is no text")


def _number(node: ast.Constant) -> int | float:
    if isinstance(node.value, int | float):
        return node.value
    raise ValueError("a sign before no number")
