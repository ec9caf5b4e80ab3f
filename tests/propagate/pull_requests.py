"""GitHub for an organisation's repositories: also their pull requests, as the real gh asks for them.

gh talks plain HTTP to the host github.localhost, and by HTTP_PROXY to any port of this machine. What
the API answers is what GitHub's documentation and gh's issues say that it answers:
https://docs.github.com/graphql.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.support.api import Call, Refused
from tests.support.commands import run
from tests.support.github import GitHub
from tests.support.graphql import Given, Operation, page
from tests.support.tokens import ALL, Grant

OWNER = "Acme-Org"
# That of the App.
TOKEN = "the-token-of-the-app"
DEFAULT_BRANCH = {"defaultBranchRef": {"name": "main"}}


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
        self.operations |= {
            "": self.owned,  # a query of scripts.propagate
            "RepositoryInfo": self.repository,
            "PullRequestByNumber": self.by_number,
            "PullRequestForBranch": self.of_branch,
            "PullRequestList": self.of_branch,
            "PullRequestProjectItems": self.project_items,
            "PullRequestCreate": self.mutation("createPullRequest", self.create),
            "PullRequestUpdate": self.mutation("updatePullRequest", self.update),
            "ConvertPullRequestToDraft": self.mutation("convertPullRequestToDraft", self.draft),
            "PullRequestReadyForReview": self.mutation("markPullRequestReadyForReview", self.ready),
        }

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

    def owned(self, call: Call, given: Given) -> dict[str, Any]:
        """A page of the repositories of an owner."""
        at = int(given.get("endCursor") or 0)
        info = {"hasNextPage": at + 1 < len(self.pages), "endCursor": str(at + 1)}
        repositories = {"pageInfo": info, "nodes": list(self.pages[at])}
        return {"repositoryOwner": {"repositories": repositories}}

    def repository(self, call: Call, given: Given) -> dict[str, Any]:
        """A repository."""
        name = given["name"]
        about = {"id": name, "name": name, "owner": {"login": OWNER}, **DEFAULT_BRANCH}
        return {"repository": about}

    def by_number(self, call: Call, given: Given) -> dict[str, Any]:
        """One pull request."""
        pull = self.pulls[given["repo"]][given["pr_number"] - 1]
        return {"repository": {**DEFAULT_BRANCH, "pullRequest": self.shown(given["repo"], pull)}}

    def of_branch(self, call: Call, given: Given) -> dict[str, Any]:
        """The pull requests of a branch, the newest first.

        A fork's pull request is listed by the name of its branch too.
        """
        name, branch = given["repo"], given.get("headBranch") or given["headRefName"]
        states = given.get("state") or given["states"]
        pulls = [self.shown(name, pull) for pull in reversed(self.pulls.get(name, []))]
        pulls = [one for one in pulls if one["headRefName"] == branch and one["state"] in states]
        return {"repository": {**DEFAULT_BRANCH, "pullRequests": page(pulls)}}

    def project_items(self, call: Call, given: Given) -> dict[str, Any]:
        """The projects that a pull request is in: none."""
        return {"repository": {"pullRequest": {"projectItems": page([])}}}

    def mutation(self, field: str, change: Callable[[Given], dict[str, Any]]) -> Operation:
        """A mutation: whoever asks may write, and it is noted."""

        def operation(call: Call, given: Given) -> dict[str, Any]:
            call.needs("pull-requests", "write")
            changed = change(given["input"])
            self.changes.append(field)
            return {field: changed}

        return operation

    def pull(self, given: Given) -> dict[str, Any]:
        """The pull request that a mutation changes."""
        name, number = given["pullRequestId"].split("#")
        return self.pulls[name][int(number) - 1]

    def draft(self, given: Given) -> dict[str, Any]:
        """Make it a draft."""
        pull = self.pull(given)
        if not self.drafts:
            told = f"the-app[bot] does not have permission to convert the pull request {pull['id']} to draft."
            raise refuse(told, "convertPullRequestToDraft")
        pull["isDraft"] = True
        return {"pullRequest": {"id": pull["id"]}}

    def ready(self, given: Given) -> dict[str, Any]:
        """Let it be reviewed."""
        pull = self.pull(given)
        pull["isDraft"] = False
        return {"pullRequest": {"id": pull["id"]}}

    def update(self, given: Given) -> dict[str, Any]:
        """Change its texts."""
        self.pull(given).update({key: given[key] for key in ("title", "body") if key in given})
        return {"__typename": ""}

    def create(self, given: Given) -> dict[str, Any]:
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
        pull = self.open(name, branch, isDraft=given["draft"], **texts)
        # gh takes no more than it has asked for.
        return {"pullRequest": {key: pull[key] for key in ("id", "url")}}
