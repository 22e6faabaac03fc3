"""Every page, in both languages, with what a school would have on it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from services.http.language import LANGUAGES, Language
from services.web.rendering import render
from tests.services.web import samples, samples_observation, samples_plan
from tests.services.web.pages import draw, environment
from tests.services.web.samples_ground import shell

HAN = re.compile(r"[\u4e00-\u9fff]")
# Elements whose words are the page's own, not what people typed.
LABELS = ("aria-label", "placeholder")
VOID = {"meta", "link", "input", "img", "br", "hr", "source", "path", "circle", "use", "rect"}


class Page(HTMLParser):
    """The few facts of a page that the tests ask about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.labelled: set[str] = set()
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag == "label" and "for" in found:
            self.labelled.add(found["for"])
        if tag not in VOID:
            self.open.append(tag)
        found["inside-label"] = "yes" if "label" in self.open else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"<{self.open[-1:]}> is closed by </{tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module", params=LANGUAGES)
def drawn(request: pytest.FixtureRequest) -> dict[str, Page]:
    return {name: Page(html) for name, html in draw(request.param).items()}


@pytest.mark.parametrize("name", samples.PAGES_BY_NAME)
class TestEveryPage:
    def test_is_well_formed_with_one_main_and_one_first_heading(
        self, drawn: dict[str, Page], name: str
    ) -> None:
        page = drawn[name]
        assert page.open == []
        assert len(page.all("main")) == 1
        # The uploader writes its own heading; without script the fallback has one.
        assert len([tag for tag, _ in page.elements if tag == "h1"]) == (
            2 if name == "policy" else 1
        )
        assert any(link.get("href") == "#main" for link in page.all("a"))

    def test_labels_every_field(self, drawn: dict[str, Page], name: str) -> None:
        page = drawn[name]
        for field in page.all("input", "select", "textarea"):
            if field.get("type") == "hidden" or "hidden" in field:
                continue
            assert (
                field.get("aria-label") or field.get("id") in page.labelled or field["inside-label"]
            ), field

    def test_names_nothing_twice_and_points_at_what_is_there(
        self, drawn: dict[str, Page], name: str
    ) -> None:
        page = drawn[name]
        ids = [found["id"] for _, found in page.elements if found.get("id")]
        assert len(ids) == len(set(ids))
        for _, found in page.elements:
            for pointer in ("aria-labelledby", "aria-describedby", "form", "for"):
                assert found.get(pointer, ids[0]) in ids, (pointer, found)

    def test_guards_every_form_that_changes_something(
        self, drawn: dict[str, Page], name: str
    ) -> None:
        page = drawn[name]
        posts = [form for form in page.all("form") if form.get("method") == "post"]
        tokens = [field for field in page.all("input") if field.get("name") == "csrf_token"]
        assert len(tokens) == len(posts)
        assert all(field["value"] == "sample-csrf-token" for field in tokens)

    def test_says_everything_in_the_language_of_the_page(
        self, drawn: dict[str, Page], name: str
    ) -> None:
        page = drawn[name]
        if page.all("html")[0]["lang"] != "en":
            return
        for _, found in page.elements:
            for label in LABELS:
                words = found.get(label, "")
                assert not HAN.search(_without_samples(words)), words

    def test_carries_no_style_and_no_script_of_its_own(
        self, drawn: dict[str, Page], name: str
    ) -> None:
        page = drawn[name]
        for tag, found in page.elements:
            assert "style" not in found
            assert not any(attribute.startswith("on") for attribute in found)
            if tag == "script":
                assert "src" in found or found["type"] == "application/json"


def _without_samples(words: str) -> str:
    """What is left of a label when titles and names that people typed are taken out."""
    typed = [samples.TEACHER.name, samples.HEAD.name, samples.OFFICER.name]
    typed += [samples.RESOURCE.title, samples.POLICY.title, "教师教学常规检查与评价方案"]
    typed += [*samples_observation.TYPED, *samples_plan.TYPED]
    for text in typed:
        words = words.replace(text, "")
    return words


def page(language: Language, name: str) -> str:
    person, view = samples.PAGES_BY_NAME[name]
    return render(environment(language), shell(language, person), view)


def test_only_shows_the_parts_that_are_a_persons_own() -> None:
    teacher, officer = page("zh", "home"), page("zh", "home-officer")
    assert 'href="/mine"' in teacher and 'href="/review"' not in teacher
    assert 'href="/review"' in officer and 'href="/upload"' not in officer
    assert 'href="/people"' in page("zh", "people")
    assert 'href="/library"' not in page("zh", "signin")


def test_what_people_typed_cannot_become_markup() -> None:
    hostile = '"><script>alert(1)</script>'
    card = samples.lesson(title=hostile)
    view = samples.HOME
    html = render(environment("zh"), shell(), type(view)(**{**vars(view), "watching": (card,)}))
    assert "<script>alert" not in html
    assert "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_configuration_of_the_uploader_cannot_close_its_script() -> None:
    html = page("zh", "upload")
    assert "本校</script>" not in html
    assert r"\u003c/script\u003e" in html


def test_a_form_keeps_what_was_typed_and_says_what_is_wrong_beside_the_field() -> None:
    parsed = Page(page("zh", "edit-wrong"))
    fields = {field["name"]: field for field in parsed.all("input") if "name" in field}
    assert fields["unit"]["value"] == "第五章 一元一次方程"
    assert fields["title"]["aria-invalid"] == "true"
    assert fields["title"]["aria-describedby"] == "f-title-wrong"
    assert "请写上题目" in "".join(parsed.text)
    chosen = [box["value"] for box in parsed.all("input") if "checked" in box]
    assert chosen == ["school:12", "agreement:1"]


def test_a_password_is_never_sent_back() -> None:
    values = {"username": "xiangyuhe", "password": "hunter2 hunter2"}
    view = samples.v.SignInView(samples.v.Form(values))
    html = render(environment("zh"), shell(person=None), view)
    assert "xiangyuhe" in html and "hunter2" not in html


def test_marks_exactly_what_was_searched_for() -> None:
    html = page("zh", "library")
    assert "<mark>配套问题</mark>" in html
    assert "一个灯架要配四条灯穗，这就是配套问题里的等量关系" in re.sub(r"</?mark>", "", html)


def test_a_facet_without_results_keeps_its_place_but_cannot_be_ticked() -> None:
    boxes = {box.get("value"): box for box in Page(page("zh", "library")).all("input")}
    assert "disabled" in boxes["research_output"]
    assert "disabled" not in boxes["courseware"]


def test_a_lesson_that_plays_and_failed_says_so_and_is_tried_again() -> None:
    html = page("zh", "lesson-failed")
    assert "能看，但没有全部做成" in html
    assert 'action="/jobs/7/retry"' in html
    assert "更多清晰度正在做" not in html


def test_the_english_page_speaks_english_and_counts_in_it() -> None:
    html = page("en", "mine")
    assert '<html lang="en">' in html
    assert "2 files are unfinished" in html
    assert "Ready to watch, encoding" in html and "2 min left" in html
