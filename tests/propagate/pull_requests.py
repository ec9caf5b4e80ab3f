"""GitHub for an organisation's repositories: also their pull requests, as the real gh asks for them.

gh talks plain HTTP to the host github.localhost, and by HTTP_PROXY to any port of this machine. What
the API answers is what GitHub's documentation and gh's issues say that it answers:
https://docs.github.com/graphql.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.api import Answer, Call, Refused
from tests.support.commands import run
from tests.support.github import GitHub
from tests.support.graphql import page
from tests.support.tokens import ALL, Grant

OWNER = "Acme-Org"
# That of the App.
TOKEN = "the-token-of-the-app"


def refuse(message: str, field: str) -> Refused:
    """What GraphQL answers if it does not do what a field asks for."""
    return Refused(200, message, data=None, errors=[{"message": message, "path": [field]}])


class PullRequests(GitHub):
    """GitHub, with the pull requests of an organisation's repositories.

    Attributes:
        folder: has each repository as NAME.git
        pulls: of each repository, the newest last
        pages: the repositories that `repositoryOwner` lists, by page
        drafts: whether the organisation's plan has draft pull requests
        changes: what has been asked that changes a pull request
    """

    def __init__(self, folder: Path) -> None:
        """Listen on a free port."""
        super().__init__()
        self.tokens.grants[TOKEN] = Grant("", "", dict.fromkeys(ALL, "write"))
        self.folder = folder
        self.pulls: dict[str, list[dict[str, Any]]] = {}
        self.pages: Sequence[Sequence[dict[str, Any]]] = [[]]
        self.drafts = True
        self.changes: list[str] = []

    def handle(self, method: str, call: Call) -> Answer:
        """Answer what is about pull requests, and leave the rest to GitHub."""
        if call.path == "/graphql" and not re.search(
            r"\bquery (\w+_fields|RepositoryReleaseByTag|RepositoryFindRef)\b", call.json["query"]
        ):
            return 200, {
                "data": self.query(call, call.json["query"], call.json.get("variables") or {})
            }
        return super().handle(method, call)

    def install_gh(self, folder: Path) -> None:
        """Put the command gh into a folder: the real one, for which github.com is here."""
        real = shutil.which("gh")
        assert real, "gh is among the test's requirements"
        script = folder / "gh"
        script.write_text(
            "#!/usr/bin/env bash\n"
            f"export HTTP_PROXY=http://127.0.0.1:{self.server_port} GH_HOST=github.localhost\n"
            f"export GH_CONFIG_DIR={folder}/gh-config GH_REPO=${{GH_REPO:+github.localhost/$GH_REPO}}\n"
            # Jobs share a home here, and this command writes into it.
            f'if [[ $1 == auth ]]; then exec flock {folder}/lock {real} "$@"; fi\n'
            f'exec {real} "${{@/#https:\\/\\/github.com/http:\\/\\/github.localhost}}"\n'
        )
        script.chmod(0o755)

    def took(self) -> list[str]:
        """What has been asked that changes something, since the last time."""
        taken, self.changes = self.changes, []
        return taken

    def head(self, name: str, branch: str) -> str:
        """The commit of a branch; nothing if it is not there."""
        listed = run("git", "ls-remote", self.folder / f"{name}.git", branch)
        return listed.split("\t")[0]

    def open(self, name: str, branch: str, **more: Any) -> dict[str, Any]:
        """Open a pull request; `isCrossRepository=True` for one of a fork."""
        pulls = self.pulls.setdefault(name, [])
        number = len(pulls) + 1
        url = f"https://github.com/{OWNER}/{name}/pull/{number}"
        pull = {"id": f"{name}#{number}", "number": number, "url": url, "state": "OPEN"}
        pull |= {"isDraft": False, "isCrossRepository": False, "title": "", "body": ""}
        pull |= {"headRefName": branch, "baseRefName": "main", "headRefOid": "", **more}
        pulls.append(pull)
        return pull

    def shut(self, name: str) -> None:
        """Close the newest pull request, as somebody does who does not want it."""
        pull = self.pulls[name][-1]
        pull |= {"state": "CLOSED", "headRefOid": self.head(name, pull["headRefName"])}

    def shown(self, name: str, pull: dict[str, Any]) -> dict[str, Any]:
        """A pull request as the API describes it: an open one has the commit of its branch now."""
        owner = {"id": "owner", "login": "Somebody" if pull["isCrossRepository"] else OWNER}
        oid = pull["headRefOid"] or self.head(name, f"refs/heads/{pull['headRefName']}")
        lists = dict.fromkeys(("reviewRequests", "labels", "assignedActors"), page([]))
        return {**lists, **pull, "headRefOid": oid, "headRepositoryOwner": owner}

    def query(self, call: Call, query: str, given: dict[str, Any]) -> dict[str, Any]:
        """The data that a query of GraphQL asks for, or what a mutation does."""
        if "repositoryOwner" in query:
            return {"repositoryOwner": {"repositories": self.owned(given)}}
        if mutation := re.search(r"mutation \w*\(.*?\)\s*{\s*(\w+)\(", query, re.DOTALL):
            call.needs("pull-requests", "write")
            pull = self.mutate(mutation[1], given["input"])
            # gh takes no more than it has asked for.
            asked = ("id", "url") if mutation[1] == "createPullRequest" else ("id",)
            fields = {"pullRequest": {key: pull[key] for key in asked}}
            return {
                mutation[1]: fields
                if "pullRequest{" in query.replace(" ", "")
                else {"__typename": ""}
            }
        name = given.get("name") or given["repo"]
        found = [self.shown(name, pull) for pull in self.pulls.get(name, [])]
        repository: dict[str, Any] = {"defaultBranchRef": {"name": "main"}}
        if "projectItems" in query:
            return {"repository": {"pullRequest": {"projectItems": page([])}}}
        if "pullRequest(" in query:
            [pull] = [pull for pull in found if pull["number"] == given["pr_number"]]
            repository["pullRequest"] = pull
        elif "pullRequests(" in query:
            branch = given.get("headBranch") or given["headRefName"]
            states = given.get("state") or given["states"]
            # A fork's pull request is listed by the name of its branch too.
            nodes = [one for one in found if one["headRefName"] == branch]
            nodes = [one for one in reversed(nodes) if one["state"] in states]
            repository["pullRequests"] = page(nodes)
        else:
            repository |= {"id": name, "name": name, "owner": {"login": OWNER}}
        return {"repository": repository}

    def owned(self, given: dict[str, Any]) -> dict[str, Any]:
        """A page of the repositories of an owner."""
        at = int(given.get("endCursor") or 0)
        info = {"hasNextPage": at + 1 < len(self.pages), "endCursor": str(at + 1)}
        return {"pageInfo": info, "nodes": list(self.pages[at])}

    def mutate(self, mutation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Change a pull request."""
        if mutation == "createPullRequest":
            pull = self.create(given)
        else:
            name, number = given["pullRequestId"].split("#")
            pull = self.pulls[name][int(number) - 1]
        if mutation == "convertPullRequestToDraft":
            if not self.drafts:
                told = f"the-app[bot] does not have permission to convert the pull request {pull['id']} to draft."
                raise refuse(told, mutation)
            pull["isDraft"] = True
        elif mutation == "markPullRequestReadyForReview":
            pull["isDraft"] = False
        elif mutation == "updatePullRequest":
            pull |= {key: given[key] for key in ("title", "body") if key in given}
        self.changes.append(mutation)
        return pull

    def create(self, given: dict[str, Any]) -> dict[str, Any]:
        """Open the pull request that somebody asks for."""
        name, branch = given["repositoryId"], given["headRefName"]
        field = "createPullRequest"
        if not self.head(name, f"refs/heads/{branch}"):
            raise refuse(f"Head sha can't be blank, No commits between main and {branch}", field)
        if given["draft"] and not self.drafts:
            raise refuse("Draft pull requests are not supported in this repository.", field)
        open_ones = [one for one in self.pulls.get(name, []) if one["state"] == "OPEN"]
        if any(one["headRefName"] == branch and not one["isCrossRepository"] for one in open_ones):
            raise refuse(f"A pull request already exists for {OWNER}:{branch}.", field)
        texts = {"title": given["title"], "body": given["body"].replace("\n", "\r\n")}
        return self.open(name, branch, isDraft=given["draft"], **texts)
