"""A GitHub and a Jira Cloud of one's own: in memory, over real HTTP on loopback, with signed webhooks.

The demo and the tests point the real PyGithub and ``jira`` clients at it. People act either through
those clients or through ``as_user``; both take the same path and send the same webhooks::

    with sandbox() as box:                       # sandbox(clock=None, github_port=0, jira_port=0)
        box.github_url, box.jira_url             # base URLs; html_url and /browse/KEY are pages for people
        box.github.send_hooks_to(url, secret)    # likewise box.jira.send_hooks_to(url, secret)

Without ``with``: ``box = Sandbox()``, ``box.stop()``. Credentials are names: ``Authorization: Bearer sam``
acts as sam on GitHub, Basic ``any@mail:dana`` as dana on Jira, and so does Bearer ``dana``. Jira answers
under /rest/api/3 as Cloud does, and under /rest/api/2 as Data Center (wiki text, usernames and keys).

``box.github`` (repositories are ``"acme/shop"``; seeding is silent, it sends no webhook)
    add_user(login, name="", type="User"); rename_user(login, new);
    add_team(org, slug, members=(), pending=()); rename_team(org, slug, new); delete_team(org, slug);
    set_membership(org, slug, login, "active" | "pending" | None);
    add_repo(repo, private=False, roles={"sam": "triage"}); set_role(repo, login, role | None);
    set_private(repo, private); set_archived(repo, archived); set_quota(login, remaining);
    set_read_only(login, read_only), what a token without rights to write can do;
    add_milestone(repo, title, due: date | None = None) -> number;
    add_issue(repo, title, body="", *, author, milestone=title | None, labels=()) -> number
    import_issue(repo, title, body="", *, author, written, comments=(), milestone=None, labels=()) -> number;
    add_issue_field(org, name, "date" | "text" | "number"), the first one gives the organisation the feature;
    rename_issue_field(org, name, new); delete_issue_field(org, name);
  to look at it: issue(repo, n) -> Issue(title, body, state, milestone: Milestone | None, labels, ...);
    comments(repo, n) -> [Comment(id, author.login, body, edited_at, ...)]; events(repo, n);
    milestone(repo, title) -> Milestone(number, due_on, ...); user(login) -> User(id, ...)
``box.github.as_user("sam")`` (as on the site: triage may set milestones and labels; raises Refusal)
    open_issue(repo, title, body="") -> number; edit_issue(repo, n, title=None, body=None, state=None,
    reason=None); set_milestone(repo, n, title | None); label(repo, n, name); unlabel(repo, n, name);
    rename_label(repo, name, new);
    comment(repo, n, text) -> id; edit_comment(repo, id, text); delete_comment(repo, id);
    set_field(repo, n, name, date | str | number | None);
    delete_issue(repo, n) (its administrators); add_milestone(repo, title, due=None) -> number;
    edit_milestone(repo, title, new_title=None, due=KEEP | date | None);
    archive(repo, archived=True) (its administrators)

``box.jira`` (people are short names; text may be plain or an ADF document)
    add_user(name, display="", account_id="", email=""); add_group(name, members=());
    set_member(group, name, member: bool); rename_group(name, new); delete_group(name);
    rename_user(name, new), whose account id and key stay;
    hide(project, *names): it does not exist for these any more;
    add_project(key, name="", roles={"Administrators" | "Developers" | "Users": [people and groups]},
    type="software" | "business" | "service_desk");
    add_version(project, name, release_date=None, released=False, start_date=None) -> id;
    set_administrators(project, *names, no_such_version=False): who may change its versions, and whether
    others are told that there are none;
    lock_dates(project, how=""): refuse programs' edits as without a screen or a right (``LOCKS``);
    add_issue(project, summary, description=None, *, reporter, due: date | None = None, assignee=None,
    labels=(), status="To Do") -> key
    import_issue(project, summary, description=None, *, reporter, written, comments=(), due=None, labels=())
  to look at it: issue(key) -> JiraIssue(summary, description, status, duedate: date | None, labels, ...);
    comments(key) -> [JiraComment(id, author.name, text, body, properties, ...)]; changelog(key);
    remote_links(key); user(name) -> JiraUser(account_id, ...); group(name) -> Group(id, ...)
``box.jira.as_user("dana")``
    create(project, summary, description=None, due=None) -> key; set_duedate(key, date | None);
    edit(key, summary=None, description=None, add_labels=(), remove_labels=());
    transition(key, "To Do" | "In Progress" | "Done", resolution="Done" | any other | None);
    set_fix_versions(key, *names, released=False); set_release_date(version, date | None);
    release(version, released=True); archive(version, archived=True); rename_version(version, name);
    delete_version(version, into="");
    comment(key, text, properties=None) -> id; edit_comment(key, id, text); delete_comment(key, id);
    delete(key)

Webhooks
    box.hooks.drain(timeout=10.0) -> bool, True once all are sent; box.hooks.deliveries, a list of
    Delivery(id, system, event, headers, body, url, status), status 0 where nobody answered;
    box.hooks.redeliver(delivery_id), under the same id, to where the system's webhooks go now
    box.hooks.hold() keeps them back in box.hooks.held, until box.hooks.release(order=None) sends them
    and holds no longer: order=[2, 0, 0] sends the third, then the first twice; the second is lost
    (in ``deliveries`` with status 0 and no url, and can be redelivered)

Faults
    box.fail_next(method, path_regex, how, times=1, retry_after=1, hold=2.0); ``how`` is
    "502 before", "502 after" (the write is made first), "drop before", "drop after" (the connection
    closes without an answer), "timeout before", "timeout after" (so, but only after ``hold`` seconds),
    "429" or "403 limit" (GitHub's secondary limit; no Retry-After where ``retry_after`` is None),
    "401" (credentials refused), "stranger" (as to one who may see nothing; Jira says so by header only),
    "errors" (200 with nothing but ``errors`` that say that something went wrong, as GraphQL does),
    "403 abuse", "422 hurry", "422 abuse", "graphql limit" (GitHub's limits in other words), "page" (200
    and a page for people, as proxies do)
    box.out(system, how="502 before", methods=(), path=""): every such request fails, until
    box.back(system)
    box.lag(seconds): comments can be read through the API only once they are that old, by the clock of
    the sandbox; ``comments`` above shows them at once. box.lag(seconds, *kinds) is for other things, of
    LAGS: "list" (of comments), "comment" (one, by its id), "graphql" (all it says), "issue" (a new one),
    "fields" (what an issue holds), "history" (events, changelog), "milestones" (their list)

Counts
    box.requests, a list of Asked(method, path, status, actor, and query and bodies as they were sent
    and answered), status 0 where no answer came; bodies are kept of the newest 20,000
    box.violations, a list of Violation(system, actor, what, method, path): what a good client never
    does, by the clock of the sandbox. On GitHub two writes of a credential in less than a second, over
    80 in a minute or 500 in an hour; over 20 writes to a Jira issue in 2 seconds or 100 in 30; and any
    request between a limit's answer and the end of its Retry-After (60 seconds without one). What
    people do through ``as_user`` does not count
    box.enforce_limits(): from now on GitHub refuses writes that violate (403, Retry-After 60) and, where
    nothing is left of 5,000 requests an hour and credential, all (403). Its answers tell what is left in
    x-ratelimit-remaining in any case; before a long load test, set_quota to something large
"""

from __future__ import annotations

from automation.sandbox.hooks import Delivery
from automation.sandbox.limits import Violation
from automation.sandbox.server import Sandbox, sandbox
from automation.sandbox.wire import Asked
from automation.sandbox.world import KEEP, LAGS, Refusal

__all__ = ["KEEP", "LAGS", "Asked", "Delivery", "Refusal", "Sandbox", "Violation", "sandbox"]
