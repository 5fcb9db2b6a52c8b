"""The project's version for the build: from CMakeLists.txt above, in a source archive from its PKG-INFO."""
import pathlib
import re

_here = pathlib.Path(__file__).resolve().parent


def _read(path: pathlib.Path, pattern: str) -> str | None:
    if not path.is_file():
        return None
    match = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    return match[1] if match else None


_found = _read(_here / "PKG-INFO", r"^Version: (\S+)") or _read(_here.parent / "CMakeLists.txt", r"^project\(voxode VERSION ([0-9.]+)")
if _found is None:
    raise RuntimeError(f"no version: neither {_here / 'PKG-INFO'} nor {_here.parent / 'CMakeLists.txt'} names one")
__version__: str = _found
