"""What goes wrong in the program, by its exit codes."""
from __future__ import annotations

from pathlib import Path


class Error(Exception):
    """A run that failed, with the program's own message.

    exit_code: the program's, None where no program ran. folder: of the results; what was finished is there.
    """

    def __init__(self, message: str, exit_code: int | None = None, folder: Path | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.exit_code, self.folder)


class ConfigError(Error):
    """Exit code 2: command line or config."""


class InputError(Error):
    """Exit code 3: an image or a table; also a folder of results that cannot be read."""


class ConvergenceError(Error):
    """Exit code 4: a step did not converge. The steps before it are in `folder`."""


class MemoryError_(Error):
    """Exit code 5: out of memory, of the host or the GPU."""


class OutputError(Error):
    """Exit code 6: results could not be written."""


class Interrupted(Error):
    """Exit code 130 or 143: interrupted (Ctrl-C) or terminated. The steps finished so far are in `folder`."""


_by_exit_code: dict[int, type[Error]] = {2: ConfigError, 3: InputError, 4: ConvergenceError, 5: MemoryError_, 6: OutputError, 130: Interrupted, 143: Interrupted}


def error_of(exit_code: int, message: str, folder: Path) -> Error:
    """The error that stands for an exit code, the class itself where no subclass does."""
    return _by_exit_code.get(exit_code, Error)(message, exit_code, folder)
