"""What pyproject.toml cannot say: a wheel carries the shipped cases with their meshes, and its commit.

The rest of the build is in pyproject.toml.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
SHIPPED = {"cases": ("*.toml", "*.csv"), "meshes": ("*.msh",)}
"""Folders of the source tree, and which of their files a wheel carries in scl_fem/shipped."""
COMMIT = Path("scl_fem", "commit.txt")


def commit() -> str | None:
    """The commit of the source tree: git's answer, or what an sdist has recorded."""
    if (ROOT / ".git").exists():
        describe = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        try:
            return subprocess.run(
                describe, cwd=ROOT, capture_output=True, text=True, check=True
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return None
    recorded = ROOT / COMMIT
    return recorded.read_text(encoding="utf-8").strip() if recorded.is_file() else None


class BuildPackage(build_py):
    """Adds the cases, the meshes and the commit to what is built; an editable install finds the originals."""

    def run(self) -> None:
        """Build, then add."""
        super().run()
        if self.editable_mode:
            return
        for target, source in self._shipped().items():
            self.mkpath(str(target.parent))
            shutil.copyfile(source, target)
        found = commit()
        if found is not None:
            Path(self.build_lib, COMMIT).write_text(f"{found}\n", encoding="utf-8")

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What `run` writes."""
        if self.editable_mode:
            return super().get_outputs(include_bytecode)
        return [*super().get_outputs(include_bytecode), *map(str, self._shipped())]

    def _shipped(self) -> dict[Path, Path]:
        """Files by where they go."""
        package = Path(self.build_lib, "scl_fem", "shipped")
        return {
            package / folder / path.name: path
            for folder, patterns in SHIPPED.items()
            for pattern in patterns
            for path in sorted((ROOT / folder).glob(pattern))
        }


class SourceArchive(sdist):
    """Records the commit, which the archive has no git to ask for."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """As always, and the commit."""
        super().make_release_tree(base_dir, files)
        found = commit()
        if found is not None:
            Path(base_dir, COMMIT).write_text(f"{found}\n", encoding="utf-8")


setup(cmdclass={"build_py": BuildPackage, "sdist": SourceArchive})
