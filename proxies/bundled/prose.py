"""Boilerplate for generated contracts: sentences in the register of a contract that state no fact.

`Prose` draws from a small grammar, so that a long document seldom repeats a sentence.
"""

import numpy as np

from .lexicon import ATTRIBUTES, KINDS, PARTIES

HEADINGS: tuple[str, ...] = (
    "Definitions",
    "Scope of Services",
    "Fees and Payment",
    "Delivery and Acceptance",
    "Confidentiality",
    "Representations and Warranties",
    "Limitation of Liability",
    "Indemnification",
    "Term and Renewal",
    "Termination",
    "Dispute Resolution",
    "Records and Inspection",
    "Insurance",
    "Intellectual Property",
    "Assignment",
    "Notices",
    "Force Majeure",
    "Compliance with Laws",
    "Data Protection",
    "General Provisions",
    "Personnel",
    "Taxes",
    "Subcontracting",
    "Quality Standards",
)

_OPENINGS = (
    "Upon written request",
    "Except as stated in this section",
    "To the extent permitted by law",
    "During the term",
    "Following any termination",
    "In the ordinary course of business",
    "Without limiting any other remedy",
    "At its own expense",
    "Subject to the terms below",
    "Before each delivery",
    "On or after the effective date",
    "In the event of a material breach",
    "Where a dispute arises",
    "From time to time",
    "As a condition of payment",
    "For the avoidance of doubt",
    "With respect to each order",
    "Absent fraud or wilful misconduct",
)
_SUBJECTS = (
    "the supplier",
    "the customer",
    "the receiving party",
    "the disclosing party",
    "each party",
    "either party",
    "the landlord",
    "the tenant",
    "the licensor",
    "the licensee",
    "the contractor",
    "the provider",
    "the indemnifying party",
    "the project manager",
    "the steering committee",
    "the board of directors",
)
_MODALS = ("shall", "may", "will", "must", "shall not", "may not", "agrees to", "undertakes to")
_VERBS = (
    "keep accurate books and records of",
    "deliver a signed copy of",
    "review in good faith",
    "approve or reject in writing",
    "maintain in good order",
    "make available for inspection",
    "assign or transfer",
    "disclose to any third person",
    "correct without delay",
    "return or destroy",
    "bear the cost of",
    "give prompt notice of",
    "defend and hold harmless the other against",
    "obtain every consent required for",
    "use reasonable care in handling",
    "rely on the accuracy of",
    "withhold payment for",
    "certify the completion of",
    "negotiate the renewal of",
    "suspend the performance of",
)
_OBJECTS = (
    "the deliverables",
    "all confidential information",
    "the work product",
    "any defective goods",
    "the premises and fixtures",
    "its obligations under this document",
    "the invoices submitted by the other party",
    "any claim brought by a third party",
    "the licensed materials",
    "the equipment listed in an order",
    "all permits and approvals",
    "the results of each test",
    "any tax or duty",
    "the source files and manuals",
    "the reports described in this section",
    "personal data of its employees",
    "the security deposit",
    "any change to the specifications",
    "its insurance certificates",
    "the transition plan",
)
_QUALIFIERS = (
    "in accordance with good industry practice",
    "unless the other party consents in writing",
    "and shall not unreasonably delay doing so",
    "to the reasonable satisfaction of the other party",
    "whether or not a claim has been made",
    "as soon as is practicable",
    "without any right of set-off",
    "for as long as this document remains in force",
    "subject always to applicable law",
    "and such duty survives expiry",
    "provided that no default is continuing",
    "within a reasonable time",
    "save where the context requires otherwise",
    "in the manner set out by the parties",
    "and at no additional charge",
    "free from any lien or encumbrance",
)
_FIXED = (
    "This document may be executed in counterparts, each of which is an original.",
    "Headings are for convenience only and do not affect interpretation.",
    "No waiver is effective unless it is made in writing and signed.",
    "If any provision is held invalid, the remainder continues in full force.",
    "Words in the singular include the plural, and the reverse.",
    "Nothing in this section creates a partnership or a joint employment.",
    "The parties have read this document and had the advice of counsel.",
    "Time is of the essence in every obligation stated here.",
    "The rights and remedies here are cumulative and not exclusive.",
    "A reference to a statute includes any rule made under it.",
    "All notices are to be in writing and are deemed given on receipt.",
    "Neither party is liable for delay caused by events beyond its control.",
    "This section does not limit any liability that cannot be limited by law.",
    'The term "Affiliate" means any entity under common control with a party.',
    'The term "Business Day" means a day on which banks are open.',
    "Each party bears its own costs in preparing this document.",
    "Any estimate given by the supplier is not binding.",
    "The recitals form part of this document.",
    "An email is not a signed writing for this purpose.",
    "The committee meets as often as its members think fit.",
)
RECITALS = (
    "WHEREAS, the parties wish to set out the terms on which they will do business together;",
    "WHEREAS, each of the agreements named below was negotiated separately;",
    "WHEREAS, the supplier has the skill and the staff to perform the services;",
    "WHEREAS, the customer relies on the supplier for goods of merchantable quality;",
    "WHEREAS, the parties desire to consolidate earlier understandings into one document;",
)


class Prose:
    """Draws sentences from `rng`; holds no other state."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def pick(self, options: tuple[str, ...]) -> str:
        return options[int(self._rng.random() * len(options))]

    def sentence(self) -> str:
        """One sentence that states nothing a question could ask for. Ends in a full stop."""
        draw = self._rng.random()
        if draw < 0.12:
            return self.pick(_FIXED)
        if draw < 0.22:
            return self._mention()
        subject = self.pick(_SUBJECTS)
        clause = f"{subject} {self.pick(_MODALS)} {self.pick(_VERBS)} {self.pick(_OBJECTS)}"
        if draw < 0.60:
            clause = f"{self.pick(_OPENINGS)}, {clause}"
        if self._rng.random() < 0.6:
            clause = f"{clause} {self.pick(_QUALIFIERS)}"
        return clause[0].upper() + clause[1:] + "."

    def _mention(self) -> str:
        """A sentence that names an agreement and an attribute, but gives no value: a near miss."""
        attribute = ATTRIBUTES[int(self._rng.random() * len(ATTRIBUTES))].name
        party, kind = self.pick(PARTIES), self.pick(KINDS)
        return self.pick(
            (
                f"Nothing here alters the {attribute} of the {party} {kind}.",
                f"The parties to the {party} {kind} have discussed the {attribute} at length.",
                f"Questions about the {attribute} of the {party} {kind} go to the committee.",
                f"The {party} {kind} was signed after the {attribute} had been settled.",
                f"A change to the {attribute} requires the consent of every party to the"
                f" {party} {kind}.",
            )
        )
