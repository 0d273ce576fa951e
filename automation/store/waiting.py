"""What waits for somebody outside to let us see it again, as operations are told of it."""

from __future__ import annotations

from sqlalchemy import select

from automation.ports import NoAccess
from automation.store import outages
from automation.store.database import Database
from automation.store.rate_limiter import RateLimiters
from automation.store.schema import jobs


def outside(database: Database, limiters: RateLimiters) -> list[str]:
    """Return, as sentences, what keeps all or part of the work waiting: refused credentials, systems that
    do not answer, places that cannot be seen."""
    with database.read() as connection:
        silent = [f"{one.system}: {one}" for one in outages.known(connection, limiters.now())]
    return [problem for problem in (limiters.problem(), *silent, for_access(database)) if problem]


def for_access(database: Database) -> str | None:
    """Say in how many places nothing can be seen by us, and of which systems; None where all can. Which
    ones is no business of strangers."""
    lost = jobs.c.error.startswith(NoAccess.BEGINS, autoescape=True)
    with database.read() as connection:
        errors = connection.scalars(select(jobs.c.error).where(jobs.c.state == "ready", lost).distinct())
        places = {NoAccess.place_in(error) for error in errors}
    if not places:
        return None
    systems = " and ".join(sorted({place.partition(":")[0] for place in places}))
    many = "1 place" if len(places) == 1 else f"{len(places)} places"
    return f"{many} of {systems} cannot be seen by our account; the log says which"
