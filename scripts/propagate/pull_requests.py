"""The pull request of a branch, by GitHub's own command `gh`."""

import dataclasses
import json
import re

from scripts.propagate.commands import Failed, run
from scripts.propagate.results import Result

FIELDS = "number,url,state,isDraft,isCrossRepository,title,body,headRefOid"


def offer(result: Result, again: bool = False) -> Result:
    """Open the pull request of a result's branch or update it, and add it to the result.

    Raises:
        Failed: GitHub does not take it.
    """
    here = ("--repo", result.repository)
    listed = ("--head", result.branch, "--state", "all", "--limit", "100", "--json", FIELDS)
    # It also lists pull requests of forks that have a branch of this name.
    pulls = [
        one
        for one in json.loads(run("gh", "pr", "list", *here, *listed))
        if not one["isCrossRepository"]
    ]
    texts = ("--title", result.title, "--body-file", "-")
    for one in pulls:
        if one["state"] == "OPEN":
            number = str(one["number"])
            if (one["title"], plain(one["body"])) != (result.title, plain(result.body)):
                run("gh", "pr", "edit", number, *here, *texts, stdin=result.body)
            if one["isDraft"] and not result.draft:
                run("gh", "pr", "ready", number, *here)
            reason = ""
            if result.conflicts and not one["isDraft"]:
                _, reason = without_drafts(result, "pr", "ready", number, *here, "--undo")
            return dataclasses.replace(result, pull_request=one["url"], reason=reason)
    for one in pulls:
        if one["state"] == "CLOSED" and one["headRefOid"] == result.commit:
            return dataclasses.replace(result, reason=f"somebody has closed {one['url']}")
    create = ("pr", "create", *here, "--head", result.branch, *texts)
    try:
        url, reason = without_drafts(result, *create, "--draft") if result.draft else ("", "")
        url = url or run("gh", *create, stdin=result.body)
    except Failed as error:
        if again or "already exists" not in str(error):
            raise
        return offer(result, again=True)  # another run of ours was faster
    return dataclasses.replace(result, pull_request=url.strip(), reason=reason)


def plain(body: str) -> str:
    """The text of a pull request, whether its boxes are ticked or not.

    GitHub may store lines as its web form sends them.
    """
    return re.sub(r"(?m)^- \[[xX]\]", "- [ ]", body.replace("\r\n", "\n").strip())


def without_drafts(result: Result, *command: str) -> tuple[str, str]:
    """Run what makes a draft; return what it prints, or why there is none.

    A private repository of a free plan has none. No API says so beforehand, only these errors:
    "Draft pull requests are not supported in this repository." when it is created, and
    "does not have permission to convert the pull request … to draft" later.

    Raises:
        Failed: for another reason.
    """
    try:
        return run("gh", *command, stdin=result.body), ""
    except Failed as error:
        if not re.search(r"Draft pull requests are not supported|convert .* to draft", str(error)):
            raise
    return "", "this repository has no draft pull requests"
