"""What of a day is partial."""

from __future__ import annotations

from src.data_eng.research.report.day import ReportDay
from src.data_eng.research.report.gaps import NOT_COVERED, SILENCE, Gap, gaps
from tests.research.report.days import NS, covering, with_silence


def test_a_minute_without_a_record_is_a_silence(day: ReportDay) -> None:
    open_ns = day.window_ns[0]
    assert gaps(with_silence(day, open_ns + 100 * NS, 59)) == []
    silence = Gap(open_ns + 100 * NS, open_ns + 160 * NS, SILENCE)
    assert gaps(with_silence(day, open_ns + 100 * NS, 60)) == [silence]


def test_silences_end_where_the_chart_does(day: ReportDay) -> None:
    start_ns, end_ns = day.start_ns, day.window_ns[1]
    early = with_silence(day, start_ns - 3600 * NS, 3600 + 90)
    assert gaps(early) == [Gap(start_ns, start_ns + 90 * NS, SILENCE)]
    late = with_silence(day, end_ns - 70 * NS, 600)
    assert gaps(late) == [Gap(end_ns - 70 * NS, end_ns, SILENCE)]


def test_hours_that_no_file_covers_are_told_once(day: ReportDay) -> None:
    start_ns, (open_ns, end_ns) = day.start_ns, day.window_ns
    silent = with_silence(day, start_ns, (open_ns - start_ns) // NS)
    bare = [Gap(start_ns, open_ns, NOT_COVERED)]
    assert gaps(covering(silent, [[open_ns, end_ns]])) == bare
    halves = [[open_ns + 60 * NS, end_ns], [0, open_ns]]
    assert gaps(covering(with_silence(day, 0, 0), halves)) == [
        Gap(open_ns, open_ns + 60 * NS, NOT_COVERED)
    ]
    assert gaps(covering(with_silence(day, 0, 0), None)) == []
    assert gaps(covering(with_silence(day, 0, 0), [])) == [Gap(start_ns, end_ns, NOT_COVERED)]
