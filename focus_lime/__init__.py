"""Focus-LIME: what in a long prompt made a large language model answer as it did."""

from focus_lime.errors import FocusLimeError
from focus_lime.explain import FocusLime
from focus_lime.explanation import Explanation
from focus_lime.models.function import FunctionModel
from focus_lime.models.load import load_model
from focus_lime.perturb.cache import ScoreCache
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt

__all__ = [
    "Explanation",
    "FocusLime",
    "FocusLimeError",
    "FunctionModel",
    "Prompt",
    "ScoreCache",
    "ValueFunction",
    "load_model",
]
