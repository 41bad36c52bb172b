# Amounts as decimals: floats lose cents
import json
from decimal import Decimal, InvalidOperation, ROUND_HALF_EVEN, ROUND_HALF_UP, getcontext, localcontext
from fractions import Fraction

getcontext().prec = 28
CENT = Decimal("0.01")
RATES = {"EUR": Decimal(1), "USD": Decimal("0.92"), "JPY": Decimal("0.0061")}
balances = {}


def money(text):
    try:
        return Decimal(text.replace(" ", "").replace("\u202f", "").replace(",", "."))
    except InvalidOperation:
        return None


def parse_messages(topic, messages):
    artifacts = []
    for m in messages:
        payment = json.loads(m["message"], parse_float=Decimal)
        amount = payment["amount"] if isinstance(payment["amount"], (Decimal, int)) else money(payment["amount"])
        if amount is None:
            artifacts.append({"name": "unreadable amount", "cef": {"amount": payment["amount"]}})
            continue
        euros = (Decimal(amount) * RATES[payment.get("currency", "EUR")]).quantize(CENT, rounding=ROUND_HALF_UP)
        account = payment["account"]
        balances[account] = balances.get(account, Decimal()) + euros
        share = Fraction(euros) / (Fraction(sum(balances.values())) or 1)
        with localcontext() as context:
            context.prec = 6
            third = euros / 3
        artifacts.append({
            "name": "payment",
            "severity": "high" if euros >= 10000 else "low",
            "cef": {
                "euros": str(euros), "number": float(euros), "balance": format(balances[account], ",f"),
                "share": "%d/%d" % (share.numerator, share.denominator), "limited": str(share.limit_denominator(10)),
                "third": str(third), "even": str(euros.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)),
                "tuple": list(euros.as_tuple().digits), "sci": "%.3E" % euros,
            },
        })
    return [{"container": {"name": "Payments", "data": {k: str(v) for k, v in sorted(balances.items())}}, "artifacts": artifacts}]
