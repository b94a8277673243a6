"""Plans: what is looked up of each partition by itself, and what one worker may do alone."""

from __future__ import annotations

from typing import Final

from ..guard import NEVER, Guard

_REASONS: Final = "tests/stages/test_staleness_reasons.py"
_ALIKE: Final = (f"{_REASONS}::test_what_is_remembered_of_one_holds_for_those_made_alike",)
_ITSELF: Final = (f"{_REASONS}::test_each_partition_is_looked_up_by_itself",)
_MADE: Final = "(stage, recorded.dataset, recorded.symbol, *made, recorded.parameters_text)"

PLANS: Final = (
    Guard(
        "plans.parameters are remembered by symbol", "stages/staleness.py",
        "Currency.why_made_otherwise", _MADE,
        "(stage, recorded.dataset, *made, recorded.parameters_text)", _ALIKE,
    ),
    Guard(
        "plans.and by what they were", "stages/staleness.py", "Currency.why_made_otherwise",
        _MADE, "(stage, recorded.dataset, recorded.symbol, *made)", _ALIKE,
    ),
    Guard(
        "plans.and by settings", "stages/staleness.py", "Currency.__init__",
        "self._outside.declared.setdefault(settings, {})",
        "self._outside.declared.setdefault('', {})", _ALIKE,
    ),
    Guard(
        "plans.a partition is looked up by its symbol", "stages/staleness.py",
        "Currency.standing", "(key, symbol, date)", "(key, '', date)", _ITSELF,
    ),
    Guard(
        "plans.an earlier session by its root", "stages/staleness.py", "Currency.earlier",
        "(key, symbol, date)", "(key, '', date)", _ITSELF,
    ),
    Guard(
        "plans.a contract is that of the rule that is asked for", "stages/planned.py",
        "PlannedStage._built_before",
        "all(found.parameters.get(key) == value for key, value in declared.items())", "True",
        ("tests/cli/test_runs.py::test_roll_rules_side_by_side_in_a_lake",),
    ),
    Guard(
        "plans.a worker that is told another contract leaves it", "pipeline/followers.py",
        "_ready", "not is_root(task.symbol) and contract != task.symbol", NEVER,
        ("tests/pipeline/test_followers.py::"
         "test_what_the_run_told_another_contract_is_left_to_it",),
    ),
    Guard(
        "plans.a worker waits for what it follows", "pipeline/followers.py", "_ready",
        "isinstance(one, Read | Follow)", "isinstance(one, Read)",
        ("tests/pipeline/test_followers.py::"
         "test_nothing_is_run_after_what_another_process_holds",),
    ),
    Guard(
        "plans.what one worker was given is given to no other", "pipeline/scheduler.py",
        "Run._followers", "node in given", NEVER,
        ("tests/pipeline/test_scheduler.py::"
         "test_what_one_worker_was_given_is_given_to_no_other",),
    ),
    Guard(
        "verify.raw files are hashed whatever is known of them", "pipeline/verification.py",
        "raw_faults", "current_digest(settings.lake_root, path, deep=True)",
        "current_digest(settings.lake_root, path)",
        ("tests/pipeline/test_verification.py::test_a_raw_file_that_only_looks_unchanged",),
    ),
    Guard(
        "index of partitions.a release has its own", "lake/index.py", "",
        "f'.index/partitions/{SCHEMA_VERSION}.2'", "'.index/partitions/2'",
        ("tests/lake/test_index.py::"
         "test_a_release_with_other_manifests_has_an_index_of_its_own",),
    ),
    Guard(
        "index of partitions.data that changed in place", "lake/index.py", "state_of",
        "part.st_ctime_ns", "0",
        ("tests/lake/test_index.py::test_data_that_changed_are_looked_at_again",),
    ),
    Guard(
        "whole_file.a file that was wrong is not known again", "lake/whole_file.py",
        "WholeFile._hash",
        """
if is_right:
    with _lock:
        _checksums[self._sha256] = zlib.crc32(self._data)
        while len(_checksums) > _KEPT:
            _checksums.popitem(last=False)
""",
        "_checksums[self._sha256] = zlib.crc32(self._data)",
        ("tests/lake/test_whole_file.py::test_a_file_that_was_wrong_stays_so",),
    ),
)  # fmt: skip
