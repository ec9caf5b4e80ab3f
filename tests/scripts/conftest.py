"""What several tests of the scripts share."""

import pytest

from tests.scripts.ids import Repository


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A folder with .github/scripts/ids, for all tests of a file."""
    return Repository(tmp_path_factory.mktemp("ids"))
