"""What families may know of a study."""

from __future__ import annotations

from functools import cache

from tuningfork.arms.family import Setting
from tuningfork.atlas.prices import parse_price
from tuningfork.study.settings import StudySettings
from tuningfork.task.fields import caption_of
from tuningfork.task.places import JOINT
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.sampling import label_counts, pool_order
from tuningfork.task.schema import Note, TaskData
from tuningfork.task.task_type import TASK_TYPES


def make_setting(task: TaskData, settings: StudySettings) -> tuple[Setting, tuple[Note, ...]]:
    """What families may know of the study, and what was clipped."""
    given = settings.label_counts
    pool_size = len(task.pool)
    counts = label_counts(pool_size, len(task.labels), given)
    notes: tuple[Note, ...] = ()
    too_many = [count for count in given or () if count > pool_size]
    if too_many:
        asked = ", ".join(str(count) for count in too_many)
        notes = (
            Note(
                "counts_clipped",
                f"{asked} labels were asked for; the pool has {pool_size} rows, so {pool_size} it is.",
            ),
        )
    texts = task.pool.texts
    characters = sum(len(text) for text in texts) / max(1, len(texts))
    setting = Setting(
        pool=task.pool,
        order=cache(lambda seed: pool_order(task.pool.units, seed, task.spec.seed)),
        labels=task.labels,
        counts=counts,
        counts_given=given is not None,
        seeds=settings.seeds,
        task_description=task.spec.description,
        mean_characters=characters,
        prices=dict(parse_price(text) for text in settings.prices),
        form=TextFormat(task.spec.encoding, task.spec.delimiter),
        text_column=task.spec.text or JOINT.join((task.spec.fields or {}).values()) or None,
        type=TASK_TYPES.get(task.spec.type),
        captions={field: caption_of(field, column) for field, column in (task.spec.fields or {}).items()},
        symmetric=task.spec.symmetric,
    )
    return setting, notes
