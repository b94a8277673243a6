"""Publishing and locks: what is synced, in which order, what is removed, who is kept out."""

from __future__ import annotations

from typing import Final

from ..guard import GONE, NEVER, Guard

_FAULTS: Final = "tests/faults/test_publish_faults.py"
_REFUSED: Final = "tests/faults/test_publish_refused.py"
_BUILD: Final = "tests/lake/test_build.py"
_SETTLE: Final = "tests/lake/test_settle.py"
_REMOVAL: Final = "tests/faults/test_removal_faults.py"
_LOCK: Final = "tests/lake/test_lock.py"
_POWER: Final = (f"{_FAULTS}::test_a_power_loss_at_any_moment",)
_ERRORS: Final = (f"{_FAULTS}::test_an_error_at_every_call",)
_KILLS: Final = (f"{_FAULTS}::test_a_kill_at_every_call",)
_RACE: Final = (f"{_REFUSED}::test_a_partition_that_appears_meanwhile_is_not_replaced",)

PUBLISH: Final = (
    Guard(
        "publish.each file is synced", "lake/publish.py", "PartitionFile.sync_and_close",
        "self._osio.fsync(self._fd)", GONE, _POWER,
    ),
    Guard(
        "publish.data, manifest and _SUCCESS are synced", "lake/publish.py",
        "PartitionBuild.commit", "file.sync_and_close()", "file.abandon()", _POWER,
    ),
    Guard(
        "publish.the folder is synced", "lake/publish.py", "PartitionBuild.commit",
        "sync_folder(self._temporary, self._osio)", GONE, _POWER,
    ),
    Guard(
        "publish.files are synced before the rename", "lake/publish.py", "PartitionBuild.commit",
        """
for file in self._files:
    file.sync_and_close()
sync_folder(self._temporary, self._osio)
with self._put():
    self._committed = self._store is not None
    replaced = self._publish()
""",
        """
sync_folder(self._temporary, self._osio)
with self._put():
    self._committed = self._store is not None
    replaced = self._publish()
for file in self._files:
    file.sync_and_close()
""",
        _POWER,
    ),
    Guard(
        "publish.the parent is synced", "lake/publish.py", "PartitionBuild.commit",
        "sync_folder(self._table, self._osio)", GONE, _POWER,
    ),
    Guard(
        "publish.the parent is synced before the old is deleted", "lake/publish.py",
        "PartitionBuild.commit", "sync_folder(self._table, self._osio)",
        """
if replaced:
    remove_tree(self._temporary, self._osio)
sync_folder(self._table, self._osio)
""",
        _POWER,
    ),
    Guard(
        "publish.it counts as published before the last sync", "lake/publish.py",
        "PartitionBuild.commit",
        """
self._committed = True
sync_folder(self._table, self._osio)
""",
        """
sync_folder(self._table, self._osio)
self._committed = True
""",
        _ERRORS,
    ),
    Guard(
        "publish.what was displaced stays where the last sync failed", "lake/publish.py",
        "PartitionBuild.__exit__", "self._committed", NEVER,
        (f"{_REFUSED}::test_a_last_sync_that_fails_then_a_power_loss",),
    ),
    Guard(
        "publish.what is not committed is removed", "lake/publish.py", "PartitionBuild.__exit__",
        "remove_tree(self._temporary, self._osio)", GONE,
        (f"{_BUILD}::test_an_error_in_a_build_leaves_nothing",),
    ),
    Guard(
        "publish.a new partition replaces nothing", "lake/publish.py", "PartitionBuild._publish",
        "self._osio.rename_noreplace(source, target)", "self._osio.rename(source, target)", _RACE,
    ),
    Guard(
        "publish.the kernel is told to replace nothing", "lake/osio.py", "OsIo.rename_noreplace",
        "RENAME_NOREPLACE", "0", _RACE,
    ),
    Guard(
        "publish.old and new are exchanged in one step", "lake/publish.py",
        "PartitionBuild._publish", "self._osio.exchange(source, target)",
        "return self._publish_without_exchange(source, target)", _KILLS,
    ),
    Guard(
        "publish.the kernel is told to exchange", "lake/osio.py", "OsIo.exchange",
        "RENAME_EXCHANGE", "0", (f"{_BUILD}::test_a_rebuild_gives_the_same_bytes",),
    ),
    Guard(
        "publish.a rename that failed is an error", "lake/osio.py", "OsIo._renameat2",
        "done != 0", NEVER, _RACE,
    ),
    Guard(
        "publish.two renames only where there is no other way", "lake/publish.py",
        "PartitionBuild._publish", "error.errno not in _UNSUPPORTED", NEVER,
        (f"{_REFUSED}::test_a_rename_that_fails_is_not_tried_in_another_way",),
    ),
    Guard(
        "publish.the old is put back where the second rename fails", "lake/publish.py",
        "PartitionBuild._publish_without_exchange", "self._osio.rename(aside, target)", GONE,
        (f"{_REFUSED}::test_a_second_rename_that_fails_leaves_the_old",),
    ),
    Guard(
        "publish.what is written is what is hashed", "lake/publish.py", "PartitionFile.write",
        "self._sha256.update(view)", GONE, (f"{_BUILD}::test_a_rebuild_gives_the_same_bytes",
                                            f"{_FAULTS}::test_short_writes"),
    ),
    Guard(
        "publish.a short write is written on", "lake/publish.py", "PartitionFile.write",
        "view = view[taken:]", "view = view[len(view):]", (f"{_FAULTS}::test_short_writes",),
    ),
    Guard(
        "publish.a write that takes nothing ends", "lake/publish.py", "PartitionFile.write",
        "not taken", NEVER, (f"{_REFUSED}::test_a_write_that_takes_nothing_is_an_error",),
    ),
    Guard(
        "publish.a file is made anew", "lake/osio.py", "OsIo.create",
        "os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC",
        "os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC",
        (f"{_BUILD}::test_a_file_of_a_build_is_made_once",),
    ),
    Guard(
        "publish.a folder that is made is synced into its parent", "lake/osio.py", "make_folders",
        "sync_folder(folder.parent, osio)", GONE, _POWER,
    ),
    Guard(
        "publish.folders of a killed run are synced", "lake/osio.py", "make_folders",
        "stands and not inside", "stands", (f"{_FAULTS}::test_every_sync_is_needed",),
    ),
    Guard(
        "publish.a folder's sync is one", "lake/osio.py", "sync_folder",
        "osio.fsync(fd)", GONE, _POWER,
    ),
    Guard(
        "repair.what was moved aside is put back", "lake/publish.py", "repair",
        "asides and not target.exists()", NEVER,
        (f"{_FAULTS}::test_a_run_after_the_hole_restores_the_old_partition_first",),
    ),
    Guard(
        "repair.what stands is synced", "lake/publish.py", "repair",
        "sync_folder(target.parent, osio)", GONE,
        (f"{_FAULTS}::test_a_kill_before_the_last_sync_then_a_power_loss",),
    ),
    Guard(
        "repair.what stands is synced without leftovers too", "lake/publish.py", "repair",
        "found or target.exists()", "found",
        (f"{_FAULTS}::test_a_kill_before_the_last_sync_then_a_power_loss",),
    ),
    Guard(
        "repair.what stands is synced before leftovers are removed", "lake/publish.py", "repair",
        """
if found or target.exists():
    sync_folder(target.parent, osio)
for folder in found:
    remove_tree(folder, osio)
""",
        """
for folder in found:
    remove_tree(folder, osio)
sync_folder(target.parent, osio)
""",
        (f"{_FAULTS}::test_a_kill_before_the_last_sync_then_a_power_loss",),
    ),
    Guard(
        "repair.leftovers are removed", "lake/publish.py", "repair",
        """
for folder in found:
    remove_tree(folder, osio)
""",
        GONE, (f"{_FAULTS}::test_an_error_at_every_call", *_KILLS),
    ),
    Guard(
        "repair.a link is removed, not what it leads to", "lake/publish.py", "remove_tree",
        "path.is_dir() and not path.is_symlink()", "path.is_dir()",
        (f"{_BUILD}::test_a_link_in_a_leftover_is_removed_alone",),
    ),
    Guard(
        "repair.leftovers are of this partition alone", "lake/publish.py", "leftovers",
        "name.startswith(partition.temporary_prefix)", "name.startswith('.tmp-')",
        (f"{_BUILD}::test_what_other_dates_build_is_left_alone",),
    ),
    Guard(
        "settle.what stands is synced", "lake/settle.py", "settle",
        "sync_folder((lake_root / partition.table_folder).absolute(), REAL)", GONE,
        (f"{_SETTLE}::test_the_folder_is_synced",),
    ),
    Guard(
        "settle.a sync that fails is an error", "lake/settle.py", "settle",
        "error.errno not in _NEVER_WRITTEN", NEVER, (f"{_SETTLE}::test_a_sync_that_fails",),
    ),
    Guard(
        "settle.leftovers are removed under the lock alone", "lake/settle.py", "_repair",
        """
with hold(lake_root, partition, 0, shared=shared):
    repair(lake_root, partition)
""",
        "repair(lake_root, partition)", (f"{_SETTLE}::test_a_build_under_way_is_left_alone",),
    ),
    Guard(
        "lock.it is taken", "lake/lock.py", "lake_lock", "lock.acquire()", GONE,
        (f"{_LOCK}::test_it_names_its_holder",),
    ),
    Guard(
        "lock.no file in place of flock", "lake/lock.py", "lake_lock",
        "FileLock(path, timeout=timeout_s, fallback_to_soft=False)",
        "FileLock(path, timeout=timeout_s)",
        (f"{_LOCK}::test_without_flock_there_is_no_lock",),
    ),
    Guard(
        "lock.it is released after an error", "lake/lock.py", "lake_lock",
        """
with contextlib.suppress(OSError):
    lock.release()
raise
""",
        "raise", (f"{_LOCK}::test_it_is_free_after_an_error",),
    ),
    Guard(
        "lock.the file of another is not written", "lake/lock.py", "_name_holder",
        "stat.S_ISREG(state.st_mode) and state.st_nlink == 1", "True",
        (f"{_LOCK}::test_a_lock_file_that_is_another_file_too_is_not_written",),
    ),
    Guard(
        "lock.a link is not followed to name the holder", "lake/lock.py", "_name_holder",
        "os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC", "os.O_WRONLY | os.O_CLOEXEC",
        (f"{_LOCK}::test_a_lock_that_becomes_a_link_is_not_written",),
    ),
    Guard(
        "lock.what is no holder is not shown", "lake/lock.py", "_holder",
        "_HOLDER.fullmatch(text)", "True",
        (f"{_LOCK}::test_a_lock_file_that_is_another_file_too_is_not_written",),
    ),
    Guard(
        "removal.the tombstone is there before the partition goes", "lake/removal.py",
        "remove_partition", "write_tombstone(lake_root, partition, summary, osio)", GONE,
        (f"{_REMOVAL}::test_a_kill_at_every_call",),
    ),
    Guard(
        "removal.the tombstone is synced", "lake/osio.py", "write_synced",
        "osio.fsync(fd)", GONE, (f"{_REMOVAL}::test_a_power_loss_at_any_moment",),
    ),
    Guard(
        "removal.so is its folder", "lake/tombstone.py", "write_tombstone",
        "sync_folder(path.parent, osio)", GONE, (f"{_REMOVAL}::test_a_power_loss_at_any_moment",),
    ),
    Guard(
        "removal.the rename is synced before files are deleted", "lake/removal.py",
        "remove_partition", "sync_folder(target.parent, osio)", GONE,
        (f"{_REMOVAL}::test_a_power_loss_at_any_moment",),
    ),
    Guard(
        "removal.a tombstone that is a link to nowhere", "lake/tombstone.py", "read_tombstone",
        "not lies_at(path)", "True",
        (f"{_REMOVAL}::test_a_link_to_nowhere_for_a_tombstone",),
    ),
    Guard(
        "removal.inputs of a tombstone are looked at", "lake/summary.py", "summary_from",
        "parse_inputs(body['entries'])", GONE,
        (f"{_REMOVAL}::test_inputs_of_a_tombstone_are_looked_at_when_it_is_read",),
    ),
    Guard(
        "removal.a publish drops the tombstone", "lake/publish.py", "PartitionBuild.commit",
        "drop_tombstone(self._root, self.partition, self._osio)", GONE,
        (f"{_REMOVAL}::test_a_kill_at_every_call_of_a_publish_over_a_tombstone",),
    ),
    Guard(
        "removal.what was removed is not built again", "stages/planned.py",
        "PlannedStage._standing", "was is not None", NEVER,
        ("tests/stages/test_removed.py::test_the_rest_of_a_pass_is_built_without_it",),
    ),
    Guard(
        "removal.nothing is made without what was removed", "stages/planned.py",
        "PlannedStage._why_blocked",
        """
if found.is_removed:
    where = Partition(dataset(read.key), symbol, date)
    return f"its input {read.key} was removed by clean; {where.how_to_rebuild}"
""",
        GONE, ("tests/stages/test_removed.py::test_nothing_is_built_without_it",),
    ),
    Guard(
        "settled.one that was replaced since the sync is not", "lake/settle.py", "settled_dates",
        "before.get(date) == inode", "True",
        ("tests/lake/test_settle.py::"
         "test_one_that_was_replaced_since_the_sync_is_not_settled_with_the_others",),
    ),
    Guard(
        "index of partitions.only files that look the same are believed", "lake/index.py",
        "PartitionIndex.find_all", "was != str(state)", NEVER,
        ("tests/lake/test_index.py::test_a_partition_that_is_another_is_read_again",),
    ),
    Guard(
        "index of partitions.what changed just now is not kept", "lake/index.py",
        "line_of", "if not _is_at_rest(state):\n    return None", GONE,
        ("tests/lake/test_index.py::test_what_changed_just_now_is_not_kept",),
    ),
    Guard(
        "index.a damaged line is none", "lake/index_lines.py", "_read",
        "b'%08x' % zlib.crc32(data) == crc", "True",
        ("tests/lake/test_index.py::test_an_entry_that_is_damaged_is_none",),
    ),
    Guard(
        "clean.a note that a run may be reading stays", "pipeline/cleaning.py", "_notes",
        "age_s >= older_than_s", "True",
        ("tests/cli/test_clean.py::test_notes_of_killed_runs_on_object_storage",),
    ),
    Guard(
        "clean.what is in use stays", "pipeline/cleaning.py", "remove_leftover",
        "hold(lake_root, of, 0, shared=shared)", "nullcontext()",
        ("tests/cli/test_clean.py::test_what_is_in_use_stays",),
    ),
)  # fmt: skip
