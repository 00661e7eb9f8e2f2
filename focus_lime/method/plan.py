"""The plan of an explanation: what explains one prompt, with every default filled in; and the units
and masks that this means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.tree import UnitTree
from focus_lime.inputs.units import Units
from focus_lime.method.masks import DESIGNS, TREE, Masks, within_tree
from focus_lime.method.mixed import caches
from focus_lime.method.ownership import joined, token_spans, tree_for
from focus_lime.method.proxy import Proxy
from focus_lime.method.search import TargetSearch
from focus_lime.method.sets import MOST_LOOKED_AT
from focus_lime.method.settings import Estimator, Settings, resolve
from focus_lime.method.surrogate import Surrogate
from focus_lime.method.surrogates.sparse import SparseLinear
from focus_lime.models.base import Model

_DESIGN = "bernoulli"  # of scored units that are opened later
_BUDGET = 64  # masks over these
_FEWEST = 12  # calls of a search
_SUBSETS = 7  # calls for each subset of leading units, at least
_KEEP = 0.8  # of parents and of their units, in the design `tree`


@dataclass(frozen=True, eq=False)
class Plan:
    """What explains one prompt, and how.

    Attributes:
        settings: with every default filled in.
        tree: of the prompt, rooted at the level that is attributed first.
    """

    prompt: Prompt
    model: Model
    proxy: Proxy | None
    surrogate: Surrogate
    settings: Settings
    tree: UnitTree

    @classmethod
    def of(
        cls,
        prompt: Prompt,
        settings: Settings,
        model: Model,
        proxy: Proxy | None = None,
        surrogate: Surrogate | None = None,
    ) -> Plan:
        """The plan that the settings mean. Where the mixed estimator is asked of a model that
        cannot answer over its cached context, the neighborhood is no larger than exact masks can
        attribute.

        Raises:
            FocusLimeError: a granularity that neither the prompt nor the model has.
        """
        # Plain LIME weighs masks by their distance to the prompt.
        surrogate = surrogate or SparseLinear(kernel=proxy is None)

        def resolved(asked: Settings) -> Settings:
            return resolve(asked, prompt.tree, has_proxy=proxy is not None, design=surrogate.design)

        searches = isinstance(proxy, TargetSearch)
        if searches:
            usual = max(1, int(resolved(settings).budget or 0) // 2)  # so many can be known
            exact = replace(settings, estimator=settings.estimator or "exact")
            settings = replace(exact, n_scored=settings.n_scored or usual)
        full = resolved(settings)
        if full.estimator == "mixed" and not caches(model, prompt):
            exact = resolved(replace(settings, estimator="exact"))
            asked = settings.estimator or "exact"
            full = replace(full, n_coarse=exact.n_coarse, n_scored=exact.n_scored, estimator=asked)
        tree = tree_for(model, prompt)
        # A search halves groups down to single units, whatever their level.
        if not full.is_fine(tree) or (searches and full.granularity in tree.levels):
            tree = tree.at(str(full.granularity))
        elif full.granularity not in tree.levels:
            model.tokens(prompt)  # a model without tokens says so before anything is asked
        return cls(prompt, model, proxy, surrogate, full, tree)

    @property
    def estimator(self) -> Estimator:
        """Of the scored units, and of those that they are opened to."""
        return self.settings.estimator or "exact"

    @property
    def searches(self) -> bool:
        """Whether the target finds the neighborhood by its own search."""
        return isinstance(self.proxy, TargetSearch)

    @property
    def is_sparse(self) -> bool:
        """Whether a search leaves whole what is small beside the best: among units finer than the
        scored ones, as words, unless it is not to stop before the budget.
        """
        return self.settings.is_fine(self.prompt.tree) and self.settings.confidence < 1

    @property
    def calls(self) -> int:
        """Of a search, and of all that follows from it: the budget, less the one that asked for the
        answer; a quarter of that where the leading units are opened to a finer level.
        """
        budget = int(self.settings.budget or 0) - 1
        return max(_FEWEST, budget // 4 if self.opens else budget)

    @property
    def calls_to_open(self) -> int:
        """Masks over units at the finest level: what a search leaves of the budget."""
        budget = int(self.settings.budget or 0)
        return budget - 1 - self.calls - 2 * self.settings.verify if self.searches else budget

    @property
    def n_decisive(self) -> int:
        """Leading units of a search of which all subsets are deleted, for the sets that decide."""
        affordable = int(np.log2(max(1, self.calls // _SUBSETS)))
        return min(MOST_LOOKED_AT, max(2, affordable)) if self.settings.sets else 0

    @property
    def reserved(self) -> int:
        """Of the calls of a search those of the deletion curve and of the sets that decide. Each
        leading unit was deleted alone before.
        """
        n = self.n_decisive
        deleted, all_kept = 2**n - 1 - n, 1
        return int((deleted + all_kept if n else 0) + max(0, self.settings.verify - max(1, n)))

    @property
    def opens(self) -> bool:
        """Whether the leading units are opened to a finer level."""
        return self.proxy is not None and self.settings.is_fine(self.tree)

    @property
    def attributes_fine(self) -> bool:
        """Whether fine units are attributed at once: plain LIME at a fine level."""
        return self.proxy is None and self.settings.is_fine(self.tree)

    def within(self, units: Units) -> Units:
        """The units at the finest level in the given scored ones: of the tree, or model tokens."""
        level = str(self.settings.granularity)
        if level in self.tree.levels:
            return self.tree.units(level, within=units)
        tokens = self.model.tokens(self.prompt).fitted_to(units)
        spans = token_spans(self.model, self.prompt)
        return (tokens if spans is None else joined(tokens, units, spans)).named_by(units)

    def masks(self, units: Units, parents: Units, *, opened: bool, times: int = 1) -> Masks:
        """`bool[n_masks, n_units]`, at most `times` the budget, by the design.

        Args:
            parents: scored units; in the design `tree` one that is dropped takes its units along.
            opened: whether the units are at the finest level; the budget and the design are of it.
        """
        settings, seed = self.settings, self.settings.seed
        if not opened:
            design = self.surrogate.design or _DESIGN
            return DESIGNS[design](len(units), times * _BUDGET, seed)
        n_masks = times * int(settings.budget or 0)
        if settings.design == TREE:
            rows = units.parents(parents)
            return within_tree(rows, n_masks, seed, keep_parent=_KEEP, keep=_KEEP)
        return DESIGNS[str(settings.design)](len(units), n_masks, seed)
