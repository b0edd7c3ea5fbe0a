"""Prompt an LLM, fine-tune a small model, or both? A measured verdict on your own rows.

>>> import tuningfork as tf
>>> task = tf.Task.from_csv("tickets.csv", text="message", label="intent")        # doctest: +SKIP
>>> study = tf.Study(task, arms=["linear", "prompt:smollm2-135m?shots=5"])         # doctest: +SKIP
>>> verdict = study.run()                                                          # doctest: +SKIP
"""

TYPE_CHECKING = False  # the name that type checkers know; importing `typing` for it would cost milliseconds

if TYPE_CHECKING:
    from tuningfork.api import Comparison as Comparison
    from tuningfork.api import Study as Study
    from tuningfork.api import Task as Task
    from tuningfork.api import Verdict as Verdict
    from tuningfork.api import compare as compare
    from tuningfork.api import load as load

__version__ = "0.1.0"
__all__ = ["Comparison", "Study", "Task", "Verdict", "__version__", "compare", "load"]


def __getattr__(name: str) -> object:
    """Names are imported on first use, so that importing the package stays light."""
    if name.startswith("_") or name not in __all__:
        raise AttributeError(f"module 'tuningfork' has no attribute {name!r}")
    from tuningfork import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted(__all__)
