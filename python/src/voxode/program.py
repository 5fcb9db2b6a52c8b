"""Starts the program and waits for it."""
from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import toml
from .errors import Error, Interrupted, OutputError, error_of
from .results import Results

IMAGE_FILE = "labels.npy"
CONFIG_FILE = "config.toml"

Config = str | os.PathLike[str] | Mapping[str, Any]


def run(
    config: Config,
    image: npt.ArrayLike | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    program: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    device: str | int | None = None,
    steps: int | None = None,
    resume: bool = False,
    progress: bool | Callable[[str], object] = True,
    **overrides: Any,
) -> Results:
    """Runs a job and returns its results.

    config: path of a TOML file; or a dict of the same sections and keys, which is written to config.toml in `out` (relative
        paths in it start from the current folder).
    image: whole numbers, shape (n, n, n), labels >= 0, axes as in an image file (`image.stack_axis` says which one points from
        current collector to separator, 0 by default). Written to labels.npy in `out` and used as `image.file`; the config
        gives `image.voxel_size_um` and `image.labels`.
    out: folder of the results; default: the config's `output.folder`, else "out". Earlier results there are overwritten.
    program: the program; default: $VOXODE, then `voxode` in PATH, then build/voxode in the source tree that the package comes from.
    threads: of the host, default: all cores. device: "cpu" or a GPU's number. steps: stop cleanly after this many load steps.
    resume: go on from the last checkpoint in `out`, with the same config but for cycling.cycles, title and [output].
    progress: True: the program's lines to standard error as they come; False: none; a function: called with each line.
    overrides: values of keys; `a__b` means a.b, any other path goes as `**{"interface[0].normal_strength_MPa": 5.0}`.

    Throws TypeError or ValueError on an image or value that the program could not take, before it starts; a subclass of
    `voxode.Error` on a failure of the program. Ctrl-C asks the program to stop, waits until its files are complete and throws
    `Interrupted`; a second Ctrl-C ends it at once.
    """
    labels = None if image is None else check_image(image)
    sets = [f"{_override_path(key)}={toml.inline(toml.plain(value, key))}" for key, value in overrides.items()]
    table = _with_absolute_paths(toml.plain(config)) if isinstance(config, Mapping) else None
    executable = find_program(program)
    folder = Path(out) if out is not None else _folder_of(config, overrides)
    try:
        if labels is not None or table is not None:
            folder.mkdir(parents=True, exist_ok=True)
        if labels is not None:
            np.save(folder / IMAGE_FILE, labels)
            if table is not None:
                table["image"] = {**table.get("image", {}), "file": IMAGE_FILE}
            else:
                sets.append(f"image.file={toml.inline(str((folder / IMAGE_FILE).resolve()))}")
        if table is not None:
            (folder / CONFIG_FILE).write_text(toml.document(table), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"could not write to the folder of results {folder}: {error.strerror}", folder=folder) from error

    command = [str(executable), "run", str(folder / CONFIG_FILE) if table is not None else str(config), "--out", str(folder)]
    for assignment in sets:
        command += ["--set", assignment]
    for option, value in (("--threads", threads), ("--device", device), ("--steps", steps)):
        if value is not None:
            command += [option, str(value)]
    if resume:
        command.append("--resume")
    if progress is False:
        command.append("--quiet")
    with _termination_as_exit():
        _wait(command, progress if callable(progress) else _to_standard_error, folder)
    return Results(folder)


def check_image(image: npt.ArrayLike) -> npt.NDArray[np.unsignedinteger[Any]]:
    """The labels in the smallest unsigned type that holds them. Throws TypeError (not whole numbers), ValueError (axes, negative labels)."""
    array = np.asarray(image)
    if array.dtype != np.bool_ and not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"image: labels must be whole numbers, this array holds {array.dtype}; convert it, e.g. image.astype('uint8')")
    if array.ndim != 3:
        raise ValueError(f"image: three axes are needed, this array has the shape {array.shape}; a single slice is image[None]")
    if array.size == 0:
        raise ValueError(f"image: the array is empty, its shape is {array.shape}")
    least, most = int(array.min()), int(array.max())
    if least < 0:
        raise ValueError(f"image: labels must not be negative, the smallest is {least}")
    return array.astype(np.min_scalar_type(most), copy=False)


def find_program(program: str | os.PathLike[str] | None = None) -> Path:
    """The program that `run` starts. Throws Error saying where it was looked for."""
    for source, given in (("program", program), ("$VOXODE", os.environ.get("VOXODE"))):
        if given:
            found = shutil.which(os.path.expanduser(given))
            if found is None:
                raise Error(f"{source} = {os.fspath(given)} is not a program that can be run")
            return Path(found)
    in_path = shutil.which("voxode")
    if in_path is not None:
        return Path(in_path)
    tried = [root / "build" / "voxode" for root in _source_trees()]
    for candidate in tried:
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    where = "".join(f", not at {candidate}" for candidate in tried)
    raise Error(f"the program voxode is not in PATH{where}: build it (./setup.sh build), then give program=\"build/voxode\" or set VOXODE")


def _source_trees() -> Iterator[Path]:
    """Where the package lies in a source tree, or was installed from."""
    here = Path(__file__).resolve()
    if here.parents[2].name == "python":
        yield here.parents[3]
    try:
        origin = importlib.metadata.distribution("voxode").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return
    url = urllib.parse.urlparse(json.loads(origin).get("url", "") if origin else "")
    if url.scheme == "file" and Path(urllib.parse.unquote(url.path)).parent != (here.parents[3] if here.parents[2].name == "python" else None):
        yield Path(urllib.parse.unquote(url.path)).parent


def _override_path(key: str) -> str:
    return key if "." in key or "[" in key else key.replace("__", ".")


def _folder_of(config: Config, overrides: dict[str, Any]) -> Path:
    for key, value in overrides.items():
        if _override_path(key) == "output.folder":
            return Path(value)
    if not isinstance(config, Mapping):
        try:
            config = tomllib.loads(Path(config).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # the program says what is wrong with it
            return Path("out")
    output = config.get("output", {})
    return Path(str(output.get("folder", "out")) if isinstance(output, Mapping) else "out")


def _with_absolute_paths(table: dict[str, Any]) -> dict[str, Any]:
    """The keys that name files start from the current folder, not from where the config is written."""

    def fix(section: Any, *keys: str) -> None:
        if isinstance(section, dict):
            for key in keys:
                value = section.get(key)
                if isinstance(value, str) and (key not in ("material", "base") or value.endswith(".toml")):
                    section[key] = os.path.abspath(value)

    fix(table.get("image"), "file", "bodies_file")
    phases = table.get("phase")
    for phase in phases.values() if isinstance(phases, dict) else ():
        fix(phase, "orientation_file", "material")
        fix(phase.get("material") if isinstance(phase, dict) else None, "base")
    return table


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _termination_as_exit() -> Iterator[None]:
    """SIGTERM and SIGHUP, where nobody handles them, end Python by SystemExit meanwhile: the program is then ended too instead of going on alone."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    taken = []
    if threading.current_thread() is threading.main_thread():
        taken = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _wait(command: list[str], report: Callable[[str], object], folder: Path) -> None:
    """Runs the command in a process group of its own, so that a Ctrl-C in the terminal reaches it once, from here."""
    message: list[str] = []
    last: list[str] = []
    interrupted = False
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", bufsize=1, process_group=0
        )
    except OSError as error:
        raise Error(f"{command[0]} could not be started: {error.strerror}") from error
    assert process.stderr is not None
    try:
        while True:
            try:
                for line in process.stderr:
                    text = line.rstrip("\n")
                    if message or text.startswith("voxode: "):
                        message.append(text.removeprefix("voxode: "))
                        continue
                    last = [*last, text][-5:]
                    report(text)
                code = process.wait()
                break
            except KeyboardInterrupt:
                interrupted = True
                process.send_signal(signal.SIGINT)
    finally:
        if process.poll() is None:  # `report` failed, or Python is to end
            process.terminate()
            process.stderr.close()
            process.wait()
        process.stderr.close()
    words = ". Its last lines:\n" + "\n".join(last) if last else ""
    if code < 0:
        number = -code
        cause = " (the system does that when memory runs out)" if number == signal.SIGKILL else ""
        raise error_of(128 + number, f"{command[0]} was ended by signal {number}{cause}{words}", folder)
    if code != 0:
        raise error_of(code, "\n".join(message) or f"{command[0]} ended with exit code {code}{words}", folder)
    if interrupted:
        raise Interrupted("interrupted when the run had just finished; its results are complete", 130, folder)
