# Rules are objects; they are copied, compared and serialised
import copy
import json
import operator
import pickle
from functools import cached_property, lru_cache, partial, reduce, singledispatch, total_ordering

OPERATORS = {"eq": operator.eq, "gt": operator.gt, "in": lambda a, b: a in b, "prefix": str.startswith}


class Missing(Exception):
    def __init__(self, field):
        super().__init__("no field %s" % field)
        self.field = field


@total_ordering
class Rule:
    __slots__ = ("name", "field", "op", "value", "weight", "__dict__")

    def __init__(self, name, field, op, value, weight=1):
        self.name, self.field, self.op, self.value, self.weight = name, field, op, value, weight

    def __eq__(self, other):
        return (self.weight, self.name) == (other.weight, other.name)

    def __lt__(self, other):
        return (self.weight, self.name) < (other.weight, other.name)

    __hash__ = None

    def __getstate__(self):
        return {s: getattr(self, s) for s in ("name", "field", "op", "value", "weight")}

    def __setstate__(self, state):
        for k, v in state.items():
            setattr(self, k, v)

    @cached_property
    def label(self):
        return "%s(%s)" % (self.op, json.dumps(self.value, ensure_ascii=False))

    def check(self, event):
        if self.field not in event:
            raise Missing(self.field)
        return OPERATORS[self.op](event[self.field], self.value)


RULES = sorted([
    Rule("admin", "user", "in", ["root", "admin", "Verwalter"], 5),
    Rule("big", "bytes", "gt", 1000, 2),
    Rule("internal", "host", "prefix", "srv-", 2),
], reverse=True)
RULES = pickle.loads(pickle.dumps(RULES, protocol=2))


@singledispatch
def shown(value):
    return repr(value)


@shown.register
def _(value: str):
    return value.upper()


@shown.register(list)
def _(value):
    return [shown(v) for v in value]


@lru_cache(maxsize=None)
def weight_of(names):
    return reduce(operator.add, (r.weight for r in RULES if r.name in names), 0)


class Encoder(json.JSONEncoder):
    def default(self, o):
        if isinstance(o, Rule):
            return {"rule": o.name}
        if isinstance(o, (set, frozenset)):
            return sorted(o)
        return super().default(o)


dumps = partial(json.dumps, cls=Encoder, sort_keys=True, indent=1, ensure_ascii=False)


def parse_messages(topic, messages):
    out = []
    for m in messages:
        event = json.loads(m["message"])
        hits, missing = [], []
        for rule in RULES:
            try:
                if rule.check(event):
                    hits.append(rule)
            except Missing as e:
                missing.append(str(e))
        other = copy.copy(hits[0]) if hits else None
        if other:
            other.weight += 10
        total = weight_of(tuple(r.name for r in hits))
        out.append({
            "container": {"name": ", ".join(r.label for r in hits) or "no rule", "data": {"weight": total, "greater": bool(other and other > max(hits))}},
            "artifacts": [{"name": "event", "cef": {k: shown(v) for k, v in event.items()}, "description": dumps({"hits": hits, "missing": missing, "users": {event.get("user", "?")}})}],
        })
    return out
