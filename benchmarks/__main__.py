"""Run benchmarks by name, each in a process of its own, so that none sees another's memory or caches."""

import importlib.util
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
HELPERS = ("__init__", "__main__", "measuring")


def benchmarks() -> dict[str, str]:
    """First line of each benchmark's docstring, by its name."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in HELPERS)
    return {name: _title(FOLDER / f"{name}.py") for name in names}


def _title(path: Path) -> str:
    first = path.read_text(encoding="utf-8").lstrip().splitlines()[0]
    return first.strip('"').rstrip(".")


def _run(name: str) -> int:
    code = f"import benchmarks.{name} as benchmark; benchmark.main()"
    return subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, check=False).returncode


def main(arguments: list[str]) -> int:
    """List the benchmarks, or run those named ("all" is all of them)."""
    known = benchmarks()
    if not arguments:
        width = max(map(len, known))
        print("\n".join(f"{name:{width}}  {title}" for name, title in known.items()))
        return 0
    names = list(known) if arguments == ["all"] else arguments
    for name in names:
        if name not in known:
            print(f"there is no benchmark '{name}'; there are: {', '.join(known)}", file=sys.stderr)
            return 2
    status = 0
    for name in names:
        print(f"## {name}: {known[name]}\n", flush=True)
        status = max(status, _run(name))
        print(flush=True)
    return status


if __name__ == "__main__":
    if importlib.util.find_spec("scl_fem") is None:
        sys.exit("scl_fem is not installed here: make install, then .venv/bin/python -m benchmarks")
    sys.exit(main(sys.argv[1:]))
