"""GitHub's API as far as the real gh asks it for pull requests, releases and repositories.

gh talks plain HTTP to the host github.localhost, and by HTTP_PROXY to any port of this machine. What
the API answers is what GitHub's documentation and gh's issues say that it answers:
https://docs.github.com/graphql, https://docs.github.com/rest.
"""

import json
import re
import shutil
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.support.commands import run

OWNER = "Acme-Org"
# That of the App, and GITHUB_TOKEN of a run.
TOKEN = "the-token-of-the-app"
TOKENS = {TOKEN, "the-token-of-this-run"}
NOW = "2026-11-25T00:00:00Z"
NOT_ALLOWED = "Resource not accessible by integration"


class Refused(Exception):
    """The API says no."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        """Take the HTTP status, the message, and the field of GraphQL that is refused."""
        super().__init__(message)
        self.status, self.field = status, field


class PullRequests(ThreadingHTTPServer):
    """The pull requests and the releases of an organisation's repositories.

    Attributes:
        folder: has each repository as NAME.git
        folders: where else a repository is, by its name
        pulls: of each repository, the newest last
        releases: by their tag
        pages: the repositories that `repositoryOwner` lists, by page
        fails: whether the API refuses to make a release
        drafts: whether the organisation's plan has draft pull requests
        knows: whether a token is one
        changes: what has been asked that changes something
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.folders: dict[str, Path] = {}
        self.pulls: dict[str, list[dict[str, Any]]] = {}
        self.releases: dict[str, dict[str, Any]] = {}
        self.pages: Sequence[Sequence[dict[str, Any]]] = [[]]
        self.fails = False
        self.knows: Callable[[str], bool] = TOKENS.__contains__
        self.drafts = True
        self.changes: list[str] = []
        Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self.shutdown()
        self.server_close()

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

    def place(self, name: str) -> Path:
        """Where a repository is on this machine."""
        return self.folders.get(name, self.folder / f"{name}.git")

    def head(self, name: str, branch: str) -> str:
        """The commit of a branch or a tag; nothing if it is not there."""
        listed = run("git", "ls-remote", self.place(name), branch)
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
        nothing: dict[str, Any] = {"nodes": [], "totalCount": 0}
        nothing |= {"pageInfo": {"hasNextPage": False, "endCursor": ""}}
        lists = dict.fromkeys(("reviewRequests", "labels", "assignedActors"), nothing)
        return {**lists, **pull, "headRefOid": oid, "headRepositoryOwner": owner}

    def query(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        """The data that a query of GraphQL asks for, or what a mutation does."""
        if "repositoryOwner" in query:
            return {"repositoryOwner": {"repositories": self.page(given)}}
        if mutation := re.search(r"mutation \w*\(.*?\)\s*{\s*(\w+)\(", query, re.DOTALL):
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
            page = {"hasNextPage": False, "endCursor": ""}
            items = {"totalCount": 0, "nodes": [], "pageInfo": page}
            return {"repository": {"pullRequest": {"projectItems": items}}}
        if "qualifiedName" in query:
            oid = self.head(name, given["tagName"])
            return {"repository": {"ref": {"id": oid} if oid else None}}
        if "release(tagName" in query:
            return {"repository": {"release": None}}  # there are no drafts
        if "pullRequest(" in query:
            [pull] = [pull for pull in found if pull["number"] == given["pr_number"]]
            repository["pullRequest"] = pull
        elif "pullRequests(" in query:
            branch = given.get("headBranch") or given["headRefName"]
            states = given.get("state") or given["states"]
            # A fork's pull request is listed by the name of its branch too.
            nodes = [one for one in found if one["headRefName"] == branch]
            nodes = [one for one in reversed(nodes) if one["state"] in states]
            repository["pullRequests"] = {"nodes": nodes, "totalCount": len(nodes), "pageInfo": {}}
        else:
            repository |= {"id": name, "name": name, "owner": {"login": OWNER}}
        return {"repository": repository}

    def page(self, given: dict[str, Any]) -> dict[str, Any]:
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
                raise Refused(200, told, mutation)
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
            raise Refused(
                200, f"Head sha can't be blank, No commits between main and {branch}", field
            )
        if given["draft"] and not self.drafts:
            raise Refused(200, "Draft pull requests are not supported in this repository.", field)
        open_ones = [one for one in self.pulls.get(name, []) if one["state"] == "OPEN"]
        if any(one["headRefName"] == branch and not one["isCrossRepository"] for one in open_ones):
            raise Refused(200, f"A pull request already exists for {OWNER}:{branch}.", field)
        texts = {"title": given["title"], "body": given["body"].replace("\n", "\r\n")}
        return self.open(name, branch, isDraft=given["draft"], **texts)

    def release(self, method: str, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        """Answer what REST asks about a repository's tags and releases."""
        name, _, what = path.removeprefix(f"/repos/{OWNER}/").partition("/")
        if (method, what) == ("POST", "git/refs"):
            if self.head(name, given["ref"]):
                raise Refused(422, "Reference already exists")
            run("git", "update-ref", given["ref"], given["sha"], cwd=self.place(name))
            self.changes.append(given["ref"])
            return 201, {"ref": given["ref"]}
        if (method, what) == ("POST", "releases"):
            if self.fails:
                raise Refused(500, "Server Error")
            # GITHUB_TOKEN lacks the permission `workflows`: https://github.com/cli/cli/issues/9514
            if given.get("target_commitish"):
                raise Refused(403, NOT_ALLOWED)
            if given["tag_name"] in self.releases:
                raise Refused(422, "Validation Failed")
            self.releases[given["tag_name"]] = given
            self.changes.append("release")
            return 201, {**given, "html_url": f"https://github.com/{OWNER}/{name}/releases"}
        tag = what.removeprefix("releases/tags/")
        if method in ("GET", "HEAD") and tag in self.releases:
            shown = {
                "published_at": NOW,
                "created_at": NOW,
                "assets": [],
                "author": {"login": "app"},
            }
            return 200, {**self.releases[tag], **shown}
        raise Refused(404, "Not Found")


class Handler(BaseHTTPRequestHandler):
    """One request to the API."""

    server: PullRequests
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def reply(self) -> None:
        """Answer a request of GraphQL or REST."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = json.loads(body or "{}")
        path = re.sub(r"^http://api\.github\.localhost", "", self.path)
        answer: Any
        try:
            if not self.server.knows(self.headers.get("Authorization", "").removeprefix("token ")):
                raise Refused(401, "Bad credentials")
            if path == "/graphql":
                status = 200
                answer = {"data": self.server.query(given["query"], given.get("variables") or {})}
            else:
                status, answer = self.server.release(self.command, path, given)
        except Refused as error:
            status, answer = error.status, {"message": str(error)}
            if error.field:
                answer = {"data": None, "errors": [{**answer, "path": [error.field]}]}
        sent = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent)

    do_GET = do_HEAD = do_POST = do_PATCH = reply
