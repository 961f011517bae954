"""Dates in a text: what they say in ISO 8601, and when it is better to say nothing."""

import itertools
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import dates as module
from detect.dates import calendar_day, dates, iso
from detect.signs import ALL, folded
from detect.wordlists import MONTH_NAMES, MORE_MONTH_NAMES

# The months in order, as the lists name them; the lists leave out what an earlier row has.
YEARS = """
january february march april may june july august september october november december
jänner februar märz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
januari februari maart april mei juni juli augustus september oktober november december
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
януари февруари март април май юни юли август септември октомври ноември декември
јануар фебруар март април мај јун јул август септембар октобар новембар децембар
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
ledna února března dubna května června července srpna září října listopadu prosince
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
januari februari maret april mei juni juli agustus september oktober november desember
"""


@pytest.mark.parametrize("names", [row.split() for row in YEARS.strip().split("\n")], ids=lambda names: names[0])
def test_every_month_of_a_language_has_its_number(names):
    assert [iso(f"3 {name} 2016") for name in names] == [f"2016-{month:02}-03" for month in range(1, 13)]


def test_every_month_that_is_known_has_a_number_but_the_one_that_is_two():
    names = (MONTH_NAMES + MORE_MONTH_NAMES).split()
    assert {name for name in names if not iso(f"3. {name} 2016")} == {"listopada"}


def test_a_beginning_of_a_month_is_read_as_the_months_it_begins_or_not_at_all():
    names = {folded(name) for name in (MONTH_NAMES + MORE_MONTH_NAMES).split()}
    for name in names:
        for short in {name[:length] for length in range(3, len(name))} - names:
            months = {iso(f"3. {other} 2016") for other in names if other.startswith(short)}
            assert iso(f"3. {short} 2016") in {""} | (months if len(months) == 1 else set())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Published 3 May 2016 by the desk", "2016-05-03"),
        ("May 3rd, 2016", "2016-05-03"),
        ("2016-05-03", "2016-05-03"),
        ("2016/5/3", "2016-05-03"),
        ("2016. 05. 03.", "2016-05-03"),
        ("3.5.2016", "2016-05-03"),
        ("３ May ２０１６", "2016-05-03"),
        ("١٤ مايو ٢٠١٦", "2016-05-14"),
        ("2016年5月3日", "2016-05-03"),
        ("2016년 5월 3일", "2016-05-03"),
        ("3 tháng 5, 2016", "2016-05-03"),
        ("3 พฤษภาคม 2559", "2016-05-03"),
        ("29 February 2016", "2016-02-29"),
        ("29 February 2000", "2000-02-29"),
        ("12 May, then 4 June 2016 and 5 July 2017", "2016-06-04"),
    ],
)
def test_the_first_full_date_is_told(text, said):
    assert iso(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/05/2016", ""),
        ("03-05-2016", ""),
        ("3 / 5 / 2016", ""),
        ("05/05/2016", "2016-05-05"),
        ("13/05/2016", "2016-05-13"),
        ("05/13/2016", "2016-05-13"),
        ("13-05-2016", "2016-05-13"),
        ("03.05.2016", "2016-05-03"),
        ("05.13.2016", "2016-05-13"),
        ("2016/03/05", "2016-03-05"),
        ("2016/13/05", ""),
    ],
)
def test_day_and_month_are_told_apart_only_where_the_numbers_or_the_dots_tell_them(text, said):
    assert iso(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "May",
        "3 May",
        "3 hours ago",
        "31 February 2016",
        "31/02/2016",
        "31.4.2016",
        "2016-02-30",
        "29 February 2015",
        "29 February 1900",
        "0 May 2016",
        "3 May 20160",
        "3 Maybe 2016",
        "20160503",
    ],
)
def test_what_is_no_day_of_the_calendar_says_nothing(text):
    assert iso(text) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 lis 2016", "2016-11-03"),
        ("3 listopada 2016", "2016-11-03"),
        ("3. listopada 2016", ""),
        ("3 lip 2016", "2016-07-03"),
        ("3. lip 2016", ""),
        ("3. srp 2016", ""),
        ("3 jui 2016", ""),
    ],
)
def test_a_month_that_may_be_two_is_told_only_where_the_dot_of_the_day_says_which(text, said):
    assert iso(text) == said


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2016-05-03T10:05", "10:05"),
        ("2016-05-03 10:05:59.123456", "10:05"),
        ("3 May 2016, 9.05", "09:05"),
        ("10:05, 3 May 2016", "10:05"),
        ("10:05 pm - 3 May 2016", "22:05"),
        ("3 mai 2016 à 10h05", "10:05"),
        ("3. Mai 2016 um 22.05 Uhr", "22:05"),
        ("May 3, 2016 at 3 pm", "15:00"),
        ("May 3, 2016 12:05 a.m.", "00:05"),
        ("May 3, 2016 12:05 PM", "12:05"),
        ("3 de mayo de 2016 a las 10:05 p. m.", "22:05"),
        ("3 Μαΐου 2016 10:05 μ.μ.", "22:05"),
        ("2016年5月3日 下午3:05", "15:05"),
        ("2016年5月3日 上午12:05", "00:05"),
        ("2016年5月3日 15時5分", "15:05"),
        ("2016년 5월 3일 오후 3:05", "15:05"),
        ("2016-05-03 10:05 EST", "10:05"),
        ("3 May 2016 10:05-11:00", "10:05"),
        ("3 May 2016 10:05 -11 comments", "10:05"),
    ],
)
def test_a_time_of_day_beside_a_date_is_told_with_it(text, clock):
    assert iso(text) == f"2016-05-03T{clock}"


@pytest.mark.parametrize("text", ["3 May 2016 25:00", "3 May 2016 45 pm", "3 May 2016 and at 10:00"])
def test_what_is_no_time_or_stands_apart_leaves_the_day(text):
    assert iso(text) == "2016-05-03"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2016-05-03T10:00:00Z", "2016-05-03T10:00"),
        ("2016-05-03T10:00+00:00", "2016-05-03T10:00"),
        ("2016-05-03T23:30-05:00", "2016-05-04T04:30"),
        ("2016-05-03T04:00:00+0530", "2016-05-02T22:30"),
        ("2016-12-31 23:00:00-02", "2017-01-01T01:00"),
        ("2016-01-01T00:30+01:00", "2015-12-31T23:30"),
        ("2016-03-01T00:30+01:00", "2016-02-29T23:30"),
        ("2015-02-28 23:30:00 -0100", "2015-03-01T00:30"),
        ("Tue, 03 May 2016 10:00:00 GMT", "2016-05-03T10:00"),
        ("3 May 2016 10:00 (GMT+2)", "2016-05-03T08:00"),
        ("2016-05-03T10:00:00+99:00", "2016-05-03T10:00"),
    ],
)
def test_a_time_with_its_distance_from_utc_is_told_in_utc(text, said):
    assert iso(text) == said


@given(st.integers(1990, 2099), st.integers(0, 13), st.integers(0, 32))
def test_a_day_is_in_the_calendar_exactly_where_pythons_has_it(year, month, day):
    import datetime

    try:
        said = datetime.date(year, month, day).isoformat()
    except ValueError:
        said = ""
    assert calendar_day(year, month, day) == said


@settings(deadline=None)
@given(st.text(st.sampled_from(list("0123456789 -/.:,TZ+年月日 apm")), max_size=40) | st.text(max_size=40))
def test_what_is_told_is_empty_or_a_date_that_is_read_as_itself(text):
    said = iso(text)
    assert re.fullmatch(r"(\d{4}-\d\d-\d\d(T\d\d:\d\d)?)?", said)
    assert iso(said) == said


@settings(deadline=None)
@given(st.text(st.sampled_from(list("0123456789 -/.:,年月日 may")), max_size=60))
def test_dates_never_overlap(text):
    found = dates(text)
    assert all(one.stop <= other.start for one, other in itertools.pairwise(found))


WORDS_OF_DATES = """
3 11 2020 3rd 1er 12:22 12h30 3pm 3.5.2016 2016-05-03 3/5/16 3.5. 12:30. 5月3日 2020年 3일전 3分钟前 ٣ ３ ² 1903 0
may May MAY März août KASIM kasım sept. d’août d'avril of de den mayor март МАРТ marca जनवरी ינואר M\u0301ay Ⓜay
ago AGO fa önce ÖNCE for FOR il y a hace vor une einer einem hour min. Minuten jours weeks ħ
Today TODAY Todays heute hier 今天 сегодня AUJOURD’HUI tháng THÁNG năm at um Uhr GMT T by word x\u2019May
"""
words_of_dates = st.sampled_from(WORDS_OF_DATES.split())
between = st.sampled_from(
    [" ", " ", " ", "", "  ", ", ", ".", "-", "/", " – ", "\u00a0", "\n", "\u2028", "’", "(", "_", "İ", "ſ"]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(words_of_dates, between), max_size=8).map(lambda some: "".join(a + b for a, b in some)))
def test_a_first_look_hides_no_date(text):
    found = dates(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "signs", lambda text: ALL)
        assert (dates(text) if re.search(r"\d", text) else []) == found


def test_a_hundred_thousand_dates_take_seconds():
    text = "3.5.2016 " * 100_000
    start = time.process_time()
    assert len(dates(text)) == 100_000
    assert time.process_time() - start < 10


def test_no_two_months_begin_alike():
    stems = [stem for month in module._MONTH_STEMS for stem in month.split()]
    assert len(stems) == len(set(stems))
