"""Text that goes into a prompt as data: what chat templates use to begin and end turns is broken by a blank.

A server parses such marks wherever they stand in the rendered prompt, so that a row could end its own turn and answer
for the model. Broken, a mark is still there to be read ('<| im_end|>', '< /s>', '[ INST]'), as several tokens of text.
All other text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tuningfork.errors import ArmFailed
from tuningfork.task.labels import LabelSpace

_PIPE_OPENS = re.compile(r"<([|｜])(?=[^\s>])")
_PIPE_CLOSES = re.compile(r"(<[^\s<>|｜]+)([|｜]>)")
"""'<|im_end|>' by its beginning, and 'turn|>' where a tag ends with a pipe without having begun with one."""

_WORDS = (
    # sentences, turns, tools and thoughts
    r"s|bos|eos|pad|unk|cls|sep|mask|sys|think|tool_call|tool_response|(?:start|end)_of_(?:turn|image|role|text|file)"
    r"|(?:begin|end)_of_(?:sentence|text|document)|(?:bos|eos|pad|unk|cls|sep|mask|eop)_token|(?:seed:)?[be]os|so[ps]|eo[pdmtx]"
    # code, its files and its repositories
    r"|fim[_-](?:prefix|middle|suffix|pad)|file_?name|file_sep|repo_?name|gh_stars|issue_(?:start|comment|closed)"
    r"|jupyter_(?:start|text|code|output|script)|empty_output|commit_(?:before|msg|after)"
    # places kept free in a vocabulary
    r"|(?:unused|reserved|special|extra_id|reserved_special_token)[_-]?\d+|image_soft_token"
)
_TAG = re.compile(rf"<(?=/?(?:{_WORDS})>)", re.IGNORECASE)
_SHOUTED = (
    r"INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|CALL_ID|ARGS|THINK|MODEL_SETTINGS"
    r"|IMG|IMG_BREAK|IMG_END|AUDIO|BEGIN_AUDIO|PREFIX|MIDDLE|SUFFIX|BOS|EOS|UNK|PAD|CLS|SEP|MASK|gMASK|sMASK|@BOS@"
)
_BRACKET = re.compile(rf"\[(?=/?(?:{_SHOUTED})\]|\|/?(?:system|user|assistant|tool|endofturn)\|\])")


def as_data(text: str) -> str:
    """The text with the marks of chat templates broken by a blank.

    '<|im_end|>' becomes '<| im_end|>', '</s>' '< /s>' and '[INST]' '[ INST]'. Doing so twice changes nothing more.
    """
    opened = _PIPE_OPENS.sub(r"<\1 ", text)
    closed = _PIPE_CLOSES.sub(r"\1 \2", opened)
    return _BRACKET.sub("[ ", _TAG.sub("< ", closed))


def labels_as_data(labels: LabelSpace) -> LabelSpace:
    """The labels with names and descriptions as a model may be shown them; values and order stay.

    Raises:
        ArmFailed: two names that differ in their marks only could not be told apart.
    """
    shown = LabelSpace(
        tuple(
            replace(label, name=as_data(label.name), description=label.description and as_data(label.description))
            for label in labels.labels
        )
    )
    _refuse_twins(labels.names, shown.names)
    return shown


def _refuse_twins(names: Sequence[str], shown: Sequence[str]) -> None:
    first: dict[str, str] = {}
    for name, told in zip(names, shown, strict=True):
        other = first.setdefault(told, name)
        if other != name:
            raise ArmFailed(
                f"the labels {other!r} and {name!r} are both shown as {told!r}, because marks of chat templates are "
                "broken; give them other names by --label-names"
            )
