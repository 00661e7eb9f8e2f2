"""Abbreviations and the words around them: what a full stop after a word means.

Words in lower case, without their last full stop; English, German and French, some Spanish and
Italian; of law, medicine and science, titles, firms and the calendar.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name follows: never the end of a sentence.
TITLES = _words(
    "mr mrs ms mx dr drs prof profs hon messrs mm mme mmes mlle mlles sra srta dott hr hrn frl "
    "capt col sgt cpl maj adm cmdr gov sen sens reps pres supt dipl dra mgr dipl.-ing"
)

# More of the sentence follows, whatever it begins with.
NEVER = _words(
    "e.g i.e eg viz cf vs v c.-à-d c-à-d p.ex z.b d.h i.v.m i.s.v i.s.d i.d.r i.d.f i.ü u.u u.a "
    "m.w.n m.a.w s.o s.u i.h.v i.h.d u.ä.m o.g o.ä a.k.a f/k/a p.p.a m.b.t sog bzw vgl ggf gem "
    "einschl inkl exkl zzgl abzgl insb insbes bspw lt gegr ca circa approx env éd trad hrsg hg "
    "incl núm med jur rer phil h.c"
)

# Before a number, a letter of a list or a bracket ("No. 7", "Art. IX", "Fig. 3A", "Abs. 2").
NUMBERED = _words(
    "nr nrn n nº n° p pp pg pgs ex exh exhs appx cl cls chs col ref refs reg regs sch sched vol "
    "vols ver kap bd bde rn rz rdnr ziff abs s ss sec secs sect sects para paras pt pts eq eqs "
    "eqn eqns tbl bl f ff fn anm u.s.c c.f.r f.2d f.3d a.3d s.ct u.s.c.a"
)

# The same, but words that end sentences too where no number follows.
NUMBERED_WORDS = _words("no nos art arts fig figs app apps ch add tab item doc docs lit par q")

# Cut short in any case of letters. The sentence ends here only before a word of `OPENERS`.
COMMON = _words(
    "al et.al dept div est ext tel fax esq loc ibid supp suppl proc assoc assn bros blvd subsp "
    "ssp spp avg std temp fol fols fasc cert repr trans ed eds edn av esp resp rev mt st ste mfg "
    "amend agt acct govt mgmt ann cit op str tsd mio mrd beschl rspr az evtl ebd alin betr urt "
    "pág págs ib aufl dgl u.dgl usf verf n.b nb subst concl gen lieut rep sr br gr"
)

# The same, of names: they begin with a capital.
PROPER = _words(
    "jan feb mar apr jun jul aug sep sept oct nov dec okt dez janv févr juil déc mon tue tues wed "
    "thu thur thurs fri sat sun ala ariz ark cal calif colo conn del fla ga ill ind kan ky la md "
    "mass mich minn miss mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo ave rd ln "
    "hwy sq civ crim bankr cir ct cty dist rptr fed stat code const conf cong int'l nat'l ass'n "
    "comm comm'n comm'r gov't dep't bull cass req soc hosp clin surg biol chem phys math sci eng "
    "psychol univ acad inst lab labs id exch lib wm jos geo chas thos jas edw robt alex bldg apt "
    "vorm var com trib corr ft col lt sup super"
)

# Firms and degrees: the sentence may end here, before a word of `OPENERS` or a new subject.
FIRMS = _words(
    "inc ltd corp co cos llc llp lp plc bv nv s.a s.p.a s.r.l n.v b.v a.g s.a.s s.a.r.l s.l p.c "
    "l.p l.l.c l.l.p p.l.c n.a pte pty cie e.v e.g jr jnr snr ph.d m.d j.d ll.b ll.m m.sc b.sc "
    "m.a b.a d.d.s r.n b.s m.s m.b.a"
)

# Ends of lists: they end the sentence before any capital.
OPEN = _words("etc usw u.s.w u.s.f ecc seq")

TIMES = _words("a.m p.m")

# "9 a.m. Monday", "5 p.m. Eastern".
AFTER_TIME = _words(
    "monday tuesday wednesday thursday friday saturday sunday eastern central mountain pacific "
    "greenwich est edt cst cdt mst mdt pst pdt gmt utc cet cest bst et ct mt pt january february "
    "march april may june july august september october november december"
)

BRANDS = _words("yahoo jeopardy yum")  # with a mark that ends nothing: "Yahoo! Mail"

# "am 5. März", "vom 2. Senat": an ordinal number of German.
MONTHS = _words(
    "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "januars quartal halbjahr kalenderjahr"
)
BEFORE_ORDINAL = _words("am vom zum beim bis ab seit der dem den des das die im in jeder jedem")

# A letter after one of these is its name: "Exhibit B. The".
NAMED = _words(
    "exhibit schedule section article appendix annex clause part class type series group grade "
    "hepatitis vitamin plan party figure table option tier level phase arm category model team "
    "zone unit lot attachment addendum anlage anhang teil klasse gruppe annexe partie classe "
    "influenza"
)

# Words that carry a capital only where they open a sentence.
OPENERS = _words(
    "the this that these those it its he she they we you his her their our my your in on at by "
    "for from with without within under if when whenever where while whereas although though as "
    "after before because since upon unless until any all each every either neither none nothing "
    "such some both there then thus therefore hence however moreover furthermore additionally "
    "also and but or so yet nor to an a what who whom whose why how which whether notwithstanding "
    "pursuant except further during following please see is are was were do does did can could "
    "would should shall has have had not no once only another other others many most more few "
    "several finally next later again here meanwhile nevertheless nonetheless otherwise instead "
    "accordingly consequently subsequently conversely similarly likewise indeed overall despite "
    "given between among through throughout over about against let everyone anyone someone "
    "something everything today yesterday tomorrow now i there's it's that's don't der das dies "
    "diese dieser dieses ein eine einer er sie es wir ihr ihre ist sind hat haben im beim bei "
    "nach für wenn sofern soweit falls auf zu zur zum durch bis nicht auch aber oder und jede "
    "jeder jedes kein keine dabei daher damit danach dann hierbei hierzu jedoch vor vom unter "
    "gegen ohne während weil ob wie le les un une ce cet cette ces il elle ils elles nous vous "
    "dans pour par sur avec sans tout toute toutes chaque aucun aucune lorsque quand mais donc "
    "cependant toutefois après avant selon el esto este esta estos estas cada todo toda cuando "
    "pero sin si"
)

# The verb of a new subject: "It was sold to Acme Inc. Vericel shall pay."
VERBS = _words(
    "shall will may must can cannot agrees agree is are was were has had have does did wird "
    "werden muss ist sind hat hatte kann darf soll doit est sont peut"
)

# Words that never end a sentence: what follows belongs to it.
BINDING = _words(
    "the a an of by to in on at for from with without within under upon into onto between among "
    "through against during and or nor but than that which whose if unless until because when "
    "where while is are was were be been has have had shall will would should may might must can "
    "could any each every such its their his her our your these those including per section "
    "sections article articles paragraph paragraphs clause clauses subsection der die das den dem "
    "des ein eine einen einem einer und oder von vom zu zum zur mit für auf aus bei nach ist sind "
    "wird werden durch dass über unter zwischen sowie le la les un une du de au aux et ou dans "
    "pour par sur avec sans que qui est sont los el"
)

# The first word of a salutation, whose comma ends nothing that goes on.
GREETINGS = _words(
    "dear hi hello hey greetings hallo liebe lieber sehr cher chère bonjour madame monsieur hola "
    "estimado estimada moin guten good"
)
