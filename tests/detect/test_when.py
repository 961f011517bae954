"""When a page came out: what was told with it goes before its address, that before what it says, that before its name."""

import pytest

from detect.records import Page
from detect.when import date_of


def page(id: str = "p", url: str = "", source: str = "", date: str = "") -> Page:
    return Page(id, "text", url=url, source=source, date=date)


def test_each_tells_only_where_what_goes_before_it_tells_nothing():
    told = {
        "date": "2011-01-01T10:00",
        "url": "https://example.com/2012/01/01/a",
        "id": "a-2014-01-01",
        "source": "20150101.zip/a",
    }
    heading = "1 January 2013"
    assert date_of(page(**told), heading) == "2011-01-01T10:00"
    assert date_of(page(**(told | {"date": ""})), heading) == "2012-01-01"
    assert date_of(page(id=told["id"], source=told["source"]), heading) == "2013-01-01"
    assert date_of(page(id=told["id"], source=told["source"])) == "2014-01-01"
    assert date_of(page(source=told["source"])) == "2015-01-01"
    assert date_of(page()) == ""


@pytest.mark.parametrize(
    "path",
    [
        "/2016/05/03/",
        "/2016/5/3/a-storm",
        "/news/2016/05/03",
        "/2016-05-03-a-storm",
        "/a/2016-05-03.html",
        "/20160503/a",
    ],
)
def test_an_address_tells_the_day_in_its_path(path):
    assert date_of(page(url=f"https://example.com{path}?p=1")) == "2016-05-03"
    assert date_of(page(url=f"example.com{path}")) == "2016-05-03"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/2016/05/12-things-to-do",
        "https://example.com/2016/05/",
        "https://example.com/2016/02/31/a",
        "https://example.com/2016/13/03/a",
        "https://example.com/1985/05/03/a",
        "https://example.com/article-20160503",
        "https://example.com/20160503",
        "https://example.com/120160503/a",
        "https://example.com/a?date=2016-05-03",
        "https://2016-05-03.example.com/a",
        "https://[2016-05-03/a",
    ],
)
def test_other_numbers_in_an_address_are_no_day(url):
    assert date_of(page(url=url)) == ""


def test_the_first_real_day_of_a_path_counts():
    assert date_of(page(url="https://example.com/2016/02/31/2016/05/03/a")) == "2016-05-03"


def test_a_heading_is_read_in_any_language_and_not_guessed():
    assert date_of(page(), "Опубликовано 3 мая 2016, 10:30") == "2016-05-03T10:30"
    assert date_of(page(id="2016-05-03"), "05/03/2016") == "2016-05-03"
    assert date_of(page(), "05/03/2016") == ""


@pytest.mark.parametrize(
    "name", ["2016-05-03", "news/20160503.txt", "APW20160503.0001", "a_20160503_7", "20160503T1000"]
)
def test_a_name_tells_the_day(name):
    assert date_of(page(id=name)) == date_of(page(source=name)) == "2016-05-03"


@pytest.mark.parametrize(
    "name",
    [
        "1985-05-03",
        "21000503",
        "20161303",
        "20160231",
        "120160503",
        "201605031",
        "a20160503f",
        "2016-05-031",
        "2016-5-3",
    ],
)
def test_other_numbers_in_a_name_are_no_day(name):
    assert date_of(page(id=name, source=name)) == ""


def test_a_date_that_is_none_leaves_it_to_the_others():
    assert date_of(page(id="2016-05-03", date="2016-02-31")) == "2016-05-03"
