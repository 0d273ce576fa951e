"""The GitHub stand-in's API for who may what: users, repositories, teams, and GraphQL.

https://docs.github.com/en/rest/teams/members
https://docs.github.com/en/rest/collaborators/collaborators
"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from automation.sandbox import github_graphql
from automation.sandbox.github import REPO, IssueRoutes, known
from automation.sandbox.github_field_routes import FieldRoutes
from automation.sandbox.github_moves import Elsewhere
from automation.sandbox.github_nouns import Team, User
from automation.sandbox.github_person import GitHub
from automation.sandbox.github_project_routes import ProjectRoutes
from automation.sandbox.github_shapes import (
    permission_json,
    profile_json,
    repo_json,
    user_json,
)
from automation.sandbox.github_team import membership_json, team_json
from automation.sandbox.pages import hub_rules
from automation.sandbox.wire import Route, answer, rule, sent
from automation.sandbox.world import Refusal

TEAM = "/orgs/<org>/teams/<slug>"
SAME_TEAM = "/organizations/<int:org>/team/<int:slug>"
"""The same team by ids, as the description of each of these operations says in words."""
DOCS = "https://docs.github.com/rest"


class GitHubApi:
    """All of the stand-in's HTTP face."""

    system = "github"
    bad_credentials = "Bad credentials"

    def __init__(self, hub: GitHub) -> None:
        self.hub = hub
        self.rules: list[Route] = [
            rule("/rate_limit", "GET", self.rate_limit),
            rule("/user", "GET", self.me),
            rule("/user/<int:id>", "GET", self.user_of),
            rule("/users/<login>", "GET", self.user),
            rule(REPO, "GET", self.repo),
            rule(f"{REPO}/collaborators/<login>/permission", "GET", self.permission),
            *(
                route
                for team in (TEAM, SAME_TEAM)
                for route in (
                    rule(team, "GET", self.team),
                    rule(f"{team}/memberships/<login>", "GET", self.membership),
                    rule(f"{team}/members", "GET", self.members),
                )
            ),
            rule("/graphql", "POST", self.graphql),
            *IssueRoutes(hub).rules(),
            *FieldRoutes(hub).rules(),
            *ProjectRoutes(hub).rules(),
            *hub_rules(hub),
        ]

    def who(self, request: Request) -> tuple[str, User | None]:
        """Take the token for a login: anybody can act as anybody."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return "", None
        user = self.hub.users.get(token.strip().lower())
        if scheme.lower() not in {"token", "bearer"} or user is None:
            raise Refusal(401, self.bad_credentials)
        return user.login, user

    def path(self, request: Request, person: User | None) -> str:
        return self.hub.where(request.path, person, request.method == "GET")

    def refuse(self, refusal: Refusal) -> Response:
        body: dict[str, Any] = {"message": refusal.message, "documentation_url": DOCS}
        body["status"] = str(refusal.status)
        if refusal.field:
            body["errors"] = [{"resource": "Issue", "code": "invalid", "field": refusal.field}]
        response = answer(body, refusal.status)
        if isinstance(refusal, Elsewhere):
            response.headers["Location"] = refusal.location
        return response

    def to_stranger(self, request: Request) -> Response:
        """What somebody may not see does not exist for them."""
        return self.refuse(Refusal(404, "Not Found"))

    def rate_limit(self, actor: User | None, request: Request) -> Response:
        """https://docs.github.com/en/rest/rate-limit/rate-limit"""
        limit, left, reset = self.hub.quota.of(known(actor).login)
        core = {"limit": limit, "used": limit - left, "remaining": left, "reset": reset}
        return answer({"resources": {"core": core, "search": core}, "rate": core})

    def me(self, actor: User | None, request: Request) -> Response:
        return answer(profile_json(self.hub, known(actor), private=True))

    def user(self, actor: User | None, request: Request, login: str) -> Response:
        return answer(profile_json(self.hub, self.hub.user(login)))

    def user_of(self, actor: User | None, request: Request, id: int) -> Response:
        """https://docs.github.com/en/rest/users/users#get-a-user-using-their-id"""
        return answer(profile_json(self.hub, self.hub.user_of(id)))

    def repo(self, actor: User | None, request: Request, owner: str, name: str) -> Response:
        return answer(repo_json(self.hub, self.hub.readable(f"{owner}/{name}", actor), actor))

    def permission(self, actor: User | None, request: Request, owner: str, name: str, login: str) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        if not repo.may(known(actor), "write"):
            raise Refusal(403, "Must have push access to view collaborator permission.")
        return answer(permission_json(self.hub, repo, self.hub.user(login)))

    def team(self, actor: User | None, request: Request, org: str | int, slug: str | int) -> Response:
        known(actor)
        return answer(team_json(self.hub, self._team(org, slug)))

    def membership(
        self, actor: User | None, request: Request, org: str | int, slug: str | int, login: str
    ) -> Response:
        known(actor)
        team, user = self._team(org, slug), self.hub.user(login)
        if user not in team.members:
            raise Refusal(404, "Not Found")
        return answer(membership_json(self.hub, team, user))

    def members(self, actor: User | None, request: Request, org: str | int, slug: str | int) -> Response:
        known(actor)
        members = self._team(org, slug).members.items()
        return answer([user_json(self.hub, user) for user, state in members if state == "active"])

    def _team(self, org: str | int, slug: str | int) -> Team:
        if isinstance(org, int) and isinstance(slug, int):
            return self.hub.team_of(org, slug)
        return self.hub.team(str(org), str(slug))

    def graphql(self, actor: User | None, request: Request) -> Response:
        """Tell who edited words, and when. https://docs.github.com/en/graphql"""
        return answer(github_graphql.run(self.hub, known(actor), sent(request)))
