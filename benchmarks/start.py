"""Starting: the bare interpreter, `import tuningfork`, `tuningfork --help`.

python benchmarks/start.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

import common


def main() -> None:
    command = str(Path(sys.executable).with_name("tuningfork"))
    runs = common.side_by_side(
        {
            "bare interpreter": lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
            "import tuningfork": lambda: subprocess.run([sys.executable, "-c", "import tuningfork"], check=True),
            "tuningfork --help": lambda: subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL),
        },
        repeats=15,
    )
    in_ms = {name: [1000 * value for value in values] for name, values in runs.items()}
    bare, imported, helped = (statistics.median(values) for values in in_ms.values())
    common.write(
        "start",
        "How long until the command line answers?",
        in_ms,
        unit="milliseconds",
        goals=[
            common.Goal("--help in at most 250 ms", round(helped, 1), helped <= 250),
            common.Goal(
                "import tuningfork at most 30 ms over the interpreter",
                round(imported - bare, 1),
                imported - bare <= 30,
            ),
        ],
        limit=f"The interpreter itself takes {bare:.0f} ms.",
        packages=("tuningfork-nlp", "typer", "rich"),
    )


if __name__ == "__main__":
    main()
