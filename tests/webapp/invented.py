"""Invented pages of small news sites, and the files they come in."""

from __future__ import annotations

import io
import json
import random
import zipfile

from webapp.records import Upload

_STORIES = (
    ("Ferry to Lyng returns", "The ferry to Lyng sails again from Tuesday after three weeks in the dock."),
    ("School roof holds", "The new roof of the school held through the storm that took the old one."),
    ("Choir looks for basses", "The town choir has tenors to spare and only one bass who can read music."),
    ("Otter seen at the mill", "Two children saw an otter below the mill and counted four of its young."),
    ("Bakery moves uphill", "The bakery on the quay moves uphill because the water now reaches its ovens."),
    ("Market day kept", "The council keeps market day on Thursday after more people wrote than ever before."),
)


def story(number: int, site: str) -> str:
    """The text of page `number` of a site: its menu, a headline, two paragraphs, and its footer."""
    headline, sentence = _STORIES[number % len(_STORIES)]
    return "\n".join(
        (
            f"Home | News | Weather | Letters to {site} | Sign in",
            f"{headline}, part {number}",
            f"{number % 28 + 1} March 2021, 0{number % 10}:15",
            f"{sentence} That was said {number} times on {site} before anybody wrote it down in full.",
            f"Nobody asked for more than {number * 7} words about it, and the mayor gave them {number * 9}.",
            f"Like this story? Follow {site} every morning and evening, wherever you are.",
            f"Copyright {site}. All rights reserved. Imprint, privacy, cookies and contact.",
        )
    )


def archive(sites: dict[str, int]) -> bytes:
    """A zip with so many pages of each site in a folder of its name, and one member that is no page."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        for site, pages in sites.items():
            for number in range(pages):
                members.writestr(f"{site}/{number}.txt", story(number, site))
        members.writestr("broken.zip", b"PK\x03\x04 and nothing more")
    return packed.getvalue()


def rows(site: str, pages: int) -> bytes:
    """The pages of a site as JSON lines; the last line is not an object."""
    lines = [json.dumps({"id": str(number), "site": site, "text": story(number, site)}) for number in range(pages)]
    return "\n".join([*lines, "17"]).encode()


WORDS = (
    "The dredger that has kept the channel open since the spring flood will leave on Friday, a week earlier than its"
    " owners had promised, and nobody in the harbour office could say on Monday which ship would take its place.",
    "Pilots measured eleven feet of water over the bar at the lowest tide, which is enough for the trawlers but not"
    " for the grain ships, so the mill upriver has begun to buy its wheat by rail and has let two lightermen go.",
    "The company told the council in a letter that the pump was worn out and that a new one could not be had before"
    " the autumn, and offered to send a smaller boat in September if the town paid for the coal it would burn.",
)


def wire(site: str, paragraphs: int = 3) -> str:
    """An agency's story on the page of a site: the same words between what is the site's own."""
    return "\n".join(
        (
            f"Home | News | Weather | Letters to {site} | Sign in",
            site.partition(".")[0].title(),
            *WORDS[:paragraphs],
            f"Like this story? Follow {site} every morning and evening, wherever you are.",
            f"Copyright {site}. All rights reserved. Imprint, privacy, cookies and contact.",
        )
    )


def paragraph(number: int, sentences: int = 4) -> str:
    """Sentences that no other number has."""
    pick = random.Random(number)

    def sentence() -> str:
        return " ".join("".join(pick.choices("abdeginorstu", k=pick.randint(3, 8))) for _ in range(14))

    return " ".join(f"{sentence().capitalize()}." for _ in range(sentences))


def upload(name: str, content: bytes) -> Upload:
    return Upload(name, io.BytesIO(content))
