"""Tables and pictures of verification.md, from the records of the tests: verification.jsonl, which tools/verification_records.sh makes.

The column "beside that" of the page's tables becomes "largest error (tolerance)" and keeps its text. Pictures stand in comments:

    <!-- convergence        or curves
    The caption.
    Suite.Test: the title of its panel
    -->
"""
import json
import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402: after the choice of the backend
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, StrMethodFormatter  # noqa: E402

PAGE, RECORDS = "verification.md", "verification.jsonl"
BESIDE = "beside that"
TEST = r"`([A-Z][\w/]+\.\w+)`"  # its name on the page
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#888888"]  # told apart by colour-blind readers, too
MARKERS = "osD^vP*X"
SIZE = 3.75, 3.75  # inches: two fit beside each other into the manual's column
STYLE = {"font.size": 10, "axes.titlesize": 11, "legend.fontsize": 9, "axes.labelsize": 10, "svg.hashsalt": "voxode", "axes.grid": True, "grid.color": "#e0e0e0", "figure.facecolor": "white"}

Records = dict[str, dict]


def read_records(path: Path) -> Records:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {line["test"]: line for line in lines}


def tests_of(folder: Path) -> set[str]:
    """Names of the tests in the sources there."""
    sources = "".join(path.read_text() for path in sorted(folder.glob("*_test.cpp")))
    return {f"{suite}.{name}" for suite, name in re.findall(r"^TEST\((\w+),\s*(\w+)\)", sources, re.MULTILINE)}


def named_tests(page: str) -> set[str]:
    return {name for line in page.splitlines() if line.startswith("|") for name in re.findall(TEST, line)}


def faults(repository: Path) -> list[str]:
    """Where page, records and tests do not fit together. A long test may lack a record; the page says so."""
    manual = repository / "docs/manual"
    page, records, tests = (manual / PAGE).read_text(), read_records(manual / RECORDS), tests_of(repository / "tests/verification")
    again = "tools/verification_records.sh records"
    found = [f"{name} is a test of tests/verification that verification.md does not name" for name in sorted(tests - named_tests(page))]
    found += [f"{name} has no record: {again} it" for name in sorted(tests - records.keys()) if not name.endswith("_Long")]
    found += [f"{name} has a record and is no test of tests/verification: take its line out of verification.jsonl" for name in sorted(records.keys() - tests)]
    return found


def number(error: float) -> str:
    if error == 0:
        return "0"
    if error >= 1e-4:
        return f"{100 * error:.2g} %"
    mantissa, exponent = f"{error:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def errors(records: list[dict]) -> str:
    """Of every quantity the comparison that comes nearest to its tolerance."""
    if not records:
        return "not recorded<br>"
    worst: dict[str, dict] = {}
    for comparison in (c for record in records for c in record["comparisons"]):
        before = worst.get(comparison["quantity"])
        if before is None or comparison["error"] / comparison["tolerance"] > before["error"] / before["tolerance"]:
            worst[comparison["quantity"]] = comparison
    lines = [f"{name}: <span>{number(c['error'])} ({number(c['tolerance'])})</span>" for name, c in worst.items()]
    return f'<span class="errors">{"<br>".join(lines)}</span><br>'


def breakable(name: str) -> str:
    """Long names may be broken where words begin; copied they are whole."""
    return f'<code class="test">{re.sub("(?<=[._/])|(?<=[a-z0-9])(?=[A-Z])", "<wbr>", name)}</code>'


def with_errors(line: str, records: Records) -> str:
    """A line of a table with the tests' names below what they compare, and their errors."""
    names = re.findall(TEST, line) if line.startswith("|") else []
    if not names:
        return line
    cells = line.strip().strip("|").split("|")
    if len(cells) != 4:  # no column of errors
        return re.sub(TEST, lambda match: breakable(match[1]), line)
    what, reference, _, beside = (cell.strip() for cell in cells)
    tests = "<br>".join(breakable(name) for name in names)
    recorded = [records[name] for name in names if name in records]
    return f"| {what}<br>{tests} | {reference} | {errors(recorded)}{f'*{beside}*' if beside else ''} |"


def draw_convergence(axes: Axes, record: dict) -> None:
    for i, series in enumerate(record["series"]):
        points = [(n, 100 * abs(value - series["reference"]) / series["scale"]) for n, value in series["points"] if value != series["reference"]]
        axes.plot(*zip(*points), color=COLOURS[i], marker=MARKERS[i], markersize=5, linewidth=1.2, label=series["quantity"])
    n = sorted({n for series in record["series"] for n, _ in series["points"]})
    axes.set(xscale="log", yscale="log", xlabel=f"voxels per {record['series'][0]['per']}", ylabel="error, %")
    top = max(line.get_ydata()[0] for line in axes.get_lines()) * 1.6
    axes.plot([n[0], n[-1]], [top, top * n[0] / n[-1]], color="#555555", linestyle="--", linewidth=1, label="first order")
    axes.xaxis.set_major_locator(FixedLocator(n))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())


def draw_curves(axes: Axes, curves: list[dict]) -> None:
    """The reference lies beneath, broad and grey."""
    for curve in curves:
        if curve["reference"]:
            axes.plot(*zip(*curve["points"]), color="#bbbbbb", linewidth=5, solid_capstyle="round", label=curve["label"], zorder=1)
    for i, curve in enumerate(c for c in curves if not c["reference"]):
        axes.plot(*zip(*curve["points"]), color=COLOURS[i], marker=MARKERS[i], markersize=3.5, linewidth=1, label=curve["label"])
    axes.set(xlabel=", ".join(filter(None, curves[0]["x"])), ylabel=", ".join(filter(None, curves[0]["y"])), xlim=(0, None), ylim=(0, None))


def panels_of(kind: str, title: str, record: dict) -> list[tuple]:
    if kind == "convergence":
        return [(title, draw_convergence, record)]
    quantities = {tuple(curve["y"]): None for curve in record["curves"]}
    return [(title, draw_curves, [curve for curve in record["curves"] if tuple(curve["y"]) == y]) for y in quantities]


def draw(panel: tuple, path: Path) -> None:
    title, draw_panel, data = panel
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
        draw_panel(axes, data)
        axes.set_title(title)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.19), ncols=2, frameon=False)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def with_pictures(page: str, records: Records, folder: Path) -> str:
    """One file a panel: as many stand beside each other as there is room for."""
    drawn: list[str] = []

    def pictures(match: re.Match) -> str:
        caption, *lines = match[2].strip().splitlines()
        images = []
        for name, title in (line.split(": ", 1) for line in lines):
            for panel in panels_of(match[1], title, records[name]) if name in records else []:  # faults() tells
                drawn.append(f"verification-{len(drawn) + 1}.svg")
                draw(panel, folder / drawn[-1])
                images.append(f"![{title}]({drawn[-1]})")
        return "\n".join([*images, "", f"*{caption}*"])

    return re.sub(r"<!-- (convergence|curves)\n(.*?)-->", pictures, page, flags=re.DOTALL)


def origin(records: Records) -> str:
    made = sorted({(r["date"], r["commit"], r["processor"]) for r in records.values()}, reverse=True)
    return "; ".join(f"commit {commit} of {date} on {processor}" for date, commit, processor in made)


def page(folder: Path) -> str:
    """The page in `folder` with tables and pictures; the pictures go beside it."""
    page, records = (folder / PAGE).read_text(), read_records(folder / RECORDS)
    page = "\n".join(with_errors(line, records) for line in page.splitlines()) + "\n"
    page = page.replace(f"| what is compared | reference | test | {BESIDE} |\n|---|---|---|---|", "| what is compared, and the test | reference | largest error (tolerance) |\n|---|---|---|")
    return with_pictures(page, records, folder).replace("<!-- origin -->", origin(records))
