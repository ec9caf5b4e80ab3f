"""The world of these tests is as hard as GitHub: it refuses what GitHub refuses."""

from collections.abc import Callable

from tests.support.runner import WORKFLOW, Repository

Small = Callable[..., Repository]

CHECKOUT = f"uses: actions/checkout@{'0' * 40}"
UPLOAD = f"uses: actions/upload-artifact@{'1' * 40}"
DOWNLOAD = f"uses: actions/download-artifact@{'2' * 40}"
ATTEST = f"uses: actions/attest@{'3' * 40}"
LOGIN = f"uses: docker/login-action@{'4' * 40}"


def test_a_download_without_a_path_replaces_a_script_of_the_checkout(small: Small) -> None:
    one = small(
        {
            "tool": "#!/bin/sh\necho ours\n",
            WORKFLOW: f"""
name: Docker image
on: push
permissions: {{}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: mkdir dist && echo 'echo theirs' >dist/tool && echo x >dist/new && chmod +x dist/*
      - {UPLOAD}
        with: {{name: built, path: dist/}}
  publish:
    needs: build
    runs-on: ubuntu-24.04
    steps:
      - {CHECKOUT}
      - run: chmod +x tool
      - {DOWNLOAD}
        with: {{name: built}}
      - run: ./tool >"$RECORDS/said"; [[ ! -x new ]]
""",
        }
    )
    run = one.run("push")
    assert run.passed, run.text
    assert (run.folder / "said").read_text() == "theirs\n"
