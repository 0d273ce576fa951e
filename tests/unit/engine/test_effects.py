"""Executor: one write each, made from the truth of its moment, and a receipt that says how it ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.engine.executor import Executor
from automation.engine.rendering import Rendering
from automation.model import (
    NOTHING,
    Change,
    Choice,
    Command,
    Deal,
    Effect,
    EmptyField,
    IssueState,
    Kind,
    Pending,
    Redact,
    Setback,
    SetDeadline,
    SetLabel,
    ShowDeal,
    Subject,
    Written,
)
from automation.ports import (
    DONE,
    GIVEN_UP,
    IN_PUBLIC,
    MOVED_ON,
    SHOWN,
    Ending,
    Refused,
    Unavailable,
    Unwritten,
)
from automation.rulebook.messages.messages import WITHHELD
from automation.rulebook.rulebook import Rulebook, load
from tests.factories import (
    DEAL,
    ISSUE,
    LEE,
    MONA,
    NOW,
    OMAR,
    SPRING,
    SUMMER,
    WINTER,
    deal,
    effect,
    proposal,
    say,
    state,
)

ON_DEAL = DEAL.subject
RESTORE = effect(SetDeadline("milestone", expect=SPRING, value=WINTER, why="restore"), key="restore")


@pytest.fixture
def effects(states, tracker, crm, folder) -> Executor:
    trackers = {"github": tracker}

    def rules() -> Rulebook:
        return load(folder)

    rendering = Rendering(trackers, crm, rules, states.known_names, lambda: NOW)
    return Executor(states, trackers, crm, rules, rendering)


@pytest.fixture
def perform(effects):
    def perform(planned: Effect, tries: int = 1) -> Ending:
        return effects.perform(planned, tries)

    return perform


# ---------------------------------------------------------------- deadlines


@pytest.fixture
def under_way(know, tracker):
    """The issue has the unsigned spring release, and setting it back is under way."""
    know(state(WINTER, pending=Pending("restore", SPRING)))
    tracker.hold("milestone", SPRING)


@pytest.mark.usefixtures("under_way")
def test_a_deadline_is_set_back(perform, tracker) -> None:
    assert perform(RESTORE) == Ending(DONE, "restore: Winter release")
    assert tracker.truth.deadlines == {"milestone": WINTER}


@pytest.mark.usefixtures("under_way")
def test_a_deadline_is_read_before_it_is_written(perform, tracker) -> None:
    perform(RESTORE)

    assert tracker.asked == ["issue", "set_deadline"]


@pytest.mark.usefixtures("under_way")
def test_a_value_somebody_has_set_meanwhile_is_left_alone(perform, tracker) -> None:
    tracker.hold("milestone", SUMMER)

    assert perform(RESTORE) == Ending(MOVED_ON, "somebody has set another value meanwhile")
    assert tracker.truth.deadlines == {"milestone": SUMMER}


@pytest.mark.usefixtures("under_way")
def test_what_is_so_already_is_not_written(perform, tracker) -> None:
    tracker.hold("milestone", WINTER)

    assert perform(RESTORE) == Ending(DONE, "it was so already")
    assert tracker.asked == ["issue"]


@pytest.mark.usefixtures("under_way")
def test_a_write_whose_answer_was_lost_is_not_made_twice(perform, tracker) -> None:
    tracker.fail("set_deadline", Unavailable("connection lost"), after=True)

    with pytest.raises(Unavailable):
        perform(RESTORE)

    assert perform(RESTORE, tries=2).how == DONE
    assert tracker.asked.count("set_deadline") == 1


@pytest.mark.parametrize(
    "known",
    [
        state(WINTER, pending=Pending("a newer one", SPRING)),
        state(WINTER, pending=None),
        IssueState(ISSUE),
    ],
    ids=["another is under way", "none is under way", "the field is unknown"],
)
def test_a_write_that_newer_decisions_have_overtaken_is_left_undone(know, perform, tracker, known) -> None:
    know(known)
    tracker.hold("milestone", SPRING)

    assert perform(RESTORE) == Ending(MOVED_ON, "a newer decision took its place")
    assert tracker.calls == []


@pytest.mark.usefixtures("under_way")
def test_an_issue_that_is_gone_cannot_be_set_back(perform, tracker) -> None:
    tracker.truth = None

    assert perform(RESTORE) == Ending(GIVEN_UP, "the issue is gone")


@pytest.mark.usefixtures("under_way")
def test_a_field_that_is_gone_is_left_alone(perform, tracker) -> None:
    tracker.change(deadlines={})

    assert perform(RESTORE).how == MOVED_ON


@pytest.mark.parametrize("error", [Unwritten("the milestone did not take"), Refused("403")])
@pytest.mark.usefixtures("under_way")
def test_a_write_that_does_not_take_is_given_up_with_its_reason(perform, tracker, error) -> None:
    tracker.fail("set_deadline", error)

    assert perform(RESTORE) == Ending(GIVEN_UP, str(error))


@pytest.mark.parametrize("method", ["issue", "set_deadline"])
@pytest.mark.usefixtures("under_way")
def test_a_tracker_that_is_away_is_no_ending(perform, tracker, method) -> None:
    tracker.fail(method, Unavailable("503"))

    with pytest.raises(Unavailable):
        perform(RESTORE)


@pytest.mark.usefixtures("under_way")
def test_what_a_refusal_says_to_people_stands_in_the_receipt(perform, tracker) -> None:
    tracker.fail("set_deadline", Refused("GitHub: PATCH … was answered 403", "Give it write access."))

    assert perform(RESTORE) == Ending(
        GIVEN_UP, "GitHub: PATCH … was answered 403", hint="Give it write access."
    )


def test_words_about_a_date_that_was_set_right_meanwhile_are_left_unsaid(perform, tracker) -> None:
    change = Change("milestone", Kind.LATER, WINTER, SPRING)
    words = effect(say("date-not-agreed", change=change, setback=Setback("refused")))
    tracker.hold("milestone", WINTER)

    assert perform(words) == Ending(MOVED_ON, "the date has been set right meanwhile")
    assert tracker.posted == {}


def test_whoever_signed_is_asked_first_where_the_date_could_not_be_set(perform, tracker, message) -> None:
    message("{{ product.mention }}")

    perform(effect(say(actor=OMAR, setback=Setback("refused", "apply"), proposal=proposal())))

    assert tracker.posted["e1"][1] == "@omar"


# ---------------------------------------------------------------- labels and links


@pytest.mark.parametrize("present", [True, False])
def test_a_label_is_set_on_a_private_issue(perform, tracker, present) -> None:
    assert perform(effect(SetLabel("waiting", present))) == Ending(DONE)
    assert tracker.labels == {"waiting": present}


def test_a_public_issue_gets_no_label(perform, tracker) -> None:
    """Whether it is public is asked now: it may have turned so while the label was waiting."""
    tracker.answers_public = True

    assert perform(effect(SetLabel("customer-request", True))).how == DONE
    assert tracker.labels == {}


@pytest.mark.parametrize("holds", ["yes", "No", "", None])
def test_a_field_is_emptied_as_long_as_it_holds_what_was_read(perform, tracker, holds) -> None:
    choices = () if holds is None else (Choice("Word", holds, "Word of product"),)
    tracker.change(choices=choices)

    ending = perform(effect(EmptyField("word", "Yes")))

    emptied = holds == "yes"
    assert ending.how == (DONE if emptied else MOVED_ON)
    assert [call[0] for call in tracker.calls].count("empty_field") == emptied


def test_a_field_that_may_not_be_emptied_is_looked_at_again_to_say_so(perform, tracker) -> None:
    tracker.change(choices=(Choice("Word", "Yes", "Word of product"),))
    tracker.fail("empty_field", Refused("400", "“Word” has to hold something."))

    ending = perform(effect(EmptyField("Word", "Yes")))

    assert (ending.how, ending.hint, ending.again) == (GIVEN_UP, "“Word” has to hold something.", True)


@pytest.mark.parametrize("shown", [True, False])
def test_a_deal_is_shown_and_taken_away_on_the_tracker(know, perform, tracker, shown) -> None:
    know(state(linked=shown))

    assert perform(effect(ShowDeal(DEAL.subject, shown))) == Ending(DONE, SHOWN if shown else "")
    assert tracker.shown == {DEAL.key: shown}


def test_a_deal_that_cannot_be_read_any_more_can_still_be_taken_away(perform, tracker, crm) -> None:
    crm.known.clear()

    assert perform(effect(ShowDeal(DEAL.subject, False))) == Ending(DONE)
    assert tracker.shown == {DEAL.key: False}


# ---------------------------------------------------------------- words on the issue


DEALS = """
{%- unless issue.public -%}
  {{ issue.deals.size }}: {% for deal in issue.deals %}{{ deal.name }}.{% endfor %}
{%- endunless %}"""


def told(port) -> list[tuple[Subject, str]]:
    return list(port.posted.values())


def test_words_are_posted_under_the_key_of_their_effect(perform, tracker, message) -> None:
    message("Hello.")

    assert perform(effect(say(), key="words")) == Ending(DONE, "note-1")
    assert tracker.posted == {"words": (ISSUE, "Hello.")}


def test_what_people_typed_is_encoded_for_the_tracker(perform, tracker, message) -> None:
    message("About {{ issue.title }}, asked by {{ actor.name }}: {{ answer.because }}.")

    perform(effect(say(actor=LEE, because="the export /signoff")))

    assert told(tracker) == [(ISSUE, "About «Single sign-on», asked by «lee»: «the export /signoff».")]


def test_on_a_first_try_nobody_looks_for_an_earlier_one(perform, tracker, message) -> None:
    message("Hello.")

    perform(effect(say()))

    assert "find" not in tracker.asked


def test_a_notice_whose_answer_was_lost_is_found_and_not_posted_again(perform, tracker, message) -> None:
    message("Hello.")
    tracker.fail("post", Unavailable("connection lost"), after=True)
    with pytest.raises(Unavailable):
        perform(effect(say(), key="words"))

    assert perform(effect(say(), key="words"), tries=2) == Ending(DONE, "found-words")
    assert len(told(tracker)) == 1


def test_a_notice_that_never_arrived_is_posted_on_the_second_try(perform, tracker, message) -> None:
    message("Hello.")
    tracker.fail("post", Unavailable("connection refused"))
    with pytest.raises(Unavailable):
        perform(effect(say(), key="words"))

    assert perform(effect(say(), key="words"), tries=2).how == DONE
    assert told(tracker) == [(ISSUE, "Hello.")]


def test_a_notice_that_was_found_needs_no_reading_of_issue_and_deals(perform, tracker, crm, message) -> None:
    message("Hello.")
    tracker.posted["words"] = (ISSUE, "Hello.")

    perform(effect(say(), key="words"), tries=2)

    assert tracker.asked == ["find", "public"]
    assert crm.calls == []


def test_words_speak_of_the_issue_as_it_is_now(perform, tracker, message) -> None:
    message("{{ issue.title }}")
    planned = effect(say())
    tracker.change(title="Single sign-on for all")

    perform(planned)

    assert told(tracker) == [(ISSUE, "«Single sign-on for all»")]


def test_words_are_those_of_the_rules_at_that_moment(perform, tracker, message) -> None:
    planned = effect(say())
    message("The old words.")
    message("The new words.")

    perform(planned)

    assert told(tracker) == [(ISSUE, "The new words.")]


def test_a_private_issue_may_speak_of_its_deals_read_in_one_call(
    know, perform, tracker, crm, message
) -> None:
    know(state())
    message(DEALS)

    perform(effect(say()))

    assert told(tracker) == [(ISSUE, "1: «Borealis Ltd, 300 seats».")]
    assert crm.calls == [("deals", DEAL.key)]


def test_an_unlinked_issue_asks_nothing_of_the_crm(know, perform, crm, message) -> None:
    know(state(linked=False))
    message("Hello.")

    perform(effect(say()))

    assert crm.calls == []


def test_on_a_public_issue_no_deal_is_looked_up(know, perform, tracker, crm, message) -> None:
    know(state())
    tracker.change(public=True)
    message(f"Hello. {DEALS}")

    perform(effect(say()))

    assert told(tracker) == [(ISSUE, "Hello.")]
    assert crm.calls == []


def test_an_issue_that_turns_public_while_words_wait_counts_as_public(
    know, perform, tracker, crm, message
) -> None:
    know(state())
    tracker.answers_public = True
    message(f"Hello. {DEALS}")

    perform(effect(say()))

    assert told(tracker) == [(ISSUE, "Hello.")]
    assert crm.calls == []
    assert tracker.asked.index("public") > tracker.asked.index("issue"), "asked anew, not remembered"


def test_words_about_an_issue_that_is_gone_are_given_up(perform, tracker, message) -> None:
    message("Hello.")
    tracker.truth = None

    assert perform(effect(say())) == Ending(GIVEN_UP, "the issue is gone")
    assert told(tracker) == []


def test_words_that_cannot_be_rendered_are_given_up_with_their_place(
    perform, tracker, message, folder
) -> None:
    """What only the data of the moment shows is not found when the rules are loaded."""
    message('Hello.\n{% if issue.title contains "sign-on" %}{{ issue.title | day }}{% endif %}')

    ending = perform(effect(say()))

    assert ending.how == GIVEN_UP
    assert ending.text.startswith(f"{folder}/messages/date-held.issue.liquid:2:")
    assert told(tracker) == []


def test_words_without_a_message_are_given_up_with_the_file_that_is_missing(perform, tracker) -> None:
    ending = perform(effect(say("no-such-message")))

    assert ending.how == GIVEN_UP
    assert ending.text.endswith("messages/no-such-message.issue.liquid:1:1: there is no such file")
    assert told(tracker) == []


def test_words_the_tracker_refuses_are_given_up_with_its_reason(perform, tracker, message) -> None:
    message("Hello.")
    tracker.fail("post", Refused("the conversation is locked"))

    assert perform(effect(say())) == Ending(GIVEN_UP, "the conversation is locked")


@pytest.mark.parametrize("method", ["issue", "public", "product", "post"])
def test_while_the_tracker_is_away_words_wait(perform, tracker, message, method) -> None:
    message("Hello.")
    tracker.fail(method, Unavailable("503"))

    with pytest.raises(Unavailable):
        perform(effect(say()))


# ---------------------------------------------------------------- whom the answer comes from


PRODUCT = "{{ product.mention }} of {{ product.people }}, {{ product.group }}"


def test_one_person_is_pinged_and_the_others_named(perform, tracker, message) -> None:
    message(PRODUCT)
    tracker.people = (MONA, OMAR)

    perform(effect(say(proposal=proposal())))

    [(_, text)] = told(tracker)
    assert text.startswith("@mona of ")
    assert "«omar»" in text


@pytest.mark.parametrize(
    ("policy", "asked"),
    [("product", "product"), ("legal", "legal"), ("dropped from the rules", "legal")],
)
def test_the_answer_comes_from_the_policy_the_proposal_waits_for(
    perform, tracker, message, policy, asked
) -> None:
    message("{{ product.group }}")

    perform(effect(say(proposal=proposal(policy=policy))))

    assert [call for call in tracker.calls if call[0] == "product"] == [("product", asked)]


def test_where_nobody_is_known_nobody_is_pinged(perform, tracker, message) -> None:
    message("[{{ product.mention }}]")
    tracker.people = ()

    perform(effect(say()))

    assert told(tracker) == [(ISSUE, "[]")]


def test_without_a_sign_off_policy_nobody_is_asked_for(perform, tracker, message, folder) -> None:
    rules = (folder / "rules.yaml").read_text()
    (folder / "rules.yaml").write_text(rules.partition("sign_off:")[0] + "rules: []\n")
    message("[{{ product.group }}{{ product.mention }}]")

    perform(effect(say()))

    assert told(tracker) == [(ISSUE, "[«»]")]
    assert "product" not in tracker.asked


def test_a_reply_pings_whoever_wrote_the_command(perform, tracker, message) -> None:
    message("{{ reply.to }}, {{ reply.problem }}")
    written = Written(Command("link", problem="Name one deal."), "c1", LEE, NOW)

    perform(effect(say(actor=LEE, written=written)))

    assert told(tracker) == [(ISSUE, "@lee, «Name one deal.»")]


# ---------------------------------------------------------------- words on a deal


def test_words_for_a_deal_go_to_the_crm_in_its_own_language(know, perform, tracker, crm, message) -> None:
    know(state())
    message("Not for here.")
    message("{{ deal.name }}: {{ issue.name }}", "deals")

    words = "«Borealis Ltd, 300 seats»: «“Single sign-on”»"
    assert perform(effect(say(), key="words", target=ON_DEAL)) == Ending(DONE, "note-1", said=words)
    assert crm.posted == {"words": (ON_DEAL, words)}
    assert told(tracker) == []


def test_a_deal_hears_of_itself_only(know, perform, crm, message) -> None:
    crm.known["SALES-8"] = Deal(deal("SALES-8"), "Boreas", "")
    know(state())
    message("{{ issue.deals.size }}", "deals")

    perform(effect(say(), target=ON_DEAL))

    assert told(crm) == [(ON_DEAL, "1")]
    assert crm.calls[0] == ("deals", DEAL.key)


def test_deals_of_a_public_issue_are_told_too(perform, tracker, crm, message) -> None:
    tracker.answers_public = True
    message("{{ deal.name }}", "deals")

    perform(effect(say(), target=ON_DEAL))

    assert told(crm) == [(ON_DEAL, "«Borealis Ltd, 300 seats»")]


def test_nobody_is_pinged_on_a_deal_for_what_an_engineer_wrote(perform, crm, message) -> None:
    message("[{{ reply.to }}]", "deals")
    written = Written(Command("link"), "c1", LEE, NOW)

    perform(effect(say(actor=LEE, written=written), target=ON_DEAL))

    assert told(crm) == [(ON_DEAL, "[]")]


def test_a_note_on_a_deal_is_looked_for_there_before_it_is_posted_again(
    perform, tracker, crm, message
) -> None:
    message("Hello.", "deals")
    crm.fail("post", Unavailable("connection lost"), after=True)
    with pytest.raises(Unavailable):
        perform(effect(say(), key="words", target=ON_DEAL))

    assert perform(effect(say(), key="words", target=ON_DEAL), tries=2) == Ending(DONE, "found-words")
    assert tracker.asked.count("find") == 0


def test_a_deal_that_left_its_place_is_not_written_to(perform, crm, tracker, message) -> None:
    """Its old key would lead to where it is now."""
    message("Hello {{ deal.name }}.", "deals")
    crm.known.clear()

    assert perform(effect(say(), target=ON_DEAL)) == Ending(
        MOVED_ON, "SALES-7 is not among the deals any more"
    )
    assert perform(effect(ShowDeal(DEAL.subject, True))).how == MOVED_ON
    assert (crm.posted, tracker.shown) == ({}, {})


def test_an_issue_whose_place_the_rules_name_no_more_gets_no_words(perform, tracker, message) -> None:
    message("Hello.")
    elsewhere = replace(ISSUE, key="acme/elsewhere#12")
    tracker.truth = replace(tracker.truth, subject=elsewhere)

    assert perform(effect(say(), issue=elsewhere, target=elsewhere)).how == MOVED_ON
    assert tracker.posted == {}


@pytest.mark.parametrize("audience", ["issue", "deals"])
def test_elsewhere_a_secured_deal_is_a_key_and_nothing_more(
    know, perform, crm, tracker, message, audience
) -> None:
    know(state())
    crm.known[DEAL.key] = replace(DEAL, owner="Sam", secured=True)
    words = "{{ d.key }} {{ d.name }} {{ d.owner }} {{ d.closes }}"
    loop = f"{{% for d in issue.deals %}}{words}{{% endfor %}}."
    message(f"{{% unless issue.public %}}{loop}{{% endunless %}}", audience)

    perform(effect(say(), target=ON_DEAL if audience == "deals" else ISSUE))

    [(_, text)] = told(crm if audience == "deals" else tracker)
    its_own = "«SALES-7» «Borealis Ltd, 300 seats» «Sam» «2027-03-20»."
    assert text == (its_own if audience == "deals" else "«SALES-7» «SALES-7» «» «».")


def test_what_has_nothing_to_say_in_public_is_not_said(perform, tracker, message) -> None:
    message("{% unless issue.public %}Hello.{% endunless %}")
    tracker.answers_public = True

    assert perform(effect(say())).how == MOVED_ON
    assert tracker.posted == {}


def test_words_that_arrived_before_their_issue_turned_public_are_edited(perform, tracker, message) -> None:
    message("{% unless issue.public %}For Borealis.{% endunless %}")
    tracker.fail("post", Unavailable("connection lost"), after=True)
    with pytest.raises(Unavailable):
        perform(effect(say(), key="words"))
    tracker.answers_public = True

    assert perform(effect(say(), key="words"), tries=2) == Ending(DONE, f"found-words{IN_PUBLIC}")
    assert told(tracker) == [(ISSUE, WITHHELD)]


@pytest.mark.parametrize("name", ["date-held", "no-such-message"])
def test_taking_back_leaves_what_strangers_may_read_also_where_the_message_is_at_fault(
    perform, tracker, message, name
) -> None:
    message("Hello{% unless issue.public %} Borealis{% endunless %}.")
    tracker.posted["words"] = (ISSUE, "Hello Borealis.")
    tracker.answers_public = True

    assert perform(effect(Redact("words", "c9", say(name)))) == Ending(DONE, "c9")
    assert told(tracker) == [(ISSUE, "Hello." if name == "date-held" else WITHHELD)]


def test_nothing_is_taken_back_where_strangers_cannot_read_any_more(perform, tracker, message) -> None:
    message("Hello.")
    tracker.posted["words"] = (ISSUE, "Hello Borealis.")

    assert perform(effect(Redact("words", "c9", say()))).how == MOVED_ON
    assert told(tracker) == [(ISSUE, "Hello Borealis.")]


def test_nothing_is_left_of_an_intent_to_set_nothing(know, perform, tracker) -> None:
    know(state(NOTHING, pending=Pending("restore", SPRING)))
    tracker.hold("milestone", SPRING)

    assert perform(effect(key="restore")) == Ending(DONE, "restore: ")
    assert tracker.truth.deadlines == {"milestone": NOTHING}
