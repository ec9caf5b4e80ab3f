"""GitHub, as far as a workflow can tell: all that the API of the tests answers."""

from tests.support import assets, attestations, graphql, issues, packages, refs, releases
from tests.support.api import Api
from tests.support.packages import Packages
from tests.support.registry import Gate
from tests.support.servers import Traffic
from tests.support.tokens import Tokens

ANSWERING = (assets, attestations, graphql, issues, packages, refs, releases)


class GitHub(Api):
    """The API, with the images of the registry behind a gate."""

    def __init__(
        self, tokens: Tokens | None = None, traffic: Traffic | None = None, gate: Gate | None = None
    ) -> None:
        """Know no repository yet."""
        super().__init__(tokens or Tokens(), traffic or Traffic())
        self.operations = dict(graphql.OPERATIONS)
        self.packages = Packages(gate) if gate else None
