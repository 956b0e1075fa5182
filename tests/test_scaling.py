"""The job script of docs/scaling.md, where three small programs stand in for a cluster."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
(JOB,) = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "scaling.md").read_text(), re.DOTALL)
PROGRAMS = {
    "scontrol": 'test "$*" = "show hostnames node[1-2]"; printf "node1\\nnode2\\n"',
    "srun": 'for SLURM_PROCID in 0 1; do export SLURM_PROCID; "$@"; done',
    "colorlab": 'echo "$TF_CONFIG" >> told; echo "$@" >> asked',
}


@pytest.mark.parametrize("begun", [False, True], ids=["new", "resumed"])
def test_the_job_tells_each_machine_which_one_it_is(tmp_path: Path, begun: bool) -> None:
    for name, source in PROGRAMS.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/bash\nset -e\n{source}\n")
        program.chmod(0o755)
    if begun:
        (tmp_path / "my run").mkdir()
        (tmp_path / "my run" / "checkpoint.keras").touch()
    environment = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "SLURM_JOB_NODELIST": "node[1-2]",
        "SHARDS": "my shards",
        "RUN": "my run",
    }
    subprocess.run(["bash", "-euc", JOB], cwd=tmp_path, env=environment, check=True)
    told = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert [each["cluster"] for each in told] == [{"worker": ["node1:2222", "node2:2222"]}] * 2
    assert [each["task"] for each in told] == [{"type": "worker", "index": i} for i in (0, 1)]
    end = " --resume" if begun else ""
    line = f"train my shards --out my run --devices all{end}"
    assert (tmp_path / "asked").read_text().splitlines() == [line] * 2
