"""What the evaluation found, as a page: levels beside placebos, power, calibration."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ...features.level.levels import level_names, level_words
from ...words import counted
from ..web.document import asset, document, section
from ..web.level_style import level_colours
from ..web.tables import html_table
from .baseline import MIN_SESSIONS, Score
from .charts import Axis, Interval, calibration_svg, symmetric
from .found import Evaluation
from .labels import PRIMARY
from .rates import LabelDifferences, Rates
from .sums import ALL, SLICES, all_levels
from .text import (
    SET_WORDS,
    cells,
    evaluation_text,
    share,
    share_within,
    signed,
    signed_within,
    uniform_words,
    verdict,
)
from .touches import DRAWN

_STYLE: Final = Path(__file__).parent / "assets" / "evaluation.css"
_NO_CONCLUSION: Final = f"No conclusion: {MIN_SESSIONS} sessions are needed"
_SHARES: Final = Axis(0.0, 1.0)


def evaluation_page(found: Evaluation, symbol: str, dates: str | None) -> str:
    """Return the page.

    Parameters
    ----------
    found : Evaluation
    symbol, dates : str
        As they were asked for; None for all dates.
    """
    span = dates or (" to ".join(map(str, found.span)) if found.span else "all dates")
    title = f"{symbol}, {span}: levels beside placebos"
    real = found.rates[DRAWN]
    total = int(real.touches[-1, ALL])
    enough = found.sessions >= MIN_SESSIONS
    parts = [
        f"<h1>{html.escape(symbol)} <small>{html.escape(span)}</small></h1>",
        f'<p class="lead"><b>{counted(found.sessions, "session")}, '
        f"{counted(total, 'touch', 'touches')} with a label.</b> Do the levels hold more often "
        "than prices that mean nothing?</p>",
        _verdicts(found, enough=enough),
        "<p>A dot is the real level with its 95 % interval (a bootstrap by session); a hollow "
        "diamond the placebo levels beside it; [-, -] too few touches for an interval.</p>",
        _uniform(found),
    ]
    for name, rates in found.rates.items():
        parts.append(_set_section(name, rates, found.labels[name]))
    parts += [
        _slices_section(real),
        _models_section(found),
        _leaks_section(found),
        "<details><summary>All figures</summary>"
        f'<pre class="wide" tabindex="0">{html.escape(evaluation_text(found))}</pre></details>',
    ]
    return document(title, "".join(parts), styles=[asset(_STYLE), level_colours()])


def _verdicts(found: Evaluation, *, enough: bool) -> str:
    told = []
    for name, rates in found.rates.items():
        words = f"{_NO_CONCLUSION}, there are {found.sessions}."
        if enough:
            words = verdict(rates, [_words(n) for n in range(len(all_levels()))])
        told.append(
            f"<li><b>{html.escape(name.capitalize())} placebos</b> {html.escape(words)}</li>"
        )
    return f'<ul class="verdicts">{"".join(told)}</ul>'


def _uniform(found: Evaluation) -> str:
    if not found.uniform:
        return ""
    words = uniform_words(found.uniform)
    return f"<p>{html.escape(words)}</p>"


def _set_section(name: str, rates: Rates, labels: LabelDifferences) -> str:
    levels = [n for n in range(len(all_levels())) if rates.touches[n, ALL]]
    shares = _rows(
        levels,
        ("touches", "bounced", "placebo"),
        (
            (
                f"{rates.touches[n, ALL]:,}",
                share_within(rates.rate[n, ALL, 0], rates.interval[n, ALL, 0]),
                share(rates.placebo[n, ALL, 0]),
            )
            for n in levels
        ),
        [_share_interval(rates, n) for n in levels],
        _SHARES,
        "Share of touches that bounced",
    )
    single, joint = (labels.detectable(joint=both)[:, PRIMARY] for both in (False, True))
    reach = [
        *rates.difference[levels, ALL],
        *rates.difference_interval[levels, ALL].ravel(),
        *rates.joint_difference_interval[levels].ravel(),
        *single[levels],
    ]
    differences = _rows(
        levels,
        ("difference", "detectable", "together"),
        (
            (
                signed_within(rates.difference[n, ALL], rates.difference_interval[n, ALL]),
                share(single[n]),
                share(joint[n]),
            )
            for n in levels
        ),
        [_difference_interval(rates, n, single[n]) for n in levels],
        symmetric(reach),
        "Excess over the placebo levels",
    )
    words = (
        f"Beside {SET_WORDS[name]}. The excess is how much more often the levels bounced than a "
        "price without drift, less the same of the placebos. Band: differences too small to be "
        "told from 0 (a true one at its edge is found with a chance of 80 %); thin line: the "
        "interval with all levels looked at together."
    )
    return section(
        f"{name.capitalize()} placebos", words, f'<div class="beside">{shares}{differences}</div>'
    )


def _share_interval(rates: Rates, n: int) -> Interval:
    low, high = rates.interval[n, ALL, 0]
    value, beside = rates.rate[n, ALL, 0], rates.placebo[n, ALL, 0]
    words = f"{share_within(value, (low, high))}, placebo {share(beside)}"
    return Interval(float(value), (float(low), float(high)), words, beside=float(beside))


def _difference_interval(rates: Rates, n: int, detectable: float) -> Interval:
    low, high = rates.difference_interval[n, ALL]
    wide = tuple(float(bound) for bound in rates.joint_difference_interval[n])
    value = float(rates.difference[n, ALL])
    words = f"{signed_within(value, (low, high))}, detectable {share(detectable)}"
    return Interval(
        value, (float(low), float(high)), words, (wide[0], wide[1]), band=float(detectable)
    )


def _rows(
    levels: Sequence[int],
    head: Sequence[str],
    texts: Iterator[Sequence[str]],
    intervals: Sequence[Interval],
    axis: Axis,
    caption: str,
    names: Sequence[str] | None = None,
) -> str:
    # A row a level, or where names are given a slice of the touches: its chart, then its figures.
    first = "level" if names is None else "touches"
    shown = names or [_words(n) for n in levels]
    top = "".join(f'<th scope="col" class="number">{html.escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr class="level-{n}"><th scope="row"><i class="swatch"></i>{html.escape(name)}</th>'
        + f"<td>{interval.svg(axis)}</td>"
        + "".join(f'<td class="number">{html.escape(text)}</td>' for text in row)
        + "</tr>"
        for n, name, row, interval in zip(levels, shown, texts, intervals, strict=True)
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f"<table><caption>{html.escape(caption)}</caption><thead><tr>"
        f'<th scope="col">{first}</th><td>{axis.header()}</td>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _words(n: int) -> str:
    return level_words(level_names()[n]) if n < len(level_names()) else "all levels"


def _slices_section(rates: Rates) -> str:
    every = len(all_levels()) - 1
    at = [k for level, k in cells(rates) if level == every]
    texts = (
        (
            f"{rates.touches[every, k]:,}",
            signed_within(rates.excess[every, k], rates.excess_interval[every, k]),
        )
        for k in at
    )
    reach = [
        *rates.excess[every, at],
        *rates.placebo_excess[every, at],
        *rates.excess_interval[every, at].ravel(),
    ]
    table = _rows(
        [every] * len(at),
        ("number", "excess"),
        texts,
        [_excess_interval(rates, every, k) for k in at],
        symmetric(reach),
        "Excess by time of day and number",
        [_slice_words(k) for k in at],
    )
    text = (
        "Bounces of all levels together beyond those of a price without drift, by the half hour "
        "and by whether a level is touched for the first, the second or a later time. An excess "
        "alone is no finding: compare it with the placebo levels, the hollow diamonds."
    )
    return section("When", text, table)


def _excess_interval(rates: Rates, n: int, k: int) -> Interval:
    low, high = (float(value) for value in rates.excess_interval[n, k])
    value, beside = float(rates.excess[n, k]), float(rates.placebo_excess[n, k])
    words = f"{signed_within(value, (low, high))}, placebo {signed(beside)}"
    return Interval(value, (low, high), words, beside=beside)


def _slice_words(k: int) -> str:
    name = SLICES[k]
    if k == ALL:
        return "all touches"
    return f"from {name}" if k < ALL else f"{name} touch{'es' if name == 'later' else ''}"


def _models_section(found: Evaluation) -> str:
    if found.why_not is not None:
        return section("Models", f"No conclusion: {found.why_not}.", "")
    charts = "".join(_calibration(one) for one in found.scores)
    rows = [
        [
            one.split,
            one.model,
            f"{one.log_loss:.4f}",
            f"{one.base_log_loss:.4f}",
            f"{one.gain:+.4f} [{one.gain_interval[0]:+.4f}, {one.gain_interval[1]:+.4f}]",
            f"{one.detectable:.4f}",
            f"{one.brier:.4f}",
            f"{one.base_brier:.4f}",
            "better" if one.finds_something else "no better",
        ]
        for one in found.scores
    ]
    head = [
        "split", "model", "log-loss", "driftless", "gain", "detectable", "Brier", "driftless",
        "beside driftless",
    ]  # fmt: skip
    words = (
        "Simple models of a bounce, out of sample, beside the driftless probability alone, which "
        "they start from; walk-forward counts. Calibration: a point is a fifth of the touches, the "
        "mean foretold across, what happened upwards; on the diagonal they agree. Features: "
        f"{found.vector}."
    )
    table = html_table(head, rows, range(2, 8), "Models")
    return section("Models", words, f'<div class="beside">{charts}</div>{table}')


def _calibration(one: Score) -> str:
    pairs = ", ".join(
        f"{p:.2f} foretold, {q:.2f} happened"
        for p, q in zip(one.foretold, one.happened, strict=True)
    )
    drawn = calibration_svg(one.foretold, one.happened, pairs)
    return (
        f"<figure>{drawn}<figcaption>{html.escape(one.model)}<br>{html.escape(one.split)}"
        "</figcaption></figure>"
    )


def _leaks_section(found: Evaluation) -> str:
    if found.why_not is not None:
        return section("Leaks", "Not checked.", "")
    if not found.leaks:
        words = "No feature foretells the outcome beyond what is plausible."
        return section("Leaks", words, "")
    rows = [
        [one.name, f"{one.area:.3f}", f"{one.driftless:.3f} ± {one.bound:.3f}"]
        for one in found.leaks
    ]
    table = html_table(["feature", "area", "plausible"], rows, [1, 2], "Leaks")
    return section("Leaks", "These features know too much of the outcome.", table)
