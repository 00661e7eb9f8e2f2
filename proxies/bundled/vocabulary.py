"""Builds the tokenizer of the bundled models: whole words, sub-word pieces, characters, and bytes.

It loses nothing: `decode(encode(text)) == text` for any text, and every offset is the piece's true
place. A space belongs to the word that follows it. The score of a piece makes the fewest pieces
win, so every word of the generated contracts is one token.
"""

import re
import string
from collections.abc import Iterable

import numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from . import lexicon
from .chats import QUESTION, answer, generate_chat
from .contracts import TASKS, generate_contract

SPECIAL = ("<pad>", "<s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")

CHAT_TEMPLATE = (
    "<s>{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)

# A word with its leading space, inner hyphens and apostrophes kept; a digit or a sign with its
# space; any other single character, so that no token ever straddles two characters outside ASCII.
WORD_PATTERN = r" ?[A-Za-z]+(?:[-'][A-Za-z]+)*| ?[0-9]| ?[!-/:-@\[-`{-~]|[\s\S]"
_WORD = re.compile(WORD_PATTERN)

# Frequent words of general and of contract English, so that foreign text does not fall apart into
# letters.
_ENGLISH = """the of and to in a or any such shall be by for this agreement with party that as
other is its not on parties may under which from all will at date section each if it are have has
no upon company terms without notice including rights written product products services license
term information set forth herein right applicable use confidential respect except effective within
hereunder provided time days business prior pursuant law laws state obligations between customer
into include including but limited their an than been either one both more per than only so do does
did was were had would could should can our we you your they them he she his her who whom whose
when where while until unless before after during between through over above below against because
about around also then there here these those some many most much less least few several another
same own very just even still already again always never often sometimes first second third last
next new old good great high low long short large small early late whole full part parts person
persons people man men woman women child children year years month months week weeks day hour hours
minute minutes world country city state county court courts government public private national
international united states america american european union federal local general special certain
particular specific following foregoing aforementioned hereby hereof hereto hereinafter thereof
thereto therein thereunder thereafter whereas wherein whereby notwithstanding hereafter otherwise
accordance compliance breach default damages damage loss losses liability liabilities liable
indemnify indemnification harmless claim claims action actions suit proceeding proceedings cause
causes cost costs expense expenses fee fees price prices payment payments pay paid amount amounts
sum total net gross sales sale sell sold purchase purchaser buyer seller vendor supplier
distributor distribute distribution territory exclusive nonexclusive non license licensed licensee
licensor grant granted grants royalty royalties intellectual property patent patents trademark
trademarks copyright copyrights trade secret secrets mark marks software hardware technology
technical data documentation materials material content website site internet online service
support maintenance warranty warranties represent represents representation representations
warrants disclaim implied express merchantability fitness purpose purposes title interest interests
ownership owner owned owns assign assigned assignment assigns successors successor transfer
transferred sublicense subcontractor subcontractors affiliate affiliates subsidiary subsidiaries
corporation incorporated limited partnership member members shareholder shareholders director
directors officer officers employee employees agent agents consultant contractor representative
representatives management manager board committee joint venture development develop developed
manufacture manufactured manufacturing manufacturer production produce research clinical marketing
market commercial commercially reasonable reasonably efforts best sole discretion consent approval
approve approved consent consents agree agrees agreed acknowledge acknowledges understand
understood intend intended intention require required requires requirement requirements request
requests requested receive received receives receipt deliver delivered delivery provide provides
providing furnish perform performed performance performs execute executed execution enter entered
entry obtain obtained maintain maintained keep kept make makes made making take takes taken taking
give gives given giving become becomes remain remains continue continues continued renew renewal
renewed extend extended extension terminate terminated terminates termination expire expires
expiration initial period periods commence commencement begin begins beginning end ends ending
start anniversary quarter quarterly annual annually monthly calendar fiscal commencing thirty sixty
ninety hundred thousand million billion dollars percent number numbers name names address addresses
telephone facsimile email mail attention copy copies original counterparts signature signed sign
witness whereof day exhibit exhibits schedule schedules annex appendix attachment attached article
articles paragraph clause clauses subsection provision provisions hereinabove definition
definitions defined means meaning mean meant term refer reference referred references described
describe description specified specifications specification identified listed set forth contained
contain contains included includes amended amend amendment amendments modify modified modification
modifications waive waiver waived change changes changed entire understanding supersedes supersede
previous oral written writing severability invalid unenforceable enforceable enforce enforcement
remedy remedies equitable relief injunctive arbitration arbitrator dispute disputes jurisdiction
venue governed governing construed accordance new york california delaware texas regard conflict
conflicts principles force majeure event events act acts god war delay delays failure fail fails
failed control beyond circumstances condition conditions subject insurance insured policy policies
coverage audit audits auditor records record books account accounts accounting inspect inspection
report reports reporting tax taxes invoice invoices bank credit currency interest rate rates order
orders shipment ship shipping freight inventory customer customers user users client clients
project work works working workers design system systems network equipment facility facilities
plant office offices place premises location property real estate lease rent tenant landlord
building construction land water oil gas energy power medical health drug food safety security
environmental quality standard standards industry practice practices test tests testing training
personnel staff team plan plans program programs process processes method methods procedure
procedures result results effect effects affect case cases matter matters issue issues question
questions answer answers problem problems reason reasons fact facts example examples kind kinds
type types form forms way ways thing things point points line lines list level levels area areas
group groups side sides hand hands head eyes face life home house school book story word words page
text figure table note notes news media press release public announcement advertising promotion
promotional brand logo event sponsor game team player season radio television film music video
digital mobile application applications server access available availability additional further
however therefore thus hence accordingly moreover furthermore such likewise instead although though
despite whether rather quite too enough almost nearly hardly only mainly usually generally
specifically solely directly indirectly promptly immediately reasonably materially substantially
fully partially jointly severally respectively collectively individually mutually know known
knowledge think thought see saw seen look looks find found finds get gets got go goes went gone
come comes came want wants wanted need needs needed help helps helped let say says said tell tells
told ask asks asked try tries tried call calls called feel leave left put run runs move live
believe hold held holds bring brings brought happen happens write wrote read reads show shows shown
open close closed turn play stop speak spend grow win lose meet follow follows pass reach build
built buy send sent fall cut serve expect stay allow allows allowed add added lead create created
creates raise raised decide return returned explain hope carry break protect protection prevent
avoid reduce increase increased improve cover choose based using used uses being having doing
according due such able unable likely possible necessary important different similar equal major
minor current currently future past present recent recently final complete completed completion
single multiple various every everyone nothing something anything none half two three four five six
seven eight nine ten""".split()

_PIECES = """ing ed er ers es ion ions tion tions sion ation ations ment ments ness able ible ably
al ally ial ual ic ical ics ive ively ity ities ance ances ence ences ant ent ents ous ously ful
less ly est ist ism ize ized izing ise ised ify ified ary ory ery age ages ate ated ates ating ure
ures ship hood ward wise man men land ford ton ville burg field wood son th he in an re on at en nd
ti es or te of it is ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll
be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa
ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl
ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui fr oo ag up sc ck av cl ob ap da br ep bo gr
do cr cu cy bu by ks ps ds ms ls rd rm rn rk lt lf lk mb mm nn nk pp rr tt ff dd gg bb cc zz qu ph
gy va vo vu ju jo ja je ku ki ko ka za ze zi zo ya ye yo xi xa pro con com per pre dis mis sub sup
super inter trans over under non anti auto bio geo micro multi tele der ver ter ber ger ler mer ner
ser her int tri str thr scr spr ight ough ould ound ount ect act ict uct ork orm ort ard art ack
ick ock uck ank ink onk unk ash ish ell ill oll all ull and end ond est ost ust ase ise ose use ine
one ane une ide ade ode ude ile ole ule ite ote ute""".split()
_STARTS = """un in im ir il re de dis mis pre pro con com co ex en em per par pa pe pi po sub sup
sur trans inter over under out up non anti be bi ca ce ch ci cl cr cu da di do dr du el es ev fa fe
fi fl fo fr fu ga ge gi gl go gr gu ha he hi ho hu hy id ja je jo ju ke ki kn la le li lo lu ma me
mi mo mu na ne ni no nu ob oc of op or os pl pr pu qu ra ri ro ru sa sc se sh si sk sl sm sn so sp
st str su sw ta te th ti to tr tu tw ul us va ve vi vo wa we wh wi wo wr ye yo ac ad af ag al am an
ap ar as at au av Ma Mi Mo Mc Ne No Pa Pe Pr Ra Re Ro Sa Se Sh Si So St Su Ta Te Th Tr Un Va Vi Wa
We Wi Al Am An Ar As Au Ba Be Bi Bo Br Bu Ca Ch Ci Cl Co Cr Da De Di Do Du Ea El En Ex Fa Fi Fl Fo
Fr Ga Ge Go Gr Ha He Ho In Is Ja Je Jo Ju Ka Ke Ki Ko La Le Li Lo""".split()


_CAPITALISED = """agreement product products party parties section software reseller distributor
network confidential regulatory service services information affiliates affiliate territory
effective date manufacture manufacturing materials material unit company franchise licensed license
licensee licensor intellectual property term terms exhibit article schedule business day days
customer supplier seller buyer purchase order price customer rights trademarks patent data losses
law laws person third such any all no not each upon notwithstanding except by from with as if it be
or and of in to for on at its this that united states inc corporation limited company executive
officer president director agent commercial development committee united user content sublicense
obligations event claims indemnified documentation net sales payment fees royalty year quarter
period initial renewal termination notice written""".split()
_UPPER = """THE AND OF TO IN OR FOR BY ANY SHALL NOT ALL BE THIS AGREEMENT PARTY EXHIBIT ARTICLE
SECTION ER IN ON TI AT EN RE ES OR TE AN AL IT IS AR ST ED LE ND RO IC NT TH NG LI CO DE RA LA CE
SE VE NE ME UR OU IO LY MA TA CH EL US UN OT""".split()


def build_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer, the same on every machine. Adds no BOS itself: the chat template has it."""
    pieces = _pieces()
    vocab = [(token, 0.0) for token in SPECIAL]
    vocab += [(f"<0x{byte:02X}>", -30.0) for byte in range(256)]
    # A constant price a piece makes the fewest pieces win; the slope breaks ties for the longer
    # first piece.
    vocab += [(piece, -10.0 - 1e-4 * rank) for rank, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=0, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD_PATTERN), behavior="isolated")
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in SPECIAL]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="<|end|>",
        pad_token="<pad>",
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=32768,
    )


def _pieces() -> list[str]:
    """All pieces that are no special token and no byte, longest first."""
    words = set(_words_in_use())
    for word in _ENGLISH:
        words.add(" " + word)
    for word in _CAPITALISED:
        words.update((" " + word.capitalize(), word.capitalize(), word))
    for word in _UPPER:
        words.update((" " + word, word))
    words.add("'s")
    words.update(" " + start for start in _STARTS)
    words.update(_PIECES)
    for char in string.printable:
        words.add(char)
        if not char.isspace():
            words.add(" " + char)
    return sorted(words, key=lambda piece: (-len(piece), piece))


def _words_in_use() -> Iterable[str]:
    """Every word of the generators as it stands in text, seen by letting them write."""
    texts = [
        f"\n\nQuestion: {QUESTION}",
        answer("safe"),
        answer("unsafe"),
        "Question: Is the",
        "Yes, the",
        "No, the",
    ]
    rng = np.random.default_rng(0)
    for _ in range(60):
        contract = generate_contract(rng, words=4000, task=TASKS, n_questions=40, n_facts=80)
        texts.append(contract.text)
        texts.extend(q.question + "\n" + q.answer for q in contract.questions)
    for _ in range(200):
        texts.extend(m["content"] for m in generate_chat(rng, messages=12).messages)
    for text in texts:
        yield from _WORD.findall(text)
    for name in (*lexicon.PARTIES, *lexicon.KINDS, *(f"Schedule-{s}" for s in lexicon.SCHEDULES)):
        yield f" {name}"
    for attribute in lexicon.ATTRIBUTES:
        for head in attribute.heads:
            yield from _WORD.findall(f" {attribute.name} {attribute.value(head)}")
