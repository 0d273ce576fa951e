"""The pages people look at in the demo."""

from __future__ import annotations

from datetime import date

import requests

from automation.sandbox import adf


def test_an_issue_is_shown_with_its_milestone_and_comments(box, curl):
    sam = box.github.as_user("sam")
    sam.set_milestone("acme/shop", 1, "March")
    sam.comment("acme/shop", 1, "**Due date kept**\n\n`/signoff 2027-03-01`")
    page = curl(None, "GET", "/acme/shop/issues/1")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Single sign-on #1" in page.text
    assert "March (due 1 March 2027)" in page.text
    assert "<strong>Due date kept</strong>" in page.text
    assert "<code>/signoff 2027-03-01</code>" in page.text


def test_html_is_shown_as_typed_and_comments_are_hidden(box, curl):
    script = "<script>alert(1)</script> and <b>bold</b> <!-- two\nlines --> end"
    text = f"<!-- marker:1 -->\n\n{script}\n\n`<!-- kept -->`"
    box.github.as_user("sam").comment("acme/shop", 1, text)
    page = curl(None, "GET", "/acme/shop/issues/1").text
    assert "marker:1" not in page
    assert "two" not in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<code>&lt;!-- kept --&gt;</code>" in page


def test_a_title_is_escaped(box, curl):
    box.github.as_user("sam").edit_issue("acme/shop", 1, title="<img src=x>")
    for path in ("/", "/acme/shop/issues/1"):
        assert "<img" not in curl(None, "GET", path).text


def test_a_deal_is_shown_with_its_date_and_comments(box, curl):
    box.jira.as_user("dana").comment("SALES-1", "One\n\nTwo <b>")
    page = curl(None, "GET", "/browse/SALES-1").text
    assert "Contract for 40 seats" in page
    assert "31 January 2027" in page
    assert "<p>One</p><p>Two &lt;b&gt;</p>" in page


def test_the_front_pages_lead_to_everything(box, curl):
    assert 'href="/acme/shop/issues/1"' in curl(None, "GET", "/").text
    assert 'href="/browse/SALES-1"' in requests.get(box.jira_url, timeout=5).text


def test_a_missing_page_is_a_404(curl):
    assert curl(None, "GET", "/acme/shop/issues/99").status_code == 404
    assert curl(None, "GET", "/browse/NO-1").status_code == 404


def test_documents_become_html_and_dangerous_links_become_words():
    def text(words: str, *marks: dict[str, object]) -> dict[str, object]:
        return {"type": "text", "text": words, "marks": list(marks)}

    item = {"type": "listItem", "content": [{"type": "paragraph", "content": [text("one")]}]}
    link = {"type": "link", "attrs": {"href": "https://example.com/?a=1&b=2"}}
    script = {"type": "link", "attrs": {"href": "javascript:alert(1)"}}
    document = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "heading", "attrs": {"level": 2}, "content": [text("Plan")]},
            {"type": "bulletList", "content": [item]},
            {"type": "paragraph", "content": [text("bold", {"type": "strong"}), {"type": "hardBreak"}]},
            {"type": "paragraph", "content": [text("go", link), text("no", script)]},
            {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "1", "text": "@Dana"}}]},
        ],
    }
    assert adf.to_html(document) == (
        "<h2>Plan</h2><ul><li><p>one</p></li></ul><p><strong>bold</strong><br></p>"
        '<p><a href="https://example.com/?a=1&amp;b=2" rel="nofollow noreferrer">go</a>no</p>'
        "<p><span class=mention>@Dana</span></p>"
    )
    assert adf.to_text(document) == "Plan\none\nbold\n\ngono\n@Dana"


def test_days_are_shown_without_a_leading_zero(box, curl):
    box.jira.as_user("dana").set_duedate("SALES-1", date(2027, 3, 1))
    assert "<dd>1 March 2027</dd>" in curl(None, "GET", "/browse/SALES-1").text
