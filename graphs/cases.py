"""Believable inputs for the example graphs, and the answers that take a thread from each of its pauses to the end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

CUSTOMERS = [
    "Nordwind Logistik GmbH", "M. Okafor", "Brightwater Dental", "Lindqvist & Søn", "Casa Bellini", "Atlas Tooling Ltd",
    "Y. Tanaka", "Greenfield Bakery", "Harbour Street Clinic", "Dubois Frères", "Kestrel Energy", "R. Fernández",
    "Ostrava Steel", "Maple Lane School", "Zeller Optik AG", "P. Nguyen",
]  # fmt: skip
PEOPLE = ["Ada Brandt", "Bo Eriksen", "Chidi Obi", "Dana Levy", "Emil Novak", "Farah Haddad", "Grete Olsen"]
CONTINUE = None
"""The answer to a static pause: there is nothing to say."""

Case = tuple[dict[str, Any], list[Any]]
"""A graph's input, and one answer for each of its pauses in turn."""


@dataclass(frozen=True, kw_only=True)
class CaseWriter:
    """Makes up the case with this number; the method has the graph's name."""

    rng: Random
    now: datetime
    number: int

    def write(self, graph: str) -> Case:
        return getattr(self, graph)()

    def transaction(self) -> Case:
        amount = round(self.rng.choice([1, 1, 1, 8]) * self.rng.uniform(6_000, 48_000), 2)
        reason = self.rng.choice(
            ["Invoice 2214, steel frames", "Settlement of claim", "Advance for tooling", "Rent, 2nd quarter"]
        )
        values = {
            "reference": f"TX-{self.number}",
            "customer": self.rng.choice(CUSTOMERS),
            "amount": amount,
            "currency": self.rng.choice(["EUR", "EUR", "USD", "CHF"]),
            "reason": reason,
        }
        approved = self.rng.random() < 0.8
        return values, [
            {"approved": approved, "note": "matches the order" if approved else "bank details changed last week"}
        ]

    def risk_review(self) -> Case:
        signals = [
            "new director",
            "late filings",
            "address shared with 40 firms",
            "three chargebacks",
            "sanctions near-match",
        ]
        values = {
            "applicant": self.rng.choice(CUSTOMERS),
            "exposure": float(self.rng.randrange(20, 900) * 1_000),
            "risk_score": round(self.rng.uniform(0.77, 0.99), 2),
            "signals": self.rng.sample(signals, self.rng.randint(1, 3)),
        }
        return values, [{"approved": self.rng.random() < 0.4, "notes": "Spoke to their bank."}]

    def publishing(self) -> Case:
        topics = {
            "Spring prices": ["Steel up 4 percent", "Delivery unchanged", "Old quotes stay valid until May"],
            "We open in Gdansk": ["New depot with 40 places", "Next-day delivery to the north", "Hiring now"],
            "Outage of 3 March": ["What happened", "Who was affected", "What we changed"],
            "A greener fleet": ["Twelve electric vans", "Charging at night", "Two routes still diesel"],
        }
        topic = self.rng.choice(list(topics))
        return {"topic": topic, "author": self.rng.choice(PEOPLE), "points": topics[topic]}, [CONTINUE]

    def deletion(self) -> Case:
        systems = self.rng.sample(["crm", "billing", "newsletter", "support", "warehouse"], self.rng.randint(2, 4))
        return {"subject": self.rng.choice(CUSTOMERS), "requested_by": self.rng.choice(PEOPLE), "systems": systems}, [
            CONTINUE
        ]

    def intake(self) -> Case:
        request = self.rng.choice(["Standing desk", "Second monitor", "Forklift training", "Booth at the Leipzig fair"])
        address = self.rng.choice(
            ["Hafenstr. 12, 20457 Hamburg", "4 Quay Rd, Bristol BS1 5TY", "Rue Haxo 8, 75020 Paris"]
        )
        return {"request": request}, ["yes", address, f"{self.rng.randrange(2, 40) * 100} EUR"]

    def purchase_order(self) -> Case:
        stock = [
            ("B-0812", "Bolt M8 × 12", 0.07),
            ("P-2203", "Pallet, EUR 1", 11.4),
            ("G-1180", "Gloves, size 9", 2.35),
            ("L-4401", "Laptop 14 in", 1_149.0),
            ("C-0077", "Copper wire 50 m", 64.9),
        ]
        lines = [
            {
                "sku": sku,
                "description": text,
                "quantity": self.rng.choice([1, 2, 5] if price > 50 else [40, 120, 500]),
                "unit_price": price,
            }
            for sku, text, price in self.rng.sample(stock, self.rng.randint(2, 4))
        ]
        values = {
            "number": f"PO-{self.number}",
            "supplier": self.rng.choice(CUSTOMERS),
            "requested_by": self.rng.choice(PEOPLE),
            "needed_by": (self.now + timedelta(days=self.rng.randint(-1, 9)))
            .replace(hour=16, minute=0, microsecond=0)
            .isoformat(),
            "lines": lines,
        }
        halved = [line | {"quantity": max(line["quantity"] // 2, 1)} for line in lines]
        release = {"released": self.rng.random() < 0.8, "cost_centre": "4100 Workshop"}
        return values, [{"decision": "approve", "lines": halved, "comment": "half is enough"}, release]

    def insurance_claim(self) -> Case:
        losses = {
            "Rear-end collision on the A7, two vehicles": ["vehicle", "medical", "liability"],
            "Burst pipe in the cellar over Easter": ["property", "liability"],
            "Warehouse fire, sprinkler failed": ["property", "medical", "liability"],
        }
        loss = self.rng.choice(list(losses))
        values = {
            "claim_number": f"CLM-{self.number}",
            "claimant": self.rng.choice(CUSTOMERS),
            "loss": loss,
            "claimed": float(self.rng.randrange(18, 640) * 100),
            "reported_on": self.now.date().isoformat(),
            "fields": losses[loss],
        }
        visit = (self.now + timedelta(days=3)).date().isoformat()
        found = {"covered": "yes", "amount": round(values["claimed"] / 4, 2), "inspected_on": visit}
        return values, [found for _ in losses[loss]]

    def contract(self) -> Case:
        clauses = {
            "liability": self.rng.choice(["Capped at the yearly fee.", "Unlimited."]),
            "payment": self.rng.choice(["30 days net.", "90 days net.", "In advance."]),
            "renewal": "Renews for a year unless ended three months before.",
            "termination": "Three months to the end of a quarter.",
        }
        title = self.rng.choice(["Framework agreement", "Cleaning services", "Software licence", "Lease of unit 4"])
        kept = self.rng.sample(list(clauses), 3)
        values = {
            "title": title,
            "counterparty": self.rng.choice(CUSTOMERS),
            "value": float(self.rng.randrange(8, 480) * 1_000),
            "clauses": {name: clauses[name] for name in clauses if name in kept},
        }
        wishes = {
            "accepted_clauses": kept,
            "decision": "renegotiate",
            "changes": "Cap the liability at two yearly fees.",
        }
        return values, [self.rng.choice([wishes, {"accepted_clauses": kept, "decision": "sign"}])]

    def tool_agent(self) -> Case:
        sender = f"{self.rng.choice(PEOPLE).split()[0].lower()}@example.com"
        complaints = [
            f"Order {self.number} arrived broken, please refund {self.rng.randrange(20, 1_500)}.00 EUR.",
            f"Where is my order {self.number}? It was due last week.",
            f"I was charged twice for order {self.number}: {self.rng.randrange(20, 400)}.00 EUR too much.",
        ]
        text = f"{self.rng.choice(complaints).replace('Order', 'My order')} Write to {sender}."
        decisions = [{"type": "approve"}] * (2 if "EUR" in text else 1)
        return {"messages": [{"role": "user", "content": text}]}, [{"decisions": decisions}]


PREFIXES = {
    "transaction": "txn",
    "risk_review": "risk",
    "publishing": "article",
    "deletion": "erasure",
    "intake": "intake",
    "purchase_order": "po",
    "insurance_claim": "claim",
    "contract": "contract",
    "tool_agent": "chat",
}
"""Graph name → prefix of its thread ids."""
