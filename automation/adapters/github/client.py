"""GitHub as a tracker: what one pass reads, and what is written."""

from __future__ import annotations

from automation.adapters.errors import Missing, unreadable
from automation.adapters.github.issues import Issues
from automation.adapters.github.one_pass import GitHubPass
from automation.adapters.github.place import Place, segment
from automation.adapters.shapes import Malformed, at, number, text
from automation.model import (
    ISSUE,
    Deal,
    Subject,
)
from automation.ports import Refused, Unseen

ISSUE_OF = """query($id: ID!) { node(id: $id) {
  ... on Issue { fullDatabaseId number repository { nameWithOwner } }
} }"""


class GitHub(Issues):
    """The ``Tracker`` port on GitHub. One object serves all threads."""

    def check(self) -> None:
        """Ask for our limits: it costs nothing, and an App may. A server without limits has no such page.

        https://docs.github.com/en/rest/rate-limit/rate-limit
        https://docs.github.com/en/rest/meta/meta
        """
        try:
            self._api.get("/rate_limit")
        except Missing:
            self._api.get("/meta")
        if wrong := self._dates.wrong():
            raise Refused(" ".join(wrong.values()))

    def one_pass(self, whole: bool, edits: bool = False) -> GitHubPass:
        return GitHubPass(self, whole, edits)

    def issue_of(self, id: str) -> Subject | None:
        """https://docs.github.com/en/graphql/reference/queries#node"""
        try:
            answer = self._api.graphql(ISSUE_OF, {"id": id})
        except Missing as error:
            raise Unseen(f"what {id} is cannot be read") from error
        node = at(answer, "node")
        if not at(node, "fullDatabaseId"):
            return None
        try:
            place = Place(text(node, "repository.nameWithOwner"), number(node, "number"))
            return Subject("github", ISSUE, text(node, "fullDatabaseId"), place.key)
        except Malformed as error:
            raise unreadable("GitHub: GraphQL") from error

    def show_deal(self, subject: Subject, deal: Deal, shown: bool, asked: bool = False) -> bool:
        """GitHub has no place of its own for links to other systems."""
        return False

    def empty_field(self, subject: Subject, field: str) -> None:
        """No field of GitHub's is an answer."""
        raise Refused(f"GitHub has no field {field} to empty")

    # ------------------------------------------------------------ writing

    def set_label(self, subject: Subject, label: str, present: bool) -> None:
        place = Place.of(subject)
        if present:
            with self._inside(place):
                self._api.send("POST", f"{place.issue}/labels", {"labels": [label]})
            return
        try:
            self._api.send("DELETE", f"{place.issue}/labels/{segment(label)}")
        except Missing:
            with self._inside(place):
                self._api.get(place.issue)  # the label is gone already, unless the issue is: then this raises
