"""What may be imported when: the package and its help stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "sklearn",
    "scipy",
    "onnxruntime",
    "polars",
    "xllamacpp",
    "huggingface_hub",
    "genai_prices",
    "httpx",
    "jinja2",
    "gguf",
}


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def modules_of_ours(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split() if name.startswith("tuningfork.")}


def test_importing_the_package_imports_no_library() -> None:
    assert not modules_after("import tuningfork") & (HEAVY | {"numpy", "pydantic", "typer", "rich"})


def test_every_kind_of_answer_needs_numpy_and_nothing_of_ours_but_its_room() -> None:
    load = "import pkgutil, tuningfork.answers as room\n" + (
        "for found in pkgutil.iter_modules(room.__path__):\n"
        "    if found.name != 'registry': __import__(f'tuningfork.answers.{found.name}')"
    )
    ours = {name for name in modules_of_ours(load) if not name.startswith("tuningfork.answers")}
    assert ours <= {"tuningfork.errors"}
    libraries = modules_after(load) - modules_after("import numpy") - set(sys.stdlib_module_names)
    assert libraries == {"tuningfork"}


HELP = """
import contextlib, io
from tuningfork.cli.app import run_app
with contextlib.redirect_stdout(io.StringIO()):
    run_app(["--help"])
"""


def test_the_command_line_starts_without_heavy_libraries() -> None:
    assert not modules_after(HELP) & (HEAVY | {"numpy"})


def test_listing_the_commands_imports_none_of_them() -> None:
    listing = modules_of_ours(HELP)
    from tuningfork.cli.commands import COMMANDS

    assert len(COMMANDS) > 9
    assert not listing & {f"tuningfork.cli.{command.place.partition(':')[0]}" for command in COMMANDS.values()}


@pytest.mark.parametrize("name", ["Task", "Study", "Verdict", "compare", "load", "Comparison", "__version__"])
def test_public_names_are_there(name: str) -> None:
    import tuningfork

    assert hasattr(tuningfork, name)
    assert name in dir(tuningfork)


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    import tuningfork

    with pytest.raises(AttributeError, match="nonsense"):
        _ = tuningfork.nonsense  # type: ignore[attr-defined]
