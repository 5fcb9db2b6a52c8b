from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLE, SMALL, image_config

import voxode


def fake_program(folder: Path, script: str) -> Path:
    path = folder / "program"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return path


def test_run_of_a_file_gives_results(results: voxode.Results) -> None:
    assert results.finished
    assert results.config["cycling"]["steps_per_half_cycle"] == 2
    assert list(results.steps["state"]) == ["pristine", "charging", "charged", "discharging", "discharged"]
    assert not (results.folder / "config.toml").exists()


def test_run_of_a_dict_and_an_array_uses_both(results: voxode.Results, tmp_path: Path) -> None:
    image = results.labels.astype(int)
    image[image == 255] = 2
    run = voxode.run(image_config(), image=image, out=tmp_path / "out", threads=1, progress=False)
    assert run.finished
    assert (run.labels == results.labels).all()
    assert run.image.dtype == np.uint8 and (run.image == image).all()
    assert len(run.cycles) == 3
    written = tomllib.loads((run.folder / "config.toml").read_text())
    assert written["image"] == {"voxel_size_um": 0.5, "file": "labels.npy", "labels": {"0": "electrolyte", "1": "active", "2": "pore"}}


def test_a_run_that_was_stopped_goes_on_to_the_same_tables(results: voxode.Results, tmp_path: Path) -> None:
    out = tmp_path / "out"
    settings = {"out": out, "threads": 1, "progress": False, **SMALL}
    assert not voxode.run(EXAMPLE, steps=1, **settings).finished
    assert voxode.run(EXAMPLE, resume=True, **settings).finished
    assert (out / "steps.csv").read_bytes() == (results.folder / "steps.csv").read_bytes()


def test_run_of_a_file_and_an_array_keeps_axes(tmp_path: Path) -> None:
    """A block of another phase at one corner of an array whose axes differ in length: [z, y, x] with stack_axis = 0."""
    image = np.zeros((8, 10, 12), dtype=np.int16)
    image[:2, :3, :4] = 1
    config = tmp_path / "cathode.toml"
    config.write_text(
        'image = { voxel_size_um = 0.5, labels = { 0 = "electrolyte", 1 = "active" } }\n'
        'phase = { electrolyte = { material = "li6ps5cl" }, active = { material = "ncm811" } }\n'
        "lithium = { discharged = 0.93, charged = 0.24 }\n"
        "cycling = { steps_per_half_cycle = 1 }\n"
    )
    run = voxode.run(config, image=np.asfortranarray(image), out=tmp_path / "out", threads=1, steps=0, progress=False)
    assert run.labels.shape == (8, 10, 12)
    assert (run.labels == image).all()
    fields = run.fields()
    assert [fields.sizes[axis] for axis in "zyx"] == [8, 10, 12]


def test_relative_paths_of_a_dict_start_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("mine.npy", np.pad(np.ones((2, 8, 8), dtype=np.uint8), ((6, 0), (0, 0), (0, 0))))
    config = image_config() | {"job": "properties"}
    config["image"] = {"file": "mine.npy", "voxel_size_um": 0.5, "labels": {0: "electrolyte", 1: "active"}}
    run = voxode.run(config, out="elsewhere/out", threads=1, progress=False)
    assert run.summary["phases"][1]["fraction"] == 0.25
    assert run.tables == ("phases",)


def test_out_is_the_configs_folder_if_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert voxode.run(EXAMPLE, threads=1, progress=False, job="properties", **SMALL).folder == Path("out")
    assert voxode.run(EXAMPLE, threads=1, progress=False, job="properties", output__folder="b", **SMALL).folder == Path("b")


def test_progress_comes_as_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    voxode.run(EXAMPLE, out=tmp_path, threads=1, steps=1, progress=lines.append, **SMALL)
    assert any(line.startswith("cycle 1 charging, step 1/1") for line in lines)
    assert capsys.readouterr().err == ""
    voxode.run(EXAMPLE, out=tmp_path, threads=1, steps=0, **SMALL)
    assert "cycle 0 pristine" in capsys.readouterr().err
    voxode.run(EXAMPLE, out=tmp_path, threads=1, steps=0, progress=False, **SMALL)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (np.zeros((4, 4, 4)), TypeError, "whole numbers, this array holds float64"),
        ([["a"]], TypeError, "whole numbers"),
        (np.zeros((4, 4), dtype=int), ValueError, r"three axes are needed, this array has the shape \(4, 4\)"),
        (np.zeros((4, 0, 4), dtype=int), ValueError, "empty"),
        (np.full((4, 4, 4), -1), ValueError, "must not be negative, the smallest is -1"),
    ],
)
def test_wrong_image_is_refused_before_the_program_starts(image: object, error: type[Exception], words: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=words):
        voxode.run(image_config(), image=image, out=tmp_path / "out", program="/does/not/exist")  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_value_that_toml_has_not_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"config\.cycling\.cycles is None"):
        voxode.run({"cycling": {"cycles": None}}, out=tmp_path)
    with pytest.raises(TypeError, match="seed is a object"):
        voxode.run(EXAMPLE, out=tmp_path, seed=object())


def test_unknown_key_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(voxode.ConfigError, match="cycling.cycle is unknown; did you mean cycles") as caught:
        voxode.run(EXAMPLE, out=tmp_path / "out", cycling__cycle=2)
    assert caught.value.exit_code == 2
    assert not str(caught.value).startswith("voxode:")
    with pytest.raises(voxode.ConfigError, match=r"config\.toml:1:"):
        voxode.run({"jib": 1}, out=tmp_path / "out")


def test_label_without_a_name_is_an_input_or_config_error(tmp_path: Path) -> None:
    image = np.zeros((8, 8, 8), dtype=np.uint8)
    image[0, 0, 0] = 7
    with pytest.raises((voxode.InputError, voxode.ConfigError), match="7"):
        voxode.run(image_config(), image=image, out=tmp_path)


def test_missing_image_file_is_an_input_error(tmp_path: Path) -> None:
    config = image_config()
    config["image"]["file"] = tmp_path / "none.npy"
    with pytest.raises(voxode.InputError, match=r"none\.npy") as caught:
        voxode.run(config, out=tmp_path / "out")
    assert caught.value.exit_code == 3


def test_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(voxode.OutputError) as caught:
        voxode.run(EXAMPLE, out=tmp_path / "file" / "out", **SMALL)
    assert caught.value.exit_code == 6
    with pytest.raises(voxode.OutputError, match="could not write to the folder"):
        voxode.run(image_config(), out=tmp_path / "file" / "out")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1, voxode.Error),
        (2, voxode.ConfigError),
        (3, voxode.InputError),
        (4, voxode.ConvergenceError),
        (5, voxode.MemoryError_),
        (6, voxode.OutputError),
        (130, voxode.Interrupted),
        (143, voxode.Interrupted),
    ],
)
def test_exit_code_has_its_error(code: int, error: type[voxode.Error], tmp_path: Path) -> None:
    program = fake_program(tmp_path, f"echo level 0 >&2; echo 'voxode: it went wrong.' >&2; echo 'Do this.' >&2; exit {code}")
    lines: list[str] = []
    with pytest.raises(voxode.Error, match=r"^it went wrong\.\nDo this\.$") as caught:
        voxode.run(EXAMPLE, out=tmp_path, program=program, progress=lines.append)
    assert type(caught.value) is error
    assert (caught.value.exit_code, caught.value.folder) == (code, tmp_path)
    assert lines == ["level 0"]


def test_killed_program_says_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(voxode.Error, match="signal 9 .*memory.*\nlast words") as caught:
        voxode.run(EXAMPLE, out=tmp_path, program=fake_program(tmp_path, "echo last words >&2; kill -9 $$"), progress=lambda line: None)
    assert caught.value.exit_code == 137
    with pytest.raises(voxode.Error, match="program ended with exit code 9$"):
        voxode.run(EXAMPLE, out=tmp_path, program=fake_program(tmp_path, "exit 9"))


def test_step_that_does_not_converge_is_a_convergence_error(tmp_path: Path) -> None:
    """To a residual below what double precision can hold."""
    image = np.zeros((6, 6, 6), dtype=int)
    image[2:4, 2:4, 2:4], image[0, 0, 0] = 1, 2
    with pytest.raises(voxode.ConvergenceError, match="equilibrium was not found") as caught:
        voxode.run(image_config(), image=image, out=tmp_path, threads=1, progress=False, solver__tolerance=1e-15)
    assert caught.value.exit_code == 4
    assert voxode.Results(tmp_path).unfinished


def test_program_is_found_by_argument_environment_and_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake_program(tmp_path, "exit 0")
    monkeypatch.setenv("VOXODE", str(program))
    assert voxode.find_program() == program
    monkeypatch.setenv("VOXODE", str(tmp_path / "none"))
    with pytest.raises(voxode.Error, match=r"\$VOXODE = .*none"):
        voxode.find_program()
    with pytest.raises(voxode.Error, match="program = /does/not/exist"):
        voxode.find_program("/does/not/exist")
    monkeypatch.delenv("VOXODE")
    program.rename(tmp_path / "voxode")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert voxode.find_program() == tmp_path / "voxode"
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("voxode.program._source_trees", lambda: iter([tmp_path]))
    with pytest.raises(voxode.Error, match="not in PATH, not at .*build/voxode: build it"):
        voxode.find_program()
    (tmp_path / "build").mkdir()
    (tmp_path / "voxode").rename(tmp_path / "build" / "voxode")
    assert voxode.find_program() == tmp_path / "build" / "voxode"


def test_interrupt_ends_the_program_cleanly(tmp_path: Path) -> None:
    def press(line: str) -> None:
        if "step 2/" in line:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(voxode.Interrupted, match="stopped by signal 2") as caught:
        voxode.run(EXAMPLE, out=tmp_path, threads=1, progress=press, **SMALL | {"cycling.cycles": 1000})
    assert caught.value.exit_code == 130
    with pytest.warns(voxode.UnfinishedWarning, match="did not finish, [0-9]+ steps are there: interrupted"):
        results = voxode.open(tmp_path)
    assert len(results.steps) >= 3


@pytest.mark.parametrize(("number", "output", "code"), [(signal.SIGINT, "caught 130\n", 0), (signal.SIGTERM, "", 143)])
def test_signal_to_pythons_process_group_ends_the_program_cleanly(number: signal.Signals, output: str, code: int, tmp_path: Path) -> None:
    """As a terminal and a scheduler send it. A second SIGINT would end the program without its summary."""
    script = (
        "import sys, tomllib, voxode\n"
        "try: voxode.run(sys.argv[1], out=sys.argv[2], threads=1, **eval(sys.argv[3]))\n"
        "except voxode.Interrupted as error: print('caught', error.exit_code)\n"
    )
    command = [sys.executable, "-c", script, str(EXAMPLE), str(tmp_path), repr(SMALL | {"cycling.cycles": 1000})]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "step 2/" in line:
            break
    os.killpg(process.pid, number)
    said, errors = process.communicate(timeout=60)
    assert (said, process.returncode) == (output, code), errors
    assert voxode.Results(tmp_path).summary["ended"] == "interrupted"


def test_failing_callback_ends_the_program(tmp_path: Path) -> None:
    def fail(line: str) -> None:
        if "step 1/" in line:
            raise RuntimeError("mine")

    begin = time.monotonic()
    with pytest.raises(RuntimeError, match="mine"):
        voxode.run(EXAMPLE, out=tmp_path, threads=1, progress=fail, **SMALL | {"cycling.cycles": 1000})
    assert time.monotonic() - begin < 60
    assert voxode.Results(tmp_path).summary["ended"] == "interrupted"
