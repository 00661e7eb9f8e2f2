"""What tells a language, and with it an old encoding: its letters beyond a to z, the commonest
short words, and the encodings that its files come in, by the names of the WHATWG standard.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

_WEST = ("windows-1252",)
_CENTRAL = ("windows-1250", "iso-8859-2")
_CYRILLIC = ("windows-1251", "koi8-u", "iso-8859-5", "ibm866", "x-mac-cyrillic")
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"


@dataclass(frozen=True)
class Language:
    """
    Args:
        letters: beyond a to z, in lower case.
        common: words, which the language's texts of some length have; each has letters of it.
        vowels: each word of more than three letters has one, where the script writes vowels.
        finals: letters that stand at the end of a word only.
    """

    name: str
    encodings: tuple[str, ...]
    letters: str
    common: str
    vowels: str = ""
    finals: str = ""

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.common.split())

    @cached_property
    def own(self) -> frozenset[str]:
        """Its letters in both cases."""
        return frozenset(self.letters + self.letters.upper())

    @property
    def is_latin(self) -> bool:
        return self.letters[0] < "\u0250"


LANGUAGES = (
    # Only letters of loan words that mean the same in Windows-1250: others could be anyone's name.
    Language(
        "English",
        _WEST,
        "éáíóúöüäçôîâë",
        "the of and to in is be by shall or any for not this that with on as it are",
    ),
    Language(
        "French",
        _WEST,
        "àâæçéèêëîïôœùûüÿ",
        "le la les de des du et est un une dans pour par au aux ou que qui ne pas sur à son",
    ),
    Language(
        "German",
        _WEST,
        "äöüßéà",
        "der die das und ist den dem des ein eine in zu von mit nicht auf für im sich nach wird",
    ),
    Language(
        "Spanish",
        _WEST,
        "áéíñóúüªº¿¡",
        "el la los las de del y en un una que no se por con para es al o a su lo",
    ),
    Language(
        "Portuguese",
        _WEST,
        "áâãàçéêíóôõúüªº",
        "o a os as de do da dos das e em um uma que não se por com para no na é ao ou",
    ),
    Language(
        "Italian",
        _WEST,
        "àèéìíîòóùúªº",
        "il lo la i gli le di del della e in un una che non per con è al da si o sono dei",
    ),
    Language(
        "Catalan",
        _WEST,
        "àçèéíïòóúüªº·¿¡",
        "el la els les de del i en un una que no es per amb al o a",
    ),
    Language(
        "Dutch",
        _WEST,
        "éëïóöüèá",
        "de het een en van in is dat op te voor met niet zijn aan door of bij der",
    ),
    Language(
        "Swedish", _WEST, "åäöé", "och att det i en är av som för på den till med inte ett om från"
    ),
    Language(
        "Danish", _WEST, "æøåé", "og at det i en er af som for på den til med ikke et om fra de"
    ),
    Language(
        "Norwegian",
        _WEST,
        "æøåéòôä",
        "og å det i en er av som for på den til med ikke et om fra de",
    ),
    Language("Icelandic", _WEST, "áéíóúýðþæö", "og að í er á sem til um við með ekki fyrir það af"),
    Language(
        "Finnish", _WEST, "äöåšž", "ja on ei se että tai joka ovat sekä kun ole myös sen hän mutta"
    ),
    Language(
        "Estonian",
        ("windows-1257", "windows-1252"),
        "äöõüšž",
        "ja on ei et see ta kui mis ning või oma selle ka kes poolt",
    ),
    Language(
        "Polish",
        _CENTRAL,
        "ąćęłńóśźż",
        "i w z na do nie się jest że o za od przez oraz lub po jak dla to a",
    ),
    Language(
        "Czech",
        _CENTRAL,
        "áčďéěíňóřšťúůýž",
        "a se na v je že o do z s za pro by od i nebo jsou být k podle",
    ),
    Language(
        "Slovak",
        _CENTRAL,
        "áäčďéíĺľňóôŕšťúýž",
        "a sa na v je že o do z s za pre by od i alebo sú byť k podľa",
    ),
    Language(
        "Hungarian",
        _CENTRAL,
        "áéíóöőúüű",
        "a az és hogy nem is egy van meg el ha de vagy szerint által ki",
    ),
    Language(
        "Romanian",
        _CENTRAL,
        "ăâîşţéö",
        "de şi în la cu pe nu o un să din este care ce al a prin sau pentru",
    ),
    Language(
        "Croatian",
        _CENTRAL,
        "čćđšž",
        "i u je na se da za su od s o ne koji ili iz po kao do bez te",
    ),
    Language(
        "Slovenian", _CENTRAL, "čšžćđ", "in je v na se da za so od s z o ne ki ali iz po kot do pri"
    ),
    Language("Albanian", _WEST, "çë", "të e dhe në i për me një nga që nuk se është ose do"),
    Language(
        "Turkish",
        ("windows-1254",),
        "çğıöşüâîûİ",
        "ve bir bu da de için ile olarak olan her ya veya kadar daha göre ise en",
    ),
    Language(
        "Lithuanian",
        ("windows-1257",),
        "ąčęėįšųūž",
        "ir į kad yra ne iš su o už jo kaip be ar prie iki apie jei pagal",
    ),
    Language(
        "Latvian",
        ("windows-1257",),
        "āčēģīķļņšūžōŗ",
        "un ir ka no uz ar par kas tas pie vai tiek pēc bet kā to līdz",
    ),
    Language(
        "Russian",
        _CYRILLIC,
        _RUSSIAN,
        "и в на не по с о что за к от до из для или об при это как его",
        vowels="аеёиоуыэюя",
    ),
    Language(
        "Bulgarian",
        _CYRILLIC,
        "абвгдежзийклмнопрстуфхцчшщъьюя",
        "и на да за от се по с в не е са до при или към това след",
        vowels="аеиоуъюя",
    ),
    Language(
        "Ukrainian",
        _CYRILLIC,
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "і в на не з та у що за до від для або про й як це є його",
        vowels="аеєиіїоуюя",
    ),
    Language(
        "Belarusian",
        _CYRILLIC,
        "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
        "і ў на не з да у што за ад для або пра як гэта яго",
        vowels="аеёіоуыэюя",
    ),
    Language(
        "Serbian",
        _CYRILLIC,
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        "и у је на се да за су од с о не који или из по као до",
        vowels="аеиоур",
    ),
    Language(
        "Greek",
        ("windows-1253", "iso-8859-7"),
        "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
        "και το της να του η ο για με την από που σε τα των είναι δεν τον τη στο θα",
        vowels="αεηιουωάέήίόύώϊϋΐΰ",
        finals="ς",
    ),
    Language(
        "Hebrew",
        ("windows-1255", "iso-8859-8"),
        "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
        "של את על לא זה הוא אם או כל עם כי אין יש גם זו היא אשר לפי",
        finals="ךםןףץ",
    ),
    Language(
        "Arabic",
        ("windows-1256", "iso-8859-6"),
        "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْـ،؛؟",
        "في من على أن إلى هذا لا أو عن ما مع هذه كل التي الذي ولا بين قبل بعد",
    ),
    Language(
        "Persian",
        ("windows-1256",),
        "ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقكگلمنهوي،؛؟\u200c",
        "و در به از كه اين را با است براي آن يا هر تا بر",
    ),
    Language(
        "Thai",
        ("windows-874",),
        "".join(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C)))),
        "ที่ และ การ ของ ใน มี ได้ ไม่ ให้ จะ เป็น หรือ โดย ตาม ต้อง ค่า ผู้",
    ),
)


@dataclass(frozen=True)
class Ideographs:
    """A language of East Asia.

    Args:
        codec: of the standard whose common characters have a lead byte up to `last`.
        frequent: characters that its texts are full of.
        least: the share of the frequent ones, among all letters.
        script: a pattern of letters of which some share, `of_script`, is its own.
    """

    name: str
    encodings: tuple[str, ...]
    codec: str
    last: int
    frequent: str
    least: float
    script: str
    of_script: float


IDEOGRAPHS = (
    Ideographs(
        "Chinese",
        ("gb18030",),
        "gb2312",
        0xD7,
        "的一不是了在有为之以个上中这人大和由应与及或其于本同月年可得",
        0.08,
        r"\p{Han}",
        0.95,
    ),
    Ideographs(
        "Chinese",
        ("big5",),
        "cp950",
        0xC6,
        "的一不是了在有為之以個上中這人大和由應與及或其於本同月年可得",
        0.08,
        r"\p{Han}",
        0.95,
    ),
    Ideographs(
        "Japanese",
        ("shift_jis", "euc-jp"),
        "euc_jp",
        0xCF,
        "のにはをたがでてとしれさいるな。",
        0.15,
        r"[\p{Hiragana}\p{Katakana}]",
        0.2,
    ),
    Ideographs(
        "Korean",
        ("euc-kr",),
        "euc_kr",
        0xC8,
        "이다는을를의에가고하지로은한기사인",
        0.15,
        r"\p{Hangul}",
        0.9,
    ),
)
