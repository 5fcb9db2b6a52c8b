"""Makes the manual's pages configuration.md and command-line.md from the program itself and fills in verification.md, and checks what pages name.

generate.py PROGRAM FOLDER                writes the pages into FOLDER
generate.py --check REPOSITORY FOLDER     every path of the repository that a page in FOLDER names must be there, and verification.md, its records and the tests fit together
"""
import json
import re
import subprocess
import sys
from pathlib import Path

import verification

TITLES = {
    "": "Top level",
    "image": "`[image]`",
    "synthetic": "`[synthetic]`",
    "phase.NAME": "`[phase.NAME]`",
    "phase.NAME.material": "`[phase.NAME.material]`",
    "interface[]": "`[[interface]]`",
}

# `voxode schema` says these in the order of its output.
REPHRASED = {
    "image": "either this section or `[synthetic]`",
    "synthetic": "in place of `[image]`; packs spheres and makes the phases electrolyte, active and, if asked for, binder",
}

PLACEHOLDER = re.compile(r"\b(NAME|FOLDER|SUBJECT)(?![A-Z])")  # words in paths that stand for a name of the reader's choice

CONFIGURATION = """# Configuration

A job is one TOML file. This page lists every key; it is made from `voxode schema`, which prints the same for the program that you have. Values are in SI units unless a key
ends in another. `required` keys have no default. A key that is not listed here is an error, and so is a value outside its range; the message names file, line, key and range.

`--set key.path=value` replaces a value on the command line, `--set interface[0].normal_strength_MPa=5` one of the first `[[interface]]`. The run writes all values, with their
defaults, to `resolved.toml` in its output folder. {ref}`first-config` explains a file step by step.
"""

COMMAND_LINE = """# Command line

This page is made from `voxode --help` and `voxode VERB --help`. Messages and progress go to standard error, results to standard output, with `--json` as JSON where a verb has
it. [](file-formats.md#exit-codes) lists the exit codes.
"""


def output_of(program: str, *arguments: str) -> str:
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def cell(text: str) -> str:
    """Text that may stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{cell(text)}`" if text else ""


def is_value(text: str) -> bool:
    """A default that can be typed as it stands, not a description of one."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def split_key(key: str) -> tuple[str, str]:
    section, _, name = key.rpartition(".")
    return section, name


def configuration(program: str) -> str:
    keys = json.loads(output_of(program, "schema", "--json"))["keys"]
    notes = dict(re.findall(r"^\[+([\w.]+)\]+: (.*)$", output_of(program, "schema"), re.MULTILINE))
    sections: dict[str, list[dict[str, str]]] = {}
    for key in keys:
        sections.setdefault(split_key(key["key"])[0], []).append(key)
    lines = [CONFIGURATION]
    for section, rows in sections.items():
        lines.append(f"## {TITLES.get(section, f'`[{section}]`')}\n")
        if note := notes.get(section.removesuffix("[]")):
            note = note.removeprefix(f"[[{section.removesuffix('[]')}]], ")
            note = REPHRASED.get(section, note)
            lines.append(f"{note[0].upper()}{note[1:]}.\n")
        lines += ["| key | meaning | type | unit | default | range |", "|---|---|---|---|---|---|"]
        for row in rows:
            default = code(row["default"]) if is_value(row["default"]) else cell(row["default"])
            cells = [code(split_key(row["key"])[1]), cell(row["description"]), cell(row["type"]), cell(row["unit"]), default, code(row["range"])]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    lines.append("## Shipped materials\n")
    lines.append("Names for `material` and `base`. `voxode materials NAME` prints a material's values with their sources and ranges.\n")
    lines += ["| name | material |", "|---|---|"]
    for name in output_of(program, "materials").split():
        first = output_of(program, "materials", name).splitlines()[0]
        lines.append(f"| {code(name)} | {cell(first.removeprefix(name + ':'))} |")
    return "\n".join(lines) + "\n"


def command_line(program: str) -> str:
    overview = output_of(program, "--help")
    verbs = re.findall(r"^  (\w+) {2,}(.*)$", overview.partition("Subcommands:")[2], re.MULTILINE)
    if not verbs:
        sys.exit("generate.py: found no verbs in the output of --help")
    lines = [COMMAND_LINE, f"```text\n{overview.strip()}\n```\n"]
    for verb, summary in verbs:
        text = output_of(program, verb, "--help").strip()
        lines.append(f"## `voxode {verb}`\n\n{cell(summary)}.\n\n```text\n{text.removeprefix(summary).strip()}\n```\n")
    return "\n".join(lines)


def missing_paths(repository: Path, folder: Path) -> list[str]:
    """Paths in backticks that begin with a folder of the repository and lead nowhere."""
    folders = "|".join(sorted(p.name for p in repository.iterdir() if p.is_dir() and not p.name.startswith((".", "build"))))
    path = re.compile(rf"`(?:\./)?((?:{folders})/[\w./-]*)")
    missing = []
    for page in sorted(folder.glob("*.md")):
        for number, line in enumerate(page.read_text().splitlines(), 1):
            missing += [f"{page.name}:{number}: {found} is not in the repository" for found in path.findall(line)
                        if not PLACEHOLDER.search(found) and not (repository / found.rstrip(".")).exists()]
    return missing


def main(arguments: list[str]) -> None:
    if len(arguments) == 3 and arguments[0] == "--check":
        repository, folder = Path(arguments[1]), Path(arguments[2])
        sys.exit("\n".join(missing_paths(repository, folder) + verification.faults(repository)) or 0)
    if len(arguments) != 2:
        sys.exit(__doc__)
    program, folder = arguments[0], Path(arguments[1])
    (folder / "configuration.md").write_text(configuration(program))
    (folder / "command-line.md").write_text(command_line(program))
    (folder / "verification.md").write_text(verification.page(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
