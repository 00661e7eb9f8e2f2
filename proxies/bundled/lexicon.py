"""The names, attributes and values that a generated contract is about.

Every word here is one token of the bundled tokenizer (see `vocabulary`). A value is a first word
that tells it apart, followed by the units of its attribute ("forty" + "thousand dollars").
"""

import hashlib
from dataclasses import dataclass

PARTIES: tuple[str, ...] = tuple(
    """Orion Vega Altair Lyra Rigel Sirius Castor Pollux Draco Hydra Aquila Cygnus Perseus Phoenix
    Corvus Norma Pavo Carina Mensa Antlia Atlas Titan Rhea Dione Europa Callisto Ganymede Miranda
    Oberon Umbriel Triton Nereid Proteus Ceres Vesta Juno Pallas Hygeia Davida Camilla Harbor
    Summit Granite Cobalt Juniper Sequoia Willow Hawthorn Larkspur Bramble Falcon Heron Osprey
    Kestrel Merlin Condor Ibis Petrel Plover Curlew Meridian Zenith Solstice Equinox Horizon Aurora
    Borealis Tundra Savanna Prairie Delta Fjord Lagoon Atoll Bayou Basalt Quartz Topaz Garnet
    Onyx""".split()
)
"""80 names of agreements and of the companies behind them."""

KINDS: tuple[str, ...] = ("agreement", "contract", "lease", "licence", "engagement", "venture")

_NUMBERS: tuple[str, ...] = tuple(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    eighteen twenty twenty-one twenty-five twenty-eight thirty thirty-five forty forty-five fifty
    fifty-five sixty sixty-five seventy seventy-five eighty eighty-five ninety
    ninety-five""".split()
)


@dataclass(frozen=True)
class Attribute:
    """A property that a clause fixes: `name` reads "governing law"; its last word is unique to
    it.
    """

    name: str
    heads: tuple[str, ...]
    unit: str = ""

    def value(self, head: str) -> str:
        """The full value phrase, as it stands in the clause and in the answer."""
        return f"{head} {self.unit}" if self.unit else head


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        "governing law",
        tuple(
            """Nevada Texas Delaware Ohio Oregon Utah Iowa Maine Vermont Georgia Florida Alabama
            Kansas Montana Idaho Virginia Michigan Indiana Illinois Wyoming Nebraska Colorado
            Arizona Alaska Kentucky Tennessee Missouri Minnesota Maryland Hawaii""".split()
        ),
    ),
    Attribute(
        "agreed venue",
        tuple(
            """Boston Chicago Denver Seattle Houston Dallas Atlanta Miami Portland Phoenixville
            Omaha Tulsa Memphis Detroit Cleveland Pittsburgh Baltimore Richmond Raleigh Savannah
            Tampa Austin Tucson Fresno Oakland Sacramento Spokane Boise Helena Juneau""".split()
        ),
    ),
    Attribute(
        "delivery site",
        tuple(
            """Rotterdam Antwerp Hamburg Bremen Gdansk Riga Tallinn Helsinki Stockholm Oslo Bergen
            Copenhagen Dublin Cork Liverpool Bristol Lisbon Porto Valencia Barcelona Marseille
            Genoa Naples Trieste Piraeus Izmir Haifa Mumbai Busan Osaka""".split()
        ),
    ),
    Attribute(
        "sole arbitrator",
        tuple(
            """Abbott Barlow Carver Dawson Ellery Fenwick Garland Hadley Ingram Jarvis Kendall
            Langley Mercer Norwood Ogden Prescott Quimby Radcliffe Sheffield Thornton Underhill
            Vaughan Whitaker Yardley Ashcroft Bexley Colby Draper Eastman Forsyth""".split()
        ),
    ),
    Attribute(
        "escrow agent",
        tuple(
            """Keystone Northgate Bluewater Ironwood Silverline Redstone Fairhaven Oakmont Riverton
            Stonebridge Westbrook Goldcrest Highland Lakeshore Maplewood Pinecrest Ridgeway Sunfield
            Trailhead Windermere""".split()
        ),
    ),
    Attribute(
        "contract currency",
        tuple(
            """euros pounds francs kroner yen rupees pesos rand lira zloty forint shekels dirhams
            ringgit baht won""".split()
        ),
    ),
    Attribute(
        "working language",
        tuple(
            """English French German Spanish Italian Portuguese Dutch Danish Norwegian Swedish
            Finnish Polish Czech Greek Turkish Arabic Hebrew Hindi Japanese Korean""".split()
        ),
    ),
    Attribute(
        "reporting frequency",
        tuple("daily weekly fortnightly monthly quarterly yearly continuous occasional".split()),
    ),
    Attribute("service tier", tuple("bronze silver gold platinum diamond basic premium".split())),
    Attribute("payment deadline", _NUMBERS, "days"),
    Attribute("notice period", _NUMBERS, "weeks"),
    Attribute("renewal term", _NUMBERS[:20], "months"),
    Attribute("audit window", _NUMBERS, "hours"),
    Attribute("late interest", _NUMBERS[:20], "percent"),
    Attribute("annual fee", _NUMBERS, "thousand dollars"),
    Attribute("liability cap", _NUMBERS, "million dollars"),
)

SCHEDULES: tuple[str, ...] = tuple(
    """Amber Beryl Cedar Dahlia Elm Fern Ginger Hazel Iris Jade Kelp Laurel Myrtle Nettle Olive
    Poplar Quince Rowan Sage Thyme""".split()
)

_HELD_OUT_SHARE = 0.2


def is_held_out(party: str, attribute: str, value: str) -> bool:
    """Whether this triple is kept out of every training document. Stable across runs and
    machines.
    """
    digest = hashlib.sha256(f"{party}|{attribute}|{value}".encode()).digest()
    return digest[0] < 256 * _HELD_OUT_SHARE
