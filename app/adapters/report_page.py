"""What the report PDF says, as strings: values, sources and outcomes in the words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.adapters.report_texts import METHODS_ZH, texts_of
from app.domain.plan import SECTIONS
from app.domain.rendering import SLOT, format_date, format_money, format_number
from app.domain.report_kinds import ReportKind


@dataclass(frozen=True)
class ReportPage:
    """Turns the parts of a package into the strings that the template shows.

    ``data`` is as ``export_package`` gives it; ``language`` is "en" or "zh".
    """

    data: Mapping[str, Any]
    language: str

    @cached_property
    def texts(self) -> Mapping[str, str]:
        return texts_of(self.language)

    @cached_property
    def facts(self) -> Mapping[str, Mapping[str, Any]]:
        return {fact["id"]: fact for fact in self.data["facts"]}

    @cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        return {document["sha256"]: document for document in self.data["documents"]}

    @cached_property
    def stances(self) -> Mapping[str, str]:
        """Stance of the weightiest finding about each fact."""
        ordered = sorted(self.data["findings"], key=lambda finding: finding["materiality"])
        return {finding["facts"][0]: finding["stance"] for finding in ordered if finding["facts"]}

    def content(self) -> dict[str, Any]:
        """Everything the template reads."""
        case = self.data["case"]
        return {
            "language": self.language,
            "case": case["id"],
            "applicant": case["applicant"] or case["reference"] or case["id"],
            "subtitle": self._subtitle(case),
            "heads": self._heads(case),
            "decision": self._decision(),
            "reasons": [
                {"code": reason["code"], "text": reason["text"]}
                for reason in self.data["decision"]["principal_reasons"]
            ],
            "summary": self._summary(),
            "brief": self.data["report"].get("summary", {}).get("text", ""),
            "sections": self._sections(),
            "questions": [question["text"] for question in self.data["report"].get("questions", ())],
            "gauge": self._gauge(),
            "characteristics": self._characteristics(),
            "clauses": self._clauses(),
            "facts": [self._fact_row(fact) for fact in self.data["facts"]],
            "left_out": self._count("left_out", len(self.data["left_out"])) if self.data["left_out"] else "",
            "documents": [
                {"name": d["name"], "note": d["note"], "sha256": d["sha256"]} for d in self.data["documents"]
            ],
            "model": self._model(),
            "signature": self._signature(),
        }

    def label(self, name: str) -> str:
        """The catalogue's label; the name itself of a fact it does not know."""
        entry = self.data["catalogue"].get(name)
        return str(entry["label"].get(self.language, name)) if entry else name

    def value(self, fact: Mapping[str, Any]) -> str:
        """A fact's value with its unit, as reports write it."""
        value, unit = fact["value"], fact["unit"]
        entry = self.data["catalogue"].get(fact["name"], {})
        kind = entry.get("kind", unit)
        if isinstance(value, bool):
            return self.texts["yes" if value else "no"]
        if kind == "date":
            return format_date(date.fromisoformat(value), self.language)
        if kind == "category":
            return str(entry.get("categories", {}).get(value, {}).get(self.language, value))
        if kind == "text":
            return str(value)
        return self._number(Decimal(value), kind, unit)

    def _number(self, value: Decimal, kind: str, unit: str) -> str:
        if kind == "money" or re.fullmatch("[A-Z]{3}", unit):
            return format_money(value, unit, self.language)
        figure = format_number(value)
        if kind in ("months", "years", "days") and figure in ("1", "-1"):
            return self.texts[kind[:-1]].replace("1", figure)
        return self.texts[kind].format(n=figure) if kind in ("months", "years", "days", "percent") else figure

    def _count(self, key: str, count: int) -> str:
        return self.texts[key].format(n=count)

    def _money(self, amount: str | None, currency: str) -> str | None:
        return None if amount is None else format_money(Decimal(amount), currency, self.language)

    def _role(self, role: str) -> str:
        return self.texts.get(f"role.{role.lower()}", role)

    def _terms(self, terms: Mapping[str, Any]) -> str:
        """ "8,500.00 EUR · 36 months · 9.9 %", of what is known."""
        months, rate = terms.get("term_months"), terms.get("rate_pct")
        parts = [
            self._money(terms.get("amount"), terms["currency"]),
            None if months is None else self._number(Decimal(months), "months", ""),
            None if rate is None else self.texts["percent"].format(n=format_number(Decimal(rate))),
        ]
        return " · ".join(part for part in parts if part)

    def _time(self, at: str) -> str:
        moment = datetime.fromisoformat(at).astimezone(UTC)
        return f"{format_date(moment.date(), self.language)}, {moment:%H:%M} UTC"

    def _subtitle(self, case: Mapping[str, Any]) -> str:
        received = case["received_on"]
        name = self.texts.get(f"product.{case['product']}", case["product"].replace("-", " ").capitalize())
        parts = [case["id"], name]
        if case["reference"] and case["reference"] != case["applicant"]:
            parts.append(case["reference"])
        if received:
            parts.append(f"{self.texts['received']} {format_date(date.fromisoformat(received), self.language)}")
        return " · ".join(parts)

    def _heads(self, case: Mapping[str, Any]) -> list[dict[str, str]]:
        score, policy = self.data["score"], self.data["policy"]
        pd = format_number(Decimal(score["pd"]) * 100)
        heads = [
            {"name": self.texts["requested"], "value": self._terms(case), "stance": "neutral"},
            {
                "name": f"{self.texts['score']} · {self.texts['grade']} · {self.texts['pd']}",
                "value": f"{score['points']} · {score['grade']} · {self.texts['percent'].format(n=pd)}",
                "stance": "neutral",
            },
            {"name": self.texts["policy"], "value": self._policy_head(), "stance": _stance(policy["outcome"])},
        ]
        if policy["fits"]:
            terms = self._terms(policy["fits"])
            heads.append({"name": self.texts["policy_fits"], "value": terms, "stance": "favourable"})
        return heads

    def _policy_head(self) -> str:
        policy = self.data["policy"]
        outcome = self.texts[f"clause.{policy['outcome']}"]
        deciding = next((c["clause"] for c in policy["clauses"] if c["outcome"] == policy["outcome"] != "pass"), None)
        said = outcome[:1].upper() + outcome[1:]
        return said + self.texts["colon"] + deciding if deciding and policy["outcome"] != "approve" else said

    def _decision(self) -> dict[str, Any]:
        decision = self.data["decision"]
        first = decision["first_opinion"]
        rows = [
            (self.texts["conditions"], self.texts["list_comma"].join(decision["conditions"])),
            (self.texts["decided_by"], f"{decision['person']} · {self._role(decision['role'])}"),
            (self.texts["decided_at"], self._time(decision["decided_at"])),
            (self.texts["authority"], decision["authority"]),
            (self.texts["override"], decision["override"]),
            (self.texts["despite"], decision.get("despite_contradiction")),
            (self.texts["first_opinion"], first and self._opinion(first)),
        ]
        return {
            "outcome": self.texts[f"outcome.{decision['outcome']}"],
            "stance": _stance(decision["outcome"]),
            "terms": self._terms(decision) if decision["outcome"] in ("approve", "counter-offer") else "",
            "reason": decision["reason"],
            "rows": [{"name": name, "value": value} for name, value in rows if value],
        }

    def _opinion(self, first: Mapping[str, Any]) -> str:
        return f"{self.texts['outcome.' + first['outcome']]} · {first['person']} · {self._time(first['at'])}"

    def _summary(self) -> str:
        sentences = self.data["report"]["sentences"]
        counts = {
            "sentences": len(sentences),
            "by_model": sum(sentence["author"] == "model" for sentence in sentences),
            "fell_back": sum(sentence["state"] == "fallen_back" for sentence in sentences),
            "by_person": sum(sentence["author"] == "person" for sentence in sentences),
        }
        return " · ".join(self._count(key, count) for key, count in counts.items() if count or key == "sentences")

    def _sections(self) -> list[dict[str, Any]]:
        sentences = self.data["report"]["sentences"]
        kind = self.data["report"].get("kind")
        order = ReportKind.from_json(kind).names() if kind else SECTIONS
        names = dict.fromkeys([*order, *(sentence["section"] for sentence in sentences)])
        found = [
            {
                "title": self._heading(name),
                "sentences": [
                    {"author": sentence["author"], "spans": self._spans(sentence)}
                    for sentence in sentences
                    if sentence["section"] == name
                ],
            }
            for name in names
        ]
        return [section for section in found if section["sentences"]]

    def _heading(self, section: str) -> str:
        """The kind's own heading, else the usual one."""
        kind = self.data["report"].get("kind")
        own = ReportKind.from_json(kind).heading(section, self.language) if kind else ""
        return own or self.texts.get(f"section.{section}", section)

    def _spans(self, sentence: Mapping[str, Any]) -> list[dict[str, str]]:
        """The sentence in runs, the figures that its slots tell apart marked with the stance it gives them."""
        literals = SLOT.split(sentence["template"])
        pattern = "(.+?)".join(re.escape(text) for text in literals[::2])
        match = re.fullmatch(pattern, sentence["text"], re.IGNORECASE | re.DOTALL)
        if match is None:
            return [{"text": sentence["text"], "stance": ""}]
        stances = self._stances_in(sentence)
        spans, at = [], 0
        for number, name in enumerate(literals[1::2], 1):
            start, end = match.span(number)
            spans.append({"text": sentence["text"][at:start], "stance": ""})
            spans.append({"text": match.group(number), "stance": stances.get(name, "neutral")})
            at = end
        spans.append({"text": sentence["text"][at:], "stance": ""})
        return [span for span in spans if span["text"]]

    def _stances_in(self, sentence: Mapping[str, Any]) -> dict[str, str]:
        """Stance by fact name: that of the sentence's own findings about the fact."""
        findings = [finding for finding in self.data["findings"] if finding["id"] in sentence["findings"]]
        return {
            self.facts[finding["facts"][0]]["name"]: finding["stance"]
            for finding in findings
            if finding["facts"] and finding["facts"][0] in self.facts
        }

    def _gauge(self) -> dict[str, Any]:
        score = self.data["score"]
        width = max(1, score["maximum_points"] - score["minimum_points"])
        place = (score["points"] - score["minimum_points"]) / width
        pd = self.texts["percent"].format(n=format_number(Decimal(score["pd"]) * 100))
        return {
            "points": str(score["points"]),
            "words": f"{self.texts['grade']} {score['grade']} · {self.texts['pd']} {pd}",
            "place": round(min(1.0, max(0.0, place)) * 100, 2),
            "low": str(score["minimum_points"]),
            "high": str(score["maximum_points"]),
            "version": f"{score['scorecard']} {score['version']}",
        }

    def _characteristics(self) -> list[list[str]]:
        score = self.data["score"]
        rows = [
            [
                self.label(row["name"]),
                self._bin(row),
                str(row["points"]),
                str(row["neutral_points"]),
                str(row["maximum_points"]),
                str(row["lost"]) if row["lost"] else "",
            ]
            for row in score["characteristics"]
        ]
        base = score["points"] - sum(row["points"] for row in score["characteristics"])
        if base:
            rows.append([self.texts["base"], "", str(base), "", "", ""])
        return rows

    def _bin(self, row: Mapping[str, Any]) -> str:
        """The band's label, its categories in the reader's words."""
        entry = self.data["catalogue"].get(row["name"], {})
        if entry.get("kind") == "boolean" and row["bin"] in ("true", "false"):
            return self.texts["yes" if row["bin"] == "true" else "no"]
        labels = entry.get("categories", {})
        words = [
            str(labels.get(part, {}).get(self.language) or self.texts.get(part, part))
            for part in str(row["bin"]).split(" / ")
        ]
        return " / ".join(words)

    def _clauses(self) -> list[dict[str, str]]:
        return [
            {
                "clause": clause["clause"],
                "result": self.texts.get(f"clause.{clause['outcome']}", clause["outcome"]),
                "stance": _stance(clause["outcome"]),
                "text": clause["text"],
            }
            for clause in self.data["policy"]["clauses"]
        ]

    def _fact_row(self, fact: Mapping[str, Any]) -> dict[str, str]:
        return {
            "label": self.label(fact["name"]),
            "value": self.value(fact),
            "source": self._source(fact),
            "stance": self.stances.get(fact["id"], "neutral"),
        }

    def _source(self, fact: Mapping[str, Any]) -> str:
        source, texts = fact["source"], self.texts
        parts: list[str] = []
        match source["kind"]:
            case "computation" | "reference" as kind:
                key = "computed" if kind == "computation" else "reference"
                method = self._method(source.get("method", ""))
                parts.append(texts[key].format(n=method) if method else texts[f"{key}_plain"])
                parts += self._inputs(source)
            case "person":
                person = source.get("person")
                parts.append(texts["by_person_source"].format(n=person) if person else texts["person_plain"])
        over_rows = ":rows " in source.get("method", "")
        parts += self._place({key: value for key, value in source.items() if key != "row" or not over_rows})
        if Decimal(fact["confidence"]) < 1:
            parts.append(texts["confidence"].format(n=fact["confidence"]))
        if fact["confirmed_by"]:
            parts.append(texts["confirmed"].format(n=fact["confirmed_by"]))
        return " · ".join(parts)

    def _inputs(self, source: Mapping[str, Any]) -> list[str]:
        known = [self.facts[fact_id]["name"] for fact_id in source.get("inputs", ()) if fact_id in self.facts]
        labels = [self.label(name) for name in dict.fromkeys(known)]
        return [self.texts["from"].format(n=self.texts["list_comma"].join(labels))] if labels else []

    def _method(self, method: str) -> str:
        """A method in the reader's words: labels for the facts' names, the entries it went over as a list."""
        words, _, rows = method.partition(":rows ")
        words = re.sub(r"^(policy|scorecard|catalogue):", r"\1 ", words).replace(".benchmark", " benchmark")
        if self.language == "zh":
            for phrase, chinese in METHODS_ZH.items():
                words = re.sub(rf"(?<![\w.]){re.escape(phrase)}(?![\w.])", chinese, words)
        words = re.sub(r"[a-z]+\.[a-z0-9_]+", lambda name: self.label(name.group()), words)
        return f"{words} · {self.texts['rows'].format(n=rows.replace(',', ', '))}" if rows else words

    def _place(self, source: Mapping[str, Any]) -> Sequence[str]:
        """Document, page, line, column or path, as far as the source names them."""
        digest = source.get("document", "")
        known = self.documents.get(digest)
        parts = [known["name"] if known else str(digest)[:12]]
        for key in ("page", "row", "column"):
            if key in source:
                parts.append(self.texts[key].format(n=source[key]))
        if "path" in source:
            parts.append(source["path"])
        return [part for part in parts if part]

    def _model(self) -> dict[str, str]:
        model = self.data["model"]
        if model is None:
            return {"words": self.texts["no_model"], "sha256": ""}
        seed = self.texts["seed"].format(n=model["seed"])
        return {"words": f"{model['name']} · {model['runtime']} · {seed}", "sha256": model["sha256"]}

    def _signature(self) -> list[dict[str, Any]]:
        signer = self.data["signer"]
        rows = [
            ("signed_by", signer["person"], False),
            ("role", self._role(signer["role"]), False),
            ("signed_at", self._time(self.data["sealed_at"]), False),
            ("key", signer["key"], True),
            ("seal", self.data["seal"], True),
        ]
        return [{"name": self.texts[key], "value": value, "code": code} for key, value, code in rows]


def _stance(outcome: str) -> str:
    """Colour of an outcome."""
    return {"approve": "favourable", "pass": "favourable", "decline": "adverse"}.get(outcome, "caution")
