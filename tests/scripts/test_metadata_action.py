"""newest.py, and our stand-in for docker/metadata-action, name tags as the real action does.

metadata-action.json holds what v6.2.0 made of Git tags: the name, its tag with `type=ref,event=tag`, and
its tags with `type=semver` and the patterns {{version}}, {{major}}.{{minor}} and {{major}}.
"""

import json
from pathlib import Path
from unittest import mock

from tests.support.commands import load
from tools.projects import ROOT

newest = load(ROOT / "template/.github/scripts/newest.py")
stand_in = load(ROOT / "tests/workflow/actions/metadata-action/metadata.py")
TABLE = json.loads(Path(__file__).with_name("metadata-action.json").read_text())
PATTERNS = ("{{version}}", "{{major}}.{{minor}}", "{{major}}")


def test_the_stand_in_gives_each_git_tag_the_tags_that_the_action_gives() -> None:
    rules = [{"type": "semver", "pattern": pattern} for pattern in PATTERNS]
    for name, image, versions in TABLE:
        variables = {"EVENT_NAME": "push", "REF_TYPE": "tag", "REF_NAME": name}
        environment = {f"GITHUB_{key}": text for key, text in variables.items()}
        with mock.patch.dict("os.environ", environment):
            of_ref, *of_semver = [
                found and stand_in.sanitized(found[0])
                for found in map(stand_in.tag, [{"type": "ref", "event": "tag"}, *rules])
            ]
        assert of_ref == image
        assert list(dict.fromkeys(filter(None, of_semver))) == versions, name


def test_newest_knows_the_tags_that_the_action_gives() -> None:
    for name, image, versions in TABLE:
        assert newest.read(name, 0, "ref").image == image
        tag = newest.read(name, 0, "semver")
        if tag.order:
            assert versions[0] == tag.image, name
            assert tag.prerelease == (len(versions) == 1), name
        else:  # it is refused, though the action takes a / for a - and strips a space
            assert not versions or set(name) & {"/", "\u00a0"}, name
