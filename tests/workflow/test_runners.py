"""A runner has one architecture: what is not for it does not run there, and it says what it is."""

import platform
from collections.abc import Callable

import pytest

from tests.support.quick import program
from tests.support.registry import Gate, Registry
from tests.support.runner import WORKFLOW, Repository
from tests.workflow.small_images import push_image, push_index
from tests.workflow.small_workflow import action, job, login, script, workflow

Small = Callable[..., Repository]

RUNNERS = {"amd64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"}


def test_a_runner_says_what_it_is(small: Small) -> None:
    ask = script(
        'echo "$RUNNER_ARCH $ARCH $(uname -m) $(uname --machine)" >>"$RECORDS/$NAME"',
        ARCH="${{ runner.arch }}",
        NAME="${{ matrix.arch }}",
    )
    choose = "${{ matrix.arch == 'arm64' && 'ubuntu-24.04-arm' || 'ubuntu-24.04' }}"
    matrix = {"matrix": {"arch": ["amd64", "arm64"]}}
    run = small({WORKFLOW: workflow(ask=job(ask, runner=choose, strategy=matrix))}).run("push")
    assert run.passed, run.text
    assert (run.folder / "amd64").read_text() == "X64 X64 x86_64 x86_64\n"
    assert (run.folder / "arm64").read_text() == "ARM64 ARM64 aarch64 aarch64\n"


@pytest.fixture
def published(small: Small, registry: Registry, gate: Gate) -> Callable[..., Repository]:
    """Make a repository whose image is for some architectures, and whose job runs it."""
    if platform.machine() != "x86_64":
        pytest.skip("the program in the images is for x86-64")

    def published(runner: str, *architectures: str, pull: bool = True) -> Repository:
        one = small({WORKFLOW: ""})
        name = f"{gate.address}/{one.image}:v1"
        parts = {
            arch: push_image(registry, one.image, {"tool": program(arch)}, arch, through=gate)
            for arch in architectures
        }
        push_index(registry, one.image, parts, "v1", through=gate)
        commands = [f"docker pull --quiet {name}"] * pull
        commands += [f'docker run --rm {name} >"$RECORDS/said"']
        use = job(
            login(gate.address),
            *map(script, commands),
            runner=RUNNERS[runner],
            permissions={"packages": "read"},
        )
        (one.folder / WORKFLOW).write_text(workflow(use=use))
        return one.commit()

    return published


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("pull", [True, False])
def test_an_image_runs_on_a_runner_of_its_platform(
    published: Callable[..., Repository], runner: str, pull: bool
) -> None:
    for architectures in ((runner,), tuple(RUNNERS)):
        run = published(runner, *architectures, pull=pull).run("push")
        assert run.passed, run.text
        assert (run.folder / "said").read_text() == f"{runner}\n"


@pytest.mark.parametrize("pull", [True, False])
def test_an_image_of_another_platform_cannot_be_pulled(
    published: Callable[..., Repository], pull: bool
) -> None:
    for runner, other in (("amd64", "arm64"), ("arm64", "amd64")):
        run = published(runner, other, pull=pull).run("push")
        assert run.jobs == {"use": "failure"}
        assert "no match for platform in manifest" in run.text or "no matching manifest" in run.text


def test_what_one_job_has_pulled_is_not_on_the_runner_of_the_next(
    published: Callable[..., Repository],
) -> None:
    one = published("amd64", "amd64")
    jobs = one.workflow["jobs"]
    start = jobs["use"]["steps"][-1]
    later = job(start, needs=["use"], permissions={"packages": "read"})  # without a login
    (one.folder / WORKFLOW).write_text(workflow(use=jobs["use"], later=later))
    assert one.commit().run("push").jobs == {"use": "success", "later": "failure"}


def test_what_one_job_has_loaded_is_not_on_the_runner_of_the_next(small: Small) -> None:
    build = script(
        "docker buildx build --quiet --tag tested --output type=docker,dest=image.tar .\n"
        "docker load --quiet --input image.tar"
    )
    look = script("docker image inspect tested")
    files = {"Dockerfile": "FROM scratch\nCOPY README /\n", "README": "x"}
    first = job(action("actions/checkout"), build, look)
    jobs = workflow(first=first, later=job(look, needs=["first"]))
    run = small({**files, WORKFLOW: jobs}).run("push")
    assert run.jobs == {"first": "success", "later": "failure"}, run.text


def test_an_image_of_another_platform_is_loaded_but_does_not_run(
    small: Small, registry: Registry
) -> None:
    files = {"Dockerfile": 'FROM scratch\nCOPY README /\nENTRYPOINT ["/README"]\n', "README": "x"}
    build = script(
        "docker buildx build --quiet --platform linux/arm64 --load --tag other-platform ."
    )
    start = script("docker run --rm other-platform")
    steps = (action("actions/checkout"), build, start)
    for runner, said in {"amd64": "exec format error", "arm64": ""}.items():
        one = small({**files, WORKFLOW: workflow(use=job(*steps, runner=RUNNERS[runner]))})
        run = one.run("push")
        assert run.jobs == {"use": "failure"}
        assert "does not match the detected host platform" in run.text or runner == "arm64"
        assert said in run.text
