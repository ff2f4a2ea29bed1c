"""The parts of a report as HTML. No script, no picture, no address of anybody: it opens offline and runs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from signoff.history import SOURCES, side_by_side
from signoff.origin import Origin
from signoff.report.facts import FORMAT
from signoff.report.markup import NOTHING, Html, fill, joined
from signoff.report.sealing import canonical
from signoff.reviews import Json, Kind

_STYLE: Final = """
:root { color-scheme: light dark; --line: #d0d4dc; --soft: #f4f5f8; --text: #1b2130; --dim: #5b6475; --mark: #4a5fae;
  --good: #1c7a46; --bad: #b3261e; --back: #fff }
@media (prefers-color-scheme: dark) { :root { --line: #3a4150; --soft: #1d222d; --text: #e6e9f0; --dim: #9aa4b8;
  --mark: #9db0f5; --good: #6cd39b; --bad: #ff8a80; --back: #12161f } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; margin: 0 0 1rem } h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem }
h3 { margin: 0; font-size: 1rem } a { color: var(--mark) } small, dt, .dim { color: var(--dim) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: .5rem 0 } dd { margin: 0 }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: .75rem 0 }
article.plain { border-width: 0 0 0 2px; border-radius: 0; margin: 0; padding-bottom: 1.1rem }
pre { background: var(--soft); border-radius: .4rem; padding: .6rem .8rem; margin: .4rem 0; white-space: pre-wrap;
  font: 12.5px/1.45 ui-monospace, monospace }
table { border-collapse: collapse; margin: .4rem 0; font-size: .9rem } td { border-top: 1px solid var(--line);
  padding: .2rem 1rem .2rem 0; vertical-align: top } summary { cursor: pointer; color: var(--mark) }
code { font-size: .85em } .good { color: var(--good) } .bad { color: var(--bad) } .seal { margin-top: 3rem }
@media print { body { max-width: none; padding: 0; font-size: 11px } article { break-inside: avoid-page } }
"""
_HOW = """<h2>How to check this report</h2>
<p>Its last line is the SHA-256 of all that stands above it. <code>signoff report verify FILE</code> finds any change of
the file, and makes the hash of each entry of the trail anew. Whoever can write the whole file can seal it anew, too: so
keep the hash elsewhere, or add <code>--with-desk</code>, which compares every entry with the desk's own trail;
<code>signoff audit verify</code> checks that trail from end to end.</p>
<p>The hash of an entry is the SHA-256 of its text as it is printed above; each entry names the hash of the one
before it. Where secrets are masked, or a long body is left out, the hash can only be compared with the desk's.</p>
"""
_ANSWERED = ("Answered", "asked at", "What was sent to the graph")
_TRAVELLED = ("Decided", "went back to", "What was requested")
_OUTCOMES = {"applied": "good", "refused": "bad", "failed": "bad"}


def head(told: Mapping[str, Json]) -> Html:
    """Return the beginning of the page, up to the decisions."""
    stands = f"next: {', '.join(told['next'])}" if told["next"] else "finished"
    rows = {
        "Graph": told["graph"] or "not known",
        "Stands": f"at step {told['step']}, {stands}",
        "Waits for": "; ".join(told["waiting"]) or "nobody",
        "Newest checkpoint": told["checkpoint_id"],
        "Exported": f"{_time(told['exported_at'])}, by {told['exported_by']}, with Signoff {told['signoff']}",
        "Trail": f"{told['trail']['entries']:,} entries, the newest {told['trail']['newest']}",
    }
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return fill(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="{}">'
        '<meta http-equiv="Content-Security-Policy" content="{}"><meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Thread {}</title>'
        "<style>{}</style></head><body>\n<h1>Thread {}</h1>\n{}\n<h2>Decisions</h2>\n",
        *(FORMAT, policy, told["thread_id"], Html(_STYLE), told["thread_id"], _facts(rows)),
    )


def decision(told: Mapping[str, Json]) -> Html:
    """Return one decision as a story."""
    decided, at, sent = _TRAVELLED if told["kind"] == Kind.TRAVEL else _ANSWERED
    rows = {
        "Outcome": f"{told['outcome']}{_at(told['settled_at'])}",
        decided: f"by {told['reviewer']} ({told['reviewer_source']}){_at(told['recorded_at'])}",
        "Comment": told["comment"],
        "Graph, node": " · ".join(filter(None, (told["graph"], told["node"]))),
        "Checkpoints": f"{at} {told['checkpoint_id']}; from {told['checkpoint_before'] or '–'} to "
        f"{told['checkpoint_after'] or '–'}",
        "Decision": f"{told['id']}, attempt {told['attempt']}",
        "Shown": f"fingerprint {told['digest']}",
    }
    parts = {"What was shown": told["shown"], "What the form proposed": told["proposed"]}
    return fill(
        '<article id="decision-{}"><h3>{} <span class="{}">{}</span></h3>{}{}{}{}{}{}{}{}</article>\n',
        *(told["id"], told["title"], _OUTCOMES.get(told["outcome"], "dim"), told["outcome"], _facts(rows)),
        joined(_folded(name, value) for name, value in parts.items() if value is not None),
        _titled("Changed from what was proposed", _changes(told["edits"])),
        _open(sent, told["resume"]),
        joined(_folded(f"Written by {one['node'] or '?'}", one["wrote"]) for one in told["wrote"]),
        NOTHING if told["wrote_all"] else fill("<small>{}</small>", "Large values and old steps are left out."),
        _error(told["error"]),
        fill("<details><summary>Entries of the trail</summary>{}</details>", joined(map(_entry, told["trail"]))),
    )


def timeline() -> Html:
    """Return what stands between the decisions and the steps."""
    return Html("<h2>Timeline</h2>\n")


def step(told: Mapping[str, Json], above: Mapping[str, Json] | None) -> Html:
    """Return one step; ``above`` is the one that stands before it."""
    due = f"next: {', '.join(told['next'])}" if told["next"] else "nothing next"
    decided = zip(told["decided"], told["decisions"], strict=True)
    links = (fill('<p>{}, <a href="#decision-{}">decision {}</a></p>', said, one, one) for said, one in decided)
    asked = (_open(f"{one['node'] or '?'} asked", one["payload"]) for one in told["asked"])
    return fill(
        '<article class="plain" id="step-{}"><h3>{} · {}</h3><small>{} · {} · checkpoint {}</small>'
        "{}{}{}{}{}{}</article>\n",
        *(told["checkpoint_id"], told["step"], _happened(told), _time(told["created_at"]), due, told["checkpoint_id"]),
        _origin(told, above),
        _changes(told["changes"]),
        joined(asked),
        joined(links),
        _error(told["error"]),
        _folded("State", told["state"]),
    )


def _happened(told: Mapping[str, Json]) -> str:
    """Return what made a step, in a few words; parallel nodes stand side by side."""
    source = "what ran is not known" if told["source"] == "loop" and not told["parent_stored"] else told["source"]
    return side_by_side(told["ran"]) or SOURCES.get(source, source or "unreadable")


def _origin(told: Mapping[str, Json], above: Mapping[str, Json] | None) -> Html:
    """Return where a step comes from, unless it is simply the step above."""
    if forked := told["forked_from"]:
        return fill("<p>{} <small>checkpoint {}</small></p>", Origin(**forked).words, forked["checkpoint_id"])
    if not told["parent_stored"]:
        return Html("<p><small>The checkpoint before it is not stored any more: changes cannot be told.</small></p>")
    if not told["parent_id"] or (above and above["checkpoint_id"] == told["parent_id"]):
        return NOTHING
    return fill(
        '<p>From <a href="#step-{}">step {}</a>, not from the step above. <small>source {} · parent {}</small></p>',
        *(told["parent_id"], told["parent_step"], told["source"], told["parent_id"]),
    )


def end() -> Html:
    """Return what stands before the seal."""
    return Html(_HOW)


def _entry(told: Json) -> Html:
    kind, text = ("masked", _json(told["body"])) if told["masked"] else ("whole", canonical(told))
    note = " · masked: the hash cannot be made from this text" if told["masked"] else ""
    return fill(
        "<p><small>{} · {} · {}{}<br>hash {}<br>previous {}</small></p>"
        '<pre class="{}" data-seq="{}" data-hash="{}">{}</pre>',
        *(told["seq"], told["event"], _time(told["at"]), note, told["hash"], told["previous"]),
        *(kind, told["seq"], told["hash"], text),
    )


def _changes(found: Json) -> Html:
    return fill("<table>{}</table>", joined(_change(one) for one in found)) if found else NOTHING


def _change(one: Json) -> Html:
    if "left_out" in one:
        return fill('<tr><td colspan="2" class="dim">and {} more</td></tr>', f"{one['left_out']:,}")
    return fill("<tr><td>{}</td><td>{}</td></tr>", one["place"] or "everything", one["said"])


def _facts(rows: Mapping[str, object]) -> Html:
    told = ((name, value) for name, value in rows.items() if value)
    return fill("<dl>{}</dl>", joined(fill("<dt>{}</dt><dd>{}</dd>", name, value) for name, value in told))


def _titled(name: str, inside: Html) -> Html:
    return fill("<p>{}</p>{}", name, inside) if inside else NOTHING


def _folded(name: str, value: Json) -> Html:
    return fill("<details><summary>{}</summary><pre>{}</pre></details>", name, _json(value))


def _open(name: str, value: Json) -> Html:
    return fill("<p>{}</p><pre>{}</pre>", name, _json(value))


def _error(text: str | None) -> Html:
    return fill('<pre class="bad">{}</pre>', text) if text else NOTHING


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _at(text: str | None) -> str:
    return f", {_time(text)}" if text else ""


def _time(text: str) -> str:
    return f"{datetime.fromisoformat(text):%-d %b %Y, %H:%M:%S %Z}"
