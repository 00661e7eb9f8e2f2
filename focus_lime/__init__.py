"""Focus-LIME: what in a long prompt made a large language model answer as it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from focus_lime.lazy import lazy

if TYPE_CHECKING:
    from focus_lime.errors import FocusLimeError
    from focus_lime.explain import FocusLime
    from focus_lime.explanation.result import ExplainedUnit, Explanation
    from focus_lime.inputs.code import Code
    from focus_lime.inputs.prompt import Message, Prompt, Segment
    from focus_lime.inputs.prose import Prose
    from focus_lime.inputs.spans import Spans
    from focus_lime.inputs.tree import Splitter, UnitTree
    from focus_lime.inputs.units import Span, Unit, Units
    from focus_lime.method.cache import ScoreCache
    from focus_lime.method.objective import Objective, Score
    from focus_lime.method.objectives.labels import ClassLogOdds, LabelLogOdds
    from focus_lime.method.objectives.response import ResponseLogOdds
    from focus_lime.method.proxy import Proxy, ProxyScores
    from focus_lime.method.settings import Settings
    from focus_lime.method.surrogate import Sample, Surrogate, SurrogateFit, bootstrapped
    from focus_lime.method.surrogates.kernel_shap import KernelShap
    from focus_lime.method.surrogates.ridge import Ridge
    from focus_lime.method.surrogates.sparse import SparseLinear
    from focus_lime.method.value import ValueFunction
    from focus_lime.models.base import Model, Response
    from focus_lime.models.function import FunctionModel
    from focus_lime.models.loading import load_model

# Where each public name stands. It is imported when it is first used, so that `import focus_lime`
# loads nothing: neither torch nor scipy.
_HOMES = {
    "errors": ["FocusLimeError"],
    "explain": ["FocusLime"],
    "explanation.result": ["ExplainedUnit", "Explanation"],
    "inputs.code": ["Code"],
    "inputs.prompt": ["Message", "Prompt", "Segment"],
    "inputs.prose": ["Prose"],
    "inputs.spans": ["Spans"],
    "inputs.tree": ["Splitter", "UnitTree"],
    "inputs.units": ["Span", "Unit", "Units"],
    "method.cache": ["ScoreCache"],
    "method.objective": ["Objective", "Score"],
    "method.objectives.labels": ["ClassLogOdds", "LabelLogOdds"],
    "method.objectives.response": ["ResponseLogOdds"],
    "method.proxy": ["Proxy", "ProxyScores"],
    "method.settings": ["Settings"],
    "method.surrogate": ["Sample", "Surrogate", "SurrogateFit", "bootstrapped"],
    "method.surrogates.kernel_shap": ["KernelShap"],
    "method.surrogates.ridge": ["Ridge"],
    "method.surrogates.sparse": ["SparseLinear"],
    "method.value": ["ValueFunction"],
    "models.base": ["Model", "Response"],
    "models.function": ["FunctionModel"],
    "models.loading": ["load_model"],
}  # fmt: skip

__getattr__ = lazy(__name__, _HOMES)

__all__ = [
    "ClassLogOdds",
    "Code",
    "ExplainedUnit",
    "Explanation",
    "FocusLime",
    "FocusLimeError",
    "FunctionModel",
    "KernelShap",
    "LabelLogOdds",
    "Message",
    "Model",
    "Objective",
    "Prompt",
    "Prose",
    "Proxy",
    "ProxyScores",
    "Response",
    "ResponseLogOdds",
    "Ridge",
    "Sample",
    "Score",
    "ScoreCache",
    "Segment",
    "Settings",
    "Span",
    "Spans",
    "SparseLinear",
    "Splitter",
    "Surrogate",
    "SurrogateFit",
    "Unit",
    "UnitTree",
    "Units",
    "ValueFunction",
    "bootstrapped",
    "load_model",
]


def __dir__() -> list[str]:
    return __all__
