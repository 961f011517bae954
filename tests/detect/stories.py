"""Texts written for the tests of text reuse, in several languages, and what may happen to a text on its way."""

import random

from detect import Page

FERRY = """The last wooden ferry on the Orrin left its berth on Friday morning with nobody on board but the engineer and a goat. Hettie Lindqvist, who has steered the boat since her father lost his sight, had promised the animal to a farmer on the northern shore, and she was not going to break her word because of a strike.

The crews had walked out at midnight. They want the company to replace the winter heating, which failed eleven times between November and March, and to pay them for the hours they spend waiting for fog to lift. The company answered that fog is weather, and that nobody is paid for weather.

By noon some three hundred commuters stood on the quay. A baker gave away what he could not deliver, two cyclists played chess on a suitcase, and a wedding party decided to hold its dinner in the waiting room, where the stationmaster lent them his tablecloth.

Talks go on tonight in the old customs house. Lindqvist said she would sail again on Saturday, goat or no goat, if a single passenger asked her to."""

LIBRARY = """When the boiler of the Kestrel Street library burst in January, the water rose quietly among the atlases for an entire weekend. Monday's first reader found the globe afloat beside the newspapers and telephoned the mayor, since no other number came to his mind.

Volunteers carried nine thousand volumes up the stairs to the gymnasium. They laid them open under hair dryers borrowed from four salons, turned every leaf by hand, and marked with red thread those which a binder in Tarn might still rescue. Sixty-one could not be saved, among them the only printed grammar of the island's dialect.

Its author, now ninety-three, was told about the loss over coffee. She shrugged and began to dictate the first chapter from memory, while a pupil from the secondary school wrote it down in a notebook with a picture of a horse.

The council expects repairs to cost half a million crowns. Until autumn, books can be borrowed in the changing rooms, where the shelves are labelled by swimming stroke."""

ORCHARD = """Apple growers in the Vess valley have stopped spraying their trees against moths and hired bats instead. Eleven hundred wooden boxes now hang from the barns between Upper Vess and the mill, each with room for a dozen tenants, and biologists count them every fortnight with microphones that hear what people cannot.

A single pipistrelle swallows as many as three thousand insects before sunrise. In the first summer damage fell by a third; by the second, several farms had sold their sprayers for scrap and spent the money on ladders.

Not everybody is happy. The owner of a guest house complains about droppings on her terrace, and the parish had to cover its organ with a tarpaulin after a colony moved in behind the pipes.

Still, the cooperative intends to double the number of boxes next spring. Its chairman, Emrys Hallam, keeps a tame noctule in the pocket of his cardigan, and lets schoolchildren feed it mealworms on Wednesdays."""

CLOCK = """For seventeen years the tower clock of Sollen ran four minutes fast, and the whole town lived by it. Shops closed early, trains were never missed, and visitors wondered why everyone got up from lunch at once.

Last week a watchmaker from the capital climbed the tower, uninvited, and put the hands right. He had meant it as a present. Within two days the bakery had burned a batch of rolls, the school bell and the buses disagreed, and forty people stood in front of a cinema whose film had already begun.

The mayor called a meeting in the market hall. After three hours and a collection for the baker it was decided, by a hundred and twelve votes to nine, to wind the clock forward once more, and to hang a small brass plate under the dial explaining the matter to strangers.

The watchmaker has apologised in writing. He was offered a season ticket for the swimming baths, valid from four minutes before opening."""

QUOTATION = """We were never asked to be fearless, only to be useful; and I have found that whoever carries water to a burning house soon forgets to tremble, because there is always another bucket, and another neighbour reaching out a hand for it."""

# Two reports on one subject, written apart.
BRIDGE_NORTH = """The northern span of the Calder bridge will stay shut to lorries until at least the end of October, the highways department announced after inspectors discovered cracks in two of its eight hangers. Cars may cross in a single lane, at thirty kilometres an hour, and pedestrians are asked to use the upstream walkway.

The fault came to light by accident. A diver who was looking for a lost outboard motor noticed rust flakes drifting down past his mask, followed them upwards and photographed what he saw. Engineers who examined his pictures closed the carriageway the same evening.

Steel of the required grade is not made in the country any more. It has to be rolled in Spain, shipped to Port Ellery and welded on site, which in frost is impossible. If the first cold comes early, the job will have to wait for April, said the chief engineer, Maud Okafor, who has looked after the structure for twenty-two years.

Hauliers reckon that the detour over the Stang pass adds ninety minutes to every trip. The dairy at Fennick has begun to send its milk across by rowing boat, forty churns at a time, and reports that none has been spilled so far. A hardware shop on the far bank is doing well with ropes.

Parliament is to debate next week whether tolls, abolished in 1974, should be brought back to pay for maintenance. An opinion poll found the valley split down the middle, much like the bridge."""

BRIDGE_SOUTH = """Repairs to the medieval bridge at Saint Audrey have uncovered a row of shops that nobody knew had been there. When masons lifted the paving to stop water from seeping into the arches, they looked into a brick cellar with a counter, a set of scales and a barrel of petrified candles.

Traffic had been banned from the bridge in May, because the third pier was sinking by a millimetre a week. The plan was simple: to pump mortar under the foundations, to replace the worn voussoirs, and to be done by harvest. Now archaeologists kneel where the mixers ought to stand.

Four chambers have been emptied up to now. One belonged to a glove maker, to judge by the needles; in another, someone had scratched prices on the wall, and a rude verse about a customs officer. The county museum wants everything left in place behind a sheet of glass.

Contractors warn that each month of delay costs sixty thousand pounds, and that the pier will not wait for science. A compromise may lie in a temporary footbridge, which the army has offered to lay within a weekend, free of charge, as an exercise.

Residents do not mind the silence. Children have taken to roller skating on the approach, a café has put out tables between the barriers, and the bus company, whose line ends at the fence, sells a return ticket to the ruins. A petition to keep cars away for good has been signed by two people in three."""

RUSSIAN = """Старый маяк на мысе Тёплом зажгли впервые за тридцать лет. Смотритель Игнат Воронцов чистил линзу целую неделю, хотя ему говорили, что корабли давно ходят по спутникам. В пятницу вечером луч прошёл над заливом, и рыбаки, чинившие сети на берегу, сняли шапки. Оказалось, что под лестницей всё ещё стоят бочки с керосином, а в журнале последней записью значится погода: туман, ветер слабый, видимость никакая. Теперь на маяк водят школьников, и каждый может повернуть рычаг, которым когда-то управлял светом один человек."""

GREEK = """Ο παλιός φούρνος του νησιού άναψε ξανά την Κυριακή, ύστερα από είκοσι χρόνια σιωπής. Η εγγονή του ψωμά βρήκε τις συνταγές μέσα σε ένα κουτί από μπισκότα και ζύμωσε εκατό καρβέλια με προζύμι που είχε φυλάξει μια γειτόνισσα. Οι κάτοικοι περίμεναν στην ουρά από τα χαράματα, κρατώντας πετσέτες και καλάθια, ενώ ο παπάς ευλόγησε το πρώτο ψωμί και έκοψε μια φέτα για κάθε παιδί. Το καλοκαίρι ο φούρνος θα ανοίγει κάθε πρωί, εκτός από τη μέρα που το καράβι φέρνει το αλεύρι."""

ARABIC = """أعاد أهالي القرية تشغيل الطاحونة القديمة بعد أن توقفت أربعين عاما بسبب الجفاف. عاد النهر هذا الشتاء إلى مجراه، فاجتمع النجارون والحدادون وأصلحوا العجلة الخشبية في أسبوعين. قالت المعلمة إن التلاميذ جمعوا القمح من الحقول المجاورة وحملوه على ظهور الحمير، وإن أول كيس من الدقيق وزع على البيوت كلها مجانا. ويأمل المجلس أن تزور العائلات الطاحونة في الربيع، حين تزهر أشجار اللوز على ضفتي الوادي ويصبح الطريق سالكا أمام الحافلات."""

CHINESE = """老渡口的摆渡人今年八十一岁，他每天清晨仍然撑着木船把学生送到河对岸。去年秋天镇上修好了一座新桥，大家以为他会休息，可是孩子们宁愿早起半小时，也要坐他的船。他说桥不会讲故事，水会。船舱里放着一只旧木箱，里面装满了几代学生写给他的信，最早的一封已经发黄。下个月县里的博物馆要把这只箱子搬去展览，他只答应借三天，因为第四天又要下雨，信纸会想念河水的气味。"""

JAPANESE = """山あいの小さな駅で、最後の駅長が三毛猫に帽子をゆずった。列車は一日に四本しか止まらないが、ホームの花壇には朝早くから近所の人が集まり、猫の勤務ぶりを見守っている。切符を買う客は昨年の十倍に増え、駅前の豆腐屋は行列に驚いて店を広げた。駅長だった男性は今、待合室で古い時刻表の製本を教えている。来春には線路の向こうに温泉宿が開く予定で、猫には副駅長として子猫がつくという。"""

THAI = """ชาวบ้านริมคลองช่วยกันซ่อมเรือพายเก่าที่จมอยู่ใต้สะพานมานานกว่าสิบปี พวกเขาใช้เวลาสองเดือนขัดโคลนออกจากลำเรือ แล้วทาสีเขียวเหมือนเมื่อครั้งคุณยายยังขายขนมจีนอยู่ในตลาดน้ำ เช้าวันเสาร์เรือลำนั้นแล่นออกไปอีกครั้งพร้อมหม้อแกงใบใหญ่ เด็กนักเรียนยืนโบกมืออยู่บนฝั่ง และพระที่วัดตีระฆังสามครั้งเพื่อต้อนรับ ปีหน้าเทศบาลจะขุดคลองให้ลึกขึ้นเพื่อให้เรือทุกลำกลับมาได้"""

ENGLISH = [FERRY, LIBRARY, ORCHARD, CLOCK, BRIDGE_NORTH, BRIDGE_SOUTH]

SYNONYMS = [
    "village",
    "harbour",
    "winter",
    "basket",
    "candle",
    "mountain",
    "kettle",
    "anchor",
    "velvet",
    "lantern",
    "meadow",
    "copper",
    "pepper",
    "saddle",
    "thunder",
    "willow",
    "ribbon",
    "barrel",
    "pigeon",
    "mustard",
    "cellar",
    "hammer",
    "blanket",
    "orchard",
    "parcel",
    "drummer",
    "gravel",
    "feather",
    "turnip",
    "chimney",
]


def paragraphs(story: str) -> list[str]:
    return story.split("\n\n")


def replaced(text: str, share: float, seed: int = 0) -> str:
    """The text with about this share of its words replaced by others, its sentences in order."""
    rng = random.Random(seed)
    return " ".join(rng.choice(SYNONYMS) if rng.random() < share else word for word in text.split())


def shuffled_inside_sentences(text: str, seed: int = 0) -> str:
    """The text with the words of each sentence in another order."""
    rng = random.Random(seed)
    out = []
    for sentence in text.replace("\n\n", " ").split(". "):
        words = sentence.split()
        rng.shuffle(words)
        out.append(" ".join(words))
    return ". ".join(out)


SYLLABLES = [
    "ba",
    "be",
    "bo",
    "da",
    "de",
    "du",
    "fa",
    "fi",
    "fo",
    "ga",
    "ge",
    "gu",
    "ka",
    "ke",
    "ki",
    "la",
    "le",
    "lo",
    "ma",
    "me",
    "mi",
    "na",
    "ne",
    "no",
    "pa",
    "pe",
    "po",
    "ra",
    "re",
    "ri",
    "sa",
    "se",
    "so",
    "ta",
    "te",
    "tu",
    "va",
    "ve",
    "vi",
    "za",
]


def invented(seed: int, sentences: int = 10) -> str:
    """Sentences of sixteen words, half of them invented for this seed alone: what no other text says."""
    rng = random.Random(seed * 104729 + 5)

    def word() -> str:
        return "".join(rng.choices(SYLLABLES, k=rng.choice([3, 4, 4, 5])))

    return " ".join(
        f"The {word()} of {word().title()} {word()} a {word()} and {word()} to the {word()} in {word()} {word()}."
        for _ in range(sentences)
    )


# What five sites put above and below each of their pages; the last lines are long enough to be told as reuse.
AROUND = {
    "aldmoor.example": (
        "The Aldmoor Post\nHome\nNews\nSport\nSign in to your account",
        "Like this story? Send it on to somebody you know!\nThe Aldmoor Post Cooperative keeps a log of your visit in order to count its readers. By staying on this page you agree that we store a small file in your browser, which you can delete at any time under settings.\n© 2021 Aldmoor Post. All rights reserved.",
    ),
    "brackwater.example": (
        "Brackwater Gazette | Your town, every day\nSubscribe\nLog in\nWeather\nTides\nObituaries",
        "Share on Facebook\nShare on Twitter\nDid you see something we ought to know? Call our news desk day or night on the number below, or write to us; your message is treated in confidence, and we pay for photographs that we print in the Saturday edition.\nContact us\nImprint",
    ),
    "corvale.example": (
        "Menu\nCorvale Today\nLocal\nBusiness\nCulture\nNewsletter\nSearch",
        "Read more about this subject\nCorvale Today is made by eleven people in a former fish hall. If you value independent reporting, please consider becoming a member: for the price of a cup of coffee each month you keep our lights on and the archive open.\nBecome a member\nPrivacy policy\nTerms of use",
    ),
    "dunfell.example": (
        "Skip to content\nDunfell Radio\nListen live\nProgrammes\nPodcasts\nFrequencies",
        "Listen again\nDunfell Radio broadcasts from the top of the old grain silo on ninety-four point one, and along the coast on a hundred and two. We are financed by the licence fee and answer to a board that listeners elect every other year.\nComplaints\nJobs at the station",
    ),
    "elmsea.example": (
        "Elmsea Courier\nFront page\nRegion\nClassifieds\nPhoto galleries\nE-paper",
        "Comments are closed\nThis article was made available to you free of charge. Subscribers of the Courier receive the printed paper before seven in the morning, the crossword book at Christmas, and a tenth off all tickets that they buy at our counter in Mill Lane.\nAdvertise with us\nCookie settings",
    ),
}


def page_on(site: str, name: str, headline: str, body: str) -> Page:
    """A page of one of the five sites."""
    above, below = AROUND[site]
    return Page(f"{site}/{name}", f"{above}\n{headline}\n{body}\n{below}", site)


def other_pages(site: str, count: int = 8) -> list[Page]:
    """Pages of a site with articles that stand nowhere else."""
    seeds = range(1000 * list(AROUND).index(site), 1000 * list(AROUND).index(site) + count)
    return [
        page_on(site, str(seed), invented(seed, 1)[:40], invented(seed + 500).replace(". ", ".\n")) for seed in seeds
    ]


def sentences(text: str) -> list[str]:
    """The sentences of a story, each with its full stop."""
    return [f"{one.strip('. ')}." for one in text.replace("\n\n", " ").split(". ")]


def half(text: str) -> str:
    """The first sentences of a text, or its words where it has no full stops: more than half of it."""
    for stop in ("。", "."):
        if stop in text:
            return text[: text.index(stop, len(text) // 2) + 1]
    return text[: text.index(" ", len(text) // 2)]


def copied_and_retold() -> tuple[str, str]:
    """A text, and one that has its first sixty words as they are, and further down much more of it in other words."""
    rng = random.Random(5)
    words = f"{CLOCK} {LIBRARY}".split()[:160]
    retold = [
        f"velvet{i}" if i > 1 and rng.random() < (0.5 if i < 60 else 0.33) else word for i, word in enumerate(words)
    ]
    other = f"{' '.join(words[:60])}. {invented(1013, 12)} {' '.join(retold)} {invented(2013, 6)}"
    return f"{' '.join(words)}. {invented(3013, 6)}", other
