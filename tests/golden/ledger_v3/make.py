"""Makes the study of this folder: the same as that of `ledger_v2`, by the first code that wrote ledgers of version 3.

It was run once, from this folder:

    PYTHONPATH=../../../src:../.. python make.py
"""

import runpy
from pathlib import Path

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).parents[1] / "ledger_v2" / "make.py"), run_name="__main__")
