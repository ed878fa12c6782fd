"""How many JVMs a command starts: it finds, as JAVA_HOME, a `java` that notes each start and becomes the real one."""

import os
import shutil
from pathlib import Path

NOTING = """#!/bin/sh
echo "$$" >>"{starts}"
exec "{java}" "$@"
"""


class Counted:
    """A JAVA_HOME of its own in a folder."""

    def __init__(self, folder: Path, java: str | None = None) -> None:
        self._starts, self.home = folder / "starts", folder / "java"
        command = self.home / "bin" / "java"
        command.parent.mkdir(parents=True, exist_ok=True)
        command.write_text(NOTING.format(starts=self._starts, java=java or real()), "utf-8")
        command.chmod(0o755)
        self._starts.write_text("", "utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """What a command is given."""
        return {"JAVA_HOME": str(self.home)}

    def taken(self) -> int:
        """How many were started since this was last asked."""
        count = len(self._starts.read_text("utf-8").splitlines())
        self._starts.write_text("", "utf-8")
        return count


def real() -> str:
    """The java that Spark would find. Raises RuntimeError when there is none."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if found is None:
        raise RuntimeError("java is not installed")
    return found
