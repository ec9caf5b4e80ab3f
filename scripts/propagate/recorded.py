"""What a repository has recorded about the template, in its answers file.

The file is the repository's. What we believe of it and what Copier does must be one thing. So it is
parsed once, anything that two parsers may read in two ways is refused, and Copier gets our own copy.
"""

import json
from dataclasses import dataclass
from typing import Any

import yaml

from scripts import changelog
from scripts.propagate.commands import Failed
from scripts.propagate.origins import ANSWERS_FILE


@dataclass(frozen=True)
class Recorded:
    """The template that a repository was made from, and the answers."""

    source: str
    version: str
    answers: dict[str, Any]

    def written(self, source: str) -> str:
        """The answers file again, for Copier to read, with another source."""
        return yaml.safe_dump({**self.answers, "_commit": self.version, "_src_path": source})


class Strict(yaml.SafeLoader):
    """YAML whose keys are strings, each there once, and which refers to nothing."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse an alias: a few lines of them make gigabytes."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a duplicate key, a key of another type, and a merge."""
        seen = set()
        for key, _ in node.value:
            problem = "a key that is not a string" if key.tag != "tag:yaml.org,2002:str" else ""
            if problem or key.value in seen:
                problem = problem or "a duplicate key"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse(text: str) -> Recorded:
    """Read the text of an answers file.

    Raises:
        Failed: it is not what Copier writes; with the line.
    """
    try:
        answers = yaml.load(text, Strict)
        json.dumps(answers)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Failed(f"{ANSWERS_FILE}, line {line}: {error.problem}") from None
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        raise Failed(f"{ANSWERS_FILE}: not what Copier writes: {type(error).__name__}") from None
    if not isinstance(answers, dict):
        raise Failed(f"{ANSWERS_FILE}: no answers")
    source, version = (answers.pop(key, "") for key in ("_src_path", "_commit"))
    if not isinstance(source, str) or not isinstance(version, str):
        raise Failed(f"{ANSWERS_FILE}: _src_path and _commit must be strings")
    if version and not changelog.version(version):
        raise Failed(f"{ANSWERS_FILE}: _commit is not a version of a template, such as v1.2.0")
    # Other names that begin like this are Copier's own, and it ignores them here.
    return Recorded(source, version, {key: answers[key] for key in answers if key[:1] != "_"})
