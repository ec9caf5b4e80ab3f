"""The issues of a repository in GitHub's API.

https://docs.github.com/en/rest/issues/issues
"""

from typing import Any

from tests.support.api import Answer, Call, Hosted, Refused, route

# Who opens an issue with the token of a job.
BOT = "github-actions[bot]"


def open_issue(hosted: Hosted, title: str, body: str, author: str) -> dict[str, Any]:
    """Open an issue."""
    issue = {"number": hosted.next(), "title": title, "body": body, "state": "open"}
    issue |= {"user": {"login": author}, "comments": []}
    hosted.issues.append(issue)
    return issue


def find(call: Call, number: str) -> dict[str, Any]:
    """An issue by its number."""
    for issue in call.hosted.issues:
        if issue["number"] == int(number):
            return issue
    raise Refused(404, "Not Found")


def check(call: Call, level: str) -> None:
    """Refuse what the token may not do, and everything where the owner has no issues."""
    call.needs("issues", level)
    if not call.hosted.has_issues:
        raise Refused(410, "Issues has been disabled in this repository.")


@route("GET", "/repos/{repo}/issues")
def list_issues(call: Call) -> Answer:
    """The issues in a state and of an author, the newest first, in pages."""
    check(call, "read")
    state, author = call.query.get("state", "open"), call.query.get("creator")
    found = [
        issue
        for issue in reversed(call.hosted.issues)
        if state in (issue["state"], "all") and author in (issue["user"]["login"], None)
    ]
    size, page = int(call.query.get("per_page", 30)), int(call.query.get("page", 1))
    return 200, found[size * (page - 1) : size * page]


@route("POST", "/repos/{repo}/issues")
def make_issue(call: Call) -> Answer:
    """Open one."""
    check(call, "write")
    return 201, open_issue(call.hosted, call.json["title"], call.json.get("body", ""), BOT)


@route("PATCH", "/repos/{repo}/issues/{number}")
def change_issue(call: Call, number: str) -> Answer:
    """Change or close one."""
    check(call, "write")
    issue = find(call, number)
    issue |= {key: call.json[key] for key in ("title", "body", "state") if key in call.json}
    return 200, issue


@route("POST", "/repos/{repo}/issues/{number}/comments")
def comment(call: Call, number: str) -> Answer:
    """Comment on one."""
    check(call, "write")
    find(call, number)["comments"].append(call.json["body"])
    return 201, {"body": call.json["body"]}
